"""A private key in a token, as `cryptography` knows private keys: it signs, and cannot be written down."""

from __future__ import annotations

import hashlib
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from fabric_sdk.signatures import CURVE_ORDERS
from network.errors import Unavailable, UserError
from network.text import Text
from network.tokens import device
from network.tokens.address import TokenAddress
from network.tokens.reference import KeyReference

_ORDER = CURVE_ORDERS["secp256r1"]
_PREHASHED = ec.ECDSA(Prehashed(hashes.SHA256()))


class TokenKey(ec.EllipticCurvePrivateKey):
    """An ECDSA P-256 key in a token. Every signature is low-S, and is checked before it leaves."""

    def __init__(self, reference: KeyReference) -> None:
        self.reference = reference

    def __repr__(self) -> str:
        return f"TokenKey({self.reference.address.shown})"

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, _memo: object) -> TokenKey:
        return self

    @property
    def curve(self) -> ec.EllipticCurve:
        return self.reference.public.curve

    @property
    def key_size(self) -> int:
        return self.curve.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half; needs no token."""
        return self.reference.public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Sign with SHA-256 (or a SHA-256 digest, `Prehashed`); DER, low-S. The token's refusals are one sentence."""
        digest = bytes(data) if isinstance(signature_algorithm.algorithm, Prehashed) else hashlib.sha256(data).digest()
        if not isinstance(signature_algorithm.algorithm, hashes.SHA256 | Prehashed) or len(digest) != 32:
            raise ValueError("a token's key signs SHA-256 digests")
        raw = device.sign(self.reference.address, digest)
        r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
        made = encode_dss_signature(r, min(s, _ORDER - s))
        try:
            if len(raw) != 64:
                raise InvalidSignature
            self.reference.public.verify(made, digest, _PREHASHED)
        except InvalidSignature:
            raise _other_key(self.reference.address) from None
        return made

    def exchange(self, *_: object, **__: object) -> NoReturn:
        """Refused: a signing key opens nothing."""
        raise _stays(self.reference.address)

    def private_numbers(self) -> NoReturn:
        """Refused: the key does not leave its token."""
        raise _stays(self.reference.address)

    def private_bytes(self, *_: object, **__: object) -> NoReturn:
        """Refused: the key does not leave its token."""
        raise _stays(self.reference.address)


def _stays(address: TokenAddress) -> UserError:
    return UserError(
        Text(
            "私钥在令牌“{t}”中，不能取出，也只用于签名。",
            "The key is in the token {t}: it cannot be taken out, and only signs.",
            t=address.token,
        ),
        code="key_in_token",
        details={"token": address.shown},
    )


def _other_key(address: TokenAddress) -> Unavailable:
    return Unavailable(
        Text(
            "令牌“{t}”的签名与登记的公钥不符，已丢弃。",
            "What the token {t} signed does not fit the public key that is known of it, and was dropped.",
            t=address.token,
        ),
        Text("请核对令牌中的密钥是否被更换。", "See whether the key in the token was replaced."),
        code="token_other_key",
    )
