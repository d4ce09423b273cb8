"""登记 registration and 变更 change, reviewed by the office: what data cannot say of them.

The deadlines come from the policy; everything is checked on every endorser.
"""

from __future__ import annotations

from datetime import date

from chaincode.copyright.collisions import require_compared
from chaincode.copyright.documents import documents_digest
from chaincode.copyright.kinds import Change, Registration
from chaincode.copyright.records import REGISTRATION, CopyrightContext, Record, refuse
from chaincode.copyright.sealed_works import require_key, require_opened
from chaincode.copyright.works import read_authors, read_place, require_order
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import Fields, invalid

_STATEMENT = ("purpose", "process", "originality")


def _office(doing: Doing) -> CopyrightContext:
    assert isinstance(doing.ctx, CopyrightContext)
    return doing.ctx


def _check_application(ctx: CopyrightContext, work: Record, record: Record) -> None:
    """Check an application beyond its fields: the statement, the owners, the proofs that its kind needs."""
    statement = Fields(record["statement"], "statement")
    limit = ctx.policy.limit("text_characters")
    record["statement"] = {part: statement.text(part, limit) for part in _STATEMENT}
    statement.done()
    record["proofs"] = [{key: value for key, value in proof.items() if value} for proof in record["proofs"]]
    if sorted(owner["party"] for owner in record["owners"]) != sorted(one["party"] for one in work["owners"]):
        invalid("owners", "must be exactly the work's owners")
    attached = {proof["kind"] for proof in record["proofs"]}
    for table, field in (("acquisitions", "acquisition"), ("attributions", "attribution")):
        needed = ctx.policy.entry(table, record[field])["proof"]
        if needed and needed not in attached:
            raise refuse("PROOF_MISSING", f"{field} {record[field]} needs the proof {needed}", 400)
    if record["attribution"] == "joint" and len(work["authors"]) < 2:
        invalid("attribution", "a joint work has at least two authors")
    digest = documents_digest(ctx, work)
    if not digest:
        raise refuse("DOCUMENTS_MISSING", "hand in the owners' identity documents first", 412)
    record["documents_hash"] = digest.hex()
    require_key(ctx, work)


def _require_same_owners(work: Record, record: Record) -> None:
    """Refuse to go on with an application that names other owners than the work has by now."""
    named, now = ({one["party"] for one in owners} for owners in (record["owners"], work["owners"]))
    if named != now:
        raise refuse("OWNERS_CHANGED", "the work's owners have changed since the application", 412)


def _release(doing: Doing) -> None:
    """The work has no registration any more."""
    doing.parent["registration"], doing.parent["number"] = "", ""
    doing.ctx.update(doing.parent)


def _set_deadline(doing: Doing, name: str) -> None:
    ctx = _office(doing)
    due = {name: ctx.policy.deadline(name, ctx.stub.tx_timestamp)}
    doing.record["deadlines"] = doing.record.get("deadlines", {}) | due


