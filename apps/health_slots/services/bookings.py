"""What desks do for residents: identity, hold, book, cancel; and on the day: check in, see, no-show."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.cast import Part
from apps.health_slots.model import Appointment, Identity, Receipt, SlotQuery, SlotRow
from apps.health_slots.services.check_ins import CheckIns
from apps.health_slots.services.tickets import NEEDED, Person, Visit, look_first, recognised
from baas.errors import CityChainError, Conflict, LedgerError, Text
from chaincode.health_slots import calendar

_log = logging.getLogger(__name__)
BOOK, READ, CHANGE = permissions.BOOK, permissions.READ, permissions.CHANGE
OPEN = frozenset({"pending", "booked"})
TAKEN = frozenset({"slot_taken", "slot_returned", "slot_in_draw", "slot_stopped", "mvcc_read_conflict"})


class Bookings(CheckIns):
    """Appointments through the city's desk (`portal`) or a hospital's window (`staff`)."""

    def resident(
        self, identity: Person, *, hospital: str = "", part: Part = "portal", date: str = "", guardian: str = ""
    ) -> str:
        """The resident's id, the same at every hospital: the authority's account, or this workspace's pseudonym.

        On the ledger bookings stand under an id of their date instead, which only the authority can make. With a
        `date` the ticket of a visit on it is asked for in the same breath, by `guardian` (an account) for the resident.
        """
        if self._tickets.needed():
            return self._tickets.account(hospital or self._any_hospital(), identity, part, date, guardian).id
        return self._vault.resident(identity.document_type, identity.document)

    @property
    def by_ticket(self) -> bool:
        """Whether visits have ids of their own, which only the authority can make."""
        return self._tickets.needed()

    def receive(
        self, hospital: str, identity: Identity, *, part: Part = "portal", slot: str = "", guardian: str = ""
    ) -> str:
        """See somebody who wants to book (`slot`) at a hospital, or for whom a `guardian` does; returns the id.

        What is booked takes the identity along.
        """
        if self._tickets.needed():
            date = self._date(slot.rpartition(".")[0]) if slot else ""
            return self.resident(identity, hospital=hospital, part=part, date=date, guardian=guardian)
        return self.deposit(hospital, identity, part=part)

    def deposit(self, hospital: str, identity: Identity, *, part: Part = "portal") -> str:
        """Keep a resident's identity in the hospital's private collection; returns the resident's id.

        Only the hospital's own peers see it: no other organisation endorses this transaction. Where visits have ids of
        their own it is also kept for those that this person already has at the hospital.
        """
        self._require(BOOK)
        if not self._tickets.needed():
            visit = Visit(self.resident(identity), person=identity)
        else:
            visit = self._tickets.account(hospital, identity, part)
        self._keep(hospital, visit, part)
        offset = self._ledger.evaluate("platform", "GetHospital", hospital)["utc_offset_minutes"]
        today = calendar.local_date(self._now(), offset)
        for record in self._tickets.appointments(hospital, visit.id, part) or ():
            if record["hospital"] == hospital and record["visit_date"] >= today and record["state"] in OPEN:
                self._keep(hospital, self._tickets.visit(hospital, record["visit_date"], visit.id, part), part)
        return visit.id

    def _keep(self, hospital: str, visit: Visit, part: Part) -> None:
        """Keep the identity of who was seen under an id, unless the hospital has it or only the document was shown."""
        identity = visit.person
        if not isinstance(identity, Identity) or not identity.name or not identity.phone:
            return
        # The contract itself refuses a FHIR service that brings one again; staff would put theirs in its place.
        if not self._tickets.portal and self._ledger.evaluate("platform", "HasIdentity", hospital, visit.id):
            return
        kind, number = recognised(identity) if visit.proof else (identity.document_type, identity.document)
        record = {
            "name": identity.name,
            "document_type": kind,
            "document": number,
            "phone": identity.phone,
            "salt": self._vault.identity_salt(),
        }
        transient = {"identity": json.dumps(record, ensure_ascii=False).encode()}
        if visit.proof:
            transient["proof"] = visit.proof.encode()
        try:
            self._ledger.submit(
                part, "DepositIdentity", hospital, visit.id, transient=transient, only=self._msp_of(hospital)
            )
        except LedgerError as error:
            if error.code != "identity_exists":
                raise

    def _msp_of(self, hospital: str) -> str:
        """Whose hospital it is, by the index where it knows it."""
        rows = list(self._index.rows("SELECT msp_id FROM hospital WHERE code = ?", (hospital,)))
        return str(rows[0][0]) if rows else str(self._ledger.evaluate("platform", "GetHospital", hospital)["msp_id"])

    def purge(self, hospital: str, resident: str) -> Receipt:
        """Erase a resident's identity at a hospital, its history included, and what lay in clear before key files.

        Where visits have ids of their own, those of the person's visits there go as well.
        """
        self._require(BOOK)
        msp_id = self._ledger.evaluate("platform", "GetHospital", hospital)["msp_id"]
        if self.by_ticket and self._tickets.person(resident) is None:
            self._tickets.recall(hospital, resident)
        visits = {record["resident"] for record in self._tickets.appointments(hospital, resident, "staff") or ()}
        for visit in sorted(visits - {resident}):
            if self._ledger.evaluate("platform", "HasIdentity", hospital, visit):
                self._ledger.submit("staff", "PurgeIdentity", hospital, visit, only=msp_id)
        done = self._ledger.submit("staff", "PurgeIdentity", hospital, resident, only=msp_id)
        if self._ledger.evaluate("platform", "HasIdentity", hospital, resident):
            done = self._ledger.submit("staff", "PurgeClearIdentity", hospital, resident, only=msp_id)
        return done

    def seal(self, hospital: str) -> int:
        """Write identities that lie in clear from before there were key files as ciphertext; returns how many."""
        self._require(BOOK)
        self._sync()
        msp_id = self._ledger.evaluate("platform", "GetHospital", hospital)["msp_id"]
        rows = self._index.rows(
            "SELECT DISTINCT a.resident FROM appointment a JOIN hospital h ON h.id = a.hospital WHERE h.code = ?",
            (hospital,),
        )
        found = 0
        for (resident,) in rows:
            if self._ledger.evaluate("staff", "SealIdentity", hospital, resident):
                self._ledger.submit("staff", "SealIdentity", hospital, resident, only=msp_id)
                self._ledger.submit("staff", "PurgeClearIdentity", hospital, resident, only=msp_id)
                found += 1
        return found

    def identity(self, hospital: str, resident: str, *, purpose: str = "check-in") -> Mapping[str, str]:
        """A resident's identity, for the hospital's own staff, who leave a trace with its purpose first."""
        self._require(BOOK)
        return self._tickets.look(hospital, resident, purpose)

    def has_identity(self, hospital: str, resident: str) -> bool:
        """Say whether a hospital holds this resident's identity."""
        self._require(READ)
        return bool(self._ledger.evaluate("platform", "HasIdentity", hospital, resident))

    def appointments(self, hospital: str, resident: str, *, part: Part = "portal") -> tuple[str, ...]:
        """A resident's appointments that this desk may know of: at its hospital, or made through it."""
        known = self._tickets.appointments(hospital, resident, part)
        if known is not None:
            return tuple(record["id"] for record in known)
        return tuple(row.id for row in self._index.appointments(resident=resident))

    def conduct(self, resident: str, *, hospital: str = "", part: Part = "portal") -> Mapping[str, Any]:
        """A resident's no-shows, and until when booking is barred (seconds since 1970 UTC, 0 for not)."""
        self._require(BOOK)
        known = self._tickets.conduct(hospital or self._any_hospital(), resident, part)
        found: Mapping[str, Any] = known or self._ledger.evaluate("platform", "GetConduct", resident)
        return found

    def hold(self, slot: str, resident: str, *, part: Part = "portal", guardian: str = "") -> Appointment:
        """Hold a slot; Conflict with the next free slots when somebody was faster.

        `guardian` is the id of who acts for the resident: of the family, seen at this desk, linked by the authority.
        """
        self._require(BOOK)
        return self._take(slot, resident, part, "HoldSlot", guardian=guardian)

    def book(
        self,
        slot: str,
        resident: str,
        *,
        payer: str = "",
        part: Part = "portal",
        guardian: str = "",
        ask_at: str = "",
    ) -> Appointment:
        """Book a slot, by a `guardian` for the resident as for `hold`; Conflict when somebody was faster.

        `ask_at` is whose desk asks the authority where that is not the slot's hospital: a clinic that referred.
        """
        self._require(BOOK)
        return self._take(slot, resident, part, "BookSlot", payer, guardian=guardian, ask_at=ask_at)

    def confirm(self, appointment: str) -> Appointment:
        """Turn a hold into a booking at the window."""
        found = self.get(appointment)
        return self.book(found.slot, found.resident, part="staff")

    def _any_hospital(self) -> str:
        """Some hospital: a portal may book at any, and asks at whichever for who somebody is."""
        self._sync()
        rows = self._index.rows("SELECT code FROM hospital ORDER BY id LIMIT 1", ())
        return next((str(code) for (code,) in rows), "")

    def cancel(self, appointment: str, *, part: Part = "portal") -> Receipt:
        """Cancel for the resident; the slot goes to the waitlist or a draw."""
        self._require(BOOK)
        return self._submit(part, "CancelAppointment", appointment)

    def cancelled(self, appointment: str, *, part: Part = "portal") -> Appointment:
        """Cancel for the resident; returns the appointment as it is then."""
        receipt = self.cancel(appointment, part=part)
        return _appointment(receipt.result, receipt)

    def get(self, appointment: str) -> Appointment:
        """An appointment as the ledger has it now."""
        return _appointment(self._ledger.evaluate("platform", "GetAppointment", appointment))

    def in_slot(self, slot: str) -> Appointment | None:
        """The appointment that has a slot, as the ledger has it now; None for none."""
        id = self._ledger.evaluate("platform", "GetSlot", slot)["record"].get("appointment", "")
        return self.get(str(id)) if id else None

    def visit_of(self, slot: str, resident: str, *, part: Part = "portal") -> str:
        """The id under which the ledger has a resident's visit in a slot."""
        hospital, date = slot.partition(".")[0], self._date(slot.rpartition(".")[0])
        return self._tickets.visit(hospital, date, resident, part).id

    def next_free(self, slot: SlotRow | str, *, limit: int = 3) -> tuple[SlotRow, ...]:
        """Free slots to offer instead: same session first, then the department's next ones."""
        self._sync()
        name = slot if isinstance(slot, str) else slot.id
        session = self._index.session(name.rpartition(".")[0])
        page = self._index.search(
            SlotQuery(
                date_from=session.date,
                hospital=session.hospital,
                department=session.department,
                pool="online",
                open_at=self._now(),
                limit=50,
            )
        )
        ordered = sorted(page.slots, key=lambda s: (s.session != session.id, s.begins_at, s.id))
        return tuple(s for s in ordered if s.begins_at > self._now() and s.id != name)[:limit]

    def _take(
        self,
        slot: str,
        resident: str,
        part: Part,
        function: str,
        *payer: str,
        guardian: str = "",
        ask_at: str = "",
    ) -> Appointment:
        hospital, date = slot.partition(".")[0], self._date(slot.rpartition(".")[0])

        def attempt() -> tuple[Receipt, Visit]:
            paid_by = payer[0] if payer else ""
            visit = self._tickets.visit(ask_at or hospital, date, resident, part, paid_by, guardian)
            named = (visit.payer,) if payer else ()
            return self._ledger.submit(part, function, slot, visit.id, *named, *visit.tickets), visit

        try:
            try:
                receipt, visit = attempt()
            except LedgerError as error:
                if not self._mended(error, hospital, date, resident, part):
                    raise
                receipt, visit = attempt()
        except LedgerError as error:
            if error.code == NEEDED:
                raise look_first() from error
            if error.code not in TAKEN:
                raise
            raise self._taken(slot, error) from error
        if visit.ticket and not ask_at:
            try:
                self._keep(hospital, visit, part)
            except CityChainError:
                # The slot is taken; who checks the resident in is told that the identity is missing.
                _log.warning("the identity for %s was not kept", receipt.result["id"], exc_info=True)
        self._sync()
        return _appointment(receipt.result, receipt)

    def _mended(self, error: LedgerError, hospital: str, date: str, resident: str, part: Part) -> bool:
        """Do what a refusal asks for, where this desk can: keep an identity, or look at the one that is kept."""
        if error.code == "real_name_needed":
            visit = self._tickets.visit(hospital, date, resident, part)
            if not visit.ticket or self._ledger.evaluate("platform", "HasIdentity", hospital, visit.id):
                return False
            self._keep(hospital, visit, part)
            return bool(self._ledger.evaluate("platform", "HasIdentity", hospital, visit.id))
        return error.code == NEEDED and part == "staff" and self._tickets.recall(hospital, resident)

    def _taken(self, slot: str, error: LedgerError) -> CityChainError:
        free = self.next_free(slot)
        hint = (
            Text("可改约：{slots}", "Free instead: {slots}", slots="、".join(s.id for s in free))
            if free
            else Text("该科室暂无空闲号源，可加入候补。", "The department has no free slot; queue for one.")
        )
        return Conflict(
            error.message, hint, code=error.code, details={"slot": slot, "free": [s.id for s in free], **error.details}
        )


def _appointment(record: Mapping[str, Any], receipt: Receipt | None = None) -> Appointment:
    bill = record["bill"]
    return Appointment(
        id=record["id"],
        slot=record["slot"],
        hospital=record["hospital"],
        department=record["department"],
        resident=record["resident"],
        state=record["state"],
        booker=record["booker"],
        created_at=record["created_at"],
        expires=record.get("expires"),
        due=bill["due"],
        paid=bill["paid"],
        refund_due=bill["refund_due"],
        refunded=bill["refunded"],
        tx_id=receipt.tx_id if receipt else "",
        block=receipt.block if receipt else 0,
        confirmed=bool(record.get("confirmed")),
        updated_at=_last_change(record),
        acted_for="acting" in record,
    )


def _last_change(record: Mapping[str, Any]) -> int:
    """When an appointment was changed last, as its record says; the index has the chain's clock, never earlier."""
    cancelled = record.get("cancelled") or (None, 0)
    moments = (record["created_at"], record.get("checked_in_at", 0), record.get("fulfilled_at", 0), cancelled[1])
    return max(int(moment) for moment in moments)
