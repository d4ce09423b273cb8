"""Branches: the chain of a network up to a block as a local embedded one, and rehearsals of contract upgrades on it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services import peers
from baas.services.network_reading import BRANCH
from baas.services.networks import PlanProgress
from baas.services.own_contracts import FOLDER, OwnContracts
from baas.session import Session

if TYPE_CHECKING:
    from baas.applications import Applications
    from baas.keystore import Keystore
    from baas.services.networks import NetworkService
    from network.branching.contracts import Supply
    from network.branching.making import Branched
    from network.branching.record import BranchRecord
    from network.branching.report import Rehearsal
    from network.handle import NetworkHandle
    from network.topology import NodeRef


class BranchService:
    """Makes branches of a workspace's networks and rehearses on them."""

    def __init__(
        self,
        networks: NetworkService,
        keystore: Keystore,
        applications: Applications,
        session: Session,
        events: EventBus,
    ) -> None:
        self._networks = networks
        self._keystore = keystore
        self._own = OwnContracts(networks, applications)
        self._applications = applications
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def record(self, network: str = "") -> BranchRecord | None:
        """What a network is a branch of; None for one that is none."""
        from network.branching.record import BranchRecord

        return BranchRecord.load(self._networks.folder(self._networks.resolve(network)))

    def name_for(self, network: str, name: str = "") -> str:
        """How a branch of a network is called: its name ends so that one sees what it is. The default name is free."""
        from network.branching.record import SUFFIX

        if name:
            if re.fullmatch(r"[a-z][a-z0-9-]{0,50}", name) is None:
                raise UserError(
                    Text("“{n}”不能作为网络名。", "{n} cannot be a network's name.", n=name[:60]),
                    Text("请用小写字母、数字和连字符。", "Use lower-case letters, digits and hyphens."),
                )
            return name if name.endswith(SUFFIX) else name + SUFFIX
        taken = set(self._networks.names())
        made = f"{network}{SUFFIX}"
        count = 2
        while made in taken:
            made, count = f"{network}-{count}{SUFFIX}", count + 1
        return made

    @requires(roles.NETWORK_CHANGE)
    def make(
        self,
        network: str = "",
        name: str = "",
        channel: str = "",
        *,
        last: int | None = None,
        private: bool = False,
        identity: str = "",
        ctx: JobContext = NULL_CONTEXT,
    ) -> Branched:
        """Branch a channel off after block `last` (the newest when None); returns what was made, the branch running.

        Read from one of the network's peers as `identity` (the acting person's own when ""); with `private` the private
        data of that identity's organisation come along, without it none. The network itself is not changed.
        """
        from network.branching.making import Branching, Source

        network = self._networks.resolve(network)
        handle = self._networks.handle(network)
        if (handle.directory / BRANCH).exists():
            raise UserError(
                Text("“{n}”自己就是分支。", "{n} is a branch itself.", n=network),
                Text("请从原网络建立分支。", "Make the branch from the network it came from."),
                code="branch",
            )
        channel = handle.spec.channel(channel).name if channel else handle.spec.channels[0].name
        label = identity or peers.own_label(handle, self._session.actor)
        if not self._session.is_acting(label, network) and self._session.actor.msp_id:
            self._session.require(roles.IDENTITY_ISSUE, label.partition("/")[0])
        name = self.name_for(network, name)
        folder = self._networks.place_for(name)
        source = Source(handle, channel, self._peer(handle, channel, label), handle.identity(label))
        with translating():
            made = Branching(folder, self._keystore, PlanProgress(ctx), ctx.step).make(
                name, source, self._supply(network, folder), last=last, private=private
            )
        self._networks.forget(name)
        self._events.publish(NetworkChanged(name, "up"))
        return made

    @requires(roles.NETWORK_CHANGE)
    def rehearse(
        self,
        network: str,
        contract: str,
        *,
        calls: int = 500,
        first: int | None = None,
        last: int | None = None,
        functions: Sequence[str] = (),
        ctx: JobContext = NULL_CONTEXT,
    ) -> Rehearsal:
        """Make the origin's recorded calls again with the version of a contract that is in force on a branch.

        Its newest `calls`, or all in blocks `first` to `last`; with `functions` only those. Neither the branch nor its
        origin changes. Before an upgrade it is the control: nothing should differ.
        """
        from network.branching.rehearse import Wanted, rehearse

        network = self._networks.resolve(network)
        folder = self._networks.folder(network)
        ctx.step("rehearse", Text("重做 {c} 的记录调用", "Make the recorded calls of {c} again", c=contract))
        wanted = Wanted(
            contract,
            -1 if first is None else first,
            -1 if last is None else last,
            max(1, calls),
            tuple(functions),
        )
        with translating():
            return rehearse(folder, wanted, PlanProgress(ctx))

    @staticmethod
    def _peer(handle: NetworkHandle, channel: str, label: str) -> NodeRef:
        nodes = handle.channel_peers(channel)
        own = label.partition("/")[0]
        return peers.first_answering(handle, sorted(nodes, key=lambda node: node.organization.msp_id != own))

    def _supply(self, origin: str, folder: Path) -> Supply:
        """What runs a contract of the origin here: an application's module, or a copy of somebody's own sources."""
        own = self._own.all(origin)
        templates = {m.contract.name: m.contract for m in self._applications.all()}
        sources = self._networks.folder(origin) / FOLDER

        def supply(name: str, version: str) -> tuple[str, bytes | None] | None:
            if name not in own:
                return (templates[name].module, None) if name in templates else None
            kept = sources / f"{name}_{version}"
            if own[name].kind != "python" or not kept.is_dir():
                return None
            shutil.copytree(sources, folder / FOLDER, dirs_exist_ok=True)
            return f"{FOLDER}/{kept.name}", _in_process(sources / f"{kept.name}.tar.gz", kept.name)

        return supply


def _in_process(package: Path, label: str) -> bytes:
    """The package of somebody's own contract for an embedded network: the same sources."""
    from fabric_sdk.chaincode.package import build_package, read_package
    from network.embedded.packages import IN_PROCESS

    files = read_package(package.read_bytes()).files
    return build_package(label, IN_PROCESS, files={p: d for p, d in files.items() if p != "connection.json"})
