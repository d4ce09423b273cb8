"""Disputes and infringement cases."""

from __future__ import annotations

from pathlib import Path

from apps.copyright import permissions
from apps.copyright.capture import capture_page
from apps.copyright.cast import Part
from apps.copyright.commands.root import FILE, PART, WAYS, Code, copyright_group, opened, show
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Dispute, Infringement


@copyright_group.group("dispute", help=Text("异议。", "Disputes."))
def dispute_group() -> None:
    """异议."""


@dispute_group.command("open", help=Text("附证据提出异议，作品随即冻结。", "Contest a work with evidence."))
@argument("work_id")
@option("--ground", type=Code("dispute_grounds"), default="ownership", help=Text("事由。", "The ground."))
@option("--statement", required=True, help=Text("陈述：您的依据是什么。", "Your case."))
@option("--evidence", multiple=True, help=Text("证据：种类=文件，可重复。", "Evidence, KIND=FILE; may be repeated."))
@option("--earlier", default="", help=Text("自己更早存证的作品编号。", "Your own earlier deposit of it."))
@PART
@network_option()
@pass_cli
def contest(
    cli: Cli, /, work_id: str, ground: str, statement: str, evidence: tuple[str, ...], earlier: str, part: Part | None,
    network: str,
) -> None:  # fmt: skip
    """Contest a work."""
    with opened(cli, network) as service:
        service.platform.session.require(service.kit.permission(Dispute.open))
        given = {"ground": ground, "statement": statement, "evidence": service.store_evidence(evidence)}
        if earlier:
            given["earlier"] = earlier
        signer = service.kit.signer_for(part) if part else ""
        show(cli, service.kit.do(Dispute.open, given, on=service.work(work_id).id, signer=signer))


add_act(dispute_group, WAYS, Dispute.admit)
add_act(dispute_group, WAYS, Dispute.lift)
add_act(dispute_group, WAYS, Dispute.lapse)
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
