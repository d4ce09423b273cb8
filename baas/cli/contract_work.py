"""`citychain chaincode request|accept|reload`: approvals that travel as files, and contracts under development."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, TextGroup, argument, channel_option, network_option, option, pass_cli
from baas.errors import Text
from baas.services.definitions import differences


def add_to(chaincode: TextGroup) -> None:
    """Mount these commands in the group `chaincode`."""

    @chaincode.command(
        "request",
        help=Text(
            "导出待生效的定义，交给别处的组织批准。", "Write a pending definition for an organisation elsewhere."
        ),
    )
    @argument("name")
    @argument("target", type=click.Path(dir_okay=False, path_type=Path))
    @network_option()
    @channel_option()
    @pass_cli
    def request(cli: Cli, name: str, target: Path, network: str, channel: str) -> None:
        """Write a pending definition for an organisation elsewhere."""
        with cli.platform(write=False, create=False) as platform:
            made = platform.contracts.approval_request(platform.networks.resolve(network), name, target, channel)
            cli.show({"file": target, "contract": name, "sequence": made.definition.sequence})

    @chaincode.command(
        "accept",
        help=Text("安装并批准请求文件中的定义。", "Install and approve the definition of a request file."),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @option("--msp", "msp_id", required=True, help=Text("哪个组织。", "Which organisation."))
    @option(
        "--package",
        "package_id",
        default="",
        metavar="ID",
        help=Text("只批准这个合约包，别的拒绝。", "Approve this package alone, refuse any other."),
    )
    @pass_cli
    def accept(cli: Cli, file: Path, network: str, msp_id: str, package_id: str) -> None:
        """Install and approve the definition of a request file."""
        with cli.platform(write=False, create=False) as platform:
            approve = platform.contracts.approve_request
            done = cli.run(platform, approve, network, file, msp_id=msp_id, package_id=package_id)
            cli.show({"approved": done.definition.name, "msp_id": msp_id, "sequence": done.definition.sequence})

    @chaincode.command(
        "proposal",
        help=Text(
            "一份批准请求：什么定义、哪个合约包、谁已批准。",
            "An approval request: which definition and package, who has approved.",
        ),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @pass_cli
    def proposal(cli: Cli, file: Path, network: str) -> None:
        """Look at an approval request."""
        with cli.platform(write=False, create=False) as platform:
            asked, board = platform.contracts.look_at_request(network, file)
            before, after = board.committed, asked.definition
            cli.show(
                {
                    "contract": after.name,
                    "version": f"{before.version if before else '-'} → {after.version}",
                    "sequence": after.sequence,
                    "endorsement_policy": after.endorsement_policy,
                    "package": asked.package_id,
                    "differences": differences(before, after) if before else (),
                    "approved": [row.msp_id for row in board.rows if row.approved],
                    "missing": [row.msp_id for row in board.rows if not row.approved],
                    "refused": platform.definition_refusals.of(board),
                }
            )

    @chaincode.command(
        "reload",
        help=Text("内置账本重新载入改过的合约源码（开发用）。", "Let the embedded ledger load edited sources."),
    )
    @argument("name")
    @network_option()
    @pass_cli
    def reload(cli: Cli, name: str, network: str) -> None:
        """Let the embedded ledger load edited sources."""
        with cli.platform(write=False, create=False) as platform:
            platform.contracts.reload(network, name)
            cli.say(Text("已重新载入 {c}。", "Reloaded {c}.", c=name))
