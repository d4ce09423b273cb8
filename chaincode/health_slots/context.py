"""One call of the contract: who asks, what time it is, and the records.

Time. The contract uses the transaction's timestamp, which the client writes. Each endorsing peer refuses a timestamp
that is far from its own clock (setting `clock_tolerance_s`), and for the moments that people race for (release,
deadlines) asks that its own clock agrees. The peer's clock decides only between answering and refusing, never what
is written, so endorsements stay equal.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from typing import NoReturn

from chaincode import clocks
from chaincode.health_slots.records import Record, Records
from chaincode.health_slots.refusals import conflict, forbid, missing
from fabric_sdk.chaincode import Context
from fabric_sdk.chaincode.stub import ChaincodeStub

ROLE_ATTRIBUTE = "slots.role"
HOSPITAL_ATTRIBUTE = "slots.hospital"
PORTAL_ATTRIBUTE = "slots.portal"
EVERY_HOSPITAL = "all"
EVERY_PORTAL = "all"
"""The portal of a FHIR service's certificate: portals hold none, it vouches for each of its organisation's."""
PORTAL_DAY = 20_000
"""Holds and bookings of a portal and day: more a FHIR service refuses unless told otherwise, and the audit lists."""
RESERVED_PORTALS = frozenset({"citydesk", "portal", "platform", "staff", "authority", "payment", "patients", "all"})
"""Names under which the platform itself books: a portal of such a name would own the desk's appointments."""

AUTHORITY, STAFF, PLATFORM, PORTAL, PAYMENT, PATIENTS, PORTAL_ADMIN = (
    "authority",
    "staff",
    "platform",
    "portal",
    "payment",
    "patients",
    "portal_admin",
)

PLATFORM_ROLE_ATTRIBUTE = "role"
PLATFORM_ROLES = {
    "hospital_staff": STAFF,
    "authority": AUTHORITY,
    "slots_service": PORTAL,
    "slots_platform": PLATFORM,
    "payment_clerk": PAYMENT,
    "patients_party": PATIENTS,
    "portal_admin": PORTAL_ADMIN,
}
"""What people of the platform are here who have no `slots.role`: staff of all their organisation's hospitals, the
authority, and so on. As always the role counts only where the ledger lets their organisation give it.
"""

DEFAULT_TOLERANCE_S = 300
NEW_TOLERANCE_S = 90
"""Of new ledgers: a minute of skew and the transit. Older ones keep the five minutes that they were set up with."""


BY_FHIR = "fhir:"
"""Begins the door of a booking that a FHIR service made for a portal."""
_PORTAL = re.compile(r"[a-z0-9]{2,20}")


def is_portal(name: str) -> bool:
    """Say whether this may be a portal's name."""
    return _PORTAL.fullmatch(name) is not None and name not in RESERVED_PORTALS


@dataclass(frozen=True, slots=True)
class Caller:
    """The certificate's holder as far as this contract cares: organisation, name and attributes."""

    msp_id: str
    name: str
    role: str
    hospital: str
    portal: str

    @property
    def signer(self) -> str:
        """How records name who signed: organisation and certificate's common name."""
        return f"{self.msp_id}/{self.name}"

    @property
    def booker(self) -> str:
        """Through whom an appointment was made: only the same desk or portal may change it."""
        return f"{self.msp_id}/{self.portal or self.hospital or self.role}"

    @property
    def is_door(self) -> bool:
        """Whether this is a FHIR service, which books for its organisation's portals and not for itself."""
        return self.role == PORTAL and self.portal in ("", EVERY_PORTAL)

    def speaks_for(self, booker: str) -> bool:
        """Say whether what was made through `booker` is this caller's: its own, or for a FHIR service its portals'."""
        if booker == self.booker:
            return True
        msp_id, _, door = booker.partition("/")
        if not self.is_door or msp_id != self.msp_id:
            return False
        return is_portal(door.removeprefix(BY_FHIR))


def portal_booker(caller: Caller, portal: str) -> str:
    """Through whom the caller books: a FHIR service for the portal that it names, everybody else for itself."""
    if not caller.is_door:
        if portal not in ("", caller.portal):
            forbid("only a FHIR service books for a portal")
        return caller.booker
    if not is_portal(portal):
        forbid("a FHIR service says for which portal it books")
    return f"{caller.msp_id}/{BY_FHIR}{portal}"


