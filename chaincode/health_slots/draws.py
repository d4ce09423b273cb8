"""Draws for scarce slots: applicants frozen by hash, a seed from three parties, winners anybody can recompute."""

from __future__ import annotations

from dataclasses import dataclass

from chaincode.health_slots import calendar, fair_draw, terms
from chaincode.health_slots.context import AUTHORITY, PATIENTS, PLATFORM, STAFF, SlotsContext
from chaincode.health_slots.draw_list import DrawListFunctions, find_draw, freeze_at_once
from chaincode.health_slots.draw_result import DrawResultFunctions
from chaincode.health_slots.records import Record
from chaincode.health_slots.referrals import require_public
from chaincode.health_slots.refusals import bad, conflict, forbid
from chaincode.health_slots.slots import view_slot
from chaincode.health_slots.terms import DRAWN, FREE, RETURNED
from chaincode.health_slots.tickets import asks_for_tickets
from fabric_sdk.chaincode import query, transaction

TURNS_OF_TOLERANCE = 4
"""A turn lasts at least so many clock tolerances: no dating of a message inside them takes a party's turn away."""
APPLY_DAYS = 30
NUMBER_SOURCE = "fucai-3d"
"""The daily three-digit lottery of 福利彩票, whose result stands in every newspaper."""
ABANDON_DAYS = 14


@dataclass(frozen=True)
class DrawPlan:
    """A draw as announced: which slots, until when to apply, how long each party has to reveal (seconds).

    `number_source` and `number_date` name the public number that decides if two rounds are void: the result of a day
    after both could be over; "" takes the usual one of the first such day.
    """

    id: str
    hospital: str
    slots: list[str]
    apply_until: int
    turn_s: int = 1200
    number_source: str = ""
    number_date: str = ""


