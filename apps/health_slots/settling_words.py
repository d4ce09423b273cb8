"""What people read of settling, of points, and of what the authority does, in both languages."""

from __future__ import annotations

from dataclasses import replace

from apps.health_slots.kinds import Clinic, Key, Points, Settlement
from apps.health_slots.model import CHANNELS, PURPOSES, channel_title, yuan
from apps.health_slots.permissions import CHANGE, SETTLE
from apps.health_slots.session_words import REASON
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
                "{who} has {n} points; those that expire first go first.",
                who=points["title"],
                n=f"{points['balance']:,}",
            ),
            accept=Text("使用", "Spend"),
            done=lambda points, who: Text("已使用 {n} 分", "{n} points spent", n=f"{points['amount']:,}"),
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

KEY = KindWords(
    Key,
    Text("居民公钥", "Resident's key"),
    permission=CHANGE,
    states={Key.WITHDRAWN: Text("已作废", "withdrawn")},
    fields={
        Key.resident: FieldWords(Text("居民假名", "Pseudonym"), placeholder=Text("R…", "R…")),
        Key.reason: replace(REASON, first="other"),
    },
    acts={
        Key.withdraw: ActWords(
            Text("作废居民公钥", "Withdraw a resident's key"),
            Text(
                "居民丢了密钥时用。此后这把密钥的签名一律不认，已写入的授权不变；居民可到任何一家核对过身份的医院登记新的。",
                "For a resident who lost the key. Nothing signed with it is taken from now on; consents on the "
                "ledger stay, and a new key can be bound at any hospital that checked the identity.",
            ),
            accept=Text("作废公钥", "Withdraw key"),
            done=Text("公钥已作废", "The key is withdrawn"),
            job=Text("作废居民公钥", "Withdraw a resident's key"),
            help=Text("注销居民遗失的公钥（卫健委）。", "Withdraw a key that its resident lost."),
            loss=Text("此公钥的签名将不再有效。", "Its signatures count no more."),
            icon="key",
        ),
    },
)

CLINIC = KindWords(
    Clinic,
    Text("社区机构", "Clinic"),
    permission=CHANGE,
    states={Clinic.ADMITTED: Text("可以转诊", "may refer"), Clinic.DISMISSED: Text("不能转诊", "may not refer")},
    fields={Clinic.reason: replace(REASON, first="demand")},
    acts={
        Clinic.admit: ActWords(
            Text("准许这家机构转诊", "Let this institution refer"),
            at_once=True,
            done=lambda clinic, who: Text("已准许 {h} 转诊", "{h} may refer now", h=clinic["name"]),
            job=lambda clinic, who: Text("准许 {h} 转诊", "Let {h} refer", h=clinic["name"]),
        ),
        Clinic.dismiss: ActWords(
            Text("不再准许", "Let it refer no more"),
            Text("已经转出的仍有效；从现在起不能再转。", "What it referred stays; from now on it refers no more."),
            title=lambda clinic, who: Text("不再准许 {h} 转诊", "Let {h} refer no more", h=clinic["name"]),
            accept=Text("不再准许", "Let it refer no more"),
            done=lambda clinic, who: Text("{h} 不能再转诊", "{h} refers no more", h=clinic["name"]),
            job=lambda clinic, who: Text("不再准许 {h} 转诊", "Let {h} refer no more", h=clinic["name"]),
        ),
    },
)
