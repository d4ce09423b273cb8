"""Under the list: the chosen contract at a glance, with its lifecycle board and its policy in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from baas.services.lifecycle_model import LifecycleBoard, PolicyExplanation
from console.i18n import say, tr
from console.pages.contracts.board import board_of
from console.pages.contracts.difference import collection_line
from console.theme import tokens
from console.widgets.basic import Button, Label, Mono, Status, hbox, vbox
from console.widgets.board import BoardView
from console.widgets.card import Card

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractLine, ContractsPage

Glance = tuple[LifecycleBoard, PolicyExplanation]


class ContractGlance(QWidget):
    """Follows the row that is chosen in the list; hidden while nothing that is deployed is chosen."""

    def __init__(self, page: ContractsPage) -> None:
        super().__init__()
        self._page = page
        self.name = ""
        column = vbox(self, spacing=tokens.CARD_GAP)
        self.card = Card(" ", " ", flush=True)
        self.open_button = Button(tr("打开"), self._open, icon="arrow", small=True)
        self.card.head.addWidget(self.open_button)
        self.view = BoardView()
        self.view.chosen.connect(lambda _: self._open())
        self.card.add(self.view)
        column.addWidget(self.card)
        row = hbox(spacing=tokens.CARD_GAP)
        self.policy = Card(tr("谁必须背书"))
        row.addWidget(self.policy, 1)
        self.data = Card(tr("私有集合"))
        row.addWidget(self.data, 1)
        column.addLayout(row)
        self.hide()

    def show_line(self, line: ContractLine | None) -> None:
        """Read about a contract of the list."""
        if line is None or line.definition is None:
            self.name = ""
            self.hide()
            return
        self.name = line.name
        contracts, network = self._page.context.platform.contracts, self._page.context.network
        policy = line.definition.endorsement_policy

        def read() -> Glance:
            return contracts.board(network, line.name), contracts.explain(network, policy)

        self._page.read(read, lambda found: self._show(line, found))

    def _show(self, line: ContractLine, found: Glance) -> None:
        if self.name != line.name:
            return
        board, explanation = found
        self.card.title.setText(line.title)
        self.card.note.setText(tr("{a} / {n} 个组织已批准").format(a=board.approvals, n=len(board.rows)))
        self.view.set_board(board_of(board))
        body = self.policy.reset()
        body.addWidget(Label(say(explanation.meaning), "body", "text", wrap=True))
        online = any(option.online for option in explanation.options)
        words = tr("在线的节点现在就能满足") if online else tr("在线的节点现在不能满足")
        body.addWidget(Status(words, "ok" if online else "bad"))
        for warning in explanation.warnings[:2]:
            body.addWidget(Status(say(warning), "warn"))
        body.addStretch(1)
        body = self.data.reset()
        collections = line.definition.collections if line.definition is not None else ()
        for collection in collections[:6]:
            body.addWidget(Mono(collection_line(collection), wrap=True))
        if not collections:
            body.addWidget(Label(tr("这个合约没有私有集合"), "body", "text2"))
        body.addStretch(1)
        self.show()

    def _open(self) -> None:
        if self.name:
            self._page.context.go(f"contracts/{self.name}")
