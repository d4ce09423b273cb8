"""`citychain backup` and `citychain restore`."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, argument, command, option, pass_cli
from baas.errors import Text


@command(
    "backup",
    help=Text(
        "备份整个工作区到一个文件；网络照常运行，仅容器节点会暂停。",
        "Back up the whole workspace to one file. Networks go on meanwhile; containers pause.",
    ),
)
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@option(
    "--without-device-key",
    is_flag=True,
    help=Text(
        "不含设备密钥：恢复后需要原机器的密钥文件。",
        "Leave the device key out: restoring needs the original machine's.",
    ),
)
@pass_cli
def backup(cli: Cli, target: Path, without_device_key: bool) -> None:
    """Back up the workspace."""
    from baas.services.backup import back_up

    with cli.platform(create=False, frees=True) as platform:
        result = cli.run(
            platform, back_up, platform, target, device_key=not without_device_key, title=Text("备份", "Back up")
        )
        cli.show(result)


@command("restore", help=Text("把备份恢复到空文件夹。", "Restore a backup into an empty folder."))
@argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--check",
    "only_check",
    is_flag=True,
    help=Text("只校验备份里的每个文件，不恢复。", "Only compare every file of the backup; restore nothing."),
)
@pass_cli
def restore(cli: Cli, source: Path, only_check: bool) -> None:
    """Restore a backup."""
    from baas.jobs import Jobs
    from baas.services.restoring import check
    from baas.services.restoring import restore as bring_back
    from baas.workspace import default_folder

    if only_check:
        cli.show(Jobs().run(check, source))
        return
    target = cli.workspace or default_folder()
    cli.show(Jobs().run(bring_back, source, target))
