"""Works and their deposit (存证): immediate, by the creator alone. What a deposit proves is existence, time and
depositor; not originality."""

from __future__ import annotations

from datetime import date
from typing import Any

from chaincode.copyright.collisions import check_relations, put_prints, read_prints, read_relations, same_content
from chaincode.copyright.numbers import raw_digest
from chaincode.copyright.policy import Policy
from chaincode.copyright.records import WORK, CopyrightContext, Record, refuse
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import query, transaction

SHARES = 10_000
"""The whole of a right, in basis points."""
_AUTHOR_KINDS = ("natural", "legal", "organization", "anonymous")


def read_authors(form: Fields, policy: Policy, *, required: bool) -> list[Record]:
    """Authors with 署名."""
    authors = []
    for one in form.objects("authors", policy.limit("authors"), required=required):
        author = {
            "name": one.text("name", 100),
            "signature": one.text("signature", 100, required=False),
            "kind": one.code("kind", _AUTHOR_KINDS, default="natural"),
            "died": one.day("died", required=False),
        }
        one.done()
        authors.append({key: value for key, value in author.items() if value})
    return authors


def read_place(form: Fields, field: str, today: date) -> Record | None:
    """A day and a place, such as completion or first publication."""
    if not form.has(field):
        form.raw(field)
        return None
    one = form.object(field)
    place = {"date": one.day("date", latest=today), "place": one.text("place", 200, required=False)}
    one.done()
    return place


def _read_content(form: Fields) -> Record:
    one = form.object("content")
    content: Record = {
        "cid": one.cid("cid"),
        "size": one.integer("size", 0, 1 << 53),
        "media_type": one.text("media_type", 100),
        "encrypted": one.boolean("encrypted"),
        "sha256": one.sha256("sha256", required=False),
        "commitment": one.sha256("commitment", required=False),
    }
    one.done()
    if content["encrypted"] == bool(content["sha256"]) or content["encrypted"] != bool(content["commitment"]):
        invalid("content", "open content names its sha256, encrypted content a salted commitment instead")
    if content["sha256"] and (digest := raw_digest(content["cid"])) and digest != content["sha256"]:
        invalid("content.sha256", "is not what the CID says")
    return {key: value for key, value in content.items() if value != ""}


def _read_fingerprints(form: Fields, policy: Policy) -> dict[str, str]:
    value = form.raw("fingerprints") or {}
    one = Fields(value, "fingerprints")
    if len(value) > 16:
        invalid("fingerprints", "are more than 16")
    return {name: one.text(name, policy.limit("fingerprint_characters")) for name in sorted(value)}


def read_software(form: Fields, policy: Policy, category: str) -> Record:
    """What the register of software asks for: version, how it was developed, what is deposited to identify it."""
    one = form.object("software")
    if category != "software":
        invalid("software", "is for works of the category software")
    found: Record = {
        "version": one.text("version", 50),
        "development": one.code("development", policy.codes("developments")),
        "basis": one.code("basis", policy.codes("software_bases"), default="original"),
        "material": one.code("material", policy.codes("materials"), default="general"),
    }
    for name, limit in (("languages", 200), ("environment", 500)):
        found[name] = one.text(name, limit, required=False)
    found["lines"] = one.integer("lines", 0, 10**9, default=0)
    one.done()
    return {name: value for name, value in found.items() if value not in ("", 0)}


def _read_credentials(form: Fields) -> Record:
    """What the depositor says of the file's Content Credentials (C2PA); whoever has the file can check it."""
    one = form.object("credentials")
    found: Record = {"state": one.code("state", ("Trusted", "Valid", "Invalid", "Unreadable"))}
    for name in ("manifest", "generator", "signer", "time", "title"):
        if one.has(name):
            found[name] = one.text(name, 200)
        one.raw(name)
    one.done()
    return found


