from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from fabric_protos.msp.msp_config_pb2 import FabricCryptoConfig, FabricMSPConfig, FabricOUIdentifier, MSPConfig
from fabric_protos.msp.msp_principal_pb2 import (
    CombinedPrincipal,
    MSPIdentityAnonymity,
    MSPPrincipal,
    MSPRole,
    OrganizationUnit,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.certificates import Certificate
from fabric_sdk.errors import InvalidSignature, MspError
from fabric_sdk.identity import Identity, SigningIdentity
from fabric_sdk.msp import Msp, MspManager, verify_signature
from fabric_sdk.policy import role_principal
from fabric_sdk.signatures import CURVE_ORDERS
from tests.sdk.material import DAY, START, Organization, msp_config, pem_of, root

ROLES = ("client", "peer", "admin", "orderer")


def refused(msp: Msp, identity: SigningIdentity, reason: str, at: datetime.datetime | None = None) -> None:
    with pytest.raises(MspError, match=reason):
        msp.validate(identity.creator, at)


@pytest.mark.parametrize("role", ROLES)
def test_node_units_give_the_role_and_nothing_else(org1: Organization, role: str) -> None:
    msp = org1.msp
    identity = msp.validate(getattr(org1, role).creator)
    assert identity.role == role
    assert identity.msp_id == "Org1MSP"
    for other in ROLES:
        assert msp.satisfies(identity, role_principal("Org1MSP", other)) is (other == role)
    assert msp.satisfies(identity, role_principal("Org1MSP", "member"))
    assert not msp.satisfies(identity, role_principal("Org2MSP", "member"))


@pytest.mark.parametrize("units", [[], ["other"], ["client", "peer"], ["client", "client"]], ids=str)
def test_exactly_one_role_is_needed(org1: Organization, units: list[str]) -> None:
    refused(org1.msp, org1.ca.member("Org1MSP", "x", units), "exactly one node role")


def test_attributes_and_units_come_from_the_certificate(org1: Organization) -> None:
    member = org1.ca.member("Org1MSP", "x", ["client", "sales"], attributes={"role": "clerk", "名": "值"})
    identity = org1.msp.validate(member.creator)
    assert identity.attributes == {"role": "clerk", "名": "值"}
    assert identity.ous == ("client", "sales")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"attrs": {"a": 1}}', b'{"attrs": []}', b"[" * 100_000])
def test_attributes_that_cannot_be_read_are_an_error(org1: Organization, content: bytes) -> None:
    certificate, _ = org1.ca.issue("x", ["client"])
    parsed = Certificate(certificate)
    extension = x509.Extension(
        x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1"),
        False,
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1"), content),
    )
    parsed.__dict__["extensions"] = x509.Extensions([extension])
    if content == b"[]":
        assert parsed.attributes == {}
    else:
        with pytest.raises(MspError, match="attribute"):
            _ = parsed.attributes


def test_expiry_counts_only_where_a_moment_is_given(org1: Organization) -> None:
    member = org1.ca.member("Org1MSP", "x", ["client"], days=10)
    msp = org1.msp
    assert msp.validate(member.creator)
    assert msp.validate(member.creator, START + 9 * DAY)
    refused(msp, member, "expired", START + 11 * DAY)
    with pytest.raises(MspError, match="expired"):
        MspManager({"Org1MSP": msp}).validate(member.creator, START + 11 * DAY)


def test_a_ca_of_the_same_name_with_another_key_is_not_trusted(org1: Organization) -> None:
    impostor = root("ca.Org1MSP")
    refused(org1.msp, impostor.member("Org1MSP", "x"), "no certification path")


def test_the_msp_id_must_be_the_msps_own(org1: Organization, org2: Organization, msps: MspManager) -> None:
    refused(org1.msp, org2.client, "expected an identity of MSP Org1MSP")
    borrowed = SigningIdentity(Identity("Org1MSP", org2.client.identity.credentials), org2.client.signer)
    refused(org1.msp, borrowed, "no certification path")
    with pytest.raises(MspError, match="not defined"):
        msps.validate(Identity("Org9MSP", org1.client.identity.credentials).serialize())


