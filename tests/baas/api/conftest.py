"""The service API over the session's city network, on a real socket, with tokens of each kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from baas.api.page import PublicPage
from baas.api.scopes import SCOPES
from baas.api.server import STREAM_S, Api
from baas.api.tokens import Token
from baas.platform import Platform
from baas.serving.api import application
from baas.serving.hosts import LOOPBACK_NAMES
from baas.serving.web import WebServer
from tests.conftest import City

MSP = "DataBureauMSP"
_NUMBERS = itertools.count(1)


@dataclass
class Served:
    """A running interface: `url` is where, `ask` a request with a token."""

    platform: Platform
    network: str
    url: str
    everything: str
    all_scopes: Token
    page: PublicPage
    clients: list[httpx.Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=30)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def channel(self) -> str:
        return self.platform.chain.channel(self.network)

    @property
    def place(self) -> str:
        return f"/api/v1/networks/{self.network}/channels/{self.channel}"

    def ask(self, method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
        headers = {**more.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        """A successful answer to the token that may everything."""
        answer = self.ask("GET", path, self.everything, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, *scopes: str, **more: Any) -> tuple[Token, str]:
        """A token for the identity that may everything, for some scopes only."""
        settings = {"network": self.network, "identity": self.all_scopes.identity, "per_second": 500.0} | more
        return self.platform.tokens.create(f"test {next(_NUMBERS)}", scopes, **settings)


@contextmanager
def serving(platform: Platform, network: str, identity: str, *, stream_s: float = STREAM_S) -> Iterator[Served]:
    """Serve a platform's interface, with one token of `identity` for everything."""
    api, page = Api(platform, LOOPBACK_NAMES, stream_s=stream_s), PublicPage(platform, LOOPBACK_NAMES)
    made, whole = platform.tokens.create(
        "everything", list(SCOPES), network=network, identity=identity, per_second=1_000.0
    )
    with WebServer(application(api, page), name="api") as server:
        found = Served(platform, network, server.address.rstrip("/"), whole, made, page)
        try:
            yield found
        finally:
            api.end_streams()
            found.client.close()
    api.close()
    page.close()


@pytest.fixture(scope="module")
def served(city: City) -> Iterator[Served]:
    label = f"{MSP}/api-operator"
    if label not in {one.label for one in city.platform.identities.list(city.network)}:
        city.platform.identities.issue(MSP, "api-operator", "platform_admin,catalogue_keeper")
    with serving(city.platform, city.network, label) as found:
        yield found


@pytest.fixture
def limited(served: Served) -> Callable[..., str]:
    """Makes a token for some scopes and returns what it reads."""
    return lambda *scopes, **more: served.token(*scopes, **more)[1]
