"""The one small style sheet and the palette, both made from the tokens."""

from __future__ import annotations

from string import Template

from PySide6.QtGui import QColor, QPalette

from console.theme.tokens import Tokens

LABEL_TONES = ("text", "text2", "text3", "accent", "ok", "warn", "bad", "violet")
"""Tones a label may have. Every rule of a style sheet is tried on every widget, so there are no others."""

_SHEET = Template("""
QToolTip { background: $card; color: $text; border: 1px solid $btn; padding: 4px 6px; }
QMenu { background: $card; color: $text; border: 1px solid $btn; border-radius: 6px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $asoft; color: $text; }
QMenu::item:disabled { color: $text3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QPushButton { background: $card; color: $text; border: 1px solid $btn; border-radius: 6px; padding: 0 12px; }
QPushButton:hover { background: $sunken; }
QPushButton:pressed { background: $track; }
QPushButton:disabled { background: $sunken; color: $text3; border-color: $line; }
QPushButton[kind="primary"] { background: $fill; color: $onfill; border-color: $fill; font-weight: 700; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed { background: $fillh; border-color: $fillh; }
QPushButton[kind="primary"]:disabled { background: $sunken; color: $text3; border-color: $line; font-weight: 400; }
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="danger"]:disabled { color: $text3; }
QPushButton[kind="link"], QPushButton[kind="ghost"] {
  background: transparent; border: 1px solid transparent; padding: 0 4px; }
QPushButton[kind="link"] { color: $accent; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="key"] { background: transparent; border: none; padding: 0; text-align: left; }
QPushButton[kind="key"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:disabled { color: $text3; }
QPushButton[kind="ghost"]:hover { background: $track; }
QPushButton::menu-indicator { width: 0; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateEdit, QDateTimeEdit {
  background: $card; color: $text; border: 1px solid $ctl; border-radius: 6px; padding: 0 9px;
  selection-background-color: $fill; selection-color: $onfill; }
QPlainTextEdit, QTextEdit { padding: 4px 5px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QDateEdit:focus, QDateTimeEdit:focus { border: 2px solid $fill; padding: 0 8px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 3px 4px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QComboBox:disabled, QDateEdit:disabled,
QPlainTextEdit[readOnly="true"] { background: $sunken; color: $text2; border-color: $line; }
QLineEdit[invalid="true"], QComboBox[invalid="true"], QPlainTextEdit[invalid="true"] { border: 1px solid $badg; }
QSpinBox QLineEdit, QDateEdit QLineEdit, QComboBox QLineEdit {
  border: none; background: transparent; padding: 0 0 0 6px; }
QComboBox::drop-down, QDateEdit::drop-down { border: none; width: 26px; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url($arrow); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $card; color: $text; border: 1px solid $btn; padding: 4px; outline: none;
  selection-background-color: $asoft; selection-color: $text; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
  border: none; width: 18px; background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url($uparrow); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url($arrow); width: 10px; height: 10px; }

QCheckBox, QRadioButton { color: $text; spacing: 8px; }
QCheckBox:disabled, QRadioButton:disabled { color: $text3; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $ctl; border-radius: 4px; background: $card; }
QCheckBox::indicator:checked { background: $fill; border-color: $fill; image: url($tick); }
QCheckBox::indicator:disabled { background: $sunken; border-color: $line; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $ctl; border-radius: 8px; background: $card; }
QRadioButton::indicator:checked { border: 5px solid $fill; width: 6px; height: 6px; background: $onfill; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $btn; border-radius: 3px; margin: 3px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $ctl; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: none; }

QTableView {
  background: $card; color: $text; border: none; border-radius: 7px; gridline-color: transparent; outline: none;
  selection-background-color: $asoft; selection-color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
  background: $sunken; color: $text2; border: none; border-bottom: 1px solid $line; padding: 0 8px; }
QHeaderView::section:first { border-top-left-radius: 7px; padding-left: 16px; }
QHeaderView::section:last { border-top-right-radius: 7px; }
QHeaderView::section:only-one {
  border-top-left-radius: 7px; border-top-right-radius: 7px; padding-left: 16px; }
QTableCornerButton::section { background: $sunken; border: none; }
QProgressBar { background: $track; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $fill; border-radius: 3px; }
QSplitter::handle { background: $line; }
QDialog { background: $bg; }
QFrame[surface="card"] { background: $card; border: 1px solid $line; border-radius: 8px; }
QFrame[surface="sunken"] { background: $sunken; border: 1px solid $line; border-radius: 8px; }
QFrame[surface="chosen"] { background: $card; border: 2px solid $fill; border-radius: 8px; }
QFrame[surface="start"] { background: $card; border: 1px solid $aline; border-radius: 8px; }
QFrame[surface="drop"] { background: transparent; border: 1px dashed $ctl; border-radius: 8px; }
QFrame[surface="dropping"] { background: $asoft; border: 1px dashed $fill; border-radius: 8px; }
QFrame[surface="note"] { background: $sunken; border: none; border-radius: 6px; }
QFrame[surface="removed"] { background: $badsoft; border: none; }
QFrame[surface="added"] { background: $oksoft; border: none; }
QFrame[surface="soft"] { background: $asoft; border: none; border-radius: 8px; }
QFrame[surface="warnnote"] { background: $warnsoft; border: none; border-radius: 6px; }
QFrame[surface="acting"] { background: $asoft; border: none; border-bottom: 2px solid $fill; }
QFrame[surface="standingin"] { background: $warnsoft; border: none; border-bottom: 2px solid $warn; }
QFrame[surface="bad"] { background: $badsoft; border: 1px solid $badg; border-radius: 8px; }
QFrame[surface="badrow"] { background: $badsoft; border: none; }
QFrame[surface="inspector"] { background: $card; border: none; border-left: 1px solid $line; }
QFrame[surface="rail"] { background: $rail; border: none; border-right: 1px solid $line; }
QFrame[surface="status"] { background: $rail; border: none; border-top: 1px solid $line; }
QFrame[surface="plain"] { background: transparent; border: none; }
QFrame[surface="cardflat"] { background: $card; border: none; }
QFrame[surface="cardfoot"] { background: $card; border: none;
  border-bottom-left-radius: 7px; border-bottom-right-radius: 7px; }
QFrame[surface="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[surface="vline"] { background: $line; border: none; max-width: 1px; min-width: 1px; }
$labels
QCalendarWidget QWidget { alternate-background-color: $sunken; }
""")


