"""What waits: one line at login, and a webhook that learns kinds and numbers only."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from baas import inbox
from baas.errors import CityChainError, Unavailable
from baas.inbox import Waiting
from baas.jobs import NULL_CONTEXT
from baas.platform import Platform

MATTER = Waiting("copyright", "DJ1", "registration", "莞邑春晓", "请核查", "2026-12-01")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with Platform.open(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def heard() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address that keeps what it is told."""
    told: list[tuple[dict[str, str], bytes]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((dict(self.headers), body))
            self.send_response(500 if b"refuse" in body else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_one_line_says_how_much_waits_and_what_is_late() -> None:
    assert inbox.line([], "2026-11-29") is None
    said = inbox.line([MATTER], "2026-11-29")
    assert said is not None and "1 件" in said.zh and "2026-12-01" in said.en
    late = inbox.line([MATTER, MATTER], "2026-12-02")
    assert late is not None and "2 件已超期" in late.zh and "2 overdue" in late.en


def test_a_webhook_is_told_of_what_is_new_and_of_no_names(
    platform: Platform, heard: tuple[str, list[tuple[dict[str, str], bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, told = heard
    now = [MATTER]
    monkeypatch.setattr(inbox, "waiting", lambda platform, network: list(now))
    inbox.set_webhook(platform, url, b"between us")
    inbox.tell(platform, "", NULL_CONTEXT)
    inbox.tell(platform, "", NULL_CONTEXT)  # nothing new: nothing is told
    assert len(told) == 1
    headers, body = told[0]
    signature = "sha256=" + hmac.new(b"between us", body, hashlib.sha256).hexdigest()
    assert {name.lower(): value for name, value in headers.items()}["x-citychain-signature"] == signature
    assert json.loads(body)["waiting"] == [
        {"application": "copyright", "kind": "registration", "id": "DJ1", "due": "2026-12-01"}
    ]
    assert "莞邑春晓" not in body.decode() and b"between us" not in body
    now.clear()
    inbox.tell(platform, "", NULL_CONTEXT)  # what was done is no news
    assert len(told) == 1
    now.append(Waiting("copyright", "refuse", "licence", "", "", ""))
    for _ in range(2):  # what was not taken is told again
        with pytest.raises(Unavailable):
            inbox.tell(platform, "", NULL_CONTEXT)
    assert len(told) == 3


@pytest.mark.parametrize("url", ["http://example.org/", "https://a:b@example.org/", "ftp://x/", "file:///x", "x"])
def test_webhooks_that_others_could_read_are_refused(platform: Platform, url: str) -> None:
    with pytest.raises(CityChainError) as refused:
        inbox.set_webhook(platform, url)
    assert refused.value.code == "bad_webhook"
    assert platform.workspace.setting(inbox.WEBHOOK) == ""
