"""The page header: title, one line of facts, at most three actions, tabs below."""

from __future__ import annotations

from weakref import ref

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from console.i18n import tr
from console.i18n.plain import label, tip
from console.page import Action, Page
from console.theme import tokens
from console.widgets.basic import Button, Elided, Label, clear, hbox, line, vbox
from console.widgets.choice import Tabs
from console.widgets.signing import SignLine, signs


class Header(QWidget):
    """Shows what the page says about itself. Signals: `tab_chosen(id)`."""

    tab_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        outer = vbox(self, spacing=0)
        bar = QWidget()
        bar.setFixedHeight(tokens.PAGE_HEADER)
        row = hbox(bar, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 12), spacing=8)
        words = vbox(spacing=1)
        self.title = Elided("", "page")
        self.facts = Elided("", "caption", "text2")
        words.addWidget(self.title)
        words.addWidget(self.facts)
        row.addLayout(words, 1)
        self.reason = Label("", "caption", "text2")
        row.addWidget(self.reason)
        self._actions = hbox(spacing=8)
        row.addLayout(self._actions)
        outer.addWidget(bar)
        self.sign_line = SignLine()  # a row of its own: a narrow header has no room for a person and an organisation
        self.sign_line.setContentsMargins(tokens.PAGE_MARGIN, 0, tokens.PAGE_MARGIN, 6)
        outer.addWidget(self.sign_line)
        self.tabs = Tabs(tr("页签"), [])
        self.tabs.chosen.connect(self.tab_chosen)
        self._tab_row = QWidget()
        tab_row = hbox(self._tab_row, margins=(tokens.PAGE_MARGIN, 0, tokens.PAGE_MARGIN, 0))
        tab_row.addWidget(self.tabs)
        tab_row.addStretch(1)
        outer.addWidget(self._tab_row)
        self._line = line()
        outer.addWidget(self._line)
        self.buttons: dict[str, Button] = {}
        self._shown: list[tuple[object, ...]] = []
        self._of: ref[Page] | None = None

    def show_page(self, page: Page) -> None:
        """Take title, facts, actions and tabs from `page`."""
        self.title.setText(page.title)
        self.facts.setText(page.facts)
        signing = next((a.signs for a in page.header_actions if a.signs is not None and a.enabled), None)
        self.reason.setText(page.reason)
        self.reason.setVisible(bool(page.reason))
        self.sign_line.show_signing(signing if not page.reason else None)
        self.tabs.set_options(page.tabs, page.tab_notes)
        self.tabs.choose(page.tab, tell=False)
        self._tab_row.setVisible(bool(page.tabs))
        self._line.setVisible(bool(page.tabs))
        shape = [
            (a.id, a.text, a.icon, a.kind, a.enabled, a.reason, _words(a), id(a.signed or a.run), a.signs)
            for a in page.header_actions
        ]
        # Another page's buttons are never kept: what they would do is the other page's, which may have gone.
        if shape != self._shown or self._of is None or self._of() is not page:
            self._shown, self._of = list(shape), ref(page)
            self._fill(page.header_actions)

    def _fill(self, actions: list[Action]) -> None:
        clear(self._actions)
        self.buttons.clear()
        for action in actions:
            button = Button(action.text, action.run, icon=action.icon, kind=action.kind)
            button.setEnabled(action.enabled)
            button.setToolTip(tip(action.reason))
            if action.reason:
                button.setAccessibleDescription(action.reason)
            elif action.signs is not None:
                signs(button, action.signs)
            if action.menu:
                menu = QMenu(button)
                for text, run in action.menu:
                    # An entry tells whether it is ticked, which `run` would take for its own first value.
                    menu.addAction(label(text)).triggered.connect(lambda _ticked=False, run=run: run())
                button.setMenu(menu)
                button.setText(f"{action.text}  ▾")
            self.buttons[action.id] = button
            self._actions.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    @property
    def primary(self) -> Button | None:
        """The page's primary action, for Ctrl+N."""
        for button in self.buttons.values():
            if button.property("kind") == "primary":
                return button
        return next(iter(self.buttons.values()), None)


def _words(action: Action) -> tuple[str, ...]:
    return tuple(text for text, _ in action.menu)
