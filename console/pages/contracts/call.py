"""Calling a contract: its functions from its own metadata, a form for the chosen one, the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from baas import roles
from baas.services.lifecycle_model import InvokeResult
from baas.services.recordings import RecordedCall, answered, refused
from console.i18n import say, tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.contracts.metadata import Function, by_name, called_with, functions_of
from console.pages.contracts.parameters import ParameterForm
from console.pages.contracts.watch import SourceWatch
from console.pages.ledger.values import readable
from console.theme import mono_font, tokens
from console.widgets.basic import Button, HashLabel, Label, Status, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.forms import area_field, choice_field, filter_box
from console.widgets.signing import SignLine, deliberate, signs
from console.widgets.table import DataTable
from network.errors import CityChainError, LedgerError
from network.text import Text

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.roles import Role
    from baas.services.identity_records import IdentityRecord
    from console.pages.contracts.page import ContractLine, ContractsPage


class CallTab(QWidget):
    """Functions on the left, the form and the answer on the right."""

    def __init__(self, page: ContractsPage) -> None:
        super().__init__()
        self._page = page
        self._line: ContractLine | None = None
        self._functions: list[Function] = []
        self._people: dict[str, tuple[str, frozenset[Role]]] = {}
        """By label ("" for whoever acts): how the ledger names them, and their roles."""
        self._filter = ""
        self.wanted = ""
        self.function: Function | None = None
        row = hbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 20), spacing=tokens.CARD_GAP)
        left = vbox(spacing=12)
        left.addWidget(filter_box(tr("筛选方法"), self._on_filter, 260))
        card = Card(flush=True)
        self.model = RowsModel([Column(tr("方法")), Column("", 72)], _cells)
        self.table = DataTable(self.model, tr("方法"))
        self.table.row_chosen.connect(self._choose)
        card.add(self.table, 1)
        left.addWidget(card, 1)
        row.addLayout(left, 4)
        scroll = Scroll()
        right = vbox(spacing=12)
        bar = hbox()
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note, 1)
        self.watch = SourceWatch(page.context, self)
        self.watch.reloaded.connect(self._on_reloaded)
        self.watch.failed.connect(page.banner.show_error)
        self.watch_button = Button(tr("随源码重载"), self._toggle_watch, icon="refresh", small=True)
        self.watch_button.setToolTip(tr("开发用：合约源码一改，内置账本立即使用新代码，不需要升级定义。"))
        bar.addWidget(self.watch_button)
        self.record_button = Button(tr("开始录制"), self._toggle_recording, icon="bolt", small=True)
        bar.addWidget(self.record_button)
        right.addLayout(bar)
        right.addWidget(scroll, 1)
        row.addLayout(right, 9)
        self.form_card = Card(tr("方法"), " ")
        scroll.column.addWidget(self.form_card)
        self.answer = Card(tr("返回"))
        self.answer.hide()
        scroll.column.addWidget(self.answer)
        scroll.column.addStretch(1)
        self.form: ParameterForm | None = None
        self.call_button: Button | None = None
        self._identity = choice_field("", [])
        self._transient = area_field("")
        self.sign_line = SignLine()

    def enter(self, line: ContractLine) -> None:
        same = self._line is not None and self._line.name == line.name and self._line.definition == line.definition
        self._line = line
        self.show_recording()
        self._show_watch()
        if same and self._functions:
            return
        self._functions = []
        self._read_functions(line)

    def _read_functions(self, line: ContractLine) -> None:
        platform, network = self._page.context.platform, self._page.context.network

        def read() -> tuple[list[Function], dict[str, tuple[str, frozenset[Role]]]]:
            try:
                found = functions_of(platform.contracts.metadata(network, line.name))
            except LedgerError:
                found = []  # a contract on the bare shim describes nothing
            people = {one.label: (one.party, one.roles) for one in keyed(platform, network)}
            own = platform.networks.party(network)
            mine = next((roles for party, roles in people.values() if party == own), frozenset())
            return found or by_name(), {"": (own, mine), **people}

        self._page.read(read, self._show)

    def _show(self, found: tuple[list[Function], dict[str, tuple[str, frozenset[Role]]]]) -> None:
        self._functions, self._people = found
        self._fill()
        at = next((i for i, f in enumerate(self._functions) if f.name == self.wanted), 0)
        self.wanted = ""
        if self._functions:
            self.table.choose(at)

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._fill()

    def _fill(self) -> None:
        self.model.set_rows([f for f in self._functions if self._filter in shown_name(f).lower()])

    def _choose(self, function: Function) -> None:
        self.function = function
        self.answer.hide()
        body = self.form_card.reset()
        self.form_card.title.setText(shown_name(function))
        self.form_card.note.setText(tr("提交一笔交易") if function.submit else tr("只查询，不改账本"))
        if function.description:
            body.addWidget(Label(function.description, "body", "text2", wrap=True))
        self.form = ParameterForm(function.parameters)
        body.addWidget(self.form)
        choices = [("", tr("当前身份"))] + [(p, p) for p in self._people if p]
        self._identity = choice_field(tr("以谁的身份"), choices)
        self._identity.edited.connect(self._say_who_signs)
        body.addWidget(self._identity)
        self._transient = area_field(tr("瞬态数据"), rows=2, hint=tr("JSON 对象，可留空；不写入账本"))
        if function.submit:
            body.addWidget(self._transient)
        self.sign_line = SignLine()
        body.addWidget(self.sign_line)
        row = hbox()
        self.call_button = Button(
            tr("提交交易") if function.submit else tr("查询"),
            self.run,
            icon="play",
            kind="plain",
        )
        row.addWidget(self.call_button)
        row.addStretch(1)
        body.addLayout(row)
        self._say_who_signs()

    def _say_who_signs(self) -> None:
        """A transaction is signed by the chosen identity; a query leaves nothing behind."""
        party, roles = self._people.get(str(self._identity.value or ""), ("", frozenset()))
        submits = self.function is not None and self.function.submit and bool(party)
        signing = self._page.signs(party, roles) if submits else None
        self.sign_line.show_signing(signing)
        if self.call_button is not None:
            signs(self.call_button, signing)

    def run(self) -> None:
        """Call the function; a transaction is a job of the network, a query a read."""
        function, form, line = self.function, self.form, self._line
        if function is None or form is None or line is None:
            return
        try:
            called, arguments = called_with(function, form.values())
            transient = form.transient(self._transient.value) if function.submit else {}
        except CityChainError as error:
            self._page.banner.show_error(error)
            return
        contracts, network = self._page.context.platform.contracts, self._page.context.network
        identity = str(self._identity.value or "")
        self._page.banner.hide()
        told = {key: value.decode() for key, value in transient.items()}
        kind: Literal["query", "invoke"] = "invoke" if function.submit else "query"
        call = RecordedCall(kind, called, tuple(arguments), identity, told)

        def answer(result: InvokeResult) -> None:
            self._page.record.heard(line.name, answered(call, result))
            self._answered(result)

        def refuse(error: CityChainError) -> None:
            if isinstance(error, LedgerError):
                self._page.record.heard(line.name, refused(call, error))
            self._refused(error)

        if not function.submit:
            self._page.read(
                lambda: contracts.query(network, line.name, called, arguments, identity=identity),
                answer,
                refuse,
            )
            return

        if not deliberate(self, self.sign_line.signing):
            return

        def submit(*, ctx: Any) -> InvokeResult:
            ctx.step("submit", Text("提交 {f}", "Submit {f}", f=called))
            return contracts.invoke(network, line.name, called, arguments, transient=transient, identity=identity)

        self._page.context.job(
            submit,
            title=Text("{c} {f}", "{c} {f}", c=line.name, f=called),
            network=network,
            done=answer,
            failed=refuse,
        )

    def _toggle_watch(self) -> None:
        line = self._line
        if line is None or self.watch.contract:
            self.watch.follow("", "")
        else:
            module = line.sources or self._page.context.platform.applications.contract(line.name).module
            self.watch.follow(line.name, module)
        self._show_watch()

    def _show_watch(self) -> None:
        """Only the embedded ledger runs contracts from their sources."""
        line, context = self._line, self._page.context
        session = context.platform.session
        ours = line is not None and bool(line.sources if line.own is not None else line.available)
        runs = ours and self._page.runtime == "embedded"
        self.watch_button.setVisible(runs and bool(session.allows(roles.CONTRACT_CHANGE)))
        if line is None or self.watch.contract != line.name:
            self.watch.follow("", "")
        watching = bool(self.watch.contract)
        self.watch_button.setText(tr("停止重载") if watching else tr("随源码重载"))
        self.watch_button.setAccessibleName(self.watch_button.text())

    def _on_reloaded(self, contract: str) -> None:
        self._page.banner.hide()
        self._page.context.notice(tr("{name} 已按改过的源码重载").format(name=contract))
        if self._line is not None and self._line.name == contract:
            self.wanted = self.function.name if self.function else ""
            self._read_functions(self._line)

    def show_recording(self) -> None:
        """Say whether calls are recorded, and how many have been."""
        line = self._line
        if line is None:
            return
        recording, count = line.name in self._page.record.active, self._page.record.count(line.name)
        self.record_button.setText(tr("停止录制") if recording else tr("开始录制"))
        self.record_button.setAccessibleName(self.record_button.text())
        self.record_button.set_icon("stop" if recording else "bolt")
        self.note.setText(tr("正在录制：已记下 {n} 次调用").format(n=count) if recording else "")

    def _toggle_recording(self) -> None:
        if self._line is not None:
            self._page.record.enter(self._line)
            self._page.record.toggle()

    def _answered(self, result: InvokeResult) -> None:
        body = self.answer.reset()
        if result.tx_id:
            body.addWidget(Status(tr("已写入区块 {n}").format(n=number(result.block or 0)), "ok", role="body"))
            row = hbox()
            row.addWidget(HashLabel(result.tx_id, what=tr("交易号")))
            row.addWidget(
                Button(
                    tr("查看交易"),
                    lambda: self._page.context.go(f"ledger/tx/{result.tx_id}"),
                    kind="link",
                )
            )
            row.addStretch(1)
            body.addLayout(row)
        text = QPlainTextEdit(readable(result.payload) if result.payload else tr("（没有返回内容）"))
        text.setReadOnly(True)
        text.setFont(mono_font(tokens.SIZE_CAPTION))
        text.setAccessibleName(tr("返回内容"))
        text.setMinimumHeight(180)
        body.addWidget(text)
        self.answer.show()

    def _refused(self, error: CityChainError) -> None:
        body = self.answer.reset()
        body.addWidget(Status(say(error.message), "bad", role="strong"))
        if error.hint:
            body.addWidget(Label(say(error.hint), "body", "text2", wrap=True))
        if isinstance(error, LedgerError):
            for endpoint in error.endpoints:
                said = f"{endpoint.get('msp_id', '')} {endpoint.get('address', '')}: {endpoint.get('message', '')}"
                body.addWidget(Label(said, "caption", "text2", wrap=True))
        self.answer.show()


def signers(platform: Platform, network: str) -> list[str]:
    """The identities whose keys are in this workspace and that are not revoked."""
    return [one.label for one in keyed(platform, network)]


def keyed(platform: Platform, network: str) -> list[IdentityRecord]:
    """People whose keys are in this workspace and who are not revoked."""
    return [r for r in platform.identities.list(network, kind="person") if r.has_key and r.state != "revoked"]


def shown_name(function: Function) -> str:
    """A function's name; what stands for any function of a contract that describes none says so."""
    if function.name:
        return function.name
    return tr("按方法名提交") if function.submit else tr("按方法名查询")


def _cells(function: Any) -> list[Cell]:
    word = tr("提交") if function.submit else tr("查询")
    return [Cell(shown_name(function), mono=bool(function.name)), Cell(word, tag=True)]
