"""A work's entries: what is said of it, how it may be changed, and that what stood there before is kept.

Before an application its owner amends them; while one is corrected, the fields that the office named; once registered,
by an application for a change (`registrations`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from chaincode.copyright.records import WORK, CopyrightContext, Record, refuse
from chaincode.copyright.works import (
    read_authors,
    read_place,
    read_software,
    read_sources,
    require_order,
    require_owner,
)
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import transaction

ENTRIES = (
    "title",
    "category",
    "creation_kind",
    "sources",
    "authors",
    "completed",
    "published",
    "software",
    "note",
)
FACTS = ("acquisition", "attribution", "rights", "statement", "owners", "proofs")
"""The application's own fields."""
NOT_AFTER_REGISTRATION = ("category",)
"""Its letter stands in the registration number."""


def read_entries(ctx: CopyrightContext, work: Record, value: object, *, leave_out: tuple[str, ...] = ()) -> Record:
    """Entries as they are to be, by name; only those that differ from what stands there. `value` names new ones."""
    form, policy = Fields(value, "entries"), ctx.policy
    today = date.fromisoformat(ctx.today)
    read: Record = {}
    if form.has("title"):
        read["title"] = form.text("title", policy.limit("title_characters"))
    if form.has("category") and "category" not in leave_out:
        read["category"] = form.code("category", policy.codes("categories"))
    kind = form.code("creation_kind", policy.codes("creation_kinds"), default=work["creation_kind"])
    if form.has("creation_kind") or form.has("sources"):
        read["creation_kind"] = kind
        sources = form if form.has("sources") else Fields({"sources": _said(work["sources"])}, "entries")
        read["sources"] = read_sources(ctx, sources, kind)
    if form.has("authors"):
        read["authors"] = read_authors(form, policy, required=True)
    for field in ("completed", "published"):
        if form.has(field):
            read[field] = read_place(form, field, today)
    category = str(read.get("category", work["category"]))
    if form.has("software"):
        read["software"] = read_software(form, policy, category)
    elif work.get("software") and category != "software":
        invalid("category", "is software's: its version and development are given")
    if form.has("note"):
        read["note"] = form.text("note", policy.limit("text_characters"), required=False)
    for field in ENTRIES:
        if field in leave_out and form.has(field):
            invalid(f"entries.{field}", "does not change any more: it stands in the registration number")
        form.raw(field)
    form.done()
    return {name: new for name, new in read.items() if new != work.get(name)}


def _said(sources: list[Record]) -> list[Record]:
    return [{key: one[key] for key in ("work_id", "description") if key in one} for one in sources]


def change_entries(ctx: CopyrightContext, work: Record, entries: Record) -> Record:
    """Put new entries into a work; what stood there before. The work is not written yet."""
    before = {name: work.get(name) for name in entries}
    known = {one.get("work_id") for one in work["sources"]}
    work |= entries
    require_order(work)
    for source in work["sources"]:
        if source.get("work_id") and source["work_id"] not in known:
            if source["work_id"] == work["id"]:
                invalid("sources", "a work is not its own source")
            ctx.index("derived", source["work_id"], work["id"])
    for gone in known - {one.get("work_id") for one in work["sources"]} - {None}:
        ctx.unindex("derived", str(gone), work["id"])
    return before


class Amendments:
    """更正与补全 before an application."""

    @transaction
    def AmendWork(self, ctx: CopyrightContext, work_id: str, entries: dict[str, Any], reason: str) -> dict[str, Any]:
        """Complete a deposit's entries, or correct them: before an application, while nobody contests it.

        Any owner may fill in what is empty; what stands there is changed by its only owner. What stood there before
        is kept in `amended`.
        """
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        if work["state"] != "ACTIVE":
            raise refuse("WRONG_STATE", f"the work is {work['state']}")
        if work["disputes"]:
            raise refuse("DISPUTED", f"the work is frozen by dispute {work['disputes'][0]}")
        if work["registration"]:
            raise refuse(
                "ALREADY_FILED", f"the work has the registration {work['registration']}; correct or change that"
            )
        why = Fields({"reason": reason}).text("reason", ctx.policy.limit("text_characters"))
        changed = read_entries(ctx, work, entries)
        if not changed:
            invalid("entries", "change nothing")
        taken = [name for name in changed if work.get(name) not in (None, "", [], {})]
        if taken and [owner["party"] for owner in work["owners"]] != [ctx.party]:
            raise refuse("NOT_SOLE_OWNER", f"{', '.join(taken)} stand there already; all owners must change them")
        before = change_entries(ctx, work, changed)
        entry = {"at": ctx.now, "by": ctx.party, "before": before, "reason": why}
        work["amended"] = [*work.get("amended", []), entry]
        ctx.event("WorkAmended", ctx.update(work))
        return work
