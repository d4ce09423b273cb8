from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_sdk.errors import DecodeError, MspError
from fabric_sdk.identity import Identity, SigningIdentity, load_msp_folder
from fabric_sdk.signatures import verify
from tests.sdk.material import Organization, key_pem, pem_of


@given(st.text(min_size=1, max_size=40).filter(str.isprintable), st.binary(max_size=300))
@settings(deadline=None)
def test_serialized_identities_come_back(msp_id: str, credentials: bytes) -> None:
    identity = Identity(msp_id, credentials)
    assert Identity.deserialize(identity.serialize()) == identity


@pytest.mark.parametrize("junk", [b"", b"\xff\xff", b"\x12\x03abc", b"\x0a\x02\xff\xfe"])
def test_other_bytes_are_no_identity(junk: bytes) -> None:
    with pytest.raises(DecodeError):
        Identity.deserialize(junk)


def test_a_signing_identity_signs_with_its_certificates_key(org1: Organization) -> None:
    certificate, key = org1.ca.issue("someone", ["client"])
    identity = SigningIdentity.from_pem("Org1MSP", pem_of(certificate), key_pem(key))
    verify(certificate.public_key(), identity.sign(b"message"), b"message")
    assert identity.creator == Identity("Org1MSP", pem_of(certificate)).serialize()
    assert "signer" not in repr(identity)


def test_ed25519_identities_sign_the_message(org1: Organization) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    certificate, _ = org1.ca.issue("someone", ["client"], key=key)
    identity = SigningIdentity.from_pem("Org1MSP", pem_of(certificate), key_pem(key))
    verify(certificate.public_key(), identity.sign(b"message"), b"message")


def test_encrypted_keys_need_their_password(org1: Organization) -> None:
    certificate, key = org1.ca.issue("someone", ["client"])
    secret = key_pem(key, b"password")
    assert SigningIdentity.from_pem("Org1MSP", pem_of(certificate), secret, b"password")
    for password in (None, b"wrong"):
        with pytest.raises(MspError) as error:
            SigningIdentity.from_pem("Org1MSP", pem_of(certificate), secret, password)
        assert "PRIVATE" not in str(error.value)


def test_a_key_of_somebody_else_is_refused(org1: Organization) -> None:
    certificate, _ = org1.ca.issue("someone", ["client"])
    with pytest.raises(MspError, match="does not belong"):
        SigningIdentity.from_pem("Org1MSP", pem_of(certificate), key_pem(ec.generate_private_key(ec.SECP256R1())))


def test_an_rsa_key_is_refused(org1: Organization) -> None:
    certificate, _ = org1.ca.issue("someone", ["client"])
    key = rsa.generate_private_key(65537, 2048)
    with pytest.raises(MspError, match="ECDSA"):
        SigningIdentity.from_pem("Org1MSP", pem_of(certificate), key_pem(key))  # type: ignore[arg-type]


def test_an_msp_folder_is_read_and_the_fitting_key_found(org1: Organization, tmp_path: Path) -> None:
    certificate, key = org1.ca.issue("someone", ["client"])
    for folder in ("signcerts", "keystore"):
        (tmp_path / folder).mkdir()
    with pytest.raises(MspError, match="no certificate"):
        load_msp_folder(tmp_path, "Org1MSP")
    (tmp_path / "signcerts" / "cert.pem").write_bytes(pem_of(certificate))
    with pytest.raises(MspError, match="no private key"):
        load_msp_folder(tmp_path, "Org1MSP")
    (tmp_path / "keystore" / "a_sk").write_bytes(key_pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(MspError, match="fits"):
        load_msp_folder(tmp_path, "Org1MSP")
    (tmp_path / "keystore" / "b_sk").write_bytes(key_pem(key))
    assert load_msp_folder(tmp_path, "Org1MSP").certificate == certificate