def test_a_ca_is_no_member(org1: Organization) -> None:
    with pytest.raises(MspError, match="CA certificate"):
        org1.msp.validate(Identity("Org1MSP", org1.ca.pem).serialize())


def test_revoked_identities_are_refused_if_their_issuer_signed_the_list(org1: Organization) -> None:
    member = org1.ca.member("Org1MSP", "x")
    serial = member.certificate.serial_number
    good = org1.ca.revocation_list(serial)
    msp = Msp(msp_config("Org1MSP", org1.ca, revocation_list=[good]))
    refused(msp, member, "revoked")
    assert msp.validate(org1.client.creator)
    forged = org1.ca.revocation_list(serial, key=ec.generate_private_key(ec.SECP256R1()))
    assert Msp(msp_config("Org1MSP", org1.ca, revocation_list=[forged])).validate(member.creator)
    der = x509.load_pem_x509_crl(good).public_bytes(serialization.Encoding.DER)
    refused(Msp(msp_config("Org1MSP", org1.ca, revocation_list=[der])), member, "revoked")


def test_identities_under_an_intermediate_ca(org1: Organization) -> None:
    inner = org1.ca.intermediate("inner")
    lowest = inner.intermediate("lowest")
    msp = Msp(msp_config("Org1MSP", org1.ca, intermediate_certs=[inner.pem, lowest.pem]))
    assert msp.validate(lowest.member("Org1MSP", "x").creator)
    for ca in (org1.ca, inner):  # inner nodes of the tree of CAs issue no identities
        refused(msp, ca.member("Org1MSP", "x"), "may not issue identities")
    refused(org1.msp, inner.member("Org1MSP", "x"), "no certification path")


def test_a_member_cannot_issue(org1: Organization) -> None:
    from tests.sdk.material import Authority

    certificate, key = org1.ca.issue("member", ["client"])
    rogue = Authority("member", key, certificate)
    refused(org1.msp, rogue.member("Org1MSP", "x"), "no certification path")
    with pytest.raises(MspError, match="CA attribute"):
        Msp(msp_config("Org1MSP", org1.ca, intermediate_certs=[rogue.pem]))


def test_the_path_length_of_a_ca_is_kept(org1: Organization) -> None:
    short = org1.ca.intermediate("short", path_length=0)
    below = short.intermediate("below")
    msp = Msp(msp_config("Org1MSP", org1.ca, intermediate_certs=[short.pem, below.pem]))
    refused(msp, below.member("Org1MSP", "x"), "no certification path")
    assert Msp(msp_config("Org1MSP", org1.ca, intermediate_certs=[short.pem])).validate(
        short.member("Org1MSP", "x").creator
    )


def test_a_certificate_that_began_when_its_ca_had_ended_is_refused(org1: Organization) -> None:
    refused(org1.msp, org1.ca.member("Org1MSP", "x", begin=START + 5000 * DAY), "no certification path")


def test_unknown_critical_extensions_are_refused(org1: Organization) -> None:
    member = org1.ca.member("Org1MSP", "x", critical=x509.ObjectIdentifier("1.2.3.4.5"))
    refused(org1.msp, member, "unknown critical extension")


def test_only_listed_organisational_units_if_there_is_a_list(org1: Organization) -> None:
    unit = FabricOUIdentifier(certificate=org1.ca.pem, organizational_unit_identifier="sales")
    msp = Msp(msp_config("Org1MSP", org1.ca, organizational_unit_identifiers=[unit]))
    assert msp.validate(org1.ca.member("Org1MSP", "x", ["client", "sales"]).creator)
    refused(msp, org1.client, "organisational units")
    stranger = FabricOUIdentifier(certificate=root("other").pem, organizational_unit_identifier="sales")
    with pytest.raises(MspError, match="not one of the MSP's"):
        Msp(msp_config("Org1MSP", org1.ca, organizational_unit_identifiers=[stranger]))