class SlotsContext(Context):
    """`records`, `caller` and the time of one call."""

    def __init__(self, stub: ChaincodeStub) -> None:
        super().__init__(stub)
        self.records = Records(self)
        self.now = int(stub.tx_timestamp.timestamp())
        """The transaction's time, seconds since 1970 UTC."""
        self.offsets: dict[str, int] = {}
        """Hospitals' offsets from UTC in minutes, as far as this call has met them."""
        self.peer_clock: float = self.now
        """The endorsing peer's own clock; set by the contract before the function runs."""

    @functools.cached_property
    def caller(self) -> Caller:
        client = self.client
        attribute = client.attribute
        role, hospital = attribute(ROLE_ATTRIBUTE) or "", attribute(HOSPITAL_ATTRIBUTE) or ""
        if not role:
            held = (attribute(PLATFORM_ROLE_ATTRIBUTE) or "").split(",")
            role = next((here for there, here in PLATFORM_ROLES.items() if there in held), "")
            hospital = EVERY_HOSPITAL if role == STAFF else ""
            return Caller(client.msp_id, client.common_name, role, hospital, EVERY_PORTAL if role == PORTAL else "")
        return Caller(client.msp_id, client.common_name, role, hospital, attribute(PORTAL_ATTRIBUTE) or "")

    @functools.cached_property
    def settings(self) -> Record:
        """The ledger's settings; NOT_INITIALIZED before `Initialize`."""
        found = self.records.look("settings")
        if found is None:
            missing("the slots ledger has no settings yet; call Initialize first", "NOT_INITIALIZED")
        return found

    # Time

    def reached(self, moment: int) -> bool:
        """Say whether `moment` has come, by the transaction's time and by this peer's clock."""
        return min(self.now, self.peer_clock) >= moment

    def passed(self, moment: int) -> bool:
        """Say whether `moment` is over, by either clock: for what must not be done too late."""
        return max(self.now, self.peer_clock) > moment

    def check_clock(self) -> None:
        """Refuse a timestamp too far from this peer's clock (CLOCK_DIFFERS)."""
        tolerance = int((self.records.look("settings") or {}).get("clock_tolerance_s", DEFAULT_TOLERANCE_S))
        if abs(self.now - self.peer_clock) > tolerance:
            self.refuse_clock()

    def refuse_clock(self) -> NoReturn:
        """Refuse for the clocks, naming both (CLOCK_DIFFERS)."""
        here, there = (dt.datetime.fromtimestamp(moment, dt.UTC) for moment in (self.now, self.peer_clock))
        conflict("CLOCK_DIFFERS", clocks.apart(here, there))

    # Who may

    def require_role(self, *roles: str) -> Caller:
        """Return the caller if it has one of `roles` and its organisation may give that role."""
        caller = self.caller
        if caller.role not in roles:
            forbid(f"this needs the role {' or '.join(roles)}")
        if caller.role != STAFF and caller.msp_id not in self.settings["roles"].get(caller.role, ()):
            forbid(f"{caller.msp_id} does not give the role {caller.role}")
        return caller

    def require_clerk(self, hospital: str, *others: str) -> Caller:
        """Return the caller if it keeps this hospital's books: its organisation's payment clerk, or the city's.

        Who has one of the `others` roles may as well.
        """
        caller = self.caller
        if caller.role == PAYMENT and caller.msp_id == self.hospital(hospital)["msp_id"]:
            return caller
        return self.require_role(PAYMENT, *others)

    def require_staff(self, hospital: str) -> Record:
        """Return the hospital's record if the caller is its staff."""
        caller = self.caller
        record = self.hospital(hospital)
        if caller.role != STAFF or caller.msp_id != record["msp_id"]:
            forbid(f"this needs a member of staff of hospital {hospital}")
        if caller.hospital not in (hospital, EVERY_HOSPITAL):
            forbid(f"this member of staff does not belong to hospital {hospital}")
        return record

    def require_staff_anywhere(self) -> None:
        """Refuse a caller that is staff of no hospital: the attribute alone counts only with its organisation."""
        caller = self.caller
        if caller.role == STAFF and caller.hospital not in ("", EVERY_HOSPITAL):
            self.require_staff(caller.hospital)
            return
        if caller.role == STAFF and caller.hospital == EVERY_HOSPITAL:
            for _, record in self.records.scan("hospital"):
                if record["msp_id"] == caller.msp_id:
                    return
        forbid("this needs a member of staff of a hospital")

    def require_desk(self, hospital: str) -> Caller:
        """Return the caller if it may book for residents: a portal, the platform, or the hospital's window."""
        if self.caller.role == STAFF:
            self.require_staff(hospital)
            return self.caller
        return self.require_role(PORTAL, PLATFORM)

    # Records that many functions need

    def hospital(self, hospital: str) -> Record:
        found = self.records.find("hospital", hospital)
        if found is None:
            missing(f"there is no hospital {hospital}")
        return found

    def offset(self, hospital: str) -> int:
        """Return a hospital's offset from UTC in minutes; it never changes, so sessions carry a copy."""
        found = self.offsets.get(hospital)
        if found is None:
            found = self.offsets[hospital] = int(self.hospital(hospital)["utc_offset_minutes"])
        return found

    def session(self, hospital: str, session: str) -> Record:
        found = self.records.find("session", hospital, session)
        if found is None:
            missing(f"there is no session {hospital}.{session}")
        return found
