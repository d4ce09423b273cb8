"""Private collections of a contract: who may see them and for how long; changed here, agreed on by an upgrade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from baas import roles
from console.i18n import tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.contracts.collection_editor import CollectionDialog, members_of
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import Button, Chip, Label, Mono, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractLine, ContractsPage

Collection = Mapping[str, Any]


class CollectionsTab(QWidget):
    """A table of what is in force and what is drafted; the values never leave the members' peers."""

    def __init__(self, page: ContractsPage) -> None:
        super().__init__()
        self._page = page
        self._line: ContractLine | None = None
        self._drafts: dict[str, list[list[Collection]]] = {}
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24), spacing=14)
        bar = hbox()
        self.add_button = Button(tr("添加集合…"), self.add, icon="plus")
        bar.addWidget(self.add_button)
        self.undo_button = Button(tr("撤销上一步"), self.undo, icon="undo", kind="link")
        bar.addWidget(self.undo_button)
        bar.addStretch(1)
        self.pending = Label("", "caption", "warn")
        bar.addWidget(self.pending)
        self.submit_button = Button(tr("提交这些更改…"), page.upgrade, icon="upload")
        bar.addWidget(self.submit_button)
        column.addLayout(bar)
        self.card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("集合"), 220),
                Column(tr("谁可以看到")),
                Column(tr("至少送达"), 100, right=True),
                Column(tr("保留"), 130, right=True),
                Column(tr("只限成员读"), 124),
                Column(tr("只限成员写"), 124),
                Column(tr("状态"), 110),
            ],
            self._cells,
        )
        self.table = DataTable(self.model, tr("私有集合"))
        self.table.row_chosen.connect(self._inspect)
        self.table.row_opened.connect(lambda row: self.edit(str(row[0].get("name", ""))))
        self.card.add(self.table)
        column.addWidget(self.card)
        self.note = Note(tr("账本上只有私有数据的散列。原文只存在成员组织的节点上，过期后清除。"))
        column.addWidget(self.note)
        self.empty = EmptyState(
            "lock", tr("这个合约没有私有集合"), tr("私有集合让几个组织共享原文，其余组织只看到散列。")
        )
        column.addWidget(self.empty)
        column.addStretch(1)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self).activated.connect(self.undo)

    def enter(self, line: ContractLine) -> None:
        self._line = line
        self._show()

    # -- the draft -----------------------------------------------------------------------------------
    def draft(self, line: ContractLine) -> list[Collection]:
        """The collections as they are drafted; those in force when nothing was changed."""
        steps = self._drafts.get(line.name)
        return list(steps[-1]) if steps else self._in_force(line)

    def forget(self, name: str) -> None:
        """The draft has been agreed on."""
        self._drafts.pop(name, None)

    def undo(self) -> None:
        """Take back the last change of the draft."""
        line = self._line
        steps = self._drafts.get(line.name) if line else None
        if line is not None and steps:
            steps.pop()
            if not steps:
                self.forget(line.name)
            self._show()

    def _change(self, collections: list[Collection]) -> None:
        line = self._line
        if line is not None:
            self._drafts.setdefault(line.name, []).append(collections)
            self._page.inspect(None)
            self._show()

    @staticmethod
    def _in_force(line: ContractLine) -> list[Collection]:
        return list(line.definition.collections) if line.definition is not None else []

    # -- editing -------------------------------------------------------------------------------------
    def add(self) -> None:
        """Ask for another collection."""
        line = self._line
        if line is None:
            return
        taken = {str(c.get("name", "")) for c in self.draft(line)}
        dialog = CollectionDialog(self._page, None, taken)
        if dialog.exec():
            self._change([*self.draft(line), dialog.collection()])

    def edit(self, name: str) -> None:
        """Ask how a collection should be."""
        line = self._line
        if line is None or not self._may_change():
            return
        drafted = self.draft(line)
        old = next((c for c in drafted if c.get("name") == name), None)
        if old is None:
            return
        dialog = CollectionDialog(self._page, old, set())
        if dialog.exec():
            self._change([dialog.collection() if c is old else c for c in drafted])

    def remove(self, name: str) -> None:
        """Leave a collection out; nothing happens before the draft is agreed on, and it can be taken back."""
        line = self._line
        if line is not None:
            self._change([c for c in self.draft(line) if c.get("name") != name])

    def _may_change(self) -> bool:
        line = self._line
        allowed = self._page.context.platform.session.allows(roles.CONTRACT_CHANGE)
        return bool(allowed and line is not None and line.available)

    # -- showing -------------------------------------------------------------------------------------
    def _show(self) -> None:
        line = self._line
        if line is None:
            return
        before = {str(c.get("name", "")): c for c in self._in_force(line)}
        after = {str(c.get("name", "")): c for c in self.draft(line)}
        rows = []
        for name in dict.fromkeys([*before, *after]):
            old, new = before.get(name), after.get(name)
            state = "removed" if new is None else "new" if old is None else "changed" if old != new else ""
            rows.append((new or old, state))
        self.model.set_rows(rows)
        self.table.fit(12)
        changed = sum(1 for _, state in rows if state)
        may = self._may_change()
        self.card.setVisible(bool(rows))
        self.note.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self.add_button.setVisible(may)
        self.undo_button.setVisible(bool(self._drafts.get(line.name)))
        self.submit_button.setVisible(bool(changed))
        self.pending.setText(tr("{n} 处更改还没有提交").format(n=changed) if changed else "")

    def _inspect(self, row: Any) -> None:
        collection, state = row
        name = str(collection.get("name", ""))
        chip = Chip(_state_word(state), "warn" if state else "text2", "clock" if state else "ok")
        panel = Inspected(name, tr("私有集合"), chip)
        who = Section(tr("谁可以看到原文"))
        titles = self._page.titles
        members = members_of(str(collection.get("policy", "")))
        for msp in members:
            who.status(titles.get(msp, msp), "ok")
        others = [title for msp, title in titles.items() if msp not in members]
        if others:
            who.text(tr("{who} 只有散列。").format(who=tr("、").join(others)), tone="text2")
        panel.add(who)
        facts = Facts(76)
        facts.add(tr("表达式"), Mono(str(collection.get("policy", "")), wrap=True))
        facts.add(tr("最多发送"), number(int(collection.get("maxPeerCount", 0) or 0)))
        own = collection.get("endorsementPolicy") or {}
        policy = own.get("signaturePolicy") or own.get("channelConfigPolicy")
        facts.add(tr("背书策略"), Mono(str(policy), wrap=True) if policy else tr("与合约相同"))
        panel.add(Section(tr("设置")).add(facts))
        if self._may_change() and state != "removed":
            edit = Button(tr("编辑…"), lambda: self.edit(name), icon="edit")
            remove = Button(tr("从定义中移除"), lambda: self.remove(name), kind="danger")
            panel.add(Section().add(panel.buttons(edit, remove)))
        self._page.inspect(panel)

    def _members(self, policy: str) -> str:
        """Who may see a collection, by name; the policy as it stands where it cannot be read."""
        return tr("、").join(self._page.titles.get(one, one) for one in members_of(policy)) or policy

    def _cells(self, row: Any) -> list[Cell]:
        c, state = row
        policy = str(c.get("policy", ""))
        yes, no = tr("是"), tr("否")
        kept = int(c.get("blockToLive", 0) or 0)
        gone = state == "removed"
        return [
            Cell(str(c.get("name", "")), icon="lock", tone="violet", bold=True, mono=True, struck=gone),
            Cell(self._members(policy), tip=policy, copy=policy),
            Cell(number(int(c.get("requiredPeerCount", 0) or 0))),
            Cell(tr("{n} 个区块").format(n=number(kept)) if kept else tr("永久")),
            Cell(yes if c.get("memberOnlyRead") else no),
            Cell(yes if c.get("memberOnlyWrite") else no),
            Cell(
                _state_word(state),
                icon="clock" if state else "ok",
                tone="warn" if state else "ok",
                word_tone="warn" if state else "text2",
            ),
        ]


def _state_word(state: str) -> str:
    return {"removed": tr("将移除"), "new": tr("将新增"), "changed": tr("将更改")}.get(state, tr("生效中"))
