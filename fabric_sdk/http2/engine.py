"""One HTTP/2 connection (RFC 9113) without input or output, whichever library is behind it.

libnghttp2 (the C library of curl and Node) through `ngh2` costs some microseconds a call, `h2` in pure Python about 80
more; both do the same here, and the tests run with both. An installation without `ngh2` uses `h2`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = Sequence[tuple[bytes, bytes]]

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = 0, 1, 2, 3
REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 7, 8, 11


class Http2Error(Exception):
    """The peer broke the protocol, or a connection was used after its end; nothing more can come of it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one side grants the other, and how much abuse it bears. Sizes are bytes, `resets` (burst, a second)."""

    stream_window: int = 4 << 20
    connection_window: int = 16 << 20
    streams: int = 10_000
    header_bytes: int = 32 << 10
    resets: tuple[int, int] = (1_000, 100)


class Sink(Protocol):
    """Told by `Engine.receive` what the peer did, in order. Must not raise."""

    def on_headers(self, stream: int, headers: Headers, end: bool) -> None:
        """A request or response began; or ended with trailers (then `end`)."""

    def on_data(self, stream: int, data: bytes, end: bool) -> bool:
        """Whether the bytes wait for their reader: the peer may send as many again only after `Engine.consumed`."""

    def on_closed(self, stream: int, code: int) -> None:
        """Nothing more comes or goes on a stream; `code` is not 0 if it was broken off."""

    def on_window(self) -> None:
        """More may be sent."""

    def on_goaway(self, last_stream: int, code: int) -> None:
        """The peer takes no new streams; of ours it answers those up to `last_stream`."""

    def on_pong(self) -> None: ...


class Engine(Protocol):
    """One connection. Not thread-safe. What it wants to send is fetched with `take`, whatever was called before."""

    def receive(self, data: bytes) -> None:
        """Take what the peer sent; tells the sink. Http2Error if the connection is over (`take` may say why)."""

    def take(self) -> bytes:
        """What is to be sent now; what the peer has no room for stays here."""

    @property
    def over(self) -> bool:
        """Whether nothing more will be read or sent."""

    def open(self, headers: Headers, data: bytes, end: bool) -> int:
        """Begin a stream (client); returns its number. Http2Error if the connection takes no new ones."""

    def headers(self, stream: int, headers: Headers, end: bool) -> None: ...
    def data(self, stream: int, data: bytes, end: bool) -> None: ...
    def trailers(self, stream: int, headers: Headers) -> None: ...
    def answer(self, stream: int, headers: Headers, data: bytes, trailers: Headers) -> None:
        """`headers`, `data` and `trailers` in one."""

    def reset(self, stream: int, code: int) -> None: ...
    def consumed(self, stream: int, size: int) -> None:
        """The application took `size` bytes of a stream: the peer may send as many again."""

    def queued(self, stream: int | None = None) -> int:
        """Bytes of a stream (of all) that wait for the peer's window."""

    def ping(self) -> None: ...
    def goaway(self, code: int) -> None: ...


Factory = Callable[[Sink, bool, Settings], Engine]


def new_engine(sink: Sink, client: bool, settings: Settings) -> Engine:
    """A connection of this installation's library; its first bytes are ready to be taken."""
    return _factory()(sink, client, settings)


def library() -> str:
    """Which library is used: `ngh2` or `h2`."""
    return "ngh2" if _factory().__name__ == "NgHttp2" else "h2"


_chosen: list[Factory] = []


def choose(factory: Factory | None) -> None:
    """Use one library for new connections from now on; None for what is installed."""
    _chosen[:] = [] if factory is None else [factory]


def _factory() -> Factory:
    if not _chosen:
        try:
            from fabric_sdk.http2.nghttp2 import NgHttp2
        except ImportError:
            from fabric_sdk.http2.hyper import HyperH2

            _chosen.append(HyperH2)
        else:
            _chosen.append(NgHttp2)
    return _chosen[0]
