"""款项: what is owed by and to the people here, payments and books that were compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.books import Comparison
from apps.copyright.money import Debt
from apps.copyright.money_words import PURPOSES
from apps.copyright.ui.lists import OnWorks
from apps.copyright.ui.matter_words import party_name
from apps.copyright.ui.terms import label, tr
from apps.kit.formats import yuan
from chaincode.copyright.kinds import Reconciliation
from console.appkit.act_dialog import ActDialog
from console.appkit.editors import Invalid, file_field, path_of
from console.appkit.views import when_configured
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.widgets.basic import Label
from console.widgets.card import Card
from console.widgets.dialogs import Message
from console.widgets.forms import Form, choice_field, date_field, save_file
from console.widgets.table import DataTable
from fabric_sdk import clock
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage

MOST_SHOWN = 20
"""Differences named in the answer; the whole list is the command's."""


class MoneyView(OnWorks):
    """Addresses `money` and `money/ID`."""

    def __init__(self, page: CopyrightPage) -> None:
        words = (
            "key",
            tr("还没有登记付款"),
            tr("有许可费、价款或版税要付时，在作品的“办理”里登记付款；对方确认后计为已付。"),
        )
        super().__init__(page, "money", tr("款项"), ("payment", "reconciliation"), words, due=False)
        self.debts: list[Debt] = []
        self.owed = Card(tr("应付与应收"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("款项")),
                Column(tr("双方"), 220),
                Column(tr("应付"), 110, right=True),
                Column(tr("已收"), 110, right=True),
                Column(tr("待确认"), 110, right=True),
                Column(tr("未付"), 110, right=True),
            ],
            self._cells,
        )
        self.debt_table = DataTable(self.model, tr("应付与应收"), two_lines=True)
        self.debt_table.row_opened.connect(lambda debt: page.context.go(f"copyright/work/{debt.work_id}"))
        self.owed.add(self.debt_table)
        self.owed.hide()
        layout: Any = self.layout()
        layout.insertWidget(1, self.owed)

    def enter(self, rest: str) -> None:
        super().enter(rest)
        service = self.page.service
        self.page.read(lambda: when_configured(service.money.debts, []), self._owed)

    def _owed(self, debts: list[Debt]) -> None:
        self.debts = debts
        self.model.set_rows(debts)
        self.debt_table.fit(6)
        self.owed.setVisible(bool(debts))
        if self.shown:
            self.header()

    def facts(self) -> str:
        if not self.debts:
            return ""
        mine = self.page.kit.parties
        out = sum(one.open for one in self.debts if one.payer in mine)
        coming = sum(one.open for one in self.debts if one.payee in mine)
        told = sum(one.told > 0 and one.payee in mine for one in self.debts)
        words = tr("未付 {o}，应收 {i}").format(o=say(yuan(out)), i=say(yuan(coming)))
        return words + (" · " + tr("{n} 笔待您确认").format(n=number(told)) if told else "")

    def header(self) -> None:
        actions = [Action("reconcile", tr("三方对账…"), self.reconcile, "ledger")]
        if self.debts:
            actions.insert(0, Action("export", tr("导出应付应收…"), self.export, "download"))
        self.page.show_tab(self.tab, self.facts(), actions)

    def _cells(self, debt: Any) -> list[Cell]:
        mine = debt.payer in self.page.kit.parties
        record = {"id": debt.work_id}
        loud = "warn" if mine and debt.open > 0 else "text"
        return [
            Cell(
                say(PURPOSES[debt.purpose]),
                sub=debt.matter,
                icon="key",
                bold=True,
                copy=debt.matter,
                picture=self.page.picture_of(record),
            ),
            Cell(f"{party_name(debt.payer)} → {party_name(debt.payee)}", tip=f"{debt.payer} → {debt.payee}"),
            *(Cell(say(yuan(value))) for value in (debt.due, debt.confirmed, debt.told)),
            Cell(say(yuan(debt.open)), word_tone=loud),
        ]

    def export(self) -> None:
        """Write what is owed and paid as CSV."""
        service = self.page.service
        path = save_file(self, tr("导出应付应收"), "money.csv", "CSV (*.csv)")
        if path:
            self.page.read(
                lambda: service.money.write_debts(Path(path)),
                lambda count: self.page.context.notice(tr("已导出 {n} 笔").format(n=number(count))),
            )

    def reconcile(self) -> None:
        """Compare one's own book, the ledger and the channel's book; record the result if wanted."""
        service, today = self.page.service, clock.today()
        form = Form(2)
        form.add("since", date_field(label(Reconciliation.from_), required=True)).set_value(
            today.replace(day=1).isoformat()
        )
        form.add("until", date_field(label(Reconciliation.until), required=True)).set_value(today.isoformat())
        form.places["from"] = "since"
        form.add("own", file_field(tr("自己的账（CSV）"), required=True))
        form.add("channel", file_field(tr("渠道账（CSV）"), required=True))
        yes_no = [("record", tr("写入账本")), ("look", tr("只核对"))]
        form.add("how", choice_field(tr("结果"), yes_no))

        def collect() -> dict[str, Any]:
            if form["until"] < form["since"]:
                raise Invalid(form.fields["until"], tr("截止日期早于起始日期"))
            books = {name: path_of(form.fields[name]) for name in ("own", "channel")}
            return {"since": form["since"], "until": form["until"], "how": form["how"], **books}

        def run(values: dict[str, Any], *, ctx: Any) -> Comparison:
            ctx.step("reconcile", Text("三方对账", "Reconcile"))
            days = (values["since"], values["until"])
            found = service.money.reconcile(*days, values["own"], values["channel"])
            if values["how"] == "record":
                service.money.record(*days, found)
            return found

        ActDialog(
            self.page,
            tr("三方对账"),
            tr(
                "三本账逐笔比较：自己的、账本上已确认的、银行或平台的。"
                "列为 order,type,amount（事项编号，paid 或 received，分）。"
            ),
            accept=tr("核对"),
            run=run,
            said="",
            collect=collect,
            writes=False,
            form=form,
            done=self._compared,
            job=Text("三方对账", "Reconcile"),
        ).open()

    def _compared(self, found: Comparison) -> None:
        if not found.differences:
            self.page.context.notice(tr("三本账一致，共 {n} 笔").format(n=number(found.entries["ledger"])))
            return
        message = Message(
            self.page, tr("对账差异"), tr("共 {n} 处，逐处查清。").format(n=number(len(found.differences)))
        )
        for (order, kind, amount), counts in found.differences[:MOST_SHOWN]:
            side = tr("付") if kind == "paid" else tr("收")
            words = tr("{o} {s} {a}：自己的账 {x} 笔，账本 {y} 笔，渠道账 {z} 笔").format(
                o=order, s=side, a=say(yuan(amount)), x=counts["own"], y=counts["ledger"], z=counts["channel"]
            )
            message.body.addWidget(Label(words, "body", wrap=True))
        message.open()
