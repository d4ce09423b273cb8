"""Who signs: an organisation's identity, with or without the means to sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fabric_protos.msp.identities_pb2 import SerializedIdentity

from fabric_sdk.certificates import UNREADABLE
from fabric_sdk.errors import DecodeError, FabricError, MspError
from fabric_sdk.signatures import PrivateKey, Signer, private_key_signer
from fabric_sdk.wire import decode, encode

__all__ = ["Identity", "Signer", "SigningIdentity", "load_msp_folder", "private_key_signer", "read_msp_pair"]

_MAX_PEM_FILE = 1 << 20
_MAX_PEM_FILES = 64


@dataclass(frozen=True)
class Identity:
    """A member of an organisation: MSP id and credentials (for X.509 MSPs a certificate in PEM)."""

    msp_id: str
    credentials: bytes

    @cached_property
    def serialized(self) -> bytes:
        return encode(SerializedIdentity(mspid=self.msp_id, id_bytes=self.credentials))

    def serialize(self) -> bytes:
        """The `msp.SerializedIdentity` bytes that Fabric calls the creator."""
        return self.serialized

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The X.509 certificate; MspError if the credentials are none."""
        try:
            return x509.load_pem_x509_certificate(self.credentials)
        except UNREADABLE as e:
            raise MspError("the credentials are not a certificate in PEM form") from e

    @classmethod
    def deserialize(cls, serialized: bytes) -> Identity:
        """Read `msp.SerializedIdentity` bytes; DecodeError if they are not."""
        message = decode(SerializedIdentity, serialized, "serialized identity")
        if not message.mspid:
            raise DecodeError("a serialized identity without an MSP id")
        return cls(message.mspid, message.id_bytes)


@dataclass(frozen=True)
class SigningIdentity:
    """An identity together with a signer: a function from digest to signature, wherever the key may live.

    `hash_message` is False for keys that sign the message itself (Ed25519).
    """

    identity: Identity
    signer: Signer = field(repr=False, compare=False)
    hash_message: bool = True

    @property
    def msp_id(self) -> str:
        return self.identity.msp_id

    @cached_property
    def creator(self) -> bytes:
        return self.identity.serialize()

    @property
    def certificate(self) -> x509.Certificate:
        return self.identity.certificate

    def digest(self, message: bytes) -> bytes:
        """What the signer is given for `message`."""
        return sha256(message).digest() if self.hash_message else message

    def sign(self, message: bytes) -> bytes:
        """Sign a message: DER ECDSA over its SHA-256, low-S (or Ed25519 over itself)."""
        return self.signer(sha256(message).digest() if self.hash_message else message)

    @classmethod
    def from_key(cls, msp_id: str, certificate_pem: bytes, key: PrivateKey) -> SigningIdentity:
        """From a certificate and its private key; MspError if the two do not belong together."""
        identity = Identity(msp_id, certificate_pem)
        if identity.certificate.public_key() != key.public_key():
            raise MspError("the private key does not belong to the certificate")
        return cls(identity, private_key_signer(key), not isinstance(key, ed25519.Ed25519PrivateKey))

    @classmethod
    def from_pem(
        cls, msp_id: str, certificate_pem: bytes, key_pem: bytes, password: bytes | None = None
    ) -> SigningIdentity:
        """From PEM bytes; errors never contain the key."""
        return cls.from_key(msp_id, certificate_pem, _load_key(key_pem, password))


def load_msp_folder(path: Path, msp_id: str) -> SigningIdentity:
    """Read an MSP folder as `cryptogen` and Fabric CA write it: `signcerts/*` and the key in `keystore/*` that fits."""
    return read_msp_pair(path, msp_id)[0]


def read_msp_pair(path: Path, msp_id: str) -> tuple[SigningIdentity, PrivateKey]:
    """Like `load_msp_folder`, with the private key itself, for whoever keeps it elsewhere."""
    certificates = _read_files(path / "signcerts")
    keys = _read_files(path / "keystore")
    if not certificates:
        raise MspError(f"no certificate in {path / 'signcerts'}")
    if not keys:
        raise MspError(f"no private key in {path / 'keystore'}")
    reasons: dict[str, str] = {}
    for certificate_name, certificate in certificates.items():
        for key_name, pem in keys.items():
            try:
                key = _load_key(pem)
                return SigningIdentity.from_key(msp_id, certificate, key), key
            except FabricError as e:
                reasons[f"{certificate_name} + {key_name}"] = str(e)
    raise MspError(f"no certificate in {path} has a private key that fits: {reasons}")


def _load_key(pem: bytes, password: bytes | None = None) -> PrivateKey:
    try:
        key = load_pem_private_key(pem, password)
    except (*UNREADABLE, TypeError) as e:
        raise MspError("the private key cannot be read: wrong form, or wrong or missing password") from e
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise MspError("Fabric identities have ECDSA (or Ed25519) keys")
    return key


def _read_files(folder: Path) -> Mapping[str, bytes]:
    if not folder.is_dir():
        return {}
    found: dict[str, bytes] = {}
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.stat().st_size <= _MAX_PEM_FILE:
            if len(found) == _MAX_PEM_FILES:
                raise MspError(f"more than {_MAX_PEM_FILES} files in {folder}")
            found[file.name] = file.read_bytes()
    return found
