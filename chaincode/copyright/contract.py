"""The contract `copyright`: settings, queries, and the acts of its parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from chaincode.copyright import policy
from chaincode.copyright.conveyances import Conveyances
from chaincode.copyright.disputes import Disputes
from chaincode.copyright.licences import Licences
from chaincode.copyright.records import (
    DISPUTE,
    KINDS,
    LICENCE,
    PLEDGE,
    REGISTRATION,
    USAGE,
    WORK,
    CopyrightContext,
    dump,
    is_admin,
    kind_of,
    refuse,
    roles_of,
)
from chaincode.copyright.registrations import Registrations
from chaincode.copyright.waiting import OFFICE
from chaincode.copyright.works import Works
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import Context, Contract, query, transaction
from fabric_sdk.clock import now

_LISTS = {
    "works": ("owner", WORK),
    "applications": ("applicant", REGISTRATION),
    "licences": ("licensee", LICENCE),
    "concerned": ("concerned", ""),
    "waiting": ("waiting", ""),
}
_OF_WORK = ("registrations", "licences", "transfers", "pledges", "changes", "disputes", "infringements")
_SHOWN = ("id", "title", "category", "creation_kind", "number", "created", "state")
_QUEUES = {
    "registrations": ("registration-state", REGISTRATION),
    "pledges": ("pledge-state", PLEDGE),
    "disputes": ("dispute-state", DISPUTE),
}


class CopyrightContract(Works, Registrations, Licences, Conveyances, Disputes, Contract):
    """数字版权."""

    name: ClassVar[str] = "copyright"
    version: ClassVar[str] = "1.0.0"
    title: ClassVar[str] = "Copyright deposit and registration"
    context_class: ClassVar[type[Context]] = CopyrightContext

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        """`clock` is the peer's: transactions whose own time is far from it are refused."""
        self._clock = clock

    def before_transaction(self, ctx: Context) -> None:
        known = self.functions.get(ctx.stub.function.rpartition(":")[2])
        if known is not None and known.submit and isinstance(ctx, CopyrightContext):
            ctx.check_clock(self._clock())

    @transaction
    def Configure(self, ctx: CopyrightContext, settings: dict[str, Any]) -> dict[str, Any]:
        """Name the office's organisation, its number prefix and policy version.

        The first call is for an administrator of the organisation that it names (deploying the contract makes it);
        later ones for administrators of the office in force.
        """
        form = Fields(settings)
        before = ctx.stub.get_state("settings")
        office = ctx.settings["office_msp"] if before else form.text("office_msp", 64)
        if not is_admin(ctx.client) or ctx.client.msp_id != office:
            raise refuse("FORBIDDEN", f"this needs an administrator of {office}", 403)
        value = {
            "office_msp": form.text("office_msp", 64),
            "office_name": form.text("office_name", 100),
            "number_prefix": form.text("number_prefix", 32),
            "policy": form.code("policy", policy.versions(), default=policy.CURRENT),
        }
        form.done()
        ctx.stub.put_state("settings", dump(value))
        ctx.stub.set_event("Configured", dump(value))
        return value

    @query
    def ReadSettings(self, ctx: CopyrightContext) -> dict[str, Any]:
        """The office's settings."""
        return ctx.settings

    @query
    def ReadPolicy(self, ctx: CopyrightContext, version: str = "") -> dict[str, Any]:
        """The rules of a policy version (the one in force if empty)."""
        return policy.load(version or ctx.settings["policy"]).data

    @query
    def WhoAmI(self, ctx: CopyrightContext) -> dict[str, Any]:
        """How the ledger knows the caller."""
        return {"party": ctx.party, "roles": sorted(roles_of(ctx.client)), "registrar": ctx.is_registrar()}

    @query
    def Read(self, ctx: CopyrightContext, record_id: str) -> dict[str, Any]:
        """Any record by its id."""
        return ctx.read(kind_of(record_id), record_id)

    @query
    def Find(self, ctx: CopyrightContext, by: str, value: str) -> list[dict[str, Any]]:
        """Works by `cid`, `sha256` (or commitment), `iscc`, `number` or `certificate` (SHA-256); oldest first."""
        if by == "number":
            found = ctx.indexed_value("number", value)
            return [ctx.read(WORK, found)] if found else []
        if by == "certificate":
            return [ctx.read(WORK, ctx.read(REGISTRATION, one[-1])["work_id"]) for one in ctx.indexed(by, value)]
        if by not in ("cid", "sha256", "iscc") or not value:
            invalid("by", "must be cid, sha256, iscc, number or certificate")
        return ctx.all_of(by, value, WORK)

    @query
    def ListMine(self, ctx: CopyrightContext, what: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """The caller's `works`, `applications` or `licences`, all records `concerned` with them, or those `waiting` for
        them, a page at a time."""
        if what not in _LISTS:
            invalid("what", f"must be one of {', '.join(_LISTS)}")
        return ctx.page(_LISTS[what][0], [ctx.party], _LISTS[what][1], page_size, bookmark)

    @query
    def ListWorks(self, ctx: CopyrightContext, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """All works, a page at a time, by content."""
        return ctx.page("cid", [], WORK, page_size, bookmark)

    @query
    def ListQueue(
        self, ctx: CopyrightContext, what: str, state: str, page_size: int, bookmark: str = ""
    ) -> dict[str, Any]:
        """`registrations`, `pledges` or `disputes` in a state, a page at a time: the office's inbox, open to all."""
        if what not in _QUEUES:
            invalid("what", f"must be one of {', '.join(_QUEUES)}")
        return ctx.page(_QUEUES[what][0], [state], _QUEUES[what][1], page_size, bookmark)

    @query
    def ListWaiting(self, ctx: CopyrightContext, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """Records of any kind that wait for the office, a page at a time; like the queues, open to all."""
        return ctx.page("waiting", [OFFICE], "", page_size, bookmark)

    @query
    def ListAll(self, ctx: CopyrightContext, kind: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """All records of a kind (`licence`, `transfer`, `dispute`, …), oldest first, a page at a time."""
        if kind not in KINDS:
            invalid("kind", f"must be one of {', '.join(KINDS)}")
        return ctx.all_pages(kind, page_size, bookmark)

    @query
    def ListOf(self, ctx: CopyrightContext, work_id: str) -> dict[str, Any]:
        """Everything that hangs on a work: registrations, licences, transfers, pledges, changes, disputes, cases."""
        ctx.read(WORK, work_id)
        return {name: ctx.all_of(name, work_id, name[:-1]) for name in _OF_WORK}

    @query
    def ListUsage(self, ctx: CopyrightContext, licence_id: str) -> list[dict[str, Any]]:
        """Reported uses of a licence."""
        return ctx.all_of("usage", licence_id, USAGE)

    @query
    def History(self, ctx: CopyrightContext, record_id: str) -> list[dict[str, Any]]:
        """Every committed version of a record, newest first: `{"tx_id", "at", "deleted", "record"}`."""
        import json

        record = self.Read(ctx, record_id)
        with ctx.stub.get_history_for_key(record["id"]) as changes:
            return [
                {
                    "tx_id": change.tx_id,
                    "at": change.timestamp.isoformat(),
                    "deleted": change.is_delete,
                    "record": None if change.is_delete else json.loads(change.value),
                }
                for change in changes
            ]

    @query
    def FamilyTree(self, ctx: CopyrightContext, work_id: str) -> dict[str, Any]:
        """A work's provenance both ways: `{"works": [{id, title, …}], "links": [{"from", "to", "kind"}], "complete"}`.

        Walks up to the earlier works and down to what was made of them, breadth first, up to the policy's bound.
        """
        limit = ctx.policy.limit("tree_works")
        ctx.read(WORK, work_id)
        waiting, met = deque([work_id]), {work_id}
        works: list[dict[str, Any]] = []
        links: set[tuple[str, str, str]] = set()
        while waiting and len(works) < limit:
            work = ctx.read(WORK, waiting.popleft())
            works.append({key: work[key] for key in _SHOWN})
            up = [source["work_id"] for source in work["sources"] if source.get("work_id")]
            links |= {(one, work["id"], work["creation_kind"]) for one in up}
            down = [attributes[-1] for attributes in ctx.indexed("derived", work["id"])]
            for one in (*up, *down):
                if one not in met:
                    met.add(one)
                    waiting.append(one)
        return {
            "works": works,
            "links": [{"from": a, "to": b, "kind": kind} for a, b, kind in sorted(links)],
            "complete": not waiting,
        }
