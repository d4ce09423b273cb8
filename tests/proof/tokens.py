"""Time-stamp tokens by an authority of the test's own, also such as no lawful authority would make."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from fabric_sdk import clock
from tests.apps.copyright.tsa import certificate

STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
_KEYS: list[rsa.RSAPrivateKey] = []


def _key(number: int) -> rsa.RSAPrivateKey:
    while len(_KEYS) <= number:
        _KEYS.append(rsa.generate_private_key(65537, 2048))
    return _KEYS[number]


def made_token(
    digest: bytes,
    *,
    nonce: int | None = None,
    at: dt.datetime | None = None,
    usages: tuple[x509.ObjectIdentifier, ...] = STAMPING,
    critical: bool = True,
    days: tuple[int, int] = (-30, 365),
    self_signed: bool = False,
    names_signer: bool = True,
    content: str = "tst_info",
) -> bytes:
    """A token over a SHA-256 digest. `days` are the signer's validity, counted from now."""
    from asn1crypto import algos, cms, core, tsp
    from asn1crypto import x509 as asn1

    root = certificate("Made root", _key(0))
    issuer = None if self_signed else (root, _key(0))
    made = certificate("Made stamps", _key(1), issuer, usages=usages, critical=critical, days=days)
    own: Any = asn1.Certificate.load(made.public_bytes(serialization.Encoding.DER))
    fields: dict[str, Any] = {
        "version": "v1",
        "policy": "1.2.3.4",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
        "serial_number": 7,
        "gen_time": (at or clock.now()).replace(microsecond=0),
    }
    if nonce is not None:
        fields["nonce"] = nonce
    info = tsp.TSTInfo(fields)
    attributes = [
        cms.CMSAttribute({"type": "content_type", "values": [content]}),
        cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info.dump()).digest()]}),
    ]
    if names_signer:
        named = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(own.dump()).digest()}]})
        attributes.append(cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]}))
    signed_attributes = cms.CMSAttributes(attributes)
    signature = _key(1).sign(signed_attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number}),
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": signed_attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            "signature": signature,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {"content_type": content, "content": core.ParsableOctetString(info.dump())},
            "certificates": [own],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def made_root() -> bytes:
    """The root (PEM) under which `made_token` makes its signers; its certificate is new each time, its key is not."""
    return certificate("Made root", _key(0)).public_bytes(serialization.Encoding.PEM)
