"""The endorsement-policy editor: put together from organisations, or written; explained while it is edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QSpinBox, QStackedWidget, QWidget

from baas.services.lifecycle_model import PolicyExplanation
from console.i18n import say, tr
from console.tasks.runner import later
from console.theme import mono_font, tokens
from console.titles import organization_icon
from console.widgets.basic import Button, Icon, Label, Mono, Status, clear, hbox, line, vbox
from console.widgets.card import Card
from console.widgets.choice import Segmented

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractsPage
    from network.errors import CityChainError

REQUIRED, OPTION, OUT = "required", "option", "out"


@dataclass(frozen=True)
class Assembled:
    """A policy put together: these must all sign, and at least `count` of those."""

    required: tuple[str, ...]
    options: tuple[str, ...]
    count: int

    def expression(self) -> str:
        """Return it in Fabric's policy language."""
        parts = [f"'{m}.peer'" for m in self.required]
        options = [f"'{m}.peer'" for m in self.options]
        if options and self.count >= len(options):
            parts += options
        elif options and self.count == 1:
            parts.append(f"OR({', '.join(options)})")
        elif options and self.count > 1:
            parts.append(f"OutOf({self.count}, {', '.join(options)})")
        if len(parts) == 1:
            return parts[0] if parts[0].startswith(("OR", "OutOf")) else f"OR({parts[0]})"
        return f"AND({', '.join(parts)})"


def assembled(policy: str, members: list[str]) -> Assembled | None:
    """Return `policy` as required and optional organisations, or None when it is not of that form."""
    from fabric_sdk.errors import PolicyError
    from fabric_sdk.policy import minimal_sets, parse

    try:
        sets = [frozenset(p.partition(".")[0] for p in one) for one in minimal_sets(parse(policy))]
    except PolicyError:
        return None
    if not sets or not all(one <= set(members) for one in sets):
        return None
    required = frozenset.intersection(*sets)
    rest = {one - required for one in sets}
    sizes = {len(one) for one in rest}
    options = frozenset().union(*rest)
    if len(sizes) != 1:
        return None
    count = sizes.pop()
    from math import comb

    if len(rest) != comb(len(options), count):
        return None
    order = {m: i for i, m in enumerate(members)}
    return Assembled(
        tuple(sorted(required, key=order.__getitem__)), tuple(sorted(options, key=order.__getitem__)), count
    )


