"""The long campaigns at full length; the quick tests run each of them for a moment."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.network.embedded import crash, flips

ROUNDS = int(os.environ.get("CITYCHAIN_CRASH_ROUNDS", "200"))
FLIPS = int(os.environ.get("CITYCHAIN_FLIPS", "1000"))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    campaign = crash.run(tmp_path, ROUNDS, 0, random.randrange(1 << 30))
    assert not campaign.failures
    assert campaign.rounds == ROUNDS
    assert campaign.acknowledged > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_flipped_bit_is_named(tmp_path: Path) -> None:
    report = flips.run(flips.make_ledger(tmp_path), FLIPS, random.randrange(1 << 30))
    assert not report.missed
    assert report.flips == FLIPS


def test_a_few_kills(tmp_path: Path) -> None:
    campaign = crash.run(tmp_path, 2, 0, 1)
    assert not campaign.failures


def test_a_few_flips(tmp_path: Path) -> None:
    report = flips.run(flips.make_ledger(tmp_path), 25, 1)
    assert not report.missed
