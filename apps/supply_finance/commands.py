"""`citychain finance`: what follows from the kinds, and by hand: split, tree, a table of receivables, export, books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from apps.kit.commands import group_of, opened, part_option, row, tell
from apps.kit.formats import fen_of, yuan
from apps.supply_finance.manifest import APPLICATION
from apps.supply_finance.receivables import MOST_COUNTED, books, issue_table, tree_of
from apps.supply_finance.tables import write_certificates
from baas.cli.kit import Cli, TextGroup, argument, columns, network_option, pass_cli
from baas.errors import Conflict, Text, UserError
from chaincode.supply_finance.kinds import Certificate

finance = group_of(APPLICATION)
_certificate: TextGroup = finance.commands["certificate"]  # type: ignore[assignment]  # made by group_of
_FILE = click.Path(path_type=Path, dir_okay=False)


def _part(text: str) -> dict[str, Any]:
    """`AMOUNT` or `AMOUNT=MSP/name`, in yuan."""
    amount, _, to = text.partition("=")
    try:
        fen = fen_of(amount)
    except ValueError:
        fen = None
    if not fen:
        raise UserError(
            Text(
                "“{t}”不是一份：请写金额，或 金额=组织/名称。",
                "{t} is no part: write AMOUNT or AMOUNT=MSP/name.",
                t=text[:60],
            ),
            code="bad_number",
        )
    return {"amount_fen": fen, **({"to": to} if to else {})}


@_certificate.command(
    "split",
    help=Text(
        "拆分；每份写金额（元），或 金额=组织/名称 同时转让。",
        "Split. Each part is an amount in yuan, or AMOUNT=MSP/name to pass it on at once.",
    ),
)
@argument("record_id")
@argument("parts", nargs=-1, required=True)
@part_option(APPLICATION)
@network_option()
@pass_cli
def split(cli: Cli, /, record_id: str, parts: tuple[str, ...], part: str | None, network: str) -> None:
    """Split a certificate."""
    with opened(cli, APPLICATION, network) as service:
        service.platform.session.require(service.permission(Certificate.split))
        given = {"parts": [_part(one) for one in parts]}
        signer = service.signer_for(part) if part else ""
        tell(cli, service, service.do(Certificate.split, given, on=record_id, signer=signer))


@_certificate.command("tree", help=Text("一张凭证拆分成的树。", "The tree that a certificate was split into."))
@argument("record_id")
@network_option()
@pass_cli
def tree(cli: Cli, /, record_id: str, network: str) -> None:
    """The tree that a certificate was split into."""
    with opened(cli, APPLICATION, network) as service:
        found = tree_of(service, record_id)
        rows = [
            {
                "id": f"{'  ' * one['level']}{one['id']}",
                "amount": yuan(one["amount_fen"]),
                "holder": one["holder"],
                "state": row(service, one)["state"],
            }
            for one in found
        ]
        titles = columns(
            id=("凭证", "Certificate"), amount=("金额", "Amount"), holder=("持有人", "Holder"), state=("状态", "State")
        )
        cli.show(found if cli.json else rows, titles)


@_certificate.command(
    "import",
    help=Text(
        "按表格（CSV、XLSX）逐行开立凭证；文件放在表格旁边。", "Issue a table's rows (CSV, XLSX); files lie beside it."
    ),
)
@argument("line_id")
@argument("table", type=_FILE)
@network_option()
@pass_cli
def import_table(cli: Cli, /, line_id: str, table: Path, network: str) -> None:
    """Issue a table's rows."""
    with opened(cli, APPLICATION, network) as service, cli.watching() as watch:
        rows = service.platform.jobs.run(issue_table, service, line_id, table, watch=watch)
    titles = columns(
        number=("行", "Row"), state=("结果", "Result"), certificate=("凭证", "Certificate"), reason=("原因", "Why")
    )
    cli.show([vars(one) for one in rows], titles)


@_certificate.command("export", help=Text("导出全部凭证（CSV 或 XLSX）。", "Write all certificates (CSV or XLSX)."))
@argument("target", type=_FILE)
@network_option()
@pass_cli
def export(cli: Cli, /, target: Path, network: str) -> None:
    """Write all certificates."""
    if target.exists():
        raise Conflict(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
    with opened(cli, APPLICATION, network) as service:
        count = write_certificates(service.pages(service.reader, "ListAll", Certificate.id, most=MOST_COUNTED), target)
    cli.show({"certificates": count, "file": str(target)})


@finance.command(
    "books",
    help=Text(
        "重算全部账目：应收、应付、拆分、额度是否相符。", "Compute the books anew: both sides, splits and lines."
    ),
)
@network_option()
@pass_cli
def show_books(cli: Cli, /, network: str) -> None:
    """Compute the books anew."""
    with opened(cli, APPLICATION, network) as service:
        found = books(service)
    if cli.json:
        cli.show({"parties": found.rows(), "certificates": found.certificates, "findings": list(found.findings)})
    else:
        titles = columns(party=("单位", "Party"), receivable=("应收", "To receive"), payable=("应付", "To pay"))
        cli.show(
            [
                {
                    "party": one["party"],
                    "receivable": yuan(int(one["receivable_fen"])),
                    "payable": yuan(int(one["payable_fen"])),
                }
                for one in found.rows()
            ],
            titles,
        )
    if found.findings:
        raise Conflict(Text("账目不符：{f}", "The books do not hold: {f}", f=found.findings[0]), code="books_differ")
