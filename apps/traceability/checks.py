"""What the doctor looks at here: open recalls that have not stopped everything they take in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.traceability.service import build_service
from baas.errors import CityChainError, Text
from baas.services.doctor import Check
from chaincode.traceability.kinds import Recall

if TYPE_CHECKING:
    from baas.platform import Platform


def recalls(platform: Platform) -> list[Check]:
    """Whether each open recall of the default network has stopped all that its goods became."""
    network = platform.networks.default()
    if not network or platform.networks.state(network).phase != "ready":
        return []
    title = Text("召回", "Recalls")
    try:
        with build_service(platform, network) as service:
            running = [one for one in service.all(Recall) if one["state"] == Recall.OPEN.name]
            missing = {one["id"]: len(service.missing(one)) for one in running}
    except CityChainError:
        return []
    left = {one: count for one, count in missing.items() if count}
    if not left:
        count = Text("{n} 件召回，波及的货物都已停止流通", "{n} open, all they take in is stopped", n=len(running))
        return [Check("traceability-recalls", title, "ok", count)]
    return [
        Check(
            "traceability-recalls", title, "warn",
            Text("还有 {n} 件货物没有停止流通", "{n} goods are not stopped yet", n=sum(left.values())),
            Text("请运行 citychain trace stop {r}", "Run citychain trace stop {r}", r=next(iter(left))),
        )
    ]  # fmt: skip
