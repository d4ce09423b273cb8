"""Follows a contract's sources while they are edited and lets the embedded ledger load them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from baas.services.contract_sources import stamp_of

if TYPE_CHECKING:
    from console.context import Context
    from network.errors import CityChainError

Stamp = tuple[tuple[str, int, int], ...]


class SourceWatch(QObject):
    """Looks every second. Signals: `reloaded(contract)`; `failed(error)` with the reason, the old code stays in use."""

    reloaded = Signal(str)
    failed = Signal(object)
    INTERVAL_MS = 1000

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.contract = ""
        self._module = ""
        self._stamp: Stamp = ()
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setInterval(self.INTERVAL_MS)
        self._timer.timeout.connect(self.look)

    def follow(self, contract: str, module: str) -> None:
        """Begin with the sources as they are now; "" ends it."""
        self.contract, self._module = contract, module
        self._stamp = ()
        if contract:
            self._stamp = stamp_of(module)
            self._timer.start()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Reload when a source has changed."""
        if self._busy or not self.contract:
            return
        self._busy = True
        contract, module, before = self.contract, self._module, self._stamp
        contracts, network = self._context.platform.contracts, self._context.network

        def check() -> tuple[Stamp, bool]:
            now = stamp_of(module)
            return now, now != before

        def found(result: tuple[Stamp, bool]) -> None:
            self._busy = False
            now, changed = result
            if changed and contract == self.contract:
                self._stamp = now
                self._context.tasks.fetch(
                    lambda: contracts.reload(network, contract), lambda _: self.reloaded.emit(contract), self._failed
                )

        self._context.tasks.fetch(check, found, self._failed, owner=self)

    def _failed(self, error: CityChainError | Any) -> None:
        self._busy = False
        self.failed.emit(error)
