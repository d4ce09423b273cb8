<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="zh_CN">
 <context>
  <name>health_slots</name>
  <message>
   <location filename="__init__.py" />
   <source>号源在放号前写入承诺，之后的每次增减都留下理由与签名人。看板上每个小格是一个号；可导入排班、放号、取号、预约与退号，分配候补，公开摇号，记账对账，更改规则，管理授权与留痕，并随时从区块重新核对。各页签按角色显示。</source>
   <translation>Before slots are released a commitment is written; every later addition or withdrawal leaves a reason and a signer. Each small square of the board is a slot. Import schedules, release, check in, book and cancel, hand on to the waitlist, draw in the open, keep and reconcile the books, change the rules, look after consents and traces, and check everything from the blocks at any time. Tabs appear by role.</translation>
  </message>
  <message>
   <location filename="__init__.py" />
   <source>号源链</source>
   <translation>Slots</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>保留到</source>
   <translation>Kept until</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>停诊</source>
   <translation>Stop</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>凭条…</source>
   <translation>Slip…</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>居民假名</source>
   <translation>Pseudonym</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>居民退号</source>
   <translation>Cancelled by the resident</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>已付</source>
   <translation>Paid</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>已退</source>
   <translation>Refunded</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>应付</source>
   <translation>Due</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>应退</source>
   <translation>To refund</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>撤号</source>
   <translation>Withdraw slots</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>由其他经办处退号</source>
   <translation>Cancelled at another desk</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>申请</source>
   <translation>Applied</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>缴费凭条</source>
   <translation>Receipt</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>缴费凭条…</source>
   <translation>Receipt…</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>费用</source>
   <translation>Fee</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>还应付 {n}</source>
   <translation>Still owes {n}</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>还应退 {n}</source>
   <translation>{n} to be refunded</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>锁定过期</source>
   <translation>The hold ran out</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>预约凭条</source>
   <translation>Appointment slip</translation>
  </message>
  <message>
   <location filename="appointment.py" />
   <source>预约号</source>
   <translation>Id</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>{b} 个区块，{t} 笔交易</source>
   <translation>{b} {b:block|blocks}, {t} {t:transaction|transactions}</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>{s} 个出诊单元，{n} 个号，{k} 次预约</source>
   <translation>{s} {s:session|sessions}, {n} {n:slot|slots}, {k} {k:booking|bookings}</translation>
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
   <source>发现</source>
   <translation>Finding</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>只读区块：重算每个出诊单元的承诺根，逐号对照放号内容，列出事后增减、迟到的承诺和不合规则的写入。不依赖索引，也不依赖医院的说法。</source>
   <translation>From blocks alone: every session's root is computed again and compared with what was opened; later changes, late commitments and writes against the rules are listed. Neither index nor hospital is trusted.</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>可放入医院公布的排班，核对有没有漏掉的单元</source>
   <translation>Optional: drop the schedule that the hospital published, to find sessions that are missing</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>哪里</source>
   <translation>Where</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>在账本里看</source>
   <translation>See in the ledger</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>审计发现</source>
   <translation>Findings</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>对照 {f}</source>
   <translation>Compared with {f}</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>导出审计报告</source>
   <translation>Export the audit report</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>导出报告…</source>
   <translation>Export report…</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>已导出 {f}</source>
   <translation>Exported {f}</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>开始审计</source>
   <translation>Audit</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>排班 (*.csv *.xlsx)</source>
   <translation>Schedules (*.csv *.xlsx)</translation>
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
   <source>留意</source>
   <translation>Notice</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>签名人</source>
   <translation>Signer</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>说明</source>
   <translation>For information</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>读了</source>
   <translation>Read</translation>
  </message>
  <message>
   <location filename="audit.py" />
   <source>须查</source>
   <translation>To check</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>{n} 个单元到时间没有放号</source>
   <translation>{n} {n:session|sessions} {n:is|are} due and {n:was|were} not opened</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>{n} 个单元在应放号之后才承诺</source>
   <translation>{n} {n:session|sessions} {n:was|were} promised after their release was due</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>{n} 个，已约 {b}</source>
   <translation>{n}, {b} booked</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>一人代多人付款、反复占号不付、退号后立刻被约走，会列在这里。</source>
   <translation>One account paying for many people, holds that are never paid, slots rebooked right after a return are listed here.</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>作废居民公钥…</source>
   <translation>Withdraw a resident's key…</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>停诊、改诊、替诊</source>
   <translation>Stopped, moved, substituted</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>停诊数</source>
   <translation>Stopped</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>出诊单元</source>
   <translation>Sessions</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>加号 {a}，撤下 {w}</source>
   <translation>{a} added, {w} withdrawn</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>加的号</source>
   <translation>Added</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>医院</source>
   <translation>Hospital</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>只是迹象，须人工核实</source>
   <translation>Only signs; a person has to check</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>号源</source>
   <translation>Slots</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>各医院</source>
   <translation>Hospitals</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>对外服务</source>
   <translation>Public services</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>对象</source>
   <translation>Who</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>已停诊</source>
   <translation>The session was stopped</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>已换医生</source>
   <translation>Doctor changed</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>已改诊</source>
   <translation>Session moved</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>已放号</source>
   <translation>Open</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>已约</source>
   <translation>Booked</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>承诺</source>
   <translation>Promised</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>承诺 {c}，已放号 {r}</source>
   <translation>{c} promised, {r} opened</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>承诺、放号与事后增减</source>
   <translation>Promised, opened, and changed afterwards</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>撤下</source>
   <translation>Withdrawn</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>最近 {n} 次</source>
   <translation>Last {n}</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>有关的预约</source>
   <translation>Appointments concerned</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>次数</source>
   <translation>Times</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>没有</source>
   <translation>None</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>没有疑似迹象</source>
   <translation>No signs</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>疑似倒号</source>
   <translation>Possible resale</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>登记医院…</source>
   <translation>Admit a hospital…</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>登记门户…</source>
   <translation>Admit a portal…</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>监管的部分</source>
   <translation>Parts of oversight</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>看板</source>
   <translation>Board</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>观察</source>
   <translation>Observe</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>迟到</source>
   <translation>Late</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>迹象</source>
   <translation>Sign</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>迹象不是结论。请看预约经过，必要时联系医院核实。</source>
   <translation>A sign is no verdict. Look at the appointments, and ask the hospital if need be.</translation>
  </message>
  <message>
   <location filename="authority.py" />
   <source>逾期未放</source>
   <translation>Overdue</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>{k} 个科目，借方合计 {a} 元，贷方合计 {b} 元</source>
   <translation>{k} {k:account|accounts}, debits CNY {a}, credits CNY {b}</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>从第一笔分录到现在</source>
   <translation>From the first posting until now</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>借方（元）</source>
   <translation>Debit (CNY)</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>借贷不等，请从区块审计</source>
   <translation>Debits and credits differ; audit from the blocks</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>借贷相等</source>
   <translation>Debits equal credits</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>医院的挂号收入</source>
   <translation>The hospital's fees</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>含义</source>
   <translation>Meaning</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>居民还没付的挂号费</source>
   <translation>Fees that residents have not paid yet</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>已结算到医院银行户的</source>
   <translation>Settled to the hospital's bank account</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>渠道已收、还没结算的</source>
   <translation>Received by the channel, not settled yet</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>科目</source>
   <translation>Account</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>第一个收费的预约之后，这里列出每个科目的余额。</source>
   <translation>After the first booking with a fee, the balance of each account is listed here.</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>试算平衡</source>
   <translation>Trial balance</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>该退还没退给居民的</source>
   <translation>Owed back to residents</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>贷方（元）</source>
   <translation>Credit (CNY)</translation>
  </message>
  <message>
   <location filename="balance.py" />
   <source>还没有分录</source>
   <translation>No postings yet</translation>
  </message>
  <message>
   <location filename="bills.py" />
   <source>三方对账</source>
   <translation>Reconciliation</translation>
  </message>
  <message>
   <location filename="bills.py" />
   <source>当天收支</source>
   <translation>The day</translation>
  </message>
  <message>
   <location filename="bills.py" />
   <source>积分</source>
   <translation>Points</translation>
  </message>
  <message>
   <location filename="bills.py" />
   <source>账单的部分</source>
   <translation>Parts of the bills</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>{day} {dept} {doctor}：{n} 个号，已约 {b}，空闲 {f}</source>
   <translation>{day} {dept} {doctor}: {n} {n:slot|slots}, {b} booked, {f} free</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>上</source>
   <translation>am</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>下</source>
   <translation>pm</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>号源看板</source>
   <translation>Slots of the week</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>夜</source>
   <translation>eve</translation>
  </message>
  <message>
   <location filename="board.py" />
   <source>未排班</source>
   <translation>No session</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>{n} 个号 · 已约 {b} · 空闲 {f}</source>
   <translation>{n} {n:slot|slots} · {b} booked · {f} free</translation>
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
   <comment>legend</comment>
   <translation>added</translation>
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
   <source>导入排班…</source>
   <translation>Import schedule…</translation>
  </message>
  <message>
   <location filename="board_tab.py" />
   <source>放号</source>
   <translation>Open slots</translation>
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
   <source>{slot}：{state}</source>
   <translation>{slot}: {state}</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>为居民预约</source>
   <translation>Book for a resident</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>先锁定</source>
   <translation>Hold first</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>创建</source>
   <translation>Created</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>去窗口查找</source>
   <translation>Find at the desk</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>居民只显示假名</source>
   <translation>residents appear as pseudonyms</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>截止</source>
   <translation>Closes</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>本人</source>
   <translation>In person</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>查看</source>
   <translation>Show</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>查看预约 {n}</source>
   <translation>Show appointment {n}</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>没有预约</source>
   <translation>No appointment</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>由家人代约…</source>
   <translation>By a family member…</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>由家人代约，证件尾号 {d}</source>
   <translation>Booked by a family member, document ending in {d}</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>登记新居民…</source>
   <translation>New resident…</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>这个号已退回，先给候补的人。可在“候补”页分配。</source>
   <translation>This slot was returned and goes to those who wait. Hand it on in "Waitlist".</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>预约</source>
   <translation>Book</translation>
  </message>
  <message>
   <location filename="booking.py" />
   <source>预约记录</source>
   <translation>Appointment</translation>
  </message>
  <message>
   <location filename="campus.py" />
   <source>全部院区</source>
   <translation>All campuses</translation>
  </message>
  <message>
   <location filename="campus.py" />
   <source>院区</source>
   <translation>Campus</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>{n} 个预约会取消，不能撤回；居民不算退号，也不算爽约。</source>
   <translation>{n} {n:appointment|appointments} will be cancelled for good; it counts neither as a cancellation nor as a no-show of the residents.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>{n} 个预约改由接诊医生看，号和时间不变。</source>
   <translation>{n} {n:appointment|appointments} {n:goes|go} to the other doctor; slots and hours stay.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>写成 3, 7-9 这样</source>
   <translation>Write it like 3, 7-9</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>号</source>
   <translation>No.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>应退 {n}</source>
   <translation>{n} to be refunded</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>手机</source>
   <translation>Phone</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>打印</source>
   <translation>Print</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>改为 {date} {a}–{b}。{n} 个预约随之改到新的时间；居民在开始前都可以免责退号。</source>
   <translation>Now on {date}, {a}–{b}. {n} {n:appointment|appointments} {n:moves|move} along; until it begins residents may cancel without blame.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>日期和钟点都没有变</source>
   <translation>Neither date nor hour changes</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>本科室没有别的医生</source>
   <translation>The department has no other doctor</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>没有这些号，或已撤：{n}</source>
   <translation>No such slots, or withdrawn already: {n}</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>没有预约受影响。</source>
   <translation>No appointment is affected.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>要留给某位复诊居民时选“窗口”，只有本院窗口能约。</source>
   <translation>To keep it for a returning patient choose "counter": only this hospital's desk books it.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>要通知的人</source>
   <translation>People to tell</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>这些预约已取消，不算退号也不算爽约。查看已留痕。</source>
   <translation>These appointments are cancelled without blame. This look left its trace.</translation>
  </message>
  <message>
   <location filename="changes.py" />
   <source>那时起已经没有号了</source>
   <translation>No slot is left from then on</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>{m}:{s} 内有效</source>
   <translation>Valid for {m}:{s}</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>写入区块 {n}</source>
   <translation>Written in block {n}</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>出示取号码</source>
   <translation>Show the check-in code</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>取号</source>
   <translation>Check in</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>取号二维码</source>
   <translation>Check-in QR code</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>取号码</source>
   <translation>Check-in code</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>复制码</source>
   <translation>Copy code</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>已取号：{a}</source>
   <translation>Checked in: {a}</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>已取号：{dept} {n} 号，{when}</source>
   <translation>Checked in: {dept} no. {n}, {when}</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>已过期，请换一个</source>
   <translation>Expired; make a new one</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>扫描居民的二维码，或粘贴码后按回车</source>
   <translation>Scan or paste the QR code, then press Enter</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>换一个</source>
   <translation>New code</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>码里已含预约号，不必先找预约。</source>
   <translation>The code names its appointment; there is no need to look for it.</translation>
  </message>
  <message>
   <location filename="check_in.py" />
   <source>签名，限时，只能用一次</source>
   <translation>Signed, short-lived, works once</translation>
  </message>
  <message>
   <location filename="consents.py" />
   <source>有效期</source>
   <translation>Valid for</translation>
  </message>
  <message>
   <location filename="consents.py" />
   <source>给哪家医院</source>
   <translation>Which hospital</translation>
  </message>
  <message>
   <location filename="consents.py" />
   <source>跨院记录</source>
   <translation>Record elsewhere</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>{n} 笔</source>
   <translation>{n} {n:entry|entries}</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>下单</source>
   <translation>Order</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>事由</source>
   <translation>What</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>借</source>
   <translation>Debit</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>全部日期</source>
   <translation>All dates</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>净额</source>
   <translation>Net</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>分录</source>
   <translation>Postings</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>前一天</source>
   <translation>Day before</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>后一天</source>
   <translation>Next day</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>哪个预约</source>
   <translation>Appointment</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>已结算：{who}</source>
   <translation>Settled: {who}</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>应收</source>
   <translation>Receivable</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>应退款</source>
   <translation>Refunds owed</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>当天结束后才能结算</source>
   <translation>A day can be settled once it is over</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>待收</source>
   <translation>Owed</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>待收与待退</source>
   <translation>Owed and to refund</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>待退</source>
   <translation>To refund</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>支付</source>
   <translation>Payment</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>收入</source>
   <translation>Revenue</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>收款</source>
   <translation>Received</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>收款减退款</source>
   <translation>Received less refunded</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>每笔借贷相等</source>
   <translation>Each balances</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>流水号</source>
   <translation>Reference</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>清算</source>
   <translation>Clearing</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>结算</source>
   <translation>Settlement</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>结算这一天…</source>
   <translation>Settle this day…</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>订单取消</source>
   <translation>Order cancelled</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>贷</source>
   <translation>Credit</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>这一天已结算</source>
   <translation>This day is settled</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>这一天没有收支</source>
   <translation>No postings on this day</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>这一天没有经过渠道的收支</source>
   <translation>Nothing went through a channel on this day</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>迟到的支付</source>
   <translation>Late payment</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>退款</source>
   <translation>Refund</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>金额</source>
   <translation>Amount</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>银行</source>
   <translation>Bank</translation>
  </message>
  <message>
   <location filename="daybook.py" />
   <source>预约有费用的号就会产生订单；付款和退款在预约详情里记。</source>
   <translation>Bookings with a fee make orders; payments and refunds are recorded in an appointment's details.</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>7 天内</source>
   <translation>Within 7 days</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>{day} 名单</source>
   <translation>List of {day}</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>{n} 个预约</source>
   <translation>{n} {n:appointment|appointments}</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>{n} 个预约，还有更多</source>
   <translation>{n} {n:appointment|appointments} and more</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>全部状态</source>
   <translation>Any state</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>名单</source>
   <translation>List</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>姓名、证件、手机或号</source>
   <translation>Name, document, phone or number</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>姓名名单…</source>
   <translation>List with names…</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>居民</source>
   <translation>Resident</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>打印名单</source>
   <translation>Print the list</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>换个日期或状态，或到“查号与预约”为居民约一个号。</source>
   <translation>Choose another date or state, or book one in "Find and book".</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>日期</source>
   <translation>Date</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>明天</source>
   <translation>Tomorrow</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>显示姓名</source>
   <translation>Show the names</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>显示这一天全部预约的姓名和手机。本次查看会留痕：查看人、时间和目的写入账本，名单上的人都能查到。</source>
   <translation>Shows names and phones of everybody who comes that day. This look leaves a trace on the ledger: who, when and what for. Everybody on the list can find it.</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>本院预约</source>
   <translation>This hospital's appointments</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>没有符合的预约</source>
   <translation>No such appointments</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>科室与医生</source>
   <translation>Department and doctor</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>身份信息…</source>
   <translation>Identity…</translation>
  </message>
  <message>
   <location filename="desk.py" />
   <source>预约新号</source>
   <translation>New booking</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source> 等 {n} 个</source>
   <translation> and so on, {n} in all</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>{n} 人，重算指纹</source>
   <translation>{n} people; fingerprint recomputed</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>{who}逾期未揭示，本轮作废；再揭示一轮，仍不成则用公开号码</source>
   <translation>The {who} did not reveal in time: this round is void. One more is revealed; if that fails too, the public number decides.</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>中签 {n}</source>
   <translation>Won {n}</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>公布人</source>
   <translation>Announced by</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>只用公开的名单、种子和算法</source>
   <translation>From the public list, seeds and algorithm only</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>号的编号</source>
   <translation>Slot id</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>各方进度</source>
   <translation>Progress of the parties</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>名单指纹</source>
   <translation>Fingerprint of the list</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>名单较长，正在分批冻结</source>
   <translation>The list is long and is frozen in parts</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>导出供外人重算…</source>
   <translation>Export for outsiders…</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>导出摇号</source>
   <translation>Export the draw</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>局外人重算</source>
   <translation>Re-run as an outsider</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>已出结果，{n} 个号为中签者保留</source>
   <translation>Drawn; {n} {n:slot|slots} {n:is|are} held for the winners</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>报名已截止，可以冻结名单</source>
   <translation>The time to apply is over; the list can be frozen</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>报名截止</source>
   <translation>Apply until</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>报名者</source>
   <translation>Applicants</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>报名还剩 {t}</source>
   <translation>{t} left to apply</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>按医院、平台、居民方的顺序揭示</source>
   <translation>revealed in the order hospital, platform, patients</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>揭示限时</source>
   <translation>Time to reveal</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>摇号没有完成，号已退回候补</source>
   <translation>The draw was never finished; its slots went back to the waitlist</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>文件前后一致；是否就是账本上的摇号，请与账本核对</source>
   <translation>The file agrees with itself; compare it with the ledger to know that it is the ledger's draw</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>文件前后不一致</source>
   <translation>The file does not agree with itself</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>未中</source>
   <translation>Not drawn</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>种子</source>
   <translation>Seed</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>等待</source>
   <translation>Waiting</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>算法</source>
   <translation>Algorithm</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>账本上的中签者</source>
   <translation>Winner on the ledger</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>越过：限额或爽约</source>
   <translation>Passed over: limits or no-shows</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>跳过的一方</source>
   <translation>Skipped</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>轮到{who}揭示，还剩 {t}</source>
   <translation>It is the turn of: {who}; {t} left</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>都已揭示，可以算出结果</source>
   <translation>All have revealed; the result can be computed</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>重算对照</source>
   <translation>Comparison</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>重算的中签者</source>
   <translation>Winner recomputed</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>重算的结果与账本一致</source>
   <translation>The re-run agrees with the ledger</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>重算的结果与账本不一致</source>
   <translation>The re-run differs from the ledger</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>重算种子</source>
   <translation>Seed, recomputed</translation>
  </message>
  <message>
   <location filename="draw_detail.py" />
   <source>顺位</source>
   <translation>Rank</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>为 {who} 报名 {draw}。每人一次；中签后号为他保留，逾期不确认给候补。</source>
   <translation>Apply for {draw} for {who}. Once a person; a slot won is held, and goes to the waitlist if it is not confirmed in time.</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>公布摇号</source>
   <translation>Announce</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>分钟</source>
   <translation>min</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>单位</source>
   <translation>Unit</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>只列出有空闲号或退回号的出诊单元。</source>
   <translation>Sessions with free or returned slots are listed.</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>只能选列出的号，写成 3, 7-9 这样</source>
   <translation>Choose from those listed, like 3, 7-9</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>可摇的号：{n}</source>
   <translation>Slots that can be drawn: {n}</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>号，用逗号分开，可写 3-5</source>
   <translation>Slots, separated by commas; 3-5 is a range</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>字母、数字和 _ . : -，最多 64 位</source>
   <translation>Letters, digits and _ . : -, at most 64</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>小时</source>
   <translation>hours</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>已公布摇号 {id}，报名 {t}</source>
   <translation>Draw {id} announced, {t} to apply</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>报名</source>
   <translation>Apply</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>报名多久</source>
   <translation>Time to apply</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>报名摇号</source>
   <translation>Apply for the draw</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>摇号编号</source>
   <translation>Id of the draw</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>新摇号</source>
   <translation>New draw</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>每方揭示限时</source>
   <translation>Time for each party</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>秒</source>
   <translation>seconds</translation>
  </message>
  <message>
   <location filename="draw_new.py" />
   <source>选中的号从此只能摇号分配。报名截止后名单冻结，三方按顺序揭示种子，逾期不揭示的一方跳过并记下。</source>
   <translation>From now on these slots are given by the draw only. Then the list is frozen and three parties reveal their seeds in order; one that does not is skipped and marked.</translation>
  </message>
  <message>
   <location filename="draw_timeline.py" />
   <source>{who} {what}：{state}</source>
   <translation>{who}, {what}: {state}</translation>
  </message>
  <message>
   <location filename="draw_timeline.py" />
   <source>不参加</source>
   <translation>Takes no part</translation>
  </message>
  <message>
   <location filename="draw_timeline.py" />
   <source>作废</source>
   <translation>Void</translation>
  </message>
  <message>
   <location filename="draw_timeline.py" />
   <source>轮到</source>
   <translation>Its turn</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>不是三方都揭示了</source>
   <translation>not all three parties revealed</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>两轮作废之前就用了公开号码</source>
   <translation>the public number was used before two rounds were void</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>两轮作废，等 {d} 的公开号码（{s}）</source>
   <translation>Two rounds are void; waiting for the public number of {d} ({s})</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>中签者不同</source>
   <translation>The winners differ</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>为居民报名…</source>
   <translation>Apply for a resident…</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>作废本轮（{who}未揭示）</source>
   <translation>Void this round ({who} was silent)</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>公开号码没有两方一致录入</source>
   <translation>the public number was not entered alike by two parties</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>冻结名单</source>
   <translation>Freeze the list</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>名单与冻结的指纹不符</source>
   <translation>The list is not the one that was frozen</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>承诺种子</source>
   <translation>Seed committed</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>承诺种子（{who}）</source>
   <translation>Commit to a seed ({who})</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>揭示的种子与当初的承诺不符</source>
   <translation>A revealed seed does not lead to its commitment</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>揭示（{who}）</source>
   <translation>Reveal ({who})</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>有人报名了两次</source>
   <translation>Somebody applied twice</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>种子不同</source>
   <translation>The seed differs</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>第 {n} 轮揭示</source>
   <translation>Reveal, round {n}</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>算出结果</source>
   <translation>Compute the result</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>结束并退回号源</source>
   <translation>Close and return the slots</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>越过的人没有报名</source>
   <translation>Somebody was passed over who did not apply</translation>
  </message>
  <message>
   <location filename="draw_words.py" />
   <source>轮到{who}揭示</source>
   <translation>Turn of: {who}</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>摇号</source>
   <translation>Draws</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>新摇号…</source>
   <translation>New draw…</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>核对摇号文件</source>
   <translation>Check an exported draw</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>核对摇号文件…</source>
   <translation>Check an exported draw…</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>稀缺的号可以摇号：医院、平台、居民方各出一段种子，先承诺后揭示，谁也左右不了结果，人人可以重算。</source>
   <translation>Scarce slots can be drawn: hospital, platform and residents' side each give a seed, committed first and revealed later; nobody can steer it, anybody can run it again.</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>还没有摇号</source>
   <translation>No draws yet</translation>
  </message>
  <message>
   <location filename="draws.py" />
   <source>阶段</source>
   <translation>Stage</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>{who}：{kind}，至 {t}</source>
   <translation>{who}: {kind}, until {t}</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>代约人证件号码</source>
   <translation>Number of the family member's document</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>代约人证件类型</source>
   <translation>Kind of the family member's document</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>家庭成员</source>
   <translation>Family members</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>核对</source>
   <translation>Look</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>核对代约人的证件。须先登记为可代这位居民预约。</source>
   <translation>Look at the family member's document. They must be linked to this resident first.</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>核对证件后显示。</source>
   <translation>Shown once the document was looked at.</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>由家人代约</source>
   <translation>Booked by a family member</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>登记…</source>
   <translation>Link…</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>登记家庭成员</source>
   <translation>Link a family member</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>解除…</source>
   <translation>End…</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>解除家庭成员</source>
   <translation>End a family link</translation>
  </message>
  <message>
   <location filename="families.py" />
   <source>还没有登记可以代约的家人。</source>
   <translation>May book for nobody else yet.</translation>
  </message>
  <message>
   <location filename="finding.py" />
   <source>号源 · {hospital} · {free} / {all} 空闲</source>
   <translation>Session · {hospital} · {free} of {all} free</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>{a}–{b} · 已约 {n}，空闲 {f}</source>
   <translation>{a}–{b} · {n} booked, {f} free</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>{n} 号 · {time} · {where}</source>
   <translation>No. {n} · {time} · {where}</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>今天出诊</source>
   <translation>Sessions today</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>今天没有出诊单元</source>
   <translation>No sessions today</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>今天没有预约</source>
   <translation>No appointments today</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>今天的预约</source>
   <translation>Today's appointments</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>停诊 {n} 个</source>
   <translation>{n} stopped</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>出诊</source>
   <translation>On</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>已付 {sum}</source>
   <translation>paid {sum}</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>异常</source>
   <translation>Irregularities</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>待付 {sum}</source>
   <translation>{sum} to pay</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>待我办理 · 号源链</source>
   <translation>For me · Slots</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>撤号 {n} 个</source>
   <translation>{n} {n:slot|slots} withdrawn</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>未放号</source>
   <translation>Not opened</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>没有发现异常</source>
   <translation>No irregularities found</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>线索</source>
   <translation>Sign</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>迟放号 {n} 个</source>
   <translation>{n} opened late</translation>
  </message>
  <message>
   <location filename="home.py" />
   <source>逾期未放号 {n} 个单元</source>
   <translation>{n} {n:session|sessions} overdue to open</translation>
  </message>
  <message>
   <location filename="import_calendar.py" />
   <source>{day}：{s} 个出诊单元，{n} 个号</source>
   <translation>{day}: {s} {s:session|sessions}, {n} {n:slot|slots}</translation>
  </message>
  <message>
   <location filename="import_calendar.py" />
   <source>{n} 号</source>
   <translation>{n} {n:slot|slots}</translation>
  </message>
  <message>
   <location filename="import_calendar.py" />
   <source>文件里的日历</source>
   <translation>Calendar of the file</translation>
  </message>
  <message>
   <location filename="import_calendar.py" />
   <source>节假日</source>
   <translation>Holiday</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>CSV、XLSX、XLS 或 ODS，编码不限。表头上方的标题、合并单元格、合计行会自动识别；医院自己的代码只问一次。写入的是放号前的承诺，放号之前号源内容不公开。</source>
   <translation>CSV, XLSX, XLS or ODS in any encoding. Titles above the heading, merged cells and sums are recognised; codes of the hospital's own are asked once. What is written is a commitment: slots stay unknown until they open.</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>{bad} 行不能导入，共 {rows} 行</source>
   <translation>{bad} of {rows} {rows:row|rows} cannot be imported</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>{rows} 行，{s} 个出诊单元，{n} 个号，全部可以导入</source>
   <translation>{rows} {rows:row|rows}, {s} {s:session|sessions}, {n} {n:slot|slots}; all good</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>不导入</source>
   <translation>Leave out</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>与账本相比：{same} 个单元相同，{n} 处改动，{gone} 个文件里没有了</source>
   <translation>Against the ledger: {same} {same:session|sessions} {same:is|are} the same, {n} {n:change|changes}, {gone} no longer in the file</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>写入承诺</source>
   <translation>Commit</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>剪贴板里没有表格：请在表格软件里连同表头一起选中并复制</source>
   <translation>The clipboard holds no table: select it with its heading in the spreadsheet and copy it</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>导入排班</source>
   <translation>Import a schedule</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>拖入排班文件，或点此选择</source>
   <translation>Drop a schedule here, or press to choose</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>排班 (*.csv *.tsv *.txt *.xlsx *.xls *.ods)</source>
   <translation>Schedules (*.csv *.tsv *.txt *.xlsx *.xls *.ods)</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>文件是完整的：没有列出的单元改诊、替诊或停诊</source>
   <translation>The file is whole: what it does not name moved, has a substitute, or stops</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>文件自己的列：读作哪一项，本院下次照此</source>
   <translation>The file's own columns: what each is read as, kept for this hospital</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>文件里没有排班</source>
   <translation>The file holds no schedule</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>日历只画前 {w} 周，还有 {n} 周</source>
   <translation>The calendar shows the first {w} weeks; {n} more {n:follows|follow}</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>有 {q} 个问题只有医院能回答；答案会记住</source>
   <translation>{q} {q:question|questions} that only the hospital can answer; the answers are kept</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>理由，写入账本</source>
   <translation>Reason, on the ledger</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>粘贴的表格</source>
   <translation>Pasted table</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>粘贴表格</source>
   <translation>Paste a table</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>请先修正文件</source>
   <translation>Mend the file first</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>请先回答问题</source>
   <translation>Answer the questions first</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>请先选择改动的理由</source>
   <translation>Choose the reason of the changes first</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>请选择</source>
   <translation>Choose</translation>
  </message>
  <message>
   <location filename="import_dialog.py" />
   <source>跳过有错误的行，只导入其余 {s} 个出诊单元（{n} 个号）</source>
   <translation>Leave the bad lines out and import the other {s} {s:session|sessions} ({n} {n:slot|slots})</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>{day}：{n} 个出诊单元</source>
   <translation>{day}: {n} {n:session|sessions}</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>不能导入的行</source>
   <translation>Bad lines</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>与账本的不同</source>
   <translation>What differs from the ledger</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>内容</source>
   <translation>Value</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>列</source>
   <translation>Column</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>医生</source>
   <translation>Doctor</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>原因</source>
   <translation>Why</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>影响的预约</source>
   <translation>Appointments</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>挂号费</source>
   <translation>Fee</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>按此理解</source>
   <translation>Understood as</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>改动</source>
   <translation>Change</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>文件开头的 {n} 个出诊单元</source>
   <translation>The first {n} {n:session|sessions} of the file</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>文件没有明说、按常理理解的行</source>
   <translation>Lines understood where the file does not say it</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>文件里的出诊单元</source>
   <translation>Sessions of the file</translation>
  </message>
  <message>
   <location filename="import_tables.py" />
   <source>行</source>
   <translation>Line</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>只含字母和数字，最多 12 个</source>
   <translation>Letters and digits only, at most 12</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>已写入 {s} 个出诊单元的承诺，{n} 个号；按文件改动 {c} 处</source>
   <translation>{s} {s:session|sessions} with {n} {n:slot|slots} committed; {c} {c:change|changes} made</translation>
  </message>
  <message>
   <location filename="importing.py" />
   <source>已放号 {n} 个；{w} 个单元还没到放号时间</source>
   <translation>{n} {n:slot|slots} open; {w} {w:session|sessions} {w:is|are} not due yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>先登记一家医院，再导入它的排班。</source>
   <translation>Admit a hospital, then import its schedule.</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>号源合约还没有部署</source>
   <translation>The slots contract is not deployed</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>号源链 · {id} · {s} 个出诊单元，{n} 个号，空闲 {f}</source>
   <translation>Slots · {id} · {s} {s:session|sessions}, {n} {n:slot|slots}, {f} free</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>还没有医院</source>
   <translation>No hospitals yet</translation>
  </message>
  <message>
   <location filename="page.py" />
   <source>部署后就可以导入排班、放号和预约。</source>
   <translation>Once it is, schedules can be imported, opened and booked.</translation>
  </message>
  <message>
   <location filename="phrases.py" />
   <source>{n} 分钟</source>
   <translation>{n} min</translation>
  </message>
  <message>
   <location filename="phrases.py" />
   <source>{n} 小时</source>
   <translation>{n} h</translation>
  </message>
  <message>
   <location filename="phrases.py" />
   <source>时间是医院当地的（北京时间）</source>
   <translation>times in China Standard Time</translation>
  </message>
  <message>
   <location filename="phrases.py" />
   <source>次日 {t}</source>
   <translation>{t} next day</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>{n} 分到 {day}</source>
   <translation>{n} until {day}</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>{n} 分已过期</source>
   <translation>{n} expired</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>不可转让</source>
   <translation>Not transferable</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>余额</source>
   <translation>Balance</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>使用积分…</source>
   <translation>Spend points…</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>冲回</source>
   <translation>Reversal</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>冲回这一笔…</source>
   <translation>Reverse this entry…</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>变动</source>
   <translation>Entries</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>就诊一次，按规则得积分。</source>
   <translation>Every visit earns points by the rules.</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>就诊所得</source>
   <translation>Earned by a visit</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>已冲回</source>
   <translation>Reversed</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>每笔两行，合计为零</source>
   <translation>Two lines each that sum to zero</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>没有变动</source>
   <translation>No entries</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>没有可用的积分</source>
   <translation>No points to spend</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>没有积分</source>
   <translation>No points</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>清理过期积分</source>
   <translation>Take off expired points</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>用于{what}</source>
   <translation>For: {what}</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>积分变动</source>
   <translation>Points entries</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>过期</source>
   <translation>Expired</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>这 {n} 分会收回。</source>
   <translation>These {n} {n:point|points} will be taken back.</translation>
  </message>
  <message>
   <location filename="points.py" />
   <source>这 {n} 分会退还，有效一年。</source>
   <translation>These {n} {n:point|points} {n:returns|return}, valid for a year.</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>{who}签名</source>
   <translation>signed by {who}</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>为本院另定规则…</source>
   <translation>Rules of its own…</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>何时起</source>
   <translation>Since</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>全市</source>
   <translation>The city</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>全部规则</source>
   <translation>All rules</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>内容没有变化</source>
   <translation>Nothing changed</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>单元</source>
   <translation>Sessions</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>和第 {n} 版相比</source>
   <translation>Compared with version {n}</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>哪里的规则</source>
   <translation>Whose rules</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>导入年度日历…</source>
   <translation>Import a year's calendar…</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>已导入年度工作日历</source>
   <translation>The year's working days are imported</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>年度工作日历</source>
   <translation>A year's working days</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>改过</source>
   <translation>Changed</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>新版本…</source>
   <translation>New version…</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>新版本只管此后承诺的出诊单元；已承诺的一直按承诺时的版本。</source>
   <translation>A new version is for sessions promised from now on; those promised keep theirs.</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>本院</source>
   <translation>This hospital</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>本院按这一版承诺的出诊单元</source>
   <translation>Sessions of this hospital promised under this version</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>本院有 {n} 个出诊单元按这一版承诺，到结束都按它</source>
   <translation>{n} {n:session|sessions} of this hospital committed under this version, and will keep it to the end</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>本院没有另定规则，按全市规则第 {n} 版。</source>
   <translation>This hospital has no rules of its own; the city's version {n} holds.</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>本院还没有出诊单元按这一版承诺</source>
   <translation>No session of this hospital was committed under this version yet</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>没有这条</source>
   <translation>No such rule</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>现行</source>
   <translation>In force</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>第 {n} 版</source>
   <translation>Version {n}</translation>
  </message>
  <message>
   <location filename="policies.py" />
   <source>规则的版本</source>
   <translation>Versions of the rules</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>{a} 至 {b} 的 {n} 个预约：现行 → 试算</source>
   <translation>{n} {n:appointment|appointments} from {a} to {b}: rules now → tried</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>会有什么变化</source>
   <translation>What will change</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>全市规则：新版本</source>
   <translation>City rules: new version</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>写上账本</source>
   <translation>Write to the ledger</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>写上账本后立即起用，只管此后承诺的出诊单元。已承诺的 {n} 个仍按原来的版本，一直到结束。</source>
   <translation>It holds as soon as it is on the ledger, for sessions promised from then on. The {n} promised already keep their version to the end.</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>原来：{a}</source>
   <translation>Before: {a}</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>按过去 30 天试算</source>
   <translation>Try on the last 30 days</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>有一项写法不对：{what}</source>
   <translation>Not written correctly: {what}</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>本院规则：新版本</source>
   <translation>Hospital rules: new version</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>规则第 {n} 版已写上账本</source>
   <translation>Version {n} of the rules is on the ledger</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>账本上看不出的：{names}</source>
   <translation>Not seen on the ledger: {names}</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>账本不会接受：{what}</source>
   <translation>The ledger will refuse: {what}</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>还没有改动</source>
   <translation>Nothing changed yet</translation>
  </message>
  <message>
   <location filename="policy_form.py" />
   <source>还没有改动。</source>
   <translation>Nothing changed yet.</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>为候补保留</source>
   <translation>Kept for a waiter</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>为候补的人保留 {t}</source>
   <translation>Kept for who waits for {t}</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>付款后预约才生效</source>
   <translation>A booking counts once it is paid</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>付款限时</source>
   <translation>Time to pay</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>何时放号</source>
   <translation>Release</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>何时核对证件</source>
   <translation>Identity checked</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>依次暂停 {n} 天</source>
   <translation>Bars of {n} {n:day|days} in turn</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>先付款后生效</source>
   <translation>Pay before it counts</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>全市每天</source>
   <translation>Per day, whole city</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>几次爽约</source>
   <translation>No-shows</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>取号与积分</source>
   <translation>Check-in and points</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>取号前核对证件</source>
   <translation>The identity is checked before check-in</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>取号时</source>
   <translation>At check-in</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>可提前 {n} 天预约</source>
   <translation>Book up to {n} {n:day|days} ahead</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>同一科室每人每天最多 {n} 个</source>
   <translation>At most {n} a person, department and day</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>同科室每天</source>
   <translation>Per department and day</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>在几天之内</source>
   <translation>Within days</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>就诊不得积分</source>
   <translation>Visits earn no points</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>就诊前 {n} 分钟起可取号</source>
   <translation>Check-in opens {n} {n:minute|minutes} before the visit</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>就诊当天也可退号</source>
   <translation>Cancelling is possible on the day itself</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>就诊得分</source>
   <translation>Points per visit</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>就诊时段结束后 {n} 分钟内还可取号</source>
   <translation>Check-in closes {n} {n:minute|minutes} after the slot</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>当作退回的号</source>
   <translation>As returned</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>当天几点以前</source>
   <translation>Until what hour</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>承诺之后就放号</source>
   <translation>released upon commitment</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>承诺后 {t}放号</source>
   <translation>released {t} after the commitment</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>承诺后即放</source>
   <translation>After the promise</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>承诺后多久放号</source>
   <translation>Delay after the promise</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>承诺后立即放号</source>
   <translation>released at once after the commitment</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>按最近 {n} 天的爽约计</source>
   <translation>No-shows of the last {n} {n:day|days} count</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>提前几个工作日</source>
   <translation>Working days before</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>提前几天放号</source>
   <translation>Days ahead</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>提前多久可取号</source>
   <translation>Check-in opens (min)</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>放号方式</source>
   <translation>Release</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>放弃或过期的锁定当作退回的号</source>
   <translation>Holds that lapse or are given up count as returned</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>放弃或过期的锁定直接空出</source>
   <translation>Holds that lapse or are given up are free at once</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>放弃的锁定</source>
   <translation>Holds given up</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>暂停几天</source>
   <translation>Days of bar</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>最迟那天 {t} 以前退号</source>
   <translation>Cancel by {t} on the last day</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>每人每天最多 {n} 个</source>
   <translation>At most {n} a person and day</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>每天 {t} 放号</source>
   <translation>Slots are released at {t} every day</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>每天几点放号</source>
   <translation>Hour of release</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>每天定时</source>
   <translation>Daily at an hour</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>每天定时放号</source>
   <translation>Slots are released daily at an hour</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>每次就诊得 {n} 积分</source>
   <translation>A visit earns {n} {n:point|points}</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>没有另列的假日</source>
   <translation>No holidays listed</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>没有另列的调休上班日</source>
   <translation>No make-up workdays listed</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>法定假日</source>
   <translation>Public holidays</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>法定假日 {n} 天，{first} 至 {last}</source>
   <translation>{n} public {n:holiday|holidays}, {first} to {last}</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>爽约 {n} 次暂停预约</source>
   <translation>{n} no-shows bar from booking</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>爽约不暂停预约</source>
   <translation>No-shows do not bar</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>直接空出</source>
   <translation>Free at once</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>确认后 {t}内付款，逾期释放</source>
   <translation>Pay within {t} of confirming, or the slot is released</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>社区号不作预留</source>
   <translation>Community slots are not reserved</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>社区号凭转诊预约，开诊前 {n} 小时起向公众开放</source>
   <translation>Community slots are booked by referral, by everybody from {n} {n:hour|hours} before the session on</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>社区预留到几小时前</source>
   <translation>Reserve for referrals ends, hours before</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>积分有效</source>
   <translation>Points valid (days)</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>积分有效 {n} 天</source>
   <translation>Points are valid for {n} {n:day|days}</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>给候补</source>
   <translation>To the waitlist</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>调休上班 {n} 天，{first} 至 {last}</source>
   <translation>{n} make-up {n:workday|workdays}, {first} to {last}</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>调休上班日</source>
   <translation>Make-up workdays</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>过后多久还可取号</source>
   <translation>Check-in closes (min)</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退号期限</source>
   <translation>Cancellation</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退号须提前 {n} 个工作日</source>
   <translation>Cancel at least {n} working {n:day|days} ahead</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退回后最迟 {t}重新开放</source>
   <translation>Reopens {t} after the return at the latest</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退回后至少 {t}才重新开放</source>
   <translation>Reopens {t} after the return at the earliest</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退回的号</source>
   <translation>Returned slots</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退回的号先给候补，再随机重开</source>
   <translation>Returned slots go to the waitlist, then reopen at random</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>退回的号摇号分配</source>
   <translation>Returned slots are drawn</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>重开最早</source>
   <translation>Reopens at the earliest</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>重开最晚</source>
   <translation>Reopens at the latest</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>锁定与支付</source>
   <translation>Hold and payment</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>锁定多久</source>
   <translation>Hold for</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>锁定的号保留 {t}</source>
   <translation>A held slot is kept for {t}</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>限额与爽约</source>
   <translation>Limits and no-shows</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>预约前先核对证件</source>
   <translation>The identity is checked before booking</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>预约即生效，费用可后付</source>
   <translation>A booking counts at once; the fee may follow</translation>
  </message>
  <message>
   <location filename="policy_words.py" />
   <source>预约时</source>
   <translation>At booking</translation>
  </message>
  <message>
   <location filename="printing.py" />
   <source>PDF 文件 (*.pdf)</source>
   <translation>PDF file (*.pdf)</translation>
  </message>
  <message>
   <location filename="printing.py" />
   <source>已存为 {file}</source>
   <translation>Saved as {file}</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>在看板或查号页复制编号，粘贴到这里</source>
   <translation>Copy an id from the board or the search and paste it here</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>导出证明</source>
   <translation>Export the proof</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>导出证明…</source>
   <translation>Export proof…</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>承诺于</source>
   <translation>Promised at</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>承诺内容</source>
   <translation>Promise</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>承诺根</source>
   <translation>root</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>算出的根与承诺不符</source>
   <translation>The recomputed root differs from the promise</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>证明</source>
   <translation>Prove</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>证明一个号</source>
   <translation>Prove a slot</translation>
  </message>
  <message>
   <location filename="proof_card.py" />
   <source>这个号在放号前的承诺里，与承诺相符</source>
   <translation>This slot was promised before the release, and agrees with the promise</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>CSV，列为 order,type,amount（分）</source>
   <translation>CSV of order,type,amount (fen)</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>{n} 次</source>
   <translation>{n}×</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>{n} 笔 · 指纹 {h}</source>
   <translation>{n} {n:entry|entries} · {h}</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>{n} 笔不一致</source>
   <translation>{n} {n:entry|entries} {n:differs|differ}</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>三方一致</source>
   <translation>All three books agree</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>先导出平台账可看到格式。对账只比较，不改动；结果可写上账本，供各方核对。</source>
   <translation>Export the ledger's book to see the form. Reconciling changes nothing; its result can go on the ledger for all to check.</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>先放入两份账</source>
   <translation>Add both books first</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>医院多记：核对是否重复</source>
   <translation>The hospital has it too often: look for a duplicate</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>医院漏记：补入医院账</source>
   <translation>The hospital missed it: enter it in the hospital's book</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>医院账</source>
   <translation>Hospital's book</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>医院账、平台账（账本）、支付渠道账逐笔比较</source>
   <translation>The hospital's book, the ledger and the channel's book, entry by entry</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>导出平台账</source>
   <translation>Export the ledger's book</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>导出平台账…</source>
   <translation>Export the ledger's book…</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>差异</source>
   <translation>Differences</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>已导出 {n} 笔</source>
   <translation>{n} {n:entry|entries} exported</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>已把对账结果写上账本</source>
   <translation>The reconciliation is on the ledger</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>平台账</source>
   <translation>Ledger's book</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>怎样处理</source>
   <translation>What to do</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>把结果写上账本</source>
   <translation>Write the result to the ledger</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>拖入{book}，或点此选择</source>
   <translation>Drop: {book}, or press to choose</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>支付渠道账</source>
   <translation>Channel's book</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>放入两份账，第三份就是账本</source>
   <translation>Add two books; the third is the ledger</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>次数不同：逐笔核对流水号</source>
   <translation>Counted differently: compare the references one by one</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>渠道收了而账本没有：补记支付或让渠道退回</source>
   <translation>The channel has it, the ledger does not: record the payment, or let the channel return it</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>渠道账</source>
   <translation>Channel</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>类型</source>
   <translation>Type</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>订单</source>
   <translation>Order</translation>
  </message>
  <message>
   <location filename="reconcile.py" />
   <source>账本有而渠道没有：查流水号，必要时退款</source>
   <translation>The ledger has it, the channel does not: check the reference, refund if need be</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>不再准许</source>
   <translation>Let it refer no more</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>主管部门准许这家机构转诊</source>
   <translation>The health authority lets this institution refer</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>主管部门还没有准许这家机构转诊</source>
   <translation>The health authority does not let this institution refer yet</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>余号</source>
   <translation>Left</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>先选一个预留的出诊单元</source>
   <translation>Choose a session with reserved slots</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>准许这家机构转诊</source>
   <translation>Let this institution refer</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>到时间后向公众开放</source>
   <translation>Everybody's from their hour on</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>医院在规则里留出“社区预留”后会列在这里。</source>
   <translation>Slots appear here once a hospital reserves some for referrals in its rules.</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>只登记转诊…</source>
   <translation>Refer only…</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>各医院的社区预留号</source>
   <translation>Reserved slots of all hospitals</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>向公众开放</source>
   <translation>Public from</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>居民只显示当天的编号</source>
   <translation>People appear under the day's pseudonym</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>居民当天的编号</source>
   <translation>the person's id of the day</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>已经约好的号不受影响。</source>
   <translation>What is booked stays.</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>撤回</source>
   <translation>Take back</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>撤回转诊…</source>
   <translation>Take back…</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>核对居民的证件后登记。约不到时转诊仍有效，可约该科室当天的其他号。</source>
   <translation>Look at the resident's document first. If no slot is left the referral still counts for the department's other sessions of that date.</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>现在没有预留的号</source>
   <translation>Nothing is reserved now</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>登记人</source>
   <translation>By</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>登记时间</source>
   <translation>Registered</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>社区预留号</source>
   <translation>Reserved slots</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>转出机构</source>
   <translation>From</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>转往</source>
   <translation>To</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>转诊</source>
   <comment>several</comment>
   <translation>Referrals</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>转诊并预约…</source>
   <translation>Refer and book…</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>还没有约</source>
   <translation>not booked yet</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>还没有转诊</source>
   <translation>No referrals yet</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>这家机构不转出；下面是转到这里的</source>
   <translation>This institution does not refer; below are those referred to it</translation>
  </message>
  <message>
   <location filename="referrals.py" />
   <source>这家机构转出的，和转到这里的，都列在这里。</source>
   <translation>Those made here and those made to here are listed.</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>先在“窗口”页查找或登记居民。</source>
   <translation>Find or enter the resident in "Desk" first.</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>只有本院职员能看到，请勿转抄。</source>
   <translation>Only this hospital's staff see it. Do not copy it.</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>多次爽约，{t} 前不能预约</source>
   <translation>Barred from booking until {t} after repeated no-shows</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>换人</source>
   <translation>Change</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>本院已登记</source>
   <translation>Known at this hospital</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>本院没有这位居民的身份信息</source>
   <translation>This hospital holds no identity of this resident</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>查找</source>
   <translation>Find</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>证件</source>
   <translation>Document</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>证件只用来算出假名，不写入账本</source>
   <translation>The document only makes the pseudonym; it is not written to the ledger</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>证件号码或假名</source>
   <translation>Document number or pseudonym</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>证件类型</source>
   <translation>Document</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>请输入证件号码或假名</source>
   <translation>Type a document number or a pseudonym</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>身份信息</source>
   <translation>Identity</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>输入后按回车</source>
   <translation>Type and press Enter</translation>
  </message>
  <message>
   <location filename="resident.py" />
   <source>还没有选居民。</source>
   <translation>No resident chosen.</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>两次输入不同</source>
   <translation>The two differ</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>再输入一次</source>
   <translation>Once more</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>存到居民自己的设备</source>
   <translation>Save to the resident's own device</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>密钥口令，由居民输入</source>
   <translation>Passphrase of the key, typed by the resident</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>密钥由居民自己保管，签完即忘，不留在本机。</source>
   <translation>The resident keeps the key; it signs and is forgotten, nothing stays on this computer.</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>居民的密钥文件</source>
   <translation>The resident's key file</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>至少 8 个字符</source>
   <translation>At least 8 characters</translation>
  </message>
  <message>
   <location filename="resident_key.py" />
   <source>还没有选存放的位置</source>
   <translation>No place was chosen yet</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>{t} 登记</source>
   <translation>Bound on {t}</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>从</source>
   <translation>From</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>先选一位居民</source>
   <translation>Choose a resident first</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>公钥</source>
   <translation>Public key</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>别的医院要看这位居民的预约，须有他签名的授权。</source>
   <translation>Another hospital needs the resident's signed consent to see the appointments.</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>到</source>
   <translation>Until</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>在上面查找居民，看他的授权和留痕。</source>
   <translation>Find a resident above to see consents and traces.</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>在本院</source>
   <translation>At this hospital</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>将从本院所有节点永久清除 {who} 的姓名、证件和手机，连同历史，无法恢复。账本上的假名、预约和留痕保留；他再来就诊须重新登记。</source>
   <translation>Erases name, document and phone of {who} from every node of this hospital, history included, for good. Pseudonym, appointments and traces stay on the ledger; coming again means registering anew.</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>居民签名，随时可撤回</source>
   <translation>Signed by the resident, revocable at any time</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>居民还没有登记签名公钥</source>
   <translation>The resident has no signing key yet</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>已撤回</source>
   <translation>Revoked</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>授权</source>
   <translation>Consents</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>撤回这份授权…</source>
   <translation>Revoke this consent…</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>新授权…</source>
   <translation>New consent…</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>有签名公钥</source>
   <translation>Has a signing key</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>本院没有身份信息</source>
   <translation>No identity at this hospital</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>查看…</source>
   <translation>Show…</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>查看跨院记录…</source>
   <translation>Look at the record elsewhere…</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>查看跨院记录会在这里留下时间、职员和目的，不能删除。</source>
   <translation>A look leaves time, member of staff and purpose here; it cannot be removed.</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>每次查看先留痕，再给看</source>
   <translation>Every look leaves its trace first</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>永久清除</source>
   <translation>Purge for good</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>没有人看过</source>
   <translation>Nobody looked</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>没有授权</source>
   <translation>No consents</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>没有签名公钥</source>
   <translation>No signing key</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>清除…</source>
   <translation>Purge…</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>清除身份信息</source>
   <translation>Purge the identity</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>登记公钥要先有本院核对过的身份。</source>
   <translation>A key needs an identity that this hospital checked.</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>登记签名公钥…</source>
   <translation>Bind a signing key…</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>目的</source>
   <translation>Purpose</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>签名公钥已作废，可登记新的</source>
   <translation>The key was withdrawn; a new one can be bound</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>谁</source>
   <translation>By</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>谁看过</source>
   <translation>Who looked</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>身份信息在本院私有集合</source>
   <translation>Identity kept privately here</translation>
  </message>
  <message>
   <location filename="residents.py" />
   <source>身份信息已清除</source>
   <translation>The identity is purged</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>{n} 个号</source>
   <translation>{n} {n:slot|slots}</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>{n} 个号，还有更多</source>
   <translation>{n} {n:slot|slots}, and more</translation>
  </message>
  <message>
   <location filename="search.py" />
   <source>例如 心血管</source>
   <translation>for example cardio</translation>
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
   <source>至</source>
   <translation>To</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>FHIR R4 接口</source>
   <translation>FHIR R4 interface</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>{name} 的令牌</source>
   <translation>Token of {name}</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>{name} 的令牌立即失效，不能恢复；它已经约好的号不受影响。</source>
   <translation>The token of {name} stops working at once, for good; its bookings stay.</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>令牌</source>
   <translation>Token</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>令牌只在登记后显示一次，本机只存它的指纹。</source>
   <translation>The token is shown once; only its fingerprint is kept here.</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>令牌只存指纹</source>
   <translation>Only fingerprints of tokens are kept</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>停止</source>
   <translation>Stop</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>停止{what}</source>
   <translation>Stop: {what}</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>公开看板</source>
   <translation>Open board</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>只在本机 127.0.0.1 监听</source>
   <translation>Listens on this machine, 127.0.0.1, only</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>可用</source>
   <translation>Valid</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>吊销门户</source>
   <translation>Revoke a portal</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>启动{what}</source>
   <translation>Start: {what}</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>在浏览器打开</source>
   <translation>Open in browser</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>在浏览器打开{what}</source>
   <translation>Open in browser: {what}</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>已吊销 {name}</source>
   <translation>{name} is revoked</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>我已保存</source>
   <translation>I have saved it</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>未启动</source>
   <translation>Not started</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>每秒</source>
   <translation>A second</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>现在复制并安全地交给门户。关闭后再也看不到，只能吊销后重新登记。</source>
   <translation>Copy it now and hand it to the portal safely. It is not shown again; it can only be revoked and made anew.</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>登记</source>
   <translation>Admit</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>登记门户</source>
   <translation>Admit a portal</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>瞬时请求数</source>
   <translation>Requests at once</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>网页，只读，没有姓名，人人可核对承诺</source>
   <translation>A web page, read-only, without names; anybody can check the promises</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>运行中</source>
   <translation>Running</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>还没有门户。登记后把令牌交给它，它才能用 FHIR 接口。</source>
   <translation>No portals yet. Admit one and give it its token for the FHIR interface.</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>门户</source>
   <translation>Portal</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>预约门户</source>
   <translation>Booking portals</translation>
  </message>
  <message>
   <location filename="serving.py" />
   <source>预约门户凭令牌查号、锁定、预约、退号</source>
   <translation>Booking portals search, hold, book and cancel with a token</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{a} / {b} 个号与承诺相符</source>
   <translation>{a} / {b} {b:slot|slots} {b:agrees|agree}</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{n} 个，已约 {b}，空闲 {f}，加号 {a}</source>
   <translation>{n}: {b} booked, {f} free, {a} added</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{n} 元</source>
   <translation>CNY {n}</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{of}第 {n} 版，承诺时定下</source>
   <translation>{of}, version {n}, fixed by the promise</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>{t} 起向公众开放</source>
   <translation>Everybody's from {t} on</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>写入</source>
   <translation>Written</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>加入候补…</source>
   <translation>Join waitlist…</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>区块 {n}</source>
   <translation>block {n}</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>另有 {n} 个</source>
   <translation>{n} more</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>另有 {n} 个，其中空闲 {f} 个</source>
   <translation>{n} more, {f} of them free</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>另有 {n} 个，都空闲</source>
   <translation>{n} more, all free</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>可以做的</source>
   <translation>What can be done</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>承诺晚于规定时间</source>
   <translation>Committed later than the rules ask</translation>
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
   <source>社区预留</source>
   <translation>Reserve for referrals</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>规则</source>
   <translation>Rules</translation>
  </message>
  <message>
   <location filename="session_panel.py" />
   <source>逐号核对</source>
   <translation>Check every slot</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>候补</source>
   <translation>Waitlist</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>授权与留痕</source>
   <translation>Consent and traces</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>查号与预约</source>
   <translation>Search and book</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>监管</source>
   <translation>Oversight</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>窗口</source>
   <translation>Desk</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>账单</source>
   <translation>Bills</translation>
  </message>
  <message>
   <location filename="tabs.py" />
   <source>门户</source>
   <comment>several</comment>
   <translation>Portals</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>{n} 个号已为候补的人保留：{s}</source>
   <translation>{n} {n:slot|slots} {n:is|are} held for who waits: {s}</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>{n} 个号已重新开放</source>
   <translation>{n} {n:slot|slots} {n:is|are} open again</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>{n} 个号没有人候补，最早 {t} 重新开放</source>
   <translation>Nobody waits for {n} {n:slot|slots}; the first reopens at {t}</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>今天的随机种子已承诺</source>
   <translation>Today's random seed is committed</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>今天还没有承诺随机种子，今天退回的号要等到最长时限</source>
   <translation>Today's random seed is not committed; slots returned today wait the longest time</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>先给候补，再随机重开</source>
   <translation>To the waitlist, then at random</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>分配退回的号</source>
   <translation>Hand returned slots on</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>另有 {n} 人</source>
   <translation>{n} more</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>已退出候补</source>
   <translation>Left the waitlist</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>承诺今天的种子</source>
   <translation>Commit to today's seed</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>按加入时间</source>
   <translation>By time of joining</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>按规则，这些号要摇号分配，请到“摇号”页。</source>
   <translation>By the rules these slots are drawn; go to "Draws".</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>排队顺序</source>
   <translation>Queue</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>最早退回</source>
   <translation>First returned</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>没有人候补</source>
   <translation>Nobody waits</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>没有人候补，也没有退回的号</source>
   <translation>Nobody waits and no slot was returned</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>没有退回的号</source>
   <translation>No returned slots</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>空闲</source>
   <translation>Free</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>第 {n} 位退出候补</source>
   <translation>Leave the waitlist: place {n}</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>约满的出诊单元可在看板的详情里加入候补。</source>
   <translation>Join the waitlist of a full session in its details on the board.</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>退出</source>
   <translation>Leave</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>退回的号先按顺序给候补的人，为他保留一段时间；没有人候补时，在当天种子决定的随机时刻重新开放，谁也算不准时刻。种子当天先承诺，两天后公开，任何人都能核对。</source>
   <translation>A returned slot goes in turn to those who wait and is kept for a while. When nobody waits it reopens at a random moment given by the day's seed, which nobody can time. The seed is committed on the day and published two days later, for anybody to check.</translation>
  </message>
  <message>
   <location filename="waitlist.py" />
   <source>退回的号怎样分</source>
   <translation>How returned slots are given</translation>
  </message>
 </context>
</TS>
