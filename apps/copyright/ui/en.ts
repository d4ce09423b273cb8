<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>copyright</name>
  <message>
   <location filename="__init__.py" />
   <source>存证由创作者立即完成：文件存入内容库，指纹与内容标识写入账本。登记由登记机构审查，通过后发证。“疑似”只表示相近，不是侵权结论；存证证明存在、时间与存证人，不证明独创性。</source>
   <translation>A deposit is immediate: the file goes to the content store, fingerprints and content id to the ledger. Registration is reviewed by the office. “Suspected” means alike, not infringing; a deposit proves existence, time and depositor, not originality.</translation>
  </message>
  <message>
   <location filename="__init__.py" />
   <source>数字版权</source>
   <translation>Copyright</translation>
  </message>
  <message>
   <location filename="apply.py" />
   <source>主体类型</source>
   <translation>Kind of owner</translation>
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
   <source>提交申请</source>
   <translation>Submit</translation>
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
   <source>作品类别</source>
   <translation>Category</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>作者</source>
   <translation>Author</translation>
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
   <source>登记日期</source>
   <translation>Registered</translation>
  </message>
  <message>
   <location filename="certificate_picture.py" />
   <source>证书 {n}：</source>
   <translation>Certificate {n}: </translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>“疑似”只表示相近，不是侵权结论。存证能证明您在此刻持有这件作品，不证明独创性。</source>
   <translation>“Suspected” means alike, it is no finding of infringement. A deposit proves that you hold the work now, not that it is original.</translation>
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
   <source>图像</source>
   <translation>Image</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>图片、文字、声音、影像、软件，任意大小。拖入后先在本机计算指纹，不上传。</source>
   <translation>Pictures, texts, sounds, films, software of any size. Fingerprints are computed here first.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>在 {n} 件存证中比对</source>
   <translation>compared with {n} deposits</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>在先作品</source>
   <translation>Earlier work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>声音</source>
   <translation>Sound</translation>
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
   <source>已存证，写入区块 {n}</source>
   <translation>Deposited in block {n}</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>影像</source>
   <translation>Film</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>您的作品</source>
   <translation>Your work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>所有文件 (*)</source>
   <translation>All files (*)</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>打开在先作品</source>
   <translation>Open the earlier work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>拖入作品文件，或点此选择</source>
   <translation>Drop the work's file, or press to choose</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>指纹已在本机算好</source>
   <translation>Fingerprinted here</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>改编、翻译、汇编等须写明，用顿号分开</source>
   <translation>Named for adaptations and the like, separated by commas</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>放弃</source>
   <translation>Discard</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>数字版权 · 存证</source>
   <translation>Copyright · deposit</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>文件</source>
   <translation>File</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>文字</source>
   <translation>Text</translation>
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
   <source>查到疑似相近作品，请如实选择创作性质。</source>
   <translation>Something looks alike: please state the creation kind truly.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>没有疑似相近的作品。</source>
   <translation>Nothing looks alike.</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>疑似相近作品</source>
   <translation>Works that look alike</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>署名</source>
   <translation>Signed as</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>请选择</source>
   <translation>Choose</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>还没有选择文件</source>
   <translation>No file chosen yet</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>还需写明在先作品</source>
   <translation>Name the earlier work</translation>
  </message>
  <message>
   <location filename="deposit.py" />
   <source>还需填写{what}</source>
   <translation>Still needed: {what}</translation>
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
   <source>镜像后</source>
   <translation>mirrored</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>{n} 件作品，{r} 件已登记</source>
   <translation>{n} works, {r} registered</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>作品</source>
   <translation>Work</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>作品名、登记号、CID</source>
   <translation>Title, number, CID</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>全部作品</source>
   <translation>All works</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>列出 {n} 件</source>
   <translation>{n} shown</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>去部署…</source>
   <translation>Deploy…</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>大小</source>
   <translation>Size</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>存证作品…</source>
   <translation>Deposit a work…</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>已加密</source>
   <translation>Sealed</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>拖入一个文件就可以存证，收据立即出具。</source>
   <translation>Drop a file to deposit it; the receipt is immediate.</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>版权合约还没有部署</source>
   <translation>The copyright contract is not deployed</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>状态</source>
   <translation>State</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>登记号</source>
   <translation>Number</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>登记审查</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>类别</source>
   <translation>Category</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>还没有作品</source>
   <translation>No works yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>部署后就可以存证和登记作品。</source>
   <translation>Once it is, works can be deposited and registered.</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>{n} 件</source>
   <translation>{n} cases</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>已办结</source>
   <translation>Closed</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>已超期</source>
   <translation>overdue</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>待办</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>提交</source>
   <translation>Filed</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>显示</source>
   <translation>Show</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>期限</source>
   <translation>Due</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>申请人</source>
   <translation>Applicant</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>登记案件</source>
   <translation>Cases</translation>
  </message>
  <message>
   <location filename="queue.py" />
   <source>还有 {n} 天</source>
   <translation>{n} days left</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>不予登记…</source>
   <translation>Refuse…</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>予以公告</source>
   <translation>Publish</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>予以发证</source>
   <translation>Issue certificate</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>予以受理</source>
   <translation>Accept</translation>
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
   <source>创作说明</source>
   <translation>Statement</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>原因</source>
   <translation>Reasons</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>发证：编号、制作并签署 PDF，散列写入账本。</source>
   <translation>Issue: number, signed PDF, its hash on the ledger.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>取得</source>
   <translation>Acquired</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>审查意见</source>
   <translation>Opinion</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>审查期限</source>
   <translation>Examine by</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>审查通过…</source>
   <translation>Approve…</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>审查通过或不予登记，都要写明意见。</source>
   <translation>Approve or refuse, always with reasons.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>已完成：{what}</source>
   <translation>Done: {what}</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>开始审查</source>
   <translation>Begin examination</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>开始审查，30 个工作日内完成。</source>
   <translation>Begin the examination; it ends within 30 working days.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>开始核查</source>
   <translation>Begin verification</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>归属</source>
   <translation>Attribution</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>打开作品</source>
   <translation>Open the work</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>接下来</source>
   <translation>Next</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>权利人</source>
   <translation>Owners</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>材料齐全则受理；不齐则要求补正，并写明原因。</source>
   <translation>Accept complete papers; otherwise say what to correct.</translation>
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
   <source>等待申请人补正。</source>
   <translation>Waiting for the applicant's correction.</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>经过</source>
   <translation>History</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>补正期限</source>
   <translation>Correct by</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>要求补正…</source>
   <translation>Ask for correction…</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>过程</source>
   <translation>Process</translation>
  </message>
  <message>
   <location filename="review.py" />
   <source>需要补正什么</source>
   <translation>What to correct</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>不予登记</source>
   <translation>Refused</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>审查中</source>
   <translation>Being examined</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>审查通过，待发证</source>
   <translation>Approved</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>已受理</source>
   <translation>Accepted</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>已存证</source>
   <translation>Deposited</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>已提交，待核查</source>
   <translation>Submitted</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>已撤回</source>
   <translation>Withdrawn</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>待补正</source>
   <translation>To be corrected</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>核查中</source>
   <translation>Being verified</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>登记已撤销</source>
   <translation>Cancelled</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>登记有效</source>
   <translation>Registered</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>登记有效，已公告</source>
   <translation>Registered, published</translation>
  </message>
  <message>
   <location filename="words.py" />
   <source>逾期未补正</source>
   <translation>Lapsed</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>PDF/A · 已由登记机构签名</source>
   <translation>PDF/A, signed by the office</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>上溯与下行</source>
   <translation>both ways</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>不证明独创性</source>
   <translation>It does not prove originality</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>事项</source>
   <translation>What</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>交易</source>
   <translation>Transaction</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>作品记录更新</source>
   <translation>Work updated</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>作品谱系</source>
   <translation>Provenance</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>保存证书</source>
   <translation>Save certificate</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>全部历史</source>
   <translation>Whole history</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>公告</source>
   <translation>Published</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>内容</source>
   <translation>Content</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>内容已加密，用权利人的密钥才能解开。</source>
   <translation>Sealed; the owner's key opens it.</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>去审查</source>
   <translation>Review</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>发证</source>
   <translation>Issued</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>取出文件</source>
   <translation>Save the file</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>取出文件…</source>
   <translation>Save the file…</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>受理</source>
   <translation>Accepted</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>另存…</source>
   <translation>Save as…</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>在先</source>
   <translation>earlier</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>存在：这份内容的标识写在账本上</source>
   <translation>Existence: its content id is on the ledger</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>存证于</source>
   <translation>Deposited</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>存证人：签名随交易保存</source>
   <translation>Depositor: the signature is kept with the transaction</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>存证能证明什么</source>
   <translation>What a deposit proves</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>审查</source>
   <translation>Examined</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>已取出 {s}，逐块核对过</source>
   <translation>{s} saved, every block verified</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>打开</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>打开证书</source>
   <translation>Open certificate</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>数字版权 / 作品 / {id}</source>
   <translation>Copyright / works / {id}</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>时间</source>
   <translation>Time</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>时间：{t}</source>
   <translation>Time: {t}</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>期限 {d}</source>
   <translation>due {d}</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>核查</source>
   <translation>Verified</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>每一条都是账本上的一笔交易，双击打开</source>
   <translation>each is a transaction; double click opens it</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>由此而来</source>
   <translation>derived</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>申请登记…</source>
   <translation>Apply for registration…</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>登记证书</source>
   <translation>Certificate</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>登记进度</source>
   <translation>Registration</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>登记通过并发证后，证书会出现在这里。</source>
   <translation>The certificate is here once it has been issued.</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>证书与证据</source>
   <translation>Certificate and evidence</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>证书已保存</source>
   <translation>The certificate was saved</translation>
  </message>
  <message>
   <location filename="work.py" />
   <source>通过</source>
   <translation>Approved</translation>
  </message>
 </context>
</TS>
