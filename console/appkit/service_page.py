"""What pages of applications share: one service a network, opened in a worker; what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget

from baas.errors import NotFound
from console.appkit.acting import Host
from console.context import Context
from console.i18n import tr
from console.tasks.runner import later
from console.widgets.basic import Button
from console.widgets.states import EmptyState

if TYPE_CHECKING:
    from baas.platform import Platform

NOT_DEPLOYED = "not_deployed"
"""The code of `read_service`'s error where there is no contract yet; any other error is shown as what it is."""


class ServicePage(Host):
    """Base of applications' pages: subclasses read their service (`read_service`) and show it (`enter`).

    `missing` are the words where the contract is not deployed; what changes is read again after `wait` ms.
    """

    def __init__(
        self, context: Context, name: str, icon: str, *, missing: tuple[str, str] | None = None, wait: int = 600
    ) -> None:
        super().__init__(context)
        self.name = name
        self._service: Any = None
        self._network, self._address = "", ""
        self.stack = QStackedWidget()
        self.outer.addWidget(self.stack, 1)
        words = missing or (tr("合约还没有部署"), tr("部署后就可以使用这个应用。"))
        deploy = Button(tr("去部署…"), lambda: context.go("contracts"), kind="primary")
        self.missing = EmptyState(icon, *words, deploy)
        self.stack.addWidget(self.missing)
        self._soon = later(wait, self, self._again)
        self.set_header(name)

    @property
    def service(self) -> Any:
        """The application's service; views are only shown when there is one."""
        if self._service is None:
            raise RuntimeError("no network is open")
        return self._service

    def read_service(self, platform: Platform, network: str) -> Any:
        """Open the service of a network; in a worker. `NotFound` with the code `NOT_DEPLOYED` without contract."""
        raise NotImplementedError

    def took(self, found: Any) -> Any:
        """Keep what `read_service` found beside the service, which is returned."""
        return found

    def enter(self) -> None:
        """Show the view of the address."""
        raise NotImplementedError

    # -- going about ---------------------------------------------------------------------------------
    def open(self, address: str) -> None:
        self._address = address
        self.refresh()

    def refresh(self) -> None:
        context = self.context
        if not context.ready:
            return
        platform, network = context.platform, context.network
        if not network:
            self._show_missing()
            return
        if self._service is not None and self._network == network:
            self.enter()
            return
        old, self._service = self._service, None
        if context.tasks.active:
            old = None  # a job may still work with it; it ends with the page

        def read() -> Any:
            if old is not None:
                old.close()
            return self.read_service(platform, network)

        self.read(read, self._opened, self._failed)

    def _opened(self, found: Any) -> None:
        self._service = self.took(found)
        self._network = self.context.network
        # A service may own a process or an index; it goes with the page (another role acts, the window closes).
        self.destroyed.connect(self._service.close)
        self.enter()

    def _failed(self, error: Any) -> None:
        if isinstance(error, NotFound) and error.code == NOT_DEPLOYED and self._service is None:
            self._show_missing()
        else:
            self.banner.show_error(error, self.refresh)

    def _show_missing(self) -> None:
        self.set_header(self.name, "", [], tabs=[])
        self.stack.setCurrentWidget(self.missing)

    def heard(self, event: Any) -> None:
        from baas.events import BlockIndexed, IdentityChanged, NetworkChanged

        if isinstance(event, NetworkChanged):
            self._network = ""
            self._soon.start()
        elif isinstance(event, IdentityChanged):
            self.people_changed()
        elif isinstance(event, BlockIndexed):
            self._soon.start()

    def people_changed(self) -> None:
        """People may have come or gone."""

    def _again(self) -> None:
        self.refresh()

    def looked_up(self, fn: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Read something beside the page; whatever fails is not told."""
        self.context.tasks.fetch(fn, done, lambda error: None, owner=self)
