"""A load test of Fabric's own programs whose orderers wait two seconds for 500 transactions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from baas.applications import Applications
from baas.monitoring.load.running import Wanted
from baas.platform import Platform
from network.topology import BatchSpec, TopologySpec, template
from tests.e2e.running import require_fabric

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def _spec(batch: BatchSpec) -> TopologySpec:
    spec = template("single", network_name="lone", runtime="native")
    require_fabric(spec.fabric_version)
    return spec.with_(channels=tuple(replace(channel, batch=batch) for channel in spec.channels))


@pytest.mark.parametrize(
    ("batch", "clients", "knobs"),
    [
        pytest.param(BatchSpec(max_messages=500, timeout_ms=2000), 8, {"batch_timeout"}, id="clock"),
        pytest.param(BatchSpec(max_messages=100, timeout_ms=20), 64, {"cpu", "none"}, id="healthy"),
    ],
)
def test_what_limits_is_named(batch: BatchSpec, clients: int, knobs: set[str], tmp_path: Path) -> None:
    spec = _spec(batch)
    with Platform.open(tmp_path / "workspace", applications=Applications({})) as platform:
        platform.jobs.run(platform.networks.up, spec)
        try:
            report = platform.monitor.load(Wanted(clients=clients, seconds=5.0), "lone")
            slow_disk = report.verdict.knob == "disk" and report.best.disk_ms >= 20  # this machine's, not a knob's
            assert report.verdict.knob in knobs or slow_disk, "\n".join(map(str, (report.verdict, *report.steps)))
            assert report.setting.timeout_ms == batch.timeout_ms and report.setting.max_messages == batch.max_messages
            assert report.cleaned > 0 and all(not step.errors for step in report.steps)
        finally:
            platform.networks.destroy("lone")
