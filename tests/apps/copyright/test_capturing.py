"""Captured pages: the picture itself, addresses that a page may not make us ask, parts, pages watched again."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from apps.copyright import capture, page_images
from apps.copyright.capture import find_browser
from apps.copyright.capture_parts import unpack
from apps.copyright.model import WorkForm
from apps.copyright.outward import Guard
from apps.copyright.service import CopyrightService
from baas.errors import UserError
from chaincode.copyright.kinds import Infringement
from fabric_sdk import clock
from tests.apps.copyright.test_views import plasma
from tests.apps.copyright.tsa import OPENSSL, StampAuthority

__all__ = ["plasma"]


class Shop:
    """A web site that shows pictures; what it answers may be changed."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[str] = []
        shop = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.asked.append(self.path)
                status, kind, body = shop.pages.get(self.path, (404, "text/html", b"<p>gone</p>"))
                self.send_response(status)
                self.send_header("Location" if status == 302 else "Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def show(self, path: str, *images: str) -> str:
        """A page with pictures; its address."""
        body = "".join(f"<img src='{one}'>" for one in images)
        self.pages[path] = (200, "text/html", f"<html><body><h1>{path}</h1>{body}</body></html>".encode())
        return self.url + path


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that is not started: its screenshot stands for it; real ones are the tests marked e2e."""
    shot = b"\x89PNG\r\n\x1a\n screenshot"
    monkeypatch.setattr(capture, "find_browser", lambda _given=None: Path("/browser"))
    monkeypatch.setattr(capture, "_render", lambda *_: {"screenshot.png": shot, "browser.json": b'{"refused": []}'})
    monkeypatch.setattr(capture, "_environment", lambda program: {})


@pytest.fixture
def case(service: CopyrightService, plasma: Callable[..., Path]) -> tuple[str, Path]:
    """A case about a photograph, and the photograph."""
    path = plasma()
    form = WorkForm(title=f"被用 {uuid.uuid4().hex[:6]}", authors=({"name": "样例甲"},))
    work = service.deposit(path, form).work
    given = {"where": "https://shop.example/1", "description": "疑似使用"}
    return service.kit.do(Infringement.report, given, on=work.id).value["id"], path


def evidence_of(service: CopyrightService, case_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.kit.read(case_id)["evidence"]
    return found


def test_the_picture_itself_is_in_the_evidence(
    service: CopyrightService, case: tuple[str, Path], shop: Shop, rendered: None, tmp_path: Path, plasma: Any
) -> None:
    case_id, work = case
    small = io.BytesIO()
    Image.open(work).resize((450, 300)).save(small, "JPEG", quality=70)
    shop.pages["/exact.jpg"] = (200, "image/jpeg", work.read_bytes())
    shop.pages["/small.jpg"] = (200, "image/jpeg", small.getvalue())
    shop.pages["/other.jpg"] = (200, "image/jpeg", plasma().read_bytes())
    first = shop.show("/one", "/exact.jpg", "small.jpg", "/other.jpg", "/missing.jpg")
    done, found = service.captures.add(case_id, [first, shop.show("/two"), first])
    assert [one.url for one in found] == [first, shop.url + "/two"], "several pages in one act, each once"
    assert len(done.value["evidence"]) == 2 and {one["kind"] for one in done.value["evidence"]} == {"web_capture"}
    assert {one.url.rpartition("/")[2]: one.method for one in found[0].matches} == {
        "exact.jpg": "exact",
        "small.jpg": "image",
    }
    one, two = service.captures.parts(case_id, tmp_path / "out")
    listed = json.loads((one / "images.json").read_text())
    assert [("alike" in image) for image in listed] == [True, True, False]
    assert (one / listed[0]["part"]).read_bytes() == work.read_bytes(), "the infringing picture, byte for byte"
    assert (one / "screenshot.png").exists() and (two / "page.bin").exists()


def test_a_changed_part_is_not_written(tmp_path: Path, shop: Shop, rendered: None, service: CopyrightService) -> None:
    found = capture.capture_page(shop.show("/x"), service.content)
    body = b"".join(service.content.cat(found.cid))  # type: ignore[arg-type]
    assert "screenshot.png" in unpack(body, tmp_path / "good")
    parts = {
        one.filename: zipfile.ZipFile(io.BytesIO(body)).read(one)
        for one in zipfile.ZipFile(io.BytesIO(body)).infolist()
    }

    def packed(**changes: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, part in (parts | {name.replace("__", "."): part for name, part in changes.items()}).items():
                archive.writestr(name, part)
        return out.getvalue()

    outside = json.loads(parts["manifest.json"])
    outside["sha256"]["../evil.txt"] = hashlib.sha256(b"evil").hexdigest()
    evil = packed(manifest__json=json.dumps(outside).encode())
    with zipfile.ZipFile(io.BytesIO(evil), "a") as archive:
        archive.writestr("../evil.txt", b"evil")
    for bad in (packed(screenshot__png=b"other"), packed(more__txt=b"x"), evil, b"no zip", body[:-30]):
        with pytest.raises(UserError):
            unpack(bad, tmp_path / "bad")
    assert not (tmp_path / "bad").exists() and not (tmp_path / "evil.txt").exists()


def _capture_of(manifest: bytes, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("manifest.json", manifest)
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def _named(*names: str) -> bytes:
    return json.dumps({"sha256": {one: hashlib.sha256(b"x").hexdigest() for one in names}}).encode()


@pytest.mark.parametrize(
    "archive",
    [
        _capture_of(b'{"sha256": ["a"]}', a=b"x"),
        _capture_of(b'{"sha256": {"a": []}}', a=b"x"),
        _capture_of(b'{"sha256": null}'),
        _capture_of(b"[]"),
        _capture_of(b"[" * 200_000),
        _capture_of(_named("images", "images/x"), **{"images": b"x", "images/x": b"x"}),
        _capture_of(_named("A", "a"), A=b"x", a=b"x"),
        _capture_of(_named("CON"), CON=b"x"),
    ],
    ids=["list", "a hash that is a list", "null", "no object", "nested", "file and folder", "one name", "device"],
)
def test_a_capture_of_somebody_elses_making_is_refused_whole(archive: bytes, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        unpack(archive, tmp_path / "out")
    assert refused.value.code == "capture_damaged" and not (tmp_path / "out").exists()


def test_a_redirection_is_checked_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public address may lead inside."""
    secret = Shop()
    try:
        secret.pages["/secret.png"] = (200, "image/png", b"s" * 5000)
        inside = f"http://localhost:{secret.server.server_port}/secret.png"
        shop.pages["/moved.png"] = (302, inside, b"")
        noted: list[tuple[str, Any]] = []
        with Guard(shop.url).client() as client:
            urls = [f"{shop.url}/moved.png"]
            found = page_images.fetch(urls, lambda step, facts: noted.append((step, facts)), client)
        assert found == [] and secret.asked == []
        assert noted == [("image-refused", {"url": inside, "why": "not a public address"})]
    finally:
        secret.server.shutdown()
        secret.server.server_close()


def test_a_watched_page_is_added_when_what_matters_changed(
    service: CopyrightService, case: tuple[str, Path], shop: Shop, rendered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, work = case
    shop.pages["/exact.jpg"] = (200, "image/jpeg", work.read_bytes())
    url = shop.show("/cup", "/exact.jpg")
    service.captures.watch(case_id, url, 6)
    for hours in (0, 721):
        with pytest.raises(UserError):
            service.captures.watch(case_id, url, hours)

    def run(hours: float = 0) -> list[str]:
        now = clock.now() + timedelta(hours=hours)
        monkeypatch.setattr("apps.copyright.capturing.clock.now", lambda: now)
        said = [said for one, said in service.captures.run() if one.record == case_id]
        monkeypatch.undo()
        monkeypatch.setattr(capture, "find_browser", lambda _given=None: Path("/browser"))
        monkeypatch.setattr(
            capture, "_render", lambda *_: {"screenshot.png": b"\x89PNG", "browser.json": b'{"refused": []}'}
        )
        monkeypatch.setattr(capture, "_environment", lambda program: {})
        return said

    assert run() == ["added"] and run() == [], "not due yet"
    shop.pages["/cup"] = (200, "text/html", shop.pages["/cup"][2] + b"<p>another advertisement</p>")
    assert run(7) == ["same"], "the work is still there; the rest of the page is not what matters"
    assert len(evidence_of(service, case_id)) == 1
    shop.show("/cup")
    assert run(14) == ["added"], "the picture is gone: that is evidence, too"
    del shop.pages["/cup"]
    assert run(21) == ["added"] and len(evidence_of(service, case_id)) == 3
    shop.server.shutdown()
    shop.server.server_close()
    assert run(28) == ["unreachable"] and len(evidence_of(service, case_id)) == 3
    service.kit.do(Infringement.close, {"outcome": "removed", "note": "已下架"}, on=case_id)
    assert run(35) == ["ended"] and service.captures.watches(case_id) == []


def test_a_stranger_neither_captures_nor_watches(
    service: CopyrightService, case: tuple[str, Path], acting: Any, shop: Shop, rendered: None
) -> None:
    url = shop.show("/cup")
    with acting(f"PublicMSP/stranger-{uuid.uuid4().hex[:6]}", "creator") as theirs:
        with pytest.raises(UserError) as refused:
            theirs.captures.watch(case[0], url, 24)
        assert refused.value.code == "not_reporter"


@pytest.mark.e2e
def test_a_real_browser_and_a_stamp(
    service: CopyrightService, case: tuple[str, Path], shop: Shop, tmp_path: Path
) -> None:
    """Chromium's own screenshot and document, whose pictures are fetched, and a token over the manifest."""
    if find_browser() is None:
        pytest.skip("no Chromium here")
    if OPENSSL is None:
        pytest.skip("no openssl here")
    case_id, work = case
    shop.pages["/exact.jpg"] = (200, "image/jpeg", work.read_bytes())
    script = b"<body><script>document.body.innerHTML='<img src=/exact.jpg>'</script></body>"
    shop.pages["/late"] = (200, "text/html", script)
    authority = StampAuthority(tmp_path / "tsa")
    with authority.serving() as url:
        service.stamps.choose(url, authority.roots.read_bytes())
        try:
            done, (found,) = service.captures.add(case_id, [shop.url + "/late"])
        finally:
            service.stamps.choose("", None)
    assert done.block in service.stamps.blocks, "the block that names the capture is stamped, too"
    assert found.complete and found.stamped
    assert [one.method for one in found.matches] == ["exact"], "a picture that a script puts there is found"
    (folder,) = service.captures.parts(case_id, tmp_path / "out")
    assert (folder / "screenshot.png").read_bytes().startswith(b"\x89PNG")
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).digest()
    assert digest in (folder / "manifest.tst").read_bytes()
