"""The inspector of a transaction: its id, what to do, endorsements, the call, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from baas.services.explorer.model import Autopsy, TransactionDetail
from console.i18n import say, tr
from console.i18n.formats import fingerprint, short_hash, utc, when
from console.pages.ledger.raw_switch import RawSwitch
from console.pages.ledger.values import one_line, readable
from console.pages.ledger.words import event_words, value_words
from console.widgets.basic import Button, HashLabel, Label, Mono, Status, hbox, vbox
from console.widgets.facts import Facts, Section

if TYPE_CHECKING:
    from console.pages.ledger.page import LedgerPage


def transaction_panel(page: LedgerPage, autopsy: Autopsy, detail: TransactionDetail) -> QWidget:
    """Return the panel; the whole id is shown once, broken by width."""
    panel = QWidget()
    column = vbox(panel, spacing=0)
    row = detail.row
    head = Section(tr("交易"), first=True)
    half = len(row.tx_id) // 2
    head.add(Mono(f"{row.tx_id[:half]}\n{row.tx_id[half:]}"))
    head.add(HashLabel(row.tx_id, short_hash(row.tx_id, 8), "text2", tr("交易号")))
    column.addWidget(head)
    if autopsy.code:
        after = Section(tr("接下来"))
        after.text(say(autopsy.advice) or say(autopsy.verdict))
        if autopsy.conflicts and autopsy.conflicts[0].winner is not None:
            winner = autopsy.conflicts[0].winner
            see = Button(
                tr("查看胜出的交易"), lambda: page.context.go(f"ledger/tx/{winner.tx_id}"), icon="arrow", small=True
            )
            holder = QWidget()
            layout = hbox(holder)
            layout.addWidget(see)
            layout.addStretch(1)
            after.add(holder)
        column.addWidget(after)
    endorsed = Section(tr("背书"), str(len(detail.endorsements)))
    for one in detail.endorsements:
        endorsed.add(Status(page.context.person(f"{one.msp_id}/{one.name.partition('.')[0]}"), "ok"))
        endorsed.add(Mono(tr("证书 {f}").format(f=fingerprint(one.fingerprint)), "text2", 11))
    column.addWidget(endorsed)
    call = Facts(64)
    call.add(tr("合约名"), page.context.contract(row.contract) if row.contract else "—", tip=row.contract)
    call.add(tr("方法"), row.function or "—", mono=True)
    call.add(tr("发起"), page.context.person(row.creator) or "—", tip=row.creator)
    call.add(tr("时间"), when(row.time, seconds=True), tip=utc(row.time))
    call.add(tr("响应"), f"{detail.response_status} {one_line(detail.response_payload, 160)}".strip())
    column.addWidget(Section(tr("调用")).add(call))
    arguments = detail.args[1:] if len(detail.args) > 1 else ()
    if arguments:
        section = Section(tr("参数"), str(len(arguments)))
        for number, argument in enumerate(arguments[:12], 1):
            section.add(Mono(f"{number}  {one_line(argument, 300)}", "text", 11, wrap=True))
        column.addWidget(section)
    if detail.events:
        section = Section(tr("事件"), str(len(detail.events)))
        for name, payload in detail.events[:8]:
            section.add(Label(event_words(page.context, row.contract, name), "strong"))
            told = RawSwitch(tr("内容"))
            told.setFixedHeight(150)
            told.show_value(value_words(page.context, row.contract, payload), readable(payload))
            section.add(told)
        column.addWidget(section)
    column.addStretch(1)
    return panel
