"""Disputes and infringement cases."""

from __future__ import annotations

from pathlib import Path

import click

from apps.copyright import manifest
from apps.copyright.capture import capture_page
from apps.copyright.cast import Part
from apps.copyright.commands.root import FILE, PART, Code, copyright_group, opened, show
from baas.cli.kit import Cli, argument, network_option, option, pass_cli
from baas.errors import Text


@copyright_group.group("dispute", help=Text("异议。", "Disputes."))
def dispute_group() -> None:
    """异议."""


@dispute_group.command("open", help=Text("提出异议，作品随即冻结。", "Contest a work; it is frozen."))
@argument("work_id")
@option("--ground", type=Code("dispute_grounds"), default="ownership", help=Text("事由代码。", "The ground (code)."))
@option("--statement", required=True, help=Text("陈述。", "The statement."))
@PART
@network_option()
@pass_cli
def open_dispute(cli: Cli, work_id: str, ground: str, statement: str, part: Part | None, network: str) -> None:
    """Contest a work."""
    with opened(cli, network) as service:
        form = {"ground": ground, "statement": statement}
        show(cli, service.rights.open_dispute(service.work(work_id).id, form, part or "licensee"))


@dispute_group.command("resolve", help=Text("登记机构记录异议结果。", "Note a dispute's outcome as the office."))
@argument("dispute_id")
@argument("outcome", type=click.Choice(["dismissed", "upheld", "settled"]))
@option("--reason", multiple=True, required=True, help=Text("理由，可重复。", "A reason; may be repeated."))
@network_option()
@pass_cli
def resolve(cli: Cli, dispute_id: str, outcome: str, reason: tuple[str, ...], network: str) -> None:
    """Note a dispute's outcome."""
    with opened(cli, network) as service:
        show(cli, service.rights.resolve_dispute(dispute_id, outcome, reason))


@dispute_group.command("withdraw", help=Text("撤回异议。", "Give a dispute up."))
@argument("dispute_id")
@option("--reason", required=True, help=Text("原因。", "Why."))
@PART
@network_option()
@pass_cli
def withdraw_dispute(cli: Cli, dispute_id: str, reason: str, part: Part | None, network: str) -> None:
    """Give a dispute up."""
    with opened(cli, network) as service:
        show(cli, service.rights.withdraw_dispute(dispute_id, reason, part or "licensee"))


@copyright_group.group("infringement", help=Text("侵权线索与取证。", "Suspected infringements and their evidence."))
def infringement_group() -> None:
    """侵权线索."""


@infringement_group.command("report", help=Text("报告侵权线索。", "Report a suspected infringement."))
@argument("work_id")
@option("--where", required=True, help=Text("在哪里发现。", "Where it was found."))
@option("--description", required=True, help=Text("情况说明。", "What was found."))
@option("--suspect", default="", help=Text("疑似侵权方。", "Who is suspected."))
@network_option()
@pass_cli
def report(cli: Cli, work_id: str, where: str, description: str, suspect: str, network: str) -> None:
    """Report a suspected infringement."""
    form = {"where": where, "description": description} | ({"suspect": suspect} if suspect else {})
    with opened(cli, network) as service:
        show(cli, service.rights.report_infringement(service.work(work_id).id, form))


@infringement_group.command("capture", help=Text("网页取证并入案。", "Capture a web page as evidence of a case."))
@argument("case_id")
@argument("url")
@option("--browser", type=FILE, help=Text("Chromium 程序。", "The Chromium program."))
@network_option()
@pass_cli
def capture(cli: Cli, case_id: str, url: str, browser: Path | None, network: str) -> None:
    """Capture a web page."""
    with opened(cli, network) as service:
        service.platform.session.require(manifest.LICENSE)  # before a page is fetched and kept
        found = cli.run(
            service.platform, capture_page, url, service.content, browser, title=Text("网页取证", "Capture")
        )
        show(cli, service.rights.add_evidence(case_id, [found.evidence()]))


@infringement_group.command("close", help=Text("记录处理结果。", "Note how a case ended."))
@argument("case_id")
@argument("outcome", type=Code("infringement_outcomes"))
@option("--note", required=True, help=Text("说明。", "A note."))
@network_option()
@pass_cli
def close(cli: Cli, case_id: str, outcome: str, note: str, network: str) -> None:
    """Note how a case ended."""
    with opened(cli, network) as service:
        show(cli, service.rights.close_infringement(case_id, outcome, note))
