"""The books, computed anew from the records: who has to receive and to pay what, and whether all sums hold.

Each living certificate is one entry on two sides, the holder's receivable and the debtor's payable, so that both
columns have the same total. Splits are followed to the fen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from baas.errors import Text
from chaincode.supply_finance.kinds import KINDS
from fabric_sdk.kinds import Record

_ENDED = {kind.id: {state.name for state in kind.states.values() if state.final} for kind in KINDS}


@dataclass(frozen=True)
class Books:
    """Balances in fen by party (to receive, to pay), and what does not hold, in words."""

    receivable: Counter[str] = field(default_factory=Counter)
    payable: Counter[str] = field(default_factory=Counter)
    findings: Sequence[Text] = ()
    certificates: int = 0

    def rows(self) -> list[dict[str, str | int]]:
        """A row a party, by name."""
        parties = sorted({*self.receivable, *self.payable})
        return [
            {"party": one, "receivable_fen": self.receivable[one], "payable_fen": self.payable[one]} for one in parties
        ]


def books_of(lines: Iterable[Record], certificates: Iterable[Record], financings: Iterable[Record]) -> Books:
    """Compute the books of a ledger's records."""
    by_id = {one["id"]: one for one in certificates}
    receivable, payable = Counter[str](), Counter[str]()
    used: dict[str, int] = defaultdict(int)
    issued: dict[str, int] = defaultdict(int)
    findings: list[Text] = []
    for one in by_id.values():
        if one["state"] == "SPLIT":
            parts = [by_id[child] for child in one["children"] if child in by_id]
            if sum(part["amount_fen"] for part in parts) != one["amount_fen"] or len(parts) != len(one["children"]):
                findings.append(Text("{i} 的各份之和不等于原金额", "the parts of {i} do not sum up", i=one["id"]))
            continue
        issued[one["root"]] += one["amount_fen"]
        if one["state"] not in _ENDED["certificate"]:
            receivable[one["holder"]] += one["amount_fen"]
            payable[one["debtor"]] += one["amount_fen"]
            used[one["line_id"]] += one["amount_fen"]
    for root, total in issued.items():
        if root not in by_id or by_id[root]["face_fen"] != total:
            findings.append(Text("{i} 开立后的金额不符", "{i} is no longer what was issued", i=root))
    for line in lines:
        if line["used_fen"] != used[line["id"]] or line["used_fen"] > line["limit_fen"]:
            findings.append(Text("{i} 的已用额度不符", "the line {i} is not used as it says", i=line["id"]))
    paid = Counter(one["certificate_id"] for one in financings if one["state"] == "PAID")
    findings += [
        Text("{i} 被融资 {n} 次", "{i} was financed {n} times", i=one, n=n) for one, n in paid.items() if n > 1
    ]
    return Books(receivable, payable, tuple(findings), len(by_id))
