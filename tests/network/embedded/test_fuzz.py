"""Hostile bytes at every door: one clear error, no crash, no hang, no growth."""

from __future__ import annotations

import contextlib
import json

import pytest
from fabric_protos.common.common_pb2 import Envelope
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fabric_sdk.envelope import new_proposal, sign_proposal
from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway import GrpcTransport
from network.embedded import mango
from network.embedded.faults import Refusal
from network.embedded.mango_selector import _COMPARISONS, _TESTS, compile_selector
from network.embedded.transactions import parse_bytes, parse_envelope
from tests.network.embedded.city import City

FEW = settings(max_examples=40, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(max_examples=100, deadline=1000)
UNARY = (
    "/gateway.Gateway/Evaluate",
    "/gateway.Gateway/Endorse",
    "/gateway.Gateway/Submit",
    "/gateway.Gateway/CommitStatus",
    "/protos.Endorser/ProcessProposal",
)
STREAMS = ("/protos.Deliver/Deliver", "/protos.Deliver/DeliverFiltered", "/protos.Deliver/DeliverWithPrivateData")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
OPERATORS = st.sampled_from([*_TESTS, *_COMPARISONS, "$and", "$or", "$not", "$nor", "$elemMatch", "$allMatch"])
SELECTORS = st.recursive(
    JSON, lambda inner: st.dictionaries(OPERATORS | st.text(max_size=8), inner, max_size=3), max_leaves=8
)


def _mutated(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    out = bytearray(data)
    for place, value in changes:
        if out:
            out[place % len(out)] = value
    return bytes(out)


CHANGES = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=6)


@pytest.mark.parametrize("method", UNARY)
@FEW
@given(data=st.binary(max_size=400))
def test_random_requests(city: City, method: str, data: bytes) -> None:
    with GrpcTransport(city.handle.endpoint()) as transport, pytest.raises(GatewayError) as caught:
        transport.unary(method, data, 5.0)
    assert caught.value.code not in ("DEADLINE_EXCEEDED", "UNAVAILABLE") or "orderer" in str(caught.value)


@FEW
@given(changes=CHANGES)
def test_damaged_proposals(city: City, changes: list[tuple[int, int]]) -> None:
    from fabric_protos.gateway.gateway_pb2 import EvaluateRequest

    admin = city.handle.admin(city.msp_ids[0])
    signed = sign_proposal(new_proposal("citychannel", "ledger", [b"Get", b"a"], admin.creator), admin)
    request = EvaluateRequest(channel_id="citychannel", proposed_transaction=signed).SerializeToString()
    damaged = _mutated(request, changes)
    with GrpcTransport(city.handle.endpoint()) as transport:
        try:
            transport.unary("/gateway.Gateway/Evaluate", damaged, 5.0)
        except GatewayError as e:
            assert e.code != "DEADLINE_EXCEEDED"


@FEW
@given(method=st.sampled_from(STREAMS), data=st.binary(max_size=300))
def test_random_deliver_requests(city: City, method: str, data: bytes) -> None:
    with GrpcTransport(city.handle.endpoint()) as transport:
        stream = transport.bidi(method, 5.0)
        stream.send(data)
        stream.finish()
        assert len(list(stream)) <= 1


@MANY
@given(data=st.binary(max_size=300))
def test_random_envelopes_get_a_code(data: bytes) -> None:
    assert parse_bytes(data).flaw or parse_bytes(data).view is not None
    transaction = parse_envelope(Envelope(payload=data, signature=b"s"))
    assert transaction.flaw or transaction.view is not None


@MANY
@given(selector=SELECTORS, document=JSON)
def test_selectors_judge_or_are_refused(selector: object, document: object) -> None:
    try:
        verdict = compile_selector(selector)(document)
    except Refusal:
        return
    assert verdict in (True, False)


@MANY
@given(text=st.text(max_size=200) | JSON.map(json.dumps))
def test_queries_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(Refusal):
        mango.parse_query(text)


@FEW
@given(selector=st.dictionaries(st.text(max_size=10), JSON, max_size=3))
@example(selector={"\0": 0})
@example(selector={"a": "\0"})
@example(selector={"a": 1 << 70})
def test_queries_run_or_are_refused(city: City, selector: dict[str, object]) -> None:
    try:
        json.loads(city.contract().evaluate("Query", json.dumps({"selector": selector})))
    except GatewayError as e:
        assert e.code == "UNKNOWN"
        assert "INTERNAL" not in str(e)


def test_the_node_is_still_small_after_all_this(city: City) -> None:
    import psutil

    pid = json.loads((city.directory / "embedded" / "ready.json").read_bytes())["pid"]
    assert psutil.Process(pid).memory_info().rss < 400 << 20
