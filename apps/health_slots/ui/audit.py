"""The audit from blocks alone: hidden, added and withdrawn slots, with block and signer; the proof of one slot."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.health_slots.model import AuditReport, Finding
from apps.health_slots.ui.phrases import reason_word, stamp, tr
from apps.health_slots.ui.proof_card import ProofCard
from apps.health_slots.ui.view import View
from baas.csv_cells import harmless
from baas.errors import translating
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.forms import DropZone, save_file
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

SIGNS = {"alarm": "bad", "notice": "warn", "info": "info"}


class AuditTab(View):
    """Run the audit as a job; read its findings; prove one slot."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self._page = page
        self._schedule: Path | None = None
        self.report: AuditReport | None = None
        self.running: Any = None
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 16), spacing=12)
        top = hbox(spacing=tokens.CARD_GAP)
        card = Card(tr("从区块审计"))
        card.add(
            Label(
                tr(
                    "只读区块：重算每个出诊单元的承诺根，逐号对照放号内容，列出事后增减、迟到的承诺和不合规则的写入。不依赖索引，也不依赖医院的说法。"
                ),
                "body",
                "text2",
                wrap=True,
            )
        )
        self.zone = DropZone(
            tr("可放入医院公布的排班，核对有没有漏掉的单元"), pattern=tr("排班 (*.csv *.xlsx)"), height=56
        )
        self.zone.dropped.connect(lambda paths: self.take(Path(paths[0])))
        card.add(self.zone)
        self.schedule_note = Label("", "caption", "text2")
        self.schedule_note.hide()
        card.add(self.schedule_note)
        self.result = vbox(spacing=8)
        card.add(self.result)
        card.body.addStretch(1)
        top.addWidget(card, 3)
        self.proof = ProofCard(page)
        top.addWidget(self.proof, 2)
        column.addLayout(top)
        findings = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("发现")),
                Column(tr("哪里"), 200),
                Column(tr("理由"), 96),
                Column(tr("区块"), 72, right=True),
                Column(tr("签名人"), 168),
            ],
            partial(_cells, page),
        )
        self.table = DataTable(self.model, tr("审计发现"))
        self.table.row_chosen.connect(self._inspect)
        self.table.row_opened.connect(lambda f: page.context.go(f"ledger/tx/{f.tx_id}") if f.tx_id else None)
        findings.add(self.table, 1)
        self._findings = findings
        column.addWidget(findings, 1)
        findings.hide()
        self._space = Label("")
        column.addWidget(self._space, 1)

    def header_actions(self) -> list[Action]:
        if self.running is not None:
            return [Action("cancel", tr("取消"), self.running.cancel, "close")]
        found = []
        if self.report is not None:
            found.append(Action("export", tr("导出报告…"), self.ask_export, "download"))
        found.append(Action("audit", tr("开始审计"), self.run, "shield", "primary"))
        return found

    def enter(self, rest: str = "") -> None:
        if self.report is not None and self.report_hospital != self.hospital:
            self.report = None
            clear(self.result)
            self._findings.hide()
            self._space.show()
            self.page.show_actions()

    report_hospital = ""

    def take(self, path: Path) -> None:
        """Compare with a published schedule from now on."""
        self._schedule = path
        self.schedule_note.setText(tr("对照 {f}").format(f=path.name))
        self.schedule_note.show()

    def run(self) -> None:
        """Audit this hospital."""
        service, hospital, schedule = self.service, self.hospital, self._schedule

        def audit(*, ctx: Any) -> AuditReport:
            return service.audit(hospital=hospital, schedule=schedule, ctx=ctx)

        self.report_hospital = hospital
        self.running = self._page.context.job(
            audit,
            title=Text("审计号源", "Audit the slots"),
            done=self._show,
            failed=lambda error: self._page.banner.show_error(error, self.run),
        )
        self.running.finished.connect(self._over)
        self.page.show_actions()

    def _over(self) -> None:
        self.running = None
        self.page.show_actions()

    def _show(self, report: AuditReport) -> None:
        self.report = report
        clear(self.result)
        words = tr("与承诺一致，没有隐藏的号") if report.clean else tr("有与承诺不一致的地方")
        self.result.addWidget(Status(words, "ok" if report.clean else "bad", role="strong"))
        facts = Facts(84)
        facts.add(
            tr("读了"), tr("{b} 个区块，{t} 笔交易").format(b=number(report.blocks), t=number(report.transactions))
        )
        facts.add(
            tr("核对了"),
            tr("{s} 个出诊单元，{n} 个号，{k} 次预约").format(
                s=number(report.sessions), n=number(report.slots), k=number(report.bookings)
            ),
        )
        facts.add(
            tr("事后变化"),
            tr("加号 {a}，撤回 {w}，迟到 {l}，隐藏 {h}").format(
                a=report.added, w=report.withdrawn, l=report.late, h=report.hidden
            ),
        )
        facts.add(tr("末块"), HashLabel(report.head, f"{report.head[:10]}…{report.head[-10:]}", what=tr("末块")))
        self.result.addWidget(facts)
        self.model.set_rows(report.findings)
        self._findings.setVisible(bool(report.findings))
        self._space.setVisible(not report.findings)

    def _inspect(self, finding: Finding) -> None:
        self.page.inspect(finding_panel(self.page, finding))

    def ask_export(self) -> None:
        """Write the report as JSON, or its findings as CSV."""
        path = save_file(self, tr("导出审计报告"), f"audit-{self.report_hospital}.json", "JSON (*.json);;CSV (*.csv)")
        report = self.report
        if path and report is not None:
            self.page.read(
                lambda: write_report(Path(path), report),
                lambda target: self.page.context.notice(tr("已导出 {f}").format(f=target.name)),
            )


