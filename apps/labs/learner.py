"""The learner's own key, what it has signed of labs that were passed, and the code that it gives each lab.

A record counts where the learner's key signed it: a line that was written or changed by hand, and a file of somebody
else's, are told as such and count for nothing. What a record says stays the learner's own word until somebody else has
looked at what was handed in with it (`apps.labs.handing_in`).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from baas.errors import translating
from network.vault import write_private

if TYPE_CHECKING:
    from baas.keystore import Keystore

KEY = "Labs/learner"
"""In the keystore. No network is called so: their names have no capital letters."""
FOLDER, PROGRESS = "training", "progress.json"
MOST_BYTES = 4_000_000
_ECDSA = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True)
class Passed:
    """A lab that was passed. `at` is in seconds since the epoch; `evidence` the SHA-256 of the blocks that were looked
    at ("" where a lab leaves none), `checks` what was looked at, `answers` what was answered."""

    lab: str
    edition: str
    code: str
    at: float
    checks: tuple[str, ...]
    answers: Mapping[str, str]
    evidence: str

    @property
    def body(self) -> bytes:
        """What is signed."""
        return canonical(asdict(self))


def canonical(value: Any) -> bytes:
    """JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def code_of(public: bytes, lab: str) -> str:
    """A learner's code of a lab, from the learner's public key (DER): eight letters and digits."""
    digest = hashlib.sha256(b"citychain-lab\0" + public + b"\0" + lab.encode()).digest()
    return base64.b32encode(digest)[:8].decode().lower()


def fits(public: bytes, signature: bytes, body: bytes) -> bool:
    """Whether the key `public` (DER) signed `body`."""
    try:
        key = serialization.load_der_public_key(public)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, body, _ECDSA)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


class Learner:
    """Whoever learns in a workspace: one desk, one learner."""

    def __init__(self, workspace: Path, keystore: Keystore) -> None:
        self._keystore = keystore
        self.folder = workspace / FOLDER
        self._path = self.folder / PROGRESS

    def _key(self) -> ec.EllipticCurvePrivateKey:
        key = serialization.load_pem_private_key(self._keystore.ensure(KEY, _new_key), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    @property
    def public(self) -> bytes:
        """The learner's public key, DER."""
        return (
            self._key()
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    @property
    def known(self) -> bool:
        """Whether there is a key yet, so that looking makes none."""
        return KEY in self._keystore.names()

    def sign(self, body: bytes) -> bytes:
        """The learner's signature over `body`."""
        return self._key().sign(body, _ECDSA)

    def code(self, lab: str) -> str:
        """The learner's code of a lab."""
        return code_of(self.public, lab)

    # -- records -------------------------------------------------------------------------------------
    def records(self) -> tuple[dict[str, Passed], tuple[str, ...]]:
        """The newest record of each lab that was passed, and the names of labs whose record does not hold."""
        lines = self._read()
        if not lines or not self.known:
            return {}, tuple(_word(one, "lab") for one in lines)
        public, found, bad = self.public, {}, []
        for line in lines:
            record = read_record(line)
            if record is None or not fits(public, _bytes(line, "sig"), record.body):
                bad.append(_word(line, "lab"))
            else:
                found[record.lab] = record
        return found, tuple(one for one in dict.fromkeys(bad) if one not in found)

    def keep(self, record: Passed) -> None:
        """Write down that a lab was passed, in place of an older record of it; what does not hold goes."""
        lines = [one for one in self._read() if _word(one, "lab") != record.lab]
        lines.append(self.line(record))
        with translating():
            write_private(self._path, json.dumps(lines, ensure_ascii=False, indent=1).encode())

    def line(self, record: Passed) -> dict[str, Any]:
        """A record as it is kept and handed in."""
        return {**asdict(record), "sig": base64.b64encode(self.sign(record.body)).decode()}

    def _read(self) -> Sequence[Mapping[str, Any]]:
        try:
            with self._path.open("rb") as file:
                found = json.loads(file.read(MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return ()
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else ()


def read_record(line: Mapping[str, Any]) -> Passed | None:
    """A record of a file that anybody may have written; None for what is none."""
    try:
        answers = line["answers"]
        made = Passed(
            lab=str(line["lab"]),
            edition=str(line["edition"]),
            code=str(line["code"]),
            at=float(line["at"]),
            checks=tuple(str(one) for one in line["checks"]),
            answers={str(name): str(value) for name, value in answers.items()},
            evidence=str(line["evidence"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    return made if canonical(asdict(made)) == canonical({key: line[key] for key in asdict(made)}) else None


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _bytes(line: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(line[name], validate=True)
    except (KeyError, TypeError, ValueError):
        return b""


def _word(line: Mapping[str, Any], name: str) -> str:
    found = line.get(name)
    return found if isinstance(found, str) else ""
