"""`citychain ledger archive`: old blocks of an embedded ledger moved into files and back."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, TextGroup, argument, channel_option, network_option, option, pass_cli
from baas.errors import Text, UserError


def add_to(ledger: TextGroup) -> None:
    """Mount the command in the group `ledger`."""

    @ledger.command(
        "archive",
        help=Text(
            "把内置账本的旧区块移到归档文件（网络照常运行）；不写文件夹则显示归档状态。",
            "Move an embedded ledger's old blocks into files while it runs; without a folder: what is archived.",
        ),
    )
    @argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
    @option(
        "--below",
        type=click.IntRange(1),
        help=Text(
            "只移这个区块号以下的；默认除最新一百个外全部。",
            "Only blocks below this number; by default all but the newest hundred.",
        ),
    )
    @option(
        "--back", is_flag=True, help=Text("把归档的区块取回账本。", "Take the archived blocks back into the ledger.")
    )
    @option(
        "--locate",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        help=Text("归档文件现在在这个文件夹。", "The archive files are in this folder now."),
    )
    @network_option()
    @channel_option()
    @pass_cli
    def archive(
        cli: Cli, folder: Path | None, below: int | None, back: bool, locate: Path | None, network: str, channel: str
    ) -> None:
        """Move old blocks into files."""
        if sum((folder is not None, back, locate is not None)) > 1:
            raise UserError(
                Text("归档、取回、指明位置，一次只能做一件。", "Archive, bring back or locate: one at a time."),
                code="usage",
            )
        with cli.platform(create=False) as platform:
            room = platform.room
            if folder is not None:
                cli.show(cli.run(platform, room.archive, folder, below or 0, network, channel))
            elif back:
                cli.show(cli.run(platform, room.unarchive, network, channel))
            elif locate is not None:
                cli.show(room.locate(locate, network, channel))
            else:
                cli.show(room.archived(network, channel))
