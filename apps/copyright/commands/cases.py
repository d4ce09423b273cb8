"""Disputes and infringement cases."""

from __future__ import annotations

from pathlib import Path

import click

from apps.copyright.capture import Capture
from apps.copyright.capturing import shown
from apps.copyright.commands.root import FILE, TARGET, WAYS, copyright_group, opened, show
from apps.kit.commands import add_act
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import Text
from chaincode.copyright.kinds import Dispute, Infringement

CAPTURED = columns(
    url=("网址", "Address"),
    screenshot=("截图", "Screenshot"),
    alike=("疑似作品的图片", "Pictures like the work"),
    stamp=("时间戳", "Time-stamp"),
    sha256=("SHA-256", "SHA-256"),
)
WATCHES = columns(
    id=("编号", "Number"),
    case=("线索", "Case"),
    url=("网址", "Address"),
    hours=("间隔（小时）", "Hours"),
    due=("下次", "Next"),
    said=("上次", "Last"),
)


@copyright_group.group("dispute", help=Text("异议。", "Disputes."))
def dispute_group() -> None:
    """异议."""


add_act(dispute_group, WAYS, Dispute.open)
add_act(dispute_group, WAYS, Dispute.admit)
add_act(dispute_group, WAYS, Dispute.lift)
add_act(dispute_group, WAYS, Dispute.lapse)
add_act(dispute_group, WAYS, Dispute.resolve, arguments=(Dispute.outcome,))
add_act(dispute_group, WAYS, Dispute.withdraw)


@copyright_group.group("infringement", help=Text("侵权线索与取证。", "Suspected infringements and their evidence."))
def infringement_group() -> None:
    """侵权线索."""


add_act(infringement_group, WAYS, Infringement.report)


@infringement_group.command("capture", help=Text("网页取证并入案。", "Capture web pages as evidence of a case."))
@argument("case_id")
@argument("urls", nargs=-1, required=True, metavar="URL…")
@option("--browser", type=FILE, help=Text("Chromium 程序。", "The Chromium program."))
@option("--source-only", is_flag=True, help=Text("只存网页源代码，不截图。", "Keep a page's source, no screenshot."))
@network_option()
@pass_cli
def capture(
    cli: Cli, case_id: str, urls: tuple[str, ...], browser: Path | None, source_only: bool, network: str
) -> None:
    """Capture web pages."""
    with opened(cli, network) as service:
        done, found = cli.run(
            service.platform,
            service.captures.add,
            case_id,
            urls,
            browser,
            source_only=source_only,
            title=Text("网页取证", "Capture"),
        )
        show(cli, done)
        if not cli.json:
            cli.show([_captured(one) for one in found], CAPTURED)


def _captured(one: Capture) -> dict[str, object]:
    alike = [f"{match.part} {match.score:.0%}" for match in one.matches]
    shot = Text("有", "yes") if "screenshot.png" in one.parts else Text("没有", "no")
    stamp = Text("有", "yes") if one.stamped else Text("没有", "no")
    return {"url": one.url, "screenshot": shot, "alike": ", ".join(alike), "stamp": stamp, "sha256": one.sha256}


@infringement_group.command("parts", help=Text("取出取证网页的各部分。", "Write the parts of captured pages."))
@argument("case_id")
@option("--output", "-o", type=TARGET, required=True, help=Text("写到此文件夹。", "The folder to write into."))
@network_option()
@pass_cli
def parts(cli: Cli, case_id: str, output: Path, network: str) -> None:
    """Write the parts of captured pages."""
    with opened(cli, network) as service:
        found = cli.run(service.platform, service.captures.parts, case_id, output, title=Text("取出", "Write parts"))
        cli.show({"folders": [str(one) for one in found]})


@infringement_group.group("watch", help=Text("定期再次取证。", "Capture pages again at intervals."))
def watch_group() -> None:
    """定期再次取证."""


@watch_group.command("add", help=Text("每隔若干小时再次取证。", "Capture a page of a case again every some hours."))
@argument("case_id")
@argument("url")
@option("--every", type=click.IntRange(1, 720), default=24, help=Text("间隔，小时。", "The interval, in hours."))
@network_option()
@pass_cli
def watch_add(cli: Cli, case_id: str, url: str, every: int, network: str) -> None:
    """Watch a page."""
    with opened(cli, network) as service:
        cli.show(shown(service.captures.watch(case_id, url, every)))


@watch_group.command("list", help=Text("列出监看的网页。", "List the watched pages."))
@network_option()
@pass_cli
def watch_list(cli: Cli, network: str) -> None:
    """List watched pages."""
    with opened(cli, network) as service:
        cli.show(
            [shown(one) for one in service.captures.watches()], WATCHES, Text("没有监看的网页。", "Nothing is watched.")
        )


@watch_group.command("remove", help=Text("不再监看。", "Watch a page no more."))
@argument("number", type=int)
@network_option()
@pass_cli
def watch_remove(cli: Cli, number: int, network: str) -> None:
    """Watch a page no more."""
    with opened(cli, network) as service:
        service.captures.unwatch(number)
        cli.say(Text("已不再监看。", "It is watched no more."))


@watch_group.command("run", help=Text("现在查看到期的网页。", "Look at the pages that are due now."))
@option("--all", "everything", is_flag=True, help=Text("不等到期，全部查看。", "All of them, due or not."))
@option("--browser", type=FILE, help=Text("Chromium 程序。", "The Chromium program."))
@network_option()
@pass_cli
def watch_run(cli: Cli, everything: bool, browser: Path | None, network: str) -> None:
    """Look at watched pages."""
    with opened(cli, network) as service:
        told = cli.run(
            service.platform,
            service.captures.run,
            browser,
            everything=everything,
            title=Text("再次取证", "Capture again"),
        )
        rows = [{**shown(one), "said": said} for one, said in told]
        cli.show(rows, WATCHES, Text("没有到期的网页。", "Nothing is due."))


add_act(infringement_group, WAYS, Infringement.close, arguments=(Infringement.outcome,))
