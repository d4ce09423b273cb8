"""Asking strangers' servers from here: whatever a page says, only public addresses are connected to.

A page leads where it likes: by redirection, by script, by a name that resolves anew each time. So every name is
resolved once, all of its addresses are checked, and the connection goes to one of those very addresses. What a browser
asks for goes through `Outlet`, a forward proxy on loopback that does the same. One address inside this network may be
asked: the one that the person wrote as figures with its port, and no other port of it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

CONNECT_S = 10.0
MOST_HEAD = 64 << 10
MOST_HOSTS = 200
_PIECE = 64 << 10
_INSIDE = tuple(
    ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""Addresses that carry an IPv4 address, which may be one of this network."""


class Refused(httpx.ConnectError):
    """An address that is not a public one."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet's: no multicast, nothing reserved, no other address in it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in one for one in _INSIDE) or found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def port_of(url: str) -> int:
    """The port of a web address; `ValueError` for one that is none."""
    parts = urlsplit(url)
    return parts.port if parts.port is not None else 443 if parts.scheme == "https" else 80


class Guard:
    """Which addresses may be connected to while the page at `url` is captured."""

    def __init__(self, url: str = "") -> None:
        self._own: tuple[str, int] | None = None
        with contextlib.suppress(ValueError):
            self._own = (str(ipaddress.ip_address(urlsplit(url).hostname or "")), port_of(url))

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, resolved now; `Refused` when any of them is none of the public Internet's."""
        if (host, port) == self._own:
            return [host]
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{host[:200]}: {error}") from error
        found = list(dict.fromkeys(str(one[4][0]) for one in rows))
        if not found or not all(is_public(one) for one in found):
            raise Refused("not a public address")
        return found

    def client(self, **given: Any) -> httpx.Client:
        """An HTTP client that connects to nothing else, redirections included."""
        return httpx.Client(transport=_Transport(self), trust_env=False, **given)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to one of a host's addresses."""
        last: OSError | None = None
        for address in self.addresses(host, port):
            try:
                return socket.create_connection((address, port), CONNECT_S)
            except OSError as error:
                last = error
        raise last or OSError("no address")


class _Transport(httpx.BaseTransport):
    """Sends each request to the very address that was checked; TLS asks for the name's certificate."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        # Connections are not shared: two names may have one address, and each has its own certificate.
        self._inner = httpx.HTTPTransport(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        port = url.port if url.port is not None else 443 if url.scheme == "https" else 80
        last: httpx.TransportError | None = None
        host = url.raw_host.decode("ascii").strip("[]")
        for address in self._guard.addresses(host, port):
            sent = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions | {"sni_hostname": host},
            )
            try:
                return self._inner.handle_request(sent)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                last = error
        raise last or httpx.ConnectError("no address")

    def close(self) -> None:
        self._inner.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = False
    outlet: Outlet


class Outlet:
    """A forward proxy on loopback for one browser: `CONNECT`, and plain HTTP; what was asked for is noted."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.asked: dict[str, None] = {}
        self.refused: dict[str, None] = {}
        self.documents: dict[str, None] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.outlet = self
        self.port = int(self._server.server_address[1])

    @contextlib.contextmanager
    def serving(self) -> Iterator[Outlet]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    def options(self) -> list[str]:
        """What makes Chromium ask nobody but this proxy, names of this machine included."""
        return [
            f"--proxy-server=http://127.0.0.1:{self.port}",
            "--proxy-bypass-list=<-loopback>",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--disable-quic",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--disable-background-networking",
        ]

    def told(self) -> dict[str, list[str]]:
        """Hosts that the browser asked, in order; addresses refused to it; pages and frames that came by plain HTTP."""
        return {"hosts": list(self.asked), "refused": list(self.refused), "documents": list(self.documents)}

    def open(self, host: str, port: int) -> socket.socket:
        """Connect for the browser; `Refused` is noted."""
        name = f"{host}:{port}"
        try:
            made = self.guard.connect(host, port)
        except Refused:
            _note(self.refused, name)
            raise
        _note(self.asked, name)
        return made


def _note(names: dict[str, None], name: str) -> None:
    if len(names) < MOST_HOSTS:
        names[name[:2000]] = None


class _Handler(socketserver.BaseRequestHandler):
    """One connection of the browser: one request, then bytes both ways until an end closes."""

    server: _Server

    def handle(self) -> None:
        self.request.settimeout(60.0)
        with contextlib.suppress(OSError, ValueError):
            head, rest = self._head()
            line, _, headers = head.partition(b"\r\n")
            method, target, _ = line.decode("latin-1").split(" ", 2)
            try:
                self._pass(method, target, headers, rest)
            except (OSError, ValueError, httpx.HTTPError):
                self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def _head(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.request.recv(_PIECE)
            if not piece or len(data) > MOST_HEAD:
                raise ValueError("no request")
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        return head, rest

    def _pass(self, method: str, target: str, headers: bytes, rest: bytes) -> None:
        outlet = self.server.outlet
        if method == "CONNECT":
            parts = urlsplit(f"//{target}")
            with outlet.open(parts.hostname or "", parts.port or 443) as there:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                there.sendall(rest)
                _both(self.request, there)
            return
        parts = urlsplit(target)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError("no web address")
        lines = [one for one in headers.split(b"\r\n") if not one.lower().startswith((b"proxy-", b"connection:"))]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with outlet.open(parts.hostname, port_of(target)) as there:
            sent = b"\r\n".join([f"{method} {path} HTTP/1.1".encode("latin-1"), *lines, b"Connection: close"])
            there.sendall(sent + b"\r\n\r\n" + rest)
            if any(one.lower().startswith(b"upgrade-insecure-requests:") for one in lines):
                _note(outlet.documents, target)
            _both(self.request, there)


def _both(here: socket.socket, there: socket.socket) -> None:
    """Pass bytes on until an end closes, or nothing comes for a minute."""
    ends, quiet = {here: there, there: here}, time.monotonic()
    while time.monotonic() - quiet < 60.0:
        ready, _, _ = select.select(list(ends), [], [], 1.0)
        for one in ready:
            piece = one.recv(_PIECE)
            if not piece:
                return
            ends[one].sendall(piece)
            quiet = time.monotonic()
