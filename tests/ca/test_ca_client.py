"""The Fabric CA client against a server that checks what a Fabric CA checks."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabric_sdk.ca import CaClient, CaError, Enrollment, Registration
from fabric_sdk.chaincode.client_identity import read_attributes
from tests.ca.fake_ca import FakeCa


@pytest.fixture
def server() -> Iterator[FakeCa]:
    ca = FakeCa()
    yield ca
    ca.close()


@pytest.fixture
def ca(server: FakeCa) -> Iterator[CaClient]:
    with CaClient(server.url, "Org1MSP", ca_name="ca-org1") as client:
        yield client


@pytest.fixture
def admin(ca: CaClient) -> Enrollment:
    return ca.enroll("admin", "adminpw")


def test_info_and_enrolment(ca: CaClient, admin: Enrollment, server: FakeCa) -> None:
    assert (ca.info().name, ca.info().version) == ("ca-org1", "1.5.15")
    assert x509.load_pem_x509_certificate(ca.info().chain_pem) == server.certificate
    assert admin.info == ca.info()
    admin.signing.certificate.verify_directly_issued_by(server.certificate)
    assert admin.signing.msp_id == "Org1MSP"
    assert "PRIVATE KEY" not in repr(admin)
    with pytest.raises(CaError, match="Authentication failure") as caught:
        ca.enroll("admin", "wrong")
    assert (caught.value.status, caught.value.codes) == (401, (20,))
    assert "wrong" not in str(caught.value)


def test_attributes_go_into_certificates(ca: CaClient, admin: Enrollment) -> None:
    ann = Registration("ann", attributes={"role": "registrar", "floor": "3"}, in_certificate=frozenset({"role"}))
    assert ca.register(admin.signing, ann) == "made-up"
    assert read_attributes(ca.enroll("ann", "made-up").signing.certificate) == {"role": "registrar"}
    chosen = ca.enroll("ann", "made-up", attributes={"floor": False, "absent": True})
    assert read_attributes(chosen.signing.certificate) == {"floor": "3"}
    with pytest.raises(CaError, match="'absent' is required"):
        ca.enroll("ann", "made-up", attributes={"absent": False})
    with pytest.raises(CaError, match="already registered"):
        ca.register(admin.signing, ann)
    with pytest.raises(CaError, match="Authorization failure"):
        ca.register(chosen.signing, Registration("bob"))


def test_own_secret_and_all_members_of_a_registration(ca: CaClient, admin: Enrollment, server: FakeCa) -> None:
    peer = Registration("peer0", "peer", "org1.dep", "own-secret", {"x": "1"}, max_enrollments=-1)
    assert "own-secret" not in repr(peer)
    assert ca.register(admin.signing, peer) == "own-secret"
    assert server.seen[-1] == (
        "POST",
        "/api/v1/register",
        {
            "id": "peer0",
            "type": "peer",
            "affiliation": "org1.dep",
            "secret": "own-secret",
            "max_enrollments": -1,
            "attrs": [{"name": "x", "value": "1", "ecert": True}],
            "caname": "ca-org1",
        },
    )


def test_tls_certificates_name_their_hosts(ca: CaClient, server: FakeCa) -> None:
    certificate = ca.enroll("admin", "adminpw", profile="tls", hosts=["peer0.org", "127.0.0.1"]).signing.certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["peer0.org"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]
    assert server.seen[-1][2]["profile"] == "tls"


def test_reenrolment_makes_a_new_key(ca: CaClient, admin: Enrollment) -> None:
    again = ca.reenroll(admin.signing)
    assert again.key_pem != admin.key_pem
    assert again.signing.certificate.subject == admin.signing.certificate.subject


def test_revocation_and_lists(ca: CaClient, admin: Enrollment) -> None:
    ca.register(admin.signing, Registration("ann"))
    ann = ca.enroll("ann", "made-up")
    serial = ann.signing.certificate.serial_number
    revoked = ca.revoke(admin.signing, enrollment_id="ann", reason="keycompromise", with_crl=True)
    assert revoked.certificates == ((f"{serial:x}", "aa"),)
    for pem in (revoked.crl_pem, ca.revocation_list(admin.signing, revoked_after=datetime(2020, 1, 1, tzinfo=UTC))):
        assert pem is not None
        found = x509.load_pem_x509_crl(pem).get_revoked_certificate_by_serial_number(serial)
        assert found is not None
    with pytest.raises(CaError, match="Authentication failure"):
        ca.reenroll(ann.signing)
    assert ca.revoke(admin.signing, serial="1f", aki="aa").certificates == (("1f", "aa"),)
    for wrong in ({}, {"enrollment_id": "x", "serial": "1", "aki": "2"}, {"enrollment_id": "x", "reason": "mood"}):
        with pytest.raises(ValueError):
            ca.revoke(admin.signing, **wrong)


def test_identities(ca: CaClient, admin: Enrollment) -> None:
    ca.register(admin.signing, Registration("zoë/1", "client", "dep", attributes={"a": "b"}))
    assert [i.id for i in ca.identities(admin.signing)] == ["admin", "zoë/1"]
    with pytest.raises(CaError) as caught:
        ca.identity(admin.signing, "nobody")
    assert (caught.value.status, caught.value.codes) == (404, (63,))
    assert ca.identity(admin.signing, "admin").type == "client"
    ca.remove_identity(admin.signing, "admin", force=True)


def test_another_ca_name_is_refused(server: FakeCa) -> None:
    with CaClient(server.url, "Org1MSP", ca_name="other") as client:
        for call in (client.info, lambda: client.enroll("admin", "adminpw")):
            with pytest.raises(CaError, match="does not exist"):
                call()


def test_a_tampered_request_does_not_authenticate(ca: CaClient, admin: Enrollment, server: FakeCa) -> None:
    from fabric_sdk.ca.requests import token

    good = token(admin.signing, "POST", "/api/v1/register", b"{}")
    assert server.check_token(good, "POST", "/api/v1/register", b"{}") == "admin"
    for method, uri, body in (
        ("PUT", "/api/v1/register", b"{}"),
        ("POST", "/api/v1/revoke", b"{}"),
        ("POST", "/api/v1/register", b"{ }"),
    ):
        with pytest.raises(Exception, match="Authentication failure"):
            server.check_token(good, method, uri, body)


def test_nobody_listens() -> None:
    with CaClient("http://127.0.0.1:1", "Org1MSP") as client, pytest.raises(CaError) as caught:
        client.info()
    assert caught.value.status == 0
    with pytest.raises(ValueError):
        CaClient("https://ca:7054", "Org1MSP")


NAMES = st.sampled_from(["success", "result", "Cert", "errors", "code", "secret"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from([200, 201, 302, 400, 500]), st.binary(max_size=30) | JSON.map(lambda j: json.dumps(j).encode()))
def test_hostile_answers_end_in_one_error(server: FakeCa, ca: CaClient, status: int, body: bytes) -> None:
    server.answer = (status, body)
    with pytest.raises(CaError):
        ca.enroll("admin", "adminpw")
