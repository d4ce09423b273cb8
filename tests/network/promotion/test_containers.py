"""What a promotion into containers refuses before anything is changed, and what it leaves; the engine is a made one."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from network import plan
from network.docker.containers import Container
from network.docker.engine import APIError, Engine
from network.docker.names import name_nodes, unname_nodes
from network.docker.nodes import DIGEST_LABEL, ContainerNodes
from network.docker.removal import folder_label, remove_all
from network.drivers.base import Silent
from network.errors import CityChainError
from network.hybrid.record import HybridRecord, RealOrganization
from network.promotion import checks, containers
from network.promotion.move import Promotion
from network.promotion.record import LEFT, PromotionRecord, recover
from network.topology import template
from tests.docker.test_engine import FakeEngine, version
from tests.network.embedded.city import City

CHANNEL = "citychannel"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with City(tmp_path_factory.mktemp("into-containers") / "n", template("single")) as made:
        yield made


class Refusing(FakeEngine):
    """An engine that answers what it is asked and makes nothing."""

    def __init__(self, path: Path, **answers: Any) -> None:
        known = {"version": version("1.41"), "info": {"OperatingSystem": "Debian"}, "json": {"Id": "sha256:1"}}
        answered = {
            name: entry if isinstance(entry, tuple) else (200, entry) for name, entry in (known | answers).items()
        }
        super().__init__(path, answered)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made: list[FakeEngine] = []

    def start(said: str = "Version: v3.1.5", **answers: Any) -> None:
        made.append(Refusing(tmp_path / f"e{len(made)}.sock", **answers))
        monkeypatch.setenv("DOCKER_HOST", made[-1].address)
        monkeypatch.setattr(Engine, "said", lambda *_: said)

    yield start
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.endswith((".lock", ".log", "-wal", "-shm", ".db"))
    }


def refused(city: City) -> CityChainError:
    """Try to promote; nothing may have changed, and the embedded ledger still runs."""
    before = contents(city.directory)
    with pytest.raises(CityChainError) as caught:
        Promotion(city.directory, city.vault, Silent()).run(runtime="docker")
    assert contents(city.directory) == before
    assert city.driver.status().state != "stopped"
    return caught.value


def test_no_engine_answers(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    error = refused(city)
    assert error.code == "promotion_engine"
    assert "Docker" in str(error)


def test_images_that_are_not_there(city: City, engine: Any) -> None:
    engine(json=(404, {"message": "No such image"}))
    error = refused(city)
    assert error.code == "promotion_images"
    assert "hyperledger/fabric-peer:3.1.5" in str(error)


def test_an_image_of_another_version_under_the_right_name(city: City, engine: Any) -> None:
    engine(said="Version: v3.1.4")
    error = refused(city)
    assert error.code == "promotion_version"
    assert "3.1.4" in str(error)


@pytest.mark.parametrize("which", ["operations_port", "contracts"])
def test_a_taken_port(city: City, engine: Any, which: str) -> None:
    engine()
    address = city.handle.addresses[next(city.spec.peers()).name]
    port = int(address.contract_prefix + "00") if which == "contracts" else address.operations_port
    with socket.create_server(("127.0.0.1", port)):
        error = refused(city)
    assert error.code == "promotion_port"
    assert str(port) in str(error)


def test_the_engines_own_disk_is_full(city: City, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, usage = tmp_path / "engine", shutil.disk_usage(tmp_path)
    root.mkdir()
    engine(info={"OperatingSystem": "Debian", "DockerRootDir": str(root)})
    real = shutil.disk_usage
    full = usage._replace(free=100 * 1024 * 1024)
    monkeypatch.setattr(containers.shutil, "disk_usage", lambda p: full if Path(p) == root else real(p))
    error = refused(city)
    assert error.code == "promotion_disk"
    assert "Docker" in str(error)


def test_an_organisation_that_went_first(city: City, engine: Any) -> None:
    engine()
    name = next(city.spec.peers()).organization.name
    record = HybridRecord({name: RealOrganization("real", "3.1.5", {}, ())})
    record.save(city.directory)
    try:
        assert refused(city).code == "promotion_hybrid"
    finally:
        HybridRecord({}).save(city.directory)


def test_channels_that_know_the_nodes_by_other_addresses(city: City, engine: Any) -> None:
    """After a promotion into containers was thrown away, native nodes would look for names that nobody resolves."""
    engine()
    name_nodes(city.directory)
    plan.run(city.driver, city.spec, city.directory)
    unname_nodes(city.directory)
    try:
        with pytest.raises(CityChainError) as caught:
            Promotion(city.directory, city.vault, Silent()).run()
        codes = [one.code for one in _obstacles(city)]
        assert "addresses" in codes
        assert caught.value.code in {f"promotion_{code}" for code in codes}
        assert "addresses" in [one.code for one in _obstacles(city, "docker")]
    finally:
        plan.run(city.driver, city.spec, city.directory)
    assert "addresses" not in [one.code for one in _obstacles(city)]


def _obstacles(city: City, runtime: Any = "native") -> tuple[checks.Obstacle, ...]:
    from network.promotion.judge import stored_channels
    from network.promotion.target import target_of

    with stored_channels(city.directory, [CHANNEL]) as channels:
        driver = target_of(runtime, city.directory, city.vault).driver
        return checks.make_plan(city.handle, driver, checks.target_spec(city.spec, "", runtime), channels).obstacles


def test_an_engine_that_is_gone_holds_nobody_up_and_is_swept_later(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Private data in a volume must not stay because the engine slept when the promotion was thrown away."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    name_nodes(city.directory)
    PromotionRecord("moving", "3.1.5", {CHANNEL: 1}, runtime="docker").save(city.directory)
    plan.run(city.driver, city.spec, city.directory)
    assert city.driver.status().state == "running"
    assert (city.directory / LEFT).exists()
    assert all(not city.handle.addresses[name].node_host for name in city.handle.addresses.names())
    asked: list[str] = []
    swept = lambda _engine, folder, **_: asked.append(folder_label(folder))  # noqa: E731
    monkeypatch.setattr("network.docker.removal.remove_all", swept)
    plan.run(city.driver, city.spec, city.directory)
    assert asked == [folder_label(city.directory)]
    assert not (city.directory / LEFT).exists()
    assert recover(city.directory) is False


def test_a_record_of_before_is_one_of_programs(tmp_path: Path) -> None:
    PromotionRecord("moved", "3.1.5", {CHANNEL: 3}).save(tmp_path)
    path = tmp_path / "promotion.json"
    document = json.loads(path.read_bytes())
    del document["runtime"]
    path.write_text(json.dumps(document))
    record = PromotionRecord.load(tmp_path)
    assert record is not None and record.runtime == "native"


class Things:
    """What an engine has of one kind; a thing that is `held` refuses to go while its holder is there."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.held: Callable[[], bool] = lambda: False
        self.listings: list[Callable[[], None]] = []

    def list(self, **_: Any) -> list[Any]:
        if self.listings:
            self.listings.pop(0)()
        return [SimpleNamespace(name=name, remove=lambda n=name, **_: self._remove(n)) for name in self.names]

    def _remove(self, name: str) -> None:
        if self.held():
            raise APIError("409: in use")
        self.names.remove(name)


