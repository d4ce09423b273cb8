"""积分: earned by visits, spent, expired, reversed; not transferable.

A resident's account holds lots `[expires, amount]`; every change is an entry of two lines that sum to zero, between
the resident and one of `issued`, `spent`, `expired`. What is issued, less spent and expired, is what residents hold.
"""

from __future__ import annotations

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.context import PLATFORM, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import conflict, missing
from fabric_sdk.chaincode import query, transaction


def earn(ctx: SlotsContext, resident: str, amount: int, valid_days: int, source: str) -> None:
    """Issue points to a resident."""
    account = _account(ctx, resident)
    account["lots"].append([ctx.now + valid_days * calendar.DAY, amount])
    account["lots"].sort()
    _write(ctx, resident, account, amount, "issued", source)


class PointFunctions:
    """What the platform does with a resident's points."""

    @transaction
    def SpendPoints(self, ctx: SlotsContext, resident: str, amount: int, purpose: str) -> Record:
        """Spend points of a resident, those that expire first; returns the account. Platform only."""
        ctx.require_role(PLATFORM)
        terms.whole(amount, 1, 1_000_000, "amount")
        account = _live_account(ctx, terms.resident_id(resident))
        if amount > sum(lot[1] for lot in account["lots"]):
            conflict("TOO_FEW_POINTS", "the account holds fewer points")
        left = amount
        lots: list[list[int]] = []
        for expires, held in account["lots"]:
            used = min(left, held)
            left -= used
            if held > used:
                lots.append([expires, held - used])
        account["lots"] = lots
        _write(ctx, resident, account, -amount, "spent", terms.reference(purpose, "a purpose"))
        return account

    @transaction
    def ExpirePoints(self, ctx: SlotsContext, resident: str) -> Record:
        """Take off points that ran out; anybody may, nothing but the time decides. Returns the account."""
        account = _account(ctx, terms.resident_id(resident))
        over = sum(lot[1] for lot in account["lots"] if ctx.reached(lot[0]))
        if not over:
            conflict("NOTHING_EXPIRED", "no points of this account ran out")
        account["lots"] = [lot for lot in account["lots"] if not ctx.reached(lot[0])]
        _write(ctx, resident, account, -over, "expired", "expiry")
        return account

    @transaction
    def ReversePoints(self, ctx: SlotsContext, resident: str, entry: str) -> Record:
        """Take back an entry that should not have been: earned points go, spent points return. Platform only."""
        ctx.require_role(PLATFORM)
        found = ctx.records.find("points-entry", terms.resident_id(resident), terms.reference(entry, "an entry"))
        if found is None:
            missing(f"the resident has no entry {entry}")
        if found.get("reversed") or found["account"] == "expired" or found["source"].startswith("reversal:"):
            conflict("NOT_REVERSIBLE", "this entry cannot be reversed (again)")
        account = _account(ctx, resident)
        amount = -found["lines"][0][1]
        if amount < 0:
            left = -amount
            lots: list[list[int]] = []
            for expires, held in reversed(account["lots"]):
                used = min(left, held)
                left -= used
                if held > used:
                    lots.insert(0, [expires, held - used])
            if left:
                conflict("TOO_FEW_POINTS", "the points of this entry were spent already")
            account["lots"] = lots
        else:
            account["lots"] = sorted([*account["lots"], [ctx.now + 365 * calendar.DAY, amount]])
        found["reversed"] = True
        ctx.records.put(found, "points-entry", resident, entry)
        _write(ctx, resident, account, amount, found["account"], f"reversal:{entry}")
        return account

    @query
    def GetPoints(self, ctx: SlotsContext, resident: str) -> Record:
        """Return a resident's account and entries."""
        account = _account(ctx, terms.resident_id(resident))
        entries = {a[1]: r for a, r in ctx.records.scan("points-entry", resident)}
        return {**account, "entries": entries}


def _account(ctx: SlotsContext, resident: str) -> Record:
    return ctx.records.find("points", resident) or {"balance": 0, "lots": []}


def _write(ctx: SlotsContext, resident: str, account: Record, change: int, against: str, source: str) -> None:
    account["balance"] += change
    if account["balance"] != sum(lot[1] for lot in account["lots"]) or account["balance"] < 0:
        raise AssertionError("points that do not add up are a defect of the contract")
    ctx.records.put(account, "points", resident)
    ctx.records.put(
        {
            "lines": [["resident", change], [against, -change]],
            "account": against,
            "source": source,
            "signer": ctx.caller.signer,
            "at": ctx.now,
        },
        "points-entry",
        resident,
        ctx.stub.tx_id,
    )


def _live_account(ctx: SlotsContext, resident: str) -> Record:
    account = _account(ctx, resident)
    over = [lot for lot in account["lots"] if ctx.reached(lot[0])]
    if over:
        conflict("POINTS_EXPIRED", "points of this account ran out; expire them first")
    return account
