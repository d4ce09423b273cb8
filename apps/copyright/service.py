"""数字版权 as a service: deposit files, apply for registration, review, certify, and find what looks alike.

One object for one network; acts on what hangs on works are `kit`, batches are `batch`, captures are `capture`.
Everything that writes goes to the ledger under the identity of whoever acts.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import intake, media, permissions
from apps.copyright.fingerprints.pool import FingerprintPool, Fingerprints, plainly, without
from apps.copyright.index import WorkIndex
from apps.copyright.ledger import CopyrightLedger
from apps.copyright.likeness import public_prints
from apps.copyright.local import LocalDeposits
from apps.copyright.model import Certificate, Committed, Deposit, Registration, Similar, Work, WorkForm
from apps.copyright.sealing import commitment, new_key
from apps.kit.files import given_files, keep_file
from baas.content import Cid, ContentStore, folders
from baas.errors import NotFound, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.copyright import kinds
from chaincode.working_days import WorkingDays, Year, read_year, shipped
from fabric_sdk.kinds import Act

if TYPE_CHECKING:
    from apps.copyright.access import WorkAccess
    from apps.copyright.acting import CopyrightActs
    from apps.copyright.capturing import Captures
    from apps.copyright.examination import Examination
    from apps.copyright.files import Files
    from apps.copyright.money import Money
    from apps.copyright.stamps import Stamps
    from apps.copyright.views import WorkViews
    from baas.platform import Platform
    from fabric_sdk.proof.timestamps import Stamp

_REVIEW = kinds.Registration
STEPS: Mapping[str, Act] = {
    "verify": _REVIEW.verify,
    "correct": _REVIEW.ask_correction,
    "lapse": _REVIEW.lapse,
    "accept": _REVIEW.accept,
    "examine": _REVIEW.examine,
    "pass": _REVIEW.pass_first,
    "approve": _REVIEW.approve,
    "return": _REVIEW.send_back,
    "refuse": _REVIEW.refuse,
    "issue": _REVIEW.certify,
    "note": _REVIEW.note_certificate,
    "publish": _REVIEW.publish,
    "cancel": _REVIEW.cancel,
}
"""The office's steps by their names at the command line."""


def stands(there: Any, wanted: Any) -> bool:
    """Whether an entry says already what is wanted; what the form leaves open is not asked about."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(there.get(key, "") == value for key, value in wanted.items() if value)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        pairs = isinstance(there, Sequence) and len(there) == len(wanted)
        return pairs and all(stands(one, other) for one, other in zip(there, wanted, strict=True))
    return bool(there == wanted)


def build_service(platform: Platform, network: str) -> CopyrightService:
    """The application's service on `network` ("" for the default one)."""
    return CopyrightService(platform, network)


