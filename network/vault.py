"""Where private keys of people and certificate authorities live.

Node keys must be readable by `peer` and `orderer` and are plain files with mode 0600; everything else goes through a
`KeyVault`, which the platform implements encrypted. `FolderVault` keeps plain PEM files and is for tests and for
networks used without a platform.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

from fabric_sdk.files import replace_file
from network.errors import NotFound
from network.text import Text


class KeyVault(Protocol):
    """A store of private keys by name; names are `network/MSP/what` (see `vault_name`)."""

    def put(self, name: str, pem: bytes) -> None:
        """Store a PKCS#8 PEM key under `name`, replacing an older one."""

    def get(self, name: str) -> bytes:
        """Return the key; `NotFound` when there is none."""

    def names(self) -> Iterable[str]:
        """Return the names of all keys."""

    def remove(self, name: str) -> None:
        """Forget a key; harmless when there is none."""


@runtime_checkable
class SigningGuard(Protocol):
    """A vault that can be locked: asked before each signature with one of its keys."""

    def allow_signing(self, name: str) -> None:
        """Raise `Unavailable` while the key called `name` must not sign."""


def vault_name(network: str, msp_id: str, what: str) -> str:
    """Return the vault's name of a person's or authority's key (`ca`, `tlsca`, `admin`, a user's name)."""
    return f"{network}/{msp_id}/{what}"


def retired_name(network: str, msp_id: str, name: str, serial: str) -> str:
    """Return the vault's name of a key that a renewal replaced: it signs nothing more but opens what was sealed to it.

    `serial` is that of the certificate it belonged to, in hexadecimal.
    """
    return f"{vault_name(network, msp_id, name)}/{serial}"


class MemoryVault:
    """Keys in memory, for tests."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def put(self, name: str, pem: bytes) -> None:
        """Store a key."""
        self._keys[name] = pem

    def get(self, name: str) -> bytes:
        """Return a key."""
        if name not in self._keys:
            raise _missing(name)
        return self._keys[name]

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        return tuple(sorted(self._keys))

    def remove(self, name: str) -> None:
        """Forget a key."""
        self._keys.pop(name, None)


class FolderVault:
    """Unencrypted PEM files with mode 0600 in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, pem: bytes) -> None:
        """Store a key."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._path(name), name.encode() + b"\n" + pem)

    def get(self, name: str) -> bytes:
        """Return a key."""
        try:
            return self._path(name).read_bytes().partition(b"\n")[2]
        except FileNotFoundError as e:
            raise _missing(name) from e

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(p.read_bytes().partition(b"\n")[0].decode() for p in self._folder.glob("*.key")))

    def remove(self, name: str) -> None:
        """Forget a key."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.key"


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all, on disk before return."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, data, 0o600, durable=True)
    sync_folder(path.parent)


def write_public(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, making its folder when needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, data, 0o666, durable=False)


def _write(path: Path, data: bytes, mode: int, *, durable: bool) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        replace_file(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable, where the system has such a call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(name: str) -> NotFound:
    return NotFound(Text("密钥库中没有“{n}”的私钥。", "The key vault has no private key for {n}.", n=name))
