"""`citychain catalogue`: what follows from the kinds, and by hand: check a network, standards' texts, reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from apps.catalogue import credentials, measuring, metering
from apps.catalogue.application import APPLICATION
from apps.catalogue.editions import Misshapen, read_edition
from apps.catalogue.kinds import Assessment, Standard
from apps.catalogue.talent import Credential
from apps.catalogue.words import GRADE_WORDS, RESULT_WORDS
from apps.kit.commands import group_of, opened, tell
from baas.cli.kit import Cli, TextGroup, argument, columns, network_option, option, pass_cli
from baas.errors import Conflict, Text, UserError, translating
from network.encodings import read_text

catalogue = group_of(APPLICATION)
_standard: TextGroup = catalogue.commands["standard"]  # type: ignore[assignment]  # made by group_of
_assessment: TextGroup = catalogue.commands["assessment"]  # type: ignore[assignment]
_period: TextGroup = catalogue.commands["period"]  # type: ignore[assignment]
_credential: TextGroup = catalogue.commands["credential"]  # type: ignore[assignment]
_FILE = click.Path(path_type=Path, dir_okay=False)
_COLUMNS = columns(
    clause=("条款", "Clause"), what=("要求", "Requirement"), result=("结果", "Result"), measured=("实测", "Measured")
)


@catalogue.command(
    "check",
    help=Text(
        "按标准检查网络，结果写入账本；不写代码则逐一检查全部标准。",
        "Check the network against a standard, results on the ledger; without a code, against all of them.",
    ),
)
@argument("code", required=False, default="")
@option(
    "--show",
    "shown",
    multiple=True,
    metavar="CLAUSE=FILE",
    help=Text("由人说明的条款所附文件；账本只记其散列。", "A file that shows a clause for people; its hash is kept."),
)
@option("--dry-run", is_flag=True, help=Text("只检查，不写入账本。", "Only look; nothing is written."))
@network_option()
@pass_cli
def check(cli: Cli, /, code: str, shown: tuple[str, ...], dry_run: bool, network: str) -> None:
    """Check the network against one standard or all."""
    files = dict(_shown(one) for one in shown)
    if files and not code:
        raise UserError(Text("用 --show 时请写标准代码。", "Name the standard with --show."), code="no_standard")
    with opened(cli, APPLICATION, network) as service:
        service.platform.session.require(APPLICATION.read if dry_run else service.permission(Assessment.record))
        codes = [code] if code else list(measuring.shipped() | measuring.on_ledger(service))
        for one in codes:
            if dry_run:
                edition = measuring.on_ledger(service).get(one, {}).get("text") or measuring.shipped().get(one)
                edition = edition or measuring.chosen(service, one)["text"]
                report = cli.run(service.platform, measuring.measure, service.platform, service.network, edition)
                _tell(cli, report, "")
            else:
                made = cli.run(service.platform, measuring.assess, service, one, files=files)
                _tell(cli, made.report, made.record["id"] if made.record else "")


def _shown(text: str) -> tuple[str, Path]:
    clause, _, path = text.partition("=")
    if not clause or not path:
        raise UserError(Text("“{t}”应为 条款=文件。", "{t} must be CLAUSE=FILE.", t=text[:60]), code="no_clause")
    return clause, Path(path)


def _tell(cli: Cli, report: dict[str, Any], record_id: str) -> None:
    if cli.json:
        cli.show({"assessment": record_id, **report})
        return
    said = {one["clause"]: one for part in report["standard"]["parts"] for one in part["clauses"]}
    rows = [
        {
            "clause": one["clause"],
            "what": Text("{z}", "{e}", z=said[one["clause"]]["zh"], e=said[one["clause"]]["en"]),
            "result": RESULT_WORDS[one["result"]],
            "measured": Text("{z}", "{e}", z=one["measured"]["zh"], e=one["measured"]["en"]),
        }
        for one in report["results"]
    ]
    title = report["standard"]["title"]
    cli.say(
        Text(
            "{c} {z}：{s} 分，{g}",
            "{c} {e}: {s} points, {g}",
            c=report["standard"]["code"],
            z=title["zh"],
            e=title["en"],
            s=report["score"],
            g=GRADE_WORDS[report["grade"]],
        )
    )
    cli.show(rows, _COLUMNS)
    if record_id:
        cli.say(Text("检查记录 {i}", "Record {i}", i=record_id))


@catalogue.command("newest", help=Text("每个标准最近一次检查的结果。", "The newest result of each standard."))
@network_option()
@pass_cli
def newest(cli: Cli, /, network: str) -> None:
    """The newest result of each standard."""
    with opened(cli, APPLICATION, network) as service:
        rows = []
        for code, standard in measuring.on_ledger(service).items():
            last = next(iter(measuring.history(service, code)), None)
            rows.append(
                {
                    "code": code,
                    "title": standard["title"],
                    "number": standard["number"],
                    "grade": last["grade"] if last else "—",
                    "score": last["score"] if last else "—",
                    "at": last["created"][:19].replace("T", " ") if last else "—",
                    "id": last["id"] if last else "",
                }
            )
        titles = columns(
            code=("代码", "Code"), title=("标准", "Standard"), number=("版", "Edition"), grade=("评级", "Grade"),
            score=("分", "Points"), at=("检查", "Checked"), id=("记录", "Record"),
        )  # fmt: skip
        cli.show(rows, titles, Text("账本上还没有标准。", "The ledger has no standard yet."))


@_assessment.command(
    "report",
    help=Text(
        "写出一次检查：.pdf 报告，.zip 供他人离线核验的证据包，.json 原始数据。",
        "Write an assessment: .pdf the report, .zip the package that strangers check offline, .json the data.",
    ),
)
@argument("record_id")
@option("--output", "-o", "target", type=_FILE, required=True, help=Text("文件。", "The file."))
@network_option()
@pass_cli
def report(cli: Cli, /, record_id: str, target: Path, network: str) -> None:
    """Write an assessment's report, as its hash on the ledger says."""
    with opened(cli, APPLICATION, network) as service:
        service.platform.session.require(APPLICATION.read)
        suffix = target.suffix.lower()
        if suffix not in (".pdf", ".zip", ".json"):
            raise UserError(
                Text("文件名应以 .pdf、.zip 或 .json 结尾。", "Name a .pdf, .zip or .json file."), code="bad_suffix"
            )
        if target.exists():
            raise Conflict(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
        if suffix == ".zip":
            made = cli.run(service.platform, measuring.package, service, record_id, target)
            cli.show(
                {"file": str(target), "signed_by": ", ".join(made.spoke), "missing": ", ".join(made.missing) or "-"}
            )
            return
        data = measuring.kept(service.platform, service.network, service.read(record_id), suffix)
        with translating():
            target.write_bytes(data)
        cli.show({"file": str(target), "assessment": record_id})


@_period.command(
    "report", help=Text("按区块计量并上报。", "Count from the blocks what an application did, and report it.")
)
@argument("application_id")
@option(
    "--last", type=int, default=-1, help=Text("到哪个区块（默认最新）。", "Up to which block (default: the newest).")
)
@network_option()
@pass_cli
def report_period(cli: Cli, /, application_id: str, last: int, network: str) -> None:
    """Count and report."""
    with opened(cli, APPLICATION, network) as service:
        made = cli.run(service.platform, metering.report, service, application_id, last)
        tell(cli, service, made)


@_period.command("confirm", help=Text("按区块重算后确认。", "Count a period again from the blocks, and confirm it."))
@argument("period_id")
@network_option()
@pass_cli
def confirm_period(cli: Cli, /, period_id: str, network: str) -> None:
    """Count again and confirm."""
    with opened(cli, APPLICATION, network) as service:
        tell(cli, service, cli.run(service.platform, metering.confirm, service, period_id))


@_credential.command(
    "issue",
    help=Text(
        "签发一个人的凭证：内容取自 JSON 文件，写出交给本人的文件；账本上没有姓名。",
        "Issue somebody's credential from a JSON file; what is written is for its holder, the ledger has no name.",
    ),
)
@argument("source", type=_FILE)
@option("--until", required=True, help=Text("有效期至（2027-12-31）。", "Until which day (2027-12-31)."))
@option("--output", "-o", "target", type=_FILE, required=True, help=Text("交给本人的文件。", "The holder's file."))
@network_option()
@pass_cli
def issue_credential(cli: Cli, /, source: Path, until: str, target: Path, network: str) -> None:
    """Issue a credential."""
    with opened(cli, APPLICATION, network) as service:
        service.platform.session.require(service.permission(Credential.issue))
        try:
            claims = json.loads(read_text(source))
        except (OSError, ValueError) as error:
            raise UserError(Text("{f} 不是 JSON。", "{f} is no JSON.", f=source.name), code="bad_claims") from error
        made = credentials.issue(service, claims if isinstance(claims, dict) else {}, until, target)
        cli.show({"credential": made["id"], "file": str(target)})


@_credential.command(
    "present",
    help=Text(
        "写出供他人离线核验的证明，只出示指明的内容。",
        "Write the proof that a stranger checks offline, showing what is named and nothing else.",
    ),
)
@argument("source", type=_FILE)
@option(
    "--show", "names", multiple=True, help=Text("出示哪一项（可重复，默认全部）。", "A claim to show (default: all).")
)
@option("--output", "-o", "target", type=_FILE, required=True, help=Text("证明（.zip）。", "The proof (.zip)."))
@network_option()
@pass_cli
def present_credential(cli: Cli, /, source: Path, names: tuple[str, ...], target: Path, network: str) -> None:
    """Write a proof."""
    with opened(cli, APPLICATION, network) as service:
        service.platform.session.require(APPLICATION.read)
        made = cli.run(service.platform, credentials.present, service, source, names, target)
        cli.show({"file": str(target), "signed_by": ", ".join(made.spoke)})


@_standard.command(
    "text", help=Text("写出一个标准的全文（JSON），供修订。", "Write a standard's text (JSON), to revise it.")
)
@argument("code")
@option("--output", "-o", "target", type=_FILE, required=True, help=Text("文件。", "The file."))
@network_option()
@pass_cli
def text(cli: Cli, /, code: str, target: Path, network: str) -> None:
    """Write the edition in force, numbered as the next one."""
    if target.exists():
        raise Conflict(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
    with opened(cli, APPLICATION, network) as service:
        found = dict(measuring.chosen(service, code)["text"])
    found["number"] += 1
    with translating():
        target.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    cli.show({"file": str(target), "code": code, "number": found["number"]})


@_standard.command(
    "publish", help=Text("发布标准的一版（JSON 文件）。", "Publish an edition of a standard (JSON file).")
)
@argument("source", type=_FILE)
@network_option()
@pass_cli
def publish(cli: Cli, /, source: Path, network: str) -> None:
    """Publish an edition."""
    with opened(cli, APPLICATION, network) as service:
        service.platform.session.require(service.permission(Standard.publish))
        tell(cli, service, service.do(Standard.publish, {"text": _edition(source)}))


def _edition(source: Path) -> dict[str, Any]:
    try:
        with translating():
            return read_edition(json.loads(read_text(source)))
    except Misshapen as wrong:
        place, _, why = str(wrong).partition(": ")
        raise UserError(
            Text("{p} 处不是标准应有的写法。", "{p} is not as a standard is written.", p=place),
            details={"text": why},
            code="no_edition",
        ) from wrong
    except ValueError as error:
        raise UserError(Text("{f} 不是 JSON。", "{f} is no JSON.", f=source.name), code="no_edition") from error
