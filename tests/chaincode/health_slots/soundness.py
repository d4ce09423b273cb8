"""What must hold of the slots ledger after every single call, whoever made it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from apps.health_slots.services.draws import rerun
from chaincode.health_slots import fair_draw
from chaincode.health_slots.policy import Policy
from chaincode.health_slots.terms import APPOINTMENT_MOVES, SLOT_MOVES
from fabric_sdk.chaincode.keys import split_composite_key
from tests.people import card

Records = dict[str, dict[tuple[str, ...], Any]]
LIVE = ("pending", "booked", "checked-in")
SESSION_MOVES = {"committed": {"committed", "published", "stopped"}, "published": {"published", "stopped"}}
PROMISED = (
    "root",
    "count",
    "release_at",
    "part",
    "kind",
    "fee",
    "policy",
    "committed_at",
    "start",
    "end",
    "department",
)
IDENTITY = ("张三", card(1)[:12], "1380013")
"""Parts of every identity that the tests deposit."""


def read_state(state: Mapping[str, bytes]) -> Records:
    """The ledger's records by kind and attributes."""
    found: Records = defaultdict(dict)
    for key, value in state.items():
        kind, attributes = split_composite_key(key)
        found[kind][tuple(attributes)] = json.loads(value)
    return found


def check_state(now: Records) -> None:
    """What holds of a state alone."""
    _slots(now)
    _money(now)
    _points(now)
    _queues(now)
    _draws(now)
    text = repr(now)
    assert not any(part in text for part in IDENTITY), "an identity is in public state"


def check_change(before: Records, now: Records, at: int) -> None:
    """What holds between two states with one committed call, made at the moment `at`, between them."""
    _moves(before, now, at)
    _takings(before, now, at)
    _promises(before, now)
    _kept_for_ever(before, now)
    for key, record in now["consent"].items():
        was = before["consent"].get(key, record)["state"]
        assert (was, record["state"]) in {("given", "given"), ("given", "revoked"), ("revoked", "revoked")}
    for key, trace in now["access"].items():
        if key not in before["access"]:
            consent = before["consent"][(trace["consent"],)]
            assert consent["state"] == "given" and at <= consent["until"] and consent["resident"] == key[0]
            assert consent["hospital"] == trace["hospital"]


def _slots(now: Records) -> None:
    appointments = now["appointment"]
    live = defaultdict(list)
    for record in appointments.values():
        if record["state"] in LIVE:
            live[record["slot"]].append(record["id"])
    for slot, ids in live.items():
        assert len(ids) == 1, f"{slot} has {len(ids)} live appointments"
        record = now["slot"][tuple(slot.split("."))]
        stopped = now["session"][tuple(slot.split(".")[:2])]["state"] == "stopped"
        assert not stopped, f"{slot} of a stopped session has a live appointment"
        assert record["state"] in ("held", "booked") and record["appointment"] == ids[0]
    expected = {"held": {"pending"}, "booked": {"booked", "checked-in", "fulfilled", "noshow"}}
    for key, record in now["slot"].items():
        if record["state"] in ("held", "booked"):
            holder = appointments[(record["appointment"],)]
            assert holder["slot"] == ".".join(key)
            stopped = now["session"][key[:2]]["state"] == "stopped"
            assert stopped or holder["state"] in expected[record["state"]], (record, holder)
            if record["state"] == "held" and not stopped:
                assert (holder["expires"], holder["resident"]) == (record["expires"], record["resident"])
        elif record["state"] == "returned":
            assert record["returned_at"] <= record["at"]
    for record in appointments.values():
        visits = now["visits"].get((record["resident"], record["visit_date"]), {})
        assert record["state"] not in ("booked", "checked-in") or record["id"] in visits
        assert record["state"] != "cancelled" or record["id"] not in visits
        if record["state"] in ("checked-in", "fulfilled"):
            used = [u for u in now["code-used"].values() if u["appointment"] == record["id"]]
            assert len(used) == 1, "who checks in burns one code"


