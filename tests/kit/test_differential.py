"""The present contract does what the one before the kit did: equal ledgers over random calls of all people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.differential import BASE, NoBase, earlier_contract, run


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> type:
    folder: Path = tmp_path_factory.mktemp("earlier")
    try:
        return earlier_contract(BASE, folder)
    except (NoBase, FileNotFoundError) as error:
        pytest.skip(f"the contract of {BASE} cannot be taken out of git: {error}")


@pytest.mark.parametrize("seed", range(3))
def test_some_runs_write_equal_ledgers(earlier: type, seed: int) -> None:
    pair = run(earlier, seed, 300)
    assert pair.compare() > 50
    assert sum(pair.done.values()) > 30


@pytest.mark.slow
def test_four_hundred_runs_write_equal_ledgers(earlier: type) -> None:
    for seed in range(400):
        run(earlier, seed, 250)
