"""What people read of licences and their use, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from apps.kit.formats import day_words, joined, line, percent, period, yuan
from apps.kit.words import NOTHING_SAID, ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Licence, Usage
from fabric_sdk import clock
from fabric_sdk.kinds import Record, Who

TERRITORIES: Mapping[str, Text] = {
    "CN": Text("中国", "China"),
    "WORLD": Text("全世界", "World"),
    "CN-GD": Text("广东省", "Guangdong"),
    "CN-BJ": Text("北京市", "Beijing"),
    "CN-SH": Text("上海市", "Shanghai"),
    "CN-ZJ": Text("浙江省", "Zhejiang"),
    "CN-JS": Text("江苏省", "Jiangsu"),
    "CN-SC": Text("四川省", "Sichuan"),
    "HK": Text("香港", "Hong Kong"),
    "MO": Text("澳门", "Macau"),
    "TW": Text("台湾", "Taiwan"),
}
REASON, NOTE = Text("原因", "Reasons"), Text("说明", "Note")
FROM, UNTIL = Text("起始日期", "From"), Text("截止日期", "Until")
CONTRACT = Text("合同散列", "Contract hash")
CONTRACT_FILE = Text("合同文件，只把散列写入账本", "Contract file; only its hash is kept")
NONE, FREE_OF_CHARGE = Text("无", "None"), Text("无偿", "free of charge")
MSP_NAME = Text("MSP/名称", "MSP/name")
AGREE = Text("请决定是否同意", "Consent or refuse")
OTHERS = Text("等待共有人或质权人同意", "Waiting for consents")
ALL_RIGHTS = Text("全部财产权", "All economic rights")


@cache
def rights() -> Mapping[str, Text]:
    """Every right of the policy."""
    from chaincode.copyright.policy import load

    rows = {code: Text(row["zh"], row["en"]) for code, row in load().data["rights"].items()}
    return rows | {"all": ALL_RIGHTS}


def economic() -> list[str]:
    """The rights that may be licensed or pledged."""
    from chaincode.copyright.policy import load

    return [code for code, row in load().data["rights"].items() if not row["personal"]]


def year_ahead(record: Record, who: Who) -> str:
    """The last day of a year that begins today."""
    today = clock.today()
    return (date(today.year + 1, today.month, min(today.day, 28)) - timedelta(days=1)).isoformat()


def _confirmed(usage: Record, who: Who) -> Text:
    return Text(
        "确认后版税为 {y}，按份额分配。",
        "The royalty is then {y}, split by shares.",
        y=yuan(usage.get("royalty_fen", 0)),
    )


def _period(record: Record) -> tuple[Text, Text]:
    return Text("期间", "Period"), period(str(record["from"]), str(record["until"]))


def untold(record: Record) -> None:
    """A field that the panel does not show, for another says it too."""


def _royalty(licence: Record) -> tuple[Text, Text]:
    parts: list[Text | str] = []
    if licence["royalty_bp"]:
        parts.append(Text("收入的 {s}", "{s} of revenue", s=percent(licence["royalty_bp"])))
    if licence["unit_fen"]:
        parts.append(Text("每次 {y}", "{y} a unit", y=yuan(licence["unit_fen"])))
    return Text("版税", "Royalty"), joined(parts, " + ", " + ") if parts else NONE


def territory_words(code: str) -> Text:
    """A territory's name with its code."""
    name = TERRITORIES.get(code)
    return Text("{n}（{c}）", "{n} ({c})", n=name, c=code) if name is not None else Text("{c}", "{c}", c=code)


def rights_words(codes: list[str] | str) -> Text:
    """The rights that a licence or pledge covers."""
    known = rights()
    return joined([known.get(code, code) for code in ([codes] if isinstance(codes, str) else codes)])


def _licence_gist(licence: Record) -> Text:
    return line(
        LICENCE.fields[Licence.kind].codes[licence["kind"]],
        rights_words(licence["rights"]),
        territory_words(licence["territory"]),
        Text("至 {d}", "until {d}", d=day_words(licence["until"])),
    )


def _usage_gist(usage: Record) -> Text:
    return line(
        Text("{a} – {b}", "{a} – {b}", a=day_words(usage["from"]), b=day_words(usage["until"])),
        f"{int(usage['quantity']):,} {usage['unit']}",
        Text("版税 {y}", "royalty {y}", y=yuan(usage["royalty_fen"])),
    )


