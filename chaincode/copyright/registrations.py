"""登记 registration and 变更 change, reviewed by the office: what data cannot say of them.

The deadlines come from the policy; everything is checked on every endorser.
"""

from __future__ import annotations

from chaincode.copyright.collisions import require_compared
from chaincode.copyright.conflicts import require_impartial
from chaincode.copyright.documents import documents_digest
from chaincode.copyright.entries import FACTS, NOT_AFTER_REGISTRATION, change_entries, read_entries
from chaincode.copyright.kinds import Cancellation, Change, Registration
from chaincode.copyright.records import REGISTRATION, CopyrightContext, Record, refuse
from chaincode.copyright.sealed_works import require_key, require_opened
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import Fields, invalid

_SERIAL = "serial"
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
            raise refuse("PROOF_MISSING", f"{field}: {record[field]} needs the proof {needed}", 400)
    if record["attribution"] == "joint" and len(work["authors"]) < 2:
        invalid("attribution", "a joint work has at least two authors")
    _check_software(work, record)
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


class Registrations(Part, kinds=(Registration, Change, Cancellation)):
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
        """补正: the applicant has the policy's time (two months) for the fields that the office names."""
        require_impartial(doing.ctx, doing.parent)
        _set_deadline(doing, "correction")

    @rule(Registration.correct)
    def _corrected(self, doing: Doing) -> None:
        """The applicant hands in what was asked for, in time; what stood there before is kept in `corrections`."""
        ctx, case, work = _office(doing), doing.record, doing.parent
        due = case["deadlines"]["correction"]
        if ctx.today > due:
            raise refuse("DEADLINE_PASSED", f"the correction was due on {due}")
        asked = next(
            (one["asked"] for one in reversed(case["log"]) if one["to"] == "CORRECTION" and "asked" in one), None
        )
        before = {name: doing.on.get(name) for name in FACTS} | {"documents": doing.on["documents_hash"]}
        _check_application(ctx, work, case)
        after = {name: case.get(name) for name in FACTS} | {"documents": case["documents_hash"]}
        entries = read_entries(ctx, work, doing.given["entries"] or {})
        changed = {name for name in after if after[name] != before[name]} | set(entries)
        if asked and asked != ["all"]:
            if more := sorted(changed - set(asked)):
                raise refuse("NOT_ASKED", f"{more[0]}: the office did not ask for {', '.join(more)}")
            missing = sorted(set(asked) - changed)
            if missing and not doing.given["explanation"]:
                raise refuse("NOT_CORRECTED", f"{missing[0]}: stands as before ({', '.join(missing)})", 412)
        old = {name: before[name] for name in changed if name in before} | change_entries(ctx, work, entries)
        if entries:
            ctx.update(work)
        entry = {"at": ctx.now, "before": old, "after": {name: after.get(name, entries.get(name)) for name in changed}}
        entry["explanation"] = doing.given["explanation"] or ""
        case["corrections"] = [*case.get("corrections", []), entry]
        _check_software(work, case)
        _set_deadline(doing, "verification")

    @rule(Registration.lapse)
    def _lapsed(self, doing: Doing) -> None:
        """Anybody may note that a correction was not handed in in time; the application lapses."""
        due = doing.record["deadlines"]["correction"]
        if doing.ctx.today <= due:
            raise refuse("DEADLINE_RUNNING", f"the correction is due on {due}")
        _release(doing)

    @rule(Registration.withdraw)
    def _given_up(self, doing: Doing) -> None:
        _release(doing)

    @rule(Registration.refuse)
    def _refused(self, doing: Doing) -> None:
        require_impartial(doing.ctx, doing.parent)
        _release(doing)

    @rule(
        *(Registration.verify, Registration.examine, Registration.send_back, Change.refuse, Cancellation.refuse),
    )
    def _led_on(self, doing: Doing) -> None:
        require_impartial(doing.ctx, doing.parent)

    @rule(Registration.accept)
    def _accepted_for_examination(self, doing: Doing) -> None:
        """受理: the papers are in order; the examination's deadline (30 working days) begins."""
        require_impartial(doing.ctx, doing.parent)
        _set_deadline(doing, "examination")

    @rule(Registration.pass_first)
    def _passed_first(self, doing: Doing) -> None:
        """初审: whoever examined is kept, for 复审 is another person's."""
        require_impartial(doing.ctx, doing.parent)
        _require_same_owners(doing.parent, doing.record)
        require_compared(doing.ctx, doing.record, doing.parent)
        require_opened(_office(doing), doing.parent, doing.record["id"])
        doing.record["examiner"] = doing.party

    @rule(Registration.approve)
    def _examined(self, doing: Doing) -> None:
        """A sealed work is approved only after somebody of the office has taken its key to open it."""
        require_impartial(doing.ctx, doing.parent)
        _require_same_owners(doing.parent, doing.record)
        require_compared(doing.ctx, doing.record, doing.parent)
        require_opened(_office(doing), doing.parent, doing.record["id"])

    @rule(Registration.certify)
    def _certified(self, doing: Doing) -> None:
        """发证: the year's next registration number; the certificate itself follows with `RecordCertificate`.

        Two who issue at once meet at the counter, one of them tries again: numbers have no gaps.
        """
        ctx, record, work = _office(doing), doing.record, doing.parent
        require_impartial(ctx, work)
        _require_same_owners(work, record)
        letter = ctx.policy.entry("categories", work["category"])["letter"]
        year = ctx.today[:4]
        serial = int(ctx.indexed_value(_SERIAL, year) or "0") + 1
        while ctx.indexed_value("number", number := f"{ctx.settings['number_prefix']}-{year}-{letter}-{serial:08d}"):
            serial += 1  # taken by a number that was drawn before there was a counter
        ctx.index(_SERIAL, year, value=str(serial))
        term = ctx.policy.term(work, record)
        record |= {"number": number, "registered": ctx.today, "right_until": term["until"], "term": term}
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
        """撤销: the office cancels a registration on one of the policy's grounds; owners apply for it (注销)."""
        if doing.given["ground"] == "owner_request":
            raise refuse("APPLICATION_NEEDED", "owners ask for it by an application with the consent of all", 412)
        require_impartial(doing.ctx, doing.parent)
        _cancel(_office(doing), doing.record, doing.parent, doing.given["ground"])

    @rule(Change.request)
    def _change_requested(self, doing: Doing) -> None:
        ctx, work = _office(doing), doing.on
        changes = read_entries(ctx, work, doing.record["changes"], leave_out=NOT_AFTER_REGISTRATION)
        if not changes:
            invalid("changes", "name nothing that may change")
        doing.record["changes"] = changes
        _ask_owners(doing)

    @rule(Change.approve)
    def _change_approved(self, doing: Doing) -> None:
        """The entries change, what stood there is kept; the term of protection is counted anew, and the certificate
        that was issued is to be made anew."""
        ctx, work = _office(doing), doing.parent
        require_impartial(ctx, work)
        _require_owners_asked(work, doing.record)
        doing.record["before"] = change_entries(ctx, work, doing.record["changes"])
        ctx.update(work)
        if work["number"]:
            case = ctx.read(REGISTRATION, work["registration"])
            case["term"] = ctx.policy.term(work, case)
            case["right_until"] = case["term"]["until"]
            case["outdated"] = doing.record["id"]
            ctx.update(case)

    @rule(Cancellation.request)
    def _cancellation_requested(self, doing: Doing) -> None:
        _ask_owners(doing)

    @rule(Cancellation.approve)
    def _cancellation_approved(self, doing: Doing) -> None:
        """注销: by the application of all owners."""
        ctx, work = _office(doing), doing.parent
        require_impartial(ctx, work)
        _require_owners_asked(work, doing.record)
        case = ctx.read(REGISTRATION, work["registration"])
        before, case["state"] = case["state"], Registration.CANCELLED.name
        case["log"].append(ctx.entry(before, case["state"], "cancel") | {"reasons": [doing.record["reason"]]})
        for state in (before, case["state"]):
            (ctx.unindex if state == before else ctx.index)("registration-state", state, case["id"])
        _cancel(ctx, case, work, "owner_request")
        ctx.update(case)


