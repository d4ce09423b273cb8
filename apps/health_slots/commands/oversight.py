"""For the authority and auditors: audit from blocks, signals of resale, the index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from apps.health_slots.commands.root import command, slots
from baas.cli.kit import Cli, columns, option
from baas.errors import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform


@command(slots, "audit", help=Text("只凭区块审计号源。", "Audit slots from the blocks alone."))
@option("--hospital", default="", metavar="ID", help=Text("只看一家医院。", "One hospital only."))
@option(
    "--schedule",
    type=click.Path(path_type=Path),
    default=None,
    help=Text("对照医院公布的排班表（需 --hospital）。", "Compare with a published schedule (needs --hospital)."),
)
def audit(cli: Cli, service: HealthSlotsService, platform: Platform, hospital: str, schedule: Path | None) -> None:
    report = cli.run(
        platform, service.audit, hospital=hospital, schedule=schedule, title=Text("审计号源", "Audit slots")
    )
    if cli.json:
        cli.show({**vars(report), "clean": report.clean})
        return
    titles = columns(
        severity=("级别", "Severity"),
        where=("位置", "Where"),
        text=("发现", "Finding"),
        block=("区块", "Block"),
        signer=("签名", "Signer"),
    )
    cli.show(report.findings, titles, Text("没有发现。", "No findings."))
    verdict = (
        Text("与承诺一致。", "Everything agrees with the commitments.")
        if report.clean
        else Text("有与承诺不符之处。", "Some things contradict the commitments.")
    )
    cli.say(
        Text(
            "{blocks} 个区块，{sessions} 个出诊单元，{slots} 个号，{bookings} 次预约。{verdict}",
            "{blocks} blocks, {sessions} sessions, {slots} slots, {bookings} bookings. {verdict}",
            blocks=report.blocks,
            sessions=report.sessions,
            slots=report.slots,
            bookings=report.bookings,
            verdict=verdict,
        )
    )


@command(slots, "signals", help=Text("列出疑似倒号的迹象。", "List signs of possible resale."))
@option("--hospital", default="", metavar="ID", help=Text("只看一家医院。", "One hospital only."))
def signals(cli: Cli, service: HealthSlotsService, hospital: str) -> None:
    titles = columns(subject=("对象", "Subject"), count=("次数", "Count"), text=("迹象", "Sign"))
    cli.show(service.signals.all(hospital), titles, Text("没有疑似迹象。", "No signs."))


@command(slots, "index", help=Text("更新、重建或导出本地索引。", "Update, rebuild or export the local index."))
@option("--rebuild", is_flag=True, help=Text("从账本重建。", "Rebuild it from the ledger."))
@option("--export", type=click.Path(path_type=Path), default=None, help=Text("导出到文件。", "Export to a file."))
def index(cli: Cli, service: HealthSlotsService, platform: Platform, rebuild: bool, export: Path | None) -> None:
    work = service.rebuild if rebuild else service.refresh
    blocks = cli.run(platform, work, title=Text("更新索引", "Update the index"))
    if export is not None:
        service.index.export(export)
    cli.show({"blocks": blocks, "height": service.index.height, **service.index.counts(), "export": export})
