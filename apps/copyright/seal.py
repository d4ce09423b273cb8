"""The office's electronic seal: a key of its own with a certificate for signing documents, by the office's CA.

Fabric's enrolment certificates may sign transactions only (digitalSignature, no extended usage). Validators of
PDF signatures ask for non-repudiation and C2PA asks for an extended usage, so certificates and Content Credentials are
signed with this seal. Its key lies in the keystore, its certificate in the workspace; it is renewed before it expires.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from baas.errors import NotFound, PermissionDenied, Text, UserError
from fabric_sdk import clock
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from apps.copyright.service import CopyrightService

DAYS = 1095
RENEW_DAYS = 30
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
"""id-kp-documentSigning, RFC 9336."""


@dataclass(frozen=True)
class OfficeSeal:
    """The seal: whose it is, its private key, its certificate and its issuer's (PEM)."""

    name: str
    key: EllipticCurvePrivateKey
    certificate_pem: bytes
    issuer_pem: bytes

    def __repr__(self) -> str:
        return f"OfficeSeal({self.name!r})"


def office_seal(service: CopyrightService) -> OfficeSeal:
    """The seal of the network's office, made when it is first needed by somebody who may issue its certificates."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    platform, office = service.platform, service.ledger.cast.office
    name = str(service.ledger.evaluate("auditor", "ReadSettings")["office_name"])
    issuer_pem = platform.networks.handle(service.network).authority(office).ca_certificate_pem
    vault = f"{service.network}/{office}/copyright-seal"
    path = platform.workspace.path("copyright", f"{service.network}-seal.pem")
    try:
        key: Any = load_pem_private_key(platform.keystore.get(vault), None)
        certificate_pem = path.read_bytes()
        left = x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc - clock.now()
        # whoever may not renew it goes on with the one there is until it ends
        wanted = timedelta(days=RENEW_DAYS) if platform.session.allows("identity.issue", office) else timedelta(0)
        if left > wanted:
            return OfficeSeal(name, key, certificate_pem, issuer_pem)
    except (NotFound, FileNotFoundError):
        pass
    if not platform.session.allows("identity.issue", office):
        raise PermissionDenied(
            Text("登记机构还没有有效的电子印章。", "The registration office has no valid electronic seal."),
            Text(
                "请由平台管理员或该机构的管理员签发一次证书，印章随之生成；以后登记员可自行签发。",
                "Let the platform's or the office's administrator issue one certificate: that makes the seal, and "
                "registrars can issue from then on.",
            ),
            code="no_office_seal",
        )
    issuer_key: Any = load_pem_private_key(platform.keystore.get(f"{service.network}/{office}/ca"), None)
    key, certificate_pem = issue(name, office, issuer_pem, issuer_key)
    platform.keystore.put(vault, _pem(key))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(certificate_pem)
    replace_file(temporary, path)
    return OfficeSeal(name, key, certificate_pem, issuer_pem)


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(
    name: str, organization: str, issuer_pem: bytes, issuer_key: EllipticCurvePrivateKey
) -> tuple[EllipticCurvePrivateKey, bytes]:
    """A fresh key and its document-signing certificate (PEM)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise UserError(Text("登记机构的 CA 密钥不是椭圆曲线密钥。", "The office's CA key is no EC key."))
    issuer = x509.load_pem_x509_certificate(issuer_pem)
    key = ec.generate_private_key(ec.SECP256R1())
    now = clock.now()
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier(DOCUMENT_SIGNING)])
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64]),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organization),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - timedelta(minutes=5), issuer.not_valid_before_utc))
        .not_valid_after(min(now + timedelta(days=DAYS), issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(extended, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return key, certificate.public_bytes(Encoding.PEM)
