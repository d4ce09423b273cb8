"""The audit log: what was done, and whether the log is whole."""

from __future__ import annotations

from baas.api import answers
from baas.api.declaration import LIMIT, Call, operation
from baas.api.schema import text, whole
from baas.api.shapes import Moment, Page
from baas.errors import Text


@operation("GET", "/audit/entries", "audit.read",
           Text("列出审计记录，从新到旧", "List the audit log, the newest first"),
           answer=Page[answers.AuditEntry],
           query={
               **LIMIT,
               "before": whole(1, 10**12, about=Text("只列此行之前的", "Those before this line")),
               "who": text(most=200, about=Text("谁：标签或账本上的名称", "Who: label, or name on the ledger")),
               "what": text(most=200, about=Text("做了什么，其中的字词", "A word of what was done")),
           })  # fmt: skip
def list_audit_entries(call: Call) -> Page[answers.AuditEntry]:
    """Entries from the newest down; to a token for one network those that name it, and no others."""
    query, limit = call.query, call.query["limit"]
    found = call.platform.audit.entries(
        who=query["who"] or "",
        what=query["what"] or "",
        before=query["before"] or 0,
        network=call.token.network,
        limit=limit,
    )
    rows = [
        answers.AuditEntry(
            one.line,
            Moment(one.at),
            one.who,
            one.party,
            one.door,
            one.what,
            one.asks,
            {name: value if isinstance(value, str) else " ".join(value) for name, value in (one.on or {}).items()},
            one.outcome,
        )
        for one in found
    ]
    return call.page(rows, {"before": rows[-1].line} if len(rows) == limit else None)


@operation("GET", "/audit/check", "audit.read", Text("核对审计记录是否完整", "Check that the audit log is whole"),
           answer=answers.AuditCheck)  # fmt: skip
def check_audit(call: Call) -> answers.AuditCheck:
    """Check every line of the log by itself; `citychain audit verify` also asks the ledger."""
    found = call.platform.audit.check(sealed=False)
    findings = tuple(f"{one.line}: {one.what}" for one in found.findings[:100])
    return answers.AuditCheck(found.whole, found.lines, found.head, findings)
