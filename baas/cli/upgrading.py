"""`citychain network upgrade`: another Fabric release for a running network, node by node."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, TextGroup, argument, columns, network_option, option, pass_cli
from baas.errors import Text, UserError


def add_to(network: TextGroup) -> None:
    """Mount the command in the group `network`."""

    @network.command(
        "upgrade",
        help=Text(
            "逐个节点换用另一个 Fabric 版本；能力级别留到最后，此前随时可以退回。",
            "Let the nodes run another Fabric release, one by one; capabilities come last, before that it can go back.",
        ),
    )
    @argument("version", required=False, default="")
    @network_option()
    @option("--dry-run", is_flag=True, help=Text("只列出步骤。", "Only show the steps."))
    @option("--rehearse", is_flag=True, help=Text("先在草稿网络上做一遍。", "Do it on a scratch network first."))
    @option(
        "--backup",
        "file",
        type=click.Path(dir_okay=False, path_type=Path),
        help=Text("升级前把工作区备份到这个文件。", "Back the workspace up to this file first."),
    )
    @option(
        "--capabilities",
        is_flag=True,
        help=Text("提升通道的能力级别（不能退回）。", "Raise the channels' capabilities (there is no way back)."),
    )
    @pass_cli
    def upgrade(
        cli: Cli, version: str, network: str, dry_run: bool, rehearse: bool, file: Path | None, capabilities: bool
    ) -> None:
        """Another Fabric release, node by node."""
        if bool(version) == capabilities:
            raise UserError(
                Text("请写明版本，或用 --capabilities。", "Name a version, or use --capabilities."), code="usage"
            )
        with cli.platform(create=False) as platform:
            service = platform.fabric_versions
            if capabilities:
                cli.show(cli.run(platform, service.raise_capabilities, network))
                return
            steps = service.plan(version, network)
            if dry_run:
                cli.show([{"target": s.target, "title": s.title} for s in steps], columns(title=("步骤", "Step")))
                return
            if rehearse:
                cli.run(platform, service.rehearse, version, network)
            if file is not None:
                from baas.services.backup import back_up

                cli.run(platform, back_up, platform, file)
            cli.show(cli.run(platform, service.upgrade, version, network))
