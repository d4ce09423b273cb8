"""The CA client against a real Fabric CA server, where one is on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from fabric_sdk.ca import CaClient, CaError, Registration
from fabric_sdk.chaincode.client_identity import read_attributes

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaClient]:
    named = os.environ.get("CITYCHAIN_FABRIC_CA_BIN", "")
    program = shutil.which("fabric-ca-server", path=named or None)
    if program is None:
        pytest.skip("fabric-ca-server is not on this machine (CITYCHAIN_FABRIC_CA_BIN or PATH)")
    home = tmp_path_factory.mktemp("fabric-ca")
    with socket.socket() as probe, socket.socket() as other:
        probe.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, operations = probe.getsockname()[1], other.getsockname()[1]
    command = [program, "start", "-b", "admin:adminpw", "--address", "127.0.0.1", "-p", str(port)]
    command += ["--ca.name", "ca-org1", "--tls.enabled", "--csr.hosts", "localhost,127.0.0.1", "-H", str(home)]
    command += ["--cfg.identities.allowremove"]
    environment = {**os.environ, "FABRIC_CA_SERVER_OPERATIONS_LISTENADDRESS": f"127.0.0.1:{operations}"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=home, env=environment)
    try:
        root = home / "ca-cert.pem"
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert process.poll() is None, (home / "log").read_text()[-2000:]
            try:
                with _client(port, root) as client:
                    client.info()
                break
            except (CaError, OSError, ValueError):
                time.sleep(0.1)
        with _client(port, root) as client:
            yield client
    finally:
        process.terminate()
        process.wait(10)


def _client(port: int, root: Path) -> CaClient:
    return CaClient(f"https://localhost:{port}", "Org1MSP", ca_name="ca-org1", tls_root_pem=root.read_bytes())


def test_a_whole_life_of_an_identity(ca: CaClient) -> None:
    info = ca.info()
    assert info.name == "ca-org1"
    admin = ca.enroll("admin", "adminpw")
    admin.signing.certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(info.chain_pem))
    ann = Registration("ann", attributes={"role": "registrar", "floor": "3"}, in_certificate=frozenset({"role"}))
    secret = ca.register(admin.signing, ann)
    enrolled = ca.enroll("ann", secret)
    assert read_attributes(enrolled.signing.certificate)["role"] == "registrar"
    assert "floor" not in read_attributes(enrolled.signing.certificate)
    assert read_attributes(ca.reenroll(enrolled.signing, attributes={"floor": False}).signing.certificate) == {
        "floor": "3"
    }
    known = ca.identity(admin.signing, "ann")
    assert (known.type, known.attributes["role"]) == ("client", "registrar")
    assert {"admin", "ann"} <= {i.id for i in ca.identities(admin.signing)}
    serial = enrolled.signing.certificate.serial_number
    revoked = ca.revoke(admin.signing, enrollment_id="ann", reason="keycompromise", with_crl=True)
    assert len(revoked.certificates) == 2
    for pem in (revoked.crl_pem, ca.revocation_list(admin.signing)):
        assert pem is not None
        assert x509.load_pem_x509_crl(pem).get_revoked_certificate_by_serial_number(serial) is not None
    with pytest.raises(CaError):
        ca.reenroll(enrolled.signing)
    with pytest.raises(CaError):
        ca.enroll("ann", secret)
    ca.remove_identity(admin.signing, "ann")
    with pytest.raises(CaError) as caught:
        ca.identity(admin.signing, "ann")
    assert caught.value.codes


def test_one_certificate_is_revoked_by_serial(ca: CaClient) -> None:
    admin = ca.enroll("admin", "adminpw")
    secret = ca.register(admin.signing, Registration("bob", "client", secret="chosen", max_enrollments=-1))
    assert secret == "chosen"
    bob, again = ca.enroll("bob", secret), ca.enroll("bob", secret)
    certificate = bob.signing.certificate
    aki = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert aki is not None
    ca.revoke(admin.signing, serial=f"{certificate.serial_number:x}", aki=aki.hex())
    with pytest.raises(CaError):
        ca.reenroll(bob.signing)
    assert ca.reenroll(again.signing).signing.certificate.subject == certificate.subject


def test_refusals(ca: CaClient) -> None:
    with pytest.raises(CaError) as caught:
        ca.enroll("admin", "wrong")
    assert (caught.value.status, caught.value.codes) == (401, (20,))
    admin = ca.enroll("admin", "adminpw")
    secret = ca.register(admin.signing, Registration("carl", max_enrollments=-1))
    user = ca.enroll("carl", secret)
    with pytest.raises(CaError):
        ca.register(user.signing, Registration("dora"))
    with pytest.raises(CaError, match="already registered"):
        ca.register(admin.signing, Registration("carl"))


def test_tls_certificates(ca: CaClient) -> None:
    certificate = ca.enroll("admin", "adminpw", profile="tls", hosts=["host.example", "127.0.0.1"]).signing.certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["host.example"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.ExtendedKeyUsageOID.SERVER_AUTH in usage
