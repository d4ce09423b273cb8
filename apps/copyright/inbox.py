"""待我办理: everything on the ledger that waits for whoever sits here, with what it is about and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest
from apps.copyright.acting import Desk, desk_of
from apps.copyright.cast import Part
from apps.copyright.model import Work
from fabric_sdk import clock

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

Record = Mapping[str, Any]
PAGE = 100
MOST = 2000
FEW = 40
_COUNTING = {
    "SUBMITTED": "verification",
    "VERIFYING": "verification",
    "CORRECTION": "correction",
    "ACCEPTED": "examination",
    "EXAMINING": "examination",
    "APPROVED": "examination",
}
KINDS = ("licence", "transfer", "pledge", "change", "usage")


@dataclass(frozen=True)
class Matter:
    """A record with the work it is about. `due` is the day (ISO) by which somebody must act, "" for none."""

    record: Record
    work: Work
    due: str = ""

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def kind(self) -> str:
        return str(self.record["type"])

    @property
    def state(self) -> str:
        return str(self.record["state"])


def due_of(record: Record) -> str:
    """The deadline that counts in a record's state, as an ISO date; "" where none runs."""
    deadlines = record.get("deadlines") or {}
    state = record.get("state")
    kind = record.get("type")
    if kind == "registration":
        name = _COUNTING.get(str(state), "")
        return str(deadlines.get(name, ""))
    if kind == "pledge":
        if state == "REGISTERED":
            return str(record["debt_until"])
        return str(deadlines.get("registration", "")) if state == "AGREED" else ""
    if kind == "licence" and state in ("OFFERED", "ACTIVE"):
        return str(record["until"])
    return ""


class Inbox:
    """Lists of matters for one desk on one network."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service
        self._works: dict[str, Work] = {}

    @property
    def desk(self) -> Desk:
        return desk_of(self._service)

    def waiting(self) -> tuple[Matter, ...]:
        """What waits for this desk, the nearest deadline first; the office's matters for registrars."""
        matters = self._matters(self._waiting().values())
        return tuple(sorted(matters, key=lambda one: (one.due or "9999", str(one.record["created"]))))

    def count(self) -> int:
        """How many matters wait for this desk."""
        return len(self._waiting())

    def _waiting(self) -> dict[str, Record]:
        self._service.platform.session.require(manifest.READ)
        desk = self.desk
        found: dict[str, Record] = {}
        for part in self._parts(desk):
            for record in self._pages(part, "ListMine", "waiting"):
                found[record["id"]] = record
        if desk.office:
            for record in self._pages("registrar", "ListWaiting"):
                found[record["id"]] = record
        return found

    def expiring(self, days: int) -> tuple[Matter, ...]:
        """Licences and pledges of this desk in force whose last day comes within `days` days, or has come."""
        last = (clock.today() + timedelta(days=days)).isoformat()
        running = {("licence", "ACTIVE"), ("pledge", "REGISTERED")}
        found = self.concerned(("licence", "pledge"))
        near = [one for one in found if (one.kind, one.state) in running and one.due <= last]
        return tuple(sorted(near, key=lambda one: one.due))

    def concerned(self, kinds: tuple[str, ...] = KINDS) -> tuple[Matter, ...]:
        """Every record of these kinds that names this desk or a work of it, the newest first."""
        self._service.platform.session.require(manifest.READ)
        found: dict[str, Record] = {}
        for part in self._parts(self.desk):
            for record in self._pages(part, "ListMine", "concerned"):
                if record["type"] in kinds:
                    found[record["id"]] = record
        return self._newest(found.values())

    def all(self, kinds: tuple[str, ...] = KINDS) -> tuple[Matter, ...]:
        """Every record of these kinds on the ledger, the newest first."""
        self._service.platform.session.require(manifest.READ)
        return self._newest([record for kind in kinds for record in self._pages("auditor", "ListAll", kind)])

    def of_work(self, work_id: str, kinds: tuple[str, ...]) -> tuple[Matter, ...]:
        """Every record of these kinds that hangs on a work, reported uses of its licences among them; newest first."""
        dossier = self._service.dossier(work_id)
        found = [record for records in dossier.values() for record in records if record["type"] in kinds]
        if "usage" in kinds:
            for licence in dossier["licences"]:
                found += self._service.ledger.evaluate("auditor", "ListUsage", licence["id"])
        return self._newest(found)

    def record(self, record_id: str) -> Matter:
        """One matter by its id; `NotFound` in words if there is none."""
        self._service.platform.session.require(manifest.READ)
        return self._matters([self._service.ledger.evaluate("auditor", "Read", record_id)])[0]

    def usage(self, licence_id: str) -> tuple[Record, ...]:
        """Reported uses of a licence, oldest first."""
        self._service.platform.session.require(manifest.READ)
        return tuple(self._service.ledger.evaluate("auditor", "ListUsage", licence_id))

    def _parts(self, desk: Desk) -> tuple[Part, ...]:
        return tuple(desk.parties.values())

    def _pages(self, part: Part, function: str, *args: Any) -> Iterator[Record]:
        bookmark, count = "", 0
        while count < MOST:
            page = self._service.ledger.evaluate(part, function, *args, PAGE, bookmark)
            yield from page["items"]
            count += len(page["items"])
            bookmark = page["bookmark"]
            if not bookmark:
                return

    def _newest(self, records: Iterable[Record]) -> tuple[Matter, ...]:
        matters = self._matters(records)
        return tuple(sorted(matters, key=lambda one: str(one.record["created"]), reverse=True))

    def _matters(self, records: Iterable[Record]) -> list[Matter]:
        """Records with their works: read one by one if they are few, else page by page."""
        listed = list(records)
        wanted = {str(record["work_id"]) for record in listed} - set(self._works)
        if len(wanted) > FEW:
            for work in self._service.works(limit=MOST):
                self._works[work.id] = work
        for work_id in wanted - set(self._works):
            self._works[work_id] = self._service.work(work_id)
        return [Matter(record, self._works[str(record["work_id"])], due_of(record)) for record in listed]
