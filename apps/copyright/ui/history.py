"""全部历史: every committed version of a work and of what hangs on it, and what each changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.copyright.ui.matter_words import icon_of, kind_words, matter_state, outcome_words
from apps.copyright.ui.terms import tr
from console.i18n.formats import short_hash, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.shell.inspector import Inspected
from console.widgets.basic import Button, HashLabel, Label, vbox
from console.widgets.facts import Facts, Section
from console.widgets.table import DataTable

_QUIET = frozenset({"updated", "tx_id", "log", "waiting", "policy", "type", "id", "created"})


@dataclass(frozen=True)
class Version:
    """One committed version of a record, and the one before it."""

    record_id: str
    tx_id: str
    at: str
    record: Mapping[str, Any]
    before: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.record.get("type") or self.before.get("type", ""))

    def changes(self) -> list[tuple[str, Any, Any]]:
        """(entry, before, after) of what this version changed, bookkeeping left out; all of a first version."""
        names = [n for n in {**self.before, **self.record} if n not in _QUIET]
        return [
            (name, self.before.get(name), self.record.get(name))
            for name in names
            if self.before.get(name) != self.record.get(name) and (self.before or self.record.get(name))
        ]


def versions(entries: Sequence[Mapping[str, Any]], record_id: str) -> list[Version]:
    """The versions of a record from the contract's `History` (newest first)."""
    found = []
    for at, entry in enumerate(entries):
        before = entries[at + 1].get("record") if at + 1 < len(entries) else None
        found.append(Version(record_id, str(entry["tx_id"]), str(entry["at"]), entry.get("record") or {}, before or {}))
    return found


def what_happened(version: Version) -> str:  # noqa: PLR0911 - one a happening
    """What a version means, in words."""
    record, before = version.record, version.before
    if version.kind != "work":
        words = f"{kind_words(version.kind)} · {matter_state(record)[0]}" if record else kind_words(version.kind)
        if record.get("consents") and record["consents"] != before.get("consents", record["consents"]):
            return f"{kind_words(version.kind)} · {tr('已同意')}"
        if version.kind == "registration" and record.get("certificate") and not before.get("certificate"):
            return f"{kind_words(version.kind)} · {tr('证书散列已记录')}"
        return f"{words} · {outcome_words(record['outcome'])}" if record.get("outcome") else words
    if not before:
        return tr("存证")
    if record.get("state") == "REVOKED":
        return tr("撤销存证")
    if record.get("owners") != before.get("owners"):
        return tr("权利人变更")
    if record.get("number") and not before.get("number"):
        return tr("取得登记号 {n}").format(n=record["number"])
    if record.get("pledge") != before.get("pledge"):
        return tr("设立质押") if record.get("pledge") else tr("解除质押")
    if record.get("disputes") != before.get("disputes"):
        more = len(record.get("disputes", ())) > len(before.get("disputes", ()))
        return tr("因异议冻结") if more else tr("异议结束，解除冻结")
    if record.get("registration") and not before.get("registration"):
        return tr("申请登记")
    return tr("登记结束") if before.get("registration") and not record.get("registration") else tr("登记事项变更")


class HistoryTable(DataTable):
    """Versions, newest first; the chosen one's changes in the inspector, Enter opens the transaction."""

    def __init__(self, found: Sequence[Version], go: Callable[[str], None], inspect: Callable[[Any], None]) -> None:
        columns = [Column(tr("时间"), 170), Column(tr("事项")), Column(tr("记录"), 190), Column(tr("交易"), 150)]
        model = RowsModel(columns, _cells)
        super().__init__(model, tr("全部历史"))
        model.set_rows(found)
        self.row_opened.connect(lambda version: go(f"ledger/tx/{version.tx_id}"))
        self.row_chosen.connect(lambda version: inspect(version_panel(version, go)))


def _cells(version: Version) -> list[Cell]:
    return [
        Cell(when(version.at, seconds=True)),
        Cell(what_happened(version), icon=icon_of(version.kind), bold=not version.before),
        Cell(version.record_id, mono=True, copy=version.record_id),
        Cell(short_hash(version.tx_id, 6), mono=True, copy=version.tx_id),
    ]


def version_panel(version: Version, go: Callable[[str], None]) -> Inspected:
    """What a version changed, entry by entry, in the contract's own names."""
    panel = Inspected(what_happened(version), version.record_id)
    facts = Facts(64)
    facts.add(tr("时间"), when(version.at, seconds=True))
    facts.add(tr("交易"), HashLabel(version.tx_id, short_hash(version.tx_id, 8), what=tr("交易")))
    panel.add(Section().add(facts))
    changes = version.changes()
    section = Section(tr("改变了什么") if version.before else tr("写入了什么"), tr("{n} 项").format(n=len(changes)))
    for name, before, after in changes:
        column = vbox(spacing=2)
        column.addWidget(Label(name, "caption", "text2"))
        if version.before and before not in (None, "", [], {}):
            old = Label(_said(before), "caption", "text3", wrap=True)
            font = old.font()
            font.setStrikeOut(True)
            old.setFont(font)
            column.addWidget(old)
        column.addWidget(Label(_said(after), "caption", wrap=True))
        section.body.addLayout(column)
    panel.add(section)
    button = Button(tr("打开交易"), partial(go, f"ledger/tx/{version.tx_id}"), icon="arrow")
    panel.add(Section().add(panel.buttons(button)))
    return panel


def _said(value: Any) -> str:
    if value in (None, "", [], {}):
        return tr("空")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else f"{text[:400]}…"
