"""A contract's definition that an administrator will not approve: said with a reason, and told where it was proposed.

The ledger counts approvals only; a refusal is a signed file for whoever proposed the definition, and the same
organisation may still approve later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import CityChainError, Conflict, Text, translating
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.changes import ChangeService
    from baas.services.contracts import ContractService
    from baas.services.identities import IdentityService
    from baas.services.lifecycle_model import Definition, LifecycleBoard
    from baas.services.networks import NetworkService


class DefinitionRefusals:
    """Says no to an approval request, and keeps what others said to ours."""

    def __init__(
        self,
        networks: NetworkService,
        identities: IdentityService,
        contracts: ContractService,
        changes: ChangeService,
        session: Session,
    ) -> None:
        self._networks = networks
        self._identities = identities
        self._contracts = contracts
        self._changes = changes
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.CONTRACT_CHANGE)
    def refuse(self, source: Path, target: Path, label: str, reason: str, network: str = "") -> None:
        """Refuse an approval request as the administrator `label`, with a reason; the refusal goes into `target`."""
        from network.refusals import Refusal, reason_of, say_no

        reason = reason_of(reason)
        network = self._networks.resolve(network)
        asked, _ = self._contracts.look_at_request(network, source)
        identity = self._identities.signing(label, network)
        digest = digest_of(asked.channel, asked.definition, asked.package_id)
        what = Refusal(asked.channel, digest, reason, 0, "", "", contract=asked.definition.name)
        with translating():
            say_no(self._changes.config_of(network, asked.channel), what, target, identity)

    @requires(roles.CONTRACT_CHANGE)
    def take_in(self, source: Path, network: str = "") -> tuple[str, ...]:
        """Keep somebody's refusal of the definition that is being agreed on; returns all that stand, in words."""
        from network import refusals

        network = self._networks.resolve(network)
        with translating():
            found = refusals.read(source)
        if not found.contract:
            raise _another()
        board = self._contracts.board(network, found.contract, found.channel)
        if board.pending is None or found.update != _digest(board):
            raise _another()
        with translating():
            config = self._changes.config_of(network, found.channel)
            refusals.keep(config, found, self._folder(network, found.channel, found.contract), source)
        return self.of(board)

    @requires(roles.CONTRACT_READ)
    def of(self, board: LifecycleBoard) -> tuple[str, ...]:
        """`MSP/name: reason` of each refusal of what a board is about; who approved since has changed their mind."""
        from network import refusals

        folder = self._folder(board.network, board.channel, board.contract)
        if board.pending is None or not any(folder.glob("*.json")):
            return ()
        approved = {row.msp_id for row in board.rows if row.approved}
        with translating():
            config = self._changes.config_of(board.network, board.channel)
            found = list(refusals.of(config, folder, _digest(board), board.contract))
        return tuple(f"{one.msp_id}/{one.name}: {one.reason}" for one in found if one.msp_id not in approved)

    @requires(roles.CONTRACT_READ)
    def waiting(self, network: str = "") -> Iterator[tuple[LifecycleBoard, tuple[str, ...]]]:
        """The definitions of this desk that somebody refused, with what was said; nothing is asked when none was."""
        network = self._networks.resolve(network)
        for folder in sorted(self._root(network).glob("*/*")):
            try:
                board = self._contracts.board(network, folder.name, folder.parent.name)
                said = self.of(board)
            except CityChainError:
                continue
            if said:
                yield board, said

    def _root(self, network: str) -> Path:
        return self._networks.folder(network) / "refused-definitions"

    def _folder(self, network: str, channel: str, contract: str) -> Path:
        return self._root(network) / channel / contract


def digest_of(channel: str, definition: Definition, package_id: str) -> str:
    """By what a refusal names a definition: all that would be approved, and the package that it was shown with."""
    from baas.services.definitions import canonical

    told = ["definition", channel, asdict(canonical(definition)), package_id]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _digest(board: LifecycleBoard) -> str:
    assert board.pending is not None
    package_id = next((row.package_id for row in board.rows if row.approved and row.package_id), "")
    return digest_of(board.channel, board.pending, package_id)


def _another() -> CityChainError:
    return Conflict(
        Text("这份拒绝针对的是另一个定义。", "This refusal is of another definition."),
        Text("请看现在等待批准的定义：chaincode status 合约", "See what waits: chaincode status CONTRACT"),
        code="other_definition",
    )
