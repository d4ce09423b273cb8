"""What people read of the acts on appointments, in both languages."""

from __future__ import annotations

from dataclasses import replace

from apps.health_slots.kinds import Booking
from apps.health_slots.model import APPOINTMENT_TITLES, CHANNELS, yuan
from apps.health_slots.permissions import BOOK, SETTLE
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from fabric_sdk.kinds import Record, Who


def _lost(visit: Record, who: Who) -> Text:
    paid = Text("已付的 {n} 记为应退。", "The {n} paid will be owed back.", n=yuan(visit["paid"]))
    return Text(
        "{when} {dept} {n} 号将退回。退回的号先给候补的人，没有人候补才在随机时刻重新开放，不会直接给最快的人。{paid}",
        "{when} {dept} no. {n} will be returned. Returned slots go to the waitlist first; only when nobody waits do "
        "they reopen at a random moment, never straight to the fastest.{paid}",
        when=visit["when"],
        dept=visit["department"],
        n=f"{visit['number']:03d}",
        paid=paid if visit["paid"] else "",
    )


_CANCEL = ActWords(
    Text("退号", "Cancel appointment"),
    _lost,
    title=Text("退号", "Cancel"),
    accept=Text("退号", "Cancel"),
    done=Text("已退号，号源转给候补", "Cancelled; the slot goes to the waitlist"),
    job=lambda visit, who: Text("退号 {a}", "Cancel {a}", a=visit["id"]),
)
BOOKING = KindWords(
    Booking,
    Text("预约", "Appointment"),
    argument="APPOINTMENT",
    permission=BOOK,
    states={state: APPOINTMENT_TITLES[name] for name, state in Booking.states.items()},
    fields={
        Booking.channel: FieldWords(Text("渠道", "Channel"), table=lambda: CHANNELS, free=True),
        Booking.reference: FieldWords(
            Text("流水号", "Reference"),
            hint=Text("字母、数字和 _ . : -，最多 64 位", "Letters, digits and _ . : -, at most 64"),
        ),
        Booking.amount: FieldWords(Text("金额", "Amount"), raw=True, ranged=True),
        Booking.account: FieldWords(
            Text("付款账号", "Paying account"),
            asked=Text("付款账号，可留空", "Paying account (optional)"),
            hint=Text("只算成付款人假名，不保存", "Becomes a pseudonym of the payer; it is not kept"),
            help=Text("只存假名", "kept as a pseudonym"),
        ),
    },
    acts={
        Booking.pay: ActWords(
            Text("记录支付", "Record payment"),
            lambda visit, who: Text(
                "渠道确认收到 {n} 后再记。同一渠道的一个流水号只能记一次。",
                "Record it after the channel confirmed {n}. A reference of a channel counts once.",
                n=yuan(visit["owed"]),
            ),
            accept=lambda visit, who: Text("记录 {n}", "Record {n}", n=yuan(visit["owed"])),
            done=lambda visit, who: Text("已记录支付 {n}", "Payment of {n} recorded", n=yuan(visit["owed"])),
            job=lambda visit, who: Text("记录支付 {a}", "Record the payment {a}", a=visit["id"]),
            help=Text("记录一笔支付。", "Record a payment."),
            leave_out=(Booking.amount,),
            dialog="apps.health_slots.ui.appointment:payment",
            permission=SETTLE,
            icon="check",
        ),
        Booking.refund: ActWords(
            Text("记录退款", "Record refund"),
            lambda visit, who: Text(
                "渠道确认退回 {n} 后再记，退款按原渠道。",
                "Record it after the channel paid back {n}, the way it came.",
                n=yuan(visit["refund_due"]),
            ),
            asks=Text("退款：citychain slots bill refund", "Pay it back: citychain slots bill refund"),
            accept=lambda visit, who: Text("记录 {n}", "Record {n}", n=yuan(visit["refund_due"])),
            done=lambda visit, who: Text("已记录退款 {n}", "Refund of {n} recorded", n=yuan(visit["refund_due"])),
            job=lambda visit, who: Text("记录退款 {a}", "Record the refund {a}", a=visit["id"]),
            help=Text("记录一笔退款。", "Record a refund."),
            permission=SETTLE,
            icon="undo",
        ),
        Booking.confirm: ActWords(
            Text("确认预约", "Confirm booking"),
            at_once=True,
            done=Text(
                "已确认，若规则要求先付款，付款后即生效",
                "Confirmed; where the rules want the payment first, it holds once that is recorded",
            ),
            job=lambda visit, who: Text("确认预约 {s}", "Confirm {s}", s=visit["slot"]),
            icon="check",
        ),
        Booking.fulfil: ActWords(
            Text("记录已就诊", "Record the visit"),
            at_once=True,
            done=Text("已记录就诊，积分已计入", "Visit recorded; points are credited"),
            job=lambda visit, who: Text("记录已就诊 {a}", "Record the visit {a}", a=visit["id"]),
            help=Text("记录已就诊。", "Record that the resident was seen."),
            icon="check",
        ),
        Booking.check_in: ActWords(
            Text("核对证件取号", "Check in by document"),
            Text(
                "居民没有取号码时，核对证件原件与本院登记的身份一致后取号。这次查看会留痕，取号记在您名下。",
                "Where the resident has no code: compare the document itself with the identity that the hospital "
                "holds, then check in. The look leaves a trace, and the check-in stands under your name.",
            ),
            accept=Text("已核对，取号", "Compared, check in"),
            done=Text("已取号", "Checked in"),
            job=lambda visit, who: Text("取号 {a}", "Check in {a}", a=visit["id"]),
            icon="shield",
        ),
        Booking.miss: ActWords(
            Text("记录爽约", "Record no-show"),
            Text(
                "爽约会计入这位居民的记录，次数达到规则规定时暂停预约。就诊时间结束后才能记录。",
                "A no-show counts on this resident's record; after as many as the rules say, booking is barred for a "
                "while. It can be recorded only after the visit's time.",
            ),
            title=Text("记录爽约", "Record a no-show"),
            accept=Text("记录爽约", "Record a no-show"),
            done=Text("已记录爽约", "No-show recorded"),
            job=lambda visit, who: Text("记录爽约 {a}", "Record the no-show {a}", a=visit["id"]),
            help=Text("记录爽约。", "Record that the resident did not come."),
        ),
        Booking.give_up: replace(_CANCEL, button=Text("放弃", "Give up")),
        Booking.cancel: _CANCEL,
    },
)
