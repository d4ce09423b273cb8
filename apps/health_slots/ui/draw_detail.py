"""One draw: facts, the parties' progress, the applicants in drawn order, and the outsider's re-run beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import Qt

from apps.health_slots.model import SessionRow
from apps.health_slots.services.draws import DrawProof, verify_export
from apps.health_slots.ui.draw_timeline import DrawTimeline
from apps.health_slots.ui.draw_words import party_word, problem_word, state_word
from apps.health_slots.ui.phrases import countdown, listed, session_words, short_name, span, stamp, tr
from baas.errors import Text, UserError, translating
from chaincode.health_slots import fair_draw
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Button, HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import save_file
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


MAX_EXPORT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Compared:
    """One slot's winner by the ledger and by the re-run."""

    slot: str
    ledger: str
    again: str


class DrawDetail(Scroll):
    """Cards of the chosen draw."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__()
        self._page = page
        self._id = ""
        self._record: Mapping[str, Any] = {}
        self.card = Card(" ")
        self._facts = hbox(spacing=24)
        self.card.add(self._facts)
        self.time = Status("", "wait")
        self.card.add(self.time)
        self.column.addWidget(self.card)
        timeline = Card(tr("各方进度"), tr("按医院、平台、居民方的顺序揭示"), flush=True)
        self.timeline = DrawTimeline()
        timeline.add(self.timeline)
        self.column.addWidget(timeline)
        self.result = Card(tr("局外人重算"), tr("只用公开的名单、种子和算法"))
        self._verdict = vbox(spacing=6)
        self.result.add(self._verdict)
        self.compared = RowsModel(
            [
                Column(tr("号的编号")),
                Column(tr("账本上的中签者"), 200),
                Column(tr("重算的中签者"), 200),
                Column("", 90),
            ],
            _compared_cells,
        )
        self.compared_table = DataTable(self.compared, tr("重算对照"))
        self.result.add(self.compared_table)
        row = hbox()
        self.export_button = Button(tr("导出供外人重算…"), self.ask_export, icon="download", small=True)
        row.addWidget(self.export_button)
        row.addStretch(1)
        self.result.add(row)
        self.column.addWidget(self.result)
        self._people = Card(tr("报名者"), flush=True)
        self.people = RowsModel(
            [Column(tr("顺位"), 80, right=True), Column(tr("居民假名")), Column(tr("结果"), 240)], self._person_cells
        )
        self.people_table = DataTable(self.people, tr("报名者"))
        self._people.add(self.people_table)
        self.column.addWidget(self._people)
        self.column.addStretch(1)

    def show_draw(self, id: str, record: Mapping[str, Any]) -> None:
        """Show a draw; the re-run of another one goes."""
        if id != self._id:
            self.result.hide()
        self._id, self._record = id, record
        self.card.title.setText(id)
        word, _ = state_word(record["state"])
        self.card.note.setText(word)
        clear(self._facts)
        left, right = Facts(84), Facts(84)
        slots = Label(_slots(record["slots"]), "caption", wrap=True)
        left.add(tr("号源"), slots)
        left.add(tr("报名截止"), stamp(record["apply_until"], "%m-%d %H:%M:%S"))
        left.add(tr("揭示限时"), span(record["turn_s"]))
        right.add(tr("公布人"), self._page.context.person(record["signer"]), tip=record["signer"])
        right.add(tr("算法"), record["algorithm"], mono=True)
        if record.get("frozen"):
            right.add(tr("名单指纹"), HashLabel(record["frozen"], what=tr("名单指纹")))
        if record.get("seed"):
            right.add(tr("种子"), HashLabel(record["seed"], what=tr("种子")))
        self._facts.addWidget(left, 1, Qt.AlignmentFlag.AlignTop)
        self._facts.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)
        self.timeline.show_record(record)
        service = self._page.service
        if service is not None:

            def read() -> tuple[list[str], SessionRow]:
                return service.draws.applicants(id), service.index.session(record["slots"][0].rpartition(".")[0])

            def arrived(found: tuple[list[str], SessionRow]) -> None:
                people, session = found
                self._show_people(id, people)
                if id == self._id and shiboken6.isValid(slots):
                    slots.setText(f"{session_words(session)} · {_numbers(record['slots'])}")

            self._page.context.tasks.fetch(
                read,
                arrived,
                self._page.banner.show_error,
                owner=self,
            )

    def show_time(self, now: int, reason: str) -> None:
        """Say how long the present stage still has."""
        record = self._record
        state = record.get("state", "")
        if state == "open" and now <= record["apply_until"]:
            self.time.set(tr("报名还剩 {t}").format(t=countdown(record["apply_until"] - now)), "wait")
        elif state == "open":
            self.time.set(tr("报名已截止，可以冻结名单"), "info")
        elif state == "revealing" and record.get("turn"):
            left = record["turn_ends"] - now
            who = party_word(record["turn"])
            if left >= 0:
                self.time.set(tr("轮到{who}揭示，还剩 {t}").format(who=who, t=countdown(left)), "wait")
            else:
                self.time.set(tr("{who}逾期未揭示，本轮作废；再揭示一轮，仍不成则用公开号码").format(who=who), "warn")
        elif state == "revealing":
            self.time.set(tr("都已揭示，可以算出结果"), "info")
        elif state == "number":
            self.time.set(reason, "warn")
        elif state == "closing":
            self.time.set(tr("名单较长，正在分批冻结"), "info")
        elif state == "void":
            self.time.set(tr("摇号没有完成，号已退回候补"), "warn")
        else:
            self.time.set(tr("已出结果，{n} 个号为中签者保留").format(n=len(record.get("winners", []))), "ok")

    def _show_people(self, id: str, applicants: list[str]) -> None:
        if id != self._id:
            return
        ordered = applicants
        if self._record.get("seed"):
            ordered = fair_draw.rank(bytes.fromhex(self._record["seed"]), applicants)
        self._people.note.setText(tr("{n} 人").format(n=number(len(applicants))))
        self.people.set_rows(list(enumerate(ordered, 1)))
        self.people_table.fit(12)

    def _person_cells(self, row: tuple[int, str]) -> list[Cell]:
        place, resident = row
        won = {w[0]: w[1] for w in self._record.get("winners", [])}
        over = set(self._record.get("passed_over", []))
        drawn = bool(self._record.get("seed"))
        if resident in won:
            outcome = Cell(tr("中签 {n}").format(n=won[resident].rpartition(".")[2]), icon="ok", tone="ok", bold=True)
        elif resident in over:
            outcome = Cell(tr("越过：限额或爽约"), icon="warn", tone="warn")
        else:
            outcome = Cell(tr("未中") if drawn else tr("等待"), word_tone="text2")
        return [
            Cell(number(place) if drawn else "—"),
            Cell(short_name(resident), mono=True, copy=resident, tip=resident),
            outcome,
        ]

    # -- the outsider --------------------------------------------------------------------------------
    def verify(self) -> None:
        """Run the draw again from what is public and show both results side by side."""
        service, id = self._page.service, self._id
        if service is not None:
            self._page.read(lambda: service.draws.verify(id), self._show_proof)

    def verify_file(self, path: Path) -> None:
        """Run a draw again from somebody's export, without asking the ledger."""

        def read() -> DrawProof:
            with translating():
                if path.stat().st_size > MAX_EXPORT_BYTES:
                    raise UserError(Text("文件太大。", "The file is too large."))
                text = path.read_text(encoding="utf-8", errors="replace")
            try:
                data = json.loads(text)
            except (ValueError, RecursionError):
                data = None
            return verify_export(data)

        self._page.banner.hide()
        self._page.read(read, lambda proof: self._show_proof(proof, of_file=True))

    def ask_export(self) -> None:
        """Write what an outsider needs to run the draw again."""
        service, id = self._page.service, self._id
        path = save_file(self, tr("导出摇号"), f"draw-{id}.json", "JSON (*.json)")
        if not path or service is None:
            return

        def write() -> Path:
            data = service.draws.export(id)
            with translating():
                Path(path).write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
            return Path(path)

        self._page.read(write, lambda target: self._page.context.notice(tr("已导出 {f}").format(f=target.name)))

    def _show_proof(self, proof: DrawProof, *, of_file: bool = False) -> None:
        self.result.note.setText(proof.draw)
        self.export_button.setVisible(proof.draw == self._id)
        clear(self._verdict)
        if proof.agrees and of_file:
            self._verdict.addWidget(
                Status(tr("文件前后一致；是否就是账本上的摇号，请与账本核对"), "warn", role="strong")
            )
        elif proof.agrees:
            self._verdict.addWidget(Status(tr("重算的结果与账本一致"), "ok", role="strong"))
        else:
            words = tr("文件前后不一致") if of_file else tr("重算的结果与账本不一致")
            self._verdict.addWidget(Status(words, "bad", role="strong"))
            for problem in proof.problems:
                self._verdict.addWidget(Label(problem_word(say(problem)), "body", "bad", wrap=True))
        facts = Facts(96)
        facts.add(tr("名单"), tr("{n} 人，重算指纹").format(n=number(proof.applicants)))
        facts.add("", HashLabel(proof.frozen, f"{proof.frozen[:8]}…{proof.frozen[-8:]}", what=tr("名单指纹")))
        if proof.seed:
            facts.add(tr("重算种子"), HashLabel(proof.seed, f"{proof.seed[:8]}…{proof.seed[-8:]}", what=tr("重算种子")))
        if proof.skipped:
            facts.add(tr("跳过的一方"), listed(party_word(p) for p in proof.skipped))
        self._verdict.addWidget(facts)
        ledger, again = ({slot: who for who, slot in pairs} for pairs in (proof.recorded, proof.winners))
        rows = [Compared(slot, ledger.get(slot, ""), again.get(slot, "")) for slot in sorted({*ledger, *again})]
        self.compared.set_rows(rows)
        self.compared_table.fit(10)
        self.compared_table.setVisible(bool(rows))
        self.result.show()
        self.show_child(self.result)


def _slots(names: list[str]) -> str:
    return f"{names[0].rpartition('.')[0]} · {_numbers(names)}" if names else "—"


def _numbers(names: list[str]) -> str:
    numbers = ", ".join(name.rpartition(".")[2] for name in names[:12])
    more = tr(" 等 {n} 个").format(n=len(names)) if len(names) > 12 else ""
    return f"{numbers}{more}"


def _compared_cells(row: Compared) -> list[Cell]:
    same = row.ledger == row.again
    return [
        Cell(row.slot, mono=True, copy=row.slot),
        Cell(short_name(row.ledger) or "—", mono=True, tip=row.ledger),
        Cell(short_name(row.again) or "—", mono=True, tip=row.again),
        Cell(tr("一致") if same else tr("不同"), icon="ok" if same else "bad", tone="ok" if same else "bad"),
    ]
