"""预约规则: the version in force, earlier ones with what changed, and writing the next."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from apps.health_slots import permissions
from apps.health_slots.cast import plays
from apps.health_slots.ui.phrases import reason_word, stamp, tr
from apps.health_slots.ui.policy_form import ask_policy
from apps.health_slots.ui.policy_words import describe, differences, groups, idle, label_of, rules
from apps.health_slots.ui.view import View
from baas.working_days import guessed, guessed_words, read_calendar
from chaincode.health_slots.policy import CITY
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Chip, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.choice import Segmented
from console.widgets.forms import pick_files
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage

Version = dict[str, Any]
IMPORT = Text(
    "公布后在“全市”里点“导入年度日历…”", "once it is published: “Import a year's calendar…” under the whole city"
)


class PoliciesView(View):
    """Address: own or city."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._page = page
        self.versions: tuple[Version, ...] = ()
        self._counts: dict[str, int] = {}
        self._base: dict[str, Any] = {}
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 16), spacing=12)
        bar = hbox(spacing=12)
        self.scope = Segmented(tr("哪里的规则"), [("own", tr("本院")), ("city", tr("全市"))])
        self.scope.chosen.connect(lambda which: self.enter())
        bar.addWidget(self.scope)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        bar.addStretch(1)
        column.addLayout(bar)
        self.guess = Label("", "caption", "warn", wrap=True)
        self.guess.hide()
        column.addWidget(self.guess)
        row = hbox(spacing=tokens.CARD_GAP)
        self._list = Card(flush=True)
        self._list.setFixedWidth(312)
        self.model = RowsModel(
            [Column(tr("版本"), 102), Column(tr("何时起")), Column(tr("单元"), 82, right=True)], self._cells
        )
        self.table = DataTable(self.model, tr("规则的版本"), two_lines=True)
        self.table.row_chosen.connect(self._show_version)
        self._list.add(self.table, 1)
        row.addWidget(self._list)
        self.pane = Scroll()
        row.addWidget(self.pane, 1)
        column.addLayout(row, 1)

    @property
    def owner(self) -> str:
        """Whose rules are shown: the hospital's id, or CITY."""
        return self.hospital if self.scope.current == "own" else CITY

    @property
    def may_write(self) -> bool:
        """Staff write their hospital's rules, the authority the city's."""
        session = self.page.context.platform.session
        if not session.allows(permissions.CHANGE):
            return False
        return plays(session.actor, "staff" if self.owner != CITY else "authority")

    def header_actions(self) -> list[Action]:
        if not self.may_write or not self._base:
            return []
        words = tr("新版本…") if self.versions else tr("为本院另定规则…")
        found = [Action("new", words, self._new, "edit", "primary")]
        if self.owner == CITY:
            signing = self._page.signs_as("authority")
            found.insert(0, Action("calendar", tr("导入年度日历…"), self.import_calendar, "calendar", signs=signing))
        return found

    def import_calendar(self) -> None:
        """Write a year's holidays and worked weekends into the rules of the city and of hospitals with their own."""
        service = self.service
        for path in pick_files(self, tr("年度工作日历"), "JSON (*.json)"):
            self._page.change(
                partial(_take_calendar, service, Path(path)),
                Text("导入年度工作日历", "Import a year's working days"),
                tr("已导入年度工作日历"),
                parts=["authority", "staff"],
            )

    def enter(self, rest: str = "") -> None:
        if rest in {"own", "city"}:
            self.scope.choose(rest, tell=False)
        service, hospital, owner = self.service, self.hospital, self.owner
        self.read(
            lambda: (
                service.rules.versions(owner),
                dict(service.lists.sessions_by_rules(hospital)),
                service.rules.policy(owner),
                guessed_words(guessed(service.rules.calendar(owner)), IMPORT),
            ),
            self._show,
        )

    def _show(self, found: tuple[tuple[Version, ...], dict[str, int], Version, Text | None]) -> None:
        self.versions, self._counts, current, guess = found
        self.guess.setText(say(guess) if guess is not None else "")
        self.guess.setVisible(guess is not None)
        self._base = current
        city = not self.versions
        shown = self.versions or (current,)
        self.model.set_rows(shown)
        if city:
            self.note.setText(tr("本院没有另定规则，按全市规则第 {n} 版。").format(n=current["version"]))
        else:
            self.note.setText(tr("新版本只管此后承诺的出诊单元；已承诺的一直按承诺时的版本。"))
        self.page.show_actions()
        self.table.choose(0)

    def _cells(self, version: Version) -> list[Cell]:
        at = next((i for i, v in enumerate(self.versions) if v["version"] == version["version"]), 0)
        count = self._counts.get(f"{version['owner']}/{version['version']}", 0)
        return [
            Cell(tr("第 {n} 版").format(n=version["version"]), tr("现行") if at == 0 else "", bold=at == 0),
            Cell(stamp(version["at"], "%Y-%m-%d %H:%M"), reason_word(version["reason"])),
            Cell(number(count), tip=tr("本院按这一版承诺的出诊单元")),
        ]

    def _show_version(self, version: Version) -> None:
        clear(self.pane.column)
        older = next((v for v in self.versions if v["version"] == version["version"] - 1), None)
        changed = differences(older["rules"], version["rules"]) if older is not None else []
        head = Card(
            tr("第 {n} 版").format(n=version["version"]),
            tr("{who}签名").format(who=self.page.context.person(version["signer"])),
        )
        count = self._counts.get(f"{version['owner']}/{version['version']}", 0)
        used = tr("本院有 {n} 个出诊单元按这一版承诺，到结束都按它").format(n=number(count))
        head.add(Status(used if count else tr("本院还没有出诊单元按这一版承诺"), "info", role="body", wrap=True))
        if older is not None:
            head.add(Label(tr("和第 {n} 版相比").format(n=older["version"]), "caption", "text2"))
            for name, before, after in changed:
                head.add(_change(name, before, after))
            if not changed:
                head.add(Label(tr("内容没有变化"), "body", "text2"))
        self.pane.column.addWidget(head)
        self.pane.column.addWidget(_all_rules(version["rules"], {name for name, _, _ in changed}))
        self.pane.column.addStretch(1)

    def _new(self) -> None:
        ask_policy(self.page, self.owner, self._base["rules"], self._counts)


