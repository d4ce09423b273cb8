"""Drills: one node is stopped while the network is asked and written to, started again, and what that did is told.

The network is whole before and after, or the drill refuses or says what is left. What a drill has stopped stands in a
file until it runs again, so that a drill that was killed is put right by the next one, or by whoever watches.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Conflict, NotFound, Text, translate
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock
from fabric_sdk.files import replace_file
from network.processes import birth_of, born_as
from network.supervisor.process import process_alive

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.drivers.base import NodeStatus

PROBE_S = 0.25
CATCH_UP_S = 60.0
KEEP = 50


@dataclass(frozen=True)
class Probes:
    """What was asked in one part of a drill: how many answered, how many failed, and the longest time without an
    answer, in seconds; `said` is the first failure."""

    answered: int
    failed: int
    longest_s: float
    said: str = ""


@dataclass(frozen=True)
class DrillReport:
    """What a drill showed. Times in seconds; `at` since the epoch.

    `before`, `during` and `after` are reads through another organisation's peer; `writes` is how many transactions
    committed while the node was away, -1 where nothing could be written to. `whole`: every node runs and has the same
    height as before the drill or more.
    """

    at: float
    network: str
    node: str
    kind: str
    seconds: float
    before: Probes
    during: Probes
    after: Probes
    writes: int
    stopped_s: float
    back_s: float
    whole: bool

    @property
    def interrupted(self) -> bool:
        """Whether whoever asked noticed."""
        return bool(self.during.failed or self.after.failed or self.writes == 0)


class Drills:
    """The drills of one network."""

    def __init__(self, platform: Platform, network: str, folder: Path) -> None:
        self._platform, self._network = platform, network
        self._folder = folder
        self._under_way = folder / f"{network}.drill.json"
        self._reports = folder / f"{network}.drills.json"

    def run(self, node: str, seconds: float, ctx: JobContext = NULL_CONTEXT) -> DrillReport:
        """Stop `node` for `seconds` and start it again. `Conflict` where another node does not run already."""
        networks = self._platform.networks
        self.mend()
        nodes = networks.status(self._network).nodes
        wanted = next((one for one in nodes if one.name == node or one.name.partition(".")[0] == node), None)
        if wanted is None:
            raise NotFound(Text("没有节点 {n}。", "There is no node {n}.", n=node[:100]), code="no_node")
        away = [one.name for one in nodes if one.state != "running"]
        if away:
            raise Conflict(
                Text("已有节点没有运行：{n}", "A node does not run already: {n}", n=", ".join(away)),
                Text("请先启动它，再演练。", "Start it first, then drill."),
                code="not_whole",
            )
        asked = self._asker(wanted)
        writer = self._writer(wanted)
        ctx.step("before", Text("停止前", "Before"))
        before = self._probe(asked, min(seconds, 2.0), ctx)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._save(self._under_way, {"node": wanted.name, "pid": os.getpid(), "born": birth_of(os.getpid())})
        begun, writes = time.monotonic(), -1 if writer is None else 0
        try:
            ctx.step("stop", Text("停止 {n}", "Stop {n}", n=wanted.name))
            networks.stop(self._network, wanted.name)
            stopped = time.monotonic() - begun
            during, writes = self._probe_and_write(asked, writer, seconds, ctx)
        finally:
            ctx.step("start", Text("启动 {n}", "Start {n}", n=wanted.name))
            again = time.monotonic()
            networks.start(self._network, wanted.name)
            self._under_way.unlink(missing_ok=True)
        back = self._caught_up(wanted.name, again)
        ctx.step("after", Text("恢复后", "After"))
        after = self._probe(asked, min(seconds, 2.0), ctx)
        report = DrillReport(
            clock.seconds(),
            self._network,
            wanted.name,
            wanted.kind,
            time.monotonic() - begun,
            before,
            during,
            after,
            writes,
            stopped,
            back,
            self._whole(nodes),
        )
        self._save(self._reports, [*[asdict(one) for one in self.reports()], asdict(report)][-KEEP:])
        return report

    def mend(self) -> bool:
        """Start what a drill that was killed has left stopped; whether there was anything."""
        try:
            left = json.loads(self._under_way.read_text("utf-8"))
            node, pid, born = str(left["node"]), int(left["pid"]), left.get("born", left.get("at"))
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if born_as(pid, born) and process_alive(pid):
            return False  # it is under way
        self._platform.networks.start(self._network, node)
        self._under_way.unlink(missing_ok=True)
        return True

    def reports(self) -> tuple[DrillReport, ...]:
        """The reports of earlier drills, oldest first."""
        try:
            rows = json.loads(self._reports.read_text("utf-8"))
            return tuple(
                DrillReport(**{**row, **{part: Probes(**row[part]) for part in ("before", "during", "after")}})
                for row in rows
            )
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    # -- inside --------------------------------------------------------------------------------------
    def _asker(self, node: NodeStatus) -> Callable[[], Any]:
        """A read through a peer of another organisation, as a client of theirs would."""
        handle = self._platform.networks.handle(self._network)
        others = [one for one in handle.peers() if one.name != node.name]
        apart = [one for one in others if one.organization.msp_id != node.msp_id] or others
        if not apart:
            raise Conflict(
                Text("网络只有一个 Peer，演练没有意义。", "The network has one peer; there is nothing to drill."),
                code="one_peer",
            )
        chosen = apart[0].organization.msp_id
        label = handle.administrator(chosen) or f"{chosen}/admin"
        networks, channel = self._platform.networks, handle.channels[0]

        def ask() -> Any:
            # Anew each time: starting a node drops the connections.
            return (
                networks.connect(self._network, label, channel).get_contract("qscc").evaluate("GetChainInfo", channel)
            )

        return ask

    def _writer(self, node: NodeStatus) -> Callable[[], Any] | None:
        """A transaction: a seal of the audit log, where the catalogue is deployed."""
        with contextlib.suppress(CityChainError):
            if self._platform.contracts.committed(self._network, "catalogue") is not None:
                return lambda: self._platform.audit.seal(self._network)
        return None

    def _probe(self, ask: Callable[[], Any], seconds: float, ctx: JobContext) -> Probes:
        found, _ = self._probe_and_write(ask, None, seconds, ctx)
        return found

    def _probe_and_write(
        self, ask: Callable[[], Any], write: Callable[[], Any] | None, seconds: float, ctx: JobContext
    ) -> tuple[Probes, int]:
        end = time.monotonic() + seconds
        last, longest = time.monotonic(), 0.0
        answered = failed = 0
        writes, said = -1 if write is None else 0, ""
        while True:
            ctx.check_cancelled()
            for act in (ask, write) if write is not None and answered % 4 == 0 else (ask,):
                try:
                    act()
                except Exception as error:
                    failed += 1
                    said = said or str(translate(error))
                else:
                    answered += 1
                    writes += act is write
                    longest, last = max(longest, time.monotonic() - last), time.monotonic()
            if time.monotonic() >= end:
                return Probes(answered, failed, round(max(longest, time.monotonic() - last), 3), said), writes
            time.sleep(PROBE_S)

    def _caught_up(self, node: str, since: float) -> float:
        until = since + CATCH_UP_S
        while time.monotonic() < until:
            nodes = self._platform.networks.status(self._network).nodes
            height = max((one.height or 0 for one in nodes), default=0)
            own = next((one for one in nodes if one.name == node), None)
            if own is not None and own.state == "running" and (own.height or 0) >= height:
                return round(time.monotonic() - since, 3)
            time.sleep(0.1)
        return round(time.monotonic() - since, 3)

    def _whole(self, before: tuple[NodeStatus, ...]) -> bool:
        now = {one.name: one for one in self._platform.networks.status(self._network).nodes}
        return all(
            one.name in now and now[one.name].state == "running" and (now[one.name].height or 0) >= (one.height or 0)
            for one in before
        )

    @staticmethod
    def _save(path: Path, document: Any) -> None:
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(document), "utf-8")
        replace_file(temporary, path)
