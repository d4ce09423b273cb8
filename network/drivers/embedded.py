"""The embedded runtime: one local process that is a whole Fabric network (`network.embedded`).

Everything it has lies in `embedded/` of the network's folder; certificates and genesis blocks are the same groundwork
as every runtime has.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fabric_sdk.chaincode.loading import is_path
from fabric_sdk.chaincode.package import ClientTls
from fabric_sdk.files import remove_folder
from network.addresses import LOOPBACK, AddressBook
from network.contract_keys import ensure_keys, read_keys
from network.contract_sync import ContractSync
from network.drivers.base import Capability, ContractService, NetworkStatus, Progress, Step
from network.drivers.embedded_process import NodeProcess, node_status
from network.drivers.embedded_settings import SettingsMaker
from network.embedded.faults import RpcError
from network.embedded.packages import IN_PROCESS
from network.embedded.settings import Settings, SettingsInvalid, load
from network.errors import NotFound, Unavailable, UserError
from network.groundwork import GROUNDWORK_KINDS, apply_groundwork, genesis_path, groundwork_steps
from network.growth import GROWTH_KINDS, ChannelGrowth
from network.handle import NetworkHandle
from network.hybrid.nodes import RealPeers
from network.hybrid.record import HybridRecord
from network.listening import LISTEN, listening_steps, write_addresses
from network.material import OrganizationCA
from network.mending import MEND_NODE, MENDING_KINDS, apply_mending, mending_steps
from network.plan import NetworkState
from network.renewal import RENEW_NODE, StagedCertificates, announce, pending_renewals, renewal_steps
from network.text import Text
from network.topology import ChannelSpec, NodeRef, Runtime, TopologySpec
from network.vault import KeyVault, write_public

BRANCH = "branch.json"
"""In the folder of a branch (`network.branching.record`)."""
SETTINGS, START, CONTRACTS, TAKE_BACK = "settings", "start", "contracts", "take-back"


class EmbeddedDriver:
    """Runs a topology as one process on this machine."""

    runtime: Runtime = "embedded"

    def __init__(self, directory: Path, vault: KeyVault) -> None:
        self.directory = directory
        self._vault = vault
        self._home = directory / "embedded"
        self._process = NodeProcess(self._home)
        self._real = RealPeers(directory, vault)
        self._maker = SettingsMaker(directory, vault, self._real)
        self._spec: TopologySpec | None = None

    # Plan

    def check(self, spec: TopologySpec) -> Capability:
        """Say whether this machine can run `spec`: it needs Python's SQLite and nothing else."""
        version = f"SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}"
        remote = [n.name for n in spec.nodes() if n.host]
        if remote:
            return Capability(
                False,
                version,
                Text("内置账本的网络只能在本机运行。", "An embedded network runs on this machine only."),
                Text(
                    "请去掉节点 {n} 的 host，或选用其他运行方式。",
                    "Take the host away from {n}, or choose another runtime.",
                    n=remote[0],
                ),
            )
        return Capability(True, version)

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        """Return what is missing: groundwork, the node's settings, a running process."""
        self._spec = spec
        self._real.require_none_added(spec)
        if HybridRecord.load(self.directory).moving:
            title = Text("撤销未完成的交接", "Undo a handing over that was not finished")
            return [Step(TAKE_BACK, spec.name, title)]
        steps = groundwork_steps(self.directory, spec, self._vault)
        mending = mending_steps(self.directory, spec, self._vault)
        steps += mending
        steps += listening_steps(self.directory, spec, list(spec.nodes()))
        if len(steps) > len(mending) or not self._settings_fit(spec):
            steps.append(Step(SETTINGS, spec.name, Text("写入内置账本的设置", "Write the embedded ledger's settings")))
        apart = any(step.kind == MEND_NODE for step in mending)
        if apart or self._process.ask({"action": "status"}) is None:
            steps.append(Step(START, spec.name, Text("启动内置账本", "Start the embedded ledger")))
            return steps
        if self._real.absent(spec):
            return [*steps, Step(START, spec.name, Text("启动真实节点", "Start the real peers"))]
        steps += renewal_steps(self.directory, spec)
        if (self.directory / BRANCH).exists():
            return steps  # its channel's configuration is its origin's, not its topology's
        for channel in spec.channels:
            if genesis_path(self.directory, channel.name).exists():
                steps += self._growth(spec, channel).steps()
                if ContractSync(self._handle(spec), channel.name, self._members(spec, channel)).missing():
                    title = Text("为新节点安装合约", "Bring the contracts to new peers")
                    steps.append(Step(CONTRACTS, channel.name, title))
        return steps

    def apply(self, step: Step, ctx: Progress) -> None:
        """Do one step of the last plan."""
        spec = self._wanted()
        if step.kind in GROUNDWORK_KINDS:
            if self._process.pid() is None:
                self._process.begin()  # its modules load while keys and certificates are made
            apply_groundwork(self.directory, spec, self._vault, step, ctx)
        elif step.kind in MENDING_KINDS:
            if step.kind == MEND_NODE:
                self._process.stop()
            apply_mending(self.directory, spec, self._vault, step, ctx)
        elif step.kind == LISTEN:
            self._listen(spec)
        elif step.kind == SETTINGS:
            self.take_over_settings()
        elif step.kind in (START, TAKE_BACK):
            if step.kind == TAKE_BACK:
                from network.hybrid.handover import recover

                recover(self.directory, self._vault)
            self.start()
        elif step.kind == RENEW_NODE:
            self._renew(spec, spec.node(step.target))
        elif step.kind == CONTRACTS:
            channel = spec.channel(step.target)
            ContractSync(self._handle(spec), channel.name, self._members(spec, channel)).run(ctx)
        elif step.kind in GROWTH_KINDS:
            channel = spec.channel(step.target.partition("/")[0])
            self._growth(spec, channel).apply(step, ctx, lambda: None)
        else:
            raise ValueError(f"not a step of the embedded driver: {step.id}")

    def _listen(self, spec: TopologySpec) -> None:
        """Listen where was chosen; the address book comes last, so that an interrupted step is done again."""
        self._real.require_none(spec)
        for node in spec.nodes():
            ca = OrganizationCA(self.directory, spec.name, node.organization, self._vault)
            if not ca.foreign:  # whose authority is elsewhere certifies the name by request, when it is asked anew
                ca.nodes.readdress_tls(node)
        self._write_settings(spec)
        if self._process.ask({"action": "status"}) is not None:
            self.stop()
            self.start()
        write_addresses(self.directory, list(spec.nodes()))

    def _growth(self, spec: TopologySpec, channel: ChannelSpec) -> ChannelGrowth:
        renewing = frozenset(pending_renewals(self.directory))
        return ChannelGrowth(self._handle(spec), spec, channel, self._vault, renewing)

    def _handle(self, spec: TopologySpec) -> NetworkHandle:
        return NetworkHandle(self.directory, self._vault, spec=spec)

    def _members(self, spec: TopologySpec, channel: ChannelSpec) -> list[NodeRef]:
        """A channel's embedded peers: real ones have packages of their own."""
        real = {n.name for n in self._real.nodes(spec)}
        return [n for n in spec.peers() if n.organization.name in channel.organizations and n.name not in real]

    def _renew(self, spec: TopologySpec, node: NodeRef) -> None:
        """Give a node new certificates; its process reads them when it starts again."""
        what = pending_renewals(self.directory).get(node.name)
        if not what:
            return
        handle = self._handle(spec)
        staged = StagedCertificates(handle.authority(node.organization.msp_id), node, what)
        staged.prepare(keep_tls_key=True)
        if node.kind == "orderer":
            announce(handle, spec, node, staged)
        staged.install()
        self.stop()
        self.start()
        staged.finish(self.directory)

    # Life

    def start(self, node: str | None = None) -> None:
        """Start one node, or the process with all of them; returns when they answer."""
        if node is not None:
            if self._is_real(node):
                self._real.start(self._wanted(), only=self._wanted().node(node).name)
            else:
                self._switch(node, on=True)
            return
        answer = self._process.ask({"action": "status"})
        if answer is None:
            self._process.start()
            answer = self._process.ask({"action": "status"}) or {}
        for group in ("orderers", "peers"):
            for name, entry in answer.get(group, {}).items():
                if not entry["running"]:
                    self._switch(name, on=True)
        self._real.start(self._wanted())

    def stop(self, node: str | None = None) -> None:
        """Stop one node, or the whole process; returns when it has ended."""
        if node is not None:
            if self._is_real(node):
                self._real.stop(self._wanted().node(node).name)
            else:
                self._switch(node, on=False)
            return
        self._real.stop()
        self._process.stop()

    def destroy(self) -> None:
        """Stop the process and remove what it stored; certificates and genesis blocks stay with the network."""
        self.stop()
        self._real.destroy()
        remove_folder(self._home)

    def status(self) -> NetworkStatus:
        """Return the state of every node; never raises because the process is down."""
        spec = self._wanted()
        answer = self._process.ask({"action": "status"})
        book = AddressBook.load(self.directory)
        real = {node.name for node in self._real.nodes(spec)}
        nodes = tuple(
            self._real.status(node, book) if node.name in real else node_status(node, answer, book)
            for node in spec.nodes()
        )
        return NetworkStatus(spec.name, "embedded", nodes)

    def counters(self) -> dict[str, Any]:
        """What the process has done since it began, by channel (`embedded.counting`), and its `pid`; empty if it does
        not run."""
        answer = self._process.ask({"action": "status"})
        return {} if answer is None else {"pid": answer["pid"], "channels": answer.get("counters", {})}

    def logs(self, node: str, lines: int = 200) -> list[str]:
        """Return the last lines of the process's log (all embedded nodes share it), or of a real peer's own."""
        one = self._wanted().node(node)
        if self._is_real(node):
            return self._real.logs(one, lines)
        try:
            with (self._home / "node.log").open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - 400 * lines - 4096))
                return stream.read().decode("utf-8", "replace").splitlines()[-lines:]
        except FileNotFoundError:
            return []

    # Contracts

    def contract_address(self, name: str, version: str) -> str:
        """Return the address in the package; contracts of this machine's Python run inside the process instead.

        Real peers complete theirs; the embedded ones then know the contract by its label.
        """
        return self._real.contract_address(name, version) if self._real.nodes(self._wanted()) else IN_PROCESS

    def contract_tls(self, name: str, version: str) -> ClientTls | None:
        """Nothing where the contracts run inside the process; what real peers' builders complete."""
        return self._real.contract_tls(name, version) if self._real.nodes(self._wanted()) else None

    def seen_from_nodes(self) -> str:
        """Return this machine: the nodes run on it."""
        return LOOPBACK

    def serve_contract(self, service: ContractService, ctx: Progress) -> None:
        """Make a contract's Python module known to the node, and serve it to real peers."""
        self._serve_inside(service)
        members = self._real.nodes(self._wanted())
        if service.channel:
            wanted = self._wanted().channel(service.channel).organizations
            members = [node for node in members if node.organization.name in wanted]
        if members and service.module:
            self._real.serve(service, members, ctx)

    def _serve_inside(self, service: ContractService) -> None:
        settings = self._settings()
        made = [o for o in self._wanted().organizations if o.peers and not read_keys(self.directory, o).files]
        for organization in made:
            ensure_keys(self.directory, organization)
        # Sources of somebody's own are kept by version: the one in force runs on until the next is agreed on.
        wanted = {service.name: service.module} if service.module else {}
        if is_path(service.module):
            wanted = {service.label: Path(os.path.relpath(self.directory / service.module, self._home)).as_posix()}
        known = all(settings.contracts.get(k) == v for k, v in wanted.items())
        if known and not made and not is_path(service.module):
            return
        contracts = {**settings.contracts, **wanted}
        replace(self._maker.settings(self._wanted(), settings), contracts=contracts).save(self._home)
        if self._process.ask({"action": "status"}) is not None:
            self._control({"action": "reload"})
            if is_path(service.module):
                self.reload_contract(service.label)

    def stop_contract(self, package_id: str) -> None:
        """Nothing to stop: contracts run inside the node."""

    def reload_contract(self, name: str) -> None:
        """Let the node import an edited contract anew; `UserError` with the reason when it cannot be loaded."""
        try:
            self._process.call({"action": "reload-contract", "name": name})
        except RpcError as e:
            if e.code == "INVALID_ARGUMENT":
                raise UserError(
                    Text("合约 {c} 无法载入：{e}", "{c} cannot be loaded: {e}", c=name, e=e.message),
                    Text("改正后再重载；此前的版本仍在使用。", "Mend it and reload; the one before is still in use."),
                    code="contract_unloadable",
                ) from e
            if e.code == "NOT_FOUND":
                raise NotFound(
                    Text("合约 {c} 不在内置账本的进程里。", "{c} does not run inside the embedded ledger.", c=name)
                ) from e
            raise Unavailable(
                Text("内置账本没有运行。", "The embedded ledger is not running."),
                Text("请先启动网络。", "Start the network first."),
            ) from e

    # Settings

    def _wanted(self) -> TopologySpec:
        if self._spec is None:
            state = NetworkState.load(self.directory)
            self._spec = state.wanted or state.reached
        if self._spec is None:
            raise NotFound(
                Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self.directory)),
                Text("请先创建网络。", "Set a network up first."),
            )
        return self._spec

    def _settings(self) -> Settings:
        try:
            return load(self._home)
        except SettingsInvalid as e:
            raise Unavailable(
                Text("内置账本的设置无法读取：{e}", "The embedded ledger's settings cannot be read: {e}", e=str(e)),
                Text("请重新运行“network up”修复。", "Run 'network up' again to repair them."),
            ) from e

    def _settings_fit(self, spec: TopologySpec) -> bool:
        try:
            existing = load(self._home)
        except SettingsInvalid:
            return False
        wanted = self._maker.settings(spec, existing)
        return wanted == existing and all(self._maker.knows(spec, o.msp_id) for o in spec.organizations)

    def _write_settings(self, spec: TopologySpec) -> None:
        existing = None
        with contextlib.suppress(SettingsInvalid):
            existing = load(self._home)
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for organization in spec.organizations:
            write_public(self._maker.msp_path(organization.msp_id), self._maker.msp(spec, organization.msp_id))
        self._maker.settings(spec, existing).save(self._home)

    def _is_real(self, node: str) -> bool:
        spec = self._wanted()
        return spec.node(node).name in {n.name for n in self._real.nodes(spec)}

    def take_over_settings(self) -> None:
        """Let the process know which peers are real now."""
        self._write_settings(self._wanted())
        if self._process.ask({"action": "status"}) is not None:
            self._control({"action": "reload"})

    def serve_again(self, peers: list[str]) -> None:
        """Let embedded peers serve that were stopped to be handed over, at once or when the process starts."""
        settings = load(self._home)
        if self._process.ask({"action": "status"}) is not None:
            for name in peers:
                self._switch(name, on=True)
        elif set(peers) & set(settings.stopped):
            replace(settings, stopped=tuple(n for n in settings.stopped if n not in peers)).save(self._home)

    def real_peers_in_line(self) -> set[str]:
        """Real peers with which the process is in line and that have said what they run."""
        answer = self._process.ask({"action": "status"}) or {}
        return {name for name, entry in answer.get("real", {}).items() if entry["running"] and entry["told"]}

    # Asking the process

    def _switch(self, name: str, *, on: bool) -> None:
        node = self._wanted().node(name)
        self._control({"action": "switch", "name": node.name, "on": on})

    def _control(self, message: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._process.call(message)
        except RpcError as e:
            if e.code == "UNAVAILABLE":
                raise Unavailable(
                    Text("内置账本没有运行。", "The embedded ledger is not running."),
                    Text("请先启动网络。", "Start the network first."),
                ) from e
            raise Unavailable(
                Text("内置账本未能完成操作：{e}", "The embedded ledger could not do it: {e}", e=e.message)
            ) from e
