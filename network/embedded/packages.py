"""Chaincode packages that were installed on a peer, kept as files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from fabric_sdk.chaincode.package import Package, PackageError, read_package
from fabric_sdk.files import replace_file
from network.embedded.faults import Refusal
from network.embedded.lifecycle import Installed

References = Callable[[str], dict[str, list[tuple[str, str]]]]
IN_PROCESS = "in-process:1"
"""The address in packages of contracts that run inside the node; any other address is dialled."""
FILLED_IN = "{{."
"""How an address begins that real peers of Fabric complete for themselves; here such a contract runs in the node."""
_FILE = re.compile(r"(.+)\.([0-9a-f]{64})\.tar\.gz")


class PackageStore:
    """One peer's packages. `references` says where definitions use a package id."""

    def __init__(self, directory: Path, references: References) -> None:
        self._directory = directory
        self._references = references
        self._parsed: dict[str, Package] = {}
        self._files: dict[str, Path] = {}
        if directory.is_dir():
            for path in directory.iterdir():
                match = _FILE.fullmatch(path.name)
                if match:
                    self._files[f"{match[1]}:{match[2]}"] = path

    def install(self, package: bytes) -> tuple[str, str]:
        try:
            parsed = read_package(package)
        except PackageError as e:
            raise Refusal(f"could not parse as a chaincode install package: {e}") from e
        if parsed.type != "ccaas":
            raise Refusal(
                f"could not build chaincode: the package is of type '{parsed.type}'; this peer runs chaincode as a"
                " service ('ccaas')"
            )
        package_id = parsed.package_id
        if package_id in self._files:
            raise Refusal(f"chaincode already successfully installed (package ID '{package_id}')")
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / (package_id.replace(":", ".") + ".tar.gz")
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as stream:
            stream.write(package)
            stream.flush()
            os.fsync(stream.fileno())
        replace_file(temporary, path)
        self._files[package_id] = path
        self._parsed[package_id] = parsed
        return package_id, parsed.label

    def installed(self) -> Iterable[Installed]:
        for package_id in sorted(self._files):
            found = self.find(package_id)
            if found is not None:
                yield found

    def find(self, package_id: str) -> Installed | None:
        if package_id not in self._files:
            return None
        return Installed(package_id, package_id.rpartition(":")[0], self._references(package_id))

    def content(self, package_id: str) -> bytes | None:
        path = self._files.get(package_id)
        return None if path is None else path.read_bytes()

    def __contains__(self, package_id: str) -> bool:
        return package_id in self._files

    def package(self, package_id: str) -> Package | None:
        """The parsed package, None if it is not installed."""
        known = self._parsed.get(package_id)
        if known is None:
            content = self.content(package_id)
            if content is not None:
                known = self._parsed[package_id] = read_package(content)
        return known
