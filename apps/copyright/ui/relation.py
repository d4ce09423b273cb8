"""What a new work is to an earlier one that looks alike: asked before the deposit, told to the office."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from apps.copyright.ui.terms import tr
from console.widgets.basic import Label, vbox
from console.widgets.states import Note


def relations() -> list[tuple[str, str, str]]:
    """The choices: code, words, what follows from it."""
    return [
        ("adapted", tr("我改编自它"), tr("填入在先作品，列入作品谱系")),
        ("source", tr("它改编自我的"), tr("请在备注中说明创作过程")),
        ("independent", tr("各自独立创作"), tr("请在备注中说明，由登记机构判断")),
        ("version", tr("同一作品的另一版本"), tr("请在备注中说明不同之处")),
        ("licensed", tr("经其权利人许可"), tr("请在备注中写明许可")),
        ("different", tr("并不相近，比对有误"), tr("请在备注中说明")),
    ]


class RelationChoice(QWidget):
    """Statements, one of which may be chosen. Signals: `chosen(code)`."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        column = vbox(self, spacing=8)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        self.group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        for at, (code, words, note) in enumerate(relations()):
            button = QRadioButton(words)
            button.setAccessibleDescription(note)
            button.toggled.connect(self._teller(code))
            self.group.addButton(button)
            self.buttons[code] = button
            cell = vbox(spacing=0)
            cell.addWidget(button)
            text = Label(note, "caption", "text2", wrap=True)
            text.setContentsMargins(24, 0, 0, 0)
            cell.addWidget(text)
            grid.addLayout(cell, at // 2, at % 2)
        column.addLayout(grid)
        note = tr("“疑似”只表示相近，不是侵权结论。存证能证明您在此刻持有这件作品，不证明独创性。")
        column.addWidget(Note(note))

    def _teller(self, code: str) -> Callable[[bool], None]:
        def tell(on: bool) -> None:
            if on:
                self.chosen.emit(code)

        return tell

    def set_value(self, code: str) -> None:
        """Show a statement as chosen, or none; tells nobody."""
        self.group.setExclusive(False)
        for name, button in self.buttons.items():
            button.blockSignals(True)
            button.setChecked(name == code)
            button.blockSignals(False)
        self.group.setExclusive(True)

    @property
    def value(self) -> str:
        """The code chosen, "" for none."""
        return next((code for code, button in self.buttons.items() if button.isChecked()), "")