def _why_end(licence: Record) -> tuple[Text, Text] | None:
    asked = licence.get("termination_asked")
    return (Text("请求终止的原因", "Why it should end"), line(asked["reason"])) if asked else None


def _licence_state(licence: Record) -> tuple[Text, str] | None:
    asked = licence["state"] == "ACTIVE" and licence.get("termination_asked")
    return (Text("许可人请求终止", "Licensor asks to end it"), "warn") if asked else None


_OFFER = ActWords(
    Text("许可使用", "License"),
    Text(
        "对方接受后生效。与现有的专有或排他许可冲突时，账本会拒绝。",
        "In force when the other side accepts. The ledger refuses what conflicts with an exclusive or sole licence.",
    ),
    title=Text("许可使用：{t}", "License: {t}"),
    accept=Text("提出许可", "Offer"),
    done=Text("已提出许可，等待对方接受", "Licence offered; the other side must accept"),
    icon="key",
    leave_out=(Licence.parent,),
)

LICENCE = KindWords(
    Licence,
    Text("授权许可", "Licence"),
    icon="key",
    command="license",
    ends=(Licence.licensor, Licence.licensee),
    gist=_licence_gist,
    states={
        Licence.OFFERED: Text("待接受", "Offered"),
        Licence.ACTIVE: Text("有效", "In force"),
        Licence.REJECTED: Text("已拒绝", "Declined"),
        Licence.WITHDRAWN: Text("已收回", "Withdrawn"),
        Licence.TERMINATED: Text("已终止", "Ended"),
    },
    state_words=_licence_state,
    due=lambda licence: str(licence["until"]) if licence["state"] in ("OFFERED", "ACTIVE") else "",
    fields={
        Licence.kind: FieldWords(
            Text("许可种类", "Kind"),
            given="ordinary",
            codes={
                "ordinary": Text("普通许可", "Ordinary licence"),
                "sole": Text("排他许可", "Sole licence"),
                "exclusive": Text("专有许可", "Exclusive licence"),
            },
        ),
        Licence.licensor: FieldWords(Text("许可人", "Licensor")),
        Licence.licensee: FieldWords(Text("被许可人", "Licensee"), option="to", help=MSP_NAME),
        Licence.rights: FieldWords(
            Text("权利种类", "Rights"),
            table=rights,
            offered=economic,
            everything=ALL_RIGHTS,
            given="network",
            help=Text("逗号分隔，或 all", "by comma, or all"),
        ),
        Licence.territory: FieldWords(
            Text("地域", "Territory"),
            codes=TERRITORIES,
            given="CN",
            help=Text("如 CN、CN-GD、WORLD", "such as CN, CN-GD, WORLD"),
            told=lambda licence: (Text("地域", "Territory"), territory_words(licence["territory"])),
        ),
        Licence.from_: FieldWords(FROM, told=_period),
        Licence.until: FieldWords(UNTIL, first=year_ahead, told=untold),
        Licence.fee_fen: FieldWords(Text("许可费", "Fee"), raw=True, absent=NONE),
        Licence.royalty_bp: FieldWords(
            Text("版税", "Royalty"),
            option="royalty",
            raw=True,
            asked=Text("版税占收入的比例（%）", "Royalty (% of revenue)"),
            placeholder=Text("0", "0"),
            told=_royalty,
        ),
        Licence.unit_fen: FieldWords(
            Text("每次使用", "Per use"), raw=True, asked=Text("每次使用（元）", "For each use (CNY)"), told=untold
        ),
        Licence.sublicensing: FieldWords(
            Text("转授权", "Sublicensing"),
            asked=Text("允许转授权", "Sublicensing allowed"),
            codes={True: Text("允许", "Allowed"), False: Text("不允许", "Not allowed")},
        ),
        Licence.parent: FieldWords(Text("原许可", "Parent licence")),
        Licence.terms: FieldWords(Text("其他约定", "Other terms")),
        Licence.contract_sha256: FieldWords(CONTRACT, NOTHING_SAID, asked=CONTRACT_FILE),
        Licence.termination_asked: FieldWords(Text("请求终止的原因", "Why it should end"), told=_why_end),
        Licence.reason: FieldWords(REASON),
    },
    acts={
        Licence.offer: _OFFER,
        Licence.sublicense: replace(
            _OFFER,
            button=Text("转授权", "Sublicense"),
            icon="",
            dialog="apps.copyright.ui.case_dialogs:sublicense",
            command="-",
        ),
        Licence.consent: ActWords(
            Text("同意许可", "Consent to licence"),
            Text(
                "专有和排他许可须共有人同意；作品已质押的，须质权人同意。",
                "Exclusive and sole licences need the co-owners' consent, and on a pledged work the pledgee's.",
            ),
            asks=AGREE,
            others=OTHERS,
        ),
        Licence.accept: ActWords(
            Text("接受许可", "Accept licence"),
            Text(
                "接受后许可立即生效，双方的签名都在账本上。",
                "The licence is in force at once; both signatures are on the ledger.",
            ),
            asks=Text("请决定是否接受许可", "Answer the offer"),
            dialog="apps.copyright.ui.case_dialogs:accept",
        ),
        Licence.reject: ActWords(
            Text("拒绝许可", "Decline licence"),
            Text("拒绝后这份许可不再有效，对方可以另行提出。", "This offer ends; the other side may make another."),
        ),
        Licence.withdraw: ActWords(
            Text("收回许可", "Withdraw offer"),
            Text("对方还没有接受，可以收回。", "The other side has not accepted yet."),
        ),
        Licence.ask_end: ActWords(
            Text("请求终止", "Ask to end"),
            Text(
                "许可须由被许可人同意才会终止；请写明原因。", "A licence ends only when the licensee agrees; say why."
            ),
            command="-",
        ),
        Licence.end: ActWords(
            Text("终止许可", "End licence"),
            Text(
                "终止后不得再使用作品，已报告的使用仍要结算。",
                "The work may no longer be used; reported use is still settled.",
            ),
            asks=Text("许可人请求终止，请决定", "Answer the end asked for"),
        ),
    },
)

