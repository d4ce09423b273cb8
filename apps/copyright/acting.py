"""Which acts a record invites now, and who of the people at this desk may do them.

The contract decides; this only tells what is worth offering, so that nobody is shown a button that would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest
from apps.copyright.cast import PARTS, Part
from fabric_sdk import clock

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

Record = Mapping[str, Any]


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

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def office(self) -> bool:
        """A registrar sits here."""
        return self.may(manifest.REVIEW)


@dataclass(frozen=True)
class OpenAct:
    """An act by its name (`accept_licence`) and the part that signs it. `main` acts move the matter on."""

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


def _licence(record: Record, desk: Desk) -> list[OpenAct]:
    if not desk.may(manifest.LICENSE):
        return []
    found = []
    licensee, licensor = _party(record, "licensee", desk), _party(record, "licensor", desk)
    if record["state"] == "OFFERED":
        if asked := _asked(record, desk):
            found.append(OpenAct("consent_licence", asked, main=True))
        if licensee:
            if _complete(record):
                found.append(OpenAct("accept_licence", licensee, main=True))
            found.append(OpenAct("reject_licence", licensee))
        if licensor:
            found.append(OpenAct("withdraw_licence", licensor))
    elif record["state"] == "ACTIVE":
        if licensee:
            asked_for = bool(record.get("termination_asked"))
            found.append(OpenAct("record_usage", licensee, main=not asked_for))
            found.append(OpenAct("end_licence", licensee, main=asked_for))
            if record.get("sublicensing"):
                found.append(OpenAct("sublicense", licensee))
        if licensor and not record.get("termination_asked"):
            found.append(OpenAct("ask_end_licence", licensor))
    return found


def _usage(record: Record, desk: Desk) -> list[OpenAct]:
    licensor = _party(record, "licensor", desk)
    if record["state"] != "REPORTED" or not licensor or not desk.may(manifest.LICENSE):
        return []
    return [OpenAct("settle_usage", licensor, main=True), OpenAct("dispute_usage", licensor)]


def _transfer(record: Record, desk: Desk) -> list[OpenAct]:
    if record["state"] != "PROPOSED" or not desk.may(manifest.LICENSE):
        return []
    found = []
    buyer, seller, asked = _party(record, "to", desk), _party(record, "seller", desk), _asked(record, desk)
    if asked:
        found.append(OpenAct("consent_transfer", asked, main=True))
    if buyer and _complete(record):
        found.append(OpenAct("accept_transfer", buyer, main=True))
    if buyer or asked:
        found.append(OpenAct("reject_transfer", buyer or asked or "creator"))
    if seller:
        found.append(OpenAct("withdraw_transfer", seller))
    return found


def _pledge(record: Record, desk: Desk) -> list[OpenAct]:
    found = []
    pledgee, pledgor = _party(record, "pledgee", desk), _party(record, "pledgor", desk)
    state = record["state"]
    if state == "AGREED" and desk.office and desk.parties.get(str(record["pledgor"])) != "registrar":
        found += [OpenAct("register_pledge", "registrar", main=True), OpenAct("refuse_pledge", "registrar")]
    if not desk.may(manifest.LICENSE):
        return found
    if state == "PROPOSED":
        if asked := _asked(record, desk):
            found.append(OpenAct("consent_pledge", asked, main=True))
        if pledgee and _complete(record):
            found.append(OpenAct("accept_pledge", pledgee, main=True))
    if state in ("PROPOSED", "AGREED") and (party := pledgee or pledgor):
        found.append(OpenAct("reject_pledge", party))
    if state == "REGISTERED" and pledgee:
        found.append(OpenAct("discharge_pledge", pledgee, main=str(record["debt_until"]) < _today()))
    return found


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
    "licence": _licence,
    "usage": _usage,
    "transfer": _transfer,
    "pledge": _pledge,
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
    if owner and free and desk.may(manifest.LICENSE):
        found += [OpenAct("offer_licence", owner, main=True), OpenAct("propose_transfer", owner)]
        if registered and not work["pledge"]:
            found.append(OpenAct("propose_pledge", owner))
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
