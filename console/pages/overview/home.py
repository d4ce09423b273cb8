"""The cards of whoever acts: their queue, their works, their day; two beside each other where there is room."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from console.home import HomeRow, HomeSection, counted
from console.i18n import tr
from console.theme import tokens
from console.widgets.basic import Button, Elided, Icon, Status, hbox, line, vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from console.context import Context

PICTURE = 40
WIDE = 1000
"""Pixels of room from which on the cards stand in two columns."""


class HomeCards(QWidget):
    """Filled with sections; hidden while there are none."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.sections: list[HomeSection] = []
        self.cards: list[Card] = []
        self._said: list[tuple[Elided, Status | None]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(tokens.CARD_GAP)
        self._wide: bool | None = None
        self.hide()

    def show_sections(self, sections: list[HomeSection]) -> None:
        """Show these; what has not changed stays as it stands."""
        if sections == self.sections:
            return
        same = [_shape(one) for one in sections] == [_shape(one) for one in self.sections]
        self.sections = list(sections)
        if same:
            self._say_anew()
            return
        self._said.clear()
        for card in self.cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._card(one) for one in sections]
        self._wide = None
        self._arrange()
        self.setVisible(bool(sections))

    def _say_anew(self) -> None:
        """The same things with other figures: nothing is made again, and the focus stays where it was."""
        rows = [row for one in self.sections for row in one.rows]
        for (detail, status), row in zip(self._said, rows, strict=True):
            detail.setText(row.detail)
            if status is not None:
                status.set(row.word, row.state)
        for card, one in zip(self.cards, self.sections, strict=True):
            card.note.setText(counted(one))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= WIDE
        if wide == self._wide:
            return
        self._wide = wide
        for at, card in enumerate(self.cards):
            self._grid.removeWidget(card)
            alone = at == len(self.cards) - 1 and at % 2 == 0
            place = (at // 2, at % 2, 1, 2 if alone else 1) if wide else (at, 0, 1, 2)
            self._grid.addWidget(card, *place)

    def _card(self, section: HomeSection) -> Card:
        card = Card(section.title, counted(section), flush=True)
        body = card.body
        if not section.rows:
            body.addWidget(EmptyState("ok", section.empty, ""))
        for at, row in enumerate(section.rows):
            if at:
                body.addWidget(line())
            body.addWidget(self._row(row))
        if section.count > len(section.rows) and self._context.may_go(section.address):
            more = hbox(margins=(16, 6, 16, 8))
            words = tr("全部 {n} 项").format(n=section.count)
            more.addWidget(Button(words, partial(self._context.go, section.address), kind="link", small=True))
            more.addStretch(1)
            body.addLayout(more)
        body.addStretch(1)
        return card

    def _row(self, row: HomeRow) -> QWidget:
        holder = QWidget()
        holder.setFixedHeight(tokens.ROW_TWO_LINES + 8)
        layout = hbox(holder, margins=(16, 0, 16, 0), spacing=12)
        layout.addWidget(_picture(row))
        words = vbox(spacing=0)
        words.addStretch(1)
        words.addWidget(Elided(row.title, "strong"))
        detail = Elided(row.detail, "caption", "text2")
        words.addWidget(detail)
        words.addStretch(1)
        layout.addLayout(words, 1)
        status = Status(row.word, row.state) if row.word else None
        if status is not None:
            layout.addWidget(status)
        self._said.append((detail, status))
        if row.address and self._context.may_go(row.address):
            act = row.button or tr("打开")
            name = tr("{act}：{what}").format(act=act, what=row.title)
            layout.addWidget(Button(act, partial(self._open, row), small=True, name=name))
        return holder

    def _open(self, row: HomeRow) -> None:
        self._context.visit(row.network or self._context.network, partial(self._context.go, row.address))


def _shape(section: HomeSection) -> tuple[object, ...]:
    """What a card is made of, without its figures."""
    more = section.count > len(section.rows) and section.count
    rows = tuple(replace(row, detail="", word=str(bool(row.word)), state="") for row in section.rows)
    return section.title, section.empty, section.address, more, rows


def _picture(row: HomeRow) -> QWidget:
    """The row's picture in a square, else its icon."""
    pixmap = QPixmap()
    if not row.picture or not pixmap.loadFromData(row.picture):
        holder = QWidget()  # as wide as a picture, so that all titles begin below each other
        holder.setFixedSize(PICTURE, PICTURE)
        inner = hbox(holder)
        inner.addWidget(Icon(row.icon or "list", "text2", 18), 0, Qt.AlignmentFlag.AlignCenter)
        return holder
    label = QLabel()
    label.setFixedSize(PICTURE, PICTURE)
    label.setAccessibleName(row.title)
    scaled = pixmap.scaled(
        PICTURE, PICTURE, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (scaled.width() - PICTURE) // 2, (scaled.height() - PICTURE) // 2
    label.setPixmap(scaled.copy(left, top, PICTURE, PICTURE))
    return label
