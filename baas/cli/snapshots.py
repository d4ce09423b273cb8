"""`citychain network snapshot make | list | join`: ledger snapshots of native peers."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, argument, channel_option, columns, group, network_option, option, pass_cli
from baas.errors import Text


@group(
    "snapshot",
    help=Text("账本快照：让节点不经全部区块就能加入通道。", "Ledger snapshots: a peer joins without every block."),
)
def snapshot() -> None:
    """Ledger snapshots."""


@snapshot.command(
    "make",
    help=Text("让一个节点为通道的当前账本制作快照。", "Have a peer make a snapshot of a channel's ledger as it is."),
)
@network_option()
@channel_option()
@option("--peer", default="", help=Text("由哪个节点制作。", "Which peer makes it."))
@pass_cli
def make(cli: Cli, network: str, channel: str, peer: str) -> None:
    """Make a snapshot."""
    with cli.platform(create=False) as platform:
        title = Text("制作账本快照", "Make a ledger snapshot")
        cli.show(cli.run(platform, platform.snapshots.make, network, channel, peer, title=title))


@snapshot.command("list", help=Text("列出本机节点的快照。", "List the snapshots of the peers here."))
@network_option()
@pass_cli
def list_snapshots(cli: Cli, network: str) -> None:
    """List snapshots."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(
            platform.snapshots.list(network),
            columns(
                channel=("通道", "Channel"),
                block=("区块", "Block"),
                peer=("节点", "Peer"),
                bytes=("字节", "Bytes"),
                snapshot_hash=("快照哈希", "Snapshot hash"),
                path=("位置", "Place"),
            ),
            empty=Text("还没有快照。", "There is no snapshot yet."),
        )


@snapshot.command(
    "join",
    help=Text(
        "移除一个节点的账本，用快照重建，再追上后来的区块。",
        "Remove a peer's ledgers, make them anew from a snapshot, and follow the blocks that came since.",
    ),
)
@argument("peer")
@network_option()
@option(
    "--from",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=Text(
        "快照文件夹，默认为本机其他节点最新的一份。", "The snapshot's folder; else the newest of another peer here."
    ),
)
@option(
    "--hash",
    "told",
    default="",
    help=Text(
        "其他组织公布的快照哈希，快照来自别处时必填。",
        "Its hash as another organisation says it; needed for one from elsewhere.",
    ),
)
@pass_cli
def join(cli: Cli, peer: str, network: str, source: Path | None, told: str) -> None:
    """Make a peer's ledger anew from a snapshot."""
    with cli.platform(create=False) as platform:
        title = Text("用快照重建 {n}", "Make {n} anew from a snapshot", n=peer)
        cli.show(cli.run(platform, platform.snapshots.join, peer, network, source, told, title=title))