def write_report(target: Path, report: AuditReport) -> Path:
    """Write a report: JSON with everything, or for a name ending in .csv the findings as a table."""
    rows = [{**asdict(f), "text": say(f.text)} for f in report.findings]
    with translating(), target.open("w", encoding="utf-8", newline="") as file:
        if target.suffix.lower() == ".csv":
            names = ["kind", "severity", "where", "block", "tx_id", "signer", "text", "reason", "at"]
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
        else:
            whole = {**asdict(report), "clean": report.clean, "findings": rows}
            json.dump(whole, file, ensure_ascii=False, indent=1)
    return target


def finding_panel(page: SlotsPage, finding: Finding) -> Inspected:
    """What was found, where, in which block, and who signed it."""
    sign = SIGNS.get(finding.severity, "info")
    icon, tone = STATE_ICONS[sign]
    words = {"alarm": tr("须查"), "notice": tr("留意"), "info": tr("说明")}.get(finding.severity, finding.severity)
    panel = Inspected(say(finding.text), finding.where, Chip(words, tone, icon))
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(64)
    facts.add_hash(tr("哪里"), finding.where, finding.where)
    facts.add(tr("区块"), number(finding.block))
    facts.add(tr("签名人"), page.context.person(finding.signer), tip=finding.signer)
    if finding.reason:
        facts.add(tr("理由"), reason_word(finding.reason))
    if finding.at:
        facts.add(tr("时间"), stamp(finding.at, "%Y-%m-%d %H:%M:%S"))
    if finding.tx_id:
        facts.add_hash(tr("交易"), finding.tx_id)
    panel.add(Section(first=True).add(facts))
    if finding.tx_id:
        address = f"ledger/tx/{finding.tx_id}"
        look = Button(tr("在账本里看"), lambda: page.context.go(address), icon="ledger", small=True)
        panel.add(Section().add(panel.buttons(look)))
    return panel


def _cells(page: SlotsPage, f: Finding) -> list[Cell]:
    sign = SIGNS.get(f.severity, "info")
    icon, tone = STATE_ICONS[sign]
    return [
        Cell(say(f.text), icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text"),
        Cell(f.where, mono=True, copy=f.tx_id),
        Cell(reason_word(f.reason) if f.reason else "—"),
        Cell(number(f.block)),
        Cell(page.context.person(f.signer), tip=f.signer),
    ]
