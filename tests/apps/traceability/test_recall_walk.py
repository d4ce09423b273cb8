"""A recall misses nothing: contract, index and a reference walk over the events alone agree on random supply chains."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.kit.block_index import BlockWrites
from apps.traceability.index import GoodsIndex
from chaincode.traceability.kinds import MOST_MARKS
from fabric_sdk.chaincode.testing import Client
from tests.chaincode.traceability.chain import MAKER, NOW, OFFICE, Chain
from tests.chaincode.traceability.random_goods import Industry, reference

CALL = 50


class Followed(Chain):
    """A ledger whose writes go into an index as blocks do."""

    def __init__(self, path: Path) -> None:
        self.index, self.blocks = GoodsIndex(path), 0
        super().__init__()
        self.at = NOW - timedelta(days=25)

    def call(self, who: Client, function: str, *args: Any, transient: Mapping[str, bytes] | None = None) -> Any:
        proposed = self.tester.propose(function, *args, as_=who, transient=transient)
        assert proposed.commit() == "VALID"
        writes = tuple((key, value, 0) for (_, _, key), value in proposed.writes.items())
        name, before = str(self.blocks), str(self.blocks - 1) if self.blocks else ""
        self.index.follow([BlockWrites(self.blocks, name, before, writes)])
        self.blocks += 1
        return proposed.result

    def play(self, events: list[dict[str, Any]]) -> None:
        for at in range(0, len(events), CALL):
            timed = [self.event(**{"what" if key == "type" else key: value for key, value in one.items()})
                     for one in events[at : at + CALL]]  # fmt: skip
            bodies = self.bodies(timed)
            self.call(MAKER, "CaptureEvents", [{"sha256": one} for one in bodies], transient=bodies)

    def check(self, events: list[dict[str, Any]], start: str) -> int:
        """Recall goods for good; how many were taken in."""
        affected, holding = reference(events, start)
        found = self.index.recall_set(start)
        assert set(found.affected) == affected, start
        assert set(found.containers) == holding, start
        recall = self.call(OFFICE, "BeginRecall", {"goods": start, "level": "1", "cause": "x"})["id"]
        steps = list(found.steps())
        for at in range(0, len(steps), MOST_MARKS):
            self.call(OFFICE, "MarkGoods", recall, {"steps": steps[at : at + MOST_MARKS]})
        stopped = {name for name, state in self.index.state_of(self.names()).items() if recall in state["marked"]}
        assert stopped == affected, start
        return len(affected)

    def names(self) -> list[str]:
        return [name for (name,) in self.index.rows("SELECT name FROM node WHERE NOT process")]


def _recall_some(tmp_path: Path, seed: int, count: int, recalls: int) -> None:
    chain, chance = Followed(tmp_path / "goods.db"), random.Random(seed)
    events = list(Industry(seed).events(count))
    chain.play(events)
    names = chain.names()
    early = names[: len(names) // 4]
    starts = [*chance.sample(early, recalls // 2), *chance.sample(names, recalls - recalls // 2)]
    sizes = [chain.check(events, one) for one in starts]
    assert max(sizes) > 5, "the graph is not worth the name"


@pytest.mark.parametrize("seed", range(3))
def test_recalls_over_small_graphs(tmp_path: Path, seed: int) -> None:
    _recall_some(tmp_path, seed, 300, 8)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [7, 11])
def test_recalls_over_graphs_of_ten_thousand_events(tmp_path: Path, seed: int) -> None:
    _recall_some(tmp_path, seed, 10_000, 10)


def test_an_index_made_anew_is_the_same(tmp_path: Path) -> None:
    chain = Followed(tmp_path / "goods.db")
    blocks: list[BlockWrites] = []
    follow = chain.index.follow

    def keep(found: list[BlockWrites]) -> int:
        blocks.extend(found)
        return follow(found)

    chain.index.follow = keep  # type: ignore[method-assign, assignment]
    chain.play(list(Industry(5).events(200)))
    again = GoodsIndex(tmp_path / "again.db")
    again.follow(blocks)
    again.follow(blocks)  # those that are known are passed over
    tables = ("node", "flow", "event", "part", "held", "stock")
    assert all(again.rows(f"SELECT * FROM {one}") == chain.index.rows(f"SELECT * FROM {one}") for one in tables)
