"""The contracts of a branch: those that this program's Python can run are approved anew by every organisation."""

from __future__ import annotations

from collections.abc import Callable

from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.admin.peer import Refused
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import FabricError
from network.drivers.base import ContractService, Progress, Silent
from network.drivers.embedded import EmbeddedDriver
from network.errors import Unavailable
from network.handle import NetworkHandle
from network.text import Text

Supply = Callable[[str, str], tuple[str, bytes | None] | None]
"""From a contract's name and version to the module (or path of sources in the network's folder) that runs it, and its
package where that is a particular one; None where nothing here can run it."""


def provide(
    handle: NetworkHandle, driver: EmbeddedDriver, channel: str, supply: Supply, ctx: Progress
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Install, serve and approve the definitions in force; (contracts that run now, contracts that nothing can run)."""
    peers = handle.channel_peers(channel)
    with handle.peer_connection(peers[0]) as connection:
        definitions = [one.definition for one in Lifecycle(connection).committed(channel)]
    ran, without = [], []
    for definition in definitions:
        ctx.check_cancelled()
        found = supply(definition.name, definition.version)
        if found is None:
            without.append(definition.name)
            continue
        _provide(handle, driver, channel, definition, *found)
        ran.append(definition.name)
    return tuple(ran), tuple(without)


def _provide(
    handle: NetworkHandle,
    driver: EmbeddedDriver,
    channel: str,
    definition: ChaincodeDefinition,
    module: str,
    package: bytes | None,
) -> None:
    label = f"{definition.name}_{definition.version}"
    package = package or build_package(label, driver.contract_address(definition.name, definition.version))
    identifier = package_id(package)
    service = ContractService(definition.name, definition.version, label, identifier, module, channel)
    driver.serve_contract(service, Silent())
    approved: set[str] = set()
    try:
        for peer in handle.channel_peers(channel):
            msp_id = peer.organization.msp_id
            with handle.peer_connection(peer) as connection:
                lifecycle = Lifecycle(connection)
                lifecycle.install(package)
                if msp_id in approved:
                    continue
                approved.add(msp_id)
                # An organisation that took its private data along has its approval here.
                known = lifecycle.query_approved(channel, definition.name, definition.sequence)
                if known is None or known.package_id != identifier:
                    lifecycle.approve(channel, definition, identifier)
    except (FabricError, Refused) as e:
        raise Unavailable(
            Text("合约 {c} 不能在分支上运行：{e}", "{c} cannot run on the branch: {e}", c=definition.name, e=str(e)),
            code="branch_contract",
        ) from e
