"""The application's own secrets: the key of pseudonyms, of session secrets, of beacons, and of check-in codes.

They lie in the workspace's keystore, encrypted at rest, and are made when first needed; they are part of `citychain
backup`. There are two keys, because two different people must be able to hold them:

`pseudonyms` is the city's. Whoever makes or recognises pseudonyms needs the same one, and whoever has it can undo them:
document numbers are few enough to try them all (about 10^10 are plausible). It must stay with those who know residents'
documents anyway, and off every peer. Without it a pseudonym on the ledger says nothing. Losing it means that residents
can no longer be recognised.

`master` is this workspace's own: session secrets, beacons, seeds of draws, the key of check-in codes. Nobody else may
have it; parties of a draw that share a workspace, as in the demonstration, are one party.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from baas.errors import NotFound


class KeyStore(Protocol):
    """What of the platform's keystore is needed."""

    def get(self, name: str) -> bytes: ...

    def names(self) -> Iterable[str]: ...

    def ensure(self, name: str, make: Callable[[], bytes]) -> bytes: ...


class SlotVault:
    """Secrets of one network's slots ledger, derived from two 32-byte keys."""

    def __init__(self, keystore: KeyStore, network: str) -> None:
        self._keystore = keystore
        self._name = f"{network}/slots/master"
        self._pseudonyms = f"{network}/slots/pseudonyms"

    def resident(self, document_type: str, document: str) -> str:
        """Return the pseudonym of a document: `R` and 130 bits of HMAC-SHA-256 in base 32.

        The document is normalised (upper case, no blanks), so that the same person is the same at every hospital.
        """
        text = f"{document_type.strip()}\x00{''.join(document.split()).upper()}"
        return "R" + base64.b32encode(_derived(self._pseudonym_key(), "resident", text))[:26].decode()

    def payer(self, account: str) -> str:
        """Return the pseudonym of a paying account; of the same form, never equal to a resident's."""
        return "R" + base64.b32encode(_derived(self._pseudonym_key(), "payer", account.strip()))[:26].decode()

    def session_secret(self, session: str) -> bytes:
        """Return the secret from which a session's salts are derived; nobody else can make it before the opening."""
        return self._derive("session", session)

    def beacon(self, date: str) -> bytes:
        """Return the secret that times the reopening of slots returned on `date`."""
        return self._derive("beacon", date)

    def draw_secret(self, draw: str, party: str) -> bytes:
        """Return a party's secret for a draw."""
        return self._derive("draw", f"{draw}\x00{party}")

    def beacons(self, date: str) -> Iterator[bytes]:
        """The secrets of a day that this desk can have committed to; makes none."""
        return (_derived(master, "beacon", date) for master in self._masters())

    def draw_secrets(self, draw: str, party: str) -> Iterator[bytes]:
        """The secrets of a draw that this desk can have committed to; makes none."""
        return (_derived(master, "draw", f"{draw}\x00{party}") for master in self._masters())

    def code_key(self, number: int = 1) -> Ed25519PrivateKey:
        """Return the key that signs check-in codes; each number is another key, for after a withdrawal."""
        return Ed25519PrivateKey.from_private_bytes(self._derive("code", str(number)))

    def identity_salt(self) -> str:
        """Return fresh random bytes (hex) that keep the hash of an identity from being guessed."""
        return secrets.token_hex(32)

    def _derive(self, purpose: str, text: str) -> bytes:
        return _derived(self._master(), purpose, text)

    def _masters(self) -> Iterator[bytes]:
        """This desk's own key, and those that came beside it out of a recovery file."""
        for name in sorted(self._keystore.names()):
            if name == self._name or name.startswith(f"{self._name}/"):
                yield self._keystore.get(name)

    def _pseudonym_key(self) -> bytes:
        def make() -> bytes:
            try:
                # A workspace from before there were two keys goes on with the pseudonyms that it has.
                return self._keystore.get(self._name)
            except NotFound:
                return secrets.token_bytes(32)

        return self._keystore.ensure(self._pseudonyms, make)

    def _master(self) -> bytes:
        try:
            return self._keystore.get(self._name)
        except NotFound:
            self._pseudonym_key()  # before there is a master, so that the two differ
            return self._keystore.ensure(self._name, lambda: secrets.token_bytes(32))


def _derived(key: bytes, purpose: str, text: str) -> bytes:
    label = f"citychain/slots/{purpose}/1\x00".encode()
    return hmac.digest(key, label + text.encode(), hashlib.sha256)
