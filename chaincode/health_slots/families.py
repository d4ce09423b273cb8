"""家庭成员: somebody books for a child or a parent; the consent is on record, and nobody can tell whose family it is.

The authority alone knows persons, so it says who may act for whom. Under a mark that only its key file makes from an
account the ledger keeps, sealed for the authority's eyes, the list of those for whom that person may act: each with
kind, end, who vouched. What is written its contract server signs first (`CF1.PAYLOAD.SIGNATURE`), with what it found:
of two desks at once one is heard, and no paper of before brings back what was ended since.

- `minor`: a child of under 18 years (Civil Code, article 17) by its guardian, until that birthday at the latest. A
  member of staff saw both documents and what shows the guardianship; of a resident's card the age is checked.
- `consent`: an adult lets somebody book. Either both stood at a window, or the adult signed with the key that a
  hospital bound (`family_text`), which any desk may carry.

Limits and bars stay the patient's own (the ticket is for the patient's visit id). Besides them a person acts for at
most `MEMBERS` others at a time, begins at most `BEGUN` such links in a year, makes at most `ACTING_DAY` appointments
of one date for others, and an officer vouches for at most `OFFICER_LINKS` a day: no family is made up to hoard slots.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.accounts import (
    account_id,
    accounts_of,
    authority_file,
    family_of,
    family_place,
    main_account,
    mark_of,
    open_account,
    seal_text,
)
from chaincode.health_slots.bills import find_appointment
from chaincode.health_slots.context import AUTHORITY, STAFF, Caller, SlotsContext
from chaincode.health_slots.documents import CARD, kind_of, number_of
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, forbid
from chaincode.health_slots.tickets import LIFE_S, count_officer, person_of, read_paper, sign_paper
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.chaincode.sealing import KeyFile

PREFIX = "CF1"
LONGEST = 49_152
STEP = 4_096
"""Characters of a sealed list, or a multiple of it."""
MINOR, CONSENT = "minor", "consent"
KINDS = (MINOR, CONSENT)
ADULT = 18
"""Years of age from which people decide for themselves."""
LINK_DAYS = 1095
"""How long a link holds at most; then it is made anew, by those whom it is about."""
MEMBERS = 6
BEGUN = 12
OFFICER_LINKS = 60
YEAR_S = 365 * calendar.DAY
SIGNED_S = 86_400
"""How old a signature may be when it is carried here."""
_PAPER = {"mark": str, "sealed": str, "seen": str, "v": str, "w": str, "i": int, "e": int, "k": str}


def family_text(act: str, patient: str, guardian: str, until: int, at: int) -> bytes:
    """Return what an adult signs so that somebody may book (`act` link) or no longer may (unlink).

    Both by their accounts; `until` is when the link ends (0 for unlink) and `at` when this is signed, in seconds since
    1970 UTC.
    """
    return encode({"act": f"family-{act}", "at": at, "guardian": guardian, "patient": patient, "until": until})


class FamilyFunctions:
    """Asked at the authority's peers, written by the desk that asked."""

    @query
    def Linking(
        self, ctx: SlotsContext, hospital: str, kind: str, until: int, signature: str = "", signed_at: int = 0
    ) -> Record:
        """Return the paper by which the person in the transient field `guardian` may book for the one in `person`.

        Until a moment (seconds since 1970 UTC). A hospital's staff and the authority vouch for what they saw; every
        other desk carries the adult's signature over `family_text`. Refused: a child's end after its eighteenth
        birthday or an adult as a child (NOT_A_MINOR), a child's own consent (MINOR), too many (FAMILY_FULL,
        FAMILY_CHANGES).
        """
        caller = _desk(ctx, hospital)
        file, patient, guardian = _both(ctx)
        terms.one_of(kind, KINDS, "kind")
        if not ctx.now < terms.whole(until, 1, 10**11, "until") <= ctx.now + LINK_DAYS * calendar.DAY:
            bad(f"a link ends in the future, within {LINK_DAYS} days")
        of_age = _adult(ctx, "person")
        if _adult(ctx, "guardian") > ctx.now:
            conflict("MINOR", "a child books for nobody")
        if kind == MINOR:
            if signature or caller.role not in (STAFF, AUTHORITY):
                forbid("a guardianship is seen by a member of staff, who looks at its papers")
            if of_age and until > of_age:
                conflict("NOT_A_MINOR", f"who is eighteen decides alone; a child's link ends by {of_age}")
        elif of_age > ctx.now:
            conflict("MINOR", "a child does not consent; its guardian is linked at a window")
        lists, mine = _lists(ctx, file, guardian), accounts_of(ctx, file, patient)
        everything = [one for listed in lists.values() for one in listed]
        how = _shown(ctx, caller, family_text("link", patient, guardian, until, signed_at), patient, signature)
        place, there = _there(ctx, lists, mine) or (guardian, None)
        known = [one for one in everything if one["who"] in mine]
        if signature and not (there and signed_at == _changed(there) and until == there["until"]):  # carried again
            _fresh(ctx, signed_at, max((_changed(one) for one in known), default=0))
        others = [one for one in everything if one is not there]
        if sum(_holds(ctx, one) for one in others) >= MEMBERS:
            conflict("FAMILY_FULL", f"one person books for at most {MEMBERS} others")
        if there is None and sum(one["from"] > ctx.now - YEAR_S for one in others) >= BEGUN:
            conflict("FAMILY_CHANGES", f"one person begins to book for at most {BEGUN} others in a year")
        entry = {
            "who": patient,
            "kind": kind,
            "from": there["from"] if there else ctx.now,
            "until": until,
            "ended": 0,
            "at": signed_at if signature else ctx.now,
            "by": caller.signer,
            "how": how,
        }
        left = [one for one in lists[place] if one is not there]
        return _paper(ctx, file, place, [*left, entry], caller, how)

    @query
    def Unlinking(self, ctx: SlotsContext, hospital: str, signature: str = "", signed_at: int = 0) -> Record:
        """Return the paper that ends a link (NO_FAMILY where there is none): both persons as for `Linking`.

        A hospital's staff and the authority do it for either person; other desks carry the patient's signature.
        """
        caller = _desk(ctx, hospital)
        file, patient, guardian = _both(ctx)
        lists, mine = _lists(ctx, file, guardian), accounts_of(ctx, file, patient)
        found = _there(ctx, lists, mine)
        if found is None:
            forbid("this person does not book for that one", "NO_FAMILY")
        place, there = found
        how = _shown(ctx, caller, family_text("unlink", patient, guardian, 0, signed_at), patient, signature)
        if signature:
            _fresh(ctx, signed_at, _changed(there) - 1)
        left = [{**one, "ended": ctx.now} if one is there else one for one in lists[place]]
        return _paper(ctx, file, place, left, caller, how)

    @transaction
    def SetFamily(self, ctx: SlotsContext, hospital: str, paper: str) -> None:
        """Write what `Linking` or `Unlinking` signed, by the desk that asked for it.

        FAMILY_CHANGED where this person's list is another than the paper found.
        """
        caller = _desk(ctx, hospital)
        found = read_paper(ctx, paper, PREFIX, _PAPER, longest=LONGEST)
        if found["v"] != caller.signer:
            forbid("another desk asked for this paper", "BAD_TICKET")
        if found["e"] - found["i"] > LIFE_S or ctx.passed(found["e"]):
            conflict("TICKET_EXPIRED", "the paper is older than ten minutes")
        if hashlib.sha256(ctx.records.raw("family", found["mark"])).hexdigest() != found["seen"]:
            conflict("FAMILY_CHANGED", "this family was changed elsewhere meanwhile")
        if found["w"] == "window":
            day = calendar.local_date(ctx.now, ctx.offset(hospital))
            count_officer(ctx, "family-officer", caller.signer, day, OFFICER_LINKS)
        record: Record = {"sealed": found["sealed"], "signer": caller.signer, "at": ctx.now}
        ctx.records.put(record, "family", found["mark"])

    @query
    def Family(self, ctx: SlotsContext, hospital: str) -> list[Record]:
        """Return for whom the person in the transient field `person` may book now: who, kind, from, until, by, how.

        To a hospital's staff at their window and the authority; at the authority's peers. `who` tells these from each
        other and is none of their accounts, which any desk gets for a document: nobody finds kin by comparing.
        """
        if _desk(ctx, hospital).role not in (STAFF, AUTHORITY):
            forbid("whose family somebody is a member of staff sees, while the person stands there")
        file = authority_file(ctx)
        guardian = _account(ctx, file, "person")
        return [
            {
                "who": mark_of(file, "family-shown", f"{guardian}\x00{main_account(ctx, file, one['who'])}"),
                **{name: one[name] for name in ("kind", "from", "until", "by", "how")},
            }
            for listed in _lists(ctx, file, guardian).values()
            for one in listed
            if _holds(ctx, one)
        ]

    @query
    def Acted(self, ctx: SlotsContext, appointment: str) -> Record:
        """Return who made an appointment for its patient, {} for nobody else: account and kind of the link.

        The authority only, as after a complaint; at its own peers.
        """
        ctx.require_role(AUTHORITY)
        file, record = authority_file(ctx), find_appointment(ctx, appointment)
        text = open_account(file, record.get("family", ""), record["resident"])
        found: Record = json.loads(text) if text else {}
        return found


