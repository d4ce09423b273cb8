"""What people read of a draw's steps, in both languages."""

from __future__ import annotations

from apps.health_slots.kinds import Draw
from apps.health_slots.model import PARTY_TITLES
from apps.health_slots.permissions import DRAW
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text


def _step(zh: str, en: str, job: str, done: Text, help: Text, asks: Text) -> ActWords:
    """A step that asks nothing: its name, what it is called among jobs in English, what is said then, its command."""
    named = lambda draw, who: Text(f"{zh} {{d}}", f"{job} {{d}}", d=draw["id"])  # noqa: E731
    return ActWords(Text(zh, en), asks=asks, at_once=True, job=named, done=done, help=help)


DRAWING = KindWords(
    Draw,
    Text("摇号", "Draws"),
    argument="ID",
    permission=DRAW,
    states={
        Draw.OPEN: Text("报名中", "Open"),
        Draw.CLOSING: Text("冻结中", "Freezing"),
        Draw.REVEALING: Text("揭示中", "Revealing"),
        Draw.NUMBER: Text("等公开号码", "Waits for the number"),
        Draw.DONE: Text("已出结果", "Drawn"),
        Draw.VOID: Text("作废", "Void"),
    },
    fields={
        Draw.party: FieldWords(Text("哪一方", "Party"), codes=PARTY_TITLES),
        Draw.value: FieldWords(Text("公布的号码", "The announced number")),
    },
    acts={
        Draw.commit: _step(
            "承诺种子",
            "Commit",
            "Commit to seeds of",
            Text("已承诺种子", "Committed to the seed"),
            Text("一方承诺种子。", "Let a party commit to its seeds."),
            Text("承诺种子：citychain slots draw commit", "Commit a seed: citychain slots draw commit"),
        ),
        Draw.freeze: _step(
            "冻结名单",
            "Freeze the list",
            "Freeze",
            Text("名单已冻结", "The list is frozen"),
            Text("冻结报名名单。", "Freeze the applicants."),
            Text("冻结名单：citychain slots draw freeze", "Freeze the list: citychain slots draw freeze"),
        ),
        Draw.reveal: _step(
            "揭示种子",
            "Reveal",
            "Reveal a seed of",
            Text("已揭示", "Revealed"),
            Text("轮到的一方揭示。", "Let the party whose turn it is reveal."),
            Text("轮到您揭示：citychain slots draw reveal", "Your turn to reveal: citychain slots draw reveal"),
        ),
        Draw.skip: _step(
            "作废一轮",
            "Void a round",
            "Void a round of",
            Text("本轮作废，已记下", "The round is void and marked"),
            Text("因一方未揭示，本轮作废并标记。", "Void the round of a party that did not reveal."),
            Text("超时未揭示：citychain slots draw skip", "A turn has passed: citychain slots draw skip"),
        ),
        Draw.number: ActWords(
            Text("录入公开号码", "Enter the public number"),
            asks=Text("录入公开号码：citychain slots draw number", "Enter the number: citychain slots draw number"),
            help=Text("录入公布的公开号码（两方一致有效）。", "Enter the announced public number."),
        ),
        Draw.close: _step(
            "结束",
            "Close",
            "Close",
            Text("已结束，号源已退回", "Closed; the slots were returned"),
            Text("结束无人完成的摇号，号源退回。", "End a draw that nobody finished."),
            Text("结束并退回号源：citychain slots draw close", "End it, slots return: citychain slots draw close"),
        ),
        Draw.finish: _step(
            "算出结果",
            "Compute the winners",
            "Finish",
            Text("已出结果，中签的号已保留", "Drawn; the slots won are held"),
            Text("算出中签者并为其锁定号源。", "Compute the winners and hold their slots."),
            Text("算出结果：citychain slots draw finish", "Compute the winners: citychain slots draw finish"),
        ),
    },
)
