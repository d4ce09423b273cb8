"""Pictures of works for the eye: thumbnails, large views, stills of films, outlines of sounds.

Whether a person may see a work says the contract, each time, by the same question that a content service has answered
before it gives a file (`MayFetch`): what lies in a workspace's store may be another's who sits here too. Decoding
happens in a worker process of its own; what it made is kept as JPEG in a bounded folder, by CID and size, and is asked
for again like the file itself. Sealed works have no pictures.
"""

from __future__ import annotations

import base64
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apps.copyright.fingerprints.pool import FingerprintPool
from baas.content import Cid
from baas.errors import CityChainError, LedgerError, NotFound, Unavailable, UserError
from fabric_sdk.files import write_whole

if TYPE_CHECKING:
    from apps.copyright.model import Work
    from apps.copyright.service import CopyrightService

SMALL, LARGE = 256, 1600
"""Longer sides, in pixels."""
MOST_BYTES: Mapping[str, int] = {"image": 64 << 20, "video": 512 << 20, "audio": 256 << 20}
"""Larger files have no pictures."""
MOST_FETCHED = 8 << 20
"""The most that a thumbnail is worth fetching from another machine."""
KEPT = 3000
"""Files in the folder; the oldest go first."""
SECONDS = 30.0
ASKED_AGAIN_S = 60.0
AWAY_S = 60.0
"""How long a content service that did not answer is not asked for thumbnails."""


@dataclass(frozen=True)
class Seen:
    """What there is to see of a work: JPEG pictures (of a film with their seconds), or a sound's outline (0…255)."""

    pictures: tuple[bytes, ...] = ()
    seconds: tuple[float, ...] = ()
    peaks: tuple[int, ...] = ()
    duration: float = 0.0


NOTHING = Seen()


