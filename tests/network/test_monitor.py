"""Certificates about to end, metrics as Prometheus writes them, connection profiles."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from network.addresses import AddressBook
from network.drivers.base import Silent
from network.errors import NotFound, UserError
from network.groundwork import apply_groundwork, groundwork_steps
from network.handle import NetworkHandle
from network.monitor import CertificateExpiry, Sample, certificate_expiries, node_health, parse_metrics
from network.plan import NetworkState
from network.profile import connection_profile, export_profile
from network.topology import template
from network.vault import MemoryVault

METRICS = """\
# HELP ledger_blockchain_height Height of the chain in blocks.
# TYPE ledger_blockchain_height gauge
ledger_blockchain_height{channel="citychannel"} 12
gossip_membership_total_peers_known{channel="citychannel"} 3
fabric_version{version="3.1.5"} 1
process_resident_memory_bytes 5.5e+07
process_cpu_seconds_total 1.25
consensus_etcdraft_is_leader{channel="citychannel"} 1
grpc_seconds_bucket{le="+Inf",method="a\\"b\\\\c\\nd"} 7 1395066363000
broken{ 1
nonsense
"""


@pytest.fixture
def handle(tmp_path: Path) -> NetworkHandle:
    vault, spec = MemoryVault(), template("city")
    for step in groundwork_steps(tmp_path, spec, vault):
        apply_groundwork(tmp_path, spec, vault, step, Silent())
    NetworkState(phase="ready", wanted=spec, reached=spec).save(tmp_path)
    return NetworkHandle(tmp_path, vault)


def test_every_certificate_is_watched_and_the_next_to_end_comes_first(handle: NetworkHandle) -> None:
    handle.authority("HealthMSP").persons.issue("nurse", "client", days=20)
    found = certificate_expiries(handle)
    nodes = len(list(handle.spec.nodes()))
    organizations = len(handle.spec.organizations)
    assert len(found) == organizations * 2 + nodes * 2 + organizations + 1
    assert (found[0].owner, found[0].kind, found[0].urgency()) == ("HealthMSP/nurse", "person", "soon")
    assert [c.not_after for c in found] == sorted(c.not_after for c in found)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (100, "ok"),
        (61, "ok"),
        (60, "soon"),
        (15, "soon"),
        (14, "urgent"),
        (1, "urgent"),
        (0, "expired"),
        (-9, "expired"),
    ],
)
def test_urgency(days: int, urgency: str) -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    expiry = CertificateExpiry("x", "tls", "M", "1", now + dt.timedelta(days=days))
    assert expiry.urgency(now) == urgency


def test_metrics_are_read_with_their_labels() -> None:
    samples = parse_metrics(METRICS)
    assert Sample("ledger_blockchain_height", {"channel": "citychannel"}, 12.0) in samples
    assert Sample("grpc_seconds_bucket", {"le": "+Inf", "method": 'a"b\\c\nd'}, 7.0) in samples
    assert len(samples) == 7


@given(st.text(max_size=200))
def test_any_text_is_read_or_passed_over(text: str) -> None:
    for sample in parse_metrics(text):
        assert sample.name


@pytest.fixture
def operations() -> Iterator[tuple[int, dict[str, tuple[int, str]]]]:
    answers = {
        "/metrics": (200, METRICS),
        "/healthz": (503, json.dumps({"failed_checks": [{"component": "couchdb", "reason": "down"}]})),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1], answers
    server.shutdown()
    server.server_close()


def test_a_node_tells_its_health(handle: NetworkHandle, operations: tuple[int, dict[str, tuple[int, str]]]) -> None:
    port, answers = operations
    node = handle.peers()[0]
    book = AddressBook.load(handle.directory)
    book.assign(node.name, replace(book[node.name], operations_port=port))
    book.save(handle.directory)
    health = node_health(handle, node)
    assert (health.reachable, health.healthy, health.version) == (True, False, "3.1.5")
    assert health.failed_checks == {"couchdb": "down"}
    assert (health.heights, health.known_peers) == ({"citychannel": 12}, {"citychannel": 3})
    assert health.is_leader == {"citychannel": True}
    assert (health.memory_bytes, health.cpu_seconds) == (55_000_000, 1.25)
    answers["/healthz"] = (200, "<html>not json")
    assert node_health(handle, node).healthy


def test_a_silent_node_is_a_state_and_no_error(handle: NetworkHandle) -> None:
    health = node_health(handle, handle.peers()[1])
    assert (health.reachable, health.healthy) == (False, False)
    node = handle.peers()[2]
    book = AddressBook.load(handle.directory)
    book.assign(node.name, replace(book[node.name], operations_port=0))
    book.save(handle.directory)
    handle.refresh()
    with pytest.raises(NotFound):
        node_health(handle, node)


def test_profile_has_everything_but_keys(handle: NetworkHandle, tmp_path: Path) -> None:
    profile = connection_profile(handle, "HealthMSP")
    assert profile["client"]["organization"] == "HealthMSP"
    assert set(profile["organizations"]) == set(handle.msp_ids)
    assert len(profile["peers"]) == 4
    assert set(profile["channels"]["citychannel"]["peers"]) == set(profile["peers"])
    for suffix, load in (("yaml", yaml.safe_load), ("json", json.loads)):
        path = tmp_path / f"profile.{suffix}"
        export_profile(handle, "HealthMSP", path)
        text = path.read_text("utf-8")
        assert load(text) == profile
        assert "PRIVATE" not in text
    with pytest.raises(UserError):
        export_profile(handle, "HealthMSP", tmp_path / "profile.txt")
    with pytest.raises(NotFound):
        connection_profile(handle, "NobodyMSP")