def test_without_node_units_administrators_are_listed(org1: Organization) -> None:
    admin = org1.ca.member("Org1MSP", "boss", [])
    msp = Msp(msp_config("Org1MSP", org1.ca, fabric_node_ous=None, admins=[admin.identity.credentials]))
    boss, other = msp.validate(admin.creator), msp.validate(org1.client.creator)
    assert (boss.role, other.role) == ("admin", None)
    assert msp.satisfies(boss, role_principal("Org1MSP", "admin"))
    assert not msp.satisfies(other, role_principal("Org1MSP", "admin"))
    assert not msp.satisfies(other, role_principal("Org1MSP", "client"))
    with pytest.raises(MspError, match="no administrators"):
        Msp(msp_config("Org1MSP", org1.ca, fabric_node_ous=None))


def test_identity_unit_combined_and_anonymity_principals(org1: Organization, org2: Organization) -> None:
    msp = org1.msp
    peer, client = msp.validate(org1.peer.creator), msp.validate(org1.client.creator)

    def principal(kind: int, content: bytes) -> MSPPrincipal:
        return MSPPrincipal(principal_classification=kind, principal=content)

    exactly = principal(MSPPrincipal.IDENTITY, org1.peer.creator)
    assert (msp.satisfies(peer, exactly), msp.satisfies(client, exactly)) == (True, False)
    unit = OrganizationUnit(
        msp_identifier="Org1MSP", organizational_unit_identifier="peer", certifiers_identifier=peer.path_id
    )
    by_unit = principal(MSPPrincipal.ORGANIZATION_UNIT, unit.SerializeToString())
    assert (msp.satisfies(peer, by_unit), msp.satisfies(client, by_unit)) == (True, False)
    both = CombinedPrincipal(principals=[exactly, by_unit, role_principal("Org1MSP", "peer")])
    combined = principal(MSPPrincipal.COMBINED, both.SerializeToString())
    assert (msp.satisfies(peer, combined), msp.satisfies(client, combined)) == (True, False)
    assert not msp.satisfies(peer, principal(MSPPrincipal.COMBINED, b""))
    nominal = MSPIdentityAnonymity(anonymity_type=MSPIdentityAnonymity.NOMINAL).SerializeToString()
    anonymous = MSPIdentityAnonymity(anonymity_type=MSPIdentityAnonymity.ANONYMOUS).SerializeToString()
    assert msp.satisfies(peer, principal(MSPPrincipal.ANONYMITY, nominal))
    assert not msp.satisfies(peer, principal(MSPPrincipal.ANONYMITY, anonymous))
    assert not msp.satisfies(peer, principal(MSPPrincipal.IDENTITY, org2.peer.creator))
    assert not msp.satisfies(peer, principal(MSPPrincipal.ROLE, b"\xff"))
    assert not msp.satisfies(peer, principal(99, b""))
    unknown_role = MSPRole(msp_identifier="Org1MSP", role=77).SerializeToString()  # type: ignore[arg-type]
    assert not msp.satisfies(peer, principal(MSPPrincipal.ROLE, unknown_role))


def test_a_deeply_nested_principal_is_refused_quickly(org1: Organization) -> None:
    msp = org1.msp
    principal = role_principal("Org1MSP", "member")
    for _ in range(40):
        content = CombinedPrincipal(principals=[principal]).SerializeToString()
        principal = MSPPrincipal(principal_classification=MSPPrincipal.COMBINED, principal=content)
    assert not msp.satisfies(msp.validate(org1.peer.creator), principal)


