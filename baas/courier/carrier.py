"""Fetching and handing in files at the doors of organisations, from a desk.

Nothing that a door says is believed: every block is checked, every answer has a size and a time, and what does not fit
is left at once. What has come is kept for the next try; nothing partial is ever content.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from baas.content import Cid, ContentError, ContentStore
from baas.courier.archive import CAR_TYPE, Archive
from baas.courier.incoming import Incoming, sweep
from baas.courier.requests import FETCH, HAND_IN, SURVEY, header_of
from baas.errors import CityChainError, NotFound, Text, Unavailable
from baas.jobs import NULL_CONTEXT, JobContext

PART_BYTES = 4 << 20
CONNECT_S, SILENCE_S, PART_S = 5.0, 20.0, 90.0
"""How long a door may take to answer at all, to say the next byte, and for one part, in seconds."""
_MOST_ANSWER = 1 << 20
_TRIES = 4

Sign = Callable[[str, Sequence[str]], tuple[bytes, bytes]]
"""Signs a proposal of a function with arguments as the acting person: (proposal, signature)."""


@dataclass(frozen=True)
class Service:
    """An organisation's content service, as the ledger names it."""

    msp_id: str
    address: str
    certificate: str
    since: str = ""


@dataclass(frozen=True)
class File:
    """A file that a record names; `most` bounds its archive, in bytes."""

    record: str
    cid: Cid
    most: int