class DrawFunctions(DrawListFunctions, DrawResultFunctions):
    """From the announcement to the winners."""

    @transaction
    def OpenDraw(self, ctx: SlotsContext, plan: DrawPlan) -> Record:
        """Announce a draw and set its slots aside. The hospital's staff or the authority.

        Refused: turns shorter than four clock tolerances, and a draw that may last longer than until its first slot
        begins: what is set aside must not disappear.
        """
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
        shortest = TURNS_OF_TOLERANCE * int(ctx.settings["clock_tolerance_s"])
        terms.whole(plan.turn_s, shortest, 86_400, "turn_s")
        begins, dates = self._set_aside(ctx, plan)
        if len(dates) > 1 and asks_for_tickets(ctx):
            bad("the slots of a draw are of one date, as the ids of those who apply are", "DRAW_DATES")
        if plan.apply_until > ctx.now + APPLY_DAYS * calendar.DAY:
            bad(f"residents apply for {APPLY_DAYS} days at most", "OUT_OF_BOUNDS")
        if plan.apply_until + len(fair_draw.PARTIES) * plan.turn_s > begins:
            bad("the draw could last until its first slot begins", "OUT_OF_BOUNDS")
        draw: Record = {
            "hospital": plan.hospital,
            "slots": sorted(plan.slots),
            "date": min(dates),
            "apply_until": plan.apply_until,
            "turn_s": plan.turn_s,
            "ends": begins,
            "number": self._number(ctx, plan),
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
        record = find_draw(ctx, draw, "open")
        party = self._party(ctx, record)
        if party in record["tips"]:
            conflict("SEED_COMMITTED", f"the {party} committed already")
        if tip in record["tips"].values():
            conflict("SEED_COPIED", "another party committed to this chain; make one of your own")
        record["commitments"][party] = record["tips"][party] = terms.digest(tip, "the tip of a chain")
        ctx.records.put(record, "draw", draw)
        return party

    @transaction
    def FreezeDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """Close the list and freeze it by its hash; anybody may once it is time.

        A list too long for one transaction is closed only: `FreezeBuckets` and `BeginReveals` go on.
        """
        record = find_draw(ctx, draw, "open")
        if not ctx.reached(record["apply_until"] + 1):
            conflict("TOO_EARLY", f"residents may apply until {record['apply_until']}")
        record.update(algorithm=fair_draw.ALGORITHM, number=record.get("number") or self._number_now(ctx, record))
        if not freeze_at_once(ctx, draw, record):
            record["state"] = "closing"
            ctx.records.put(record, "draw", draw)
            return record
        return self._begin_reveals(ctx, draw, record)

    @transaction
    def RevealSeed(self, ctx: SlotsContext, draw: str, value: str) -> Record:
        """Reveal the next link of one's chain, in turn and in time."""
        record = find_draw(ctx, draw, "revealing")
        party = self._party(ctx, record)
        if record["turn"] != party:
            conflict("NOT_YOUR_TURN", f"it is the {record['turn'] or 'nobody'}'s turn")
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
        """Void the round of a party that let its turn pass, marked for everybody to see. Anybody may.

        A second round follows with the next links; after it the announced number decides.
        """
        record = find_draw(ctx, draw, "revealing")
        if not record["turn"] or not ctx.reached(record["turn_ends"] + 1):
            conflict("TOO_EARLY", "no party let its turn pass")
        record["skipped"][record["turn"]] = ["not-revealed", ctx.now]
        record.setdefault("void_rounds", []).append({**record["revealed"], "silent": record["turn"]})
        self._begin_round(ctx, draw, record)
        return record

    @transaction
    def EnterNumber(self, ctx: SlotsContext, draw: str, value: str) -> Record:
        """Enter the announced public number after its day; it counts once two parties entered it alike."""
        record = find_draw(ctx, draw, "number")
        party = self._party(ctx, record)
        if not value.isascii() or not value.isalnum() or len(value) > 64:
            bad("a public number is 1 to 64 digits and letters")
        number = record["number"]
        if not ctx.reached(calendar.at(calendar.add_days(number["date"], 1), 0, ctx.offset(record["hospital"]))):
            conflict("TOO_EARLY", f"the number of {number['date']} may not be known yet")
        entries = number.setdefault("entries", {})
        entries[party] = value
        if sum(entry == value for entry in entries.values()) > 1:
            number["value"] = value
            record.update(state="revealing", turn="", turn_ends=0)
        ctx.records.put(record, "draw", draw)
        return record

    @transaction
    def CloseDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """End a draw that nobody finished, and let its slots go on; anybody may once its first slot begins.

        A draw that waits for its number has a fortnight after the number's day.
        """
        record = find_draw(ctx, draw)
        if record["state"] in ("done", "void"):
            conflict("DRAW_STATE", f"the draw is {record['state']}")
        ends = int(record.get("ends", 0)) or min(view_slot(ctx, s, stopped_too=True).begins() for s in record["slots"])
        if not ctx.reached(ends):
            conflict("TOO_EARLY", f"the draw may be finished until {ends}")
        record.update(state="void", turn="", turn_ends=0, closed_at=ctx.now)
        for name in record["slots"]:
            view = view_slot(ctx, name, stopped_too=True)
            if view.state == DRAWN:
                view.put(ctx, {"state": RETURNED, "returned_at": ctx.now})
        ctx.records.put(record, "draw", draw)
        return record

    @query
    def GetDraw(self, ctx: SlotsContext, draw: str) -> Record:
        """Return a draw."""
        return find_draw(ctx, draw)

    def _set_aside(self, ctx: SlotsContext, plan: DrawPlan) -> tuple[int, set[str]]:
        """Set the slots aside; returns when the first of them begins, and their dates."""
        begins, dates = [], set()
        for name in plan.slots:
            view = view_slot(ctx, name)
            if view.hospital != plan.hospital:
                bad(f"slot {name} belongs to another hospital")
            if view.state not in (FREE, RETURNED):
                conflict("SLOT_TAKEN", f"slot {name} is {view.state}")
            require_public(ctx, view)
            view.put(ctx, {"state": DRAWN, "draw": plan.id})
            begins.append(view.begins())
            dates.add(str(view.session["date"]))
        return min(begins), dates

    def _number(self, ctx: SlotsContext, plan: DrawPlan) -> Record:
        over = plan.apply_until + fair_draw.ROUNDS * len(fair_draw.PARTIES) * plan.turn_s
        first = calendar.add_days(calendar.local_date(over, ctx.offset(plan.hospital)), 1)
        date = calendar.parse_date(plan.number_date).isoformat() if plan.number_date else first
        if not first <= date <= calendar.add_days(first, ABANDON_DAYS):
            bad(f"the public number is one of {first} or the fortnight after", "OUT_OF_BOUNDS")
        return {"source": terms.reference(plan.number_source or NUMBER_SOURCE, "a number's source"), "date": date}

    def _number_now(self, ctx: SlotsContext, record: Record) -> Record:
        """The usual number, for a draw that was opened before there was one."""
        plan = DrawPlan("", record["hospital"], record["slots"], ctx.now, record["turn_s"])
        return self._number(ctx, plan)

    def _party(self, ctx: SlotsContext, record: Record) -> str:
        role = ctx.caller.role
        if role == STAFF:
            ctx.require_staff(record["hospital"])
            return "hospital"
        if role not in (PLATFORM, PATIENTS):
            forbid("parties of a draw are its hospital, the platform and the patients' side")
        ctx.require_role(PLATFORM, PATIENTS)
        return "platform" if role == PLATFORM else "patients"

    def _begin_reveals(self, ctx: SlotsContext, draw: str, record: Record) -> Record:
        for party in fair_draw.PARTIES:
            if party not in record["tips"]:
                record["skipped"][party] = ["no-commitment", ctx.now]
        record["state"] = "revealing"
        self._begin_round(ctx, draw, record)
        return record

    def _begin_round(self, ctx: SlotsContext, draw: str, record: Record) -> None:
        record["round"] = record.get("round", 0) + 1
        record["revealed"] = {}
        if record["round"] > fair_draw.ROUNDS or len(record["tips"]) < len(fair_draw.PARTIES):
            record.update(state="number", turn="", turn_ends=0)
        else:
            self._next_turn(ctx, record)
        ctx.records.put(record, "draw", draw)

    def _next_turn(self, ctx: SlotsContext, record: Record) -> None:
        waiting = [p for p in fair_draw.PARTIES if p not in record["revealed"]]
        record["turn"] = waiting[0] if waiting else ""
        record["turn_ends"] = ctx.now + record["turn_s"] if waiting else 0
