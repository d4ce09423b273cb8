"""The ledger's records: composite keys, canonical JSON, and a view in which a call sees its own writes.

Keys (type: attributes), one key per thing that people contend for:

    settings                                    hospital: h            policy: h, version      policy-head: h
    unit: h, department                         doctor: h, doctor      roster: h, doctor, date
    session: h, s                               slot: h, s, number     (a slot has a key once it was touched)
    appointment: id                             visits: resident, date
    conduct: resident                           waiting: h, s, time, tx
    beacon: date                                draw: id               draw-application: id, bucket, resident
    draw-bucket: id, bucket                     closed: h, s           (the time to cancel is over)
    posting: h, date, order, number             order: id              reconciliation: h, date
    points: resident                            points-entry: resident, tx
    code-key: id                                code-used: digest      resident-key: resident
    consent: id                                 access: resident, time, tx
    identity-look: h, resident, signer          vouched: signer, date
    paid-for: payer, date                       noted: mark                credited: mark
    portal: msp, name                           joined: mark               joined-whole: mark
    family: mark                                acting: id, date           family-officer: signer, date
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fabric_sdk.chaincode import Context
from fabric_sdk.chaincode.keys import create_composite_key, split_composite_key

Record = dict[str, Any]


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def encode(value: Any) -> bytes:
    """Return canonical JSON: sorted names, no spaces, UTF-8."""
    return _ENCODER.encode(value).encode()


def decode(data: bytes) -> Record:
    found: Record = json.loads(data)
    return found


@functools.lru_cache(maxsize=4096)
def parsed(data: bytes) -> Record:
    """Parse a record that many calls read and none of them changes; equal bytes are parsed once."""
    return decode(data)


class Records:
    """The records of one call. Fabric's reads do not show a transaction its own writes; this view does."""

    __slots__ = ("_held", "_known", "_stub")

    def __init__(self, ctx: Context) -> None:
        self._stub = ctx.stub
        self._known: dict[str, bytes] = {}
        """What this call wrote, and what it read: the committed state does not change while it runs."""
        self._held: dict[str, bytes] | None = None
        """What an act wrote of which it is not known yet whether it stands, b"" for what it deleted."""

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One of several acts of a call: where it raises, nothing that it wrote stands and nobody reads any of it.

        What it read stays in the transaction's read set.
        """
        if self._held is not None:
            raise AssertionError("attempts do not nest")
        before, self._held = dict(self._known), {}
        try:
            yield
        except BaseException:
            self._known, self._held = before, None
            raise
        held, self._held = self._held, None
        for key, data in held.items():
            self._write(key, data)

    def find(self, kind: str, *attributes: str) -> Record | None:
        """Return the record, or None if there is none."""
        data = self._read(create_composite_key(kind, attributes))
        return json.loads(data) if data else None

    def look(self, kind: str, *attributes: str) -> Record | None:
        """Return a record that the caller will not change, or None; cheaper than `find`."""
        data = self._read(create_composite_key(kind, attributes))
        return parsed(data) if data else None

    def raw(self, kind: str, *attributes: str) -> bytes:
        """Return a record's bytes, b"" if there is none."""
        return self._read(create_composite_key(kind, attributes))

    def look_all(self, *wanted: tuple[str, ...]) -> list[Record | None]:
        """Return several records, in one exchange with the peer, that the caller will not change."""
        return [parsed(data) if data else None for data in self._read_all(wanted)]

    def find_all(self, *wanted: tuple[str, ...]) -> list[Record | None]:
        """Return several records in one exchange with the peer; each of `wanted` is (kind, *attributes)."""
        return [json.loads(data) if data else None for data in self._read_all(wanted)]

    def _read_all(self, wanted: tuple[tuple[str, ...], ...]) -> list[bytes]:
        keys = [create_composite_key(kind, attributes) for kind, *attributes in wanted]
        missing = [key for key in keys if key not in self._known]
        self._known.update(zip(missing, self._stub.get_multiple_states(*missing), strict=True))
        return [self._known[key] for key in keys]

    def exists(self, kind: str, *attributes: str) -> bool:
        return bool(self._read(create_composite_key(kind, attributes)))

    def _read(self, key: str) -> bytes:
        data = self._known.get(key)
        if data is None:
            data = self._known[key] = self._stub.get_state(key)
        return data

    def put(self, value: Record, kind: str, *attributes: str) -> None:
        self._write(create_composite_key(kind, attributes), encode(value))

    def delete(self, kind: str, *attributes: str) -> None:
        self._write(create_composite_key(kind, attributes), b"")

    def _write(self, key: str, data: bytes) -> None:
        self._known[key] = data
        if self._held is not None:
            self._held[key] = data
        elif data:
            self._stub.put_state(key, data)
        else:
            self._stub.del_state(key)

    def scan(self, kind: str, *attributes: str) -> Iterator[tuple[list[str], Record]]:
        """Yield (attributes, record) of every key that begins so, in key order, own writes not among them."""
        with self._stub.get_state_by_partial_composite_key(kind, attributes) as results:
            for item in results:
                yield split_composite_key(item.key)[1], decode(item.value)

    def page(
        self, size: int, bookmark: str, kind: str, attributes: Sequence[str] = ()
    ) -> tuple[list[tuple[list[str], Record]], str]:
        """Return one page of `scan` and the bookmark of the next ("" at the end); for queries only."""
        items, metadata = self._stub.get_state_by_partial_composite_key_with_pagination(
            kind, attributes, size, bookmark
        )
        return [(split_composite_key(i.key)[1], decode(i.value)) for i in items], metadata.bookmark
