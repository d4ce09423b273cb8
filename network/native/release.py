"""Fabric's official releases: downloaded with verified checksum, resumed after interruptions, unpacked whole or not.

Releases are archives per platform at the project's public release location; their SHA-256 comes from the release's own
listing. Mirrors are a `ReleaseSource` with other addresses, and a checksum may be given by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fabric_sdk.files import replace_file
from network.drivers.base import Progress, Silent
from network.errors import Unavailable, UserError
from network.native.programs import FabricPrograms, cache_directory, find_programs, require_programs
from network.text import Text

if TYPE_CHECKING:
    import httpx

MAX_ARCHIVE = 1024 * 1024 * 1024
MAX_UNPACKED = 3 * 1024 * 1024 * 1024
MAX_MEMBERS = 2000
CHUNK = 256 * 1024
TRIES = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ReleaseSource:
    """Where releases are: `{version}` and `{platform}` are filled in."""

    archive: str = (
        "https://github.com/hyperledger/fabric/releases/download/v{version}/"
        "hyperledger-fabric-{platform}-{version}.tar.gz"
    )
    listing: str = "https://api.github.com/repos/hyperledger/fabric/releases/tags/v{version}"


def platform_name() -> str:
    """Return this machine's platform as releases are named after it: `linux-amd64`, `windows-amd64`, …"""
    system = {"linux": "linux", "win32": "windows", "darwin": "darwin"}.get(sys.platform)
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )
    if system is None or machine is None:
        raise Unavailable(
            Text(
                "Fabric 没有适用于本机（{p}）的发行包。",
                "Fabric has no release for this machine ({p}).",
                p=sys.platform,
            )
        )
    return f"{system}-{machine}"


def fetch_release(
    version: str,
    ctx: Progress | None = None,
    *,
    source: ReleaseSource | None = None,
    sha256: str = "",
    cache: Path | None = None,
) -> FabricPrograms:
    """Download, verify and unpack a release into the cache; nothing is done when it is there.

    An interrupted download is kept and goes on where it stopped. `UserError` for a wrong version or checksum,
    `Unavailable` when the release cannot be reached.
    """
    if not re.fullmatch(r"[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}", version):
        raise UserError(Text("“{v}”不是 Fabric 版本号。", "{v} is not a Fabric version.", v=version[:40]))
    if sha256 and not _SHA256.fullmatch(sha256.lower()):
        raise UserError(Text("校验和应为 64 位十六进制数。", "A checksum has 64 hexadecimal digits."))
    ctx, source, cache = ctx or Silent(), source or ReleaseSource(), cache or cache_directory()
    if (found := find_programs(version)) is not None and cache == cache_directory():
        return found
    import httpx

    names = {"version": version, "platform": platform_name()}
    address = source.archive.format(**names)
    cache.mkdir(parents=True, exist_ok=True)
    partial = cache / f"fabric-{version}-{names['platform']}.tar.gz.part"
    with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30.0)) as client:
        expected = sha256.lower() or _listed_checksum(client, source.listing.format(**names), address)
        _download(client, address, partial, ctx)
    ctx.progress(1, 1, Text("校验 Fabric {v}", "Verify Fabric {v}", v=version))
    actual = _digest(partial)
    if actual != expected:
        partial.unlink(missing_ok=True)
        raise UserError(
            Text(
                "Fabric {v} 的校验和不符，文件已删除。",
                "The checksum of Fabric {v} is wrong; the file is removed.",
                v=version,
            ),
            Text("请重新下载，或换一个来源。", "Download it again, or from another place."),
            code="checksum_mismatch",
            details={"expected": expected, "actual": actual},
        )
    with partial.open("rb") as stream:
        install_archive(stream, version, cache, ctx)
    partial.unlink(missing_ok=True)
    return require_programs(version, cache / version / "bin")


