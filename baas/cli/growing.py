"""`citychain network grow | renew`: change a network while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from baas.cli.kit import Cli, TextGroup, argument, channel_option, columns, network_option, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.topology import TopologySpec


_FOLLOW = Text("让合约定义跟上成员", "Let definitions follow the members")


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
        metavar="FILE|NAME:MSP[:TITLE]",
        help=Text(
            "增加组织，可多次：它自己的定义文件，或由本机代管其 CA。",
            "Add an organisation; repeatable: by its own definition, or one whose authority is kept here.",
        ),
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
        metavar="MSP[@HOST]",
        help=Text("给组织增加节点，可指定主机。", "Another peer for an organisation, on a host."),
    )
    @option(
        "--add-orderer",
        "orderers",
        multiple=True,
        metavar="MSP[@HOST]",
        help=Text("给组织增加排序节点，可指定主机。", "Another orderer, on a host."),
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
        from baas.services.following import follow
        from baas.services.proposing import Proposal

        with cli.platform(create=False) as platform:
            name = platform.networks.resolve(network)
            before = spec = platform.networks.spec(name)
            if platform.networks.planned_elsewhere(name):
                if peers or orderers or nodes or channels or dry_run:
                    raise UserError(
                        Text(
                            "由别处规划的网络，在这里只能提出：增减组织、出块设置。",
                            "Of a network that others plan, members and batches can be proposed, nothing else.",
                        ),
                        code="attached",
                    )
                files = tuple(Path(text) for text in organizations)
                proposal = Proposal(channel, batch_messages, batch_timeout, {}, files, leaving)
                title = Text("提出更改", "Propose a change")
                waiting = cli.run(platform, platform.changes.propose, name, proposal, title=title)
                cli.show(waiting if waiting is not None else {"network": name, "in_force": True})
                return
            for text in organizations:
                spec = _with_organization(platform, spec, text)
            for text in channels:
                channel_name, _, members = text.partition(":")
                spec = growth.add_channel(spec, channel_name, tuple(m for m in members.split(",") if m))
            for kind, wanted in (("peer", peers), ("orderer", orderers)):
                for text in wanted:
                    msp_id, _, host = text.partition("@")
                    spec = growth.add_node(spec, "orderer" if kind == "orderer" else "peer", msp_id, host)
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
            followed = cli.run(platform, follow, platform, name, title=_FOLLOW)
            done = [s.id for s in result.steps]
            cli.show({"network": name, "seconds": round(result.seconds, 3), "steps": done, "contracts": followed})

    @network.command(
        "hosted",
        help=Text(
            "导入组织为代管节点签发的证书，然后执行 network up。",
            "Take in certificates that an organisation issued for hosted nodes; then network up.",
        ),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @pass_cli
    def hosted(cli: Cli, file: Path, network: str) -> None:
        """Take in hosted nodes' certificates."""
        with cli.platform(create=False) as platform:
            cli.show({"nodes": platform.organizations.take_certificates(file, network)})

    @network.command(
        "renew",
        help=Text(
            "为节点续期证书，逐个进行；已到期的 CA、管理员和人员一并续期。",
            "Renew nodes' certificates, one by one, and whatever else has ended: authorities, administrators, people.",
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
    @option(
        "--revoke-old",
        is_flag=True,
        help=Text(
            "丢失的机器：同时吊销原有密钥的证书。", "A lost machine's: revoke the certificates of the former keys."
        ),
    )
    @option("--dry-run", is_flag=True, help=Text("只列出步骤。", "Only show the steps."))
    @pass_cli
    def renew(cli: Cli, nodes: tuple[str, ...], network: str, what: str, revoke_old: bool, dry_run: bool) -> None:
        """Renew nodes' certificates."""
        if revoke_old:
            _revoke_lost(cli, nodes, network, whole=what == "both" and not dry_run)
        else:
            _renew(cli, nodes, network, ("tls", "identity") if what == "both" else (what,), dry_run=dry_run)


def _renew(cli: Cli, nodes: tuple[str, ...], network: str, kinds: tuple[str, ...], *, dry_run: bool) -> None:
    with cli.platform(create=False) as platform:
        if dry_run:
            steps = platform.changes.renewal_plan(network, nodes, kinds)  # type: ignore[arg-type]
            cli.show([{"name": s.name, "title": s.title} for s in steps], columns(title=("步骤", "Step")))
            return
        result = cli.run(platform, platform.changes.renew_nodes, network, nodes, kinds)
        cli.show({"seconds": round(result.seconds, 3), "steps": [s.id for s in result.steps]})


def _revoke_lost(cli: Cli, nodes: tuple[str, ...], network: str, *, whole: bool) -> None:
    from baas.services.lost_keys import revoke_lost

    if not nodes or not whole:
        raise UserError(
            Text(
                "--revoke-old 要写明节点，并更换全部密钥。",
                "With --revoke-old name the nodes; all of their keys are new then.",
            ),
            code="usage",
        )
    with cli.platform(create=False) as platform:
        title = Text("更换密钥并吊销丢失的", "Give new keys and revoke the lost ones")
        cli.show({"revoked": cli.run(platform, revoke_lost, platform, network, nodes, title=title)})


def _with_organization(platform: Platform, spec: TopologySpec, text: str) -> TopologySpec:
    from baas.services import growth

    if ":" not in text or Path(text).is_file():
        return platform.organizations.take_in(spec, Path(text))
    name, _, rest = text.partition(":")
    msp_id, _, title = rest.partition(":")
    if not name or not msp_id:
        raise UserError(
            Text("组织应写作 名称:MSP[:标题]。", "An organisation is written NAME:MSP[:TITLE]."), code="usage"
        )
    words = Text("{t}", "{t}", t=title or name)
    return growth.add_organization(spec, name, msp_id, words)
