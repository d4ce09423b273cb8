"""`citychain network fetch|bundle|listen|certificates|health|profile`: programs, what is watched and handed on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from baas.cli.kit import Cli, argument, columns, command, first_line, group, network_option, option, pass_cli
from baas.cli.snapshots import snapshot
from baas.errors import Text, UserError

_FILE = click.Path(dir_okay=False, path_type=Path)
_SECRET = Text("口令文件（第一行）。", "A file whose first line is the share's passphrase.")


@command("fetch", help=Text("下载官方 Fabric 程序，并核对校验和。", "Download Fabric's official programs, verified."))
@argument("version")
@option("--sha256", default="", help=Text("手工给出的校验和。", "A checksum given by hand."))
@pass_cli
def fetch(cli: Cli, version: str, sha256: str) -> None:
    """Download a release into the cache."""
    with cli.platform() as platform:
        fetching = platform.operations.fetch_programs
        programs = cli.run(
            platform, fetching, version, sha256, title=Text("下载 Fabric {v}", "Download Fabric {v}", v=version)
        )
    cli.show({"version": programs.version, "programs": str(programs.directory)})


@group("bundle", help=Text("离线包：把 Fabric 程序带到不联网的机器。", "Offline bundles of Fabric's programs."))
def bundle() -> None:
    """Offline bundles."""


@bundle.command("export", help=Text("把已有版本写成离线包。", "Write installed versions as a bundle."))
@argument("file", type=_FILE)
@option("--version", "versions", multiple=True, help=Text("版本，可多次给出。", "A version; may be repeated."))
@pass_cli
def export(cli: Cli, file: Path, versions: tuple[str, ...]) -> None:
    """Write a bundle."""
    with cli.platform() as platform:
        exporting = platform.operations.export_bundle
        contents = cli.run(platform, exporting, file, versions, title=Text("制作离线包", "Make the bundle"))
    cli.show({"file": str(file), "platform": contents.platform, "versions": list(contents.versions)})


@bundle.command("import", help=Text("核对并导入离线包。", "Verify a bundle and import it."))
@argument("file", type=_FILE)
@pass_cli
def import_(cli: Cli, file: Path) -> None:
    """Import a bundle."""
    with cli.platform() as platform:
        contents = cli.run(
            platform, platform.operations.import_bundle, file, title=Text("导入离线包", "Import the bundle")
        )
    cli.show({"platform": contents.platform, "versions": list(contents.versions)})


@command(
    "listen",
    help=Text(
        "让其他机器以 NAME（主机名或本机地址）连接网络；--off 改回只在本机。不带参数时说明现状。",
        "Let other machines reach the network as NAME (a host name or address of this one); --off is loopback alone.",
    ),
)
@argument("name", required=False, default="")
@option("--off", is_flag=True, help=Text("只在本机监听。", "Listen on this machine alone."))
@network_option()
@pass_cli
def listen(cli: Cli, name: str, off: bool, network: str) -> None:
    """Let other machines reach the network."""
    if name and off:
        raise UserError(Text("NAME 与 --off 只能用一个。", "Give NAME or --off, not both."), code="usage")
    with cli.platform(write=bool(name) or off, create=False) as platform:
        if name or off:
            title = Text("更改监听地址", "Change where the network listens")
            found = cli.run(platform, platform.operations.listen, name, network, title=title)
        else:
            found = platform.operations.listening(network)
        cli.say(found.words)
        if cli.json:
            cli.show(found)
        else:
            titles = columns(node=("节点", "Node"), msp_id=("组织", "Organisation"), address=("地址", "Address"))
            cli.show(found.nodes, titles)


@command("certificates", help=Text("证书的到期时间。", "When certificates end."))
@argument("name", required=False, default="")
@pass_cli
def certificates(cli: Cli, name: str) -> None:
    """When certificates end, the earliest first."""
    with cli.platform(write=False, create=False) as platform:
        rows = [
            {
                "owner": c.owner,
                "kind": c.kind,
                "msp_id": c.msp_id,
                "not_after": c.not_after.isoformat(),
                "days_left": round(c.days_left(), 1),
                "urgency": c.urgency(),
                "serial": c.serial,
            }
            for c in platform.operations.certificates(name)
        ]
    cli.show(
        rows,
        columns(
            owner=("所有者", "Owner"),
            kind=("类型", "Kind"),
            msp_id=("组织", "Organisation"),
            not_after=("到期", "Ends"),
            days_left=("剩余天数", "Days left"),
            urgency=("紧急程度", "Urgency"),
        ),
    )


@command("health", help=Text("节点自报的健康状况。", "What the nodes say of their own health."))
@argument("name", required=False, default="")
@pass_cli
def health(cli: Cli, name: str) -> None:
    """Health, gossip membership, leadership and memory of every node with an operations endpoint."""
    with cli.platform(write=False, create=False) as platform:
        rows = [dataclasses.asdict(found) for found in platform.operations.health(name)]
    for row in rows:
        row["memory_mb"] = round(row.pop("memory_bytes") / 1e6)
    cli.show(
        rows,
        columns(
            name=("节点", "Node"),
            healthy=("健康", "Healthy"),
            version=("版本", "Version"),
            heights=("高度", "Heights"),
            known_peers=("已知节点", "Known peers"),
            is_leader=("主节点", "Leads"),
            memory_mb=("内存 MB", "Memory MB"),
        ),
        Text("此网络的节点没有运维接口。", "The nodes of this network have no operations endpoint."),
    )


@command("profile", help=Text("导出某机构的连接配置（YAML 或 JSON）。", "Export an organisation's connection profile."))
@argument("msp_id")
@argument("file", type=_FILE)
@option("--network", "name", default="", help=Text("网络名。", "The network's name."))
@pass_cli
def profile(cli: Cli, msp_id: str, file: Path, name: str) -> None:
    """Write a connection profile without any private key."""
    with cli.platform(write=False, create=False) as platform:
        platform.operations.export_profile(msp_id, file, name)
    cli.show({"file": str(file)})


@group("share", help=Text("多机部署：导出、导入各主机的份额。", "Several machines: each host's share of a network."))
def share() -> None:
    """Shares of a network for other machines."""


@share.command("export", help=Text("导出某主机的加密份额。", "Export the encrypted share of a host."))
@argument("host")
@argument("file", type=_FILE)
@option("--network", "name", default="", help=Text("网络名。", "The network's name."))
@option(
    "--share-passphrase-file", "secret", required=True, type=click.Path(dir_okay=False, path_type=Path), help=_SECRET
)
@pass_cli
def share_export(cli: Cli, host: str, file: Path, name: str, secret: Path) -> None:
    """Export the share of one host."""
    with cli.platform(create=False) as platform:
        nodes = platform.operations.export_share(name, host, file, first_line(secret))
    cli.show({"file": str(file), "host": host, "nodes": list(nodes)})


@share.command("import", help=Text("导入份额，然后用 network up 启动。", "Import a share; network up then starts it."))
@argument("file", type=_FILE)
@option(
    "--share-passphrase-file", "secret", required=True, type=click.Path(dir_okay=False, path_type=Path), help=_SECRET
)
@pass_cli
def share_import(cli: Cli, file: Path, secret: Path) -> None:
    """Import a share into this workspace."""
    with cli.platform() as platform:
        name = platform.operations.import_share(file, first_line(secret))
    cli.show({"network": name})


@command("host", help=Text("说明本机是拓扑中的哪台主机。", "Say which host of the topology this machine is."))
@argument("name")
@argument("host")
@pass_cli
def host(cli: Cli, name: str, host: str) -> None:
    """Say which host of the topology this machine is, before bringing the network up."""
    with cli.platform() as platform:
        platform.operations.choose_host(name, host)
    cli.show({"network": name, "host": host})


def add_to(network: click.Group) -> None:
    """Put these commands into `citychain network`."""
    for entry in (fetch, bundle, listen, certificates, health, profile, share, host, snapshot):
        network.add_command(entry)
