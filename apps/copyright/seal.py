"""The office's electronic seals: a root of the office's own, and a seal for each registrar under it.

Fabric's enrolment certificates may sign transactions only, and under the MSP's root stand creators too: a PDF signed
below it would say nothing of the office. The seal root (20 years) stands on the channel card and is needed only when a
seal is made; `take_out` and `put_back` keep its key off line in between. A registrar's seal (three years) names the
office and the officer. The root also certifies the office's own time-stamp, which stands in while no authority is
named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import Conflict, NotFound, PermissionDenied, Text, UserError
from fabric_sdk import clock
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from apps.copyright.service import CopyrightService

ROOT_DAYS = 20 * 365
SEAL_DAYS = 3 * 365
RENEW_DAYS = 30
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
"""id-kp-documentSigning, RFC 9336."""


@dataclass(frozen=True)
class Sealed:
    """A private key with its certificate (PEM)."""

    key: Any
    certificate_pem: bytes

    def __repr__(self) -> str:
        return "Sealed()"


@dataclass(frozen=True)
class OfficeSeal:
    """A registrar's seal: the office, the officer, key and certificate, the root above it, the office's own stamp."""

    name: str
    officer: str
    key: EllipticCurvePrivateKey
    certificate_pem: bytes
    issuer_pem: bytes
    stamp: Sealed

    def __repr__(self) -> str:
        return f"OfficeSeal({self.name!r}, {self.officer!r})"


class SealStore:
    """The seals of one network's office in this workspace: keys in the keystore, certificates in `seals/`."""

    def __init__(self, service: CopyrightService) -> None:
        self._platform, self._network = service.platform, service.network
        self._office = service.ledger.cast.office

    def path(self, what: str) -> Path:
        """The certificate's file."""
        return self._platform.workspace.path("seals", f"{self._network}-{what}.pem")

    def get(self, what: str, left: timedelta = timedelta(0)) -> Sealed | None:
        """A key and its certificate, None if either is missing or it ends within `left`."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key: Any = load_pem_private_key(self._platform.keystore.get(self._vault(what)), None)
            pem = self.path(what).read_bytes()
        except (NotFound, FileNotFoundError):
            return None
        ends = x509.load_pem_x509_certificate(pem).not_valid_after_utc
        return Sealed(key, pem) if ends - clock.now() > left else None

    def put(self, what: str, made: Sealed) -> Sealed:
        """Keep a key and its certificate."""
        self._platform.keystore.put(self._vault(what), _pem(made.key))
        path = self.path(what)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(made.certificate_pem)
        replace_file(temporary, path)
        return made

    def forget_key(self, what: str) -> None:
        """Remove a key from the keystore; its certificate stays."""
        self._platform.keystore.remove(self._vault(what))

    def root(self, name: str) -> Sealed:
        """The root, made by an administrator of the office when it is first needed.

        `PermissionDenied` where there is none and the actor may not make it, `NotFound` when its key is off line.
        """
        found = self.get("root")
        if found is not None:
            return found
        if self.path("root").is_file():
            raise NotFound(
                Text("登记机构的印章根密钥不在本机（离线保管）。", "The office's seal root key is off line."),
                Text(
                    "请先放回：citychain copyright seal --put-back 文件",
                    "Put it back: citychain copyright seal --put-back FILE",
                ),
                code="seal_root_off_line",
            )
        if not self._platform.session.allows("identity.issue", self._office):
            raise PermissionDenied(
                Text("登记机构还没有电子印章。", "The registration office has no electronic seal yet."),
                Text(
                    "请由平台管理员或该机构的管理员运行一次：citychain copyright seal",
                    "Let the platform's or the office's administrator run once: citychain copyright seal",
                ),
                code="no_office_seal",
            )
        return self.put("root", make_root(f"{name} 电子印章根"[:64], self._office))

    def _vault(self, what: str) -> str:
        return f"{self._network}/{self._office}/seal-{what}"


def office_seal(service: CopyrightService) -> OfficeSeal:
    """The seal of whoever acts as registrar, made when it is first needed or about to end and the root is at hand."""
    store = SealStore(service)
    name = str(service.ledger.evaluate("auditor", "ReadSettings")["office_name"])
    officer = service.ledger.label("registrar").partition("/")[2]
    own = store.get(officer, timedelta(days=RENEW_DAYS)) or (
        store.get(officer) if store.path("root").is_file() and store.get("root") is None else None
    )
    stamp = store.get("stamp")
    if own is None or stamp is None:
        root = store.root(name)
        if own is None:
            own = store.put(officer, issue(name, officer, root))
        if stamp is None:
            stamp = store.put("stamp", issue_stamp(name, root))
    root_pem = store.path("root").read_bytes()
    return OfficeSeal(name, officer, own.key, own.certificate_pem, root_pem, stamp)


def take_out(service: CopyrightService, target: Path, passphrase: bytes) -> None:
    """Write the root's key to a file under a passphrase and remove it from the keystore: off line until put back."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    service.platform.session.require("identity.issue", service.ledger.cast.office)
    store = SealStore(service)
    root = store.root(str(service.ledger.evaluate("auditor", "ReadSettings")["office_name"]))
    if len(passphrase) < 8:
        raise UserError(Text("口令至少 8 个字符。", "A passphrase has at least 8 characters."))
    if target.exists():
        raise Conflict(Text("{p} 已经存在。", "{p} exists already.", p=target.name))
    office_seal(service)  # so that the officer can go on while the root is away
    from network.vault import write_private

    write_private(
        target, root.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    )
    store.forget_key("root")


