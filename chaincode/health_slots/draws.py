"""Draws for scarce slots: applicants frozen by hash, a seed from three parties, winners anybody can recompute."""

from __future__ import annotations

from dataclasses import dataclass

from chaincode.health_slots import fair_draw, terms
from chaincode.health_slots.appointments import take
from chaincode.health_slots.context import AUTHORITY, PATIENTS, PLATFORM, STAFF, SlotsContext
from chaincode.health_slots.identities import has_identity
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict, missing
from chaincode.health_slots.registry import policy_of
from chaincode.health_slots.slots import view_slot
from chaincode.health_slots.terms import DRAWN, FREE, PENDING, RETURNED
from chaincode.health_slots.waiting import SKIPPED
from fabric_sdk.chaincode import ChaincodeError, query, transaction

MAX_APPLICANTS = 20_000


@dataclass(frozen=True)
class DrawPlan:
    """A draw as announced: which slots, until when to apply, how long each party has to reveal (seconds)."""

    id: str
    hospital: str
    slots: list[str]
    apply_until: int
    turn_s: int = 600


class DrawFunctions:
    """From the announcement to the winners."""

    @transaction
    def OpenDraw(self, ctx: SlotsContext, plan: DrawPlan) -> Record:
        """Announce a draw and set its slots aside. The hospital's staff or the authority."""
        if ctx.caller.role == STAFF:
            ctx.require_staff(plan.hospital)
        else:
            ctx.require_role(AUTHORITY)
        terms.reference(plan.id, "a draw's id")
        if ctx.records.exists("draw", plan.id):
            conflict("DRAW_EXISTS", f"there is a draw {plan.id} already")
        if not 0 < len(plan.slots) <= 200 or len(set(plan.slots)) != len(plan.slots):
            bad("a draw has 1 to 200 different slots")
        if ctx.passed(plan.apply_until):
            bad("the time to apply is over already", "PAST_DATE")
        terms.whole(plan.turn_s, 1, 86_400, "turn_s")
        for name in plan.slots:
            view = view_slot(ctx, name)
            if view.hospital != plan.hospital:
                bad(f"slot {name} belongs to another hospital")
            if view.state not in (FREE, RETURNED):
                conflict("SLOT_TAKEN", f"slot {name} is {view.state}")
            view.put(ctx, {"state": DRAWN, "draw": plan.id})
        draw: Record = {
            "hospital": plan.hospital,
            "slots": sorted(plan.slots),
            "apply_until": plan.apply_until,
            "turn_s": plan.turn_s,
            "state": "open",
            "algorithm": fair_draw.ALGORITHM,
            "commitments": {},
            "tips": {},
            "skipped": {},
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(draw, "draw", plan.id)
        return draw

    @transaction
    def CommitSeed(self, ctx: SlotsContext, draw: str, tip: str) -> str:
        """Commit to a chain of seeds before the applicants are frozen; returns as which party."""
        record = self._draw(ctx, draw, "open")
        party = self._party(ctx, record)
        if party in record["tips"]:
            conflict("SEED_COMMITTED", f"the {party} committed already")
        if tip in record["tips"].values():
            conflict("SEED_COPIED", "another party committed to this chain; make one of your own")
        record["commitments"][party] = record["tips"][party] = terms.digest(tip, "the tip of a chain")
        ctx.records.put(record, "draw", draw)
        return party

    @transaction
    def ApplyForDraw(self, ctx: SlotsContext, draw: str, resident: str) -> Record:
        """Apply for a resident until the announced moment; once each.

        Where the rules ask for the real name before booking, they ask for it here: invented people get no chance.
        """
        record = self._draw(ctx, draw, "open")
        caller = ctx.require_desk(record["hospital"])
        if ctx.passed(record["apply_until"]):
            conflict("TOO_LATE", "the time to apply is over")
        if ctx.records.exists("draw-application", draw, terms.resident_id(resident)):
            conflict("APPLIED_ALREADY", "the resident applied already")
        session = ctx.session(*terms.split_slot(record["slots"][0])[:2])
        if policy_of(ctx, *session["policy"]).real_name == "booking" and not has_identity(
            ctx, record["hospital"], resident
        ):
            conflict("REAL_NAME_NEEDED", "this hospital asks for the resident's identity before applying")
        entry: Record = {"booker": caller.booker, "at": ctx.now}
        ctx.records.put(entry, "draw-application", draw, resident)
        return entry

    @transaction
    def FreezeDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """Freeze the applicants by the hash of their list and begin the reveals; anybody may once it is time."""
        record = self._draw(ctx, draw, "open")
        if not ctx.reached(record["apply_until"] + 1):
            conflict("TOO_EARLY", f"residents may apply until {record['apply_until']}")
        applicants = []
        for attributes, _ in ctx.records.scan("draw-application", draw):
            applicants.append(attributes[1])
            if len(applicants) > MAX_APPLICANTS:
                conflict("TOO_MANY", f"a draw takes at most {MAX_APPLICANTS} applicants")
        for party in fair_draw.PARTIES:
            if party not in record["tips"]:
                record["skipped"][party] = ["no-commitment", ctx.now]
        record.update(state="revealing", frozen=fair_draw.list_digest(applicants), applicants=len(applicants))
        self._begin_round(ctx, draw, record)
        return record

    @transaction
    def RevealSeed(self, ctx: SlotsContext, draw: str, value: str) -> Record:
        """Reveal the next link of one's chain, in turn and in time."""
        record = self._draw(ctx, draw, "revealing")
        party = self._party(ctx, record)
        if record["turn"] != party:
            conflict("NOT_YOUR_TURN", f"it is the {record['turn']}'s turn")
        if ctx.passed(record["turn_ends"]):
            conflict("TOO_LATE", "the turn is over")
        if fair_draw.link(bytes.fromhex(terms.digest(value, "a revealed value"))).hex() != record["tips"][party]:
            conflict("SEED_MISMATCH", "this is not what the party committed to")
        record["tips"][party] = value
        record["revealed"][party] = value
        self._next_turn(ctx, record)
        ctx.records.put(record, "draw", draw)
        return record

    @transaction
    def SkipParty(self, ctx: SlotsContext, draw: str) -> Record:
        """Skip and mark the party that let its turn pass; the others begin a new round. Anybody may."""
        record = self._draw(ctx, draw, "revealing")
        if not record["turn"] or not ctx.reached(record["turn_ends"] + 1):
            conflict("TOO_EARLY", "no party let its turn pass")
        record["skipped"][record["turn"]] = ["not-revealed", ctx.now]
        record.setdefault("void_rounds", []).append(record["revealed"])
        self._begin_round(ctx, draw, record)
        return record

    @transaction
    def FinishDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """Compute the winners and hold their slots for them; anybody may once everything is revealed."""
        record = self._draw(ctx, draw, "revealing")
        if record["turn"]:
            conflict("TOO_EARLY", f"the {record['turn']} has not revealed yet")
        entries = {a[1]: entry for a, entry in ctx.records.scan("draw-application", draw)}
        seed = fair_draw.seed_of(draw, record["frozen"], record["revealed"])
        ranked = iter(fair_draw.rank(seed, entries))
        won: list[list[str]] = []
        passed_over: list[str] = []
        why: Record = {}
        withdrawn: list[str] = []
        for index, name in enumerate(record["slots"]):
            view = view_slot(ctx, name, stopped_too=True)
            if view.state != DRAWN or view.session["state"] != terms.PUBLISHED:
                withdrawn.append(name)
                continue
            policy = policy_of(ctx, *view.session["policy"])
            for resident in ranked:
                try:
                    take(
                        ctx,
                        view,
                        policy,
                        resident,
                        PENDING,
                        policy.offer_s,
                        booker=entries[resident]["booker"],
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

    @query
    def GetDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """Return a draw."""
        return self._draw(ctx, draw)

    @query
    def ListApplicants(self, ctx: SlotsContext, draw: str, bookmark: str = "") -> Record:
        """Return a page of at most 1000 applicants' pseudonyms: `{"items": [...], "bookmark"}`."""
        self._draw(ctx, draw)
        items, following = ctx.records.page(1000, bookmark, "draw-application", (draw,))
        return {"items": [a[1] for a, _ in items], "bookmark": following}

    def _draw(self, ctx: SlotsContext, draw: str, state: str = "") -> Record:
        record = ctx.records.find("draw", terms.reference(draw, "a draw's id"))
        if record is None:
            missing(f"there is no draw {draw}")
        if state and record["state"] != state:
            conflict("DRAW_STATE", f"the draw is {record['state']}, not {state}")
        return record

    def _party(self, ctx: SlotsContext, record: Record) -> str:
        role = ctx.caller.role
        if role == STAFF:
            ctx.require_staff(record["hospital"])
            return "hospital"
        ctx.require_role(PLATFORM, PATIENTS)
        return "platform" if role == PLATFORM else "patients"

    def _begin_round(self, ctx: SlotsContext, draw: str, record: Record) -> None:
        record["round"] = record.get("round", 0) + 1
        record["revealed"] = {}
        self._next_turn(ctx, record)
        if len(fair_draw.PARTIES) - len(record["skipped"]) < fair_draw.LEAST:
            # What a single party knows beforehand is no draw.
            record.update(state="void", turn="", turn_ends=0)
            for name in record["slots"]:
                view = view_slot(ctx, name, stopped_too=True)
                if view.state == DRAWN:
                    view.put(ctx, {"state": RETURNED, "returned_at": ctx.now})
        ctx.records.put(record, "draw", draw)

    def _next_turn(self, ctx: SlotsContext, record: Record) -> None:
        waiting = [p for p in fair_draw.PARTIES if p not in record["skipped"] and p not in record["revealed"]]
        record["turn"] = waiting[0] if waiting else ""
        record["turn_ends"] = ctx.now + record["turn_s"] if waiting else 0
