"""Names, identifiers and states of the slots ledger (HL7 FHIR R4 Schedule, Slot, Appointment; Chinese practice on top).

A slot is named `hospital.session.number`; numbers count from 001 inside a session. Names use letters, digits and `-`
so that they are valid FHIR ids.
"""

from __future__ import annotations

import re
from typing import Any

from chaincode.health_slots.refusals import bad
from fabric_sdk.chaincode.plain_text import deceptive

PARTS = ("am", "pm", "night")
"""上午, 下午, 夜间."""
KINDS = ("general", "expert", "special")
"""号别: 普通, 专家, 特需."""
POOLS = ("window", "online", "community", "reserved")
"""号源池: 窗口, 线上, 社区, 预留."""

COMMITTED, PUBLISHED, STOPPED = "committed", "published", "stopped"
FREE, HELD, BOOKED, RETURNED, CLOSED = "free", "held", "booked", "returned", "closed"
DRAWN = "drawn"
"""A slot set aside for a draw."""
PENDING, CHECKED_IN, FULFILLED, CANCELLED, NO_SHOW = "pending", "checked-in", "fulfilled", "cancelled", "noshow"

APPOINTMENT_MOVES: dict[str, frozenset[str]] = {
    PENDING: frozenset({BOOKED, CANCELLED}),
    BOOKED: frozenset({CHECKED_IN, CANCELLED, NO_SHOW}),
    CHECKED_IN: frozenset({FULFILLED, CANCELLED}),
    FULFILLED: frozenset(),
    CANCELLED: frozenset(),
    NO_SHOW: frozenset(),
}
"""Which state an appointment may go to; everything else is refused as ILLEGAL_MOVE.

Who has checked in is cancelled only by the hospital, when it stops the session or slot.
"""

SLOT_MOVES: dict[str, frozenset[str]] = {
    FREE: frozenset({FREE, HELD, BOOKED, DRAWN, STOPPED}),
    HELD: frozenset({HELD, BOOKED, FREE, RETURNED, STOPPED}),
    BOOKED: frozenset({RETURNED, STOPPED}),
    RETURNED: frozenset({HELD, FREE, DRAWN, STOPPED}),
    DRAWN: frozenset({HELD, RETURNED}),
    STOPPED: frozenset(),
}
"""What may become of a slot in one transaction; a booked one never goes straight back to the fastest."""

MAX_SLOTS = 400
"""Slots of one session, and highest number of a slot including those added later."""

_HOSPITAL = re.compile(r"[A-Za-z0-9]{1,12}")
_UNIT = re.compile(r"[A-Za-z0-9]{1,12}")
_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,39}")
_SLOT = re.compile(r"([A-Za-z0-9]{1,12})\.([A-Za-z0-9][A-Za-z0-9-]{2,39})\.(\d{3})")
_RESIDENT = re.compile(r"R[A-Z2-7]{26}")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_HEX32 = re.compile(r"[0-9a-f]{64}")


def hospital_id(text: str) -> str:
    if not _HOSPITAL.fullmatch(text):
        bad("a hospital's id is 1 to 12 letters and digits", "BAD_ID")
    return text


def unit_id(text: str) -> str:
    if not _UNIT.fullmatch(text):
        bad("the id of a department or doctor is 1 to 12 letters and digits", "BAD_ID")
    return text


def split_session(text: str) -> tuple[str, str]:
    """Return hospital and session of `hospital.session`."""
    hospital, dot, session = text.partition(".")
    if not dot or not _HOSPITAL.fullmatch(hospital) or not _SESSION.fullmatch(session):
        bad("a session is named hospital.session", "BAD_ID")
    return hospital, session


def split_slot(text: str) -> tuple[str, str, int]:
    """Return hospital, session and number of `hospital.session.number`."""
    match = _SLOT.fullmatch(text)
    if match is None or not 0 < int(match[3]) <= MAX_SLOTS:
        bad("a slot is named hospital.session.number, as H0001.CARD-D01-261126A.015", "BAD_ID")
    return match[1], match[2], int(match[3])


def slot_name(hospital: str, session: str, number: int) -> str:
    return f"{hospital}.{session}.{number:03d}"


def resident_id(text: str) -> str:
    """Check a resident's pseudonym: `R` and 26 base-32 characters, an HMAC that nobody without its key can make."""
    if not _RESIDENT.fullmatch(text):
        bad("a resident is named by a pseudonym (R and 26 base-32 characters), never by name or document", "BAD_ID")
    return text


def reference(text: Any, what: str) -> str:
    """Check an opaque reference (payment, portal, key): letters, digits and `_.:-`, at most 64."""
    if not isinstance(text, str) or not _REFERENCE.fullmatch(text):
        bad(f"{what} is 1 to 64 letters, digits and _.:-", "BAD_ID")
    return text


def digest(text: Any, what: str) -> str:
    """Check a SHA-256 in lower-case hex."""
    if not isinstance(text, str) or not _HEX32.fullmatch(text):
        bad(f"{what} is 64 lower-case hex digits", "BAD_DIGEST")
    return text


def one_of(value: Any, allowed: tuple[str, ...], what: str) -> str:
    if value not in allowed:
        bad(f"{what} must be one of {', '.join(allowed)}")
    return str(value)


def whole(value: Any, low: int, high: int, what: str) -> int:
    if type(value) is not int or not low <= value <= high:
        bad(f"{what} must be a whole number from {low} to {high}")
    return int(value)


REASONS = (
    "doctor-leave",
    "doctor-ill",
    "emergency",
    "equipment",
    "meeting",
    "holiday",
    "demand",
    "revisit",
    "correction",
    "other",
)
"""Coded reasons of changes, so that free text cannot carry a patient's data onto the ledger."""


def reason_code(text: str) -> str:
    return one_of(text, REASONS, "reason")


def label(text: Any, what: str, limit: int = 60) -> str:
    """Check a public display name (hospital, department, doctor's title): one line, bounded."""
    if not isinstance(text, str) or not 0 < len(text.strip()) <= limit or any(ord(c) < 32 for c in text):
        bad(f"{what} is 1 to {limit} characters on one line")
    if why := deceptive(text):
        bad(f"{what} {why}", "DECEPTIVE_TEXT")
    return text.strip()
