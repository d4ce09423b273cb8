"""Clients and servers that mean no good: what they gain is bounded, and nobody else is kept waiting."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway import GrpcTransport
from fabric_sdk.http2.calls import ClientConnection
from fabric_sdk.http2.engine import Headers, Http2Error, Settings, new_engine
from fabric_sdk.http2.framing import Failure, frame
from network.embedded.budgets import Budget, Limits
from tests.network.grpc.house import House
from tests.network.grpc.sessions import Counted, Server, campaign, frames_of

SESSIONS = 600
_GOAWAY = 7


@pytest.mark.usefixtures("library")
def test_mutated_sessions() -> None:
    asyncio.run(campaign(SESSIONS, 26))


async def turns(count: int = 6) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def goaway_code(data: bytes) -> int | None:
    """The error code of the last GOAWAY in what a server sent."""
    codes = [int.from_bytes(f[13:17], "big") for f in frames_of(data) if len(f) >= 17 and f[3] == _GOAWAY]
    return codes[-1] if codes else None


@pytest.mark.usefixtures("library")
def test_a_flood_of_resets_ends_the_connection() -> None:
    async def work() -> None:
        server = Server(budget=Budget(Limits(http2=Settings(resets=(50, 1)))))
        _, pipe = server.connect()
        client = ClientConnection("t", secure=True)
        sent = b""
        for _ in range(200):
            call = Counted()
            client.start(call, "/t.T/Late", b"x", 5.0)
            first = client.take()
            client.cancel(call, Failure("CANCELLED", ""))
            if not pipe.closed:
                pipe.protocol.data_received(first + client.take())
                await turns(2)
                sent += pipe.take()
        await turns()
        sent += pipe.take()
        assert pipe.closed
        assert goaway_code(sent) in (1, 2, 11)  # whatever the library calls it
        assert server.left() == []

    asyncio.run(work())


@pytest.mark.usefixtures("library")
def test_unfinished_requests_are_held_up_to_a_limit() -> None:
    async def work() -> None:
        limits = Limits(connection_request_bytes=100_000, request_bytes=150_000)
        server = Server(budget=Budget(limits))
        codes: list[str] = []
        pipes = []
        for _ in range(3):
            _, pipe = server.connect()
            pipes.append(pipe)
            client = ClientConnection("t", secure=True)
            calls = [Counted() for _ in range(40)]
            for call in calls:
                client.start(call, "/t.T/Echo", None, None)
                # A message that says it is large, and does not end.
                client.engine.data(call.stream, b"\0\0\x01\0\0" + bytes(5000), False)
            for _ in range(20):
                pipe.protocol.data_received(client.take())
                await turns(3)
                client.receive(pipe.take())
            codes += [c.failure.code for c in calls if c.failure is not None]
            assert server.budget.request_bytes <= limits.request_bytes
        assert set(codes) == {"RESOURCE_EXHAUSTED"}
        assert len(codes) >= 120 - 150_000 // 5000 - 3
        for pipe in pipes:
            pipe.close()
        await turns()
        assert server.left() == []

    asyncio.run(work())


@pytest.mark.usefixtures("library")
def test_a_message_that_is_too_large_is_refused_by_its_length() -> None:
    async def work() -> None:
        server = Server()
        _, pipe = server.connect()
        client = ClientConnection("t", secure=True)
        call = Counted()
        client.start(call, "/t.T/Echo", None, None)
        client.engine.data(call.stream, b"\0\xff\xff\xff\xff", False)
        for _ in range(4):
            pipe.protocol.data_received(client.take())
            await turns(3)
            client.receive(pipe.take())
        assert call.failure is not None
        assert call.failure.code == "RESOURCE_EXHAUSTED"
        assert "received message larger than max" in call.failure.text

    asyncio.run(work())


class Silent:
    """A sink that notes what a server's peer did, and answers nothing."""

    def __init__(self, client: bool) -> None:
        self.streams: list[int] = []
        self.engine = new_engine(self, client, Settings())

    def on_headers(self, stream: int, headers: Headers, end: bool) -> None:
        self.streams.append(stream)

    def on_data(self, stream: int, data: bytes, end: bool) -> bool:
        return False

    def on_closed(self, stream: int, code: int) -> None: ...
    def on_window(self) -> None: ...
    def on_goaway(self, last_stream: int, code: int) -> None: ...
    def on_pong(self) -> None: ...