def _moves(before: Records, now: Records, at: int) -> None:
    for key, record in now["appointment"].items():
        was = before["appointment"].get(key, {"state": ""})["state"]
        assert was in ("", record["state"]) or record["state"] in APPOINTMENT_MOVES[was], (was, record["state"])
        assert was or record["state"] in ("pending", "booked")
        if record["state"] == "cancelled" != was and was:
            why = record["cancelled"][0]
            assert was != "checked-in" or why in ("session-stopped", "slot-stopped"), (
                "a resident cancelled after coming"
            )
            assert why != "lapsed" or before["appointment"][key]["expires"] < at, "a hold ended before its time"
    for key, record in now["slot"].items():
        old = before["slot"].get(key)
        was = old["state"] if old else "free"
        same = old == record or (was == record["state"] and record["state"] in ("booked", "drawn", "stopped"))
        assert same or record["state"] in SLOT_MOVES[was], (key, was, record["state"])
        assert old is None or old.get("added") == record.get("added")
        if was == "booked" and record["state"] == "stopped" and old:
            holder = before["appointment"][(old["appointment"],)]["state"]
            assert holder in ("booked", "checked-in"), "a slot that is over was withdrawn"
        if was == "held" == record["state"] and old and old["appointment"] != record["appointment"]:
            assert old["expires"] < record["at"], "a hold was taken away before it ran out"
    for key, record in now["session"].items():
        was = before["session"].get(key, {"state": "committed"})["state"]
        assert record["state"] in SESSION_MOVES.get(was, {was}), (was, record["state"])
    for kind in ("appointment", "slot", "session"):
        assert set(before[kind]) <= set(now[kind]), f"a {kind} vanished"


def _takings(before: Records, now: Records, at: int) -> None:
    """Every new appointment is of somebody who may, on a slot that was there to be had."""
    for key, record in now["appointment"].items():
        if key in before["appointment"]:
            continue
        session = now["session"][tuple(record["slot"].split(".")[:2])]
        rules = Policy.trusted(now["policy"][(session["policy"][0], f"{session['policy'][1]:06d}")]["rules"])
        assert before["conduct"].get((record["resident"],), {"until": 0})["until"] <= at, "barred, and booked"
        counted = [
            a
            for a in now["appointment"].values()
            if (a["resident"], a["visit_date"]) == (record["resident"], record["visit_date"])
            and a["state"] != "cancelled"
            and (a["state"] != "pending" or a["expires"] >= at)
        ]
        assert len(counted) <= rules.per_day
        place = (record["hospital"], record["department"])
        assert sum(1 for a in counted if (a["hospital"], a["department"]) == place) <= rules.per_department_day
        old = before["slot"].get(tuple(record["slot"].split(".")), {"state": "free"})
        offered = now["slot"][tuple(record["slot"].split("."))].get("offered", False)
        lapsed = old["state"] == "held" and old["expires"] < at
        if offered:
            assert old["state"] in ("returned", "drawn") or lapsed
        else:
            assert old["state"] == "free" or (lapsed and rules.given_up == "free" and not old.get("offered"))


def _promises(before: Records, now: Records) -> None:
    for key, record in now["session"].items():
        old = before["session"].get(key)
        if old is None:
            assert record["state"] == "committed" and "runs" not in record
            continue
        for name in PROMISED:
            assert record[name] == old[name], f"{name} of {key} changed"
        if "runs" in record:
            assert record["published_at"] >= record["release_at"], "opened before the release"
        for name in ("runs", "secret", "published_at", "published_by"):
            assert name not in old or record[name] == old[name], f"{name} of {key} changed after the release"
        changes, had = record.get("changes", []), old.get("changes", [])
        assert changes[: len(had)] == had
        if (record["date"], record["doctor"], record.get("shift", 0)) != (
            old["date"],
            old["doctor"],
            old.get("shift", 0),
        ):
            assert len(changes) == len(had) + 1 and changes[-1]["signer"] and changes[-1]["reason"]
    rosters: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for (hospital, _), record in now["session"].items():
        if record["state"] == "stopped":  # its doctor is free for another
            continue
        midnight = dt.date.fromisoformat(record["date"]).toordinal() * 1440 + record.get("shift", 0)
        rosters[hospital, record["doctor"]].append((midnight + record["start"], midnight + record["end"]))
    for hours in rosters.values():
        hours.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(hours)), "a doctor in two places"


def _kept_for_ever(before: Records, now: Records) -> None:
    for kind in ("policy", "posting", "points-entry", "code-used", "access", "payment-reference"):
        for key, record in before[kind].items():
            found = now[kind].get(key, {})
            # An entry of points may be marked as reversed; nothing else changes, and no mark is taken off.
            assert found in (record, {**record, "reversed": True}) or kind != "points-entry"
            assert found == record or kind == "points-entry", f"a {kind} was rewritten"


