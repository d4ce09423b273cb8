"""`identity refuse | status` and `chaincode refuse`: saying no with a reason that reaches whoever asked."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, TextGroup, argument, columns, network_option, option, pass_cli
from baas.errors import Text, UserError


def add_to_identity(identity: TextGroup) -> None:
    """Mount these commands in the group `identity`."""

    @identity.command(
        "refuse",
        help=Text(
            "拒绝一份身份申请并说明理由；把拒绝文件发还申请人，由其 citychain enter 打开。",
            "Refuse a request for an identity and say why; the person opens the refusal with citychain enter.",
        ),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--reason", required=True, help=Text("理由。", "Why."))
    @option("--identity", "label", default="", metavar="LABEL", help=Text("以这个管理员拒绝。", "Refuse as this one."))
    @option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help=Text("拒绝文件写到哪里（默认在申请旁）。", "Where the refusal goes (default: beside the request)."),
    )
    @network_option()
    @pass_cli
    def refuse(cli: Cli, file: Path, reason: str, label: str, output: Path | None, network: str) -> None:
        """Refuse a request for an identity."""
        target = output or file.with_name(f"{file.stem.removesuffix('-request')}-refusal.citychain")
        with cli.platform(create=False) as platform:
            made = platform.identity_refusals.refuse(file, target, reason, label, network)
            cli.show({"refused": made, "reason": reason})
            cli.say(Text("请把 {f} 发还给申请人。", "Send {f} back to the person.", f=str(made)))

    @identity.command(
        "status",
        help=Text("本机发出的身份申请：在等，还是被拒绝、为什么。", "Requests from here: waiting, or refused and why."),
    )
    @pass_cli
    def status(cli: Cli) -> None:
        """Requests made here that have not been answered with a certificate."""
        with cli.platform(write=False, create=False) as platform:
            cli.show(
                platform.entrance.asked(),
                columns(
                    name=("名称", "Name"),
                    organization=("组织", "Organisation"),
                    since=("申请于", "Asked"),
                    state=("状态", "State"),
                    refused=("拒绝", "Refused"),
                    authority=("对方 CA 的指纹", "Their authority"),
                ),
                empty=Text("没有等待答复的申请。", "No request waits for an answer."),
            )


def add_to_chaincode(chaincode: TextGroup) -> None:
    """Mount these commands in the group `chaincode`."""

    @chaincode.command(
        "refuse",
        help=Text(
            "拒绝一份批准请求并说明理由，或导入他人的拒绝。",
            "Refuse an approval request and say why, or bring a refusal in.",
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
        """Refuse an approval request, or bring a refusal in."""
        with cli.platform(write=take_in, create=False) as platform:
            if take_in:
                cli.show({"refused": platform.definition_refusals.take_in(file, network)})
                return
            if not identity or target is None:
                raise UserError(
                    Text("拒绝需要 --identity 和 --output。", "Refusing takes --identity and --output."), code="usage"
                )
            platform.definition_refusals.refuse(file, target, identity, reason, network)
            cli.show({"refused": target, "reason": reason})
