"""`citychain audit`: who did what, whether the log is whole, and its seals on the ledger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
from baas.errors import Text, UserError


@group("audit", help=Text("审计：谁做了什么，记录是否完整。", "Audit: who did what, and whether the log is whole."))
def audit() -> None:
    """The audit log."""


def _seconds(day: str) -> float:
    if not day:
        return 0.0
    try:
        return dt.datetime.fromisoformat(day).astimezone().timestamp()
    except ValueError:
        raise UserError(
            Text("日期应写作 2026-11-29：{d}", "A day is written 2026-11-29: {d}", d=day[:40]), code="usage"
        ) from None


@audit.command("list", help=Text("列出操作，最新的在前。", "List what was done, newest first."))
@option("--who", default="", metavar="LABEL", help=Text("只看此身份。", "Only this identity's."))
@option("--what", default="", metavar="WORD", help=Text("操作里含有的词。", "A word in what was done."))
@option("--since", default="", metavar="DAY", help=Text("从这一天起。", "From this day on."))
@option("--until", default="", metavar="DAY", help=Text("到这一天之前。", "Before this day."))
@option("--limit", type=click.IntRange(1, 100_000), default=50, help=Text("最多几条。", "At most how many."))
@pass_cli
def list_entries(cli: Cli, who: str, what: str, since: str, until: str, limit: int) -> None:
    """List what was done."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.audit.entries(who=who, what=what, since=_seconds(since), until=_seconds(until), limit=limit)
    if cli.json:
        cli.show(found)
        return
    rows = [
        {
            "line": one.line,
            "at": dt.datetime.fromtimestamp(one.at, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            "who": one.who if not one.signed else f"{one.who} → {', '.join(one.signed)}",
            "what": one.title or one.what,
            "on": ", ".join(f"{name}={value}" for name, value in (one.on or {}).items()),
            "outcome": one.outcome or Text("没有结束", "never ended"),
        }
        for one in found
    ]
    cli.show(
        rows,
        columns(
            line=("行", "Line"),
            at=("时间", "Time"),
            who=("身份", "Who"),
            what=("操作", "What"),
            on=("对象", "On"),
            outcome=("结果", "Outcome"),
        ),
        empty=Text("没有记录。", "Nothing was done."),
    )


@audit.command(
    "verify",
    help=Text(
        "核对每一行，并与账本上的封存比对；有出入时退出码为 4。",
        "Check every line, and against the seals on the ledger; exit code 4 where something differs.",
    ),
)
@network_option()
@option("--offline", is_flag=True, help=Text("只核对文件，不查账本。", "Check the file alone, not the ledger."))
@option(
    "--file",
    "file",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=Text("核对导出的文件夹，不需要工作区。", "Check an exported folder; needs no workspace."),
)
@pass_cli
def verify(cli: Cli, network: str, offline: bool, file: Path | None) -> None:
    """Check the log."""
    from baas import audit_file
    from baas.errors import LedgerError

    if file is not None:
        try:
            anchors = audit_file.read_anchors(file / "seals.json")
            with (file / "log.jsonl").open("rb") as log:
                found = audit_file.check(log, anchors)
        except (OSError, ValueError) as error:
            raise UserError(
                Text("不是导出的审计文件夹：{p}", "It is no exported audit folder: {p}", p=str(file)), code="no_export"
            ) from error
    else:
        with cli.platform(write=False, create=False) as platform:
            found = platform.audit.check(network, sealed=not offline)
    cli.show(
        {
            "whole": found.whole,
            "lines": found.lines,
            "head": found.head,
            "sealed_up_to": found.anchored,
            "never_ended": found.unended,
            "findings": [f"{one.line}: {one.what}" for one in found.findings],
            **({"notes": found.notes} if found.notes else {}),
        }
    )
    if not found.whole:
        raise LedgerError(
            Text("审计记录有 {n} 处不符。", "The audit log differs in {n} places.", n=len(found.findings)),
            stage="evaluate",
            code="audit_broken",
        )


@audit.command("seal", help=Text("把最新一行的哈希封存到账本。", "Seal the newest line's hash on the ledger."))
@network_option()
@pass_cli
def seal(cli: Cli, network: str) -> None:
    """Seal the log."""
    with cli.platform(create=False) as platform:
        cli.show(platform.audit.seal(network))


@audit.command("seals", help=Text("列出账本上的封存。", "List the seals on the ledger."))
@network_option()
@pass_cli
def seals(cli: Cli, network: str) -> None:
    """List the seals."""
    with cli.platform(create=False) as platform:
        found = platform.audit.seals(network)
    if cli.json:
        cli.show(found)
        return
    rows = [
        {
            "n": one.n,
            "hash": one.hash,
            "at": dt.datetime.fromtimestamp(one.at, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        }
        for one in found
    ]
    cli.show(
        rows,
        columns(n=("行", "Line"), hash=("哈希", "Hash"), at=("时间", "Time")),
        empty=Text("还没有封存。封存：citychain audit seal", "Not sealed yet. Seal: citychain audit seal"),
    )


@audit.command(
    "export",
    help=Text("导出记录、封存和核对程序到空文件夹。", "Export log, seals and the checking program to an empty folder."),
)
@argument("target", type=click.Path(file_okay=False, path_type=Path))
@network_option()
@pass_cli
def export(cli: Cli, target: Path, network: str) -> None:
    """Export the log."""
    with cli.platform(create=False) as platform:
        found = platform.audit.export(target, network)
    cli.show({"folder": str(target), "lines": found.lines, "whole": found.whole, "sealed_up_to": found.anchored})


@audit.command("who", help=Text("谁有这种权限，如 ledger.export。", "Who has a right, such as ledger.export."))
@argument("permission")
@pass_cli
def who(cli: Cli, permission: str) -> None:
    """Who has a right."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.audit.who_may(permission)
    cli.show(
        found,
        columns(label=("身份", "Identity"), network=("网络", "Network"), roles=("因角色", "By roles")),
        empty=Text("没有人。", "Nobody."),
    )
