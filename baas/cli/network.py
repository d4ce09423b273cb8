"""`citychain network`: from a topology to running nodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas import roles
from baas.cli import (
    authorities,
    branching,
    card,
    growing,
    network_programs,
    network_tables,
    outside,
    promoting,
    signing,
    upgrading,
)
from baas.cli.kit import Cli, argument, columns, group, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.topology import TopologySpec

_RUNTIMES = click.Choice(["embedded", "native", "docker", "attached"])


@group("network", help=Text("建立和管理网络。", "Create and run networks."))
def network() -> None:
    """Networks."""


def _spec(
    platform: Platform, template: str, spec_file: Path | None, name: str | None, runtime: str | None
) -> TopologySpec:
    from network.topology import load_spec

    if spec_file is not None:
        spec = load_spec(spec_file)
    elif template:
        spec = platform.networks.template(template)
    elif name and name in platform.networks.names():
        return platform.networks.wanted(name)
    elif not name and platform.networks.names():
        return platform.networks.wanted(platform.networks.default())
    else:
        raise UserError(
            Text("请说明要建立什么网络。", "Say which network to create."),
            Text("用 --template city，或 --spec FILE。", "Use --template city, or --spec FILE."),
            code="no_topology",
        )
    changes: dict[str, Any] = {}
    if name:
        changes["name"] = name
    if runtime:
        changes["runtime"] = runtime
    return spec.with_(**changes) if changes else spec


def _topology_options(function: Any) -> Any:
    for decorate in (
        option("--runtime", type=_RUNTIMES, help=Text("运行方式。", "What runs the nodes.")),
        option("--name", help=Text("网络名。", "The network's name.")),
        option(
            "--spec",
            "spec_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=Text("拓扑文件（YAML 或 JSON）。", "A topology file (YAML or JSON)."),
        ),
        option(
            "--template", default="", help=Text("内置模板：single、city、ha、bft。", "Built-in: single, city, ha, bft.")
        ),
    ):
        function = decorate(function)
    return function


@network.command("templates", help=Text("列出内置拓扑。", "List the built-in topologies."))
@pass_cli
def templates(cli: Cli) -> None:
    """List the built-in topologies."""
    from network.topology import TEMPLATE_NAMES
    from network.topology import templates as built_in

    rows = [
        {
            "name": name,
            "title": spec.title,
            "consensus": spec.consensus,
            "organizations": [o.msp_id for o in spec.organizations],
            "peers": sum(1 for _ in spec.peers()),
            "orderers": sum(1 for _ in spec.orderers()),
        }
        for name, spec in zip(TEMPLATE_NAMES, built_in(), strict=True)
    ]
    cli.show(
        rows,
        columns(
            name=("模板", "Template"),
            title=("名称", "Title"),
            consensus=("共识", "Consensus"),
            organizations=("组织", "Organisations"),
            peers=("节点", "Peers"),
            orderers=("排序节点", "Orderers"),
        ),
    )


@network.command("list", help=Text("列出工作区的网络。", "List the workspace's networks."))
@pass_cli
def list_networks(cli: Cli) -> None:
    """List the workspace's networks."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(
            platform.networks.list() if cli.json else network_tables.listed(platform.networks.list()),
            columns(
                name=("网络", "Network"),
                title=("名称", "Title"),
                runtime=("运行方式", "Runtime"),
                phase=("阶段", "Phase"),
                organizations=("组织", "Organisations"),
                channels=("通道", "Channels"),
                default=("默认", "Default"),
                branch=("分支", "Branch"),
            ),
            empty=Text(
                "还没有网络。建立：citychain network up --template city",
                "No network yet. Create one: citychain network up --template city",
            ),
        )


