"""A transaction that never reached the ledger: at which step it was refused, by whom, and in whose words."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.i18n import say, tr
from console.widgets.autopsy import StageBox, StagesView
from console.widgets.basic import HashLabel, Label, Mono, Status, vbox
from console.widgets.dialogs import Message
from console.widgets.facts import Facts
from network.errors import LedgerError


class RefusalDialog(Message):
    """The five stages, and what each peer answered."""

    def __init__(self, parent: QWidget, error: LedgerError) -> None:
        from baas.services.explorer.autopsy import examine_error

        autopsy = examine_error(error)
        super().__init__(parent, tr("为什么被拒绝"), say(autopsy.verdict))
        self.setMinimumWidth(680)
        advice = say(autopsy.advice)
        if advice:
            self.body.addWidget(Label(advice, "body", wrap=True))
        stages = StagesView()
        stages.set_stages([StageBox(say(s.title), s.state, say(s.detail)) for s in autopsy.stages])
        self.body.addWidget(stages)
        for peer in autopsy.peers:
            column = vbox(spacing=2)
            column.addWidget(Status(f"{peer.get('msp_id', '')} · {peer.get('address', '')}", "bad"))
            column.addWidget(Mono(peer.get("message", ""), "text2", wrap=True))
            self.body.addLayout(column)
        facts = Facts(84)
        if autopsy.tx_id:
            facts.add(tr("交易号"), HashLabel(autopsy.tx_id, what=tr("交易号")))
        facts.add(tr("账本"), tr("这笔交易没有写上账本，没有改动任何数据。"))
        self.body.addWidget(facts)
