"""摇号: the draws of a hospital, and the chosen one with its next step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from apps.health_slots import permissions
from apps.health_slots.kinds import Draw
from apps.health_slots.services.draws import PARTIES_PARTS
from apps.health_slots.ui.draw_detail import DrawDetail
from apps.health_slots.ui.draw_new import ask_applicant, ask_draw
from apps.health_slots.ui.draw_words import NextStep, next_step, parties_of, state_word
from apps.health_slots.ui.phrases import tr
from apps.health_slots.ui.view import View
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.signing import Signing
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, hbox
from console.widgets.card import Card
from console.widgets.forms import pick_files
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

ChosenDraw = tuple[str, dict[str, Any]]


class DrawsView(View):
    """Address: a draw's id chooses it."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._wanted = ""
        self._step = NextStep("", "")
        row = hbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 16), spacing=tokens.CARD_GAP)
        self._list = Card(flush=True)
        self._list.setFixedWidth(312)
        self.model = RowsModel(
            [Column(tr("摇号")), Column(tr("号源"), 56, right=True), Column(tr("阶段"), 104)], _cells
        )
        self.table = DataTable(self.model, tr("摇号"))
        self.table.row_chosen.connect(self._choose)
        self._list.add(self.table, 1)
        foot = hbox(margins=(12, 8, 12, 8))
        foot.addWidget(Button(tr("核对摇号文件…"), self.ask_file, icon="file", small=True))
        foot.addStretch(1)
        self._list.add(foot)
        row.addWidget(self._list)
        self.detail = DrawDetail(page)
        row.addWidget(self.detail, 1)
        self.empty = EmptyState(
            "award",
            tr("还没有摇号"),
            tr("稀缺的号可以摇号：医院、平台、居民方各出一段种子，先承诺后揭示，谁也左右不了结果，人人可以重算。"),
        )
        row.addWidget(self.empty, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)

    def ask_file(self) -> None:
        """Run a draw again from a file that somebody exported."""
        paths = pick_files(self, tr("核对摇号文件"), "JSON (*.json)")
        if paths:
            self.detail.verify_file(Path(paths[0]))

    @property
    def draw(self) -> ChosenDraw | None:
        """The chosen draw."""
        return self.table.current_row()

    def header_actions(self) -> list[Action]:
        found = []
        if self.may(permissions.CHANGE):
            primary = "plain" if self._step.step else "primary"
            found.append(Action("new", tr("新摇号…"), lambda: ask_draw(self.page), "plus", primary))
        if self._step.step:
            found.append(Action("step", self._step.text, self._take_step, "play", "primary", signs=self._signing()))
        return found

    def enter(self, rest: str = "") -> None:
        self._wanted = rest or self._wanted
        service, hospital = self.service, self.hospital
        self.read(lambda: [d for d in service.index.draws() if d[1]["hospital"] == hospital], self._show)

    def _show(self, draws: list[ChosenDraw]) -> None:
        draws = sorted(draws, key=lambda d: -d[1]["at"])
        chosen = self._wanted or (self.draw[0] if self.draw is not None else "")
        self._wanted = ""
        changed = tuple(draws) != self.model.rows
        if changed:
            self.model.set_rows(draws)
        for widget, shown in ((self._list, bool(draws)), (self.detail, bool(draws)), (self.empty, not draws)):
            widget.setVisible(shown)
        at = next((i for i, d in enumerate(draws) if d[0] == chosen), 0)
        if draws and (changed or self.table.currentIndex().row() != at):
            self.table.choose(at)
        elif draws:
            self._refresh_step()
        else:
            self._step = NextStep("", "")
            self.page.show_actions()

    def _choose(self, draw: ChosenDraw) -> None:
        self.detail.show_draw(*draw)
        self._refresh_step()

    def _refresh_step(self) -> None:
        draw = self.draw
        if draw is None:
            return
        step = next_step(
            draw[1],
            parties_of(self.page.context.platform.session),
            self.service.now(),
            may_change=self.may(permissions.DRAW),
        )
        if step != self._step:
            self._step = step
            self.page.show_actions()
        self.detail.show_time(self.service.now(), step.reason)

    def _tick(self) -> None:
        if self.isVisible() and self.page.service is not None:
            self._refresh_step()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _signing(self) -> Signing | None:
        """Who signs what comes next; what opens a dialog or only reads says it there."""
        step = self._step
        if step.step in {"apply", "verify"}:
            return None
        return self.page.signs_as(PARTIES_PARTS[step.parties[0]] if step.parties else "platform")

    def _take_step(self) -> None:
        """Do what comes next in the chosen draw."""
        draw, step = self.draw, self._step
        if draw is None:
            return
        id, page, acts = draw[0], self.page, self.page.acts
        if step.step == "apply":
            ask_applicant(page, id)
        elif step.step == "verify":
            self.detail.verify()
        elif step.step:
            act = Draw.acts[step.step]
            words, record = acts.catalogue.act(act), {"id": id}
            given: list[dict[str, str]] = [{"party": party} for party in step.parties] or [{}]
            page.change(
                lambda: [acts.do(act, one, on=id) for one in given],
                page.job_of(words, record),
                say(words.done) if isinstance(words.done, Text) else "",
                parts=[PARTIES_PARTS[party] for party in step.parties] or ["platform"],
            )


def _cells(draw: ChosenDraw) -> list[Cell]:
    id, record = draw
    word, sign = state_word(record["state"])
    icon, tone = STATE_ICONS[sign]
    return [
        Cell(id, bold=True, copy=id),
        Cell(number(len(record["slots"]))),
        Cell(word, icon=icon, tone=tone, word_tone="warn" if sign == "warn" else "text2"),
    ]
