"""The records of 数字版权 as data: licences and their use, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fabric_sdk.kinds import (
    ANYBODY,
    Act,
    Actor,
    Code,
    Codes,
    Data,
    Day,
    Fen,
    Flag,
    Kind,
    Need,
    Party,
    Reason,
    Record,
    Role,
    Sha256,
    Share,
    State,
    Territory,
    Text,
    Who,
    Whole,
)

EXCLUSIVE, SOLE, ORDINARY = "exclusive", "sole", "ordinary"
WORDS = "text_characters"


def _owns(work: Record, who: Who) -> bool:
    return any(owner["party"] == who.party for owner in work["owners"])


def _has_parent(given: Mapping[str, Any]) -> bool:
    return bool(given.get("parent"))


def _without_parent(given: Mapping[str, Any]) -> bool:
    return not given.get("parent")


def _end_asked(licence: Record) -> bool:
    return bool(licence.get("termination_asked"))


def _no_end_asked(licence: Record) -> bool:
    return not licence.get("termination_asked")


def _missing(record: Record) -> list[str]:
    return sorted(party for party, given in record["consents"].items() if not given)


OWNER = Role("NOT_OWNER", "only an owner of the work may do this", test=_owns)
LICENSOR, LICENSEE = Role("NOT_LICENSOR", field="licensor"), Role("NOT_LICENSEE", field="licensee")
SELLER, BUYER = Role("NOT_SELLER", field="seller"), Role("NOT_BUYER", "only the buyer may do this", field="to")
ASKED = Role("NOT_ASKED", asked=True)

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
IN_FORCE = Need(
    "WRONG_STATE",
    lambda one: f"licence {one['id']} is {one['state']}",
    lambda one, who: one["state"] == "ACTIVE",
    of="licence",
)


class Licence(Kind, prefix="XK", under="work", listed="licences", indexed=["licensee"]):
    """授权许可: exclusive, sole and ordinary licences, signed by both sides."""

    kind, licensor, licensee = Code(EXCLUSIVE, SOLE, ORDINARY), Actor(), Party()
    rights, territory = Codes(table="rights"), Territory()
    from_, until = Day(), Day()
    fee_fen, royalty_bp, unit_fen = Fen(default=0), Share(default=0), Fen(default=0)
    sublicensing, parent = Flag(default=False), Text(64, default="")
    terms, contract_sha256 = Text(WORDS, area=True, default=""), Sha256(default="")
    termination_asked, reason = Data(made=True), Reason()

    OFFERED, ACTIVE = State("wait"), State("ok")
    REJECTED, WITHDRAWN, TERMINATED = State("none", final=True), State("none", final=True), State("none", final=True)

    offer = Act(
        OFFERED, OWNER, "OfferLicence", "LicenceOffered", on="work", needs=FREE, when=_without_parent, main=True
    )
    sublicense = Act(OFFERED, ANYBODY, "OfferLicence", "LicenceOffered", on="work", needs=FREE, when=_has_parent)
    consent = Act(OFFERED, ASKED, "ConsentLicence", "LicenceConsented", consents=True, waits=True)
    accept = Act(
        OFFERED >> ACTIVE, LICENSEE, "AcceptLicence", "LicenceGranted", needs=(AGREED,), parent_needs=FREE, waits=True
    )
    reject = Act(OFFERED >> REJECTED, LICENSEE, "RejectLicence", "LicenceRejected")
    withdraw = Act(OFFERED >> WITHDRAWN, LICENSOR, "WithdrawLicence", "LicenceWithdrawn")
    ask_end = Act(
        ACTIVE,
        LICENSOR,
        "TerminateLicence",
        "LicenceTerminationAsked",
        form=(reason,),
        silent=True,
        offered=_no_end_asked,
    )
    end = Act(
        ACTIVE >> TERMINATED,
        LICENSEE,
        "TerminateLicence",
        "LicenceTerminated",
        form=(reason,),
        waits=_end_asked,
        danger=True,
    )


class Usage(Kind, prefix="SY", under="licence", listed="usage"):
    """使用计量: use of a licence in a period, its royalty split by the owners' shares."""

    reporter, licensor, work_id = Actor(), Party(made=True), Text(64, made=True)
    from_, until = Day(), Day(past=True)
    quantity, unit, revenue_fen = Whole(0, 10**12), Text(32), Fen(default=0)
    royalty_fen, split = Fen(made=True), Data(made=True)
    note, doubt = Reason(default="", name="note"), Reason(name="note")

    REPORTED, SETTLED = State("wait"), State("ok", final=True)
    DISPUTED = State("warn", final=True)

    record = Act(
        REPORTED, LICENSEE, "RecordUsage", "UsageRecorded", on="licence", needs=(IN_FORCE,), main=_no_end_asked
    )
    settle = Act(
        REPORTED >> SETTLED, LICENSOR, "SettleUsage", "UsageSettled", fixed={"accepted": True}, form=(note,), waits=True
    )
    dispute = Act(
        REPORTED >> DISPUTED, LICENSOR, "SettleUsage", "UsageSettled", fixed={"accepted": False}, form=(doubt,)
    )


class Transfer(Kind, prefix="ZR", under="work", listed="transfers"):
    """转让: the economic rights, or a share of them, change hands."""

    seller, to = Actor(), Party()
    share, price_fen = Share(1, optional=True), Fen(default=0)
    contract_sha256, note = Sha256(default=""), Text(WORDS, area=True, default="")
    reason = Reason()

    PROPOSED, COMPLETED = State("wait"), State("ok", final=True)
    REJECTED, WITHDRAWN = State("none", final=True), State("none", final=True)

    propose = Act(PROPOSED, OWNER, "ProposeTransfer", "TransferProposed", on="work", needs=FREE)
    consent = Act(PROPOSED, ASKED, "ConsentTransfer", "TransferConsented", consents=True, waits=True)
    accept = Act(
        PROPOSED >> COMPLETED,
        BUYER,
        "AcceptTransfer",
        "WorkTransferred",
        needs=(AGREED,),
        parent_needs=FREE,
        waits=True,
    )
    reject = Act(PROPOSED >> REJECTED, BUYER | ASKED, "RejectTransfer", "TransferRejected", form=(reason,))
    withdraw = Act(PROPOSED >> WITHDRAWN, SELLER, "WithdrawTransfer", "TransferWithdrawn")


KINDS: tuple[type[Kind], ...] = (Licence, Usage, Transfer)
