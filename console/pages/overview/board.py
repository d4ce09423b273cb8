"""The overview's cards: what needs doing, the networks, what is measured, what runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from baas import roles
from console.home import HomeSection
from console.i18n import tr
from console.i18n.formats import day_short, number, percent
from console.pages.overview.estate import sections_of
from console.pages.overview.facts import NextStep, OverviewFacts, Running
from console.pages.overview.home import HomeCards
from console.theme import tokens, ui_font
from console.todo import Attention
from console.widgets.basic import STATE_ICONS, Button, Elided, Icon, Label, Status, hbox, line, vbox
from console.widgets.card import Card, Scroll
from console.widgets.charts import Bar, BarChart, Sparkline
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from console.pages.overview.page import OverviewPage

WIDE = 1000
"""Pixels of room from which on the cards stand in two columns."""
SHOWN = 6
"""Things to handle that the card lists; the rest is counted."""


class Board(Scroll):
    """The cards of a workspace that has a network."""

    def __init__(self, page: OverviewPage) -> None:
        super().__init__((tokens.PAGE_MARGIN, 0, tokens.PAGE_MARGIN, 24))
        self._page = page
        self._shown: dict[str, list[Any]] = {}
        self._last: list[Label] = []
        top = self._grid = QGridLayout()
        top.setSpacing(tokens.CARD_GAP)
        self.attention = Card(tr("需要处理"), flush=True)
        self.next = Card(tr("接下来"))
        self._holder = QWidget()
        self._figures = QGridLayout(self._holder)
        self._figures.setContentsMargins(0, 0, 0, 0)
        self._figures.setSpacing(tokens.CARD_GAP)
        self.figures = [Figure() for _ in range(4)]
        self.estate = HomeCards(page.context)
        self.running = Card(tr("正在运行"), flush=True)
        self.traffic = Card(tr("近 7 天交易"))
        self.chart = BarChart(tr("近 7 天交易"), tr("笔"), tr("柱上为作废比例"))
        self.traffic.add(self.chart, 1)
        self._wide: bool | None = None
        self._arrange(wide=True)
        self.home = HomeCards(page.context)
        self.column.addWidget(self.home)
        self.column.addLayout(top)
        self.column.addStretch(1)

    def show_home(self, sections: list[HomeSection]) -> None:
        """Show whoever acts their own work first."""
        self.home.show_sections(sections)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(wide=self.viewport().width() >= WIDE)

    def _arrange(self, *, wide: bool) -> None:
        """Two columns where there is room, else one, with the figures two by two."""
        if wide == self._wide:
            return
        self._wide = wide
        cards = (self.attention, self.next, self.estate, self._holder, self.running, self.traffic)
        rows = ((0, 0, 1), (0, 1, 1), (1, 0, 2), (2, 0, 2), (3, 0, 1), (3, 1, 1))
        places = rows if wide else [(n, 0, 1) for n in range(len(cards))]
        for card, (row, column, span) in zip(cards, places, strict=True):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, row, column, 1, span)
        self._grid.setColumnStretch(0, 18)
        self._grid.setColumnStretch(1, 11 if wide else 0)
        for number_, figure in enumerate(self.figures):
            self._figures.removeWidget(figure)
            self._figures.addWidget(figure, 0 if wide else number_ // 2, number_ if wide else number_ % 2)
        for column in range(4):
            self._figures.setColumnStretch(column, 1 if wide or column < 2 else 0)

    def show_facts(self, facts: OverviewFacts) -> None:
        """Show what is new: a card whose content has not changed is left as it stands."""
        self._show_figures(facts)
        self.estate.show_sections(sections_of(facts.estate, facts.attention) if facts.estate is not None else [])
        # Whoever may not read the ledger has their own work here instead of four unknown figures.
        known = facts.transactions is not None
        self._holder.setVisible(known)
        self.traffic.setVisible(known)
        for key, content, show in (
            ("attention", facts.attention, self._show_attention),
            ("steps", facts.steps, self._show_next),
            ("running", [replace(item, last="") for item in facts.running], self._show_running),
        ):
            if self._shown.get(key) != content:
                self._shown[key] = list(content)
                show(content)  # type: ignore[arg-type]
        for label, item in zip(self._last, facts.running, strict=False):
            if label.text() != item.last:
                label.setText(item.last)
        total = sum(day[1] for day in facts.days)
        invalid = sum(day[2] for day in facts.days)
        self.traffic.note.setText(tr("有效 {share}").format(share=percent(total - invalid, total)) if total else "")
        last = len(facts.days) - 1
        self.chart.set_bars(
            [
                Bar(
                    tr("今天") if index == last else day_short(at),
                    count,
                    f"{100 * bad / count:.1f}%" if count else "",
                    faint=False,
                )
                for index, (at, count, bad) in enumerate(facts.days)
            ]
        )

    def _show_attention(self, items: list[Attention]) -> None:
        body = self.attention.reset()
        self.attention.note.setText(tr("{n} 项，按紧急程度").format(n=len(items)) if items else "")
        if not items:
            body.addWidget(EmptyState("ok", tr("没有需要处理的事"), ""), 1)
            return
        for number_, item in enumerate(items[:SHOWN]):
            if number_:
                body.addWidget(line())
            row = QWidget()
            row.setFixedHeight(tokens.ROW_TWO_LINES + 8)
            layout = hbox(row, margins=(16, 0, 16, 0), spacing=14)
            layout.addWidget(Icon(*STATE_ICONS[item.state], 18))
            words = vbox(spacing=0)
            words.addStretch(1)
            words.addWidget(Label(item.title, "strong"))
            words.addWidget(Elided(item.detail, "caption", "text2"))
            words.addStretch(1)
            layout.addLayout(words, 1)
            if self._page.may_handle(item):
                button = Button(
                    item.button,
                    partial(self._page.handle, item),
                    kind="primary" if number_ == 0 and item.state == "bad" else "plain",
                    small=True,
                    name=f"{item.button}: {item.title}",
                )
                layout.addWidget(button)
            body.addWidget(row)
        if len(items) > SHOWN:
            more = hbox(margins=(16, 8, 16, 8))
            more.addWidget(Label(tr("另有 {n} 项").format(n=number(len(items) - SHOWN)), "caption", "text2"))
            body.addLayout(more)
        body.addStretch(1)

    def _show_next(self, steps: list[NextStep]) -> None:
        body = self.next.reset()
        for step in steps:
            row = hbox(spacing=10)
            row.addWidget(Icon(*STATE_ICONS["ok" if step.done else "off"]))
            row.addWidget(Label(step.title, "body", "text2" if step.done else "text"))
            row.addWidget(Elided(step.note, "caption", "text3"), 1)
            if not step.done and step.link and self._page.context.may_go(step.address):
                row.addWidget(Button(step.link, partial(self._page.context.go, step.address), kind="link", small=True))
            holder = QWidget()
            holder.setFixedHeight(34)
            holder.setLayout(row)
            body.addWidget(holder)
        body.addStretch(1)

    def _show_figures(self, facts: OverviewFacts) -> None:
        one, two, three, four = self.figures
        if facts.transactions is None or facts.invalid is None or facts.height is None:
            for figure, title in ((one, tr("近 1 小时交易")), (two, tr("账本高度")), (three, tr("作废交易"))):
                figure.show_figure(title, facts.why_unknown(roles.LEDGER_READ), "—", "", None)
            self._show_contracts(four, facts)
            return
        one.show_figure(tr("近 1 小时交易"), tr("按分钟"), number(sum(facts.minutes)), tr("笔"), facts.minutes)
        two.show_figure(
            tr("账本高度"),
            tr("近 1 小时 +{n}").format(n=number(sum(facts.blocks))),
            number(facts.height),
            tr("个区块"),
            facts.blocks,
        )
        valid = facts.transactions - facts.invalid
        three.show_figure(
            tr("作废交易"),
            tr("有效 {share}").format(share=percent(valid, facts.transactions)),
            number(facts.invalid),
            tr("笔，共 {n} 笔").format(n=number(facts.transactions)),
            facts.refused,
        )
        self._show_contracts(four, facts)

    def _show_contracts(self, figure: Figure, facts: OverviewFacts) -> None:
        if facts.contracts is None:
            figure.show_figure(tr("合约"), facts.why_unknown(roles.CONTRACT_READ), "—", "", None)
            return
        figure.show_figure(
            tr("合约"),
            tr("{n} 个组织").format(n=facts.organizations),
            number(facts.contracts),
            tr("个生效中"),
            None,
            facts.contract_names,
        )

    def _show_running(self, items: list[Running]) -> None:
        body = self.running.reset()
        self.running.note.setText(tr("{n} 项").format(n=len(items)))
        self._last = []
        names: list[QWidget] = []
        for number_, item in enumerate(items):
            if number_:
                body.addWidget(line())
            row = QWidget()
            row.setFixedHeight(tokens.ROW_TWO_LINES)
            layout = hbox(row, margins=(16, 0, 16, 0), spacing=10)
            first = hbox(spacing=6)
            first.addWidget(Icon(item.icon, "text2"))
            if self._page.context.may_go(item.address):
                name: QWidget = Button(item.name, partial(self._page.context.go, item.address), kind="ghost")
                name.setFont(ui_font(bold=True))
            else:
                name = Label(item.name, "strong")
            first.addWidget(name)
            first.addWidget(Elided(item.note, "body", "text2"), 1)
            named = QWidget()
            named.setLayout(first)
            names.append(named)
            layout.addWidget(named)
            status = QWidget()
            inner = hbox(status)
            inner.addWidget(Status(item.word, item.state, role="body"))
            inner.addStretch(1)
            status.setMinimumWidth(96)
            layout.addWidget(status)
            layout.addWidget(Elided(item.facts, "body", "text2"), 6)
            last = Label(item.last, "caption", "text3")
            last.setMinimumWidth(96 if item.address != "overview" else 0)
            last.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(last)
            self._last.append(last)
            body.addWidget(row)
        # The system's font decides how wide a name is; the columns of all rows stay in line.
        widest = max((named.minimumSizeHint().width() for named in names), default=0)
        for named in names:
            named.setFixedWidth(max(190, widest))
        body.addStretch(1)


class Figure(Card):
    """A figure with its unit and, where there is one, its course; made once, filled often."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._note = Label("", "caption", "text2"), Label("", "caption", "text2")
        self._value, self._unit = Label("", "display"), Label("", "caption", "text2")
        self._lines = [Elided("", "caption", "text2"), Elided("", "caption", "text2")]
        self._spark = Sparkline("")
        head = hbox()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._note)
        self.add(head)
        row = hbox(spacing=5)
        row.addWidget(self._value)
        row.addWidget(self._unit)
        row.addStretch(1)
        self.add(row)
        self.add(self._spark)
        for text in self._lines:
            self.add(text)
        self.body.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """As high as its lines need, and as the cards beside it that have fewer."""
        needed = super().minimumSizeHint()
        return QSize(needed.width(), max(116, needed.height()))

    def show_figure(
        self, title: str, note: str, value: str, unit: str, course: list[int] | None, lines: list[str] | None = None
    ) -> None:
        for label, text in ((self._title, title), (self._note, note), (self._value, value), (self._unit, unit)):
            if label.text() != text:
                label.setText(text)
        self._spark.setVisible(course is not None)
        if course is not None:
            self._spark.setAccessibleName(title)
            self._spark.set_values([float(v) for v in course])
        for number_, label in enumerate(self._lines):
            text = (lines or [])[number_] if number_ < len(lines or []) else ""
            label.setText(text)
            label.setVisible(bool(text))
        self.setAccessibleName(f"{title}: {value} {unit}")
