"""Goods on the ledger: who holds them, what they are in, what is stopped; changed by events alone.

Single things (serial numbers, containers) have a record each: `holder`, `to` (sent to), `in` (container), `has`
(contents), `last` (time of the last event). Lots are counted: everybody's part is a stock of its own. `rank` orders
what was made after what it was made of, so that nothing is made of itself. `marked` are the recalls of the thing,
`stops` those of it or anything inside, `lots` the lots inside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from chaincode.kit.records import CLOCK_TOLERANCE, KitContext, dump, refuse
from chaincode.traceability.documents import MOST_GOODS, Amounts, Seen
from chaincode.traceability.event_hash import utc
from chaincode.traceability.identifiers import company_digits, is_class
from chaincode.traceability.stocks import Amount, Stocks, add, split
from fabric_sdk.kinds import Record

DEEPEST = 12
"""Containers within containers."""
MOST_LOTS = 200
"""Lots in one container."""
SHIPPING, VOID = "shipping", "void_shipping"
RECEIVING = ("receiving", "accepting", "arriving")
SELLING = ("retail_selling", "dispensing")


def enterprise_of(ctx: KitContext, name: str) -> Record | None:
    """The enterprise whose company prefix a canonical name begins with; None for names of nobody known here."""
    digits = company_digits(name)
    for length in range(4, min(12, len(digits)) + 1):
        if found := ctx.indexed_value("company", digits[:length]):
            return ctx.read("enterprise", found)
    return None


def good_of(ctx: KitContext, name: str) -> Record | None:
    """The record of goods by their canonical name."""
    found = ctx.get(ctx.stub.create_composite_key("good", [name]))
    return json.loads(found) if found else None


class Goods(Stocks):
    """The goods of one event, captured by the caller."""

    def __init__(self, ctx: KitContext, seen: Seen) -> None:
        super().__init__(ctx)
        self.seen = seen
        self.party, self.at = ctx.party, utc(seen.at)
        self.receiver = ""
        self.inside: Amounts = {}
        self._recalls: dict[str, Record] = {}

    def happen(self) -> None:
        """Change the goods as the event says; ChaincodeError where it cannot have happened so."""
        seen = self.seen
        if seen.what == "TransformationEvent":
            self._transform()
        elif seen.what in ("AggregationEvent", "AssociationEvent"):
            self._contain()
        elif seen.what == "ObjectEvent" and seen.action != "OBSERVE":
            for name, amount in seen.epcs.items():
                self._make(name, amount) if seen.action == "ADD" else self._end(name, amount)
        else:
            self._observe()

    # -- kinds of events -----------------------------------------------------------------------------
    def _observe(self) -> None:
        seen = self.seen
        step = seen.step if seen.what == "ObjectEvent" else ""
        self._check_parties(step)
        for name, amount in self._named(seen.epcs):
            if step in (SHIPPING, VOID) and self.receiver:
                self._ship(name, amount, back=step == VOID)
            elif step in RECEIVING and good_of(self.ctx, name) is not None:
                self._receive(name, amount)
            else:
                record = self._seen(name, amount)
                if step in SELLING or step == SHIPPING:
                    self._check_free(record)
                self._put(name, record)

    def _named(self, goods: Amounts) -> list[tuple[str, Amount]]:
        return [*(((self.seen.parent, Amount()),) if self.seen.parent else ()), *goods.items()]

    def _check_parties(self, step: str) -> None:
        """Nobody ships as somebody else, or receives for them."""
        own, other = (self.seen.sources, self.seen.destinations)
        if step in RECEIVING:
            own, other = other, own
        for name in own if step in (SHIPPING, VOID, *RECEIVING) else ():
            known = enterprise_of(self.ctx, name)
            if known is not None and known["party"] != self.party:
                raise refuse("NOT_YOURS", f"{name} is {known['name']}, which is not yours", 403)
        if step in (SHIPPING, VOID):
            known = next((one for name in other if (one := enterprise_of(self.ctx, name)) is not None), None)
            self.receiver = known["party"] if known is not None and known["party"] != self.party else ""

    def _contain(self) -> None:
        seen = self.seen
        if seen.action == "OBSERVE":
            for name, amount in self._named(seen.children):
                self._put(name, self._seen(name, amount))
            return
        container = self._seen(seen.parent, {})
        self._put(seen.parent, container)
        if seen.action == "ADD":
            self._check_free(container)
            for name, amount in seen.children.items():
                self._pack(seen.parent, name, amount)
        else:
            for name, amount in (seen.children or {one: {} for one in container["has"]}).items():
                self._unpack(seen.parent, name, amount)

    def _transform(self) -> None:
        ctx, process = self.ctx, self.seen.process or self.seen.hash
        key = ctx.stub.create_composite_key("process", [process])
        known = ctx.get(key)
        work: Record = json.loads(known) if known else {"party": self.party, "rank": 1, "made": False, "marked": []}
        if work["party"] != self.party:
            raise refuse("NOT_YOURS", f"the process {process} is another enterprise's", 403)
        names = dict(self.seen.inputs)
        for name in list(names):
            names |= self._emptied(name)
        if len(names) + len(self.seen.outputs) > MOST_GOODS:
            raise refuse("TOO_MANY", f"one event takes at most {MOST_GOODS} goods, those in containers included")
        rank = work["rank"]
        for name, amount in names.items():
            record = self._used(name, amount)
            rank = max(rank, record["rank"] + 1)
            work["marked"] = sorted({*work["marked"], *record["marked"]})
            ctx.index("used", process, name, value="1")
        if rank > work["rank"] and work["made"]:
            raise refuse("LOOP", f"the process {process} has made goods already, before these inputs")
        work["rank"] = rank
        for name, amount in self.seen.outputs.items():
            self._make(name, amount, rank, work["marked"])
            ctx.index("made", process, name, value="1")
        work["made"] |= bool(self.seen.outputs)
        ctx.put(key, dump(work))
        self.inside = {name: amount for name, amount in names.items() if name not in self.seen.inputs}

    # -- single goods --------------------------------------------------------------------------------
    def _new(self, rank: int = 0, *, outside: bool = False) -> Record:
        record = {"maker": self.party, "holder": self.party, "to": "", "state": "active", "rank": rank, "in": "",
                  "has": {}, "height": 0, "marked": [], "stops": {}, "lots": {}, "since": self.at, "last": self.at,
                  "used": False}  # fmt: skip
        return record | ({"outside": True} if outside else {})

    def _make(self, name: str, amount: Amount, rank: int = 0, marks: list[str] | None = None) -> None:
        """New goods under one's own company prefix; of a lot, more of one's own."""
        known = enterprise_of(self.ctx, name)
        if company_digits(name) and (known is None or known["party"] != self.party or known["state"] != "ADMITTED"):
            raise refuse("FOREIGN_PREFIX", f"{name} does not begin with a company prefix of yours", 403)
        record = good_of(self.ctx, name)
        if record is None:
            record = self._new(rank)
        elif not is_class(name) or record["maker"] != self.party:
            raise refuse("EXISTS", f"{name} exists already")
        elif rank > record["rank"] and record["used"]:
            raise refuse("LOOP", f"{name} was used already; what it is made of now came later")
        record["rank"] = max(rank, record["rank"])
        record["since"] = min(record["since"], self.at)
        self._put(name, record)
        if is_class(name):
            self._give(name, amount or {"": None}, self.party)
        for recall in marks or ():
            mark(self.ctx, recall, name)

    def _seen(self, name: str, amount: Amount) -> Record:
        """Goods that the caller holds; those that come from outside are taken in."""
        record = good_of(self.ctx, name)
        if record is None:
            known = enterprise_of(self.ctx, name)
            if known is not None and known["party"] != self.party:
                raise refuse("NOT_HELD", f"{name} is goods of {known['name']}, who has not made it yet", 403)
            if is_class(name):
                self._give(name, amount or {"": None}, self.party)
            return self._new(outside=known is None)
        self._check_time(name, record)
        if is_class(name):
            if not self._stock("stock", name, self.party):
                raise refuse("NOT_HELD", f"you hold nothing of {name}", 403)
            return record
        if record["state"] != "active":
            raise refuse("GONE", f"{name} was {'used' if record['state'] == 'used' else 'ended'} already")
        if self._outermost(record)["holder"] != self.party:
            raise refuse("NOT_HELD", f"{name} is held by somebody else", 403)
        return record

    def _used(self, name: str, amount: Amount) -> Record:
        record = self._seen(name, amount)
        self._check_free(record)
        if is_class(name):
            self._take(name, amount, "stock", self.party)
            record["used"] = True
        else:
            self._check_loose(name, record)
            record |= {"state": "used", "to": ""}
        self._put(name, record)
        return record

    def _end(self, name: str, amount: Amount) -> None:
        record = self._seen(name, amount)
        if is_class(name):
            self._take(name, amount, "stock", self.party)
        else:
            self._check_loose(name, record)
            if record["has"]:
                raise refuse("NOT_EMPTY", f"{name} has goods inside; take them out first")
            record |= {"state": "ended", "to": ""}
        self._put(name, record)

    def _ship(self, name: str, amount: Amount, *, back: bool) -> None:
        if is_class(name):
            record = good_of(self.ctx, name) if back else self._seen(name, amount)
            if back:
                self._give(name, self._take(name, amount, "transit", self.receiver, self.party), self.party)
            else:
                taken = self._take(name, amount, "stock", self.party)
                self._give(name, taken, self.receiver, self.party, table="transit")
        else:
            record = self._seen(name, amount)
            self._check_loose(name, record)
            record["to"] = "" if back else self.receiver
        assert record is not None
        if not back:
            self._check_free(record, self.receiver)
        self._put(name, record)

    def _receive(self, name: str, amount: Amount) -> None:
        record = good_of(self.ctx, name)
        assert record is not None
        self._check_time(name, record)
        if is_class(name):
            for _, _, sender in self.ctx.indexed("transit", name, self.party):
                if self._stock("transit", name, self.party, sender):
                    self._give(name, self._take(name, {"": None}, "transit", self.party, sender), self.party)
                    self._put(name, record)
                    return
        elif record["to"] == self.party and record["state"] == "active":
            self._put(name, record | {"holder": self.party, "to": ""})
            return
        self._put(name, self._seen(name, amount))

    # -- containers ----------------------------------------------------------------------------------
    def _chain(self, name: str) -> Iterator[tuple[str, Record]]:
        """A thing and what it is in, outwards."""
        for _ in range(DEEPEST + 1):
            record = good_of(self.ctx, name)
            if record is None:
                return
            yield name, record
            name = record["in"]

    def _outermost(self, record: Record) -> Record:
        for _, outer in self._chain(record["in"]) if record["in"] else ():
            record = outer
        return record

    def _pack(self, container: str, name: str, amount: Amount) -> None:
        around = list(self._chain(container))
        if name in dict(around):
            raise refuse("LOOP", f"{name} contains {container}")
        record = self._seen(name, amount)
        self._check_free(record)
        has = around[0][1]["has"]
        if is_class(name):
            taken = self._take(name, amount, "stock", self.party)
            inner: Record = {"stops": {}, "lots": {} if name in has else {name: 1}, "height": 0}
            has[name] = add(has.get(name, {}), taken)
        else:
            self._check_loose(name, record)
            has[name] = {}
            record |= {"in": container, "to": ""}
            inner = record
        if len(around) + inner["height"] > DEEPEST or len(has) > MOST_GOODS:
            raise refuse("TOO_MANY", f"{container}: containers stand at most {DEEPEST} deep with {MOST_GOODS} in each")
        self._put(name, record)
        for level, (outer, its) in enumerate(around):
            its["height"] = max(its["height"], inner["height"] + level + 1)
            _carry(its, inner, 1)
            if len(its["lots"]) > MOST_LOTS:
                raise refuse("TOO_MANY", f"{outer} holds more than {MOST_LOTS} lots")
            self._put(outer, its)
        self.ctx.index("held", container, name, value="1")

    def _unpack(self, container: str, name: str, amount: Amount) -> None:
        around = list(self._chain(container))
        has = around[0][1]["has"]
        if name not in has:
            if good_of(self.ctx, name) is not None:
                raise refuse("NOT_INSIDE", f"{name} is not in {container}")
            self._put(name, self._seen(name, amount))
            return
        record = good_of(self.ctx, name)
        assert record is not None
        inner: Record = record
        if is_class(name):
            left, taken = split(has[name], amount or {"": None}, name)
            self._give(name, taken, self.party)
            inner = {"stops": {}, "lots": {} if left else {name: 1}}
            if left:
                has[name] = left
        else:
            left = {}
            record |= {"in": "", "holder": self.party}
        if not left:
            del has[name]
        for outer, its in around:
            _carry(its, inner, -1)
            self._put(outer, its)
        self._put(name, record)

    def _emptied(self, name: str) -> Amounts:
        """What is inside a container that is used up: it is used with it, however deep it lies."""
        record = None if is_class(name) else good_of(self.ctx, name)
        found: Amounts = {}
        if record is None or not record["has"]:
            return found
        self._seen(name, {})
        for inner, amount in list(record["has"].items()):
            self._unpack(name, inner, {})
            found[inner] = amount
            found |= self._emptied(inner)
            if len(found) > MOST_GOODS:
                raise refuse("TOO_MANY", f"{name} has more than {MOST_GOODS} goods inside")
        return found

    # -- checks --------------------------------------------------------------------------------------
    def _check_time(self, name: str, record: Record) -> None:
        earliest = datetime.fromisoformat(record["since" if is_class(name) else "last"].replace("Z", "+00:00"))
        if self.seen.at + CLOCK_TOLERANCE < earliest:
            raise refuse("TOO_EARLY", f"{name} has an event of {utc(earliest)}, which is later", 409)

    def _check_loose(self, name: str, record: Record) -> None:
        if record["in"]:
            raise refuse("PACKED", f"{name} is in {record['in']}; name that, or take it out first")

    def _check_free(self, record: Record, receiver: str = "") -> None:
        """Refuse to move what a recall stopped before the event; back to whoever recalls it may go."""
        recalls = {*record["marked"], *record["stops"]}
        for lot in record["lots"]:
            recalls |= set((good_of(self.ctx, lot) or {"marked": ()})["marked"])
        for one in sorted(recalls):
            recall = self._recalls.setdefault(one, self.ctx.read("recall", one))
            if recall["state"] != "WITHDRAWN" and recall["begun"] <= self.at and receiver != recall["party"]:
                raise refuse("STOPPED", f"the recall {one} stops these goods")

    def _put(self, name: str, record: Record) -> None:
        record["last"] = max(record["last"], self.at)
        _write(self.ctx, name, record)


def mark(ctx: KitContext, recall: str, name: str) -> bool:
    """Stop goods for a recall, and whatever they are in; False if they were already."""
    record = good_of(ctx, name)
    if record is None:
        raise refuse("NOT_FOUND", f"there are no goods {name}", 404)
    if recall in record["marked"]:
        return False
    record["marked"] = sorted([*record["marked"], recall])
    _write(ctx, name, record)
    while not is_class(name):
        record["stops"][recall] = record["stops"].get(recall, 0) + 1
        _write(ctx, name, record)
        name = record["in"]
        if not name or (outer := good_of(ctx, name)) is None:
            break
        record = outer
    return True


def _write(ctx: KitContext, name: str, record: Record) -> None:
    ctx.put(ctx.stub.create_composite_key("good", [name]), dump(record))


def _carry(outer: Record, inner: Mapping[str, Any], sign: int) -> None:
    """Count what is stopped inside, and which lots are there, into or out of a container."""
    for what in ("stops", "lots"):
        for key, count in inner[what].items():
            total = outer[what].pop(key, 0) + sign * count
            if total > 0:
                outer[what][key] = total


def days_late(at: datetime, now: datetime) -> int:
    """How many whole days after it happened an event is recorded."""
    return max(0, (now - at) // timedelta(days=1))
