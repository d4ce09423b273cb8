"""The door of an organisation's files: a web application that decides nothing itself.

`GET /ipfs/CID?format=car&record=ID` answers a part of the archive of one root (Trustless Gateway, only CARs of a root,
with byte ranges), `GET` and `PUT /hand-in/CID?record=ID` take one in, `POST /holds` tells those who look after all
files what is here. Every request carries a signed proposal (`requests`); a peer evaluates it as it is, for each part
anew, so that a right that ends while a file is on its way ends the sending. What is refused is not found: nobody
learns from this door what exists. Each part is small, so that memory, time and what one asker holds up are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import shutil
import threading
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baas.content import Cid, ContentError, ContentStore
from baas.content.cid import parse
from baas.courier.archive import CAR_TYPE, Archive
from baas.courier.incoming import Incoming, parts, sweep
from baas.courier.journal import Journal, Policy
from baas.courier.requests import FETCH, HAND_IN, SURVEY, Asked, Reader, Refused, TooMany
from baas.errors import CityChainError, Conflict, NotFound, Text, Unavailable

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

_log = logging.getLogger(__name__)
PART_BYTES = 4 << 20
"""The most that one request moves: a right is asked for again before the next part."""
AT_ONCE, WAITING = 8, 64
"""Questions that peers answer at a time, and how many may wait for that."""
MOVING, OF_PARTY = 32, 4
"""Parts in memory at a time, and how many of them one person's."""
OPEN = 24
PARTS_OF_PARTY = 32
"""Files that one person may have half handed in at a time."""
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?\Z")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})\Z")
_MOST_SURVEY = 64 << 10
_ARCHIVES = 64

Evaluate = Callable[[bytes, bytes], Mapping[str, Any]]
"""Lets a peer evaluate a signed proposal; CityChainError when it refuses or cannot be asked."""


def not_found() -> Response:
    """The one answer to everything that is refused."""
    return Response(status_code=404)


class _Busy(Exception):
    """The service is at its limit, whoever asks."""


