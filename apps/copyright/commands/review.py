"""登记: applying and reviewing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from apps.copyright.clear_documents import seal_owner_documents
from apps.copyright.commands.form import entries_of, form_of, said_at_command_line, work_options
from apps.copyright.commands.root import FILE, WAYS, Code, committed, copyright_group, opened, read_json, said, show
from apps.copyright.model import Registration
from apps.copyright.office_words import BASES
from apps.copyright.policy_tables import table
from apps.copyright.service import CopyrightService
from apps.kit.commands import add_act
from apps.kit.files import given_files
from baas.cli.calendars import show_calendar
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.errors import Text, UserError
from baas.working_days import guessed, guessed_words, read_calendar, write_calendar
from chaincode.copyright.kinds import Cancellation, Change
from chaincode.copyright.kinds import Registration as Case
from network.encodings import read_text

CALENDAR = "citychain copyright calendar"
_STATEMENT = ("purpose", "process", "originality")
_CASES = columns(
    id=("案件", "Case"),
    work_id=("作品", "Work"),
    applicant=("申请人", "Applicant"),
    state=("状态", "State"),
    number=("登记号", "Number"),
    deadlines=("期限", "Deadlines"),
)


@copyright_group.command("calendar", help=Text("查看或导入年度工作日历。", "Show or import years' working days."))
@argument("file", type=FILE, required=False)
@option("--export", "year", type=int, help=Text("把一年写成文件，作样子。", "Write a year to the file, as a model."))
@network_option()
@pass_cli
def calendar(cli: Cli, file: Path | None, year: int | None, network: str) -> None:
    """Show or import years' working days."""
    with opened(cli, network) as service:
        known = service.calendar()
        if file is not None and year is not None:
            cli.show({"file": write_calendar(known, year, file)})
            return
        changed: tuple[str, ...] = ()
        if file is not None:
            service.import_calendar(read_calendar(file))
            known, changed = service.calendar(), (service.ledger.cast.office,)
        show_calendar(cli, known, CALENDAR, changed)


@copyright_group.command(
    "register", help=Text("存证一个文件并申请登记。", "Deposit a file (or name a work) and apply for registration.")
)
@argument("what")
@work_options
@option("--owner-name", default="", help=Text("著作权人姓名或名称。", "The owner's name."))
@option(
    "--owner-kind",
    type=Code("owner_kinds"),
    default="natural",
    help=Text("著作权人类型。", "The owner's kind."),
)
@option(
    "--document-type",
    type=Code("documents"),
    default="resident_id",
    help=Text("证件类型。", "Its type."),
)
@option("--document-file", type=FILE, help=Text("证件号码所在文件（第一行）。", "File with the document's number."))
@option(
    "--owners",
    type=FILE,
    help=Text("共有人和证件（JSON 文件），代替以上四项。", "Co-owners and documents (JSON), not these four."),
)
@option("--acquisition", type=Code("acquisitions"), default="original", help=Text("取得方式。", "Acquisition."))
@option("--attribution", type=Code("attributions"), default="individual", help=Text("权利归属。", "Attribution."))
@option("--rights", default="all", help=Text("权利范围：all 或逗号分隔的代码。", "all, or codes by comma."))
@option("--purpose", default="", help=Text("创作目的。", "Purpose of the creation."))
@option("--process", default="", help=Text("创作过程。", "Process of the creation."))
@option("--originality", default="", help=Text("独创性说明。", "What is original."))
@option("--proof", multiple=True, help=Text("证明：种类=文件，可重复。", "A proof, KIND=FILE; may be repeated."))
@network_option()
@pass_cli
def register(cli: Cli, /, what: str, network: str, **options: Any) -> None:
    """Apply for registration."""
    owners = _owners(options)
    given_files(options["proof"])  # one that is not there is refused before anything is committed
    entries = entries_of(options)
    with opened(cli, network) as service:
        path = Path(what)
        if path.exists():
            form = form_of(options, path)
            receipt = cli.run(service.platform, service.deposit, path, form, title=Text("存证", "Deposit"))
            work, known = receipt.work, receipt.duplicate
        else:
            work, known = service.work(what), True
        if known:
            if not path.exists() and said_at_command_line("relation"):
                raise UserError(
                    Text("--relation 只用于新的存证。", "--relation is for a new deposit."),
                    code="option_does_not_apply",
                )
            work = service.complete(work, entries, REGISTERING)
        show(cli, _apply(service, work.id, owners, options))


