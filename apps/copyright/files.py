"""Files of 数字版权 between desks: fetched when somebody opens them, handed in when somebody deposits them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.swarm import HERE, fetch_by_swarm
from baas.content import Cid, ContentError, unixfs
from baas.content.cid import DAG_PB, RAW, ParsedCid, parse
from baas.courier.carrier import Carrier, File, Service
from baas.courier.handing import Handing, Waiting
from baas.errors import CityChainError, LedgerError, NotFound, Text, Unavailable, translating
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.copyright.content_doors import contents_of
from chaincode.copyright.contents import PROOF_BYTES

if TYPE_CHECKING:
    from apps.copyright.model import Work
    from apps.copyright.service import CopyrightService
    from baas.platform import Platform

_ABOVE = 2 << 20
_REFUSED = ("forbidden", "not_found")
_NOT_YOURS = "You neither deposited nor received it here, and the ledger does not give you the right to it now."
NOT_HERE = Text("账本上还没有内容服务", "the ledger names no content service yet")


def most_of(size: int) -> int:
    """The most that the archive of a file of `size` bytes is, sealed or not."""
    return size + size // 20 + _ABOVE


class Files:
    """Fetching and handing in on one network, as whoever acts."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service
        self._workspace = service.platform.workspace

    @cached_property
    def queue(self) -> Handing:
        """What this desk has still to hand in."""
        return Handing(self._workspace.path("copyright", f"{self._service.network}-files.db"))

    def close(self) -> None:
        if "queue" in self.__dict__:
            self.queue.close()

    # -- the directory ------------------------------------------------------------------------------
    def services(self) -> list[Service]:
        """The content services on the ledger: one's own organisation's first, then the office's."""
        found = self._service.ledger.evaluate("auditor", "ListContentServices")
        own = self._service.ledger.label("creator").partition("/")[0]
        first = (own, self._service.ledger.cast.office)
        services = [Service(one["msp_id"], one["address"], one["certificate"], one["since"]) for one in found]
        return sorted(services, key=lambda one: (*(one.msp_id != name for name in first), one.msp_id))

    def _meant(self, services: Sequence[Service]) -> list[Service]:
        """To whom a file from here goes: the office's service, and that of one's own organisation."""
        own = self._service.ledger.label("creator").partition("/")[0]
        return [one for one in services if one.msp_id in (own, self._service.ledger.cast.office)]

    # -- fetching -----------------------------------------------------------------------------------
    def here(self, cid: str) -> bool:
        """Whether a file is whole in the store of this desk."""
        try:
            self._service.content.stat(Cid(cid))
        except NotFound:
            return False
        return True

    def bring(self, record: str, cid: str, size: int | None = None, ctx: JobContext = NULL_CONTEXT) -> None:
        """Have a file that a record names in the store of this desk, from here or from a content service.

        What lies here may be somebody else's who works in this workspace: it is given to whoever had it here by right
        before, and to whom the contract would give it now if it came here for one of the records that the contract
        says it was handed in for. Anybody can write a record that names another's file. `NotFound` or `Unavailable`
        when nobody gives it; then nothing partial is left that could be read.
        """
        most = PROOF_BYTES if size is None else most_of(size)
        here = self.here(cid)
        if here:
            self._check_size(cid, most)
            if self._check_right(record, cid):
                return
        elif fetch_by_swarm(self._service, record, cid, most, ctx):
            return
        ctx.step("fetch", Text("从内容服务取回", "Fetch it from a content service"))
        try:
            self._carrier("registrar").fetch(File(record, Cid(cid), most), self.services(), ctx)
        except NotFound as error:
            raise (_not_yours(cid) if here else error) from error
        self.queue.received(cid, self._service.ledger.party("registrar"))
        with suppress(LedgerError):
            held = self._held(self._service.ledger.label("registrar"), record, cid)
            if len(held) == 1:  # of several records, the door does not say which it was
                self.queue.came(cid, held[0])

    def had(self, cid: str, signer: Any = "creator") -> None:
        """Note that `signer` had a file in hand: it was put into the store from their own bytes."""
        self.queue.received(cid, self._service.ledger.party(signer))

    def may_have(self, cid: str) -> bool | None:
        """Whether whoever acts may have a file of this application; None where neither ledger nor desk names it.

        A file has several names (its block as another codec, as CIDv0), and a block of one's own can link to it.
        """
        party = self._service.ledger.party("creator")
        root, named = parse(cid), False
        names = _spellings(root)
        # Before anything is asked of the ledger: what somebody had in hand stays theirs wherever the ledger is.
        had = [one for one in names if self.queue.has_received(one, party)]
        if any(parse(one).codec == root.codec for one in had):
            return True
        if had:  # the same bytes, read as something else: as a node they may name files of others
            return not self._links_to_kept(root, party)
        for one in names:
            for work in self._service.find("cid", one):
                named = True
                if self._made_here(work, party):
                    return True
                with suppress(NotFound):
                    if self._check_right(work.id, one):
                        return True
        return False if named or self._links_to_kept(root, party) else None

    def _links_to_kept(self, root: ParsedCid, party: str) -> bool:
        """Whether somebody else's file is in a graph: what is here for a record, and never was this person's."""
        met: set[bytes] = set()

        def seen(one: ParsedCid) -> bool:
            known = one.digest in met
            met.add(one.digest)
            return known

        for found, _ in unixfs.walk(lambda one: self._service.content.block(one.text), root, seen):
            names = _spellings(found)
            kept = any(self.queue.knows(one) for one in names)
            if kept and not any(self.queue.has_received(one, party) for one in names):
                return True
        return False

    def _made_here(self, work: Work, party: str) -> bool:
        """Whether a person deposited a work's file from here. That the ledger calls them so is not enough."""
        return work.record["depositor"] == party and self._service.local.made_by(work.id, party)

    def lies_here_for(self, record: str, cid: str) -> bool:
        """Whether what this desk has of a file is for whoever acts, under a record that the contract gives it for."""
        service = self._service
        actor = service.platform.identities.acting(service.network)
        if not actor.msp_id or self.queue.has_received(cid, service.ledger.party(actor.label)):
            return True
        with suppress(LedgerError):
            return self.queue.lies_under(cid, self._held(actor.label, record, cid))
        return False

    def _held(self, label: str, record: str, cid: str) -> list[str]:
        """The records under which a file was handed in, as the contract says to whom it gives the file."""
        found = self._service.ledger.evaluate(label, "MayFetch", record, cid, HERE)["held"]
        return [str(one) for one in found]

    def _check_right(self, record: str, cid: str) -> bool:
        """Whether a file is here for whoever acts; `NotFound` where the contract refuses it.

        The workspace's owner, who acts as nobody, has every key of it.
        """
        service = self._service
        actor = service.platform.identities.acting(service.network)
        if not actor.msp_id:
            return True
        party = service.ledger.party(actor.label)
        if self.queue.has_received(cid, party):
            return True
        try:
            held = self._held(actor.label, record, cid)
        except LedgerError as error:
            if error.code not in _REFUSED:
                raise
            raise _not_yours(cid) from error
        if not self.queue.lies_under(cid, held):
            return False
        self.queue.received(cid, party)
        return True

    def _check_size(self, cid: str, most: int) -> None:
        """Refuse what reads as more than the ledger says: one block named again and again makes terabytes of little."""
        if self._service.content.stat(Cid(cid)).size > most:
            raise ContentError(
                Text(
                    "文件 {c} 比账本所说的大，没有打开。",
                    "{c} is larger than the ledger says; it is not opened.",
                    c=cid,
                ),
                code="content_too_large",
            )

    def bring_work(self, work: Work, ctx: JobContext = NULL_CONTEXT) -> None:
        """Have a work's file here. For a registrar, a case in hand that it looks like is reason enough."""
        if self._made_here(work, self._service.ledger.party("creator")) and self.here(work.cid):
            self._check_size(work.cid, most_of(work.size))  # whoever deposited it, whoever owns it now
            return
        try:
            self.bring(work.id, work.cid, work.size, ctx)
        except NotFound:
            case = self._case_naming(work.id)
            if not case:
                raise
            self.bring(case, work.cid, work.size, ctx)

    def _case_naming(self, work_id: str) -> str:
        """A case that the office examines and that names a work as alike; "" where there is none."""
        service = self._service
        if not service.platform.session.allows(permissions.REVIEW):
            return ""
        for state in ("EXAMINING", "EXAMINED", "ACCEPTED", "VERIFYING", "SUBMITTED"):
            for case in service.queue(state):
                compared = (case.record.get("comparison") or {}).get("found", ())
                if work_id in {one.get("work_id") for one in (*compared, *case.record.get("similar", ()))}:
                    return case.id
        return ""

    def read(self, record: str, cid: str, ctx: JobContext = NULL_CONTEXT) -> bytes:
        """A small file that a record names, whole: a proof, a captured page, a certificate."""
        self.bring(record, cid, ctx=ctx)
        return b"".join(self._service.content.cat(Cid(cid)))

    def _carrier(self, signer: Any) -> Carrier:
        service = self._service
        label = service.ledger.label(signer)

        def sign(function: str, args: Sequence[str]) -> tuple[bytes, bytes]:
            with translating():
                network = service.platform.networks.connect(service.network, label)
                return network.get_contract(service.ledger.contract).new_proposal(function, *args).signed

        folder = self._workspace.path("content", "incoming")
        return Carrier(service.content, folder, sign)

    # -- handing in ---------------------------------------------------------------------------------
    def note(self, record: str, cid: str, title: str, size: int, signer: Any = "creator") -> None:
        """Queue a file that a record names, to be handed in by `signer`."""
        self.queue.add(record, cid, self._service.ledger.label(signer), title[:200], size)

    def hand_in(self, *, everything: bool = False, ctx: JobContext = NULL_CONTEXT) -> list[Waiting]:
        """Hand in what is due; returns what waits still, with why.

        With `everything` whatever waits is tried now, and what was deposited from here before there was a service.
        """
        if everything:
            self._of_before()
        waiting = self.queue.waiting(due=not everything)
        if waiting:
            meant = self._meant(self.services())
            away: set[str] = set()
            for number, one in enumerate(waiting):
                ctx.check_cancelled()
                ctx.step("hand-in", Text("上交文件：{t}", "Hand in: {t}", t=one.title))
                self._hand_in(one, meant, away, ctx)
                ctx.progress(number + 1, len(waiting))
        return self.queue.waiting()

    def _of_before(self) -> None:
        """Queue one's own works whose files are here and that no service has had from here."""
        signer = self._service.ledger.label("creator")
        mine = [one for one in self._service.works(mine=True, limit=10**6) if one.state == "ACTIVE"]
        self.queue.add_all(
            (one.id, one.cid, signer, one.title[:200], one.size)
            for one in mine
            if not self.queue.services_of(one.id, one.cid) and self.here(one.cid) and self._brought(one.cid, one)
        )

    def _brought(self, cid: str, work: Work | None = None, signer: Any = "creator") -> bool:
        """Whether a file may be handed in from here by who names it: their own bytes, not what lies here of others."""
        if not self._service.platform.identities.acting(self._service.network).msp_id:
            return True
        party = self._service.ledger.party(signer)
        return self.queue.has_received(cid, party) or (work is not None and self._made_here(work, party))

    def _hand_in(self, one: Waiting, meant: Sequence[Service], away: set[str], ctx: JobContext) -> None:
        """One file to every service that is meant; one that is away is not asked again for the next file."""
        problem = None if meant else NOT_HERE
        for service in meant:
            if service.msp_id in self.queue.services_of(one.record, one.cid):
                continue
            if service.msp_id in away:
                problem = Text("{m} 的内容服务连不上", "{m}'s content service is away", m=service.msp_id)
                continue
            try:
                file = File(one.record, Cid(one.cid), PROOF_BYTES)
                self._carrier(one.signer).hand_in(file, service, ctx)
            except Unavailable as error:
                away.add(service.msp_id)
                problem = _said(error)
            except CityChainError as error:
                problem = _said(error)
            else:
                self.queue.handed(one, service.msp_id)
        if problem is None:
            self.queue.done(one)
        else:
            self.queue.failed(one, problem)

    def note_all(self, record: Mapping[str, Any], title: str, signer: Any = "creator") -> None:
        """Queue every file that a record names and `signer` had here: its proofs and evidence."""
        label = self._service.ledger.label(signer)
        named = [cid for cid, what in contents_of(dict(record)).items() if what in ("proof", "evidence")]
        mine = [cid for cid in named if self.here(cid) and self._brought(cid, signer=signer)]
        self.queue.add_all((str(record["id"]), cid, label, title[:200], 0) for cid in mine)

    def waits(self, record: str, ctx: JobContext = NULL_CONTEXT) -> Text | None:
        """Try to hand in what is due; why a record's file waits, None when it does not or nobody takes files in."""
        waiting = [one for one in self.try_now(ctx) if one.record == record]
        return waiting[0].why if waiting and waiting[0].why.en != NOT_HERE.en else None

    def try_now(self, ctx: JobContext = NULL_CONTEXT) -> list[Waiting]:
        """Hand in what is due; whatever comes of it, what was committed stands and the file waits."""
        with suppress(CityChainError):
            return self.hand_in(ctx=ctx)
        return self.queue.waiting()

    # -- all that the ledger names ------------------------------------------------------------------
    def survey(self, ctx: JobContext = NULL_CONTEXT) -> dict[str, Any]:
        """Every file that the ledger names: where it is and in how many copies.

        `{"services": {msp: "" or why not}, "files": [{"record", "cid", "what", "title", "at": [msp, …]}]}`; for those
        who look after all files.
        """
        self._service.platform.session.require(permissions.READ)
        files = list(self._named(ctx))
        said: dict[str, str] = {}
        found: dict[str, list[str]] = {one["cid"]: [] for one in files}
        for service in self.services():
            ctx.check_cancelled()
            try:
                held = self._carrier("registrar").holds(service, list(found))
            except CityChainError as error:
                said[service.msp_id] = error.code
                continue
            said[service.msp_id] = ""
            for cid in held:
                found[cid].append(service.msp_id)
        for one in files:
            one["at"] = found[one["cid"]] + (["here"] if self.here(one["cid"]) else [])
        return {"services": said, "files": files}

    def _named(self, ctx: JobContext) -> Any:
        for work in self._service.works(limit=10**7):
            ctx.check_cancelled()
            records = [dict(work.record)] if work.state == "ACTIVE" else []
            if work.record.get("registration") or work.record.get("disputes") or work.state == "ACTIVE":
                records += [one for found in self._service.dossier(work.id).values() for one in found]
            for record in records:
                for cid, what in contents_of(record).items():
                    yield {"record": record["id"], "cid": cid, "what": what, "title": work.title}


def _not_yours(cid: str) -> NotFound:
    return NotFound(
        Text("{c} 不归您取用。", "{c} is not yours to have.", c=cid[:16] + "…"),
        Text("您没有存入或取得过这个文件，账本现在也没有给您这个权利。", _NOT_YOURS),
        code="content_not_yours",
    )


def _spellings(cid: ParsedCid) -> list[str]:
    """The names under which a store gives the same block."""
    return [ParsedCid(*one, cid.digest).text for one in ((1, DAG_PB), (1, RAW), (0, DAG_PB))]


def _said(error: CityChainError) -> Text:
    found = error.message
    return found if isinstance(found, Text) else Text("{t}", "{t}", t=str(found))


def survey(platform: Platform, network: str, ctx: JobContext) -> dict[str, Any]:
    """Where every file is that this application's ledger names; see `Files.survey`."""
    from apps.copyright.service import build_service

    with build_service(platform, network) as service:
        return service.files.survey(ctx)
