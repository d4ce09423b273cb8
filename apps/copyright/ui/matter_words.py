"""Records in words: what a licence, transfer, pledge, change, dispute or case is called, says and stands at."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.copyright.inbox import Matter
from apps.copyright.manifest import MANIFEST
from apps.copyright.rights_words import LICENCE, TERRITORIES
from apps.copyright.ui.words import state_words, term, tr
from chaincode.copyright.kinds import Licence
from console.i18n import language, say
from console.i18n.formats import day
from fabric_sdk.kinds import Who

ICONS = {
    **{kind: words.icon for kind, words in MANIFEST.catalogue.words.items()},
    "change": "edit",
    "dispute": "flag",
    "infringement": "eye",
    "registration": "stamp",
}


def kind_words(kind: str) -> str:
    """What a kind of record is called."""
    if (words := MANIFEST.catalogue.words.get(kind)) is not None:
        return say(words.title)
    return {
        "change": tr("变更与补充"),
        "dispute": tr("异议"),
        "infringement": tr("侵权线索"),
        "registration": tr("登记"),
    }.get(kind, kind)


def licence_kind(code: str) -> str:
    """Exclusive, sole or ordinary."""
    return say(LICENCE.fields[Licence.kind].codes.get(code, code))


def matter_state(record: Any) -> tuple[str, str]:
    """Return a record's state in words with its sign."""
    kind, state = record["type"], record["state"]
    if kind == "registration":
        return state_words(state)
    if (words := MANIFEST.catalogue.words.get(kind)) is not None:
        said, sign = words.state(record)
        return say(said), sign
    return {
        ("change", "REQUESTED"): (tr("待登记机构决定"), "wait"),
        ("change", "APPROVED"): (tr("已变更"), "ok"),
        ("change", "REFUSED"): (tr("不予变更"), "bad"),
        ("dispute", "OPEN"): (tr("处理中，作品已冻结"), "warn"),
        ("dispute", "DECIDED"): (tr("已处理"), "ok"),
        ("dispute", "WITHDRAWN"): (tr("已撤回"), "none"),
        ("infringement", "REPORTED"): (tr("待取证"), "warn"),
        ("infringement", "EVIDENCED"): (tr("已取证"), "info"),
        ("infringement", "CLOSED"): (tr("已办结"), "ok"),
    }.get((kind, state), (state, "info"))


def outcome_words(code: str) -> str:
    """How a dispute or a case ended."""
    return {
        "dismissed": tr("异议不成立"),
        "upheld": tr("异议成立"),
        "settled": tr("双方和解"),
        "removed": tr("已下架"),
        "licensed": tr("已取得许可"),
        "compensated": tr("已赔偿"),
        "litigation": tr("已起诉"),
        "unfounded": tr("不构成"),
        "abandoned": tr("放弃追究"),
    }.get(code, code)


def yuan(fen: int) -> str:
    """An amount in yuan: 3000 fen are 30.00 元."""
    return tr("{n} 元").format(n=f"{int(fen) / 100:,.2f}")


def share_words(basis_points: int) -> str:
    """A share of a work: 2500 basis points are 25%."""
    return f"{int(basis_points) / 100:g}%"


def territory_words(code: str) -> str:
    """A territory's name with its code."""
    name = dict(territories()).get(code, "")
    return f"{name}（{code}）" if name and language() == "zh" else f"{name} ({code})" if name else code


def territories() -> list[tuple[str, str]]:
    """The territories offered first; any ISO 3166 code may be typed."""
    return [(code, say(name)) for code, name in TERRITORIES.items()]


def rights_words(codes: Any) -> str:
    """The rights that a licence or pledge covers."""
    listed = [codes] if isinstance(codes, str) else list(codes)
    if listed == ["all"]:
        return tr("全部财产权")
    return ("、" if language() == "zh" else ", ").join(term("rights", code) for code in listed)


