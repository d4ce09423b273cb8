"""`citychain ledger replay`: whether Fabric comes to the same ledger."""

from __future__ import annotations

from baas.cli.kit import Cli, channel_option, columns, command, network_option, option, pass_cli
from baas.errors import LedgerError, Text


@command(
    "replay",
    help=Text(
        "由官方 Fabric 节点重放整条链，逐块对照（内置账本的网络）。",
        "Let Fabric's own peers replay the chain, compared block by block (embedded networks).",
    ),
)
@network_option()
@channel_option()
@option("--fabric", "version", default="", help=Text("Fabric 版本；默认按拓扑。", "Fabric's version; the topology's."))
@pass_cli
def replay(cli: Cli, network: str, channel: str, version: str) -> None:
    """Let Fabric's own peers replay the chain."""
    with cli.platform() as platform:
        title = Text("重放账本", "Replay the ledger")
        found = cli.run(platform, platform.promotion.replay, network, channel, version, title=title)
    rows = [
        {
            "channel": one.channel,
            "peer": one.peer,
            "blocks": one.blocks,
            "transactions": one.transactions,
            "private": one.private,
            "purged": one.broken,
            "same": one.difference is None,
        }
        for one in found.judged
    ]
    if cli.json:
        cli.show(
            {
                "version": found.version,
                "seconds": round(found.seconds, 2),
                "rate": round(found.rate),
                "own_rate": round(found.own_rate),
                "judged": rows,
            }
        )
    else:
        cli.show(
            rows,
            columns(
                channel=("通道", "Channel"),
                peer=("真实节点", "Real peer"),
                blocks=("区块", "Blocks"),
                transactions=("交易", "Transactions"),
                private=("私有数据", "Private data"),
                purged=("已清除", "Purged"),
                same=("一致", "Same"),
            ),
        )
    difference = found.difference
    if difference is not None:
        raise LedgerError(
            difference.text,
            Text(
                "请用 citychain ledger export 导出账本，连同这段说明报告。",
                "Export the ledger (citychain ledger export) and report it with this sentence.",
            ),
            stage="replay",
            code="replay_differs",
            details={"channel": difference.channel, "block": difference.block, "peer": difference.peer},
        )
    cli.say(
        Text(
            "Fabric {v} 得到相同的账本：每个区块的判定和提交哈希都一致（重放 {s} 秒，每秒 {r} 笔交易）。",
            "Fabric {v} comes to the same ledger: judgements and commit hash agree at every block (replayed in {s} s,"
            " {r} transactions a second).",
            v=found.version,
            s=f"{found.seconds:.1f}",
            r=f"{found.rate:.0f}",
        )
    )
    if found.own_rate:
        cli.say(
            Text(
                "内置账本自己重放同一条链：每秒 {r} 笔交易（含全部签名），是真实节点的 {x} 倍。",
                "The embedded ledger replays the same chain at {r} transactions a second, all signatures included:"
                " {x} times the real peers' rate.",
                r=f"{found.own_rate:.0f}",
                x=f"{found.own_rate / found.rate:.1f}" if found.rate else "-",
            )
        )
    for one in found.otherwise[:20]:
        cli.say(
            Text(
                "区块 {b} 的交易 {t}：当时判为 {o}，现在会判为 {h}。",
                "Transaction {t} of block {b} was judged {o}; now it would be {h}.",
                b=one.block,
                t=one.transaction,
                o=one.there,
                h=one.here,
            )
        )
