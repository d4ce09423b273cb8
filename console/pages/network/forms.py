"""What the network page is left for: the wizard that makes a network, the form that attaches one."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from console.context import Context
from console.i18n import tr
from console.page import Page
from console.pages.network.attach import AttachView
from console.pages.network.wizard import Wizard
from console.theme import tokens
from console.widgets.card import Scroll


class NetworkForms(Page):
    """A page with a stack; `bare` is what it shows without a network, and where a form returns to."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        self.bare = Scroll((tokens.PAGE_MARGIN, 4, tokens.PAGE_MARGIN, 24))
        self.stack.addWidget(self.bare)
        self.wizard: Wizard | None = None
        self.attach: AttachView | None = None

    @property
    def wizard_open(self) -> bool:
        """Whether the wizard or the attach form is what the person is in now."""
        current = self.stack.currentWidget()
        return current is not None and (current is self.wizard or current is self.attach)

    def _leave_form(self, address: str) -> bool:
        """Whether a named network is to be shown instead of the wizard, whose draft is kept; an ended build is over."""
        build = self.wizard.build if self.wizard is not None else None
        if build is not None and not (build.view is not None and build.view.running):
            self._drop(self.wizard)
            self.wizard = None
            return False
        return bool(address) and self.wizard_open

    def _open_wizard(self) -> None:
        if self.wizard is None:
            self.wizard = Wizard(self.context)
            self.wizard.header_changed.connect(self._wizard_header)
            self.wizard.finished.connect(self._wizard_finished)
            self.wizard.left.connect(self._leave_wizard)
            self.stack.addWidget(self.wizard)
        self.stack.setCurrentWidget(self.wizard)
        self._wizard_header()

    def _wizard_header(self) -> None:
        if self.wizard is not None and self.stack.currentWidget() is self.wizard:
            self.set_header(tr("新建网络"), self.wizard.facts(), self.wizard.header_actions(), tabs=[])

    def _wizard_finished(self, name: str) -> None:
        self._drop(self.wizard)
        self.wizard = None
        self.context.go(f"networks/{name}")

    def _leave_wizard(self) -> None:
        self._drop(self.wizard)
        self.wizard = None
        self.context.go("networks" if self.context.network else "overview")

    def _open_attach(self) -> None:
        if self.attach is None:
            self.attach = AttachView(self.context)
            self.attach.header_changed.connect(self._attach_header)
            self.attach.finished.connect(self._attached)
            self.attach.left.connect(self._leave_attach)
            self.stack.addWidget(self.attach)
        self.stack.setCurrentWidget(self.attach)
        self._attach_header()

    def _attach_header(self) -> None:
        if self.attach is not None and self.stack.currentWidget() is self.attach:
            self.set_header(
                tr("接入已有网络"),
                tr("用连接配置和身份接入，不改动对方网络"),
                self.attach.header_actions(),
                tabs=[],
                reason=self.attach.missing(),
            )

    def _attached(self, name: str) -> None:
        self._drop(self.attach)
        self.attach = None
        self.context.choose_network(name)
        self.context.go(f"networks/{name}")

    def _leave_attach(self) -> None:
        self._drop(self.attach)
        self.attach = None
        self.context.go("networks" if self.context.network else "overview")

    def _drop(self, widget: QWidget | None) -> None:
        if widget is not None:
            self.stack.setCurrentWidget(self.bare)
            self.stack.removeWidget(widget)
            widget.deleteLater()
