"""How records lie on the ledger: one JSON document a key, composite-key indexes beside them, nothing else.

Every query is answered from composite keys, so that LevelDB is enough. Index entries carry the id only; documents are
read by id. Ids are made of the transaction id and so need no counter that all transactions would fight over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import ClassVar

from chaincode import clocks
from chaincode.kit.fields import invalid, is_party
from fabric_sdk.chaincode import ChaincodeError, ClientIdentity, Context
from fabric_sdk.kinds import Kind, Record, Who

CLOCK_TOLERANCE = timedelta(minutes=10)


def dump(value: object) -> bytes:
    """Canonical JSON: equal on every endorser."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def refuse(code: str, message: str, status: int = 409) -> ChaincodeError:
    """A refusal to raise."""
    return ChaincodeError(code, message, status=status)


def roles_of(client: ClientIdentity) -> frozenset[str]:
    """The roles in the certificate attribute `role`, comma-separated."""
    return frozenset(part.strip() for part in (client.attribute("role") or "").split(",") if part.strip())


def is_admin(client: ClientIdentity) -> bool:
    """True for an organisation administrator (NodeOU `admin`)."""
    from cryptography.x509 import NameOID

    return any(
        unit.value == "admin"
        for unit in client.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    )


class KitContext(Context):
    """One transaction with the application's own view of its caller, clock, settings and records.

    `prefixes` are the letters that ids begin with, by kind; `kinds` those that are declared. Reads show what the same
    call wrote before (Fabric's own do not); ranges still do not.
    """

    kinds: ClassVar[Mapping[str, type[Kind]]] = {}
    prefixes: ClassVar[Mapping[str, str]] = {}
    told: ClassVar[tuple[str, ...]] = ("type", "id", "state")
    names_acts: ClassVar[bool] = True
    limits: ClassVar[Mapping[str, int]] = {"page": 200, "text_characters": 2000}
    tables: ClassVar[Mapping[str, Collection[str]]] = {}
    utc_offset_hours: ClassVar[int] = 8
    clock_tolerance: ClassVar[timedelta] = CLOCK_TOLERANCE

    @cached_property
    def _written(self) -> dict[str, bytes]:
        return {}

    # -- who asks, when ------------------------------------------------------------------------------
    @cached_property
    def party(self) -> str:
        """The caller as `MSP/name`: the enrolment name that the organisation's CA vouches for."""
        party = f"{self.client.msp_id}/{self.client.common_name}"
        if not is_party(party):
            raise refuse("BAD_CREATOR", "the certificate's common name cannot be used", 400)
        return party

    @cached_property
    def who(self) -> Who:
        """The caller with the roles that count: those that their organisation may give."""
        held = roles_of(self.client)
        return Who(self.party, frozenset(one for one in held if self.client.msp_id in self.givers(one)))

    def givers(self, role: str) -> Collection[str]:
        """The organisations whose certificates may carry a role, as the settings say."""
        found: Collection[str] = self.settings.get("roles", {}).get(role, ())
        return found

    @cached_property
    def now(self) -> str:
        """The transaction's time (UTC, to the second): the client's word, held to the peer's clock (`check_clock`)."""
        return self.stub.tx_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")

    @cached_property
    def today(self) -> str:
        """The application's calendar day."""
        zone = timezone(timedelta(hours=self.utc_offset_hours))
        return self.stub.tx_timestamp.astimezone(zone).date().isoformat()

    def check_clock(self, here: datetime) -> None:
        """Refuse a transaction whose time is not about the endorsing peer's own.

        The time of a proposal is chosen by whoever sends it: unchecked, a deposit could be made to look years old, or
        a correction to be in time.
        """
        apart = abs(self.stub.tx_timestamp - here)
        if apart > self.clock_tolerance:
            raise refuse("CLOCK_DIFFERS", clocks.apart(self.stub.tx_timestamp, here), 400)

    def is_before(self, day: str) -> bool:
        """Whether a day (ISO) has surely not begun, whichever time within the tolerance the submitter claims."""
        return self.stub.tx_timestamp + self.clock_tolerance < self._midnight(day)

    def has_begun(self, day: str) -> bool:
        """Whether a day (ISO) has surely begun; around its midnight neither this holds nor `is_before`."""
        return self.stub.tx_timestamp - self.clock_tolerance >= self._midnight(day)

    def _midnight(self, day: str) -> datetime:
        return datetime.fromisoformat(day).replace(tzinfo=timezone(timedelta(hours=self.utc_offset_hours)))

    # -- rules as data -------------------------------------------------------------------------------
    @cached_property
    def settings(self) -> Record:
        """What `Configure` wrote; ChaincodeError `NOT_CONFIGURED` before."""
        found = self.stub.get_state("settings")
        if not found:
            raise refuse("NOT_CONFIGURED", "the application is not configured yet", 412)
        settings: Record = json.loads(found)
        return settings

    @property
    def policy_version(self) -> str:
        """The version of the rules that a record is made under, "" where there is only one."""
        return ""

    def limit(self, of: int | str) -> int:
        """A limit: a number, or the policy's by its name."""
        return of if isinstance(of, int) else self.limits[of]

    def codes(self, table: str) -> Collection[str]:
        """The codes of one of the policy's tables."""
        return self.tables[table]

    # -- keys ----------------------------------------------------------------------------------------
    def get(self, key: str) -> bytes:
        """The value of a key, as this call has it."""
        return self._written[key] if key in self._written else self.stub.get_state(key)

    def put(self, key: str, value: bytes) -> None:
        self._written[key] = value
        self.stub.put_state(key, value)

    def delete(self, key: str) -> None:
        self._written[key] = b""
        self.stub.del_state(key)

    def index(self, name: str, *attributes: str, value: str = "") -> None:
        """Add an index entry."""
        self.put(self.stub.create_composite_key(name, attributes), value.encode() or b"\x00")

    def unindex(self, name: str, *attributes: str) -> None:
        self.delete(self.stub.create_composite_key(name, attributes))

    def indexed(self, name: str, *attributes: str) -> list[list[str]]:
        """The attributes of every entry below a prefix (a guarded range: commits notice a new entry)."""
        with self.stub.get_state_by_partial_composite_key(name, attributes) as found:
            return [self.stub.split_composite_key(item.key)[1] for item in found]

    def indexed_value(self, name: str, *attributes: str) -> str:
        """The value of one entry, "" if absent."""
        value = self.get(self.stub.create_composite_key(name, attributes))
        return "" if value == b"\x00" else value.decode()

    # -- records -------------------------------------------------------------------------------------
    def new_id(self, kind: str, number: int = 0) -> str:
        """An id such as `CZ20260131-0a1b2c3d4e5f`."""
        digest = hashlib.sha256(f"{self.stub.tx_id}:{kind}:{number}".encode()).hexdigest()
        return f"{self.prefixes[kind]}{self.today.replace('-', '')}-{digest[:12]}"

    def kind_of(self, record_id: str) -> str:
        """The kind of record that an id is for; ChaincodeError `NOT_FOUND` if it is none of ours."""
        for kind, prefix in self.prefixes.items():
            if record_id.startswith(prefix):
                return kind
        raise refuse("NOT_FOUND", f"there is no record {record_id[:64]}", 404)

    def raised(self, record: Record) -> Record:
        """A record as its kind's present version has it."""
        kind = self.kinds.get(record.get("type", ""))
        return record if kind is None else kind.raised(record)

    def read(self, kind: str, key: str) -> Record:
        """A record; ChaincodeError `NOT_FOUND` if there is none of this kind."""
        found = self.get(key) if key.startswith(self.prefixes[kind]) else b""
        if not found:
            raise refuse("NOT_FOUND", f"there is no {kind} {key[:64]}", 404)
        return self.raised(json.loads(found))

    def create(self, kind: str, record: Record, number: int = 0, also: Iterable[str] = ()) -> Record:
        """Write a new record under a fresh id; it concerns the parties it names and `also` these."""
        record |= {
            "type": kind,
            "id": self.new_id(kind, number),
            "created": self.now,
            "updated": self.now,
            "tx_id": self.stub.tx_id,
        }
        if self.policy_version:
            record["policy"] = self.policy_version
        if kind in self.kinds and self.kinds[kind].version > 1:
            record["version"] = self.kinds[kind].version
        for party in sorted({*self.concerned(record), *also}):
            self.index("concerned", party, record["id"])
        self._write(record)
        return record

    def update(self, record: Record) -> Record:
        """Write a changed record; a clock that runs backwards is refused."""
        earlier = record["updated"]
        instant = datetime.fromisoformat(earlier.replace("Z", "+00:00"))
        if self.now < earlier and self.stub.tx_timestamp + self.clock_tolerance < instant:
            raise refuse(
                "CLOCK_BACKWARDS", f"the transaction's time lies before the record's last change {earlier}", 400
            )
        record["updated"] = max(self.now, earlier)
        record["tx_id"] = self.stub.tx_id
        self._write(record)
        return record

    def _write(self, record: Record) -> None:
        """Write a record and keep the index of whom it waits for in step with its state."""
        before, now = record.get("waiting", []), self.awaited(record)
        for party in before:
            if party not in now:
                self.unindex("waiting", party, record["id"])
        for party in now:
            if party not in before:
                self.index("waiting", party, record["id"])
        if now or before:
            record["waiting"] = now
        self.put(record["id"], dump(record))

    def awaited(self, record: Record) -> list[str]:
        """For whom a record waits, sorted."""
        kind = self.kinds.get(record["type"])
        return sorted(kind.awaited(record)) if kind else []

    def concerned(self, record: Record) -> list[str]:
        """Every party that a record names, sorted."""
        kind = self.kinds.get(record["type"])
        return sorted(kind.parties(record)) if kind else []

    # -- lists ---------------------------------------------------------------------------------------
    def page(self, name: str, attributes: list[str], kind: str, size: int, bookmark: str) -> Record:
        """One page of records below an index prefix (`kind` "" for any): `{"items": […], "bookmark": next or ""}`.

        Records of a kind that the contract no longer has are passed over."""
        self._check_page(size)
        items, metadata = self.stub.get_state_by_partial_composite_key_with_pagination(name, attributes, size, bookmark)
        ids = [self.stub.split_composite_key(item.key)[1][-1] for item in items]
        following = metadata.bookmark if len(items) == size else ""
        known = [one for one in ids if one.startswith(tuple(self.prefixes.values()))]
        return {"items": [self.read(kind or self.kind_of(one), one) for one in known], "bookmark": following}

    def all_pages(self, kind: str, size: int, bookmark: str) -> Record:
        """One page of all records of a kind, oldest first: ids begin with the kind's letters and the day."""
        self._check_page(size)
        start = self.prefixes[kind]
        items, metadata = self.stub.get_state_by_range_with_pagination(start, start + "~", size, bookmark)
        following = metadata.bookmark if len(items) == size else ""
        return {"items": [self.raised(json.loads(item.value)) for item in items], "bookmark": following}

    def _check_page(self, size: int) -> None:
        if not 1 <= size <= self.limit("page"):
            invalid("page_size", f"must be 1 to {self.limit('page')}")

    def all_of(self, name: str, parent: str, kind: str) -> list[Record]:
        """Every record of a kind under a parent, oldest first."""
        records = [self.read(kind, attributes[-1]) for attributes in self.indexed(name, parent)]
        return sorted(records, key=lambda record: (record["created"], record["id"]))

    def event(self, name: str, record: Record) -> None:
        """Tell listeners what happened: id, state and what it hangs on, never personal data."""
        self.stub.set_event(name, dump({key: record[key] for key in self.told_of(record) if record.get(key)}))

    def told_of(self, record: Record) -> Iterable[str]:
        """What listeners are told of a record."""
        kind = self.kinds.get(record.get("type", ""))
        return {*self.told, *([kind.parent_key()] if kind and kind.under else [])}

    # -- the log -------------------------------------------------------------------------------------
    def entry(self, before: str, to: str, act: str = "") -> Record:
        """A line of a record's log: from where to where, when and by whom."""
        line = {"from": before, "to": to, "at": self.now, "by": self.party, "tx_id": self.stub.tx_id}
        return line | {"act": act} if act and self.names_acts else line
