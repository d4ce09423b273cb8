"""What runs without a desktop, and what recurs: the parts of `citychain serve` and their duties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import say, tr
from console.i18n.formats import when
from console.widgets.basic import Icon, Label, Mono, Status, hbox, line, vbox
from console.widgets.card import Card
from network.text import Text

if TYPE_CHECKING:
    from baas.serving.duties import DutyRecord
    from baas.serving.presence import Presence

TITLE_WIDTH = 230


def serving_card(parts: tuple[Presence, ...], duties: tuple[DutyRecord, ...]) -> Card:
    """A card of what runs and of every duty with its last and its next time."""
    card = Card(tr("不开桌面的服务"), tr("citychain serve"), flush=True)
    if not parts:
        words = tr("现在没有程序在运行。")
        card.add(_row(tr("服务"), Icon("off", "text3"), Label(words, "body", "text2", wrap=True)))
    rows = [_part(one) for one in parts] + [_duty(one, running=bool(parts)) for one in duties]
    for number, row in enumerate(rows):
        if number or not parts:
            card.add(line())
        card.add(row)
    return card


def _part(one: Presence) -> QWidget:
    words = vbox(spacing=2)
    if one.address:
        words.addWidget(Mono(one.address))
    since = tr("自 {at} 起运行 · 网络 {n}").format(at=_at(one.since), n=one.network or "—")
    words.addWidget(Label(since, "caption", "text2"))
    return _row(say(one.title), Icon("ok", "ok"), words)


def _duty(one: DutyRecord, *, running: bool) -> QWidget:
    words = vbox(spacing=2)
    said = Text("{z}", "{e}", z=one.zh, e=one.en)
    if one.zh:
        words.addWidget(Label(say(said), "body", "text", wrap=True))
    times = hbox(spacing=16)
    times.addWidget(Status(tr("上次 {at}").format(at=_at(one.at)), "bad" if one.failed else "ok"))
    upcoming = (
        tr("下次 {at}").format(at=_at(one.at + one.seconds)) if running else tr("下次：运行 citychain serve 之后")
    )
    times.addWidget(Label(upcoming, "caption", "text2"))
    times.addStretch(1)
    words.addLayout(times)
    return _row(say(Text("{z}", "{e}", z=one.title_zh, e=one.title_en)), Icon("clock", "text2"), words)


def _row(title: str, icon: Icon, content: Any) -> QWidget:
    row = QWidget()
    layout = hbox(row, margins=(16, 9, 16, 9), spacing=12)
    layout.addWidget(icon)
    name = Label(title, "strong")
    name.setFixedWidth(TITLE_WIDTH)
    layout.addWidget(name)
    if isinstance(content, QWidget):
        layout.addWidget(content, 1)
    else:
        layout.addLayout(content, 1)
    row.setAccessibleName(title)
    return row


def _at(moment: float) -> str:
    return when(moment)
