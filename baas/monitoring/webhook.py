"""Alerts told to a web address: JSON, signed with a shared secret, tried again when it does not arrive."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import logging
import queue
import secrets
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baas.errors import Text, UserError
from network.vault import write_private

TIMEOUT_S = 4.0
AGAIN_S = (1.0, 5.0, 30.0)
SIGNATURE = "X-CityChain-Signature"
"""The header with `sha256=` and the HMAC-SHA-256 of the body under the secret, in hexadecimal."""
MOST_WAITING = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Webhook:
    """Where alerts go. The secret is shared with whoever receives them."""

    url: str
    secret: str

    def __repr__(self) -> str:
        return f"Webhook({self.url!r})"


def load(path: Path) -> Webhook | None:
    """The webhook that was set, None if there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Webhook(str(found["url"]), str(found["secret"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(path: Path, url: str) -> Webhook:
    """Set the address, with a new secret. Plain HTTP goes to this machine only; `UserError` otherwise."""
    parts = urllib.parse.urlsplit(url)
    here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.hostname or parts.scheme not in ({"http", "https"} if here else {"https"}) or parts.username:
        raise UserError(
            Text("告警地址应为 https:// 开头的网址。", "The address for alerts has to begin with https://."),
            Text("本机之外不接受明文 HTTP。", "Plain HTTP is for this machine only."),
            code="webhook_url",
        )
    made = Webhook(url, secrets.token_hex(32))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps({"url": made.url, "secret": made.secret}).encode())
    return made


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is a failure: alerts go where somebody said."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Sender:
    """Sends in a thread of its own, so that a receiver that hangs keeps nobody from looking."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: queue.Queue[Mapping[str, Any] | None] = queue.Queue(MOST_WAITING)
        self._ending = threading.Event()
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send when there is a webhook; the oldest that wait are given up for newer ones."""
        while True:
            try:
                self._waiting.put_nowait(message)
                return
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._waiting.get_nowait()

    def close(self) -> None:
        self._ending.set()
        self.send({})
        self._thread.join(TIMEOUT_S + 1)

    def _run(self) -> None:
        while not self._ending.is_set():
            message = self._waiting.get()
            hook = load(self._path)
            if not message or hook is None:
                continue
            for pause in (*AGAIN_S, None):
                if self._post(hook, message) or pause is None or self._ending.wait(pause):
                    break

    def _post(self, hook: Webhook, message: Mapping[str, Any]) -> bool:
        body = json.dumps(message, ensure_ascii=False).encode()
        signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE: f"sha256={signature}"}
        request = urllib.request.Request(hook.url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return bool(200 <= answer.status < 300)
        except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
            _log.warning("an alert did not arrive at %s: %s", urllib.parse.urlsplit(hook.url).hostname, error)
            return False
