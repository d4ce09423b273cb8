"""The line that says whose signature an act will bear, and the question before signing for somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from console.i18n.plain import tip
from console.signing import Signing
from console.widgets.basic import Icon, Label, hbox

if TYPE_CHECKING:
    from console.context import Context


class SignLine(QWidget):
    """`以…的身份签署` beside what writes; hidden where nobody is named."""

    def __init__(self, signing: Signing | None = None) -> None:
        super().__init__()
        row = hbox(self, spacing=6)
        self._icon = Icon("edit", "text2", 14)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.label = Label("", "caption", "text2", wrap=True)
        row.addWidget(self.label, 1)
        self.signing: Signing | None = None
        self.show_signing(signing)

    def show_signing(self, signing: Signing | None) -> None:
        """Say who signs now."""
        self.signing = signing
        tone = "warn" if signing is not None and signing.stands_in else "text2"
        self._icon.set("edit", tone)
        self.label.set_tone(tone)
        self.label.setText(signing.words if signing is not None else "")
        self.setVisible(signing is not None)
        self.setAccessibleName(self.label.text())


def signs(button: QPushButton, signing: Signing | None) -> None:
    """Let a button that writes at once say beforehand whose signature that is."""
    if signing is not None:
        button.setToolTip(tip(signing.words))
        button.setAccessibleDescription(signing.words)


def context_of(widget: QWidget | None) -> Context | None:
    """The context of the window or page that a widget stands in."""
    at = widget
    while at is not None:
        found = getattr(at, "context", None)
        if found is not None and hasattr(found, "agreed"):
            context: Context = found
            return context
        at = at.parentWidget()
    return None


def deliberate(widget: QWidget | None, signing: Signing | None) -> bool:
    """Whether to go on: signing for somebody else is asked about once for each of them while the same person acts."""
    context = context_of(widget)
    if signing is None or not signing.stands_in:
        return True
    if widget is None or context is None or context.may_stand_in(signing.party):
        return True
    from console.widgets.dialogs import StandIn

    if not StandIn(widget, signing).exec():
        return False
    context.stand_in(signing)
    return True
