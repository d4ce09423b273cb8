"""The demonstration (一键体验): a city's network with every installed application, from nothing, all of it real.

The same job runs under `citychain demo` and the console's first card. It goes on where it was interrupted: a network
that exists is started, a contract that is deployed stays, and each application resumes its own part.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from baas.applications import DemoOptions
from baas.errors import Text
from baas.jobs import JobContext

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.topology import Runtime

TEMPLATE = "city"
FIRST_COMMIT = "demo.first_commit_s"


def network_name(runtime: Runtime) -> str:
    """The demonstration's network on `runtime`; each runtime has its own, so that they stand side by side."""
    return TEMPLATE if runtime == "embedded" else f"{TEMPLATE}-{runtime}"


def run_demo(
    platform: Platform, options: DemoOptions, runtime: Runtime = "embedded", *, ctx: JobContext
) -> dict[str, Any]:
    """Bring the city's network up, deploy every application's contract, run their demonstrations, verify the ledger.

    Returns `{"network": {"name", "runtime", "organizations", "first_commit_s"}, "ledger": {"height", "verified"}}`
    and what each application reports of itself. `first_commit_s` are the seconds from nothing until the first contract
    was committed on the channel; measured when the network was made and kept for later runs.
    """
    spec = platform.networks.template(TEMPLATE, name=network_name(runtime), runtime=runtime)
    setting = f"{FIRST_COMMIT}.{spec.name}"
    is_new = spec.name not in platform.networks.names()
    started = time.monotonic()
    if is_new or platform.networks.state(spec.name).phase != "ready":
        platform.networks.up(spec, ctx=ctx)
    else:
        platform.networks.start(spec.name, ctx=ctx)

    result: dict[str, Any] = {}
    deployed = {definition.name for definition in platform.contracts.list(spec.name)}
    manifests = platform.applications.all()
    for manifest in manifests:
        ctx.check_cancelled()
        if manifest.contract.name not in deployed:
            ctx.step(
                f"deploy-{manifest.contract.name}",
                Text("部署合约 {title}", "Deploy contract {title}", title=manifest.contract.title),
            )
            platform.contracts.deploy(spec.name, manifest.contract.name, ctx=ctx)
        if is_new and not platform.workspace.setting(setting):
            platform.workspace.set_setting(setting, f"{time.monotonic() - started:.3f}")
    for manifest in manifests:
        if not manifest.demo:
            continue
        ctx.check_cancelled()
        ctx.step(f"demo-{manifest.id}", manifest.title)
        result |= manifest.run_demo(platform, spec.name, options, ctx)

    ctx.check_cancelled()
    ctx.step("verify", Text("校验账本", "Verify the ledger"))
    report = platform.ledger.verify(spec.name, ctx=ctx)
    first_commit = platform.workspace.setting(setting)
    return {
        "network": {
            "name": spec.name,
            "runtime": spec.runtime,
            "organizations": [organization.msp_id for organization in spec.organizations],
            "first_commit_s": float(first_commit) if first_commit else None,
        },
        **result,
        "ledger": {"height": report.height, "verified": report.verified},
    }