@network.command(
    "plan", help=Text("列出建立或更改网络要做的步骤，不做任何更改。", "Show the steps to a topology; changes nothing.")
)
@_topology_options
@pass_cli
def plan(cli: Cli, template: str, spec_file: Path | None, name: str | None, runtime: str | None) -> None:
    """Show the steps to a topology."""
    with cli.platform() as platform:
        steps = platform.networks.plan(_spec(platform, template, spec_file, name, runtime))
        cli.show(
            [
                {
                    "id": step.id,
                    "title": step.title,
                    "needs_restart": step.needs_restart,
                    "destructive": step.destructive,
                }
                for step in steps
            ],
            columns(
                title=("步骤", "Step"), needs_restart=("需重启", "Restart"), destructive=("不可恢复", "Destructive")
            ),
            empty=Text("没有要做的步骤。", "Nothing to do."),
        )


@network.command(
    "up",
    help=Text(
        "建立网络；已有时补齐或扩充，直到与拓扑一致。", "Create a network, or repair or grow it to its topology."
    ),
)
@_topology_options
@option(
    "--keys",
    "places",
    multiple=True,
    help=Text(
        "CA 和人员的新私钥在哪里生成：pkcs11: 地址，或 MSP=地址；可多次。节点私钥仍是文件。",
        "Where new keys of authorities and people are made: a pkcs11: address, or MSP=ADDRESS; repeatable. "
        "Nodes' keys stay files.",
    ),
)
@pass_cli
def up(
    cli: Cli,
    template: str,
    spec_file: Path | None,
    name: str | None,
    runtime: str | None,
    places: tuple[str, ...],
) -> None:
    """Bring a network to its topology."""
    with cli.platform() as platform:
        spec = _spec(platform, template, spec_file, name, runtime)
        if places:
            platform.token_keys.choose(spec, places)
        result = cli.run(
            platform,
            platform.networks.bring_up,
            spec,
            title=Text("建立网络 {n}", "Bring up network {n}", n=spec.name),
        )
        if not (template or spec_file):
            cli.run(platform, platform.changes.finish, spec.name, title=Text("提交等待的更改", "Finish what waits"))
            if not platform.networks.planned_elsewhere(spec.name):
                from baas.services.following import follow

                words = Text("让合约定义跟上成员", "Let definitions follow the members")
                for said in cli.run(platform, follow, platform, spec.name, title=words):
                    cli.say(said)
        if cli.json:
            cli.show(
                {
                    "network": spec.name,
                    "runtime": spec.runtime,
                    "organizations": [o.msp_id for o in spec.organizations],
                    "channels": [c.name for c in spec.channels],
                    "seconds": round(result.seconds, 3),
                    "steps": result.steps,
                    "status": platform.networks.status(spec.name),
                }
            )
            return
        cli.say(
            Text(
                "网络 {n} 已就绪，用时 {s} 秒。",
                "Network {n} is ready after {s} s.",
                n=spec.name,
                s=f"{result.seconds:.2f}",
            )
        )
        network_tables.show_status(cli, platform.networks.status(spec.name))
        if template:
            cli.say(
                Text(
                    "为它的人写好邀请：citychain identity invite-cast 文件夹",
                    "Write its people's invitations: citychain identity invite-cast FOLDER",
                )
            )


@network.command("status", help=Text("每个节点的状态。", "The state of every node."))
@argument("name", required=False, default="")
@pass_cli
def status(cli: Cli, name: str) -> None:
    """The state of every node."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.networks.status(name)
        if cli.json:
            shown = {"name": found.name, "runtime": found.runtime, "state": found.state, "nodes": found.nodes}
            cli.show({**shown, "room": platform.room.taken(found.name)})
        else:
            network_tables.show_status(cli, found)
            for room in platform.room.taken(found.name):
                cli.say(network_tables.room_words(room))
                for missing in room.archive_missing:
                    cli.say(Text("缺少归档文件 {f}。", "The archive file {f} is missing.", f=missing))


@network.command("logs", help=Text("节点的最近日志。", "A node's latest log lines."))
@argument("node")
@option("--network", "name", default="", help=Text("网络名。", "The network's name."))
@option("--lines", type=click.IntRange(1, 100_000), default=200, help=Text("行数。", "How many lines."))
@pass_cli
def logs(cli: Cli, node: str, name: str, lines: int) -> None:
    """A node's latest log lines."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.networks.logs(name, node, lines)
        if cli.json:
            cli.show({"node": node, "lines": found})
        else:
            for line in found:
                click.echo(line)


