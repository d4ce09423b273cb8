<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>health_slots</name>
  <message>
   <location filename="__init__.py" />
   <source>号源在放号前写入承诺，之后的每次增减都留下理由与签名人。看板上每个小格是一个号；可导入排班、放号、查号、预约、取号与退号，并随时从区块重新核对。</source>
   <translation>Slots are committed before they open; every later change leaves a reason and a signer. Each square of the board is a slot. Import schedules, open them, search, book, check in, cancel, and recheck from the blocks at any time.</translation>
  </message>
  <message>
   <location filename="__init__.py" />
   <source>号源链</source>
   <translation>Slots</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>{b} 个区块，{t} 笔交易</source>
   <translation>{b} blocks, {t} transactions</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>{s} 个出诊单元，{n} 个号，{k} 次预约</source>
   <translation>{s} sessions, {n} slots, {k} bookings</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>与承诺一致，没有隐藏的号</source>
   <translation>Agrees with the commitments; nothing hidden</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>事后变化</source>
   <translation>Changes</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>从区块审计</source>
   <translation>Audit</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>加号 {a}，撤回 {w}，迟到 {l}，隐藏 {h}</source>
   <translation>{a} added, {w} withdrawn, {l} late, {h} hidden</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>区块</source>
   <translation>Block</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>发现</source>
   <translation>Finding</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>取消</source>
   <translation>Cancel</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>只读区块：重算每个出诊单元的承诺根，逐号对照放号内容，列出事后增减、迟到的承诺和不合规则的写入。不依赖索引，也不依赖医院的说法。</source>
   <translation>From blocks alone: every session's root is computed again and compared with what was opened; later changes, late commitments and writes against the rules are listed. Neither index nor hospital is trusted.</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>哪里</source>
   <translation>Where</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>审计发现</source>
   <translation>Findings</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>开始审计</source>
   <translation>Audit</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>时间</source>
   <translation>Time</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>有与承诺不一致的地方</source>
   <translation>Something contradicts the commitments</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>末块</source>
   <translation>Head</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>核对了</source>
   <translation>Checked</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>理由</source>
   <translation>Reason</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>签名人</source>
   <translation>Signer</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>读了</source>
   <translation>Read</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>{day} {dept} {doctor}：{n} 个号，已约 {b}，空闲 {f}</source>
   <translation>{day} {dept} {doctor}: {n} slots, {b} booked, {f} free</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>上</source>
   <translation>a</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>下</source>
   <translation>p</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>今天</source>
   <translation>Today</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>号源看板</source>
   <translation>Slots of the week</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>夜</source>
   <translation>n</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>未排班</source>
   <translation>No session</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>{a} 至 {b}</source>
   <translation>{a} to {b}</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>{n} 个号 · 已约 {b} · 空闲 {f}</source>
   <translation>{n} slots · {b} booked · {f} free</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>全部号别</source>
   <translation>All kinds</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>全部科室</source>
   <translation>All departments</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>前一周</source>
   <translation>Previous week</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>加的号</source>
   <translation>Added</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>号别</source>
   <translation>Kind</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>后一周</source>
   <translation>Next week</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>本周</source>
   <translation>This week</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>科室</source>
   <translation>Department</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>{n} 元</source>
   <translation>{n} yuan</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>为居民预约</source>
   <translation>Book for a resident</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>交易</source>
   <translation>Transaction</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>其他</source>
   <translation>Other</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>出示取号码</source>
   <translation>Show the check-in code</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>创建</source>
   <translation>Created</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>取号二维码</source>
   <translation>Check-in QR code</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>姓名</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>姓名、证件和手机只存入这家医院的私有集合，账本上只有假名。</source>
   <translation>Name, document and phone go to this hospital's private collection; the ledger has a pseudonym.</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>居民假名</source>
   <translation>Pseudonym</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>居民身份证</source>
   <translation>Identity card</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>已退号，号源转给候补</source>
   <translation>Cancelled; the slot goes to the waitlist</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>已预约 {id}</source>
   <translation>Booked {id}</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>截止</source>
   <translation>Closes</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>手机</source>
   <translation>Phone</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>护照</source>
   <translation>Passport</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>没有预约</source>
   <translation>No appointment</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>编号</source>
   <translation>Id</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>证件号码</source>
   <translation>Document number</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>证件类型</source>
   <translation>Document</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>费用</source>
   <translation>Fee</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>退号…</source>
   <translation>Cancel appointment…</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>预约</source>
   <translation>Book</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>预约号</source>
   <translation>Id</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>预约记录</source>
   <translation>Appointment</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>CSV 或 XLSX，编码 UTF-8 或 GBK 均可。有一行不能导入，就整个不导入。写入的是放号前的承诺，放号之前号源内容不公开。</source>
   <translation>CSV or XLSX, UTF-8 or GBK. With one bad line nothing is imported. What is written are commitments; the slots stay private until they open.</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>{bad} 行不能导入，共 {rows} 行</source>
   <translation>{bad} of {rows} rows cannot be imported</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>{rows} 行，{s} 个出诊单元，{n} 个号，全部可以导入</source>
   <translation>{rows} rows, {s} sessions, {n} slots; all good</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>不能导入的行</source>
   <translation>Bad lines</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>内容</source>
   <translation>Value</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>写入承诺</source>
   <translation>Commit</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>列</source>
   <translation>Column</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>原因</source>
   <translation>Why</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>只含字母和数字，最多 16 个</source>
   <translation>Letters and digits, 16 at most</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>名称</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>导入排班</source>
   <translation>Import a schedule</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>已写入 {s} 个出诊单元的承诺，{n} 个号</source>
   <translation>{s} sessions committed, {n} slots</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>已登记 {name}</source>
   <translation>{name} was admitted</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>拖入排班文件，或点此选择</source>
   <translation>Drop a schedule here, or press to choose</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>排班 (*.csv *.xlsx)</source>
   <translation>Schedules (*.csv *.xlsx)</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>登记</source>
   <translation>Admit</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>登记医院</source>
   <translation>Admit a hospital</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>编号写入账本，之后不能更改。</source>
   <translation>Its id is on the ledger and cannot be changed.</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>行</source>
   <translation>Line</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>请先修正文件</source>
   <translation>Mend the file first</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>还没有选择文件</source>
   <translation>No file chosen yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>先登记一家医院，再导入它的排班。</source>
   <translation>Admit a hospital, then import its schedule.</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>医院</source>
   <translation>Hospital</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>去部署…</source>
   <translation>Deploy…</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>号源合约还没有部署</source>
   <translation>The slots contract is not deployed</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>号源链 · {id} · {s} 个出诊单元，{n} 个号，空闲 {f}</source>
   <translation>Slots · {id} · {s} sessions, {n} slots, {f} free</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>导入排班…</source>
   <translation>Import schedule…</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>已放号 {n} 个；{w} 个单元还没到放号时间</source>
   <translation>{n} slots open; {w} sessions are not due yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>放号</source>
   <translation>Open slots</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>查号与预约</source>
   <translation>Search and book</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>登记医院…</source>
   <translation>Admit a hospital…</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>看板</source>
   <translation>Board</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>还没有医院</source>
   <translation>No hospitals yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>还没有网络</source>
   <translation>No network yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>部署后就可以导入排班、放号和预约。</source>
   <translation>Once it is, schedules can be imported, opened and booked.</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>{n} 个号</source>
   <translation>{n} slots</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>{n} 个号，还有更多</source>
   <translation>{n} slots, and more</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>从</source>
   <translation>From</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>例如 心血管</source>
   <translation>for example cardio</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>全部</source>
   <translation>All</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>医生</source>
   <translation>Doctor</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>医院、科室</source>
   <translation>Hospital, department</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>医院与科室</source>
   <translation>Hospital and department</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>只看空闲</source>
   <translation>Free only</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>号</source>
   <translation>No.</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>号源</source>
   <translation>Slots</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>时段</source>
   <translation>Part</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>更多</source>
   <translation>More</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>状态</source>
   <translation>State</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>至</source>
   <translation>To</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{a} / {b} 个号与承诺相符</source>
   <translation>{a} / {b} slots agree</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{n} 个，已约 {b}，空闲 {f}，加号 {a}</source>
   <translation>{n}: {b} booked, {f} free, {a} added</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>停诊</source>
   <translation>Stop</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>停诊…</source>
   <translation>Stop…</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>写入</source>
   <translation>Written</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>分钟</source>
   <translation>min</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>加号</source>
   <translation>Add a slot</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>加号…</source>
   <translation>Add a slot…</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>加号会标成紫色，理由和签名人写入账本。</source>
   <translation>It is marked violet; reason and signer are on the ledger.</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>区块 {n}</source>
   <translation>block {n}</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>另有 {n} 个空闲</source>
   <translation>{n} more</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>居民只显示假名</source>
   <translation>residents appear as pseudonyms</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>已停诊</source>
   <translation>The session was stopped</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>已加号</source>
   <translation>A slot was added</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>已放号</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>开始（分）</source>
   <translation>Minute</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>开始（时）</source>
   <translation>Hour</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>承诺晚于规定时间</source>
   <translation>Committed later than the rules ask</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>承诺根</source>
   <translation>root</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>承诺证明</source>
   <translation>Commitment</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>放号于</source>
   <translation>Opened</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>放号前写入，之后不可改</source>
   <translation>written before the release</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>放号后加号 {n} 个，均有理由</source>
   <translation>{n} added since, each with a reason</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>放号后即可逐号核对</source>
   <translation>Each slot can be checked once open</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>时长</source>
   <translation>Length</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>未申请</source>
   <translation>—</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>每个号</source>
   <translation>Each slot</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>申请</source>
   <translation>Applied</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>这个出诊单元的 {n} 个预约会取消并可退费，不能撤回。理由写入账本，所有人可见。</source>
   <translation>Its {n} appointments are cancelled and refundable; this cannot be undone. The reason is public on the ledger.</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>逐号核对</source>
   <translation>Check every slot</translation>
  </message>
 </context>
</TS>
