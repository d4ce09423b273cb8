"""Kill the node at random instants under load: `python -m tests.network.embedded.crash --rounds 200`.

After every kill the node is started again, and every transaction that was acknowledged must be there with its block.
Every few rounds, and at the end, everything stored is checked against the blocks, so that nothing is half applied.
`--preload N` puts N transactions on the ledger first; the longest restart is reported.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Deadlines, aio
from network.embedded.check import check_state
from tests.network.embedded.city import City
from tests.network.embedded.conftest import collections

POLICY = "AND('DataBureauMSP.peer', 'CopyrightMSP.peer')"


@dataclass
class Campaign:
    """What happened: rounds done, acknowledged transactions, seconds of the slowest restart, what went wrong."""

    rounds: int = 0
    acknowledged: int = 0
    slowest_restart_s: float = 0.0
    height: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass
class _Load:
    acknowledged: dict[str, tuple[str, int]] = field(default_factory=dict)
    """key -> (value, block)"""


def run(directory: Path, rounds: int, preload: int, seed: int, check_every: int = 20) -> Campaign:
    """Run the campaign in a fresh network below `directory`."""
    chance = random.Random(seed)
    campaign = Campaign()
    city = City(directory / "n").up()
    try:
        city.deploy("ledger", policy=POLICY, collections=collections())
        if preload:
            asyncio.run(_preload(city, preload))
        for number in range(rounds):
            _round(city, campaign, chance, number)
            if (number + 1) % check_every == 0 or number + 1 == rounds:
                campaign.failures += [f"round {number}: {d}" for d in check_state(city.directory, "citychannel")]
            campaign.rounds = number + 1
            if campaign.failures:
                break
        campaign.height = city.driver.status().nodes[0].height or 0
        return campaign
    finally:
        city.down()


def _round(city: City, campaign: Campaign, chance: random.Random, number: int) -> None:
    load = _Load()
    asyncio.run(_until_killed(city, load, number, chance.uniform(0.02, 0.7)))
    begin = time.perf_counter()
    city.driver.start()
    campaign.slowest_restart_s = max(campaign.slowest_restart_s, time.perf_counter() - begin)
    city.forget_connections()
    contract = city.contract()
    campaign.acknowledged += len(load.acknowledged)
    for key, (value, block) in load.acknowledged.items():
        found = contract.evaluate("GetPrivate", "open", key) if key.startswith("p") else contract.evaluate("Get", key)
        if found.decode() != value:
            campaign.failures.append(f"round {number}: {key} of block {block} is {found!r}, was {value!r}")


async def _until_killed(city: City, load: _Load, number: int, seconds: float) -> None:
    process = psutil.Process(json.loads((city.directory / "embedded" / "ready.json").read_bytes())["pid"])
    msp_id = city.msp_ids[0]
    async with aio.connect(
        city.handle.endpoint(msp_id), city.handle.admin(msp_id), deadlines=Deadlines(5, 5, 5, 5)
    ) as gateway:
        contract = gateway.get_network("citychannel").get_contract("ledger")

        async def client(n: int) -> None:
            for i in range(10_000):
                private = (n + i) % 4 == 0
                key, value = f"{'p' if private else 'k'}{number}-{n}-{i}", f"{random.random()}"
                try:
                    if private:
                        submitted = await contract.submit_async("PutPrivateValue", "open", key, value)
                    else:
                        submitted = await contract.submit_async("Put", key, value)
                    status = await submitted.status()
                except FabricError:
                    return
                if status.successful:
                    load.acknowledged[key] = (value, status.block_number)

        tasks = [asyncio.create_task(client(n)) for n in range(16)]
        await asyncio.sleep(seconds)
        process.kill()
        await asyncio.gather(*tasks)
    process.wait(10)


async def _preload(city: City, count: int) -> None:
    msp_id = city.msp_ids[0]
    async with aio.connect(
        city.handle.endpoint(msp_id), city.handle.admin(msp_id), deadlines=Deadlines(60, 60, 60, 60)
    ) as gateway:
        contract = gateway.get_network("citychannel").get_contract("ledger")
        numbers = iter(range(count))

        async def client() -> None:
            for i in numbers:
                await contract.submit("Put", f"preload{i}", "x" * 80)

        await asyncio.gather(*(client() for _ in range(128)))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Kill the embedded ledger at random instants under load.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--preload", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        campaign = run(Path(folder), options.rounds, options.preload, options.seed)
    print(json.dumps({**vars(campaign), "seed": options.seed}, indent=1))
    return 1 if campaign.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
