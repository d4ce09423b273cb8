"""An embedded network becomes one of Fabric's own programs, on the same chain, and nothing of it is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.admin.lifecycle import Lifecycle
from fabric_sdk.errors import EvaluateError
from network import plan
from network.drivers import make_driver
from network.drivers.base import Silent
from network.drivers.embedded import EmbeddedDriver
from network.errors import Conflict, UserError
from network.handle import NetworkHandle
from network.native.configs import NodeFolders
from network.plan import NetworkState
from network.promotion import move
from network.promotion.move import Promotion
from network.promotion.record import PromotionRecord, recover
from network.promotion.stored import StoredChannel, ledger_file
from network.text import Text
from network.topology import TopologySpec, template
from tests.e2e.promoting import STEPS
from tests.e2e.running import require_fabric
from tests.e2e.test_differential import HEALTH, Side, batches
from tests.network.embedded.city import City, patiently
from tests.network.embedded.conftest import BOTH, collections

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
CHANNEL = "citychannel"
SECRET = "Kq7zV2mXc9RfT4wLb8JhY3nP"
"""What no compression makes shorter."""
KILLS = int(os.environ.get("CITYCHAIN_PROMOTION_KILLS", "10"))


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))


class Grown(City):
    """A city that may run on either side, with what it held before."""

    def look_again(self) -> None:
        """Find the driver and the topology as they are now."""
        self.forget_connections()
        state = NetworkState.load(self.directory)
        spec = state.reached or state.wanted
        assert spec is not None
        self.spec = spec
        self.driver = make_driver(spec.runtime, self.directory, self.vault)
        self.handle = NetworkHandle(self.directory, self.vault)

    def promotion(self, steps: list[str] | None = None) -> Promotion:
        self.forget_connections()

        def told(name: str, _title: Text) -> None:
            if steps is not None:
                steps.append(name)

        return Promotion(self.directory, self.vault, Silent(), told)


def topology(kind: str) -> TopologySpec:
    """A template, `ha5` with five orderers instead of `ha`'s three."""
    spec = template(kind.rstrip("5"))
    if kind != "ha5":
        return spec
    first = next(o for o in spec.organizations if len(o.orderers) > 1)
    more = [replace(first.orderers[0], name=f"orderer{n}") for n in range(9) if n >= len(first.orderers)]
    five = first.orderers + tuple(more[: 5 - sum(1 for _ in spec.orderers())])
    organizations = tuple(replace(o, orderers=five) if o is first else o for o in spec.organizations)
    return replace(spec, organizations=organizations)


def grown(folder: Path, kind: str, version: str, count: int = 80) -> tuple[Grown, Side]:
    """A network with a history: conflicts, private data, a purge, key-level policies, refused transactions."""
    city = Grown(folder, topology(kind).with_(fabric_version=version)).up()
    side = Side(city)
    side.deploy()
    for batch in batches(11, count):
        side.run(batch)
    source = Path(__file__).with_name("notes_contract.py").read_bytes()
    own = folder / "own-contracts" / "notes_1.0" / "notes.py"
    own.parent.mkdir(parents=True)
    own.write_bytes(source)
    city.deploy("notes", module="own-contracts/notes_1.0/notes.py", files={"src/notes.py": source})
    contract = city.contract()
    both = ["DataBureauMSP", "CopyrightMSP"]
    for key in ("kept", "purged"):
        value = f"{key} 姓名 {SECRET}"
        contract.submit("PutPrivate", "open", key, transient={"value": value}, endorsing_organizations=both)
    contract.submit("PurgePrivate", "open", "purged", endorsing_organizations=both)
    side._settle(status_block(city))
    return city, side


def status_block(city: City) -> int:
    status = city.contract().submit_async("Put", "settled", "yes").status()
    return status.block_number


@pytest.fixture
def cities() -> Iterator[list[Grown]]:
    made: list[Grown] = []
    yield made
    for city in made:
        city.look_again()
        city.driver.destroy()
        EmbeddedDriver(city.directory, city.vault).stop()


