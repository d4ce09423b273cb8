"""A draw computed again from its record and its applicants: what any outsider can, with nothing else of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chaincode.health_slots.fair_draw import (
    PARTIES,
    ROUNDS,
    link,
    list_digest,
    rank,
    reach,
    seed_of,
    seed_of_number,
    winners,
)


class Rerun(NamedTuple):
    """The list's digest, the seed ("" before it is known), who won which slot, and what does not hold."""

    frozen: str
    seed: str
    winners: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]


def draw_again(draw: str, record: Mapping[str, Any], applicants: Sequence[str]) -> Rerun:
    """Check the frozen list, that every revealed value leads to its commitment, that none was left out, and who won."""
    frozen = list_digest(applicants)
    problems = [*_list_problems(record, applicants, frozen), *_seed_problems(record)]
    seed = ""
    won: tuple[tuple[str, str], ...] = ()
    known = "value" in record.get("number", {}) or set(record.get("revealed", {})) >= set(PARTIES)
    if record["state"] == "done" and known:
        digest = seed_of_record(draw, {**record, "frozen": frozen})
        seed = digest.hex()
        if seed != record["seed"]:
            problems.append("the seed differs")
        gone = set(record.get("withdrawn", ()))
        slots = [s for s in record["slots"] if s not in gone]
        ranked = rank(digest, applicants)[: reach(len(record["slots"]))]
        won = tuple(winners(ranked, slots, record["passed_over"]))
        if won != tuple((w[0], w[1]) for w in record.get("winners", [])):
            problems.append("the winners differ")
    return Rerun(frozen, seed, won, tuple(problems))


def seed_of_record(draw: str, record: Mapping[str, Any]) -> bytes:
    """Return the seed of a decided draw: from all three reveals, else from the announced number."""
    number = record.get("number") or {}
    if "value" in number:
        return seed_of_number(draw, record["frozen"], number["source"], number["date"], number["value"])
    return seed_of(draw, record["frozen"], record["revealed"])


def _list_problems(record: Mapping[str, Any], applicants: Sequence[str], frozen: str) -> list[str]:
    problems = []
    if frozen != record.get("frozen"):
        problems.append("the applicants are not those that were frozen")
    if len(set(applicants)) != len(applicants):
        problems.append("somebody applied twice")
    if not set(record.get("passed_over", ())) <= set(applicants):
        problems.append("somebody was passed over who did not apply")
    return problems


def _seed_problems(record: Mapping[str, Any]) -> list[str]:
    problems = []
    revealed, voided = record.get("revealed", {}), record.get("void_rounds", [])
    for party in sorted({*revealed, *(p for r in voided for p in r)} & set(PARTIES)):
        # In each void round that a party took part in it revealed one link; the rest lead to what it committed to.
        above = record["commitments"].get(party, "")
        for shown in [*(r[party] for r in voided if party in r), *([revealed[party]] if party in revealed else [])]:
            if link(bytes.fromhex(shown)).hex() != above:
                problems.append(f"the {party}'s values do not lead to its commitment")
            above = shown
    if record["state"] == "done":
        number = record.get("number", {})
        if "value" in number:
            if sum(entry == number["value"] for entry in number.get("entries", {}).values()) < 2:
                problems.append("the public number was not entered alike by two parties")
            if len(voided) < ROUNDS and len(record["commitments"]) == len(PARTIES):
                problems.append("the public number decided before two rounds were void")
        elif set(revealed) != set(PARTIES):
            problems.append("a draw counts with all three reveals or not at all")
    return problems
