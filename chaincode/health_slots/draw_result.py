"""The outcome of a draw: ranks in bounded transactions, and the winners' slots held for them."""

from __future__ import annotations

from chaincode.health_slots import fair_draw, terms
from chaincode.health_slots.appointments import take
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.draw_again import seed_of_record
from chaincode.health_slots.draw_list import APPLICATION, AT_ONCE, BUCKET, buckets_of, find_draw
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import conflict
from chaincode.health_slots.registry import policy_of
from chaincode.health_slots.slots import view_slot
from chaincode.health_slots.terms import DRAWN, PENDING, RETURNED
from chaincode.health_slots.tickets import Vouched
from chaincode.health_slots.waiting import SKIPPED
from fabric_sdk.chaincode import ChaincodeError, transaction


class DrawResultFunctions:
    """Ranking and finishing; anybody may, once everything is revealed."""

    @transaction
    def RankBuckets(self, ctx: SlotsContext, draw: str, first: int, count: int) -> int:
        """Note the first in rank of some buckets of a long list; returns how many it looked at."""
        record = _decided(ctx, draw)
        seed, most = seed_of_record(draw, record), fair_draw.reach(len(record["slots"]))
        total = 0
        for bucket, found in buckets_of(ctx, draw, first, count):
            total += len(found)
            known = ctx.records.find(BUCKET, draw, bucket) or {}
            if known.get("digest") != fair_draw.bucket_digest(found):
                conflict("LIST_DIFFERS", f"bucket {bucket} is not the one that was frozen")
            known["top"] = fair_draw.rank(seed, found)[:most]
            ctx.records.put(known, BUCKET, draw, bucket)
        return total

    @transaction
    def FinishDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """Compute the winners and hold their slots for them."""
        record = _decided(ctx, draw)
        seed = seed_of_record(draw, record)
        ranked = iter(self._first(ctx, draw, record, seed))
        won: list[list[str]] = []
        passed_over: list[str] = []
        why: Record = {}
        withdrawn: list[str] = []
        for index, name in enumerate(record["slots"]):
            view = view_slot(ctx, name, stopped_too=True)
            over = ctx.passed(view.begins())
            if view.state != DRAWN or view.session["state"] != terms.PUBLISHED or over:
                if view.state == DRAWN and over:
                    view.put(ctx, {"state": RETURNED, "returned_at": ctx.now})
                withdrawn.append(name)
                continue
            policy = policy_of(ctx, *view.session["policy"])
            for resident in ranked:
                entry = ctx.records.look(APPLICATION, draw, fair_draw.bucket_of(resident), resident) or {}
                try:
                    take(
                        ctx,
                        view,
                        policy,
                        resident,
                        PENDING,
                        policy.offer_s,
                        vouched=Vouched.of(entry),
                        suffix=f"{index:03d}",
                        offered=True,
                    )
                except ChaincodeError as refusal:
                    if refusal.code not in SKIPPED:
                        raise
                    passed_over.append(resident)
                    why[resident] = refusal.code
                    continue
                won.append([resident, name])
                break
            else:
                view.put(ctx, {"state": RETURNED, "returned_at": ctx.now})
        record.update(
            state="done",
            seed=seed.hex(),
            winners=won,
            passed_over=passed_over,
            passed_over_why=why,
            withdrawn=withdrawn,
            finished_at=ctx.now,
        )
        ctx.records.put(record, "draw", draw)
        ctx.stub.set_event("DrawFinished", draw.encode())
        return record

    def _first(self, ctx: SlotsContext, draw: str, record: Record, seed: bytes) -> list[str]:
        """The first in rank, as many as a draw of so many slots looks at."""
        if record["applicants"] <= AT_ONCE:
            everybody = [attributes[-1] for attributes, _ in ctx.records.scan(APPLICATION, draw)]
        else:
            names = [f"{number:02x}" for number in range(fair_draw.BUCKETS)]
            found = ctx.records.look_all(*((BUCKET, draw, name) for name in names))
            if any(bucket is None or "top" not in bucket for bucket in found):
                conflict("TOO_EARLY", "not all buckets of the list are ranked (RankBuckets)")
            everybody = [resident for bucket in found if bucket is not None for resident in bucket["top"]]
        return fair_draw.rank(seed, everybody)[: fair_draw.reach(len(record["slots"]))]


def _decided(ctx: SlotsContext, draw: str) -> Record:
    record = find_draw(ctx, draw, "revealing")
    if record["turn"]:
        conflict("TOO_EARLY", f"the {record['turn']} has not revealed yet")
    return record
