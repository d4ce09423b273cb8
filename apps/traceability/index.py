"""The graph of goods out of the blocks: what was made of what, what is in what, and every event of each.

A node is goods or a process (a transformation); an edge leads from what was used to the process and from the process to
what it made. A walk is one statement a step outwards, so that its time follows the goods found and not the ledger.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.kit.block_index import BlockIndex
from baas.errors import NotFound, Text
from chaincode.traceability.identifiers import canonical, is_class

ROLES = ("epcs", "inputs", "outputs", "parent", "children", "inside")
_OUT = {name: number for number, name in enumerate(ROLES)}
COLUMNS = (
    "id", "hash", "what", "action", "step", "disposition", "at", "zone", "place", "party", "receiver", "process",
    "state", "sha256", "created", "late", "tx_id",
)  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """What a walk found: goods and processes by name with how each was reached (from which node, by which event), and
    the edges between them."""

    start: str
    reached: Mapping[str, str]
    edges: Sequence[tuple[str, str]] = ()
    processes: frozenset[str] = frozenset()

    @property
    def goods(self) -> list[str]:
        """Goods alone, the nearest first."""
        return [name for name in self.reached if name not in self.processes]


@dataclass(frozen=True)
class RecallSet:
    """What a recall takes in: affected goods with why each is (a step as the contract proves it), and the containers
    that hold some of them now."""

    start: str
    affected: Mapping[str, tuple[str, str, str]]
    containers: tuple[str, ...] = ()
    edges: Sequence[tuple[str, str]] = field(default_factory=list)

    def steps(self) -> Iterator[list[str]]:
        """What the contract is shown, each after what it rests on."""
        for name, (how, via, source) in self.affected.items():
            if how:
                yield [name, how, via, source]


class GoodsIndex(BlockIndex):
    """The goods of one network."""

    version = 1
    tables = """
    CREATE TABLE node (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, process INTEGER NOT NULL,
        holder TEXT NOT NULL DEFAULT '', sent TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '',
        marked TEXT NOT NULL DEFAULT '');
    CREATE TABLE flow (src INTEGER NOT NULL, dst INTEGER NOT NULL, PRIMARY KEY (src, dst)) WITHOUT ROWID;
    CREATE UNIQUE INDEX flow_back ON flow (dst, src);
    CREATE TABLE event (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE,
        what TEXT NOT NULL, action TEXT NOT NULL, step TEXT NOT NULL, disposition TEXT NOT NULL, at TEXT NOT NULL,
        zone TEXT NOT NULL, place TEXT NOT NULL, party TEXT NOT NULL, receiver TEXT NOT NULL, process TEXT NOT NULL,
        state TEXT NOT NULL, sha256 TEXT NOT NULL, created TEXT NOT NULL, late INTEGER NOT NULL, tx_id TEXT NOT NULL);
    CREATE INDEX event_at ON event (at);
    CREATE INDEX event_step ON event (step, at);
    CREATE TABLE part (node INTEGER NOT NULL, event INTEGER NOT NULL, role INTEGER NOT NULL, amount TEXT NOT NULL,
        PRIMARY KEY (node, event, role)) WITHOUT ROWID;
    CREATE INDEX part_event ON part (event);
    CREATE TABLE held (parent INTEGER NOT NULL, child INTEGER NOT NULL, now INTEGER NOT NULL,
        PRIMARY KEY (parent, child)) WITHOUT ROWID;
    CREATE INDEX held_in ON held (child, parent) WHERE now;
    CREATE TABLE stock (node INTEGER NOT NULL, party TEXT NOT NULL, sender TEXT NOT NULL,
        PRIMARY KEY (node, party, sender)) WITHOUT ROWID;
    """

    # -- out of the blocks ---------------------------------------------------------------------------
    def apply(self, db: sqlite3.Connection, key: str, value: bytes | None, at: tuple[int, int]) -> None:
        if key.startswith("SJ") and value is not None:
            record = json.loads(value)
            block, place = at
            self.add_event(db, record, (block << 20 | place) << 8 | record["place_in_call"])
        elif key.startswith(("\x00good\x00", "\x00stock\x00", "\x00transit\x00")):
            table, name, *more = key[1:-1].split("\x00")
            node = self.node(db, name)
            row = (node, more[0] if more else "", more[1] if table == "transit" else "")
            if table == "good" and value is not None:
                self._keep(db, node, json.loads(value))
            elif table != "good" and value is None:
                db.execute("DELETE FROM stock WHERE node = ? AND party = ? AND sender = ?", row)
            elif table != "good":
                db.execute("INSERT OR IGNORE INTO stock VALUES (?, ?, ?)", row)

    def _keep(self, db: sqlite3.Connection, node: int, good: Mapping[str, Any]) -> None:
        row = (good["holder"], good["to"], good["state"], " ".join(good["marked"]), node)
        db.execute("UPDATE node SET holder = ?, sent = ?, state = ?, marked = ? WHERE id = ?", row)
        now = [self.node(db, one) for one in good["has"]]
        db.execute("UPDATE held SET now = 0 WHERE parent = ? AND now", (node,))
        db.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, 1)", [(node, one) for one in now])

    def add_event(self, db: sqlite3.Connection, record: Mapping[str, Any], number: int) -> None:
        """Put an event's record in, with its goods; one that is known only takes its new state.

        `number` is its place among all: block, transaction, place in the call.
        """
        known = db.execute("UPDATE event SET state = ? WHERE id = ?", (record["state"], record["id"]))
        if known.rowcount:
            return
        values = [record.get(one) or ("" if one != "late" else 0) for one in COLUMNS]
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        db.execute(f"INSERT INTO event (number, {', '.join(COLUMNS)}) VALUES ({marks})", (number, *values))
        goods = dict(record["goods"])
        parent = goods.pop("parent", "")
        parts = [
            (self.node(db, name), number, _OUT[role], text) for role in goods for name, text in goods[role].items()
        ]
        above = self.node(db, parent) if parent else 0
        if parent:
            parts.append((above, number, _OUT["parent"], ""))
        db.executemany("INSERT OR IGNORE INTO part VALUES (?, ?, ?, ?)", parts)
        if record["process"]:
            process = self.node(db, record["process"], process=True)
            used = [(one, process) for one, _, role, _ in parts if role in (_OUT["inputs"], _OUT["inside"])]
            made_of = [(process, one) for one, _, role, _ in parts if role == _OUT["outputs"]]
            db.executemany("INSERT OR IGNORE INTO flow VALUES (?, ?)", used + made_of)
        elif parent and record["action"] == "ADD":
            held = [(above, one) for one, _, role, _ in parts if role == _OUT["children"]]
            db.executemany("INSERT OR IGNORE INTO held VALUES (?, ?, 0)", held)  # what is inside now, goods say

    def node(self, db: sqlite3.Connection, name: str, *, process: bool = False) -> int:
        """The number of goods or of a process, made when it is first named."""
        name = f"process {name}" if process else name
        found = db.execute("SELECT id FROM node WHERE name = ?", (name,)).fetchone()
        if found is None:
            found = db.execute(
                "INSERT INTO node (name, process) VALUES (?, ?) RETURNING id", (name, process)
            ).fetchone()
        return int(found[0])

    # -- walks ---------------------------------------------------------------------------------------
    def find(self, uri: str) -> int:
        """The number of goods by any of their URIs; `NotFound` if no event names them."""
        name = canonical(uri.strip())
        row = self.db.execute("SELECT id FROM node WHERE name = ? AND NOT process", (name,)).fetchone()
        if row is None:
            raise NotFound(
                Text("账本上没有这件货物：{n}", "The ledger knows no such goods: {n}", n=name[:120]),
                Text("请核对编码，或先采集它的事件。", "Check the identifier, or capture its events first."),
            )
        return int(row[0])

    def _reach(self, starts: Iterable[int], *, forward: bool, most: int = 0) -> dict[int, int]:
        """Every node that can be reached, with the one it was reached from, nearest first (0 for the starts)."""
        found = dict.fromkeys(starts, 0)
        edge = list(found)
        src, dst = ("src", "dst") if forward else ("dst", "src")
        sql = f"SELECT flow.{dst}, MIN(flow.{src}) FROM json_each(?) AS one CROSS JOIN flow ON flow.{src} = one.value"
        while edge and (not most or len(found) < most):
            rows = self.db.execute(f"{sql} GROUP BY 1", (json.dumps(edge),)).fetchall()
            edge = [node for node, _ in rows if node not in found]
            found |= {node: source for node, source in rows if node not in found}
        return found

    def walk(self, uri: str, *, forward: bool, most: int = 2_000) -> Walk:
        """What goods became (forward), or what they were made of."""
        start = self.find(uri)
        found = self._reach(self._in_play(start), forward=forward, most=most)
        names, processes = self._names(found)
        edges = [
            (names[source], names[node]) if forward else (names[node], names[source])
            for node, source in self._edges(found, forward=forward)
        ]
        reached = {names[node]: names.get(source, "") for node, source in found.items()}
        return Walk(names[start], reached, edges, processes)

    def recall_set(self, uri: str, *, edges: bool = False) -> RecallSet:
        """Everything that goods became; if they are a container, all that was ever in it as well."""
        start = self.find(uri)
        inside = self._in_play(start)
        found = self._reach(inside, forward=True)
        names, processes = self._names(found)
        affected: dict[str, tuple[str, str, str]] = {}
        for node, source in found.items():
            if names[node] in processes:
                continue
            if node == start:
                affected[names[node]] = ("", "", "")
            elif not source:
                affected[names[node]] = ("held", names[inside[node]], "")
            else:
                process = names[source].removeprefix("process ")
                affected[names[node]] = ("made", process, names[found[source]])
        outer = self._outer(list(found))
        lines = [(names[source], names[node]) for node, source in self._edges(found, forward=True)] if edges else []
        return RecallSet(names[start], affected, tuple(outer), lines)

    def _in_play(self, start: int) -> dict[int, int]:
        """Goods with all that was ever inside them and what it was in: the start of a recall of a container."""
        found, edge = {start: 0}, [start]
        while edge:
            rows = self.db.execute(
                "SELECT held.child, MIN(held.parent) FROM json_each(?) AS one"
                " CROSS JOIN held ON held.parent = one.value GROUP BY 1",
                (json.dumps(edge),),
            ).fetchall()
            edge = [child for child, _ in rows if child not in found]
            found |= {child: parent for child, parent in rows if child not in found}
        return found

    def _outer(self, nodes: Sequence[int]) -> list[str]:
        """The containers in which any of some goods are now, however deep."""
        found: dict[int, str] = {}
        edge = list(nodes)
        while edge:
            rows = self.db.execute(
                "SELECT DISTINCT node.id, node.name FROM json_each(?) AS one CROSS JOIN held ON held.child = one.value"
                " AND held.now JOIN node ON node.id = held.parent",
                (json.dumps(edge),),
            ).fetchall()
            edge = [node for node, _ in rows if node not in found]
            found |= dict(rows)
        inside = set(nodes)
        return [name for node, name in found.items() if node not in inside]

    def _edges(self, found: Mapping[int, int], *, forward: bool) -> list[tuple[int, int]]:
        """The edges between found nodes, as (node, the one before it on the way)."""
        src, dst = ("src", "dst") if forward else ("dst", "src")
        rows = self.db.execute(
            f"SELECT flow.{dst}, flow.{src} FROM json_each(?) AS one CROSS JOIN flow ON flow.{src} = one.value",
            (json.dumps(list(found)),),
        )
        return [(node, source) for node, source in rows if node in found]

    def _names(self, nodes: Iterable[int]) -> tuple[dict[int, str], frozenset[str]]:
        rows = self.db.execute(
            "SELECT node.id, node.name, node.process FROM json_each(?) AS one JOIN node ON node.id = one.value",
            (json.dumps(list(nodes)),),
        ).fetchall()
        return {node: name for node, name, _ in rows}, frozenset(name for _, name, process in rows if process)

    # -- events and goods ----------------------------------------------------------------------------
    def events_of(self, uri: str, limit: int = 200) -> list[dict[str, Any]]:
        """The events of goods, in the order in which they happened."""
        return self._events(
            "SELECT {c} FROM part JOIN event ON event.number = part.event WHERE part.node = ?"
            " GROUP BY event.number ORDER BY event.at, event.number LIMIT ?",
            (self.find(uri), limit),
        )

    def event(self, name: str) -> dict[str, Any]:
        """One event by its record's id or its hash."""
        found = self._events("SELECT {c} FROM event WHERE id = ? OR hash = ?", (name, name))
        if not found:
            raise NotFound(Text("没有这个事件：{n}", "There is no such event: {n}", n=name[:120]))
        return found[0]

    def select(self, where: str, values: Sequence[Any], limit: int, after: int) -> list[dict[str, Any]]:
        """Events that fit a condition of `epcis.query`, `after` a number, at most `limit`."""
        return self._events(
            f"SELECT {{c}} FROM event WHERE number > ? {where} ORDER BY number LIMIT ?", (after, *values, limit)
        )

    def _events(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        columns = ("number", *COLUMNS)
        rows = self.db.execute(sql.format(c=", ".join(f"event.{one}" for one in columns)), values)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def state_of(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Who holds goods, to whom they are sent, whether they are used up or stopped."""
        asked = json.dumps(list(names))
        found: dict[str, dict[str, Any]] = {
            name: {"holders": set(), "sent": "", "state": state, "marked": marked.split()}
            for name, state, marked in self.db.execute(
                "SELECT node.name, node.state, node.marked FROM json_each(?) AS one JOIN node ON node.name = one.value",
                (asked,),
            )
        }
        for name, party, sender in self.db.execute(
            "SELECT node.name, stock.party, stock.sender FROM json_each(?) AS one JOIN node ON node.name = one.value"
            " JOIN stock ON stock.node = node.id ORDER BY stock.party",
            (asked,),
        ):
            if sender:
                found[name]["sent"] = party
            found[name]["holders"].add(sender or party)
        for name, outer, holder, sent in self._outermost(asked):
            lot = is_class(name)
            if found[name]["state"] == "active" and not (lot and outer == name):
                found[name]["holders"].add(holder)
                found[name]["sent"] = found[name]["sent"] if lot else sent
        return {name: state | {"holders": sorted(state["holders"])} for name, state in found.items()}

    def _outermost(self, asked: str) -> Iterable[tuple[str, str, str, str]]:
        """Of goods the containers around all others, or themselves, with who holds those and where they are sent."""
        return self.db.execute(
            "WITH RECURSIVE up (name, node) AS (SELECT node.name, node.id FROM json_each(?) AS one"
            " JOIN node ON node.name = one.value UNION SELECT up.name, held.parent FROM up"
            " JOIN held ON held.child = up.node AND held.now) SELECT up.name, node.name, node.holder, node.sent FROM up"
            " JOIN node ON node.id = up.node AND node.holder != ''"
            " WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.child = up.node AND held.now)",
            (asked,),
        )

    def counts(self) -> dict[str, int]:
        """How many events and goods there are."""
        events = self.db.execute("SELECT COUNT(*) FROM event").fetchone()[0]
        return {"events": events, "goods": self.db.execute("SELECT COUNT(*) FROM node WHERE NOT process").fetchone()[0]}
