"""One portal at the FHIR interface: whom it means, what is its own, and how much it may do in a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.health_slots.model import Appointment
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.bookings import OPEN
from apps.health_slots.services.families import no_tickets
from apps.health_slots.services.tickets import look_first
from apps.health_slots.serving import fhir_model as model
from apps.health_slots.serving.fhir_requests import identity_of, patient_of, related_of
from apps.health_slots.serving.limits import Portal
from apps.health_slots.serving.patients import PortalPatients
from baas.errors import CityChainError, Conflict, NotFound, Text
from chaincode.health_slots.context import BY_FHIR
from fabric_sdk.clock import CHINA


class QuotaReached(CityChainError):
    """A portal made as many holds and bookings today as it may; `seconds` until the next day."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            Text("该门户今天的预约数已到上限。", "This portal made as many bookings today as it may."),
            code="portal_quota",
        )
        self.seconds = seconds


@dataclass(frozen=True)
class Door:
    """`service` books for this portal; `patients` is what the FHIR service remembers."""

    portal: Portal
    service: HealthSlotsService
    patients: PortalPatients

    @property
    def bookers(self) -> tuple[str, str]:
        """How the ledger names this portal: as it does now, and as it did when portals had certificates."""
        msp_id = self.service.ledger.msp_of("portal")
        return f"{msp_id}/{BY_FHIR}{self.portal.name}", f"{msp_id}/{self.portal.name}"

    def own(self, id: str) -> Appointment:
        """One of the portal's own appointments; NotFound for any other."""
        appointment = self.service.bookings.get(id)
        if appointment.booker not in self.bookers:
            raise NotFound(Text("该门户没有这个预约。", "This portal has no such appointment."))
        return appointment

    def resource(self, appointment: Appointment) -> dict[str, Any]:
        """An appointment as this portal sees it."""
        return model.appointment_resource(
            appointment, self.service.index.slot(appointment.slot), *self._patient(appointment)
        )

    def shown(self, id: str) -> dict[str, Any]:
        """One of the portal's own appointments as it sees it; NotFound for any other."""
        return self.resource(self.own(id))

    def cancel(self, id: str) -> dict[str, Any]:
        """Cancel one of the portal's own appointments; returns it as it is then."""
        self.own(id)
        return self.resource(self.service.bookings.cancelled(id))

    def made_for(self, patients: set[str]) -> tuple[str, list[str]]:
        """A condition on the index for appointments of these patients, and its values."""
        if not self.service.bookings.by_ticket:
            return f"a.resident IN ({_marks(patients)})", sorted(patients)
        ids = [id for patient in sorted(patients) for id in self.patients.appointments(self.portal.name, patient)]
        return f"a.id IN ({_marks(ids)})", ids

    def take(self, slot: str, body: Mapping[str, Any], act: Callable[..., Appointment]) -> tuple[dict[str, Any], bool]:
        """Hold or book for the patient whom the body names; False beside what was there already."""
        day = self._within_quota()
        guardian = self._guardian(slot, body)
        patient, resident = self._resident(slot, body, guardian[1])
        try:
            made, fresh = act(slot, resident, guardian=guardian[1]), True
        except Conflict:
            # A portal whose answer was lost asks again: the same portal, patient and slot have one appointment.
            before = self._already(slot, patient, resident)
            if before is None:
                raise
            made, fresh = before, False
        counted = day if fresh else ""
        if self.service.bookings.by_ticket:
            self.patients.note(self.portal.name, made.id, patient, resident, counted, guardian)
        elif counted:
            self.patients.use(self.portal.name, counted)
        return self.resource(made), fresh

    def _guardian(self, slot: str, body: Mapping[str, Any]) -> tuple[str, str]:
        """Who acts for the patient: the portal's id and who that is, "" and "" where nobody does."""
        related = related_of(body, patient_of(body))
        if not related:
            return "", ""
        bookings, hospital = self.service.bookings, slot.partition(".")[0]
        if not bookings.by_ticket:
            raise no_tickets()
        if not isinstance(related, str):
            resident = bookings.resident(related, hospital=hospital)
            return self.patients.draw(self.portal.name, resident), resident
        resident = self.patients.resident(self.portal.name, related)
        if not resident:
            raise look_first()
        return related, resident

    def _resident(self, slot: str, body: Mapping[str, Any], guardian: str) -> tuple[str, str]:
        """The portal's id of the patient, and the resident whom it means."""
        bookings, hospital = self.service.bookings, slot.partition(".")[0]
        named = patient_of(body)
        if not bookings.by_ticket:
            who = named or bookings.receive(hospital, identity_of(body))
            return who, who
        if named:
            resident = self.patients.resident(self.portal.name, named)
            if not resident:
                raise look_first()
            return named, resident
        resident = bookings.receive(hospital, identity_of(body), slot=slot, guardian=guardian)
        return self.patients.draw(self.portal.name, resident), resident

    def _already(self, slot: str, patient: str, resident: str) -> Appointment | None:
        """The live appointment that this portal has for this patient in this slot, as the ledger has it now.

        What this service did not note, because it was killed before, it knows by the visit.
        """
        bookings = self.service.bookings
        one = bookings.in_slot(slot)
        if one is None or one.booker not in self.bookers or one.state not in OPEN:
            return None
        if not bookings.by_ticket:
            return one if one.resident == patient else None
        noted, _ = self.patients.patient_of(self.portal.name, one.id)
        if noted:
            return one if noted == patient else None
        return one if bookings.visit_of(slot, resident) == one.resident else None

    def _patient(self, appointment: Appointment) -> tuple[str, str]:
        """The portal's ids of the patient, and of who acted ("" for nobody)."""
        if not self.service.bookings.by_ticket:
            return appointment.resident, ""
        patient, guardian = self.patients.patient_of(self.portal.name, appointment.id)
        return patient or self.patients.id_of(self.portal.name, appointment.resident), guardian

    def _within_quota(self) -> str:
        now = datetime.fromtimestamp(self.service.now(), CHINA)
        day = now.date().isoformat()
        if self.patients.used(self.portal.name, day) >= self.portal.per_day:
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise QuotaReached(int((midnight - now).total_seconds()) + 1)
        return day


def _marks(values: set[str] | list[str]) -> str:
    return ", ".join("?" * len(values))
