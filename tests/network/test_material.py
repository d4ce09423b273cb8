"""Certificates: what Fabric's MSP asks of them, and that making them again changes nothing."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk import clock
from fabric_sdk.errors import MspError
from fabric_sdk.identity import Identity, SigningIdentity
from fabric_sdk.msp import Msp
from network.certificates import CertificateAuthority, certificate_attributes
from network.errors import Conflict, NotFound, UserError
from network.material import OrganizationCA
from network.topology import template
from network.vault import FolderVault, MemoryVault, vault_name

HALF = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 // 2
SPEC = template("single")


@pytest.fixture
def ca(tmp_path: Path) -> OrganizationCA:
    made = OrganizationCA(tmp_path, "net", SPEC.organizations[0], MemoryVault())
    made.create()
    return made


def test_every_signature_is_low_s(ca: OrganizationCA) -> None:
    for n in range(12):
        issued = ca.issue(f"user{n}", "client")
        assert decode_dss_signature(issued.certificate.signature)[1] <= HALF
    assert decode_dss_signature(ca.signing.certificate.signature)[1] <= HALF


@pytest.mark.parametrize("role", ["client", "peer", "admin", "orderer"])
def test_roles_and_attributes_are_what_an_msp_reads(ca: OrganizationCA, role: str) -> None:
    issued = ca.issue("王医生", role, {"department": "心内科"})  # type: ignore[arg-type]
    msp = Msp.from_config(ca.msp_config().SerializeToString())
    validated = msp.validate(Identity("DataBureauMSP", issued.certificate_pem).serialize(), None)
    assert validated.role == role
    assert certificate_attributes(issued.certificate)["department"] == "心内科"


def test_revoked_and_foreign_certificates_are_refused(ca: OrganizationCA, tmp_path: Path) -> None:
    issued = ca.issue("leaver", "client")
    ca.revoke(f"{issued.certificate.serial_number:x}")
    with pytest.raises(NotFound):
        ca.revoke("abc")
    msp = Msp.from_config(ca.msp_config().SerializeToString())
    with pytest.raises(MspError):
        msp.validate(Identity("DataBureauMSP", issued.certificate_pem).serialize(), None)
    kept = ca.issue("stays", "client")
    assert msp.validate(Identity("DataBureauMSP", kept.certificate_pem).serialize(), None).role == "client"
    other = OrganizationCA(tmp_path / "other", "net", SPEC.organizations[0], MemoryVault())
    other.create()
    stranger = other.issue("stranger", "client")
    with pytest.raises(MspError):
        msp.validate(Identity("DataBureauMSP", stranger.certificate_pem).serialize(), None)


def test_making_again_keeps_everything(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "keys")
    for _ in range(2):
        ca = OrganizationCA(tmp_path, "net", SPEC.organizations[0], vault)
        ca.create()
        for node in SPEC.nodes():
            ca.nodes.create(node)
        files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
        if _ == 0:
            first = files
    assert files == first


def test_half_written_node_is_mended(ca: OrganizationCA) -> None:
    node = next(SPEC.peers())
    ca.nodes.create(node)
    directory = ca.nodes.directory(node)
    (directory / "tls" / "server.key").unlink()
    (directory / "msp" / "signcerts" / "cert.pem").write_bytes(b"-----BEGIN CERT")
    ca.nodes.create(node)
    key = (directory / "msp" / "keystore" / "key.pem").read_bytes()
    SigningIdentity.from_pem("DataBureauMSP", ca.nodes.certificate(node), key)
    assert (directory / "tls" / "server.key").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_private_files_are_private(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "keys")
    ca = OrganizationCA(tmp_path, "net", SPEC.organizations[0], vault)
    ca.create()
    node = next(SPEC.peers())
    ca.nodes.create(node)
    secret = [p for p in tmp_path.rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]
    assert len(secret) == 5
    assert {stat.S_IMODE(p.stat().st_mode) for p in secret} == {0o600}


def test_keys_never_show(ca: OrganizationCA) -> None:
    issued = ca.issue("x", "client")
    for thing in (issued, ca.signing):
        assert "PRIVATE" not in repr(thing)
        assert issued.private_key_pem.decode().splitlines()[1] not in repr(thing)


def test_tls_certificate_names_the_node_and_loopback(ca: OrganizationCA) -> None:
    node = next(SPEC.peers())
    ca.nodes.create(node)
    certificate = x509.load_pem_x509_certificate(ca.nodes.tls_certificate(node))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {node.name, "localhost"}
    assert "127.0.0.1" in map(str, names.get_values_for_type(x509.IPAddress))


def test_nothing_outlives_its_authority() -> None:
    authority, _ = CertificateAuthority.create("ca", "x", days=2)
    issued = authority.issue("a", days=4000)
    assert issued.certificate.not_valid_after_utc <= authority.certificate.not_valid_after_utc
    assert issued.certificate.not_valid_before_utc <= clock.now()


def test_wrong_key_in_the_vault_is_noticed(tmp_path: Path) -> None:
    vault = MemoryVault()
    ca = OrganizationCA(tmp_path, "net", SPEC.organizations[0], vault)
    ca.create()
    _, stranger = CertificateAuthority.create("ca", "x")
    vault.put(vault_name("net", "DataBureauMSP", "ca"), stranger)
    with pytest.raises(Conflict):
        _ = OrganizationCA(tmp_path, "net", SPEC.organizations[0], vault).signing


@pytest.mark.parametrize("name", ["", "../x", "a/b", "ca", "tlsca", "x" * 65, " a", "a\n", "a\x00b", "."])
def test_dangerous_names_are_refused(ca: OrganizationCA, name: str) -> None:
    with pytest.raises(UserError):
        ca.persons.issue(name, "client")


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=70))
def test_a_name_stays_inside_its_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    base = tmp_path_factory.getbasetemp()
    ca = OrganizationCA(base, "net", SPEC.organizations[0], MemoryVault())
    try:
        path = ca.certificate_path(name)
    except UserError:
        return
    assert path.parent == base / "organizations" / "data-bureau" / "users"
    assert path.resolve().parent == path.parent.resolve()


def test_journal_survives_a_torn_line(ca: OrganizationCA) -> None:
    path = ca.directory / "ca" / "issued.jsonl"
    with path.open("ab") as stream:
        stream.write(b'{"serial": "12", "na')
    before = len(ca.issued())
    ca.issue("after", "client")
    assert [r.name for r in ca.issued()][-1] == "after"
    assert len(ca.issued()) == before + 1
