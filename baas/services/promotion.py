"""Growing out of the embedded ledger: whether Fabric agrees with it, and the move to Fabric on the same chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from baas import roles
from baas.errors import Conflict, Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.network_reading import BRANCH
from baas.services.networks import PlanProgress
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.hybrid.handover import HandedOver, Handover
    from network.promotion.checks import PromotionPlan
    from network.promotion.judge import Judgement
    from network.promotion.move import Promoted, Promotion
    from network.topology import NodeRef, TopologySpec


PromotedRuntime = Literal["native", "docker"]
"""What runs a promoted network's nodes: programs of this machine, or containers."""


@dataclass(frozen=True)
class OrganizationMove:
    """An organisation with peers; `version` is the Fabric release of its real ones, "" where they are embedded."""

    msp_id: str
    title: Text
    version: str


@dataclass(frozen=True)
class MoveState:
    """`phase`: still embedded, taken over by Fabric but not finished, or done. `kept`: the former ledger is there."""

    phase: Literal["embedded", "moved", "done"]
    plan: PromotionPlan | None
    kept: bool
    organizations: tuple[OrganizationMove, ...] = ()
    engine: str = ""
    """The version of this machine's Docker engine, "" where none answers."""


class PromotionService:
    """What can be done with an embedded network's chain on Fabric's own programs."""

    def __init__(self, networks: NetworkService, session: Session, events: EventBus) -> None:
        self._networks = networks
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_CHANGE)
    def replay(
        self, network: str = "", channel: str = "", version: str = "", *, ctx: JobContext = NULL_CONTEXT
    ) -> Judgement:
        """Let a throw-away real peer of each organisation replay the chains, and compare it block by block.

        The network may go on meanwhile; what it commits after the beginning is not looked at. `version` is a Fabric
        release (the topology's when empty), `channel` one channel (all when empty). The result says whether there is a
        difference; `Unavailable` where the programs are missing or do not start.
        """
        from network.lock import Moment
        from network.native.programs import require_programs
        from network.promotion.judge import judge
        from network.promotion.replay import forget

        name = self._embedded(network)
        handle = self._networks.handle(name)
        channels = [channel] if channel else list(handle.channels)
        for one in channels:
            handle.spec.channel(one)
        programs = require_programs(version or handle.spec.fabric_version)
        ctx.step("replay", Text("在真实节点上重放 {n}", "Replay {n} on real peers", n=name))
        with translating(), Moment(handle.directory / "replay.lock", patience_s=1.0):
            # What an earlier replay left that was killed would hold the peers' folders.
            forget(handle.directory / "replay")
            work = handle.directory / "replay"
            return judge(handle, programs, _one_each(handle.spec), channels, work, PlanProgress(ctx))

    @requires(roles.NETWORK_CHANGE)
    def plan(
        self,
        network: str = "",
        version: str = "",
        runtime: PromotedRuntime = "native",
        *,
        ctx: JobContext = NULL_CONTEXT,
    ) -> PromotionPlan:
        """What a promotion to Fabric's own programs will find and do; changes nothing.

        `runtime`: as processes of this machine (`native`) or in containers (`docker`).
        """
        from network.promotion.checks import make_plan, target_spec
        from network.promotion.judge import stored_channels
        from network.promotion.target import target_of

        name = self._embedded(network)
        handle = self._networks.handle(name)
        ctx.step("plan", Text("查看网络 {n}", "Look at network {n}", n=name))
        with translating(), stored_channels(handle.directory, list(handle.channels)) as channels:
            target = target_of(runtime, handle.directory, handle.vault)
            return make_plan(handle, target.driver, target_spec(handle.spec, version, runtime), channels)

    @requires(roles.NETWORK_CHANGE)
    def promote(
        self,
        network: str = "",
        version: str = "",
        runtime: PromotedRuntime | None = None,
        *,
        ctx: JobContext = NULL_CONTEXT,
    ) -> Promoted:
        """Let Fabric's own programs take the network over on the same chain, or finish what was interrupted.

        `runtime` is what runs the nodes afterwards (None: `native`, or where it was begun); Conflict where something
        else runs them already.

        UserError names the first obstacle; nothing is changed then, nor where Fabric disagrees with a block.
        """
        name = self._networks.resolve(network)
        if self._networks.spec(name).runtime not in ("embedded", "native", "docker") or not self.movable(name):
            self._embedded(network)
        runs = self._networks.spec(name).runtime
        if runtime and runs not in ("embedded", runtime):
            raise Conflict(
                Text("网络 {n} 已由 {r} 运行。", "Network {n} is run by {r} already.", n=name, r=runs),
                code="promoted_already",
            )
        with self._moving(name, ctx) as promotion:
            return promotion.run(version, runtime or "native")

    @requires(roles.NETWORK_CHANGE)
    def hand_over(
        self, network: str = "", organization: str = "", version: str = "", *, ctx: JobContext = NULL_CONTEXT
    ) -> HandedOver:
        """Let Fabric's own peers take an organisation's place (name or MSP id) while the network works, or finish that.

        UserError names the first obstacle; everything is as it was then, also where Fabric disagrees with a block.
        """
        with self._handing(self._embedded(network), ctx) as handover:
            return handover.run(organization, version)

    @requires(roles.NETWORK_CHANGE)
    def hand_back(self, network: str = "", organization: str = "", *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Let an organisation's embedded peers take over again; Conflict once real ones alone hold private data."""
        with self._handing(self._embedded(network), ctx) as handover:
            handover.go_back(organization)

    @requires(roles.NETWORK_CHANGE)
    def go_back(self, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> None:
        """Return to the embedded ledger, as long as Fabric has no block that it does not have."""
        name = self._networks.resolve(network)
        if not self.movable(name):
            raise UserError(
                Text("网络 {n} 没有经过迁移。", "Network {n} was not promoted.", n=name), code="not_promoted"
            )
        with self._moving(name, ctx) as promotion:
            promotion.go_back()

    @requires(roles.NETWORK_CHANGE)
    def forget(self, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> bool:
        """Delete the former ledger of a network that Fabric runs now; return whether there was one.

        Conflict while the promotion is not finished: it is what one can go back to.
        """
        import shutil

        from network.plan import locked
        from network.promotion.record import KEPT

        name = self._networks.resolve(network)
        if not self.movable(name) or self.look(name).phase != "done":
            raise Conflict(
                Text("网络 {n} 还没有完成迁移。", "The promotion of {n} is not finished.", n=name), code="not_promoted"
            )
        kept = self._networks.folder(name) / KEPT
        there = kept.exists()
        ctx.step("forget", Text("删除原来的账本", "Delete the former ledger"))
        with translating(), locked(self._networks.folder(name)):
            if there:
                shutil.rmtree(kept)
        return there

    @requires(roles.NETWORK_CHANGE)
    def look(self, network: str = "", runtime: PromotedRuntime = "native") -> MoveState:
        """Where the network is on its way to Fabric, with the plan while it is embedded; changes nothing.

        The plan is for `runtime`; the state says whether there is a choice.
        """
        from network.promotion.record import KEPT, PromotionRecord

        name = self._networks.resolve(network)
        if self._networks.spec(name).runtime == "embedded":
            plan = self.plan(name, runtime=runtime)
            organizations = self._organizations(name)
            return MoveState("embedded", plan, kept=False, organizations=organizations, engine=self._engine())
        folder = self._networks.folder(name)
        record = PromotionRecord.load(folder)
        phase: Literal["moved", "done"] = "moved" if record is not None and record.phase == "moved" else "done"
        return MoveState(phase, None, kept=(folder / KEPT).exists())

    def _organizations(self, name: str) -> tuple[OrganizationMove, ...]:
        from network.hybrid.record import HybridRecord

        known = HybridRecord.load(self._networks.folder(name)).organizations
        return tuple(
            OrganizationMove(o.msp_id, o.title, known[o.name].version if o.name in known else "")
            for o in self._networks.spec(name).organizations
            if o.peers
        )

    @staticmethod
    def _engine() -> str:
        """Whether containers are a choice here."""
        from network.docker.engine import Engine
        from network.errors import Unavailable

        engine = Engine()
        try:
            return engine.info().version
        except Unavailable:
            return ""
        finally:
            engine.close()

    def movable(self, network: str) -> bool:
        """Whether the network is embedded, or was and its promotion can be finished or undone."""
        from network.promotion.record import FILE_NAME

        folder = self._networks.folder(network)
        embedded = self._networks.spec(network).runtime == "embedded" and not (folder / BRANCH).exists()
        return embedded or (folder / FILE_NAME).exists()

    @contextmanager
    def _moving(self, name: str, ctx: JobContext) -> Iterator[Promotion]:
        from network.promotion.move import Promotion

        handle = self._networks.handle(name)
        self._networks.forget(name)
        try:
            with translating():
                yield Promotion(handle.directory, handle.vault, PlanProgress(ctx), ctx.step)
        finally:
            self._networks.forget(name)
            self._events.publish(NetworkChanged(name, "up"))

    @contextmanager
    def _handing(self, name: str, ctx: JobContext) -> Iterator[Handover]:
        from network.hybrid.handover import Handover

        handle = self._networks.handle(name)
        self._networks.forget(name)
        try:
            with translating():
                yield Handover(handle.directory, handle.vault, PlanProgress(ctx), ctx.step)
        finally:
            self._networks.forget(name)
            self._events.publish(NetworkChanged(name, "up"))

    def _embedded(self, network: str) -> str:
        name = self._networks.resolve(network)
        self._networks.require_origin(
            name, Text("不能交给 Fabric", "it cannot be handed over to Fabric, whose peers would refuse its blocks")
        )
        if self._networks.spec(name).runtime != "embedded":
            raise UserError(
                Text("网络 {n} 没有使用内置账本。", "Network {n} does not run on the embedded ledger.", n=name),
                Text("它已经运行在 Fabric 上。", "It runs on Fabric already."),
                code="not_embedded",
            )
        return name


def _one_each(spec: TopologySpec) -> list[NodeRef]:
    """The first peer of every organisation: peers of one organisation hold the same."""
    found: dict[str, NodeRef] = {}
    for peer in spec.peers():
        found.setdefault(peer.organization.name, peer)
    return list(found.values())
