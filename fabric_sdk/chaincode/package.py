"""Chaincode packages of type `ccaas`, made in Python, equal bytes for equal input on every machine.

A package is a gzipped tar of `metadata.json` and `code.tar.gz`; the latter holds `connection.json` (where the peer
finds the running contract) and optionally `META-INF/statedb/couchdb/…` (indexes). Form: Fabric's documents on
chaincode as a service and on the v2 lifecycle. A peer names a package by its label and the SHA-256 of its bytes, so
times and owners are fixed and the gzip stream is stored, not compressed: compressors differ between builds of zlib.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
"""What Fabric takes as a label."""

MAX_PACKAGE_BYTES = 16 * 1024 * 1024
_INDEX = re.compile(r"META-INF/statedb/couchdb/(collections/[\w-]+/)?indexes/[^/]+\.json")
SOURCE_PATH = re.compile(r"src/(?:[\w.-]+/)*[\w.-]+")
"""Where a package may carry the contract's sources."""
_DURATION = re.compile(r"\d+(ms|s|m)")


class PackageError(ValueError):
    """The package (or what should become one) is not in Fabric's form."""


@dataclass(frozen=True, slots=True)
class ClientTls:
    """How the peer reaches the contract over TLS: the server's CA, and its own key pair if the server asks for one."""

    root_cert: str
    client_cert: str = ""
    client_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Package:
    """A package as read: for `ccaas`, `connection` is its connection.json; other types leave it empty."""

    label: str
    type: str
    connection: Mapping[str, Any] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    """All files of code.tar.gz by path."""

    package_id: str = ""

    @property
    def address(self) -> str:
        return str(self.connection.get("address", ""))


def build_package(
    label: str,
    address: str,
    *,
    tls: ClientTls | None = None,
    dial_timeout: str = "10s",
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the bytes of a `ccaas` package.

    `address` is host:port; it may hold the builder's templates such as `{{.peername}}`. `files` are added to the code
    (only `META-INF/statedb/couchdb/…/indexes/*.json`, each valid JSON, and `src/…`: the contract's sources, which make
    the package's id theirs and which peers leave alone). PackageError for anything Fabric would refuse.
    """
    if not LABEL.fullmatch(label) or len(label) > 200:
        raise PackageError(
            f"label {label[:64]!r} must begin with a letter or digit and hold only letters, digits, . _ + -"
        )
    if not address or any(c.isspace() for c in address):
        raise PackageError("the contract's address must be host:port")
    if not _DURATION.fullmatch(dial_timeout):
        raise PackageError("dial_timeout must be like 10s")
    connection: dict[str, Any] = {"address": address, "dial_timeout": dial_timeout, "tls_required": tls is not None}
    if tls is not None:
        connection["root_cert"] = tls.root_cert
        if bool(tls.client_cert) != bool(tls.client_key):
            raise PackageError("client certificate and key belong together")
        if tls.client_cert:
            connection |= {"client_auth_required": True, "client_cert": tls.client_cert, "client_key": tls.client_key}
    content = {"connection.json": _json(connection)}
    for path, data in (files or {}).items():
        if SOURCE_PATH.fullmatch(path) and ".." not in PurePosixPath(path).parts:
            content[path] = data
            continue
        if not _INDEX.fullmatch(path):
            raise PackageError(f"{path}: only CouchDB indexes under META-INF/statedb/couchdb belong in a package")
        try:
            json.loads(data)
        except (ValueError, RecursionError) as error:
            raise PackageError(f"{path} is not valid JSON") from error
        content[path] = data
    metadata = _json({"type": "ccaas", "label": label})
    return _tar_gz({"metadata.json": metadata, "code.tar.gz": _tar_gz(content)})


def package_id(package: bytes) -> str:
    """Return `label:sha256`, the id under which a peer installs the package; PackageError if it is none."""
    return read_package(package).package_id


def read_package(package: bytes) -> Package:
    """Read any v2 package, bounded in size; PackageError if it is not in Fabric's form."""
    outer = _untar(package)
    if set(outer) != {"metadata.json", "code.tar.gz"}:
        raise PackageError("a package holds exactly metadata.json and code.tar.gz")
    metadata = _object(outer["metadata.json"], "metadata.json")
    label, kind = metadata.get("label"), metadata.get("type")
    if not isinstance(label, str) or not LABEL.fullmatch(label) or not isinstance(kind, str):
        raise PackageError("metadata.json names no valid label and type")
    files = _untar(outer["code.tar.gz"])
    connection: dict[str, Any] = {}
    if kind == "ccaas":
        if "connection.json" not in files:
            raise PackageError("a ccaas package needs connection.json")
        connection = _object(files["connection.json"], "connection.json")
        if not isinstance(connection.get("address"), str):
            raise PackageError("connection.json names no address")
    digest = hashlib.sha256(package).hexdigest()
    return Package(label, kind, connection, files, f"{label}:{digest}")


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _object(data: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PackageError(f"{name} is not valid JSON") from error
    if not isinstance(value, dict):
        raise PackageError(f"{name} is not a JSON object")
    return value


def _tar_gz(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(files):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(files[path]), 0o100644
            archive.addfile(entry, io.BytesIO(files[path]))
    return _stored_gzip(buffer.getvalue())


def _stored_gzip(data: bytes) -> bytes:
    """Wrap `data` as gzip with stored blocks only (RFC 1952, RFC 1951 section 3.2.4)."""
    out = bytearray(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
    for first in range(0, len(data), 0xFFFF):
        part = data[first : first + 0xFFFF]
        final = first + len(part) == len(data)
        out += struct.pack("<BHH", final, len(part), len(part) ^ 0xFFFF) + part
    return bytes(out + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))


def _untar(data: bytes) -> dict[str, bytes]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as zipped:
            plain = zipped.read(MAX_PACKAGE_BYTES + 1)
        if len(plain) > MAX_PACKAGE_BYTES:
            raise PackageError(f"the package unpacks to more than {MAX_PACKAGE_BYTES} bytes")
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            return {_path(m.name): _content(archive, m) for m in archive if not m.isdir()}
    except (OSError, EOFError, tarfile.TarError, ValueError, zlib.error) as error:
        if isinstance(error, PackageError):
            raise
        raise PackageError("not a gzipped tar archive") from error


def _path(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise PackageError(f"illegal path {name[:128]!r} in the package")
    return str(path)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if not member.isfile():
        raise PackageError(f"{member.name[:128]!r} is not a regular file")
    opened = archive.extractfile(member)
    return opened.read() if opened else b""
