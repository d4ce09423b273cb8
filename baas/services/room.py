"""Room on the disk: what the embedded ledger takes, how long the disk lasts, and archiving of old blocks."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import NotFound, Text, Unavailable, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.embedded.archive import Archived, Moved
    from network.embedded.faults import BlockAway

PACE_BLOCKS = 2_000
"""The pace of writing is that of the newest so many blocks."""
_DAY = 24 * 3600.0


@dataclass(frozen=True)
class LedgerRoom:
    """A channel's ledger on this disk: bytes, and days until the disk is full at the pace of late (None: unknown)."""

    channel: str
    bytes: int
    transactions: int
    bytes_each: float
    per_day: float | None
    free: int
    days_left: float | None
    archived_blocks: int
    archive_missing: tuple[str, ...]


class RoomService:
    """What a network's ledgers take, and moving old blocks out of them and back."""

    def __init__(self, networks: NetworkService, session: Session) -> None:
        self._networks = networks
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def taken(self, network: str = "") -> tuple[LedgerRoom, ...]:
        """Each channel's ledger of an embedded network; nothing for other runtimes, whose nodes say it themselves."""
        network = self._networks.resolve(network)
        spec = self._networks.spec(network)
        if spec.runtime != "embedded":
            return ()
        return tuple(_room(path, c.name) for c in spec.channels if (path := self._path(network, c.name)).exists())

    @requires(roles.NETWORK_READ)
    def archived(self, network: str = "", channel: str = "") -> Archived:
        """What of the channel's blocks lies in archive files, and which of these are not there."""
        from network.embedded import archive

        return archive.archived(self._ledger(network, channel))

    @requires(roles.NETWORK_CHANGE)
    def archive(
        self, target: Path, below: int, network: str = "", channel: str = "", *, ctx: JobContext = NULL_CONTEXT
    ) -> Moved:
        """Move the blocks below a number (0: all but the newest hundred) into files in `target`, while nodes run.

        Interrupted, the next call goes on. History, queries and proofs read from the files, each block by its digest.
        """
        from network.embedded import archive

        ledger = self._ledger(network, channel)
        ctx.step("archive", Text("归档旧区块到 {d}", "Move old blocks to {d}", d=str(target)))
        with translating():
            return archive.move_out(ledger, target, below or 1 << 62, _telling(ctx))

    @requires(roles.NETWORK_CHANGE)
    def unarchive(self, network: str = "", channel: str = "", *, ctx: JobContext = NULL_CONTEXT) -> Moved:
        """Take every archived block back into the ledger; nothing changes when a file is missing or another one."""
        from network.embedded import archive
        from network.embedded.faults import BlockAway

        ledger = self._ledger(network, channel)
        ctx.step("unarchive", Text("取回归档的区块", "Take archived blocks back"))
        try:
            with translating():
                return archive.bring_back(ledger, _telling(ctx))
        except BlockAway as fault:
            raise _missing(fault) from fault

    @requires(roles.NETWORK_CHANGE)
    def locate(self, folder: Path, network: str = "", channel: str = "") -> Archived:
        """Look for archive files in `folder` from now on; `NotFound` when files are still not found."""
        from network.embedded import archive

        ledger = self._ledger(network, channel)
        with translating():
            found = archive.locate(ledger, folder)
        if found.missing:
            raise NotFound(
                Text("{d} 里没有归档文件 {f}。", "{d} has no archive file {f}.", d=str(folder), f=found.missing[0]),
                Text("共缺 {n} 个文件。", "{n} files are missing.", n=len(found.missing)),
                code="archive_missing",
            )
        return found

    def _ledger(self, network: str, channel: str) -> Path:
        network = self._networks.resolve(network)
        spec = self._networks.spec(network)
        if spec.runtime != "embedded":
            raise UserError(
                Text("只有内置账本的区块可以归档。", "Only blocks of an embedded ledger can be archived."),
                Text("Fabric 节点请使用账本快照。", "For Fabric's peers use its ledger snapshots."),
                code="not_embedded",
            )
        path = self._path(network, spec.channel(channel).name if channel else spec.channels[0].name)
        if not path.exists():
            raise NotFound(Text("网络 {n} 还没有账本。", "Network {n} has no ledger yet.", n=network))
        return path

    def _path(self, network: str, channel: str) -> Path:
        return self._networks.folder(network) / "embedded" / "channels" / channel / "ledger.db"


def _telling(ctx: JobContext):  # type: ignore[no-untyped-def]
    def tell(done: int, total: int) -> None:
        ctx.check_cancelled()
        ctx.progress(done, total, Text("{d} / {t} 个区块", "{d} of {t} blocks", d=f"{done:,}", t=f"{total:,}"))

    return tell


def _missing(fault: BlockAway) -> Unavailable:
    return Unavailable(
        Text(
            "归档文件 {f} 不在，或已被改动；没有改动账本。",
            "{f} is missing or changed; the ledger was not.",
            f=fault.file,
        ),
        Text(
            "请接上归档磁盘，或指明位置：citychain ledger archive --locate DIR",
            "Bring the archive's disk back, or say where it is: citychain ledger archive --locate DIR",
        ),
        code="archive_missing",
        details={"reason": str(fault)},
    )


def _room(path: Path, channel: str) -> LedgerRoom:
    from fabric_protos.common.common_pb2 import Block

    from fabric_sdk.blocks import decode_block
    from network.embedded import archive, schema
    from network.embedded.state_view import StateView

    size = sum(p.stat().st_size for p in path.parent.glob("*.db*"))
    free = shutil.disk_usage(path.parent).free
    with translating():
        view = StateView(schema.open_reader(path))
    try:
        ((count,),) = view.query("SELECT count(*) FROM transactions", ())
        transactions = int(str(count))
        newest, older = view.height - 1, max(1, view.height - PACE_BLOCKS)
        per_day = None
        if newest - older >= 10:
            moments = [decode_block(Block.FromString(view.block_body(n) or b"")) for n in (older, newest)]
            first, last = (min((t.timestamp for t in b.transactions if t.timestamp), default=None) for b in moments)
            if first is not None and last is not None and (span := (last - first).total_seconds()) > 60:
                share = (newest - older) / max(1, view.height)
                per_day = transactions * share / span * _DAY
    except (sqlite3.Error, ValueError):
        per_day, transactions = None, 0
    finally:
        view.close()
    each = size / transactions if transactions else 0.0
    days = free / (per_day * each) if per_day and each else None
    out = archive.archived(path)
    return LedgerRoom(channel, size, transactions, round(each, 1), per_day, free, days, out.blocks, out.missing)
