"""`citychain network config | pending | proposal | sign`: changes that several organisations agree on."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, TextGroup, argument, channel_option, columns, network_option, option, pass_cli
from baas.errors import Text, UserError


def add_to(network: TextGroup) -> None:
    """Mount these commands in the group `network`."""

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
                columns(
                    channel=("通道", "Channel"),
                    signers=("已签名", "Signed"),
                    others=("未签名", "Not signed"),
                    refused=("已拒绝", "Refused"),
                ),
                empty=Text("没有等待签名的更新。", "Nothing waits for signatures."),
            )

    @network.command(
        "proposal",
        help=Text(
            "一份更改文件会改变什么、谁已签名、还缺谁。", "What a change file would change, who signed, who is missing."
        ),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @pass_cli
    def proposal(cli: Cli, file: Path, network: str) -> None:
        """What a change file would change."""
        with cli.platform(write=False, create=False) as platform:
            found = platform.changes.describe(file, network)
            if cli.json:
                cli.show(found)
                return
            cli.show({"channel": found.channel, "signed": found.signers, "missing": found.missing})
            titles = columns(title=("更改", "Change"), before=("原来", "Before"), after=("之后", "After"))
            cli.show(found.changes, titles)

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
        "refuse",
        help=Text(
            "拒绝一份通道更改并说明理由，或导入他人的拒绝。",
            "Refuse a channel update and say why, or bring a refusal in.",
        ),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @option("--identity", default="", metavar="LABEL", help=Text("以这个管理员拒绝。", "Refuse as this administrator."))
    @option("--reason", default="", help=Text("理由。", "Why."))
    @option(
        "--output",
        "target",
        type=click.Path(dir_okay=False, path_type=Path),
        help=Text("拒绝文件，交回给提出方。", "The refusal, for whoever proposed it."),
    )
    @option("--import", "take_in", is_flag=True, help=Text("导入他人的拒绝。", "Bring a refusal in."))
    @pass_cli
    def refuse(
        cli: Cli, file: Path, network: str, identity: str, reason: str, target: Path | None, take_in: bool
    ) -> None:
        """Refuse a channel update, or bring a refusal in."""
        with cli.platform(write=take_in, create=False) as platform:
            if take_in:
                cli.show(platform.changes.take_refusal(file, network))
                return
            if not identity or target is None:
                raise UserError(
                    Text("拒绝需要 --identity 和 --output。", "Refusing takes --identity and --output."), code="usage"
                )
            platform.changes.refuse(file, target, identity, reason, network)
            cli.show({"refused": target, "reason": reason})
