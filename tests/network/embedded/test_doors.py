"""How calls get in: gRPC with TLS beside the local stream; contracts that try to take the node down."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fabric_protos.common.common_pb2 import Status
from fabric_protos.peer.events_pb2 import DeliverResponse

from fabric_sdk.errors import EndorseError, EvaluateError, GatewayError
from fabric_sdk.gateway import aio, connect
from fabric_sdk.gateway import local_frames as frames
from fabric_sdk.gateway.local_address import read_address
from network.embedded.watchdog import TimedOut, Watchdog
from tests.network.embedded.city import City


def test_grpc_gives_the_same_answers(city: City) -> None:
    endpoint = replace(city.handle.endpoint(), local_stream=None)
    with connect(endpoint, city.handle.admin(city.msp_ids[0])) as gateway:
        network = gateway.get_network("citychannel")
        contract = network.get_contract("ledger")
        with network.chaincode_events("ledger") as events:
            assert contract.submit("Announce", "grpc", "over TLS") == b""
            assert next(iter(events)).payload == b"over TLS"
        with pytest.raises(EndorseError) as caught:
            contract.submit("Fail", "no")
        assert caught.value.details[0].message == "chaincode response 500, REFUSED: no"
        with network.block_events(start_block=0) as blocks:
            assert next(iter(blocks)).header.number == 0


def test_asyncio_client_over_the_local_stream(city: City) -> None:
    async def work() -> tuple[bytes, str]:
        async with aio.connect(city.handle.endpoint(), city.handle.admin(city.msp_ids[0])) as gateway:
            contract = gateway.get_network("citychannel").get_contract("ledger")
            await asyncio.gather(*(contract.submit("Put", f"aio{i}", "1") for i in range(20)))
            with pytest.raises(EvaluateError) as caught:
                await contract.evaluate("Fail", "no")
            return await contract.evaluate("Get", "aio19"), caught.value.code

    assert asyncio.run(work()) == (b"1", "UNKNOWN")


@pytest.mark.skipif(sys.platform == "win32", reason="the local stream is a loopback port there")
def test_requests_in_one_segment_with_their_opening(city: City) -> None:
    where = read_address(str(city.handle.endpoint().local_stream))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(where.address.removeprefix("unix:"))
        connection.sendall(
            frames.frame(frames.HELLO, 0, where.token.encode())
            + frames.frame(frames.OPEN, 1, frames.call_body("/protos.Deliver/Deliver", where.target, b""))
            + frames.frame(frames.DATA, 1, b"no envelope")
        )
        kinds = list(_frames(connection, 2))
    assert [kind for kind, _ in kinds] == [frames.DATA, frames.END]
    assert DeliverResponse.FromString(kinds[0][1]).status == Status.BAD_REQUEST


def _frames(connection: socket.socket, count: int) -> Iterator[tuple[int, bytes]]:
    reader = frames.FrameReader()
    while count:
        for kind, _, body in reader.feed(connection.recv(1 << 16)):
            yield kind, body
            count -= 1


def test_contract_cannot_end_the_node(city: City) -> None:
    with pytest.raises(GatewayError, match="chaincode stream terminated"):
        city.contract().evaluate("Exit")
    assert city.contract().evaluate("Get", "absent") == b""


def test_watchdog_ends_what_never_returns() -> None:
    before = signal.getsignal(signal.SIGABRT)
    watchdog = Watchdog(0.2)
    try:
        with pytest.raises(TimedOut), watchdog.limit():
            while True:
                pass
        with watchdog.limit():
            pass
    finally:
        watchdog.close()
        signal.signal(signal.SIGABRT, before if before is not None else signal.SIG_DFL)
