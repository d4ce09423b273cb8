"""Which acts a record invites now, and who of the people at this desk may do them.

The contract decides; this only tells what is worth offering, so that nobody is shown a button that would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest
from apps.copyright.cast import PARTS, Part
from apps.copyright.manifest import MANIFEST
from apps.kit.service import main_of
from chaincode.copyright.kinds import KINDS, Licence, Pledge, Transfer, Usage
from fabric_sdk import clock
from fabric_sdk.kinds import Act, Who

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

Record = Mapping[str, Any]
ACTS: Mapping[str, Act] = {act.id: act for kind in KINDS for act in kind.acts.values()}
"""The declared acts by their names."""


@dataclass(frozen=True)
class Desk:
    """Who sits here: the parties this console may sign as, each by the part it plays, and what they may do."""

    parties: Mapping[str, Part]
    permissions: frozenset[str]

    @property
    def parts(self) -> Mapping[Part, str]:
        """The party of each part."""
        return {part: party for party, part in self.parties.items()}

    def owns(self, work: Record) -> Part | None:
        """The part that owns a work, or a share of it."""
        return next((self.parties[one["party"]] for one in work["owners"] if one["party"] in self.parties), None)

    def people(self) -> list[tuple[Who, Part]]:
        """Everybody here as the contract knows them, with the part they play; one who acts alone plays every part."""
        alone = {"registrar"} if len(self.parties) == 1 and self.office else set[str]()
        return [(Who(party, frozenset({part, *alone})), part) for party, part in self.parties.items()]

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def office(self) -> bool:
        """A registrar sits here."""
        return self.may(manifest.REVIEW)


@dataclass(frozen=True)
class OpenAct:
    """An act by its name (`licence.accept`, `accept_pledge`) and the part that signs; `main` acts move it on."""

    name: str
    part: Part
    main: bool = False


def desk_of(service: CopyrightService) -> Desk:
    """The desk of whoever acts on this platform: one party, or the workspace's owner with one for every part."""
    session = service.platform.session
    actor = service.platform.identities.acting(service.network)
    if actor.msp_id:
        # One certificate plays every part; `creator` stands for it, because all parts sign alike.
        return Desk({actor.party: "creator"}, frozenset(session.permissions))
    return Desk({service.ledger.party(part): part for part in PARTS}, frozenset(session.permissions))


def open_acts(record: Record, desk: Desk) -> tuple[OpenAct, ...]:
    """The acts on a record that this desk may do now, the one that moves it on first."""
    acts = _ACTS.get(str(record.get("type", "")))
    return tuple(sorted(acts(record, desk), key=lambda act: not act.main)) if acts else ()


def _party(record: Record, role: str, desk: Desk) -> Part | None:
    return desk.parties.get(str(record.get(role, "")))


def _asked(record: Record, desk: Desk) -> Part | None:
    """The part whose consent is still missing."""
    missing = [party for party, given in record.get("consents", {}).items() if not given]
    return next((desk.parties[party] for party in missing if party in desk.parties), None)


def _complete(record: Record) -> bool:
    return all(record.get("consents", {}).values())


def _declared(record: Record, desk: Desk) -> list[OpenAct]:
    """The acts of a declared kind: whoever here may do them, the contract's own questions asked."""
    known = dict(record)
    kind = MANIFEST.catalogue.kinds[str(record["type"])]
    acts = [act for act in kind.acts.values() if not act.makes]
    found = [open_act(act, known, desk) for act in acts]
    if kind is Licence:
        found.append(open_act(Usage.record, known, desk))
        if known["state"] == "ACTIVE" and known.get("sublicensing") and (licensee := _party(record, "licensee", desk)):
            found.append(OpenAct(Licence.sublicense.id, licensee))
    open_ones = [one for one in found if one is not None]
    worded = {str(MANIFEST.catalogue.act(ACTS[one.name]).button): one for one in reversed(open_ones)}
    return sorted((one for one in open_ones if one in worded.values()), key=lambda one: ACTS[one.name].danger)


