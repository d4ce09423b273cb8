"""Finds Fabric's programs: a setting, `CITYCHAIN_FABRIC_BIN`, the cache of downloaded releases, PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from network.errors import Unavailable
from network.processes import NO_WINDOW
from network.text import Text

ENVIRONMENT = "CITYCHAIN_FABRIC_BIN"
_SUFFIX = ".exe" if sys.platform == "win32" else ""


@dataclass(frozen=True)
class FabricPrograms:
    """A usable Fabric release: its version, the folder of its programs, and the CCaaS builder (`…/bin/detect`)."""

    version: str
    directory: Path
    builder: Path

    @property
    def peer(self) -> Path:
        return self.directory / f"peer{_SUFFIX}"

    @property
    def orderer(self) -> Path:
        return self.directory / f"orderer{_SUFFIX}"


def cache_directory() -> Path:
    """Return where downloaded releases are kept: one folder per version."""
    return Path(platformdirs.user_cache_dir("citychain", appauthor=False)) / "fabric"


def find_programs(version: str, setting: Path | None = None) -> FabricPrograms | None:
    """Return programs of exactly this Fabric version, or None.

    `setting` is a folder named by the user; it and the environment's folder come first, then the cache, then PATH.
    """
    for directory, known in _candidates(version, setting):
        if not all((directory / f"{name}{_SUFFIX}").is_file() for name in ("peer", "orderer")):
            continue
        builder = _builder(directory)
        if builder is None:
            continue
        found = known or _version_of(directory / f"peer{_SUFFIX}")
        if found == version:
            return FabricPrograms(version, directory, builder)
    return None


def lacking(version: str, setting: Path | None = None) -> Text:
    """What is missing where `find_programs` found nothing: all of it, or only Fabric's builder of contract servers."""
    for directory, known in _candidates(version, setting):
        peer = directory / f"peer{_SUFFIX}"
        if peer.is_file() and (known or _version_of(peer)) == version:
            orderer = directory / f"orderer{_SUFFIX}"
            if not orderer.is_file():
                return Text(
                    "Fabric {v} 在 {d}，但缺少 {p}。",
                    "Fabric {v} is in {d}, but {p} is missing there.",
                    v=version,
                    d=str(directory),
                    p=orderer.name,
                )
            return Text(
                "Fabric {v} 在 {d}，但缺少它的合约构建器 builders/ccaas。",
                "Fabric {v} is in {d}, but its contract builder builders/ccaas is missing.",
                v=version,
                d=str(directory),
            )
    return Text("本机没有 Fabric {v} 的程序。", "Fabric {v} is not on this machine.", v=version)


def require_programs(version: str, setting: Path | None = None) -> FabricPrograms:
    """Return programs of this version; `Unavailable` with what to do when there are none."""
    programs = find_programs(version, setting)
    if programs is None:
        raise Unavailable(
            lacking(version, setting),
            Text(
                "请运行 citychain network fetch {v} 下载，或用 citychain network bundle import 导入离线包，"
                "或把环境变量 {e} 设为程序所在文件夹。",
                "Download it with citychain network fetch {v}, import an offline bundle with citychain network "
                "bundle import, or set {e} to the folder of the programs.",
                v=version,
                e=ENVIRONMENT,
            ),
            code="fabric_missing",
        )
    return programs


def installed_versions() -> tuple[str, ...]:
    """Return the versions in the cache, newest first."""
    base = cache_directory()
    versions = [p.name for p in base.iterdir() if (p / "bin").is_dir()] if base.is_dir() else []
    return tuple(sorted(versions, key=_order, reverse=True))


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version))


def _candidates(version: str, setting: Path | None) -> Iterator[tuple[Path, str | None]]:
    if setting is not None:
        yield from ((setting, None), (setting / "bin", None))
    if value := os.environ.get(ENVIRONMENT):
        yield from ((Path(value), None), (Path(value) / "bin", None))
    # The folder's name is trusted here: it was given when the release was verified and unpacked.
    yield cache_directory() / version / "bin", version
    if path := shutil.which("peer"):
        yield Path(path).resolve().parent, None


def _builder(directory: Path) -> Path | None:
    for builder in (directory.parent / "builders" / "ccaas", directory / "builders" / "ccaas"):
        if (builder / "bin" / f"detect{_SUFFIX}").is_file():
            return builder
    return None


def _version_of(peer: Path) -> str:
    try:
        output = subprocess.run(
            [str(peer), "version"], capture_output=True, encoding="utf-8", errors="replace", timeout=20,
            creationflags=NO_WINDOW, check=False,
        ).stdout  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"Version:\s*v?([0-9.]+)", output)
    return match.group(1).rstrip(".") if match else ""
