"""Sums and signature: what the verifying command says of damaged, exchanged and missing files."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"
DEB, EXE = "citychain_0.1.0-1_amd64.deb", "CityChain-0.1.0-setup.exe"
LISTS = ("citychain-0.1.0-linux-x86_64.cdx.json", "citychain-0.1.0-windows.cdx.json")

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("release")


def key(folder: Path, name: str) -> tuple[Path, Path]:
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(private)], check=True)
    subprocess.run(["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True)
    return private, public


@pytest.fixture
def published(release: ModuleType, tmp_path: Path) -> tuple[Path, Path]:
    """A folder of signed packages and the public key."""
    dist = tmp_path / "dist"
    dist.mkdir()
    for name in (DEB, EXE, *LISTS):
        (dist / name).write_bytes(name.encode() * 100)
    private, public = key(tmp_path, "ours")
    assert release.main(["sign", "--key", str(private), str(dist)]) == 0
    return dist, public


def test_what_was_published_is_trusted(release: ModuleType, published: tuple[Path, Path]) -> None:
    dist, public = published
    assert set(release.verify(dist, public)) == {DEB, EXE, *LISTS}
    assert release.main(["verify", "--key", str(public), str(dist)]) == 0


def test_each_lie_is_named_in_one_sentence(
    release: ModuleType, published: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist, public = published
    _, other = key(tmp_path, "theirs")

    def said(name: str, words: str, change: bytes | None) -> None:
        path = dist / name
        before = path.read_bytes()
        if change is None:
            path.unlink()
        else:
            path.write_bytes(change)
        assert release.main(["verify", "--key", str(public), str(dist)]) == 1
        told = capsys.readouterr().err
        assert words in told, told
        assert told.count("\n") == 1
        path.write_bytes(before)

    raw = (dist / DEB).read_bytes()
    said(DEB, f"{DEB} is damaged", raw[:-1] + bytes([raw[-1] ^ 1]))
    said(DEB, f"{DEB} is missing", None)
    said(LISTS[0], f"{LISTS[0]} is missing", None)
    sums = (dist / "SHA256SUMS").read_bytes()
    said("SHA256SUMS", "not signed by this key", sums.replace(b"0", b"1"))
    said("SHA256SUMS.sig", "not signed by this key", bytes(64))
    said("SHA256SUMS.sig", "SHA256SUMS.sig is missing", None)
    (dist / "citychain_0.1.1-1_amd64.deb").write_bytes(b"one more")
    said(EXE, "citychain_0.1.1-1_amd64.deb is not among", (dist / EXE).read_bytes())
    (dist / "citychain_0.1.1-1_amd64.deb").unlink()
    assert release.main(["verify", "--key", str(other), str(dist)]) == 1
    assert "not signed by this key" in capsys.readouterr().err


def test_nothing_is_signed_without_its_list_of_parts(release: ModuleType, tmp_path: Path) -> None:
    private, public = key(tmp_path, "ours")
    with pytest.raises(release.Untrusted, match="no package"):
        release.sign(tmp_path, private)
    (tmp_path / EXE).write_bytes(b"x")
    with pytest.raises(release.Untrusted, match=r"windows.*missing"):
        release.sign(tmp_path, private)
    for other in (LISTS[0], "citychain-0.0.9-windows.cdx.json", "citychain-0.1.0-windows-old.cdx.json"):
        (tmp_path / other).write_bytes(b"{}")  # of another system or version: it says nothing of this package
        with pytest.raises(release.Untrusted, match=r"citychain-0\.1\.0-windows\.cdx\.json\) is missing"):
            release.sign(tmp_path, private)
    (tmp_path / LISTS[1]).write_bytes(b"{}")
    with pytest.raises(release.Untrusted, match="does not sign"):
        release.sign(tmp_path, public)


@pytest.mark.parametrize(
    ("package", "wanted"),
    [
        ("citychain_0.1.0-1_amd64.deb", "citychain-0.1.0-linux-x86_64.cdx.json"),
        ("citychain-server_0.1.0-2_arm64.deb", "citychain-server-0.1.0-linux-aarch64.cdx.json"),
        ("citychain-0.1.0-linux-x86_64.tar.xz", "citychain-0.1.0-linux-x86_64.cdx.json"),
        ("CityChain-0.1.0-setup.exe", "citychain-0.1.0-windows.cdx.json"),
        ("fabric_sdk-0.1.0-py3-none-any.whl", ""),
    ],
)
def test_which_list_belongs_to_a_package(release: ModuleType, package: str, wanted: str) -> None:
    assert release.list_of(package) == wanted
