"""Disputes and infringement cases."""

from __future__ import annotations

from pathlib import Path

from apps.copyright import permissions
from apps.copyright.capture import capture_page
from apps.copyright.commands.root import FILE, WAYS, copyright_group, opened, show
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Dispute, Infringement


@copyright_group.group("dispute", help=Text("异议。", "Disputes."))
def dispute_group() -> None:
    """异议."""


add_act(dispute_group, WAYS, Dispute.open, leave_out=(Dispute.evidence,))
add_act(dispute_group, WAYS, Dispute.resolve, arguments=(Dispute.outcome,))
add_act(dispute_group, WAYS, Dispute.withdraw)


@copyright_group.group("infringement", help=Text("侵权线索与取证。", "Suspected infringements and their evidence."))
def infringement_group() -> None:
    """侵权线索."""


add_act(infringement_group, WAYS, Infringement.report, leave_out=(Infringement.evidence,))


@infringement_group.command("capture", help=Text("网页取证并入案。", "Capture a web page as evidence of a case."))
@argument("case_id")
@argument("url")
@option("--browser", type=FILE, help=Text("Chromium 程序。", "The Chromium program."))
@network_option()
@pass_cli
def capture(cli: Cli, case_id: str, url: str, browser: Path | None, network: str) -> None:
    """Capture a web page."""
    with opened(cli, network) as service:
        service.platform.session.require(permissions.LICENSE)  # before a page is fetched and kept
        found = cli.run(
            service.platform, capture_page, url, service.content, browser, title=Text("网页取证", "Capture")
        )
        show(cli, service.kit.do(Infringement.add, {"evidence": [found.evidence()]}, on=case_id))


add_act(infringement_group, WAYS, Infringement.close, arguments=(Infringement.outcome,))
