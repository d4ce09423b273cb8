"""The time-stamps that this workspace holds for a network, one file a block: taken at deposits and once a day.

An authority that does not answer stops no deposit: the wish is kept as an empty file beside and tried again with the
daily stamp (`due`, one of the recurring duties of `citychain serve`, or `citychain copyright tsa --now`).
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from apps.copyright import timestamps
from baas.errors import CityChainError
from fabric_sdk import clock
from fabric_sdk.files import replace_file, write_whole
from fabric_sdk.proof.blocks import Block
from fabric_sdk.proof.members import Certificate, read_pem
from fabric_sdk.proof.timestamps import Stamp
from fabric_sdk.proof.wire import METER, Broken

if TYPE_CHECKING:
    from apps.documents.chain_parts import BlockSource
    from baas.workspace import Workspace

DAILY = timedelta(hours=24)
MOST_LINKS = 2_000
"""So many blocks are bridged at most between a deposit and the stamp that covers it."""
_MARK = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class Authority:
    """The time-stamp authority of the workspace: its address ("" for none) and its roots."""

    url: str
    roots: tuple[Certificate, ...]
    pems: tuple[bytes, ...]


class Stamps:
    """Tokens of one network in one workspace."""

    def __init__(self, workspace: Workspace, network: str) -> None:
        self._workspace = workspace
        self._folder: Path = workspace.path("copyright", f"{network}-stamps")

    @property
    def authority(self) -> Authority:
        """The authority in the settings."""
        url = self._workspace.setting(timestamps.SETTING) or ""
        path = self._workspace.path("timestamps", "roots.pem")
        pems = [_MARK + one for one in path.read_bytes().split(_MARK)[1:]] if path.is_file() else []
        METER.begin()
        return Authority(url, tuple(read_pem(one) for one in pems), tuple(pems))

    def choose(self, url: str, roots: bytes | None) -> None:
        """Name the authority ("" for none) and its root certificates (PEM; None leaves those there are)."""
        if url:
            timestamps.check_address(url)
        path = self._workspace.path("timestamps", "roots.pem")
        if roots is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, roots)
        elif not url:
            path.unlink(missing_ok=True)
        self._workspace.set_setting(timestamps.SETTING, url)

    def take(self, source: BlockSource, number: int) -> Stamp | None:
        """Stamp a block now; None without an authority. The wish is kept when the authority does not answer."""
        authority = self.authority
        if not authority.url:
            return None
        self._folder.mkdir(parents=True, exist_ok=True)
        wish = self._folder / f"{number}.wanted"
        wish.touch()
        digest = bytes.fromhex(Block(source.block(number).SerializeToString()).hash)
        token, stamp = timestamps.request_token(authority.url, digest, roots=authority.roots)
        temporary = self._folder / f"{number}.new"
        temporary.write_bytes(token)
        os.utime(temporary, (stamp.seconds, stamp.seconds))  # `due` asks how old the newest is
        replace_file(temporary, self._folder / f"{number}.tsr")
        wish.unlink(missing_ok=True)
        return stamp

    def try_take(self, source: BlockSource, number: int) -> bool:
        """As `take`, for a deposit: whatever the authority does, the deposit stands. True if a token was kept."""
        try:
            return self.take(source, number) is not None
        except (CityChainError, Broken):
            return False

    @property
    def blocks(self) -> tuple[int, ...]:
        """Blocks with a token."""
        return tuple(sorted(int(path.stem) for path in self._folder.glob("*.tsr") if path.stem.isdigit()))

    @property
    def wanted(self) -> tuple[int, ...]:
        """Blocks whose stamp the authority still owes."""
        return tuple(sorted(int(path.stem) for path in self._folder.glob("*.wanted") if path.stem.isdigit()))

    def due(self, source: BlockSource, height: int, now: datetime | None = None) -> tuple[Stamp, ...]:
        """The recurring duty: what deposits still wait for, and the newest block when the last stamp is a day old."""
        if not self.authority.url:
            return ()
        newest = max((path.stat().st_mtime for path in self._folder.glob("*.tsr")), default=0.0)
        late = (now or clock.now()) - datetime.fromtimestamp(newest, UTC) >= DAILY
        numbers = dict.fromkeys(self.wanted)
        if late and height - 1 not in self.blocks:
            numbers[height - 1] = None
        taken = (self.take(source, number) for number in numbers)
        return tuple(stamp for stamp in taken if stamp is not None)

    def parts(self, blocks: Collection[int], first: int, source: BlockSource) -> dict[str, bytes]:
        """The parts of a package: tokens over its blocks, and the authority's roots.

        Where the deposit's block `first` has no token, the next later one goes in with the data hashes that lead to it.
        """
        have = self.blocks
        parts = {f"timestamps/{one}.tsr": self._token(one) for one in have if one in blocks}
        later = next((one for one in have if one >= first), None)
        if later is not None and later not in blocks and later - first <= MOST_LINKS:
            parts[f"timestamps/{later}.tsr"] = self._token(later)
            headers = (source.block(number).header for number in range(first + 1, later + 1))
            parts[f"timestamps/{first}-{later}.links"] = b"".join(header.data_hash for header in headers)
        if parts:
            for number, pem in enumerate(self.authority.pems):
                parts[f"timestamps/root-{number}.pem"] = pem
        return parts

    def _token(self, number: int) -> bytes:
        return (self._folder / f"{number}.tsr").read_bytes()
