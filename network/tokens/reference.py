"""What a vault keeps in place of a key that is in a token: where the key is, and its public half.

It stands in PEM armour of its own, so that it can lie wherever a key's PEM lies, and so that nothing that reads keys
from elsewhere (letters, PKCS#12 files, MSP folders) takes one: an address names a library, and that is loaded.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from network.tokens.address import TokenAddress

_BEGIN = b"-----BEGIN CITYCHAIN TOKEN KEY-----\n"
_END = b"-----END CITYCHAIN TOKEN KEY-----\n"


@dataclass(frozen=True)
class KeyReference:
    """A key in a token."""

    address: TokenAddress
    public: ec.EllipticCurvePublicKey

    def to_pem(self) -> bytes:
        """As it is kept."""
        der = self.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        body = {"address": str(self.address), "public": base64.b64encode(der).decode()}
        return _BEGIN + base64.encodebytes(json.dumps(body).encode()) + _END

    @classmethod
    def from_pem(cls, pem: bytes) -> KeyReference:
        """Read one again; ValueError for anything else."""
        if not is_reference(pem):
            raise ValueError("no reference to a token's key")
        try:
            body = json.loads(base64.b64decode(pem.strip().removeprefix(_BEGIN).removesuffix(_END.strip())))
            public = serialization.load_der_public_key(base64.b64decode(body["public"], validate=True))
            address = TokenAddress.parse(str(body["address"]))
        except (KeyError, TypeError) as e:
            raise ValueError("a damaged reference to a token's key") from e
        if not isinstance(public, ec.EllipticCurvePublicKey) or not address.key_id:
            raise ValueError("a damaged reference to a token's key")
        return cls(address, public)


def is_reference(pem: bytes) -> bool:
    """Whether this stands for a key in a token."""
    return pem.lstrip().startswith(_BEGIN.strip())


def place_of(pem: bytes) -> str:
    """Where a kept key lives: its token's address, "" for a key that is kept itself."""
    return KeyReference.from_pem(pem).address.shown if is_reference(pem) else ""
