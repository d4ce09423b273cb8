"""An embedded network's contracts on Fabric: those of this program's Python get servers and packages of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fabric_sdk.admin.lifecycle import Lifecycle
from fabric_sdk.admin.peer import Refused
from fabric_sdk.chaincode.loading import is_path
from fabric_sdk.chaincode.package import build_package, package_id, read_package
from fabric_sdk.errors import FabricError
from network.drivers.base import ContractService, Progress
from network.drivers.native import NativeDriver
from network.embedded import settings as node_settings
from network.embedded.peer import approved_package
from network.errors import Unavailable
from network.handle import NetworkHandle
from network.native.contracts import ContractSlots
from network.promotion.replay import ReplayPeers
from network.promotion.stored import StoredChannel
from network.text import Text


@dataclass(frozen=True)
class InForce:
    """A contract in force on a channel. `module` is the Python module that runs it here, "" where another process
    serves it; `packages` are the ids with which organisations (MSP ids) have approved it."""

    channel: str
    name: str
    version: str
    sequence: int
    module: str
    packages: Mapping[str, str]


def contracts_in_force(handle: NetworkHandle, channels: Mapping[str, StoredChannel]) -> list[InForce]:
    """All contracts of all channels."""
    modules = node_settings.load(handle.directory / "embedded").contracts
    found = []
    for name, channel in channels.items():
        msp_ids = {p.organization.msp_id for p in handle.channel_peers(name)}
        for contract, definition in channel.definitions().items():
            approved = {
                m: approved_package(channel.view, definition, m, contract, definition.sequence) for m in sorted(msp_ids)
            }
            packages = {m: identifier for m, identifier in approved.items() if identifier}
            labels = {identifier.rpartition(":")[0] for identifier in packages.values()}
            module = next((m for m in (_module(handle.directory, modules, label) for label in sorted(labels)) if m), "")
            found.append(InForce(name, contract, definition.version, definition.sequence, module, packages))
    return found


def _module(directory: Path, modules: Mapping[str, str], label: str) -> str:
    """The module that runs a label's contract here; sources on the disk by their path in the network's folder."""
    found = modules.get(label) or modules.get(label.rpartition("_")[0]) or ""
    if not is_path(found):
        return found
    return Path(os.path.relpath(directory / "embedded" / found, directory)).as_posix()


def prepare(handle: NetworkHandle, driver: NativeDriver, contracts: Iterable[InForce]) -> tuple[ContractService, ...]:
    """Give every contract of this program's Python its ports and package; the services, to be served and approved."""
    services: dict[tuple[str, str], ContractService] = {}
    for one in contracts:
        if not one.module:
            continue
        key = (one.name, one.version)
        channel = one.channel if key not in services else ""
        identifier = package_id(package_of(handle.directory, driver, one))
        label = f"{one.name}_{one.version}"
        services[key] = ContractService(one.name, one.version, label, identifier, one.module, channel)
    slots = ContractSlots(handle.directory)
    made = tuple(replace(s, tls=slots.tls(s.name, s.version)) for s in services.values())
    for service in made:
        slots.assign(service)
    return made


def package_of(directory: Path, driver: NativeDriver, one: InForce) -> bytes:
    """The package of a contract of this program's Python for this network on Fabric; the same bytes every time.

    Sources that travelled in the package do so again.
    """
    stored = next(_stored(directory, one), None)
    code = read_package(stored.read_bytes()).files if stored is not None and is_path(one.module) else {}
    files = {path: data for path, data in code.items() if path != "connection.json"}
    address = driver.contract_address(one.name, one.version)
    return build_package(
        f"{one.name}_{one.version}", address, tls=driver.contract_tls(one.name, one.version), files=files
    )


def _stored(directory: Path, one: InForce) -> Iterator[Path]:
    """The files of the packages with which a contract was approved, as embedded peers keep them."""
    for identifier in sorted(set(one.packages.values())):
        yield from (directory / "embedded" / "packages").glob(f"*/{identifier.replace(':', '.')}.tar.gz")


def install(
    handle: NetworkHandle, driver: NativeDriver, running: ReplayPeers, contracts: list[InForce], ctx: Progress
) -> None:
    """Install on replaying peers what they are to run: the new packages, and those of contracts served elsewhere."""
    for node in running.peers:
        ctx.check_cancelled()
        wanted: dict[str, bytes] = {}
        for one in contracts:
            if node.organization.name not in handle.spec.channel(one.channel).organizations:
                continue
            if one.module:
                package = package_of(handle.directory, driver, one)
                wanted[package_id(package)] = package
            elif (identifier := one.packages.get(node.organization.msp_id)) is not None:
                stored = package_file(handle.directory, node.name, identifier)
                if stored.exists():
                    wanted[identifier] = stored.read_bytes()
        with running.connection(node, 120.0) as peer:
            lifecycle = Lifecycle(peer)
            for identifier, package in wanted.items():
                try:
                    lifecycle.install(package)
                except (FabricError, Refused) as e:
                    raise Unavailable(
                        Text(
                            "{p} 不能安装 {c}：{e}", "{p} cannot install {c}: {e}", p=node.name, c=identifier, e=str(e)
                        ),
                        code="replay_failed",
                    ) from e


def package_file(directory: Path, peer: str, identifier: str) -> Path:
    """Where an embedded peer keeps an installed package."""
    return directory / "embedded" / "packages" / peer / (identifier.replace(":", ".") + ".tar.gz")


def served_elsewhere(directory: Path, contracts: Iterable[InForce]) -> Iterator[tuple[InForce, str]]:
    """(contract, address in its package) of the contracts that another process serves."""
    for one in contracts:
        if one.module:
            continue
        addresses = {read_package(path.read_bytes()).address for path in _stored(directory, one)}
        for address in sorted(addresses):
            yield one, address


def approve(handle: NetworkHandle, services: Iterable[ContractService], ctx: Progress) -> None:
    """Let every organisation approve its contracts' new packages: each commits a transaction on Fabric."""
    by_name = {(s.name, s.version): s for s in services}
    for channel in handle.spec.channels:
        members = {p.organization.msp_id: p for p in reversed(handle.channel_peers(channel.name))}
        for msp_id, peer in members.items():
            ctx.check_cancelled()
            with handle.peer_connection(peer) as connection:
                lifecycle = Lifecycle(connection)
                for committed in lifecycle.committed(channel.name):
                    definition = committed.definition
                    service = by_name.get((definition.name, definition.version))
                    if service is None:
                        continue
                    known = lifecycle.query_approved(channel.name, definition.name, definition.sequence)
                    if known is None or known.package_id != service.package_id:
                        ctx.log(Text("{m} 批准 {c}", "{m} approves {c}", m=msp_id, c=definition.name))
                        lifecycle.approve(channel.name, definition, service.package_id)
