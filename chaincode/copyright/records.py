"""How records lie on the ledger: one JSON document a key, composite-key indexes beside them, nothing else.

Every query is answered from composite keys, so that LevelDB is enough. Index entries carry the id only; documents are
read by id. Ids are made of the transaction id and so need no counter that all transactions would fight over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chaincode import clocks
from chaincode.copyright import policy
from chaincode.copyright.waiting import concerned, waiting_for
from chaincode.kit.fields import invalid, is_party
from fabric_sdk.chaincode import ChaincodeError, ClientIdentity, Context

Record = dict[str, Any]

WORK, REGISTRATION, LICENCE, TRANSFER = "work", "registration", "licence", "transfer"
PLEDGE, CHANGE, DISPUTE, INFRINGEMENT, USAGE = "pledge", "change", "dispute", "infringement", "usage"
_PREFIXES = {
    WORK: "CZ",
    REGISTRATION: "DJ",
    LICENCE: "XK",
    TRANSFER: "ZR",
    PLEDGE: "ZY",
    CHANGE: "BG",
    DISPUTE: "YY",
    INFRINGEMENT: "QQ",
    USAGE: "SY",
}
KINDS = tuple(_PREFIXES)
_CLOCK_TOLERANCE = timedelta(minutes=10)


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


class CopyrightContext(Context):
    """One transaction with the application's own view of its caller, clock, settings and records."""

    @cached_property
    def party(self) -> str:
        """The caller as `MSP/name`: the enrolment name that the organisation's CA vouches for."""
        party = f"{self.client.msp_id}/{self.client.common_name}"
        if not is_party(party):
            raise refuse("BAD_CREATOR", "the certificate's common name cannot be used", 400)
        return party

    @cached_property
    def now(self) -> str:
        """The transaction's time (UTC, to the second): the client's word, held to the peer's clock (`check_clock`)."""
        return self.stub.tx_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")

    @cached_property
    def settings(self) -> Record:
        """The office's settings; ChaincodeError `NOT_CONFIGURED` before `Configure`."""
        found = self.stub.get_state("settings")
        if not found:
            raise refuse("NOT_CONFIGURED", "the registration office is not configured yet", 412)
        settings: Record = json.loads(found)
        return settings

    @cached_property
    def policy(self) -> policy.Policy:
        return policy.load(self.settings["policy"])

    @cached_property
    def today(self) -> str:
        """The office's calendar day."""
        return self.policy.local_date(self.stub.tx_timestamp).isoformat()

    def check_clock(self, here: datetime) -> None:
        """Refuse a transaction whose time is not about the endorsing peer's own.

        The time of a proposal is chosen by whoever sends it: unchecked, a deposit could be made to look years old, or
        a correction to be in time.
        """
        apart = abs(self.stub.tx_timestamp - here)
        if apart > _CLOCK_TOLERANCE:
            raise refuse("CLOCK_DIFFERS", clocks.apart(self.stub.tx_timestamp, here), 400)

    def require_role(self, *allowed: str) -> None:
        """Refuse callers without one of the roles."""
        if not roles_of(self.client) & set(allowed):
            raise refuse("FORBIDDEN", f"this needs the role {' or '.join(allowed)}", 403)

    def is_registrar(self) -> bool:
        """True for a registrar of the office: the role counts only in certificates of the office's organisation."""
        return self.client.msp_id == self.settings["office_msp"] and "registrar" in roles_of(self.client)

    def require_registrar(self, *concerned: str) -> None:
        """Refuse everybody but registrars, and a registrar's own cases (`concerned` parties)."""
        if not self.is_registrar():
            raise refuse("FORBIDDEN", f"this needs a registrar of {self.settings['office_msp']}", 403)
        if self.party in concerned:
            raise refuse("CONFLICT_OF_INTEREST", "a registrar does not decide a case of their own", 403)

    def new_id(self, kind: str, number: int = 0) -> str:
        """An id such as `CZ20260131-0a1b2c3d4e5f`."""
        digest = hashlib.sha256(f"{self.stub.tx_id}:{kind}:{number}".encode()).hexdigest()
        return f"{_PREFIXES[kind]}{self.today.replace('-', '')}-{digest[:12]}"

    def read(self, kind: str, key: str) -> Record:
        """A record; ChaincodeError `NOT_FOUND` if there is none of this kind."""
        found = self.stub.get_state(key) if key.startswith(_PREFIXES[kind]) else b""
        if not found:
            raise refuse("NOT_FOUND", f"there is no {kind} {key[:64]}", 404)
        record: Record = json.loads(found)
        return record

    def create(self, kind: str, record: Record, number: int = 0, also: Iterable[str] = ()) -> Record:
        """Write a new record under a fresh id; it concerns the parties it names and `also` these."""
        record |= {
            "type": kind,
            "id": self.new_id(kind, number),
            "created": self.now,
            "updated": self.now,
            "tx_id": self.stub.tx_id,
            "policy": self.policy.version,
        }
        for party in sorted({*concerned(record), *also}):
            self.index("concerned", party, record["id"])
        self._note_waiting(record)
        self.stub.put_state(record["id"], dump(record))
        return record

    def _note_waiting(self, record: Record) -> None:
        """Keep the index of whom a record waits for in step with its state."""
        before, now = record.get("waiting", []), waiting_for(record)
        for party in before:
            if party not in now:
                self.unindex("waiting", party, record["id"])
        for party in now:
            if party not in before:
                self.index("waiting", party, record["id"])
        if now or before:
            record["waiting"] = now

    def update(self, record: Record) -> Record:
        """Write a changed record; a clock that runs backwards is refused."""
        earlier = record["updated"]
        if self.now < earlier and self.stub.tx_timestamp + _CLOCK_TOLERANCE < _instant(earlier):
            raise refuse(
                "CLOCK_BACKWARDS", f"the transaction's time lies before the record's last change {earlier}", 400
            )
        record["updated"] = max(self.now, earlier)
        record["tx_id"] = self.stub.tx_id
        self._note_waiting(record)
        self.stub.put_state(record["id"], dump(record))
        return record

    def index(self, name: str, *attributes: str, value: str = "") -> None:
        """Add an index entry."""
        self.stub.put_state(self.stub.create_composite_key(name, attributes), value.encode() or b"\x00")

    def unindex(self, name: str, *attributes: str) -> None:
        self.stub.del_state(self.stub.create_composite_key(name, attributes))

    def indexed(self, name: str, *attributes: str) -> list[list[str]]:
        """The attributes of every entry below a prefix (a guarded range: commits notice a new entry)."""
        with self.stub.get_state_by_partial_composite_key(name, attributes) as found:
            return [self.stub.split_composite_key(item.key)[1] for item in found]

    def indexed_value(self, name: str, *attributes: str) -> str:
        """The value of one entry, "" if absent."""
        value = self.stub.get_state(self.stub.create_composite_key(name, attributes))
        return "" if value == b"\x00" else value.decode()

    def page(self, name: str, attributes: list[str], kind: str, size: int, bookmark: str) -> Record:
        """One page of records below an index prefix (`kind` "" for any): `{"items": […], "bookmark": next or ""}`."""
        self._check_page(size)
        items, metadata = self.stub.get_state_by_partial_composite_key_with_pagination(name, attributes, size, bookmark)
        ids = [self.stub.split_composite_key(item.key)[1][-1] for item in items]
        following = metadata.bookmark if len(items) == size else ""
        return {"items": [self.read(kind or kind_of(one), one) for one in ids], "bookmark": following}

    def all_pages(self, kind: str, size: int, bookmark: str) -> Record:
        """One page of all records of a kind, oldest first: ids begin with the kind's letters and the day."""
        self._check_page(size)
        start = _PREFIXES[kind]
        items, metadata = self.stub.get_state_by_range_with_pagination(start, start + "~", size, bookmark)
        following = metadata.bookmark if len(items) == size else ""
        return {"items": [json.loads(item.value) for item in items], "bookmark": following}

    def _check_page(self, size: int) -> None:
        if not 1 <= size <= self.policy.limit("page"):
            invalid("page_size", f"must be 1 to {self.policy.limit('page')}")

    def all_of(self, name: str, parent: str, kind: str) -> list[Record]:
        """Every record of a kind under a parent, oldest first."""
        records = [self.read(kind, attributes[-1]) for attributes in self.indexed(name, parent)]
        return sorted(records, key=lambda record: (record["created"], record["id"]))

    def event(self, name: str, record: Record) -> None:
        """Tell listeners what happened: id, state and work, never personal data."""
        told = {key: record[key] for key in ("type", "id", "state", "work_id", "number") if record.get(key)}
        self.stub.set_event(name, dump(told))


def kind_of(record_id: str) -> str:
    """The kind of record that an id is for; ChaincodeError `NOT_FOUND` if it is none of ours."""
    for kind, prefix in _PREFIXES.items():
        if record_id.startswith(prefix):
            return kind
    raise refuse("NOT_FOUND", f"there is no record {record_id[:64]}", 404)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def move(
    ctx: CopyrightContext, record: Record, to: str, allowed: dict[str, tuple[str, ...]], reasons: Any = None
) -> None:
    """Take a record from one state to another, if `allowed` says so, and note who, when and why in its log."""
    if to not in allowed.get(record["state"], ()):
        raise refuse("WRONG_STATE", f"{record['type']} {record['id']} is {record['state']} and cannot become {to}")
    entry = {"from": record["state"], "to": to, "at": ctx.now, "by": ctx.party, "tx_id": ctx.stub.tx_id}
    if reasons:
        entry["reasons"] = reasons
    record["state"] = to
    record["log"].append(entry)


def first_entry(ctx: CopyrightContext, state: str) -> list[Record]:
    """The log of a new record."""
    return [{"from": "", "to": state, "at": ctx.now, "by": ctx.party, "tx_id": ctx.stub.tx_id}]