def _owners(options: Mapping[str, Any]) -> list[dict[str, str]]:
    """The owners with their documents, read before anything is committed; "" as party stands for whoever acts."""
    if options["owners"]:
        beside = [name for name in _ONE_OWNER if said_at_command_line(name)]
        if beside:
            other = beside[0].replace("_", "-")
            raise UserError(
                Text("--owners 代替 --{n}，只能用一个。", "--owners stands for --{n}; give one of them.", n=other),
                code="option_does_not_apply",
            )
        found: list[dict[str, str]] = read_json(f"@{options['owners']}", list)
        if not found or not all(isinstance(one, dict) for one in found):
            raise UserError(Text("需要著作权人的列表。", "A list of owners is needed."))
        return found
    if not options["owner_name"] or not options["document_file"]:
        raise UserError(
            Text("缺少著作权人。", "The owner is missing."),
            Text(
                "请给出 --owner-name 和 --document-file，或 --owners。",
                "Give --owner-name and --document-file, or --owners.",
            ),
        )
    return [
        {
            "party": "",
            "name": options["owner_name"],
            "kind": options["owner_kind"],
            "document_type": options["document_type"],
            "document_number": _document_number(options["document_file"]),
        }
    ]


def _guessed(service: CopyrightService, case: Registration) -> tuple[int, ...]:
    """The years of a case's deadlines whose calendar nobody imported."""
    dates = [dt.date.fromisoformat(day) for day in case.deadlines.values() if day]
    return guessed(service.calendar(), dates) if dates else ()


def _document_number(path: Path) -> str:
    """The first line of a file, read before anything is committed."""
    try:
        lines = read_text(path).splitlines()
        if lines and not lines[0].strip().isprintable():
            raise ValueError("no text")
    except (OSError, ValueError) as error:
        raise UserError(
            Text("读不了证件号码文件 {p}。", "The document file {p} cannot be read.", p=str(path)),
            code="file_unreadable",
        ) from error
    number = lines[0].strip() if lines else ""
    if not number:
        raise UserError(
            Text("证件号码文件 {p} 的第一行是空的。", "The first line of the document file {p} is empty.", p=str(path)),
            code="file_empty",
        )
    return number


def _apply(service: CopyrightService, work_id: str, owners: list[dict[str, str]], options: dict[str, Any]) -> Any:
    people = [one | {"party": one.get("party") or service.ledger.party("creator")} for one in owners]
    service.put_owner_documents(work_id, people)
    rights = options["rights"] if options["rights"] == "all" else options["rights"].split(",")
    return service.apply(
        work_id,
        {
            "acquisition": options["acquisition"],
            "attribution": options["attribution"],
            "rights": rights,
            "statement": {part: options[part] for part in _STATEMENT},
            "owners": [{name: one.get(name, "") for name in ("party", "name", "kind")} for one in people],
            "proofs": service.store_proofs(options["proof"]),
        },
    )


@copyright_group.command("queue", help=Text("登记案件列表。", "List cases of registration."))
@option("--state", default="SUBMITTED", help=Text("状态。", "The state."))
@network_option()
@pass_cli
def queue(cli: Cli, state: str, network: str) -> None:
    """List cases."""
    with opened(cli, network) as service:
        found = [vars(one) for one in service.queue(state.upper())]
        rows = found if cli.json else [said(one) for one in found]
        cli.show(rows, _CASES, Text("没有案件。", "There are no cases."))


_STEPS = (
    *("verify", "correct", "lapse", "accept", "examine", "pass", "approve", "return", "refuse", "issue", "publish"),
)
_ONE_OWNER = ("owner_name", "owner_kind", "document_type", "document_file")
REGISTERING = "申请登记时补全"
_FOUND = columns(
    work_id=("作品", "Work"),
    method=("方法", "Method"),
    score=("相近", "Score"),
    decision=("认定", "Finding"),
    opinion=("意见", "Opinion"),
)


