"""The list of a draw's applicants: applying, and freezing it in bounded transactions whatever its length."""

from __future__ import annotations

from chaincode.health_slots import fair_draw, terms
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.identities import has_identity
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict, missing
from chaincode.health_slots.registry import policy_of
from chaincode.health_slots.tickets import require_ticket
from fabric_sdk.chaincode import query, transaction

AT_ONCE = 2_000
"""Applicants of a draw that is frozen and finished in one transaction each."""
A_TRANSACTION = 20_000
"""Applicants that one transaction over some buckets reads at most."""
APPLICATION, BUCKET = "draw-application", "draw-bucket"


class DrawListFunctions:
    """Applying and freezing."""

    @transaction
    def ApplyForDraw(self, ctx: SlotsContext, draw: str, resident: str, ticket: str = "") -> Record:
        """Apply for a resident until the announced moment; once each.

        Where the rules ask for the real name before booking, they ask for it here: invented people get no chance.
        """
        record = find_draw(ctx, draw, "open")
        ctx.require_desk(record["hospital"])
        if ctx.passed(record["apply_until"]):
            conflict("TOO_LATE", "the time to apply is over")
        session = ctx.session(*terms.split_slot(record["slots"][0])[:2])
        day = str(record.get("date", session["date"]))
        vouched = require_ticket(ctx, record["hospital"], terms.resident_id(resident), day, ticket)
        place = (draw, fair_draw.bucket_of(terms.resident_id(resident)), resident)
        if ctx.records.exists(APPLICATION, *place):
            conflict("APPLIED_ALREADY", "the resident applied already")
        if policy_of(ctx, *session["policy"]).real_name == "booking" and not has_identity(
            ctx, record["hospital"], resident
        ):
            conflict("REAL_NAME_NEEDED", "this hospital asks for the resident's identity before applying")
        entry: Record = {"at": ctx.now, **vouched.entry()}
        ctx.records.put(entry, APPLICATION, *place)
        return entry

    @transaction
    def FreezeBuckets(self, ctx: SlotsContext, draw: str, first: int, count: int) -> int:
        """Freeze some buckets of a closed list, by their digests; anybody may. Returns their applicants."""
        find_draw(ctx, draw, "closing")
        total = 0
        for bucket, found in buckets_of(ctx, draw, first, count):
            total += len(found)
            ctx.records.put({"count": len(found), "digest": fair_draw.bucket_digest(found)}, BUCKET, draw, bucket)
        return total

    @transaction
    def BeginReveals(self, ctx: SlotsContext, draw: str) -> Record:
        """Freeze a closed list once all its buckets are frozen, and begin the reveals; anybody may."""
        record = find_draw(ctx, draw, "closing")
        names = [f"{number:02x}" for number in range(fair_draw.BUCKETS)]
        frozen = dict(zip(names, ctx.records.look_all(*((BUCKET, draw, name) for name in names)), strict=True))
        if None in frozen.values():
            conflict("TOO_EARLY", "not all buckets of the list are frozen")
        full = {name: found for name, found in frozen.items() if found is not None and found["count"]}
        digest = fair_draw.digest_of_buckets({name: found["digest"] for name, found in full.items()})
        record.update(frozen=digest, applicants=sum(found["count"] for found in full.values()))
        return self._begin_reveals(ctx, draw, record)

    @query
    def ListApplicants(self, ctx: SlotsContext, draw: str, bookmark: str = "") -> Record:
        """Return a page of at most 1000 applicants' ids: `{"items": [...], "bookmark"}`."""
        find_draw(ctx, draw)
        items, following = ctx.records.page(1000, bookmark, APPLICATION, (draw,))
        return {"items": [a[-1] for a, _ in items], "bookmark": following}

    def _begin_reveals(self, ctx: SlotsContext, draw: str, record: Record) -> Record:
        raise NotImplementedError


def freeze_at_once(ctx: SlotsContext, draw: str, record: Record) -> bool:
    """Freeze a short list into the draw's record; False if it is too long for one transaction."""
    applicants = []
    for attributes, _ in ctx.records.scan(APPLICATION, draw):
        applicants.append(attributes[-1])
        if len(applicants) > AT_ONCE:
            return False
    record.update(frozen=fair_draw.list_digest(applicants), applicants=len(applicants))
    return True


def buckets_of(ctx: SlotsContext, draw: str, first: int, count: int) -> list[tuple[str, list[str]]]:
    """The applicants of some buckets, in plain ranges; bounded."""
    terms.whole(first, 0, fair_draw.BUCKETS - 1, "the first bucket")
    terms.whole(count, 1, fair_draw.BUCKETS - first, "the number of buckets")
    found: list[tuple[str, list[str]]] = []
    total = 0
    for number in range(first, first + count):
        bucket = f"{number:02x}"
        applicants = [attributes[-1] for attributes, _ in ctx.records.scan(APPLICATION, draw, bucket)]
        total += len(applicants)
        if total > A_TRANSACTION and count > 1:
            bad(f"these buckets hold more than {A_TRANSACTION} applicants; take fewer", "TOO_MANY")
        found.append((bucket, applicants))
    return found


def find_draw(ctx: SlotsContext, draw: str, state: str = "") -> Record:
    """Return a draw's record; NOT_FOUND, or DRAW_STATE if it is in another state than `state`."""
    record = ctx.records.find("draw", terms.reference(draw, "a draw's id"))
    if record is None:
        missing(f"there is no draw {draw}")
    if state and record["state"] != state:
        conflict("DRAW_STATE", f"the draw is {record['state']}, not {state}")
    return record
