"""Calls over the node's listener: our two clients and an unmodified grpcio, with both HTTP/2 libraries."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from fabric_sdk.errors import ErrorDetail, GatewayError
from fabric_sdk.gateway import Endpoint, GrpcTransport
from fabric_sdk.gateway.aio import AsyncGrpcTransport
from fabric_sdk.http2.framing import decode_text, encode_text
from tests.chaincode_runtime.tls_material import Authority
from tests.network.grpc.house import BLANKS, LONG_TEXT, House

Ask = Callable[[str, bytes, float], bytes]


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(params=["blocking", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Callable[[Endpoint], Ask]:
    """A way to make one call from either client."""

    def of(endpoint: Endpoint) -> Ask:
        if request.param == "blocking":

            def blocking(method: str, data: bytes, seconds: float) -> bytes:
                with GrpcTransport(endpoint) as transport:
                    return transport.unary(method, data, seconds)

            return blocking

        def on_a_loop(method: str, data: bytes, seconds: float) -> bytes:
            async def work() -> bytes:
                async with AsyncGrpcTransport(endpoint) as transport:
                    return await transport.unary(method, data, seconds)

            return asyncio.run(work())

        return on_a_loop

    return of


@pytest.mark.parametrize("size", [0, 1, 100_000, 9_000_000])
def test_messages_of_any_size_arrive_whole(house: House, ask: Callable[[Endpoint], Ask], size: int) -> None:
    message = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert ask(house.endpoint)("/t.T/Echo", message, 30.0) == message
    assert house.budget.request_bytes == 0
    assert house.limit.running == 0


def test_answers_that_have_to_be_waited_for(house: House, ask: Callable[[Endpoint], Ask]) -> None:
    assert ask(house.endpoint)("/t.T/Late", b"x", 20.0) == b"x"


def test_errors_carry_code_text_and_details(house: House, ask: Callable[[Endpoint], Ask]) -> None:
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Fail", b"", 10.0)
    error = caught.value
    assert (error.code, error.status_message) == ("ABORTED", LONG_TEXT)
    assert error.details == (ErrorDetail("peer0:1", "Org1MSP", "because 因为"),)
    with pytest.raises(GatewayError, match="the node failed; see its log"):
        ask(house.endpoint)("/t.T/Crash", b"", 10.0)
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Nowhere", b"", 10.0)
    assert caught.value.code == "UNIMPLEMENTED"
    house.running = False
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Echo", b"", 10.0)
    assert caught.value.code == "UNAVAILABLE"


@pytest.mark.parametrize("text", ["  there is no record 一 ", "there is no record ", " x", " ", ""])
def test_blanks_at_the_ends_of_words_arrive(text: str) -> None:
    encoded = encode_text(text)
    assert encoded == encoded.strip() and decode_text(encoded) == text


def test_an_error_that_ends_in_a_blank_is_heard(house: House, ask: Callable[[Endpoint], Ask]) -> None:
    """A field value must not end in one: clients took the answer for malformed and waited until their deadline."""
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Fail", b"blanks", 10.0)
    assert (caught.value.code, caught.value.status_message) == ("NOT_FOUND", BLANKS)


def test_words_that_cannot_be_sent_are_answered_all_the_same(house: House, ask: Callable[[Endpoint], Ask]) -> None:
    """A refusal that quoted half a character was never answered: the client waited until its deadline."""
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Fail", b"half", 10.0)
    assert (caught.value.code, caught.value.status_message) == ("ABORTED", "the node failed; see its log")
    assert house.limit.running == 0


def test_a_deadline_ends_the_call_on_both_sides(house: House, ask: Callable[[Endpoint], Ask]) -> None:
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Hang", b"", 0.5)
    assert caught.value.code == "DEADLINE_EXCEEDED"
    wait_until(lambda: house.cancelled == house.hanging and house.limit.running == 0)


def test_nobody_listens(tmp_path: Path, house: House, ask: Callable[[Endpoint], Ask]) -> None:
    house.end()
    with pytest.raises(GatewayError) as caught:
        ask(house.endpoint)("/t.T/Echo", b"", 10.0)
    assert caught.value.code == "UNAVAILABLE"
    assert house.endpoint.address in caught.value.status_message


def test_a_stranger_is_not_believed(house: House, ask: Callable[[Endpoint], Ask]) -> None:
    stranger = dataclasses.replace(house.endpoint, tls_root_pem=Authority("TLS").pem)
    with pytest.raises(GatewayError) as caught:
        ask(stranger)("/t.T/Echo", b"", 10.0)
    assert caught.value.code == "UNAVAILABLE"
    with pytest.raises(GatewayError) as caught:
        ask(dataclasses.replace(house.endpoint, server_name="other.example"))("/t.T/Echo", b"", 10.0)
    assert caught.value.code == "UNAVAILABLE"
    by_address = dataclasses.replace(house.endpoint, server_name=None)
    assert ask(by_address)("/t.T/Echo", b"1", 10.0) == b"1"


def test_a_connection_is_made_again(house: House) -> None:
    with GrpcTransport(house.endpoint) as transport:
        assert transport.unary("/t.T/Echo", b"1", 10.0) == b"1"
        house.end()
        with pytest.raises(GatewayError) as caught:
            transport.unary("/t.T/Echo", b"2", 10.0)
        assert caught.value.code == "UNAVAILABLE"
        house.begin()

        def answered() -> bool:
            try:
                return transport.unary("/t.T/Echo", b"3", 10.0) == b"3"
            except GatewayError:
                return False

        wait_until(answered)


def test_a_stopping_server_ends_the_calls_that_run(house: House) -> None:
    found: list[str] = []

    def hang() -> None:
        with GrpcTransport(house.endpoint) as transport, pytest.raises(GatewayError) as caught:
            transport.unary("/t.T/Hang", b"", 60.0)
        found.append(caught.value.code)

    threads = [threading.Thread(target=hang) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: house.hanging == 3)
    house.end()
    for thread in threads:
        thread.join(20)
    assert found == ["UNAVAILABLE"] * 3
    wait_until(lambda: house.cancelled == 3 and house.limit.running == 0)


def test_streams_come_in_order(house: House) -> None:
    with GrpcTransport(house.endpoint) as transport:
        messages = list(transport.server_stream("/t.T/Count", b"100 20000", 30.0))
    assert [int(m[:8]) for m in messages] == list(range(100))
    assert {len(m) for m in messages} == {20_000}

    async def work() -> list[bytes]:
        async with AsyncGrpcTransport(house.endpoint) as transport:
            return [m async for m in transport.server_stream("/t.T/Count", b"100 20000")]

    assert [int(m[:8]) for m in asyncio.run(work())] == list(range(100))
    wait_until(lambda: house.limit.running == 0 and house.budget.request_bytes == 0)


def test_a_slow_reader_holds_the_server_back(house: House) -> None:
    with GrpcTransport(house.endpoint) as transport:
        stream = transport.server_stream("/t.T/Count", b"400 100000", 60.0)
        next(stream)
        before = -1
        while before != house.produced:
            before = house.produced
            time.sleep(0.3)
        assert house.produced < 200  # of 400: windows and buffers, not all of it
        assert transport.unary("/t.T/Echo", b"beside", 10.0) == b"beside"
        assert [int(m[:8]) for m in stream] == list(range(1, 400))


def test_a_stream_that_is_given_up_ends_at_the_server(house: House) -> None:
    with GrpcTransport(house.endpoint) as transport:
        stream = transport.server_stream("/t.T/Count", b"100000 100000")
        next(stream)
        stream.close()
        assert list(stream) == []
        wait_until(lambda: house.cancelled == 1 and house.limit.running == 0)
        assert transport.unary("/t.T/Echo", b"after", 10.0) == b"after"

    async def work() -> None:
        async with AsyncGrpcTransport(house.endpoint) as transport:
            opened = transport.server_stream("/t.T/Count", b"100000 100000")
            await anext(opened)
            opened.close()
            assert [m async for m in opened] == []

    asyncio.run(work())
    wait_until(lambda: house.cancelled == 2 and house.limit.running == 0)


def test_both_ways(house: House) -> None:
    with GrpcTransport(house.endpoint) as transport:
        chat = transport.bidi("/t.T/Chat", 30.0)
        for number in range(50):
            chat.send(b"%d" % number + bytes(100_000))
            assert next(chat)[:2].rstrip(b"\0") == b"%d" % number
        chat.finish()
        assert list(chat) == []
        refused = transport.bidi("/t.T/Chat", 30.0)
        refused.send(b"fail")
        with pytest.raises(GatewayError, match="no such word"):
            next(refused)
        wait_until(lambda: house.limit.running == 0 and house.budget.request_bytes == 0)


def test_a_sender_waits_for_a_slow_server(house: House) -> None:
    """Nobody reads the answers, so the server stops taking requests, and `send` waits until its deadline."""
    with GrpcTransport(house.endpoint) as transport:
        chat = transport.bidi("/t.T/Chat", 2.0)
        sent = 0
        with pytest.raises(GatewayError) as caught:
            for _ in range(1000):
                chat.send(bytes(100_000))
                sent += 1
        assert caught.value.code == "DEADLINE_EXCEEDED"
        assert 0 < sent < 400
        wait_until(lambda: house.limit.running == 0 and house.budget.request_bytes == 0)


def test_many_at_once(house: House) -> None:
    async def work() -> None:
        async with AsyncGrpcTransport(house.endpoint) as transport:
            names = [b"%d" % i for i in range(500)]
            assert await asyncio.gather(*(transport.unary("/t.T/Late", n, 60.0) for n in names)) == names

    asyncio.run(work())
    assert house.limit.running == 0


def test_calls_that_wait_count_for_the_limit(tmp_path: Path, library: str) -> None:
    house = House(tmp_path, most=10)
    house.late_s = 2.0  # longer than a busy machine needs for the others
    try:

        async def work() -> list[str]:
            async with AsyncGrpcTransport(house.endpoint) as transport:
                results = await asyncio.gather(
                    *(transport.unary("/t.T/Late", b"", 60.0) for _ in range(30)), return_exceptions=True
                )
                return [r.code if isinstance(r, GatewayError) else "OK" for r in results]

        found = asyncio.run(work())
        assert found.count("OK") == 10
        assert found.count("RESOURCE_EXHAUSTED") == 20
    finally:
        house.close()


def test_cancelling_a_task_cancels_the_call(house: House) -> None:
    async def work() -> None:
        async with AsyncGrpcTransport(house.endpoint) as transport:
            task = asyncio.create_task(transport.unary("/t.T/Hang", b"", 60.0))
            await asyncio.to_thread(wait_until, lambda: house.hanging == 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await transport.unary("/t.T/Echo", b"after", 10.0) == b"after"

    asyncio.run(work())
    wait_until(lambda: house.cancelled == 1 and house.limit.running == 0)


def test_closing_a_transport_ends_its_calls(house: House) -> None:
    transport = GrpcTransport(house.endpoint)
    found: list[str] = []

    def hang() -> None:
        with pytest.raises(GatewayError) as caught:
            transport.unary("/t.T/Hang", b"", 60.0)
        found.append(caught.value.code)

    thread = threading.Thread(target=hang)
    thread.start()
    wait_until(lambda: house.hanging == 1)
    transport.close()
    thread.join(20)
    assert found == ["CANCELLED"]
    with pytest.raises(GatewayError, match="closed"):
        transport.unary("/t.T/Echo", b"", 1.0)


def test_an_unmodified_grpcio_client(house: House) -> None:
    credentials = grpc.ssl_channel_credentials(house.authority.pem)
    options = [("grpc.ssl_target_name_override", "node.example"), ("grpc.max_receive_message_length", 100 << 20)]
    with grpc.secure_channel(house.endpoint.address, credentials, options=options) as channel:
        echo = channel.unary_unary("/t.T/Echo")
        assert echo(b"x" * 5_000_000, timeout=20) == b"x" * 5_000_000
        assert [f.result(20) for f in [echo.future(b"%d" % i, timeout=20) for i in range(200)]][-1] == b"199"
        assert len(list(channel.unary_stream("/t.T/Count")(b"100 100000", timeout=20))) == 100
        chat = list(channel.stream_stream("/t.T/Chat")(iter([b"a", b"b" * 200_000]), timeout=20))
        assert chat == [b"a", b"b" * 200_000]
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/t.T/Fail")(b"", timeout=20)
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.ABORTED, LONG_TEXT)
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/t.T/Hang")(b"", timeout=0.5)
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        compressed = channel.unary_unary("/t.T/Echo")
        with pytest.raises(grpc.RpcError) as caught:
            compressed(b"x" * 10_000, timeout=20, compression=grpc.Compression.Gzip)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    wait_until(lambda: house.limit.running == 0 and house.budget.request_bytes == 0)
