"""Membership: which identities an organisation vouches for, and in which role.

The rules are those of Fabric's X.509 MSP from channel capability V1_4_3 on (Fabric documentation, "Membership Service
Providers (MSP)"): certification path, revocation, organisational units, node roles (NodeOUs), low-S signatures.
Expiry is judged only where a moment is given, because a block of last year stays valid after its signers'
certificates expire.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig
from fabric_protos.msp.msp_principal_pb2 import (
    CombinedPrincipal,
    MSPIdentityAnonymity,
    MSPPrincipal,
    MSPRole,
    OrganizationUnit,
)

from fabric_sdk.bounded import BoundedCache
from fabric_sdk.certificates import Certificate, parse_certificate
from fabric_sdk.certification import CertificationTree
from fabric_sdk.errors import DecodeError, InvalidSignature, MspError
from fabric_sdk.signatures import PublicKey, SignatureCache
from fabric_sdk.signatures import verify as _verify
from fabric_sdk.wire import decode

Role = Literal["client", "peer", "admin", "orderer"]
_MAX_SERIALIZED = 64 * 1024
_MAX_REMEMBERED = 8 * 1024
_CACHED_IDENTITIES = 4096
_CACHED_PRINCIPALS = 256
_ROLES: dict[int, Role] = {
    MSPRole.CLIENT: "client",
    MSPRole.PEER: "peer",
    MSPRole.ADMIN: "admin",
    MSPRole.ORDERER: "orderer",
}


@dataclass(frozen=True, eq=False)
class ValidatedIdentity:
    """An identity that its MSP accepted. `role` is its node role, None where the MSP does not tell roles apart."""

    msp_id: str
    parsed: Certificate
    role: Role | None
    is_admin: bool
    path_id: bytes = field(repr=False)
    serialized: bytes = field(repr=False)
    _principals: BoundedCache[tuple[int, bytes], bool] = field(
        repr=False, default_factory=lambda: BoundedCache(_CACHED_PRINCIPALS)
    )

    @property
    def certificate(self) -> x509.Certificate:
        return self.parsed.certificate

    @property
    def ous(self) -> tuple[str, ...]:
        return self.parsed.organizational_units

    @property
    def attributes(self) -> Mapping[str, str]:
        """Fabric CA's attributes of the certificate."""
        return self.parsed.attributes

    @property
    def public_key(self) -> PublicKey:
        return self.parsed.public_key

    @cached_property
    def key(self) -> tuple[str, bytes]:
        """Equal for two spellings of the same certificate; what signatures are counted by."""
        return self.msp_id, self.parsed.canonical

    @cached_property
    def expires(self) -> datetime.datetime:
        return self.parsed.not_after

    def verify(self, signature: bytes, message: bytes, cache: SignatureCache | None = None) -> None:
        """InvalidSignature unless this identity signed `message`."""
        verify_signature(self, signature, message, cache)


def verify_signature(
    signer: ValidatedIdentity | Certificate | x509.Certificate,
    signature: bytes,
    message: bytes,
    cache: SignatureCache | None = None,
) -> None:
    """Check a signature against a certificate: ECDSA over SHA-256, low-S only; InvalidSignature if it does not fit."""
    if isinstance(signer, ValidatedIdentity):
        signer = signer.parsed
    elif isinstance(signer, x509.Certificate):
        signer = Certificate(signer)
    if cache is None:
        _verify(signer.public_key, signature, message)
    else:
        cache.verify(signer.fingerprint, signer.public_key, signature, message)


