"""`citychain network grow | sign | renew | config`: change a network while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from baas.cli.kit import Cli, TextGroup, argument, channel_option, columns, network_option, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from network.topology import TopologySpec


def add_to(network: TextGroup) -> None:
    """Mount these commands in the group `network`."""

    @network.command(
        "grow",
        help=Text(
            "给运行中的网络增减组织和节点，或更改出块设置。",
            "Add or remove organisations and nodes, or change batches, while it runs.",
        ),
    )
    @network_option()
    @option(
        "--add-organization",
        "organizations",
        multiple=True,
        metavar="NAME:MSP[:TITLE]",
        help=Text("增加组织，可多次。", "Add an organisation; repeatable."),
    )
    @option(
        "--remove-organization",
        "leaving",
        multiple=True,
        metavar="MSP",
        help=Text("移除组织。", "Remove an organisation."),
    )
    @option(
        "--add-peer",
        "peers",
        multiple=True,
        metavar="MSP",
        help=Text("给组织增加节点。", "Another peer for an organisation."),
    )
    @option(
        "--add-orderer", "orderers", multiple=True, metavar="MSP", help=Text("给组织增加排序节点。", "Another orderer.")
    )
    @option("--remove-node", "nodes", multiple=True, metavar="NODE", help=Text("移除节点。", "Remove a node."))
    @option(
        "--add-channel", "channels", multiple=True, metavar="NAME:MSP,MSP…", help=Text("增加通道。", "Another channel.")
    )
    @option(
        "--batch-messages",
        type=click.IntRange(1, 100_000),
        help=Text("每个区块最多交易数。", "Transactions a block at most."),
    )
    @option(
        "--batch-timeout",
        type=click.IntRange(1, 600_000),
        help=Text("出块等待毫秒数。", "Milliseconds until a block is cut."),
    )
    @channel_option()
    @option("--dry-run", is_flag=True, help=Text("只列出步骤。", "Only show the steps."))
    @pass_cli
    def grow(
        cli: Cli,
        network: str,
        organizations: tuple[str, ...],
        leaving: tuple[str, ...],
        peers: tuple[str, ...],
        orderers: tuple[str, ...],
        nodes: tuple[str, ...],
        channels: tuple[str, ...],
        batch_messages: int | None,
        batch_timeout: int | None,
        channel: str,
        dry_run: bool,
    ) -> None:
        """Change a network while it runs."""
        from baas.services import growth

        with cli.platform(create=False) as platform:
            name = platform.networks.resolve(network)
            before = spec = platform.networks.spec(name)
            for text in organizations:
                spec = _with_organization(spec, text)
            for text in channels:
                channel_name, _, members = text.partition(":")
                spec = growth.add_channel(spec, channel_name, tuple(m for m in members.split(",") if m))
            for msp_id in peers:
                spec = growth.add_node(spec, "peer", msp_id)
            for msp_id in orderers:
                spec = growth.add_node(spec, "orderer", msp_id)
            for node in nodes:
                spec = growth.remove_node(spec, node)
            for msp_id in leaving:
                spec = growth.remove_organization(spec, msp_id)
            if batch_messages or batch_timeout:
                chosen = channel or spec.channels[0].name
                spec = growth.set_batch(spec, chosen, max_messages=batch_messages, timeout_ms=batch_timeout)
            if spec == before:
                raise UserError(
                    Text("没有说明要更改什么。", "Nothing to change was named."),
                    Text("见 citychain network grow --help", "See citychain network grow --help"),
                    code="nothing_to_change",
                )
            if dry_run:
                steps = platform.networks.plan(spec)
                cli.show([{"id": s.id, "title": s.title} for s in steps], columns(title=("步骤", "Step")))
                return
            result = cli.run(
                platform, platform.networks.bring_up, spec, title=Text("更改网络 {n}", "Change {n}", n=name)
            )
            cli.show({"network": name, "seconds": round(result.seconds, 3), "steps": [s.id for s in result.steps]})

    @network.command("config", help=Text("通道的当前配置。", "A channel's configuration in force."))
    @network_option()
    @channel_option()
    @pass_cli
    def config(cli: Cli, network: str, channel: str) -> None:
        """A channel's configuration in force."""
        with cli.platform(write=False, create=False) as platform:
            found = platform.changes.configuration(network, channel)
            cli.show(
                {
                    "channel": found.channel_id,
                    "sequence": found.sequence,
                    "organizations": [o.msp_id for o in found.organizations],
                    "policies": dict(found.policies),
                }
            )

    @network.command("pending", help=Text("等待其他组织签名的通道更新。", "Channel updates that wait for signatures."))
    @network_option()
    @option(
        "--export",
        "target",
        type=click.Path(dir_okay=False, path_type=Path),
        help=Text("把更新导出为文件。", "Write the update to a file."),
    )
    @pass_cli
    def pending(cli: Cli, network: str, target: Path | None) -> None:
        """Channel updates that wait for signatures."""
        with cli.platform(write=False, create=False) as platform:
            if target is not None:
                platform.changes.export(target, network)
            cli.show(
                platform.changes.pending(network),
                columns(channel=("通道", "Channel"), signers=("已签名", "Signed"), others=("未签名", "Not signed")),
                empty=Text("没有等待签名的更新。", "Nothing waits for signatures."),
            )

    @network.command(
        "sign",
        help=Text("为通道更新签名，或导入他人的签名。", "Sign a channel update, or bring others' signatures in."),
    )
    @argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @option("--identity", default="", metavar="LABEL", help=Text("用这个管理员签名。", "Sign as this administrator."))
    @option(
        "--output",
        "target",
        type=click.Path(dir_okay=False, path_type=Path),
        help=Text("签名后的文件。", "The signed file."),
    )
    @option("--import", "take_in", is_flag=True, help=Text("导入签名文件。", "Bring signature files in."))
    @pass_cli
    def sign(
        cli: Cli, files: tuple[Path, ...], network: str, identity: str, target: Path | None, take_in: bool
    ) -> None:
        """Sign a channel update, or bring others' signatures in."""
        with cli.platform(write=take_in, create=False) as platform:
            if take_in:
                cli.show(platform.changes.take_in(files, network))
                return
            if not identity or target is None or len(files) != 1:
                raise UserError(
                    Text(
                        "签名需要一个文件、--identity 和 --output。", "Signing takes one file, --identity and --output."
                    ),
                    code="usage",
                )
            signers = platform.changes.sign(files[0], target, identity, network)
            cli.show({"signed": target, "signers": signers})

    @network.command(
        "renew",
        help=Text(
            "为节点续期证书，逐个进行，网络不中断。",
            "Renew nodes' certificates, one by one, without losing the network.",
        ),
    )
    @argument("nodes", nargs=-1)
    @network_option()
    @option(
        "--what",
        type=click.Choice(["tls", "identity", "both"]),
        default="both",
        help=Text("哪一种证书。", "Which certificates."),
    )
    @pass_cli
    def renew(cli: Cli, nodes: tuple[str, ...], network: str, what: str) -> None:
        """Renew nodes' certificates."""
        with cli.platform(create=False) as platform:
            kinds = ("tls", "identity") if what == "both" else (what,)
            result = cli.run(platform, platform.changes.renew_nodes, network, nodes, kinds)
            cli.show({"seconds": round(result.seconds, 3), "steps": [s.id for s in result.steps]})


def _with_organization(spec: TopologySpec, text: str) -> TopologySpec:
    from baas.services import growth

    name, _, rest = text.partition(":")
    msp_id, _, title = rest.partition(":")
    if not name or not msp_id:
        raise UserError(
            Text("组织应写作 名称:MSP[:标题]。", "An organisation is written NAME:MSP[:TITLE]."), code="usage"
        )
    words = Text("{t}", "{t}", t=title or name)
    return growth.add_organization(spec, name, msp_id, words)
