"""授权许可: exclusive, sole and ordinary licences, signed by both sides; use metering and royalty splits."""

from __future__ import annotations

from datetime import date
from typing import Any

from chaincode.copyright import scope
from chaincode.copyright.records import LICENCE, USAGE, WORK, CopyrightContext, Record, first_entry, move, refuse
from chaincode.copyright.works import SHARES, require_free, require_owner
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import transaction

STATES: dict[str, tuple[str, ...]] = {
    "OFFERED": ("ACTIVE", "REJECTED", "WITHDRAWN"),
    "ACTIVE": ("TERMINATED",),
}
_MAX_FEN = 10**15


def _read_terms(ctx: CopyrightContext, value: object) -> Record:
    form, policy = Fields(value), ctx.policy
    terms: Record = {
        "licensee": form.party("licensee"),
        "kind": form.code("kind", (scope.EXCLUSIVE, scope.SOLE, scope.ORDINARY)),
        "rights": form.codes("rights", policy.codes("rights")),
        "territory": form.territory("territory"),
        "from": form.day("from"),
        "until": form.day("until"),
        "fee_fen": form.integer("fee_fen", 0, _MAX_FEN, default=0),
        "royalty_bp": form.integer("royalty_bp", 0, SHARES, default=0),
        "unit_fen": form.integer("unit_fen", 0, _MAX_FEN, default=0),
        "sublicensing": form.boolean("sublicensing"),
        "parent": form.text("parent", 64, required=False),
        "terms": form.text("terms", policy.limit("text_characters"), required=False),
        "contract_sha256": form.sha256("contract_sha256", required=False),
    }
    form.done()
    if terms["until"] < terms["from"]:
        invalid("until", "lies before from")
    if terms["until"] < ctx.today:
        invalid("until", "lies in the past")
    return terms


def in_force(ctx: CopyrightContext, work_id: str) -> list[Record]:
    """Licences of a work that bind today or later."""
    licences = ctx.all_of("licences", work_id, LICENCE)
    return [one for one in licences if one["state"] == "ACTIVE" and one["until"] >= ctx.today]


