"""The loss of a machine, rehearsed: an organisation's peers are taken away with all their files and keys, brought back
from a backup, follow what came since from the other organisations, and get new keys while the lost ones are revoked.

What was taken away lies aside until everything is proved; a drill that was killed is put right by the next one, which
lays it back. Orderers are not brought back from a backup: one of yesterday has forgotten what it promised the others
today. Whoever loses one adds another (`network grow --add-orderer`, `--remove-node`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Conflict, DeadlineExceeded, NotFound, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock
from fabric_sdk.files import replace_file
from network.processes import birth_of, born_as

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.backup import BackupReport
    from network.native.peer_facts import PeerFacts
    from network.topology import NodeRef

LOST = "lost"
"""In a network's folder: what a drill has taken away, until it is proved that all came back."""
KEEP = 50
CATCH_UP_S = 600.0
PRIVATE_S = 120.0
"""How long private data may come after the blocks, in seconds."""
_SCRATCH = "scratch"
_WRITES = 3


@dataclass(frozen=True)
class RestoredPeer:
    """A peer that was lost and came back. Heights in blocks, the least over its channels: in the backup, when it was
    lost, and when it had caught up. `same`: block, commit hash and private data are what they were and what others
    have."""

    peer: str
    backed_up: int
    lost_at: int
    now: int
    same: bool


