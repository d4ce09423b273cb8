"""Settings, hospitals, departments, doctors and the versions of the booking rules."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from chaincode.health_slots import terms
from chaincode.health_slots.context import (
    AUTHORITY,
    DEFAULT_TOLERANCE_S,
    NEW_TOLERANCE_S,
    PATIENTS,
    PAYMENT,
    PLATFORM,
    PORTAL,
    SlotsContext,
)
from chaincode.health_slots.policy import CITY, Policy, calendar_rules
from chaincode.health_slots.records import Record, decode
from chaincode.health_slots.refusals import bad, conflict, forbid, missing
from chaincode.working_days import shipped
from fabric_sdk.chaincode import query, transaction

KEPT = ("tickets", "ticket_keys", "tickets_since", "hospital_organizations")
"""Members of the settings that new settings do not change."""
ROLES = (AUTHORITY, PLATFORM, PORTAL, PAYMENT, PATIENTS)


@dataclass(frozen=True)
class Hospital:
    """A hospital as the health authority admits it; `msp_id` is the organisation whose certificates are its staff."""

    id: str
    name: str
    msp_id: str
    collection: str
    """Private collection that holds identities of its patients."""
    utc_offset_minutes: int = 480


@dataclass(frozen=True)
class Department:
    """`code` is what the hospital itself calls it where that is no id of the ledger, such as 内-01."""

    id: str
    name: str
    code: str = ""


@dataclass(frozen=True)
class Doctor:
    """A doctor or a clinic that sees patients; `name` is what the hospital publishes (may be a title only)."""

    id: str
    department: str
    name: str
    title: str = ""
    code: str = ""


@dataclass(frozen=True)
class Campus:
    """A campus (院区) of a hospital with more than one; rules and limits are the hospital's."""

    id: str
    name: str
    code: str = ""


@dataclass(frozen=True)
class Units:
    """Departments, doctors and campuses to be added or renamed."""

    departments: list[Department] = field(default_factory=list)
    doctors: list[Doctor] = field(default_factory=list)
    campuses: list[Campus] = field(default_factory=list)