def read_sources(ctx: CopyrightContext, form: Fields, kind: str) -> list[Record]:
    """Earlier works: on this ledger by id or number, elsewhere by description."""
    derived = ctx.policy.entry("creation_kinds", kind)["derived"]
    sources = []
    for one in form.objects("sources", ctx.policy.limit("sources"), required=derived):
        source: Record = {}
        if one.has("number"):
            number = one.text("number", 64)
            if not (found := ctx.indexed_value("number", number)):
                raise refuse("NOT_FOUND", f"sources: there is no registration number {number}", 404)
            source = {"work_id": found, "number": number}
        if one.has("work_id"):
            source["work_id"] = ctx.read(WORK, one.text("work_id", 64))["id"]
        if one.has("description"):
            source["description"] = one.text("description", ctx.policy.limit("text_characters"))
        for known in ("number", "work_id", "description"):
            one.raw(known)
        one.done()
        if not source:
            invalid("sources", "each names an earlier work by number, work_id or description")
        sources.append(source)
    if sources and not derived:
        invalid("sources", "an original work has none; choose another creation kind")
    return sources


def read_work(ctx: CopyrightContext, form: Fields) -> Record:
    """Check a deposit's form and return the work it describes."""
    policy = ctx.policy
    today = date.fromisoformat(ctx.today)
    kind = form.code("creation_kind", policy.codes("creation_kinds"), default="original")
    work: Record = {
        "title": form.text("title", policy.limit("title_characters")),
        "category": form.code("category", policy.codes("categories")),
        "creation_kind": kind,
        "sources": read_sources(ctx, form, kind),
        "authors": read_authors(form, policy, required=False),
        "completed": read_place(form, "completed", today),
        "published": read_place(form, "published", today),
        "content": _read_content(form),
        "fingerprints": _read_fingerprints(form, policy),
        "note": form.text("note", policy.limit("text_characters"), required=False),
        "relations": read_relations(ctx, form, policy),
    }
    if form.has("software"):
        work["software"] = read_software(form, policy, work["category"])
    form.raw("software")
    if form.has("credentials"):
        work["credentials"] = _read_credentials(form)
    form.raw("credentials")
    form.done()
    require_order(work)
    return work


def require_order(work: Record) -> None:
    """Refuse a work that was published before it was completed."""
    if work["completed"] and work["published"] and work["published"]["date"] < work["completed"]["date"]:
        invalid("published.date", "lies before completion")


