"""A small certificate authority for the SDK's tests: Fabric-like certificates with every fault that is asked for."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, FabricNodeOUs, FabricOUIdentifier

from fabric_sdk.certificates import ATTRIBUTES_OID
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.msp import Msp

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass
class Authority:
    """A CA: issues members and intermediate CAs."""

    name: str
    key: Key
    certificate: x509.Certificate
    revoked: list[int] = field(default_factory=list)

    @property
    def pem(self) -> bytes:
        return pem_of(self.certificate)

    def issue(
        self,
        name: str,
        units: Sequence[str] = (),
        *,
        ca: bool = False,
        path_length: int | None = None,
        attributes: dict[str, str] | None = None,
        days: int = 365,
        begin: datetime.datetime = START,
        key: Key | None = None,
        critical: x509.ObjectIdentifier | None = None,
    ) -> tuple[x509.Certificate, Key]:
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        subject += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(subject))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + days * DAY)
            .add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if attributes is not None:
            content = json.dumps({"attrs": attributes}).encode()
            builder = builder.add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, content), critical=False)
        if critical is not None:
            builder = builder.add_extension(x509.UnrecognizedExtension(critical, b"\x05\x00"), critical=True)
        return builder.sign(self.key, algorithm_for(self.key)), key

    def member(self, msp_id: str, name: str, units: Sequence[str] = ("client",), **options: object) -> SigningIdentity:
        certificate, key = self.issue(name, units, **options)  # type: ignore[arg-type]
        return SigningIdentity.from_key(msp_id, pem_of(certificate), key)

    def intermediate(self, name: str, **options: object) -> Authority:
        certificate, key = self.issue(name, ca=True, days=3650, **options)  # type: ignore[arg-type]
        return Authority(name, key, certificate)

    def revocation_list(self, *serials: int, key: Key | None = None) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(START)
            .next_update(START + 30 * DAY)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(START).build()
            builder = builder.add_revoked_certificate(entry)
        signed = builder.sign(key or self.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)


def root(name: str, *, days: int = 3650, key: Key | None = None) -> Authority:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - DAY)
        .not_valid_after(START + days * DAY)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, algorithm_for(key))
    )
    return Authority(name, key, certificate)


def algorithm_for(key: Key) -> hashes.SHA256 | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: Key, password: bytes | None = None) -> bytes:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def msp_config(msp_id: str, ca: Authority, **changes: object) -> FabricMSPConfig:
    """A definition with NodeOUs for the four roles; `changes` replace fields."""
    units = {
        f"{role}_ou_identifier": FabricOUIdentifier(organizational_unit_identifier=role)
        for role in ("client", "peer", "admin", "orderer")
    }
    config = FabricMSPConfig(
        name=msp_id, root_certs=[ca.pem], fabric_node_ous=FabricNodeOUs(enable=True, **units), tls_root_certs=[ca.pem]
    )
    for name, value in changes.items():
        config.ClearField(name)
        if value is not None:
            config.MergeFrom(FabricMSPConfig(**{name: value}))
    return config


@dataclass
class Organization:
    """An organisation with one member of each role."""

    msp_id: str
    ca: Authority
    peer: SigningIdentity
    client: SigningIdentity
    admin: SigningIdentity
    orderer: SigningIdentity

    @property
    def msp(self) -> Msp:
        return Msp(msp_config(self.msp_id, self.ca))


def organization(msp_id: str) -> Organization:
    ca = root(f"ca.{msp_id}")
    members = {role: ca.member(msp_id, f"{role}0.{msp_id}", [role]) for role in ("peer", "client", "admin", "orderer")}
    return Organization(msp_id, ca, **members)
