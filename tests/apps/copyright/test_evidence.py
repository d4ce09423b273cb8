"""Evidence packages over a real ledger: valid as written, invalid with any changed byte, checkable on their own."""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import io
import json
import random
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from apps.copyright.evidence import package as packing
from apps.copyright.evidence import verify
from apps.copyright.model import WorkForm
from apps.copyright.proof import export_evidence
from apps.copyright.service import CopyrightService
from fabric_sdk import clock
from tests.apps.copyright.browser import CHROMIUM, check_in_browser
from tests.conftest import City


def form(title: str) -> WorkForm:
    return WorkForm(title=title, authors=({"name": "样例作者"},), completed={"date": "2026-01-01"})


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    work = tmp_path_factory.mktemp("work") / "晨记.txt"
    work.write_text("可园的清晨，荷叶上有露水。" * 8000, encoding="utf-8")
    target = work.with_suffix(".zip")
    with CopyrightService(city.platform, city.network) as service:
        receipt = service.deposit(work, form("晨记"))
        export_evidence(service, receipt.work.id, target)
    return target.read_bytes()


def check(raw: bytes) -> verify.Report:
    return verify.verify(io.BytesIO(raw))


def broken_parts(raw: bytes) -> set[str]:
    try:
        report = check(raw)
    except verify.Unreadable:
        return {"container"}
    return {part for state, part, _ in report.checks if state == "bad"}


def parts_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(tmp_path: Path, parts: dict[str, bytes]) -> bytes:
    """The parts again as a package whose digests all fit: what a careful forger would make."""
    manifest = json.loads(parts["manifest.json"])
    own = {"manifest.json", "manifest.sha256"}
    target = tmp_path / "forged.zip"
    with target.open("wb") as file:
        writer = packing._CanonicalZip(file)
        manifest["files"] = {n: writer.add(n, (data,)) for n, data in parts.items() if n not in own}
        raw = json.dumps(manifest).encode()
        writer.add("manifest.json", (raw,))
        writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
        writer.finish()
    return target.read_bytes()


def test_a_package_is_valid_and_says_what_it_holds(exported: bytes) -> None:
    report = check(exported)
    assert report.valid, report.checks
    said = {part: text for state, part, text in report.checks if state == "ok"}
    assert "is what the transaction wrote" in said["record.json"]
    assert any("CID bafy" in text or "CID bafk" in text for text in said.values())
    assert any("endorsed by CopyrightMSP, DataBureauMSP" in text for text in said.values())
    assert set(report.facts["roots"]) >= {"CopyrightMSP", "DataBureauMSP", "HealthMSP", "HospitalMSP"}


