"""Standards and what the network was measured as: standards on the left, clauses beside them, one in the inspector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.catalogue import measuring
from apps.catalogue.editions import Edition, clauses_of
from apps.catalogue.kinds import Assessment
from apps.catalogue.ui import tr
from apps.catalogue.words import RESULT_WORDS
from apps.kit.service import Service
from baas.errors import CityChainError, Text
from console.appkit.views import AppView
from console.i18n import language, say
from console.i18n.formats import when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.shell.inspector import Inspected
from console.signing import Signing
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Chip, Elided, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.forms import save_file
from console.widgets.table import DataTable
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from console.appkit.page import AppPage

SIGNS = {"met": "ok", "partly": "warn", "unmet": "bad", "unknown": "wait"}
GRADE_TONES = {"A": "ok", "B": "warn", "C": "warn", "D": "bad"}
LIST_WIDTH, LIST_WIDEST, MOST_BEFORE = 256, 400, 6


@dataclass(frozen=True)
class Measured:
    """A standard with its newest result: the edition, the assessments (newest first), what the newest report saw."""

    edition: Edition
    published: bool
    assessments: tuple[Record, ...] = ()
    seen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def newest(self) -> Record | None:
        return self.assessments[0] if self.assessments else None

    def result(self, clause: str) -> str:
        """A clause's result in the newest assessment, "" before any."""
        rows = self.newest["results"] if self.newest else ()
        return next((str(one["result"]) for one in rows if one["clause"] == clause), "")


def read(service: Service) -> list[Measured]:
    """Every standard as the ledger has it, else as it comes with the program; for a worker."""
    known, found = measuring.on_ledger(service), []
    for code in sorted({*known, *measuring.shipped()}):
        if code not in known:
            found.append(Measured(measuring.shipped()[code], published=False))
            continue
        mine = tuple(one for one in measuring.history(service, code) if one["standard_id"] == known[code]["id"])
        found.append(Measured(known[code]["text"], True, mine, _seen(service, mine[0]) if mine else {}))
    return found


def _seen(service: Service, record: Record) -> dict[str, Any]:
    """What the report of an assessment says of each clause; empty at desks that do not have it."""
    try:
        report = json.loads(measuring.kept(service.platform, service.network, record))
    except CityChainError:
        return {}
    return {one["clause"]: one for one in report["results"]}