@network.command("start", help=Text("启动网络或一个节点。", "Start a network or one node."))
@argument("name", required=False, default="")
@option("--node", help=Text("只启动这个节点。", "Only this node."))
@pass_cli
def start(cli: Cli, name: str, node: str | None) -> None:
    """Start a network or one node."""
    with cli.platform(create=False) as platform:
        cli.run(platform, platform.networks.start, name, node)
        _done(cli, platform, name, Text("已启动。", "Started."))


@network.command("stop", help=Text("停止网络或一个节点。", "Stop a network or one node."))
@argument("name", required=False, default="")
@option("--node", "--peer", "node", help=Text("只停止这个节点。", "Only this node."))
@pass_cli
def stop(cli: Cli, name: str, node: str | None) -> None:
    """Stop a network or one node."""
    with cli.platform(create=False, frees=True) as platform:
        cli.run(platform, platform.networks.stop, name, node)
        _done(cli, platform, name, Text("已停止。", "Stopped."))


def _done(cli: Cli, platform: Platform, name: str, text: Text) -> None:
    found = platform.networks.status(name)
    if cli.json:
        cli.show({"name": found.name, "state": found.state, "nodes": found.nodes})
    else:
        cli.say(text)


@network.command(
    "destroy",
    help=Text(
        "删除网络及其账本、证书和密钥；接入的网络只从本机移除，密钥保留。",
        "Remove a network with its ledgers, certificates and keys. One of others is only left; your keys stay.",
    ),
)
@argument("name")
@option(
    "--forget-keys",
    is_flag=True,
    help=Text("离开时也删除密钥。", "Drop the keys too when leaving one of others."),
)
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@pass_cli
def destroy(cli: Cli, name: str, forget_keys: bool, yes: bool) -> None:
    """Remove a network and everything of it."""
    with cli.platform(create=False, frees=True) as platform:
        attached = name in platform.networks.attached()
        # Before anybody is asked to confirm:
        platform.session.require(roles.NETWORK_ATTACH if attached else roles.NETWORK_CHANGE)
        name = platform.networks.resolve(name)
        kept = platform.recovery.only_here(name) if attached else ()
        chinese = "；".join(f"{one.title.zh} {one.count}" for one in kept)
        things = Text(chinese or "-", "; ".join(f"{one.title.en} {one.count}" for one in kept) or "-")
        if attached and not forget_keys:
            loss = Text("将离开网络 {n}。保留在本机：{t}。", "You leave network {n}. Kept here: {t}.", n=name, t=things)
        elif attached:
            loss = Text(
                "将离开网络 {n} 并永久失去：{t}。", "You leave network {n} and lose for good: {t}.", n=name, t=things
            )
        else:
            loss = Text(
                "将删除网络 {n} 的全部账本、证书和私钥，无法恢复。",
                "All ledgers, certificates and keys of network {n} will be removed for good.",
                n=name,
            )
        cli.confirm_by_name(name, loss, yes=yes)
        cli.run(platform, platform.networks.destroy, name, forget_keys=forget_keys)
        if cli.json:
            cli.show({"destroyed": name, "kept": [] if forget_keys else kept})
        else:
            cli.say(Text("网络 {n} 已删除。", "Network {n} is removed.", n=name))
            if kept and not forget_keys:
                cli.say(Text("保留在本机：{t}", "Kept here: {t}", t=things))


@network.command("default", help=Text("选择默认网络。", "Choose the default network."))
@argument("name")
@pass_cli
def default(cli: Cli, name: str) -> None:
    """Choose the default network."""
    with cli.platform(create=False) as platform:
        platform.networks.set_default(name)
        cli.show({"default": name})


for commands in (authorities, branching, card, growing, signing, outside, network_programs, promoting, upgrading):
    commands.add_to(network)