def _take_calendar(service: HealthSlotsService, path: Path) -> object:
    return service.rules.import_calendar(read_calendar(path))


def _change(name: str, before: Any, after: Any) -> QWidget:
    holder = QWidget()
    row = hbox(holder, spacing=10)
    label = Label(label_of(name), "strong", wrap=True)
    label.setFixedWidth(140)
    row.addWidget(label)
    old, new = (describe(name, value) if value is not None else tr("没有这条") for value in (before, after))
    row.addWidget(Label(old, "body", "text2", wrap=True), 1)
    row.addWidget(Label("→", "body", "text3"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(new, "body", wrap=True), 1)
    return holder


def _all_rules(values: dict[str, Any], changed: set[str]) -> Card:
    card = Card(tr("全部规则"))
    known, silent = rules(), idle(values)
    extra = [name for name in values if name not in known]
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(7)
    grid.setColumnMinimumWidth(0, 110)
    grid.setColumnStretch(1, 1)
    row = 0
    for title, found in groups():
        present = [rule for rule in found if rule.name in values and (rule.name not in silent or rule.name in changed)]
        for at, rule in enumerate(present):
            if at == 0:
                grid.addWidget(Label(title, "strong"), row, 0)
            line = hbox()
            line.addWidget(Label(rule.means(values[rule.name]), "body"))
            if rule.name in changed:
                line.addWidget(Chip(tr("改过"), "accent"))
            line.addStretch(1)
            grid.addLayout(line, row, 1)
            row += 1
    for name in extra:
        grid.addWidget(Label(f"{name} = {values[name]}", "caption", "text2"), row, 1)
        row += 1
    card.add(holder)
    return card
