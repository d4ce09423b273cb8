"""家庭成员: who may book for whom. The authority says so; which person it is only its own key can tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.health_slots import permissions
from apps.health_slots.model import Identity, Receipt
from apps.health_slots.services.base import Theme
from apps.health_slots.services.tickets import Person, document_data, look_first
from baas.errors import Text, UserError
from chaincode.health_slots.families import adult_from, family_text
from fabric_sdk.clock import CHINA, today

if TYPE_CHECKING:
    from apps.health_slots.cast import Part


@dataclass(frozen=True)
class Signed:
    """A patient's own signature (Ed25519, hex) over `Families.text`, made `at` (seconds since 1970 UTC)."""

    signature: str
    at: int


@dataclass(frozen=True)
class Member:
    """Somebody for whom a person may book; times in seconds since 1970 UTC.

    `who` tells the members of one list from each other and from nobody else: it is no account. `kind` is `minor` or
    `consent`, `how` is `window` or `signature`, `by` who vouched for it.
    """

    who: str
    kind: str
    since: int
    until: int
    by: str
    how: str


class Families(Theme):
    """Link, end, list. Persons are named by their documents, whose holders the desk saw."""

    def link(
        self,
        hospital: str,
        patient: Person,
        guardian: Person,
        kind: str,
        until: int,
        *,
        part: Part = "staff",
        signed: Signed | None = None,
    ) -> Receipt:
        """Let a guardian book for a patient until a moment: `minor` for one's child, `consent` for an adult.

        The hospital's staff saw both documents, and of a guardianship its papers. Another desk carries what the adult
        `signed`.
        """
        self._require(permissions.BOOK)
        arguments = (kind, until, *((signed.signature, signed.at) if signed else ()))
        return self._set(part, hospital, "Linking", patient, guardian, arguments)

    def unlink(
        self,
        hospital: str,
        patient: Person,
        guardian: Person,
        *,
        part: Part = "staff",
        signed: Signed | None = None,
    ) -> Receipt:
        """End it, from the next ticket on; what was booked stays the patient's."""
        self._require(permissions.BOOK)
        arguments = (signed.signature, signed.at) if signed else ()
        return self._set(part, hospital, "Unlinking", patient, guardian, arguments)

    def link_here(self, guardian: str, hospital: str, type: str, document: str, kind: str, days: int) -> Receipt:
        """Link at the window: a guardian by the id of who stands there, the patient by a document, for some days.

        A child's link ends on the eighteenth birthday, if that comes first.
        """
        patient, last = Identity("", type, document, ""), today() + dt.timedelta(days=days)
        until = int(dt.datetime.combine(last, dt.time(), CHINA).timestamp())
        if kind == "minor":
            until = min(until, adult_from(type, document) or until)
        return self.link(hospital, patient, self.seen(hospital, guardian), kind, until)

    def unlink_here(self, guardian: str, hospital: str, type: str, document: str) -> Receipt:
        """End a link at the window."""
        return self.unlink(hospital, Identity("", type, document, ""), self.seen(hospital, guardian))

    def members(self, hospital: str, guardian: Person, *, part: Part = "staff") -> tuple[Member, ...]:
        """For whom somebody may book now."""
        self._require(permissions.BOOK)
        self._need_tickets()
        transient = {"person": document_data(guardian)}
        found = self._tickets.at_authority(part, "Family", hospital, transient=transient)
        return tuple(Member(one["who"], one["kind"], one["from"], one["until"], one["by"], one["how"]) for one in found)

    def seen(self, hospital: str, resident: str) -> Person:
        """Whose document this desk saw behind an id, or the hospital keeps (then with a trace); refused otherwise."""
        self._require(permissions.BOOK)
        if self._tickets.person(resident) is None:
            self._tickets.recall(hospital, resident)
        found = self._tickets.person(resident)
        if found is None:
            raise look_first()
        return found

    def text(self, hospital: str, patient: Person, guardian: Person, until: int, *, part: Part = "portal") -> bytes:
        """What the patient signs now so that the guardian may book until a moment, or for 0 no longer may."""
        self._require(permissions.BOOK)
        self._need_tickets()
        one, other = (self._tickets.account(hospital, person, part).id for person in (patient, guardian))
        return family_text("link" if until else "unlink", one, other, until, self._now())

    def acted(self, appointment: str) -> dict[str, Any]:
        """Who made an appointment for its patient: account and kind, {} where nobody did. The health authority."""
        self._require(permissions.CHANGE)
        found: dict[str, Any] = self._tickets.at_authority("authority", "Acted", appointment)
        return found

    def _set(
        self, part: Part, hospital: str, function: str, patient: Person, guardian: Person, arguments: tuple[Any, ...]
    ) -> Receipt:
        self._need_tickets()
        transient = {"person": document_data(patient), "guardian": document_data(guardian)}
        found = self._tickets.at_authority(part, function, hospital, *arguments, transient=transient)
        return self._ledger.submit(part, "SetFamily", hospital, found["paper"])

    def _need_tickets(self) -> None:
        if not self._tickets.needed():
            raise no_tickets()


def no_tickets() -> UserError:
    """What is told where a ledger of before knows residents by pseudonyms alone."""
    return UserError(
        Text("这本账本没有启用凭证，不能登记家庭成员。", "This ledger has no tickets, so it keeps no families."),
        Text("请主管部门先启用凭证（slots tickets）。", "Let the authority turn tickets on first (slots tickets)."),
        code="no_tickets",
    )
