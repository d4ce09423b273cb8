"""Fabric's programs of a running network exchanged for another release, node by node, and back.

First the programs, orderers before peers, each node healthy and caught up before the next; the channels keep the old
release's capabilities, so that every node could go back. Raising the capabilities is a second act of its own: it needs
the signatures that the channels' policies ask for, and from then on there is no way back. The rules are those of
Fabric's documentation, "Upgrading to the latest version of Fabric" and "Updating the capability level of a channel".
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Conflict, Text, Unavailable, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.plan import PlanResult
    from network.topology import TopologySpec


OLDEST = (2, 5)
"""No network is taken below it: this program speaks the Gateway's protocol of 2.5."""


@dataclass(frozen=True)
class UpgradeStep:
    """One step of an upgrade: `kind` is node or capabilities; `target` a node or a channel."""

    kind: str
    target: str
    title: Text


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did. `back` is the release that the nodes can still go back to, "" when they cannot."""

    network: str
    version: str
    capabilities: str
    seconds: float
    steps: tuple[str, ...]
    back: str


class FabricVersionService:
    """Plans, rehearses and carries out upgrades of native and Docker networks."""

    def __init__(self, networks: NetworkService, session: Session, events: EventBus) -> None:
        self._networks = networks
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_CHANGE)
    def plan(self, version: str, network: str = "") -> tuple[UpgradeStep, ...]:
        """What `upgrade` would do; refuses as it does, and changes nothing."""
        spec, wanted = self._wanted(version, self._networks.resolve(network))
        steps = [
            UpgradeStep(
                "node", n.name, Text("{n}：{a} → {b}", "{n}: {a} → {b}", n=n.name, a=spec.fabric_version, b=version)
            )
            for n in wanted.nodes()
        ]
        if wanted.capabilities_of != version:
            steps += [
                UpgradeStep(
                    "capabilities",
                    channel.name,
                    Text(
                        "之后由各组织同意：citychain network upgrade --capabilities（通道 {c}）",
                        "later, when everybody agrees: citychain network upgrade --capabilities (channel {c})",
                        c=channel.name,
                    ),
                )
                for channel in wanted.channels
            ]
        return tuple(steps)

    @requires(roles.NETWORK_CHANGE)
    def upgrade(self, version: str, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> Upgraded:
        """Let every node run this release, one after the other; the capabilities stay. Interrupted, call it again.

        An earlier release is a way back as long as the capabilities are those of it.
        """
        network = self._networks.resolve(network)
        _, wanted = self._wanted(version, network)
        return self._run(network, wanted, ctx)

    @requires(roles.NETWORK_CHANGE)
    def raise_capabilities(self, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> Upgraded:
        """Give the channels the capabilities of the release that runs; there is no way back from it.

        `Unavailable` (`signatures_missing`) while other organisations have not signed; everything works on meanwhile.
        """
        network = self._networks.resolve(network)
        spec = self._networks.spec(network)
        self._require_own_programs(spec)
        if not spec.capabilities:
            raise UserError(
                Text(
                    "通道的能力级别已经是 {v} 的。",
                    "The channels have the capabilities of {v} already.",
                    v=spec.fabric_version,
                ),
                code="nothing_to_change",
            )
        behind = [n.name for n in self._networks.status(network).nodes if n.state != "running"]
        if behind:
            raise Unavailable(
                Text("节点 {n} 没有运行；能力级别未改。", "Node {n} does not run; nothing was changed.", n=behind[0]),
                Text("请先让全部节点运行。", "Let every node run first."),
                code="nodes_down",
            )
        return self._run(network, spec.with_(capabilities=""), ctx)

    @requires(roles.NETWORK_CHANGE)
    def rehearse(self, version: str, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> Upgraded:
        """Do the whole upgrade on a small network of the same kind in a scratch folder, which is removed afterwards."""
        from network import plan
        from network.drivers import make_driver
        from network.vault import MemoryVault

        network = self._networks.resolve(network)
        spec, wanted = self._wanted(version, network)
        small = _small(spec)
        ctx.step("rehearse", Text("在草稿网络上演练 {v}", "Rehearse {v} on a scratch network", v=version))
        with tempfile.TemporaryDirectory(prefix="upgrade-", ignore_cleanup_errors=True) as place, translating():
            folder = Path(place) / small.name
            driver = make_driver(spec.runtime, folder, MemoryVault())
            try:
                plan.run(driver, small, folder)
                after = small.with_(fabric_version=version, capabilities=wanted.capabilities)
                done = [*plan.run(driver, after, folder).steps]
                result = plan.run(driver, after.with_(capabilities=""), folder)
                steps = tuple(s.id for s in [*done, *result.steps])
                seconds = sum(s.seconds for s in [*done, *result.steps])
            finally:
                plan.remove(driver, folder)
        return Upgraded(network, version, version, round(seconds, 2), steps, spec.fabric_version)

    def _run(self, network: str, wanted: TopologySpec, ctx: JobContext) -> Upgraded:
        result: PlanResult = self._networks.bring_up(wanted, ctx=ctx)
        self._events.publish(NetworkChanged(network, "upgraded"))
        return Upgraded(
            network,
            wanted.fabric_version,
            wanted.capabilities_of,
            round(result.seconds, 2),
            tuple(s.id for s in result.steps),
            wanted.capabilities,
        )

    def _wanted(self, version: str, network: str) -> tuple[TopologySpec, TopologySpec]:
        """The network as it is, and as the upgrade makes it; refuses in words what Fabric does not allow."""
        spec = self._networks.spec(network)
        self._require_own_programs(spec)
        there, here = _numbers(version), _numbers(spec.fabric_version)
        unfinished = self._networks.wanted(network) != spec
        if there == here and not unfinished:
            raise UserError(
                Text("网络 {n} 已经是 Fabric {v}。", "Network {n} runs Fabric {v} already.", n=network, v=version),
                code="nothing_to_change",
            )
        if there < here and (there < OLDEST or _line(version) < _line(spec.capabilities_of)):
            raise Conflict(
                Text(
                    "通道的能力级别已是 {c}，节点不能退回 {v}。",
                    "The channels have the capabilities of {c}; nodes cannot go back to {v}.",
                    c=spec.capabilities_of,
                    v=version,
                ),
                Text("请保留现在的版本，或升级到更新的版本。", "Keep the present release, or go to a newer one."),
                code="version_older",
            )
        if there[0] > here[0] + 1:
            raise Conflict(
                Text(
                    "不能从 {a} 直接升级到 {b}。",
                    "There is no upgrade from {a} to {b} in one.",
                    a=spec.fabric_version,
                    b=version,
                ),
                Text("请逐个主版本升级。", "Go one major release at a time."),
                code="version_far",
            )
        keeps = spec.capabilities_of if _line(spec.capabilities_of) != _line(version) else ""
        wanted = spec.with_(fabric_version=version, capabilities=keeps)
        self._require_programs(network, wanted)
        return spec, wanted

    def _require_programs(self, network: str, wanted: TopologySpec) -> None:
        capability = self._networks.driver(network).check(wanted)
        if not capability.available:
            raise Unavailable(
                capability.reason or Text("本机没有 {v}。", "{v} is not here.", v=wanted.fabric_version),
                Text(
                    "先取得它：citychain network fetch {v}；网络没有改动。",
                    "Get it first: citychain network fetch {v}; the network was not changed.",
                    v=wanted.fabric_version,
                ),
                code="fabric_missing",
            )

    @staticmethod
    def _require_own_programs(spec: TopologySpec) -> None:
        if spec.runtime in ("native", "docker"):
            return
        raise UserError(
            Text(
                "网络 {n} 不运行 Fabric 的程序（运行方式 {r}），没有版本可升级。",
                "Network {n} runs none of Fabric's programs (runtime {r}): there is no version to change.",
                n=spec.name,
                r=spec.runtime,
            ),
            code="no_programs",
        )


def _small(spec: TopologySpec) -> TopologySpec:
    """A network of the same consensus, runtime and release: all orderers, two organisations' first peers."""
    from network.topology import template

    names = {"bft": "bft"}.get(spec.consensus, "ha")
    whole = template(names, runtime=spec.runtime)
    return whole.with_(name="rehearsal", fabric_version=spec.fabric_version, capabilities=spec.capabilities)


def _numbers(version: str) -> tuple[int, ...]:
    import re

    from network.topology import VERSION

    if not re.fullmatch(VERSION, version):
        raise UserError(
            Text("“{v}”不是 Fabric 的版本号。", "{v} is not a version of Fabric.", v=version[:40]),
            Text("应写作 3.1.5 这样。", "A version is written as 3.1.5 is."),
            code="bad_version",
        )
    return tuple(int(part) for part in version.split("."))


def _line(version: str) -> int:
    """Which capabilities a release has: those of 2 or of 3."""
    return _numbers(version)[0]
