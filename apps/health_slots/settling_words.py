"""What people read of settling and of points, in both languages."""

from __future__ import annotations

from apps.health_slots.kinds import Points, Settlement
from apps.health_slots.model import CHANNELS, PURPOSES, channel_title, yuan
from apps.health_slots.permissions import SETTLE
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

SETTLEMENT = KindWords(
    Settlement,
    Text("结算", "Settlement"),
    permission=SETTLE,
    states={Settlement.SETTLED: Text("已结算", "settled")},
    fields={
        Settlement.hospital: FieldWords(Text("医院编号", "The hospital's id")),
        Settlement.date: FieldWords(Text("日期", "Date")),
        Settlement.channel: FieldWords(Text("渠道", "Channel"), table=lambda: CHANNELS, free=True),
    },
    acts={
        Settlement.settle: ActWords(
            Text("结算这一天", "Settle this day"),
            Text(
                "把一个渠道当天的净额从清算户转到银行户。一天一个渠道只能结算一次，不能撤回。",
                "Moves a channel's net amount of the day from clearing to the bank account. Once per day and "
                "channel, for good.",
            ),
            asks=Text("结算：citychain slots bill settle", "Settle it: citychain slots bill settle"),
            title=lambda day, who: Text("结算 {day}", "Settle {day}", day=day["date"]),
            accept=Text("结算", "Settlement"),
            done=lambda day, who: Text(
                "已结算 {who} {n}，{k} 笔",
                "Settled {who}: {n}, {k} {k:entry|entries}",
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

POINTS = KindWords(
    Points,
    Text("积分", "Points"),
    permission=SETTLE,
    states={Points.HELD: Text("有效", "Valid")},
    fields={
        Points.amount: FieldWords(Text("积分", "Points")),
        Points.purpose: FieldWords(Text("用途", "For"), codes=PURPOSES),
        Points.entry: FieldWords(Text("哪一笔", "Entry")),
    },
    acts={
        Points.spend: ActWords(
            Text("使用积分", "Spend points"),
            lambda points, who: Text(
                "{who} 有 {n} 分，先用最早到期的。",
                "{who} has {n} {n:point|points}; those that expire first go first.",
                who=points["title"],
                n=f"{points['balance']:,}",
            ),
            accept=Text("使用", "Spend"),
            done=lambda points, who: Text("已使用 {n} 分", "{n} {n:point|points} spent", n=f"{points['amount']:,}"),
            job=Text("使用积分", "Spend points"),
        ),
        Points.expire: ActWords(
            Text("清理过期积分", "Take off expired points"),
            at_once=True,
            done=Text("已清理过期积分", "Expired points taken off"),
            job=Text("清理过期积分", "Take off expired points"),
        ),
        Points.reverse: ActWords(
            Text("冲回这一笔", "Reverse this entry"),
            lambda points, who: points["source"],
            title=Text("冲回积分", "Reverse points"),
            accept=Text("冲回", "Reversal"),
            done=Text("已冲回", "Reversed"),
            job=Text("冲回积分", "Reverse points"),
            leave_out=(Points.entry,),
        ),
    },
)