class Works:
    """存证: deposits, their revocation, keys of encrypted works."""

    @transaction
    def Deposit(self, ctx: CopyrightContext, work: dict[str, Any]) -> dict[str, Any]:
        """Deposit a work: title, category, content (CID, SHA-256 or commitment, size, media type) and what is known.

        Refused with DUPLICATE_DEPOSIT if the caller deposited the same content before.
        """
        ctx.require_role("creator")
        record, earlier = self._deposit(ctx, work, 0, set())
        if record is None:
            raise refuse("DUPLICATE_DEPOSIT", f"you deposited this content already as {earlier}")
        ctx.event("WorkDeposited", record)
        return record

    @transaction
    def DepositMany(self, ctx: CopyrightContext, works: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Deposit up to 100 works at once; answer `{"id", "duplicate"}` for each in order (duplicates are skipped)."""
        ctx.require_role("creator")
        if not 1 <= len(works) <= ctx.policy.limit("batch"):
            invalid("works", f"must be 1 to {ctx.policy.limit('batch')}")
        answers: list[dict[str, Any]] = []
        met: set[str] = set()
        for number, work in enumerate(works):
            record, earlier = self._deposit(ctx, work, number, met)
            answers.append({"id": earlier if record is None else record["id"], "duplicate": record is None})
        ids = [answer["id"] for answer in answers if not answer["duplicate"]]
        if ids:
            ctx.event("WorksDeposited", {"type": "works", "id": ids[0], "number": str(len(ids))})
        return answers

    def _deposit(self, ctx: CopyrightContext, value: object, number: int, met: set[str]) -> tuple[Record | None, str]:
        """Write one deposit; (None, earlier id) for what the caller deposited before."""
        form = Fields(value)
        prints = read_prints(form)
        work = read_work(ctx, form)
        cid = work["content"]["cid"]
        if before := ctx.indexed_value("deposited", cid, ctx.party):
            return None, before
        if cid in met:
            return None, ""
        met.add(cid)
        earlier = same_content(ctx, work)
        for one in earlier:
            # Ids begin with their day: only those of this day or a later one can be newer than this deposit.
            if one[2:10] >= ctx.today.replace("-", "") and ctx.read(WORK, one)["created"] > ctx.now:
                raise refuse("BACKDATED", f"the same content was deposited later than this one claims: {one}", 400)
        check_relations(ctx, work, earlier)
        if work["content"]["encrypted"] and prints:
            invalid("prints", "would tell what is in a sealed work")
        work |= {
            "state": "ACTIVE",
            "depositor": ctx.party,
            "owners": [{"party": ctx.party, "share": SHARES}],
            "earlier": earlier,
            "prints": list(prints),
            "registration": "",
            "number": "",
            "disputes": [],
            "pledge": "",
        }
        record = ctx.create(WORK, work, number)
        put_prints(ctx, record["id"], prints)
        ctx.index("deposited", cid, ctx.party, value=record["id"])
        ctx.index("cid", cid, record["id"])
        ctx.index("owner", ctx.party, record["id"])
        for name in ("sha256", "commitment"):
            if record["content"].get(name):
                ctx.index("sha256", record["content"][name], record["id"])
        if record["fingerprints"].get("iscc"):
            ctx.index("iscc", record["fingerprints"]["iscc"], record["id"])
        for source in record["sources"]:
            if source.get("work_id"):
                ctx.index("derived", source["work_id"], record["id"])
        return record, ""

    @transaction
    def RevokeDeposit(self, ctx: CopyrightContext, work_id: str, reason: str) -> dict[str, Any]:
        """撤销: the sole owner withdraws a work that is neither registered, pledged, disputed nor licensed."""
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        if [owner["party"] for owner in work["owners"]] != [ctx.party]:
            raise refuse("NOT_SOLE_OWNER", "all owners must withdraw together")
        if work["registration"] or work["pledge"] or work["disputes"]:
            raise refuse("WORK_BOUND", "the work is registered, pledged or disputed")
        if any(one["state"] == "ACTIVE" for one in ctx.all_of("licences", work_id, "licence")):
            raise refuse("WORK_BOUND", "the work has licences in force")
        if work["state"] != "ACTIVE":
            raise refuse("WRONG_STATE", f"the work is {work['state']}")
        work["state"] = "REVOKED"
        ctx.unindex("deposited", work["content"]["cid"], work["depositor"])
        work["revoked"] = Fields({"reason": reason}).text("reason", ctx.policy.limit("text_characters"))
        ctx.event("WorkRevoked", ctx.update(work))
        return work

    @transaction
    def PutKey(self, ctx: CopyrightContext, work_id: str, party: str, wrapped: str) -> None:
        """Owners give `party` the key of an encrypted work, wrapped for their certificate: to owners, to licensees
        in force, and to nobody else."""
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        if not work["content"]["encrypted"]:
            raise refuse("NOT_ENCRYPTED", "the work is not encrypted")
        entitled = {owner["party"] for owner in work["owners"]}
        for licence in ctx.all_of("licences", work_id, "licence"):
            if licence["state"] == "ACTIVE" and licence["until"] >= ctx.today:
                entitled.add(licence["licensee"])
        if party not in entitled:
            raise refuse("NO_LICENCE", f"{party} neither owns the work nor has a licence in force")
        ctx.index("key", work_id, party, value=Fields({"wrapped": wrapped}).text("wrapped", 2000))

    @query
    def ReadKey(self, ctx: CopyrightContext, work_id: str) -> str:
        """The caller's wrapped key of an encrypted work; NO_KEY if none was given."""
        ctx.read(WORK, work_id)
        if not (found := ctx.indexed_value("key", work_id, ctx.party)):
            raise refuse("NO_KEY", "no key of this work was given to you", 404)
        return found


def require_owner(ctx: CopyrightContext, work: Record) -> Record:
    """The caller's share of a work; ChaincodeError `NOT_OWNER` if they have none."""
    for owner in work["owners"]:
        if owner["party"] == ctx.party:
            share: Record = owner
            return share
    raise refuse("NOT_OWNER", "only an owner of the work may do this", 403)
