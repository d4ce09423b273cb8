"""查重 over the network: before a deposit is written, and again at the office's examination.

Both ask the index of all deposits (`index`), brought up to the ledger first. What is found is 疑似, suspected: a
depositor says what theirs is to it, the office writes an opinion, and nobody is called a thief by a program.
"""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.fingerprints.pool import Fingerprints
from apps.copyright.index import KnownDeposit
from apps.copyright.intake import FOLDER, MOST_ASKED
from apps.copyright.model import Committed, Registration, Similar, Work, WorkForm
from apps.copyright.sealing import commitment
from baas.errors import CityChainError, LedgerError, NotFound, Text, Unavailable, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.copyright.kinds import Registration as Case

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

MOST_NAMED = 5
MOST_SHOWN = 20
MOST_FOUND = 50
"""Works in one comparison, as many as the contract takes."""


class Examination:
    """What a network holds that is the same as a file or looks like it."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service

    # -- the index -----------------------------------------------------------------------------------
    def sync(self, ctx: JobContext = NULL_CONTEXT) -> int:
        """Bring the index up to the ledger; how many blocks were read."""
        service = self._service
        done = service.index.sync(service.ledger, service.ledger.label("auditor"), ctx=ctx)
        service.index.learn(service.local.prints())
        return done

    def reindex(self, ctx: JobContext = NULL_CONTEXT) -> int:
        """Throw the index away and read it from the blocks again; how many works it holds."""
        self._service.platform.session.require(permissions.READ)
        self._service.index.clear()
        self.sync(ctx)
        return len(self._service.index)

    # -- looking -------------------------------------------------------------------------------------
    def alike(self, prints: Fingerprints, ctx: JobContext = NULL_CONTEXT) -> tuple[Similar, ...]:
        """Works of the whole network that look like a file, best first."""
        self.sync(ctx)
        return self._service.index.similar(prints)

    def same(self, sha256: str) -> list[Similar]:
        """Works that are exactly these bytes, oldest first; sealed ones are not among them."""
        return [exact(work) for work in self._service.find("sha256", sha256)]

    def deposited(self, sha256: str, party: str, ctx: JobContext = NULL_CONTEXT) -> KnownDeposit | None:
        """The deposit in force that `party` made of these bytes, from whichever desk; a sealed one only from here."""
        service = self._service
        self.sync(ctx)
        if (known := service.index.known(sha256, party)) is not None:
            return known
        for work_id in service.local.made_of(sha256, party):
            known = service.index.where(work_id)
            if known is not None and service.work(work_id).state == "ACTIVE":
                return known
        return None

    def before_deposit(
        self, prints: Fingerprints, hashes: Sequence[str], party: str, form: WorkForm, *, sealed: bool = False
    ) -> tuple[Similar, ...]:
        """What looks like a file that is about to be deposited, or is one of a folder's files (their `hashes`).

        `UserError` (code `collision`) while the form does not say what it is to each work of others. A sealed deposit
        is only told: what it said would be public and tell what is inside.
        """
        alike = self._service.index.similar(prints, limit=None)
        found = {one.work_id: one for one in (*alike, *(one for sha256 in hashes for one in self.same(sha256)))}
        said = {one.get("work_id", "") for one in (*form.relations, *form.sources)}
        numbers = {one["number"] for one in form.sources if one.get("number")}
        others = [one for one in found.values() if party not in one.owners]
        open_ = [one for one in others if one.work_id not in said and (not one.number or one.number not in numbers)]
        if open_ and not sealed:
            raise collision(open_)
        return alike[:MOST_SHOWN]

    # -- the office ----------------------------------------------------------------------------------
    def compare(self, registration_id: str, *, ctx: JobContext = NULL_CONTEXT) -> Committed[Registration]:
        """The office compares a case's work with the whole network and puts what it found on the ledger.

        The work's own bytes are asked for; where nobody here can give them (and of sealed works without their key) the
        record says so, and the contract lets such a case pass no further: prints are the depositor's word. So it does
        where the file is not what its deposit says, and where more works came before this one than fit in the record.
        """
        service = self._service
        service.platform.session.require(permissions.REVIEW)
        case = service.registration(registration_id)
        work = service.work(case.work_id)
        self.sync(ctx)
        ctx.step("compare", Text("与全网作品比对", "Compare with the network's works"))
        basis, alike = self._of_content(work, ctx)
        if basis == "none" and not work.encrypted:
            basis = "prints"
            prints = service.ledger.evaluate("registrar", "ReadPrints", work.id)
            alike = service.index.similar_to(prints, work.media_type, limit=None)
        found, whole = foremost(work, alike)
        if basis == "content" and not whole:
            basis = "cut"
        given: dict[str, Any] = {"found": [_told(one) for one in found], "basis": basis}
        given |= {"height": service.index.height, "works": len(service.index)}
        done = service.kit.do(Case.compare, given, on=case.id)
        return Committed(done.tx_id, done.block, Registration.of(done.value))

    def _of_content(self, work: Work, ctx: JobContext) -> tuple[str, Sequence[Similar]]:
        """By what was compared, and what is the same as the work's own bytes or looks like them.

        The bytes are hashed here: the hash that stands on the ledger is the depositor's word, too, and the same file
        cut into other pieces has another CID.
        """
        service = self._service
        with tempfile.TemporaryDirectory(prefix="citychain-compare-") as folder:
            path = Path(folder) / "work"
            digest = hashlib.sha256()
            try:
                key, pieces = self._pieces(work)
                with path.open("wb") as file:
                    for piece in pieces:
                        ctx.check_cancelled()
                        digest.update(piece)
                        file.write(piece)
            except (NotFound, UserError, Unavailable, LedgerError):
                return "none", ()
            said = work.record["content"].get("commitment", "") if work.encrypted else work.sha256
            true = commitment(key, digest.digest()) if work.encrypted else digest.hexdigest()
            alike = service.index.similar(service.fingerprints(path), limit=None)
            inside = [one for sha256 in _inside(path, work.media_type) for one in self.same(sha256)]
            return "content" if said == true else "differs", (*self.same(digest.hexdigest()), *inside, *alike)

    def _pieces(self, work: Work) -> tuple[bytes, Iterator[bytes]]:
        """The bytes of a case's work for the office, and of a sealed one its key."""
        service = self._service
        if not work.encrypted:
            return b"", service.read_content(work)
        return service.access.for_examination(work)

    def opine(self, registration_id: str, work_id: str, decision: str, view: str) -> Committed[Registration]:
        """The office's opinion of one work that was found."""
        self._service.platform.session.require(permissions.REVIEW)
        given = {"alike": work_id, "decision": decision, "view": view}
        done = self._service.kit.do(Case.opine, given, on=registration_id)
        return Committed(done.tx_id, done.block, Registration.of(done.value))


