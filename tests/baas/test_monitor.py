"""The monitor on a running network: what it sees, whom it tells and how soon."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import http.server
import json
import shutil
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from baas.applications import Applications
from baas.errors import Conflict, NotFound, PermissionDenied, UserError
from baas.events import AlertChanged
from baas.monitoring import sampling, webhook
from baas.monitoring.alerts import AlertBook, findings
from baas.monitoring.history import RINGS
from baas.monitoring.prometheus import exposition
from baas.monitoring.sampling import NodeSample, Sample, quantile
from baas.monitoring.watching import Watch
from baas.monitoring.webhook import SIGNATURE
from baas.platform import Platform
from baas.serving.monitor import application
from baas.serving.web import WebServer
from baas.session import Actor
from fabric_sdk import clock
from network.monitor import CertificateExpiry
from network.topology import template

SOON = 4
"""By which look something is told, counted from when it went wrong: within five seconds, for looks are a second apart
(later apart where a machine has too much to do, which says nothing about the watch)."""


class Receiver:
    """A web address that keeps what it is sent; `answer` is its status, which it gives while `answering` is set."""

    def __init__(self) -> None:
        self.got: list[tuple[float, dict[str, Any], bytes, str]] = []
        self.answer, self.answering = 200, threading.Event()
        self.answering.set()
        self.leads_to = ""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((time.monotonic(), json.loads(body), body, str(self.headers[SIGNATURE])))
                outer.answering.wait(60)
                self.send_response(outer.answer)
                if outer.leads_to:
                    self.send_header("Location", outer.leads_to)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return None

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/alerts"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def first(self, rule: str, event: str, seconds: float = 60.0) -> float:
        """When it was told of a rule's alert (monotonic seconds)."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for at, message, _, _ in list(self.got):
                if (message["rule"], message["event"]) == (rule, event):
                    return at
            time.sleep(0.02)
        raise AssertionError(f"not told of {rule} {event}: {[m for _, m, _, _ in self.got]}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A network of four peers without any contract."""
    folder = tmp_path_factory.mktemp("monitor") / "workspace"
    with Platform.open(folder, applications=Applications({})) as platform:
        platform.networks.up(template("city", network_name="lone", runtime="embedded"))
        yield platform
        platform.monitor.close()
        platform.networks.destroy("lone")


class Looks:
    """How many looks a watch has begun, so that what it tells is counted by them and not by a busy machine's clock."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count, look = 0, Watch.look

        def counted(watch: Watch) -> Sample:
            self.count += 1
            return look(watch)

        patch.setattr(Watch, "look", counted)

    def go_on(self, many: int) -> None:
        """Wait until so many more have begun."""
        wanted, until = self.count + many, time.monotonic() + 60
        while self.count < wanted:
            assert time.monotonic() < until, "no looks any more"
            time.sleep(0.02)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def some_peer(platform: Platform) -> str:
    return next(node.name for node in platform.networks.status("lone").nodes if node.kind == "peer")


def test_whatever_goes_wrong_is_told_within_five_seconds(
    running: Platform, receiver: Receiver, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped peer, a full disk, a certificate near its end: at the web address, and as an event for the desktop."""
    heard: dict[str, int] = {}
    end = running.events.subscribe(
        AlertChanged, lambda event: heard.setdefault(f"{event.key} {event.what}", looks.count)
    )

    def told(rule: str, subject: str, event: str, since: int) -> None:
        receiver.first(rule, event)
        assert heard[f"{rule}:{subject} {event}"] - since <= SOON, heard

    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(total=1 << 40, free=1 << 39))
    secret = running.monitor.set_webhook(receiver.url)
    monkeypatch.setattr(sampling, "SLOW_S", 2.0)
    assert running.monitor.watch("lone") and running.monitor.watched("lone")
    with Platform.open(running.workspace.folder, create=False, applications=Applications({})) as other:
        assert not other.monitor.watch("lone")  # one program at a time
    peer = some_peer(running)
    looks.go_on(3)
    assert running.monitor.alerts("lone") == () and receiver.got == []

    running.networks.stop("lone", peer)
    told("node.stopped", peer, "began", looks.count)
    (alert,) = running.monitor.alerts("lone")
    assert (alert.subject, alert.level, alert.open) == (peer, "bad", True)
    running.networks.start("lone", peer)
    told("node.stopped", peer, "ended", looks.count)

    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(total=1 << 40, free=5 << 20))
    told("disk.full", "disk", "began", looks.count)

    soon = clock.now() + dt.timedelta(days=10)
    ending = (CertificateExpiry("peer0.x", "tls", "XMSP", "01", soon),)
    monkeypatch.setattr("network.monitor.certificate_expiries", lambda _handle: ending)
    told("certificate", "peer0.x tls", "began", looks.count)
    end()
    for _, _, body, signature in receiver.got:
        assert signature == "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    running.monitor.close()
    assert not running.monitor.watched("lone")


