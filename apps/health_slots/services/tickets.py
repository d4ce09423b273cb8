"""Tickets of the health authority, asked for whenever somebody is booked for.

Where the ledger asks for tickets, ids come from the authority and nowhere else. Callers name a resident by the account
that `account` returned; for each act the authority is asked anew, for the visit id of that date and a ticket. Whose
document this desk saw it remembers in memory alone.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from apps.health_slots.model import Identity
from baas.errors import LedgerError, Text, UserError
from chaincode.health_slots.documents import (
    CARD,
    HONG_KONG,
    KINDS,
    PASSPORT,
    TAIWAN,
    is_card,
    kind_of,
    normal_form,
    number_of,
)

if TYPE_CHECKING:
    from apps.health_slots.cast import Part
    from apps.health_slots.ledger import SlotLedger

REMEMBERED = 2_000
NEEDED = "ticket_needed"
AHEAD_S = 30.0
"""How long a ticket that was asked for ahead is used; it counts for ten minutes."""


class Person(Protocol):
    """What of an identity makes an id."""

    @property
    def document_type(self) -> str: ...

    @property
    def document(self) -> str: ...


@dataclass(frozen=True)
class Visit:
    """How an act names somebody: the id of that date, the ticket, and what proves whose identity belongs to it."""

    id: str
    ticket: str = field(default="", repr=False)
    proof: str = field(default="", repr=False)
    person: Person | None = field(default=None, repr=False)
    payer: str = ""

    @property
    def tickets(self) -> tuple[str, ...]:
        """The ticket as the last argument of a call, none where there is none."""
        return (self.ticket,) if self.ticket else ()


class TicketDesk:
    """Asks the authority for ids and tickets; shared by the themes of a service.

    `portal` names for whom a FHIR service asks.
    """

    def __init__(self, ledger: SlotLedger, portal: str = "") -> None:
        self._ledger = ledger
        self.portal = portal
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._ahead: OrderedDict[tuple[str, str, str, str], tuple[float, Visit]] = OrderedDict()
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
            self._needed = bool(settings.get("tickets") or settings.get("ticket_keys"))
            self._authority = settings["roles"]["authority"][0]
        return self._needed

    def account(self, hospital: str, person: Person, part: Part, date: str = "", guardian: str = "") -> Visit:
        """Return the authority's account of a person whose document this desk saw, and remember whose it is.

        With a `date` the visit on it is asked for instead, which names the account, too; `visit` then has it at hand.
        `guardian` is the account of who acts for the person.
        """
        found = self._ask(hospital, date, person, part, guardian=self._seen(guardian))
        resident = str(found["account"])
        self.know(resident, person)
        if date:
            visit = Visit(str(found["resident"]), str(found["ticket"]), str(found["proof"]), person)
            self._ahead[hospital, date, resident, guardian] = time.monotonic(), visit
            while len(self._ahead) > REMEMBERED:
                self._ahead.popitem(last=False)
        return Visit(resident, "", "" if date else str(found["proof"]), person)

    def know(self, resident: str, person: Person) -> None:
        """Remember whose document stands behind an id."""
        self._people[resident] = person
        self._people.move_to_end(resident)
        while len(self._people) > REMEMBERED:
            self._people.popitem(last=False)

    def person(self, resident: str) -> Person | None:
        """Whom this desk saw, None if it did not or forgot."""
        return self._people.get(resident)

    def look(self, hospital: str, resident: str, purpose: str) -> Mapping[str, str]:
        """Read the identity that a hospital keeps, as its staff, with a trace first; this desk then knows who it is."""
        self._ledger.submit("staff", "LookAtIdentity", hospital, resident, purpose)
        found: Mapping[str, str] = self._ledger.evaluate("staff", "ReadIdentity", hospital, resident)
        self.know(resident, Identity(found["name"], found["document_type"], found["document"], found["phone"]))
        return found

    def recall(self, hospital: str, resident: str) -> bool:
        """Look at the identity of somebody who is named by an id alone; False where the hospital keeps none."""
        if not self._ledger.evaluate("platform", "HasIdentity", hospital, resident):
            return False
        self.look(hospital, resident, "resident-request")
        return True

    def visit(self, hospital: str, date: str, resident: str, part: Part, payer: str = "", guardian: str = "") -> Visit:
        """Return how to name a resident for a visit on `date`; without a ticket where none is needed or possible.

        `guardian` is the account of who acts for the resident, whose document this desk saw, too.
        """
        person, acting = self._people.get(resident), self._seen(guardian)
        if not self.needed() or person is None:
            return Visit(resident, payer=payer)
        made, ahead = self._ahead.pop((hospital, date, resident, guardian), (0.0, None))
        if ahead is not None and not payer and time.monotonic() - made < AHEAD_S:
            return ahead
        paying = self._people.get(payer) if payer else None
        found = self._ask(hospital, date, person, part, paying, acting)
        paid_by = str(found.get("payer", payer)) if paying is not None else payer
        return Visit(str(found["resident"]), str(found["ticket"]), str(found["proof"]), person, paid_by)

    def appointments(self, hospital: str, resident: str, part: Part) -> list[dict[str, Any]] | None:
        """Return a resident's appointments that this desk may know of; None where the ids tell them themselves."""
        person = self._people.get(resident)
        if not self.needed() or person is None:
            return None
        found: list[dict[str, Any]] = self._evaluate(
            part, "VisitsHere", hospital, transient={"person": document_data(person)}
        )
        return found

    def conduct(self, hospital: str, resident: str, part: Part) -> Mapping[str, Any] | None:
        """Return a resident's no-shows; None where they stand under the id itself."""
        person = self._people.get(resident)
        if not self.needed() or person is None:
            return None
        found: Mapping[str, Any] = self._evaluate(
            part, "Conduct", hospital, transient={"person": document_data(person)}
        )
        return found

    def at_authority(self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None) -> Any:
        """Ask at the authority's peers where visits have ids of their own, anywhere otherwise."""
        ask = self._evaluate if self.needed() else self._ledger.evaluate
        return ask(part, function, *args, transient=transient)

    def _seen(self, guardian: str) -> Person | None:
        """Who acts, by the account; refused where this desk does not know them, as nobody acts unseen."""
        if not guardian:
            return None
        person = self._people.get(guardian)
        if person is None or not self.needed():
            raise look_first()
        return person

    def _ask(
        self,
        hospital: str,
        date: str,
        person: Person,
        part: Part,
        payer: Person | None = None,
        guardian: Person | None = None,
    ) -> dict[str, Any]:
        others = {"payer": payer, "guardian": guardian}
        transient = {"person": document_data(person)}
        transient |= {name: document_data(one) for name, one in others.items() if one is not None}
        self.needed()  # which says whose peers are asked
        found: dict[str, Any] = self._evaluate(part, "Ticket", hospital, date, self.portal, transient=transient)
        return found

    def _evaluate(self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None) -> Any:
        return self._ledger.evaluate(part, function, *args, transient=transient, only=self._authority)


