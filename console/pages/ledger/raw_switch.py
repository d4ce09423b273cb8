"""A value of the ledger in words, with its raw form one click away."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from console.i18n import tr
from console.theme import mono_font, tokens, ui_font
from console.widgets.basic import Button, hbox, vbox


class RawSwitch(QWidget):
    """A text to read and to copy from; the button below it changes between words and the raw form."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._words, self._raw, self.raw = "", "", False
        column = vbox(self, spacing=4)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(name)
        column.addWidget(self.text, 1)
        self.button = Button("", self.switch, kind="link", small=True)
        foot = hbox()
        foot.addWidget(self.button)
        foot.addStretch(1)
        column.addLayout(foot)
        self._show()

    def show_value(self, words: str, raw: str) -> None:
        """Show this; the form that was chosen stays."""
        self._words, self._raw = words, raw
        self._show()

    def switch(self) -> None:
        """Change between words and the raw form."""
        self.raw = not self.raw
        self._show()

    def _show(self) -> None:
        self.text.setFont(mono_font(tokens.SIZE_CAPTION) if self.raw else ui_font(tokens.SIZE_CAPTION))
        self.text.setPlainText(self._raw if self.raw else self._words)
        self.button.setText(tr("改看文字说明") if self.raw else tr("查看原文"))
