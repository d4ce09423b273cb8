"""A table of receivables issued as certificates, row by row; whoever is stopped does it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from apps.kit.service import Service
from apps.supply_finance.books import Books, books_of
from apps.supply_finance.tables import ReadRow, read_receivables
from baas.errors import CityChainError, LedgerError, Text
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.supply_finance.kinds import Certificate, Financing, Line
from fabric_sdk.kinds import Record

MOST_SHOWN, MOST_COUNTED = 2000, 10_000_000


@dataclass(frozen=True)
class Row:
    """What became of a row: `issued`, `known` (its invoice stands behind a certificate already) or `refused`."""

    number: int
    state: Literal["issued", "known", "refused"]
    certificate: str = ""
    reason: Text | str = ""


def issue_table(
    service: Service, line_id: str, path: Path, *, seller: str = "", ctx: JobContext = NULL_CONTEXT
) -> list[Row]:
    """Issue every row of a table on a line; no invoice twice, whatever was issued before. `seller` stands for those
    that the rows name."""
    service.platform.session.require(service.permission(Certificate.issue))
    rows = read_receivables(path)
    ctx.step("issue", Text("开立 {n} 张凭证", "Issue {n} certificates", n=len(rows)))
    if seller:
        rows = [(number, one if isinstance(one, CityChainError) else {**one, "seller": seller}) for number, one in rows]
    return list(_issued(service, line_id, rows, ctx))


def _issued(service: Service, line_id: str, rows: list[ReadRow], ctx: JobContext) -> Iterator[Row]:
    for done, (number, given) in enumerate(rows):
        ctx.check_cancelled()
        ctx.progress(done, len(rows), "")
        if isinstance(given, CityChainError):
            yield Row(number, "refused", reason=given.message)
            continue
        try:
            made = service.do(Certificate.issue, given, on=line_id).value
        except LedgerError as error:
            yield Row(number, "known" if error.code == "taken" else "refused", reason=error.message)
            continue
        yield Row(number, "issued", made["id"])


def books(service: Service) -> Books:
    """The books of a ledger, computed from all of its records."""
    return books_of(
        *(
            service.pages(service.reader, "ListAll", kind.id, most=MOST_COUNTED)
            for kind in (Line, Certificate, Financing)
        )
    )


def tree_of(service: Service, certificate_id: str) -> list[Record]:
    """Everything that was split from what a certificate was issued as, the whole first, parts in their order."""
    found = {one["id"]: one for one in service.pages(service.reader, "ListTree", certificate_id, most=MOST_SHOWN)}
    roots = [one for one in found.values() if one["parent"] not in found]
    ordered: list[Record] = []
    waiting = list(reversed(roots))
    while waiting:
        one = waiting.pop()
        ordered.append(one)
        waiting += [found[child] for child in reversed(one["children"]) if child in found]
    return ordered
