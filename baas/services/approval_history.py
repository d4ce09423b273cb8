"""Who approved which definition, as the ledger tells every member: approvals are transactions that all can read.

Fabric answers "who approved this" only to somebody who knows the definition; a desk that has not approved it itself
learns it here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from baas.errors import CityChainError
from baas.services.definitions import LIFECYCLE, from_fabric
from fabric_sdk.errors import FabricError

if TYPE_CHECKING:
    from baas.services.explorer.service import ExplorerService
    from baas.services.lifecycle_model import Definition

APPROVE = "ApproveChaincodeDefinitionForMyOrg"
MOST = 200
"""How many of the newest lifecycle transactions are looked at."""


class ApprovalHistory:
    """Approvals read from blocks, by the explorer's index; each block is read once."""

    def __init__(self, explorer: Callable[[], ExplorerService]) -> None:
        self._explorer = explorer
        self._read: dict[tuple[str, str], tuple[str, Definition] | None] = {}

    def last(self, network: str, channel: str, name: str) -> dict[str, Definition]:
        """What each organisation approved last for the contract `name`, by MSP id; empty when nothing can be read."""
        found: dict[str, Definition] = {}
        with suppress(CityChainError):
            explorer = self._explorer()
            explorer.sync(network, channel)
            rows = explorer.transactions(network, channel=channel, contract=LIFECYCLE, valid=True, limit=MOST)
            for row in rows:
                if row.function != APPROVE or row.creator.partition("/")[0] in found:
                    continue
                approved = self._approval(explorer, network, channel, row.tx_id)
                if approved is not None and approved[0] == name:
                    found[row.creator.partition("/")[0]] = approved[1]
        return found

    def _approval(
        self, explorer: ExplorerService, network: str, channel: str, tx_id: str
    ) -> tuple[str, Definition] | None:
        from fabric_sdk.admin.lifecycle import read_approval

        if (channel, tx_id) not in self._read:
            arguments = explorer.transaction(network, tx_id, channel).args
            try:
                definition = from_fabric(read_approval(arguments[1]))
                self._read[channel, tx_id] = definition.name, definition
            except (FabricError, IndexError):
                self._read[channel, tx_id] = None
        return self._read[channel, tx_id]
