"""The benchmark's two load generators give the same figures' names, so that they can be compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import describe
from tests.network.embedded.city import City

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def benched(five_peers: City) -> City:
    policy = "AND('Org1MSP.peer', 'Org2MSP.peer')"
    five_peers.deploy("bench", module="network.embedded.bench_contract", policy=policy, channel="interop")
    return five_peers


@pytest.mark.parametrize("what", ["submit", "evaluate"])
def test_both_load_generators(node_folder: Path, benched: City, tmp_path: Path, what: str) -> None:
    connection = tmp_path / "connection.json"
    connection.touch(mode=0o600)
    connection.write_text(json.dumps({**describe(benched, "Org1MSP"), "chaincode": "bench"}))
    arguments = [str(connection), what, "4", "1"]
    ours = _run([sys.executable, "-m", "fabric_sdk.gateway.load", *arguments], None)
    theirs = _run(["node", "bench.mjs", *arguments], node_folder)
    assert set(ours) - {"clients"} == set(theirs)
    for found in (ours, theirs):
        assert found["count"] > 0
        assert found["failures"] == 0, found["last_failure"]


def _run(command: list[str], cwd: Path | None) -> dict[str, Any]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
