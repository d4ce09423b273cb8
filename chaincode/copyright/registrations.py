"""登记 registration, reviewed by the office: 提交 → 核查 → (补正) → 受理 → 审查 → 发证 → 公告.

Who may take which step, with which deadline, is checked here on every endorser; the deadlines come from the policy.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from chaincode.copyright.documents import documents_digest
from chaincode.copyright.records import (
    CHANGE,
    REGISTRATION,
    WORK,
    CopyrightContext,
    Record,
    first_entry,
    move,
    refuse,
)
from chaincode.copyright.works import read_authors, read_place, require_free, require_order, require_owner
from chaincode.kit import fields
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import transaction

STATES: dict[str, tuple[str, ...]] = {
    "SUBMITTED": ("VERIFYING", "WITHDRAWN"),
    "VERIFYING": ("CORRECTION", "ACCEPTED", "REFUSED", "WITHDRAWN"),
    "CORRECTION": ("SUBMITTED", "LAPSED", "WITHDRAWN"),
    "ACCEPTED": ("EXAMINING", "WITHDRAWN"),
    "EXAMINING": ("CORRECTION", "APPROVED", "REFUSED", "WITHDRAWN"),
    "APPROVED": ("CERTIFIED",),
    "CERTIFIED": ("PUBLISHED", "CANCELLED"),
    "PUBLISHED": ("CANCELLED",),
}
"""Every step that exists: state → states it may become. What is not a key is final."""
CERTIFIED = ("CERTIFIED", "PUBLISHED")


def _read_application(ctx: CopyrightContext, work: Record, value: object) -> Record:
    """Check the application form beyond what the deposit says already."""
    form, policy = Fields(value), ctx.policy
    acquisition = form.code("acquisition", policy.codes("acquisitions"))
    attribution = form.code("attribution", policy.codes("attributions"))
    statement = form.object("statement")
    limit = policy.limit("text_characters")
    application: Record = {
        "acquisition": acquisition,
        "attribution": attribution,
        "rights": form.codes("rights", policy.codes("rights")),
        "statement": {part: statement.text(part, limit) for part in ("purpose", "process", "originality")},
        "owners": [],
        "proofs": [],
        "similar": form.objects("similar", 20),
    }
    statement.done()
    for one in form.objects("owners", policy.limit("owners"), required=True):
        application["owners"].append(
            {
                "party": one.party("party"),
                "name": one.text("name", 200),
                "kind": one.code("kind", policy.codes("owner_kinds")),
            }
        )
        one.done()
    for one in form.objects("proofs", policy.limit("proofs")):
        proof = {"kind": one.text("kind", 64), "sha256": one.sha256("sha256"), "cid": one.cid("cid", required=False)}
        one.done()
        application["proofs"].append({key: value for key, value in proof.items() if value})
    application["similar"] = [
        {
            "work_id": ctx.read(WORK, one.text("work_id", 64))["id"],
            "method": one.text("method", 64),
            "relation": one.text("relation", limit, required=False),
        }
        for one in application["similar"]
    ]
    form.done()
    if sorted(owner["party"] for owner in application["owners"]) != sorted(one["party"] for one in work["owners"]):
        invalid("owners", "must be exactly the work's owners")
    attached = {proof["kind"] for proof in application["proofs"]}
    for table, code in (("acquisitions", acquisition), ("attributions", attribution)):
        needed = policy.entry(table, code)["proof"]
        if needed and needed not in attached:
            raise refuse("PROOF_MISSING", f"{table[:-1]} {code} needs the proof {needed}", 400)
    if attribution == "joint" and len(work["authors"]) < 2:
        invalid("attribution", "a joint work has at least two authors")
    return application


def _require_same_owners(work: Record, record: Record) -> None:
    """Refuse to go on with an application that names other owners than the work has by now."""
    named, now = ({one["party"] for one in owners} for owners in (record["owners"], work["owners"]))
    if named != now:
        raise refuse("OWNERS_CHANGED", "the work's owners have changed since the application", 412)


def _require_complete(work: Record) -> None:
    """What a deposit may leave open but a registration may not."""
    for field in ("authors", "completed"):
        if not work[field]:
            raise refuse("WORK_INCOMPLETE", f"the work's {field} must be given before registration", 400)


class Registrations:
    """登记, its review, the owners' private documents, 变更/补充 and 撤销 of a registration."""

    @transaction
    def SubmitRegistration(self, ctx: CopyrightContext, work_id: str, application: dict[str, Any]) -> dict[str, Any]:
        """提交: an owner applies for registration of a deposited work."""
        ctx.require_role("creator")
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        require_free(work)
        _require_complete(work)
        if work["registration"]:
            raise refuse("ALREADY_FILED", f"the work has the registration {work['registration']}")
        digest = self._documents_hash(ctx, work)
        record: Record = _read_application(ctx, work, application) | {
            "work_id": work_id,
            "applicant": ctx.party,
            "state": "SUBMITTED",
            "documents_hash": digest,
            "number": "",
            "certificate": None,
            "deadlines": {"verification": ctx.policy.deadline("verification", ctx.stub.tx_timestamp)},
            "log": first_entry(ctx, "SUBMITTED"),
        }
        ctx.create(REGISTRATION, record)
        work["registration"] = record["id"]
        ctx.update(work)
        ctx.index("registration-state", "SUBMITTED", record["id"])
        ctx.index("registrations", work_id, record["id"])
        ctx.index("applicant", ctx.party, record["id"])
        ctx.event("RegistrationSubmitted", record)
        return record

    def _documents_hash(self, ctx: CopyrightContext, work: Record) -> str:
        digest = documents_digest(ctx, work)
        if not digest:
            raise refuse("DOCUMENTS_MISSING", "hand in the owners' identity documents first", 412)
        return digest.hex()

    def _step(self, ctx: CopyrightContext, record: Record, to: str, event: str, reasons: Any = None) -> Record:
        before = record["state"]
        move(ctx, record, to, STATES, reasons)
        ctx.unindex("registration-state", before, record["id"])
        ctx.index("registration-state", to, record["id"])
        ctx.update(record)
        ctx.event(event, record)
        return record

    def _release(self, ctx: CopyrightContext, record: Record) -> None:
        work = ctx.read(WORK, record["work_id"])
        work["registration"], work["number"] = "", ""
        ctx.update(work)

    def _case(self, ctx: CopyrightContext, registration_id: str) -> Record:
        """A case for a registrar who is not concerned."""
        record = ctx.read(REGISTRATION, registration_id)
        owners = [*record["owners"], *ctx.read(WORK, record["work_id"])["owners"]]
        ctx.require_registrar(record["applicant"], *(owner["party"] for owner in owners))
        return record

    @transaction
    def BeginVerification(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """核查: a registrar takes the case up."""
        return self._step(ctx, self._case(ctx, registration_id), "VERIFYING", "RegistrationVerifying")

    @transaction
    def RequestCorrection(self, ctx: CopyrightContext, registration_id: str, reasons: list[str]) -> dict[str, Any]:
        """补正: say what must be corrected; the applicant has the policy's time (two months)."""
        record = self._case(ctx, registration_id)
        given = fields.reasons(reasons, ctx.policy.limit("text_characters"))
        record["deadlines"]["correction"] = ctx.policy.deadline("correction", ctx.stub.tx_timestamp)
        return self._step(ctx, record, "CORRECTION", "CorrectionRequested", given)

    @transaction
    def SubmitCorrection(
        self, ctx: CopyrightContext, registration_id: str, application: dict[str, Any]
    ) -> dict[str, Any]:
        """The applicant hands the corrected application in, in time."""
        record = ctx.read(REGISTRATION, registration_id)
        self._applicant(ctx, record)
        if record["state"] == "CORRECTION" and ctx.today > record["deadlines"]["correction"]:
            raise refuse("DEADLINE_PASSED", f"the correction was due on {record['deadlines']['correction']}")
        work = ctx.read(WORK, record["work_id"])
        require_owner(ctx, work)
        record |= _read_application(ctx, work, application)
        record["documents_hash"] = self._documents_hash(ctx, work)
        record["deadlines"]["verification"] = ctx.policy.deadline("verification", ctx.stub.tx_timestamp)
        return self._step(ctx, record, "SUBMITTED", "CorrectionSubmitted")

    @transaction
    def LapseRegistration(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """Anybody may note that a correction was not handed in in time; the application lapses."""
        record = ctx.read(REGISTRATION, registration_id)
        if record["state"] == "CORRECTION" and ctx.today <= record["deadlines"]["correction"]:
            raise refuse("DEADLINE_RUNNING", f"the correction is due on {record['deadlines']['correction']}")
        self._release(ctx, record)
        return self._step(ctx, record, "LAPSED", "RegistrationLapsed")

    @transaction
    def WithdrawRegistration(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """The applicant takes the application back."""
        record = ctx.read(REGISTRATION, registration_id)
        self._applicant(ctx, record)
        self._release(ctx, record)
        return self._step(ctx, record, "WITHDRAWN", "RegistrationWithdrawn")

    def _applicant(self, ctx: CopyrightContext, record: Record) -> None:
        if ctx.party != record["applicant"]:
            raise refuse("NOT_APPLICANT", "only the applicant may do this", 403)

    @transaction
    def AcceptRegistration(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """受理: the papers are in order; the examination's deadline (30 working days) begins."""
        record = self._case(ctx, registration_id)
        record["deadlines"]["examination"] = ctx.policy.deadline("examination", ctx.stub.tx_timestamp)
        return self._step(ctx, record, "ACCEPTED", "RegistrationAccepted")

    @transaction
    def BeginExamination(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """审查 begins."""
        return self._step(ctx, self._case(ctx, registration_id), "EXAMINING", "RegistrationExamining")

    @transaction
    def ApproveRegistration(self, ctx: CopyrightContext, registration_id: str, opinion: str) -> dict[str, Any]:
        """The examination's result is positive."""
        record = self._case(ctx, registration_id)
        work = ctx.read(WORK, record["work_id"])
        require_free(work)
        _require_same_owners(work, record)
        text = Fields({"opinion": opinion}).text("opinion", ctx.policy.limit("text_characters"))
        return self._step(ctx, record, "APPROVED", "RegistrationApproved", [text])

    @transaction
    def RefuseRegistration(self, ctx: CopyrightContext, registration_id: str, reasons: list[str]) -> dict[str, Any]:
        """Refuse, always with reasons."""
        record = self._case(ctx, registration_id)
        given = fields.reasons(reasons, ctx.policy.limit("text_characters"))
        self._release(ctx, record)
        return self._step(ctx, record, "REFUSED", "RegistrationRefused", given)

    @transaction
    def IssueCertificate(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """发证: assign the registration number; the certificate itself follows with `RecordCertificate`."""
        record = self._case(ctx, registration_id)
        work = ctx.read(WORK, record["work_id"])
        require_free(work)
        _require_same_owners(work, record)
        letter = ctx.policy.entry("categories", work["category"])["letter"]
        serial = int(ctx.stub.tx_id[:12], 16) % 100_000_000
        number = f"{ctx.settings['number_prefix']}-{ctx.today[:4]}-{letter}-{serial:08d}"
        if ctx.indexed_value("number", number):
            raise refuse("NUMBER_TAKEN", "the number drawn is taken; send the transaction again")
        entity = any(owner["kind"] != "natural" for owner in record["owners"])
        record |= {"number": number, "registered": ctx.today, "right_until": ctx.policy.right_until(work, entity)}
        work["number"] = number
        ctx.update(work)
        ctx.index("number", number, value=work["id"])
        return self._step(ctx, record, "CERTIFIED", "CertificateIssued")

    @transaction
    def RecordCertificate(self, ctx: CopyrightContext, registration_id: str, sha256: str, cid: str) -> dict[str, Any]:
        """Note the signed certificate's SHA-256 and CID, so that anybody can check a copy."""
        record = self._case(ctx, registration_id)
        if record["state"] not in CERTIFIED:
            raise refuse("WRONG_STATE", f"registration {registration_id} is {record['state']}")
        form = Fields({"sha256": sha256, "cid": cid})
        if record.get("certificate"):  # an earlier one is kept: the new certificate names it
            record["certificates"] = [*record.get("certificates", []), record["certificate"]]
        record["certificate"] = {"sha256": form.sha256("sha256"), "cid": form.cid("cid"), "at": ctx.now}
        ctx.index("certificate", sha256, record["id"])
        ctx.event("CertificateRecorded", ctx.update(record))
        return record

    @transaction
    def PublishRegistration(self, ctx: CopyrightContext, registration_id: str) -> dict[str, Any]:
        """公告: the registration is published."""
        record = self._case(ctx, registration_id)
        record["published"] = ctx.today
        return self._step(ctx, record, "PUBLISHED", "RegistrationPublished")

    @transaction
    def CancelRegistration(
        self, ctx: CopyrightContext, registration_id: str, ground: str, reasons: list[str]
    ) -> dict[str, Any]:
        """撤销: the office cancels a registration on one of the policy's grounds, with reasons."""
        record = self._case(ctx, registration_id)
        code = Fields({"ground": ground}).code("ground", ctx.policy.codes("cancellation_grounds"))
        given = fields.reasons(reasons, ctx.policy.limit("text_characters"))
        work = ctx.read(WORK, record["work_id"])
        if work["pledge"] and code == "owner_request":
            raise refuse("PLEDGED", f"the pledge {work['pledge']} must be discharged first")
        record["cancelled"] = {"on": ctx.today, "ground": code}
        self._release(ctx, record)
        return self._step(ctx, record, "CANCELLED", "RegistrationCancelled", given)

    @transaction
    def RequestChange(
        self, ctx: CopyrightContext, work_id: str, changes: dict[str, Any], reason: str
    ) -> dict[str, Any]:
        """变更/补充: an owner of a registered work asks for corrected or further entries."""
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        require_free(work)
        if not work["number"]:
            raise refuse("NOT_REGISTERED", "only a registered work is changed by the office")
        record: Record = {
            "work_id": work_id,
            "applicant": ctx.party,
            "state": "REQUESTED",
            "changes": _read_changes(ctx, changes),
            "reason": Fields({"reason": reason}).text("reason", ctx.policy.limit("text_characters")),
            "log": first_entry(ctx, "REQUESTED"),
        }
        ctx.create(CHANGE, record)
        ctx.index("changes", work_id, record["id"])
        ctx.event("ChangeRequested", record)
        return record

    @transaction
    def DecideChange(self, ctx: CopyrightContext, change_id: str, approve: bool, reasons: list[str]) -> dict[str, Any]:
        """The office approves (the entries change) or refuses a change, with reasons."""
        record = ctx.read(CHANGE, change_id)
        work = ctx.read(WORK, record["work_id"])
        ctx.require_registrar(record["applicant"], *(owner["party"] for owner in work["owners"]))
        given = fields.reasons(reasons, ctx.policy.limit("text_characters"))
        allowed: dict[str, tuple[str, ...]] = {"REQUESTED": ("APPROVED", "REFUSED")}
        move(ctx, record, "APPROVED" if approve else "REFUSED", allowed, given)
        if approve:
            require_free(work)
            self._change(ctx, work | record["changes"])
        ctx.event("ChangeDecided", ctx.update(record))
        return record

    def _change(self, ctx: CopyrightContext, work: Record) -> None:
        """Write a work with changed entries; the term of protection that follows from them is counted anew."""
        require_order(work)
        ctx.update(work)
        if work["number"]:
            case = ctx.read(REGISTRATION, work["registration"])
            entity = any(owner["kind"] != "natural" for owner in case["owners"])
            case["right_until"] = ctx.policy.right_until(work, entity)
            ctx.update(case)


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
