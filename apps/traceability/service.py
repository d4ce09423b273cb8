"""制造溯源 as a service: what the kit does, and capture, queries, traces and recalls over the graph of goods."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.kit.ledger import Committed
from apps.kit.service import Service
from apps.traceability import epcis
from apps.traceability.index import GoodsIndex, RecallSet, Walk
from baas.content.cid import RAW, ParsedCid
from baas.errors import CityChainError, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.traceability.event_hash import instant_of, utc
from chaincode.traceability.kinds import MOST_EVENTS, MOST_MARKS, Event, Notice, Readings, Recall

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from baas.platform import Platform

CALL_BYTES = 1_000_000
"""Bytes of events in one call."""
MOST_READINGS = 1_000_000


@dataclass
class Capture:
    """What became of a document: how many events were recorded, were known before, were declared errors."""

    recorded: list[str] = field(default_factory=list)
    known: int = 0
    declared: int = 0
    block: int = 0


@dataclass(frozen=True)
class Trace:
    """Goods up and down the stream, with their events and where they are now."""

    name: str
    back: Walk
    forth: Walk
    events: Sequence[Mapping[str, Any]]
    states: Mapping[str, Mapping[str, Any]]
    readings: Sequence[Mapping[str, Any]]


class TraceabilityService(Service):
    """One network's goods."""

    def __init__(self, platform: Platform, network: str, manifest: KitManifest) -> None:
        super().__init__(platform, network, manifest)
        self.index = GoodsIndex(platform.workspace.path("traceability", self.network, "goods.db"))

    def close(self) -> None:
        self.index.close()

    def sync(self, *, ctx: JobContext = NULL_CONTEXT) -> int:
        """Bring the graph up to the ledger; returns how many blocks were read."""
        self.platform.session.require(self.manifest.read)
        return self.index.sync(self.ledger, self.reader, ctx=ctx)

    # -- capture -------------------------------------------------------------------------------------
    def capture(
        self, data: bytes, *, signer: str = "", most: int = epcis.MOST_BYTES, ctx: JobContext = NULL_CONTEXT
    ) -> Capture:
        """Record the events of an EPCIS document; those that are recorded already are passed over.

        A call takes many events, all or none; earlier calls stay. What is on the ledger of an event is what the graph
        needs and the hash; the event itself is kept in the content store.
        """
        self.platform.session.require(self.permission(Event.capture))
        events = epcis.events_of(data, most)
        self.sync()
        done, chosen = Capture(), signer or self.signer_of(Event.capture, {})
        fresh: dict[str, epcis.Captured] = {}
        for one in events:
            known = self.index.rows("SELECT id, state FROM event WHERE hash = ?", one.hash)
            if one.wrong:
                done.declared += self._declare(one, known, chosen)
            elif known or one.hash in fresh:
                done.known += 1
            else:
                fresh[one.hash] = one
        for number, batch in enumerate(_batches(fresh.values())):
            ctx.check_cancelled()
            ctx.progress(number * MOST_EVENTS, len(fresh), Text("采集事件", "Capture events"))
            self._keep(batch)
            hashes = [hashlib.sha256(one.data).hexdigest() for one in batch]
            sent = {digest: one.data for digest, one in zip(hashes, batch, strict=True)}
            made = self.ledger.submit(chosen, Event.capture.many, [{"sha256": one} for one in hashes], transient=sent)
            done.recorded += [one["id"] for one in made.value]
            done.block = made.block
        return done

    def _keep(self, batch: Iterable[epcis.Captured]) -> None:
        for one in batch:
            self.platform.content.add(io.BytesIO(one.data), name=f"{one.event.get('type')}.json")

    def _declare(self, one: epcis.Captured, known: Sequence[tuple[Any, ...]], signer: str) -> bool:
        if not known:
            raise UserError(
                Text("声明有误的事件不在账本上。", "The event that is declared wrong is not on the ledger."),
                code="unknown_event",
            )
        record_id, state = known[0]
        if state != Event.RECORDED.name:
            return False
        self.do(Event.declare, {"reason": one.wrong}, on=record_id, signer=signer)
        return True

    # -- queries -------------------------------------------------------------------------------------
    def query(self, parameters: Mapping[str, str], limit: int = epcis.PAGE, after: int = 0) -> dict[str, Any]:
        """The events that fit, as they were captured; of those whose content is elsewhere, what the ledger knows.

        `after` is where a page before ended; `next` in the answer is where this one did, 0 for the end.
        """
        self.sync()
        where, values = epcis.condition(parameters)
        if not 1 <= limit <= epcis.PAGE:
            raise UserError(Text("每页 1 至 {n} 个。", "A page has 1 to {n} events.", n=epcis.PAGE), code="query_page")
        rows = self.index.select(where, values, limit, after)
        namespaces: dict[str, str] = {}
        events = []
        for row in rows:
            event, known = self.event(row)
            if any(namespaces.get(name, uri) != uri for name, uri in known.items()):
                event = {"@context": [known], **event}
            else:
                namespaces |= known
            events.append(event)
        return epcis.answer(events, namespaces) | ({"next": rows[-1]["number"]} if len(rows) == limit else {})

    def event(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """An event as it was captured, checked against the ledger, with its namespaces."""
        try:
            data = b"".join(self.platform.content.cat(ParsedCid(1, RAW, bytes.fromhex(row["sha256"])).text))
        except CityChainError:
            brief = {"type": row["what"], "eventID": row["hash"], "eventTime": row["at"]}
            return brief | {"eventTimeZoneOffset": row["zone"], "bizStep": row["step"]}, {}
        body = json.loads(data)
        return dict(body["event"]), dict(body["namespaces"])

    # -- traces --------------------------------------------------------------------------------------
    def trace(self, uri: str, most: int = 2_000) -> Trace:
        """Goods up- and downstream."""
        self.sync()
        back, forth = (self.index.walk(uri, forward=forward, most=most) for forward in (False, True))
        names = [*back.reached, *forth.reached]
        readings = [one for one in self.all(Readings) if one["goods"] in set(back.reached) | set(forth.reached)]
        return Trace(back.start, back, forth, self.index.events_of(uri), self.index.state_of(names), readings)

    def recall_set(self, uri: str) -> RecallSet:
        """All that a recall of these goods takes in."""
        self.sync()
        return self.index.recall_set(uri)

    def stop(self, recall_id: str, *, signer: str = "", ctx: JobContext = NULL_CONTEXT) -> int:
        """Stop what is affected by a recall and not stopped yet, until nothing is left; returns how many were."""
        recall, count = self.read(recall_id), 0
        while True:
            steps = self.missing(recall)
            if not steps:
                return count
            for at in range(0, len(steps), MOST_MARKS):
                ctx.check_cancelled()
                ctx.progress(at, len(steps), Text("停止流通", "Stop goods"))
                self.do(Recall.mark, {"steps": steps[at : at + MOST_MARKS]}, on=recall_id, signer=signer)
            count += len(steps)

    def missing(self, recall: Mapping[str, Any]) -> list[list[str]]:
        """What a recall should have stopped and has not, each with the proof that the contract asks for."""
        found = self.recall_set(recall["goods"])
        states = self.index.state_of(list(found.affected))
        return [step for step in found.steps() if recall["id"] not in states[step[0]]["marked"]]

    def tell(self, recall_id: str, *, signer: str = "") -> list[Committed[Any]]:
        """Tell every holder of affected goods who has not been told yet."""
        recall = self.read(recall_id)
        told = {one["holder"] for one in self.under(recall_id, Notice)}
        holders: dict[str, list[str]] = {}
        for name, state in self.index.state_of(list(self.recall_set(recall["goods"]).affected)).items():
            for holder in {*state["holders"], state["sent"]} - {""}:
                holders.setdefault(holder, []).append(name)
        return [
            self.do(
                Notice.send,
                {"holder": holder, "sample": min(names), "count": len(names)},
                on=recall_id,
                signer=signer or self.signer_of(Notice.send, recall),
            )
            for holder, names in sorted(holders.items())
            if holder not in told
        ]

    # -- readings ------------------------------------------------------------------------------------
    def read_machine(self, path: Path, lowest: str = "", highest: str = "") -> dict[str, Any]:
        """What a CSV from a machine says (columns `time` and `value`, times with their zone): count, lowest, highest,
        first, last, hash; failed if a value lies outside the limits."""
        self.platform.session.require(self.permission(Readings.record))
        data = path.read_bytes()
        if len(data) > epcis.MOST_BYTES:
            raise _no_readings("too large")
        values: list[Decimal] = []
        times: list[str] = []
        try:
            rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
            for row in rows:
                values.append(Decimal(row["value"].strip()))
                times.append(utc(instant_of(row["time"].strip())))
                if len(values) > MOST_READINGS or not values[-1].is_finite():
                    raise ValueError
            bounds = [Decimal(one) if one else None for one in (lowest, highest)]
        except (KeyError, ValueError, InvalidOperation, AttributeError, TypeError, csv.Error) as error:
            raise _no_readings(f"line {len(values) + 1}") from error
        if not values:
            raise _no_readings("empty")
        low, high = bounds
        failed = (low is not None and min(values) < low) or (high is not None and max(values) > high)
        self.platform.content.add(io.BytesIO(data), name=path.name[:200])
        return {
            "readings": len(values), "lowest": str(min(values)), "highest": str(max(values)), "first": min(times),
            "last": max(times), "result": "failed" if failed else "passed", "sha256": hashlib.sha256(data).hexdigest(),
        }  # fmt: skip


def _batches(fresh: Iterable[epcis.Captured]) -> Iterator[list[epcis.Captured]]:
    batch, size = list[epcis.Captured](), 0
    for one in fresh:
        if batch and (len(batch) == MOST_EVENTS or size + len(one.data) > CALL_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one.data)
    if batch:
        yield batch


def _no_readings(why: str) -> UserError:
    return UserError(
        Text("读不了测量数据：{w}。", "The readings cannot be read: {w}.", w=why),
        Text(
            "需要 CSV，列为 time（带时区）和 value。",
            "A CSV with the columns time (with its zone) and value is needed.",
        ),
        code="no_readings",
    )


def build_service(platform: Platform, network: str) -> TraceabilityService:
    """The service on a network."""
    from apps.traceability.application import APPLICATION

    return TraceabilityService(platform, network, APPLICATION)