def _check_step(step: str, reason: tuple[str, ...], fields: str) -> None:
    """Refuse options that a step does not take, instead of dropping them."""
    wrong = "--fields" if fields and step != "correct" else ""
    if reason and step not in ("correct", "refuse", "return", "pass", "approve"):
        wrong = "--reason"
    if wrong:
        raise UserError(Text("{s} 不用 {o}。", "{s} takes no {o}.", s=step, o=wrong), code="option_does_not_apply")


@copyright_group.command("review", help=Text("登记机构办理一步。", "Take a step as the registration office."))
@argument("registration_id")
@argument("step", type=click.Choice(_STEPS))
@option("--reason", multiple=True, help=Text("理由或意见，可重复。", "A reason or opinion; may be repeated."))
@option(
    "--fields",
    default="",
    help=Text("要求更正的项目（correct），逗号分开；默认全部。", "What to correct (correct), by comma."),
)
@network_option()
@pass_cli
def review(cli: Cli, registration_id: str, step: str, reason: tuple[str, ...], fields: str, network: str) -> None:
    """Take a step of the review."""
    _check_step(step, reason, fields)
    with opened(cli, network) as service:
        if step == "correct":
            asked = [one.strip() for one in fields.split(",") if one.strip()] or None
            done = service.review(registration_id, step, list(reason), asked)
        elif step in ("refuse", "return"):
            done = service.review(registration_id, step, list(reason))
        elif step in ("pass", "approve"):
            done = service.review(registration_id, step, "；".join(reason) or "符合登记要求")
        else:
            done = service.review(registration_id, step)
        years = _guessed(service, done.value)
        if cli.json:
            cli.show({**committed(done), "computed_from_weekends": years})
            return
        show(cli, done)
        note = guessed_words(years, CALENDAR)
        if note is not None:
            cli.say(note)


@copyright_group.command(
    "compare",
    help=Text("全网查重：结果写入案件。", "Compare a case's work with all works, on the ledger."),
)
@argument("registration_id")
@network_option()
@pass_cli
def compare(cli: Cli, registration_id: str, network: str) -> None:
    """Compare a case's work with the network's."""
    with opened(cli, network) as service:
        done = cli.run(
            service.platform, service.examination.compare, registration_id, title=Text("全网查重", "Compare")
        )
        if cli.json:
            cli.show(committed(done))
            return
        comparison = done.value.record["comparison"]
        opinions = table("opinions")()
        rows = [
            {**one, "score": f"{one['score']}%", "decision": opinions.get(one["decision"], "")}
            for one in comparison["found"]
            if not one["own"]
        ]
        cli.show(rows, _FOUND, Text("没有查到他人的相近作品。", "No work of others is like it."))
        basis = BASES[comparison["basis"]]
        cli.say(
            Text("比对依据：{b}，共 {n} 件作品。", "Compared by {b} with {n} works.", b=basis, n=comparison["works"])
        )


@copyright_group.command(
    "opinion", help=Text("写明对一件查到的作品的意见。", "Write the office's opinion of one work that was found.")
)
@argument("registration_id")
@argument("work_id")
@argument("finding", type=Code("opinions"))
@option("--reason", required=True, help=Text("意见。", "The opinion."))
@network_option()
@pass_cli
def opinion(cli: Cli, registration_id: str, work_id: str, finding: str, reason: str, network: str) -> None:
    """Write an opinion of one work that was found."""
    with opened(cli, network) as service:
        show(cli, service.examination.opine(registration_id, work_id, finding, reason))


@copyright_group.command("certify", help=Text("发证：制作并签署证书。", "Issue the signed certificate."))
@argument("registration_id")
@network_option()
@pass_cli
def certify(cli: Cli, registration_id: str, network: str) -> None:
    """Issue the certificate."""
    with opened(cli, network) as service:
        done = cli.run(service.platform, service.certify, registration_id, title=Text("发证", "Issue"))
        cli.show(
            {
                "number": done.registration.number,
                "file": str(done.path),
                "sha256": done.sha256,
                "cid": done.cid,
                "made_here": done.made_here,
            }
        )