@dataclass(frozen=True)
class LossReport:
    """What a drill showed. `at` and `backup_at` in seconds since the epoch, all other times in seconds.

    `written` transactions were acknowledged by the others while the peers were away (-1 where nothing could be written
    to), `missing` of all that were acknowledged are not on the peers that came back, nor are `private_missing` values
    of private data that they had. `revoked` are serial numbers.
    """

    at: float
    network: str
    organization: str
    backup: str
    backup_at: float
    check_s: float
    restore_s: float
    start_s: float
    catch_up_s: float
    recover_s: float
    keys_s: float
    written: int
    missing: int
    private_missing: int
    peers: tuple[RestoredPeer, ...]
    revoked: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing that was acknowledged is missing."""
        return not self.missing and not self.private_missing and all(one.same for one in self.peers)


class LossDrills:
    """Such drills of one native network."""

    def __init__(self, platform: Platform, network: str, folder: Path) -> None:
        self._platform, self._network = platform, network
        self._directory = platform.networks.folder(network)
        self._reports = folder / f"{network}.losses.json"
        self._folder = folder

    def reports(self) -> tuple[LossReport, ...]:
        """The reports of earlier drills, oldest first."""
        try:
            rows = json.loads(self._reports.read_text("utf-8"))
            return tuple(
                LossReport(
                    **{
                        **row,
                        "peers": tuple(RestoredPeer(**one) for one in row["peers"]),
                        "revoked": tuple(row["revoked"]),
                    }
                )
                for row in rows
            )
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def run(self, msp_id: str, backup: Path, ctx: JobContext = NULL_CONTEXT) -> LossReport:
        """Lose the peers of an organisation and bring them back from `backup`.

        `Conflict` where a node does not run already; `UserError` for a backup that is damaged or has not these peers.
        Whatever goes wrong in between, the peers run again afterwards as they were.
        """
        from baas.services.lost_keys import revoke_lost
        from baas.services.restoring import check

        self._require_native()
        if not self.mend() and (self._directory / LOST).exists():
            raise Conflict(
                Text("另一场演练正在进行。", "Another drill is under way."),
                Text("请等它结束。", "Wait until it has ended."),
                code="in_use",
            )
        nodes = self._peers(msp_id)
        begun = time.monotonic()
        report = check(backup, ctx=ctx)
        heights = {node.name: self._backed_up(report, node, backup) for node in nodes}
        checked, backup_at = time.monotonic() - begun, _created(backup)
        lost_at = self._heights()  # looked at once: the others go on writing
        before = self._facts(nodes, lost_at)
        lost = time.monotonic()
        self._take_away(nodes, ctx)
        try:
            written = self._write()
            restored, started, caught_up = self._bring_back(nodes, backup, ctx)
            same, missing, private = self._compared(nodes, before, lost_at, ctx)
            recovered = time.monotonic()
        except BaseException:
            self._lay_back(nodes)
            raise
        shutil.rmtree(self._directory / LOST)
        ctx.step("keys", Text("更换密钥并吊销丢失的", "Give new keys and revoke the lost ones"))
        keys = time.monotonic()
        revoked = revoke_lost(self._platform, self._network, [node.name for node in nodes], ctx=ctx)
        now = self._heights()
        result = LossReport(
            clock.seconds(),
            self._network,
            msp_id,
            backup.name,
            backup_at,
            checked,
            restored - lost,
            started - restored,
            caught_up - started,
            recovered - lost,
            time.monotonic() - keys,
            written,
            missing,
            private,
            tuple(
                RestoredPeer(n.name, heights[n.name], _least(lost_at[n.name]), _least(now[n.name]), same[n.name])
                for n in nodes
            ),
            revoked,
        )
        self._folder.mkdir(mode=0o700, exist_ok=True)
        _save(self._reports, [*[asdict(one) for one in self.reports()], asdict(result)][-KEEP:])
        return result

    def mend(self) -> bool:
        """Lay back what a drill that was killed has taken away; whether there was anything."""
        place = self._directory / LOST
        if not place.is_dir():
            return False
        try:
            note = json.loads((place / "drill.json").read_text("utf-8"))
            names, pid, began = [str(n) for n in note["nodes"]], int(note["pid"]), note["began"]
        except (OSError, ValueError, KeyError, TypeError):
            names, pid, began = [], 0, None
        if pid and born_as(pid, began):
            return False  # it is under way
        spec = self._platform.networks.spec(self._network)
        self._lay_back([node for node in spec.peers() if node.name in names])
        return True

    # -- losing --------------------------------------------------------------------------------------
    def _require_native(self) -> None:
        if self._platform.networks.spec(self._network).runtime != "native":
            raise UserError(
                Text(
                    "只有 native 网络的组织能从其他组织追回后来的区块。",
                    "Only on the native runtime can peers follow what came since from other organisations.",
                ),
                Text(
                    "其他网络请演练恢复整个工作区：citychain restore --check",
                    "Of others rehearse the whole workspace: citychain restore --check",
                ),
                code="not_native",
            )

    def _peers(self, msp_id: str) -> list[NodeRef]:
        from network.hosts import local_part

        networks = self._platform.networks
        handle = networks.handle(self._network)
        here = {n.name for n in local_part(handle.directory, handle.spec).peers()}
        nodes = [node for node in handle.peers(msp_id) if node.name in here]
        away = [one.name for one in networks.status(self._network).nodes if one.state != "running"]
        if away:
            raise Conflict(
                Text("已有节点没有运行：{n}", "A node does not run already: {n}", n=", ".join(away)),
                Text("请先启动它，再演练。", "Start it first, then drill."),
                code="not_whole",
            )
        if not nodes or len(nodes) == len(handle.peers()):
            raise NotFound(
                Text("组织 {m} 在本机没有可演练的节点。", "{m} has no peers here that could be lost.", m=msp_id),
                Text("需要另一个组织的节点在运行。", "Another organisation's peer must run, too."),
                code="no_peer",
            )
        return nodes

    def _backed_up(self, report: BackupReport, node: NodeRef, backup: Path) -> int:
        own = f"networks/{self._network}/nodes/{node.name}/"
        found = [chain.height for chain in report.chains if chain.folder.startswith(own)]
        if not found:
            raise UserError(
                Text("备份 {f} 中没有节点 {n}。", "The backup {f} has no peer {n}.", f=backup.name, n=node.name),
                Text("请使用网络运行后所做的备份。", "Use a backup made since the network runs."),
                code="not_in_backup",
            )
        return min(found)

    def _places(self, node: NodeRef) -> tuple[tuple[Path, Path], ...]:
        """(where a node's files lie, where they lie aside): ledgers and logs, keys and certificates."""
        aside = self._directory / LOST
        material = Path("organizations", node.organization.name, "nodes", node.name)
        return tuple((self._directory / part, aside / part) for part in (Path("nodes", node.name), material))

    def _take_away(self, nodes: list[NodeRef], ctx: JobContext) -> None:
        ctx.step("lose", Text("停止节点并拿走全部文件", "Stop the peers and take all their files away"))
        place = self._directory / LOST
        place.mkdir(mode=0o700)
        note = {"nodes": [n.name for n in nodes], "pid": os.getpid(), "began": birth_of(os.getpid())}
        _save(place / "drill.json", note)
        for node in nodes:
            self._platform.networks.stop(self._network, node.name)
            for here, aside in self._places(node):
                aside.parent.mkdir(parents=True, exist_ok=True)
                replace_file(here, aside)

    def _lay_back(self, nodes: Iterable[NodeRef]) -> None:
        """Put what was taken away where it was, whatever lies there now, and start the peers."""
        networks = self._platform.networks
        for node in nodes:
            networks.stop(self._network, node.name)
            for here, aside in self._places(node):
                if aside.exists():
                    shutil.rmtree(here, ignore_errors=True)
                    here.parent.mkdir(parents=True, exist_ok=True)
                    replace_file(aside, here)
            networks.start(self._network, node.name)
        shutil.rmtree(self._directory / LOST, ignore_errors=True)

    # -- coming back ---------------------------------------------------------------------------------
    def _bring_back(self, nodes: list[NodeRef], backup: Path, ctx: JobContext) -> tuple[float, float, float]:
        """Restore the backup beside, take the peers out of it, start them, wait; when each of these was done."""
        from baas.services.restoring import restore

        scratch = self._directory / LOST / _SCRATCH
        restore(backup, scratch, ctx=ctx)
        for node in nodes:
            for here, _ in self._places(node):
                source = scratch / "networks" / self._network / here.relative_to(self._directory)
                here.parent.mkdir(parents=True, exist_ok=True)
                replace_file(source, here)
        shutil.rmtree(scratch)
        restored = time.monotonic()
        ctx.step("start", Text("启动节点", "Start the peers"))
        for node in nodes:
            self._platform.networks.start(self._network, node.name)
        started = time.monotonic()
        ctx.step("follow", Text("从其他组织追上", "Follow the other organisations"))
        wanted = self._heights()
        until = started + CATCH_UP_S
        while not self._reached(nodes, wanted):
            ctx.check_cancelled()
            if time.monotonic() > until:
                raise DeadlineExceeded(
                    Text("节点没有追上其他组织。", "The peers have not caught up with the others."),
                    Text("请查看节点日志。", "See the peers' logs."),
                    code="not_caught_up",
                )
            time.sleep(0.1)
        return restored, started, time.monotonic()

    def _reached(self, nodes: list[NodeRef], wanted: dict[str, dict[str, int]]) -> bool:
        now = self._heights()
        highest: dict[str, int] = {}
        for heights in wanted.values():
            for channel, height in heights.items():
                highest[channel] = max(height, highest.get(channel, 0))
        handle = self._platform.networks.handle(self._network)
        return all(
            now[node.name].get(channel, 0) >= height
            for node in nodes
            for channel, height in highest.items()
            if node in handle.channel_peers(channel)
        )

    def _compared(
        self,
        nodes: list[NodeRef],
        before: dict[str, dict[str, PeerFacts]],
        lost_at: dict[str, dict[str, int]],
        ctx: JobContext,
    ) -> tuple[dict[str, bool], int, int]:
        """Which peers are what they were, and how many transactions and private values of before are not on them.

        A peer fetches private data of the blocks that it follows from other members, some of it a little later; what
        nobody else may have is not to be had again, and so nobody waits for it for ever.
        """
        ctx.step("compare", Text("与丢失前逐块比对", "Compare block by block with what was lost"))
        until = time.monotonic() + PRIVATE_S
        while True:
            now = self._facts(nodes, lost_at)
            same = {
                node.name: all(now[node.name][channel].covers(facts) for channel, facts in before[node.name].items())
                for node in nodes
            }
            if all(same.values()) or time.monotonic() > until:
                break
            ctx.check_cancelled()
            time.sleep(0.5)
        pairs = [(now[n.name][channel], facts) for n in nodes for channel, facts in before[n.name].items()]
        missing = max(max(0, had.valid - has.valid) for has, had in pairs)
        return same, missing, sum(has.lacking(had) for has, had in pairs)

    # -- looking -------------------------------------------------------------------------------------
    def _heights(self) -> dict[str, dict[str, int]]:
        """Channel heights by peer."""
        nodes = self._platform.networks.status(self._network).nodes
        return {one.name: dict(one.heights) for one in nodes if one.kind == "peer"}

    def _facts(self, nodes: list[NodeRef], heights: dict[str, dict[str, int]]) -> dict[str, dict[str, PeerFacts]]:
        from network.native.ledger_snapshots import SnapshotNotes
        from network.native.peer_facts import peer_facts

        handle = self._platform.networks.handle(self._network)
        notes = SnapshotNotes(self._directory)
        with translating():
            return {
                node.name: {
                    channel: peer_facts(handle, node, channel, height, first=notes.first_block(node.name, channel))
                    for channel, height in heights[node.name].items()
                }
                for node in nodes
            }

    # -- writing meanwhile ---------------------------------------------------------------------------
    def _write(self) -> int:
        """Write a few transactions while the peers are away; how many were acknowledged, -1 where none can be."""
        platform = self._platform
        try:
            if platform.contracts.committed(self._network, "catalogue") is None:
                return -1
        except CityChainError:
            return -1
        written = 0
        for _ in range(_WRITES):
            with contextlib.suppress(CityChainError):
                platform.audit.seal(self._network)
                written += 1
        return written


def _created(backup: Path) -> float:
    from baas.services.backup import MANIFEST

    with zipfile.ZipFile(backup) as archive:
        return float(json.loads(archive.read(MANIFEST))["created"])


def _least(heights: dict[str, int]) -> int:
    return min(heights.values(), default=0)


def _save(path: Path, document: Any) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(document), "utf-8")
    replace_file(temporary, path)
