"""Which organisation plays which part on a network: the office, the second endorser, people's identities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from baas.applications import FirstCall

if TYPE_CHECKING:
    from network.topology import TopologySpec

Part = Literal["creator", "registrar", "reviewer", "licensee", "auditor"]
PARTS: tuple[Part, ...] = ("creator", "registrar", "reviewer", "licensee", "auditor")
OWNER_DOCUMENTS = "ownerDocuments"


@dataclass(frozen=True)
class Cast:
    """MSP ids by part: the registration office, and where the other people's certificates come from.

    `public` is the organisation of creators and licensees, who are strangers to the office; networks of before have
    none: their creators are the office's, their licensees the second endorser's.
    """

    office: str
    second: str
    public: str = ""

    def msp_of(self, part: Part) -> str:
        """The organisation whose people play a part: registrars (and whoever reviews what one of
        them passed) the office's, creators and licensees the public's."""
        if part in ("creator", "licensee") and self.public:
            return self.public
        return self.office if part in ("creator", "registrar", "reviewer") else self.second


def cast_of(spec: TopologySpec) -> Cast:
    """The organisation named Copyright… is the office, DataBureau… the second endorser; otherwise the first ones."""
    members = spec.peer_msp_ids
    office = next((msp for msp in members if msp.startswith("Copyright")), members[0])
    others = [msp for msp in members if msp != office] or [office]
    second = next((msp for msp in others if msp.startswith("DataBureau")), others[0])
    return Cast(office, second, spec.public_msp_id)


def endorsement_policy(spec: TopologySpec) -> str:
    """The office and one other organisation; on a single organisation that one alone."""
    cast = cast_of(spec)
    if cast.second == cast.office:
        return f"OR('{cast.office}.peer')"
    return f"AND('{cast.office}.peer', '{cast.second}.peer')"


def collections(spec: TopologySpec) -> list[dict[str, Any]]:
    """Owners' identity documents: kept and endorsed by the office's peers alone, as ciphertext.

    Of peers, not members, and both flags false: with `memberOnlyRead` a co-owner of another organisation could not be
    answered, and would not be kept from a stream all the same (a definition of before lets old blocks go). What a
    stranger streams from the office's peer is ciphertext.
    """
    office = cast_of(spec).office
    return [
        {
            "name": OWNER_DOCUMENTS,
            "policy": f"OR('{office}.peer')",
            "requiredPeerCount": 0,
            "maxPeerCount": 3,
            "blockToLive": 0,
            "memberOnlyRead": False,
            "memberOnlyWrite": False,
            "endorsementPolicy": {"signaturePolicy": f"OR('{office}.peer')"},
        }
    ]


def first_call(spec: TopologySpec) -> FirstCall:
    """The office sets itself up when the contract is deployed."""
    settings = json.dumps(dict(settings_for(spec)), ensure_ascii=False)
    return FirstCall(cast_of(spec).office, "ReadSettings", "Configure", (settings,))


def settings_for(spec: TopologySpec) -> Mapping[str, str]:
    """What the contract is configured with on a network."""
    office = spec.organization(cast_of(spec).office)
    return {"office_msp": office.msp_id, "office_name": office.title.zh, "number_prefix": "城链登字"}