@copyright_group.command("correct", help=Text("提交补正后的申请。", "Hand the corrected application in."))
@argument("registration_id")
@argument("application")
@network_option()
@pass_cli
def correct(cli: Cli, registration_id: str, application: str, network: str) -> None:
    """Hand the corrected application in."""
    with opened(cli, network) as service:
        show(cli, service.kit.do(Case.correct, read_json(application), on=registration_id))


@copyright_group.command(
    "seal-documents", help=Text("把旧的明文证件资料改存为密文。", "Write documents of before as ciphertext.")
)
@network_option()
@pass_cli
def seal_documents(cli: Cli, network: str) -> None:
    """Write owners' documents that lie in clear from before there were key files as ciphertext."""
    with opened(cli, network) as service:
        title = Text("加密旧的证件资料", "Seal documents of before")
        cli.show({"sealed": cli.run(service.platform, seal_owner_documents, service, title=title)})


add_act(copyright_group, WAYS, Case.withdraw, name="withdraw")
add_act(copyright_group, WAYS, Case.cancel, name="cancel")


@copyright_group.command("change", help=Text("申请变更或补充登记事项。", "Ask for changed or further entries."))
@argument("work_id")
@argument("changes")
@option("--reason", required=True, help=Text("理由。", "Why."))
@network_option()
@pass_cli
def change(cli: Cli, work_id: str, changes: str, reason: str, network: str) -> None:
    """Ask for a change."""
    given = {"changes": read_json(changes), "reason": reason}
    with opened(cli, network) as service:
        show(cli, service.kit.do(Change.request, given, on=service.work(work_id).id))


@copyright_group.command("decide-change", help=Text("登记机构决定变更。", "Decide about a change as the office."))
@argument("change_id")
@option("--refuse", is_flag=True, help=Text("不同意。", "Refuse it."))
@option("--reason", multiple=True, required=True, help=Text("理由，可重复。", "A reason; may be repeated."))
@network_option()
@pass_cli
def decide_change(cli: Cli, change_id: str, refuse: bool, reason: tuple[str, ...], network: str) -> None:
    """Decide about a change."""
    with opened(cli, network) as service:
        act = Change.refuse if refuse else Change.approve
        done = service.kit.do(act, {"reasons": list(reason)}, on=change_id)
        show(cli, done)
        if not refuse and not cli.json and (case := service.outdated(done.value["work_id"])):
            cli.say(
                Text(
                    "请发新证：citychain copyright certify {c}",
                    "Issue the new certificate: citychain copyright certify {c}",
                    c=case,
                )
            )


add_act(copyright_group, WAYS, Change.consent, name="consent-change")
add_act(copyright_group, WAYS, Change.withdraw, name="withdraw-change")


@copyright_group.group("cancellation", help=Text("注销登记。", "Cancelling a registration as its owners."))
def cancellation_group() -> None:
    """注销."""


add_act(cancellation_group, WAYS, Cancellation.request)
add_act(cancellation_group, WAYS, Cancellation.consent)
add_act(cancellation_group, WAYS, Cancellation.withdraw)
add_act(cancellation_group, WAYS, Cancellation.approve)
add_act(cancellation_group, WAYS, Cancellation.refuse)


@copyright_group.command(
    "amend", help=Text("登记前更正或补全作品信息。", "Correct or complete a work's entries before its application.")
)
@argument("work_id")
@work_options
@option("--reason", required=True, help=Text("理由。", "Why."))
@network_option()
@pass_cli
def amend(cli: Cli, /, work_id: str, reason: str, network: str, **options: Any) -> None:
    """Correct or complete a work's entries."""
    entries = entries_of(options)
    if said_at_command_line("relation"):
        raise UserError(
            Text("--relation 只用于新的存证。", "--relation is for a new deposit."), code="option_does_not_apply"
        )
    with opened(cli, network) as service:
        show(cli, service.amend(service.work(work_id).id, entries, reason))