def test_it_is_an_ordinary_zip(exported: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert archive.testzip() is None
        assert {"manifest.json", "record.json", "verify.py", "verify.html"} <= set(archive.namelist())


def test_any_changed_byte_is_found(exported: bytes) -> None:
    chosen = random.Random(20261123)
    for _ in range(400):
        position = chosen.randrange(len(exported))
        changed = bytearray(exported)
        changed[position] ^= 1 << chosen.randrange(8)
        assert broken_parts(bytes(changed)), f"a change at {position} was not found"


def test_the_changed_part_is_named(exported: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        places = {info.filename: info.header_offset + 30 + len(info.filename.encode()) for info in archive.infolist()}
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    for name, start in places.items():
        changed = bytearray(exported)
        changed[start + sizes[name] // 2] ^= 0x10
        found = broken_parts(bytes(changed))
        expected = "manifest.json" if name == "manifest.sha256" else name
        assert expected in found, f"{name}: {found}"


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 100])
def test_what_is_no_package_is_refused(cut: int, exported: bytes) -> None:
    assert broken_parts(exported[:cut]) == {"container"}
    assert broken_parts(exported[: len(exported) - 1 - cut])


def test_bytes_in_front_or_behind_are_found(exported: bytes) -> None:
    assert broken_parts(b"\0" + exported)
    assert broken_parts(exported + b"\0")


def forge_record(parts: dict[str, bytes]) -> str:
    parts["record.json"] = parts["record.json"].replace("样例作者".encode(), "冒名作者".encode())
    return "record.json"


def forge_content(parts: dict[str, bytes]) -> str:
    name = next(n for n in parts if n.startswith("content/"))
    parts[name] = parts[name][:-3] + "。".encode()[::-1]
    return name


def forge_time(parts: dict[str, bytes]) -> str:
    rows = json.loads(parts["headers.json"])
    rows["headers"][-1][2] = "00" * 32
    parts["headers.json"] = json.dumps(rows).encode()
    return "headers.json"


def forge_transaction(parts: dict[str, bytes]) -> str:
    name = next(n for n in parts if n.startswith("blocks/"))
    parts[name] = parts[name].replace("样例作者".encode(), "冒名作者".encode())
    return name


def forge_roots(parts: dict[str, bytes]) -> str:
    config = parts["channel/config.pb"]
    root = verify.Authority(config).roots["CopyrightMSP"][0]
    whole = root.public_bytes(serialization.Encoding.DER)
    point = root.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    other = point[:-1] + bytes((point[-1] ^ 1,))
    forged = ssl.DER_cert_to_PEM_cert(whole.replace(point, other)).encode()
    parts["channel/config.pb"] = config.replace(ssl.DER_cert_to_PEM_cert(whole).encode(), forged)
    return ""


@pytest.mark.parametrize("forge", [forge_record, forge_content, forge_time, forge_transaction, forge_roots])
def test_a_forgery_with_fitting_digests_is_found(forge: Any, exported: bytes, tmp_path: Path) -> None:
    parts = parts_of(exported)
    untouched = dict(parts)
    expected = forge(parts)
    assert parts != untouched
    assert check(pack(tmp_path, untouched)).valid
    found = broken_parts(pack(tmp_path, parts))
    assert found and (expected in found or not expected), found


def test_trusted_roots_decide(exported: bytes) -> None:
    authority = verify.Authority(parts_of(exported)["channel/config.pb"])
    roots = [root for found in authority.roots.values() for root in found]
    assert verify.verify(io.BytesIO(exported), roots).valid
    assert not verify.verify(io.BytesIO(exported), roots[:1]).valid


def test_the_verifier_stands_alone(exported: bytes, tmp_path: Path) -> None:
    for name, data in parts_of(exported).items():
        if name == "verify.py":
            (tmp_path / "verify.py").write_bytes(data)
    tree = ast.parse((tmp_path / "verify.py").read_text(encoding="utf-8"))
    imported = {
        (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    (tmp_path / "package.zip").write_bytes(exported)
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path / "package.zip"), "--json"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["valid"] is True
    changed = bytearray(exported)
    changed[len(changed) // 3] ^= 1
    (tmp_path / "package.zip").write_bytes(changed)
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 1
    (tmp_path / "package.zip").write_bytes(b"not a zip")
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 2


def time_stamp(digest: bytes) -> bytes:
    """A token of an authority made for this test, by pyHanko's own responder."""
    from asn1crypto import algos, core, keys, tsp
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "样例时间戳机构")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    stamper = DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        tsa_key=keys.PrivateKeyInfo.load(
            key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        ),
        certs_to_embed=SimpleCertificateStore(),
    )
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": tsp.MessageImprint(
                {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": digest}
            ),
            "nonce": core.Integer(7),
            "cert_req": True,
        }
    )
    token: bytes = stamper.request_tsa_response(request)["time_stamp_token"].dump()
    return token


def test_time_stamps_are_checked() -> None:
    digest = hashlib.sha256(b"block").digest()
    token = time_stamp(digest)
    moment, _ = verify.check_timestamp(token, digest)
    assert abs(moment - clock.now()) < dt.timedelta(minutes=5)
    with pytest.raises(ValueError, match="something else"):
        verify.check_timestamp(token, hashlib.sha256(b"another").digest())
    position = token.index(digest)
    for place in (position + 40, len(token) - 5):
        changed = bytearray(token)
        changed[place] ^= 1
        with pytest.raises((ValueError, IndexError, StopIteration)):
            verify.check_timestamp(bytes(changed), digest)


def test_the_verifiers_cid_is_the_stores(exported: bytes) -> None:
    """Several levels deep, with a small width so that the tree is real."""
    data = random.Random(5).randbytes(100_000)
    one_leaf = verify.content_cid([data[:100]], 100, 262_144, 174)
    assert one_leaf.startswith("bafkrei")
    deep = verify.content_cid([data[:7], data[7:]], len(data), 1024, 3)
    assert deep.startswith("bafybei") and deep == verify.content_cid([data], len(data), 1024, 3)


@pytest.mark.e2e
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_static_page_says_the_same_in_a_real_browser(exported: bytes, tmp_path: Path) -> None:
    chosen = random.Random(11)
    packages = [exported]
    for _ in range(25):
        changed = bytearray(exported)
        changed[chosen.randrange(len(changed))] ^= 1 << chosen.randrange(8)
        packages.append(bytes(changed))
    parts = parts_of(exported)
    forge_record(parts)
    packages.append(pack(tmp_path, parts))
    reports = check_in_browser(packages)
    assert reports[0]["valid"], reports[0]
    mine = check(exported)
    assert reports[0]["roots"] == mine.facts["roots"]
    assert [c[:2] for c in reports[0]["checks"]] == [list(c[:2]) for c in mine.checks]
    assert all(not report["valid"] for report in reports[1:])
    assert any(c[0] == "bad" and c[1] == "record.json" for c in reports[-1]["checks"])
