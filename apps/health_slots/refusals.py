"""The contract's refusals in words for people."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apps.kit.refusals import NEXT_STEPS as OF_EVERY_KIT
from apps.kit.refusals import pointed, said
from baas.errors import LedgerError, Text, contract_code

_CLOCK = Text("本机时间与节点相差太大。", "This machine's clock is too far from the peer's.")
WORDS: Mapping[str, Text] = {
    "NOT_INITIALIZED": Text("号源链还没有初始化。", "The slots ledger is not initialised yet."),
    "FORBIDDEN": Text("当前身份无权做这件事。", "This identity may not do that."),
    "BAD_ID": Text("编号格式不对。", "An id has the wrong form."),
    "BAD_DATE": Text("日期不对。", "A date is wrong."),
    "BAD_POLICY": Text("预约规则的内容不对。", "The booking rules are not valid."),
    "BAD_RUNS": Text("号源时段不对。", "The slots' hours are not valid."),
    "PAST_DATE": Text("日期已经过去。", "The date is over."),
    "FAR_DATE": Text("日期太远，最多提前 400 天。", "The date is more than 400 days away."),
    "RELEASE_PASSED": Text("放号时间必须早于出诊结束。", "A session must be released before it ends."),
    "SESSION_EXISTS": Text("这个出诊单元已经承诺过。", "This session was committed already."),
    "SESSION_OVERLAP": Text("同一医生的出诊时间重叠。", "A doctor has two sessions at the same time."),
    "SESSION_STOPPED": Text("这个出诊单元已停诊。", "This session was stopped."),
    "NOT_COMMITTED": Text("这个出诊单元不在待放号状态。", "This session is not waiting for its release."),
    "NOT_PUBLISHED": Text("这个出诊单元还没有放号。", "This session is not open yet."),
    "COMMITMENT_MISMATCH": Text(
        "号源与放号前的承诺不一致，账本拒绝发布。", "The slots are not those committed; the ledger refused them."
    ),
    "PLAN_EXISTS": Text("已有同名的待放号排班。", "There is a kept plan of that name."),
    "PLAN_MISSING": Text("本院节点没有这份待放号排班。", "The hospital's peers keep no such plan."),
    "PLAN_MISMATCH": Text("这份待放号排班与所列出诊单元不符。", "The kept plan is not that of these sessions."),
    "PLAN_NEEDED": Text("这份排班还有未放号的出诊单元。", "Sessions of this plan are not open yet."),
    "TOO_EARLY": Text("还没有到时间。", "It is too early."),
    "TOO_LATE": Text("时间已过。", "It is too late."),
    "SLOT_TAKEN": Text("该号源已被他人预约。", "Somebody else took this slot."),
    "SLOT_STOPPED": Text("该号源已停诊。", "This slot was withdrawn."),
    "SLOT_RETURNED": Text(
        "该号源刚被退回，先分配给候补的人。", "This slot was just returned and goes to those who wait first."
    ),
    "SLOT_IN_DRAW": Text("该号源通过摇号分配。", "This slot is given by a draw."),
    "SLOT_CLOSED": Text("该号源已截止。", "This slot has closed."),
    "SLOT_LOST": Text("支付超时，号源已给了他人。", "The time to pay ran out and somebody else has the slot."),
    "SLOT_EXISTS": Text("该号序已存在。", "There is a slot with this number already."),
    "REFERRAL_NEEDED": Text(
        "该号源预留给社区转诊，到时间后才向公众开放。",
        "This slot is reserved for referrals until its hour, then it is everybody's.",
    ),
    "REFERRED": Text("这位居民已转到该科室当天。", "This person is referred to that department on that date already."),
    "POOL_CLOSED": Text("该号源只在医院窗口预约。", "This slot is given at the hospital's window only."),
    "HOLD_EXPIRED": Text("锁定已过期。", "The hold ran out."),
    "PAYMENT_DUE": Text("请先完成支付。", "The payment is due first."),
    "LIMIT_PER_DAY": Text("超过每人每天的预约数。", "Too many appointments of this person on that day."),
    "LIMIT_PER_DEPARTMENT": Text(
        "超过每人每天在同一科室的预约数。", "Too many appointments of this person in that department on that day."
    ),
    "BARRED": Text("多次爽约，暂不能预约。", "Booking is barred after repeated no-shows."),
    "REAL_NAME_NEEDED": Text("需要先在本院核验身份。", "The identity must be checked at this hospital first."),
    "CANCEL_TOO_LATE": Text("已过退号时间。", "It is too late to cancel."),
    "ILLEGAL_MOVE": Text("预约的当前状态不允许这样做。", "The appointment's state does not allow this."),
    "NOT_LAPSED": Text("该号源的锁定没有过期。", "The hold has not run out."),
    "CHECK_IN_CLOSED": Text("现在不是取号时间。", "Check-in is not open now."),
    "BAD_CODE": Text("取号码无效。", "The check-in code is not valid."),
    "CODE_EXPIRED": Text("取号码已过期，请出示新的。", "The check-in code expired; show a fresh one."),
    "CODE_USED": Text("取号码已经用过。", "The check-in code was used already."),
    "CLOCK_DIFFERS": _CLOCK,
    "CLOCK_SKEW": _CLOCK,  # as ledgers say it whose contract is older
    "WAITING_ALREADY": Text("已经在候补。", "The resident waits already."),
    "NOBODY_WAITS": Text("没有人候补。", "Nobody waits."),
    "SOMEBODY_WAITS": Text("有人候补，退号先给候补。", "Somebody waits; returned slots go there first."),
    "NOT_RETURNED": Text("该号源没有被退回。", "This slot was not returned."),
    "NO_BEACON": Text("平台当天没有承诺随机种子。", "The platform committed to no beacon for that day."),
    "NEEDS_DRAW": Text("按规则，退回的号源要摇号。", "By the rules returned slots are drawn."),
    "APPLIED_ALREADY": Text("已经报名。", "The resident applied already."),
    "NOT_YOUR_TURN": Text("还没有轮到这一方揭示。", "It is another party's turn."),
    "SEED_MISMATCH": Text("揭示的内容与承诺不符。", "This is not what was committed to."),
    "DRAW_STATE": Text("摇号当前的阶段不允许这样做。", "The draw's state does not allow this."),
    "WRONG_AMOUNT": Text("金额与应付不符。", "The amount is not what is owed."),
    "DUPLICATE_PAYMENT": Text("这笔支付流水已经记过。", "This payment was recorded already."),
    "NOTHING_TO_REFUND": Text("没有应退款项。", "Nothing is owed back."),
    "SETTLED": Text("当天已结算。", "The day is settled already."),
    "DAY_NOT_OVER": Text("当天还没有结束。", "The day is not over."),
    "TOO_FEW_POINTS": Text("积分不足。", "Too few points."),
    "POINTS_EXPIRED": Text("有积分已过期，请先清理。", "Some points ran out; expire them first."),
    "NO_CONSENT": Text("居民没有授权，或授权已撤回。", "The resident has not consented, or no longer does."),
    "BAD_SIGNATURE": Text("居民签名无效。", "The resident's signature is wrong."),
    "NO_KEY": Text("居民还没有登记签名公钥。", "The resident has no key on the ledger."),
    "KEY_EXISTS": Text(
        "居民已有签名公钥，换新须由旧钥签名。", "The resident has a key already; it must sign for a new one."
    ),
    "IDENTITY_EXISTS": Text(
        "本院已有这位居民的身份信息，只能由本院更正。",
        "The hospital holds this resident's identity; only its own staff may correct it.",
    ),
    "CONSENT_EXISTS": Text("已有这个编号的授权。", "There is a consent with this id."),
    "CONSENT_REVOKED": Text("授权已经撤回。", "The consent was revoked already."),
    "TICKET_NEEDED": Text("需要卫健主管部门的凭证。", "This needs a ticket of the health authority."),
    "BAD_TICKET": Text("凭证无效。", "The ticket is not valid."),
    "TICKET_EXPIRED": Text("凭证已过期，请重新核验。", "The ticket expired; look at the document again."),
    "OFFICER_LIMIT": Text("该工作人员今天担保的预约过多。", "This member of staff vouched for too many today."),
    "PAYER_LIMIT": Text("该付款人当天付款的预约过多。", "This payer pays for too many appointments of that day."),
    "NO_FAMILY": Text("没有登记过可为该居民代约。", "This person is not registered to book for that resident."),
    "NOT_A_MINOR": Text(
        "监护关系只到年满 18 周岁为止；成年人须本人授权。",
        "A guardianship ends on the eighteenth birthday; an adult consents in person.",
    ),
    "MINOR": Text("未成年人不能自行授权或代约。", "A child neither consents nor books for others."),
    "FAMILY_FULL": Text("一人最多为 6 位家庭成员代约。", "One person books for at most six others."),
    "FAMILY_CHANGES": Text("一年内新增的家庭成员过多。", "Too many family members were added within a year."),
    "FAMILY_LIMIT": Text(
        "该代约人当天代约的号过多。", "This person made too many appointments of that day for others."
    ),
    "FAMILY_CHANGED": Text(
        "家庭成员刚在别处改过，请重新登记。", "This family was changed elsewhere meanwhile. Register it again."
    ),
    "BAD_PROOF": Text("证件与凭证不是同一人。", "The document and the ticket are not the same person's."),
    "DRAW_DATES": Text("一次摇号的号源须在同一天。", "The slots of a draw are of one date."),
    "CREDITED_ALREADY": Text("已经记过。", "This counted already."),
    "NOT_THAT_DAY": Text("这个预约不在这家医院的这一天。", "This appointment is not of that hospital and day."),
    "TRACE_MISSING": Text("查看前须先留痕。", "A look needs its trace first."),
    "KEY_FILE_MISSING": Text(
        "合约服务没有所需的密钥文件。请用 citychain chaincode keys import 导入。",
        "The contract server lacks a key file. Import it with `citychain chaincode keys import`.",
    ),
    "SEAL_BROKEN": Text("密文已损坏或被移动。", "A sealed value is damaged or was moved."),
    "DECEPTIVE_TEXT": Text("名称含不可见字符或形近字母。", "A name has invisible or look-alike characters."),
    "BAD_BOOKMARK": Text("页码不属于这份清单。", "This bookmark is not of this list."),
    "BAD_KEY": Text("编号含不允许的字符。", "An id has characters that are not allowed."),
    "TRACE_EXPIRED": Text("查阅已超过一刻钟，请重新留痕。", "A quarter of an hour is over; leave a new trace."),
    "NOTHING_EXPIRED": Text("没有过期的积分。", "No points ran out."),
    "NOT_REVERSIBLE": Text("这笔积分不能冲正，或已冲正。", "This entry cannot be reversed, or was already."),
    "SLOT_USED": Text("该号源已就诊或爽约，不能撤回。", "This slot is over; it cannot be withdrawn."),
    "SESSION_OVER": Text("出诊已经结束，不能改诊。", "The session is over and cannot move."),
    "SEED_COMMITTED": Text("这一方已经承诺过。", "This party committed already."),
    "SEED_COPIED": Text(
        "这是另一方的承诺，请用自己的种子。", "Another party committed to this; use a seed of your own."
    ),
    "DRAW_EXISTS": Text("已有这个编号的摇号。", "There is a draw with this id."),
    "LIST_DIFFERS": Text("名单与冻结时不同。", "The list is not the one that was frozen."),
    "OUT_OF_BOUNDS": Text("超出允许的范围。", "This is out of bounds."),
    "CLOSED_ALREADY": Text("已经截止并记录。", "This was closed already."),
    "BACKDATED": Text("交易时间早于已有记录。", "The time lies before an earlier record."),
    "TOO_MANY": Text("报名人数超过上限。", "Too many people applied."),
    "BEACON_EXISTS": Text("当天的随机种子已承诺。", "The day has its beacon."),
    "BEACON_MISMATCH": Text("公开的种子与承诺不符。", "This is not the beacon that was committed to."),
    "HOSPITAL_TAKEN": Text("医院编号属于另一个组织。", "The hospital's id belongs to another organisation."),
    "BAD_ARGUMENT": Text("填写的内容不对。", "An argument is wrong."),
    "BAD_DIGEST": Text("摘要或公钥的格式不对。", "A digest or key has the wrong form."),
    "BAD_IDENTITY": Text("身份信息不完整。", "The identity is not complete."),
    "PORTAL_MISSING": Text("本组织没有登记这个门户。", "The organisation keeps no registration of this portal."),
    "PORTAL_REVOKED": Text("这个门户已被吊销。", "This portal was revoked."),
    "JOINED_ALREADY": Text("这两个证件已登记为同一人。", "These documents are one person's already."),
    "JOINED_MEANWHILE": Text(
        "其中的证件刚在别处登记过，请重新登记。",
        "One of these documents was joined elsewhere meanwhile. Join them again.",
    ),
    "BAD_DOCUMENT": Text("证件类型或号码不对。", "The kind or the number of the document is wrong."),
    "NOT_FOUND": Text("账本上没有这条记录。", "The ledger has no such record."),
    "NOT_IN_COMMITMENT": Text("该号源不在放号前的承诺中。", "This slot was not in the commitment."),
}

CLOCK_CODES = frozenset({"clock_differs", "clock_skew", "too_early"})
"""Refusals that may come of clocks that differ a little: the node is asked for its time before anybody is told."""
RETRY_CODES = frozenset({"mvcc_read_conflict", "phantom_read_conflict"})
"""Validation results after which the same call may be tried again."""

FIELDS = (
    (r"BAD_ARGUMENT: a hospital's name .*", "name"),
    (r"BAD_ARGUMENT: an MSP id .*", "msp"),
    (r"BAD_ARGUMENT: the session would leave its day", "shift date"),
    (r"BAD_ARGUMENT: a consent ends .*", "days"),
    (r"BAD_ARGUMENT: a link ends .*", "days"),
    (r"BAD_ARGUMENT: nobody is of one's own family", "document"),
    (r"BAD_ARGUMENT: name each slot once", "numbers"),
    (r"BAD_ARGUMENT: a public number .*", "value"),
    (r"BAD_ARGUMENT: a registration has .*", "rate burst"),
    (r"BAD_ARGUMENT: shift_minutes must be .*", "shift"),
    (r"BAD_ARGUMENT: start must be .*", "hour"),
    (r"BAD_ARGUMENT: turn_s must be .*", "turn"),
    (r"(?:BAD_ARGUMENT|BAD_POLICY): (\w+) must be .*", r"\1"),
    (r"BAD_POLICY: reopen_min_s is .*", "reopen_min_s"),
    (r"BAD_POLICY: bar_days must .*", "bar_days"),
    (r"BAD_IDENTITY: document_type .*", "type"),
    (r"BAD_IDENTITY: (name|document|phone) .*", r"\1"),
    (r"BAD_ID: a payment's reference .*", "reference"),
    (r"BAD_ID: a channel .*", "channel"),
    (r"BAD_ID: an entry .*", "entry"),
    (r"BAD_ID: a resident .*", "resident"),
    (r"BAD_ID: a hospital's id .*|BAD_ID: .* is no hospital's id|BAD_ID: a draw's id .*", "id hospital"),
    (r"BAD_ID: a portal's name .*", "name"),
    (r"BAD_DIGEST: a revealed value .*", "value"),
    (r"BAD_DOCUMENT: .*|BAD_PROOF: .*|IDENTITY_EXISTS: .*|REFERRED: .*|NO_FAMILY: .*|FAMILY_FULL: .*", "document"),
    (r"NOT_A_MINOR: .*|MINOR: .*", "kind document"),
    (r"DECEPTIVE_TEXT: .*|PORTAL_REVOKED: .*", "name"),
    (r"BAD_DATE: .*|PAST_DATE: .*|FAR_DATE: .*|OUT_OF_BOUNDS: .*", "date apply value"),
    (r"DAY_NOT_OVER: .*", "date"),
    (r"SESSION_OVERLAP: .*", "doctor date"),
    (r"NOT_FOUND: department .* has no doctor .*", "doctor"),
    (r"NOT_FOUND: session .* has no slot .*|SLOT_(?:STOPPED|USED|TAKEN): .*|DRAW_DATES: .*", "numbers"),
    (r"NOT_FOUND: hospital .* has no department .*", "department"),
    (r"NOT_FOUND: there is no hospital .*", "hospital"),
    (r"NOT_FOUND: the resident has no entry .*|NOT_REVERSIBLE: .*", "entry"),
    (r"(?:DRAW_EXISTS|HOSPITAL_TAKEN): .*", "id"),
    (r"DUPLICATE_PAYMENT: .*", "reference"),
    (r"WRONG_AMOUNT: .*|TOO_FEW_POINTS: .*|POINTS_EXPIRED: .*", "amount entry"),
    (r"SETTLED: .*", "channel"),
    (r"WAITING_ALREADY: .*", "resident"),
    (r"NO_KEY: .*|BAD_SIGNATURE: .*", "key passphrase resident"),
)
"""Which fields a refusal is about, for every dialog: "CODE: the contract's sentence" and how forms call the field."""
REASONS = (
    (r".* is 1 to 64 letters, digits and _\.:-", "应为 1 至 64 位字母、数字或 _ . : -"),
    (r"a hospital's id is 1 to 12 letters and digits", "应为 1 至 12 位字母或数字"),
    (r"a portal's name is 2 to 20 .*", "应为 2 至 20 位小写字母或数字，且不与平台自己的名称相同"),
    (r"a resident is named by a pseudonym .*", "请填居民假名（R 开头，27 位），不要填姓名或证件号码"),
    (r".* is 64 lower-case hex digits", "应为 64 位小写十六进制数"),
    (r"a public number is 1 to 64 digits and letters", "应为 1 至 64 位数字或字母"),
    (r".* must be one of .*", "请在所列各项中选一项"),
    (r".* must be a whole number from (\S+) to (\S+)", "应为 {0} 至 {1} 的整数"),
    (r".* is (?:text of )?1 to (\d+) characters(?: on one line)?", "应为 1 至 {0} 个字，不能换行"),
    (r".* has characters that cannot be seen", "含有看不见的字符"),
    (r"this is the number of a resident's card: .*", "这是居民身份证的号码，证件类型应选居民身份证"),
    (r"this cannot be the number of a document of type .*", "号码与证件类型不符，或校验码不对"),
    (r"reopen_min_s is greater than reopen_max_s", "不能大于最长的时间"),
    (r".* must be days from 1 to 3650", "应为 1 至 3650 天"),
    (r".* must be a list of at most (\d+)", "最多 {0} 项"),
    (r"a consent ends in the future, within ten years", "有效期最长十年"),
    (r"a link ends in the future, within (\d+) days", "期限最长 {0} 天"),
    (r"nobody is of one's own family", "这是居民本人的证件"),
    (r"name each slot once", "同一个号只写一次"),
    (r"the session would leave its day", "出诊会跨到另一天"),
    (r"a session moves within (\d+) days of .*", "只能改到原日期前后 {0} 天之内"),
    (r"a referral is for a date from today until (\d+) days ahead", "只能转诊到今天起 {0} 天之内"),
    (r"residents apply for (\d+) days at most", "报名最长 {0} 天"),
    (r"the draw could last until its first slot begins", "报名和揭示要在第一个号开始之前结束"),
    (r"the public number is one of (\S+) or the fortnight after", "公开号码应为 {0} 起两周内公布的一期"),
    (r"the order still owes (\d+) fen, not (\d+)", "还应付 {0} 分，不是 {1} 分"),
)
"""What the contract says against a field, in Chinese; every other refusal has a sentence of its own in `WORDS`."""

_FIX = Text("请改正后再提交。", "Correct it and try again.")
_ANOTHER = Text("请另选一个号。", "Choose another slot.")
_ANOTHER_DAY = Text("请换一天或另一个科室。", "Choose another day or department.")
_OTHER_NAME = OF_EVERY_KIT["TAKEN"]
_NOTHING = Text("不用再办。", "Nothing is left to do.")
_LATER = Text("请到时间再办。", "Do it when its time has come.")
_LOOK = Text("请刷新，看它现在的状态。", "Refresh, and look at its present state.")
_AGAIN = Text("请重新核对证件，再办一次。", "Look at the document again, then do it once more.")
_CLOCK_STEP = Text("请校准本机时间。", "Set this machine's clock right.")
_IMPORT = Text("请重新导入排班文件。", "Import the schedule's file again.")
_NUMBER = OF_EVERY_KIT["NOT_FOUND"]
_ADMINISTRATOR = Text("请告诉系统管理员。", "Tell the administrator of the system.")
_CHILD = Text("请监护人到窗口登记。", "Let the guardian come to a window.")
_STEPS: Mapping[Text, str] = {
    _FIX: "BAD_ID BAD_DATE BAD_POLICY BAD_RUNS RELEASE_PASSED WRONG_AMOUNT BAD_ARGUMENT BAD_DIGEST BAD_IDENTITY "
    "BAD_DOCUMENT DECEPTIVE_TEXT BAD_KEY OUT_OF_BOUNDS DRAW_DATES PAST_DATE FAR_DATE SESSION_OVERLAP TOO_MANY "
    "TOO_FEW_POINTS SEED_MISMATCH BEACON_MISMATCH",
    _ANOTHER: "SLOT_TAKEN SLOT_STOPPED SLOT_CLOSED SLOT_LOST HOLD_EXPIRED SESSION_STOPPED SLOT_USED",
    _ANOTHER_DAY: "LIMIT_PER_DAY LIMIT_PER_DEPARTMENT OFFICER_LIMIT PAYER_LIMIT FAMILY_LIMIT",
    _OTHER_NAME: "SLOT_EXISTS DRAW_EXISTS PLAN_EXISTS CONSENT_EXISTS HOSPITAL_TAKEN",
    _NOTHING: "SESSION_EXISTS WAITING_ALREADY APPLIED_ALREADY SETTLED CREDITED_ALREADY NOTHING_TO_REFUND "
    "CLOSED_ALREADY BEACON_EXISTS SEED_COMMITTED CONSENT_REVOKED JOINED_ALREADY PORTAL_REVOKED REFERRED "
    "NOTHING_EXPIRED NOBODY_WAITS NOT_REVERSIBLE IDENTITY_EXISTS",
    _LATER: "TOO_EARLY DAY_NOT_OVER NOT_LAPSED NOT_YOUR_TURN BARRED",
    _LOOK: "ILLEGAL_MOVE DRAW_STATE NOT_RETURNED NOT_PUBLISHED NOT_COMMITTED SESSION_OVER TOO_LATE SOMEBODY_WAITS "
    "LIST_DIFFERS NOT_THAT_DAY CANCEL_TOO_LATE",
    _AGAIN: "TICKET_NEEDED BAD_TICKET TICKET_EXPIRED BAD_PROOF JOINED_MEANWHILE FAMILY_CHANGED TRACE_MISSING "
    "TRACE_EXPIRED REAL_NAME_NEEDED",
    Text(
        "请核对是否为本市签发的码，不要接受截图转发的码。",
        "Check that it is a code of this city; do not take forwarded screenshots.",
    ): "BAD_CODE",
    Text(
        "请居民在手机上刷新，或在预约详情里换一个码。",
        "Ask the resident to refresh it, or make a new one in the appointment's details.",
    ): "CODE_EXPIRED",
    Text(
        "每个码只能用一次。这个号已取过；若居民还没有取到号，请让他出示新的码并核对身份。",
        "A code works once, and this one was used. If the resident has not checked in, ask for a fresh code and check "
        "the identity.",
    ): "CODE_USED",
    Text(
        "请核对就诊时间；可取号的时段在“规则”页。",
        "Check the time of the visit; when check-in opens is in 'Rules'.",
    ): "CHECK_IN_CLOSED",
    _CLOCK_STEP: "CLOCK_DIFFERS CLOCK_SKEW BACKDATED",
    _IMPORT: "COMMITMENT_MISMATCH PLAN_MISSING PLAN_MISMATCH NOT_IN_COMMITMENT",
    _NUMBER: "NOT_FOUND PORTAL_MISSING BAD_BOOKMARK",
    _ADMINISTRATOR: "NOT_INITIALIZED KEY_FILE_MISSING SEAL_BROKEN",
    _CHILD: "MINOR",
    OF_EVERY_KIT["FORBIDDEN"]: "FORBIDDEN",
    Text("可以登记候补。", "The waitlist is open."): "SLOT_RETURNED",
    Text("请到“摇号”报名。", "Apply for the draw."): "SLOT_IN_DRAW",
    Text("请开一次摇号。", "Open a draw."): "NEEDS_DRAW NO_BEACON",
    Text("请由医院窗口预约。", "Let the hospital's window book it."): "POOL_CLOSED",
    Text(
        "请先由社区机构转诊，或等它向公众开放。", "Let a clinic refer first, or wait for its hour."
    ): "REFERRAL_NEEDED",
    Text("请先收款。", "Take the payment first."): "PAYMENT_DUE",
    Text(
        "请核对流水号；真有两笔时先退一笔。", "Check the reference; if there were two, pay one back."
    ): "DUPLICATE_PAYMENT",
    Text("请先清理过期积分。", "Expire the points first."): "POINTS_EXPIRED",
    Text("请先放号，再清理这份排班。", "Open its sessions first."): "PLAN_NEEDED",
    Text("请每一方用自己的种子。", "Let each party use a seed of its own."): "SEED_COPIED",
    Text("请先请居民授权。", "Ask the resident to consent first."): "NO_CONSENT",
    Text("请先登记签名公钥。", "Register a key first."): "NO_KEY",
    Text("旧密钥丢失的，请卫健主管部门先作废它。", "Let the authority withdraw a key that was lost."): "KEY_EXISTS",
    Text("请换居民现在的密钥文件再签。", "Sign with the resident's present key file."): "BAD_SIGNATURE",
    Text("请先在“授权与留痕”登记家庭成员。", "Link the family member first."): "NO_FAMILY",
    Text("请本人到窗口同意。", "Let the person consent at a window."): "NOT_A_MINOR",
    Text("请先解除一位家庭成员。", "End another link first."): "FAMILY_FULL FAMILY_CHANGES",
}
NEXT_STEPS: Mapping[str, Text] = {code: step for step, codes in _STEPS.items() for code in codes.split()}
"""What a person does next after each refusal of the contract."""


def told(error: LedgerError) -> LedgerError:
    """A refusal with its fields and the next step; each has its Chinese sentence, so the contract's is English only."""
    code, sentence = contract_code(error) or "", str(error.details.get("contract_message") or "")
    if code in NEXT_STEPS and error.hint is None:
        error.hint = Text("{n}", "{n} The ledger says: {s}", n=NEXT_STEPS[code], s=sentence)
    found = (re.fullmatch(pattern, f"{code}: {sentence}") for pattern, _ in FIELDS)
    places = next((one.expand(names).split() for one, (_, names) in zip(found, FIELDS, strict=True) if one), [])
    pointed(error, reasons=REASONS, steps=NEXT_STEPS, at={code: places})
    reason = said(sentence, REASONS)
    if places and reason.zh != sentence:
        error.details["reason"] = reason
    return error