class RegistryFunctions:
    """Who takes part, and under which rules."""

    @transaction
    def Initialize(
        self,
        ctx: SlotsContext,
        roles: dict[str, list[str]],
        clock_tolerance_s: int = NEW_TOLERANCE_S,
        tickets: bool = True,
    ) -> Record:
        """Write the ledger's settings once: which organisations may give which role.

        `roles` maps authority, platform, portal, payment and patients to MSP ids; the caller must be an authority of
        an organisation that it names as one. Afterwards only an authority may call it again. `tickets` counts the
        first time: whether nobody is booked for without the authority's ticket; it can be asked for later, never
        given up.
        """
        current = ctx.records.find("settings")
        if current is not None:
            ctx.require_role(AUTHORITY)
        elif ctx.caller.role != AUTHORITY or ctx.caller.msp_id not in roles.get(AUTHORITY, []):
            forbid("the first settings come from an authority that they name")
        for name, members in roles.items():
            if name not in ROLES or not members or not all(0 < len(m) <= 64 for m in members):
                bad(f"roles maps {', '.join(ROLES)} to MSP ids")
        if not roles.get(AUTHORITY):
            bad("somebody must be the authority")
        terms.whole(clock_tolerance_s, 5, 3600, "clock_tolerance_s")
        settings: Record = {
            "roles": {name: sorted(set(members)) for name, members in roles.items()},
            "clock_tolerance_s": clock_tolerance_s or DEFAULT_TOLERANCE_S,
            "set_by": ctx.caller.signer,
            "set_at": ctx.now,
        }
        if current is None:
            settings["tickets"] = tickets
        else:
            settings |= {name: current[name] for name in KEPT if name in current}
        ctx.records.put(settings, "settings")
        if current is None:
            self._write_policy(ctx, CITY, Policy.from_mapping(calendar_rules(shipped().years.values())), "correction")
        return settings

    @query
    def GetSettings(self, ctx: SlotsContext) -> Record:
        """Return the ledger's settings."""
        return ctx.settings

    @transaction
    def RegisterHospitals(self, ctx: SlotsContext, hospitals: list[Hospital]) -> int:
        """Admit hospitals, or change their names; returns how many. Authority only."""
        ctx.require_role(AUTHORITY)
        if not 0 < len(hospitals) <= 1000:
            bad("1 to 1000 hospitals at a time")
        members = {record["msp_id"] for _, record in ctx.records.scan("hospital")} | {h.msp_id for h in hospitals}
        if len(members) > 1 and sorted(members) != ctx.settings.get("hospital_organizations"):
            ctx.records.put({**ctx.settings, "hospital_organizations": sorted(members)}, "settings")
        for hospital in hospitals:
            terms.hospital_id(hospital.id)
            if hospital.id == CITY:
                bad(f"{CITY} is no hospital's id", "BAD_ID")
            known = ctx.records.find("hospital", hospital.id)
            if known is not None and known["msp_id"] != hospital.msp_id:
                conflict("HOSPITAL_TAKEN", f"hospital {hospital.id} belongs to another organisation")
            if known is not None and known["utc_offset_minutes"] != hospital.utc_offset_minutes:
                bad("a hospital's offset from UTC cannot change")
            ctx.records.put(
                {
                    "name": terms.label(hospital.name, "a hospital's name"),
                    "msp_id": terms.label(hospital.msp_id, "an MSP id"),
                    "collection": terms.reference(hospital.collection, "a collection's name"),
                    "utc_offset_minutes": terms.whole(hospital.utc_offset_minutes, -720, 840, "utc_offset_minutes"),
                    "since": ctx.now if known is None else known["since"],
                    "signer": ctx.caller.signer,
                },
                "hospital",
                hospital.id,
            )
        return len(hospitals)

    @query
    def GetHospital(self, ctx: SlotsContext, hospital: str) -> Record:
        """Return one hospital's record."""
        return ctx.hospital(hospital)

    @query
    def ListHospitals(self, ctx: SlotsContext, bookmark: str = "") -> Record:
        """Return a page of at most 200 hospitals: `{"items": {id: record}, "bookmark"}`."""
        items, following = ctx.records.page(200, bookmark, "hospital")
        return {"items": {attributes[0]: record for attributes, record in items}, "bookmark": following}

    @transaction
    def RegisterUnits(self, ctx: SlotsContext, hospital: str, units: Units) -> int:
        """Add or rename departments, doctors and campuses of a hospital; returns how many. Its staff only."""
        ctx.require_staff(hospital)
        return write_units(ctx, hospital, units)

    @query
    def ListUnits(self, ctx: SlotsContext, hospital: str) -> Record:
        """Return departments, doctors and campuses of a hospital, by id."""
        ctx.hospital(hospital)
        return {
            "departments": {a[1]: r for a, r in ctx.records.scan("unit", hospital)},
            "doctors": {a[1]: r for a, r in ctx.records.scan("doctor", hospital)},
            "campuses": {a[1]: r for a, r in ctx.records.scan("campus", hospital)},
        }

    @transaction
    def SetPolicy(self, ctx: SlotsContext, hospital: str, policy: dict[str, Any], reason: str) -> Record:
        """Write the next version of a hospital's rules; slots opened under older versions keep theirs.

        Staff write their hospital's, the authority writes those of CITY, which hold where a hospital has none.
        """
        if hospital == CITY:
            ctx.require_role(AUTHORITY)
        else:
            ctx.require_staff(hospital)
        return self._write_policy(ctx, hospital, Policy.from_mapping(policy), terms.reason_code(reason))

    @query
    def GetPolicy(self, ctx: SlotsContext, hospital: str, version: int = 0) -> Record:
        """Return a version of a hospital's (or CITY's) rules, the newest for 0."""
        owner, newest = policy_head(ctx, hospital)
        if version and not ctx.records.exists("policy", hospital, f"{version:06d}"):
            missing(f"{hospital} has no version {version} of its rules")
        if version:
            owner, newest = hospital, version
        found = ctx.records.find("policy", owner, f"{newest:06d}")
        assert found is not None
        return {"owner": owner, "version": newest, **found}

    def _write_policy(self, ctx: SlotsContext, hospital: str, policy: Policy, reason: str) -> Record:
        head = ctx.records.find("policy-head", hospital)
        version = (head["version"] if head else 0) + 1
        record: Record = {
            "rules": policy.to_mapping(),
            "reason": reason,
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(record, "policy", hospital, f"{version:06d}")
        ctx.records.put({"version": version}, "policy-head", hospital)
        return {"owner": hospital, "version": version, **record}


def policy_head(ctx: SlotsContext, hospital: str) -> tuple[str, int]:
    """Return owner and newest version of the rules that hold for `hospital` now."""
    own, city = ctx.records.find_all(("policy-head", hospital), ("policy-head", CITY))
    if own is not None:
        return hospital, own["version"]
    if city is None:
        missing("the slots ledger has no settings yet; call Initialize first", "NOT_INITIALIZED")
    return CITY, city["version"]


def policy_of(ctx: SlotsContext, owner: str, version: int) -> Policy:
    """Return one version of the rules."""
    found = ctx.records.raw("policy", owner, f"{version:06d}")
    if not found:
        missing(f"{owner} has no version {version} of its rules")
    return _policy(found)


@functools.lru_cache(maxsize=1024)
def _policy(record: bytes) -> Policy:
    return Policy.trusted(decode(record)["rules"])


def _code(code: str) -> Record:
    """The hospital's own code, where it has one beside the id."""
    return {"code": terms.label(code, "a code", 40)} if code else {}


def write_units(ctx: SlotsContext, hospital: str, units: Units) -> int:
    """Write departments, doctors and campuses; the caller has checked who asks. Returns how many."""
    count = len(units.departments) + len(units.doctors) + len(units.campuses)
    if not 0 < count <= 2000:
        bad("1 to 2000 departments, doctors and campuses at a time")
    for kind, what, named in (
        ("unit", "a department's name", units.departments),
        ("campus", "a campus's name", units.campuses),
    ):
        for one in named:
            found = {"name": terms.label(one.name, what), **_code(one.code), "at": ctx.now}
            ctx.records.put(found, kind, hospital, terms.unit_id(one.id))
    for doctor in units.doctors:
        if not ctx.records.exists("unit", hospital, doctor.department):
            missing(f"hospital {hospital} has no department {doctor.department[:40]}")
        ctx.records.put(
            {
                "department": doctor.department,
                "name": terms.label(doctor.name, "a doctor's name"),
                "title": terms.label(doctor.title, "a title") if doctor.title else "",
                **_code(doctor.code),
                "at": ctx.now,
            },
            "doctor",
            hospital,
            terms.unit_id(doctor.id),
        )
    return count


def campus_of(ctx: SlotsContext, hospital: str, campus: str) -> Record:
    """What a session's record says of its campus: nothing for "", NOT_FOUND for one that the hospital has not named."""
    if campus and not ctx.records.exists("campus", hospital, terms.unit_id(campus)):
        missing(f"hospital {hospital} has no campus {campus}")
    return {"campus": campus} if campus else {}