class Away(Exception):
    """A door that does not answer as it should; the next one is tried."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.why = Text(zh, en)


class NotThere(Exception):
    """A door that has no such file for whoever asks."""


class Carrier:
    """Between one store and the doors; `folder` keeps what is on its way."""

    def __init__(self, store: ContentStore, folder: Path, sign: Sign) -> None:
        self._store, self._folder, self._sign = store, folder, sign

    # -- fetching -----------------------------------------------------------------------------------
    def fetch(self, file: File, services: Sequence[Service], ctx: JobContext = NULL_CONTEXT) -> Service:
        """Bring a file into the store from the first service that gives it; returns that one.

        `NotFound` when no service has it for whoever asks, `Unavailable` when one that might did not answer.
        """
        sweep(self._folder)
        away: dict[str, Text] = {}
        for service in services:
            try:
                self._fetch(file, service, ctx)
            except NotThere:
                continue
            except (Away, ContentError) as error:
                away[service.msp_id] = error.why if isinstance(error, Away) else _text_of(error)
                continue
            return service
        raise _nowhere(file.cid, services, away)

    def _fetch(self, file: File, service: Service, ctx: JobContext) -> None:
        with Incoming(self._folder, file.cid, file.most) as part, _client(service) as client:
            total = file.most
            try:
                while not part.complete:
                    ctx.check_cancelled()
                    total = self._part(client, service, file, part)
                    ctx.progress(part.offset, total)
            except ContentError:
                part.drop()
                raise
            part.finish(self._store, file.record)

    def _part(self, client: httpx.Client, service: Service, file: File, part: Incoming) -> int:
        start = part.offset
        headers = {"Range": f"bytes={start}-{start + PART_BYTES - 1}", "Accept": CAR_TYPE}
        url = f"/ipfs/{file.cid}"
        until = time.monotonic() + PART_S
        with self._asked(client, "GET", url, FETCH, file, service, headers) as answer:
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                raise Away(f"状态码 {answer.status_code}", f"status {answer.status_code}")
            total = _total(answer.headers.get("content-range", ""), start)
            if total > file.most:
                raise Away("比账本所说的大", "it is larger than the ledger says")
            come = 0
            for piece in answer.iter_raw():  # as it comes: a given size would be waited for
                come += len(piece)
                if come > PART_BYTES:
                    raise Away("给的比要的多", "more than was asked for")
                if time.monotonic() > until:
                    raise Away("太慢", "too slow")
                part.feed(piece)
        if not come:
            raise Away("什么也没有给", "nothing came")
        return total

    # -- handing in ---------------------------------------------------------------------------------
    def hand_in(self, file: File, service: Service, ctx: JobContext = NULL_CONTEXT) -> None:
        """Give a file to a service; goes on where an earlier try ended.

        `Unavailable` when the service does not take it now, `NotFound` when it does not take it at all.
        """
        archive = Archive(self._store, file.cid)
        try:
            with _client(service) as client:
                said = self._have(client, file, service)
                tries = 0
                while not said["complete"]:
                    ctx.check_cancelled()
                    before = int(said["have"])
                    said = self._put(client, file, service, archive, before)
                    ctx.progress(int(said["have"]), archive.total)
                    tries = tries + 1 if int(said["have"]) <= before and not said["complete"] else 0
                    if tries > _TRIES:
                        raise Away("一直没有收下", "it takes nothing")
        except NotThere as error:
            raise NotFound(
                Text(
                    "{m} 的内容服务不收这个文件。", "{m}'s content service does not take this file.", m=service.msp_id
                ),
                Text("请确认您有权上交，记录仍然有效。", "Check that it is yours, and that its record stands."),
                code="hand_in_refused",
            ) from error
        except Away as error:
            raise Unavailable(
                Text(
                    "{m} 的内容服务现在不能接收：{w}。",
                    "{m}'s content service does not take it now: {w}.",
                    m=service.msp_id,
                    w=error.why,
                ),
                Text("文件会等着，稍后自动再交。", "The file waits and is handed in later."),
                code="content_service_away",
            ) from error

    def _have(self, client: httpx.Client, file: File, service: Service) -> dict[str, Any]:
        with self._asked(client, "GET", f"/hand-in/{file.cid}", HAND_IN, file, service) as answer:
            return _said(answer)

    def _put(self, client: httpx.Client, file: File, service: Service, archive: Archive, start: int) -> dict[str, Any]:
        if not 0 <= start < archive.total:
            raise Away("它说已有的比文件还多", "it says that it has more than there is")
        body = b"".join(archive.pieces(start, PART_BYTES))
        headers = {"Content-Range": f"bytes {start}-{start + len(body) - 1}/{archive.total}", "Content-Type": CAR_TYPE}
        with self._asked(client, "PUT", f"/hand-in/{file.cid}", HAND_IN, file, service, headers, body) as answer:
            return _said(answer)

    # -- looking after all files --------------------------------------------------------------------
    def holds(self, service: Service, cids: Sequence[str]) -> set[str]:
        """Which of these a service holds whole; `Unavailable` when it does not say."""
        found: set[str] = set()
        try:
            with _client(service) as client:
                for at in range(0, len(cids), 500):
                    asked = list(cids[at : at + 500])
                    proposal = self._sign(SURVEY, [service.msp_id])
                    headers = {"Authorization": header_of(*proposal)}
                    with _sent(client, "POST", "/holds", headers, {}, _json(asked)) as answer:
                        found |= set(asked) & {str(one) for one in _body(answer)}
        except (Away, NotThere, TypeError) as error:
            raise Unavailable(
                Text("{m} 的内容服务没有回答。", "{m}'s content service does not say.", m=service.msp_id),
                code="content_service_away",
            ) from error
        return found

    @contextlib.contextmanager
    def _asked(
        self,
        client: httpx.Client,
        method: str,
        url: str,
        function: str,
        file: File,
        service: Service,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Iterator[httpx.Response]:
        """A request signed for this one service; a door that is busy is asked again a few times."""
        for attempt in range(_TRIES):
            proposal = self._sign(function, [file.record, file.cid, service.msp_id])
            more = {"Authorization": header_of(*proposal), **(headers or {})}
            with _sent(client, method, url, more, {"record": file.record}, body) as answer:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or attempt == _TRIES - 1:
                    yield answer
                    return
            time.sleep(0.5 * (attempt + 1))


@contextlib.contextmanager
def _client(service: Service) -> Iterator[httpx.Client]:
    """A connection that trusts the one certificate that stands on the ledger."""
    context = ssl.create_default_context(cadata=service.certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    times = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    with httpx.Client(base_url=service.address, verify=context, timeout=times, trust_env=False) as client:
        yield client


@contextlib.contextmanager
def _sent(
    client: httpx.Client, method: str, url: str, headers: dict[str, str], params: dict[str, str], body: bytes
) -> Iterator[httpx.Response]:
    try:
        with client.stream(
            method, url, headers=headers, params=params, content=body or None, follow_redirects=False
        ) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise NotThere
            yield answer
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError | ConnectionError | TimeoutError):
            raise
        raise Away(*_why(error)) from error


def _why(error: Exception) -> tuple[str, str]:
    if isinstance(error, httpx.TimeoutException):
        return "没有回答", "it does not answer"
    if "certificate verify failed" in str(error).lower():
        return "它的证书不是账本上的那一张", "its certificate is not the one on the ledger"
    if isinstance(error, httpx.ConnectError):
        return "连不上", "it cannot be reached"
    return "连接中断", "the connection broke"


def _json(value: object) -> bytes:
    import json

    return json.dumps(value).encode()


def _body(answer: httpx.Response) -> Any:
    import json

    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > _MOST_ANSWER:
            raise Away("回答太长", "its answer is too long")
    if answer.status_code not in (httpx.codes.OK, httpx.codes.CONFLICT):
        raise Away(*_STATUS.get(answer.status_code, (f"状态码 {answer.status_code}", f"status {answer.status_code}")))
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise Away("回答无法读取", "its answer cannot be read") from error


_STATUS: dict[int, tuple[str, str]] = {
    httpx.codes.SERVICE_UNAVAILABLE: ("正忙", "it is busy"),
    httpx.codes.INSUFFICIENT_STORAGE: ("没有空间了", "it has no room left"),
}


def _said(answer: httpx.Response) -> dict[str, Any]:
    found = _body(answer)
    if not isinstance(found, dict) or type(found.get("have")) is not int or type(found.get("complete")) is not bool:
        raise Away("回答无法读取", "its answer cannot be read")
    return found


def _total(header: str, start: int) -> int:
    kind, _, rest = header.partition(" ")
    span, _, total = rest.partition("/")
    first = span.partition("-")[0]
    if kind != "bytes" or not total.isdigit() or not first.isdigit() or int(first) != start or len(total) > 15:
        raise Away("给的不是所要的那一段", "it sends another part than was asked for")
    return int(total)


def _text_of(error: CityChainError) -> Text:
    found = error.message
    return found if isinstance(found, Text) else Text("{t}", "{t}", t=str(found))


def _nowhere(cid: str, services: Sequence[Service], away: dict[str, Text]) -> CityChainError:
    if away:
        zh = "；".join(f"{msp} {why.zh}" for msp, why in away.items())[:400]
        en = "; ".join(f"{msp}: {why.en}" for msp, why in away.items())[:400]
        return Unavailable(
            Text("内容 {c} 现在取不到：{w}。", "{c} cannot be fetched now: {w}.", c=cid[:16] + "…", w=Text(zh, en)),
            Text("请稍后再试；已取到的部分会保留。", "Try again later; what has come is kept."),
            code="content_service_away",
        )
    if not services:
        return NotFound(
            Text("内容仓库中没有 {cid}。", "The content store does not hold {cid}.", cid=cid),
            Text(
                "账本上还没有内容服务：请机构运行 citychain serve content，或从另一仓库导入。",
                "The ledger names no content service: let an organisation run citychain serve content, or import it.",
            ),
            code="content_missing",
        )
    return NotFound(
        Text("各机构的内容服务都没有给出 {cid}。", "No organisation's content service gave {cid}.", cid=cid),
        Text("文件可能还没有上交，或您没有取用的权利。", "It was not handed in yet, or is not yours to have."),
        code="content_missing",
    )