def open_act(act: Act, record: dict[str, Any], desk: Desk) -> OpenAct | None:
    """An act that somebody here may do on a record (or begin on it) now, with who signs it."""
    words = MANIFEST.catalogue.act(act)
    if not desk.may(words.permission or manifest.LICENSE):
        return None
    for who, part in desk.people():
        if act.refusal(record, who) is None and act.worth(record, who):
            return OpenAct(act.id, part, words.main(record) if words.main is not None else main_of(act, record))
    return None


def _change(record: Record, desk: Desk) -> list[OpenAct]:
    if record["state"] != "REQUESTED" or not desk.office:
        return []
    return [OpenAct("approve_change", "registrar", main=True), OpenAct("refuse_change", "registrar")]


def _dispute(record: Record, desk: Desk) -> list[OpenAct]:
    if record["state"] != "OPEN":
        return []
    found = [OpenAct("resolve_dispute", "registrar", main=True)] if desk.office else []
    if claimant := _party(record, "claimant", desk):
        found.append(OpenAct("withdraw_dispute", claimant))
    return found


def _infringement(record: Record, desk: Desk) -> list[OpenAct]:
    reporter = _party(record, "reporter", desk)
    if record["state"] == "CLOSED" or not reporter or not desk.may(manifest.LICENSE):
        return []
    evidenced = record["state"] == "EVIDENCED"
    return [
        OpenAct("capture_page", reporter, main=not evidenced),
        OpenAct("add_evidence_file", reporter),
        OpenAct("close_infringement", reporter, main=evidenced),
    ]


def _registration(record: Record, desk: Desk) -> list[OpenAct]:
    applicant = _party(record, "applicant", desk)
    found = []
    if applicant and desk.may(manifest.DEPOSIT):
        if record["state"] == "CORRECTION":
            found.append(OpenAct("correct_registration", applicant, main=True))
        if record["state"] in ("SUBMITTED", "VERIFYING", "CORRECTION", "ACCEPTED", "EXAMINING"):
            found.append(OpenAct("withdraw_registration", applicant))
    if desk.office and record["state"] in ("CERTIFIED", "PUBLISHED"):
        found.append(OpenAct("cancel_registration", "registrar"))
    return found


_ACTS = {
    "licence": _declared,
    "usage": _declared,
    "transfer": _declared,
    "pledge": _declared,
    "change": _change,
    "dispute": _dispute,
    "infringement": _infringement,
    "registration": _registration,
}


def work_acts(work: Record, desk: Desk, licences: Sequence[Record] = ()) -> tuple[OpenAct, ...]:
    """What may be begun on a work: a licence, a transfer, a pledge, a change, a dispute, a case, its revocation.

    With its `licences`, exclusive and sole licensees in force may report infringements too.
    """
    found: list[OpenAct] = []
    owner = desk.owns(work)
    free = work["state"] == "ACTIVE" and not work["disputes"]
    registered = bool(work["number"])
    found += [
        one
        for act in (Licence.offer, Transfer.propose, Pledge.propose)
        if (one := open_act(act, dict(work), desk)) is not None
    ]
    if owner and free and registered and desk.may(manifest.DEPOSIT):
        found.append(OpenAct("request_change", owner))
    holder = owner or next((desk.parties[one] for one in _sole_licensees(licences) if one in desk.parties), None)
    if holder and work["state"] == "ACTIVE" and desk.may(manifest.LICENSE):
        found.append(OpenAct("report_infringement", holder))
    others = [part for party, part in desk.parties.items() if part != "auditor" and not _owns(work, party)]
    if work["state"] == "ACTIVE" and others and desk.may(manifest.LICENSE):
        found.append(OpenAct("open_dispute", "licensee" if "licensee" in others else others[0]))
    if owner and free and not (work["registration"] or work["pledge"]) and len(work["owners"]) == 1:
        found.append(OpenAct("revoke_deposit", owner))
    return tuple(found)


def _sole_licensees(records: Sequence[Record]) -> list[str]:
    """Exclusive and sole licensees in force, among any records of a work."""
    licences = [one for one in records if one["type"] == "licence" and one["state"] == "ACTIVE"]
    return [str(one["licensee"]) for one in licences if one["kind"] != "ordinary"]


def _owns(work: Record, party: str) -> bool:
    return any(owner["party"] == party for owner in work["owners"])


def _today() -> str:
    return clock.today().isoformat()