class Door:
    """One organisation's files: `store` holds them, `folder` what is on its way in."""

    def __init__(
        self, store: ContentStore, folder: Path, journal: Journal, policy: Policy, reader: Reader, evaluate: Evaluate
    ) -> None:
        self._store, self._folder, self._journal, self._policy = store, folder, journal, policy
        self._reader, self._evaluate = reader, evaluate
        self._archives: OrderedDict[str, Archive] = OrderedDict()
        self._lock = threading.Lock()
        self._waiting = 0
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._moving = asyncio.Semaphore(MOVING)
        self._of_party: Counter[str] = Counter()
        self._busy: set[tuple[str, str]] = set()
        self._open: OrderedDict[tuple[str, str], Incoming] = OrderedDict()
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)

    def close(self) -> None:
        """Let go of what is on its way in; it is gone on with later."""
        while self._open:
            self._open.popitem()[1].__exit__()

    # -- who may ------------------------------------------------------------------------------------
    async def _may(self, request: Request, function: str, cid: str) -> tuple[Asked, Mapping[str, Any]]:
        """What a peer answers to the request; `Refused` for no."""
        asked = self._reader.read(request.headers.get("authorization", ""), function, cid)
        if function != SURVEY and request.query_params.get("record", "") != asked.record:
            raise Refused("names another record")
        if self._waiting >= WAITING:
            raise TooMany
        self._waiting += 1
        try:
            async with self._turns:
                answer = await run_in_threadpool(self._ask, asked)
        finally:
            self._waiting -= 1
        return asked, answer

    def _ask(self, asked: Asked) -> Mapping[str, Any]:
        try:
            return self._evaluate(asked.proposal, asked.signature)
        except Unavailable as error:
            raise _Busy from error
        except CityChainError as error:
            raise Refused(f"{error.code}: {error.message}") from error

    async def handle(self, request: Request, work: Callable[[Request], Any]) -> Response:
        """Do `work`, and tell nobody more than they may know."""
        try:
            answer: Response = await work(request)
            return answer
        except (Refused, NotFound, ContentError) as error:
            _log.info("refused: %s", error)
            return not_found()
        except (TooMany, _Busy, Conflict):
            return Response(status_code=503, headers={"Retry-After": "2"})
        except ClientDisconnect:
            return Response(status_code=400)
        except Unavailable as error:
            _log.warning("cannot be served: %s", error)
            return Response(status_code=507)
        except Exception:
            _log.exception("a request failed")
            return Response(status_code=500)

    # -- giving -------------------------------------------------------------------------------------
    async def give(self, request: Request) -> Response:
        """A part of an archive."""
        cid = _cid(request)
        _, answer = await self._may(request, FETCH, cid)
        party = str(answer["party"])
        # Anybody may write anybody's CID into a record of their own: it opens what was handed in for that very record.
        # Only the contract says that a file asked for under one record lies here for another (a look-alike work's).
        held = next((one for one in answer["held"] if self._journal.has(cid, str(one))), None)
        if held is None:
            raise Refused("was not handed in for this record")
        archive = await run_in_threadpool(self._archive, cid)
        start, length = _asked_range(request.headers.get("range", ""), archive.total)
        if self._journal.given_today(party) + length > self._policy.daily_bytes:
            raise TooMany
        headers = {
            "Content-Range": f"bytes {start}-{start + length - 1}/{archive.total}",
            "Etag": f'"{cid}.car"',
            "Cache-Control": "no-store",
        }
        if request.method == "HEAD":
            return Response(status_code=200, headers=headers, media_type=CAR_TYPE)
        if self._of_party[party] >= OF_PARTY:
            raise TooMany

        def read() -> bytes:
            body = b"".join(archive.pieces(start, length))
            self._journal.gave(party, cid, str(held), len(body))
            return body

        return _Part(read, self._slot(party), length, headers)

    @contextlib.asynccontextmanager
    async def _slot(self, party: str) -> AsyncIterator[None]:
        """Room for one part in memory."""
        self._of_party[party] += 1
        try:
            async with self._moving:
                yield
        finally:
            self._of_party[party] -= 1
            if not self._of_party[party]:
                del self._of_party[party]

    def _archive(self, cid: str) -> Archive:
        with self._lock:
            if cid in self._archives:
                self._archives.move_to_end(cid)
                return self._archives[cid]
        made = Archive(self._store, Cid(cid))
        with self._lock:
            self._archives[cid] = made
            while len(self._archives) > _ARCHIVES:
                self._archives.popitem(last=False)
        return made

    # -- taking -------------------------------------------------------------------------------------
    async def take(self, request: Request) -> Response:
        """How much of a file is here (GET), or its next part (PUT)."""
        cid = _cid(request)
        asked, answer = await self._may(request, HAND_IN, cid)
        party, most = str(answer["party"]), min(int(answer["bytes"]), self._policy.file_bytes)
        # That the file is here for another record proves nothing of this caller: whoever hands it in shows every byte.
        if self._journal.has(cid, asked.record) and await run_in_threadpool(self._whole, cid):
            return JSONResponse({"have": 0, "complete": True})
        place = (party, cid)
        if place in self._busy or self._of_party[party] >= OF_PARTY:
            raise TooMany
        self._busy.add(place)
        try:
            async with self._slot(party):
                if request.method == "GET":
                    part = await run_in_threadpool(self._part, place, most)
                    return JSONResponse({"have": part.offset, "complete": False})
                return await self._put(request, asked, place, most)
        finally:
            self._busy.discard(place)

    def _whole(self, cid: str) -> bool:
        try:
            self._store.stat(Cid(cid))
        except NotFound:
            return False
        return True

    def _part(self, place: tuple[str, str], most: int) -> Incoming:
        """Somebody's part of a file: nobody goes on with, or spoils, what another hands in."""
        if place in self._open:
            self._open.move_to_end(place)
            return self._open[place]
        party, cid = place
        part = Incoming(self._folder, Cid(cid), most, of=_sender(party))
        part.__enter__()
        with self._lock:
            self._open[place] = part
            resting = [one for one in self._open if one not in self._busy]
            for one in resting[: max(0, len(self._open) - OPEN)]:
                self._open.pop(one).__exit__()
        return part

    def _shut(self, place: tuple[str, str]) -> None:
        with self._lock:
            part = self._open.pop(place, None)
        if part is not None:
            part.__exit__()

    async def _put(self, request: Request, asked: Asked, place: tuple[str, str], most: int) -> Response:
        found = _CONTENT_RANGE.match(request.headers.get("content-range", ""))
        if found is None:
            raise Refused("has no range")
        start, end, total = (int(one) for one in found.groups())
        if not start <= end < total <= most or end - start >= PART_BYTES:
            raise Refused("is larger than it may be")
        await run_in_threadpool(self._check_room, place, total)
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > end - start + 1:
                raise Refused("is longer than it says")
        if len(body) != end - start + 1:
            raise Refused("is shorter than it says")
        return await run_in_threadpool(self._store_part, asked.record, place, most, start, bytes(body))

    def _check_room(self, place: tuple[str, str], total: int) -> None:
        """Half a file counts like a whole one: whoever ends none of many would fill the disk."""
        party, cid = place
        others = [size for root, size in parts(self._folder, _sender(party)) if root != cid]
        held = self._journal.held_for(party) + sum(others)
        free = shutil.disk_usage(self._folder).free
        if (
            free - total < self._policy.free_bytes
            or held + total > self._policy.person_bytes
            or len(others) >= PARTS_OF_PARTY
        ):
            raise Unavailable(Text("没有地方了。", "There is no room left."), code="no_room")

    def _store_part(self, record: str, place: tuple[str, str], most: int, start: int, body: bytes) -> Response:
        part = self._part(place, most)
        if start != part.offset:
            return JSONResponse({"have": part.offset, "complete": False}, status_code=409)
        try:
            part.feed(body)
            if not part.complete:
                return JSONResponse({"have": part.offset, "complete": False})
            part.finish(self._store, record)
        except ContentError:
            part.drop()  # whoever sends what does not belong there begins anew
            self._shut(place)
            raise
        except CityChainError:
            self._shut(place)
            raise
        self._shut(place)
        self._took(place[1], record, place[0])
        return JSONResponse({"have": start + len(body), "complete": True})

    def _took(self, cid: str, record: str, party: str) -> None:
        self._store.pin(Cid(cid), record)
        self._journal.took(cid, record, party, self._store.stat(Cid(cid)).stored_bytes)

    # -- looking after all files --------------------------------------------------------------------
    async def holds(self, request: Request) -> Response:
        """Which of the CIDs in the body (a JSON list) are here whole."""
        await self._may(request, SURVEY, "")
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST_SURVEY:
                raise Refused("asks for too many")
        try:
            asked = [str(parse(str(one)).text) for one in json.loads(bytes(body))]
        except (ValueError, TypeError, RecursionError) as error:
            raise Refused("is no list of CIDs") from error
        return JSONResponse([one for one in asked if await run_in_threadpool(self._whole, one)])


