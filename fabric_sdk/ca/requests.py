"""Keys, certificate requests and authorisation tokens as a Fabric CA wants them."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fabric_sdk.identity import SigningIdentity


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key as unencrypted PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate_request(enrollment_id: str, key: ec.EllipticCurvePrivateKey, hosts: Sequence[str] = ()) -> str:
    """Return a PKCS #10 request (PEM). The CA itself sets organisational units and attributes."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, enrollment_id)])
    builder = x509.CertificateSigningRequestBuilder(subject)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def token(identity: SigningIdentity, method: str, uri: str, body: bytes) -> str:
    """Return the `Authorization` header of a call made with an enrolment certificate.

    Two parts with a dot between: the certificate (PEM) and the signature over method, URI (path and query), body and
    certificate, each but the method in base64, joined by dots. Source: Fabric CA's documentation of its REST API.
    """
    certificate = _b64(identity.identity.credentials)
    signed = f"{method}.{_b64(uri.encode())}.{_b64(body)}.{certificate}"
    return f"{certificate}.{_b64(identity.sign(signed.encode()))}"


def basic(enrollment_id: str, secret: str) -> str:
    """Return the `Authorization` header of an enrolment."""
    return f"Basic {_b64(f'{enrollment_id}:{secret}'.encode())}"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
