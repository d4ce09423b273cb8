"""What a draw's record says to people: states, parties, and the one step that comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from apps.health_slots import permissions
from apps.health_slots.cast import plays
from apps.health_slots.draw_words import DRAWING
from apps.health_slots.model import PARTY_TITLES
from apps.health_slots.services.draws import PARTIES_PARTS, Party, Step, step_of
from apps.health_slots.ui.phrases import listed, tr
from baas.session import Session
from chaincode.health_slots.fair_draw import PARTIES
from console.i18n import say


def party_word(party: str) -> str:
    return say(PARTY_TITLES.get(party, party))


def state_word(state: str) -> tuple[str, str]:
    """The word and the sign of a draw's state."""
    word, sign = DRAWING.state({"state": state})
    return say(word), sign


def parties_of(session: Session) -> tuple[Party, ...]:
    """As which parties the acting person signs: the workspace's owner holds all of this workspace's seeds."""
    if not session.allows(permissions.DRAW):
        return ()
    mine = (party for party, part in PARTIES_PARTS.items() if plays(session.actor, part))
    return cast("tuple[Party, ...]", tuple(mine))


def problem_word(problem: str) -> str:
    """What a re-run found wrong, in the language in use; what has no words here is shown as it is."""
    for sign, words in (
        ("are not those that were frozen", tr("名单与冻结的指纹不符")),
        ("applied twice", tr("有人报名了两次")),
        ("did not apply", tr("越过的人没有报名")),
        ("do not lead", tr("揭示的种子与当初的承诺不符")),
        ("all three reveals", tr("不是三方都揭示了")),
        ("entered alike", tr("公开号码没有两方一致录入")),
        ("before two rounds", tr("两轮作废之前就用了公开号码")),
        ("seed differs", tr("种子不同")),
        ("winners differ", tr("中签者不同")),
    ):
        if sign in problem:
            return words
    return problem


@dataclass(frozen=True)
class NextStep:
    """What comes next in a draw, for the acting person; `parties` are those that act."""

    step: Step
    text: str
    parties: tuple[Party, ...] = ()
    reason: str = ""


def next_step(record: Mapping[str, Any], mine: Sequence[Party], now: int, *, may_change: bool) -> NextStep:
    """Return the next step of a draw at `now` (seconds since 1970 UTC)."""
    step, parties = step_of(record, mine, now)
    turn = record.get("turn", "")
    if not may_change and step != "verify":
        return NextStep("", "")
    if step in {"number", ""}:  # numbers are entered at the command line
        number = record.get("number") or {}
        reason = (
            tr("两轮作废，等 {d} 的公开号码（{s}）").format(d=number["date"], s=number["source"])
            if record["state"] == "number"
            else tr("轮到{who}揭示").format(who=party_word(turn))
        )
        return NextStep("", "", reason=reason)
    words = {
        "verify": tr("局外人重算"),
        "close": tr("结束并退回号源"),
        "freeze": tr("冻结名单"),
        "commit": tr("承诺种子（{who}）").format(who=listed(party_word(one) for one in parties)),
        "apply": tr("为居民报名…"),
        "finish": tr("算出结果"),
        "skip": tr("作废本轮（{who}未揭示）").format(who=party_word(turn)),
        "reveal": tr("揭示（{who}）").format(who=party_word(turn)),
    }
    return NextStep(step, words[step], parties)


def stage_cells(record: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Return the draw's columns in order: (what, party → state).

    States: done, wait, turn, skipped, void (revealed in a round that was thrown away), out (no longer takes part).
    """
    state = record["state"]
    skipped = record.get("skipped", {})
    columns: list[tuple[str, dict[str, str]]] = []
    commits = {}
    for party in PARTIES:
        if party in record["commitments"]:
            commits[party] = "done"
        else:
            commits[party] = "wait" if state == "open" else "skipped"
    columns.append((tr("承诺种子"), commits))
    columns.append((tr("冻结名单"), dict.fromkeys(PARTIES, "wait" if state == "open" else "done")))
    gone = {p for p, why in skipped.items() if why[0] == "no-commitment"}
    voided = record.get("void_rounds", [])
    for number, revealed in enumerate(voided, 1):
        late = revealed.get("silent") or next((p for p in PARTIES if p not in gone and p not in revealed), "")
        cells = {p: "out" if p in gone else "void" if p in revealed else "wait" for p in PARTIES}
        if late:
            cells[late] = "skipped"
        columns.append((tr("第 {n} 轮揭示").format(n=number), cells))
    if state != "void":
        revealed = record.get("revealed", {})
        turn = record.get("turn", "") if state == "revealing" else ""
        cells = {
            p: "out" if p in gone else "done" if p in revealed else "turn" if p == turn else "wait" for p in PARTIES
        }
        columns.append((tr("第 {n} 轮揭示").format(n=len(voided) + 1), cells))
    ended = {"done": "done", "void": "skipped"}.get(state, "wait")
    columns.append((tr("结果"), dict.fromkeys(PARTIES, ended)))
    return columns
