"""The parts of a PAdES signature that pyHanko is given: the seal as signer, who stamps, and whom to trust."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from apps.copyright import timestamps
from apps.copyright.seal import OfficeSeal
from apps.copyright.stamps import Authority
from fabric_sdk import clock


def _certificate(pem: bytes) -> Any:
    from asn1crypto import pem as armour
    from asn1crypto import x509

    return x509.Certificate.load(armour.unarmor(pem)[2])


def _key(key: Any) -> Any:
    from asn1crypto import keys

    return keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _store(*pems: bytes) -> Any:
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    for pem in pems:
        store.register(_certificate(pem))
    return store


def signer(office: OfficeSeal) -> Any:
    """The registrar's seal as pyHanko's signer, with the root beside it; the key may be in a token."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
    from pyhanko.sign.signers import Signer

    hashes = {one.name: one for one in (SHA256(), SHA384(), SHA512())}

    class Seal(Signer):  # type: ignore[misc]
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return bytes(72) if dry_run else office.key.sign(data, ec.ECDSA(hashes[digest_algorithm]))

    return Seal(
        signing_cert=_certificate(office.certificate_pem),
        cert_registry=_store(office.issuer_pem),
        embed_roots=True,
    )


def own_stamper(office: OfficeSeal) -> Any:
    """The office's own stamp (pyHanko calls a stamper that needs no server a dummy)."""
    from pyhanko.sign.timestamps import DummyTimeStamper

    return DummyTimeStamper(
        _certificate(office.stamp.certificate_pem),
        _key(office.stamp.key),
        certs_to_embed=_store(office.stamp.certificate_pem, office.issuer_pem),
        fixed_dt=clock.now(),
    )


def stamper(authority: Authority) -> Any:
    """The authority in the settings, asked by the same bounded client as for blocks."""
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Asked(TimeStamper):  # type: ignore[misc]
        async def async_request_tsa_response(self, req: Any) -> Any:
            return tsp.TimeStampResp.load(timestamps.post(authority.url, req.dump()))

    return Asked()


def trust(office: OfficeSeal, authority: Authority) -> Any:
    """What the validation data in the file is made for: the seal root and the authority's roots."""
    from pyhanko_certvalidator import ValidationContext

    roots = [_certificate(office.issuer_pem), *(_certificate(pem) for pem in authority.pems)]
    return ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
