<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>copyright</name>
  <message>
   <location filename="__init__.py" />
   <source>存证由创作者立即完成：文件存入内容库，指纹与内容标识写入账本。登记由登记机构审查，通过后发证。“待我办理”列出等您接受、同意、确认和补正的事；在一件作品的页面可以许可、转让、质押、提出异议和导出证据包；“查重”比对任意文件而不存证，“核验”检查证据包和证书。“疑似”只表示相近，不是侵权结论；存证证明存在、时间与存证人，不证明独创性。</source>
   <translation>A deposit is made at once by the creator: the file goes into the content store, its fingerprints and content id onto the ledger. Registration is reviewed by the office, which issues the certificate. "For me" lists what waits for you to accept, consent, confirm or correct; on a work's page you license, transfer, pledge, contest and export evidence; "Find copies" compares any file without a deposit, "Verify" checks packages and certificates. "Suspected" means alike, not infringing; a deposit proves existence, time and depositor, not originality.</translation>
  </message>
  <message>
   <location filename="__init__.py" />
   <source>数字版权</source>
   <translation>Copyright</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>不是有效的居民身份证号码</source>
   <translation>Not a valid resident identity number</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>不是有效的统一社会信用代码</source>
   <translation>Not a valid unified social credit code</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>主体类型</source>
   <translation>Kind of owner</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>全部财产权</source>
   <translation>All economic rights</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>创作目的</source>
   <translation>Purpose</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>创作过程</source>
   <translation>Process</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>取得证明</source>
   <translation>Proof of acquisition</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>归属证明</source>
   <translation>Proof of attribution</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>提交申请</source>
   <translation>Submit</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>提交补正</source>
   <translation>Hand in</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>权利取得方式</source>
   <translation>Acquisition</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>权利归属方式</source>
   <translation>Attribution</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>独创性说明</source>
   <translation>Originality</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>申请登记：{title}</source>
   <translation>Apply for registration: {title}</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>登记机构受理后 30 个工作日内审查。</source>
   <translation>The office examines within 30 working days of acceptance.</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>登记机构要求更正：{f}。其他项目不能更改。</source>
   <translation>The office asks you to correct: {f}. Nothing else can be changed.</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>登记申请已提交</source>
   <translation>The application was submitted</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>著作权人</source>
   <translation>Owner</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>著作权人 {p}（{s}）</source>
   <translation>Owner {p} ({s})</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>补交的证明文件</source>
   <translation>Further proof</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>补正已提交</source>
   <translation>Correction handed in</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>补正申请：{title}</source>
   <translation>Correct the application: {title}</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>证件号码</source>
   <translation>Document number</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>证件号码只存入登记机构的私有集合，账本上只有加盐散列。</source>
   <translation>The document number goes to the office's private collection; the ledger has a salted hash.</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>证件类型</source>
   <translation>Document</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>说明（未更改的项目须说明）</source>
   <translation>Explanation (of what was asked for and stays)</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>请在 {d} 前补正，逾期申请失效。</source>
   <translation>Due by {d}; the application lapses after that.</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>请至少选择一项权利</source>
   <translation>Choose at least one right</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>需要附上证明文件</source>
   <translation>A proof must be attached</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>{n} 个文件，{s}</source>
   <translation>{n} {n:file|files}, {s}</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>以前已存证</source>
   <translation>Known already</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>作品信息表（CSV，可不选）</source>
   <translation>Table of works (CSV, optional)</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>作品类别</source>
   <translation>Category</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>作品编号</source>
   <translation>Work</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>作者</source>
   <translation>Author</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>保存报告…</source>
   <translation>Save report…</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>停止</source>
   <translation>Stop</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>全部作品</source>
   <translation>All works</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>列名：文件、作品名称、作品类别、作者、创作完成日期……</source>
   <translation>Columns: file, title, category, authors, completed …</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>原因</source>
   <translation>Reason</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>可以随时停止或关机。再开始时，已存证的文件会认出来，不会重复，也不会遗漏。</source>
   <translation>Stop or switch off at any time. Started again, it recognises what is deposited: nothing twice, nothing missed.</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>完成</source>
   <translation>Done</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>已停止，可以继续</source>
   <translation>Stopped; it can go on</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>已存证</source>
   <translation>Deposited</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>开始后，每个文件的结果都会列在这里，可保存为报告。</source>
   <translation>Every file is listed here with its result, and can be saved as a report.</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>开始存证</source>
   <translation>Start</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>批量存证</source>
   <translation>Deposit a folder</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>批量存证完成：新存证 {n} 件</source>
   <translation>Batch finished: {n} newly deposited</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>批量存证的进度</source>
   <translation>Progress of the batch</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>报告已保存</source>
   <translation>Report saved</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>按文件类型判断</source>
   <translation>By type of file</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>数字版权 · 存证</source>
   <translation>Copyright · deposit</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>新存证 {d} 件，以前已存证 {k} 件，未存证 {r} 件</source>
   <translation>{d} newly deposited, {k} known already, {r} not deposited</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>显示</source>
   <translation>Show</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>未存证</source>
   <translation>Not deposited</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>结果</source>
   <translation>Outcome</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>继续</source>
   <translation>Continue</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>还没有开始</source>
   <translation>Not started yet</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>还没有结果</source>
   <translation>No results yet</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>还没有选择文件夹</source>
   <translation>no folder chosen</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>进度</source>
   <translation>Progress</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>选择一个文件夹，其中每个文件存证为一件作品。</source>
   <translation>Choose a folder; every file in it becomes a work.</translation>
  </message>
  <message>
   <location filename="batch.py" />
   <source>选择文件夹</source>
   <translation>Choose a folder</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>不再取证</source>
   <translation>No</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>与作品名称不同</source>
   <translation>Not the work's title</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>只保存网页源代码，不截图</source>
   <translation>Keep the page's source only, without a screenshot</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>定期再取证</source>
   <translation>Capture again</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>已撤销存证</source>
   <translation>Deposit withdrawn</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>撤销后这件作品不能再登记、许可或转让；账本上的历史和内容库中的文件仍在。</source>
   <translation>The work can no longer be registered, licensed or transferred; its history and its file stay.</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>撤销存证</source>
   <translation>Withdraw deposit</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>撤销存证：{title}</source>
   <translation>Withdraw deposit: {title}</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>每 6 小时</source>
   <translation>Every 6 hours</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>每周</source>
   <translation>Every week</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>每天</source>
   <translation>Every day</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>网址以 http:// 或 https:// 开头</source>
   <translation>A web address begins with http:// or https://</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>网址，每行一个</source>
   <translation>Web addresses, one a line</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>网页或其中的作品有变化时才再次入案</source>
   <translation>Added to the case again only when the page, or the work in it, has changed</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>证据种类</source>
   <translation>Kind of evidence</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>请输入“{name}”以确认</source>
   <translation>Type "{name}" to confirm</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>转授权不得超出原许可：{r}，{t}，至 {d}。</source>
   <translation>Must stay within the licence: {r}, {t}, until {d}.</translation>
  </message>
  <message>
   <location filename="case_dialogs.py" />
   <source>还没有更改任何内容</source>
   <translation>Nothing has been changed</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>作品名称</source>
   <translation>Title</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>作品登记证书</source>
   <translation>Certificate of Registration</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>创作性质</source>
   <translation>Creation kind</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>完成日期</source>
   <translation>Completed</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>证书 {n}：</source>
   <translation>Certificate {n}: </translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>{a}/{b} 个场景，{rest}</source>
   <translation>{a}/{b} {b:scene|scenes}, {rest}</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>{n} 处同步</source>
   <translation>{n} {n:moment|moments} in step</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>{n} 相同</source>
   <translation>{n} alike</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>两图整幅相同</source>
   <translation>Both pictures are wholly the same</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>占较短文字的 {n}</source>
   <translation>{n} of the shorter text</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>图像</source>
   <translation>Image</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>在先作品</source>
   <translation>Earlier work</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>声音</source>
   <translation>Sound</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>存证于 {t}</source>
   <translation>Deposited {t}</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>完全相同</source>
   <translation>Identical</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>影像</source>
   <translation>Film</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>您的文件</source>
   <translation>Your file</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>打开在先作品</source>
   <translation>Open the earlier work</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>放大对照</source>
   <translation>Compare larger</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>文字</source>
   <translation>Text</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>文字摘录</source>
   <translation>Excerpt</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>框内为两图相同的部分</source>
   <translation>The frames show what both have in common</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>没有可显示的图片：只有权利人、被许可人和办案的登记员可以看到内容。</source>
   <translation>No picture to show: only owners, licensees and the registrar of a case see the content.</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>申请人所述</source>
   <translation>Told by the applicant</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>距离 {n}</source>
   <translation>distance {n}</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>距离 {n}，镜像后</source>
   <translation>distance {n}, mirrored</translation>
  </message>
  <message>
   <location filename="compare.py" />
   <source>，左右相反</source>
   <translation>, left and right changed about</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>“疑似”只表示相近。对照两件作品，写明认定和理由；意见写入账本。</source>
   <translation>"Suspected" only means alike. Compare both works and write what you find and why; it goes on the ledger.</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>作品文件与存证的散列不符，不能通过。</source>
   <translation>The work's file is not what its deposit says; it cannot be passed.</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>全网查重</source>
   <translation>Similarity check</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>共比对 {n} 件作品</source>
   <translation>{n} {n:work|works} compared</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>写入意见</source>
   <translation>Write the opinion</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>只用公开指纹比对，没有打开作品文件，不能通过。</source>
   <translation>Compared by public prints only; the work's file was not opened, so it cannot pass.</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>在先的相近作品过多，未能全部列出，不能通过。</source>
   <translation>More earlier works are like it than could be listed; it cannot be passed.</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>存证在后，不要求意见</source>
   <translation>deposited later; no opinion needed</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>意见</source>
   <translation>Opinion</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>意见已写入账本</source>
   <translation>The opinion is on the ledger</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>未能打开作品，没有比对。</source>
   <translation>The work could not be opened; nothing was compared.</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>比对意见：{title}</source>
   <translation>Opinion: {title}</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>没有查到他人的相近作品。</source>
   <translation>No work of others is like it.</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>申请登记的作品</source>
   <translation>The work applied for</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>请选择</source>
   <translation>Choose</translation>
  </message>
  <message>
   <location filename="comparing.py" />
   <source>还没有意见</source>
   <translation>no opinion yet</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>内容凭证</source>
   <translation>Content Credentials</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>内容凭证（C2PA）与文件不符</source>
   <translation>Content Credentials (C2PA) do not fit the file</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>内容凭证（C2PA）已损坏</source>
   <translation>Damaged Content Credentials (C2PA)</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>凭证与文件不符</source>
   <translation>The credentials do not fit the file</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>凭证与文件相符</source>
   <translation>The credentials fit the file</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>当前凭证</source>
   <translation>Current credentials</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>更早的凭证</source>
   <translation>Earlier credentials</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>有内容凭证（C2PA），签名：{who}</source>
   <translation>Content Credentials (C2PA), signed by {who}</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>标题</source>
   <translation>Title</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>核对</source>
   <translation>Check</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>没有内容凭证（C2PA）</source>
   <translation>No Content Credentials (C2PA)</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>登记机构可以把登记信息写入一个副本。</source>
   <translation>The office can write the registration into a copy.</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>程序</source>
   <translation>Program</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>签名</source>
   <translation>Signed by</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>签名人不在通用信任名单中</source>
   <translation>The signer is on no common trust list</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>签名人不明</source>
   <translation>unknown signer</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>算法</source>
   <translation>Algorithm</translation>
  </message>
  <message>
   <location filename="credentials.py" />
   <source>这个文件没有内容凭证（C2PA）。</source>
   <translation>This file carries no Content Credentials (C2PA).</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>两件作品是什么关系</source>
   <translation>How are the two works related</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>他人已存证同一文件。若您才是作者，请选“它取自我的作品”，存证后对在先存证提出异议并附证据。</source>
   <translation>Somebody else deposited the same file. If you are the author, choose "It was adapted from mine", deposit, and contest the earlier deposit with your evidence.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>作品信息</source>
   <translation>About the work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>创作完成</source>
   <translation>Completed on</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>加密存入，只有您能解开</source>
   <translation>Store sealed; only you can open it</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>图片、文字、声音、影像、软件，任意大小。拖入后先在本机计算指纹，不上传。</source>
   <translation>Pictures, texts, sounds, films, software of any size. Fingerprints are computed here first.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>在 {n} 件存证中比对</source>
   <translation>compared with {n} {n:deposit|deposits}</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>备注</source>
   <translation>Note</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>多位作者用顿号分开</source>
   <translation>Separate several by commas</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>存证</source>
   <translation>Deposit</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>完成地点</source>
   <translation>Completed in</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>审查与发证</source>
   <translation>Review and certificate</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>已存证，写入区块 {n}</source>
   <translation>Deposited in block {n}</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>所有文件 (*)</source>
   <translation>All files (*)</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>拖入作品文件，或点此选择</source>
   <translation>Drop the work's file, or press to choose</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>拖入文件</source>
   <translation>Drop a file</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>指纹已在本机算好</source>
   <translation>Fingerprinted here</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>提交登记</source>
   <translation>Apply</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>改编、翻译、汇编等须写明：登记号、作品编号，或作品名称；用顿号分开</source>
   <translation>For adaptations, translations, compilations: registration number, work id or title; separated by commas</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>放弃</source>
   <translation>Discard</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>文件等待上交：{w}</source>
   <translation>The file waits to be handed in: {w}</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>新作品</source>
   <translation>New work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>更换…</source>
   <translation>Change…</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>未发表则留空</source>
   <translation>Empty if unpublished</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>查到他人的疑似相近作品，请逐件如实说明关系。</source>
   <translation>Works of others look like it: say truthfully what yours is to each.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>查到的都是您自己的作品。</source>
   <translation>All that was found are your own works.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>查重与填写</source>
   <translation>Compare and fill in</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>没有疑似相近的作品。</source>
   <translation>Nothing looks alike.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>署名</source>
   <translation>Signed as</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>还需写明在先作品</source>
   <translation>Name the earlier work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>还需在备注中说明两件作品的关系</source>
   <translation>Explain the relation in the note</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>还需说明与《{t}》的关系</source>
   <translation>Say what it is to "{t}" first</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>这份内容以前已存证，打开原来的记录</source>
   <translation>Deposited before; here is its record</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>选择文件后，在这里与已有作品比对。</source>
   <translation>Compared here once a file is chosen.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>首次发表地点</source>
   <translation>Where published</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>首次发表日期</source>
   <translation>First published</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>首次发表日期应写作 2026-01-31</source>
   <translation>Write the publication day as 2026-01-31</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>首次发表早于创作完成</source>
   <translation>Published before it was completed</translation>
  </message>
  <message>
   <location filename="entry_fields.py" />
   <source>作者，用顿号分开</source>
   <translation>Authors, separated by commas</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>不带文件时，包里只有内容标识（CID）；核验时另外出示文件即可比对。</source>
   <translation>Without the file the package holds its CID only; the file can be shown separately.</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>作品和相关权利的全部交易，由行为人签名</source>
   <translation>All transactions of the work and its rights, signed by those who acted</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>保存证据包</source>
   <translation>Save the evidence package</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>各组织节点签名的证实：交易有效、没有遗漏</source>
   <translation>What peers of the organisations signed: accepted, and none left out</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>导出证据包：{title}</source>
   <translation>Export evidence: {title}</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>带上作品文件{sealed}，{s}</source>
   <translation>With the work's file{sealed}, {s}</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>没有签名证实的机构：{m}</source>
   <translation>Organisations that did not sign: {m}</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>登记证书、网页取证、时间戳（如有）</source>
   <translation>Certificate, captured pages, time-stamps (where there are any)</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>目录页、离线核验程序和核验网页</source>
   <translation>An index page, an offline verifier and a page that verifies</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>证据包</source>
   <translation>Evidence package</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>证据包可以交给法院或任何人，不需要城链也能核验。</source>
   <translation>Give it to a court or to anybody: it can be checked without CityChain.</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>证据包已导出，{s}</source>
   <translation>Evidence package written, {s}</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>选择保存位置…</source>
   <translation>Choose where…</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>通道从第 0 区块起的配置、区块和排序节点的签名</source>
   <translation>The channel's configuration from block 0 on, blocks, the ordering nodes' signatures</translation>
  </message>
  <message>
   <location filename="evidence.py" />
   <source>（密文）</source>
   <translation> (sealed)</translation>
  </message>
  <message>
   <location filename="family.py" />
   <source>作品谱系</source>
   <translation>Provenance</translation>
  </message>
  <message>
   <location filename="family.py" />
   <source>未在本链登记</source>
   <translation>not on this ledger</translation>
  </message>
  <message>
   <location filename="family.py" />
   <source>本作品</source>
   <translation>this work</translation>
  </message>
  <message>
   <location filename="finding.py" />
   <source>作品</source>
   <translation>Work</translation>
  </message>
  <message>
   <location filename="gallery.py" />
   <source>画廊</source>
   <translation>Gallery</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>取得登记号 {n}</source>
   <translation>Registration number {n}</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>因异议冻结</source>
   <translation>Frozen by a dispute</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>异议结束，解除冻结</source>
   <translation>Dispute ended; free again</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>权利人变更</source>
   <translation>Owners changed</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>申请登记</source>
   <translation>Registration applied for</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>登记事项变更</source>
   <translation>Entries changed</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>登记结束</source>
   <translation>Registration ended</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>解除质押</source>
   <translation>Pledge discharged</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>设立质押</source>
   <translation>Pledged</translation>
  </message>
  <message>
   <location filename="history.py" />
   <source>证书散列已记录</source>
   <translation>certificate's hash recorded</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>{who} 欠付</source>
   <translation>Owed by {who}</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>已登记</source>
   <translation>Registered</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>应付</source>
   <translation>Due</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>应付给 {who}</source>
   <translation>Owed to {who}</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>应收</source>
   <translation>Receivable</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>我的作品</source>
   <translation>My works</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>款项</source>
   <translation>Money</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>等对方答复</source>
   <translation>Waiting for an answer</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>还没有作品，先存证一件</source>
   <translation>No works yet; deposit one first</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>{n} 件事等您办理</source>
   <translation>{n} {n:matter|matters} {n:waits|wait} for you</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>{n} 件已超期</source>
   <translation>{n} overdue</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>{n} 天内到期</source>
   <translation>Ends in {n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>异议与侵权</source>
   <translation>Disputes and cases</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>登记</source>
   <translation>Registration</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>看全部作品</source>
   <translation>All works</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>许可、转让、质押</source>
   <translation>Rights</translation>
  </message>
  <message>
   <location filename="inbox.py" />
   <source>许可、转让、质押、补正和案件需要您时，会出现在这里。</source>
   <translation>Licences, transfers, pledges, corrections and cases that need you appear here.</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>公告</source>
   <translation>Published</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>发证</source>
   <translation>Issued</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>变更</source>
   <translation>Changed</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>异议</source>
   <translation>Dispute</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>提交</source>
   <translation>Filed</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>权利一生</source>
   <translation>Life of the rights</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>许可</source>
   <translation>Licences</translation>
  </message>
  <message>
   <location filename="life.py" />
   <source>质押</source>
   <translation>Pledge</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>{a} 份有效许可，{p} 件质押中</source>
   <translation>{a} {a:licence|licences} in force, {p} {p:pledge|pledges}</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>{d} 件异议处理中，{c} 件侵权线索未办结</source>
   <translation>{d} open {d:dispute|disputes}, {c} open {c:case|cases}</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>作品、各方、编号</source>
   <translation>Work, party, id</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>打开一件作品可以提出异议，或报告侵权线索并当场取证。</source>
   <translation>Open a work to contest it, or to report an infringement and capture evidence on the spot.</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>打开一件您的作品，在“权利”页签提出许可、转让或质押；对方接受后生效。</source>
   <translation>Open a work of yours and offer a licence, a transfer or a pledge; it holds when the other side accepts.</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>没有异议或侵权线索</source>
   <translation>No disputes or suspected infringements</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>许可与转让</source>
   <translation>Licences and transfers</translation>
  </message>
  <message>
   <location filename="lists.py" />
   <source>还没有许可、转让或质押</source>
   <translation>No licences, transfers or pledges yet</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>取出到文件夹</source>
   <translation>Write into a folder</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>取出文件</source>
   <translation>Save the file</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>取出文件…</source>
   <translation>Save the file…</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>取出网页的各部分…</source>
   <translation>Write the page's parts…</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>已取出 {n} 个网页，逐部分核对过</source>
   <translation>{n} {n:page|pages} written, each part checked</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>已取出，逐块核对过</source>
   <translation>Taken out, every block checked</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>版税分配</source>
   <translation>Royalty split</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>网页取证</source>
   <translation>Web capture</translation>
  </message>
  <message>
   <location filename="matter_parts.py" />
   <source>网页源代码（没有截图）</source>
   <translation>Page source (no screenshot)</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>{n} 笔待您确认</source>
   <translation>{n} to confirm</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>{o} {s} {a}：自己的账 {x} 笔，账本 {y} 笔，渠道账 {z} 笔</source>
   <translation>{o} {s} {a}: own book {x}, ledger {y}, channel {z}</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>三方对账</source>
   <translation>Reconciliation</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>三方对账…</source>
   <translation>Reconcile…</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>三本账一致，共 {n} 笔</source>
   <translation>The three books agree: {n} {n:entry|entries}</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>三本账逐笔比较：自己的、账本上已确认的、银行或平台的。列为 order,type,amount（事项编号，paid 或 received，分）。</source>
   <translation>Three books are compared entry by entry: one's own, what is confirmed on the ledger, the bank's or platform's. Columns: order,type,amount (the matter's id; paid or received; fen).</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>付</source>
   <translation>paid</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>共 {n} 处，逐处查清。</source>
   <translation>{n} in all; look into each.</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>写入账本</source>
   <translation>Write to the ledger</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>双方</source>
   <translation>Parties</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>只核对</source>
   <translation>Compare only</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>对账差异</source>
   <translation>Differences</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>导出应付应收</source>
   <translation>Export what is owed</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>导出应付应收…</source>
   <translation>Export what is owed…</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>已导出 {n} 笔</source>
   <translation>{n} {n:line|lines} exported</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>已收</source>
   <translation>Received</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>应付与应收</source>
   <translation>Owed and due</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>待确认</source>
   <translation>To confirm</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>截止日期早于起始日期</source>
   <translation>The last day lies before the first</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>收</source>
   <translation>received</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>有许可费、价款或版税要付时，在作品的“办理”里登记付款；对方确认后计为已付。</source>
   <translation>Where a licence fee, a price or a royalty is owed, record its payment from the work's menu; it counts when the other side has confirmed it.</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>未付</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>未付 {o}，应收 {i}</source>
   <translation>{o} to pay, {i} to come</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>渠道账（CSV）</source>
   <translation>The channel's book (CSV)</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>自己的账（CSV）</source>
   <translation>Own book (CSV)</translation>
  </message>
  <message>
   <location filename="money.py" />
   <source>还没有登记付款</source>
   <translation>No payment has been recorded</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>打开作品</source>
   <translation>Open the work</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>查重</source>
   <translation>Find copies</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>核验</source>
   <translation>Verify</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>版权合约还没有部署</source>
   <translation>The copyright contract is not deployed</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>登记审查</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>部署后就可以存证和登记作品。</source>
   <translation>Once it is, works can be deposited and registered.</translation>
  </message>
  <message>
   <location filename="paying.py" />
   <source>{p} · 付给 {n} · 未付 {a}</source>
   <translation>{p} · to {n} · {a} open</translation>
  </message>
  <message>
   <location filename="paying.py" />
   <source>为哪一笔</source>
   <translation>Paid for</translation>
  </message>
  <message>
   <location filename="paying.py" />
   <source>付款凭证（回单、截图）</source>
   <translation>Proof of payment (slip, screenshot)</translation>
  </message>
  <message>
   <location filename="paying.py" />
   <source>没有未付的款项</source>
   <translation>Nothing is open</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>声音波形，长 {t}</source>
   <translation>Outline of the sound, {t} long</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>影片画面</source>
   <translation>Stills of the film</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>播放</source>
   <translation>Play</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>本程序包不含播放组件，由系统的播放器打开；可能需要它支持此格式。</source>
   <translation>This package has no player of its own; the system's player opens the file if it knows its format.</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>正在取画面…</source>
   <translation>Fetching pictures…</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>没有可显示的画面：您无权查看，或文件不在这里，或无法解码。</source>
   <translation>Nothing to show: it is not yours to see, the file is not here, or it cannot be decoded.</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>现在取不到画面，请稍后再试。</source>
   <translation>No pictures can be had now; please try again later.</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>用系统播放器打开</source>
   <translation>Open in the system's player</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>系统没有打开此文件的程序；可用“取出文件”另存。</source>
   <translation>The system has no program for this file; take it out as a file instead.</translation>
  </message>
  <message>
   <location filename="player.py" />
   <source>试看试听</source>
   <translation>Watch and listen</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>{n} 件</source>
   <translation>{n} {n:case|cases}</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>{n} 件待办</source>
   <translation>{n} to handle</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>导入年度日历…</source>
   <translation>Import a year's calendar…</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>已办结</source>
   <translation>Closed</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>年度工作日历</source>
   <translation>A year's working days</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>待办</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>疑似相近 {n} 件</source>
   <translation>{n} {n:work|works} {n:looks|look} like it</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>登记案件</source>
   <translation>Cases</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>类别</source>
   <translation>Category</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>“疑似”只表示相近，不是侵权结论。存证能证明您在此刻持有这件作品，不证明独创性。</source>
   <translation>"Suspected" means alike, it is no finding of infringement. A deposit proves that you hold the work now, not that it is original.</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>各自独立创作</source>
   <translation>Made independently</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>同一作品的另一版本</source>
   <translation>Another version of the same work</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>填入在先作品，列入作品谱系</source>
   <translation>Names it as the earlier work, in the family tree</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>它改编自我的</source>
   <translation>It is made from mine</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>并不相近，比对有误</source>
   <translation>Not alike: the comparison errs</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>我改编自它</source>
   <translation>Mine is made from it</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>经其权利人许可</source>
   <translation>With its owner's permission</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>请在备注中写明许可</source>
   <translation>Name the permission in the note</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>请在备注中说明</source>
   <translation>Say why in the note</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>请在备注中说明不同之处</source>
   <translation>Say in the note what differs</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>请在备注中说明创作过程</source>
   <translation>Tell how yours was made in the note</translation>
  </message>
  <message>
   <location filename="relation.py" />
   <source>请在备注中说明，由登记机构判断</source>
   <translation>Explain in the note; the office judges</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>先全网查重，对查到的每件作品写明意见，再作初审决定。</source>
   <translation>Compare with all works first, write an opinion of each work found, then decide.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>先核查材料是否齐全。</source>
   <translation>Check first that the papers are complete.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>公告后登记完成。</source>
   <translation>Publish to finish the registration.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>发证：编号、制作并签署 PDF，散列写入账本。</source>
   <translation>Issue: number, signed PDF, its hash on the ledger.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>只在登记机构的私有集合中，请勿外传。</source>
   <translation>Held in the office's private collection only; do not pass on.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>同一证件号码曾以“{n}”（{p}）提交，见作品 {w}。请核实身份。</source>
   <translation>The same document number was handed in as "{n}" ({p}), see {w}. Check who it is.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>审查期限</source>
   <translation>Examine by</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>开始审查，30 个工作日内完成。</source>
   <translation>Begin the examination; it ends within 30 working days.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>权利人证件</source>
   <translation>Owners' documents</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>材料齐全则受理；不齐则要求补正，并写明原因。</source>
   <translation>Accept complete papers; otherwise say what to correct.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>查相近作品</source>
   <translation>Find copies</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>核查期限</source>
   <translation>Verify by</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>独创性</source>
   <translation>Originality</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>由初审人以外的登记员复审。</source>
   <translation>Reviewed by another registrar than the first.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>申请</source>
   <translation>Application</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>目的</source>
   <translation>Purpose</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>看权利人证件</source>
   <translation>Owners' documents</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>等待申请人补正。</source>
   <translation>Waiting for the applicant's correction.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>补正期限</source>
   <translation>Correct by</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>身份</source>
   <translation>Identity</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>过程</source>
   <translation>Process</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>返回案件</source>
   <translation>Back to the case</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>“疑似”只表示相近，不是侵权结论。请与在先作品对照后自行判断，或提交登记机构。</source>
   <translation>"Suspected" means alike, not infringing. Compare with the earlier work yourself, or ask the office.</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>与 {n} 件作品比对，用时 {t}</source>
   <translation>compared with {n} {n:work|works} in {t}</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>去存证</source>
   <translation>Deposit it</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>只在本机计算指纹，不存证，不上传</source>
   <translation>Fingerprints are computed here; nothing is deposited or sent</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>图片可认出裁剪、镜像、缩放和加字；文字可认出摘录；声音和影像可认出剪辑。</source>
   <translation>Pictures are recognised when cropped, mirrored, scaled or captioned; texts by excerpts; sound and video by cuts.</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>完全相同 {e} 件，疑似相近 {s} 件</source>
   <translation>{e} identical, {s} suspected</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>拖入要查的文件，或点此选择</source>
   <translation>Drop a file, or press to choose one</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>查另一个文件</source>
   <translation>Another file</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>比对结果</source>
   <translation>Results</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>没有找到相同或疑似相近的作品</source>
   <translation>Nothing identical or suspiciously alike</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>没有找到，不等于没有：只与本工作区建过指纹的作品比对。</source>
   <translation>That is no proof that there is none: only works fingerprinted in this workspace are compared.</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>还没有比对</source>
   <translation>Nothing compared yet</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>选择一个文件，与已存证的作品逐一比对。</source>
   <translation>Choose a file; it is compared with every deposited work.</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>停止内容服务</source>
   <translation>Stop the content service</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>内容服务已停止；文件会在各自的桌面等待</source>
   <translation>The content service has stopped; files wait at their desks</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>内容服务已启动：{a}</source>
   <translation>The content service runs: {a}</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>启动内容服务</source>
   <translation>Start the content service</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>保存</source>
   <translation>Save</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>地址（RFC 3161，留空则不用）</source>
   <translation>Address (RFC 3161; empty for none)</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>存证时和每天各取一个可信时间戳。</source>
   <translation>A time-stamp is taken at each deposit and once a day.</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>已保存，取得 {n} 个时间戳</source>
   <translation>Saved; {n} time-stamps taken</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>已取 {n} 个时间戳，欠 {o} 个。</source>
   <translation>{n} time-stamps taken, {o} owed.</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>时间戳机构</source>
   <translation>Time-stamp authority</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>根证书 {n} 张</source>
   <translation>{n} root {n:certificate|certificates}</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>选择时间戳机构的根证书（PEM）</source>
   <translation>Choose the roots of the time-stamp authority (PEM)</translation>
  </message>
  <message>
   <location filename="stamps.py" />
   <source>选择根证书（PEM）…</source>
   <translation>Choose root certificates (PEM)…</translation>
  </message>
  <message>
   <location filename="steps.py" />
   <source>第 {n} 步，共 {m} 步：{t}</source>
   <translation>Step {n} of {m}: {t}</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>{n} 项不符</source>
   <translation>{n} wrong</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>{n} 项核对</source>
   <translation>{n} {n:check|checks}</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>不符</source>
   <translation>Wrong</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>不能作为依据。请向出具方重新取得，并用原始文件核对。</source>
   <translation>Do not rely on it. Get it anew from whoever issued it, and compare with the original.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>不证明独创性，也不证明存证人就是作者</source>
   <translation>Not proven: originality, or that the depositor is the author</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>与包内的离线核验程序相同，不需要网络</source>
   <translation>The same checks as the verifier inside packages; no network is needed</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>保留</source>
   <translation>Reservation</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>其他文件</source>
   <translation>Other file</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>内容哪怕改动一个字节也会不同。可以到“查重”看有没有疑似相近的作品。</source>
   <translation>A single changed byte makes another content. "Find copies" looks for works that are alike.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>在所示时间之前，存证人已持有这份内容</source>
   <translation>The depositor had this content before the time shown</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>它不是登记机构发出的原件，或者被改动过。</source>
   <translation>It is not what the office issued, or it was changed.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>拖入证据包（zip）、登记证书（PDF）或任意文件，或点此选择</source>
   <translation>Drop an evidence package (zip), a certificate (PDF) or any file, or press to choose</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>文件与存证的内容逐字节相同。</source>
   <translation>The file is byte for byte what was deposited.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>时间戳机构…</source>
   <translation>Time-stamp authority…</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>时间戳机构的根证书…</source>
   <translation>Roots of the time-stamp authority…</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>更多</source>
   <translation>More</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>未证实</source>
   <translation>Not confirmed</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>查账本上有没有内容完全相同的存证。</source>
   <translation>Whether the very same content is deposited.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>核对这份 PDF 的散列是否由登记机构写在账本上。</source>
   <translation>Whether the office wrote the hash of this PDF onto the ledger.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>核验另一个文件</source>
   <translation>Another file</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>核验证据包、证书或作品文件</source>
   <translation>Verify an evidence package, a certificate or a file</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>用通道名片核验…</source>
   <translation>Check against a channel card…</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>登记事项已变更，登记机构另发了新证。请核对新证。</source>
   <translation>The entries have changed and the office issued another certificate. Check that one.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>登记已撤销，证书失效</source>
   <translation>Registration cancelled: the certificate is void</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>登记机构把这份证书的散列写在了账本上。</source>
   <translation>The office wrote its hash onto the ledger.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>登记证书</source>
   <translation>Certificate</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>相符</source>
   <translation>Holds</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>证书与账本相符</source>
   <translation>The certificate is on the ledger</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>证书已被新证替代</source>
   <translation>Replaced by a newer certificate</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>证书是登记机构发出的原件，但这项登记已被撤销。存证仍在账本上。</source>
   <translation>The office issued this certificate, but its registration was cancelled. The deposit stays on the ledger.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>说明</source>
   <translation>Note</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>账本上有这份内容的存证</source>
   <translation>This content is deposited</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>账本上没有这份内容</source>
   <translation>This content is not on the ledger</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>账本上没有这份证书</source>
   <translation>This certificate is not on the ledger</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>账本上的记录</source>
   <translation>Records on the ledger</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>这份 PDF 与登记机构发出的证书逐字节相同</source>
   <translation>This PDF is byte for byte what the office issued</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>这份文件与存证时的内容逐字节相同</source>
   <translation>This file is byte for byte what was deposited</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>这说明什么</source>
   <translation>What this says</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>选择另行取得的通道名片</source>
   <translation>Choose the channel card that you got from elsewhere</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>逐项核对</source>
   <translation>Checks</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>逐项核对容器、文件、区块、签名和证书，指出哪一部分被改动。</source>
   <translation>Container, files, blocks, signatures and certificates are checked; the part that was changed is named.</translation>
  </message>
  <message>
   <location filename="verify.py" />
   <source>部分</source>
   <translation>Part</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>办理</source>
   <translation>More</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>去审查</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>导出证据包…</source>
   <translation>Export evidence…</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>撤销存证…</source>
   <translation>Withdraw deposit…</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>数字版权 / 作品 / {id}</source>
   <translation>Copyright / works / {id}</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>有人提出异议时作品会冻结；侵权线索可以当场取证。</source>
   <translation>A dispute freezes the work; suspected infringements can be captured on the spot.</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>权利</source>
   <translation>Rights</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>申请登记…</source>
   <translation>Apply for registration…</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>许可、转让、质押和变更都会列在这里，每一件都由双方签名。</source>
   <translation>Licences, transfers, pledges and changes are listed here, each signed by both sides.</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>PDF/A · 已由登记机构签名</source>
   <translation>PDF/A, signed by the office</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>不证明独创性</source>
   <translation>It does not prove originality</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>交出密钥</source>
   <translation>Hand over</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>保存证书</source>
   <translation>Save certificate</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>内容已加密存放，只有拿到密钥的人能解开。</source>
   <translation>Stored sealed; only those who were given the key can open it.</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>写入内容凭证的副本存到</source>
   <translation>Save the copy with Content Credentials</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>另存…</source>
   <translation>Save as…</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>存在：这份内容的标识写在账本上</source>
   <translation>Existence: its content id is on the ledger</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>存证人：签名随交易保存</source>
   <translation>Depositor: the signature is kept with the transaction</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>存证能证明什么</source>
   <translation>What a deposit proves</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>审查期间，登记机构可以打开加密作品，每次都记在账本上。</source>
   <translation>While it examines, the office may open the sealed work; each time stands on the ledger.</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>密钥已交给被许可人</source>
   <translation>Key handed over</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>密钥用对方的阅读密钥加密后写入账本，只有对方能解开。对方取走的副本不能收回；许可终止后，内容服务不再提供。</source>
   <translation>The key is wrapped for the other's reading key and put on the ledger; nobody else opens it. A copy that they have taken cannot be called back; once the licence ends the services give no new one.</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>已写入内容凭证：{f}</source>
   <translation>Content Credentials written: {f}</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>已取出 {s}，逐块核对过</source>
   <translation>{s} saved, every block verified</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>已解密 {s}</source>
   <translation>{s} decrypted</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>打开以便审查…</source>
   <translation>Open to examine…</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>把密钥交给被许可人</source>
   <translation>Hand the key to a licensee</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>把密钥交给被许可人…</source>
   <translation>Hand key to a licensee…</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>把登记信息写入副本…</source>
   <translation>Write registration into a copy…</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>时间：{t}</source>
   <translation>Time: {t}</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>有了生效的许可，就可以把密钥交给被许可人。</source>
   <translation>Once a licence is in force, its key can be handed over.</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>登记通过并发证后，证书会出现在这里。</source>
   <translation>The certificate is here once it has been issued.</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>看内容凭证</source>
   <translation>Content Credentials</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>解密到文件</source>
   <translation>Decrypt to a file</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>解密到文件…</source>
   <translation>Decrypt to a file…</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>证书与证据</source>
   <translation>Certificate and evidence</translation>
  </message>
  <message>
   <location filename="work_panel.py" />
   <source>证书已保存</source>
   <translation>The certificate was saved</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>上溯 {u} 代，下行 {d} 代，共 {n} 件；双击或回车打开</source>
   <translation>{u} {u:generation|generations} up, {d} down, {n} {n:work|works}; double click or Enter opens</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>初审</source>
   <translation>Preliminary</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>受理</source>
   <translation>Accepted</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>复审</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>存证于</source>
   <translation>Deposited</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>存证已撤销</source>
   <translation>Deposit withdrawn</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>审查</source>
   <translation>Examined</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>已加密</source>
   <translation>Sealed</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>有人对这件作品提出异议，处理之前不能许可、转让或质押。</source>
   <translation>This work is contested: no licence, transfer or pledge until that is decided.</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>有异议，已冻结</source>
   <translation>Contested, frozen</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>期限 {d}</source>
   <translation>due {d}</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>核查</source>
   <translation>Verified</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>每一段都是账本上的一笔交易；双击或回车打开</source>
   <translation>Each piece is a transaction; double click or Enter opens it</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>登记已撤销：{n}</source>
   <translation>Registration cancelled: {n}</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>登记进度</source>
   <translation>Registration</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>看异议</source>
   <translation>See dispute</translation>
  </message>
  <message>
   <location filename="work_parts.py" />
   <source>质押中</source>
   <translation>Pledged</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>{n} 件作品，{r} 件已登记</source>
   <translation>{n} {n:work|works}, {r} registered</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>{n}（已撤销）</source>
   <translation>{n} (cancelled)</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>作品名、登记号、CID</source>
   <translation>Title, number, CID</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>存证作品…</source>
   <translation>Deposit a work…</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>导出作品清单</source>
   <translation>Export the list</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>导出清单…</source>
   <translation>Export list…</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>已导出 {n} 件作品</source>
   <translation>{n} {n:work|works} exported</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>我的</source>
   <translation>Mine</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>批量存证…</source>
   <translation>Deposit folder…</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>拖入一个文件就可以存证，收据立即出具。</source>
   <translation>Drop a file to deposit it; the receipt is immediate.</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>样式</source>
   <translation>Look</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>登记已撤销</source>
   <translation>Registration cancelled</translation>
  </message>
  <message>
   <location filename="works.py" />
   <source>还没有作品</source>
   <translation>No works yet</translation>
  </message>
 </context>
</TS>
