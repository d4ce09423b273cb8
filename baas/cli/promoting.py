"""`citychain network promote`: from the embedded ledger to Fabric's own programs, on the same chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from baas.cli.kit import Cli, argument, columns, command, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.promotion import PromotedRuntime
    from network.promotion.checks import PromotionPlan


@command(
    "promote",
    help=Text(
        "把内置账本的网络交给官方 Fabric 程序，链、证书和地址不变。",
        "Hand an embedded network over to Fabric's own programs: the same chain, certificates and addresses.",
    ),
)
@argument("name")
@option("--fabric", "version", default="", help=Text("Fabric 版本；默认按拓扑。", "Fabric's version; the topology's."))
@option(
    "--to",
    "runtime",
    type=click.Choice(["native", "docker"]),
    default=None,
    help=Text(
        "由谁运行节点：本机的 Fabric 程序（native，默认）或容器（docker）。",
        "What runs the nodes: Fabric's programs on this machine (native, the default), or containers (docker).",
    ),
)
@option(
    "--plan", "only_plan", is_flag=True, help=Text("只显示计划，不改变任何东西。", "Show the plan, change nothing.")
)
@option(
    "--back",
    is_flag=True,
    help=Text("回到内置账本（Fabric 上还没有新区块时）。", "Go back, while Fabric has no new block."),
)
@option(
    "--organization",
    default="",
    help=Text(
        "只交接这一个机构的节点（名称或 MSP ID），其余留在内置账本，网络不停。",
        "Hand over this organisation's peers alone (name or MSP id); all others stay embedded, nothing stops.",
    ),
)
@option("--forget", is_flag=True, help=Text("删除原来的账本。", "Delete the former ledger."))
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@pass_cli
def promote(
    cli: Cli,
    name: str,
    version: str,
    runtime: PromotedRuntime | None,
    only_plan: bool,
    back: bool,
    organization: str,
    forget: bool,
    yes: bool,
) -> None:
    """Hand an embedded network over to Fabric's own programs."""
    with cli.platform(create=False) as platform:
        promotion = platform.promotion
        if organization:
            if only_plan or forget:
                raise UserError(
                    Text(
                        "--organization 不能与 --plan、--forget 一起使用。",
                        "--organization goes without --plan and --forget.",
                    )
                )
            if runtime == "docker":
                raise UserError(
                    Text(
                        "单个机构的节点只能由本机的 Fabric 程序接手。",
                        "One organisation's peers can be handed to programs of this machine only.",
                    )
                )
            _one_organization(cli, platform, name, organization, version, back=back)
            return
        if back:
            cli.run(platform, promotion.go_back, name, title=Text("回到内置账本", "Go back to the embedded ledger"))
            cli.show({"network": name, "runtime": platform.networks.spec(name).runtime})
            return
        if forget:
            loss = Text("原来的账本将被删除，不能恢复。", "The former ledger is deleted for good.")
            cli.confirm_by_name(name, loss, yes=yes)
            done = cli.run(platform, promotion.forget, name, title=Text("删除原来的账本", "Delete the former ledger"))
            cli.show({"network": name, "deleted": done})
            return
        begun = name in platform.networks.names() and platform.networks.spec(name).runtime in ("native", "docker")
        if not begun:
            title = Text("迁移计划", "The plan")
            found = cli.run(platform, promotion.plan, name, version, runtime or "native", title=title)
            if only_plan or not cli.json:
                _show(cli, found)
            if only_plan:
                return
            if found.obstacles:
                first = found.obstacles[0]
                raise UserError(first.text, first.hint, code=f"promotion_{first.code}")
            cli.confirm_by_name(name, _warning(found), yes=yes)
        title = Text("迁移到 Fabric", "Move to Fabric")
        moved = cli.run(platform, promotion.promote, name, version, runtime, title=title)
        runs = platform.networks.spec(name).runtime
    cli.show({"network": name, "runtime": runs, "heights": moved.heights, "replay_seconds": moved.replay_seconds})
    cli.say(
        Text(
            "网络 {n} 现在由 Fabric 运行。原来的账本还在；确认无误后用 network promote {n} --forget 删除："
            "今后的清除不会触及它。",
            "Network {n} runs on Fabric now. The former ledger is still there. When you are content, delete it with"
            " network promote {n} --forget: purges from now on do not reach it.",
            n=name,
        )
    )


def _one_organization(cli: Cli, platform: Platform, name: str, organization: str, version: str, *, back: bool) -> None:
    promotion = platform.promotion
    if back:
        title = Text("回到内置账本", "Go back to embedded peers")
        cli.run(platform, promotion.hand_back, name, organization, title=title)
        cli.show({"network": name, "organization": organization, "peers": "embedded"})
        return
    title = Text("交接给真实节点", "Hand over to real peers")
    done = cli.run(platform, promotion.hand_over, name, organization, version, title=title)
    cli.show(
        {
            "network": name,
            "organization": organization,
            "peers": "fabric",
            "heights": done.heights,
            "replay_seconds": done.replay_seconds,
            "away_seconds": done.away_seconds,
        }
    )


def _warning(found: PromotionPlan) -> Text:
    return Text(
        "网络将停止约 {s} 秒，由 Fabric {v} 接手。各机构批准新合约包之前都可以回到内置账本（--back），之后不能。",
        "The network stops for about {s} seconds; Fabric {v} takes over. Until the organisations approve the new"
        " packages you can go back (--back), afterwards not.",
        s=found.seconds,
        v=found.fabric_version,
    )


def _show(cli: Cli, found: PromotionPlan) -> None:
    if cli.json:
        cli.show(found)
        return
    cli.show(
        {
            "fabric": found.fabric_version,
            "nodes": f"{found.orderers} + {found.peers}",
            "consensus": found.consensus,
            "blocks": found.heights,
            "transactions": found.transactions,
            "seconds": found.seconds,
            "disk_mb": found.disk_bytes // 1_000_000,
        }
    )
    cli.show(
        [
            {"contract": one.name, "version": one.version, "channel": one.channel, "served": one.module or "-"}
            for one in found.contracts
        ],
        columns(contract=("合约", "Contract"), version=("版本", "Version"), channel=("通道", "Channel"),
                served=("由本程序运行", "Run by this program")),
        empty=Text("没有合约。", "No contracts."),
    )  # fmt: skip
    for contract, address in found.elsewhere:
        cli.say(
            Text(
                "合约 {c} 由其他进程提供：{a} 必须可达。",
                "{c} is served by another process: {a} must be reachable.",
                c=contract,
                a=address,
            )
        )
    for lost in found.lost:
        cli.say(
            Text(
                "迁移后将失去私有数据 {k}（合约 {c}，集合 {o}）：它与一个已清除的键在同一笔交易中写入。",
                "The private value {k} ({c}, collection {o}) will be gone: its transaction also wrote a key that was"
                " purged.",
                k=lost.key.replace("\0", " ").strip(),
                c=lost.contract,
                o=lost.collection,
            )
        )
    for obstacle in found.obstacles:
        cli.say(Text("障碍：{t}{h}", "In the way: {t} {h}", t=obstacle.text, h=obstacle.hint))


def add_to(network: click.Group) -> None:
    """Put the command into `citychain network`."""
    network.add_command(promote)
