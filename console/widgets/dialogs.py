"""Dialogs: a question with fields, the confirmation that asks for a name to be typed, signing for somebody else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import shiboken6
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QLayout, QLineEdit, QWidget

from console.i18n import tr
from console.signing import Signing
from console.theme import theme, tokens
from console.widgets.basic import Button, Label, hbox, line, vbox
from console.widgets.card import Scroll
from console.widgets.focus import FocusRing, bring_into_view, tab_stops
from console.widgets.forms import Form, Marked, mark_field
from console.widgets.signing import SignLine, deliberate
from console.widgets.states import ErrorBanner
from network.errors import CityChainError

SCREEN_MARGIN = 48
"""What a dialog leaves free of the screen's height, in pixels: for its title bar and a little air."""
WINDOW_MARGIN = 24
"""What it leaves free of its window's height, in pixels."""
LEAST_ROOM = 620
"""What it takes in any case where the screen has it, in pixels."""


class Dialog(QDialog):
    """Title, a sentence, a body, who signs, two buttons. Enter accepts when what is required is there; Esc closes.

    Who signs is what the page says, unless `signs` names somebody; a dialog that changes nothing says `writes=False`.
    Before one by which the acting person would sign for somebody else that is asked.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str = "",
        *,
        accept: str = "",
        width: int = 520,
        signs: Signing | None = None,
        writes: bool = True,
    ) -> None:
        super().__init__(parent)
        self.signing = (signs or signing_of(parent)) if writes else None
        theme().dress(self)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setMinimumWidth(width)
        outer = self._outer = vbox(self, spacing=0)
        inner = self._inner = vbox(margins=(24, 20, 24, 18), spacing=12)
        inner.addWidget(Label(title, "section"))
        if text:
            inner.addWidget(Label(text, "body", "text2", wrap=True))
        self.banner = ErrorBanner()
        self.banner.close_button.hide()
        inner.addWidget(self.banner)
        self.body = vbox(spacing=10)
        inner.addLayout(self.body, 1)
        self.sign_line = SignLine(self.signing)
        inner.addWidget(self.sign_line)
        outer.addLayout(inner, 1)
        outer.addWidget(line())
        row = hbox(margins=(24, 12, 24, 14))
        self.reason = Label("", "caption", "text3")
        row.addWidget(self.reason, 1)
        self.cancel_button = Button(tr("取消"), self.reject)
        self.accept_button = Button(accept or tr("好"), self.accept, kind="primary")
        self.accept_button.setDefault(True)
        row.addWidget(self.cancel_button)
        row.addWidget(self.accept_button)
        outer.addLayout(row)
        self.ring = FocusRing(self)
        self._scrolls = False
        self._marked: Marked | None = None
        self.carry: Callable[[], None] | None = None
        """What is done when the dialog is accepted, which then stays open until that has succeeded."""

    def sign_as(self, signing: Signing | None) -> None:
        """Say who signs where that follows from what the dialog asks."""
        self.signing = signing
        self.sign_line.show_signing(signing)
        if self.isVisible():
            self._grow()

    def beware(self) -> None:
        """What is accepted is dangerous: it is red, and Enter does nothing until a person has gone to that button."""
        self.accept_button.set_kind("danger")
        self.cancel_button.setDefault(True)  # so that the keyboard begins there, if nothing is asked
        for button in (self.accept_button, self.cancel_button):
            button.setDefault(False)
            button.setAutoDefault(False)

    def exec(self) -> int:
        return super().exec() if deliberate(self.parentWidget(), self.signing) else 0

    def open(self) -> None:
        if deliberate(self.parentWidget(), self.signing):
            super().open()

    def accept(self) -> None:
        if self.carry is not None:
            self.carry()
        else:
            super().accept()

    def showEvent(self, event: QShowEvent) -> None:
        """The buttons come last by Tab, as they stand; the body was filled after they were made."""
        self._fit()
        self._grow()
        super().showEvent(event)
        self._order()

    def _order(self) -> list[QWidget]:
        last = [self.cancel_button, self.accept_button]
        chain = [stop for stop in tab_stops(self) if stop not in last] + last
        for one, two in pairwise(chain):
            QWidget.setTabOrder(one, two)
        return chain

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._grow()  # something in it says more than before
        return done

    def _fit(self) -> None:
        """Let the body scroll where the dialog would be higher than there is room; the buttons stay in sight."""
        if not self._scrolls and max(self.sizeHint().height(), self.minimumHeight()) > self._room():
            self._scroll(max(self.minimumWidth(), self.sizeHint().width()))

    def _scroll(self, width: int) -> None:
        self._scrolls = True
        had = self.focusWidget()
        focused = had if had not in (self.cancel_button, self.accept_button) else None
        self._outer.removeItem(self._inner)
        self._inner.setParent(None)
        scroll = Scroll(spacing=0)
        scroll.column.addLayout(self._inner)
        self._outer.insertWidget(0, scroll, 1)
        self.setMinimumHeight(0)
        self.resize(width + 14, self._room())
        QTimer.singleShot(0, self, lambda: self._moved(focused))  # once all is shown in its new place

    def _moved(self, focused: QWidget | None) -> None:
        """Give the keyboard's way its order back, and the keyboard to where it was, else to the first field."""
        first = self._order()[0]
        there = focused if focused is not None and shiboken6.isValid(focused) else first
        there.setFocus(Qt.FocusReason.OtherFocusReason)

    def _grow(self) -> None:
        """Be as high as lines that wrap at this width need: Qt asks for that before it knows the width."""
        if self._scrolls:
            return
        width = max(self.width(), self.minimumWidth())
        need = self._outer.totalHeightForWidth(width)
        least = self._outer.totalMinimumSize()
        if need > self._room():
            self._scroll(width)
        elif 0 < need < least.height() == self.height():
            # Qt takes the height that the words need at the least width for the least height at any width
            self._outer.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
            self.setMinimumSize(max(self.minimumWidth(), least.width()), 0)
            self.resize(width, need)
        elif self.height() < need:
            self.resize(self.width(), need)

    def _room(self) -> int:
        """How high the dialog may be: upon its window, unless that is very low, and on the screen."""
        parent = self.parentWidget()
        window = parent.window().height() - WINDOW_MARGIN if parent is not None else LEAST_ROOM
        return min(self.screen().availableGeometry().height() - SCREEN_MARGIN, max(window, LEAST_ROOM))

    def watch(self, form: Form) -> None:
        """Let the accept button wait until every required field is filled in, and say which is missing."""

        def check() -> None:
            missing = form.missing()
            self.accept_button.setEnabled(not missing)
            self.reason.setText(tr("还需填写{what}").format(what=missing[0]) if missing else "")

        form.edited.connect(check)
        check()

    def show_error(self, error: CityChainError) -> None:
        """Show a refusal at the field that it is about, else above what the dialog asks."""
        self.clear_error()
        self._marked = mark_field(self, error)
        if self._marked is None:
            self.banner.show_error(error)
        QTimer.singleShot(0, self, self._show_marked)

    def _show_marked(self) -> None:
        """Make room for what stands at the field, and scroll to it."""
        self._grow()
        if isinstance(self._marked, QWidget) and shiboken6.isValid(self._marked):
            bring_into_view(self._marked)

    def clear_error(self) -> None:
        """Take back what was refused last: it is tried again."""
        self.banner.hide()
        if self._marked is not None and shiboken6.isValid(self._marked):
            self._marked.set_error("")
        self._marked = None