def install_archive(stream: IO[bytes], version: str, cache: Path, ctx: Progress) -> None:
    """Unpack a release archive as `cache/version`, whole or not at all; only plain files of known folders are taken."""
    target = cache / version
    temporary = cache / f".{version}.{os.getpid()}.unpacking"
    shutil.rmtree(temporary, ignore_errors=True)
    total = 0
    try:
        with tarfile.open(fileobj=stream, mode="r:gz") as archive:
            for number, member in enumerate(archive):
                ctx.check_cancelled()
                name = Path(member.name).as_posix()
                total += member.size
                if number > MAX_MEMBERS or total > MAX_UNPACKED:
                    raise _broken_archive(version)
                if not member.isfile() or not re.fullmatch(r"(bin|config|builders)(/[A-Za-z0-9._-]+)+", name):
                    continue
                if ".." in name.split("/"):
                    raise _broken_archive(version)
                source = archive.extractfile(member)
                if source is None:
                    continue
                path = temporary / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as output:
                    shutil.copyfileobj(source, output, CHUNK)
                path.chmod(0o755 if "/bin/" in f"/{name}" else 0o644)
                ctx.progress(number, 0, Text("解包 {n}", "Unpack {n}", n=name))
        if not any((temporary / "bin" / name).exists() for name in ("peer", "peer.exe")):
            raise _broken_archive(version)
        shutil.rmtree(target, ignore_errors=True)
        replace_file(temporary, target)
    except (tarfile.TarError, EOFError, OSError, ValueError) as e:
        if isinstance(e, OSError) and e.errno is not None:
            raise Unavailable(
                Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(cache), r=e.strerror or str(e))
            ) from e
        raise _broken_archive(version) from e
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _download(client: httpx.Client, address: str, partial: Path, ctx: Progress) -> None:
    import httpx

    last: Exception | None = None
    for _ in range(TRIES):
        have = partial.stat().st_size if partial.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        try:
            with client.stream("GET", address, headers=headers) as answer:
                if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    return
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise UserError(
                        Text("没有这个发行包：{a}。", "There is no such release: {a}.", a=address), code="no_release"
                    )
                answer.raise_for_status()
                if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                    have = 0
                total = have + int(answer.headers.get("Content-Length", "0"))
                _write(answer.iter_raw(), partial, have, total, ctx)
                return
        except httpx.HTTPError as e:
            last = e
            ctx.log(Text("下载中断，继续：{e}", "The download was interrupted and goes on: {e}", e=str(e)))
    raise Unavailable(
        Text("无法下载 {a}：{e}。", "{a} cannot be downloaded: {e}.", a=address, e=str(last)),
        Text("请检查网络连接后重试，已下载的部分会保留。", "Check the connection and try again; what came is kept."),
    ) from last


def _write(chunks: Iterator[bytes], partial: Path, have: int, total: int, ctx: Progress) -> None:
    try:
        with partial.open("ab" if have else "wb") as output:
            for chunk in chunks:
                ctx.check_cancelled()
                have += len(chunk)
                if have > MAX_ARCHIVE:
                    raise UserError(Text("下载的文件过大。", "The download is too large."))
                output.write(chunk)
                ctx.progress(have, total, Text("下载 Fabric", "Download Fabric"))
    except OSError as e:
        raise Unavailable(
            Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(partial), r=e.strerror or str(e))
        ) from e


def _listed_checksum(client: httpx.Client, listing: str, address: str) -> str:
    """Return the SHA-256 that the release's listing gives for the archive."""
    import httpx

    try:
        answer = client.get(listing)
        answer.raise_for_status()
        assets = json.loads(answer.content)["assets"]
        for asset in assets:
            digest = str(asset.get("digest") or "")
            if asset["name"] == address.rpartition("/")[2] and digest.startswith("sha256:"):
                value = digest.removeprefix("sha256:").lower()
                if _SHA256.fullmatch(value):
                    return value
    except httpx.HTTPError as e:
        raise Unavailable(
            Text("无法取得发行信息：{e}。", "The release's listing cannot be read: {e}.", e=str(e)),
            Text("请检查网络，或用 --sha256 给出校验和。", "Check the connection, or give the checksum with --sha256."),
        ) from e
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise Unavailable(Text("发行信息无法解析。", "The release's listing cannot be understood.")) from e
    raise Unavailable(
        Text("发行信息中没有此文件的校验和。", "The release's listing has no checksum for this file."),
        Text("请用 --sha256 给出校验和。", "Give the checksum with --sha256."),
        code="no_checksum",
    )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _broken_archive(version: str) -> UserError:
    return UserError(
        Text("Fabric {v} 的压缩包不完整或已损坏。", "The archive of Fabric {v} is incomplete or damaged.", v=version),
        Text("请重新下载。", "Download it again."),
        code="bad_archive",
    )