def test_the_high_s_twin_of_a_certificate_is_the_same_identity(org1: Organization) -> None:
    """Whoever flips the issuer's signature must not get a second identity to sign policies with."""
    certificate = org1.peer.certificate
    r, s = decode_dss_signature(certificate.signature)
    twin_signature = encode_dss_signature(r, CURVE_ORDERS["secp256r1"] - s)
    der = certificate.public_bytes(serialization.Encoding.DER)
    body = (
        certificate.tbs_certificate_bytes
        + der[der.index(certificate.tbs_certificate_bytes) :][
            len(certificate.tbs_certificate_bytes) : -len(certificate.signature) - 3
        ]
    )
    bits = b"\x00" + twin_signature
    body += b"\x03" + bytes([len(bits)]) + bits
    twin = x509.load_der_x509_certificate(b"\x30\x82" + len(body).to_bytes(2, "big") + body)
    msp = org1.msp
    first = msp.validate(org1.peer.creator)
    second = msp.validate(Identity("Org1MSP", pem_of(twin)).serialize())
    assert first.certificate != second.certificate
    assert first.key == second.key


def test_ed25519_only_where_the_channel_allows_it(org1: Organization) -> None:
    member = org1.ca.member("Org1MSP", "x", key=ed25519.Ed25519PrivateKey.generate())
    config = msp_config("Org1MSP", org1.ca)
    identity = Msp(config, ed25519=True).validate(member.creator)
    identity.verify(member.sign(b"message"), b"message")
    refused(Msp(config, ed25519=False), member, "Ed25519")


def test_definitions_that_make_no_sense(org1: Organization) -> None:
    config = msp_config("Org1MSP", org1.ca)
    wrapped = MSPConfig(type=0, config=config.SerializeToString())
    assert Msp.from_config(wrapped).msp_id == Msp.from_config(wrapped.SerializeToString()).msp_id == "Org1MSP"
    with pytest.raises(MspError, match="type 1"):
        Msp.from_config(MSPConfig(type=1))
    for changes, reason in (
        ({"root_certs": []}, "at least one"),
        ({"root_certs": [b"junk"]}, "PEM"),
        ({"name": ""}, "without a name"),
        ({"revocation_list": [b"junk"]}, "revocation list"),
        ({"crypto_config": FabricCryptoConfig(signature_hash_family="SHA3")}, "SHA2"),
        ({"tls_root_certs": [b"junk"]}, "PEM"),
    ):
        with pytest.raises(MspError, match=reason):
            Msp(msp_config("Org1MSP", org1.ca, **changes))


def test_signatures_of_identities(org1: Organization, msps: MspManager) -> None:
    identity = msps.validate(org1.client.creator)
    signature = org1.client.sign(b"message")
    identity.verify(signature, b"message")
    verify_signature(identity.certificate, signature, b"message")
    with pytest.raises(InvalidSignature):
        msps.verify(identity, signature, b"other")


def test_signers_leaves_out_what_does_not_fit_and_counts_each_once(org1: Organization, msps: MspManager) -> None:
    good = (org1.peer.creator, b"m", org1.peer.sign(b"m"))
    wrong = (org1.client.creator, b"m", org1.peer.sign(b"m"))
    unknown = (Identity("Org9MSP", b"x").serialize(), b"m", b"s")
    found = msps.signers([wrong, unknown, good, good])
    assert [i.role for i in found] == ["peer"]


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_hostile_identities_are_one_clear_error(data: bytes) -> None:
    with pytest.raises(MspError):
        MSP.validate(data)
    with pytest.raises(MspError):
        MspManager({"Org1MSP": MSP}).validate(data)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_hostile_definitions_are_one_clear_error(data: bytes) -> None:
    from fabric_sdk.errors import FabricError

    with pytest.raises(FabricError):
        Msp.from_config(data)


def test_an_identity_of_a_megabyte_is_not_even_parsed(org1: Organization) -> None:
    with pytest.raises(MspError, match="too many"):
        org1.msp.validate(Identity("Org1MSP", b"x" * (1 << 20)).serialize())


MSP = Msp(FabricMSPConfig.FromString(msp_config("Org1MSP", root("ca")).SerializeToString()))
