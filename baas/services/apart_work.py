"""What is worth a process of its own: setting networks up, the demonstration, keeping the explorer's index."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from baas.apart import run_apart
from baas.errors import Cancelled, Text
from baas.events import ContractChanged, IdentityChanged, NetworkChanged

if TYPE_CHECKING:
    from baas.applications import DemoOptions
    from baas.jobs import JobContext
    from baas.monitoring.load.figures import LoadReport
    from baas.platform import Platform
    from network.branching.making import Branched
    from network.plan import PlanResult
    from network.topology import Runtime, TopologySpec

FOLLOW_SECONDS = 0.2


def bring_up_apart(platform: Platform, spec: TopologySpec, *, ctx: JobContext) -> PlanResult:
    """As `NetworkService.bring_up`, in a process of its own; this one's connections are made anew."""
    platform.networks.forget(spec.name)
    try:
        result: PlanResult = run_apart(platform, f"{__name__}:bring_up", spec, ctx=ctx)
    finally:
        platform.networks.forget(spec.name)
    platform.events.publish(NetworkChanged(spec.name, "up"))
    return result


def bring_up(platform: Platform, spec: TopologySpec, *, ctx: JobContext) -> PlanResult:
    """In the new process."""
    return platform.networks.bring_up(spec, ctx=ctx)


def branch_apart(
    platform: Platform, network: str, name: str, *, last: int | None, private: bool, ctx: JobContext
) -> Branched:
    """As `BranchService.make`, in a process of its own."""
    made: Branched = run_apart(platform, f"{__name__}:make_branch", network, name, last=last, private=private, ctx=ctx)
    platform.networks.forget(made.spec.name)
    platform.events.publish(NetworkChanged(made.spec.name, "up"))
    return made


def make_branch(
    platform: Platform, network: str, name: str, *, last: int | None, private: bool, ctx: JobContext
) -> Branched:
    """In the new process."""
    return platform.branches.make(network, name, last=last, private=private, ctx=ctx)


def load_apart(platform: Platform, *, network: str, confirmed: str, ctx: JobContext) -> LoadReport:
    """As `MonitorService.load`, in a process of its own."""
    report: LoadReport = run_apart(platform, f"{__name__}:load_test", network, confirmed, ctx=ctx)
    return report


def load_test(platform: Platform, network: str, confirmed: str, *, ctx: JobContext) -> LoadReport:
    """In the new process."""
    return platform.monitor.load(network=network, confirmed=confirmed, ctx=ctx)


def demo_apart(
    platform: Platform, options: DemoOptions, runtime: Runtime = "embedded", *, ctx: JobContext
) -> dict[str, Any]:
    """As `baas.demo.run_demo`, in a process of its own; what it has made is told here when it is there."""
    from baas.demo import network_name

    name = network_name(runtime)
    if name in platform.networks.names():
        platform.networks.forget(name)
    try:
        result: dict[str, Any] = run_apart(platform, "baas.demo:run_demo", options, runtime, ctx=ctx)
    finally:
        if name in platform.networks.names():
            platform.networks.forget(name)
            platform.events.publish(NetworkChanged(name, "up"))
    channel = platform.networks.spec(name).channels[0].name
    for manifest in platform.applications.all():
        platform.events.publish(ContractChanged(name, channel, manifest.contract.name, "committed"))
    platform.events.publish(IdentityChanged("", "issued"))
    return result


def follow(platform: Platform, network: str, *, ctx: JobContext) -> None:
    """In a process of its own: keep the network's index at the head of its chain until whoever asked has gone."""
    platform.explorer.follow(network)
    ctx.step("following", Text("索引网络 {n}", "Index network {n}", n=network))
    try:
        while True:
            ctx.check_cancelled()
            time.sleep(FOLLOW_SECONDS)
    except Cancelled:
        platform.explorer.unfollow(network)