class _Part(Response):
    """A part that is read when there is room for it, and sent while it holds that room."""

    def __init__(
        self,
        read: Callable[[], bytes],
        slot: contextlib.AbstractAsyncContextManager[None],
        length: int,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(b"", status_code=206, headers={**headers, "Content-Length": str(length)}, media_type=CAR_TYPE)
        self._read, self._slot = read, slot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._slot:
            self.body = await run_in_threadpool(self._read)
            await super().__call__(scope, receive, send)


def _sender(party: str) -> str:
    """What marks the parts of one person in the folder."""
    return sha256(party.encode()).hexdigest()[:16]


def _cid(request: Request) -> str:
    try:
        return str(parse(request.path_params["cid"]).text)
    except ContentError as error:
        raise Refused("is no CID") from error


def _asked_range(header: str, total: int) -> tuple[int, int]:
    """Start and length of the part to send; at most `PART_BYTES` whatever was asked for."""
    start, end = 0, total - 1
    if header:
        found = _RANGE.match(header)
        if found is None:
            raise Refused("has no range")
        start, end = int(found[1]), min(int(found[2] or end), end)
    if start > end:
        raise Refused("lies beyond the end")
    return start, min(end - start + 1, PART_BYTES)


def door_app(door: Door) -> Starlette:
    """The web application of a door."""

    async def give(request: Request) -> Response:
        if request.query_params.get("format", "car") != "car":
            return not_found()
        return await door.handle(request, door.give)

    async def take(request: Request) -> Response:
        return await door.handle(request, door.take)

    async def holds(request: Request) -> Response:
        return await door.handle(request, door.holds)

    async def nothing(_: Request, __: Exception) -> Response:
        return not_found()

    return Starlette(
        routes=[
            Route("/ipfs/{cid}", give, methods=["GET", "HEAD"]),
            Route("/hand-in/{cid}", take, methods=["GET", "PUT"]),
            Route("/holds", holds, methods=["POST"]),
        ],
        exception_handlers={404: nothing, 405: nothing},
    )
