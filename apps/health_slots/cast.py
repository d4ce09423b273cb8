"""Who plays which part on a network: organisations to roles, certificates' attributes, policy and collections.

Made from the topology alone, so that the same application runs on the city's template, on a network of several
hospitals and on a single organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from apps.health_slots.roles import AUTHORITY, CLERK, HOSPITAL_STAFF, PATIENTS, PLATFORM, PORTAL_ADMIN, SERVICE

if TYPE_CHECKING:
    from apps.health_slots.model import HospitalRow
    from baas.session import Actor
    from network.topology import TopologySpec

Part = Literal["authority", "staff", "platform", "portal", "payment", "patients", "portal_admin"]
PARTS: tuple[Part, ...] = ("authority", "staff", "platform", "portal", "payment", "patients", "portal_admin")

PLATFORM_ROLES: Mapping[Part, str] = {
    "authority": AUTHORITY,
    "staff": HOSPITAL_STAFF,
    "platform": "client",
    "portal": "client",
    "payment": "client",
    "patients": "client",
    "portal_admin": PORTAL_ADMIN,
}
"""The platform's role that goes with each part's certificate."""
HELD: Mapping[str, str] = {
    "authority": AUTHORITY,
    "staff": HOSPITAL_STAFF,
    "platform": PLATFORM,
    "portal": SERVICE,
    "payment": CLERK,
    "patients": PATIENTS,
    "portal_admin": PORTAL_ADMIN,
}
"""The role of people of the platform by which the contract knows them in each part."""


def plays(actor: Actor, part: str) -> bool:
    """Whether somebody plays a part by their own certificate; the workspace's owner plays every one."""
    return not actor.msp_id or HELD[part] in actor.roles or actor.attributes.get("slots.role") == part


def serves(actor: Actor, hospital: HospitalRow) -> bool:
    """Whether somebody is of a hospital: of its organisation, and not of another of its hospitals alone."""
    own = actor.attributes.get("slots.hospital", "all")
    return actor.msp_id in ("", hospital.msp_id) and own in ("", "all", hospital.id)


@dataclass(frozen=True)
class Cast:
    """MSP ids by part; `hospitals` are the organisations that run hospitals."""

    hospitals: tuple[str, ...]
    authority: str
    platform: str

    def msp_of(self, part: Part) -> str:
        """The organisation that issues the certificates of `part` (for staff: the first hospital's)."""
        if part == "staff":
            return self.hospitals[0]
        return self.authority if part in {"authority", "patients"} else self.platform

    def roles(self) -> dict[str, list[str]]:
        """What the contract's settings say about who may give which role."""
        return {
            "authority": [self.authority],
            "platform": [self.platform],
            "portal": sorted({self.platform, *self.hospitals}),
            "payment": [self.platform],
            "patients": [self.authority],
        }

    @staticmethod
    def attributes(part: Part, *, hospital: str = "all", portal: str = "") -> dict[str, str]:
        """The certificate attributes of somebody who plays `part`."""
        found: dict[str, str] = {"slots.role": part}
        if part == "staff":
            found["slots.hospital"] = hospital
        if part == "portal":
            found["slots.portal"] = portal
        return found


def cast_of(spec: TopologySpec) -> Cast:
    """Read the parts from the organisations' MSP ids: those with Hospital, Health…, and the platform's."""
    members = spec.peer_msp_ids
    hospitals = tuple(m for m in members if "Hospital" in m) or (members[-1],)
    others = [m for m in members if m not in hospitals] or [members[0]]
    authority = next((m for m in others if m.startswith("Health")), others[0])
    platform = next((m for m in others if m.startswith("DataBureau")), others[0])
    return Cast(hospitals, authority, platform)


def collection_of(msp_id: str) -> str:
    """The private collection of a hospital organisation's patients."""
    return f"patients_{msp_id}"


def endorsement_policy(spec: TopologySpec) -> str:
    """A hospital and one of those who watch over it; on a single organisation that one alone."""
    cast = cast_of(spec)
    watchers = sorted({cast.authority, cast.platform} - set(cast.hospitals))
    hospitals = _any_of(cast.hospitals)
    return f"AND({hospitals}, {_any_of(watchers)})" if watchers else f"OR({hospitals})"


def collections(spec: TopologySpec) -> list[dict[str, Any]]:
    """Patients of each hospital organisation, and what each office shares; kept by their own peers alone, sealed.

    Writes need its own peers only, so that transient identities are never sent to another organisation's peer. Who
    streams blocks with private data from those peers is sent ciphertext, whatever the flags say.
    """
    from chaincode.health_slots.portals import office_collection  # a contract is more than a manifest needs to load

    cast = cast_of(spec)
    names = [collection_of(msp_id) for msp_id in cast.hospitals]
    offices = tuple(dict.fromkeys((cast.platform, *cast.hospitals)))
    return _kept_by(spec, names, cast.hospitals) + _kept_by(spec, [office_collection(one) for one in offices], offices)


def _kept_by(spec: TopologySpec, names: list[str], members: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "policy": f"OR('{msp_id}.peer')",
            "requiredPeerCount": min(1, peers - 1),
            "maxPeerCount": 3,
            "blockToLive": 0,
            "memberOnlyRead": False,
            "memberOnlyWrite": False,
            "endorsementPolicy": {"signaturePolicy": f"OR('{msp_id}.peer')"},
        }
        for name, (msp_id, peers) in zip(names, _peers(spec, members), strict=True)
    ]


def _peers(spec: TopologySpec, members: tuple[str, ...]) -> list[tuple[str, int]]:
    """How many peers each of these organisations runs: with two, a private value is at both before it counts."""
    count = {one.msp_id: len(one.peers) for one in spec.organizations}
    return [(msp_id, max(1, count.get(msp_id, 1))) for msp_id in members]


def _any_of(members: tuple[str, ...] | list[str]) -> str:
    principals = [f"'{m}.peer'" for m in members]
    return principals[0] if len(principals) == 1 else f"OR({', '.join(principals)})"