def works(city: Grown, word: str) -> None:
    """Reads and writes go on, private data are where they belong; so do contracts of somebody's own."""
    patiently(lambda: city.contract("notes").submit("Put", "note", word))
    assert city.contract("notes").evaluate("Get", "note") == word.encode()
    contract = city.contract()
    patiently(lambda: contract.submit("Put", "after", word))
    assert contract.evaluate("Get", "after") == word.encode()
    assert contract.evaluate("GetPrivate", "open", "kept").decode() == f"kept 姓名 {SECRET}"
    assert contract.evaluate("GetPrivate", "open", "purged") == b""
    patiently(
        lambda: contract.submit(
            "PutPrivate",
            "open",
            "later",
            transient={"value": word},
            endorsing_organizations=["DataBureauMSP", "CopyrightMSP"],
        )
    )
    patiently(lambda: _equal(contract.evaluate("GetPrivate", "open", "later"), word.encode()))
    with pytest.raises(EvaluateError):
        city.contract(msp_id=HEALTH).evaluate("GetPrivate", "open", "kept", endorsing_organizations=[HEALTH])


def _equal(found: bytes, wanted: bytes) -> None:
    from fabric_sdk.errors import FabricError

    if found != wanted:
        raise FabricError(f"{found!r} is not there yet")


@pytest.mark.parametrize(
    ("kind", "version"),
    [("city", "3.1.5"), ("ha", "3.1.5"), ("ha5", "3.1.5"), ("bft", "3.1.5"), ("city", "2.5.16"), ("ha", "2.5.16")],
)
def test_fabric_takes_over(kind: str, version: str, tmp_path: Path, cities: list[Grown]) -> None:
    require_fabric(version)
    city, side = grown(tmp_path / "n", kind, version)
    cities.append(city)
    before, steps = side.state(), []
    cards = {p.name: city.handle.addresses[p.name] for p in city.handle.peers()}
    done = city.promotion(steps).run()
    print(kind, version, done)
    assert tuple(steps) == STEPS
    city.look_again()
    assert city.spec.runtime == "native"
    assert {p.name: city.handle.addresses[p.name] for p in city.handle.peers()} == cards
    assert side.state() == before
    works(city, "on Fabric")
    heights = {n.name: n.height for n in city.driver.status().nodes if n.kind in ("peer", "orderer")}
    assert min(h or 0 for h in heights.values()) > done.heights[CHANNEL]
    assert _holds(city, "peer0.databureau.city.internal", SECRET)
    assert not _holds(city, "peer0.health.city.internal", SECRET)
    assert not (city.directory / "embedded").exists()
    with pytest.raises(Conflict) as caught:
        city.promotion().go_back()
    assert caught.value.code == "new_blocks"
    works(city, "still on Fabric")


def test_every_private_key_is_there_and_no_other(tmp_path: Path, cities: list[Grown]) -> None:
    """Deleted, purged and expired keys stay gone; all others of all collections, `_lifecycle`'s too, are there."""
    require_fabric("3.1.5")
    city = Grown(tmp_path / "n", template("city").with_(fabric_version="3.1.5")).up()
    cities.append(city)
    city.deploy("ledger", policy=BOTH, collections=collections())
    contract, chance = city.contract(), random.Random(4)
    names = ["open", "short", "members", "own"]
    for number in range(60):
        name, key = chance.choice(names), f"k{chance.randrange(8)}"
        by = ["CopyrightMSP"] if name == "own" else ["DataBureauMSP", "CopyrightMSP"]
        act = chance.choice(["PutPrivate"] * 6 + ["DeletePrivate", "PurgePrivate"])
        given = {"transient": {"value": f"v{number}"}} if act == "PutPrivate" else {}
        contract.submit(act, name, key, endorsing_organizations=by, **given)
    contract.submit("Put", "later", "so that what is short expires")
    contract.submit("Put", "later", "again")
    contract.submit("Put", "later", "and again")
    places = [(name, f"k{i}") for name in names for i in range(8)]

    def values() -> dict[tuple[str, str], bytes]:
        member = city.contract(msp_id="CopyrightMSP")
        return {
            place: member.evaluate("GetPrivate", *place, endorsing_organizations=["CopyrightMSP"]) for place in places
        }

    before = values()
    with StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL) as channel:
        approvals = sum(1 for one in channel.private_sets() if one.namespace == "_lifecycle")
    assert approvals == 4
    assert {bool(v) for p, v in before.items() if p[0] == "short"} == {False}
    assert {bool(v) for p, v in before.items() if p[0] == "open"} == {True, False}
    city.promotion().run()
    city.look_again()
    patiently(lambda: city.contract(msp_id="CopyrightMSP").evaluate("Get", "later"))
    assert values() == before
    for node in city.handle.peers():
        with city.handle.peer_connection(node) as peer:
            approved = Lifecycle(peer).query_approved(CHANNEL, "ledger", 1)
        assert approved is not None and approved.package_id