def parties_words(record: Any, *, whole: bool = False) -> str:
    """From whom to whom, by name; `whole` with their organisations."""
    name = str if whole else party_name
    kind = record["type"]
    ends = {
        "licence": ("licensor", "licensee"),
        "usage": ("reporter", "licensor"),
        "transfer": ("seller", "to"),
        "pledge": ("pledgor", "pledgee"),
    }.get(kind)
    if ends:
        return f"{name(record[ends[0]])} → {name(record[ends[1]])}"
    role = {"change": "applicant", "registration": "applicant", "dispute": "claimant"}.get(kind, "reporter")
    return name(record.get(role, ""))


def party_name(party: str) -> str:
    """A party without its organisation, where room is short; the whole stands beside or in the tooltip."""
    return party.partition("/")[2] or party


def gist(matter: Matter) -> str:  # noqa: PLR0911 - one a kind
    """What a record is about, in one line."""
    record = matter.record
    if matter.kind == "licence":
        parts = [licence_kind(record["kind"]), rights_words(record["rights"]), territory_words(record["territory"])]
        return " · ".join([*parts, tr("至 {d}").format(d=day_words(record["until"]))])
    if matter.kind == "usage":
        period = f"{day_words(record['from'])} – {day_words(record['until'])}"
        used = f"{int(record['quantity']):,} {record['unit']}"
        return " · ".join([period, used, tr("版税 {y}").format(y=yuan(record["royalty_fen"]))])
    if matter.kind == "transfer":
        price = yuan(record["price_fen"]) if record["price_fen"] else tr("无偿")
        return " · ".join([tr("份额 {s}").format(s=share_words(record["share"])), price])
    if matter.kind == "pledge":
        debt = tr("债权 {y}").format(y=yuan(record["debt_fen"]))
        return " · ".join(
            [debt, tr("{d} 到期").format(d=day_words(record["debt_until"])), rights_words(record["rights"])]
        )
    if matter.kind == "change":
        return "、".join(change_field(name) for name in record["changes"]) + " · " + str(record["reason"])
    if matter.kind == "dispute":
        return " · ".join([term("dispute_grounds", record["ground"]), str(record["statement"])])
    if matter.kind == "infringement":
        return " · ".join([str(record["where"]), str(record["description"])])
    return str(record.get("number") or record["id"])


def day_words(iso: str) -> str:
    """A day of the ledger (ISO) as the language writes it."""
    try:
        return day(date.fromisoformat(iso))
    except ValueError:
        return iso or "—"


def change_field(name: str) -> str:
    """The name of an entry that may change."""
    return {
        "title": tr("作品名称"),
        "authors": tr("作者"),
        "completed": tr("创作完成"),
        "published": tr("首次发表"),
        "note": tr("备注"),
    }.get(name, name)


def wanted_words(matter: Matter, mine: frozenset[str]) -> str:
    """What a waiting record asks of the people at this desk, `mine` being their parties."""
    record, kind, state = matter.record, matter.kind, matter.state
    if kind in MANIFEST.catalogue.kinds:
        # The office's matters are listed for its registrars alone, and told to whoever looks at them.
        wanted = MANIFEST.catalogue.wanted(record, [Who(party, frozenset({"registrar"})) for party in mine])
        return say(wanted) if wanted is not None else ""
    missing = [party for party, given in (record.get("consents") or {}).items() if not given]
    if any(party in mine for party in missing):
        return tr("请决定是否同意")
    if kind == "registration" and state == "CORRECTION":
        return tr("请补正申请材料")
    if kind == "registration":
        return {
            "SUBMITTED": tr("请核查材料"),
            "VERIFYING": tr("请决定是否受理"),
            "ACCEPTED": tr("请开始审查"),
            "EXAMINING": tr("请作出审查决定"),
            "APPROVED": tr("请发证"),
            "CERTIFIED": tr("请公告"),
        }.get(state, "")
    return {
        ("change", "REQUESTED"): tr("请决定是否变更"),
        ("dispute", "OPEN"): tr("请处理异议"),
        ("infringement", "REPORTED"): tr("请取证"),
        ("infringement", "EVIDENCED"): tr("请记录处理结果"),
    }.get((kind, state), "")
