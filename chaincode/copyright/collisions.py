"""Collisions: a deposit of what others deposited before says what it is to theirs, and the office writes an opinion
about each work that is the same or looks alike before it approves.

The contract finds what is the same, byte by byte, by itself; what looks alike is found by whoever searches (depositors
before they deposit, the office when it examines) in the prints that travel with deposits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from chaincode.copyright.conflicts import require_impartial
from chaincode.copyright.kinds import Registration
from chaincode.copyright.policy import Policy
from chaincode.copyright.records import WORK, CopyrightContext, Record, refuse
from chaincode.copyright.roles import not_compared, round_of
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import Fields, invalid
from chaincode.kit.records import KitContext, dump
from fabric_sdk.chaincode import query

MOST_PRINTS = 8
PRINT_CHARACTERS = 65_536
"""All prints of a work together."""
PRINTS = "prints"
MOST_FOUND = 200
NO_COPY = "copy"
"""The opinion with which nothing is approved."""
_NOT_OPENED = "the work itself was not opened; it cannot be compared"
_NO_BASIS = {
    "differs": "the work's file is not what its deposit says; it cannot be passed",
    "cut": "more earlier works are like it than the comparison could name",
}
_NAME = re.compile(r"[a-z0-9_]{1,32}/[0-9]{1,4}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def read_prints(form: Fields) -> dict[str, str]:
    """The numbers that search needs, by their kinds' names: `{"image/1": base64}`."""
    given = form.raw("prints")
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > MOST_PRINTS:
        invalid("prints", f"must be at most {MOST_PRINTS} by their names")
    for name, value in given.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str) or not _BASE64.fullmatch(value):
            invalid("prints", "must be names with a version and base64")
    if sum(map(len, given.values())) > PRINT_CHARACTERS:
        invalid("prints", f"have more than {PRINT_CHARACTERS} characters together")
    return {name: given[name] for name in sorted(given)}


def read_relations(ctx: CopyrightContext, form: Fields, policy: Policy) -> list[Record]:
    """What the depositor says of works that are the same or look alike."""
    found: dict[str, Record] = {}
    for one in form.objects("relations", policy.limit("sources"), required=False):
        work_id = str(ctx.read(WORK, one.text("work_id", 64))["id"])
        code = one.code("relation", policy.codes("relations"))
        words = one.text("words", policy.limit("text_characters"), required=policy.entry("relations", code)["words"])
        one.done()
        found[work_id] = {"work_id": work_id, "relation": code, "words": words}
    return [found[work_id] for work_id in sorted(found)]


def same_content(ctx: KitContext, work: Record) -> list[str]:
    """Other deposits of the same bytes, oldest first; of sealed works those of the same sealed bytes."""
    content = work["content"]
    found = [attributes[-1] for attributes in ctx.indexed("cid", content["cid"])]
    for name in ("sha256", "commitment"):
        if content.get(name):
            found += [attributes[-1] for attributes in ctx.indexed("sha256", content[name])]
    return sorted({*found} - {work.get("id", "")})


def earlier_content(ctx: KitContext, work: Record) -> list[str]:
    """Deposits of the same content that the ledger had before this one; nobody's later deposit changes it."""
    if "earlier" in work:
        return list(work["earlier"])
    found = [ctx.read(WORK, one) for one in same_content(ctx, work)]
    return [str(one["id"]) for one in found if one["created"] < work["created"]]


def _first_of_others(ctx: KitContext, work: Record, ids: Iterable[str]) -> list[str]:
    """Of works that others own each depositor's oldest: who deposits the same again and again counts once."""
    first: dict[str, str] = {}
    for other in sorted((ctx.read(WORK, one) for one in ids), key=lambda one: (one["created"], one["id"])):
        if _parties(other) != _parties(work):
            first.setdefault(other["depositor"], str(other["id"]))
    return sorted(first.values())


def check_relations(ctx: CopyrightContext, work: Record, earlier: list[str]) -> None:
    """Refuse a deposit of what others deposited before that does not say what it is to theirs.

    A word about one work of each depositor is enough: else many deposits of the same would keep everybody else out.
    """
    said = {one["work_id"] for one in (*work["relations"], *work["sources"]) if one.get("work_id")}
    others = [ctx.read(WORK, one) for one in earlier]
    named = {other["depositor"] for other in others if other["id"] in said}
    for other in others:
        if other["depositor"] not in named and ctx.party not in _parties(other):
            by = f"{other['depositor']} deposited the same content as {other['id']}"
            raise refuse("COLLISION", f"{by}; say in relations what yours is to it")


def wants_opinion(entry: Record) -> bool:
    return not entry.get("own") and not entry.get("later") and not entry.get("decision")


