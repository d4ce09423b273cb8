"""What waits for the person at a desk, over all applications: for a line at login, a webhook, a command.

What others learn of it (a webhook) are kinds, numbers and due days: no names, no titles.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import logging
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from baas import roles
from baas.applications import load
from baas.errors import CityChainError, NotFound, Text, Unavailable, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baas.jobs import JobContext
    from baas.platform import Platform
    from baas.serving.parts import Request, Running

_log = logging.getLogger(__name__)
WEBHOOK, TOLD = "inbox.webhook", "inbox.told"
_SECRET = "inbox/webhook"
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Waiting:
    """One matter: of which application, what it asks, by when (an ISO day, "" for none)."""

    application: str
    id: str
    kind: str
    title: Text | str
    asks: Text | str
    due: str


def waiting(platform: Platform, network: str = "") -> list[Waiting]:
    """Everything that waits for whoever acts here, the nearest due day first.

    An application whose contract does not answer is left out; the others are told all the same.
    """
    platform.session.require(roles.LEDGER_READ)
    found = _requests(platform)
    if found and not network and not platform.networks.names():
        return found  # nobody has let this person in yet, and may have said why
    network = platform.networks.resolve(network)
    found += _refused(platform, network)
    for manifest in platform.applications.all():
        if not manifest.inbox:
            continue
        try:
            found += load(manifest.inbox)(manifest, platform, network)
        except CityChainError as error:
            _log.info("the inbox of %s: %s", manifest.id, error)
    return sorted(found, key=lambda one: (one.due or "9999", one.application, one.id))


def _requests(platform: Platform) -> list[Waiting]:
    """Requests for an identity that were refused, and why."""
    if not platform.session.allows(roles.IDENTITY_READ):
        return []
    asks = Text("身份申请被拒绝：{r}", "your request for an identity was refused: {r}")
    return [
        Waiting("identity", f"{one.name}/{one.since}", "identity_refused", one.name, _with(asks, one.refused), "")
        for one in platform.entrance.asked()
        if one.refused
    ]


def _refused(platform: Platform, network: str) -> list[Waiting]:
    """Changes that were proposed here and that somebody refused: of a channel, of a contract's definition."""
    found = []
    if platform.session.allows(roles.NETWORK_PROPOSE):
        asks = Text("通道更改被拒绝：{r}", "the channel update was refused: {r}")
        with suppress(CityChainError):
            for change in platform.changes.pending(network):
                if change.refused:
                    words = _with(asks, "; ".join(change.refused))
                    found.append(Waiting("network", change.channel, "update_refused", change.channel, words, ""))
    if platform.session.allows(roles.CONTRACT_READ):
        asks = Text("合约定义被拒绝：{r}", "the contract's definition was refused: {r}")
        for board, said in platform.definition_refusals.waiting(network):
            id = f"{board.channel}/{board.contract}"
            found.append(
                Waiting("chaincode", id, "definition_refused", board.contract, _with(asks, "; ".join(said)), "")
            )
    return found


def _with(words: Text, reason: str) -> Text:
    return Text(words.zh, words.en, r=reason)


def summary(found: Sequence[Waiting], today: str) -> Text | None:
    """How much waits and what is overdue or due next, in one sentence; None when nothing waits."""
    if not found:
        return None
    late = sum(1 for one in found if one.due and one.due < today)
    nearest = next((one.due for one in found if one.due), "")
    zh, en = f"城链：{len(found)} 件事等您办理", f"CityChain: {len(found)} matters wait for you"
    if late:
        zh, en = f"{zh}，{late} 件已超期", f"{en}, {late} overdue"
    elif nearest:
        zh, en = f"{zh}，最近期限 {nearest}", f"{en}, the nearest due {nearest}"
    return Text(zh, en)


def line(found: Sequence[Waiting], today: str) -> Text | None:
    """One line for the login, with the command that tells more; None when nothing waits."""
    said = summary(found, today)
    return said and Text(f"{said.zh}（citychain inbox）", f"{said.en} (citychain inbox)")


def set_webhook(platform: Platform, url: str, secret: bytes = b"") -> None:
    """Where to tell what waits, "" for nowhere; `secret` signs what is sent (HMAC-SHA-256). HTTPS beyond loopback."""
    if url:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(parts.hostname or "")):
            raise UserError(
                Text("地址应以 https:// 开头。", "The address begins with https://."),
                Text("明文只限本机。", "Plain HTTP is for this machine only."),
                code="bad_webhook",
            )
        if "@" in parts.netloc or not parts.hostname:
            raise UserError(Text("地址里不能有口令。", "The address holds no password."), code="bad_webhook")
    platform.workspace.set_setting(WEBHOOK, url)
    platform.workspace.set_setting(TOLD, "")
    if secret:
        platform.keystore.put(_SECRET, secret)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tell(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """The duty of `citychain serve notices`: tell the webhook when something new waits."""
    del ctx
    url = platform.workspace.setting(WEBHOOK)
    found = waiting(platform, network)
    now = json.dumps(sorted({one.id for one in found}))
    if not url or now == platform.workspace.setting(TOLD):
        return Text("{n} 件事待办", "{n} matters wait", n=len(found))
    before = set(json.loads(platform.workspace.setting(TOLD) or "[]"))
    if {one.id for one in found} - before:
        _post(platform, url, found)
    platform.workspace.set_setting(TOLD, now)
    return Text("已通知：{n} 件事待办", "told: {n} matters wait", n=len(found))


def _post(platform: Platform, url: str, found: Sequence[Waiting]) -> None:
    import httpx

    matters = [{"application": one.application, "kind": one.kind, "id": one.id, "due": one.due} for one in found]
    body = json.dumps({"format": "citychain-inbox/1", "count": len(found), "waiting": matters}).encode()
    headers = {"Content-Type": "application/json"}
    try:
        secret = platform.keystore.get(_SECRET)
        headers["X-CityChain-Signature"] = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    except NotFound:
        pass
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=_PATIENCE_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unheard() from error
    if answer.status_code >= httpx.codes.MULTIPLE_CHOICES:
        raise _unheard()


def _unheard() -> CityChainError:
    return Unavailable(
        Text("通知地址没有收下。", "The webhook did not take it."),
        Text("下一次再试。", "It is told again at the next turn."),
        code="webhook_away",
    )


class _Quiet:
    """Listens nowhere; all it has is its duty."""

    address = ""
    running = True


@contextmanager
def _open(request: Request) -> Iterator[Running]:
    del request
    yield _Quiet()


def notices() -> Any:
    """The part `notices` of `citychain serve`: what waits is told while nobody has the console open."""
    from baas.serving.parts import Duty, Part

    duty = Duty("inbox", Text("告知待办事项", "Tell what waits"), 60.0, tell)
    return Part("notices", Text("待办通知", "Notices of what waits"), roles.LEDGER_READ, _open, duties=(duty,))