def put_back(service: CopyrightService, source: Path, passphrase: bytes) -> None:
    """Take the root's key in again from `take_out`'s file; `UserError` for another key or passphrase."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    service.platform.session.require("identity.issue", service.ledger.cast.office)
    store = SealStore(service)
    try:
        key: Any = load_pem_private_key(source.read_bytes(), passphrase)
        pem = store.path("root").read_bytes()
        fits = key.public_key() == x509.load_pem_x509_certificate(pem).public_key()
    except (OSError, ValueError, TypeError):
        fits = False
    if not fits:
        raise UserError(
            Text(
                "文件不是这个印章根的密钥，或口令不对。",
                "The file is not this seal root's key, or the passphrase is wrong.",
            )
        )
    store.put("root", Sealed(key, pem))


def describe(service: CopyrightService) -> dict[str, Any]:
    """The root and the acting registrar's seal, for showing; an administrator's first look makes them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    found = office_seal(service)
    root, own = (x509.load_pem_x509_certificate(pem) for pem in (found.issuer_pem, found.certificate_pem))
    return {
        "office": found.name,
        "root_sha256": root.fingerprint(hashes.SHA256()).hex(),
        "root_until": root.not_valid_after_utc.isoformat(),
        "root_key_here": SealStore(service).get("root") is not None,
        "officer": found.officer,
        "seal_until": own.not_valid_after_utc.isoformat(),
    }


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_root(name: str, organization: str) -> Sealed:
    """A seal root: self-signed, for certificates only."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, organization)
    builder = _builder(subject, subject, key, ROOT_DAYS)
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return _signed(builder.add_extension(usage, critical=True), key, key, x509.BasicConstraints(True, 0))


def issue(name: str, officer: str, root: Sealed) -> Sealed:
    """A registrar's seal under the root: the office as organisation, the officer as common name."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    above = x509.load_pem_x509_certificate(root.certificate_pem)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(officer, name), above.subject, key, SEAL_DAYS, above=above)
    extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier(DOCUMENT_SIGNING)])
    builder = builder.add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
    builder = builder.add_extension(extended, critical=False)
    return _signed(builder, key, root.key, x509.BasicConstraints(False, None))


def issue_stamp(name: str, root: Sealed) -> Sealed:
    """The office's own time-stamp under the root: it says what the office's clock says, no more.

    RSA, because pyHanko's stamper without a server knows nothing else.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID

    above = x509.load_pem_x509_certificate(root.certificate_pem)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    builder = _builder(_name(f"{name} 自有时间戳"[:64], name), above.subject, key, SEAL_DAYS, above=above)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return _signed(builder, key, root.key, x509.BasicConstraints(False, None))


def _name(common: str, organization: str) -> x509.Name:
    from cryptography import x509

    attributes = ((x509.NameOID.COMMON_NAME, common), (x509.NameOID.ORGANIZATION_NAME, organization))
    return x509.Name([x509.NameAttribute(kind, value[:64]) for kind, value in attributes])


def _usage(**wanted: bool) -> x509.KeyUsage:
    from cryptography import x509

    names = "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
    names += " key_cert_sign crl_sign encipher_only decipher_only"
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names.split()})


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey | RSAPrivateKey,
    days: int,
    *,
    above: x509.Certificate | None = None,
) -> x509.CertificateBuilder:
    from cryptography import x509

    begins = clock.now() - timedelta(minutes=5)
    ends = begins + timedelta(days=days)
    if above is not None:
        begins, ends = max(begins, above.not_valid_before_utc), min(ends, above.not_valid_after_utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _signed(
    builder: x509.CertificateBuilder,
    key: EllipticCurvePrivateKey | RSAPrivateKey,
    issuer: EllipticCurvePrivateKey,
    constraints: x509.BasicConstraints,
) -> Sealed:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = (
        builder.add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .sign(issuer, hashes.SHA256())
    )
    return Sealed(key, certificate.public_bytes(Encoding.PEM))