class CopyrightService:
    """Works on one network. Close it (or let the platform end) to stop its decoding process."""

    def __init__(self, platform: Platform, network: str = "") -> None:
        self.platform = platform
        self.ledger = CopyrightLedger(platform, network)
        self.network = self.ledger.network
        self.pool = FingerprintPool()

    @cached_property
    def index(self) -> WorkIndex:
        return WorkIndex(self.platform.workspace.path("copyright", f"{self.network}.works.db"))

    @cached_property
    def local(self) -> LocalDeposits:
        """What this desk alone knows of its deposits."""
        return LocalDeposits(self.platform.workspace.path("copyright", f"{self.network}.db"))

    @cached_property
    def examination(self) -> Examination:
        """查重: what the network holds that is the same or looks alike."""
        from apps.copyright.examination import Examination

        return Examination(self)

    @cached_property
    def kit(self) -> CopyrightActs:
        """Acts on everything that hangs on works: `service.kit.do(Licence.accept, on=licence_id)`."""
        from apps.copyright.acting import CopyrightActs

        return CopyrightActs(self.platform, self.network, self.ledger, self._done, self.files.had)

    @cached_property
    def access(self) -> WorkAccess:
        """Keys of encrypted works."""
        from apps.copyright.access import WorkAccess

        return WorkAccess(self)

    @cached_property
    def files(self) -> Files:
        """Files between this desk and the content services."""
        from apps.copyright.files import Files

        return Files(self)

    @cached_property
    def views(self) -> WorkViews:
        """Pictures of works, for whoever may see them."""
        from apps.copyright.views import WorkViews

        return WorkViews(self)

    @cached_property
    def captures(self) -> Captures:
        """Pages captured into cases, and those that are watched."""
        from apps.copyright.capturing import Captures

        return Captures(self)

    @cached_property
    def money(self) -> Money:
        """What is owed, what was paid, books compared."""
        from apps.copyright.money import Money

        return Money(self)

    @cached_property
    def stamps(self) -> Stamps:
        """Time-stamps of this network's blocks."""
        from apps.copyright.stamps import Stamps

        return Stamps(self.platform.workspace, self.network)

    def stamp(self, block: int) -> None:
        """Have a block stamped if the workspace names an authority; whatever it does, what was committed stands."""
        if self.stamps.authority.url:
            from apps.copyright.proof import LedgerBlocks

            self.stamps.try_take(LedgerBlocks(self), block)

    def stamp_due(self) -> tuple[Stamp, ...]:
        """The recurring duty of this application: stamps that are owed, and the newest block once a day.

        `Unavailable` when the authority does not answer; what is owed stays noted.
        """
        from apps.copyright.proof import LedgerBlocks

        self.platform.session.require(permissions.EVIDENCE)
        source = LedgerBlocks(self)
        info = self.platform.chain.info(self.network, source.channel)
        return self.stamps.due(source, info.height)

    @property
    def content(self) -> ContentStore:
        return self.platform.content

    def close(self) -> None:
        """Stop the decoding process and close the index."""
        self.pool.close()
        for name in ("index", "local", "files", "views"):
            if name in self.__dict__:
                getattr(self, name).close()

    def __enter__(self) -> CopyrightService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking -------------------------------------------------------------------------------------
    def fingerprints(self, path: Path) -> Fingerprints:
        """Look at a file and fingerprint it; `UserError` for what cannot be deposited. Nothing is stored.

        What cannot be decoded has no fingerprint, and a doubt that says so (`Media.doubts`).
        """
        if path.is_dir():
            return intake.of_folder(path)
        found = media.inspect(path)
        try:
            prints = self.pool.extract(path, found)
        except UserError as why:
            return without(found, why)
        return plainly(prints) if prints.flat else prints

    def similar(self, path: Path) -> tuple[Similar, ...]:
        """Works of the whole network that look like a file (疑似, suspected only), best first."""
        self.platform.session.require(permissions.READ)
        if path.is_dir():
            return ()  # a folder has no prints
        return self.examination.alike(self.pool.extract(path, media.inspect(path)))

    def work(self, work_id: str) -> Work:
        """A work by its id or registration number."""
        self.platform.session.require(permissions.READ)
        if not work_id.startswith("CZ"):
            found = self.find("number", work_id)
            if not found:
                raise NotFound(Text("没有登记号 {n}。", "There is no registration number {n}.", n=work_id))
            return found[0]
        return Work.of(self.ledger.evaluate("auditor", "Read", work_id))

    def find(self, by: str, value: str) -> tuple[Work, ...]:
        """Works by cid, sha256, iscc, number or certificate (its SHA-256), oldest first."""
        self.platform.session.require(permissions.READ)
        return tuple(Work.of(one) for one in self.ledger.evaluate("auditor", "Find", by, value))

    def certificate_state(self, sha256: str) -> str:
        """What became of a certificate: "valid", "replaced" by a newer one, "cancelled" with its registration, "" for
        one that the ledger does not know."""
        for work in self.find("certificate", sha256):
            for case in self.dossier(work.id)["registrations"]:
                now = case.get("certificate") or {}
                if sha256 not in {now.get("sha256"), *(one["sha256"] for one in case.get("certificates") or ())}:
                    continue
                if case["state"] == "CANCELLED":
                    return "cancelled"
                return "valid" if now.get("sha256") == sha256 else "replaced"
        return ""

    def find_file(self, path: Path) -> tuple[Work, ...]:
        """Works that are exactly this file."""
        return self.find("sha256", intake.hash_file(path, NULL_CONTEXT))

    def works(self, *, mine: bool = False, limit: int = 1000) -> Iterator[Work]:
        """Works page by page: the acting creator's, or all."""
        self.platform.session.require(permissions.READ)
        bookmark, count = "", 0
        while count < limit:
            args: tuple[Any, ...] = ("ListMine", "works", 100, bookmark) if mine else ("ListWorks", 100, bookmark)
            page = self.ledger.evaluate("creator" if mine else "auditor", *args)
            for record in page["items"]:
                yield Work.of(record)
                count += 1
            bookmark = page["bookmark"]
            if not bookmark:
                return

    def licences_held(self) -> list[dict[str, Any]]:
        """Licences of which whoever acts is the licensee."""
        return self.kit.pages(self.ledger.label("licensee"), "ListMine", "licences", most=10**6)

    def dossier(self, work_id: str) -> dict[str, Any]:
        """Everything that hangs on a work: registrations, licences, transfers, pledges, changes, disputes, cases."""
        self.platform.session.require(permissions.READ)
        found: dict[str, Any] = self.ledger.evaluate("auditor", "ListOf", work_id)
        return found

    def hanging_on(self, work_id: str) -> list[dict[str, Any]]:
        """The same as one list with the reported uses of its licences, newest first."""
        dossier = self.dossier(work_id)
        found = [record for records in dossier.values() for record in records]
        for licence in dossier["licences"]:
            found += self.ledger.evaluate("auditor", "ListUsage", licence["id"])
        return sorted(found, key=lambda one: str(one["created"]), reverse=True)

    def history(self, record_id: str) -> list[dict[str, Any]]:
        """Every committed version of a record, newest first."""
        self.platform.session.require(permissions.READ)
        found: list[dict[str, Any]] = self.ledger.evaluate("auditor", "History", record_id)
        return found

    def family_tree(self, work_id: str) -> dict[str, Any]:
        """A work's provenance both ways."""
        self.platform.session.require(permissions.READ)
        found: dict[str, Any] = self.ledger.evaluate("auditor", "FamilyTree", work_id)
        return found

    def read_content(self, work: Work) -> Iterator[bytes]:
        """The stored bytes of a work (of an encrypted one: sealed; see `access`), fetched when they are not here."""
        self.files.bring_work(work)
        return folders.cat(self.content, Cid(work.cid))

    # -- 存证 ----------------------------------------------------------------------------------------
    def deposit(self, path: Path, form: WorkForm, *, encrypt: bool = False, ctx: JobContext = NULL_CONTEXT) -> Deposit:
        """Deposit a file: fingerprints, content store, ledger, receipt. A file deposited before is answered from then.

        Refused files leave nothing behind. With `encrypt` the stored content is sealed and its key kept for the owner.
        """
        self.platform.session.require(permissions.DEPOSIT)
        if encrypt and path.is_dir():
            raise UserError(
                Text("文件夹不能加密存证。", "A folder cannot be sealed."),
                Text("请先打成压缩包。", "Make an archive of it first."),
                code="folder_sealed",
            )
        name = path.name
        ctx.step("fingerprint", Text("计算指纹：{n}", "Fingerprint {n}", n=name))
        prints = self.fingerprints(path)
        digest = intake.hash_file(path, ctx)
        party = self.ledger.party("creator")
        if (known := self.examination.deposited(digest, party, ctx)) is not None:
            again = self.work(known.work_id)
            if again.encrypted and not self.access.given("creator", again):
                self.access.keep(again)  # a run before was stopped between the deposit and its key
            return Deposit(again, known.tx_id, known.block, duplicate=True)
        similar = self.examination.before_deposit(
            prints, [digest, *intake.hashes_in(path)], party, form, sealed=encrypt
        )
        ctx.step("store", Text("存入内容仓库：{n}", "Store {n}", n=name))
        key = new_key() if encrypt else b""
        cid = intake.keep(self.content, path, key, prints.media.size, ctx)
        if path.is_dir() and intake.hash_stored(self.content, cid) != digest:
            raise UserError(
                Text("文件夹在存证时变了，请再试一次。", "The folder changed meanwhile; try again."),
                code="folder_changed",
            )
        content: dict[str, Any] = {
            "cid": cid,
            "size": prints.media.size,
            "media_type": prints.media.media_type,
            "encrypted": encrypt,
        }
        if encrypt:
            self.access.prepare(cid, key)
            content["commitment"] = commitment(key, bytes.fromhex(digest))
            fingerprints: dict[str, str] = {}
        else:
            content["sha256"] = digest
            fingerprints = prints.public()
        ctx.step("commit", Text("写入账本：{n}", "Commit {n}", n=name))
        record = intake.form_record(form, prints) | {"content": content, "fingerprints": fingerprints}
        record["prints"] = {} if encrypt else public_prints(prints)
        if encrypt:
            record.pop("credentials", None)  # they would tell what is inside
        try:
            done = self._deposit(record, party, cid)
        except BaseException:
            self.drop_content(cid)
            raise
        work = Work.of(done.value)
        self.local.note(work.id, digest, party, public_prints(prints) if encrypt else None)
        self.files.had(cid)
        if encrypt:
            self.access.keep(work)
        self.files.note(work.id, work.cid, work.title, work.size)
        ctx.step("timestamp", Text("申请可信时间戳", "Ask for a time-stamp"))
        self.stamp(done.block)
        waits = self.files.waits(work.id, ctx)
        return Deposit(work, done.tx_id, done.block, similar=similar, doubts=prints.media.doubts, waits=waits)

    def _deposit(self, record: Mapping[str, Any], party: str, cid: str) -> Committed[Any]:
        from baas.errors import LedgerError

        try:
            return self.ledger.submit("creator", "Deposit", record)
        except LedgerError as error:
            if error.code != "duplicate_deposit":
                raise
        # Committed by a run that was stopped before it could remember: the ledger's record stands.
        for found in self.ledger.evaluate("creator", "Find", "cid", cid):
            if found["depositor"] == party:
                first = self.ledger.evaluate("creator", "History", found["id"])[-1]
                return Committed(first["tx_id"], self.block_of(first["tx_id"]), found)
        raise NotFound(Text("账本上没有这条记录。", "There is no such record on the ledger."))

    def block_of(self, tx_id: str) -> int:
        """The number of the block that holds a transaction."""
        from fabric_protos.common.common_pb2 import Block

        from baas.errors import translating

        with translating():
            network = self.platform.networks.connect(self.network, self.ledger.label("creator"))
            answer = network.get_contract("qscc").evaluate("GetBlockByTxID", network.name, tx_id)
        return int(Block.FromString(answer).header.number)

    def drop_content(self, cid: Cid) -> None:
        """Take back content whose deposit was refused, unless a work of this workspace uses it."""
        if not self.index.rows("SELECT 1 FROM work WHERE cid=?", str(cid)):
            with suppress(NotFound):
                self.content.unpin(cid)

    def amend(self, work_id: str, entries: Mapping[str, Any], reason: str) -> Committed[Work]:
        """更正与补全: complete or correct a work's entries before an application; what stood there is kept."""
        self.platform.session.require(permissions.DEPOSIT)
        done = self.ledger.submit("creator", "AmendWork", work_id, dict(entries), reason)
        return Committed(done.tx_id, done.block, Work.of(done.value))

    def complete(self, work: Work, entries: Mapping[str, Any], reason: str) -> Work:
        """Give a deposited work the entries that it lacks; those that it has already, word for word, are no change.

        Before an application what stands there otherwise is corrected by it; afterwards the contract refuses.
        """
        wanted = {name: value for name, value in entries.items() if not stands(work.record.get(name), value)}
        return self.amend(work.id, wanted, reason).value if wanted else work

    # -- 登记 ----------------------------------------------------------------------------------------
    def put_owner_documents(self, work_id: str, owners: Sequence[Mapping[str, str]]) -> str:
        """Hand owners' identity documents to the office's private collection; returns the salted hash."""
        self.platform.session.require(permissions.DEPOSIT)
        body = json.dumps({"salt": secrets.token_hex(16), "owners": [dict(one) for one in owners]}, ensure_ascii=False)
        office = self.ledger.cast.office
        done = self.ledger.submit(
            "creator", "PutOwnerDocuments", work_id, transient={"documents": body.encode()}, only=office
        )
        return str(done.value)

    def owner_documents(self, work_id: str) -> dict[str, Any]:
        """The owners' identity documents out of the private collection: for registrars, who leave a trace each time.

        `same` says where one of the numbers was handed in under another name.
        """
        self.platform.session.require(permissions.REVIEW)
        self.ledger.submit("registrar", "LookAtOwnerDocuments", work_id)
        found: dict[str, Any] = self.ledger.evaluate("registrar", "ReadOwnerDocuments", work_id)
        same = self.ledger.evaluate("registrar", "ListSameDocuments", work_id, only=self.ledger.cast.office)
        return found | {"same": same}

    def store_proofs(self, proofs: Sequence[str]) -> list[dict[str, str]]:
        """Keep proof files, given as `KIND=FILE`, and return what an application says of them."""
        self.platform.session.require(permissions.DEPOSIT)
        return self.store_evidence(proofs)

    def store_evidence(self, given: Sequence[str]) -> list[dict[str, str]]:
        """Keep files of evidence, given as `KIND=FILE`, and return what a record says of them."""
        return [keep_file(self.kit, one) for one in given_files(given)]

    def apply(self, work_id: str, application: Mapping[str, Any]) -> Committed[Registration]:
        """提交: apply for the registration of a deposited work. A sealed one's key goes to the office with it."""
        self.access.hand_key(work_id)
        return self._case(self.kit.do(kinds.Registration.submit, application, on=work_id))

    def outdated(self, work_id: str) -> str:
        """The case whose certificate a change has outdated, so that a new one is due; "" for none."""
        from apps.copyright.issuing import changed_since

        work = self.work(work_id)
        case = self.registration(work.registration) if work.registration else None
        noted = case.record.get("certificate") if case is not None else None
        return case.id if case is not None and noted and changed_since(self, case, noted) else ""

    def revoke(self, work_id: str, reason: str, signer: str = "creator") -> Committed[Any]:
        """撤销: withdraw a work that nothing hangs on."""
        self.platform.session.require(permissions.DEPOSIT)
        return self.ledger.submit(signer, "RevokeDeposit", work_id, reason)

    def registration(self, registration_id: str) -> Registration:
        """A case by its id."""
        self.platform.session.require(permissions.READ)
        return Registration.of(self.ledger.evaluate("auditor", "Read", registration_id))

    def calendar(self) -> WorkingDays:
        """The years of working days by which the office's deadlines are counted on this ledger."""
        self.platform.session.require(permissions.READ)
        given = self.ledger.evaluate("auditor", "ReadSettings").get("calendar", {})
        return shipped().with_years(read_year(one) for one in given.values())

    def import_calendar(self, year: Year) -> Committed[Any]:
        """Give the ledger a year's calendar; deadlines that begin later are counted by it."""
        self.platform.session.require(permissions.REVIEW)
        settings = self.ledger.evaluate("auditor", "ReadSettings")
        years = {**settings.get("calendar", {}), str(year.year): year.to_mapping()}
        return self.ledger.reconfigure(settings | {"calendar": years})

    def queue(self, state: str) -> tuple[Registration, ...]:
        """The office's cases in a state."""
        found = self.kit.pages(self.kit.reader, "ListQueue", "registrations", state, most=10**6)
        return tuple(Registration.of(one) for one in found)

    def review(self, registration_id: str, step: str, *words: Any) -> Committed[Registration]:
        """A registrar's step (`verify`, `accept`, `approve`…) with what its form asks for, in that order."""
        if step not in STEPS:
            known = ", ".join(STEPS)
            raise UserError(Text("没有步骤 {s}。可用：{k}", "There is no step {s}. Known: {k}", s=step, k=known))
        given = dict(zip((one.name for one in STEPS[step].asks), words, strict=False))
        part = "reviewer" if STEPS[step] in (_REVIEW.approve, _REVIEW.send_back) else "registrar"
        return self._case(self.kit.do(STEPS[step], given, on=registration_id, signer=self.ledger.label(part)))

    def _case(self, done: Committed[Any]) -> Committed[Registration]:
        return Committed(done.tx_id, done.block, Registration.of(done.value))

    def certify(self, registration_id: str, *, ctx: JobContext = NULL_CONTEXT) -> Certificate:
        """发证: number, signed PDF, its hash on the ledger.

        A certificate that stands is fetched, from wherever it is. One is made anew only after an approved change; it
        then names the one before.
        """
        from apps.copyright.issuing import certify

        self.platform.session.require(permissions.REVIEW)
        return certify(self, registration_id, ctx)

    def certificate(self, case: Registration, ctx: JobContext = NULL_CONTEXT) -> bytes:
        """The certificate of a case as it stands on the ledger, fetched when it is not here; checked by its SHA-256."""
        from apps.copyright.issuing import standing

        self.platform.session.require(permissions.READ)
        return standing(self, case, ctx)

    def _done(self, act: Act, record: Mapping[str, Any]) -> None:
        """After an act: files that it names are handed in, a sealed work's key is erased once its case is decided."""
        if act in (_REVIEW.approve, _REVIEW.refuse) and self.work(str(record["work_id"])).encrypted:
            self.access.forget_examination_key(str(record["work_id"]))
        if act.silent or not (record.get("proofs") or record.get("evidence")):
            return
        if self.ledger.party("creator") in {record.get(one) for one in ("applicant", "claimant", "reporter", "payer")}:
            self.files.note_all(record, str(record["id"]))
            self.files.try_now()