class Registrations(Part, kinds=(Registration, Change)):
    """登记, its review, 变更/补充 and 撤销 of a registration."""

    @rule(Registration.submit)
    def _submitted(self, doing: Doing) -> None:
        """提交: an owner applies for registration of a deposited work."""
        ctx, work = _office(doing), doing.on
        _check_application(ctx, work, doing.record)
        doing.record["certificate"] = None
        _set_deadline(doing, "verification")
        work["registration"] = ctx.new_id(REGISTRATION)
        ctx.update(work)

    @rule(Registration.ask_correction)
    def _correction_asked(self, doing: Doing) -> None:
        """补正: the applicant has the policy's time (two months)."""
        _set_deadline(doing, "correction")

    @rule(Registration.correct)
    def _corrected(self, doing: Doing) -> None:
        """The applicant hands the corrected application in, in time."""
        due = doing.record["deadlines"]["correction"]
        if doing.ctx.today > due:
            raise refuse("DEADLINE_PASSED", f"the correction was due on {due}")
        _check_application(_office(doing), doing.parent, doing.record)
        _set_deadline(doing, "verification")

    @rule(Registration.lapse)
    def _lapsed(self, doing: Doing) -> None:
        """Anybody may note that a correction was not handed in in time; the application lapses."""
        due = doing.record["deadlines"]["correction"]
        if doing.ctx.today <= due:
            raise refuse("DEADLINE_RUNNING", f"the correction is due on {due}")
        _release(doing)

    @rule(Registration.withdraw, Registration.refuse)
    def _given_up(self, doing: Doing) -> None:
        _release(doing)

    @rule(Registration.accept)
    def _accepted_for_examination(self, doing: Doing) -> None:
        """受理: the papers are in order; the examination's deadline (30 working days) begins."""
        _set_deadline(doing, "examination")

    @rule(Registration.pass_first)
    def _passed_first(self, doing: Doing) -> None:
        """初审: whoever examined is kept, for 复审 is another person's."""
        _require_same_owners(doing.parent, doing.record)
        require_compared(doing.ctx, doing.record, doing.parent)
        require_opened(_office(doing), doing.parent, doing.record["id"])
        doing.record["examiner"] = doing.party

    @rule(Registration.approve)
    def _examined(self, doing: Doing) -> None:
        """A sealed work is approved only after somebody of the office has taken its key to open it."""
        _require_same_owners(doing.parent, doing.record)
        require_compared(doing.ctx, doing.record, doing.parent)
        require_opened(_office(doing), doing.parent, doing.record["id"])

    @rule(Registration.certify)
    def _certified(self, doing: Doing) -> None:
        """发证: assign the registration number; the certificate itself follows with `RecordCertificate`."""
        ctx, record, work = _office(doing), doing.record, doing.parent
        _require_same_owners(work, record)
        letter = ctx.policy.entry("categories", work["category"])["letter"]
        serial = int(ctx.stub.tx_id[:12], 16) % 100_000_000
        number = f"{ctx.settings['number_prefix']}-{ctx.today[:4]}-{letter}-{serial:08d}"
        if ctx.indexed_value("number", number):
            raise refuse("NUMBER_TAKEN", "the number drawn is taken; send the transaction again")
        record |= {"number": number, "registered": ctx.today, "right_until": _right_until(ctx, work, record)}
        work["number"] = number
        ctx.update(work)
        ctx.index("number", number, value=work["id"])

    @rule(Registration.note_certificate)
    def _certificate_noted(self, doing: Doing) -> None:
        """Note the signed certificate's SHA-256 and CID, so that anybody can check a copy."""
        ctx, record = doing.ctx, doing.record
        stands = (record.get("certificate") or {}).get("sha256", "")
        if doing.given["replaces"] != stands:
            # Two desks certify at once: whoever comes second did not know of the first one's certificate.
            raise refuse("CERTIFICATE_STANDS", f"the certificate that stands is {stands or 'none'}")
        if stands:  # it is kept: the new certificate names it
            record["certificates"] = [*record.get("certificates", []), record["certificate"]]
        record["certificate"] = {"sha256": doing.given["sha256"], "cid": doing.given["cid"], "at": ctx.now}
        ctx.index("certificate", doing.given["sha256"], record["id"])

    @rule(Registration.publish)
    def _published(self, doing: Doing) -> None:
        doing.record["published"] = doing.ctx.today

    @rule(Registration.cancel)
    def _cancelled(self, doing: Doing) -> None:
        """撤销: the office cancels a registration on one of the policy's grounds."""
        ground, pledge = doing.given["ground"], doing.parent["pledge"]
        if pledge and ground == "owner_request":
            raise refuse("PLEDGED", f"the pledge {pledge} must be discharged first")
        doing.record["cancelled"] = {"on": doing.ctx.today, "ground": ground}
        _release(doing)

    @rule(Change.request)
    def _change_requested(self, doing: Doing) -> None:
        doing.record["changes"] = _read_changes(_office(doing), doing.record["changes"])

    @rule(Change.approve)
    def _change_approved(self, doing: Doing) -> None:
        """The entries change; the term of protection that follows from them is counted anew."""
        ctx, work = _office(doing), doing.parent | doing.record["changes"]
        require_order(work)
        ctx.update(work)
        if work["number"]:
            case = ctx.read(REGISTRATION, work["registration"])
            case["right_until"] = _right_until(ctx, work, case)
            ctx.update(case)


def _right_until(ctx: CopyrightContext, work: Record, case: Record) -> str | None:
    """When the right ends: another rule for entities than for natural persons."""
    return ctx.policy.right_until(work, any(owner["kind"] != "natural" for owner in case["owners"]))


def _read_changes(ctx: CopyrightContext, value: object) -> Record:
    """The entries that may change: title, authors, completion, publication, note."""
    form, policy = Fields(value), ctx.policy
    today = date.fromisoformat(ctx.today)
    changes: Record = {}
    if form.has("title"):
        changes["title"] = form.text("title", policy.limit("title_characters"))
    if form.has("authors"):
        changes["authors"] = read_authors(form, policy, required=True)
    for field in ("completed", "published"):
        if form.has(field):
            changes[field] = read_place(form, field, today)
    if form.has("note"):
        changes["note"] = form.text("note", policy.limit("text_characters"))
    for field in ("title", "authors", "completed", "published", "note"):
        form.raw(field)
    form.done()
    if not changes:
        invalid("changes", "name nothing that may change")
    return changes
