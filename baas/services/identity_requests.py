"""A request for a certificate: the person's own new key, signed with an earlier one where there was one.

The key never leaves the machine that made it. Under the request lies a PKCS#10 (RFC 2986), which proves that its sender
has the new key; `certificate` and `signature` prove, for an invitation or a renewal, that it is the same person.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baas.errors import Text, UserError
from baas.letters import Letter, damaged

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

_CONTEXT = b"citychain identity request 1\n"


@dataclass(frozen=True)
class IdentityRequest:
    """What a request says. `certificate_pem` is the earlier certificate with whose key it is signed, b"" for none."""

    name: str
    msp_id: str
    public_key: EllipticCurvePublicKey = field(repr=False)
    csr_pem: bytes = field(repr=False)
    certificate_pem: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        """The key's fingerprint: SHA-256 of its public half (SubjectPublicKeyInfo), hexadecimal."""
        return key_digest(self.public_key)


def new_key_pem() -> bytes:
    """A new P-256 key, PKCS#8 PEM."""
    from cryptography.hazmat.primitives.asymmetric import ec

    from network.keys import key_to_pem

    return key_to_pem(ec.generate_private_key(ec.SECP256R1()))


def key_digest(public_key: EllipticCurvePublicKey) -> str:
    """SHA-256 of a public key's SubjectPublicKeyInfo, hexadecimal."""
    import hashlib

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def load_key(key_pem: bytes) -> EllipticCurvePrivateKey:
    """A private key as the keystore keeps it; `UserError` for what is none of ours."""
    from network.keys import open_key

    try:
        return open_key(key_pem)
    except (ValueError, TypeError):
        raise damaged() from None


def make_request(
    name: str, msp_id: str, key_pem: bytes, *, signer_certificate: bytes = b"", signer_key: bytes = b""
) -> dict[str, Any]:
    """The content of a request for a certificate of `name`, signed with an earlier certificate's key where there is."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(load_key(key_pem), SHA256())
    body = {"msp_id": msp_id, "csr": csr.public_bytes(Encoding.PEM).decode()}
    if signer_key:
        signature = load_key(signer_key).sign(_CONTEXT + csr.public_bytes(Encoding.DER), ec.ECDSA(SHA256()))
        body |= {"certificate": signer_certificate.decode(), "signature": base64.b64encode(signature).decode()}
    return body


def read_request(letter: Letter) -> IdentityRequest:
    """Read and check a request; `UserError` when it is damaged, or signed by nobody who has the keys."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    try:
        csr = x509.load_pem_x509_csr(letter.text("csr").encode())
        certificate_pem = letter.text("certificate").encode()
        signature = base64.b64decode(letter.text("signature"), validate=True)
        whole = csr.is_signature_valid
        public_key = csr.public_key()
        names = [str(a.value) for a in csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except (ValueError, TypeError, InvalidSignature):
        raise damaged() from None
    if not whole or len(names) != 1:
        raise damaged()
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(public_key.curve, ec.SECP256R1):
        raise UserError(
            Text("申请中的密钥不是 P-256。", "The request's key is no P-256 key."),
            Text("请用城链重新生成申请。", "Make the request anew with CityChain."),
            code="unsupported_key",
        )
    if certificate_pem:
        try:
            signer = x509.load_pem_x509_certificate(certificate_pem).public_key()
            if not isinstance(signer, ec.EllipticCurvePublicKey):
                raise damaged()
            signer.verify(signature, _CONTEXT + csr.public_bytes(Encoding.DER), ec.ECDSA(SHA256()))
        except (ValueError, InvalidSignature):
            raise UserError(
                Text("申请的签名与它出示的证书不符。", "The request is not signed by the certificate that it shows."),
                Text("请让申请人重新生成申请。", "Have the person make the request again."),
                code="request_forged",
            ) from None
    return IdentityRequest(
        names[0], letter.text("msp_id", 100), public_key, csr.public_bytes(Encoding.PEM), certificate_pem
    )


def grant_of(note: str) -> tuple[str, dict[str, str]]:
    """The role word and attributes that an invitation's journal entry keeps."""
    import json

    found: Mapping[str, Any] = json.loads(note)
    return str(found["role"]), {str(k): str(v) for k, v in found.get("attributes", {}).items()}
