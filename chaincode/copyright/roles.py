"""Who may act on the records of 数字版权, and what must hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fabric_sdk.kinds import (
    Need,
    Record,
    Role,
    Who,
)

EXCLUSIVE, SOLE, ORDINARY = "exclusive", "sole", "ordinary"
WORDS = "text_characters"


def _owns(work: Record, who: Who) -> bool:
    return any(owner["party"] == who.party for owner in work["owners"])


def has_parent(given: Mapping[str, Any]) -> bool:
    return bool(given.get("parent"))


def with_deadline(dispute: Record) -> bool:
    return bool((dispute.get("deadlines") or {}).get("admission"))


def without_parent(given: Mapping[str, Any]) -> bool:
    return not given.get("parent")


def end_asked(licence: Record) -> bool:
    return bool(licence.get("termination_asked"))


def no_end_asked(licence: Record) -> bool:
    return not licence.get("termination_asked")


def never(record: Record) -> bool:
    return False


def agreed(record: Record) -> bool:
    """Whether everybody who was asked has consented."""
    return not _missing(record)


def round_of(case: Record) -> int:
    """Which examination of a case is running: it may have been sent back."""
    return sum(one["from"] != one["to"] == "EXAMINING" for one in case["log"])


def not_compared(case: Record) -> bool:
    """Whether a case's work is still to be compared in the examination that is running."""
    return (case.get("comparison") or {}).get("round") != round_of(case)


def has_matches(case: Record) -> bool:
    """Whether a comparison found works that want an opinion."""
    return any(not one["own"] for one in (case.get("comparison") or {}).get("found", ()))


def _missing(record: Record) -> list[str]:
    return sorted(party for party, given in record["consents"].items() if not given)


def _parties(record: Record) -> set[str]:
    named = (record.get(role) for role in ("pledgor", "pledgee", "claimant", "applicant"))
    owners = (owner["party"] for owner in record.get("owners", ()))
    return {one for one in (*named, *owners, *record.get("consents", ())) if one}


_OWNERS_ONLY = "only an owner of the work may do this"
OWNER = Role("NOT_OWNER", _OWNERS_ONLY, test=_owns)
CREATOR = Role(text="this needs the role creator", held="creator")
APPLICANT = Role("NOT_APPLICANT", field="applicant")
LICENSOR, LICENSEE = Role("NOT_LICENSOR", field="licensor"), Role("NOT_LICENSEE", field="licensee")
SELLER, BUYER = Role("NOT_SELLER", field="seller"), Role("NOT_BUYER", "only the buyer may do this", field="to")
PLEDGOR, PLEDGEE = Role("NOT_ASKED", field="pledgor"), Role("NOT_PLEDGEE", field="pledgee")
CLAIMANT, REPORTER = Role("NOT_CLAIMANT", field="claimant"), Role("NOT_REPORTER", field="reporter")
ASKED = Role("NOT_ASKED", asked=True)
REGISTRAR = Role(text="this needs a registrar of the office", held="registrar", waiting="office")

ALIVE = Need("WRONG_STATE", lambda w: f"the work is {w['state']}", lambda w, who: w["state"] == "ACTIVE", of="work")
UNDISPUTED = Need(
    "DISPUTED",
    lambda w: f"the work is frozen by dispute {w['disputes'][0]}",
    lambda w, who: not w["disputes"],
    of="work",
)
FREE = (ALIVE, UNDISPUTED)
AGREED = Need(
    "CONSENT_MISSING",
    lambda r: f"the consent of {', '.join(_missing(r))} is missing",
    lambda r, who: not _missing(r),
    412,
)
CONSENTED = AGREED
OWNED = Need("NOT_OWNER", _OWNERS_ONLY, _owns, 403, of="work")
COMPLETE = Need(
    "WORK_INCOMPLETE",
    lambda w: f"the work's {'completed' if w['authors'] else 'authors'} must be given before registration",
    lambda w, who: bool(w["authors"] and w["completed"]),
    400,
    of="work",
)
UNFILED = Need(
    "ALREADY_FILED",
    lambda w: f"the work has the registration {w['registration']}",
    lambda w, who: not w["registration"],
    of="work",
)
REGISTERED = Need("NOT_REGISTERED", "the work is not registered", lambda w, who: bool(w["number"]), of="work")
UNPLEDGED = Need(
    "PLEDGED",
    lambda w: f"the work is pledged already ({w['pledge']})",
    lambda w, who: not w["pledge"],
    of="work",
)
PLEDGEABLE = (*FREE, REGISTERED, UNPLEDGED)
NOT_SOLE_OWNER = Need(
    "SAME_PARTY",
    "an owner does not contest their own work",
    lambda w, who: [owner["party"] for owner in w["owners"]] != [who.party],
    of="work",
)
_OWN_CASE = "a registrar does not decide a case of their own"
NO_PARTY = Need("CONFLICT_OF_INTEREST", _OWN_CASE, lambda r, who: who.party not in _parties(r), 403)
SECOND_PERSON = Need(
    "SAME_PERSON",
    "first and second examination are two people's: another registrar decides",
    lambda r, who: r.get("examiner") != who.party,
    403,
)
NO_OWNER = Need("CONFLICT_OF_INTEREST", _OWN_CASE, lambda w, who: not _owns(w, who), 403, of="work")
IN_FORCE = Need(
    "WRONG_STATE",
    lambda one: f"licence {one['id']} is {one['state']}",
    lambda one, who: one["state"] == "ACTIVE",
    of="licence",
)