def _desk(ctx: SlotsContext, hospital: str) -> Caller:
    """Who may ask: a desk that may book at the hospital, or the authority."""
    if ctx.caller.role == AUTHORITY:
        ctx.hospital(hospital)
        return ctx.require_role(AUTHORITY)
    return ctx.require_desk(hospital)


def _account(ctx: SlotsContext, file: KeyFile, name: str) -> str:
    data = ctx.stub.get_transient().get(name, b"")
    return main_account(ctx, file, account_id(file, *person_of(data)))


def _both(ctx: SlotsContext) -> tuple[KeyFile, str, str]:
    """The authority's key file, and the accounts of patient and guardian, who are two."""
    file = authority_file(ctx)
    patient, guardian = (_account(ctx, file, name) for name in ("person", "guardian"))
    if patient == guardian:
        bad("nobody is of one's own family")
    return file, patient, guardian


def adult_from(kind: str, document: str) -> int:
    """When the holder of a resident's card is eighteen, seconds since 1970 UTC by China's clock; 0 for what tells none.

    Who is born on 29 February is so on 1 March.
    """
    number = number_of(kind_of(kind), document)
    if kind_of(kind) != CARD or not number:
        return 0
    year, month, day = int(number[6:10]) + ADULT, int(number[10:12]), int(number[12:14])
    try:
        born = dt.date(year, month, day)
    except ValueError:
        born = dt.date(year, 3, 1)
    return max(1, calendar.at(born.isoformat(), 0, 480))