@pytest.mark.usefixtures("library")
def test_goaway_fails_the_calls_that_it_leaves_out_and_no_others() -> None:
    server, client = Silent(False), ClientConnection("t", secure=True)
    calls = [Counted(), Counted(), Counted()]
    for call in calls:
        client.start(call, "/t.T/Echo", b"x", None)
    server.engine.receive(client.take())
    settings = server.engine.take()
    # GOAWAY up to stream 3 (of 1, 3, 5), then the answers to 1 and 3.
    client.receive(settings + b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x03\0\0\0\0")
    assert [c.ends for c in calls] == [0, 0, 1]
    assert calls[2].unprocessed
    assert client.closing
    head, good = [(b":status", b"200"), (b"content-type", b"application/grpc")], [(b"grpc-status", b"0")]
    for stream in (1, 3):
        server.engine.answer(stream, head, frame(b"y"), good)
    client.receive(server.engine.take())
    assert [(c.ends, c.messages, c.failure) for c in calls[:2]] == [(1, 1, None), (1, 1, None)]
    with pytest.raises(Http2Error):
        client.start(Counted(), "/t.T/Echo", b"x", None)
    client.take()
    assert client.over


@pytest.mark.usefixtures("library")
def test_a_client_that_fetches_no_answers_is_sent_away() -> None:
    async def work() -> None:
        server = Server(budget=Budget(Limits(connection_answer_bytes=200_000)))
        connection, pipe = server.connect()
        client = ClientConnection("t", secure=True, settings=Settings(stream_window=0, connection_window=65_535))
        for _ in range(60):
            client.start(Counted(), "/t.T/Echo", bytes(10_000), None)
        connection.pause_writing()
        for _ in range(20):
            if pipe.closed:
                break
            pipe.protocol.data_received(client.take())
            await turns(10)
            client.receive(pipe.take())
        assert pipe.closed
        await turns()
        assert server.left() == []

    asyncio.run(work())


def test_too_many_connections_and_silent_ones(tmp_path: Path, library: str) -> None:
    house = House(tmp_path, Limits(connections_a_host=2, preface_s=0.2))
    try:
        with GrpcTransport(house.endpoint) as one, GrpcTransport(house.endpoint) as two:
            assert one.unary("/t.T/Echo", b"1", 20.0) == two.unary("/t.T/Echo", b"1", 20.0)
            with GrpcTransport(house.endpoint) as three, pytest.raises(GatewayError) as caught:
                three.unary("/t.T/Echo", b"1", 20.0)
            assert caught.value.code == "UNAVAILABLE"
            assert one.unary("/t.T/Echo", b"1", 20.0) == b"1"
        end = time.monotonic() + 20
        while True:  # a place is free again once the two are gone
            try:
                with GrpcTransport(house.endpoint) as four:
                    assert four.unary("/t.T/Echo", b"1", 20.0) == b"1"
                break
            except GatewayError:
                assert time.monotonic() < end
                time.sleep(0.05)
    finally:
        house.close()


def test_one_connection_cannot_keep_the_others_waiting(tmp_path: Path, library: str) -> None:
    house = House(tmp_path)
    try:
        with GrpcTransport(house.endpoint) as greedy, GrpcTransport(house.endpoint) as modest:
            assert modest.unary("/t.T/Echo", b"1", 20.0) == b"1"
            stream = greedy.server_stream("/t.T/Count", b"1000000 50000")
            next(stream)
            assert modest.unary("/t.T/Echo", b"2", 20.0) == b"2"
            stream.close()
    finally:
        house.close()
