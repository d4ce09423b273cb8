"""The node against strangers and greedy clients: others are not made to wait, and memory stays what it was.

Before, 520 event streams of one client without a role made everybody wait, and 24 calls of 95 MB without a certificate
took 3.5 GB.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from fabric_sdk.errors import GatewayError
from network.embedded.faults import RpcError
from network.embedded.quotas import STREAMS, StreamQuota
from tests.network.embedded.city import City as Node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("node") / "n") as made:
        made.deploy("ledger", policy="OR('DataBureauMSP.peer')")
        yield made


def process(node: Node) -> psutil.Process:
    return psutil.Process(json.loads((node.directory / "embedded" / "ready.json").read_bytes())["pid"])


def test_one_identitys_streams_leave_room_for_others(node):
    """Each listens for the next commit, which never comes; before, the 501st call of anybody was refused."""
    greedy = node.network("HealthMSP")
    with contextlib.ExitStack() as streams:
        opened = [streams.enter_context(greedy.chaincode_events("ledger")) for _ in range(STREAMS + 30)]
        refused = 0
        with ThreadPoolExecutor(16) as pool:

            def first(stream: object) -> bool:
                try:
                    next(iter(stream))  # type: ignore[call-overload]
                except GatewayError as error:
                    return error.code == "RESOURCE_EXHAUSTED"
                except StopIteration:
                    return False
                return False

            tries = [pool.submit(first, stream) for stream in opened[STREAMS:]]
            refused = sum(done.result(60) for done in tries)
            began = time.monotonic()
            assert node.contract(msp_id="DataBureauMSP").evaluate("Get", "nothing") == b""
            assert time.monotonic() - began < 10
        assert refused == 30
    # Their places are free again.
    with greedy.block_events(start_block=0) as events:
        assert next(iter(events)).header.number == 0


def test_a_quota_counts_each_identity_by_itself():
    quota = StreamQuota(2)
    with quota.stream(b"a", "s"), quota.stream(b"a", "s"), quota.stream(b"b", "s"):
        with pytest.raises(RpcError) as refusal, quota.stream(b"a", "s"):
            pass
        assert refusal.value.code == "RESOURCE_EXHAUSTED"
    with quota.stream(b"a", "s"), quota.stream(b"a", "s"):
        pass
    assert not quota._open


def test_a_thousand_strangers_cost_little_memory(node):
    """Connections that never say who they are: half of them idle, half with a request that never ends."""
    host, _, port = node.handle.endpoint("DataBureauMSP").address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    with contextlib.ExitStack() as stack:
        for number in range(1000):
            raw = stack.enter_context(socket.create_connection((host, int(port)), timeout=20))
            if number % 2:
                continue
            stack.enter_context(context.wrap_socket(raw)).sendall(preface)
        assert process(node).memory_info().rss < 300 * 1024 * 1024
        assert node.contract(msp_id="DataBureauMSP").evaluate("Get", "nothing") == b""
