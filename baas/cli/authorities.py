"""`citychain network succeed`: a new key for an organisation's authority."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baas.cli.kit import Cli, TextGroup, argument, columns, network_option, option, pass_cli
from baas.errors import Text

if TYPE_CHECKING:
    from network.succession import Kind


def add_to(network: TextGroup) -> None:
    """Mount this command in the group `network`."""

    @network.command(
        "succeed",
        help=Text(
            "为组织的 CA 换新密钥：各通道先同时信任新旧根证书，再由新密钥签发。",
            "Give an organisation's authority a new key: both roots in every channel first, then the new one issues.",
        ),
    )
    @argument("msp_id", metavar="MSP")
    @network_option()
    @option(
        "--tls",
        is_flag=True,
        help=Text(
            "换 TLS CA（签发节点连接证书）的密钥。", "The TLS authority's key, which nodes' connections rest on."
        ),
    )
    @option("--dry-run", is_flag=True, help=Text("只列出步骤。", "Only show the steps."))
    @pass_cli
    def succeed(cli: Cli, msp_id: str, network: str, tls: bool, dry_run: bool) -> None:
        """Give an authority a new key."""
        kind: Kind = "tlsca" if tls else "ca"
        with cli.platform(create=False) as platform:
            if dry_run:
                steps = platform.authorities.succession_plan(msp_id, network, kind)
                cli.show([{"title": step} for step in steps], columns(title=("步骤", "Step")))
                return
            result = cli.run(platform, platform.authorities.succeed, msp_id, network, kind=kind)
            cli.show({"seconds": round(result.seconds, 3), "steps": [s.id for s in result.steps]})