def test_what_a_killed_one_had_asked_for_appears_later(tmp_path: Path) -> None:
    """Seen in the kill campaign: the engine made the container after the sweep had listed what there was."""
    containers_there, volumes, networks = Things(), Things(), Things()
    volumes.names, networks.names = ["ledger"], ["bridge"]
    making = [True]
    volumes.held = lambda: making[0] or bool(containers_there.names)

    def made() -> None:
        making[0] = False
        containers_there.names.append("peer")

    containers_there.listings = [lambda: None, lambda: None, made]
    engine = SimpleNamespace(client=SimpleNamespace(containers=containers_there, volumes=volumes, networks=networks))
    remove_all(engine, tmp_path, settled_s=0.3)  # type: ignore[arg-type]
    assert (containers_there.names, volumes.names, networks.names) == ([], [], [])


def test_what_appears_when_nothing_was_there_any_more_goes_too(tmp_path: Path) -> None:
    containers_there, none = Things(), Things()
    containers_there.listings = [lambda: None, lambda: containers_there.names.append("peer")]
    engine = SimpleNamespace(client=SimpleNamespace(containers=containers_there, volumes=none, networks=none))
    remove_all(engine, tmp_path, settled_s=0.3)  # type: ignore[arg-type]
    assert containers_there.names == []


def test_what_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("network.docker.removal.PATIENCE_SECONDS", 0.1)
    volumes, none = Things(), Things()
    volumes.names, volumes.held = ["ledger"], lambda: True
    engine = SimpleNamespace(client=SimpleNamespace(containers=none, volumes=volumes, networks=none))
    with pytest.raises(CityChainError, match="in use"):
        remove_all(engine, tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "done"), [("created", ["files", "start"]), ("exited", ["start"]), ("running", [])])
def test_a_container_whose_maker_was_killed_gets_its_settings(
    tmp_path: Path, city: City, monkeypatch: pytest.MonkeyPatch, status: str, done: list[str]
) -> None:
    """Seen in the kill campaign: made but without its files, it was started as it was, and ended for ever."""
    described = Container("peer0", "image", ("peer",), "peer0", files={"/etc/citychain/core.yaml": b"{}"})
    told: list[str] = []
    made = SimpleNamespace(
        status=status,
        labels={DIGEST_LABEL: described.digest},
        put_archive=lambda _path, _data: told.append("files"),
        start=lambda: told.append("start"),
    )
    nodes = ContainerNodes(tmp_path, Engine("unix:///nonexistent"), None)  # type: ignore[arg-type]
    monkeypatch.setattr(nodes, "containers", lambda: {"peer0": made})
    nodes.run(city.spec, described)
    assert told == done
