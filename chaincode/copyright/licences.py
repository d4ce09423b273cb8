"""授权许可: what data cannot say of licences and their use: conflicts, sublicences, royalties."""

from __future__ import annotations

from chaincode.copyright import scope
from chaincode.copyright.kinds import KINDS, Licence, Usage
from chaincode.copyright.records import LICENCE, USAGE, WORK, Record, refuse
from chaincode.copyright.roles import ORDINARY
from chaincode.copyright.works import SHARES
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import invalid
from chaincode.kit.records import KitContext


def in_force(ctx: KitContext, work_id: str) -> list[Record]:
    """Licences of a work that bind today or later."""
    licences = ctx.all_of("licences", work_id, LICENCE)
    return [one for one in licences if one["state"] == "ACTIVE" and one["until"] >= ctx.today]


class Licences(Part, kinds=[one for one in KINDS if one in (Licence, Usage)]):
    """授权许可 and 使用计量."""

    @rule(Licence.offer, Licence.sublicense)
    def _offered(self, doing: Doing) -> None:
        """Exclusive and sole licences need every co-owner's consent and, on a pledged work, the pledgee's."""
        ctx, record, work = doing.ctx, doing.record, doing.on
        if record["until"] < record["from"]:
            invalid("until", "lies before from")
        if record["until"] < ctx.today:
            invalid("until", "lies in the past")
        if record["licensee"] == doing.party:
            raise refuse("SAME_PARTY", "licensor and licensee are the same")
        if record["parent"]:
            _check_parent(ctx, record)
        else:
            everybody = record["kind"] != ORDINARY
            record["consents"] = dict.fromkeys(consents_needed(ctx, work, doing.party, everybody=everybody), "")
        _check_conflict(ctx, work, record)
        doing.also += owners_of(work)

    @rule(Licence.accept)
    def _accepted(self, doing: Doing) -> None:
        """The licence is in force if nothing stands against it by now."""
        ctx, record, work = doing.ctx, doing.record, doing.parent
        if record["until"] < ctx.today:
            raise refuse("DEADLINE_PASSED", f"the offer ended on {record['until']}")
        if record["parent"]:
            if ctx.read(LICENCE, record["parent"])["state"] != "ACTIVE":
                raise refuse("NOT_LICENSEE", "the parent licence is no longer in force")
        else:
            if record["licensor"] not in owners_of(work):
                raise refuse("NOT_OWNER", "the licensor no longer owns the work")
            everybody = record["kind"] != ORDINARY
            require_still_agreed(ctx, work, record, record["licensor"], record["licensee"], everybody=everybody)
        _check_conflict(ctx, work, record)

    @rule(Licence.ask_end)
    def _end_asked(self, doing: Doing) -> None:
        doing.record["termination_asked"] = {"by": doing.party, "at": doing.ctx.now, "reason": doing.given["reason"]}

    @rule(Usage.record)
    def _used(self, doing: Doing) -> None:
        """The royalty is computed and split by the owners' shares (in fen)."""
        ctx, record, licence = doing.ctx, doing.record, doing.on
        if not licence["from"] <= record["from"] <= record["until"] <= licence["until"]:
            invalid("from", "the period does not lie within the licence")
        for other in ctx.all_of("usage", licence["id"], USAGE):
            counted = other["unit"] == record["unit"] and other["state"] != "DISPUTED"
            if counted and scope.periods_overlap(record, other):
                raise refuse("USAGE_COUNTED", f"{other['id']} covers part of this period already")
        owners = ctx.read(WORK, licence["work_id"])["owners"]
        if licence["parent"]:
            owners = [{"party": licence["licensor"], "share": SHARES}]
        royalty = record["revenue_fen"] * licence["royalty_bp"] // SHARES + record["quantity"] * licence["unit_fen"]
        record |= {
            "work_id": licence["work_id"],
            "licensor": licence["licensor"],
            "royalty_fen": royalty,
            "split": split(royalty, owners),
        }


def _check_parent(ctx: KitContext, record: Record) -> None:
    parent = ctx.read(LICENCE, record["parent"])
    if parent["work_id"] != record["work_id"] or parent["licensee"] != ctx.party or parent["state"] != "ACTIVE":
        raise refuse("NOT_LICENSEE", "the parent licence is not yours or not in force", 403)
    if not parent["sublicensing"]:
        raise refuse("NO_SUBLICENSING", "the licence does not allow sublicences", 403)
    if beyond := scope.beyond(record, parent):
        raise refuse("BEYOND_LICENCE", f"{beyond}: the sublicence goes beyond the licence", 403)
    if parent["kind"] == ORDINARY and record["kind"] != ORDINARY:
        raise refuse("BEYOND_LICENCE", "kind: an ordinary licence gives ordinary sublicences only", 403)


def _check_conflict(ctx: KitContext, work: Record, record: Record) -> None:
    other = scope.conflict(record, in_force(ctx, work["id"]))
    if other is not None:
        where = f"licence {other['id']} ({other['kind']})"
        raise refuse("LICENCE_CONFLICT", f"{where} covers the same until {other['until']}")
    if work["number"]:
        until = ctx.read("registration", work["registration"]).get("right_until")
        if until and record["until"] > until:
            raise refuse("RIGHT_EXPIRES", f"the right ends on {until}")


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


def consents_needed(ctx: KitContext, work: Record, party: str, *, everybody: bool) -> list[str]:
    """Who must consent to what `party` wants with a work: the other co-owners, and the pledgee of a pledged one
    (民法典 art. 444)."""
    needed = [owner["party"] for owner in work["owners"] if owner["party"] != party] if everybody else []
    if work["pledge"]:
        pledgee = ctx.read("pledge", work["pledge"])["pledgee"]
        if pledgee != party and pledgee not in needed:
            needed.append(pledgee)
    return needed


def require_still_agreed(
    ctx: KitContext, work: Record, record: Record, by: str, signing: str, *, everybody: bool
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
