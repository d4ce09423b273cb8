"""What the status bar and the rail's badges show, read in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.i18n import tr
from console.titles import runtime_title
from console.todo import badges_of
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.todo import Todo


@dataclass(frozen=True)
class Summary:
    """One look at a network."""

    text: str
    state: str
    runtime: str = ""
    height: int | None = None
    block_time: datetime | None = None
    badges: dict[str, int] = field(default_factory=dict)


def read_summary(platform: Platform, network: str, todo: Todo) -> Summary:
    """Read the state of `network`; errors become what is shown, because this runs unasked."""
    badges = badges_of(())
    if not network:
        return Summary(tr("尚无网络"), "none", badges=badges)
    try:
        spec = platform.networks.spec(network)
        status = platform.networks.status(network)
    except CityChainError:
        return Summary(tr("{n} 状态未知").format(n=network), "warn", badges=badges)
    badges = badges_of(todo.read(platform, network, status))
    words, state = {
        "running": (tr("{n} 运行中"), "ok"),
        "partial": (tr("{n} 部分节点停止"), "warn"),
        "stopped": (tr("{n} 已停止"), "bad"),
        "lapsed": (tr("{n} 无法连接：证书失效"), "bad"),
    }[status.state]
    heights = [node.height for node in status.nodes if node.height is not None]
    return Summary(
        words.format(n=network),
        state,
        runtime_title(spec.runtime, spec.fabric_version),
        max(heights, default=None),
        _last_block_time(platform, network) if heights else None,
        badges,
    )


def _last_block_time(platform: Platform, network: str) -> datetime | None:
    try:
        blocks = platform.explorer.blocks(network, limit=1)
    except CityChainError:
        return None
    return datetime.fromtimestamp(blocks[0].time, UTC) if blocks else None