def test_what_was_seen_is_kept_and_scraped(running: Platform, looks: Looks) -> None:
    assert running.monitor.watch("lone")
    try:
        running.identities.issue("HospitalMSP", f"x{time.time_ns()}", "client")
        looks.go_on(3)
        now = running.monitor.now("lone")
        assert now is not None and now.answers and len(now.nodes) == 5
        assert {node.state for node in now.nodes} == {"running"}
        points = running.monitor.history(f"up.{some_peer(running)}", 60, "lone")
        assert points and points[-1].mean == 1.0
        assert running.monitor.history("memory", 60, "lone")[-1].mean > 1 << 20
        with (
            WebServer(application(running, ["lone"])) as server,
            urllib.request.urlopen(server.address + "metrics", timeout=10) as answer,
        ):
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            text = answer.read().decode()
        families = {family.name: family for family in text_string_to_metric_families(text)}
        assert families["citychain_up"].samples[0].value == 1
        ups = families["citychain_node_up"].samples
        assert len(ups) == 5 and {one.labels["network"] for one in ups} == {"lone"}
        assert families["citychain_transactions_valid"].type == "counter"
        ends = families["citychain_certificate_end_seconds"].samples
        assert ends and all(one.value > time.time() for one in ends)
        assert {one.labels["level"] for one in families["citychain_alerts"].samples} == {"bad", "warn"}
    finally:
        running.monitor.close()


def test_names_that_need_escaping_are_read_as_they_are() -> None:
    node = NodeSample('a"b\\c\nd', "peer", "机构MSP", "running", 3)
    text = exposition([Sample("n", 1.0, (node,), totals={"valid": 3.0})], {"n": ()})
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["citychain_node_up"].samples[0].labels["node"] == 'a"b\\c\nd'
    assert families["citychain_node_up"].samples[0].labels["msp"] == "机构MSP"
    assert "citychain_cpu_cores" not in families  # what nobody knows is not told as nought