class WorkViews:
    """Pictures of works on one network, for whoever acts. Called in any thread; makers take turns."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service
        self._folder = service.platform.workspace.path("copyright", "thumbnails")
        self._pool = FingerprintPool(seconds=SECONDS)
        self._lock = threading.Lock()
        self._verdicts: dict[tuple[str, ...], tuple[float, bool]] = {}
        self._hopeless: set[str] = set()
        self._away_until = 0.0

    def close(self) -> None:
        """End the worker."""
        self._pool.close()

    # -- who may see ---------------------------------------------------------------------------------
    def may_see(self, record: str, cid: str) -> bool:
        """Whether the contract gives somebody here the file that a record names; asked again after a minute."""
        signers = tuple(self._service.kit.signers)
        key = (record, cid, *signers)
        known = self._verdicts.get(key)
        if known is not None and time.monotonic() - known[0] < ASKED_AGAIN_S:
            return known[1]
        said = any(self._given(signer, record, cid) for signer in signers)
        if len(self._verdicts) > KEPT:
            self._verdicts.clear()
        self._verdicts[key] = (time.monotonic(), said)
        return said

    def _given(self, signer: str, record: str, cid: str) -> bool:
        try:
            self._service.ledger.evaluate(signer, "MayFetch", record, cid, signer.partition("/")[0])
        except LedgerError as error:
            if error.code in ("forbidden", "not_found"):
                return False
            raise
        return True

    def _is_theirs(self, record: str, cid: str) -> bool:
        """Whether what lies here came here for this record; else it is fetched, or seen by nobody."""
        key = ("here", record, cid, *self._service.kit.signers)
        known = self._verdicts.get(key)
        if known is not None and known[1] and time.monotonic() - known[0] < ASKED_AGAIN_S:
            return True
        said = self._service.files.lies_here_for(record, cid)
        self._verdicts[key] = (time.monotonic(), said)
        return said

    # -- pictures ------------------------------------------------------------------------------------
    def small(self, work: Work, under: str = "") -> bytes:
        """A thumbnail (JPEG), b"" where there is none to see: another's work, a sealed one, no picture, not at hand.

        `under` is the record that makes the difference for a registrar: the case that a work looks like.
        """
        found = self._seen(work, SMALL, 1, under, fetch=MOST_FETCHED)
        return found.pictures[0] if found.pictures else b""

    def large(self, work: Work, under: str = "") -> bytes:
        """The picture (JPEG) for looking at, fetched when it is not here; b"" as for `small`."""
        found = self._seen(work, LARGE, 1, under, fetch=MOST_BYTES["image"])
        return found.pictures[0] if found.pictures else b""

    def stills(self, work: Work, under: str = "", count: int = 12) -> Seen:
        """Stills of a film, the outline of a sound, a picture itself; `NOTHING` where there is nothing to see."""
        return self._seen(work, SMALL * 2, count, under, fetch=MOST_BYTES["video"])

    def _seen(self, work: Work, edge: int, count: int, under: str, *, fetch: int) -> Seen:
        kind = work.media_type.partition("/")[0]
        if work.encrypted or work.size > MOST_BYTES.get(kind, 0) or (kind == "audio" and count == 1):
            return NOTHING
        name = f"{work.cid}-{edge}-{count}"
        if name in self._hopeless or not self.may_see(under or work.id, work.cid):
            return NOTHING
        with self._lock:
            if not self._is_theirs(under or work.id, work.cid) and not self._at_hand(work, under, fetch):
                return NOTHING
            return self._kept(name) or self._new(work, name, (kind, edge, count), under, fetch)

    def _new(self, work: Work, name: str, wanted: tuple[str, int, int], under: str, fetch: int) -> Seen:
        if not self._at_hand(work, under, fetch):
            return NOTHING
        try:
            found = self._made(work, *wanted)
        except UserError:
            self._hopeless.add(name)
            return NOTHING
        self._keep(name, found)
        return found

    def _at_hand(self, work: Work, under: str, fetch: int) -> bool:
        """Whether the file is here, or could be fetched; a service that is away does not hold every row up."""
        files = self._service.files
        if files.here(work.cid) and self._is_theirs(under or work.id, work.cid):
            return True
        if work.size > fetch or time.monotonic() < self._away_until:
            return False
        try:
            files.bring(under or work.id, work.cid, work.size)
        except Unavailable:
            self._away_until = time.monotonic() + AWAY_S
            return False
        except CityChainError:
            return False
        return True

    def _made(self, work: Work, kind: str, edge: int, count: int) -> Seen:
        with tempfile.TemporaryDirectory(prefix="citychain-view-") as folder:
            path = Path(folder) / "work"
            with path.open("wb") as file:
                for piece in self._service.content.cat(Cid(work.cid)):
                    file.write(piece)
            answer = self._pool.view(path, kind, edge, count)
        return Seen(
            tuple(base64.b64decode(one) for one in answer.get("pictures", ())),
            tuple(float(one) for one in answer.get("seconds", ())),
            tuple(int(one) for one in answer.get("peaks", ())),
            float(answer.get("duration", 0.0)),
        )

    # -- the folder ----------------------------------------------------------------------------------
    def _kept(self, name: str) -> Seen | None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            said = json.loads((self._folder / f"{name}.json").read_bytes())
            pictures = tuple(base64.b64decode(one) for one in said["pictures"])
            return Seen(pictures, tuple(said["seconds"]), tuple(said["peaks"]), said["duration"])
        return None

    def _keep(self, name: str, found: Seen) -> None:
        """A folder that cannot be written costs time at the next look, nothing else."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            body: dict[str, object] = {
                "pictures": [base64.b64encode(one).decode() for one in found.pictures],
                "seconds": found.seconds,
            }
            body |= {"peaks": found.peaks, "duration": found.duration}
            write_whole(self._folder / f"{name}.json", json.dumps(body).encode())
            self._tidy()

    def _tidy(self) -> None:
        files = list(self._folder.glob("*.json"))
        if len(files) > KEPT:
            for one in sorted(files, key=lambda path: path.stat().st_mtime)[: KEPT // 4]:
                one.unlink(missing_ok=True)


def of_record(service: CopyrightService, record: Mapping[str, object]) -> Work | None:
    """The work that a record is or hangs on; None where it cannot be read."""
    try:
        return service.work(str(record.get("work_id") or record["id"]))
    except (NotFound, LedgerError, KeyError):
        return None
