"""Strangers' pages lead into this machine and network: by redirection, script, frame, rebinding and odd addresses."""

from __future__ import annotations

import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.copyright import capture, page_images
from apps.copyright.outward import Guard, Outlet, Refused, is_public
from baas.content.local import LocalStore
from baas.errors import UserError
from tests.apps.copyright.test_capturing import Shop, shop

__all__ = ["shop"]
SECRET = b"<html><body>INTERNAL</body></html>"


@pytest.fixture
def inner() -> Iterator[Shop]:
    """What listens on this machine and is nobody's business."""
    made = Shop()
    made.pages["/admin"] = (200, "text/html", SECRET)
    yield made
    made.server.shutdown()
    made.server.server_close()


INSIDE = """127.0.0.1 10.0.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 255.255.255.255 240.0.0.1 ::1
:: ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001:0:1::1 ff02::1 fe80::1 fc00::1
fec0::1 ::7f00:1 x"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_what_is_no_public_address(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_what_is_a_public_address(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "127.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"])
def test_only_the_address_that_was_written_may_be_inside(host: str) -> None:
    with pytest.raises(httpx.ConnectError):
        Guard("http://shop.example/").addresses(host.strip("[]"), 80)
    with pytest.raises(Refused):
        Guard("http://127.0.0.1:8080/").addresses("127.0.0.1", 8081)
    assert Guard("http://127.0.0.1:8080/").addresses("127.0.0.1", 8080) == ["127.0.0.1"]


def test_a_page_that_redirects_inside_is_not_captured(shop: Shop, inner: Shop, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for number, inside in enumerate((f"{inner.url}/admin", f"http://localhost:{inner.server.server_port}/admin")):
        shop.pages[f"/{number}"] = (302, inside, b"")
        with pytest.raises(UserError) as refused:
            capture.capture_page(f"{shop.url}/{number}", store, source_only=True)
        assert refused.value.code == "address_inside"
    assert inner.asked == [] and store.pins() == []
    store.close()


def test_a_name_is_resolved_once_and_that_very_address_is_asked(inner: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is checked and loopback when it is connected to."""
    dialled: list[Any] = []
    answers = {"rebinds.example": ["93.184.216.34", "127.0.0.1"]}
    real, reach = socket.getaddrinfo, socket.create_connection

    def resolve(host: Any, *given: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        return real(answers[name].pop(0) if name in answers else name, *given, **more)

    def dial(address: Any, *given: Any, **more: Any) -> Any:
        if address[1] != inner.server.server_port:
            return reach(address, *given, **more)  # others of this process go on: its networks' own connections
        dialled.append(address[0])
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", dial)
    noted: list[str] = []
    with Guard("http://rebinds.example/").client(timeout=5.0) as client:
        urls = [f"http://rebinds.example:{inner.server.server_port}/admin"]
        assert page_images.fetch(urls * 2, lambda step, _: noted.append(step), client) == []
    assert dialled == ["93.184.216.34"] and noted == ["image-failed", "image-refused"]
    assert inner.asked == []


def test_the_browsers_outlet_lets_it_out_and_not_in(shop: Shop, inner: Shop) -> None:
    shop.pages["/x"] = (200, "text/plain", b"page")
    outlet = Outlet(Guard(shop.url))
    with outlet.serving(), httpx.Client(proxy=f"http://127.0.0.1:{outlet.port}", trust_env=False) as client:
        assert client.get(f"{shop.url}/x").content == b"page"
        for host in ("127.0.0.1", "localhost"):
            assert client.get(f"http://{host}:{inner.server.server_port}/admin").status_code == 403
        with pytest.raises(httpx.ProxyError):
            client.get(f"https://127.0.0.1:{inner.server.server_port}/admin")
        with socket.create_connection(("127.0.0.1", outlet.port), 5) as raw:
            raw.sendall(b"GET file:///etc/passwd HTTP/1.1\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 403")
    told = outlet.told()
    port = inner.server.server_port
    assert told["hosts"] == [shop.url.removeprefix("http://")] and inner.asked == []
    assert told["refused"] == [f"127.0.0.1:{port}", f"localhost:{port}"]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", outlet.port), 2).close()


@pytest.mark.e2e
@pytest.mark.parametrize("way", ["script", "frame"])
def test_a_real_browser_is_not_led_inside(shop: Shop, inner: Shop, tmp_path: Path, way: str) -> None:
    if capture.find_browser() is None:
        pytest.skip("no Chromium here")
    there = f"{inner.url}/admin"
    lead = f"<script>location='{there}'</script>" if way == "script" else f"<iframe src='{there}'></iframe>"
    images = "".join(
        f"<img src='http://{host}:{inner.server.server_port}/admin'>" for host in ("localhost", "127.1", "[::1]")
    )
    shop.pages["/page"] = (200, "text/html", f"<html><body>outer {images}{lead}</body></html>".encode())
    store = LocalStore(tmp_path)
    found = capture.capture_page(f"{shop.url}/page", store)
    body = b"".join(store.cat(found.cid))  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert not any(b"INTERNAL" in archive.read(one) for one in archive.namelist() if one != "log.json")
        told = json.loads(archive.read("browser.json"))
    assert inner.asked == [] and not found.complete
    assert there.split("/")[2] in told["refused"] and f"{shop.url}/page" in told["documents"]
    store.close()