def _adult(ctx: SlotsContext, name: str) -> int:
    return adult_from(*person_of(ctx.stub.get_transient().get(name, b"")))


def _lists(ctx: SlotsContext, file: KeyFile, guardian: str) -> dict[str, list[Record]]:
    """The lists of a person's accounts, without what ended more than a year ago."""
    since = ctx.now - YEAR_S
    return {
        account: [one for one in family_of(ctx, file, account) if (one["ended"] or one["until"]) > since]
        for account in accounts_of(ctx, file, guardian)
    }


def _there(ctx: SlotsContext, lists: dict[str, list[Record]], patient: list[str]) -> tuple[str, Record] | None:
    """In which list a link to a person is that holds, and that link."""
    for account, listed in lists.items():
        for one in listed:
            if one["who"] in patient and _holds(ctx, one):
                return account, one
    return None


def _changed(one: Record) -> int:
    """When a link was made, changed or ended last; by a signature that is when it was signed."""
    return max(int(one["ended"]), int(one.get("at") or one["from"]))


def _holds(ctx: SlotsContext, one: Record) -> bool:
    return not one["ended"] and not ctx.passed(one["until"])


def _shown(ctx: SlotsContext, caller: Caller, text: bytes, patient: str, signature: str) -> str:
    """How the patient's will was shown: `window`, or `signature` by the key that a hospital bound to the account."""
    if not signature:
        if caller.role not in (STAFF, AUTHORITY):
            forbid("another desk than a hospital's carries the patient's signature")
        return "window"
    key = ctx.records.look("resident-key", patient)
    if key is None or key["state"] != "active":
        forbid("the patient has no key on the ledger", "NO_KEY")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        forbid("the patient's signature is wrong", "BAD_SIGNATURE")
    return "signature"


def _fresh(ctx: SlotsContext, signed_at: int, after: int) -> None:
    """Refuse a signature of long ago, or of before what was done since (BAD_SIGNATURE): nobody plays one again."""
    tolerance = int(ctx.settings["clock_tolerance_s"])
    if not ctx.now - SIGNED_S <= signed_at <= ctx.now + tolerance or signed_at <= after:
        forbid("the patient's signature is not of today, or older than the last change", "BAD_SIGNATURE")


def _filled(text: str) -> str:
    """With blanks up to a whole number of steps: how long a sealed list is does not say how many are in it."""
    return text + " " * (-len(text) % STEP)


def _paper(ctx: SlotsContext, file: KeyFile, guardian: str, listed: list[Record], caller: Caller, how: str) -> Record:
    mark = family_place(file, guardian)
    payload = {
        "mark": mark,
        "sealed": seal_text(file, _filled(json.dumps(listed)), mark),
        "seen": hashlib.sha256(ctx.records.raw("family", mark)).hexdigest(),
        "v": caller.signer,
        "w": how,
        "i": ctx.now,
        "e": ctx.now + LIFE_S,
        "k": file.id,
    }
    return {"paper": sign_paper(file, PREFIX, payload)}