class Msp:
    """One organisation's membership rules. Thread-safe; what it found out about an identity is cached by its bytes."""

    def __init__(self, config: FabricMSPConfig, *, ed25519: bool = True) -> None:
        if not config.name:
            raise MspError("an MSP definition without a name")
        self.msp_id: str = config.name
        self._ed25519 = ed25519
        hash_family = config.crypto_config.signature_hash_family
        if hash_family not in ("", "SHA2") or config.crypto_config.identity_identifier_hash_function not in (
            "",
            "SHA256",
        ):
            raise MspError(f"MSP {self.msp_id}: only SHA2 with SHA256 is supported")
        self.tree = CertificationTree(config.root_certs, config.intermediate_certs, config.revocation_list)
        self.tls_roots: tuple[bytes, ...] = tuple(config.tls_root_certs)
        self.tls_intermediates: tuple[bytes, ...] = tuple(config.tls_intermediate_certs)
        for pem in (*self.tls_roots, *self.tls_intermediates):
            parse_certificate(pem)
        self._units: dict[str, set[bytes]] = {}
        for unit in config.organizational_unit_identifiers:
            self._units.setdefault(unit.organizational_unit_identifier, set()).add(self._certifiers(unit.certificate))
        self._roles = self._read_node_units(config)
        self._admins = {parse_certificate(pem).canonical for pem in config.admins}
        if not self._admins and "admin" not in self._role_names:
            raise MspError(f"MSP {self.msp_id}: no administrators, and no organisational unit that marks them")
        self._cache: BoundedCache[bytes, ValidatedIdentity | MspError] = BoundedCache(_CACHED_IDENTITIES)

    @classmethod
    def from_config(cls, config: FabricMSPConfig | MSPConfig | bytes, *, ed25519: bool = True) -> Msp:
        """From a definition as channels carry it: `MSPConfig` (message or bytes) or the `FabricMSPConfig` inside."""
        if isinstance(config, bytes):
            config = decode(MSPConfig, config, "MSP definition")
        if isinstance(config, MSPConfig):
            if config.type != 0:
                raise MspError(f"MSP type {config.type} is not supported, only X.509 (0)")
            config = decode(FabricMSPConfig, config.config, "Fabric MSP definition")
        return cls(config, ed25519=ed25519)

    @property
    def node_roles_enabled(self) -> bool:
        """Whether NodeOUs are on: then every identity has exactly one of the roles."""
        return bool(self._roles)

    @property
    def _role_names(self) -> set[Role]:
        return {role for role, _ in self._roles.values()}

    def validate(self, serialized: bytes, at: datetime.datetime | None = None) -> ValidatedIdentity:
        """Accept an identity (`SerializedIdentity` bytes) or raise MspError; with `at`, an expired one is refused."""
        found = self._cache.get(serialized)
        if found is None:
            found = self._examine(serialized)
            if len(serialized) <= _MAX_REMEMBERED or not isinstance(found, MspError):
                # Strangers' bytes must not fill the memory.
                self._cache.put(serialized, found)
        if isinstance(found, MspError):
            raise MspError(str(found))
        if at is not None and at > found.expires:
            raise MspError(f"the certificate of {found.parsed.common_name!r} expired at {found.expires.isoformat()}")
        return found

    def satisfies(self, identity: ValidatedIdentity, principal: MSPPrincipal) -> bool:
        """Whether the identity is what the principal asks for; nobody satisfies a principal that makes no sense."""
        key = (principal.principal_classification, principal.principal)
        answer = identity._principals.get(key)
        if answer is None:
            try:
                answer = identity.msp_id == self.msp_id and self._satisfies(identity, principal, 0)
            except (DecodeError, MspError):
                answer = False
            identity._principals.put(key, answer)
        return answer

    def _examine(self, serialized: bytes) -> ValidatedIdentity | MspError:
        try:
            if len(serialized) > _MAX_SERIALIZED:
                raise MspError(f"{len(serialized)} bytes are too many for an identity")
            message = decode(SerializedIdentity, serialized, "serialized identity")
            if message.mspid != self.msp_id:
                raise MspError(f"expected an identity of MSP {self.msp_id}, got one of {message.mspid!r}")
            certificate = parse_certificate(message.id_bytes)
            if not self._ed25519 and not isinstance(certificate.public_key, ec.EllipticCurvePublicKey):
                raise MspError("the channel's capabilities do not allow Ed25519 keys")
            certificate.check_supported()
            path = self.tree.identity_path(certificate)
            path_id = _path_id(path[1:])
            role = self._role_of(certificate, path_id)
        except (MspError, DecodeError) as e:
            return MspError(str(e))
        is_admin = role == "admin" or certificate.canonical in self._admins
        if is_admin and role is None:
            role = "admin"
        return ValidatedIdentity(self.msp_id, certificate, role, is_admin, path_id, serialized)

    def _role_of(self, certificate: Certificate, path_id: bytes) -> Role | None:
        units = certificate.organizational_units
        if self._units and not any(path_id in self._units.get(unit, ()) for unit in units):
            raise MspError(f"none of the identity's organisational units {list(units)} are in MSP {self.msp_id}")
        if not self._roles:
            return None
        roles: list[Role] = []
        for unit in units:
            marked = self._roles.get(unit)
            if marked is None:
                continue
            role, certifiers = marked
            if certifiers and certifiers != path_id:
                raise MspError(f"organisational unit {unit!r} was given by a CA that may not give it")
            roles.append(role)
        if len(roles) != 1:
            raise MspError(f"the identity must have exactly one node role, it has {len(roles)}: {list(units)}")
        return roles[0]

    def _read_node_units(self, config: FabricMSPConfig) -> dict[str, tuple[Role, bytes]]:
        units = config.fabric_node_ous
        if not config.HasField("fabric_node_ous") or not units.enable:
            return {}
        roles: dict[str, tuple[Role, bytes]] = {}
        names: tuple[tuple[str, Role], ...] = (
            ("client_ou_identifier", "client"),
            ("peer_ou_identifier", "peer"),
            ("admin_ou_identifier", "admin"),
            ("orderer_ou_identifier", "orderer"),
        )
        for name, role in names:
            if not units.HasField(name):
                continue
            unit = getattr(units, name)
            certifiers = self._certifiers(unit.certificate) if unit.certificate else b""
            roles[unit.organizational_unit_identifier] = (role, certifiers)
        return roles

    def _certifiers(self, pem: bytes) -> bytes:
        authority = self.tree.find(parse_certificate(pem))
        if authority is None:
            raise MspError(f"MSP {self.msp_id}: an organisational unit names a CA that is not one of the MSP's")
        return _path_id(self.tree.path(authority))

    def _satisfies(self, identity: ValidatedIdentity, principal: Any, depth: int) -> bool:
        kind = principal.principal_classification
        data = principal.principal
        if kind == MSPPrincipal.ROLE:
            role = decode(MSPRole, data, "role principal")
            return bool(role.msp_identifier == self.msp_id) and self._has_role(identity, role.role)
        if kind == MSPPrincipal.ORGANIZATION_UNIT:
            unit = decode(OrganizationUnit, data, "organisational unit principal")
            return (
                unit.msp_identifier == self.msp_id
                and unit.organizational_unit_identifier in identity.ous
                and unit.certifiers_identifier == identity.path_id
            )
        if kind == MSPPrincipal.IDENTITY:
            return self.validate(data).key == identity.key
        if kind == MSPPrincipal.ANONYMITY:
            anonymity = decode(MSPIdentityAnonymity, data, "anonymity principal")
            return bool(anonymity.anonymity_type == MSPIdentityAnonymity.NOMINAL)
        if kind == MSPPrincipal.COMBINED and depth < 16:
            parts = decode(CombinedPrincipal, data, "combined principal").principals
            return bool(parts) and all(self._satisfies(identity, part, depth + 1) for part in parts)
        return False

    def _has_role(self, identity: ValidatedIdentity, role: int) -> bool:
        if role == MSPRole.MEMBER:
            return True
        if role == MSPRole.ADMIN:
            return identity.is_admin
        if not self._roles:
            return False
        wanted = _ROLES.get(role)
        return wanted is not None and any(
            self._roles[unit][0] == wanted for unit in identity.ous if unit in self._roles
        )


