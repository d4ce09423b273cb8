"""Tickets of the health authority, asked for whenever somebody is booked for.

Where the ledger asks for tickets, a resident's id comes from the authority and nowhere else; this desk remembers, in
memory alone, whose document it saw, and asks anew for each act.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from baas.errors import LedgerError, Text, UserError

if TYPE_CHECKING:
    from apps.health_slots.cast import Part
    from apps.health_slots.ledger import SlotLedger

REMEMBERED = 2_000


class Person(Protocol):
    """What of an identity makes an id."""

    @property
    def document_type(self) -> str: ...

    @property
    def document(self) -> str: ...


class TicketDesk:
    """Asks the authority for ids and tickets; shared by the themes of a service."""

    def __init__(self, ledger: SlotLedger) -> None:
        self._ledger = ledger
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._needed: bool | None = None
        self._authority = ""

    def needed(self) -> bool:
        """Whether the ledger asks for tickets; once it does, it always will."""
        if not self._needed:
            try:
                settings = self._ledger.evaluate("platform", "GetSettings")
            except LedgerError as error:
                if error.code != "not_initialized":
                    raise
                return False
            self._needed = bool(settings.get("ticket_keys"))
            self._authority = settings["roles"]["authority"][0]
        return self._needed

    def identify(self, hospital: str, person: Person, part: Part) -> str:
        """Return the authority's id of a person whose document this desk saw."""
        resident = str(self._ask(hospital, person, part)["resident"])
        self._people[resident] = person
        self._people.move_to_end(resident)
        while len(self._people) > REMEMBERED:
            self._people.popitem(last=False)
        return resident

    def ticket(self, hospital: str, resident: str, part: Part) -> str:
        """Return a fresh ticket for a resident, "" where none is needed."""
        if not self.needed():
            return ""
        person = self._people.get(resident)
        if person is None:
            raise UserError(
                Text("请先核验居民的证件。", "Look at the resident's document first."),
                Text(
                    "预约、候补和摇号都要卫健主管部门的凭证。",
                    "Booking, queueing and draws need the authority's ticket.",
                ),
                code="ticket_needed",
            )
        return str(self._ask(hospital, person, part)["ticket"])

    def _ask(self, hospital: str, person: Person, part: Part) -> dict[str, object]:
        data = json.dumps({"document_type": person.document_type, "document": person.document}).encode()
        found: dict[str, object] = self._ledger.evaluate(
            part, "Ticket", hospital, transient={"person": data}, only=self._authority
        )
        return found
