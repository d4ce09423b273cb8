"""An embedded network becomes one of containers on the same chain; skipped where there is no engine or no image."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from network import plan
from network.docker.engine import Engine
from network.docker.removal import FOLDER_LABEL, folder_label
from network.drivers.base import Silent
from network.drivers.docker import DockerDriver
from network.drivers.embedded import EmbeddedDriver
from network.errors import Conflict, UserError
from network.promotion import move
from network.promotion.move import Promotion
from network.promotion.record import PromotionRecord
from network.promotion.stored import StoredChannel, ledger_file
from tests.docker.test_docker_network import spec_for
from tests.e2e.promoting import STEPS
from tests.e2e.test_promotion import CHANNEL, SECRET, Grown, grown, works

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
KILLS = int(os.environ.get("CITYCHAIN_PROMOTION_KILLS", "10"))


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))


@pytest.fixture
def cities() -> Iterator[list[Grown]]:
    made: list[Grown] = []
    yield made
    for city in made:
        city.look_again()
        city.driver.destroy()
        EmbeddedDriver(city.directory, city.vault).stop()
        DockerDriver(city.directory, city.vault).containers.remove_all()


def left(directory: Path) -> list[str]:
    """What the engine has of a network's folder."""
    client, mine = Engine().client, {"label": f"{FOLDER_LABEL}={folder_label(directory)}"}
    found = [*client.containers.list(all=True, filters=mine), *client.volumes.list(filters=mine)]
    return [thing.name for thing in [*found, *client.networks.list(filters=mine)]]


def promotion(city: Grown, steps: list[str] | None = None) -> Any:
    one = city.promotion(steps)
    return lambda: one.run(runtime="docker")


def endpoints(city: Grown) -> frozenset[str]:
    """The orderers' addresses in the channel's newest configuration, as the embedded ledger keeps it."""
    with StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL) as channel:
        return channel.orderer_addresses(newest=True)


def in_volume(city: Grown, peer: str, text: str) -> bool:
    """Whether a text stands anywhere in a container's ledger."""
    container = DockerDriver(city.directory, city.vault).containers.containers()[peer]
    stream, _ = container.get_archive("/var/hyperledger/production")
    return text.encode() in b"".join(stream)


@pytest.mark.parametrize(
    ("kind", "version"), [("city", "3.1.5"), ("ha", "3.1.5"), ("bft", "3.1.5"), ("city", "2.5.16")]
)
def test_containers_take_over(kind: str, version: str, tmp_path: Path, cities: list[Grown]) -> None:
    spec_for(kind, version)
    city, side = grown(tmp_path / "n", kind, version)
    cities.append(city)
    before, steps = side.state(), []
    ports = {p.name: city.handle.addresses[p.name].address for p in city.handle.peers()}
    started = time.monotonic()
    done = promotion(city, steps)()
    print(f"{kind} {version}: {time.monotonic() - started:.1f} s", done)
    assert tuple(steps) == STEPS
    city.look_again()
    assert city.spec.runtime == "docker"
    assert {p.name: city.handle.addresses[p.name].address for p in city.handle.peers()} == ports
    assert side.state() == before
    works(city, "in containers")
    heights = {n.name: n.height for n in city.driver.status().nodes if n.kind in ("peer", "orderer")}
    assert min(h or 0 for h in heights.values()) > done.heights[CHANNEL]
    assert in_volume(city, "peer0.databureau.city.internal", SECRET)
    assert not in_volume(city, "peer0.health.city.internal", SECRET)
    assert not (city.directory / "embedded").exists()
    assert plan.plan(city.driver, city.spec, city.directory) == []
    with pytest.raises(Conflict) as caught:
        city.promotion().go_back()
    assert caught.value.code == "new_blocks"
    works(city, "still in containers")
    city.driver.stop()
    city.driver.start()
    works(city, "after a night")