def _holds(city: Grown, peer: str, text: str) -> bool:
    """Whether a real peer has a text anywhere in its files."""
    data = NodeFolders.of(city.directory, city.spec.node(peer)).data
    return any(text.encode() in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_back_as_long_as_fabric_has_no_new_block(
    tmp_path: Path, cities: list[Grown], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_fabric("3.1.5")
    city, side = grown(tmp_path / "n", "city", "3.1.5")
    cities.append(city)
    before = side.state()

    def fails(*_: Any) -> None:
        raise UserError("not today")

    monkeypatch.setattr(move, "approve", fails)
    with pytest.raises(UserError, match="not today"):
        city.promotion().run()
    city.look_again()
    assert city.spec.runtime == "native"
    city.promotion().go_back()
    city.look_again()
    assert city.spec.runtime == "embedded"
    assert PromotionRecord.load(city.directory) is None
    assert not (city.directory / "nodes").exists()
    assert side.state() == before
    works(city, "back")
    monkeypatch.undo()
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    city.promotion().run()
    city.look_again()
    works(city, "on Fabric after all")


@pytest.mark.slow
@pytest.mark.timeout(60 + 120 * KILLS)
def test_killed_anywhere_it_is_embedded_again_or_finished(tmp_path: Path, cities: list[Grown]) -> None:
    """kill -9 at the beginning of every step and at moments within it; the next start is one or the other, whole."""
    require_fabric("3.1.5")
    city, side = grown(tmp_path / "first", "city", "3.1.5", 30)
    before = side.state()
    city.forget_connections()
    city.driver.stop()
    chance = random.Random(int(os.environ.get("CITYCHAIN_PROMOTION_SEED", "1")))
    moments = [(step, 0.0) for step in STEPS]
    while len(moments) < KILLS:
        moments.append((chance.choice(STEPS), chance.uniform(0.02, 4.0)))
    outcomes: dict[str, int] = {}
    script = Path(__file__).with_name("promoting.py")
    for number, (step, seconds) in enumerate(moments[:KILLS]):
        folder = tmp_path / f"n{number}"
        shutil.copytree(city.directory, folder, ignore=shutil.ignore_patterns("*.sock", "ready.json"))
        again = Grown(folder, city.spec)
        cities.append(again)
        EmbeddedDriver(folder, again.vault).start()
        command = [sys.executable, str(script), str(folder), step, str(seconds)]
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
        # What anybody does next: bring the network to its topology.
        plan.run(again.driver, again.spec, folder)
        if again.spec.runtime == "native":
            again.promotion().run()
            again.look_again()
            assert PromotionRecord.load(folder).phase == "done"  # type: ignore[union-attr]
        else:
            assert not (folder / "promotion.json").exists()
            assert not (folder / "nodes").exists()
            assert not (folder / "run").exists()
        side.city = again
        assert side.state() == before, (step, seconds)
        works(again, f"{step} {seconds}")
        again.forget_connections()
        again.driver.destroy()
        cities.remove(again)
        shutil.rmtree(folder)
    print(outcomes)
    assert outcomes.keys() == {"embedded", "native"}


def test_recovering_is_harmless_where_there_is_nothing(tmp_path: Path) -> None:
    assert recover(tmp_path) is False
