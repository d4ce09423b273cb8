"""Fields and forms: label above, editor, a hint or an error below."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from console.i18n import say, tr
from console.theme import theme, tokens
from console.widgets.basic import Icon, Label, hbox, set_surface, vbox
from fabric_sdk import clock
from network.errors import CityChainError

Editor = QLineEdit | QComboBox | QSpinBox | QPlainTextEdit | QDateEdit | QCheckBox


class Marked(Protocol):
    """Something of a form at which a mistake can be shown."""

    @property
    def editor(self) -> QWidget: ...

    def set_error(self, text: str) -> None: ...

    def isVisibleTo(self, _ancestor: QWidget, /) -> bool: ...


@runtime_checkable
class HasFields(Protocol):
    """A form, or what stands for one: it knows which of its fields the ledger calls by a name."""

    def field_at(self, place: str) -> Marked | None: ...


def mark_field(within: QWidget, error: CityChainError) -> Marked | None:
    """Show a refusal at the first of the fields it names that stands `within`, and return that; None if none does.

    What is shown is `details["reason"]`, else the message; the field gets the focus.
    """
    told = error.details
    places = [str(one) for one in told.get("places") or (told.get("place"), told.get("field")) if one]
    holders = [one for one in within.findChildren(QWidget) if isinstance(one, HasFields)] if places else []
    fields = (one.field_at(place) for place in places for one in holders)
    field = next((one for one in fields if one is not None and one.isVisibleTo(within)), None)
    if field is not None:
        field.set_error(say(told.get("reason") or error.message))
        field.editor.setFocus()
    return field


class Field(QWidget):
    """A labelled editor.

    Signals: `edited` after any change by a person.
    """

    edited = Signal()

    def __init__(self, label: str, editor: Editor, hint: str = "", *, required: bool = False) -> None:
        super().__init__()
        self.editor = editor
        self.required = required
        self._hint = hint
        column = vbox(self, spacing=4)
        self.label = Label(label, "caption", "text2")
        self.label.setBuddy(editor)
        if not isinstance(editor, QCheckBox):
            column.addWidget(self.label)
        column.addWidget(editor)
        row = hbox(spacing=5)
        self._sign = Icon("warn", "bad", 13)
        self._sign.hide()
        self._below = Label(hint, "caption", "text3", wrap=True)
        if not hint:
            self._below.hide()
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._below, 1)
        column.addLayout(row)
        editor.setAccessibleName(label)
        editor.setAccessibleDescription(hint)
        if not isinstance(editor, QPlainTextEdit | QCheckBox):
            editor.setFixedHeight(tokens.CONTROL_HEIGHT)
        self._listen()

    def _listen(self) -> None:
        editor = self.editor
        if isinstance(editor, QLineEdit | QPlainTextEdit):
            editor.textChanged.connect(self._on_edited)
        elif isinstance(editor, QComboBox):
            (editor.editTextChanged if editor.isEditable() else editor.currentIndexChanged).connect(self._on_edited)
        elif isinstance(editor, QSpinBox):
            editor.valueChanged.connect(self._on_edited)
        elif isinstance(editor, QDateEdit):
            editor.dateChanged.connect(self._on_edited)
        else:
            editor.toggled.connect(self._on_edited)

    def _on_edited(self) -> None:
        self.set_error("")
        self.edited.emit()

    @property
    def value(self) -> Any:
        """The content as text, number, date text or truth; a combo box gives the data of its choice."""
        editor = self.editor
        if isinstance(editor, QLineEdit):
            return editor.text().strip()
        if isinstance(editor, QPlainTextEdit):
            return editor.toPlainText().strip()
        if isinstance(editor, QComboBox):
            return editor.currentData() if editor.currentData() is not None else editor.currentText().strip()
        if isinstance(editor, QSpinBox):
            return editor.value()
        if isinstance(editor, QDateEdit):
            return editor.date().toString("yyyy-MM-dd")
        return editor.isChecked()

    def set_value(self, value: Any) -> None:
        editor = self.editor
        if isinstance(editor, QLineEdit):
            editor.setText(str(value))
            if not editor.hasFocus():
                editor.setCursorPosition(0)  # a long value is read from its beginning
        elif isinstance(editor, QPlainTextEdit):
            editor.setPlainText(str(value))
        elif isinstance(editor, QComboBox):
            at = editor.findData(value)
            if at >= 0:
                editor.setCurrentIndex(at)
            elif editor.isEditable():
                editor.setEditText(str(value))
        elif isinstance(editor, QSpinBox):
            editor.setValue(int(value))
        elif isinstance(editor, QDateEdit):
            editor.setDate(QDate.fromString(str(value), "yyyy-MM-dd"))
        else:
            editor.setChecked(bool(value))

    def set_error(self, text: str) -> None:
        """Show what is wrong with the content, or take it back with an empty text."""
        self._sign.setVisible(bool(text))
        self._below.setText(text or self._hint)
        self._below.set_tone("bad" if text else "text3")
        self._below.setVisible(bool(text or self._hint))
        if self.editor.property("invalid") != bool(text):
            self.editor.setProperty("invalid", bool(text))
            self.editor.style().unpolish(self.editor)
            self.editor.style().polish(self.editor)

    @property
    def error(self) -> str:
        return self._below.text() if self._sign.isVisibleTo(self) else ""


def text_field(
    label: str, *, placeholder: str = "", hint: str = "", required: bool = False, secret: bool = False
) -> Field:
    """A one-line text; `secret` shows dots."""
    editor = QLineEdit()
    editor.setPlaceholderText(placeholder)
    if secret:
        editor.setEchoMode(QLineEdit.EchoMode.Password)
    return Field(label, editor, hint, required=required)


def area_field(label: str, *, rows: int = 4, hint: str = "", required: bool = False) -> Field:
    """A text of several lines."""
    editor = QPlainTextEdit()
    editor.setFixedHeight(rows * 20 + 12)
    editor.setTabChangesFocus(True)
    return Field(label, editor, hint, required=required)


def choice_field(
    label: str, options: Sequence[tuple[Any, str]], *, hint: str = "", required: bool = False, empty: str = ""
) -> Field:
    """One of `options` (data, shown text); `empty` offers an unset first choice with that text."""
    editor = QComboBox()
    editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    editor.setMinimumContentsLength(8)
    if empty:
        editor.addItem(empty, "")
    for data, shown in options:
        editor.addItem(shown, data)
    return Field(label, editor, hint, required=required)


def number_field(
    label: str, value: int = 0, low: int = 0, high: int = 1_000_000_000, *, hint: str = "", unit: str = ""
) -> Field:
    """A whole number with limits."""
    editor = QSpinBox()
    editor.lineEdit().setTextMargins(7, 0, 0, 0)
    editor.setRange(low, high)
    editor.setGroupSeparatorShown(True)
    editor.setSuffix(f" {unit}" if unit else "")
    editor.setValue(value)
    return Field(label, editor, hint)


def today_in_china() -> QDate:
    """The ledger's today, wherever this machine stands."""
    today = clock.today()
    return QDate(today.year, today.month, today.day)


