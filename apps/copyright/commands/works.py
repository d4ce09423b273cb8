"""Deposits: one file, a folder, finding, opening."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from apps.copyright.batch import BatchReport, deposit_folder
from apps.copyright.cast import Part
from apps.copyright.commands.form import authors_of, entries_of, form_of, work_options
from apps.copyright.commands.root import FILE, PART, TARGET, WORKS, Code, copyright_group, opened, row, said, show
from apps.copyright.intake import hash_file
from apps.copyright.model import Work, WorkForm
from apps.copyright.service import CopyrightService, stands
from apps.copyright.table import read_forms, write_works
from baas.cli.kit import Cli, argument, columns, network_option, option, pass_cli
from baas.content import ContentError
from baas.errors import Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk.files import whole_file

_SIMILAR = columns(
    work_id=("编号", "Id"),
    title=("名称", "Title"),
    method=("方法", "Method"),
    score=("相近", "Score"),
    detail=("说明", "Detail"),
)

WAITS = Text(
    "存证已完成；文件还没有上交，会自动再试（citychain copyright files 可查看）。",
    "It is deposited; the file waits to be handed in and is tried again (see citychain copyright files).",
)

CERTIFICATES = {
    "valid": Text("这是登记机构发出的证书，登记有效。", "A certificate of the office; the registration is in force."),
    "replaced": Text("这份证书已被新证替代。", "This certificate was replaced by a newer one."),
    "cancelled": Text("登记已撤销，这份证书失效。", "The registration was cancelled; this certificate is void."),
}
_TREE = columns(
    id=("编号", "Id"),
    title=("名称", "Title"),
    creation_kind=("创作性质", "Creation kind"),
    number=("登记号", "Number"),
    state=("状态", "State"),
)


@copyright_group.command("deposit", help=Text("存证：立即上链。", "Deposit a file: on the ledger at once."))
@argument("file", type=FILE)
@work_options
@option("--encrypt", is_flag=True, help=Text("加密后存入。", "Seal it before it is stored."))
@network_option()
@pass_cli
def deposit(cli: Cli, /, file: Path, encrypt: bool, network: str, **fields: Any) -> None:
    """Deposit a file."""
    form, entries = form_of(fields, file), entries_of(fields)
    with opened(cli, network) as service:
        done = cli.run(service.platform, service.deposit, file, form, encrypt=encrypt, title=Text("存证", "Deposit"))
        if done.duplicate:
            _check_same(done.work, entries, encrypt=encrypt)
        shown = row(done.work) | {"tx_id": done.tx_id, "block": done.block, "duplicate": done.duplicate}
        shown["similar"] = [vars(one) for one in done.similar]
        shown["doubts"] = list(done.doubts)
        if done.waits is not None:
            shown["waits"] = done.waits
        cli.show(shown if cli.json else said(shown))
        if done.waits is not None:
            cli.say(WAITS)
        if encrypt:
            cli.offer_recovery(service.platform, service.network)


def _check_same(work: Work, entries: Mapping[str, Any], *, encrypt: bool) -> None:
    """Refuse what a deposit of before does not say: it is not made again, and nothing that was given is dropped."""
    other = [name for name, value in entries.items() if not stands(work.record.get(name), value)]
    if encrypt != work.encrypted and encrypt:
        other.append("encrypt")
    if other:
        raise UserError(
            Text(
                "您已存证过这份内容（{w}），其中 {n} 与这次写的不同，没有更改。",
                "You deposited this content already ({w}); {n} stand otherwise there and were not changed.",
                w=work.id,
                n=", ".join(other),
            ),
            Text(
                "更正或补全：citychain copyright amend {w} …，或直接 register。",
                "Correct or complete it: citychain copyright amend {w} …, or register it.",
                w=work.id,
            ),
            code="deposited_before",
        )


@copyright_group.command("batch", help=Text("整个文件夹存证，可续。", "Deposit a folder; goes on where it stopped."))
@argument("folder", type=FILE)
@option("--forms", type=FILE, help=Text("登记信息表（CSV、XLSX）。", "A table of forms (CSV, XLSX)."))
@option("--report", type=TARGET, help=Text("报告写到这个 CSV。", "Write the report to this CSV."))
@option("--author", multiple=True, help=Text("作者，可重复。", "An author; may be repeated."))
@option("--category", type=Code("categories"), default="", help=Text("作品类别代码。", "The category's code."))
@network_option()
@pass_cli
def batch(
    cli: Cli,
    folder: Path,
    forms: Path | None,
    report: Path | None,
    author: tuple[str, ...],
    category: str,
    network: str,
) -> None:
    """Deposit a folder."""
    table = read_forms(forms) if forms else {}
    defaults = WorkForm(title="", category=category, authors=authors_of(author))
    with opened(cli, network) as service:
        done: BatchReport = cli.run(
            service.platform,
            deposit_folder,
            service,
            folder,
            forms=table,
            defaults=defaults,
            title=Text("批量存证", "Batch deposit"),
        )
        if report:
            done.write_csv(report, cli.lang)
        summary: dict[str, Any] = {
            "files": len(done.lines),
            "deposited": done.count("deposited"),
            "known": done.count("known"),
            "refused": done.count("refused"),
        }
        if cli.json:
            summary["lines"] = [vars(line) | {"path": str(line.path)} for line in done.lines]
        cli.show(summary)


@copyright_group.command(
    "search", help=Text("查找作品：文件、散列、CID、登记号、ISCC。", "Find works by file, hash, CID, number.")
)
@argument("what")
@network_option()
@pass_cli
def search(cli: Cli, what: str, network: str) -> None:
    """Find works."""
    path = Path(what)
    with opened(cli, network) as service:
        if path.exists():
            exact = service.find_file(path)
            alike = service.similar(path)
            shown = [vars(one) for one in alike if one.work_id not in {work.id for work in exact}]
            state = "" if exact else service.certificate_state(hash_file(path, NULL_CONTEXT))
            if cli.json:
                answer: dict[str, Any] = {"exact": [row(work) for work in exact], "similar": shown}
                cli.show(answer | ({"certificate": state} if state else {}))
                return
            if state:
                cli.say(CERTIFICATES[state])
            cli.show(
                [said(row(work)) for work in exact],
                WORKS,
                Text("没有完全相同的作品。", "No work is exactly this file."),
            )
            cli.show(shown, _SIMILAR, Text("没有疑似相近的作品。", "No work looks like it."))
            return
        found = [row(work) for work in service.find(*_meant(what))]
        nothing = Text(
            "没有找到。可按文件、SHA-256、CID、登记号或 ISCC 查找。",
            "Nothing found. Search by file, SHA-256, CID, registration number or ISCC.",
        )
        cli.show(found if cli.json else [said(one) for one in found], WORKS, nothing)


def _meant(what: str) -> tuple[str, str]:
    """By what is searched, and its one spelling: a CID is read in every spelling that people write."""
    from baas.content.cid import spelled

    if what.startswith("ISCC:"):
        return "iscc", what
    if len(what) == 64 and what.isalnum() and what.isascii():
        return "sha256", what.lower()
    with suppress(ContentError):
        return "cid", spelled(what)
    return "number", what


@copyright_group.command(
    "reindex", help=Text("从区块重建本机的作品索引。", "Read this machine's index of works from the blocks again.")
)
@network_option()
@pass_cli
def reindex(cli: Cli, network: str) -> None:
    """Read the index from the blocks again."""
    with opened(cli, network) as service:
        works = cli.run(service.platform, _reindexed, service, title=Text("重建索引", "Read the index again"))
        cli.show({"works": works, "blocks": service.index.height})


def _reindexed(service: CopyrightService, *, ctx: JobContext) -> int:
    return service.examination.reindex(ctx)


@copyright_group.command("list", help=Text("列出作品。", "List works."))
@option("--mine", is_flag=True, help=Text("只列自己的。", "Only one's own."))
@option("--csv", "target", type=TARGET, help=Text("写到 CSV 或 XLSX 文件。", "Write them to a CSV or XLSX file."))
@network_option()
@pass_cli
def list_works(cli: Cli, mine: bool, target: Path | None, network: str) -> None:
    """List works."""
    with opened(cli, network) as service:
        found = service.works(mine=mine, limit=100_000 if target else 1000)
        if target:
            cli.show({"works": write_works(found, target), "file": str(target)})
        else:
            rows = [row(work) if cli.json else said(row(work)) for work in found]
            cli.show(rows, WORKS, Text("还没有作品。", "There are no works yet."))


@copyright_group.command("inbox", help=Text("等我办理的事。", "What waits for me."))
@network_option()
@pass_cli
def inbox(cli: Cli, network: str) -> None:
    """What waits for me."""
    with opened(cli, network) as service:
        kit = service.kit
        found = kit.waiting()
        kit.know(found)
        rows = [
            {name: one[key] for name, key in (("id", "id"), ("kind", "type"), ("state", "state"))}
            | {"title": kit.called(one), "due": kit.catalogue.of(one).due_of(one)}
            for one in found
        ]
        titles = columns(
            id=("编号", "Id"),
            kind=("类型", "Kind"),
            state=("状态", "State"),
            title=("作品", "Work"),
            due=("期限", "Due"),
        )
        cli.show(rows, titles, Text("没有等您办理的事。", "Nothing waits for you."))


@copyright_group.command("show", help=Text("查看一件作品及其权利。", "Show a work and its rights."))
@argument("work_id")
@network_option()
@pass_cli
def show_work(cli: Cli, work_id: str, network: str) -> None:
    """Show a work."""
    with opened(cli, network) as service:
        work = service.work(work_id)
        if not cli.json:
            cli.show(said(row(work)))
            return
        cli.show(row(work) | {"record": dict(work.record), "rights": service.dossier(work.id)})


@copyright_group.command("history", help=Text("一条记录的全部历史。", "The whole history of a record."))
@argument("record_id")
@network_option()
@pass_cli
def history(cli: Cli, record_id: str, network: str) -> None:
    """History of a record."""
    with opened(cli, network) as service:
        found = service.history(record_id)
        rows = [{**one, "state": (one["record"] or {}).get("state", "")} for one in found]
        cli.show(
            rows if cli.json else [said(one) for one in rows],
            columns(at=("时间", "Time"), state=("状态", "State"), tx_id=("交易", "Transaction")),
        )


@copyright_group.command("tree", help=Text("作品谱系。", "A work's family tree."))
@argument("work_id")
@network_option()
@pass_cli
def tree(cli: Cli, work_id: str, network: str) -> None:
    """Family tree of a work."""
    with opened(cli, network) as service:
        found = service.family_tree(service.work(work_id).id)
        if cli.json:
            cli.show(found)
        else:
            cli.show([said(one) for one in found["works"]], _TREE)


@copyright_group.command(
    "open", help=Text("取出作品文件；加密作品用您的密钥解开。", "Write a work's file; a sealed one with your key.")
)
@argument("work_id")
@option(
    "--output",
    "-o",
    "target",
    type=TARGET,
    required=True,
    help=Text("写到这个文件，- 为标准输出。", "The file; - is stdout."),
)
@PART
@network_option()
@pass_cli
def open_work(cli: Cli, work_id: str, target: Path, part: Part | None, network: str) -> None:
    """Write a work's file."""
    with opened(cli, network) as service:
        if str(target) == "-":
            service.access.save(work_id, sys.stdout.buffer, part or "creator")
            return
        if target.exists():
            raise UserError(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))

        def work(*, ctx: JobContext) -> int:
            with whole_file(target) as file:
                return service.access.save(work_id, file, part or "creator")

        size = cli.run(service.platform, work, title=Text("取出作品", "Write the work"))
        cli.show({"file": str(target), "bytes": size})


@copyright_group.command(
    "grant", help=Text("把加密作品的密钥交给被许可人。", "Give a licensee the key of a sealed work.")
)
@argument("work_id")
@argument("label")
@network_option()
@pass_cli
def grant(cli: Cli, work_id: str, label: str, network: str) -> None:
    """Give a licensee the key."""
    with opened(cli, network) as service:
        show(cli, service.access.grant(work_id, label))


@copyright_group.command("revoke", help=Text("撤销存证。", "Withdraw a deposit."))
@argument("work_id")
@option("--reason", required=True, help=Text("原因。", "Why."))
@network_option()
@pass_cli
def revoke(cli: Cli, work_id: str, reason: str, network: str) -> None:
    """Withdraw a deposit."""
    with opened(cli, network) as service:
        show(cli, service.revoke(work_id, reason))
