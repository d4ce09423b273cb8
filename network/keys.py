"""Private keys as a vault keeps them: the key itself (PKCS#8 PEM), or where it is in a token.

The one place that tells the two apart. What comes from elsewhere (letters, files) is read by what reads PKCS#8 only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fabric_sdk.identity import SigningIdentity
from network.errors import UserError
from network.text import Text
from network.tokens.reference import KeyReference, is_reference, place_of
from network.vault import KeyVault


@runtime_checkable
class KeyMaker(Protocol):
    """A vault that knows in which tokens keys are to be made."""

    def token_of(self, name: str) -> str:
        """The address of the token in which the key called `name` is to be made, "" for none."""


def key_to_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return an EC key as PKCS#8 PEM, the form `peer` and `orderer` read."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def open_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """A kept key, ready to sign; ValueError for anything else. One in a token asks for it when it first signs."""
    if is_reference(pem):
        from network.tokens.key import TokenKey

        return TokenKey(KeyReference.from_pem(pem))
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("no EC key")
    return key


def public_half(pem: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of a kept key; needs no token."""
    return KeyReference.from_pem(pem).public if is_reference(pem) else open_key(pem).public_key()


def signing_identity(msp_id: str, certificate_pem: bytes, kept: bytes) -> SigningIdentity:
    """Who signs with a kept key; MspError if certificate and key do not belong together."""
    if is_reference(kept):
        return SigningIdentity.from_key(msp_id, certificate_pem, open_key(kept))
    return SigningIdentity.from_pem(msp_id, certificate_pem, kept)


@contextlib.contextmanager
def fresh_key(vault: KeyVault, name: str, token: str = "") -> Iterator[bytes]:
    """A new P-256 key that is to be kept as `name`, where that name's keys are made; the block puts it into the vault.

    `token` is another token's address. If the block fails, a key that was made in a token is removed from it again.
    """
    token = token or (vault.token_of(name) if isinstance(vault, KeyMaker) else "")
    if not token:
        yield key_to_pem(ec.generate_private_key(ec.SECP256R1()))
        return
    from network.tokens import device
    from network.tokens.address import TokenAddress

    made = device.generate(TokenAddress.parse(token), name)
    try:
        yield made.to_pem()
    except BaseException:
        with contextlib.suppress(Exception):
            device.destroy(made.address)
        raise


def discard_key(vault: KeyVault, name: str) -> None:
    """Forget a key that was made in vain; one in a token is removed from it where the token is at hand."""
    pem = vault.get(name)
    vault.remove(name)
    if is_reference(pem):
        from network.tokens import device

        with contextlib.suppress(Exception):
            device.destroy(KeyReference.from_pem(pem).address)


def kept_form(key: ec.EllipticCurvePrivateKey) -> bytes:
    """What a vault keeps of a key: PKCS#8 PEM, or where it is in a token."""
    from network.tokens.key import TokenKey

    return key.reference.to_pem() if isinstance(key, TokenKey) else key_to_pem(key)


def token_behind(pem: bytes) -> str:
    """The address of the token that a kept key is in, for another key beside it; "" for one that is kept itself."""
    return str(KeyReference.from_pem(pem).address.key(b"")) if is_reference(pem) else ""


def require_here(pem: bytes, what: str) -> bytes:
    """A kept key that may be written down; `UserError` (`key_in_token`) for one that stays in its token."""
    if is_reference(pem):
        raise UserError(
            Text(
                "{w} 的私钥在令牌中，不能导出：{t}", "The key of {w} stays in its token: {t}", w=what, t=place_of(pem)
            ),
            Text("请在有这个令牌的机器上使用它。", "Use it on the machine that has the token."),
            code="key_in_token",
        )
    return pem
