"""The contracts page: the list, and one contract with its tabs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

from PySide6.QtWidgets import QStackedWidget, QWidget

from baas import roles
from baas.services.lifecycle_model import Definition
from baas.services.own_contracts import OwnContract
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action, Page
from console.pages.contracts.call import CallTab
from console.pages.contracts.collections import CollectionsTab
from console.pages.contracts.deploy import ask_deploy, ask_template
from console.pages.contracts.glance import ContractGlance
from console.pages.contracts.lifecycle import LifecycleTab
from console.pages.contracts.own import OwnContractDialog
from console.pages.contracts.record import RecordTab
from console.tasks.runner import later
from console.theme import tokens
from console.titles import policy_words
from console.widgets.basic import STATE_ICONS, Button, vbox
from console.widgets.card import Card, Scroll
from console.widgets.states import EmptyState
from console.widgets.table import DataTable

T = TypeVar("T", bound=QWidget)


@dataclass(frozen=True)
class ContractLine:
    """A contract of the list: in force, or shipped by an application (or somebody's own) and not deployed."""

    name: str
    title: str
    icon: str
    definition: Definition | None
    available: str
    transactions: int
    invalid: int
    own: OwnContract | None = None
    meaning: str = ""
    """Its endorsement policy in words."""

    @property
    def sources(self) -> str:
        """Where the sources that are edited are, for reloading them; "" where nothing here runs them."""
        return self.own.source if self.own is not None and self.own.kind == "python" else ""


class ContractsPage(Page):
    """Addresses: "" the list; NAME; NAME/call; NAME/call/FUNCTION; NAME/record; NAME/collections."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.name = ""
        self.lines: list[ContractLine] = []
        self.titles: dict[str, str] = {}
        self.runtime = ""
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.empty = EmptyState(
            "contract",
            tr("还没有合约"),
            tr("先建立一个网络，再从内置的合约开始。"),
            Button(tr("新建网络…"), lambda: context.go("networks/new"), icon="plus", kind="primary"),
        )
        self.stack.addWidget(self.empty)
        self.list = self._list()
        self.stack.addWidget(self.list)
        self._soon = later(500, self, self.refresh)
        self.set_header(tr("合约"))

    # A tab is made when it is first needed: the page itself then opens at once.
    @cached_property
    def lifecycle(self) -> LifecycleTab:
        return self._tab(LifecycleTab(self))

    @cached_property
    def call(self) -> CallTab:
        return self._tab(CallTab(self))

    @cached_property
    def collections(self) -> CollectionsTab:
        return self._tab(CollectionsTab(self))

    @cached_property
    def record(self) -> RecordTab:
        return self._tab(RecordTab(self))

    def _tab(self, tab: T) -> T:
        self.stack.addWidget(tab)
        return tab

    def _list(self) -> QWidget:
        holder = QWidget()
        column = vbox(holder, margins=(tokens.PAGE_MARGIN, 6, tokens.PAGE_MARGIN, 24), spacing=tokens.CARD_GAP)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("合约名"), 260),
                Column(tr("版本"), 90),
                Column(tr("序号"), 92, right=True),
                Column(tr("背书策略")),
                Column(tr("私有集合"), 100, right=True),
                Column(tr("交易数"), 110, right=True),
                Column(tr("状态"), 130),
            ],
            _line_cells,
        )
        self.table = DataTable(self.model, tr("合约"), two_lines=True)
        self.table.row_opened.connect(self._on_opened)
        self.table.clicked.connect(lambda index: self._on_opened(self.table.current_row()))
        self.table.row_chosen.connect(self._glance)
        card.add(self.table)
        column.addWidget(card)
        self.glance = ContractGlance(self)
        column.addWidget(self.glance)
        column.addStretch(1)
        scroll = Scroll(spacing=0)
        scroll.column.addWidget(holder)
        return scroll

    def _glance(self, line: Any) -> None:
        if self.stack.currentWidget() is self.list:
            self.glance.show_line(line)

    # -- where we are --------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        name, _, rest = address.partition("/")
        self.name = name
        what, _, which = rest.partition("/")
        self.tab = what if what in {"call", "collections", "record"} else ("lifecycle" if not rest else self.tab)
        if which:
            self.call.wanted = which
        self.refresh()

    def refresh(self) -> None:
        if not self.context.ready:
            return
        network = self.context.network
        if not network:
            self.set_header(tr("合约"), tr("还没有网络"), [], tabs=[])
            self.stack.setCurrentWidget(self.empty)
            return
        platform = self.context.platform

        def read() -> list[ContractLine]:
            spec = platform.networks.spec(network)
            self.runtime = spec.runtime
            members = {name for channel in spec.channels for name in channel.organizations}
            titles = {o.msp_id: o.title for o in spec.organizations}
            self.titles = {o.msp_id: say(o.title) for o in spec.organizations if o.name in members}
            in_force = {d.name: d for d in platform.contracts.list(network)}
            counts = {row.name: row for row in platform.explorer.contracts(network)}
            shipped = {m.contract.name: m for m in platform.applications.all()}
            own = platform.contracts.own(network)
            found = []
            for name in dict.fromkeys([*in_force, *own, *shipped]):
                manifest, counted, force = shipped.get(name), counts.get(name), in_force.get(name)
                mine = own.get(name)
                found.append(
                    ContractLine(
                        name,
                        say(manifest.contract.title) if manifest else name,
                        (manifest.icon if manifest else "") or "contract",
                        force,
                        manifest.contract.version if manifest else mine.version if mine else "",
                        counted.transactions if counted else 0,
                        counted.invalid if counted else 0,
                        mine,
                        policy_words(force.endorsement_policy, titles, brief=True) if force else "",
                    )
                )
            return found

        self.read(read, self._show)

    def heard(self, event: Any) -> None:
        from baas.events import ContractChanged, NetworkChanged

        if isinstance(event, ContractChanged | NetworkChanged):
            self._soon.start()

    def line(self) -> ContractLine | None:
        return next((line for line in self.lines if line.name == self.name), None)

    def _show(self, lines: list[ContractLine]) -> None:
        self.lines = lines
        line = self.line()
        if line is None or line.definition is None:
            self._show_list()
            return
        self._show_contract(line, line.definition)

    def _show_list(self) -> None:
        self.inspect(None)
        deployed = sum(line.definition is not None for line in self.lines)
        actions = []
        missing = [line for line in self.lines if line.definition is None]
        if self.context.platform.session.allows(roles.CONTRACT_CHANGE):
            actions.append(Action("own", tr("部署自己的合约…"), self.deploy_own, "upload"))
        if self.context.platform.session.allows(roles.CONTRACT_CHANGE) and missing:
            menu = [(f"{line.title} {line.available}", partial(self._deploy_missing, line)) for line in missing]
            if len(menu) == 1:
                actions.append(Action("deploy", tr("部署合约…"), menu[0][1], "plus", "primary"))
            else:
                actions.append(Action("deploy", tr("部署合约"), None, "plus", "plain", menu=list(menu)))
        if self.context.platform.session.allows(roles.CONTRACT_CHANGE):
            actions.insert(0, Action("approve", tr("导入批准请求…"), self.import_request, "inbox"))
        self.set_header(tr("合约"), tr("{n} 个生效中").format(n=deployed), actions, tabs=[])
        self.model.set_rows(self.lines)
        self.table.fit(14)
        self.stack.setCurrentWidget(self.list)
        shown = next((line for line in self.lines if line.name == self.glance.name), None)
        self.glance.show_line(shown or next((line for line in self.lines if line.definition is not None), None))

    def _show_contract(self, line: ContractLine, definition: Definition) -> None:
        actions = [Action("list", tr("全部合约"), lambda: self.context.go("contracts"), "list")]
        if self.context.platform.session.allows(roles.CONTRACT_CHANGE) and line.available:
            actions.append(Action("upgrade", tr("升级定义…"), self.upgrade, "upload", "primary"))
        tabs = [("lifecycle", tr("生命周期"))]
        if self.context.platform.session.allows(roles.CONTRACT_INVOKE):
            tabs.append(("call", tr("方法与调用")))
            tabs.append(("record", tr("录制与重放")))
        tabs.append(("collections", tr("私有集合")))
        self.set_header(
            line.title,
            tr("{name} · 版本 {v} · 序号 {s} · {n} 笔交易").format(
                name=line.name, v=definition.version, s=definition.sequence, n=number(line.transactions)
            ),
            actions,
            tabs=tabs,
            notes=self._notes(),
        )
        self._show_tab()

    def _notes(self) -> dict[str, str]:
        line = self.line()
        notes = {"collections": str(len(line.definition.collections))} if line and line.definition else {}
        recorded = self.record.count(self.name) if "record" in self.__dict__ else 0
        return notes | ({"record": str(recorded)} if recorded else {})

    def recording_changed(self) -> None:
        """A call was recorded, or recording began or stopped."""
        self.tab_notes = self._notes()
        self.call.show_recording()
        self.header_changed.emit()

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self.moved.emit(f"{self.name}/{tab}")
        self._show_tab()

    def _show_tab(self) -> None:
        line = self.line()
        if line is None or line.definition is None:
            return
        if self.tab == "call":
            self.stack.setCurrentWidget(self.call)
            self.inspect(None)
            self.call.enter(line)
        elif self.tab == "record":
            self.stack.setCurrentWidget(self.record)
            self.inspect(None)
            self.record.enter(line)
        elif self.tab == "collections":
            self.stack.setCurrentWidget(self.collections)
            self.inspect(None)
            self.collections.enter(line)
        else:
            self.stack.setCurrentWidget(self.lifecycle)
            self.lifecycle.enter(line)

    def _on_opened(self, row: Any) -> None:
        if row is None:
            return
        if row.definition is not None:
            self.context.go(f"contracts/{row.name}")
        elif self.context.platform.session.allows(roles.CONTRACT_CHANGE):
            self._deploy_missing(row)

    def _deploy_missing(self, line: ContractLine) -> None:
        if line.own is not None:
            OwnContractDialog(self, line.own).exec()
        else:
            ask_template(self, line)

    def deploy_own(self) -> None:
        """Ask for a contract of one's own and put it in force."""
        OwnContractDialog(self).exec()

    def import_request(self) -> None:
        """Ask for an approval request of somebody else, show it and approve it."""
        self.lifecycle.agreement.take()

    def upgrade(self) -> None:
        """Ask for version and policy, then agree on a new definition and put it in force."""
        line = self.line()
        if line is not None and line.definition is not None:
            policy = self.lifecycle.editor.expression if self.lifecycle.edits(line.name) else ""
            wanted = policy or line.definition.endorsement_policy
            draft = self.collections.draft(line)
            if line.own is not None:
                before = replace(line.definition, endorsement_policy=wanted, collections=tuple(dict(c) for c in draft))
                OwnContractDialog(self, line.own, before).exec()
                return
            ask_deploy(self, line, line.definition, wanted, draft)


def _line_cells(line: Any) -> list[Cell]:
    d = line.definition
    if d is None:
        icon, tone = STATE_ICONS["off"]
        return [
            Cell(line.title, sub=line.name, icon=line.icon, bold=True),
            Cell(line.available, word_tone="text3"),
            Cell("—"),
            Cell(""),
            Cell(""),
            Cell(""),
            Cell(tr("未部署"), icon=icon, tone=tone, word_tone="text2"),
        ]
    icon, tone = STATE_ICONS["ok"]
    invalid = tr("作废 {n}").format(n=number(line.invalid)) if line.invalid else ""
    return [
        Cell(line.title, sub=line.name, icon=line.icon, bold=True),
        Cell(d.version),
        Cell(str(d.sequence)),
        Cell(line.meaning, tip=d.endorsement_policy),
        Cell(str(len(d.collections))),
        Cell(number(line.transactions), sub=invalid),
        Cell(tr("生效中"), icon=icon, tone=tone, word_tone="text2"),
    ]
