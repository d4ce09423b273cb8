"""The lifecycle tab: the board, the definition and its differences, the policy editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from baas.services.lifecycle_model import BoardRow, Definition, LifecycleBoard, PolicyExplanation
from console.i18n import say, tr
from console.pages.contracts.agreement import Agreement
from console.pages.contracts.board import board_of
from console.pages.contracts.difference import definition_rows, diff_row
from console.pages.contracts.policy_editor import PolicyEditor
from console.shell.inspector import Inspected
from console.theme import tokens
from console.widgets.basic import Chip, HashLabel, Label, clear, hbox, vbox
from console.widgets.board import BoardView
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts, Section
from console.widgets.states import Note

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractLine, ContractsPage


class LifecycleTab(QWidget):
    """Who installed and approved what, and what it takes to change it."""

    def __init__(self, page: ContractsPage) -> None:
        super().__init__()
        self._page = page
        self._line: ContractLine | None = None
        self.board: LifecycleBoard | None = None
        self.explanation: PolicyExplanation | None = None
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.pick = hbox()
        scroll.column.addLayout(self.pick)
        card = Card(flush=True)
        self.view = BoardView()
        self.view.chosen.connect(self._on_chosen)
        card.add(self.view)
        scroll.column.addWidget(card)
        self.agreement = Agreement(page)
        row = hbox(spacing=tokens.CARD_GAP)
        self.editor = PolicyEditor(page)
        self.editor.explained.connect(self._on_explained)
        row.addWidget(self.editor, 11)
        self.definition_card = Card(tr("定义"), " ")
        row.addWidget(self.definition_card, 10)
        scroll.column.addLayout(row)
        scroll.column.addStretch(1)

    def edits(self, name: str) -> bool:
        """Whether the policy editor holds the policy of the contract `name`."""
        return self.board is not None and self.board.contract == name

    def enter(self, line: ContractLine) -> None:
        self._line = line
        platform, network, name = self._page.context.platform, self._page.context.network, line.name
        self._page.read(lambda: platform.contracts.board(network, name), self._show)

    def _show(self, board: LifecycleBoard) -> None:
        self.board = board
        shown = board.pending or board.committed
        clear(self.pick)
        if board.committed is not None:
            words = tr("{v} · 生效中").format(v=board.committed.version)
            self.pick.addWidget(Chip(words, "accent", "ok"))
        if board.pending is not None:
            words = tr("{v}（序号 {s}）· 待生效")
            self.pick.addWidget(Chip(words.format(v=board.pending.version, s=board.pending.sequence), "warn", "clock"))
        for button in self.agreement.buttons(board):
            self.pick.addWidget(button)
        self.pick.addStretch(1)
        package = next((row.package_id for row in board.rows if row.package_id), "")
        if package:
            self.pick.addWidget(Label(tr("合约包"), "caption", "text2"))
            label, _, digest = package.partition(":")
            self.pick.addWidget(HashLabel(package, f"{label}:{digest[:4]}…{digest[-4:]}", what=tr("包标识")))
        self.view.set_board(board_of(board))
        self._show_definition(board, shown)
        if shown is not None:
            self.editor.show_policy(shown.endorsement_policy, [(r.msp_id, say(r.title)) for r in board.rows])

    def _show_definition(self, board: LifecycleBoard, shown: Definition | None) -> None:
        body = self.definition_card.reset()
        if shown is None:
            return
        old = board.committed if board.pending is not None else None
        self.definition_card.note.setText(tr("待生效对照生效中") if old else tr("生效中"))
        rows = definition_rows(old or shown, shown)
        for sign, title, value, tone in rows:
            body.addWidget(diff_row(sign, title, value, tone))
        differing = [row for row in board.rows if row.differences]
        for row in differing:
            note = tr("{who} 批准的定义与此不同：{what}。请按新定义重新批准。")
            body.addWidget(Note(note.format(who=say(row.title), what=", ".join(row.differences)), "warn"))
        body.addStretch(1)

    # -- inspector -----------------------------------------------------------------------------------
    def _on_explained(self, explanation: PolicyExplanation) -> None:
        self.explanation = explanation
        if not self.view.current:
            self._page.inspect(self._policy_panel(explanation), asked=False)

    def _on_chosen(self, spot: str) -> None:
        kind, _, msp = spot.partition("/")
        row = next((r for r in self.board.rows if r.msp_id == msp), None) if self.board else None
        if row is not None:
            self._page.inspect(self._row_panel(row, kind))
        elif self.explanation is not None:
            self._page.inspect(self._policy_panel(self.explanation))

    def _row_panel(self, row: BoardRow, kind: str) -> Inspected:
        title = tr("安装") if kind == "install" else tr("批准")
        panel = Inspected(f"{say(row.title)} · {title}", row.msp_id)
        if not row.held:
            away = Section(tr("不在本机"))
            away.text(tr("这个组织的管理员私钥不在本机。把批准请求交给对方，对方在自己的城链上导入并批准即可。"))
            panel.add(away)
        if button := self.agreement.approve_button(self.board, row):
            panel.add(Section(tr("要做的事")).add(panel.buttons(button)))
        peers = Section(tr("节点上的合约包"))
        for peer, installed in row.installed.items():
            short = peer.partition(".")[0]
            if installed is None:
                peers.status(tr("{p} 没有应答").format(p=short), "warn")
            else:
                words = tr("{p} 已安装") if installed else tr("{p} 未安装")
                peers.status(words.format(p=short), "ok" if installed else "off")
        if row.installed:
            panel.add(peers)
        if row.approval is not None:
            facts = Facts(70)
            facts.add(tr("版本"), row.approval.version)
            facts.add(tr("序号"), str(row.approval.sequence))
            facts.add(tr("背书策略"), row.approval.endorsement_policy, mono=True)
            panel.add(Section(tr("批准的定义")).add(facts))
        if self.explanation is not None:
            self._add_policy(panel, self.explanation)
        return panel

    def _policy_panel(self, explanation: PolicyExplanation) -> Inspected:
        panel = Inspected(tr("背书策略"), self._line.title if self._line else "")
        self._add_policy(panel, explanation)
        return panel

    def _add_policy(self, panel: Inspected, explanation: PolicyExplanation) -> None:
        panel.add(Section(tr("这条策略的意思")).text(say(explanation.meaning)))
        titles = {r.msp_id: say(r.title) for r in self.board.rows} if self.board else {}
        who = Section(tr("现在谁能满足"))
        for option in explanation.options[:8]:
            names = " + ".join(titles.get(m, m) for m in option.msp_ids)
            who.status(names, "ok" if option.online else "bad")
        if len(explanation.options) > 8:
            who.text(tr("另有 {n} 种组合").format(n=len(explanation.options) - 8), tone="text2")
        for warning in explanation.warnings:
            who.add(Note(say(warning), "warn"))
        panel.add(who)
