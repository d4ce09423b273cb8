"""How calls get in: gRPC with TLS, the driver's control; contracts that try to take the node down."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Status
from fabric_protos.peer.events_pb2 import DeliverResponse

from fabric_sdk.errors import CommitError, EndorseError, EvaluateError, GatewayError
from fabric_sdk.gateway import GrpcTransport, aio, connect
from network.embedded import control
from network.embedded.faults import RpcError
from network.embedded.watchdog import TimedOut, Watchdog
from tests.network.embedded.city import City


def test_grpc_gives_the_same_answers(city: City) -> None:
    with connect(city.handle.endpoint(), city.handle.admin(city.msp_ids[0])) as gateway:
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


def test_asyncio_client(city: City) -> None:
    async def work() -> tuple[bytes, str]:
        async with aio.connect(city.handle.endpoint(), city.handle.admin(city.msp_ids[0])) as gateway:
            contract = gateway.get_network("citychannel").get_contract("ledger")
            await asyncio.gather(*(contract.submit("Put", f"aio{i}", "1") for i in range(20)))
            with pytest.raises(EvaluateError) as caught:
                await contract.evaluate("Fail", "no")
            return await contract.evaluate("Get", "aio19"), caught.value.code

    assert asyncio.run(work()) == (b"1", "UNKNOWN")


def test_many_at_once_learn_from_blocks_what_became_of_each(city: City) -> None:
    """They all count one key up: whoever is told of success stands in the sum, and nobody else does."""

    async def work() -> tuple[int, list[str], int, bool]:
        async with aio.connect(city.handle.endpoint(), city.handle.admin(city.msp_ids[0])) as gateway:
            contract = gateway.get_network("citychannel").get_contract("ledger")
            told: list[str] = []

            async def client() -> int:
                done = 0
                for _ in range(12):
                    try:
                        await contract.submit("Increment", "counted")
                        done += 1
                    except CommitError as conflict:
                        told.append(conflict.code_name)
                return done

            done = sum(await asyncio.gather(*(client() for _ in range(48))))
            commits = gateway._session.commits("citychannel")
            return done, told, int(await contract.evaluate("Get", "counted")), commits._own > 0

    done, told, counted, by_stream = asyncio.run(work())
    assert counted == done and done + len(told) == 12 * 48
    assert set(told) <= {"MVCC_READ_CONFLICT"}
    assert by_stream


def test_requests_in_one_segment_with_their_opening(city: City) -> None:
    with GrpcTransport(city.handle.endpoint()) as transport:
        stream = transport.bidi("/protos.Deliver/Deliver", 5.0)
        stream.send(b"no envelope")
        stream.finish()
        answers = list(stream)
    assert [DeliverResponse.FromString(a).status for a in answers] == [Status.BAD_REQUEST]


@pytest.mark.parametrize(
    "line",
    [
        b'{"token": "guess", "request": {"action": "stop"}}\n',
        b'{"request": {"action": "stop"}}\n',
        b'["stop"]\n',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_control_answers_the_driver_only(city: City, line: bytes) -> None:
    ready = city.directory / "embedded" / "ready.json"
    address = json.loads(ready.read_bytes())["address"]
    with control._dial(address, 5.0) as connection:
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
    assert control.ask(ready, {"action": "status"})["pid"]


def test_control_says_what_is_wrong(city: City, tmp_path: Path) -> None:
    ready = city.directory / "embedded" / "ready.json"
    if sys.platform != "win32":
        assert ready.stat().st_mode & 0o077 == 0
    with pytest.raises(RpcError) as caught:
        control.ask(ready, {"action": "dance"})
    assert caught.value.code == "UNIMPLEMENTED"
    with pytest.raises(RpcError) as caught:
        control.ask(ready, {})
    assert caught.value.code == "INVALID_ARGUMENT"
    with pytest.raises(RpcError) as caught:
        control.ask(tmp_path / "ready.json", {"action": "status"})
    assert caught.value.code == "UNAVAILABLE"


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
