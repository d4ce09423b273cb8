"""The official Node client keeps one connection profile while its peers become real, embedded again, and all Fabric."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.admin.collections import CollectionConfig
from network.drivers import make_driver
from network.drivers.base import Silent
from network.drivers.docker import DockerDriver
from network.errors import UserError
from network.hybrid.handover import Handover
from network.native.programs import find_programs
from network.promotion import move
from network.promotion.move import Promotion
from network.topology import load_spec
from tests.docker.test_docker_network import spec_for
from tests.interop.conftest import THREE_ORGANIZATIONS, describe
from tests.network.embedded.city import City

pytestmark = [pytest.mark.interop, pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture
def own_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    if find_programs("3.1.5") is None:
        pytest.skip("Fabric 3.1.5 is not on this machine")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    city = City(tmp_path / "n", load_spec(THREE_ORGANIZATIONS)).up()
    try:
        two = "OR('Org1MSP.member', 'Org2MSP.member')"
        collection = CollectionConfig("open", two, member_only_read=False, member_only_write=False)
        policy = "OutOf(2, 'Org1MSP.peer', 'Org2MSP.peer', 'Org3MSP.peer')"
        city.deploy("ledger", policy=policy, collections=[collection], channel="interop")
        yield city
    finally:
        city.forget_connections()
        for runtime in ("native", "embedded"):
            make_driver(runtime, city.directory, city.vault).stop()


@pytest.fixture
def node(node_folder: Path, own_city: City, tmp_path: Path) -> Callable[..., Any]:
    """Run the official client with the one connection profile, made once."""
    connection = tmp_path / "connection.json"
    connection.touch(mode=0o600)
    connection.write_text(json.dumps(describe(own_city, "Org1MSP", None)))

    def run(*arguments: str) -> Any:
        command = ["node", "gateway.mjs", str(connection), *arguments]
        done = subprocess.run(command, cwd=node_folder, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert run("put", "before", "1") == {"submitted": "1"}
    assert run("transactions")["evaluated"] == "值"
    own_city.forget_connections()
    return run


def goes_on(node: Callable[..., Any], number: int) -> None:
    """Writes, reads and events as before, once what moved answers again."""
    end = time.monotonic() + 60
    while (failure := node("tryPut", "after", f"{number}")["failure"]) is not None:
        assert time.monotonic() < end, failure
    result = node("transactions")
    assert (result["submitted"], result["evaluated"], result["named"]) == ("值", "值", "值")
    assert result["status"]["successful"] is True
    sent = node("events")
    assert [one["id"] for one in sent["seen"]] == [one["id"] for one in sent["transactions"]]


def test_one_profile_through_all_of_it(node: Callable[..., Any], own_city: City) -> None:
    handover = Handover(own_city.directory, own_city.vault, Silent())
    # Its own organisation's peers become real while the others stay embedded; embedded again; then all of Fabric.
    moves = (
        lambda: handover.run("Org1MSP"),
        lambda: handover.go_back("Org1MSP"),
        lambda: Promotion(own_city.directory, own_city.vault, Silent()).run(),
    )
    for number, move_on in enumerate(moves):
        move_on()
        goes_on(node, number)


def test_one_profile_into_containers(node: Callable[..., Any], own_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    spec_for("city")
    promotion = Promotion(own_city.directory, own_city.vault, Silent())

    def fails(*_: Any) -> None:
        raise UserError("not today")

    try:
        with monkeypatch.context() as patch, pytest.raises(UserError, match="not today"):
            patch.setattr(move, "approve", fails)
            promotion.run(runtime="docker")
        promotion.go_back()
        goes_on(node, 0)
        promotion.run(runtime="docker")
        goes_on(node, 1)
    finally:
        DockerDriver(own_city.directory, own_city.vault).containers.remove_all()
