"""Event streams of the blocking client: iterate over them, close them from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self

from fabric_sdk.errors import DecodeError, GatewayError
from fabric_sdk.gateway.messages import Bytes, Party
from fabric_sdk.gateway.requests import EventsDraft, T
from fabric_sdk.gateway.transport import ByteStream, Transport


class OpenStreams:
    """The streams that a gateway has to end when it closes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: set[ByteStream] = set()
        self._closed = False

    def add(self, stream: ByteStream) -> None:
        with self._lock:
            if not self._closed:
                self._streams.add(stream)
                return
        stream.close()

    def discard(self, stream: ByteStream) -> None:
        with self._lock:
            self._streams.discard(stream)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            streams, self._streams = self._streams, set()
        for stream in streams:
            stream.close()


class EventStream(Generic[T]):
    """Events as they come. Iteration waits for the next one, and ends after `close` (from whichever thread)."""

    def __init__(self, stream: ByteStream, draft: EventsDraft[T], open_streams: OpenStreams) -> None:
        self._stream = stream
        self._draft = draft
        self._open_streams = open_streams
        self._pending: Iterator[T] = iter(())
        open_streams.add(stream)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        while True:
            try:
                return next(self._pending)
            except StopIteration:
                self._pending = self._draft.events(next(self._stream))
            except DecodeError as e:
                self.close()
                raise GatewayError("INTERNAL", str(e)) from e

    def close(self) -> None:
        self._open_streams.discard(self._stream)
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EventsRequest(Generic[T]):
    """A request for events that can be signed elsewhere: `bytes` and `digest` out, bytes and signature back in."""

    def __init__(self, transport: Transport, party: Party, open_streams: OpenStreams, draft: EventsDraft[T]) -> None:
        self._transport = transport
        self._party = party
        self._open_streams = open_streams
        self._draft = draft

    @property
    def bytes(self) -> Bytes:
        return self._draft.to_bytes()

    @property
    def digest(self) -> Bytes:
        return self._party.digest(self._draft.signable)

    def events(self) -> EventStream[T]:
        """Open the stream."""
        draft = self._draft
        if not draft.signature:
            draft.signature = self._party.sign(draft.signable)
        if draft.duplex:
            duplex = self._transport.bidi(draft.method)
            duplex.send(draft.to_bytes())
            return EventStream(duplex, draft, self._open_streams)
        return EventStream(self._transport.server_stream(draft.method, draft.to_bytes()), draft, self._open_streams)
