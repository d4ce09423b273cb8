"""What is owed by the records, and that no payment is told twice or above it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import cast

from chaincode.copyright.money_kinds import CHANNELS, Payment, Reconciliation
from chaincode.copyright.records import LICENCE, TRANSFER, USAGE, Record, refuse
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import invalid
from chaincode.kit.records import KitContext

PAYMENT = Payment.id
_REFERENCE, _PLAIN = "payment-reference", "payment-reference-plain"
"""Up to 0.1.0 by channel and reference as written; since then by what a reference reads as, whatever the channel."""
_LETTERS = ("CJK", "IDEOGRAPHIC")
_COUNTS = ("REPORTED", "CONFIRMED")


def owed(record: Mapping[str, object]) -> tuple[str, str, dict[str, int]]:
    """What a record makes somebody owe: (purpose, who pays, {who is paid: fen}); ("", "", {}) for nothing.

    A licence's fee once it was accepted, a transfer's price once it is completed, a use's royalty by the owners' shares
    as they were when it was reported, unless it is disputed.
    """
    kind, state = record["type"], record["state"]
    if kind == LICENCE and state in ("ACTIVE", "TERMINATED") and record["fee_fen"]:
        return "fee", str(record["licensee"]), {str(record["licensor"]): cast(int, record["fee_fen"])}
    if kind == TRANSFER and state == "COMPLETED" and record["price_fen"]:
        return "price", str(record["to"]), {str(record["seller"]): cast(int, record["price_fen"])}
    if kind == USAGE and state in ("REPORTED", "SETTLED"):
        split = cast("list[dict[str, object]]", record["split"])
        return "royalty", str(record["reporter"]), {str(one["party"]): cast(int, one["fen"]) for one in split}
    return "", "", {}


def plain_reference(reference: str) -> str:
    """What a channel's reference reads as: case, width, accents, kinds of dash and blanks make no other payment.

    INVALID_FIELD for letters and digits that are neither Latin nor Chinese: they look like others.
    """
    found = []
    for one in unicodedata.normalize("NFKD", reference):
        category = unicodedata.category(one)
        if category.startswith("M") or one.isspace():
            continue
        if one.isalnum() and not one.isascii() and not unicodedata.name(one, "").startswith(_LETTERS):
            invalid("reference", f"has a letter or digit that is neither Latin nor Chinese: {one}")
        found.append("-" if category == "Pd" or one == "\u2212" else one)
    return "".join(found).casefold() or invalid("reference", "has nothing to read")


class Money(Part, kinds=(Payment, Reconciliation)):
    """付款 and 对账."""

    @rule(Payment.record)
    def _payment_told(self, doing: Doing) -> None:
        """By whoever owes it, at most what is open, each reference once."""
        ctx, record, work = doing.ctx, doing.record, doing.on
        purpose, payer, payees = self._owed(ctx, record["for"], work["id"])
        if payer != doing.party:
            raise refuse("NOT_PAYER", f"{payer or 'nobody'} owes for {record['for']}", 403)
        payees.pop(payer, None)
        if not record["payee"] and len(payees) == 1:
            record["payee"] = next(iter(payees))
        if record["payee"] not in payees:
            invalid("payee", f"is one of {', '.join(sorted(payees)) or 'nobody'}")
        told = [one for one in ctx.all_of("payments", work["id"], PAYMENT) if one["for"] == record["for"]]
        paid = sum(one["amount_fen"] for one in told if one["payee"] == record["payee"] and one["state"] in _COUNTS)
        left = payees[record["payee"]] - paid
        if record["amount_fen"] > left:
            raise refuse("WRONG_AMOUNT", f"{left} fen are open, not {record['amount_fen']}")
        plain = plain_reference(record["reference"])
        before = any(ctx.indexed(_REFERENCE, channel, record["reference"]) for channel in CHANNELS)
        if before or ctx.indexed_value(_PLAIN, plain):
            raise refuse("DUPLICATE_PAYMENT", f"{record['channel']} {record['reference']} is recorded already")
        ctx.index(_PLAIN, plain, value="told")
        record["purpose"] = purpose
        doing.also.append(record["payee"])

    @rule(Payment.deny, Payment.withdraw)
    def _payment_ended(self, doing: Doing) -> None:
        """Its reference may be told again, rightly."""
        ctx, record = doing.ctx, doing.record
        if ctx.indexed(_REFERENCE, record["channel"], record["reference"]):
            ctx.unindex(_REFERENCE, record["channel"], record["reference"])
            return
        ctx.unindex(_PLAIN, plain_reference(record["reference"]))

    @rule(Reconciliation.record)
    def _books_compared(self, doing: Doing) -> None:
        if doing.record["until"] < doing.record["from"]:
            invalid("until", "lies before from")

    def _owed(self, ctx: KitContext, record_id: str, work_id: str) -> tuple[str, str, dict[str, int]]:
        kind = ctx.kind_of(record_id)
        if kind not in (LICENCE, TRANSFER, USAGE):
            invalid("for", "is a licence, a transfer or a reported use")
        record: Record = ctx.read(kind, record_id)
        if record["work_id"] != work_id:
            invalid("for", "hangs on another work")
        return owed(record)
