"""The ledger as evidence: verify a chain from its blocks alone, export it, verify an export elsewhere.

An export is a file of length-prefixed blocks (8 bytes big-endian, then `common.Block`) that begins with a magic line,
so that it can be written and read as a stream and holds nothing but what the peers hold.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import LedgerError, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.session import Session
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.chain import ChainReader
    from baas.services.networks import NetworkService
    from baas.services.signature_crew import Verdicts

MAGIC = b"citychain-blocks-1\n"
MAX_BLOCK_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Verification:
    """What was verified: every block's hash, chaining, orderer signatures, creators' and endorsers' signatures.

    `state_checked` says whether the peer's own state was compared with the blocks too (embedded networks only). No
    orderer signs the validation codes: they are as sure as the comparison of `genesis` with a channel card and of the
    last block's `commit_hash` with a peer of the same height.
    """

    source: str
    channel: str
    verified: bool
    blocks: int
    transactions: int
    valid_transactions: int
    height: int
    last_hash: str
    state_checked: bool
    damage: tuple[str, ...] = ()
    first_block: int = 0
    genesis: str = ""
    commit_hash: str = ""
    signatures_known: int = 0
    """of so many blocks the signatures had been checked here before, over the very same bytes"""
    notes_ignored: bool = False
    """something else lies where the notes of earlier verifications should: it was neither read nor written"""


@dataclass(frozen=True)
class Export:
    """A written export."""

    path: Path
    channel: str
    blocks: int
    bytes: int


def verify_file(path: Path, *, ctx: JobContext = NULL_CONTEXT) -> Verification:
    """Verify an export without any network or workspace, trusting its genesis block.

    `LedgerError` also where nothing proves the validation codes: blocks without commit hashes, or no block at all.
    """
    from baas.services.signature_crew import Verdicts

    ctx.step("chain", Text("校验文件 {f}", "Verify {f}", f=path.name))
    report = _verified(_counted(read_export(path), 0, ctx), Verdicts(None, b""))
    if not report.blocks:
        raise LedgerError(
            Text("{f} 中没有区块，无可校验。", "{f} has no blocks: there is nothing to verify.", f=path.name),
            stage="verify",
            code="no_blocks",
        )
    if report.uncommitted is not None:
        raise LedgerError(
            Text(
                "校验未通过：区块 {n} 起缺少提交哈希，无从证明哪些交易已生效。",
                "Verification failed: block {n} has no commit hash, so nothing proves which transactions counted.",
                n=report.uncommitted,
            ),
            Text("请向其他组织的节点索取导出文件。", "Ask another organisation's peer for an export."),
            stage="verify",
            code="commit_hash_missing",
            details={"block": report.uncommitted},
        )
    return Verification(
        str(path),
        report.channel,
        True,
        report.blocks,
        report.transactions,
        report.valid_transactions,
        report.height,
        report.last_hash.hex(),
        False,
        genesis=report.genesis.hex(),
        commit_hash=report.commit_hash.hex(),
    )


class LedgerService:
    """Verifies and exports the chains of a workspace's networks."""

    def __init__(
        self, networks: NetworkService, chain: ChainReader, session: Session, keystore: Keystore, index: Path
    ) -> None:
        """`index` is the folder for what can be made again at any time."""
        self._networks = networks
        self._chain = chain
        self._session = session
        self._keystore = keystore
        self._index = index

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.LEDGER_READ)
    def verify(
        self, network: str = "", channel: str = "", *, anew: bool = False, ctx: JobContext = NULL_CONTEXT
    ) -> Verification:
        """Read every block from a peer and verify the whole chain; on an embedded network its state as well.

        Signatures that were found good here before, over the same bytes of a block and under the same configuration,
        are not checked once more unless `anew`: an interrupted verification goes on where it was. `LedgerError` names
        the first thing that does not hold (block, transaction, key).
        """
        from network.branching.record import BranchRecord

        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        ctx.step("chain", Text("校验通道 {c} 的区块", "Verify the blocks of {c}", c=channel))
        height = self._chain.info(network, channel).height
        known = self._verdicts(network, channel, anew=anew)
        blocks = _counted(self._chain.blocks(network, channel, 0, height), height, ctx)
        branch = BranchRecord.load(self._networks.folder(network))
        report = _verified(blocks, known) if branch is None else _verified_branch(blocks, known, branch.last_block)
        damage: tuple[str, ...] = ()
        state_checked = False
        if self._networks.spec(network).runtime == "embedded":
            ctx.step("state", Text("对照区块检查状态", "Check the state against the blocks"))
            found = self._check_state(network, channel, ctx)
            damage, state_checked = found or (), found is not None
        if damage:
            raise LedgerError(
                Text("状态数据与区块不一致：{first}", "State and blocks disagree: {first}", first=damage[0]),
                Text("请从备份恢复，或由区块重建状态。", "Restore a backup, or rebuild the state from the blocks."),
                stage="verify",
                code="state_damaged",
                details={"damage": list(damage[:100])},
            )
        return Verification(
            network,
            channel,
            True,
            report.blocks,
            report.transactions,
            report.valid_transactions,
            report.height,
            report.last_hash.hex(),
            state_checked,
            genesis=report.genesis.hex(),
            commit_hash=report.commit_hash.hex(),
            signatures_known=known.counted,
            notes_ignored=known.strange,
        )

    def _verdicts(self, network: str, channel: str, *, anew: bool) -> Verdicts:
        from baas.services.signature_crew import Verdicts

        path = self._index / f"{network}.{channel}.signatures"
        if anew:
            with contextlib.suppress(OSError):
                path.unlink()
        return Verdicts.of(self._keystore, path)

    @requires(roles.LEDGER_READ)
    def verify_file(self, path: Path, *, ctx: JobContext = NULL_CONTEXT) -> Verification:
        """Verify an export without any network, trusting its genesis block."""
        return verify_file(path, ctx=ctx)

    @requires(roles.LEDGER_EXPORT)
    def export(self, target: Path, network: str = "", channel: str = "", *, ctx: JobContext = NULL_CONTEXT) -> Export:
        """Write every block of a channel to `target`, whole or not at all; an existing file is replaced."""
        network = self._networks.resolve(network)
        channel = self._chain.channel(network, channel)
        self._networks.require_origin(network, Text("它的账本不能作为证据导出", "its ledger is exported to nobody"))
        ctx.step("export", Text("导出通道 {c}", "Export {c}", c=channel))
        height = self._chain.info(network, channel).height
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        written = len(MAGIC)
        try:
            with translating(), temporary.open("wb") as file:
                file.write(MAGIC)
                for block in _counted(self._chain.blocks(network, channel, 0, height), height, ctx):
                    raw = block.SerializeToString()
                    file.write(struct.pack(">Q", len(raw)) + raw)
                    written += 8 + len(raw)
                file.flush()
                os.fsync(file.fileno())
            replace_file(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        return Export(target, channel, height, written)

    def _check_state(self, network: str, channel: str, ctx: JobContext) -> tuple[str, ...] | None:
        """What is wrong with the embedded state; None when this version of the runtime cannot check it."""
        try:
            from network.embedded.check import check_state
        except ModuleNotFoundError:
            return None
        found: list[str] = []
        for damage in check_state(self._networks.folder(network), channel):
            ctx.check_cancelled()
            found.append(str(damage))
            if len(found) >= 1000:
                break
        return tuple(found)


def read_export(path: Path) -> Iterator[bytes]:
    """The blocks of an export as bytes; `UserError` for a file that is none, or is cut short."""
    with translating(), path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise UserError(
                Text("{f} 不是账本导出文件。", "{f} is not a ledger export.", f=path.name), code="not_an_export"
            )
        while head := file.read(8):
            size = struct.unpack(">Q", head)[0] if len(head) == 8 else MAX_BLOCK_BYTES + 1
            raw = file.read(size) if size <= MAX_BLOCK_BYTES else b""
            if size > MAX_BLOCK_BYTES or len(raw) != size:
                raise UserError(
                    Text("{f} 不完整或已损坏。", "{f} is cut short or damaged.", f=path.name), code="export_damaged"
                )
            yield raw


def _verified_branch(blocks: Iterable[Any], known: Verdicts, last: int) -> Any:
    """A branch in its two parts: what its origin signed, and what it has signed itself since.

    The first block of its own puts its own authorities in force; nobody but the branch itself vouches for it.
    """
    from fabric_sdk.blocks import verify_chain
    from fabric_sdk.channel import ChannelAuthority

    following = iter(blocks)
    origin = _verified(itertools.islice(following, last + 1), known)
    first = next(following, None)
    if first is None:
        return origin
    with translating():
        authority = ChannelAuthority.from_block(first)
    rest = itertools.chain((first,), following)
    with _broken_told():
        own = verify_chain(rest, authority, first_number=last + 1, previous_hash=origin.last_hash)
    return replace(
        own,
        blocks=origin.blocks + own.blocks,
        transactions=origin.transactions + own.transactions,
        valid_transactions=origin.valid_transactions + own.valid_transactions,
        genesis=origin.genesis,
    )


def _verified(blocks: Iterable[Any], known: Verdicts) -> Any:
    from baas.services.signature_crew import SignatureCrew
    from fabric_sdk.blocks.postponed import verify_postponed

    try:
        with _broken_told(), SignatureCrew() as crew:
            return verify_postponed(blocks, crew, known)
    finally:
        known.keep()


@contextlib.contextmanager
def _broken_told() -> Iterator[None]:
    """What does not hold becomes a `LedgerError`."""
    from fabric_sdk.errors import BlockError, FabricError

    try:
        yield
    except BlockError as error:
        raise LedgerError(
            Text("校验未通过：{text}", "Verification failed: {text}", text=str(error)),
            Text(
                "账本数据被改动或损坏，请与其他组织的节点核对。",
                "The data was changed or damaged; compare with other organisations' peers.",
            ),
            stage="verify",
            code="chain_broken",
            details={"block": error.block_number},
        ) from error
    except FabricError as error:
        raise LedgerError(
            Text("校验未通过：{text}", "Verification failed: {text}", text=str(error)),
            stage="verify",
            code="chain_broken",
        ) from error


def _counted(blocks: Iterable[Any], total: int, ctx: JobContext) -> Iterator[Any]:
    for number, block in enumerate(blocks):
        if number % 50 == 0:
            ctx.check_cancelled()
            ctx.progress(number, total, "")
        yield block
