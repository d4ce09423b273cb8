"""Branches: a network's chain for trying out; and on a branch the rehearsal of a contract's next version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.apart import make_branch
from console.i18n import say, tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.forms import Form, check_field, choice_field, number_field, text_field
from console.widgets.signing import signs
from console.widgets.states import Note
from console.widgets.table import DataTable
from network.branching.report import VERDICTS
from network.text import Text

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage
    from network.branching.making import Branched
    from network.branching.record import BranchRecord
    from network.branching.report import Change, Finding, Rehearsal


class BranchTab(QWidget):
    """On a network: make a branch of it. On a branch: what it is, and rehearse."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self.record: BranchRecord | None = None
        self.found: Rehearsal | None = None
        self._shown_for = ""
        self.form: Form | None = None
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.state = Card(tr("分支与演练"))
        scroll.column.addWidget(self.state)
        self.result = Card(tr("演练结果"))
        scroll.column.addWidget(self.result)
        self.calls = Card(tr("与记录不同的调用"), flush=True)
        columns = [
            Column(tr("区块"), 80), Column(tr("方法"), 170), Column(tr("调用者"), 200), Column(tr("结果"), 150),
            Column(tr("说明")),
        ]  # fmt: skip
        self.differing = RowsModel(columns, self._call)
        self.calls_table = DataTable(self.differing, tr("与记录不同的调用"))
        self.calls.add(self.calls_table)
        scroll.column.addWidget(self.calls)
        self.state_after = Card(tr("最终不同的键"), flush=True)
        columns = [Column(tr("键"), 260), Column(tr("原网络")), Column(tr("演练"))]
        self.keys = RowsModel(columns, self._key)
        self.keys_table = DataTable(self.keys, tr("最终不同的键"))
        self.state_after.add(self.keys_table)
        scroll.column.addWidget(self.state_after)
        scroll.column.addStretch(1)
        self._show_result(None)

    def read(self) -> None:
        view = self._page.view
        if view is not None:
            branches, name = self._page.context.platform.branches, view.name
            self._page.read(lambda: branches.record(name), self._show)

    def _show(self, record: BranchRecord | None) -> None:
        view = self._page.view
        assert view is not None
        self.record = record
        if self._shown_for == view.name:
            return  # what somebody is typing stays
        self._shown_for = view.name
        self._show_result(None)
        column = self.state.reset()
        if record is None:
            self._offer(column)
        else:
            self._show_branch(column, record)

    # On a network

    def _offer(self, column: Any) -> None:
        words = tr(
            "分支是本机上的试验网络：账本与原网络的某个区块完全相同，之后各走各的。可以在上面部署合约的新版本，"
            "用真实数据试用和演练，再决定是否升级。原网络不受任何影响；分支上的一切都不是证据。"
        )
        column.addWidget(Label(words, "body", "text2", wrap=True))
        self.form = Form(2)
        newest = tr("最新的区块")
        self.form.add("last", text_field(tr("截至区块"), placeholder=newest, hint=tr("留空就是最新的区块。")))
        self.form.add("name", text_field(tr("分支名"), hint=tr("总以 -branch 结尾；留空则由网络名而来。")))
        hint = tr("默认不带任何私有数据。带上后，原网络今后的清除不会触及分支，试完请尽快删除。")
        private = check_field(tr("带上本组织的私有数据（不含其他组织的）"), hint=hint)
        self.form.add("private", private, wide=True)
        column.addWidget(self.form)
        buttons = hbox()
        make = Button(tr("建立分支"), self.make, icon="play", kind="primary")
        signs(make, self._page.signs())
        buttons.addWidget(make)
        buttons.addStretch(1)
        column.addLayout(buttons)

    def make(self) -> None:
        """Make the branch as a job in a process of its own, then show it."""
        view, context = self._page.view, self._page.context
        assert view is not None and self.form is not None
        last = self.form["last"]
        if last and not (last.isascii() and last.isdigit()):
            self.form.fields["last"].set_error(tr("请填区块号。"))
            return
        context.job(
            make_branch(context),
            view.name,
            self.form["name"],
            last=int(last) if last else None,
            private=self.form["private"],
            title=Text("建立 {n} 的分支", "Make a branch of {n}", n=view.name),
            network=view.name,
            done=self._made,
            failed=self._page.change_failed,
        )

    def _made(self, made: Branched) -> None:
        words = tr("分支 {n} 已建立：{t} 笔交易，每秒判定 {r} 笔")
        rate = number(round(made.rate))
        self._page.context.notice(words.format(n=made.spec.name, t=number(made.record.transactions), r=rate))
        self._page.context.go(f"networks/{made.spec.name}/branch")

    # On a branch

    def _show_branch(self, column: Any, record: BranchRecord) -> None:
        mark = tr("{o} 的分支，截至区块 {n}").format(o=record.origin, n=number(record.last_block))
        column.addWidget(Status(mark, "wait"))
        facts = tr("{t} 笔交易，与原网络的提交哈希一致。").format(t=number(record.transactions))
        if record.private_of:
            facts += tr("带有 {m} 的私有数据。").format(m=record.private_of)
        if record.otherwise:
            facts += tr("{k} 笔交易内置账本会有不同判定，已按原网络的判定处理。").format(k=record.otherwise)
        column.addWidget(Label(facts, "body", wrap=True))
        words = tr("分支只供试验：不能出具证书、证据包和通道名片，不能交给 Fabric，也到不了原网络。试完请删除。")
        column.addWidget(Note(words, "warn"))
        view = self._page.view
        assert view is not None
        self.form = Form(2)
        names = [(one.name, f"{view.titles.get(one.name, one.name)} {one.version}") for one in view.definitions]
        self.form.add("contract", choice_field(tr("合约", "one"), names))
        self.form.add("calls", number_field(tr("最近几次调用"), 500, 1, 1_000_000))
        column.addWidget(self.form)
        how = tr(
            "先在“合约”页把新版本部署到这个分支，再演练：原网络记录的调用会以当时的调用者、时间和参数重做一遍，"
            "状态、事件或拒绝有何不同都会列出。部署之前演练一次作对照，不应有任何不同。"
        )
        column.addWidget(Label(how, "caption", "text3", wrap=True))
        buttons = hbox()
        rehearse = Button(tr("演练"), self.rehearse, icon="play", kind="primary")
        rehearse.setEnabled(bool(names))
        buttons.addWidget(rehearse)
        buttons.addWidget(Button(tr("到合约页…"), self.to_contracts))
        buttons.addStretch(1)
        column.addLayout(buttons)

    def to_contracts(self) -> None:
        """Open the page of contracts on the branch, where the next version is deployed."""
        view, context = self._page.view, self._page.context
        assert view is not None
        context.choose_network(view.name)
        context.go("contracts")

    def rehearse(self) -> None:
        """Make the recorded calls again, as a job."""
        view, context = self._page.view, self._page.context
        assert view is not None and self.form is not None
        context.job(
            context.platform.branches.rehearse,
            view.name,
            self.form["contract"],
            calls=self.form["calls"],
            title=Text("演练 {c}", "Rehearse {c}", c=self.form["contract"]),
            network=view.name,
            done=self._show_result,
            failed=self._page.change_failed,
        )

    def _show_result(self, found: Rehearsal | None) -> None:
        self.found = found
        self.result.setVisible(found is not None)
        column = self.result.reset()
        findings: tuple[Finding, ...] = ()
        keys: tuple[Change, ...] = ()
        if found is not None:
            findings, keys = found.findings, found.keys
            mark = tr("没有不同") if found.passed else tr("有不同")
            column.addWidget(Status(mark, "ok" if found.passed else "bad"))
            words = tr("{c}：{b} → {n}，区块 {f} 至 {l}，{k} 次调用。")
            words = words.format(
                c=found.contract, b=found.before or "–", n=found.now, f=number(found.first), l=number(found.last),
                k=number(found.calls),
            )  # fmt: skip
            counted = [f"{say(VERDICTS[key])} {number(count)}" for key, count in found.counts.items()]
            column.addWidget(Label(words, "body", wrap=True))
            column.addWidget(Label(" · ".join(counted), "body", "text2", wrap=True))
            if found.others:
                hurt = tr("其他合约有 {k} 次调用因此不再成功。").format(k=number(found.others))
                column.addWidget(Label(hurt, "body", "bad", wrap=True))
            if more := found.more_findings:
                column.addWidget(Label(tr("另有 {k} 次调用没有列出。").format(k=number(more)), "caption", "text3"))
        for card, model, table, rows in (
            (self.calls, self.differing, self.calls_table, findings),
            (self.state_after, self.keys, self.keys_table, keys),
        ):
            card.setVisible(bool(rows))
            model.set_rows(rows)
            table.fit(14)

    @staticmethod
    def _call(one: Any) -> list[Cell]:
        verdict = say(VERDICTS[one.verdict])
        return [
            Cell(number(one.block)),
            Cell(one.function, bold=True),
            Cell(one.caller),
            Cell(verdict),
            Cell(one.remark),
        ]

    @staticmethod
    def _key(one: Any) -> list[Cell]:
        gone = tr("（没有）")
        return [Cell(one.name, bold=True), Cell(one.before or gone), Cell(one.now or gone)]
