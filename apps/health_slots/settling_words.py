"""What people read of acts on books and points, in both languages."""

from __future__ import annotations

from apps.health_slots.kinds import Settlement
from apps.health_slots.model import CHANNELS, channel_title, yuan
from apps.health_slots.permissions import SETTLE
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

HOSPITAL = FieldWords(Text("医院编号", "The hospital's id"))
CHANNEL = FieldWords(Text("渠道", "Channel"), table=lambda: CHANNELS, free=True)

SETTLEMENT = KindWords(
    Settlement,
    Text("结算", "Settlement"),
    permission=SETTLE,
    states={Settlement.SETTLED: Text("已结算", "settled")},
    fields={
        Settlement.hospital: HOSPITAL,
        Settlement.date: FieldWords(Text("日期", "Date")),
        Settlement.channel: CHANNEL,
    },
    acts={
        Settlement.settle: ActWords(
            Text("结算这一天", "Settle this day"),
            Text(
                "把一个渠道当天的净额从清算户转到银行户。一天一个渠道只能结算一次，不能撤回。",
                "Moves a channel's net amount of the day from clearing to the bank account. Once per day and "
                "channel, for good.",
            ),
            title=lambda day, who: Text("结算 {day}", "Settle {day}", day=day["date"]),
            accept=Text("结算", "Settlement"),
            done=lambda day, who: Text(
                "已结算 {who} {n}，{k} 笔",
                "Settled {who}: {n}, {k} entries",
                who=channel_title(day["channel"]),
                n=yuan(day["result"]["amount"]),
                k=day["result"]["entries"],
            ),
            job=lambda day, who: Text("结算 {d}", "Settle {d}", d=day["date"]),
            help=Text("结算一天的一个渠道。", "Settle a day of one channel."),
            leave_out=(Settlement.hospital, Settlement.date),
        ),
    },
)
