"""What a page shows instead of, or above, its content: emptiness, errors, notes, progress."""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from console.i18n import say, tr
from console.widgets.basic import Button, Icon, Label, hbox, vbox
from network.errors import CityChainError, LedgerError


class EmptyState(QWidget):
    """What this place is and the one thing to do about its emptiness."""

    def __init__(self, icon: str, title: str, text: str, action: Button | None = None) -> None:
        super().__init__()
        column = vbox(self, margins=(24, 32, 24, 32), spacing=8)
        column.addStretch(1)
        column.addWidget(Icon(icon, "text3", 28), 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (Label(title, "section"), Label(text, "body", "text2", wrap=bool(text))):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
            if not label.text():
                label.hide()
        if action is not None:
            column.addSpacing(4)
            column.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.setAccessibleName(f"{title} {text}")


class ErrorBanner(QFrame):
    """One sentence, what to do next, and the details to copy."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "bad")
        self._details = ""
        row = hbox(self, margins=(14, 10, 12, 10), spacing=10)
        row.addWidget(Icon("bad", "bad", 18), 0, Qt.AlignmentFlag.AlignTop)
        words = vbox(spacing=2)
        self.message = Label("", "strong", "text", wrap=True)
        self.hint = Label("", "caption", "text2", wrap=True)
        words.addWidget(self.message)
        words.addWidget(self.hint)
        row.addLayout(words, 1)
        self.retry = Button(tr("重试"), small=True, icon="refresh")
        self._on_retry: Callable[[], object] | None = None
        self.retry.clicked.connect(self._retry)
        self.unlock = Button(tr("解锁…"), self._unlock, small=True, icon="unlock")
        self.why = Button(tr("为什么"), self._explain, small=True, icon="help")
        self._error: CityChainError | None = None
        self.copy = Button(tr("复制详情"), self._copy, small=True, icon="copy")
        self.close_button = Button("", self.hide, small=True, icon="close", kind="ghost", name=tr("收起"))
        for button in (self.unlock, self.why, self.retry, self.copy, self.close_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_error(self, error: CityChainError, retry: Callable[[], object] | None = None) -> None:
        """Show `error`; with `retry` a button runs the same again."""
        self.message.setText(say(error.message))
        self.hint.setText(say(error.hint) if error.hint else "")
        self.hint.setVisible(bool(error.hint))
        self._details = describe(error)
        self._error = error
        self.why.setVisible(isinstance(error, LedgerError) and bool(error.endpoints or error.stage))
        self._on_retry = retry
        locked = error.code == "keystore_locked"
        self.unlock.setVisible(locked)
        self.retry.setVisible(retry is not None and not locked)
        self.setAccessibleName(self.message.text())
        self.show()

    def _retry(self) -> None:
        self.hide()
        if self._on_retry is not None:
            self._on_retry()

    def _unlock(self) -> None:
        """Ask for the keystore's passphrase where it is missing; then do again what needed it."""
        from console.shell.account import unlock
        from console.shell.window import MainWindow

        found: QWidget | None = self.window()
        while found is not None and not isinstance(found, MainWindow):
            parent = found.parentWidget()
            found = parent.window() if parent is not None else None
        if found is not None and unlock(found):
            self._retry()

    def _explain(self) -> None:
        from console.widgets.refusal import RefusalDialog

        if isinstance(self._error, LedgerError):
            RefusalDialog(self.window(), self._error).exec()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
        self.copy.set_icon("check")


class Note(QFrame):
    """A quiet sentence of advice inside a page."""

    def __init__(self, text: str, state: str = "info") -> None:
        super().__init__()
        self.setProperty("surface", "warnnote" if state == "warn" else "note")
        row = hbox(self, margins=(12, 9, 12, 9), spacing=10)
        row.addWidget(Icon(state, "warn" if state == "warn" else "text2"), 0, Qt.AlignmentFlag.AlignTop)
        self.label = Label(text, "caption", wrap=True)
        row.addWidget(self.label, 1)


class BusyBar(QProgressBar):
    """The thin bar below the header while a page works."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setFixedHeight(3)
        self.setRange(0, 0)
        self.setAccessibleName(tr("正在进行"))
        self.hide()


def describe(error: CityChainError) -> str:
    """Return everything about an error that a maintainer needs, as text for the clipboard."""
    lines = [f"{type(error).__name__} [{error.code}]", str(error.message)]
    if error.hint:
        lines.append(str(error.hint))
    for name in ("tx_id", "stage"):
        if getattr(error, name, ""):
            lines.append(f"{name}: {getattr(error, name)}")
    for endpoint in getattr(error, "endpoints", ()):
        lines.append(json.dumps(dict(endpoint), ensure_ascii=False))
    if error.details:
        lines.append(json.dumps(error.details, ensure_ascii=False, default=str, indent=1))
    if error.__cause__ is not None:
        lines.append(f"cause: {type(error.__cause__).__name__}: {error.__cause__}")
    return "\n".join(lines)
