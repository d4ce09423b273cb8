"""`citychain network attach | refresh | export | join`: networks that others run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from baas.cli.kit import Cli, TextGroup, argument, option, pass_cli
from baas.errors import Text, translating


def add_to(network: TextGroup) -> None:
    """Mount these commands in the group `network`."""

    @network.command(
        "attach",
        help=Text(
            "接入已有网络：连接配置加一个身份。", "Attach an existing network: a connection profile and an identity."
        ),
    )
    @argument("profile", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--name", required=True, help=Text("在本工作区的名称。", "Its name in this workspace."))
    @option(
        "--cert",
        "certificate",
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text("身份的证书（PEM）。", "The identity's certificate (PEM)."),
    )
    @option(
        "--key-file",
        "key",
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text("身份的私钥文件（PEM）。", "File with the identity's private key (PEM)."),
    )
    @option(
        "--msp",
        "msp_id",
        default="",
        help=Text("组织的 MSP（配置中没有时）。", "The MSP id, when the profile names none."),
    )
    @option(
        "--contract-host",
        default="",
        help=Text(
            "网络的节点访问本机所用的主机名（部署合约才需要）。", "Where its peers reach this machine (to deploy)."
        ),
    )
    @pass_cli
    def attach(
        cli: Cli, profile: Path, name: str, certificate: Path, key: Path, msp_id: str, contract_host: str
    ) -> None:
        """Attach an existing network."""
        with translating():
            certificate_pem, key_pem = certificate.read_bytes(), key.read_bytes()
        with cli.platform() as platform:
            spec = cli.run(
                platform,
                platform.exchange.attach,
                profile,
                name,
                certificate_pem,
                key_pem,
                msp_id=msp_id,
                contract_host=contract_host,
            )
            cli.show(_summary(spec))

    @network.command("refresh", help=Text("重新查看接入的网络。", "Look around an attached network again."))
    @argument("name", required=False, default="")
    @pass_cli
    def refresh(cli: Cli, name: str) -> None:
        """Look around an attached network again."""
        with cli.platform(create=False) as platform:
            cli.show(_summary(cli.run(platform, platform.exchange.refresh, name)))

    @network.command(
        "export",
        help=Text(
            "把网络写成 Compose 或 Kubernetes 文件，由您自己运行。",
            "Write a network as Compose or Kubernetes files to run yourself.",
        ),
    )
    @argument("target", type=click.Path(file_okay=False, path_type=Path))
    @option(
        "--format",
        type=click.Choice(["compose", "kubernetes"]),
        default="compose",
        show_default=True,
        help=Text("格式。", "The format."),
    )
    @option("--template", default="city", show_default=True, help=Text("内置模板。", "A built-in topology."))
    @option(
        "--spec",
        "spec_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text("拓扑文件。", "A topology file."),
    )
    @option("--name", required=True, help=Text("网络名。", "The network's name."))
    @option("--namespace", default="", help=Text("Kubernetes 命名空间。", "The Kubernetes namespace."))
    @pass_cli
    def export(
        cli: Cli, target: Path, format: Any, template: str, spec_file: Path | None, name: str, namespace: str
    ) -> None:
        """Write a network as Compose or Kubernetes files."""
        from network.topology import load_spec

        with cli.platform() as platform:
            spec = load_spec(spec_file) if spec_file else platform.networks.template(template)
            spec = spec.with_(name=name, runtime="docker")
            cli.show(cli.run(platform, platform.exchange.export, spec, format, target, namespace=namespace))

    @network.command(
        "join", help=Text("让导出的网络的节点加入通道。", "Join an exported network's nodes to their channels.")
    )
    @argument("name")
    @pass_cli
    def join(cli: Cli, name: str) -> None:
        """Join an exported network's nodes to their channels."""
        with cli.platform(create=False) as platform:
            cli.show(_summary(cli.run(platform, platform.exchange.join, name)))


def _summary(spec: Any) -> dict[str, Any]:
    return {
        "network": spec.name,
        "runtime": spec.runtime,
        "organizations": [o.msp_id for o in spec.organizations],
        "channels": [c.name for c in spec.channels],
        "peers": sum(1 for _ in spec.peers()),
    }