def _money(now: Records) -> None:
    orders: dict[str, Counter[str]] = defaultdict(Counter)
    cleared: Counter[tuple[str, str, str]] = Counter()
    settled: set[tuple[str, str, str]] = set()
    paid: dict[str, int] = defaultdict(int)
    for (hospital, date, order, _), posting in now["posting"].items():
        assert sum(amount for _, amount in posting["lines"]) == 0, "an unbalanced posting"
        for account, amount in posting["lines"]:
            orders[order][account] += amount
            if account.startswith("clearing:"):
                cleared[hospital, date, account] += amount
        if posting["why"] == "settlement":
            settled.add((hospital, date, "clearing:" + order.partition(":")[2]))
        if posting["why"] in ("payment", "late-payment", "refund"):
            paid[posting["reference"]] += 1
    assert all(count == 1 for count in paid.values()), "a payment was posted twice"
    for day in settled:
        assert cleared[day] == 0, f"{day} is settled, and does not come to nothing"
    for (id,), record in now["appointment"].items():
        bill, books = record["bill"], orders[id]
        clearing = sum(amount for account, amount in books.items() if account.startswith("clearing:"))
        assert books["receivable"] == bill["due"] - bill["paid"] >= 0
        assert -books["refunds"] == bill["refund_due"] >= 0
        assert clearing == bill["paid"] - bill["refunded"] >= 0
        assert bill["paid"] >= bill["refund_due"] + bill["refunded"]
        assert -books["revenue"] == bill["due"] - bill["refund_due"] - bill["refunded"]
        if record["state"] == "cancelled":
            assert bill["paid"] == bill["refund_due"] + bill["refunded"]
        if record["state"] == "pending" and not record.get("confirmed"):
            assert bill["paid"] <= bill["due"]


def _points(now: Records) -> None:
    sums: Counter[str] = Counter()
    everything: Counter[str] = Counter()
    earned: Counter[str] = Counter()
    for key, entry in now["points-entry"].items():
        assert sum(amount for _, amount in entry["lines"]) == 0
        sums[key[0]] += entry["lines"][0][1]
        everything[entry["lines"][1][0]] += entry["lines"][1][1]
        # Where the ledger asks for tickets the authority credits a hospital's days: no entry names a visit.
        if entry["account"] == "issued" and not entry["source"].startswith("reversal:") and entry["source"] != "H1":
            earned[entry["source"]] += 1
            assert now["appointment"][(entry["source"],)]["state"] == "fulfilled"
            assert now["appointment"][(entry["source"],)]["resident"] == key[0], "points of somebody else's visit"
    assert all(count == 1 for count in earned.values()), "points were earned twice for one visit"
    for (who,), account in now["points"].items():
        assert account["balance"] == sum(lot[1] for lot in account["lots"]) == sums[who] >= 0
        assert all(lot[1] > 0 for lot in account["lots"])
    assert set(sums) <= {k[0] for k in now["points"]}
    assert sum(sums.values()) == -sum(everything.values())


def _queues(now: Records) -> None:
    places = {(*key[:2], r["resident"]): list(key[2:]) for key, r in now["waiting"].items()}
    assert len(places) == len(now["waiting"]), "somebody has two places in one queue"
    assert places == {key: record["place"] for key, record in now["waiter"].items()}


def _draws(now: Records) -> None:
    drawn = {".".join(key): record["draw"] for key, record in now["slot"].items() if record["state"] == "drawn"}
    for slot, draw in drawn.items():
        record = now["draw"][(draw,)]
        stopped = now["session"][tuple(slot.split(".")[:2])]["state"] == "stopped"
        assert slot in record["slots"] and (stopped or record["state"] not in ("done", "void")), (slot, record)
    for (id,), record in now["draw"].items():
        applicants = [key[-1] for key in now["draw-application"] if key[0] == id]
        for key in now["draw-application"]:
            assert key[1] == fair_draw.bucket_of(key[2])
        if "frozen" not in record:
            assert record["state"] in ("open", "closing", "void")
            continue
        assert record["frozen"] == fair_draw.list_digest(applicants)
        if record["state"] == "done":
            assert rerun(id, record, applicants).agrees
            assert len({who for who, _ in record["winners"]}) == len(record["winners"])
        elif record["state"] == "revealing" and record["turn"]:
            assert record["turn"] not in record["revealed"] and len(record["commitments"]) == 3
        if record["state"] == "done" and "value" not in record["number"]:
            assert set(record["revealed"]) == set(fair_draw.PARTIES), "a draw counts with all three or not at all"
        assert len(record.get("void_rounds", [])) <= fair_draw.ROUNDS


def check_offer(before: Records, now: Records, slot: str) -> None:
    """A returned slot went to the first in its queue who may have it."""
    session = tuple(slot.split(".")[:2])
    queue = sorted(key for key in before["waiting"] if key[:2] == session)
    gone = [key for key in queue if key not in now["waiting"]]
    assert gone == queue[: len(gone)], "somebody further back was served first"
    holder = now["slot"][tuple(slot.split("."))]
    assert before["waiting"][gone[-1]]["resident"] == holder["resident"]