class StandardsView(AppView):
    """Addresses `standards` and `standards/CODE`."""

    live = False

    def __init__(self, page: AppPage) -> None:
        super().__init__(page)
        self.found: list[Measured] = []
        self._code = ""
        row = hbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 20), spacing=12)
        self.rows = RowsModel([Column(tr("评级"), 56), Column(tr("标准"))], self._standard_cells)
        self.list = DataTable(self.rows, tr("服务标准"), two_lines=True)
        self.list.setMinimumWidth(LIST_WIDTH)
        self.list.setMaximumWidth(LIST_WIDEST)
        self.list.selectionModel().currentChanged.connect(self._on_standard)
        row.addWidget(self.list, 3)
        column = vbox(spacing=12)
        self.card = Card(flush=False)
        self.heading, self.about = Label("", "section"), Elided("", "caption", "text2")
        self.told = Elided("", "body", "text")
        for one in (self.heading, self.told, self.about):
            self.card.add(one)
        column.addWidget(self.card)
        columns = [Column(tr("条款"), 64), Column(tr("要求")), Column(tr("检查"), 60), Column(tr("结果"), 96)]
        self.clauses = RowsModel([*columns, Column(tr("实测"), 168)], self._clause_cells)
        self.table = DataTable(self.clauses, tr("条款"))
        self.table.selectionModel().currentChanged.connect(self._on_clause)
        column.addWidget(self.table, 1)
        row.addLayout(column, 7)

    @classmethod
    def tab_title(cls) -> str:
        return tr("标准")

    def enter(self, rest: str) -> None:
        service = self.page.kit
        self._code = rest or self._code
        self._head()
        self.page.read(lambda: read(service), self._arrived)

    def _head(self) -> None:
        kit, newest = self.page.kit, self._chosen.newest if self._chosen else None
        actions = []
        if newest is not None:
            report = Action("report", tr("导出报告…"), partial(self._export, newest), icon="download")
            actions.append(report)
        if kit.platform.session.allows(kit.permission(Assessment.record)):
            chosen = self._chosen
            if chosen is not None:
                one = Action("one", tr("检查此标准"), lambda: self._check([self._code]), icon="refresh")
                one.signs = self._signing(chosen)
                actions.append(one)
            every = Action("all", tr("运行全部检查"), lambda: self._check([]), icon="play", kind="primary")
            every.signs = self._signing(self.found[0]) if self.found else None
            actions.append(every)
        self.page.show_tab(self.tab, "", actions, notes={self.tab: str(len(self.found))} if self.found else None)

    def _signing(self, one: Measured) -> Signing | None:
        """Who signs the assessment by an edition."""
        kit = self.page.kit
        return self.page.signed_by(kit.signer_of(Assessment.record, {"id": one.edition["code"]}))

    @property
    def _chosen(self) -> Measured | None:
        return next((one for one in self.found if one.edition["code"] == self._code), None)

    def _arrived(self, found: list[Measured]) -> None:
        self.found = found
        codes = [one.edition["code"] for one in found]
        self._code = self._code if self._code in codes else next(iter(codes), "")
        self.rows.set_rows(found)
        if self._code:
            self.list.choose(codes.index(self._code))
        self._show()

    def _on_standard(self, *_: object) -> None:
        row = self.list.current_row()
        if row is not None and row.edition["code"] != self._code:
            self._code = row.edition["code"]
            self.page.inspect(None)
            self.page.went(f"{self.tab}/{self._code}")
            self._show()

    def _show(self) -> None:
        one = self._chosen
        self._head()
        if one is None:
            return
        edition, newest, lang = one.edition, one.newest, language()
        self.heading.setText(
            tr("{t} {c} · 第 {n} 版").format(t=edition["title"][lang], c=edition["code"], n=edition["number"])
        )
        self.about.setText(edition["about"][lang])
        if newest is None:
            self.told.setText(tr("还没有检查过"))
        else:
            counts = {each: sum(row["result"] == each for row in newest["results"]) for each in RESULT_WORDS}
            words = " · ".join(f"{say(said)} {counts[each]}" for each, said in RESULT_WORDS.items())
            self.told.setText(
                tr("{g} 级，{s} / 100。{w}。{d}").format(
                    g=newest["grade"], s=newest["score"], w=words, d=when(newest["created"])
                )
            )
        self.clauses.set_rows(list(clauses_of(edition)))

    # -- cells ---------------------------------------------------------------------------------------
    def _standard_cells(self, one: Measured) -> list[Cell]:
        grade = one.newest["grade"] if one.newest else "—"
        count = len(list(clauses_of(one.edition)))
        sub = tr("{c} · 第 {n} 版 · {k} 条").format(c=one.edition["code"], n=one.edition["number"], k=count)
        return [
            Cell(grade, word_tone=GRADE_TONES.get(grade, "text3"), bold=True),
            Cell(one.edition["title"][language()], sub=sub, bold=True, tip=one.edition["about"][language()]),
        ]

    def _clause_cells(self, clause: Mapping[str, Any]) -> list[Cell]:
        one = self._chosen
        result = one.result(clause["clause"]) if one else ""
        seen = one.seen.get(clause["clause"], {}) if one else {}
        words = clause[language()]
        icon, tone = STATE_ICONS[SIGNS.get(result, "none")]
        must = tr("{w}（必备）").format(w=words) if clause["must"] else words
        return [
            Cell(clause["clause"], mono=True),
            Cell(must, tip=words),
            Cell(tr("自动") if clause["check"] else tr("人工"), word_tone="text2"),
            Cell(say(RESULT_WORDS[result]) if result else "—", icon=icon if result else "", tone=tone),
            Cell(seen["measured"][language()] if seen else "", word_tone="text2"),
        ]

    # -- one clause ----------------------------------------------------------------------------------
    def _on_clause(self, *_: object) -> None:
        clause, one = self.table.current_row(), self._chosen
        if clause is not None and one is not None:
            self.page.inspect(self._panel(clause, one))

    def _panel(self, clause: Mapping[str, Any], one: Measured) -> QWidget:
        result, seen = one.result(clause["clause"]), one.seen.get(clause["clause"], {})
        sign = SIGNS.get(result, "none")
        chip = Chip(say(RESULT_WORDS[result]), STATE_ICONS[sign][1], STATE_ICONS[sign][0]) if result else None
        note = tr("条款 {c} · {p} 分").format(c=clause["clause"], p=clause["points"])
        panel = Inspected(clause[language()], f"{note} · {tr('必备')}" if clause["must"] else note, chip)
        if seen:
            section = Section(tr("怎么查的")).text(seen["measured"][language()])
            for each in seen["against"]:
                section.status(each, "bad")
            panel.add(section)
        elif result:
            panel.add(Section(tr("怎么查的")).text(tr("报告在检查人那里：{w}").format(w=one.newest["assessor"])))  # type: ignore[index]
        before = [each for each in one.assessments[:MOST_BEFORE] if each["results"]]
        if before:
            section = Section(tr("历次结果"))
            for each in before:
                earlier = next(row["result"] for row in each["results"] if row["clause"] == clause["clause"])
                section.status(f"{say(RESULT_WORDS[earlier])} · {when(each['created'])}", SIGNS[earlier])
            panel.add(section)
        facts = Facts()
        if one.newest is not None:
            facts.add(tr("检查记录"), one.newest["id"], mono=True).add_hash(tr("报告"), one.newest["report"])
        if "basis" in clause:
            facts.add(tr("依据"), clause["basis"])
        holder = Section(tr("证据"))
        holder.add(facts)
        panel.add(holder)
        return panel

    # -- doing ---------------------------------------------------------------------------------------
    def _check(self, codes: list[str]) -> None:
        page, service = self.page, self.page.kit
        wanted = codes or [one.edition["code"] for one in self.found]

        def run(*, ctx: Any) -> int:
            for code in wanted:
                measuring.assess(service, code, ctx=ctx)
            return len(wanted)

        def done(count: int) -> None:
            page.context.notice(tr("检查完成，{n} 个标准的结果已写入账本").format(n=count))
            if self.shown:
                self.enter("")

        page.banner.hide()
        page.context.job(
            run, title=Text("按标准检查网络", "Check the network"), network=page.context.network, done=done,
            failed=page.banner.show_error,
        )  # fmt: skip

    def _export(self, record: Record) -> None:
        """A PDF to read, or the package that strangers check, as the name ends."""
        page, service = self.page, self.page.kit
        chosen = save_file(self, tr("导出报告"), f"{self._code}.pdf", "PDF (*.pdf);;ZIP (*.zip)")
        if not chosen:
            return
        target = Path(chosen)

        def run(*, ctx: Any) -> None:
            target.unlink(missing_ok=True)  # the person was asked whether to replace it
            if target.suffix.lower() == ".zip":
                measuring.package(service, record["id"], target, ctx=ctx)
            else:
                ctx.step("write", Text("写出报告", "Write the report"))
                target.write_bytes(measuring.kept(service.platform, service.network, record, ".pdf"))

        page.context.job(
            run, title=Text("导出检查报告", "Export the report"), failed=page.banner.show_error,
            done=lambda _: page.context.notice(tr("已写出 {f}").format(f=target.name)),
        )  # fmt: skip
