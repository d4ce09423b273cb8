<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>console</name>
  <message>
   <location filename="appkit/acting.py" />
   <source>{p} 还没有在这个账本上签署过，请核对名称</source>
   <translation>{p} has signed nothing on this ledger yet: check the name</translation>
  </message>
  <message>
   <location filename="appkit/acting.py" />
   <source>已完成：{what}</source>
   <translation>Done: {what}</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>从列表中选，或写作 组织标识/名称，例如 PublicMSP/li.ming</source>
   <translation>choose from the list, or write MSP/name, such as PublicMSP/li.ming</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>可直接输入 ISO 3166 代码，例如 CN-GD</source>
   <translation>Or type an ISO 3166 code such as CN-GD</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>地域应为 WORLD 或 ISO 3166 代码</source>
   <translation>WORLD or an ISO 3166 code</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>没有这个文件</source>
   <translation>There is no such file</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>百分比应为 0 到 100，最多两位小数</source>
   <translation>0 to 100 with at most two decimals</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>请写作 组织/名称</source>
   <translation>Write organisation/name</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>选择文件…</source>
   <translation>Choose file…</translation>
  </message>
  <message>
   <location filename="appkit/editors.py" />
   <source>金额应为数字，最多两位小数</source>
   <translation>A number with at most two decimals</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>不填</source>
   <translation>Leave empty</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>全部</source>
   <translation>All</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>文件留在本机，只把散列写入账本</source>
   <translation>The file stays here; only its hash goes onto the ledger</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>最多 {n} 个字</source>
   <translation>At most {n} {n:character|characters}</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>请至少选择一项</source>
   <translation>Choose at least one</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>金额应大于 0</source>
   <translation>The amount must be above 0</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>（%）</source>
   <translation> (%)</translation>
  </message>
  <message>
   <location filename="appkit/forms.py" />
   <source>（元）</source>
   <translation> (yuan)</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>{n} 项</source>
   <translation>{n}</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>事项</source>
   <translation>What</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>交易</source>
   <translation>Transaction</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>交易 {t}</source>
   <translation>Transaction {t}</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>全部历史</source>
   <translation>Whole history</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>写入了什么</source>
   <translation>What was written</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>已同意</source>
   <translation>consented</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>打开交易</source>
   <translation>Open transaction</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>改变了什么</source>
   <translation>What changed</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>时间</source>
   <translation>Time</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>状态</source>
   <translation>State</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>空</source>
   <translation>empty</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>记录</source>
   <translation>Record</translation>
  </message>
  <message>
   <location filename="appkit/history.py" />
   <source>返回</source>
   <translation>Result</translation>
  </message>
  <message>
   <location filename="appkit/page.py" />
   <source>从右上角“{act}”开始。</source>
   <translation>Begin with "{act}" at the top right.</translation>
  </message>
  <message>
   <location filename="appkit/page.py" />
   <source>待我办理</source>
   <translation>For me</translation>
  </message>
  <message>
   <location filename="appkit/page.py" />
   <source>由担任相应角色的人写入账本，写入后会列在这里。</source>
   <translation>Whoever has the role for it writes them on the ledger; they are listed here then.</translation>
  </message>
  <message>
   <location filename="appkit/page.py" />
   <source>还没有{what}</source>
   <translation>No {what} yet</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>共 {n} 件</source>
   <translation>{n} in all</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>内容</source>
   <translation>Content</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>密件</source>
   <translation>Sealed papers</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>尚未同意</source>
   <translation>not yet</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>接下来</source>
   <translation>Next</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>查看“{what}”…</source>
   <translation>Look at "{what}"…</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>查看会在账本上留痕</source>
   <translation>Each look leaves a trace on the ledger</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>经过</source>
   <translation>History</translation>
  </message>
  <message>
   <location filename="appkit/panel.py" />
   <source>须同意的人</source>
   <translation>Consents needed</translation>
  </message>
  <message>
   <location filename="appkit/service_page.py" />
   <source>去部署…</source>
   <translation>Deploy…</translation>
  </message>
  <message>
   <location filename="appkit/service_page.py" />
   <source>合约还没有部署</source>
   <translation>The contract is not deployed</translation>
  </message>
  <message>
   <location filename="appkit/service_page.py" />
   <source>部署后就可以使用这个应用。</source>
   <translation>Deploy it to use this application.</translation>
  </message>
  <message>
   <location filename="appkit/setting_up.py" />
   <source>合约已经部署。初始设置只做一次，之后大家就可以使用这个应用。</source>
   <translation>The contract is deployed. It is set up once; then everybody can use the application.</translation>
  </message>
  <message>
   <location filename="appkit/setting_up.py" />
   <source>合约还没有初始设置</source>
   <translation>The contract is not set up yet</translation>
  </message>
  <message>
   <location filename="appkit/setting_up.py" />
   <source>完成初始设置</source>
   <translation>Set up</translation>
  </message>
  <message>
   <location filename="appkit/setting_up.py" />
   <source>请 {m} 的管理员打开这个应用，完成初始设置。</source>
   <translation>Ask an administrator of {m} to open this application and set it up.</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>与我有关</source>
   <translation>Mine</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>今天到期</source>
   <translation>due today</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>列出 {n} 件</source>
   <translation>{n} shown</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>各方</source>
   <translation>Parties</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>名称、各方、编号</source>
   <translation>Name, party, id</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>已超期</source>
   <translation>overdue</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>所有种类</source>
   <translation>All kinds</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>显示</source>
   <translation>Display</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>期限</source>
   <translation>Due</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>没有等您办理的事</source>
   <translation>Nothing waits for you</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>种类</source>
   <translation>Kind</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>要办的事</source>
   <translation>To do</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>还有 {n} 天</source>
   <translation>{n} {n:day|days} left</translation>
  </message>
  <message>
   <location filename="appkit/views.py" />
   <source>需要您办理的事会出现在这里。</source>
   <translation>What needs you appears here.</translation>
  </message>
  <message>
   <location filename="bench.py" />
   <source>有效</source>
   <translation>Valid</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>API 令牌</source>
   <translation>API tokens</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>体检</source>
   <translation>Check-up</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>各组织的证书按到期时间排列。可签发、续期、吊销身份；吊销会写入通道配置，各节点随即拒绝该证书。私钥始终加密保存。</source>
   <translation>Certificates by expiry. Issue, renew and revoke; a revocation enters the channel configuration and every peer refuses the certificate from then on. Private keys are always kept encrypted.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>合约</source>
   <translation>Contracts</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>在这里新建、扩展、启停网络，查看拓扑、日志和通道配置。配置更改需要多个组织签名时，可导出请求文件并在签名收件箱收集，不需要任何服务器。</source>
   <translation>Create, grow, start and stop networks; see topology, logs and channel configuration. When a change needs several organisations, export the request and collect signatures as files, without a server.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>实训</source>
   <translation>Training</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>审计</source>
   <translation>Audit</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>总览</source>
   <translation>Overview</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>总览列出正在运行的网络与应用、需要您处理的事，以及建议的下一步。工作区为空时，可从一键体验开始。</source>
   <translation>The overview lists what is running, what needs your attention, and what to do next. In an empty workspace, start with the one-click demo.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>检查本机与工作区：程序、磁盘、端口、证书、账本。每项不正常都附有处理办法。</source>
   <translation>Checks this computer and the workspace: programs, disk, ports, certificates, ledger. Every problem comes with a remedy.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>每秒查看一次节点、交易、时延和磁盘，保留一年。出现异常时在桌面提示，也可发送到一个网址。关闭工作台后仍要监控时，运行 citychain serve monitor。</source>
   <translation>Nodes, transactions, latency and disk are looked at every second and kept for a year. What goes wrong is told on the desktop, and at a web address if you like. To go on watching without the console, run citychain serve monitor.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>每项实训在自己的小网络中动手完成，由系统检查账本和网络，不影响城市的网络。一条路径全部通过后可以提交，由考核人签发凭证。</source>
   <translation>Each lab is done in a small network of its own, where the ledger and the network are checked; the city's networks are not touched. A finished path can be handed in, and an assessor issues the credential.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>浏览区块与交易，查看键的历史，解剖一笔交易为什么有效或作废，并从创世区块起校验整条链。</source>
   <translation>Browse blocks and transactions, follow a key through time, see why a transaction is valid or not, and verify the whole chain from its first block.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>监控</source>
   <translation>Monitor</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>看板显示每个组织的安装、批准与提交。可部署和升级合约、编辑背书策略，并按合约自述的方法生成表单来调用。</source>
   <translation>The board shows each organisation's install, approval and commit. Deploy and upgrade contracts, edit endorsement policies, and call methods through forms made from the contract's own metadata.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>程序凭令牌调用服务接口（citychain serve api）。令牌有范围和期限，只显示一次，可随时吊销。公示的网络由同一接口以网页向所有人显示状态和区块。</source>
   <translation>Programs call the service API (citychain serve api) with a token. A token has scopes and an end, is shown once and can be revoked at any time. The same address shows everybody the state and blocks of published networks.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>网络</source>
   <translation>Networks</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>设置</source>
   <translation>Settings</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>语言、外观、密钥库的空闲锁定、备份与恢复。</source>
   <translation>Language, appearance, the keystore's idle lock, backup and restore.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>谁在何时经由哪个入口做了什么，结果如何。每行含上一行的哈希，最新的哈希每天封存在账本上，改动或删去的行都能查出。可导出，离线核对。</source>
   <translation>Who did what, when, through which door, and how it ended. Each line holds the hash of the one before; the newest hash is sealed on the ledger every day, so that a line changed or removed is found. Can be exported and checked off line.</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>账本</source>
   <translation>Ledger</translation>
  </message>
  <message>
   <location filename="catalogue.py" />
   <source>身份</source>
   <translation>Identities</translation>
  </message>
  <message>
   <location filename="context.py" />
   <source>已取消：{what}</source>
   <translation>Cancelled: {what}</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>待我办理 · {app}</source>
   <translation>For me · {app}</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{h} 小时 {m} 分</source>
   <translation>{h} h {m} min</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{m} 分 {s} 秒</source>
   <translation>{m} min {s} s</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 分钟前</source>
   <translation>{n} min ago</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 分钟后</source>
   <translation>in {n} min</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 天前</source>
   <translation>{n} {n:day|days} ago</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 天后</source>
   <translation>in {n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 小时前</source>
   <translation>{n} h ago</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 小时后</source>
   <translation>in {n} h</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 毫秒</source>
   <translation>{n} ms</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 秒</source>
   <translation>{n} s</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 秒前</source>
   <translation>{n} s ago</translation>
  </message>
  <message>
   <location filename="i18n/formats.py" />
   <source>{n} 秒后</source>
   <translation>in {n} s</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>{n} 处不符</source>
   <translation>{n} {n:difference|differences}</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>{state} · 第 {n} 行以前已封存在账本</source>
   <translation>{state} · sealed on the ledger up to line {n}</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>{state} · 还没有封存</source>
   <translation>{state} · not sealed yet</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>、</source>
   <translation>, </translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>下次封存时包含</source>
   <translation>The next seal will cover it</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>代 {who} 签署</source>
   <translation>Signed for {who}</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>代签</source>
   <translation>Signed for</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>入口</source>
   <translation>Door</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>命令行</source>
   <translation>command line</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>失败：{code}</source>
   <translation>failed: {code}</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>完成</source>
   <translation>done</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>定期任务</source>
   <translation>duty</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>对象</source>
   <translation>On</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>导出…</source>
   <translation>Export…</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>导出到空文件夹</source>
   <translation>Export to an empty folder</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>封存</source>
   <translation>Seal</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>封存到账本</source>
   <translation>Seal on the ledger</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>工作台</source>
   <translation>console</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>已取消</source>
   <translation>Cancelled</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>已导出 {n} 行</source>
   <translation>{n} {n:line|lines} exported</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>已封存到第 {n} 行</source>
   <translation>Sealed up to line {n}</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>开始</source>
   <translation>Began</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>接口</source>
   <translation>API</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>操作</source>
   <translation>Action</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>操作记录</source>
   <translation>What was done</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>无权，已拒绝</source>
   <translation>refused: no right</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>更改网络、身份、合约或账本的操作都会记在这里。</source>
   <translation>Whatever changes networks, identities, contracts or a ledger is kept here.</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>服务</source>
   <translation>Services</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>权限</source>
   <translation>Right</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>没有结束</source>
   <translation>has not ended</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>用时</source>
   <translation>Took</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>程序</source>
   <translation>program</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>第 {n} 行</source>
   <translation>Line {n}</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>第 {n} 行与写入时不同</source>
   <translation>Line {n} is not as it was written</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>结果</source>
   <translation>Result</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>记录完整</source>
   <translation>The log is whole</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>详情</source>
   <translation>Details</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>账本上</source>
   <translation>On the ledger</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>账本上封存过的一行已不在记录里</source>
   <translation>A line that was sealed on the ledger is no longer in the log</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>账本上的封存包含这一行</source>
   <translation>A seal on the ledger covers this line</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>身份</source>
   <comment>one</comment>
   <translation>Identity</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>身份或操作</source>
   <translation>Identity or action</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>还没有操作记录</source>
   <translation>Nothing was done yet</translation>
  </message>
  <message>
   <location filename="pages/audit/page.py" />
   <source>重新核对</source>
   <translation>Check again</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>{who} 已批准</source>
   <translation>{who} has approved</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>会在您组织的节点上安装合约包，并在账本上批准下面的定义。请先核对。</source>
   <translation>The package is installed on your organisation's peers and the definition below is approved on the ledger. Check it first.</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>定义已生效</source>
   <translation>The definition is in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>导入批准请求</source>
   <translation>Import an approval request</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>导出批准请求</source>
   <translation>Export the approval request</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>导出批准请求…</source>
   <translation>Export approval request…</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>已批准 {name}</source>
   <translation>{name} approved</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>批准</source>
   <translation>Approve</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>批准 {name} {v}</source>
   <translation>Approve {name} {v}</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>批准请求已导出，请交给对方</source>
   <translation>Approval request exported; hand it to the other organisation</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>批准这个定义</source>
   <translation>Approve this definition</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>提交定义</source>
   <translation>Commit definition</translation>
  </message>
  <message>
   <location filename="pages/contracts/agreement.py" />
   <source>组织</source>
   <translation>Organisation</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>{a} / {n}，需要 {k}</source>
   <translation>{a} / {n}, {k} needed</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>{v} · 序号 {s}</source>
   <translation>{v} · sequence {s}</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>可以提交</source>
   <translation>Ready to commit</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>已安装</source>
   <translation>Installed</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>已批准</source>
   <translation>Approved</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>当前生效</source>
   <translation>In force</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>批准的定义不同</source>
   <translation>Approved another</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>未安装</source>
   <translation>Not installed</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>由对方管理</source>
   <translation>Managed by them</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>等待批准</source>
   <translation>Awaiting approval</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>节点没有应答</source>
   <translation>A peer does not answer</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>达到后任一组织即可提交。</source>
   <translation>Any organisation may commit then.</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>还差 {n} 个批准</source>
   <translation>{n} {n:approval|approvals} missing</translation>
  </message>
  <message>
   <location filename="pages/contracts/board.py" />
   <source>部分安装</source>
   <translation>Partly installed</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>JSON 对象，可留空；不写入账本</source>
   <translation>A JSON object, may be empty; never on the ledger</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>{name} 已按改过的源码重载</source>
   <translation>{name} reloaded from its edited sources</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>交易号</source>
   <translation>transaction id</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>以谁的身份</source>
   <translation>Signing as</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>停止录制</source>
   <translation>Stop recording</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>停止重载</source>
   <translation>Stop reloading</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>只查询，不改账本</source>
   <translation>query only</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>已写入区块 {n}</source>
   <translation>Committed in block {n}</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>开发用：合约源码一改，内置账本立即使用新代码，不需要升级定义。</source>
   <translation>For development: whenever the sources change, the embedded ledger uses the new code at once, without a new definition.</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>开始录制</source>
   <translation>Start recording</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>当前身份</source>
   <translation>who acts now</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>按方法名提交</source>
   <translation>Submit by function name</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>按方法名查询</source>
   <translation>Query by function name</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>提交</source>
   <translation>Submit</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>提交一笔交易</source>
   <translation>submits a transaction</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>提交交易</source>
   <translation>Submit</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>方法</source>
   <translation>Function</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>查看交易</source>
   <translation>See the transaction</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>查询</source>
   <translation>Query</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>正在录制：已记下 {n} 次调用</source>
   <translation>Recording: {n} {n:call|calls} so far</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>瞬态数据</source>
   <translation>Transient data</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>筛选方法</source>
   <translation>Filter functions</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>返回内容</source>
   <translation>Result</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>随源码重载</source>
   <translation>Reload on edit</translation>
  </message>
  <message>
   <location filename="pages/contracts/call.py" />
   <source>（没有返回内容）</source>
   <translation>(empty result)</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>0 表示不等送达；其他成员稍后同步</source>
   <translation>0 waits for nobody; members catch up later</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>0 表示永久；过期后原文从节点清除</source>
   <translation>0 keeps it for good; expired data is purged from the peers</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>{who} 是成员</source>
   <translation>{who} is a member</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>不能少于至少送达的节点数</source>
   <translation>Not fewer than must be delivered to</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>个节点</source>
   <translation>peers</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>保留区块数</source>
   <translation>Blocks kept</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>只有成员组织的身份可以写</source>
   <translation>Only members' identities may write</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>只有成员组织的身份可以读</source>
   <translation>Only members' identities may read</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>字母、数字、短横和下划线</source>
   <translation>Letters, digits, hyphens and underscores</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>已有同名的集合</source>
   <translation>There is a collection of that name</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>成员组织</source>
   <translation>Members</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>成员组织的节点保存原文，其他组织只有散列。提交升级后才生效。</source>
   <translation>Peers of the members keep the data; others have hashes only. It takes effect with the next upgrade.</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>成员表达式</source>
   <translation>Member policy</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>最多发送</source>
   <translation>Sent to at most</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>最多发送少于至少送达</source>
   <translation>Fewer peers at most than at least</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>添加集合</source>
   <translation>Add a collection</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>留空则与合约相同</source>
   <translation>Empty: the contract's</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>编辑集合 {name}</source>
   <translation>Edit the collection {name}</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>背书前至少送达</source>
   <translation>Delivered before endorsement</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>记入草稿</source>
   <translation>Keep in draft</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>还需填写{what}</source>
   <translation>Still needed: {what}</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>集合名</source>
   <translation>Collection name</translation>
  </message>
  <message>
   <location filename="pages/contracts/collection_editor.py" />
   <source>集合自己的背书策略</source>
   <translation>Endorsement policy of its own</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>{n} 个区块</source>
   <translation>{n} {n:block|blocks}</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>{n} 处更改还没有提交</source>
   <translation>{n} {n:change|changes} {n:is|are} not committed yet</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>{who} 只有散列。</source>
   <translation>{who}: hashes only.</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>与合约相同</source>
   <translation>The contract's</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>从定义中移除</source>
   <translation>Remove from the definition</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>保留</source>
   <translation>Kept</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>只限成员写</source>
   <translation>Members write</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>只限成员读</source>
   <translation>Members read</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>否</source>
   <translation>no</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>将新增</source>
   <translation>To be added</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>将更改</source>
   <translation>To be changed</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>将移除</source>
   <translation>To be removed</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>提交这些更改…</source>
   <translation>Commit these changes…</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>撤销上一步</source>
   <translation>Undo last change</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>是</source>
   <translation>yes</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>永久</source>
   <translation>forever</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>添加集合…</source>
   <translation>Add collection…</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>生效中</source>
   <translation>In force</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>私有集合</source>
   <translation>Collections</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>私有集合让几个组织共享原文，其余组织只看到散列。</source>
   <translation>A private collection shares data among some organisations; the others see hashes only.</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>编辑…</source>
   <translation>Edit…</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>背书策略</source>
   <translation>Endorsement policy</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>至少送达</source>
   <translation>Deliver to at least</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>表达式</source>
   <translation>Expression</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>谁可以看到</source>
   <translation>Who may see it</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>谁可以看到原文</source>
   <translation>Who sees the data</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>账本上只有私有数据的散列。原文只存在成员组织的节点上，过期后清除。</source>
   <translation>The ledger holds hashes of private data only. The data itself is on the members' peers until it expires.</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>这个合约没有私有集合</source>
   <translation>This contract has no private collections</translation>
  </message>
  <message>
   <location filename="pages/contracts/collections.py" />
   <source>集合</source>
   <translation>Collection</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>{title} {v}（序号 {s}）已生效</source>
   <translation>{title} {v} (sequence {s}) is in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>{title} 已经是这个定义</source>
   <translation>{title} already has this definition</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>与生效中的定义相同</source>
   <translation>Same as the definition in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>与生效中的定义相比</source>
   <translation>Compared with the definition in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>会产生序号 {s} 的新定义，由各组织批准并提交。改版本会重新打包安装；只改策略不会。</source>
   <translation>Makes definition {s}, approved by each organisation and committed. A new version is packaged and installed; a new policy alone is not.</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>会打包合约，安装到每个节点，由各组织批准并提交到通道。</source>
   <translation>Packages the contract, installs it on every peer, has each organisation approve and commits it.</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>写法例如 AND('A.peer', OR('B.peer', 'C.peer'))</source>
   <translation>Write it like AND('A.peer', OR('B.peer', 'C.peer'))</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>升级</source>
   <translation>Upgrade</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>升级 {title}</source>
   <translation>Upgrade {title}</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>在线的节点现在不能满足</source>
   <translation>The peers that are up cannot satisfy it now</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>在线的节点现在就能满足</source>
   <translation>The peers that are up can satisfy it now</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>将要部署的定义</source>
   <translation>The definition to deploy</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>序号</source>
   <translation>Sequence</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>版本</source>
   <translation>Version</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>部署</source>
   <translation>Deploy</translation>
  </message>
  <message>
   <location filename="pages/contracts/deploy.py" />
   <source>部署 {title}</source>
   <translation>Deploy {title}</translation>
  </message>
  <message>
   <location filename="pages/contracts/difference.py" />
   <source>不需要</source>
   <translation>Not needed</translation>
  </message>
  <message>
   <location filename="pages/contracts/difference.py" />
   <source>保留 {n} 个区块</source>
   <translation>kept {n} {n:block|blocks}</translation>
  </message>
  <message>
   <location filename="pages/contracts/difference.py" />
   <source>初始化</source>
   <translation>Init</translation>
  </message>
  <message>
   <location filename="pages/contracts/difference.py" />
   <source>背书 {p}</source>
   <translation>endorsed by {p}</translation>
  </message>
  <message>
   <location filename="pages/contracts/difference.py" />
   <source>至少送达 {n}</source>
   <translation>delivered to {n}</translation>
  </message>
  <message>
   <location filename="pages/contracts/difference.py" />
   <source>需要</source>
   <translation>required</translation>
  </message>
  <message>
   <location filename="pages/contracts/glance.py" />
   <source>{a} / {n} 个组织已批准</source>
   <translation>approved by {a} of {n} {n:organisation|organisations}</translation>
  </message>
  <message>
   <location filename="pages/contracts/glance.py" />
   <source>打开</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="pages/contracts/glance.py" />
   <source>谁必须背书</source>
   <translation>Who must endorse</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>{p} 已安装</source>
   <translation>{p}: installed</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>{p} 未安装</source>
   <translation>{p}: not installed</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>{p} 没有应答</source>
   <translation>{p} does not answer</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>{v} · 生效中</source>
   <translation>{v} · in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>{v}（序号 {s}）· 待生效</source>
   <translation>{v} (sequence {s}) · pending</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>{who} 批准的定义与此不同：{what}。请按新定义重新批准。</source>
   <translation>{who} approved a different definition: {what}. Ask for approval again.</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>不在本机</source>
   <translation>not here</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>包标识</source>
   <translation>package id</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>另有 {n} 种组合</source>
   <translation>{n} more {n:way|ways}</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>合约包</source>
   <translation>Package</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>安装</source>
   <translation>Install</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>定义</source>
   <translation>Definition</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>待生效对照生效中</source>
   <translation>pending beside the one in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>批准的定义</source>
   <translation>Approved definition</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>现在谁能满足</source>
   <translation>Who can satisfy it now</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>节点上的合约包</source>
   <translation>Package on peers</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>要做的事</source>
   <translation>What to do</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>这个组织的管理员私钥不在本机。把批准请求交给对方，对方在自己的城链上导入并批准即可。</source>
   <translation>This organisation's administrator is not in this workspace. Hand it the approval request; it imports and approves it in its own CityChain.</translation>
  </message>
  <message>
   <location filename="pages/contracts/lifecycle.py" />
   <source>这条策略的意思</source>
   <translation>What it means</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>Fabric 的集合 JSON 列表，可留空</source>
   <translation>A list of collections in Fabric's JSON; may stay empty</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>Python 文件夹</source>
   <translation>Python folder</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>从模板开始…</source>
   <translation>Begin with the template…</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>会原样安装这个合约包；合约服务由您运行。</source>
   <translation>The package is installed as it is; you run the contract's service.</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>先用下面的包标识启动合约服务，再部署：</source>
   <translation>Start the contract's service with this package id first, then deploy:</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>合约包文件</source>
   <translation>Package file</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>合约名</source>
   <translation>Contract</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>合约在哪里</source>
   <translation>Where the contract is</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>合约文件夹</source>
   <translation>Contract folder</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>合约还不能载入</source>
   <translation>The contract cannot be loaded yet</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>复制包标识</source>
   <translation>Copy the package id</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>字母和数字，可用 - 或 _ 连接</source>
   <translation>Letters and digits, joined by - or _</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>找到 {n} 个方法：{names}</source>
   <translation>Found {n} {n:function|functions}: {names}</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>服务地址</source>
   <translation>Service address</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>服务地址不正确</source>
   <translation>That is no service address</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>服务地址（任何语言）</source>
   <translation>Service address (any language)</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>模板写到哪个文件夹</source>
   <translation>Folder to write the template into</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>正在查看…</source>
   <translation>Looking…</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>源码不用改：Python 合约由平台运行；其他语言的合约作为服务（CCaaS）自己运行，平台按地址调用。</source>
   <translation>Sources stay as they are: Python contracts are run by the platform; contracts in other languages run as a service (CCaaS) that peers call at its address.</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>节点从这个地址调用合约</source>
   <translation>Peers call the contract at this address</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>请先选择合约</source>
   <translation>Choose the contract first</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>这样写是：通道里多数组织背书</source>
   <translation>As it stands: a majority of the channel's organisations endorses</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>选择合约包</source>
   <translation>Choose the package</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>选择合约文件夹</source>
   <translation>Choose the contract's folder</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>选择文件夹…</source>
   <translation>Choose folder…</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>选择，或把路径粘贴到这里</source>
   <translation>Choose it, or paste its path here</translation>
  </message>
  <message>
   <location filename="pages/contracts/own.py" />
   <source>部署自己的合约</source>
   <translation>Deploy a contract of your own</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>{name} · 版本 {v} · 序号 {s} · {n} 笔交易</source>
   <translation>{name} · version {v} · sequence {s} · {n} {n:transaction|transactions}</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>{n} 个生效中</source>
   <translation>{n} in force</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>交易数</source>
   <translation>Transactions</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>作废 {n}</source>
   <translation>{n} invalid</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>先建立一个网络，再从内置的合约开始。</source>
   <translation>Set up a network first, then start from the contracts built in.</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>全部合约</source>
   <translation>All contracts</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>升级定义…</source>
   <translation>Upgrade…</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>导入批准请求…</source>
   <translation>Import approval request…</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>录制与重放</source>
   <translation>Record and replay</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>新建网络…</source>
   <translation>New network…</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>方法与调用</source>
   <translation>Functions</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>未部署</source>
   <translation>Not deployed</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>生命周期</source>
   <translation>Lifecycle</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>还没有合约</source>
   <translation>No contracts yet</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>还没有网络</source>
   <translation>No network yet</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>部署合约</source>
   <translation>Deploy contract</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>部署合约…</source>
   <translation>Deploy contract…</translation>
  </message>
  <message>
   <location filename="pages/contracts/page.py" />
   <source>部署自己的合约…</source>
   <translation>Deploy your own contract…</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>{a} 至 {b}</source>
   <translation>{a} to {b}</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>不是 JSON（第 {n} 行）</source>
   <translation>Not JSON (line {n})</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>应为数字</source>
   <translation>Must be a number</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>应为整数</source>
   <translation>Must be a whole number</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>数字</source>
   <translation>number</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>整数</source>
   <translation>whole number</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>每行一个</source>
   <translation>One per line</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>每行一个，写作 名称=值，可留空</source>
   <translation>One per line, written name=value; may be empty</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>请写作 名称=值：{line}</source>
   <translation>Write name=value: {line}</translation>
  </message>
  <message>
   <location filename="pages/contracts/parameters.py" />
   <source>请填写 JSON</source>
   <translation>Enter JSON</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>{who} 的作用</source>
   <translation>Part of {who}</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>个签名</source>
   <translation>sign</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>备选中至少</source>
   <translation>Of the others at least</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>备选中至少几个</source>
   <translation>How many of the others</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>备选之一</source>
   <translation>One of the others</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>必须签名</source>
   <translation>Must sign</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>拼装</source>
   <translation>Assemble</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>策略表达式</source>
   <translation>Policy expression</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>编辑方式</source>
   <translation>Edit as</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>至少选择一个组织</source>
   <translation>Choose at least one organisation</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>语法正确</source>
   <translation>Well formed</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>还原</source>
   <translation>Undo changes</translation>
  </message>
  <message>
   <location filename="pages/contracts/policy_editor.py" />
   <source>这个表达式只能以文字编辑</source>
   <translation>This expression can only be edited as text</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>一致</source>
   <translation>Same</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>一致 {n}</source>
   <translation>{n} the same</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>不同</source>
   <translation>Different</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>不同 {n}</source>
   <translation>{n} different</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>与录制时相同</source>
   <translation>As recorded</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>交易号和时间每次都不同，重放时不比较；前面返回的编号会自动代入后面的调用。</source>
   <translation>Transaction ids and times are new each time and are not compared; ids that earlier calls answer are carried into later ones.</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>会在所选网络上重新做 {n} 次调用，其中 {w} 次写入账本，不能撤回。</source>
   <translation>{n} {n:call|calls} {n:is|are} made again on the chosen network; {w} of them write to the ledger and cannot be taken back.</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>保存录制</source>
   <translation>Save the recording</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>保存录制…</source>
   <translation>Save recording…</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>开始录制后，在“方法与调用”里做的调用会连同返回记在这里。保存成文件，就能随时重放，核对升级前后的返回是否一致。</source>
   <translation>While recording, calls made under "Functions" are kept here with their answers. Save them to a file and replay them any time, for example to check that an upgrade answers the same.</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>录制已保存</source>
   <translation>Recording saved</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>录制时的返回</source>
   <translation>Recorded answer</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>录制的调用</source>
   <translation>Recorded calls</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>打开录制</source>
   <translation>Open a recording</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>打开录制…</source>
   <translation>Open recording…</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>撤销清空</source>
   <translation>Undo clear</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>有些调用带有瞬态数据，其中可能有个人信息。不保存时，重放会跳过这些调用。</source>
   <translation>Some calls carry transient data, which may be personal. Without it, replay skips these calls.</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>次序</source>
   <translation>No.</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>正在录制</source>
   <translation>Recording</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>清空</source>
   <translation>Clear</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>网络</source>
   <comment>one</comment>
   <translation>Network</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>跳过</source>
   <translation>Skipped</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>跳过 {n}</source>
   <translation>{n} skipped</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>还没有录制</source>
   <translation>Nothing recorded yet</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>连同瞬态数据一起保存</source>
   <translation>Save the transient data too</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>选择位置…</source>
   <translation>Choose where…</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>重放</source>
   <translation>Replay</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>重放…</source>
   <translation>Replay…</translation>
  </message>
  <message>
   <location filename="pages/contracts/record.py" />
   <source>重放完成：{same} 次一致，{other} 次不同，{skipped} 次跳过</source>
   <translation>Replayed: {same} the same, {other} different, {skipped} skipped</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>不同之处</source>
   <translation>Differences</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>为什么跳过</source>
   <translation>Why it was skipped</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>参数 {n}</source>
   <translation>Argument {n}</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>另有 {n} 处不同</source>
   <translation>{n} more {n:difference|differences}</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>没有保存</source>
   <translation>Not saved</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>第 {n} 次调用</source>
   <translation>Call {n}</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>被拒绝：{code}</source>
   <translation>Refused: {code}</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>调用</source>
   <translation>Call</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>这次的返回</source>
   <translation>Answer now</translation>
  </message>
  <message>
   <location filename="pages/contracts/record_panel.py" />
   <source>（没有）</source>
   <translation>(nothing)</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>JSON 对象</source>
   <translation>a JSON object</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>不符合格式 {p}</source>
   <translation>Does not match {p}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>不能大于 {n}</source>
   <translation>Must be at most {n}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>不能小于 {n}</source>
   <translation>Must be at least {n}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>列表</source>
   <translation>List</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>层次太深</source>
   <translation>Nested too deeply</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>应为{kind}</source>
   <translation>Must be {kind}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>应为其中之一：{all}</source>
   <translation>Must be one of: {all}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>应为日期，例如 2026-11-23</source>
   <translation>Must be a date, such as 2026-11-23</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>应为时间，例如 2026-11-23T10:24:00Z</source>
   <translation>Must be a time, such as 2026-11-23T10:24:00Z</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>文字</source>
   <translation>text</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>是或否</source>
   <translation>yes or no</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>最多 {n} 个字符</source>
   <translation>At most {n} {n:character|characters}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>没有名为 {name} 的字段</source>
   <translation>There is no field {name}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>第 {n} 项：{wrong}</source>
   <translation>Item {n}: {wrong}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>缺少 {name}</source>
   <translation>{name} is missing</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>至少 {n} 个字符</source>
   <translation>At least {n} {n:character|characters}</translation>
  </message>
  <message>
   <location filename="pages/contracts/schema.py" />
   <source>至少 {n} 项</source>
   <translation>At least {n} {n:item|items}</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>{n} 项请留意</source>
   <translation>{n} to watch</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>{n} 项需要处理</source>
   <translation>{n} to handle</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>{words} · 共 {n} 项 · {at}</source>
   <translation>{words} · {n} {n:check|checks} · {at}</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>一切正常</source>
   <translation>All is well</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>其他检查</source>
   <translation>Other checks</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>复制报告</source>
   <translation>Copy report</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>报告已复制</source>
   <translation>The report was copied</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>检查</source>
   <translation>Checks</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>重新检查</source>
   <translation>Check again</translation>
  </message>
  <message>
   <location filename="pages/doctor/page.py" />
   <source>需要处理</source>
   <translation>Needs attention</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>citychain serve</source>
   <translation>citychain serve</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>上次 {at}</source>
   <translation>Last {at}</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>下次 {at}</source>
   <translation>Next {at}</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>下次：运行 citychain serve 之后</source>
   <translation>Next: once citychain serve runs</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>不开桌面的服务</source>
   <translation>Services without a desktop</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>现在没有程序在运行。</source>
   <translation>No program runs now.</translation>
  </message>
  <message>
   <location filename="pages/doctor/serving.py" />
   <source>自 {at} 起运行 · 网络 {n}</source>
   <translation>Since {at} · network {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/advice.py" />
   <source>可以：{may}。</source>
   <translation>May: {may}. </translation>
  </message>
  <message>
   <location filename="pages/identities/advice.py" />
   <source>没有角色：可以进入网络，各项服务和合约按证书属性另行判断。</source>
   <translation>No role: may come into the network; services and contracts judge by the certificate's attributes.</translation>
  </message>
  <message>
   <location filename="pages/identities/advice.py" />
   <source>这个角色通常由 {o} 签发，其他组织签发的，合约可能不认。</source>
   <translation>This role is usually given by {o}; contracts may not accept it from other organisations.</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>不要把口令和文件放在同一封邮件里。</source>
   <translation>Do not put code and file into the same message.</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>保存准入文件</source>
   <translation>Save the entry</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>保存邀请</source>
   <translation>Save the invitation</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>同一人丢失了密钥：换发并吊销旧证书</source>
   <translation>The same person lost the key: issue anew, revoke the old certificates</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>名称</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>天</source>
   <translation>days</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>字母、数字、点和短横</source>
   <translation>Letters, digits, dots, hyphens</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>已告知</source>
   <translation>Told</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>已签发 {l}，请把 {f} 发还给申请人</source>
   <translation>Issued {l}; send {f} back to the person</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>按申请签发：{n}</source>
   <translation>Certify a request: {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>普通成员</source>
   <translation>Member</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>有效期</source>
   <translation>Valid</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>本工作区没有组织的 CA</source>
   <translation>This workspace holds no organisation's CA</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>申请由邀请或现有证书签名，角色按其内容。</source>
   <translation>Signed with an invitation or the present certificate, which also says the role.</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>私钥留在申请人处。请向申请人核对下面的指纹。</source>
   <translation>The key stays with the person. Compare this fingerprint with them.</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>签发并保存…</source>
   <translation>Issue and save…</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>角色</source>
   <comment>one</comment>
   <translation>Role</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>请另行告知口令</source>
   <translation>Tell the code by another way</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>邀请三天内有效，只能用一次；对方的正式私钥在他自己的电脑上生成。</source>
   <translation>An invitation is good for three days and one use; the real key is made on the colleague's own computer.</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>邀请同事</source>
   <translation>Invite a colleague</translation>
  </message>
  <message>
   <location filename="pages/identities/answering.py" />
   <source>邀请已写好：{f}</source>
   <translation>The invitation is written: {f}</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>MSP 标识</source>
   <translation>MSP id</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>令牌“{t}”</source>
   <translation>Token {t}</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>在本机</source>
   <translation>Here</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>域名</source>
   <translation>Domain</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>已吊销</source>
   <translation>Revoked</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>成员</source>
   <translation>People</translation>
  </message>
  <message>
   <location filename="pages/identities/authorities.py" />
   <source>组织与 CA</source>
   <translation>Organisations and CAs</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>{n} 天后到期</source>
   <translation>Expires in {n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>个人</source>
   <translation>Person</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>到期</source>
   <translation>Expires</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>尚未生效</source>
   <translation>Not valid yet</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>已过期</source>
   <translation>Expired</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>指纹</source>
   <translation>Fingerprint</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>签名</source>
   <translation>Signing</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>类型</source>
   <translation>Kind</translation>
  </message>
  <message>
   <location filename="pages/identities/certificate_cells.py" />
   <source>角色</source>
   <translation>Roles</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>MSP 文件夹，私钥不加密</source>
   <translation>MSP folder, key not encrypted</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>PKCS#12 文件，用口令加密</source>
   <translation>PKCS#12 file, encrypted by a password</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>{label} 已导出</source>
   <translation>{label} was exported</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>两次输入不同</source>
   <translation>The two entries differ</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>再输入一次</source>
   <translation>Repeat it</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>口令至少 {n} 个字符</source>
   <translation>A password has at least {n} {n:character|characters}</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>口令，至少 8 个字符</source>
   <translation>Passphrase, at least 8 characters</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>导出 {label}</source>
   <translation>Export {label}</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>导出到文件夹</source>
   <translation>Export to a folder</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>导出身份</source>
   <translation>Export identity</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>形式</source>
   <translation>Form</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>文件夹里的私钥没有加密，只应放在受控的机器上，用完即删。</source>
   <translation>The private key in the folder is not encrypted: keep it on a controlled machine only and delete it after use.</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>私钥、证书和 CA 一起导出。</source>
   <translation>The private key, certificate and CA are exported together.</translation>
  </message>
  <message>
   <location filename="pages/identities/export.py" />
   <source>请把口令与文件分开交付。</source>
   <translation>Hand over the password apart from the file.</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>其他属性</source>
   <translation>Further attributes</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>导入</source>
   <translation>Import</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>导入身份</source>
   <translation>Import identity</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>已导入 {label}</source>
   <translation>{label} was imported</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>已签发 {label}</source>
   <translation>{label} was issued</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>拖入 PKCS#12 文件（.p12、.pfx），或 MSP 文件夹。</source>
   <translation>Drop a PKCS#12 file (.p12, .pfx) or an MSP folder.</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>拖到这里，或点此选择文件</source>
   <translation>Drop here, or press to choose a file</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>文件口令</source>
   <translation>File passphrase</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>由所选组织的 CA 签发证书，私钥加密存入密钥库。角色写入证书，各项服务和合约据此判断权限。</source>
   <translation>The organisation's CA issues the certificate; the key is stored encrypted in the keystore. The roles are written into the certificate, and services and contracts decide by them.</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>签发身份</source>
   <translation>Issue identity</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>还没有选择文件</source>
   <translation>No file chosen yet</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>选择 MSP 文件夹</source>
   <translation>Choose an MSP folder</translation>
  </message>
  <message>
   <location filename="pages/identities/issue.py" />
   <source>选择 MSP 文件夹…</source>
   <translation>Choose MSP folder…</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>{n} 分钟</source>
   <translation>{n} {n:minute|minutes}</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>{t} · {n} 把私钥</source>
   <translation>{t} · {n} private {n:key|keys}</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>从不</source>
   <translation>Never</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>令牌</source>
   <translation>Tokens</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>令牌中的私钥只用于签名，不能取出，也不在备份里。</source>
   <translation>Keys in a token only sign; they cannot be taken out and are in no backup.</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>保护</source>
   <translation>Protection</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>加密</source>
   <translation>Encryption</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>口令派生</source>
   <translation>Passphrase</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>已解锁，由口令保护</source>
   <translation>Open, protected by a passphrase</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>已锁定</source>
   <translation>Locked</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>得到整个工作区文件夹的人可以使用其中的私钥。建议设置口令。</source>
   <translation>Anyone who obtains the whole workspace folder can use its keys. We recommend a passphrase.</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>按 Ctrl+L 可随时锁定。</source>
   <translation>Ctrl+L locks at any time.</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>更换口令…</source>
   <translation>Change passphrase…</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>没有口令：私钥由本机的设备密钥加密</source>
   <translation>No passphrase: keys are encrypted with a key of this computer</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>私钥</source>
   <comment>several</comment>
   <translation>Private keys</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>空闲多久后自动锁定</source>
   <translation>Lock after</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>空闲锁定</source>
   <translation>Idle lock</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>立即锁定</source>
   <translation>Lock now</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>签名前需要解锁。浏览不受影响。</source>
   <translation>Unlock before signing. Browsing is not affected.</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>解锁…</source>
   <translation>Unlock…</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>设置口令…</source>
   <translation>Set passphrase…</translation>
  </message>
  <message>
   <location filename="pages/identities/keystore.py" />
   <source>输入 PIN…</source>
   <translation>Enter PIN…</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>以后再说</source>
   <translation>Later</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>保存到文件夹</source>
   <translation>Folder to save it in</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>制作恢复文件？</source>
   <translation>Make a recovery file?</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>取回</source>
   <translation>Take in</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>取回恢复文件</source>
   <translation>Take a recovery file in</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>口令</source>
   <translation>Passphrase</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>好</source>
   <translation>OK</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>姓名或工号</source>
   <translation>Name or number</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>已写下</source>
   <translation>Written down</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>已取回 {n} 项</source>
   <translation>Items taken in: {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>已进入网络 {n}，身份 {p}。请与组织核对 CA 指纹：{f}</source>
   <translation>In network {n} as {p}. Compare the CA's fingerprint with your organisation: {f}</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>恢复文件</source>
   <translation>Recovery file</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>恢复文件已保存</source>
   <translation>The recovery file is saved</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>恢复码</source>
   <translation>Recovery code</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>恢复码只显示这一次，与文件分开保存。丢失电脑时，用文件和恢复码在新电脑上取回。</source>
   <translation>The code is shown this once; keep it apart from the file. If the computer is lost, both bring everything back on a new one.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>我收到了邀请</source>
   <translation>I was invited</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>拖入连接配置，或点此选择</source>
   <translation>Drop the connection profile, or click to choose</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>文件里没有私钥。</source>
   <translation>There is no private key in it.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>正式的私钥已在本机生成。请把下面的文件发还给邀请方，收到回复后在这里打开。</source>
   <translation>The real key is made, on this computer. Send this file back, and open the answer here.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>现在有内容只有这台电脑能解开。电脑丢失时，只有恢复文件能取回；您的组织也无法代办。</source>
   <translation>From now on something opens on this computer alone. If it is lost, only a recovery file brings it back; your organisation cannot.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>生成申请</source>
   <translation>Make the request</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>用 .p12 进入网络</source>
   <translation>Come in with a .p12</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>申请已写好，请发给您的组织：{f}</source>
   <translation>The request is written; send it to your organisation: {f}</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>申请身份</source>
   <translation>Ask for an identity</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>私钥在本机生成并留在本机。把申请文件发给您的组织，收到回复后在这里打开。</source>
   <translation>The key is made here and stays here. Send the request to your organisation and open its answer here.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>证书已更新：{p}</source>
   <translation>The certificate is renewed: {p}</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>请写下恢复码</source>
   <translation>Write the code down</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>账本上以它称呼您，之后不能更改</source>
   <translation>The ledger knows you by it; it cannot be changed later</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>还需要对方给您的连接配置（.json 或 .yaml）。私钥加密存入本机密钥库。</source>
   <translation>It also takes the connection profile that you were given (.json or .yaml). The key is kept encrypted here.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>进入</source>
   <translation>Come in</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>邀请方会用另一种方式告诉您口令，例如打电话。</source>
   <translation>Whoever invited you tells you the code by another way, such as the telephone.</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>邀请有效</source>
   <translation>The invitation is good</translation>
  </message>
  <message>
   <location filename="pages/identities/letters.py" />
   <source>阅读密钥和加密作品的密钥会存入本机密钥库。</source>
   <translation>The reading key and keys of sealed works go into this keystore.</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>30 天内到期 {n}</source>
   <translation>Expiring in 30 days: {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>90 天内到期 {n}</source>
   <translation>Expiring in 90 days: {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>TLS 根 CA</source>
   <translation>TLS root CA</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>{o} 个组织 · {n} 张证书 · {lock}</source>
   <translation>{o} {o:organisation|organisations} · {n} {n:certificate|certificates} · {lock}</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>保存续期申请</source>
   <translation>Save the request for renewal</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>全部类型</source>
   <translation>All kinds</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>全部组织</source>
   <translation>All organisations</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>全部证书</source>
   <translation>Certificates</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>列出 {n} 张，共 {all} 张</source>
   <translation>{n} of {all} shown</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>吊销列表</source>
   <translation>Revoked</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>密钥库</source>
   <translation>Keystore</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>密钥库已解锁</source>
   <translation>keystore open</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>密钥库已锁定</source>
   <translation>keystore locked</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>密钥库未设口令</source>
   <translation>no keystore passphrase</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>导入身份…</source>
   <translation>Import…</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>已吊销 {n}</source>
   <translation>Revoked {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>已过期 {n}</source>
   <translation>Expired {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>建立网络后，各组织的 CA 和管理员会出现在这里。</source>
   <translation>The CAs and administrators of your organisations appear here once there is a network.</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>恢复文件…</source>
   <translation>Recovery file…</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>打开身份申请</source>
   <translation>Open a request for an identity</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>按申请签发…</source>
   <translation>Answer a request…</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>时间线</source>
   <translation>Timeline</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>显示方式</source>
   <translation>Shown as</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>有效 {n}</source>
   <translation>Valid {n}</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>根 CA</source>
   <translation>Root CA</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>申请续期…</source>
   <translation>Ask for renewal…</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>筛选名称</source>
   <translation>Filter by name</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>签发身份…</source>
   <translation>Issue identity…</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>续期 {n} 张证书…</source>
   <translation>Renew {n} {n:certificate|certificates}…</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>证书</source>
   <translation>Certificate</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>身份与证书</source>
   <translation>Identities and certificates</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>还没有身份</source>
   <translation>No identities yet</translation>
  </message>
  <message>
   <location filename="pages/identities/page.py" />
   <source>邀请…</source>
   <translation>Invite…</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{at} 起，{name} 不能再提交交易，请在此之前续期。</source>
   <translation>From {at}, {name} can no longer submit transactions. Renew before then.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{at} 起，{name} 的签名不再有效，不能背书或出块。</source>
   <translation>From {at}, {name}'s signatures are no longer valid: it cannot endorse or order.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{at} 起，其他节点不再接受 {name} 的连接。</source>
   <translation>From {at}, other nodes refuse connections from {name}.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{at} 起，它签发的所有证书都会失效。</source>
   <translation>From {at}, every certificate it has issued becomes invalid.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{label} 已吊销</source>
   <translation>{label} was revoked</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{label} 的证书会写入吊销列表并更新到通道配置，各节点随即拒绝它。吊销不能撤回，需要时只能重新签发。</source>
   <translation>{label}'s certificate enters the revocation list and the channel's configuration; every peer refuses it from then on. This cannot be undone; a new identity can be issued.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>{when} 起，各节点拒绝这张证书。</source>
   <translation>Peers have refused this certificate since {when}.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>主体</source>
   <translation>Subject</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>交给本人</source>
   <translation>Hand it over</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>令牌“{t}”中，不能取出</source>
   <translation>In token {t}, cannot be taken out</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>到期会怎样</source>
   <translation>What expiry means</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>原因（记入任务日志）</source>
   <translation>Reason (kept in the job's log)</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>吊销</source>
   <translation>Revoke</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>吊销…</source>
   <translation>Revoke…</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>吊销身份</source>
   <translation>Revoke identity</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>导出 .p12 文件交给本人，口令另行告知，例如打电话；他在自己的电脑上打开文件即可进入。</source>
   <translation>Export the .p12 file for the person and tell them the password another way, by telephone for example; on their own computer they open the file to come in.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>序列号</source>
   <translation>Serial</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>换用新密钥…</source>
   <translation>New key…</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>更稳妥的是“邀请…”：私钥只在他自己的电脑上生成。</source>
   <translation>"Invite…" is safer: the private key is then made on their own computer alone.</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>本机密钥库，已加密</source>
   <translation>in this keystore, encrypted</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>本机文件，仅所有者可读</source>
   <translation>a file here, readable by its owner only</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>私钥</source>
   <translation>Private key</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>签发</source>
   <translation>Issuer</translation>
  </message>
  <message>
   <location filename="pages/identities/panel.py" />
   <source>续期…</source>
   <translation>Renew…</translation>
  </message>
  <message>
   <location filename="pages/identities/pin.py" />
   <source>令牌“{t}”已打开</source>
   <translation>Token {t} is open</translation>
  </message>
  <message>
   <location filename="pages/identities/pin.py" />
   <source>令牌“{t}”的 PIN</source>
   <translation>PIN of token {t}</translation>
  </message>
  <message>
   <location filename="pages/identities/pin.py" />
   <source>多次输错会锁住令牌。PIN 只留在内存里，锁定密钥库或退出后需重新输入。</source>
   <translation>A few wrong PINs lock the token. The PIN stays in memory only and is asked for again after locking the keystore or quitting.</translation>
  </message>
  <message>
   <location filename="pages/identities/pin.py" />
   <source>打开令牌</source>
   <translation>Open token</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>{o} 已改用新的 CA 密钥签发</source>
   <translation>{o} issues with its authority's new key now</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>{o} 已改用新的 TLS CA 密钥签发</source>
   <translation>{o} issues with its TLS authority's new key now</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>{o} 的 CA 换用新密钥</source>
   <translation>New key for the authority of {o}</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>{o} 的 TLS CA 换用新密钥</source>
   <translation>New key for the TLS authority of {o}</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>中断后再次续期会接着做，已换好的不会重做。</source>
   <translation>If interrupted, renewing again goes on; what is done stays done.</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>先演练再执行：演练不碰正在运行的节点。节点逐个换证，前一个恢复后才轮到下一个。</source>
   <translation>Rehearsed first, without touching what runs. Nodes are renewed one by one; the next follows when the one before is back.</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>取消</source>
   <translation>Cancel</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>另有 {n} 项</source>
   <translation>{n} more</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>另有 {n} 项都正常</source>
   <translation>{n} more are fine</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>只有个人身份，旧证书到期前仍然有效，无需演练</source>
   <translation>People only: their old certificates stay valid until they expire, nothing to rehearse</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>已续期 {n} 张证书</source>
   <translation>{n} {n:certificate|certificates} renewed</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>开始续期</source>
   <translation>Renew</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>换用新密钥</source>
   <translation>New key</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>旧证书、账本和存证仍然有效；最后一张旧证书到期后，旧根证书随下一次续期移出通道。需要其他组织签名时会说明请谁签。</source>
   <translation>Old certificates, the ledger and evidence stay good. Once the last old certificate has ended, the next renewal takes the old root out of the channels. Where other organisations have to sign, it says which.</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>步骤</source>
   <translation>Steps</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>演练</source>
   <translation>Rehearsal</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>演练没有通过，先处理标出的问题</source>
   <translation>The rehearsal failed; see to the marked problems first</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>续期全部证书</source>
   <translation>Renew all certificates</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>续期证书</source>
   <translation>Renew certificates</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>至少选择一张证书</source>
   <translation>Choose at least one certificate</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>节点逐个换证，网络照常工作；旧证书都换下后，旧根证书移出通道。此前导出的连接配置在旧根证书到期前仍然可用。</source>
   <translation>Nodes get new certificates one by one while the network works; then the old root leaves the channels. Connection profiles exported before go on working until the old root ends.</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>证书已到期，无法连接节点：会先停止网络，换好证书再启动。</source>
   <translation>Certificates have ended and nobody can connect: the network is stopped, the certificates are exchanged, and it starts again.</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>证书已续期，网络已启动</source>
   <translation>Certificates renewed, the network runs</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>账本、密钥和存证都不变；中断后再次续期会接着做。</source>
   <translation>Ledger, keys and evidence stay as they are; an interrupted renewal goes on when you renew again.</translation>
  </message>
  <message>
   <location filename="pages/identities/renewal.py" />
   <source>重新演练</source>
   <translation>Rehearse again</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>{msp} 有 {n} 张吊销的证书还没有写入通道，各节点仍会接受。</source>
   <translation>{n} revoked {n:certificate|certificates} of {msp} {n:is|are} not in the channel yet; nodes still accept them.</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>写入通道</source>
   <translation>Put into the channel</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>吊销时间</source>
   <translation>Revoked on</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>在“全部证书”里选中一个人，即可吊销。吊销会写入通道配置。</source>
   <translation>To revoke, choose a person under Certificates. The channel's configuration then carries it.</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>已拒绝</source>
   <translation>Refused</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>排序节点没有应答，暂时不知道通道里的吊销列表。</source>
   <translation>No orderer answers, so the channel's list is unknown for now.</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>未知</source>
   <translation>Unknown</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>没有吊销过证书</source>
   <translation>No certificate has been revoked</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>还没有写入</source>
   <translation>Not in the channel</translation>
  </message>
  <message>
   <location filename="pages/identities/revoked.py" />
   <source>通道</source>
   <translation>Channel</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>与之前的配置相同。</source>
   <translation>The same as the configuration before.</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>共识</source>
   <translation>Consensus</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>其他交易</source>
   <translation>Other transaction</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>出块等待</source>
   <translation>Block wait</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>参加的组织</source>
   <translation>Organisations</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>合约调用</source>
   <translation>Contract call</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>每块最多笔数</source>
   <translation>Transactions a block</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>没有了</source>
   <translation>none any more</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>通道的第一份配置</source>
   <translation>The first configuration of the channel</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>通道配置</source>
   <translation>Channel configuration</translation>
  </message>
  <message>
   <location filename="pages/ledger/configured.py" />
   <source>通道配置的改变</source>
   <translation>What changed in the channel</translation>
  </message>
  <message>
   <location filename="pages/ledger/events.py" />
   <source>{n} 条</source>
   <translation>{n} {n:event|events}</translation>
  </message>
  <message>
   <location filename="pages/ledger/events.py" />
   <source>事件</source>
   <translation>Events</translation>
  </message>
  <message>
   <location filename="pages/ledger/events.py" />
   <source>区块</source>
   <translation>Block</translation>
  </message>
  <message>
   <location filename="pages/ledger/events.py" />
   <source>打开这笔交易</source>
   <translation>Open this transaction</translation>
  </message>
  <message>
   <location filename="pages/ledger/events.py" />
   <source>筛选事件</source>
   <translation>Filter events</translation>
  </message>
  <message>
   <location filename="pages/ledger/events.py" />
   <source>随区块实时更新</source>
   <translation>Live, block by block</translation>
  </message>
  <message>
   <location filename="pages/ledger/hits.py" />
   <source>发起人</source>
   <translation>Creator</translation>
  </message>
  <message>
   <location filename="pages/ledger/hits.py" />
   <source>合约</source>
   <comment>one</comment>
   <translation>Contract</translation>
  </message>
  <message>
   <location filename="pages/ledger/hits.py" />
   <source>键</source>
   <translation>Key</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>值</source>
   <translation>Value</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>公开状态</source>
   <translation>Public state</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>公开状态或私有集合</source>
   <translation>Public state or private collection</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>区块 {b} : {i} · {t} · 交易 {tx}</source>
   <translation>Block {b} : {i} · {t} · transaction {tx}</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>已删除</source>
   <translation>deleted</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>当时的值</source>
   <translation>The value at that time</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>第 {n} 版，共 {all} 版</source>
   <translation>Version {n} of {all}</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>账本上只有值的散列，原文在集合成员的节点上。</source>
   <translation>The ledger has only a hash of the value; the value itself is on the peers of the collection's members.</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>账本上只有键和值的散列。原文只在这些组织的节点上：{who}。</source>
   <translation>The ledger holds only hashes of keys and values. The data itself is on the peers of: {who}.</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>选择一个键，查看它的每个版本。</source>
   <translation>Choose a key to see each of its versions.</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>键的一生</source>
   <translation>The key through time</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>键的开头</source>
   <translation>Beginning of the key</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>（已删除）</source>
   <translation>(deleted)</translation>
  </message>
  <message>
   <location filename="pages/ledger/keys.py" />
   <source>；</source>
   <translation>; </translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>{channel}：{n} 个区块，{t} 笔交易，作废 {bad}</source>
   <translation>{channel}: {n} {n:block|blocks}, {t} {t:transaction|transactions}, {bad} invalid</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>交易 {id}</source>
   <translation>Transaction {id}</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>区块 {b} · 序号 {i} · {when}</source>
   <translation>Block {b} · index {i} · {when}</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>区块与交易</source>
   <translation>Blocks and transactions</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>建立网络后，区块与交易会出现在这里。</source>
   <translation>Blocks and transactions appear here once there is a network.</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>校验</source>
   <translation>Verify</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>校验整条链</source>
   <translation>Verify the chain</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>还有 {n} 个区块待索引</source>
   <translation>{n} {n:block|blocks} to index</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>还没有账本</source>
   <translation>No ledger yet</translation>
  </message>
  <message>
   <location filename="pages/ledger/page.py" />
   <source>键与历史</source>
   <translation>Keys and history</translation>
  </message>
  <message>
   <location filename="pages/ledger/raw_switch.py" />
   <source>改看文字说明</source>
   <translation>Show it in words</translation>
  </message>
  <message>
   <location filename="pages/ledger/raw_switch.py" />
   <source>查看原文</source>
   <translation>Show the raw form</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>{n} 笔 · 有效 {v} · {t}</source>
   <translation>{n} · {v} valid · {t}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>不存在</source>
   <translation>absent</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>保存原始交易</source>
   <translation>Save raw transaction</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>保存原始交易…</source>
   <translation>Save raw transaction…</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>值的散列</source>
   <translation>hash of the value</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>写</source>
   <translation>Write</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>冲突的键</source>
   <translation>Conflicting key</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>前一区块</source>
   <translation>Previous block</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>区块 {n}</source>
   <translation>Block {n}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>区块 {n} 验证</source>
   <translation>validation of block {n}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>区块中的交易</source>
   <translation>Transactions of the block</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>原始交易已保存</source>
   <translation>The raw transaction was saved</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>另有 {n} 项未列出</source>
   <translation>{n} more not listed</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>后一区块</source>
   <translation>Next block</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>已过时</source>
   <translation>Out of date</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>打开胜出的交易 {id}</source>
   <translation>Open the winning transaction {id}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>未写入</source>
   <translation>Not written</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>查看这个键的全部历史</source>
   <translation>Full history of this key</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>空值，只作索引</source>
   <translation>empty, an index only</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>缺 {who}</source>
   <translation>missing: {who}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>缺少的背书</source>
   <translation>Missing endorsements</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>读</source>
   <translation>Read</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>读 {r} · 写 {w}</source>
   <translation>{r} read · {w} written</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>读到的版本 {a}，验证时为 {b}。</source>
   <translation>Read as {a}; at validation it was {b}.</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>读集与写集</source>
   <translation>Reads and writes</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>返回列表</source>
   <translation>Back to the list</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction.py" />
   <source>这笔交易没有读写键。</source>
   <translation>This transaction neither read nor wrote a key.</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction_panel.py" />
   <source>参数</source>
   <translation>Arguments</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction_panel.py" />
   <source>发起</source>
   <translation>Creator</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction_panel.py" />
   <source>响应</source>
   <translation>Response</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction_panel.py" />
   <source>查看胜出的交易</source>
   <translation>View the winning transaction</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction_panel.py" />
   <source>背书</source>
   <translation>Endorsements</translation>
  </message>
  <message>
   <location filename="pages/ledger/transaction_panel.py" />
   <source>证书 {f}</source>
   <translation>certificate {f}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>交易号、键、CID、文字、证书</source>
   <translation>Id, key, CID, words, certificate</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>作废</source>
   <translation>Invalid</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>双击或按 Enter 解剖一笔交易</source>
   <translation>Double-click or Enter opens one</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>只看区块 {n}</source>
   <translation>Only block {n}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>只看发起人 {f}</source>
   <translation>Only creator {f}</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>合约与方法</source>
   <translation>Contract and function</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>哈希</source>
   <translation>Hash</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>大小</source>
   <translation>Size</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>找到</source>
   <translation>Found</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>找到 {n} 项</source>
   <translation>{n} found</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>按交易</source>
   <translation>Transactions</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>按区块</source>
   <translation>Blocks</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>搜索结果</source>
   <translation>Search results</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>有效性</source>
   <translation>Validity</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>没有找到。可输入交易号、键、CID、文字，或粘贴证书。</source>
   <translation>Nothing found. Try an id, a key, a CID or words, or paste a certificate.</translation>
  </message>
  <message>
   <location filename="pages/ledger/transactions.py" />
   <source>说明</source>
   <translation>Remark</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>{n} 笔，有效 {v}</source>
   <translation>{n}, {v} valid</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>与区块一致</source>
   <translation>agrees with the blocks</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>从创世区块起逐块重算哈希与链接，核对排序节点、发起人和背书者的签名；内置账本还会把状态与区块对照。不依赖索引。</source>
   <translation>Recomputes every hash and link from the first block and checks the signatures of orderers, creators and endorsers; on the embedded ledger the state is compared with the blocks as well. Nothing is taken from the index.</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>区块数</source>
   <translation>Blocks</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>导出整条链</source>
   <translation>Export the chain</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>导出文件只含区块，任何人都可以在别处离线校验。</source>
   <translation>An export contains blocks only; anyone can verify it elsewhere, offline.</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>已导出 {n} 个区块，{size}</source>
   <translation>{n} {n:block|blocks} exported, {size}</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>开始校验</source>
   <translation>Verify</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>拖入导出文件，或点此选择</source>
   <translation>Drop an export here, or press to choose</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>未对照</source>
   <translation>not compared</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>末块哈希</source>
   <translation>Last hash</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>校验一个导出文件</source>
   <translation>Verify an export</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>校验未通过</source>
   <translation>Verification failed</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>校验这条链</source>
   <translation>Verify this chain</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>校验进度</source>
   <translation>Progress of the verification</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>每个区块和签名都一致</source>
   <translation>Every block and signature checks out</translation>
  </message>
  <message>
   <location filename="pages/ledger/verify.py" />
   <source>状态对照</source>
   <translation>State</translation>
  </message>
  <message>
   <location filename="pages/ledger/words.py" />
   <source>{what}：{value}</source>
   <translation>{what}: {value}</translation>
  </message>
  <message>
   <location filename="pages/ledger/words.py" />
   <source>不是文字的内容，{size}</source>
   <translation>no text, {size}</translation>
  </message>
  <message>
   <location filename="pages/ledger/words.py" />
   <source>最近改动</source>
   <translation>Last change</translation>
  </message>
  <message>
   <location filename="pages/ledger/words.py" />
   <source>编号</source>
   <translation>Id</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>{who} 已受理</source>
   <translation>taken up by {who}</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>历时</source>
   <translation>Lasted</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>受理</source>
   <translation>Take up</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>受理人</source>
   <translation>Taken up by</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>告警</source>
   <translation>Alerts</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>处理</source>
   <translation>Handling</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>已结束</source>
   <translation>ended</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>未处理</source>
   <translation>open</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>没有告警</source>
   <translation>No alerts</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>节点停止、磁盘将满、证书将到期或提交变慢时，会出现在这里。</source>
   <translation>When a node stops, the disk fills, a certificate is about to end or commits get slow, it appears here.</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>静默 8 小时</source>
   <translation>Silence for 8 hours</translation>
  </message>
  <message>
   <location filename="pages/monitor/alerts.py" />
   <source>静默到 {at}</source>
   <translation>silenced until {at}</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>p50 / p95（毫秒）</source>
   <translation>p50 / p95 (ms)</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>{at} · {call} · 最高每秒 {n} 笔</source>
   <translation>{at} · {call} · at most {n} a second</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>会在网络“{n}”上部署合约 loadtest 并大量写入，约一分钟，期间其他人会变慢。写入的行随后删除，区块留在链上。</source>
   <translation>Deploys the contract loadtest on {n} and writes a lot for about a minute; others will be slower meanwhile. The rows are removed afterwards, the blocks stay on the chain.</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>压测</source>
   <translation>Load test</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>压测逐级增加并发，量出吞吐量和时延，指出限制所在和改法。</source>
   <translation>A load test adds calls step by step, measures throughput and latency, and names the bottleneck and what to change.</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>失败</source>
   <translation>Failed</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>并发</source>
   <translation>Under way</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>开始压测</source>
   <translation>Start load test</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>开始压测…</source>
   <translation>Start load test…</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>是什么限制了它</source>
   <translation>What limits it</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>正在压测</source>
   <translation>Load test running</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>每块笔数</source>
   <translation>In a block</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>每秒交易</source>
   <translation>A second</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>背书 / 排序 / 提交（毫秒）</source>
   <translation>Endorse / order / commit (ms)</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>还没有压测过</source>
   <translation>No load test yet</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>这是正式网络。</source>
   <translation> This network is in production.</translation>
  </message>
  <message>
   <location filename="pages/monitor/loading.py" />
   <source>逐级加压</source>
   <translation>Step by step</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>CPU</source>
   <translation>CPU</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>{n} 个，按留意程度排列</source>
   <translation>{n}, those that need attention first</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>不能写入</source>
   <translation>cannot write</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>内存</source>
   <translation>Memory</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>区块高度</source>
   <translation>Block height</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>已停止</source>
   <translation>Stopped</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>正常</source>
   <translation>Running</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>节点</source>
   <translation>Node</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>节点</source>
   <comment>several</comment>
   <translation>Nodes</translation>
  </message>
  <message>
   <location filename="pages/monitor/nodes.py" />
   <source>落后 {n}</source>
   <translation>{n} behind</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>{n} 条未处理</source>
   <translation>{n} open</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>{p}% 核</source>
   <translation>{p}% of a core</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>另有 {n} 条</source>
   <translation>{n} more</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>增长</source>
   <translation>Growth</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>处理器</source>
   <translation>Processor</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>提交</source>
   <comment>commits</comment>
   <translation>Commits</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>提交时延</source>
   <translation>Commit latency</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>数据</source>
   <translation>Data</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>正在等待第一次查看</source>
   <translation>Waiting for the first look</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>毫秒</source>
   <translation>ms</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>磁盘剩余</source>
   <translation>Disk left</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>笔/秒</source>
   <translation>a second</translation>
  </message>
  <message>
   <location filename="pages/monitor/overview.py" />
   <source>这意味着</source>
   <translation>That means</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>{span} · {looked}</source>
   <translation>{span} · {looked}</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>刷新</source>
   <translation>Refresh</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>最近 1 天</source>
   <translation>Last day</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>最近 1 小时</source>
   <translation>Last hour</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>最近 1 年</source>
   <translation>Last year</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>最近 7 天</source>
   <translation>Last 7 days</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>查看于 {at}</source>
   <translation>looked at {at}</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>概况</source>
   <translation>Overview</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>没有可监控的网络</source>
   <translation>No network to watch</translation>
  </message>
  <message>
   <location filename="pages/monitor/page.py" />
   <source>监控的是在本工作区运行的网络。</source>
   <translation>Networks that run in this workspace are watched.</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>按此增长，磁盘 10 年内不会写满</source>
   <translation>At this rate the disk is not full within 10 years</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>按此增长，磁盘还能用约 {n} 天</source>
   <translation>At this rate the disk lasts about {n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>按此增长，磁盘还能用约 {n} 年</source>
   <translation>At this rate the disk lasts about {n} {n:year|years}</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>按目前的情况，磁盘不会写满</source>
   <translation>As things are, the disk does not fill up</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>最近 {n} 天</source>
   <translation>last {n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>最近 {n} 小时</source>
   <translation>last {n} {n:hour|hours}</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>每天 {size}（{over}）</source>
   <translation>{size} a day ({over})</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>没有增长（{over}）</source>
   <translation>none ({over})</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>还不能估计</source>
   <translation>Cannot be estimated yet</translation>
  </message>
  <message>
   <location filename="pages/monitor/words.py" />
   <source>还未知：监控满 1 小时后给出</source>
   <translation>not known yet: told after an hour of monitoring</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>小写字母、数字和短横，之后不能更改</source>
   <translation>Lower-case letters, digits, hyphens; cannot be changed later</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>拖入 .json 或 .yaml，或点此选择</source>
   <translation>Drop a .json or .yaml, or press to choose</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>拖入私钥 PEM，或点此选择</source>
   <translation>Drop the private key (PEM), or press to choose</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>拖入证书 PEM，或点此选择</source>
   <translation>Drop the certificate (PEM), or press to choose</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>接入</source>
   <translation>Attach</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>本机对外名称</source>
   <translation>This computer's name to the peers</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>私钥加密存入本机密钥库。没有节点应答时什么都不会保留；接入不改动对方网络。</source>
   <translation>The key is kept encrypted here. If no peer answers nothing is kept; attaching changes nothing there.</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>网络 {n} 已接入</source>
   <translation>Network {n} is attached</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>网络名</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>要在对方节点上部署合约时填写</source>
   <translation>To deploy contracts on their peers</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>连接配置</source>
   <translation>Connection profile</translation>
  </message>
  <message>
   <location filename="pages/network/attach.py" />
   <source>配置里没有写明客户端组织时才需要</source>
   <translation>Only when the profile names no client organisation</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>{c}：{b} → {n}，区块 {f} 至 {l}，{k} 次调用。</source>
   <translation>{c}: {b} → {n}, blocks {f} to {l}, {k} {k:call|calls}.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>{k} 笔交易内置账本会有不同判定，已按原网络的判定处理。</source>
   <translation>The embedded ledger would have judged {k} {k:transaction|transactions} otherwise; the network's judgement holds.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>{o} 的分支，截至区块 {n}</source>
   <translation>A branch of {o}, up to block {n}</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>{t} 笔交易，与原网络的提交哈希一致。</source>
   <translation>{t} {t:transaction|transactions}, with the same commit hash as the network. </translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>与记录不同的调用</source>
   <translation>Calls that come out otherwise</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>先在“合约”页把新版本部署到这个分支，再演练：原网络记录的调用会以当时的调用者、时间和参数重做一遍，状态、事件或拒绝有何不同都会列出。部署之前演练一次作对照，不应有任何不同。</source>
   <translation>Deploy the next version to this branch on the page Contracts, then rehearse: the recorded calls are made again as who made them, when and with what, and every difference in state, events or refusals is listed. Rehearse once before deploying, as a control: nothing should differ.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>其他合约有 {k} 次调用因此不再成功。</source>
   <translation>{k} {k:call|calls} of other contracts no longer {k:succeeds|succeed} because of it.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>分支 {n} 已建立：{t} 笔交易，每秒判定 {r} 笔</source>
   <translation>Branch {n} is made: {t} {t:transaction|transactions}, {r} judged a second</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>分支与演练</source>
   <translation>Branch and rehearsal</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>分支只供试验：不能出具证书、证据包和通道名片，不能交给 Fabric，也到不了原网络。试完请删除。</source>
   <translation>A branch is for trying out: it gives no certificates, evidence packages or channel cards, cannot be handed over to Fabric, and never reaches the network. Delete it when you are done.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>分支名</source>
   <translation>Name of the branch</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>分支是本机上的试验网络：账本与原网络的某个区块完全相同，之后各走各的。可以在上面部署合约的新版本，用真实数据试用和演练，再决定是否升级。原网络不受任何影响；分支上的一切都不是证据。</source>
   <translation>A branch is a network for trying out on this machine: its ledger is exactly the network's up to a block, and goes its own way from there. Deploy a contract's next version on it, use it with real data, rehearse, and decide then. The network itself is not touched; nothing on a branch is evidence.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>到合约页…</source>
   <translation>To the contracts…</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>原网络</source>
   <translation>Origin</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>另有 {k} 次调用没有列出。</source>
   <translation>{k} more {k:call|calls} {k:is|are} not listed.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>带上本组织的私有数据（不含其他组织的）</source>
   <translation>Take our own organisation's private data along (nobody else's)</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>带有 {m} 的私有数据。</source>
   <translation>It holds private data of {m}. </translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>建立分支</source>
   <translation>Make the branch</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>总以 -branch 结尾；留空则由网络名而来。</source>
   <translation>It always ends in -branch; empty means after the network's name.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>截至区块</source>
   <translation>Up to block</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>最新的区块</source>
   <translation>The newest block</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>最终不同的键</source>
   <translation>Keys that end otherwise</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>最近几次调用</source>
   <translation>How many calls, the newest</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>有不同</source>
   <translation>There are differences</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>没有不同</source>
   <translation>Nothing differs</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>演练结果</source>
   <translation>What the rehearsal found</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>留空就是最新的区块。</source>
   <translation>Empty means the newest block.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>请填区块号。</source>
   <translation>Give a block number.</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>调用者</source>
   <translation>Caller</translation>
  </message>
  <message>
   <location filename="pages/network/branching.py" />
   <source>默认不带任何私有数据。带上后，原网络今后的清除不会触及分支，试完请尽快删除。</source>
   <translation>By default no private data come along. If they do, later purges on the network do not reach the branch: delete it soon.</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>停在第 {n} 步</source>
   <translation>Stopped at step {n}</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>关闭窗口不影响已完成的步骤，下次打开可继续。</source>
   <translation>Finished steps are kept when the window is closed; continue next time.</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>复制详情</source>
   <translation>Copy details</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>将删除网络 {n} 已建的节点、账本、证书和私钥，不能恢复。</source>
   <translation>The nodes, ledgers, certificates and keys built so far for {n} will be deleted permanently.</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>已完成 {n} / {all} 步 · 用时 {t}</source>
   <translation>{n} of {all} {all:step|steps} · {t}</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>已完成 {n} 步 · 用时 {t}</source>
   <translation>{n} {n:step|steps} done · {t}</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>建立网络的进度</source>
   <translation>Progress of the build</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>撤除</source>
   <translation>Remove</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>撤除已建部分</source>
   <translation>Remove what was built</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>撤除已建部分…</source>
   <translation>Remove what was built…</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>日志</source>
   <translation>Logs</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>日志不含私钥与密码</source>
   <translation>The log holds no keys or passwords</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>正在建立</source>
   <translation>Building</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>稍后继续</source>
   <translation>Go on later</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>网络 {n} 已建好</source>
   <translation>Network {n} is ready</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>网络已建好</source>
   <translation>The network is ready</translation>
  </message>
  <message>
   <location filename="pages/network/build.py" />
   <source>重试</source>
   <translation>Retry</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>{c} · 配置第 {n} 版</source>
   <translation>{c} · version {n}</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>{n} 笔</source>
   <translation>{n} {n:transaction|transactions}</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>例如 MAJORITY Admins、ANY Writers，或 OR('A.admin', 'B.admin')</source>
   <translation>Such as MAJORITY Admins, ANY Writers, or OR('A.admin', 'B.admin')</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>共识节点</source>
   <translation>Consenters</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>出块与共识</source>
   <translation>Blocks and consensus</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>块的上限</source>
   <translation>Block limit</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>成员与能力</source>
   <translation>Members and capabilities</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>提交更改</source>
   <translation>Submit the change</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>更改会作为配置交易提交；需要其他组织签名时会停在签名收件箱。</source>
   <translation>Submitted as a configuration transaction; if others must sign, it waits in the signature inbox.</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>更改出块</source>
   <translation>Change how blocks are cut</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>更改出块…</source>
   <translation>Change…</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>更改策略 {p}</source>
   <translation>Change the policy {p}</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>更改策略…</source>
   <translation>Change policy…</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>最长等待</source>
   <translation>Longest wait</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>最长等待（毫秒）</source>
   <translation>Longest wait (ms)</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>查看差异</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>核对更改</source>
   <translation>Review the change</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>每块最多</source>
   <translation>At most</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>没有要更改的内容。</source>
   <translation>Nothing would change.</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>笔</source>
   <translation>transactions</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>策略</source>
   <translation>Policies</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>能力 {p}</source>
   <translation>Capabilities {p}</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>规则</source>
   <translation>Rule</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>路径</source>
   <translation>Path</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>这条策略随组织与共识而定</source>
   <translation>This policy follows from the organisations and the consensus</translation>
  </message>
  <message>
   <location filename="pages/network/config.py" />
   <source>配置已更新</source>
   <translation>The configuration was updated</translation>
  </message>
  <message>
   <location filename="pages/network/export.py" />
   <source>导出拓扑</source>
   <translation>Export the topology</translation>
  </message>
  <message>
   <location filename="pages/network/export.py" />
   <source>导出连接配置</source>
   <translation>Export a connection profile</translation>
  </message>
  <message>
   <location filename="pages/network/export.py" />
   <source>拓扑已导出，可用 citychain network up --spec 建立同样的网络</source>
   <translation>Topology exported; citychain network up --spec builds the same network</translation>
  </message>
  <message>
   <location filename="pages/network/export.py" />
   <source>拓扑文件…</source>
   <translation>Topology file…</translation>
  </message>
  <message>
   <location filename="pages/network/export.py" />
   <source>连接配置已导出，其中没有私钥</source>
   <translation>Connection profile exported; it holds no private key</translation>
  </message>
  <message>
   <location filename="pages/network/export.py" />
   <source>连接配置：{o}…</source>
   <translation>Connection profile: {o}…</translation>
  </message>
  <message>
   <location filename="pages/network/forms.py" />
   <source>接入已有网络</source>
   <translation>Attach an existing network</translation>
  </message>
  <message>
   <location filename="pages/network/forms.py" />
   <source>新建网络</source>
   <translation>New network</translation>
  </message>
  <message>
   <location filename="pages/network/forms.py" />
   <source>用连接配置和身份接入，不改动对方网络</source>
   <translation>With a connection profile and an identity; nothing changes on their side</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>CA 的私钥会留在本机，由本机代管：只适合试用。正式加入的组织请用它自己的定义。</source>
   <translation>Its CA's private key stays on this machine, which keeps it for the organisation: for trying out only. An organisation that joins for real use brings its own definition.</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>出块参数…</source>
   <translation>Batches…</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>加入有自己 CA 的组织…</source>
   <translation>Organisation with its own CA…</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>导入节点证书…</source>
   <translation>Take in nodes' certificates…</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>新节点会加入组织所在的通道，并从其他节点追平账本。</source>
   <translation>It joins its organisation's channels and catches up with the ledger.</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加</source>
   <translation>Add</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加排序节点</source>
   <translation>Add an orderer</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加排序节点…</source>
   <translation>Add an orderer…</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加组织</source>
   <translation>Add an organisation</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加组织…</source>
   <translation>Add an organisation…</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加记账节点</source>
   <translation>Add a peer</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>添加记账节点…</source>
   <translation>Add a peer…</translation>
  </message>
  <message>
   <location filename="pages/network/grow.py" />
   <source>记账节点数</source>
   <translation>Peers</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>{o}的真实节点会停止并删除，内置账本里的节点接着工作。</source>
   <translation>The real peers of {o} are stopped and removed; its peers in the embedded ledger go on.</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>{o}：回到内置账本</source>
   <translation>{o}: back to the embedded ledger</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>{o}：换成真实节点</source>
   <translation>{o}: make its peers real</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>先迁移一个组织</source>
   <translation>One organisation first</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>回到内置账本</source>
   <translation>Go back to the embedded ledger</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>回到内置账本…</source>
   <translation>Go back to the embedded ledger…</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>在内置账本里</source>
   <translation>In the embedded ledger</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>换成真实节点</source>
   <translation>Make its peers real</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>换成真实节点…</source>
   <translation>Make its peers real…</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>由 Fabric {v} 运行</source>
   <translation>Runs on Fabric {v}</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>真实节点先重放全部区块并逐块对照，然后接手{o}的地址。请先备份。</source>
   <translation>Real peers first replay every block and are compared, then they take over the addresses of {o}. Make a backup first.</translation>
  </message>
  <message>
   <location filename="pages/network/hybrid.py" />
   <source>网络照常工作时，可以只把一个组织的节点换成官方 Fabric 程序，地址、证书和私有数据都不变；其余组织仍在内置账本里。中断只有几秒。只要还没有仅由真实节点持有的私有数据，就可以退回。</source>
   <translation>While the network works, the peers of one organisation can become Fabric's own program, with the same addresses, certificates and private data; all others stay in the embedded ledger. They are away for a few seconds. Going back is possible until the real peers alone hold private data.</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>{m} 已签</source>
   <translation>{m} signed</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>{m} 待签</source>
   <translation>{m} to sign</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>不同意的理由</source>
   <translation>Why not</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>与通道现在的配置没有差别。</source>
   <translation>No difference from the channel's configuration now.</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>为别人的更改签名</source>
   <translation>Sign somebody's change</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>保存拒绝文件</source>
   <translation>Save the refusal</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>保存签好的文件</source>
   <translation>Save the signed file</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>只在拒绝时填写，提出方会看到。</source>
   <translation>Only for a refusal; whoever proposed it reads it.</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>导出请求</source>
   <translation>Export request</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>导出请求…</source>
   <translation>Export request…</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>已拒绝：{w}</source>
   <translation>Refused: {w}</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>已收集的签名会作废，网络回到更改之前的样子。通道配置没有变过，账本不受影响。</source>
   <translation>The signatures collected so far are void and the network goes back to what it was. The channel has not changed; the ledger is untouched.</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>已放弃更改</source>
   <translation>The change was withdrawn</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>已签名，共 {n} 个组织签过</source>
   <translation>Signed; {n} have signed</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>已签：{all}</source>
   <translation>Signed: {all}</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>拒绝并保存…</source>
   <translation>Refuse and save…</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>拒绝文件已保存，请交给提出方</source>
   <translation>The refusal is saved; send it to whoever proposed the change</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>拖入签好的文件，可多个</source>
   <translation>Drop signed files here, several at once</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>拖入请求文件，或点此选择</source>
   <translation>Drop a request here, or press to choose</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>收到请求文件后，先看它要改什么，再用本机的管理员身份签名，把签好的文件交回。</source>
   <translation>When a request file arrives, see what it changes, sign it as an administrator of this workspace and hand the signed file back.</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>放弃更改</source>
   <translation>Withdraw the change</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>放弃这项更改…</source>
   <translation>Withdraw this change…</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>更改已生效</source>
   <translation>The change is in force</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>更改配置需要别的组织签名时，会出现在这里。</source>
   <translation>Changes that need other organisations' signatures appear here.</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>本机没有管理员的私钥</source>
   <translation>No administrator's key is here</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>没有等待签名的更改</source>
   <translation>No change waits for signatures</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>等待签名：{c}</source>
   <translation>Waiting: {c}</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>签名并保存…</source>
   <translation>Sign and save…</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>签名还不够，请再收集其他组织的签名</source>
   <translation>Not enough signatures yet; collect those of other organisations</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>签名：{f}</source>
   <translation>Sign: {f}</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>请求已导出，可以交给其他组织签名</source>
   <translation>Request exported; hand it to the other organisations to sign</translation>
  </message>
  <message>
   <location filename="pages/network/inbox.py" />
   <source>请确认您了解这项更改。签名表示所选组织同意它。</source>
   <translation>Make sure you understand this change. Signing means that the organisation agrees to it.</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>CA 证书指纹</source>
   <translation>Fingerprint of its CA certificate</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>保存申请，交给 {m}</source>
   <translation>Save the request for {m}</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>加入</source>
   <translation>Take in</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>加入 {o}</source>
   <translation>Take {o} in</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>在本机代管的记账节点数</source>
   <translation>Peers hosted here</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>申请已保存。答复用“导入节点证书…”导入</source>
   <translation>Request saved. Bring the answer back with "Take in nodes' certificates…"</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>组织的定义文件</source>
   <translation>The organisation's definition</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>组织签发的节点证书</source>
   <translation>Nodes' certificates from the organisation</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>节点的证书由该组织签发：会写出一份申请，交给它。</source>
   <translation>The organisation certifies them: a request is written for it.</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>请向该组织核对指纹。它的 CA 在它自己的机器上；没有节点的组织不计入任何策略。</source>
   <translation>Compare the fingerprint with the organisation. Its CA is on its own machine; without peers it counts in no policy.</translation>
  </message>
  <message>
   <location filename="pages/network/joining.py" />
   <source>还需要其他组织签名，更改已放进签名收件箱</source>
   <translation>Other organisations must sign; the change waits in the signature inbox</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>CA 与人员的私钥</source>
   <translation>Keys of authorities and people</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>令牌厂商提供的动态库文件的完整路径</source>
   <translation>Full path of the shared library that the token's vendor supplies</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>令牌的 PKCS#11 库</source>
   <translation>The token's PKCS#11 library</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>先查找令牌</source>
   <translation>Look for tokens first</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>只留在内存里；多次输错会锁住令牌</source>
   <translation>Stays in memory only; several wrong ones lock the token</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>各组织用不同的令牌时，请用命令 citychain network up --keys MSP=地址。</source>
   <translation>Where organisations use different tokens, use the command citychain network up --keys MSP=ADDRESS.</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>本机密钥库</source>
   <translation>This computer's keystore</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>查找令牌</source>
   <translation>Look for tokens</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>没有令牌</source>
   <translation>No token</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>硬件令牌（PKCS#11）</source>
   <translation>Hardware token (PKCS#11)</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>私钥放在哪里</source>
   <translation>Where keys are kept</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>节点的私钥仍是文件，因为官方程序只读文件</source>
   <translation>Nodes' keys stay files, because Fabric's programs read nothing else</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>请先选择令牌的 PKCS#11 库。</source>
   <translation>Choose the token's PKCS#11 library first.</translation>
  </message>
  <message>
   <location filename="pages/network/key_place.py" />
   <source>这个库没有看到令牌。请插好令牌后再查找。</source>
   <translation>This library sees no token. Plug it in and look again.</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>其中没有私钥。</source>
   <translation>It holds no private key.</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>其他机器上的人会立即断开，直到再次让它们连接。</source>
   <translation>People on other machines are cut off at once, until they are let in again.</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>其他机器可以用 {n} 连接</source>
   <translation>Other machines connect as {n}</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>别人连接的名称</source>
   <translation>Name that others dial</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>只在本机监听</source>
   <translation>This machine only</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>只在本机监听…</source>
   <translation>This machine only…</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>只有本机能连接</source>
   <translation>Only this machine connects</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>地址</source>
   <translation>Address</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>导出连接配置…</source>
   <translation>Export connection profile…</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>开始监听</source>
   <translation>Listen</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>更改名称…</source>
   <translation>Change name…</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>最好是主机名，地址会变。本机地址：{a}</source>
   <translation>Better a host name: addresses change. This machine's: {a}</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>给哪个组织的人</source>
   <translation>For people of</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>节点会换上写明这个名称的证书并重新启动，通道配置随之更新。之后写的邀请和连接配置都用这个名称。</source>
   <translation>Nodes restart with certificates for this name, and the channels follow. Invitations and profiles written from then on use it.</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>节点的地址</source>
   <translation>Addresses of nodes</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>让其他机器连接</source>
   <translation>Let other machines connect</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>让其他机器连接…</source>
   <translation>Let other machines connect…</translation>
  </message>
  <message>
   <location filename="pages/network/listening.py" />
   <source>谁能连接</source>
   <translation>Who can connect</translation>
  </message>
  <message>
   <location filename="pages/network/logs.py" />
   <source>{n} 行</source>
   <translation>{n} {n:line|lines}</translation>
  </message>
  <message>
   <location filename="pages/network/logs.py" />
   <source>导出日志</source>
   <translation>Export log</translation>
  </message>
  <message>
   <location filename="pages/network/logs.py" />
   <source>导出日志…</source>
   <translation>Export log…</translation>
  </message>
  <message>
   <location filename="pages/network/logs.py" />
   <source>日志已导出</source>
   <translation>The log was exported</translation>
  </message>
  <message>
   <location filename="pages/network/logs.py" />
   <source>筛选日志</source>
   <translation>Filter the log</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>Fabric 版本</source>
   <translation>Fabric version</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>一个本地进程，按 Fabric 规则背书、验证、出块。适合体验、教学与合约开发。</source>
   <translation>One local process that endorses, validates and cuts blocks by Fabric's rules. For demos, teaching and contract development.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>之后不能从一种改为另一种。</source>
   <translation>You cannot switch from one to the other later.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>从第一笔交易到出块的时间</source>
   <translation>From the first transaction to the block</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>以受管进程运行官方 peer 与 orderer，无需 Docker。适合单机上的真实网络。</source>
   <translation>Runs the official peer and orderer as supervised processes, without Docker: a real network on one machine.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>出块</source>
   <translation>Blocks</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>单机单进程，不具备多机容错</source>
   <translation>One machine, one process: no fault tolerance across machines</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>可以在本机运行</source>
   <translation>This computer can run it</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>在此定好组织与策略，导出 Compose 文件或 Kubernetes 清单，由各单位自行运行。已有的 Fabric 网络可以直接接入。</source>
   <translation>Settle organisations and policies here, export Compose files or Kubernetes manifests and run them there. An existing Fabric network can be attached.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>多台主机</source>
   <translation>Several machines</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>官方程序与 Docker 使用</source>
   <translation>For official programs and Docker</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>容许少数节点作恶。四个节点容一个，需 Fabric 3.x。</source>
   <translation>Tolerates malicious nodes: one of four. Fabric 3.x.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>容许少数节点停机。三个节点容一个。</source>
   <translation>Tolerates stopped nodes: one of three.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>导出 Docker Compose…</source>
   <translation>Export Docker Compose…</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>导出 Kubernetes…</source>
   <translation>Export Kubernetes…</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>已导出 {n} 个文件，其中有节点私钥，请妥善保管</source>
   <translation>{n} {n:file|files} exported; they hold node keys, keep them safe</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>应用与合约在各种方式下用法相同。</source>
   <translation>Applications and contracts are used the same way on all of them.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>排序节点怎样达成一致</source>
   <translation>How orderers agree</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>接入已有网络…</source>
   <translation>Attach a network…</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>无需下载任何东西</source>
   <translation>Nothing to download</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>本机不能运行</source>
   <translation>Cannot run here</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>正在检查本机…</source>
   <translation>Checking this computer…</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>现有 {n} 个排序节点，可容 {f} 个故障。</source>
   <translation>Orderers: {n}, of which {f} may fail.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>用官方镜像运行，适合常见的测试网络与容器化环境。</source>
   <translation>Runs the official images in a Docker engine, for the usual test networks and container environments.</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>这个版本没有这种方式</source>
   <translation>Not available in this version</translation>
  </message>
  <message>
   <location filename="pages/network/machine_steps.py" />
   <source>这个网络运行在哪里</source>
   <translation>Where the network runs</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>Docker 容器</source>
   <translation>Docker containers</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>Fabric {v} 得到相同的账本，每个区块都一致。</source>
   <translation>Fabric {v} comes to the same ledger: every block agrees.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>Fabric 有不同意见</source>
   <translation>Fabric disagrees</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>Fabric 的节点会停止并删除，内置账本从迁移前的区块继续。</source>
   <translation>Fabric's nodes are stopped and removed; the embedded ledger goes on from its last block.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>{b} 个区块，{t} 笔交易；{o} 个排序节点，{p} 个记账节点；约需 {s} 秒停机，{m} MB 磁盘空间。</source>
   <translation>{b} {b:block|blocks}, {t} {t:transaction|transactions}; {o} ordering {o:node|nodes}, {p} {p:peer|peers}; about {s} {s:second|seconds} of standstill, {m} MB of disk.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>关闭</source>
   <translation>Close</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>内置账本会停止，由官方 Fabric {v} 程序接手：还是同一条链，节点、证书、地址和连接配置都不变。真实节点先重放全部区块并逐块对照，一致才交接。</source>
   <translation>The embedded ledger stops and the official programs of Fabric {v} take over: the same chain, nodes, certificates, addresses and profiles. Real peers replay every block first and are compared; only then is it handed over.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>内置账本会停止，由官方 Fabric {v} 镜像的容器接手：还是同一条链，节点、证书、端口和连接配置都不变。通道配置会先改用节点名称。真实节点先重放全部区块并逐块对照，一致才交接。</source>
   <translation>The embedded ledger stops and containers of the official Fabric {v} images take over: the same chain, nodes, certificates, ports and connection profiles. The channels' configuration names the nodes first. Real peers replay every block before, and only if each is equal is anything handed over.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>删除</source>
   <translation>Delete</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>删除原来的账本</source>
   <translation>Delete the former ledger</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>删除原来的账本…</source>
   <translation>Delete the former ledger…</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>原来的账本将被删除，不能恢复。</source>
   <translation>The former ledger is deleted for good.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>原来的账本还在，确认无误后请删除：今后的清除不会触及它。</source>
   <translation> The former ledger is still there. Delete it when you are content: purges from now on do not reach it.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>可以迁移</source>
   <translation>Ready to move</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>各组织批准新合约包之前，随时可以回到内置账本；中途断电，下次启动不是回到内置账本，就是把迁移做完。</source>
   <translation>Until the organisations approve the new packages you can go back at any time. After a power cut the next start finds the network embedded again, or finishes the move.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>官方程序</source>
   <translation>Official programs</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>将失去的私有数据</source>
   <translation>Private data that will be gone</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>已由 Fabric 接手，尚未完成</source>
   <translation>Fabric has taken over; not finished yet</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>已由 Fabric 运行</source>
   <translation>Run by Fabric</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>怎么办</source>
   <translation>What to do</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>由原来的服务继续提供</source>
   <translation>Served by its own service as before</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>由独立进程提供，各组织批准新的包</source>
   <translation>Served by processes of their own; every organisation approves a new package</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>由真实节点逐块核对</source>
   <translation>Compare with real peers</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>由谁运行节点</source>
   <translation>What runs the nodes</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>继续迁移</source>
   <translation>Go on</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>继续迁移会让各组织批准新的合约包。在此之前还可以回到内置账本，不会丢失任何记录。</source>
   <translation>Going on lets every organisation approve the new packages. Until then you can go back to the embedded ledger without losing a record.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>网络会停止约 {s} 秒。各组织批准新合约包以后，就不能再回到内置账本。请先备份。</source>
   <translation>The network stops for about {s} {s:second|seconds}. Once the organisations have approved the new packages there is no way back to the embedded ledger. Make a backup first.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>迁移</source>
   <translation>Move</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>迁移到 Fabric</source>
   <translation>Move to Fabric</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>迁移到 Fabric…</source>
   <translation>Move to Fabric…</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>迁移后</source>
   <translation>Afterwards</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>还不能迁移</source>
   <translation>Not ready to move</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>还是原来的链、证书和地址。</source>
   <translation>The chain, certificates and addresses are what they were.</translation>
  </message>
  <message>
   <location filename="pages/network/moving.py" />
   <source>障碍</source>
   <translation>In the way</translation>
  </message>
  <message>
   <location filename="pages/network/organizations.py" />
   <source>排序节点数</source>
   <translation>Orderers</translation>
  </message>
  <message>
   <location filename="pages/network/organizations.py" />
   <source>这台机器持有 {n} 个组织的 CA，适合试用；正式使用时，组织在自己的机器上建立，凭定义加入。</source>
   <translation>This machine holds the CAs of {n} {n:organisation|organisations}: good for trying out. For real use, each organisation is founded on its own machine and joins by its definition.</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>CA 和管理员的私钥不离开这台机器</source>
   <translation>The keys of CA and administrator never leave this machine</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>以 {o} 的管理员进入。</source>
   <translation>You come in as the administrator of {o}.</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>会在本机生成它的 CA 和管理员。请尽快备份工作区：丢失 CA 的私钥就不能再签发和吊销成员。</source>
   <translation>Its CA and administrator are made here. Back the workspace up soon: without the CA's key no member can be issued or revoked.</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>保存答复</source>
   <translation>Save the answer</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>可以不填</source>
   <translation>May be left empty</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>在这里建立自己的组织，把它的定义交给网络的管理方；加入之后，成员由您在本机签发和吊销。</source>
   <translation>Found your own organisation here and give its definition to a network's host. Once it has joined, you issue and revoke its members on this machine.</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>定义已导出，请一并告知指纹，让对方核对</source>
   <translation>Definition exported. Tell them the fingerprint too, to compare</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>导出定义</source>
   <translation>Export definition</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>导出定义…</source>
   <translation>Export definition…</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>小写字母、数字和短横</source>
   <translation>Lower-case letters, digits and hyphens</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>已加入 {n}</source>
   <translation>Member of {n}</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>已签发 {n} 个节点，请把答复交回</source>
   <translation>Nodes certified: {n}. Send the answer back</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>建立</source>
   <translation>Build</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>建立组织</source>
   <translation>Found an organisation</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>建立组织…</source>
   <translation>Found an organisation…</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>成员…</source>
   <translation>Members…</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>本机建立的组织</source>
   <translation>Organisations founded here</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>签发节点证书</source>
   <translation>Certify nodes</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>签发节点证书…</source>
   <translation>Certify nodes…</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>管理方发来的申请</source>
   <translation>The host's request</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>管理方替您的组织运行这些节点，节点的私钥在它那里。请确认下列名称是它的机器。</source>
   <translation>The host runs these nodes for your organisation and has their keys. Make sure that these names are its machine's.</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>网络在本机的名称</source>
   <translation>The network's name here</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>网络的连接配置</source>
   <translation>The network's connection profile</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>还没有加入网络</source>
   <translation>In no network yet</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>进入网络</source>
   <translation>Come into a network</translation>
  </message>
  <message>
   <location filename="pages/network/own.py" />
   <source>进入网络…</source>
   <translation>Come into a network…</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>{name} · {runtime} · {o} 个组织，{p} 个记账节点，{s} 个排序节点</source>
   <translation>{name} · {runtime} · {o} {o:organisation|organisations}, {p} {p:peer|peers}, {s} {s:orderer|orderers}</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>停止</source>
   <comment>stop it</comment>
   <translation>Stop</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>停止后应用不能读写账本，数据都会保留。</source>
   <translation>Applications cannot use the ledger until it is started again. All data is kept.</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>停止网络“{n}”</source>
   <translation>Stop the network "{n}"</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>停止网络…</source>
   <translation>Stop network…</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>删除网络</source>
   <translation>Delete network</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>删除这个网络…</source>
   <translation>Delete this network…</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>各组织</source>
   <translation>Organisations</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>启动网络</source>
   <translation>Start network</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>对外连接</source>
   <translation>Connections</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>导出</source>
   <translation>Export</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>快照与演练</source>
   <translation>Snapshots and drills</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>总览与拓扑</source>
   <translation>Overview</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>扩展网络</source>
   <translation>Grow network</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>提出更改</source>
   <translation>Propose</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>签名收件箱</source>
   <translation>Signature inbox</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>继续上次的更改</source>
   <translation>Go on with the last change</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>继续建立</source>
   <translation>Go on building</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>续期证书…</source>
   <translation>Renew certificates…</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>网络 {n} 已删除</source>
   <translation>Network {n} was deleted</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>网络 {n} 的账本、节点、证书和私钥都会删除，不能恢复。内容库中的文件会保留。</source>
   <translation>The ledgers, nodes, certificates and private keys of {n} will be deleted permanently. Files in the content store are kept.</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>选模板、定组织、选运行方式，核对后一次建成。</source>
   <translation>Choose a template, organisations and a runtime; review, then build.</translation>
  </message>
  <message>
   <location filename="pages/network/page.py" />
   <source>重新查看</source>
   <translation>Look again</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>{msp} 的名称</source>
   <translation>Name of {msp}</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>{n} 个组织 · {m} 个节点</source>
   <translation>{n} {n:org|orgs} · {m} {m:node|nodes}</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>{o} 个组织 · {n} 个节点 · {c}</source>
   <translation>{o} {o:organisation|organisations} · {n} {n:node|nodes} · {c}</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>{p} 个记账节点，{s} 个排序节点</source>
   <translation>{p} {p:peer|peers}, {s} {s:orderer|orderers}</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>一个组织，用来熟悉操作。</source>
   <translation>One organisation, to get to know the program.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>三个 Raft 排序节点，停一个不影响业务。</source>
   <translation>Three Raft orderers; one may stop without interrupting service.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>从哪种网络开始</source>
   <translation>What kind of network</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>例如 第二人民医院</source>
   <translation>Second Hospital</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>右侧是将要执行的步骤。确认后开始建立。</source>
   <translation>The steps are on the right. Building begins when you confirm.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>哪些组织参加</source>
   <translation>Who takes part</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>四个排序节点，可容一个作恶或故障。</source>
   <translation>Four orderers; one may be faulty or malicious.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>在令牌“{t}”里</source>
   <translation>In the token {t}</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>建成后的拓扑</source>
   <translation>The topology once built</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>政务数据局、版权登记中心、卫健委和医院共用一条通道。</source>
   <translation>A city's bureau, registry, health commission and hospital on one channel.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>显示名称</source>
   <translation>Shown as</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>核对</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>模板只是起点，下一步可以增减组织和节点。</source>
   <translation>A template is a start; organisations and nodes can be changed next.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>每个组织有自己的 CA、管理员和节点。没有记账节点的组织不能背书。</source>
   <translation>Each organisation has its own CA, administrator and nodes. Without a peer it cannot endorse.</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>移除 {msp}</source>
   <translation>Remove {msp}</translation>
  </message>
  <message>
   <location filename="pages/network/steps.py" />
   <source>运行方式</source>
   <translation>Runtime</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>停止</source>
   <translation>Stopped</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>停止节点</source>
   <translation>Stop node</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>全名</source>
   <translation>Full name</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>内置账本进程</source>
   <translation>Embedded ledger process</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>区块 {n} / {top}</source>
   <translation>Block {n} / {top}</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>发生了什么</source>
   <translation>What happened</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>合约服务</source>
   <translation>Contract server</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>启动中</source>
   <translation>Starting</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>启动节点</source>
   <translation>Start node</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>拓扑</source>
   <translation>Topology</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>排序节点</source>
   <translation>Orderer</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>查看日志</source>
   <translation>View log</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>查看证书</source>
   <translation>View certificates</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>状态数据库</source>
   <translation>State database</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>状态自</source>
   <translation>Since</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>现在</source>
   <translation>Now</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>短名</source>
   <translation>Short name</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>记账节点</source>
   <translation>Peer</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>证书失效</source>
   <translation>Certificates ended</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>证书服务</source>
   <translation>CA server</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>运行正常。</source>
   <translation>Running.</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>这个节点没有运行。账本和证书都在，启动后会自动追平。</source>
   <translation>This node is not running. Its ledger and certificates are safe; it catches up once started.</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>进程</source>
   <translation>Process</translation>
  </message>
  <message>
   <location filename="pages/network/topology_tab.py" />
   <source>重启</source>
   <translation>Restarts</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>{m} 在本机的记账节点会停止，直到从备份“{f}”恢复并追上。其他组织照常工作。</source>
   <translation>The peers of {m} on this machine stop until they are restored from {f} and have caught up. The other organisations go on working.</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>{n} 已从区块 {b} 的快照重建并追上</source>
   <translation>{n} was made anew from the snapshot of block {b} and has caught up</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>丢失机器的组织</source>
   <translation>Organisation whose machine is lost</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>保存报告</source>
   <translation>Save the report</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>保存报告…</source>
   <translation>Save the report…</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>制作快照</source>
   <translation>Make a snapshot</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>已有的快照</source>
   <translation>Snapshots made</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>开始演练</source>
   <translation>Begin the drill</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>快照哈希</source>
   <translation>Snapshot hash</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>快照已制作，截至区块 {b}</source>
   <translation>Snapshot made, as of block {b}</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>快照是通道在某个区块的完整状态，节点照常工作时就能制作。节点落后太多或账本损坏时，可以用另一个节点的快照重建，再只取此后的区块；更早的区块和私有数据留在其他节点上。</source>
   <translation>A snapshot is a channel's whole state as of a block, made while the peer goes on working. A peer that lags far behind or whose ledger is damaged is made anew from another peer's, and then fetches later blocks only; earlier blocks and private data stay with the other peers.</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>把一个组织在本机的记账节点连同文件和私钥一起拿走，从备份恢复，追上其他组织，换发新密钥并吊销丢失的；报告写明恢复用时和缺少什么。出错或中断时，原来的节点原样放回。</source>
   <translation>An organisation's peers on this machine are taken away with their files and keys, restored from a backup, follow the other organisations and get new keys, and the lost ones are revoked. The report says how long that took and what is missing. If it fails or is interrupted, the peers are put back as they were.</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>报告已保存</source>
   <translation>The report is saved</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>最近一次演练</source>
   <translation>The last drill</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>演练已完成，报告在下方</source>
   <translation>The drill is over; its report is below</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>演练：丢失一台机器</source>
   <translation>Drill: a machine is lost</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>用快照重建</source>
   <translation>Make anew from a snapshot</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>用快照重建…</source>
   <translation>Make anew from a snapshot…</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>节点 {n} 现有的账本会被移除，用其他节点最新的快照重建；此前的区块只留在其他节点上。</source>
   <translation>The ledger of {n} is removed and made anew from the newest snapshot of another peer; the blocks before it stay with the other peers alone.</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>账本快照</source>
   <translation>Ledger snapshots</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>选择备份</source>
   <translation>Choose a backup</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>选择备份并演练…</source>
   <translation>Choose a backup and drill…</translation>
  </message>
  <message>
   <location filename="pages/network/upkeep.py" />
   <source>重建</source>
   <translation>Make anew</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>Fabric 程序 · 区块 {n}</source>
   <translation>Fabric's program · block {n}</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>{n} 个组织 · 可容 {f} 个排序节点故障</source>
   <translation>{n} {n:organisation|organisations} · {f} {f:orderer|orderers} may fail</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>{port} · 区块 {n}</source>
   <translation>{port} · block {n}</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>将新建</source>
   <translation>to be made</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>未启用</source>
   <translation>Not set up</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>法定人数 {need}，共 {all} 个排序节点</source>
   <translation>Quorum {need} of {all} {all:orderer|orderers}</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>法定人数 {need}，在线 {up}</source>
   <translation>Quorum {need}, {up} online</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>背书：{policy}</source>
   <translation>{policy}</translation>
  </message>
  <message>
   <location filename="pages/network/view.py" />
   <source>落后 {n} 个区块</source>
   <translation>{n} {n:block|blocks} behind</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>{name} · 第 {n} 步，共 6 步</source>
   <translation>{name} · step {n} of 6</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>{n} 步</source>
   <translation>{n} {n:step|steps}</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>上一步</source>
   <translation>Back</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>下一步：{what}</source>
   <translation>Next: {what}</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>任何一步失败都停在原处，可从那一步重试，或整网撤除，不留残余。</source>
   <translation>If a step fails, everything stops there: retry from that step, or remove it all without leftovers.</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>准备</source>
   <translation>Prepare</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>启动</source>
   <translation>Start</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>将要做的事</source>
   <translation>What will be done</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>开始建立</source>
   <translation>Build</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>模板</source>
   <translation>Template</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>第 {n} 步：{title}</source>
   <translation>Step {n}: {title}</translation>
  </message>
  <message>
   <location filename="pages/network/wizard.py" />
   <source>随左侧选择即时更新，确认之前不改动任何东西。</source>
   <translation>Follows your choices on the left; nothing changes until you confirm.</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>{n} 个组织</source>
   <translation>{n} {n:organisation|organisations}</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>{n} 项，按紧急程度</source>
   <translation>{n} {n:item|items}, most urgent first</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>个区块</source>
   <translation>blocks</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>个生效中</source>
   <translation>in force</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>今天</source>
   <translation>Today</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>作废交易</source>
   <translation>Invalid transactions</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>按分钟</source>
   <translation>by minute</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>有效 {share}</source>
   <translation>{share} valid</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>柱上为作废比例</source>
   <translation>above each bar: share invalid</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>正在运行</source>
   <translation>Running</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>没有需要处理的事</source>
   <translation>Nothing needs attention</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>笔，共 {n} 笔</source>
   <translation>of {n} {n:transaction|transactions}</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>账本高度</source>
   <translation>Ledger height</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>近 1 小时 +{n}</source>
   <translation>+{n} in the last hour</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>近 1 小时交易</source>
   <translation>Transactions, last hour</translation>
  </message>
  <message>
   <location filename="pages/overview/board.py" />
   <source>近 7 天交易</source>
   <translation>Transactions, 7 days</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>30 天内无到期</source>
   <translation>None ends within 30 days</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{all} 个节点中 {up} 个在线</source>
   <translation>{up} of {all} {all:node|nodes} online</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{network} · {detail}</source>
   <translation>{network} · {detail}</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{network} 的节点快 {n} 秒</source>
   <translation>The nodes of {network} are {n} s ahead</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{network} 的节点慢 {n} 秒</source>
   <translation>The nodes of {network} are {n} s behind</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 个不在运行</source>
   <translation>{n} {n:does|do} not run</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 个在运行</source>
   <translation>{n} running</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 个网络已停止</source>
   <translation>{n} {n:network|networks} stopped</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 个网络没有应答</source>
   <translation>{n} {n:network|networks} {n:does|do} not answer</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 件事待处理</source>
   <translation>{n} {n:thing|things} to do</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 张将到期</source>
   <translation>{n} {n:ends|end} soon</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>{n} 张已过期</source>
   <translation>{n} {n:has|have} expired</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>不一致</source>
   <translation>They differ</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>不可信</source>
   <translation>Not to be trusted</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>健康</source>
   <translation>Health</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>其他网络需要处理</source>
   <translation>To do on other networks</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>内存 {memory} · 数据 {data} · 增长：{growth}</source>
   <translation>Memory {memory} · data {data} · growth: {growth}</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>去办理</source>
   <translation>Handle them</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>工作区的网络</source>
   <translation>Networks of this workspace</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>最早到期 {day}：{label}</source>
   <translation>First to end, on {day}: {label}</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>磁盘剩余 {free}</source>
   <translation>{free} free on the disk</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>网络没有应答</source>
   <translation>The network does not answer</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>请留意</source>
   <translation>Take note</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>资源与增长</source>
   <translation>Resources and growth</translation>
  </message>
  <message>
   <location filename="pages/overview/estate.py" />
   <source>，</source>
   <translation>, </translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>{n} 个</source>
   <translation>{n} deployed</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>{n} 个固定对象 · {engine}</source>
   <translation>{n} pinned · {engine}</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>{n} 个组织 · {m} 个排序节点（{c}）</source>
   <translation>{n} {n:organisation|organisations} · orderers: {m} ({c})</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>{n} 人</source>
   <translation>{n} people</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>{title} · 通道 {channel} · 今天 {day}</source>
   <translation>{title} · channel {channel} · today {day}</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>为同事签发身份</source>
   <translation>Issue identities to colleagues</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>为密钥库设置口令</source>
   <translation>Set a passphrase for the keystore</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>内容存储</source>
   <translation>Content store</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>去备份</source>
   <translation>Back up</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>去部署</source>
   <translation>Deploy</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>合约 {name} {v}</source>
   <translation>Contract {name} {v}</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>备份工作区</source>
   <translation>Back up the workspace</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>建立网络</source>
   <translation>Set up a network</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>您的角色看不到</source>
   <translation>Your role may not see it</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>最近写入 {age}</source>
   <translation>Last write {age}</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>本地 IPFS 兼容存储</source>
   <translation>Local IPFS-compatible store</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>设置口令</source>
   <translation>Set passphrase</translation>
  </message>
  <message>
   <location filename="pages/overview/facts.py" />
   <source>随网络</source>
   <translation>With the network</translation>
  </message>
  <message>
   <location filename="pages/overview/home.py" />
   <source>{act}：{what}</source>
   <translation>{act}: {what}</translation>
  </message>
  <message>
   <location filename="pages/overview/home.py" />
   <source>全部 {n} 项</source>
   <translation>All {n}</translation>
  </message>
  <message>
   <location filename="pages/overview/page.py" />
   <source>体验网络已建好</source>
   <translation>The demo network is ready</translation>
  </message>
  <message>
   <location filename="pages/overview/page.py" />
   <source>体验网络已建好，{what}</source>
   <translation>The demo network is ready; {what}</translation>
  </message>
  <message>
   <location filename="pages/overview/page.py" />
   <source>再次体验</source>
   <translation>Run the demo again</translation>
  </message>
  <message>
   <location filename="pages/overview/page.py" />
   <source>工作区是空的</source>
   <translation>The workspace is empty</translation>
  </message>
  <message>
   <location filename="pages/overview/page.py" />
   <source>正在建立体验网络</source>
   <translation>Setting up the demo network</translation>
  </message>
  <message>
   <location filename="pages/overview/page.py" />
   <source>正在打开工作区…</source>
   <translation>Opening the workspace…</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>5 个组织，1 条通道，{n} 个合约</source>
   <translation>5 organisations, 1 channel, contracts: {n}</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>一张证书和它的私钥</source>
   <translation>A certificate and its private key</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>一键体验</source>
   <translation>One-click demo</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>一键体验的进度</source>
   <translation>Progress of the demo</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>不联网，随时可删除</source>
   <translation>No internet needed; can be removed at any time</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>中途失败可从失败的一步重试</source>
   <translation>A failed step can be retried from there</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>从这里开始</source>
   <translation>Start here</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>先检查本机条件，再动手</source>
   <translation>Checks this computer before it acts</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>内存 {total}，可用 {free}</source>
   <translation>Memory {total}, {free} free</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>内置账本、官方程序或 Docker</source>
   <translation>Embedded, official programs or Docker</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>向导共六步</source>
   <translation>A wizard of six steps</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>在本机建一个内置的城市网络，应用都装好，并带样例数据。</source>
   <translation>A city network inside this computer with every application and sample data.</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>城链帮您用点选的方式建起一个区块链网络，并在上面运行城市应用。三种方式任选其一，以后都可以再添加。</source>
   <translation>CityChain sets up a blockchain network by clicking and runs city applications on it. Choose one of three ways; the others can follow later.</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>处理器 {n} 核</source>
   <translation>{n} {n:core|cores}</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>已有 Fabric 网络时，用连接配置和身份接入。</source>
   <translation>Connect to a Fabric network with its profile and an identity.</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>开始体验</source>
   <translation>Start</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>您的组织已有网络：打开收到的邀请、准入文件或 .p12；还没有文件时，先生成一份申请发给它。</source>
   <translation>Your organisation has a network: open the invitation, entry or .p12 that you were sent. Without one, make a request and send it.</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>拖入收到的文件，或点此选择</source>
   <translation>Drop the file you were sent, or click to choose</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>接入不会改动对方网络</source>
   <translation>Attaching changes nothing on their side</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>支持 Fabric 2.5 与 3.x</source>
   <translation>Fabric 2.5 and 3.x</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>本机</source>
   <translation>This computer</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>申请身份…</source>
   <translation>Ask for an identity…</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>磁盘可用 {free}</source>
   <translation>{free} of disk free</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>连接配置（.json 或 .yaml）</source>
   <translation>Connection profile (.json or .yaml)</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>选择连接配置…</source>
   <translation>Choose profile…</translation>
  </message>
  <message>
   <location filename="pages/overview/start.py" />
   <source>选模板、定组织、选运行方式，核对步骤后一次建成。</source>
   <translation>Template, organisations, runtime; review the steps, then build.</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>{n} 个，逐块核对</source>
   <translation>{n}, compared block by block</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>{s}，{n} 个文件</source>
   <translation>{s}, {n} {n:file|files}</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>位置</source>
   <translation>Place</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>关于城链</source>
   <translation>About CityChain</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>占用</source>
   <translation>Size</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>备份</source>
   <translation>Backup</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>备份…</source>
   <translation>Back up…</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>备份含账本、证书、加密的私钥和内容；网络照常运行，仅容器节点会暂停。恢复：citychain restore 文件。</source>
   <translation>A backup holds ledgers, certificates, encrypted keys and content. Networks go on meanwhile; only containers pause. To restore: citychain restore FILE.</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>备份完好，每个文件都与清单一致</source>
   <translation>The backup is sound: every file is as its list says</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>备份已完成</source>
   <translation>The backup is complete</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>备份已完成，节点静止了 {s} 秒</source>
   <translation>The backup is done; the nodes stood still for {s} s</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>外观</source>
   <translation>Appearance</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>工作区</source>
   <translation>Workspace</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>恢复到一个空文件夹：citychain --workspace 文件夹 restore 文件。</source>
   <translation>To restore it into an empty folder: citychain --workspace FOLDER restore FILE.</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>打开文件夹</source>
   <translation>Open folder</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>文件</source>
   <translation>File</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>更改立即生效</source>
   <translation>Changes take effect at once</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>浅色</source>
   <translation>Light</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>深色</source>
   <translation>Dark</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>语言</source>
   <translation>Language</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>跟随系统</source>
   <translation>Follow the system</translation>
  </message>
  <message>
   <location filename="pages/settings/page.py" />
   <source>键盘</source>
   <translation>Keyboard</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>令牌 {i}</source>
   <translation>Token {i}</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>它不会再次显示，请立即妥善保存。</source>
   <translation>It is not shown again; keep it safe now.</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>已保存</source>
   <translation>Saved</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>新建令牌</source>
   <translation>New token</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>月报</source>
   <translation>Monthly report</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>每秒请求数</source>
   <translation>Requests a second</translation>
  </message>
  <message>
   <location filename="pages/tokens/create.py" />
   <source>程序凭令牌以所选身份调用服务接口，只能做所选范围的事。令牌只显示一次。</source>
   <translation>With the token a program calls the service API as the chosen identity, and only for the chosen scopes. The token is shown once.</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source> · {n} 已公示</source>
   <translation> · {n} is published</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source> · {n} 未公示</source>
   <translation> · {n} is not published</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>{n} 个有效</source>
   <translation>{n} valid</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>停止公示</source>
   <translation>Publish no more</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>公示网络</source>
   <translation>Publish the network</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>公示页不再显示 {n}</source>
   <translation>The public page no longer shows {n}</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>公示页现在显示 {n}</source>
   <translation>The public page now shows {n}</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>吊销令牌</source>
   <translation>Revoke the token</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>已到期</source>
   <translation>Ended</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>已吊销 {i}</source>
   <translation>Revoked {i}</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>新建令牌…</source>
   <translation>New token…</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>最近使用</source>
   <translation>Last used</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>有效至</source>
   <translation>Good until</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>每秒 {n} 个请求</source>
   <translation>{n} {n:request|requests} a second</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>程序凭令牌调用服务接口。运行 citychain serve api 提供接口。</source>
   <translation>Programs call the service API with a token. Run citychain serve api to offer it.</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>范围</source>
   <translation>Scopes</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>还没有令牌</source>
   <translation>No tokens yet</translation>
  </message>
  <message>
   <location filename="pages/tokens/page.py" />
   <source>速率</source>
   <translation>Rate</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>保存凭证文件</source>
   <translation>Save the credential</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>保存提交文件</source>
   <translation>Save the hand-in</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>保存提交文件…</source>
   <translation>Save the hand-in…</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>写成一个文件，交给考核人。其中有您的姓名、通过的记录和各项实训的区块。</source>
   <translation>Written to one file for the assessor, with your name, the records of what was passed and the blocks of each lab.</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>写进凭证</source>
   <translation>Stands in the credential</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>凭证</source>
   <translation>credential</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>凭证已签发，请把 {f} 交给 {n}</source>
   <translation>The credential is issued; give {f} to {n}</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>凭证有效期至</source>
   <translation>Valid until</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>姓名</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>已写出，请把 {f} 交给考核人</source>
   <translation>Written; give {f} to the assessor</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>技能</source>
   <translation>Skill</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>提交实训</source>
   <translation>Hand in labs</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>核对无误</source>
   <translation>Labs that hold</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>每一笔交易的签名、每一项检查都在这里重新核对过。坐在键盘前的是不是本人，文件说明不了。</source>
   <translation>Every signature of every transaction and every check was verified here again. Who sat at the keyboard no file can say.</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>签发凭证…</source>
   <translation>Issue the credential…</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>签名人</source>
   <translation>Signed by</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>考核结果</source>
   <translation>What was found</translation>
  </message>
  <message>
   <location filename="pages/training/handing.py" />
   <source>选择学员提交的文件</source>
   <translation>Choose the file that the learner handed in</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>{n} / {all} 项正确</source>
   <translation>{n} of {all} right</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>先做</source>
   <translation>Do first</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>命令</source>
   <translation>command</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>提示：{h}</source>
   <translation>Hint: {h}</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>文件夹</source>
   <translation>Folder</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>检查什么</source>
   <translation>What is checked</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>检查时一并保存</source>
   <translation>Kept when you check</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>检查结果</source>
   <translation>What the check found</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>约 {n} 分钟</source>
   <translation>about {n} {n:minute|minutes}</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>这项实训的通过记录被改动过，不算数；请再检查一次。</source>
   <translation>The record that this lab was passed was changed and does not count; check it again.</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>通过之后，这项实训有了改动。</source>
   <translation>This lab has changed since it was passed.</translation>
  </message>
  <message>
   <location filename="pages/training/lab_view.py" />
   <source>问题</source>
   <translation>Questions</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>{f} · 可以提交：{p}</source>
   <translation>{f} · ready to hand in: {p}</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>{f} · 本项于 {at} 通过</source>
   <translation>{f} · this one passed {at}</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>在这里完成步骤；开始、检查和重置在原来的工作台窗口中进行。</source>
   <translation>Do the steps here; labs are started, checked and reset in the window that you came from.</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>实训工作区连同其中的网络和文件会整个删除。已通过的记录保留。</source>
   <translation>The lab's workspace goes with its networks and files, all of it. What was passed stays so.</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>实训已准备好</source>
   <translation>The lab is ready</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>已开始</source>
   <translation>under way</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>已通过</source>
   <translation>passed</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>已通过 {n} / {all}</source>
   <translation>{n} of {all} passed</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>已重置</source>
   <translation>Reset done</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>开始</source>
   <comment>begin</comment>
   <translation>Begin</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>打开实训工作台</source>
   <translation>Open the lab's window</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>提交…</source>
   <translation>Hand in…</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>未开始</source>
   <translation>not started</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>检查实训</source>
   <translation>Check the lab</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>正在打开实训工作台</source>
   <translation>The lab's own window is opening</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>考核…</source>
   <translation>Assess…</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>记录被改动，不算数</source>
   <translation>its record was changed and does not count</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>还有不对的地方</source>
   <translation>Something is not right yet</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>这里是实训工作区</source>
   <translation>This is a lab's own workspace</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>通过</source>
   <translation>Passed</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>重置</source>
   <translation>Reset</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>重置…</source>
   <translation>Reset…</translation>
  </message>
  <message>
   <location filename="pages/training/page.py" />
   <source>重置实训“{t}”</source>
   <translation>Reset lab {t}</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>之后所做的都以 {who}的身份签署，也只能做其获准的事。窗口上方会一直显示，审计记录写明何时换的人。</source>
   <translation>From now on everything is signed as {who}, who may do only what they are allowed to. The top of the window shows it all the time; the audit log says when you changed.</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>以他人身份操作</source>
   <translation>Act as somebody else</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>以此身份操作</source>
   <translation>Act as this person</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>已设置口令，按 Ctrl+L 可随时锁定</source>
   <translation>Passphrase set; Ctrl+L locks at any time</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>成员</source>
   <comment>a role</comment>
   <translation>Member</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>现在以{name}（{note}）操作</source>
   <translation>Now acting as {name} ({note})</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>私钥已加密保存。设置口令后，离开时可以锁定；忘记口令将无法恢复私钥。</source>
   <translation>Private keys are stored encrypted. With a passphrase you can lock them when you leave; a forgotten passphrase cannot be recovered.</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>签名需要密钥库里的私钥。浏览账本不需要解锁。</source>
   <translation>Signing needs the private keys in the keystore. Browsing the ledger does not.</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>解锁</source>
   <translation>Unlock</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>解锁密钥库</source>
   <translation>Unlock the keystore</translation>
  </message>
  <message>
   <location filename="shell/account.py" />
   <source>身份与密钥库…</source>
   <translation>Identities and keystore…</translation>
  </message>
  <message>
   <location filename="shell/acting.py" />
   <source>回到平台管理员</source>
   <translation>Back to platform administrator</translation>
  </message>
  <message>
   <location filename="shell/acting.py" />
   <source>您正代 {who}签署，审计记录写明由您代签</source>
   <translation>You are signing for {who}; the audit log says that it was you</translation>
  </message>
  <message>
   <location filename="shell/acting.py" />
   <source>正以 {who}的身份操作</source>
   <translation>Acting as {who}</translation>
  </message>
  <message>
   <location filename="shell/acting.py" />
   <source>结束代签</source>
   <translation>Stop signing for others</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>任务</source>
   <translation>Jobs</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>取消任务</source>
   <translation>Cancel job</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>已完成</source>
   <translation>Done</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>最近的通知</source>
   <translation>Recent notices</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>没有完成</source>
   <translation>Not completed</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>用时 {t}</source>
   <translation>Took {t}</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>等待中</source>
   <translation>Waiting</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>还没有任务。</source>
   <translation>No jobs yet.</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>还没有通知。</source>
   <translation>No notices yet.</translation>
  </message>
  <message>
   <location filename="shell/activity.py" />
   <source>进行中</source>
   <translation>Running</translation>
  </message>
  <message>
   <location filename="shell/alerts.py" />
   <source>{what}：{text}</source>
   <translation>{what}: {text}</translation>
  </message>
  <message>
   <location filename="shell/alerts.py" />
   <source>城链</source>
   <translation>CityChain</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>换成浅色外观</source>
   <translation>Switch to the light theme</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>换成深色外观</source>
   <translation>Switch to the dark theme</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>本页帮助</source>
   <translation>Help for this page</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>界面语言</source>
   <translation>Language</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>通知</source>
   <translation>Notices</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>锁定或解锁密钥库</source>
   <translation>Lock or unlock the keystore</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>键盘快捷键</source>
   <translation>Keyboard shortcuts</translation>
  </message>
  <message>
   <location filename="shell/commands.py" />
   <source>页面</source>
   <translation>Page</translation>
  </message>
  <message>
   <location filename="shell/finding.py" />
   <source>身份 · 证书类型：{kind}</source>
   <translation>Identity · {kind} certificate</translation>
  </message>
  <message>
   <location filename="shell/header.py" />
   <source>页签</source>
   <translation>Tabs</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>下一区域：导航、标题、内容、详情</source>
   <translation>Next region: navigation, header, content, details</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>关闭详情，再取消</source>
   <translation>Close details, then cancel</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>后退、前进</source>
   <translation>Back, forward</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>在本机或已有的 Hyperledger Fabric 网络上，建立城市区块链服务平台。</source>
   <translation>A city's blockchain service platform on this computer or on an existing Hyperledger Fabric network.</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>在本页筛选</source>
   <translation>Filter this page</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>复制所选行的完整哈希</source>
   <translation>Copy the row's whole hash</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>复制版本信息</source>
   <translation>Copy version details</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>字体与图标</source>
   <translation>Fonts and icons</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>帮助：{page}</source>
   <translation>Help: {page}</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>按顺序打开左侧页面</source>
   <translation>Open the pages on the left in order</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>搜索或跳转</source>
   <translation>Search or go to</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>本页的主要操作</source>
   <translation>The page's main action</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>每件事都可以只用键盘完成；图上的方块用方向键移动。</source>
   <translation>Everything can be done by keyboard alone; arrow keys move among the boxes of a picture.</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>源码运行</source>
   <translation>from source</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>系统</source>
   <translation>System</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>系统字体；图标为本项目绘制</source>
   <translation>System fonts; icons drawn for this project</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>许可证</source>
   <translation>Licence</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>这一页的帮助</source>
   <translation>Help for this page</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>这里可以做</source>
   <translation>What you can do here</translation>
  </message>
  <message>
   <location filename="shell/help.py" />
   <source>选行、打开详情</source>
   <translation>Choose a row, open its details</translation>
  </message>
  <message>
   <location filename="shell/inspector.py" />
   <source>关闭详情</source>
   <translation>Close details</translation>
  </message>
  <message>
   <location filename="shell/inspector.py" />
   <source>打开详情</source>
   <translation>Open details</translation>
  </message>
  <message>
   <location filename="shell/navigation.py" />
   <source>平台</source>
   <translation>Platform</translation>
  </message>
  <message>
   <location filename="shell/navigation.py" />
   <source>应用</source>
   <translation>Applications</translation>
  </message>
  <message>
   <location filename="shell/palette.py" />
   <source>↑ ↓ 选择 · Enter 执行 · Esc 关闭</source>
   <translation>↑ ↓ choose · Enter do · Esc close</translation>
  </message>
  <message>
   <location filename="shell/palette.py" />
   <source>没有找到“{text}”。可输入交易号、键、CID 或作品名，至少 4 个字符。</source>
   <translation>Nothing found for "{text}". Try a transaction id, key, CID or title, 4 characters or more.</translation>
  </message>
  <message>
   <location filename="shell/palette.py" />
   <source>页面、操作、交易号、键、CID、作品名…</source>
   <translation>Page, action, transaction id, key, CID, title…</translation>
  </message>
  <message>
   <location filename="shell/rail.py" />
   <source>{n} 项待处理</source>
   <translation>{n} to handle</translation>
  </message>
  <message>
   <location filename="shell/rail.py" />
   <source>切换网络或工作区</source>
   <translation>Switch network or workspace</translation>
  </message>
  <message>
   <location filename="shell/rail.py" />
   <source>导航</source>
   <translation>Navigation</translation>
  </message>
  <message>
   <location filename="shell/rail.py" />
   <source>当前页</source>
   <translation>current page</translation>
  </message>
  <message>
   <location filename="shell/rail.py" />
   <source>账号：{name}</source>
   <translation>Account: {name}</translation>
  </message>
  <message>
   <location filename="shell/rail.py" />
   <source>锁定密钥库</source>
   <translation>Lock the keystore</translation>
  </message>
  <message>
   <location filename="shell/statusbar.py" />
   <source>区块 {n} · {age}</source>
   <translation>Block {n} · {age}</translation>
  </message>
  <message>
   <location filename="shell/statusbar.py" />
   <source>尚无网络</source>
   <translation>No network yet</translation>
  </message>
  <message>
   <location filename="shell/statusbar.py" />
   <source>没有进行中的任务</source>
   <translation>No jobs running</translation>
  </message>
  <message>
   <location filename="shell/statusbar.py" />
   <source>状态栏</source>
   <translation>Status bar</translation>
  </message>
  <message>
   <location filename="shell/summary.py" />
   <source>{n} 已停止</source>
   <translation>{n} is stopped</translation>
  </message>
  <message>
   <location filename="shell/summary.py" />
   <source>{n} 无法连接：证书失效</source>
   <translation>{n}: nobody can connect, certificates ended</translation>
  </message>
  <message>
   <location filename="shell/summary.py" />
   <source>{n} 状态未知</source>
   <translation>{n}: state unknown</translation>
  </message>
  <message>
   <location filename="shell/summary.py" />
   <source>{n} 运行中</source>
   <translation>{n} is running</translation>
  </message>
  <message>
   <location filename="shell/summary.py" />
   <source>{n} 部分节点停止</source>
   <translation>{n}: some nodes are down</translation>
  </message>
  <message>
   <location filename="shell/switcher.py" />
   <source>工作区 {name}</source>
   <translation>Workspace {name}</translation>
  </message>
  <message>
   <location filename="shell/switcher.py" />
   <source>工作区与备份…</source>
   <translation>Workspace and backup…</translation>
  </message>
  <message>
   <location filename="shell/switcher.py" />
   <source>打开其他工作区…</source>
   <translation>Open another workspace…</translation>
  </message>
  <message>
   <location filename="shell/switcher.py" />
   <source>打开工作区，或选一个空文件夹建立新的</source>
   <translation>Open a workspace, or choose an empty folder for a new one</translation>
  </message>
  <message>
   <location filename="signing.py" />
   <source>{name}（{more}）</source>
   <translation>{name} ({more})</translation>
  </message>
  <message>
   <location filename="signing.py" />
   <source>以 {who}的身份签署</source>
   <translation>Signed as {who}</translation>
  </message>
  <message>
   <location filename="signing.py" />
   <source>以{who}的身份办理</source>
   <translation>Done as {who}</translation>
  </message>
  <message>
   <location filename="signing.py" />
   <source>以{who}的身份办理，用{keys} 的管理员密钥签署</source>
   <translation>Done as {who}, signed with the administrators' keys of {keys}</translation>
  </message>
  <message>
   <location filename="signing.py" />
   <source>由您代 {who}签署，以其身份记在账本上</source>
   <translation>You sign for {who}, as whose act it stands on the ledger</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>Docker</source>
   <translation>Docker</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>内置账本</source>
   <translation>Embedded ledger</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>已接入</source>
   <translation>Attached</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>按通道的策略 {p}</source>
   <translation>by the channel's policy {p}</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>没有删完</source>
   <translation>Not removed yet</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>没有建完</source>
   <translation>Not finished</translation>
  </message>
  <message>
   <location filename="titles.py" />
   <source>部分节点停止</source>
   <translation>Some nodes stopped</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>{node} 已停止</source>
   <translation>{node} is down</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>{n} 张证书将在 30 天内到期</source>
   <translation>Certificates expiring within 30 days: {n}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>{n} 张证书已过期</source>
   <translation>Expired certificates: {n}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>{title}：{n} 件事待处理</source>
   <translation>{title}: {n} {n:thing|things} to handle</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>上次 {when}</source>
   <translation>Last backup: {when}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>剩余 {free}</source>
   <translation>{free} left</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>合约 {name} {v} 可以提交了</source>
   <translation>{name} {v} can be committed</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>合约 {name} {v} 还差 {n} 个组织批准</source>
   <translation>{name} {v}: approvals still missing: {n}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>备份已超过 {n} 天</source>
   <translation>Days since the last backup: {n}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>已批准 {n} / {all}；待批准：{who}</source>
   <translation>{n} of {all} have approved; still to approve: {who}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>已签 {n}；还可由 {who} 签名</source>
   <translation>{n} signed; may still be signed by {who}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>打开体检</source>
   <translation>Open check-up</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>打开该页逐件处理</source>
   <translation>Open the page to handle them one by one</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>最早：{label}，{day}</source>
   <translation>Earliest: {label}, {day}</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>查看合约</source>
   <translation>View contract</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>磁盘剩余空间不足</source>
   <translation>Disk space is running low</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>网络在运行，但无法连接</source>
   <translation>The network runs, but nobody can connect</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>网络已停止</source>
   <translation>The network is stopped</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>账本和密钥都在，启动后继续。</source>
   <translation>Ledger and keys are safe; start the network to continue.</translation>
  </message>
  <message>
   <location filename="todo.py" />
   <source>通道 {channel} 的配置更新等待签名</source>
   <translation>A configuration update of {channel} waits for signatures</translation>
  </message>
  <message>
   <location filename="tray.py" />
   <source>{title}：{asks}</source>
   <translation>{title}: {asks}</translation>
  </message>
  <message>
   <location filename="tray.py" />
   <source>打开控制台</source>
   <translation>Open the console</translation>
  </message>
  <message>
   <location filename="tray.py" />
   <source>退出</source>
   <translation>Quit</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>先写</source>
   <translation>Wrote first</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>未进行</source>
   <translation>not reached</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>版本 {v}</source>
   <translation>Version {v}</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>版本已变</source>
   <translation>Version changed</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>胜出的交易</source>
   <translation>Winner</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>读 {v}</source>
   <translation>read {v}</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>这笔交易</source>
   <translation>This transaction</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>键 {key}：交易 {winner} 先写入 {found}，交易 {loser} 读到的 {read} 已过时</source>
   <translation>Key {key}: transaction {winner} wrote {found} first; {loser} had read {read}, which was out of date</translation>
  </message>
  <message>
   <location filename="widgets/autopsy.py" />
   <source>键的版本</source>
   <translation>Key's version</translation>
  </message>
  <message>
   <location filename="widgets/basic.py" />
   <source>复制</source>
   <translation>Copy</translation>
  </message>
  <message>
   <location filename="widgets/basic.py" />
   <source>复制 {what}</source>
   <translation>Copy {what}</translation>
  </message>
  <message>
   <location filename="widgets/basic.py" />
   <source>键 {key}</source>
   <translation>Key {key}</translation>
  </message>
  <message>
   <location filename="widgets/board.py" />
   <source>1 安装</source>
   <translation>1 Install</translation>
  </message>
  <message>
   <location filename="widgets/board.py" />
   <source>2 批准</source>
   <translation>2 Approve</translation>
  </message>
  <message>
   <location filename="widgets/board.py" />
   <source>3 提交</source>
   <translation>3 Commit</translation>
  </message>
  <message>
   <location filename="widgets/board.py" />
   <source>合约生命周期</source>
   <translation>Contract lifecycle</translation>
  </message>
  <message>
   <location filename="widgets/dialogs.py" />
   <source>代他人签署</source>
   <translation>Sign for somebody else</translation>
  </message>
  <message>
   <location filename="widgets/dialogs.py" />
   <source>代其签署</source>
   <translation>Sign for them</translation>
  </message>
  <message>
   <location filename="widgets/dialogs.py" />
   <source>请输入“{name}”以确认：</source>
   <translation>Type "{name}" to confirm:</translation>
  </message>
  <message>
   <location filename="widgets/dialogs.py" />
   <source>账本上记为 {who}所为，审计记录写明由您代签。窗口上方会一直显示您在代谁签署，直到您结束代签。</source>
   <translation>The ledger records it as an act of {who}; the audit log says that you signed for them. The top of the window shows for whom you are signing until you stop.</translation>
  </message>
  <message>
   <location filename="widgets/forms.py" />
   <source>Ctrl+F 跳到这里</source>
   <translation>Ctrl+F jumps here</translation>
  </message>
  <message>
   <location filename="widgets/forms.py" />
   <source>清除</source>
   <translation>Clear</translation>
  </message>
  <message>
   <location filename="widgets/refusal.py" />
   <source>为什么被拒绝</source>
   <translation>Why it was refused</translation>
  </message>
  <message>
   <location filename="widgets/refusal.py" />
   <source>这笔交易没有写上账本，没有改动任何数据。</source>
   <translation>The transaction is not on the ledger; nothing was changed.</translation>
  </message>
  <message>
   <location filename="widgets/states.py" />
   <source>为什么</source>
   <translation>Why</translation>
  </message>
  <message>
   <location filename="widgets/states.py" />
   <source>收起</source>
   <translation>Dismiss</translation>
  </message>
  <message>
   <location filename="widgets/states.py" />
   <source>正在进行</source>
   <translation>In progress</translation>
  </message>
  <message>
   <location filename="widgets/timeline.py" />
   <source>{d} 吊销</source>
   <translation>revoked {d}</translation>
  </message>
  <message>
   <location filename="widgets/timeline.py" />
   <source>{n} 天</source>
   <translation>{n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="widgets/timeline.py" />
   <source>{y} 年</source>
   <translation>{y}</translation>
  </message>
  <message>
   <location filename="widgets/timeline.py" />
   <source>剩余</source>
   <translation>Left</translation>
  </message>
  <message>
   <location filename="widgets/timeline.py" />
   <source>证书时间线</source>
   <translation>Certificate timeline</translation>
  </message>
  <message>
   <location filename="widgets/topology.py" />
   <source>{title}：添加节点</source>
   <translation>{title}: add a node</translation>
  </message>
  <message>
   <location filename="widgets/topology.py" />
   <source>排序节点 · {c}</source>
   <translation>Orderers · {c}</translation>
  </message>
  <message>
   <location filename="widgets/topology.py" />
   <source>没有节点，成员凭证书参加</source>
   <translation>No nodes; its members take part by certificate</translation>
  </message>
  <message>
   <location filename="widgets/topology.py" />
   <source>添加节点</source>
   <translation>Add node</translation>
  </message>
  <message>
   <location filename="widgets/topology.py" />
   <source>留意</source>
   <translation>Attention</translation>
  </message>
  <message>
   <location filename="widgets/topology.py" />
   <source>网络拓扑</source>
   <translation>Topology</translation>
  </message>
 </context>
</TS>
