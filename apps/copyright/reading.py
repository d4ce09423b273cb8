"""A person's reading key: made once at their desk, its public half on the ledger; renewals do not touch it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    from apps.copyright.ledger import CopyrightLedger
    from baas.keystore import Keystore


@dataclass(frozen=True)
class Reader:
    """A party's reading key on the ledger. `number` above 1 means that an earlier one was given up."""

    party: str
    public: EllipticCurvePublicKey
    since: str
    number: int


class ReadingKeys:
    """Reading keys of the people of this workspace on one network."""

    def __init__(self, keystore: Keystore, ledger: CopyrightLedger) -> None:
        self._keystore = keystore
        self._ledger = ledger

    def privates(self, signer: str) -> tuple[EllipticCurvePrivateKey, ...]:
        """The reading keys kept here of a signer, an identity or a part: the present one first, then earlier ones."""
        from baas.services.identity_requests import load_key

        own = self._name(signer)
        names = [n for n in self._keystore.names() if n == own or n.startswith(f"{own}/")]
        return tuple(load_key(self._keystore.get(name)) for name in names)

    def ensure(self, signer: str) -> EllipticCurvePublicKey:
        """The public half, made and put on the ledger where it is not yet. Kept here before it is shown to anybody."""
        from baas.services.identity_requests import load_key, new_key_pem

        key = load_key(self._keystore.ensure(self._name(signer), new_key_pem)).public_key()
        text = _encoded(key)
        found = self._ledger.evaluate(signer, "ReadReadingKey", self._ledger.party(signer))
        if found["public"] != text:
            self._ledger.submit(signer, "PutReadingKey", text)
        return key

    def of(self, party: str) -> Reader | None:
        """A party's reading key on the ledger; None when they made none."""
        from cryptography.hazmat.primitives.asymmetric import ec

        found: dict[str, Any] = self._ledger.evaluate("auditor", "ReadReadingKey", party)
        if not found["public"]:
            return None
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(found["public"]))
        return Reader(party, public, str(found["since"]), int(found["number"]))

    def _name(self, signer: str) -> str:
        return f"{self._ledger.network}/readers/{self._ledger.label(signer)}"


def _encoded(key: EllipticCurvePublicKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return base64.b64encode(key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)).decode()