class Licences:
    """授权许可 and 使用计量."""

    @transaction
    def OfferLicence(self, ctx: CopyrightContext, work_id: str, terms: dict[str, Any]) -> dict[str, Any]:
        """An owner (or a licensee who may sublicense, naming `parent`) offers a licence; the licensee must accept.

        Exclusive and sole licences need every co-owner's consent and, on a pledged work, the pledgee's.
        """
        work = ctx.read(WORK, work_id)
        require_free(work)
        record = _read_terms(ctx, terms) | {"work_id": work_id, "licensor": ctx.party}
        if record["licensee"] == ctx.party:
            raise refuse("SAME_PARTY", "licensor and licensee are the same")
        if record["parent"]:
            self._check_parent(ctx, record)
            needed: list[str] = []
        else:
            require_owner(ctx, work)
            needed = consents_needed(ctx, work, ctx.party, everybody=record["kind"] != scope.ORDINARY)
        self._check_conflict(ctx, work, record)
        record |= {"state": "OFFERED", "consents": dict.fromkeys(needed, ""), "log": first_entry(ctx, "OFFERED")}
        ctx.create(LICENCE, record, also=owners_of(work))
        ctx.index("licences", work_id, record["id"])
        ctx.index("licensee", record["licensee"], record["id"])
        ctx.event("LicenceOffered", record)
        return record

    def _check_parent(self, ctx: CopyrightContext, record: Record) -> None:
        parent = ctx.read(LICENCE, record["parent"])
        if parent["work_id"] != record["work_id"] or parent["licensee"] != ctx.party or parent["state"] != "ACTIVE":
            raise refuse("NOT_LICENSEE", "the parent licence is not yours or not in force", 403)
        if not parent["sublicensing"]:
            raise refuse("NO_SUBLICENSING", "the licence does not allow sublicences", 403)
        if not scope.within(record, parent):
            raise refuse("BEYOND_LICENCE", "the sublicence goes beyond the licence", 403)
        if parent["kind"] == scope.ORDINARY and record["kind"] != scope.ORDINARY:
            raise refuse("BEYOND_LICENCE", "an ordinary licence gives ordinary sublicences only", 403)

    def _check_conflict(self, ctx: CopyrightContext, work: Record, record: Record) -> None:
        other = scope.conflict(record, in_force(ctx, work["id"]))
        if other is not None:
            where = f"licence {other['id']} ({other['kind']})"
            raise refuse("LICENCE_CONFLICT", f"{where} covers the same until {other['until']}")
        if work["number"]:
            until = ctx.read("registration", work["registration"]).get("right_until")
            if until and record["until"] > until:
                raise refuse("RIGHT_EXPIRES", f"the right ends on {until}")

    @transaction
    def ConsentLicence(self, ctx: CopyrightContext, licence_id: str) -> dict[str, Any]:
        """A co-owner or pledgee consents to an offered licence."""
        return consent(ctx, ctx.read(LICENCE, licence_id), "OFFERED", "LicenceConsented")

    @transaction
    def AcceptLicence(self, ctx: CopyrightContext, licence_id: str) -> dict[str, Any]:
        """The licensee signs; the licence is in force if nothing stands against it by now."""
        record = ctx.read(LICENCE, licence_id)
        self._licensee(ctx, record)
        require_state(record, "OFFERED")
        require_consents(record)
        work = ctx.read(WORK, record["work_id"])
        require_free(work)
        if record["until"] < ctx.today:
            raise refuse("DEADLINE_PASSED", f"the offer ended on {record['until']}")
        if record["parent"]:
            parent = ctx.read(LICENCE, record["parent"])
            if parent["state"] != "ACTIVE":
                raise refuse("NOT_LICENSEE", "the parent licence is no longer in force")
        else:
            if record["licensor"] not in [owner["party"] for owner in work["owners"]]:
                raise refuse("NOT_OWNER", "the licensor no longer owns the work")
            everybody = record["kind"] != scope.ORDINARY
            require_still_agreed(ctx, work, record, record["licensor"], record["licensee"], everybody=everybody)
        self._check_conflict(ctx, work, record)
        move(ctx, record, "ACTIVE", STATES)
        ctx.event("LicenceGranted", ctx.update(record))
        return record

    def _licensee(self, ctx: CopyrightContext, record: Record) -> None:
        if ctx.party != record["licensee"]:
            raise refuse("NOT_LICENSEE", "only the licensee may do this", 403)

    @transaction
    def RejectLicence(self, ctx: CopyrightContext, licence_id: str) -> dict[str, Any]:
        """The licensee declines an offer."""
        record = ctx.read(LICENCE, licence_id)
        self._licensee(ctx, record)
        move(ctx, record, "REJECTED", STATES)
        ctx.event("LicenceRejected", ctx.update(record))
        return record

    @transaction
    def WithdrawLicence(self, ctx: CopyrightContext, licence_id: str) -> dict[str, Any]:
        """The licensor takes an offer back."""
        record = ctx.read(LICENCE, licence_id)
        if ctx.party != record["licensor"]:
            raise refuse("NOT_LICENSOR", "only the licensor may do this", 403)
        move(ctx, record, "WITHDRAWN", STATES)
        ctx.event("LicenceWithdrawn", ctx.update(record))
        return record

    @transaction
    def TerminateLicence(self, ctx: CopyrightContext, licence_id: str, reason: str) -> dict[str, Any]:
        """End a licence: the licensee gives it up alone, the licensor's wish needs the licensee's (call by both)."""
        record = ctx.read(LICENCE, licence_id)
        text = Fields({"reason": reason}).text("reason", ctx.policy.limit("text_characters"))
        if ctx.party == record["licensor"] and record["state"] == "ACTIVE":
            record["termination_asked"] = {"by": ctx.party, "at": ctx.now, "reason": text}
            ctx.event("LicenceTerminationAsked", ctx.update(record))
            return record
        self._licensee(ctx, record)
        move(ctx, record, "TERMINATED", STATES, [text])
        ctx.event("LicenceTerminated", ctx.update(record))
        return record

    @transaction
    def RecordUsage(self, ctx: CopyrightContext, licence_id: str, usage: dict[str, Any]) -> dict[str, Any]:
        """The licensee reports use in a period; the royalty is computed and split by the owners' shares (in fen)."""
        licence = ctx.read(LICENCE, licence_id)
        self._licensee(ctx, licence)
        if licence["state"] != "ACTIVE":
            raise refuse("WRONG_STATE", f"licence {licence_id} is {licence['state']}")
        form = Fields(usage)
        record: Record = {
            "from": form.day("from"),
            "until": form.day("until", latest=date.fromisoformat(ctx.today)),
            "unit": form.text("unit", 32),
            "quantity": form.integer("quantity", 0, 10**12),
            "revenue_fen": form.integer("revenue_fen", 0, _MAX_FEN, default=0),
        }
        form.done()
        if not licence["from"] <= record["from"] <= record["until"] <= licence["until"]:
            invalid("from", "the period does not lie within the licence")
        for other in ctx.all_of("usage", licence_id, USAGE):
            counted = other["unit"] == record["unit"] and other["state"] != "DISPUTED"
            if counted and scope.periods_overlap(record, other):
                raise refuse("USAGE_COUNTED", f"{other['id']} covers part of this period already")
        royalty = record["revenue_fen"] * licence["royalty_bp"] // SHARES + record["quantity"] * licence["unit_fen"]
        owners = ctx.read(WORK, licence["work_id"])["owners"]
        if licence["parent"]:
            owners = [{"party": licence["licensor"], "share": SHARES}]
        record |= {
            "licence_id": licence_id,
            "work_id": licence["work_id"],
            "state": "REPORTED",
            "reporter": ctx.party,
            "licensor": licence["licensor"],
            "royalty_fen": royalty,
            "split": split(royalty, owners),
            "log": first_entry(ctx, "REPORTED"),
        }
        ctx.create(USAGE, record)
        ctx.index("usage", licence_id, record["id"])
        ctx.event("UsageRecorded", record)
        return record

    @transaction
    def SettleUsage(self, ctx: CopyrightContext, usage_id: str, accepted: bool, note: str) -> dict[str, Any]:
        """The licensor confirms a reported use, or disputes it."""
        record = ctx.read(USAGE, usage_id)
        if ctx.party != ctx.read(LICENCE, record["licence_id"])["licensor"]:
            raise refuse("NOT_LICENSOR", "only the licensor may do this", 403)
        text = Fields({"note": note}).text("note", ctx.policy.limit("text_characters"), required=not accepted)
        move(ctx, record, "SETTLED" if accepted else "DISPUTED", {"REPORTED": ("SETTLED", "DISPUTED")}, [text])
        ctx.event("UsageSettled", ctx.update(record))
        return record


