"""Every committed version of records, and what each changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from apps.kit.formats import shown
from console.appkit.acting import Host
from console.i18n import say, tr
from console.i18n.formats import in_words, short_hash, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.shell.inspector import Inspected
from console.widgets.basic import Button, HashLabel, Label, vbox
from console.widgets.facts import Facts, Section
from console.widgets.table import DataTable
from fabric_sdk.kinds import Party, Record

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


Said = Callable[[Version], str]


def what_happened(page: Host, version: Version) -> str:
    """What a version of a declared kind's record means, in words."""
    words = page.kit.catalogue.words[version.kind]
    record, before = dict(version.record), version.before
    if record.get("consents") and record["consents"] != before.get("consents", record["consents"]):
        return f"{say(words.title)} · {tr('已同意')}"
    return f"{say(words.title)} · {say(words.state(record)[0])}" if record else say(words.title)


class HistoryTable(DataTable):
    """Versions, newest first; the chosen one's changes in the inspector, Enter opens the transaction."""

    def __init__(self, page: Host, found: Sequence[Version], said: Said | None = None, icon: str = "file") -> None:
        self._page, self._said, self._icon = page, said or partial(what_happened, page), icon
        columns = [Column(tr("时间"), 170), Column(tr("事项")), Column(tr("记录"), 190), Column(tr("交易"), 150)]
        model = RowsModel(columns, self._cells)
        super().__init__(model, tr("全部历史"))
        model.set_rows(found)
        self.row_opened.connect(lambda version: page.context.go(f"ledger/tx/{version.tx_id}"))
        self.row_chosen.connect(lambda version: page.inspect(version_panel(page, version, self._said(version))))

    def _cells(self, version: Version) -> list[Cell]:
        words = self._page.kit.catalogue.words.get(version.kind)
        return [
            Cell(when(version.at, seconds=True)),
            Cell(self._said(version), icon=words.icon if words else self._icon, bold=not version.before),
            Cell(version.record_id, mono=True, copy=version.record_id),
            Cell(short_hash(version.tx_id, 6), mono=True, copy=version.tx_id),
        ]


def version_panel(page: Host, version: Version, said: str) -> Inspected:
    """What a version changed, entry by entry: fields by their labels, else in the contract's own names."""
    panel = Inspected(said, version.record_id)
    facts = Facts(64)
    facts.add(tr("时间"), when(version.at, seconds=True))
    facts.add(tr("交易"), HashLabel(version.tx_id, short_hash(version.tx_id, 8), what=tr("交易")))
    panel.add(Section().add(facts))
    changes = version.changes()
    section = Section(tr("改变了什么") if version.before else tr("写入了什么"), tr("{n} 项").format(n=len(changes)))
    for name, before, after in changes:
        column = vbox(spacing=2)
        column.addWidget(Label(_label(page, version.kind, name), "caption", "text2"))
        if version.before and before not in (None, "", [], {}):
            old = Label(_said(page, version.kind, name, before), "caption", "text3", wrap=True)
            font = old.font()
            font.setStrikeOut(True)
            old.setFont(font)
            column.addWidget(old)
        column.addWidget(Label(_said(page, version.kind, name, after), "caption", wrap=True))
        section.body.addLayout(column)
    panel.add(section)
    button = Button(tr("打开交易"), partial(page.context.go, f"ledger/tx/{version.tx_id}"), icon="arrow")
    panel.add(Section().add(panel.buttons(button)))
    return panel


def _label(page: Host, kind: str, name: str) -> str:
    words = page.kit.catalogue.words.get(kind)
    if name == "state":
        return tr("状态")
    labels = [said.label for one, said in words.fields.items() if one.name == name] if words is not None else []
    return say(labels[0]) if labels else name


def history_panel(page: Host, record: Record, found: Sequence[Version]) -> Inspected:
    """Every version of one record: the chosen one's changes in its place."""
    panel = Inspected(tr("全部历史"), str(record["id"]))
    for version in found:
        said = what_happened(page, version)
        section = Section(said, when(version.at, seconds=True))
        for name, before, after in version.changes() if version.before else ():
            old, new = (_said(page, version.kind, name, value) for value in (before, after))
            section.add(Label(f"{_label(page, version.kind, name)} · {old} → {new}", "caption", wrap=True))
        look = partial(page.context.go, f"ledger/tx/{version.tx_id}")
        title = tr("交易 {t}").format(t=short_hash(version.tx_id, 6))
        section.body.addWidget(Button(title, look, kind="link", small=True), 0, Qt.AlignmentFlag.AlignLeft)
        panel.add(section)
    back = Button(tr("返回"), lambda: page.open_record(record), icon="left")
    panel.add(Section().add(panel.buttons(back)))
    return panel


def _said(page: Host, kind: str, name: str, value: Any) -> str:
    """A value in people's words; the transaction, one click away, has it as it stands on the ledger."""
    words = page.kit.catalogue.words.get(kind)
    if value in (None, "", [], {}):
        return tr("空")
    if words is not None and name == "state":
        state = words.kind.states.get(str(value))
        return say(words.states[state]) if state is not None else str(value)
    declared = [(one, said) for one, said in words.fields.items() if one.name == name] if words is not None else []
    if declared and isinstance(declared[0][0], Party) and isinstance(value, str):
        return page.context.person(value)
    if declared and not _composed(page, value):
        return in_words(say(shown(*declared[0], value)))
    if isinstance(value, list):
        return "\n".join(_composed(page, one) or in_words(str(one)) for one in value)[:400]
    return _composed(page, value) or in_words(str(value))[:400]


def _composed(page: Host, value: Any) -> str:
    """The entries of a record within a record, or of the first of a list of them; "" for anything else."""
    inner = value[0] if isinstance(value, list) and value else value
    if not isinstance(inner, dict):
        return ""
    return " · ".join(
        page.context.person(in_words(str(one))) for one in inner.values() if one not in (None, "", [], {})
    )
