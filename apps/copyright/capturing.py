"""Captured pages of infringement cases: pages into a case, compared with its work and stamped; pages watched again.

A watch captures its page at intervals and adds to the case only when what matters changed: the page's answer, or which
of its pictures are the case's work. A page whose pictures say nothing is told apart by its bytes. What cannot be
reached is noted here and tried again; it is no evidence.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import media, permissions
from apps.copyright.capture import Capture, capture_page
from apps.copyright.model import Committed, Work
from baas.errors import CityChainError, NotFound, Text, Unavailable, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.copyright.kinds import Infringement
from fabric_sdk import clock

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from baas.platform import Platform

MOST_PAGES = 10
"""Pages in one act."""
MOST_ADDED = 24
"""Captures that one watch adds to its case; then it only looks."""
MOST_WATCHES = 200
_TABLE = """
CREATE TABLE IF NOT EXISTS watch (
    id INTEGER PRIMARY KEY, record TEXT NOT NULL, url TEXT NOT NULL, signer TEXT NOT NULL, hours INTEGER NOT NULL,
    due TEXT NOT NULL, seen TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT '', added INTEGER NOT NULL DEFAULT 0,
    UNIQUE (record, url)
)
"""


@dataclass(frozen=True)
class Watch:
    """A page that is captured again: how often, when next, what was seen last."""

    id: int
    record: str
    url: str
    signer: str
    hours: int
    due: str
    seen: str
    said: str
    added: int


class Captures:
    """Capturing pages into the cases of one network."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service
        self._path: Path = service.platform.workspace.path("copyright", f"{service.network}-watch.db")

    # -- capturing -----------------------------------------------------------------------------------
    def add(
        self,
        case_id: str,
        urls: Sequence[str],
        browser: Path | None = None,
        *,
        source_only: bool = False,
        signer: str = "",
        ctx: JobContext = NULL_CONTEXT,
    ) -> tuple[Committed[Any], list[Capture]]:
        """Capture pages and put all of them into a case at once; their block is stamped where an authority is named."""
        service = self._service
        service.platform.session.require(permissions.LICENSE)  # before a page is fetched and kept
        wanted = list(dict.fromkeys(url.strip() for url in urls if url.strip()))
        if not 1 <= len(wanted) <= MOST_PAGES:
            raise UserError(
                Text("一次取证 1 至 {n} 个网页。", "Capture one to {n} pages at once.", n=MOST_PAGES),
                code="too_many_pages",
            )
        compare = self._comparing(case_id)
        found = []
        for url in wanted:
            ctx.check_cancelled()
            found.append(
                capture_page(
                    url,
                    service.content,
                    browser,
                    source_only=source_only,
                    compare=compare,
                    stamp=self._stamp,
                    ctx=ctx,
                )
            )
        return self._put(case_id, found, signer, ctx), found

    def _put(self, case_id: str, found: Sequence[Capture], signer: str, ctx: JobContext) -> Committed[Any]:
        service = self._service
        ctx.step("record", Text("写入账本", "Write to the ledger"))
        for one in found:
            service.files.had(one.cid, signer or "creator")
        evidence = [one.evidence() for one in found]
        done = service.kit.do(Infringement.add, {"evidence": evidence}, on=case_id, signer=signer)
        service.stamp(done.block)
        return done

    def _comparing(self, case_id: str) -> Callable[[bytes], tuple[str, float, str] | None]:
        """What a picture of a page is to a case's work."""
        service = self._service
        work: Work = service.work(str(service.kit.read(case_id)["work_id"]))
        service.examination.sync()

        def compare(body: bytes) -> tuple[str, float, str] | None:
            if hashlib.sha256(body).hexdigest() == work.sha256:
                return "exact", 1.0, "SHA-256"
            with tempfile.TemporaryDirectory(prefix="citychain-capture-") as folder, suppress(UserError):
                path = Path(folder) / "picture"
                path.write_bytes(body)
                prints = service.pool.extract(path, media.inspect(path))
                for one in service.index.similar(prints, limit=None):
                    if one.work_id == work.id:
                        return one.method, one.score, one.detail
            return None

        return compare

    def _stamp(self, digest: bytes) -> bytes | None:
        """A token of the named authority; None without one, and where it does not answer."""
        from apps.copyright.timestamps import request_token

        authority = self._service.stamps.authority
        if not authority.url:
            return None
        try:
            return request_token(authority.url, digest, roots=authority.roots)[0]
        except CityChainError:
            return None

    def parts(self, case_id: str, folder: Path, ctx: JobContext = NULL_CONTEXT) -> list[Path]:
        """Write the parts of every captured page of a case, checked, each into a folder of its own; those folders."""
        from apps.copyright.capture import WEB_CAPTURE, WEB_SOURCE
        from apps.copyright.capture_parts import unpack

        service = self._service
        record = service.kit.read(case_id)
        made = []
        for number, one in enumerate(record.get("evidence", ()), 1):
            if one["kind"] not in (WEB_CAPTURE, WEB_SOURCE):
                continue
            body = service.files.read(case_id, str(one["cid"]), ctx)
            if hashlib.sha256(body).hexdigest() != one["sha256"]:
                raise UserError(
                    Text("取证包与账本所记的散列不符。", "The capture is not what its hash on the ledger says."),
                    code="capture_damaged",
                )
            target = folder / f"{case_id}-{number:02d}"
            target.mkdir(parents=True, exist_ok=True)
            unpack(body, target)
            made.append(target)
        if not made:
            raise NotFound(Text("这件线索没有取证的网页。", "The case has no captured page."))
        return made

    # -- watching ------------------------------------------------------------------------------------
    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=30)) as db, db:
            db.execute(_TABLE)
            yield db

    def watch(self, case_id: str, url: str, hours: int) -> Watch:
        """Capture a page of a case every so many hours (1 … 720), from now on; told anew, the interval changes."""
        service = self._service
        service.platform.session.require(permissions.LICENSE)
        if not url.startswith(("http://", "https://")) or len(url) > 2000:
            raise UserError(Text("网址不正确：{u}", "Not a web address: {u}", u=url[:200]), code="bad_url")
        if not 1 <= hours <= 720:
            raise UserError(Text("间隔为 1 至 720 小时。", "The interval is 1 to 720 hours."), code="bad_interval")
        record = service.kit.read(case_id)
        signer = service.kit.signer_of(Infringement.add, record)
        why = Infringement.add.refusal(record, service.kit.who(signer))
        if record["type"] != Infringement.id or why is not None:
            raise UserError(
                Text("只有报告人可以为未办结的线索取证。", "Only who reported an open case gathers its evidence."),
                code="not_reporter",
            )
        with self._db() as db:
            if db.execute("SELECT count(*) FROM watch").fetchone()[0] >= MOST_WATCHES:
                raise UserError(Text("监看的网页太多。", "Too many pages are watched."), code="too_many_pages")
            db.execute(
                "INSERT INTO watch (record, url, signer, hours, due) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (record, url) DO UPDATE SET hours=excluded.hours, due=excluded.due",
                (case_id, url, signer, hours, _iso(clock.now())),
            )
        return next(one for one in self.watches(case_id) if one.url == url)

    def watches(self, case_id: str = "") -> list[Watch]:
        """The watched pages of whoever acts, of one case or of all; everybody's for the workspace's owner."""
        self._service.platform.session.require(permissions.READ)
        if not self._path.is_file():
            return []
        with self._db() as db:
            rows = db.execute("SELECT * FROM watch WHERE record=? OR ?='' ORDER BY id", (case_id, case_id)).fetchall()
        return [one for one in (Watch(*row) for row in rows) if self._is_mine(one)]

    def _is_mine(self, one: Watch) -> bool:
        people, network = self._service.platform.identities, self._service.network
        actor = people.acting(network)
        return not actor.msp_id or people.party(one.signer, network) == actor.party

    def unwatch(self, number: int) -> None:
        """Watch a page no more; what was captured stays in its case."""
        self._service.platform.session.require(permissions.LICENSE)
        if number not in {one.id for one in self.watches()}:
            raise NotFound(Text("没有编号 {n} 的监看。", "No watch has the number {n}.", n=number))
        with self._db() as db:
            db.execute("DELETE FROM watch WHERE id=?", (number,))

    def run(
        self, browser: Path | None = None, *, everything: bool = False, ctx: JobContext = NULL_CONTEXT
    ) -> list[tuple[Watch, str]]:
        """Capture what is due (or `everything`); each watch with what came of it: `added`, `same`, `unreachable`,
        `full`, `ended`, or the code of a refusal."""
        now = clock.now()
        told = []
        for one in self.watches():
            ctx.check_cancelled()
            if everything or one.due <= _iso(now):
                told.append((one, self._look(one, browser, now, ctx)))
        return told

    def _look(self, one: Watch, browser: Path | None, now: datetime, ctx: JobContext) -> str:
        service, seen, added = self._service, one.seen, one.added
        try:
            if service.kit.read(one.record)["state"] == "CLOSED":
                with self._db() as db:
                    db.execute("DELETE FROM watch WHERE id=?", (one.id,))
                return "ended"
            found = capture_page(
                one.url, service.content, browser, compare=self._comparing(one.record), stamp=self._stamp, ctx=ctx
            )
            seen = state_of(found)
            if seen == one.seen:
                said = "same"
            elif added >= MOST_ADDED:
                said = "full"
            else:
                self._put(one.record, [found], one.signer, ctx)
                said, added = "added", added + 1
            if said != "added":
                with suppress(NotFound):
                    service.content.unpin(found.cid)  # type: ignore[arg-type]
                seen = one.seen
        except Unavailable:
            said = "unreachable"
        except CityChainError as error:
            said = error.code
        due = _iso(now + timedelta(hours=one.hours))
        with self._db() as db:
            row = (due, seen if said == "added" else one.seen, f"{_iso(now)} {said}", added, one.id)
            db.execute("UPDATE watch SET due=?, seen=?, said=?, added=? WHERE id=?", row)
        return said


def state_of(found: Capture) -> str:
    """What tells one look at a page from another: its answer, and which of its pictures are the case's work."""
    alike: Any = sorted({(one.url, one.method) for one in found.matches}) or found.page_sha256
    return hashlib.sha256(json.dumps([found.status, alike]).encode()).hexdigest()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def watch_duty(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """The duty: watched pages that are due."""
    from apps.copyright.service import CopyrightService

    with CopyrightService(platform, network) as service:
        told = service.captures.run(ctx=ctx)
    added = sum(said == "added" for _, said in told)
    return (
        Text("查看 {n} 个网页，取证 {a} 个", "{n} pages looked at, {a} captured", n=len(told), a=added)
        if told
        else None
    )


def shown(one: Watch) -> Mapping[str, Any]:
    """A watch for tables and JSON."""
    return {"id": one.id, "case": one.record, "url": one.url, "hours": one.hours, "due": one.due, "said": one.said}