def _cancel(ctx: CopyrightContext, case: Record, work: Record, ground: str) -> None:
    """Void a registration: the work says so for good, its number is found and called cancelled."""
    case["cancelled"] = {"on": ctx.today, "ground": ground}
    entry = {"number": work["number"], "registration": case["id"], "on": ctx.today, "ground": ground}
    work["cancelled"] = [*work.get("cancelled", []), entry]
    work["registration"], work["number"] = "", ""
    ctx.update(work)


def _ask_owners(doing: Doing) -> None:
    others = [owner["party"] for owner in doing.on["owners"] if owner["party"] != doing.party]
    doing.record["consents"] = dict.fromkeys(others, "")
    doing.also += others


def _require_owners_asked(work: Record, record: Record) -> None:
    """Refuse what somebody who owns part of the work by now was never asked about."""
    now = {owner["party"] for owner in work["owners"]}
    if now - {record["applicant"], *record["consents"]} or record["applicant"] not in now:
        raise refuse("OWNERS_CHANGED", "the work's owners have changed since the application", 412)


def _check_software(work: Record, record: Record) -> None:
    """Software is registered with its version and development, and with the material that identifies it."""
    if work["category"] != "software":
        return
    software = work.get("software")
    if not software:
        raise refuse("WORK_INCOMPLETE", "the work's software must be given before registration", 400)
    kinds = {proof["kind"] for proof in record["proofs"]}
    if not kinds & {"source_code", "program"}:
        raise refuse("PROOF_MISSING", "software needs the proof source_code (identifying material)", 400)