def owners_of(work: Record) -> list[str]:
    """The parties that own a work."""
    return [owner["party"] for owner in work["owners"]]


def split(amount: int, owners: list[Record]) -> list[Record]:
    """Divide fen by shares so that nothing is lost: largest remainders first, then by party name."""
    exact = [(owner["party"], amount * owner["share"]) for owner in owners]
    parts = {party: product // SHARES for party, product in exact}
    left = amount - sum(parts.values())
    for party, _ in sorted(exact, key=lambda one: (-(one[1] % SHARES), one[0]))[:left]:
        parts[party] += 1
    return [{"party": party, "fen": parts[party]} for party, _ in exact]


def consents_needed(ctx: CopyrightContext, work: Record, party: str, *, everybody: bool) -> list[str]:
    """Who must consent to what `party` wants with a work: the other co-owners, and the pledgee of a pledged one
    (民法典 art. 444)."""
    needed = [owner["party"] for owner in work["owners"] if owner["party"] != party] if everybody else []
    if work["pledge"]:
        pledgee = ctx.read("pledge", work["pledge"])["pledgee"]
        if pledgee != party and pledgee not in needed:
            needed.append(pledgee)
    return needed


def require_still_agreed(
    ctx: CopyrightContext, work: Record, record: Record, by: str, signing: str, *, everybody: bool
) -> None:
    """Refuse when somebody whose consent is needed by now was never asked: owners or pledge have changed since `by`
    proposed it. `signing` agrees by what they are doing."""
    missing = [
        party
        for party in consents_needed(ctx, work, by, everybody=everybody)
        if party != signing and not record["consents"].get(party)
    ]
    owners = [party for party in missing if party in [owner["party"] for owner in work["owners"]]]
    if owners:
        raise refuse("OWNERS_CHANGED", f"{', '.join(owners)} own part of it by now; propose it again", 412)
    if missing:
        raise refuse("PLEDGED", f"the work was pledged since ({work['pledge']})")


def consent(ctx: CopyrightContext, record: Record, state: str, event: str) -> Record:
    """Note the caller's consent."""
    require_state(record, state)
    if ctx.party not in record["consents"]:
        raise refuse("NOT_ASKED", "your consent is not needed", 403)
    record["consents"][ctx.party] = ctx.stub.tx_id
    ctx.event(event, ctx.update(record))
    return record


def require_state(record: Record, state: str) -> None:
    """Refuse a record that is in another state."""
    if record["state"] != state:
        raise refuse("WRONG_STATE", f"{record['type']} {record['id']} is {record['state']}")


def require_consents(record: Record) -> None:
    """Refuse while somebody's consent is missing."""
    missing = sorted(party for party, given in record["consents"].items() if not given)
    if missing:
        raise refuse("CONSENT_MISSING", f"the consent of {', '.join(missing)} is missing", 412)
