"""Private values as ciphertext, under key files that an organisation's contract servers share.

A peer hands private write sets in clear to whoever may read the channel (core/peer/deliverevents.go), and whoever holds
a disk or a backup reads its tables. So what must stay secret is encrypted by the contract before the peer ever sees
it: AES-SIV (RFC 5297), which needs no random nonce, so that all endorsers write the same bytes. Associated data are
the place (collection and name) and the transaction that wrote it: equal values differ, and none can be moved.

A key file is JSON with an id, for one organisation, made new every year; the newest seals, older ones only open. The
files lie beside the contract servers, readable by their owner alone, never on the ledger and not in its backups. A
value begins with the id of its key file, so that a server without that file says so (KEY_FILE_MISSING).
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from fabric_sdk import clock
from fabric_sdk.chaincode.errors import ChaincodeError

MAGIC = b"\x00CCS1"
KEY_BYTES = 64
"""AES-256 in SIV mode."""
SUFFIX = ".key"
FORMAT = "citychain-contract-key-1"
YEAR_S = 366 * 86_400
_MAX_FILE = 4096


class KeyFileError(ValueError):
    """A key file is missing, damaged or not for this organisation."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One key; `id` names it on the ledger, `made_at` is seconds since 1970."""

    id: str
    organization: str
    made_at: int
    key: bytes = field(repr=False)

    @classmethod
    def make(cls, organization: str, now: float | None = None) -> KeyFile:
        """A new random key for an organisation (its MSP id)."""
        moment = int(clock.seconds() if now is None else now)
        year = time.gmtime(moment).tm_year
        return cls(f"K{year}-{secrets.token_hex(6)}", organization, moment, secrets.token_bytes(KEY_BYTES))

    def to_bytes(self) -> bytes:
        document = {
            "format": FORMAT,
            "id": self.id,
            "organization": self.organization,
            "made_at": self.made_at,
            "key": self.key.hex(),
        }
        return json.dumps(document, indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyFile:
        """Read a key file; KeyFileError if it is none."""
        try:
            found = json.loads(data)
            if len(data) > _MAX_FILE or found["format"] != FORMAT:
                raise ValueError
            key = bytes.fromhex(found["key"])
            made = cls(str(found["id"]), str(found["organization"]), int(found["made_at"]), key)
            if len(key) != KEY_BYTES or not 0 < len(made.id.encode()) < 64:
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise KeyFileError("this is no key file of a contract server") from error
        return made


class SealingKeys:
    """An organisation's key files: seals with the newest, opens with any."""

    def __init__(self, *files: KeyFile) -> None:
        self.files: Mapping[str, KeyFile] = {f.id: f for f in sorted(files, key=lambda f: (f.made_at, f.id))}
        self._ciphers = {f.id: AESSIV(f.key) for f in self.files.values()}

    @classmethod
    def read(cls, folder: Path, organization: str = "") -> SealingKeys:
        """Read every key file of a folder, which need not exist; KeyFileError names the one that is wrong."""
        found = []
        for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
            try:
                file = KeyFile.from_bytes(path.read_bytes())
            except (OSError, KeyFileError) as error:
                raise KeyFileError(f"{path.name} cannot be read as a key file") from error
            if organization and file.organization != organization:
                raise KeyFileError(f"{path.name} belongs to {file.organization}, not to {organization}")
            found.append(file)
        return cls(*found)

    def now(self) -> SealingKeys:
        """Themselves; a `KeyFolder` says here what it holds at the moment."""
        return self

    @property
    def current(self) -> KeyFile | None:
        """The file that seals now, None without any."""
        return list(self.files.values())[-1] if self.files else None

    def seal(self, value: bytes, place: str, tx_id: str) -> bytes:
        """Encrypt a value for a place in this transaction; equal on every server with the same newest file."""
        current = self.current
        if current is None:
            raise ChaincodeError("KEY_FILE_MISSING", "this contract server has no key file", status=503)
        header = _header(current.id, tx_id)
        return header + self._ciphers[current.id].encrypt(value, [header, place.encode()])

    def tags(self, value: bytes) -> list[str]:
        """Marks of a value that tell nothing without a key file: one under each (128 bits of HMAC-SHA-256, in hex).

        Equal values share a mark as long as two servers share one key file, so that they are known over the years.
        """
        return sorted(
            hmac.digest(f.key, b"citychain/tag/1\x00" + value, "sha256")[:16].hex() for f in self.files.values()
        )

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt a value of a place; KEY_FILE_MISSING or SEAL_BROKEN otherwise."""
        try:
            length = sealed[len(MAGIC)]
            end = len(MAGIC) + 1 + length
            id = sealed[len(MAGIC) + 1 : end].decode()
            end += 1 + sealed[end]
        except (IndexError, UnicodeDecodeError) as error:
            raise ChaincodeError("SEAL_BROKEN", "the private value is damaged") from error
        cipher = self._ciphers.get(id)
        if cipher is None:
            raise ChaincodeError("KEY_FILE_MISSING", f"this contract server has no key file {id}", status=503)
        try:
            return cipher.decrypt(sealed[end:], [sealed[:end], place.encode()])
        except (InvalidTag, ValueError) as error:
            raise ChaincodeError("SEAL_BROKEN", "the private value was changed or belongs elsewhere") from error


class KeyFolder:
    """The key files of a folder, read again when the folder changes: a newer file counts without a new start."""

    def __init__(self, folder: Path, organization: str = "") -> None:
        self._folder = folder
        self._organization = organization
        self._seen = -1
        self._keys = SealingKeys()

    def now(self) -> SealingKeys:
        """The key files at the moment; KEY_FILE_MISSING if one of them cannot be read."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except OSError:
            return SealingKeys()
        if changed != self._seen:
            try:
                self._keys = SealingKeys.read(self._folder, self._organization)
            except KeyFileError as error:
                raise ChaincodeError("KEY_FILE_MISSING", str(error), status=503) from error
            self._seen = changed
        return self._keys


def is_sealed(value: bytes) -> bool:
    """Whether a private value is ciphertext; those of before are not."""
    return value.startswith(MAGIC)


def key_id_of(sealed: bytes) -> str:
    """The id of the key file under which a value is sealed, "" for a clear one."""
    if not is_sealed(sealed) or len(sealed) <= len(MAGIC):
        return ""
    start = len(MAGIC) + 1
    return sealed[start : start + sealed[len(MAGIC)]].decode("utf-8", "replace")


def _header(key_id: str, tx_id: str) -> bytes:
    id, tx = key_id.encode(), tx_id.encode()[:128]
    return MAGIC + bytes([len(id)]) + id + bytes([len(tx)]) + tx