class PolicyEditor(Card):
    """Signals: `explained(PolicyExplanation)`; `edited` after any change."""

    explained = Signal(object)
    edited = Signal()

    def __init__(self, page: ContractsPage) -> None:
        super().__init__(tr("背书策略"), " ")
        self._page = page
        self._members: list[tuple[str, str]] = []
        self._original = ""
        self.note.setText("")
        self.mode = Segmented(tr("编辑方式"), [("assemble", tr("拼装")), ("text", tr("表达式"))])
        self.mode.chosen.connect(self._on_mode)
        self.head.addWidget(self.mode)
        self.stack = QStackedWidget()
        holder = QWidget()
        self._rows = vbox(holder, spacing=6)
        self.stack.addWidget(holder)
        self.text = QPlainTextEdit()
        self.text.setFont(mono_font(tokens.SIZE_CAPTION))
        self.text.setAccessibleName(tr("策略表达式"))
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._on_text)
        self.stack.addWidget(self.text)
        self.add(self.stack, 1)
        self.add(line())
        foot = hbox()
        foot.addWidget(Label(tr("表达式"), "caption", "text2"))
        foot.addStretch(1)
        self.syntax = Status("", "ok")
        foot.addWidget(self.syntax)
        self.add(foot)
        self.shown = Mono("", wrap=True)
        self.add(self.shown)
        row = hbox()
        self.reset_button = Button(tr("还原"), self._undo, icon="undo", kind="link", small=True)
        row.addWidget(self.reset_button)
        row.addStretch(1)
        self.add(row)
        self._choices: dict[str, QComboBox] = {}
        self._count: QSpinBox | None = None
        self._soon = later(250, self, self._explain)

    @property
    def expression(self) -> str:
        """The policy as it is edited now."""
        return self.text.toPlainText().strip()

    def show_policy(self, policy: str, members: list[tuple[str, str]]) -> None:
        """Begin with `policy` over the organisations (MSP id, title); what the person has edited is kept."""
        if self._original == policy and self._members == members:
            self._soon.start()
            return
        self._original, self._members = policy, members
        self._set_text(policy)
        found = assembled(policy, [m for m, _ in members])
        self._fill(found or Assembled((), (), 1))
        self.mode.choose("assemble" if found else "text", tell=False)
        self._on_mode(self.mode.current, keep=True)
        self._explain()

    def _undo(self) -> None:
        policy, self._original = self._original, ""
        self.show_policy(policy, self._members)

    def _set_text(self, policy: str) -> None:
        self.text.blockSignals(True)
        self.text.setPlainText(policy)
        self.text.blockSignals(False)

    # -- assembling ----------------------------------------------------------------------------------
    def _fill(self, policy: Assembled) -> None:
        clear(self._rows)
        self._choices.clear()
        for msp, title in self._members:
            row = hbox(spacing=8)
            row.addWidget(Icon(organization_icon(msp), "text2", 15))
            row.addWidget(Label(title, "body"), 1)
            box = QComboBox()
            box.setFixedSize(150, 28)
            box.setAccessibleName(tr("{who} 的作用").format(who=title))
            for data, words in (
                (REQUIRED, tr("必须签名")),
                (OPTION, tr("备选之一")),
                (OUT, tr("不需要")),
            ):
                box.addItem(words, data)
            part = REQUIRED if msp in policy.required else OPTION if msp in policy.options else OUT
            box.setCurrentIndex(box.findData(part))
            box.currentIndexChanged.connect(self._on_assembled)
            self._choices[msp] = box
            row.addWidget(box)
            self._rows.addLayout(row)
        row = hbox(spacing=8)
        row.addWidget(Label(tr("备选中至少"), "body", "text2"))
        self._count = QSpinBox()
        self._count.lineEdit().setTextMargins(7, 0, 0, 0)
        self._count.setRange(1, max(1, len(self._members)))
        self._count.setValue(max(1, policy.count))
        self._count.setFixedSize(64, 28)
        self._count.setAccessibleName(tr("备选中至少几个"))
        self._count.valueChanged.connect(self._on_assembled)
        row.addWidget(self._count)
        row.addWidget(Label(tr("个签名"), "body", "text2"))
        row.addStretch(1)
        self._rows.addLayout(row)
        self._rows.addStretch(1)

    def _on_assembled(self, *_: Any) -> None:
        required = tuple(m for m, box in self._choices.items() if box.currentData() == REQUIRED)
        options = tuple(m for m, box in self._choices.items() if box.currentData() == OPTION)
        count = self._count.value() if self._count is not None else 1
        if not required and not options:
            self.syntax.set(tr("至少选择一个组织"), "warn")
            return
        self._set_text(Assembled(required, options, count).expression())
        self._changed()

    # -- both ----------------------------------------------------------------------------------------
    def _on_mode(self, mode: str, keep: bool = False) -> None:
        self.stack.setCurrentIndex(0 if mode == "assemble" else 1)
        if mode == "assemble" and not keep:
            found = assembled(self.expression, [m for m, _ in self._members])
            if found is None:
                self.mode.choose("text", tell=False)
                self.stack.setCurrentIndex(1)
                self.syntax.set(tr("这个表达式只能以文字编辑"), "info")
            else:
                self._fill(found)

    def _on_text(self) -> None:
        self._changed()

    def _changed(self) -> None:
        self._soon.start()
        self.edited.emit()

    def _explain(self) -> None:
        policy = self.expression
        self.shown.setText(policy)
        self.shown.setVisible(self.mode.current == "assemble")
        self.reset_button.setVisible(policy != self._original)
        contracts, network = self._page.context.platform.contracts, self._page.context.network

        def refused(error: CityChainError) -> None:
            self.syntax.set(say(error.message), "bad")

        self._page.context.tasks.fetch(
            lambda: contracts.explain(network, policy), self._understood, refused, owner=self
        )

    def _understood(self, explanation: PolicyExplanation) -> None:
        self.syntax.set(tr("语法正确"), "ok")
        self.explained.emit(explanation)
