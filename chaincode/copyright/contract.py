"""The contract `copyright`: settings, queries, and the acts of its parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

from chaincode.copyright import policy
from chaincode.copyright.collisions import Comparisons
from chaincode.copyright.contents import Contents
from chaincode.copyright.conveyances import Conveyances
from chaincode.copyright.disputes import Disputes
from chaincode.copyright.documents import OwnerDocuments
from chaincode.copyright.entries import Amendments
from chaincode.copyright.licences import Licences
from chaincode.copyright.money import Money
from chaincode.copyright.reading import ReadingKeys
from chaincode.copyright.records import (
    DISPUTE,
    LICENCE,
    PLEDGE,
    REGISTRATION,
    USAGE,
    WORK,
    CopyrightContext,
)
from chaincode.copyright.registrations import Registrations
from chaincode.copyright.roles import REGISTRAR
from chaincode.copyright.sealed_works import SealedWorks
from chaincode.copyright.seals import Seals
from chaincode.copyright.transactions import HANGS_ON_WORK, Transactions
from chaincode.copyright.works import Works
from chaincode.kit.contract import KitContract
from chaincode.kit.fields import Fields, invalid
from chaincode.kit.records import KitContext
from chaincode.working_days import BadCalendar, read_year
from fabric_sdk.chaincode import Context, query
from fabric_sdk.kinds import Record

_SHOWN = ("id", "title", "category", "creation_kind", "number", "created", "state")
_QUEUES = {
    "registrations": ("registration-state", REGISTRATION),
    "pledges": ("pledge-state", PLEDGE),
    "disputes": ("dispute-state", DISPUTE),
}

MAX_YEARS = 20


class CopyrightContract(
    Works,
    OwnerDocuments,
    Comparisons,
    SealedWorks,
    Registrations,
    Amendments,
    Licences,
    Conveyances,
    Disputes,
    Money,
    ReadingKeys,
    Seals,
    Contents,
    Transactions,
    KitContract,
):
    """数字版权."""

    name: ClassVar[str] = "copyright"
    version: ClassVar[str] = "1.0.0"
    title: ClassVar[str] = "Copyright deposit and registration"
    context_class: ClassVar[type[Context]] = CopyrightContext
    lists: ClassVar[Mapping[str, tuple[str, str]]] = {
        "works": ("owner", WORK),
        "applications": ("applicant", REGISTRATION),
        "licences": ("licensee", LICENCE),
        "concerned": ("concerned", ""),
        "waiting": ("waiting", ""),
    }

    def read_settings(self, ctx: KitContext, form: Fields) -> Record:
        """The office's organisation and name, its number prefix, policy version, and calendars of later years."""
        calendar = {"calendar": _calendar(form)} if form.has("calendar") else {}
        return calendar | {
            "office_msp": form.text("office_msp", 64),
            "office_name": form.text("office_name", 100),
            "number_prefix": form.text("number_prefix", 32),
            "policy": form.code("policy", policy.versions(), default=policy.CURRENT),
        }

    @query
    def ReadPolicy(self, ctx: CopyrightContext, version: str = "") -> dict[str, Any]:
        """The rules of a policy version (the one in force if empty)."""
        return policy.load(version or ctx.settings["policy"]).data

    @query
    def WhoAmI(self, ctx: KitContext) -> dict[str, Any]:
        """How the ledger knows the caller."""
        found = super().WhoAmI(ctx)
        return found | {"registrar": "registrar" in found["roles"]}

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
        return ctx.page("waiting", [REGISTRAR.waiting], "", page_size, bookmark)

    @query
    def ListOf(self, ctx: CopyrightContext, work_id: str) -> dict[str, Any]:
        """Everything that hangs on a work: registrations, licences, transfers, pledges, changes, disputes, cases."""
        ctx.read(WORK, work_id)
        return {name: ctx.all_of(name, work_id, name[:-1]) for name in HANGS_ON_WORK}

    @query
    def ListUsage(self, ctx: CopyrightContext, licence_id: str) -> list[dict[str, Any]]:
        """Reported uses of a licence."""
        return ctx.all_of("usage", licence_id, USAGE)

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


def _calendar(form: Fields) -> Record:
    """Years' calendars by year, each checked as a whole."""
    given = form.raw("calendar")
    if not isinstance(given, dict) or len(given) > MAX_YEARS:
        invalid("calendar", f"must be at most {MAX_YEARS} years by their numbers")
    years: Record = {}
    for year, data in sorted(given.items()):
        try:
            found = read_year(data)
        except BadCalendar as error:
            invalid("calendar", f"{str(year)[:10]}: {error}")
        if str(found.year) != year:
            invalid("calendar", f"{str(year)[:10]} holds the year {found.year}")
        years[year] = found.to_mapping()
    return years