def exact(work: Work) -> Similar:
    """A work as what a search for its own bytes finds."""
    owners = tuple(party for party, _ in work.owners)
    party = str(work.record["depositor"])
    return Similar(work.id, work.title, "exact", 1.0, "SHA-256", work.number, party, work.created, owners, work.state)


def foremost(work: Work, alike: Iterable[Similar], most: int = MOST_FOUND) -> tuple[list[Similar], bool]:
    """What of the works that were found goes into a comparison: first what is older than `work`, then the best.

    Works of the same owners are set aside, and of each depositor only the best and the oldest stay: else whoever makes
    many works that look like theirs pushes the one out from which they copied. False if older ones were left out.
    """
    owners = {party for party, _ in work.owners}
    groups: dict[str, list[Similar]] = {}
    for one in alike:
        if one.work_id != work.id and set(one.owners) != owners:
            groups.setdefault(one.party, []).append(one)
    kept: dict[str, Similar] = {}
    for group in groups.values():
        best = max(group, key=lambda one: (one.method == "exact", one.score))
        oldest = min(group, key=lambda one: (one.created, one.work_id, -one.score))
        for one in (best, oldest):
            kept.setdefault(one.work_id, one)
    found = sorted(
        kept.values(),
        key=lambda one: (one.created > work.created, one.method != "exact", -one.score, one.created, one.work_id),
    )
    return found[:most], not any(one.created <= work.created for one in found[most:])


def _inside(path: Path, media_type: str) -> Iterator[str]:
    """The SHA-256 of the files of a folder that was written as one file."""
    if media_type != FOLDER:
        return
    with tarfile.open(path) as archive:
        for number, entry in enumerate(archive):
            if number >= MOST_ASKED or (stream := archive.extractfile(entry)) is None:
                return
            digest = hashlib.sha256()
            while piece := stream.read(1 << 20):
                digest.update(piece)
            yield digest.hexdigest()


def _day(work_id: str) -> str:
    """The office's calendar day on which a work was deposited, out of its id."""
    return f"{work_id[2:6]}-{work_id[6:8]}-{work_id[8:10]}"


def _told(one: Similar) -> dict[str, Any]:
    return {"work_id": one.work_id, "method": one.method, "score": round(one.score * 100), "detail": one.detail[:200]}


def collision(found: Iterable[Similar]) -> CityChainError:
    """The refusal of a deposit that says nothing of works like it, with what the honest side does next."""
    named = sorted(found, key=lambda one: (-one.score, one.created))
    first = named[0]
    by, day, title = first.party.partition("/")[2] or first.party, _day(first.work_id), first.title
    same = first.method == "exact"
    zh = f"{by} 已于 {day} 存证{'同一文件' if same else '疑似相近的作品'}《{title}》（{first.work_id}）"
    what = "the same file" if same else "a work that looks like it"
    en = f"{by} deposited {what} on {day}: “{title}” ({first.work_id})"
    if len(named) > 1:
        zh, en = f"{zh}，另有 {len(named) - 1} 件", f"{en}, and {len(named) - 1} more"
    return UserError(
        Text(f"{zh}。", f"{en}."),
        Text(
            "若您才是作者：说明两件作品的关系（--relation 编号=source:说明），存证后对在先存证提出异议并附证据。"
            "改编或经许可的，请写明来源或许可。各自独立创作的，请如实说明，由登记机构判断。",
            "If you are the author: say what yours is to it (--relation ID=source:WORDS), deposit, and contest the "
            "earlier deposit with your evidence. If yours was made from it or with permission, name it. If each was "
            "made independently, say so; the office judges.",
        ),
        code="collision",
        details={"works": [vars(one) for one in named[:MOST_NAMED]], "count": len(named)},
    )
