"""Offline bundles: Fabric's programs carried to a machine without a network connection, in one checked file.

A bundle is a ZIP with `manifest.json` (platform, versions, SHA-256 of every file) and the files under
`fabric/VERSION/`. Importing verifies everything before anything is put into the cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fabric_sdk.files import replace_file
from network.drivers.base import Progress, Silent
from network.errors import NotFound, Unavailable, UserError
from network.native.programs import cache_directory
from network.native.release import CHUNK, MAX_MEMBERS, MAX_UNPACKED, platform_name
from network.text import Text

MANIFEST = "manifest.json"
FORMAT = "citychain-bundle/1"
_NAME = re.compile(r"fabric/([0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})((?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)")


@dataclass(frozen=True)
class BundleContents:
    """What a bundle holds: the platform, Fabric versions, and its files with their sizes in bytes."""

    platform: str
    versions: tuple[str, ...]
    files: dict[str, int]


def export_bundle(
    target: Path, versions: Iterable[str], ctx: Progress | None = None, *, cache: Path | None = None
) -> BundleContents:
    """Write installed Fabric versions of this machine's platform as a bundle, whole or not at all."""
    ctx, cache = ctx or Silent(), cache or cache_directory()
    files: dict[str, Path] = {}
    wanted = tuple(dict.fromkeys(versions))
    for version in wanted:
        base = cache / version
        found = [
            p for folder in ("bin", "config", "builders") for p in sorted((base / folder).rglob("*")) if p.is_file()
        ]
        if not found:
            raise NotFound(
                Text("缓存中没有 Fabric {v}。", "Fabric {v} is not in the cache.", v=version),
                Text("请先下载该版本。", "Download that version first."),
            )
        files |= {f"fabric/{version}/{p.relative_to(base).as_posix()}": p for p in found}
    temporary = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            entries = {}
            for number, (name, path) in enumerate(files.items()):
                ctx.check_cancelled()
                ctx.progress(number, len(files), Text("打包 {n}", "Pack {n}", n=name))
                entries[name] = {"sha256": _add(archive, name, path), "size": path.stat().st_size}
            manifest = {"format": FORMAT, "platform": platform_name(), "versions": wanted, "files": entries}
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        replace_file(temporary, target)
    except OSError as e:
        raise Unavailable(
            Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(target), r=e.strerror or str(e))
        ) from e
    finally:
        temporary.unlink(missing_ok=True)
    return BundleContents(platform_name(), wanted, {n: p.stat().st_size for n, p in files.items()})


def import_bundle(source: Path, ctx: Progress | None = None, *, cache: Path | None = None) -> BundleContents:
    """Verify a bundle and put its Fabric versions into the cache; nothing is changed when anything is wrong."""
    ctx, cache = ctx or Silent(), cache or cache_directory()
    temporary = cache / f".bundle.{os.getpid()}"
    try:
        with zipfile.ZipFile(source) as archive:
            contents, digests = _manifest(archive)
            for number, (name, expected) in enumerate(digests.items()):
                ctx.check_cancelled()
                ctx.progress(number, len(digests), Text("导入 {n}", "Import {n}", n=name))
                path = temporary / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as stream, path.open("wb") as output:
                    if _copy(stream, output, contents.files[name]) != expected:
                        raise _damaged(source, name)
                path.chmod(0o755 if "/bin/" in name else 0o644)
        for version in contents.versions:
            shutil.rmtree(cache / version, ignore_errors=True)
            replace_file(temporary / "fabric" / version, cache / version)
    except FileNotFoundError as e:
        raise NotFound(Text("找不到文件 {p}。", "There is no file {p}.", p=str(source))) from e
    except (zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError) as e:
        raise _damaged(source, str(e)) from e
    except OSError as e:
        raise Unavailable(
            Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(cache), r=e.strerror or str(e))
        ) from e
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return contents


def _manifest(archive: zipfile.ZipFile) -> tuple[BundleContents, dict[str, str]]:
    source = Path(archive.filename or "bundle")
    info = archive.getinfo(MANIFEST)
    if info.file_size > 4 * 1024 * 1024 or len(archive.namelist()) > MAX_MEMBERS:
        raise _damaged(source, MANIFEST)
    try:
        document = json.loads(archive.read(info))
        if document["format"] != FORMAT:
            raise _damaged(source, MANIFEST)
        files = {str(name): int(entry["size"]) for name, entry in document["files"].items()}
        digests = {str(name): str(entry["sha256"]) for name, entry in document["files"].items()}
        contents = BundleContents(str(document["platform"]), tuple(str(v) for v in document["versions"]), files)
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise _damaged(source, MANIFEST) from e
    found = set()
    for name in files:
        match = _NAME.fullmatch(name)
        if match is None:
            raise _damaged(source, name)
        found.add(match.group(1))
    if found != set(contents.versions) or sum(files.values()) > MAX_UNPACKED or not found:
        raise _damaged(source, MANIFEST)
    if contents.platform != platform_name():
        raise UserError(
            Text(
                "离线包适用于 {p}，本机是 {m}。",
                "The bundle is for {p}; this machine is {m}.",
                p=contents.platform,
                m=platform_name(),
            ),
            Text("请在同类机器上制作离线包。", "Make the bundle on a machine of the same kind."),
            code="wrong_platform",
        )
    return contents, digests


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream, archive.open(name, "w", force_zip64=True) as output:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            output.write(chunk)
    return digest.hexdigest()


def _copy(stream: IO[bytes], output: IO[bytes], size: int) -> str:
    """Copy at most `size` bytes and return their digest; a longer stream gives another digest."""
    digest = hashlib.sha256()
    left = size
    while chunk := stream.read(CHUNK):
        left -= len(chunk)
        digest.update(chunk)
        if left < 0:
            return ""
        output.write(chunk)
    return digest.hexdigest() if left == 0 else ""


def _damaged(source: Path, what: str) -> UserError:
    return UserError(
        Text("离线包 {p} 已损坏：{w}。", "The bundle {p} is damaged: {w}.", p=source.name, w=what[:200]),
        Text("请重新复制或重新制作。", "Copy it again, or make it anew."),
        code="bad_bundle",
    )