class Comparisons(Part):
    """查重: what the office found, and its opinion of each."""

    @query
    def ReadPrints(self, ctx: CopyrightContext, work_id: str) -> dict[str, str]:
        """A work's prints by their kinds' names; none of sealed works, and of works too plain for any."""
        ctx.read(WORK, work_id)
        found = ctx.indexed_value(PRINTS, work_id)
        prints: dict[str, str] = json.loads(found) if found else {}
        return prints

    @rule(Registration.compare)
    def _compared(self, doing: Doing) -> None:
        """What is the same as, or said to be like, another's work is in it whether the office names it or not.

        Deposits of the same content that came later are listed while there is room, and want no opinion: anybody can
        make them of a public hash, as many as they like. Who claims to be the author contests the work.
        """
        ctx, case, work = doing.ctx, doing.record, doing.parent
        require_impartial(ctx, work)
        given = {name: doing.given[name] for name in ("basis", "height", "works")}
        earlier = (case.get("comparison") or {}).get("found", [])
        found = {one["work_id"]: one for one in earlier if one["decision"]}
        for one in doing.given["found"]:
            found.setdefault(one["work_id"], one | {"by": "office"})
        exact = {"method": "exact", "score": 100, "by": "ledger"}
        before = earlier_content(ctx, work)
        for work_id in _first_of_others(ctx, work, before):
            found[work_id] = found.get(work_id, {"detail": ""}) | exact
        for one in (*case["similar"], *work.get("relations", ())):
            told = {"method": "told", "score": 0, "detail": "", "by": "applicant"}
            found.setdefault(one["work_id"], told)
        found.pop(work["id"], None)
        if len(found) > MOST_FOUND:
            raise refuse("TOO_MUCH", f"a comparison names at most {MOST_FOUND} works", 400)
        after = [one for one in same_content(ctx, work) if one not in {*before}]
        for work_id in _first_of_others(ctx, work, after[:MOST_FOUND]):
            if work_id in found or len(found) < MOST_FOUND:
                found[work_id] = found.get(work_id, {"detail": ""}) | exact
        later = {*after}
        case["comparison"] = given | {
            "at": ctx.now,
            "by": doing.party,
            "round": round_of(case),
            "found": [
                _entry(ctx, work, work_id, one) | ({"later": True} if work_id in later else {})
                for work_id, one in sorted(found.items())
            ],
        }

    @rule(Registration.opine)
    def _opinion_given(self, doing: Doing) -> None:
        """One work that was found, and what the office thinks of it; an opinion may be replaced, the log keeps both."""
        case, given = doing.record, doing.given
        require_impartial(doing.ctx, doing.parent)
        entries = (case.get("comparison") or {}).get("found", [])
        entry = next((one for one in entries if one["work_id"] == given["alike"]), None)
        if entry is None:
            raise refuse("NOT_COMPARED", f"{given['alike']} is not among the works found; compare first", 412)
        other = doing.ctx.read(WORK, given["alike"])
        if doing.party in {other["depositor"], *_parties(other)}:
            raise refuse("CONFLICT_OF_INTEREST", "a registrar gives no opinion about a work of their own", 403)
        entry |= {"decision": given["decision"], "opinion": given["view"]}
        entry |= {"opinion_by": doing.party, "opinion_at": doing.ctx.now}


def _entry(ctx: KitContext, work: Record, work_id: str, one: Record) -> Record:
    other = ctx.read(WORK, work_id)
    kept: Record = {name: one[name] for name in ("method", "score", "detail", "by")}
    kept |= {name: one.get(name, "") for name in ("decision", "opinion", "opinion_by", "opinion_at")}
    kept |= {"work_id": work_id, "own": _parties(other) == _parties(work)}
    return kept


def _parties(work: Record) -> set[str]:
    return {owner["party"] for owner in work["owners"]}


def require_compared(ctx: KitContext, case: Record, work: Record) -> None:
    """Refuse to pass a work that was not compared in this examination, or while a match has no opinion."""
    comparison = case.get("comparison")
    if not comparison or not_compared(case):
        raise refuse("NOT_COMPARED", "compare the work with the network's works first", 412)
    if comparison["basis"] != "content":  # prints are the depositor's word: those of another file would find nothing
        raise refuse("NOT_COMPARED", _NO_BASIS.get(comparison["basis"], _NOT_OPENED), 412)
    known = {one["work_id"] for one in comparison["found"]}
    new = [one for one in _first_of_others(ctx, work, earlier_content(ctx, work)) if one not in known]
    if new:
        raise refuse("NEW_MATCH", f"others own the same content since the comparison: {', '.join(new)}", 412)
    missing = [one["work_id"] for one in comparison["found"] if wants_opinion(one)]
    if missing:
        raise refuse("OPINION_MISSING", f"write an opinion about {', '.join(missing[:5])} first", 412)
    copied = [one["work_id"] for one in comparison["found"] if one["decision"] == NO_COPY]
    if copied:
        raise refuse("FOUND_COPY", f"the office's opinion calls it a copy of {copied[0]}")


def put_prints(ctx: KitContext, work_id: str, prints: dict[str, Any]) -> None:
    """Keep a work's prints beside its record, so that nobody who reads the record carries them."""
    if prints:
        ctx.index(PRINTS, work_id, value=dump(prints).decode())
