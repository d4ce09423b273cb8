"""Releases from a local server and offline bundles: checked, resumed, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from network.bundle import export_bundle, import_bundle
from network.drivers.base import Silent
from network.errors import Cancelled, CityChainError, NotFound, Unavailable, UserError
from network.native.programs import find_programs
from network.native.release import ReleaseSource, fetch_release, install_archive, platform_name
from network.text import Text

VERSION = "9.9.9"
FILES = {"bin/peer": b"p" * 300_000, "bin/orderer": b"o" * 1000, "config/core.yaml": b"x: 1\n"}
FILES |= {f"builders/ccaas/bin/{name}": b"b" for name in ("detect", "build", "release")}


def archive(files: dict[str, bytes] | None = None, extra: list[tarfile.TarInfo] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in (FILES if files is None else files).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in extra or []:
            tar.addfile(info)
    return buffer.getvalue()


class Server:
    """Serves one archive; can break off after some bytes, ignore ranges, list a wrong checksum."""

    def __init__(self) -> None:
        self.body = archive()
        self.digest: str | None = "sha256:" + hashlib.sha256(self.body).hexdigest()
        self.break_after: list[int] = []
        self.ranges: list[str] = []
        self.honour_ranges = True
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/list"):
                    name = f"hyperledger-fabric-{platform_name()}-{VERSION}.tar.gz"
                    document = {"assets": [{"name": "other", "digest": None}, {"name": name, "digest": server.digest}]}
                    self._answer(200, json.dumps(document).encode())
                    return
                if VERSION not in self.path:
                    self._answer(404, b"")
                    return
                start = 0
                wanted = self.headers.get("Range", "")
                server.ranges.append(wanted)
                if wanted and server.honour_ranges:
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                part = server.body[start:]
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(part)))
                self.end_headers()
                if server.break_after:
                    part = part[: server.break_after.pop(0)]
                self.wfile.write(part)

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        base = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.source = ReleaseSource(
            base + "/get/{version}/hyperledger-fabric-{platform}-{version}.tar.gz", base + "/list/{version}"
        )
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("network.native.programs._version_of", lambda _: VERSION)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = Server()
    yield made
    made.close()


def test_a_release_is_fetched_verified_and_found(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    class Watcher(Silent):
        def progress(self, done: int, total: int, text: Text) -> None:
            seen.append((done, total))

    programs = fetch_release(VERSION, Watcher(), source=server.source, cache=tmp_path)
    assert programs.peer.read_bytes() == FILES["bin/peer"]
    assert programs.peer.stat().st_mode & 0o100
    assert (tmp_path / VERSION / "config" / "core.yaml").exists()
    assert (len(server.body), len(server.body)) in seen
    assert [p.name for p in tmp_path.iterdir()] == [VERSION]


def test_a_broken_download_goes_on(server: Server, tmp_path: Path) -> None:
    server.break_after = [100, 50]
    fetch_release(VERSION, source=server.source, cache=tmp_path)
    assert server.ranges == ["", "bytes=100-", "bytes=150-"]


def test_a_server_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.break_after = [100]
    server.honour_ranges = False
    fetch_release(VERSION, source=server.source, cache=tmp_path)
    assert (tmp_path / VERSION / "bin" / "peer").read_bytes() == FILES["bin/peer"]


def test_what_has_come_is_kept_when_the_server_dies(server: Server, tmp_path: Path) -> None:
    server.break_after = [60] * 5
    with pytest.raises(Unavailable):
        fetch_release(VERSION, source=server.source, cache=tmp_path)
    assert next(tmp_path.glob("*.part")).stat().st_size == 300
    fetch_release(VERSION, source=server.source, cache=tmp_path)
    assert server.ranges[-1] == "bytes=300-"


def test_cancelling_a_download_keeps_it_resumable(server: Server, tmp_path: Path) -> None:
    class Impatient(Silent):
        def check_cancelled(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch_release(VERSION, Impatient(), source=server.source, cache=tmp_path)
    assert not (tmp_path / VERSION).exists()
    fetch_release(VERSION, source=server.source, cache=tmp_path)


def test_wrong_checksum_leaves_nothing(server: Server, tmp_path: Path) -> None:
    server.digest = "sha256:" + "0" * 64
    with pytest.raises(UserError) as error:
        fetch_release(VERSION, source=server.source, cache=tmp_path)
    assert error.value.code == "checksum_mismatch"
    assert list(tmp_path.iterdir()) == []


def test_without_a_checksum_nothing_is_trusted(server: Server, tmp_path: Path) -> None:
    server.digest = None
    with pytest.raises(Unavailable) as error:
        fetch_release(VERSION, source=server.source, cache=tmp_path)
    assert error.value.code == "no_checksum"
    digest = hashlib.sha256(server.body).hexdigest()
    fetch_release(VERSION, source=server.source, cache=tmp_path, sha256=digest.upper())


@pytest.mark.parametrize("version", ["latest", "../3.1.5", "3", "", "3.1.5\n"])
def test_wrong_versions(version: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        fetch_release(version, cache=tmp_path)


def test_unknown_release(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        fetch_release("1.2.3", source=server.source, cache=tmp_path, sha256="0" * 64)
    assert error.value.code == "no_release"


HOSTILE = ("empty", "no gzip", "cut off", "no programs", "climbing", "many", "bomb")


@cache
def hostile() -> dict[str, bytes]:
    link = tarfile.TarInfo("bin/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("bin/device")
    device.type = tarfile.CHRTYPE
    return {
        "empty": b"",
        "no gzip": b"hello",
        "cut off": archive()[:-200],
        "no programs": archive({"config/x": b""}),
        "climbing": archive({"bin/../../evil": b"x", **FILES}),
        "many": archive({f"bin/f{i}": b"" for i in range(3000)}),
        "bomb": archive({**FILES, "other/huge": b""}, [_huge()]),
    } | {"ignored": archive(extra=[link, device])}


def _huge() -> tarfile.TarInfo:
    info = tarfile.TarInfo("bin/huge")
    info.size = 0
    info.pax_headers = {"size": str(2**45)}
    return info


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_leave_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(CityChainError):
        install_archive(io.BytesIO(hostile()[name]), VERSION, tmp_path / "cache", Silent())
    assert not (tmp_path / "cache" / VERSION).exists()
    assert not list(tmp_path.rglob("evil"))


def test_links_and_devices_are_not_unpacked(tmp_path: Path) -> None:
    install_archive(io.BytesIO(hostile()["ignored"]), VERSION, tmp_path, Silent())
    assert sorted(p.name for p in (tmp_path / VERSION / "bin").iterdir()) == ["orderer", "peer"]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    install_archive(io.BytesIO(archive()), VERSION, tmp_path / "cache", Silent())
    target = tmp_path / "out" / "fabric.zip"
    contents = export_bundle(target, [VERSION], cache=tmp_path / "cache")
    assert contents.versions == (VERSION,)
    return target


def test_a_bundle_carries_a_version(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("network.native.programs._version_of", lambda _: VERSION)
    other = tmp_path / "other machine"
    import_bundle(bundle, cache=other)
    programs = find_programs(VERSION, other / VERSION / "bin")
    assert programs is not None
    assert programs.peer.read_bytes() == FILES["bin/peer"]
    assert programs.builder.joinpath("bin", "detect").stat().st_mode & 0o100
    assert [p.name for p in other.iterdir()] == [VERSION]


def rewritten(bundle: Path, change: object) -> Path:
    """Return a copy of the bundle whose manifest and members `change` has altered."""
    assert callable(change)
    with zipfile.ZipFile(bundle) as source:
        members = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    target = bundle.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as output:
        for name, data in members.items():
            output.writestr(name, data)
        output.writestr("manifest.json", json.dumps(manifest))
    return target


PEER = f"fabric/{VERSION}/bin/peer"


@pytest.mark.parametrize(
    "change",
    [
        lambda m, f: f.update({PEER: b"evil" * 75_000}),
        lambda m, f: f.update({PEER: f[PEER] + b"x"}),
        lambda m, f: f.pop(PEER),
        lambda m, f: m.update(format="other"),
        lambda m, f: m.update(platform="solaris-sparc"),
        lambda m, f: m.update(versions=["../../x"]),
        lambda m, f: m["files"].update({"fabric/9.9.9/../../evil": {"sha256": "", "size": 0}}),
        lambda m, f: m["files"].update({"/etc/passwd": {"sha256": "", "size": 0}}),
        lambda m, f: m["files"][PEER].update(size=10**13),
        lambda m, f: m["files"][PEER].update(size=1),
        lambda m, f: m.update(files=[]),
        lambda m, f: m.clear(),
    ],
)
def test_a_changed_bundle_is_refused_and_nothing_is_put_down(bundle: Path, tmp_path: Path, change: object) -> None:
    other = tmp_path / "other"
    with pytest.raises(UserError):
        import_bundle(rewritten(bundle, change), cache=other)
    assert not other.exists() or list(other.iterdir()) == []


@pytest.mark.parametrize("size", [0, 10, 1000])
def test_a_cut_bundle_is_refused(bundle: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bundle.read_bytes()[:size])
    with pytest.raises(UserError):
        import_bundle(cut, cache=tmp_path / "other")


def test_missing_bundle_and_version(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        import_bundle(tmp_path / "absent.zip", cache=tmp_path)
    with pytest.raises(NotFound):
        export_bundle(tmp_path / "x.zip", ["1.1.1"], cache=tmp_path)
    assert not (tmp_path / "x.zip").exists()
