"""Event streams of the asyncio client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Generic, Self

from fabric_sdk.errors import DecodeError, GatewayError
from fabric_sdk.gateway.messages import Bytes, Party
from fabric_sdk.gateway.requests import EventsDraft, T
from fabric_sdk.gateway.transport import AsyncByteStream, AsyncTransport


class EventStream(Generic[T]):
    """Events as they come: `async for`, closed by `close` or at the end of `async with`."""

    def __init__(self, stream: AsyncByteStream, draft: EventsDraft[T], open_streams: set[AsyncByteStream]) -> None:
        self._stream = stream
        self._draft = draft
        self._open_streams = open_streams
        self._pending: Iterator[T] = iter(())
        open_streams.add(stream)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while True:
            try:
                return next(self._pending)
            except StopIteration:
                self._pending = self._draft.events(await anext(self._stream))
            except DecodeError as e:
                self.close()
                raise GatewayError("INTERNAL", str(e)) from e

    def close(self) -> None:
        self._open_streams.discard(self._stream)
        self._stream.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class EventsRequest(Generic[T]):
    """A request for events that can be signed elsewhere."""

    def __init__(
        self, transport: AsyncTransport, party: Party, open_streams: set[AsyncByteStream], draft: EventsDraft[T]
    ) -> None:
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
        opened = (self._transport.duplex_stream if draft.duplex else self._transport.server_stream)(
            draft.method, draft.to_bytes()
        )
        return EventStream(opened, draft, self._open_streams)
