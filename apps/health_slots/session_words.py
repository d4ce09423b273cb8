"""What people read of changes of a session after its release, in both languages."""

from __future__ import annotations

from apps.health_slots.kinds import Session
from apps.health_slots.model import POOL_TITLES, REASON_TITLES, STATE_TITLES
from apps.health_slots.permissions import BOOK, CHANGE
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

REASON = FieldWords(
    Text("原因，写在账本上", "Why; on the ledger"),
    asked=Text("理由，写入账本", "Reason, on the ledger"),
    codes=REASON_TITLES,
)
_STOP = Text(
    "理由与签名人写入账本，所有人可见。之后列出要通知的人。",
    "Reason and signer are on the ledger for all to see. Then it lists whom to tell.",
)

SESSION = KindWords(
    Session,
    Text("出诊单元", "Session"),
    argument="SESSION",
    permission=CHANGE,
    states={Session.PUBLISHED: Text("已放号", "Open"), Session.STOPPED: STATE_TITLES["stopped"]},
    fields={
        Session.since: FieldWords(
            Text("从几点起", "From what time"),
            asked=Text("从几点起，留空为整个单元", "From what time; empty for the whole session"),
            placeholder=Text("10:40", "10:40"),
        ),
        Session.numbers: FieldWords(
            Text("号", "Slots"),
            asked=Text("号，用逗号分开，可写 3-5", "Slots, separated by commas; 3-5 is a range"),
            placeholder=Text("3, 7-9", "3, 7-9"),
        ),
        Session.doctor: FieldWords(Text("接诊医生", "Doctor"), free=True),
        Session.date: FieldWords(Text("新的日期", "New date")),
        Session.shift: FieldWords(
            Text("推迟的分钟数", "Minutes later"),
            asked=Text("推迟，可为负", "Later by (may be negative)"),
            unit=Text("分钟", "min"),
            given=0,
            ranged=True,
        ),
        Session.hour: FieldWords(Text("开始（时）", "Hour")),
        Session.minute: FieldWords(Text("开始（分）", "Minute")),
        Session.minutes: FieldWords(Text("时长", "Length"), unit=Text("分钟", "min")),
        Session.pool: FieldWords(Text("号源池", "Pool"), codes=POOL_TITLES),
        Session.reason: REASON,
        Session.resident: FieldWords(Text("居民假名", "Pseudonym")),
    },
    acts={
        Session.join: ActWords(
            Text("加入候补", "Join waitlist"),
            lambda session, who: Text(
                "为 {who} 候补 {date} {dept} {doctor}。有号退回时按顺序保留给他，保留期内未确认就给下一位。",
                "{date} {dept} {doctor}, for {who}. A returned slot is kept for who is next; unless it is "
                "confirmed in time it goes on to the one after.",
                who=session["who"],
                date=session["date"],
                dept=session["department"],
                doctor=session["doctor"],
            ),
            title=Text("加入候补", "Join the waitlist"),
            accept=Text("加入候补", "Join the waitlist"),
            done=Text("已加入候补", "Joined the waitlist"),
            job=lambda session, who: Text("候补 {s}", "Queue for {s}", s=session["id"]),
            leave_out=(Session.resident,),
            permission=BOOK,
            icon="people",
        ),
        Session.add: ActWords(
            Text("加号", "Add a slot"),
            Text(
                "加的号不在放号前的承诺里，会永远标成紫色，理由和签名人公开。",
                "An added slot is outside the promise made before the release: it stays violet for ever, with "
                "reason and signer.",
            ),
            done=Text("已加号", "A slot was added"),
            job=lambda session, who: Text("加号 {s}", "Add a slot to {s}", s=session["id"]),
            dialog="apps.health_slots.ui.changes:adding",
            icon="plus",
        ),
        Session.move: ActWords(
            Text("改诊", "Move"),
            Text("换一天或换个钟点出诊，预约跟着走。", "Another day or hour; the appointments go along."),
            title=Text("改诊", "Move session"),
            accept=Text("改诊", "Move session"),
            done=Text("已改诊", "Session moved"),
            job=lambda session, who: Text("改诊 {s}", "Move {s}", s=session["id"]),
            help=Text("改诊：换日期或时间。", "Move a session to another day or hour."),
            dialog="apps.health_slots.ui.changes:moving",
            icon="clock",
        ),
        Session.substitute: ActWords(
            Text("替诊", "Substitute"),
            Text(
                "同科室的另一位医生接诊，时间和号不变。",
                "Another doctor of the department takes it; hours and slots stay.",
            ),
            done=Text("已换医生", "Doctor changed"),
            job=lambda session, who: Text("替诊 {s}", "Substitute in {s}", s=session["id"]),
            help=Text("替诊：换医生。", "Let another doctor take a session."),
            dialog="apps.health_slots.ui.changes:substituting",
            icon="person",
        ),
        Session.withdraw: ActWords(
            Text("撤号", "Withdraw"),
            Text(
                "撤下的号不能再约，审计会列出每一个撤下的号和签名人。",
                "Withdrawn slots cannot be booked again; the audit lists each with its signer.",
            ),
            title=Text("撤号", "Withdraw slots"),
            accept=Text("撤号", "Withdraw slots"),
            done=lambda session, who: Text("已撤下 {n} 个号", "{n} {n:slot|slots} withdrawn", n=session["result"]),
            job=lambda session, who: Text("撤号 {s}", "Withdraw slots of {s}", s=session["id"]),
            dialog="apps.health_slots.ui.changes:withdrawing",
            icon="minus",
        ),
        Session.stop: ActWords(
            Text("停诊", "Stop"),
            _STOP,
            help=Text("停诊，预约全部免责取消。", "Stop a session; its appointments are cancelled."),
            loss=lambda session, who: Text(
                "{s} 的全部预约将被取消。", "Every appointment of {s} is cancelled.", s=session["id"]
            ),
        ),
        Session.stop_from: ActWords(
            Text("停诊", "Stop"),
            _STOP,
            done=Text("已停诊", "The session was stopped"),
            job=lambda session, who: Text("停诊 {s}", "Stop {s}", s=session["id"]),
            dialog="apps.health_slots.ui.changes:stopping",
            icon="stop",
        ),
    },
)