def test_counted_transactions_become_rates_and_latencies() -> None:
    assert quantile([0] * 12, 0.5) is None
    assert quantile([10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.5) == pytest.approx(2.5)
    assert quantile([50, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0], 0.95) == pytest.approx(235)
    assert quantile([0] * 11 + [1], 0.5) == 10_000


# -- the book ------------------------------------------------------------------------------------------
NODE = NodeSample("peer0", "peer", "M", "stopped", None)
PLAIN = Sample("n", 1_000.0, (NODE,), disk_free=1 << 40, disk_total=1 << 41)


def test_an_alert_begins_when_it_has_held_and_ends_once(tmp_path: Path) -> None:
    book = AlertBook(tmp_path, "n")
    assert book.update(findings(PLAIN), 1_000.0) == ([], [])  # it may only be starting again
    (began,), _ = book.update(findings(PLAIN), 1_002.0)
    assert (began.rule, began.since) == ("node.stopped", 1_002.0)
    assert book.update(findings(PLAIN), 1_003.0) == ([], [])
    assert AlertBook(tmp_path, "n").update(findings(PLAIN), 1_004.0) == ([], [])  # another program goes on with it
    _, (ended,) = book.update([], 1_010.0)
    assert ended.ended == 1_010.0
    assert [one.ended for one in book.alerts()] == [1_010.0]


def test_a_network_that_somebody_stopped_is_no_alert() -> None:
    assert [one.rule for one in findings(PLAIN)] == ["node.stopped"]
    assert findings(PLAIN, held=True) == []


def test_each_rule_finds_what_it_is_for() -> None:
    up = replace(NODE, state="running", height=10)
    fine = replace(PLAIN, nodes=(up,), valid_rate=50.0, invalid_rate=1.0, p95_ms=300.0)
    assert findings(fine) == []
    day = dt.timedelta(days=1)
    for changed, rule, level in (
        (replace(fine, nodes=(replace(up, state="failed"),)), "node.failed", "bad"),
        (replace(fine, nodes=(replace(up, behind=51),)), "node.behind", "warn"),
        (replace(fine, disk_free=(1 << 30) - 1), "disk.full", "bad"),
        (replace(fine, disk_total=1 << 50), "disk.full", "bad"),
        (replace(fine, p95_ms=2_001.0), "latency", "warn"),
        (replace(fine, invalid_rate=20.0), "invalid", "warn"),
        (replace(fine, certificates=(CertificateExpiry("o", "tls", "M", "1", clock.now() + 50 * day),)),
         "certificate", "warn"),
        (replace(fine, certificates=(CertificateExpiry("o", "tls", "M", "1", clock.now() - day),)),
         "certificate", "bad"),
    ):  # fmt: skip
        assert [(one.rule, one.level) for one in findings(changed)] == [(rule, level)]
    few = replace(fine, valid_rate=0.0, invalid_rate=0.5)
    assert findings(few) == []  # a single invalid transaction says nothing


def test_taken_up_and_silenced(tmp_path: Path) -> None:
    book = AlertBook(tmp_path, "n")
    book.update(findings(PLAIN), 1_000.0)
    book.update(findings(PLAIN), 1_002.0)
    key = "node.stopped:peer0"
    book.take_up(key, "owner")
    (one,) = book.alerts()
    assert (one.by, one.open) == ("owner", False)
    with pytest.raises(NotFound):
        book.take_up("node.stopped:nobody", "owner")
    book.silence("node.stopped:", time.time() + 60, "owner")
    assert book.alerts()[0].silent(time.time()) and not book.alerts()[0].silent(time.time() + 61)
    with pytest.raises(NotFound):
        book.silence("no.rule:x", 0, "owner")
    book.update([], 1_010.0)
    book.update(findings(PLAIN), 1_020.0)
    book.update(findings(PLAIN), 1_022.0)
    lasting = next(one for one in book.alerts() if not one.ended)
    assert lasting.open  # it began anew: somebody has to look again


def test_only_who_may_takes_up_or_sets_the_address(paper: Platform) -> None:
    paper.session.act_as(Actor("HospitalMSP/nurse", "HospitalMSP", frozenset()))
    for attempt in (
        lambda: paper.monitor.alerts("city"),
        lambda: paper.monitor.take_up("x", "city"),
        lambda: paper.monitor.silence("latency:", 1, "city"),
        lambda: paper.monitor.set_webhook("https://example.org/"),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


# -- the web address -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url", ["http://example.org/x", "ftp://127.0.0.1/", "https://", "https://a:b@example.org/", "x"]
)
def test_plain_http_goes_to_this_machine_only(paper: Platform, url: str) -> None:
    with pytest.raises(UserError):
        paper.monitor.set_webhook(url)


def test_the_secret_is_its_owners_alone(paper: Platform) -> None:
    paper.monitor.set_webhook("https://example.org/alerts")
    path = paper.monitor.folder / "webhook.json"
    assert path.stat().st_mode & 0o077 == 0
    assert paper.monitor.webhook_url() == "https://example.org/alerts"
    assert str(webhook.load(path)).count("secret") == 0
    assert paper.monitor.set_webhook("") == "" and paper.monitor.webhook_url() == ""


def test_a_receiver_that_fails_is_tried_again_and_led_nowhere_else(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "AGAIN_S", (0.05, 0.05))
    other = Receiver()
    try:
        webhook.save(tmp_path / "webhook.json", receiver.url)
        receiver.answer, receiver.leads_to = 307, other.url
        sender = webhook.Sender(tmp_path / "webhook.json")
        sender.send({"rule": "x", "event": "began"})
        receiver.first("x", "began")
        time.sleep(0.5)
        receiver.answer = 200
        sender.close()
        assert len(receiver.got) == 3 and other.got == []
    finally:
        other.close()


def test_a_receiver_that_hangs_keeps_nobody_from_looking(running: Platform, receiver: Receiver, looks: Looks) -> None:
    receiver.answering.clear()
    running.monitor.set_webhook(receiver.url)
    watch = Watch(running, "lone")
    try:
        peer = some_peer(running)
        running.networks.stop("lone", peer)
        receiver.first("node.stopped", "began")
        before = watch.last
        looks.go_on(3)
        assert before is not None and watch.last is not None and watch.last.at > before.at
        running.networks.start("lone", peer)
    finally:
        receiver.answering.set()
        watch.close()
        running.monitor.set_webhook("")


def test_networks_of_others_are_not_watched(running: Platform) -> None:
    with pytest.raises(NotFound):
        running.monitor.watch("nowhere")
    first = Watch(running, "lone")
    try:
        with pytest.raises(Conflict):
            Watch(running, "lone")
    finally:
        first.close()
    assert RINGS[0][0] == 1
