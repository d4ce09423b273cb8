"""One load test of one network: more and more calls under way, a verdict, a report, and everything put away again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Conflict, NotFound, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from baas.monitoring.load.driving import Driver
from baas.monitoring.load.figures import LoadReport, Setting, Step, report_of
from baas.monitoring.load.machine import Machine
from baas.monitoring.load.verdict import TURNED_AWAY, judge
from baas.services.own_contracts import OwnContract
from fabric_sdk import clock
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from baas.platform import Platform
    from fabric_sdk.gateway import aio
    from network.topology import TopologySpec

CONTRACT, VERSION, PERSON = "loadtest", "1.0.0", "loadtest"
ROW = "x" * 80
CLEAR = 500
"""Rows that one transaction removes."""
KEEP = 50
FAILING = 0.2
ENOUGH = 16
"""Calls under way below which more are tried whatever came of them: on a busy machine a step or two say little."""


@dataclass(frozen=True)
class Wanted:
    """What to press with: up to `clients` calls under way, `seconds` for each step.

    Without `contract` the test's own one is deployed and called, and its rows are removed afterwards. With it
    `function` is called with `args`, in which `{n}` is the call's number: what that writes stays.
    """

    clients: int = 128
    seconds: float = 3.0
    contract: str = ""
    function: str = ""
    args: tuple[str, ...] = ()
    channel: str = ""


class LoadTests:
    """The load tests of one network; `folder` keeps their reports."""

    def __init__(self, platform: Platform, network: str, folder: Path) -> None:
        self._platform, self._network, self._folder = platform, network, folder
        self._reports = folder / f"{network}.loads.json"

    def run(self, wanted: Wanted, ctx: JobContext = NULL_CONTEXT) -> LoadReport:
        """Press, and say what limits. `Conflict` where a node does not run."""
        networks = self._platform.networks
        away = [one.name for one in networks.status(self._network).nodes if one.state not in ("running", "unknown")]
        if away:
            raise Conflict(
                Text("有节点没有运行：{n}", "A node does not run: {n}", n=", ".join(away)),
                Text("请先启动，再压测。", "Start it first."),
                code="not_whole",
            )
        handle = networks.handle(self._network)
        channel = wanted.channel or handle.channels[0]
        run = f"r{secrets.token_hex(6)}"
        own = not wanted.contract
        if own:
            self._deploy(channel, ctx)
        contract, function = (CONTRACT, "Write") if own else (wanted.contract, wanted.function)
        if not function:
            raise UserError(Text("请写明要调用的函数。", "Name the function to call."), code="no_function")
        quiet: list[float] = []
        machine = Machine(self._pids, networks.folder(self._network))

        def arguments(number: int) -> Sequence[str]:
            return (f"{run}-{number}", ROW) if own else [a.replace("{n}", f"{run}-{number}") for a in wanted.args]

        async def press() -> tuple[list[Step], int]:
            async with self._gateway() as gateway:
                driver = Driver(gateway, channel, contract, function, arguments)
                steps: list[Step] = []
                try:
                    quiet.append(await driver.warm_up())
                    await self._ramp(driver, machine, wanted, steps, ctx)
                finally:
                    cleaned = await self._clear(gateway, channel, run, driver.made + 1, ctx) if own else -1
                return steps, cleaned

        steps, cleaned = _run(press())
        setting = replace(self._setting(handle.spec, channel), query_ms=quiet[0])
        report = LoadReport(
            clock.seconds(),
            self._network,
            channel,
            f"{contract}.{function}",
            tuple(steps),
            setting,
            judge(steps, setting),
            cleaned,
        )
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._save([*[asdict(one) for one in self.reports()], asdict(report)][-KEEP:])
        return report

    def reports(self) -> tuple[LoadReport, ...]:
        """The reports of earlier tests, oldest first."""
        try:
            return tuple(report_of(row) for row in json.loads(self._reports.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    # -- inside --------------------------------------------------------------------------------------
    async def _ramp(self, driver: Driver, machine: Machine, wanted: Wanted, steps: list[Step], ctx: JobContext) -> None:
        clients = 1
        while True:
            ctx.check_cancelled()
            ctx.step(f"clients-{clients}", Text("{n} 个并发", "{n} under way", n=clients))
            steps.append(await driver.step(clients, wanted.seconds, machine))
            if not steps[0].calls:
                raise _nothing(steps[0])
            failing = steps[-1].share(TURNED_AWAY) >= FAILING
            idle = clients >= ENOUGH and not _grows(steps)
            if failing or idle or clients >= wanted.clients:
                break
            clients = min(2 * clients, wanted.clients)
        if not any(step.done for step in steps):
            raise _nothing(steps[0])

    async def _clear(self, gateway: aio.Gateway, channel: str, run: str, end: int, ctx: JobContext) -> int:
        """Remove the rows again, also after a test that was cancelled."""
        ctx.step("clear", Text("删除测试数据", "Remove the test's rows"))
        contract = gateway.get_network(channel).get_contract(CONTRACT)
        for first in range(0, end, CLEAR):
            await contract.submit("Clear", run, str(first), str(min(end, first + CLEAR)))
        return end

    def _deploy(self, channel: str, ctx: JobContext) -> None:
        contracts = self._platform.contracts
        found = contracts.committed(self._network, CONTRACT, channel)
        if found is None or found.version != VERSION:
            source = Path(__file__).with_name("row_contract.py")
            own = OwnContract(CONTRACT, VERSION, "python", str(source))
            contracts.deploy_own(self._network, own, channel=channel, ctx=ctx)

    def _gateway(self) -> aio.Gateway:
        """A connection of the test's own, as a person of its own where somebody here can be issued."""
        from fabric_sdk.gateway import Deadlines, aio

        handle = self._platform.networks.handle(self._network)
        msp_id = next((m for m in handle.spec.peer_msp_ids if handle.authority(m).at_hand), "")
        if msp_id:
            label = self._platform.identities.ensure(msp_id, PERSON, "client", network=self._network)
        else:
            label = self._platform.identities.acting(self._network).label
            msp_id = label.partition("/")[0]
        signing = self._platform.identities.signing(label, self._network)
        return aio.connect(handle.endpoint(msp_id), signing, deadlines=Deadlines(60.0, 60.0, 60.0, 120.0))

    def _setting(self, spec: TopologySpec, channel: str) -> Setting:
        """The batch rules in force, as the channel's configuration has them."""
        from network.config_updates import ChannelUpdater

        batch = spec.channel(channel).batch
        timeout_ms, most = float(batch.timeout_ms), batch.max_messages
        with contextlib.suppress(CityChainError):
            config = ChannelUpdater(self._platform.networks.handle(self._network), channel).read()
            timeout_ms, most = _milliseconds(config.batch.timeout), config.batch.max_messages
        return Setting(spec.runtime, timeout_ms, most, os.cpu_count() or 1, waits=spec.runtime != "embedded")

    def _pids(self) -> set[int]:
        return {node.pid for node in self._platform.networks.status(self._network).nodes if node.pid}

    def _save(self, document: Any) -> None:
        temporary = self._reports.with_suffix(".tmp")
        temporary.write_text(json.dumps(document, default=_plain, ensure_ascii=False), "utf-8")
        replace_file(temporary, self._reports)


def _grows(steps: Sequence[Step]) -> bool:
    """Whether the last two steps brought more transactions a second than those before."""
    before = max((step.per_second for step in steps[:-2]), default=0.0)
    return max(step.per_second for step in steps[-2:]) >= 1.05 * before


def _milliseconds(duration: str) -> float:
    """Milliseconds of a duration as Go writes it (`200ms`, `2s`, `1m0s`)."""
    units = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
    return sum(float(n) * units[unit] for n, unit in re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", duration))


def _nothing(step: Step) -> CityChainError:
    said = next(iter(step.said.values()), "")
    return NotFound(
        Text("没有一笔调用成功：{e}", "No call succeeded: {e}", e=said or "-"),
        Text("请核对合约、函数和参数。", "Check contract, function and arguments."),
        code="no_call_succeeded",
    )


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    raise TypeError(type(value).__name__)


def _run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run on the fastest event loop there is."""
    runner: Callable[[Coroutine[Any, Any, Any]], Any] = asyncio.run
    with contextlib.suppress(ImportError):
        import uvloop

        runner = uvloop.run
    return runner(main)