def signing_of(widget: QWidget | None) -> Signing | None:
    """Who signs what is done at a place of the window: as its page says, or the dialog that it stands in."""
    at = widget
    while at is not None:
        if isinstance(at, Dialog):
            return at.signing
        said = getattr(at, "signs", None)
        if callable(said):
            found: Signing | None = said()
            return found
        at = at.parentWidget()
    return None


class StandIn(Dialog):
    """Asked once for each person in whose name the workspace's owner signs: what that means, and what is recorded."""

    def __init__(self, parent: QWidget, signing: Signing) -> None:
        words = tr("账本上记为 {who}所为，审计记录写明由您代签。窗口上方会一直显示您在代谁签署，直到您结束代签。")
        super().__init__(
            parent, tr("代他人签署"), words.format(who=signing.who), accept=tr("代其签署"), width=480, writes=False
        )


class ConfirmName(Dialog):
    """For destructive acts: names what is lost and wants the thing's name typed."""

    def __init__(
        self, parent: QWidget, title: str, lost: str, name: str, act: str, *, signs: Signing | None = None
    ) -> None:
        super().__init__(parent, title, lost, accept=act, signs=signs)
        self._name = name
        self.accept_button.set_kind("danger")
        self.body.addWidget(Label(tr("请输入“{name}”以确认：").format(name=name), "body", wrap=True))
        self.editor = QLineEdit()
        self.editor.setAccessibleName(tr("名称"))
        self.editor.setFixedHeight(tokens.CONTROL_HEIGHT)
        self.editor.textChanged.connect(self._check)
        self.body.addWidget(self.editor)
        self._check("")
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _check(self, text: str) -> None:
        self.accept_button.setEnabled(text.strip() == self._name)


class Message(Dialog):
    """Something to read, with one button."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent, title, text, accept=tr("关闭"), writes=False)
        self.cancel_button.hide()