def test_back_as_long_as_there_is_no_new_block(
    tmp_path: Path, cities: list[Grown], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec_for("city")
    city, side = grown(tmp_path / "n", "city", "3.1.5", 30)
    cities.append(city)
    before, addresses = side.state(), endpoints(city)

    def fails(*_: Any) -> None:
        raise UserError("not today")

    monkeypatch.setattr(move, "approve", fails)
    with pytest.raises(UserError, match="not today"):
        promotion(city)()
    city.look_again()
    assert city.spec.runtime == "docker"
    city.promotion().go_back()
    city.look_again()
    assert city.spec.runtime == "embedded"
    assert PromotionRecord.load(city.directory) is None
    assert left(city.directory) == []
    assert endpoints(city) == addresses
    assert side.state() == before
    works(city, "back")
    monkeypatch.undo()
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    promotion(city)()
    city.look_again()
    works(city, "in containers after all")


def test_what_fails_on_the_way_leaves_nothing(
    tmp_path: Path, cities: list[Grown], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused while replayed, where volumes hold private data already; running again if it ran, else stopped."""
    spec_for("city")
    city, side = grown(tmp_path / "n", "city", "3.1.5", 30)
    cities.append(city)
    before, addresses, seen = side.state(), endpoints(city), []

    def fails(*_: Any) -> None:
        seen.append(left(city.directory))
        raise UserError("not today")

    monkeypatch.setattr(move, "install", fails)
    for running in (True, False):
        if not running:
            city.forget_connections()
            city.driver.stop()
        with pytest.raises(UserError, match="not today"):
            promotion(city)()
        city.look_again()
        assert city.spec.runtime == "embedded"
        assert len(seen.pop()) >= 9  # four containers and an orderer's, their volumes, a network
        assert left(city.directory) == []
        assert PromotionRecord.load(city.directory) is None
        assert city.driver.status().state == ("running" if running else "stopped")
    plan.run(city.driver, city.spec, city.directory)
    assert endpoints(city) == addresses
    assert side.state() == before
    works(city, "embedded as before")


@pytest.mark.slow
@pytest.mark.timeout(60 + 120 * KILLS)
def test_killed_anywhere_it_is_embedded_again_or_finished(tmp_path: Path, cities: list[Grown]) -> None:
    """kill -9 at the beginning of steps and at moments within them; the next start is one or the other, whole."""
    spec_for("city")
    city, side = grown(tmp_path / "first", "city", "3.1.5", 30)
    before, addresses = side.state(), endpoints(city)
    city.forget_connections()
    city.driver.stop()
    chance = random.Random(int(os.environ.get("CITYCHAIN_PROMOTION_SEED", "1")))
    moments = [(step, 0.0) for step in STEPS]
    while len(moments) < KILLS:
        moments.append((chance.choice(STEPS), chance.uniform(0.02, 4.0)))
    outcomes: dict[str, int] = {}
    script = Path(__file__).parent.with_name("e2e") / "promoting.py"
    for number, (step, seconds) in enumerate(moments[:KILLS]):
        folder = tmp_path / f"n{number}"
        shutil.copytree(city.directory, folder, ignore=shutil.ignore_patterns("*.sock", "ready.json"))
        again = Grown(folder, city.spec)
        cities.append(again)
        EmbeddedDriver(folder, again.vault).start()
        command = [sys.executable, str(script), str(folder), step, str(seconds), "docker"]
        done = subprocess.run(command, timeout=200, check=False, capture_output=True, text=True)
        for _ in range(30):
            # Refused because of another program's port is no kill: the moment is tried again.
            if done.returncode != 1 or "is used by another program" not in done.stderr:
                break
            time.sleep(2.0)
            done = subprocess.run(command, timeout=200, check=False, capture_output=True, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        again.look_again()
        outcomes[again.spec.runtime] = outcomes.get(again.spec.runtime, 0) + 1
        print(f"{number}: {step} {seconds:.2f} s: {again.spec.runtime}", flush=True)
        plan.run(again.driver, again.spec, folder)
        if again.spec.runtime == "docker":
            Promotion(folder, again.vault, Silent()).run()
            again.look_again()
            assert PromotionRecord.load(folder).phase == "done"  # type: ignore[union-attr]
        else:
            assert not (folder / "promotion.json").exists()
            assert left(folder) == []
            assert endpoints(again) == addresses
        side.city = again
        assert side.state() == before, (step, seconds)
        works(again, f"{step} {seconds}")
        again.forget_connections()
        again.driver.destroy()
        assert left(folder) == []
        cities.remove(again)
        shutil.rmtree(folder)
    print(outcomes)
    assert outcomes.keys() == {"embedded", "docker"}