def look_first() -> UserError:
    """What a desk is told that books for an id whose document it never saw."""
    return UserError(
        Text("请先核验居民的证件。", "Look at the resident's document first."),
        Text("预约、候补和摇号都要卫健主管部门的凭证。", "Booking, queueing and draws need the authority's ticket."),
        code=NEEDED,
    )


def recognised(person: Person) -> tuple[str, str]:
    """Code and letters and digits of a person's document; UserError says what is wrong with it, but not with which."""
    code = kind_of(person.document_type)
    if not code:
        known = "、".join(f"{one} {words[0]}" for one, words in KINDS.items())
        raise UserError(
            Text("没有这种证件类型。", "There is no such kind of document."),
            Text("可用：{k}", "There are: {k}", k=known),
            code="bad_document",
        )
    if not number_of(code, person.document):
        raise UserError(
            Text("{k}的号码不对。", "This cannot be the number of a document of kind {c}.", k=KINDS[code][0], c=code),
            _AS_CARD
            if is_card(person.document)
            else _FORMS.get(code, Text("号码为 4 到 40 位字母和数字。", "A number is 4 to 40 letters and digits.")),
            code="bad_document",
        )
    return code, normal_form(person.document)


_AS_CARD = Text(
    "这是居民身份证号码，请将证件类型改为居民身份证（01）。",
    "This is the number of a resident's card. Choose that kind, 01.",
)
_FORMS = {
    CARD: Text(
        "居民身份证号码 18 位，末位是校验位；请对照证件重新输入。",
        "A resident's card has eighteen characters, the last of which checks the others. Compare it with the card.",
    ),
    PASSPORT: Text("护照号码为 5 到 20 位字母和数字。", "A passport's number is 5 to 20 letters and digits."),
    HONG_KONG: Text("号码为 H 或 M 加 8 位数字。", "The number is H or M and eight digits."),
    TAIWAN: Text("号码为 8 位数字。", "The number is eight digits."),
}


def document_data(person: Person) -> bytes:
    """A person's document as the contract takes it."""
    code, number = recognised(person)
    return json.dumps({"document_type": code, "document": number}).encode()
