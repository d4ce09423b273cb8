"""Editors of the fields that kinds have: party, amount, share, day, territory, file, some of many codes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateEdit, QGridLayout, QLineEdit, QToolButton, QWidget

from apps.kit.formats import basis_points_of
from apps.kit.formats import fen_of as fen_in
from console.i18n import tr
from console.theme import theme
from console.widgets.basic import Label, vbox
from console.widgets.forms import Field, Marked, date_field, pick_files, today_in_china

_PARTY = re.compile(r"[A-Za-z0-9._-]{1,64}/[^/\s]{1,64}\Z")
_TERRITORY = re.compile(r"(WORLD|[A-Z]{2}(-[A-Z0-9]{1,3}){0,2})\Z")


class Invalid(Exception):
    """A field whose content cannot be taken: which one, and why."""

    def __init__(self, field: Marked, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


def party_field(label: str, parties: Sequence[str], *, hint: str = "") -> Field:
    """Somebody as `MSP/name`: one of the known ones, or typed."""
    editor = QComboBox()
    editor.setEditable(True)
    editor.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    editor.addItems(list(parties))
    editor.setCurrentIndex(-1)
    field = Field(label, editor, hint or tr("从列表中选，或写作 组织标识/名称，例如 PublicMSP/li.ming"), required=True)
    typed = editor.lineEdit()
    if typed is not None:
        typed.setAccessibleName(label)
    return field


def party_of(field: Field) -> str:
    """The party that a field names; `Invalid` for what is no `MSP/name`."""
    editor = field.editor
    text = editor.currentText().strip() if isinstance(editor, QComboBox) else str(field.value)
    if not _PARTY.match(text):
        raise Invalid(field, tr("请写作 组织/名称"))
    return text


def territory_field(label: str, known: Sequence[tuple[str, str]]) -> Field:
    """A territory by name, or its ISO 3166 code typed."""
    editor = QComboBox()
    editor.setEditable(True)
    editor.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    for code, name in known:
        editor.addItem(f"{name} {code}")
    if (typed := editor.lineEdit()) is not None:
        typed.setAccessibleName(label)
    return Field(label, editor, tr("可直接输入 ISO 3166 代码，例如 CN-GD"))


def territory_of(field: Field) -> str:
    """The code of a territory field; `Invalid` if it is none."""
    editor = field.editor
    text = (editor.currentText() if isinstance(editor, QComboBox) else str(field.value)).strip()
    code = text.rpartition(" ")[2].upper()
    if not _TERRITORY.match(code):
        raise Invalid(field, tr("地域应为 WORLD 或 ISO 3166 代码"))
    return code


def money_field(label: str, *, hint: str = "", required: bool = False) -> Field:
    """An amount in yuan with at most two decimals."""
    editor = QLineEdit()
    editor.setPlaceholderText("0.00")
    editor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return Field(label, editor, hint, required=required)


def fen_of(field: Field) -> int:
    """The amount of a money field in fen; an empty one is 0; `Invalid` for what is no amount."""
    try:
        return fen_in(str(field.value)) or 0
    except ValueError:
        raise Invalid(field, tr("金额应为数字，最多两位小数")) from None


def percent_of(field: Field) -> int:
    """A percentage in basis points; an empty one is 0; `Invalid` beyond 0 to 100 or finer than 0.01 %."""
    try:
        return basis_points_of(str(field.value)) or 0
    except ValueError:
        raise Invalid(field, tr("百分比应为 0 到 100，最多两位小数")) from None


def day_field(label: str, *, years: int = 0, days: int = 0, start: str = "") -> Field:
    """A day, at first `years` and `days` after today or after `start` (ISO)."""
    field = date_field(label, required=True)
    if isinstance(field.editor, QDateEdit):
        base = QDate.fromString(start, "yyyy-MM-dd") if start else today_in_china()
        field.editor.setDate(base.addYears(years).addDays(days))
    return field


def file_field(label: str, *, hint: str = "", pattern: str = "", required: bool = False) -> Field:
    """A file on this machine: typed, or picked with the button inside the field."""
    editor = QLineEdit()
    field = Field(label, editor, hint, required=required)
    action = editor.addAction(theme().icon("folder", "text2", 16), QLineEdit.ActionPosition.TrailingPosition)
    action.setToolTip(tr("选择文件…"))

    def pick() -> None:
        for path in pick_files(field, label, pattern)[:1]:
            editor.setText(path)

    action.triggered.connect(pick)
    for tool in editor.findChildren(QToolButton):
        tool.setAccessibleName(tr("选择文件…"))
    return field


def path_of(field: Field) -> Path:
    """The existing file that a field names; `Invalid` if there is none."""
    path = Path(str(field.value).removeprefix("file://"))
    if not path.is_file():
        raise Invalid(field, tr("没有这个文件"))
    return path


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class CodesBox(QWidget):
    """All of some codes, or several ticked one by one; `name` is what the ledger calls the field.

    Signals: `edited`.
    """

    edited = Signal()

    def __init__(
        self, label: str, everything: str, codes: Sequence[tuple[str, str]], columns: int = 3, *, name: str = "rights"
    ) -> None:
        super().__init__()
        self._name = name
        column = vbox(self, spacing=6)
        self.setAccessibleName(label)
        column.addWidget(Label(label, "caption", "text2"))
        self.everything = QCheckBox(everything)
        self.everything.setChecked(True)
        column.addWidget(self.everything)
        self._some = QWidget()
        grid = QGridLayout(self._some)
        grid.setContentsMargins(22, 0, 0, 0)
        grid.setVerticalSpacing(4)
        self.boxes: dict[str, QCheckBox] = {}
        for at, (code, words) in enumerate(codes):
            box = QCheckBox(words)
            box.toggled.connect(self.edited)
            self.boxes[code] = box
            grid.addWidget(box, at // columns, at % columns)
        self._some.hide()
        column.addWidget(self._some)
        self._wrong = Label("", "caption", "bad", wrap=True)
        self._wrong.hide()
        column.addWidget(self._wrong)
        self.edited.connect(lambda: self.set_error(""))
        self.everything.toggled.connect(self._on_everything)

    def _on_everything(self, everything: bool) -> None:
        self._some.setVisible(not everything)
        self.edited.emit()

    @property
    def editor(self) -> QCheckBox:
        return self.everything

    def set_error(self, text: str) -> None:
        """Show what is wrong with the choice, or take it back with an empty text."""
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))

    @property
    def error(self) -> str:
        return self._wrong.text()

    def field_at(self, place: str) -> CodesBox | None:
        """This box, if the ledger calls its field so."""
        return self if place.partition(".")[0].partition("[")[0] == self._name else None

    @property
    def value(self) -> str | list[str]:
        """ "all", or the codes that are ticked."""
        if self.everything.isChecked():
            return "all"
        return [code for code, box in self.boxes.items() if box.isChecked()]

    def set_value(self, codes: str | Sequence[str]) -> None:
        chosen = [codes] if isinstance(codes, str) else list(codes)
        self.everything.setChecked(chosen == ["all"])
        for code, box in self.boxes.items():
            box.setChecked(code in chosen)
