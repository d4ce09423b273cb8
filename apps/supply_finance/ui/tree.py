"""拆分图: a certificate's tree of splits, from what was issued on the left to what is held now on the right.

Each box has a bar as long as its part of the whole, so that one sees that the parts of every level are the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea

from apps.supply_finance.receivables import tree_of
from apps.supply_finance.ui import tr
from console.appkit.panel import day_words
from console.appkit.views import AppView
from console.i18n import say
from console.i18n.formats import number
from console.shell.inspector import Inspected
from console.theme import theme, tokens, ui_font
from console.widgets.basic import STATE_ICONS, Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Section
from console.widgets.picture import Picture, Spot, draw_box, draw_icon, draw_text
from console.widgets.states import EmptyState
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.kit.words import KindWords
    from console.appkit.page import AppPage

_WIDTH, _HEIGHT = 208.0, 74.0
_STEP_X, _STEP_Y = 252.0, 90.0


def money(fen: int) -> str:
    """An amount in yuan, as figures."""
    return f"{fen / 100:,.2f}"


class TreePicture(Picture):
    """The tree; arrow keys walk it, Enter shows a certificate."""

    def __init__(self, words: KindWords) -> None:
        super().__init__(tr("拆分图"))
        self._words = words
        self.records: dict[str, Record] = {}
        self._boxes: dict[str, QRectF] = {}
        self._size = QSize(0, 0)

    def show_tree(self, records: Sequence[Record], here: str) -> None:
        """Show the records of a tree, the whole first, `here` chosen."""
        self.records = {one["id"]: one for one in records}
        self._boxes = placed(self.records)
        self.spots = [Spot(one, self._boxes[one], self._spoken(self.records[one])) for one in self._boxes]
        self.current = here if here in self._boxes else ""
        self._speak()
        right = max((box.right() for box in self._boxes.values()), default=0)
        low = max((box.bottom() for box in self._boxes.values()), default=0)
        self._size = QSize(int(right) + 10, int(low) + 10)
        self.setMinimumSize(self._size)
        self.update()

    def sizeHint(self) -> QSize:
        return self._size

    def _spoken(self, one: Record) -> str:
        return f"{money(one['amount_fen'])} {tr('元')}, {one['holder']}, {say(self._words.state(one)[0])}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("ctl"), 1.4))
        for one in self.records.values():
            if one["parent"] in self._boxes:
                self._link(painter, self._boxes[one["parent"]], self._boxes[one["id"]])
        whole = max((one["face_fen"] for one in self.records.values()), default=1)
        for one in self.records.values():
            self._paint(painter, one, self._boxes[one["id"]], one["amount_fen"] / whole)

    def _link(self, painter: QPainter, one: QRectF, other: QRectF) -> None:
        a, b = QPointF(one.right(), one.center().y()), QPointF(other.left(), other.center().y())
        middle = b.x() - (_STEP_X - _WIDTH) / 2
        painter.drawPolyline([a, QPointF(middle, a.y()), QPointF(middle, b.y()), b])

    def _paint(self, painter: QPainter, one: Record, box: QRectF, share: float) -> None:
        chosen, split = one["id"] == self.current, one["state"] == "SPLIT"
        border = "fill" if chosen and self.hasFocus() else "aline" if chosen else "btn"
        ground = "asoft" if chosen else "sunken" if split else "card"
        draw_box(painter, box, ground, border, width=2 if chosen else 1)
        state, sign = self._words.state(one)
        icon, tone = STATE_ICONS[sign]
        left, room = box.left() + 12, box.width() - 24
        small = ui_font(tokens.SIZE_CAPTION)
        top = box.top() + 8
        draw_text(
            painter,
            QRectF(left, top, room, 20),
            money(one["amount_fen"]),
            "text2" if split else "text",
            ui_font(bold=not split),
        )
        percent = f"{share * 100:.0f}%" if share >= 0.01 else "<1%"
        draw_text(painter, QRectF(left, top, room, 20), percent, "text3", small, Qt.AlignmentFlag.AlignRight)
        holder = str(one["holder"]).partition("/")[2]
        draw_text(painter, QRectF(left, top + 20, room, 18), holder, "text2", small)
        draw_icon(painter, QPointF(left, top + 41), icon, tone, 13)
        word_tone = sign if sign in {"bad", "warn"} else "text2"
        draw_text(painter, QRectF(left + 18, top + 38, room - 18, 18), say(state), word_tone, small)
        bar = QRectF(box.left() + 6, box.bottom() - 7, box.width() - 12, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("track"))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.setBrush(theme().colour("idleg" if split else "plot"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(3.0, bar.width() * share), bar.height()), 1.5, 1.5)


def placed(records: Mapping[str, Record]) -> dict[str, QRectF]:
    """Every certificate in the column of its level; parts below each other, what was split beside their middle."""
    rows: dict[str, float] = {}
    following = 0.0
    for one in records.values():  # the whole before its parts, so leaves come in the order of reading
        if not [child for child in one["children"] if child in records]:
            rows[one["id"]] = following
            following += 1
    for one in reversed(list(records.values())):
        below = [rows[child] for child in one["children"] if child in rows]
        if below:
            rows[one["id"]] = (min(below) + max(below)) / 2
    least = min((one["level"] for one in records.values()), default=0)
    return {
        key: QRectF(4 + (records[key]["level"] - least) * _STEP_X, 4 + rows[key] * _STEP_Y, _WIDTH, _HEIGHT)
        for key in records
    }


class TreeView(AppView):
    """Addresses `tree` (the newest that was issued) and `tree/ID` of any certificate of it."""

    def __init__(self, page: AppPage) -> None:
        super().__init__(page)
        words = page.service.catalogue.words["certificate"]
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        bar = hbox()
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("开立的凭证"))
        self.choice.setMinimumWidth(420)
        self.choice.setFixedHeight(tokens.CONTROL_HEIGHT)
        self.choice.activated.connect(self._on_chosen)
        bar.addWidget(self.choice)
        bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        column.addLayout(bar)
        self.card = Card(flush=True)
        self.picture = TreePicture(words)
        self.picture.chosen.connect(self._open)
        self.picture.opened.connect(self._open)
        scroll = QScrollArea()
        scroll.setWidget(self.picture)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.viewport().setAutoFillBackground(False)
        self.picture.setAutoFillBackground(False)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.card.body.setContentsMargins(16, 16, 16, 16)
        self.card.add(scroll, 1)
        column.addWidget(self.card, 1)
        self.empty = EmptyState(words.icon, tr("还没有凭证"), tr("开立凭证后，这里画出它怎样拆分和流转。"))
        self.empty.hide()
        column.addWidget(self.empty, 1)
        self._shown = ""

    @classmethod
    def tab_title(cls) -> str:
        return tr("拆分图")

    def enter(self, rest: str) -> None:
        service, wanted = self.page.service, rest or self._shown
        self.page.show_tab(self.tab)

        def read() -> tuple[list[Record], list[Record], str]:
            kind = service.catalogue.kinds["certificate"]
            issued = [one for one in service.all(kind) if not one["level"]]
            chosen = wanted or (max(issued, key=_interest)["id"] if issued else "")
            return issued, tree_of(service, chosen) if chosen else [], chosen

        self.page.read(read, self._arrived)

    def _arrived(self, found: tuple[list[Record], list[Record], str]) -> None:
        issued, tree, chosen = found
        self._shown = chosen
        root = tree[0]["root"] if tree else ""
        self.choice.clear()
        for one in sorted(issued, key=lambda one: str(one["created"]), reverse=True):
            words = tr("{s} · {n} 元 · {d} 到期").format(
                s=str(one["seller"]).partition("/")[2], n=money(one["amount_fen"]), d=day_words(one["due"])
            )
            self.choice.addItem(words, one["id"])
        self.choice.setCurrentIndex(self.choice.findData(root))
        self.picture.show_tree(tree, chosen)
        live = [one for one in tree if one["state"] != "SPLIT"]
        holders = len({one["holder"] for one in live})
        self.note.setText(
            tr("{n} 份，{h} 家持有，合计 {t} 元").format(
                n=number(len(live)), h=number(holders), t=money(sum(one["amount_fen"] for one in live))
            )
        )
        self.card.setVisible(bool(tree))
        self.choice.setVisible(bool(tree))
        self.empty.setVisible(not tree)

    def _on_chosen(self, at: int) -> None:
        self.page.inspect(None)
        self.enter(str(self.choice.itemData(at)))

    def _open(self, which: str) -> None:
        self._shown = which
        if which in self.picture.records:
            self.page.open_record(self.picture.records[which])


def _interest(one: Record) -> tuple[bool, str]:
    """Which certificate to show first: one that was split, the newest."""
    return one["state"] == "SPLIT", str(one["created"])


def panel_link(page: AppPage, record: Record, panel: Inspected) -> None:
    """A certificate's panel leads to its tree."""
    section = Section(tr("拆分"))
    go: Any = lambda: page.context.go(f"{page.manifest.id}/tree/{record['id']}")  # noqa: E731 - a button's action
    section.body.addWidget(Button(tr("查看拆分图"), go, kind="link", small=True), 0, Qt.AlignmentFlag.AlignLeft)
    panel.add(section)
