"""Only containers stop for a copy: their ledgers lie where it does not reach. Real peers stand still instead."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from baas.jobs import NULL_CONTEXT
from baas.services import backup
from network.hybrid.record import HybridRecord, RealOrganization


@pytest.mark.parametrize("containers", [True, False])
def test_it_stops_for_the_copy_and_goes_on(tmp_path: Path, containers: bool) -> None:
    HybridRecord({"hospital": RealOrganization("real", "3.1.5", {}, ("peer0",))}).save(tmp_path)
    acts: list[str] = []
    networks = SimpleNamespace(
        names=lambda: ["city"],
        spec=lambda _: SimpleNamespace(runtime="docker" if containers else "embedded"),
        folder=lambda _: tmp_path,
        state=lambda _: SimpleNamespace(phase="ready"),
        status=lambda _: SimpleNamespace(state="running"),
        stop=lambda _name, ctx: acts.append("stop"),
        hold=lambda _name, on: None,
        start=lambda _name, ctx: acts.append("start"),
    )
    platform: Any = SimpleNamespace(networks=networks, explorer=SimpleNamespace(unfollow=lambda: None))
    with backup._still(platform, NULL_CONTEXT):
        acts.append("copy")
    assert acts == (["stop", "copy", "start"] if containers else ["copy"])
