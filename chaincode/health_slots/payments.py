"""What the payment reconciler records, and what a day sums up to (postings: see `bills`)."""

from __future__ import annotations

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.appointments import confirm_paid
from chaincode.health_slots.bills import Line, find_appointment, post
from chaincode.health_slots.context import AUTHORITY, PLATFORM, STAFF, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict
from fabric_sdk.chaincode import query, transaction


class BillFunctions:
    """What the payment reconciler records, and what a day sums up to."""

    @transaction
    def RecordPayment(
        self, ctx: SlotsContext, appointment: str, channel: str, reference: str, amount: int, payer: str = ""
    ) -> Record:
        """Record a payment that a channel confirmed; a pending appointment becomes booked.

        By the hospital's or the city's clerk. `payer` is a pseudonym of the paying account. A payment for a cancelled
        appointment is taken and owed back.
        """
        record = find_appointment(ctx, appointment)
        ctx.require_clerk(record["hospital"])
        self._take_reference(ctx, channel, reference, appointment)
        self._require_unsettled(ctx, record["hospital"], channel)
        bill = record["bill"]
        terms.whole(amount, 1, 10_000_000, "amount")
        gone = record["state"] == terms.CANCELLED
        if not gone and amount != bill["due"] - bill["paid"]:
            conflict("WRONG_AMOUNT", f"the order still owes {bill['due'] - bill['paid']} fen, not {amount}")
        lines: list[Line] = [(f"clearing:{channel}", amount)]
        if gone:
            post(ctx, record, "late-payment", [*lines, ("refunds", -amount)], reference)
            bill["due"] += amount
            bill["refund_due"] += amount
        else:
            post(ctx, record, "payment", [*lines, ("receivable", -amount)], reference)
        bill["paid"] += amount
        if payer:
            record["payer"] = terms.resident_id(payer)
        if record["state"] == terms.PENDING and record.get("confirmed"):
            confirm_paid(ctx, record)
        ctx.records.put(record, "appointment", appointment)
        return record

    @transaction
    def RecordRefund(self, ctx: SlotsContext, appointment: str, channel: str, reference: str) -> Record:
        """Record that a channel paid back what is owed for an appointment. By the hospital's or the city's clerk."""
        record = find_appointment(ctx, appointment)
        ctx.require_clerk(record["hospital"])
        bill = record["bill"]
        amount = bill["refund_due"]
        if not amount:
            conflict("NOTHING_TO_REFUND", f"appointment {appointment} is owed nothing")
        self._take_reference(ctx, channel, reference, appointment)
        self._require_unsettled(ctx, record["hospital"], channel)
        post(ctx, record, "refund", [("refunds", amount), (f"clearing:{channel}", -amount)], reference)
        bill["refund_due"] -= amount
        bill["refunded"] += amount
        ctx.records.put(record, "appointment", appointment)
        return record

    @transaction
    def SettleDay(self, ctx: SlotsContext, hospital: str, date: str, channel: str) -> Record:
        """Settle what a channel cleared for a hospital on a day that is over: clearing to bank, once.

        The day is over when no transaction that peers still take can bear its date any more.
        """
        ctx.require_clerk(hospital, PLATFORM)
        terms.reference(channel, "a channel")
        over = calendar.at(calendar.add_days(date, 1), 0, ctx.offset(hospital))
        if not ctx.reached(over + int(ctx.settings["clock_tolerance_s"])):
            conflict("DAY_NOT_OVER", f"{date} is not over")
        order = f"settlement:{channel}"
        if ctx.records.exists("posting", hospital, date, order, "001"):
            conflict("SETTLED", f"{channel} is settled for {date}")
        account, total, count = f"clearing:{channel}", 0, 0
        for _, posting in ctx.records.scan("posting", hospital, date):
            for name, amount in posting["lines"]:
                if name == account:
                    total, count = total + amount, count + 1
        record: Record = {
            "why": "settlement",
            "lines": [["bank", total], [account, -total]],
            "reference": "",
            "entries": count,
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(record, "posting", hospital, date, order, "001")
        return {"hospital": hospital, "date": date, "channel": channel, "amount": total, "entries": count}

    @transaction
    def RecordReconciliation(
        self, ctx: SlotsContext, hospital: str, date: str, books: dict[str, str], differences: int, report: str
    ) -> Record:
        """Write the result of a day's three-way reconciliation.

        `books` maps hospital, platform and payment to the SHA-256 of the book that was compared, `report` is the
        SHA-256 of the list of differences.
        """
        ctx.require_clerk(hospital, PLATFORM)
        ctx.hospital(hospital)
        calendar.parse_date(date)
        if set(books) != {"hospital", "platform", "payment"}:
            bad("books are hospital, platform and payment")
        record: Record = {
            "books": {name: terms.digest(value, f"the {name} book") for name, value in books.items()},
            "differences": terms.whole(differences, 0, 1_000_000_000, "differences"),
            "report": terms.digest(report, "the report"),
            "revision": 1 + (ctx.records.find("reconciliation", hospital, date) or {"revision": 0})["revision"],
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(record, "reconciliation", hospital, date)
        return record

    @query
    def ListPostings(self, ctx: SlotsContext, hospital: str, date: str, bookmark: str = "") -> Record:
        """Return a page of a day's postings of a hospital: `{"items": [...], "bookmark"}`."""
        if ctx.caller.role == STAFF:
            ctx.require_staff(hospital)
        else:
            ctx.require_clerk(hospital, PLATFORM, AUTHORITY)
        calendar.parse_date(date)
        items, following = ctx.records.page(500, bookmark, "posting", (hospital, date))
        return {
            "items": [{"order": a[2], "number": int(a[3]), **record} for a, record in items],
            "bookmark": following,
        }

    def _require_unsettled(self, ctx: SlotsContext, hospital: str, channel: str) -> None:
        """Refuse a posting on a settled day; one endorsed before the settlement and kept back conflicts with it."""
        date = calendar.local_date(ctx.now, ctx.offset(hospital))
        if ctx.records.exists("posting", hospital, date, f"settlement:{channel}", "001"):
            conflict("SETTLED", f"{channel} is settled for {date}")

    def _take_reference(self, ctx: SlotsContext, channel: str, reference: str, appointment: str) -> None:
        terms.reference(channel, "a channel")
        terms.reference(reference, "a payment's reference")
        if ctx.records.exists("payment-reference", channel, reference):
            conflict("DUPLICATE_PAYMENT", f"{channel} already reported {reference}")
        ctx.records.put({"appointment": appointment, "at": ctx.now}, "payment-reference", channel, reference)