def style_sheet(tokens: Tokens, pictures: dict[str, str]) -> str:
    """Return the style sheet; `pictures` gives the paths of the small images a style sheet can only take as files."""
    labels = "".join(
        f'QLabel[tone="{tone}"] {{ color: {colour}; background: transparent; }}\n'
        for tone, colour in tokens.colours().items()
        if tone in LABEL_TONES
    )
    return _SHEET.substitute(tokens.colours(), labels=labels, **pictures)


def palette(tokens: Tokens) -> QPalette:
    """Return the Fusion palette: every role a widget may fall back on."""
    result = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, "bg"),
        (role.WindowText, "text"),
        (role.Base, "card"),
        (role.AlternateBase, "sunken"),
        (role.Text, "text"),
        (role.Button, "card"),
        (role.ButtonText, "text"),
        (role.BrightText, "onfill"),
        (role.Highlight, "fill"),
        (role.HighlightedText, "onfill"),
        (role.PlaceholderText, "text3"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.ToolTipBase, "card"),
        (role.ToolTipText, "text"),
        (role.Light, "line"),
        (role.Midlight, "line"),
        (role.Mid, "btn"),
        (role.Dark, "ctl"),
        (role.Shadow, "ctl"),
        (role.Accent, "fill"),
    ):
        result.setColor(which, QColor(getattr(tokens, name)))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.text3))
    return result