def date_field(label: str, *, hint: str = "", required: bool = False) -> Field:
    """A day, picked from a calendar; at first today in China, where the ledger's days are counted."""
    editor = QDateEdit(today_in_china())
    editor.setCalendarPopup(True)
    editor.setDisplayFormat("yyyy-MM-dd")
    return Field(label, editor, hint, required=required)


def check_field(label: str, *, checked: bool = False, hint: str = "") -> Field:
    """A statement to tick."""
    editor = QCheckBox(label)
    editor.setChecked(checked)
    return Field(label, editor, hint)


class Form(QWidget):
    """Fields in one or two columns; knows what is still to be filled in.

    Signals: `edited` after any change.
    """

    edited = Signal()

    def __init__(self, columns: int = 1) -> None:
        super().__init__()
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        self._at = 0
        self.fields: dict[str, Field] = {}
        self.places: dict[str, str] = {}
        """Keys of fields by what the ledger calls them, where that is something else."""

    def add(self, key: str, field: Field, *, wide: bool = False) -> Field:
        """Add a field; `wide` takes the whole width."""
        self.fields[key] = field
        row, column = divmod(self._at, self._columns)
        if (wide or self._columns == 1) and column:
            row, column = row + 1, 0
        span = self._columns if wide else 1
        self._grid.addWidget(field, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
        self._at = row * self._columns + column + span
        field.edited.connect(self.edited)
        return field

    def __getitem__(self, key: str) -> Any:
        return self.fields[key].value

    def field_at(self, place: str) -> Field | None:
        """The field that the ledger calls `place` (`owners[0].name`): by the whole, its last word, its first."""
        plain = re.sub(r"\[\d+\]", "", place)
        names = (place, plain, plain.rpartition(".")[2], plain.partition(".")[0])
        keys = (self.places.get(name, name) for name in names)
        return next((self.fields[key] for key in keys if key in self.fields), None)

    def missing(self) -> list[str]:
        """Return the labels of required fields that are empty."""
        return [f.label.text() for f in self.fields.values() if f.required and f.value in ("", None)]

    def values(self) -> dict[str, Any]:
        return {key: field.value for key, field in self.fields.items()}


class DropZone(QFrame):
    """A place to drop files on, or to press for a file dialog.

    Signals: `dropped(list of paths)`.
    """

    dropped = Signal(list)

    def __init__(self, text: str, *, pattern: str = "", many: bool = False, height: int = 88) -> None:
        super().__init__()
        self._pattern, self._many, self._text = pattern, many, text
        self.setProperty("surface", "drop")
        self.setAcceptDrops(True)
        self.setMinimumHeight(height)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = vbox(self, margins=(12, 12, 12, 12), spacing=6)
        column.addStretch(1)
        column.addWidget(Icon("inbox", "text2", 20), 0, Qt.AlignmentFlag.AlignHCenter)
        label = Label(text, "body", "text2", wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(label)
        column.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            set_surface(self, "dropping")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        set_surface(self, "drop")

    def dropEvent(self, event: QDropEvent) -> None:
        set_surface(self, "drop")
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths if self._many else paths[:1])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ask()
        else:
            super().keyPressEvent(event)

    def ask(self) -> None:
        """Open a file dialog."""
        paths = pick_files(self, self._text, self._pattern, many=self._many)
        if paths:
            self.dropped.emit(paths)


def pick_files(parent: QWidget, title: str, pattern: str = "", *, many: bool = False) -> list[str]:
    """Ask for files; empty when the person changed their mind."""
    if many:
        paths, _ = QFileDialog.getOpenFileNames(parent, title, "", pattern)
        return paths
    path, _ = QFileDialog.getOpenFileName(parent, title, "", pattern)
    return [path] if path else []


def save_file(parent: QWidget, title: str, suggestion: str, pattern: str = "") -> str:
    """Ask where to save; empty when the person changed their mind."""
    path, _ = QFileDialog.getSaveFileName(parent, title, suggestion, pattern)
    return path


def filter_box(placeholder: str, on_text: Callable[[str], object], width: int = 220) -> QLineEdit:
    """Return the small search field of a page's list (Ctrl+F goes to it)."""
    editor = QLineEdit()
    editor.setObjectName("pageFilter")
    editor.setPlaceholderText(placeholder)
    editor.setAccessibleName(placeholder)
    editor.setClearButtonEnabled(True)
    editor.setFixedSize(width, tokens.CONTROL_HEIGHT - 2)
    editor.addAction(theme().icon("search", "text3", 14), QLineEdit.ActionPosition.LeadingPosition)
    for tool in editor.findChildren(QToolButton):
        tool.setAccessibleName(tr("清除") if tool.icon().isNull() or not tool.defaultAction() else placeholder)
    editor.textChanged.connect(lambda text: on_text(text.strip()))
    editor.setToolTip(tr("Ctrl+F 跳到这里"))
    return editor