USAGE = KindWords(
    Usage,
    Text("使用报告", "Reported use"),
    icon="list",
    ends=(Usage.reporter, Usage.licensor),
    gist=_usage_gist,
    panel="apps.copyright.ui.matter_parts:split",
    facts=lambda usage: [(Text("许可", "Licence"), str(usage["licence_id"]))],
    states={
        Usage.REPORTED: Text("待确认", "To be confirmed"),
        Usage.SETTLED: Text("已确认", "Confirmed"),
        Usage.DISPUTED: Text("有疑问", "Queried"),
    },
    fields={
        Usage.reporter: FieldWords(Text("报告人", "Reporter")),
        Usage.licensor: FieldWords(Text("许可人", "Licensor"), told=untold),
        Usage.work_id: FieldWords(Text("作品", "Work"), told=untold),
        Usage.from_: FieldWords(FROM, first=lambda licence, who: str(licence.get("from", "")), told=_period),
        Usage.until: FieldWords(UNTIL, told=untold),
        Usage.quantity: FieldWords(
            Text("数量", "Quantity"),
            given=0,
            told=lambda use: (Text("数量", "Quantity"), line(f"{int(use['quantity']):,} {use['unit']}")),
        ),
        Usage.unit: FieldWords(Text("计量单位", "Unit"), first=Text("次", "times"), given="次", told=untold),
        Usage.revenue_fen: FieldWords(Text("相关收入", "Revenue"), raw=True),
        Usage.royalty_fen: FieldWords(Text("版税", "Royalty")),
        Usage.split: FieldWords(Text("版税分配", "Split of the royalty")),
        Usage.note: FieldWords(NOTE),
        Usage.doubt: FieldWords(Text("疑问", "What is in question")),
    },
    acts={
        Usage.record: ActWords(
            Text("报告使用", "Report use"),
            Text(
                "按许可约定计算版税，并按份额分给各权利人。同一期间的同一计量单位只能报一次。",
                "The royalty is computed by the licence and split by the owners' shares."
                " A period can be reported once a unit.",
            ),
        ),
        Usage.settle: ActWords(
            Text("确认使用报告", "Confirm use"),
            _confirmed,
            asks=Text("请确认使用报告", "Confirm the use"),
            leave_out=(Usage.note,),
        ),
        Usage.dispute: ActWords(
            Text("提出疑问", "Query"),
            Text("对方须重新报告这一期间的使用。", "The other side reports this period anew."),
        ),
    },
)