class MspManager:
    """The MSPs of one channel, asked by the MSP id that an identity states; owns the channel's signature cache."""

    def __init__(self, msps: Mapping[str, Msp], signatures: SignatureCache | None = None) -> None:
        self.msps: dict[str, Msp] = dict(msps)
        self.signatures = signatures or SignatureCache()
        self._cache: BoundedCache[bytes, ValidatedIdentity] = BoundedCache(_CACHED_IDENTITIES)

    def validate(self, serialized: bytes, at: datetime.datetime | None = None) -> ValidatedIdentity:
        """As `Msp.validate`, by the MSP that the identity names; MspError if the channel does not know it."""
        known = self._cache.get(serialized)
        if known is not None and at is None:
            return known
        if len(serialized) > _MAX_SERIALIZED:
            raise MspError(f"{len(serialized)} bytes are too many for an identity")
        try:
            msp_id = decode(SerializedIdentity, serialized, "serialized identity").mspid
        except DecodeError as e:
            raise MspError(str(e)) from e
        msp = self.msps.get(msp_id)
        if msp is None:
            raise MspError(f"MSP {msp_id!r} is not defined on the channel")
        identity = msp.validate(serialized, at)
        self._cache.put(serialized, identity)
        return identity

    def satisfies(self, identity: ValidatedIdentity, principal: MSPPrincipal) -> bool:
        msp = self.msps.get(identity.msp_id)
        return msp is not None and msp.satisfies(identity, principal)

    def verify(self, identity: ValidatedIdentity, signature: bytes, message: bytes) -> None:
        """InvalidSignature unless `identity` signed `message`; each signature is checked once only."""
        verify_signature(identity, signature, message, self.signatures)

    def signers(self, signed: Iterable[tuple[bytes, bytes, bytes]]) -> list[ValidatedIdentity]:
        """The distinct valid identities among (identity, message, signature) triples whose signatures fit.

        Whatever does not fit is left out, as Fabric does before it evaluates a policy.
        """
        found: dict[tuple[str, bytes], ValidatedIdentity] = {}
        for serialized, message, signature in signed:
            try:
                identity = self.validate(serialized)
                if identity.key not in found:
                    self.verify(identity, signature, message)
                    found[identity.key] = identity
            except (MspError, InvalidSignature):
                continue
        return list(found.values())


def _path_id(path: Iterable[Certificate]) -> bytes:
    """Fabric's certifiers identifier: SHA-256 over the DER of the CAs from issuer to root."""
    digest = sha256()
    for certificate in path:
        digest.update(certificate.der)
    return digest.digest()
