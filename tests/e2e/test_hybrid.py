"""One organisation's peers become real ones while all others stay embedded, under load, through crashes, and back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.chaincode.package import read_package
from fabric_sdk.errors import EvaluateError, FabricError
from network import plan
from network.drivers.base import Silent
from network.errors import Conflict, UserError
from network.hybrid.handover import Handover, recover
from network.hybrid.record import HybridRecord, RealOrganization
from network.native.configs import NodeFolders
from network.promotion import move
from network.promotion.comparison import compare
from network.promotion.judge import identity_of
from network.promotion.stored import StoredChannel, ledger_file
from tests.e2e.running import Load, require_fabric
from tests.e2e.test_differential import HEALTH, Side
from tests.e2e.test_promotion import SECRET, Grown, grown
from tests.network.embedded.city import patiently
from tests.network.embedded.conftest import collections

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
CHANNEL = "citychannel"
BUREAU, COPYRIGHT = "DataBureauMSP", "CopyrightMSP"
REAL = "peer0.copyright.city.internal"
CLIENTS = 50


@pytest.fixture
def kind() -> tuple[str, str]:
    return "city", "3.1.5"


@pytest.fixture
def made(tmp_path: Path, kind: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Grown, Side]]:
    require_fabric(kind[1])
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    city, side = grown(tmp_path / "n", *kind, 30)
    either = f"OR('{BUREAU}.peer', '{COPYRIGHT}.peer')"
    city.deploy("either", policy=either, collections=collections())
    yield city, side
    city.forget_connections()
    city.driver.destroy()


def handover(city: Grown, steps: list[str] | None = None) -> Handover:
    return Handover(city.directory, city.vault, Silent(), lambda name, _: steps.append(name) if steps else None)


def same(city: Grown) -> None:
    """The real peer has judged every block as the embedded ledger has, and holds what its organisation may hold."""
    node = city.spec.node(REAL)
    with StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL) as channel:
        patiently(lambda: _reached(city, channel.height))
        endpoint, reader = city.handle.node_endpoint(node), city.handle.admin(COPYRIGHT)
        found = compare(channel, node.name, endpoint, reader, identity_of(city.handle, node), private=False)
    assert found is None, found


def _reached(city: Grown, height: int) -> None:
    found = {n.name: n.height or 0 for n in city.driver.status().nodes}
    if found[REAL] < height:
        raise FabricError(f"{REAL} has {found[REAL]} of {height} blocks")


def kill(city: Grown) -> int:
    """End the real peer as a power cut would; its supervisor starts it again."""
    [pid] = [n.pid for n in city.driver.status().nodes if n.name == REAL]
    assert pid is not None
    assert "network.embedded" not in " ".join(psutil.Process(pid).cmdline())
    os.kill(pid, signal.SIGKILL)
    return pid


def put_private(city: Grown, key: str, by: list[str], msp_id: str = BUREAU, collection: str = "open") -> None:
    contract = city.contract("either", msp_id)
    value = {"value": f"{key} {SECRET}"}
    patiently(
        lambda: contract.submit("PutPrivate", collection, key, transient=value, endorsing_organizations=by),
    )


def read_private(city: Grown, key: str, msp_id: str, name: str = "either") -> bytes:
    contract = city.contract(name, msp_id)
    return contract.evaluate("GetPrivate", "open", key, endorsing_organizations=[msp_id])


def _packages(lifecycle: Lifecycle) -> list[bytes]:
    return [lifecycle.package(found.package_id) for found in lifecycle.installed()]


def _gone(value: bytes) -> None:
    if value:
        raise FabricError("it is still there")


def holds(city: Grown, key: str, msp_id: str) -> None:
    wanted = f"{key} {SECRET}".encode()

    def look() -> None:
        found = read_private(city, key, msp_id)
        if found != wanted:
            raise FabricError(f"{msp_id} has {found!r}")

    patiently(look, 30)


def test_a_real_peer_joins_under_load_and_is_killed(made: tuple[Grown, Side]) -> None:
    """50 clients write at all peers' addresses meanwhile: nothing is lost, no call fails beyond being tried again."""
    city, _ = made
    with Load(city, CLIENTS) as load:  # type: ignore[arg-type]
        time.sleep(2)
        done = handover(city).run("CopyrightMSP")
        time.sleep(2)
        joined, tries = len(load.acknowledged), load.tries
        kill(city)
        time.sleep(6)
        killed = len(load.acknowledged)
        city.kill()
        city.driver.start()
        time.sleep(4)
    print(
        f"{done}; acknowledged {joined} until joined ({tries - joined - CLIENTS} tried again), {killed} after kill -9"
        f" of the real peer, {len(load.acknowledged)} in all after one of the node, {load.tries} tries"
    )
    assert load.given_up == []
    assert joined > 0
    assert killed > joined
    assert len(load.acknowledged) > killed
    assert load.lost() == []
    status = {n.name: n for n in city.driver.status().nodes}
    assert status[REAL].state == "running"
    assert status[REAL].detail is not None
    same(city)


@pytest.mark.parametrize("kind", [("bft", "3.1.5"), ("city", "2.5.16")])
def test_on_bft_and_on_the_older_release(made: tuple[Grown, Side]) -> None:
    city, _ = made
    handover(city).run(COPYRIGHT)
    for msp_id in (BUREAU, COPYRIGHT):
        patiently(lambda m=msp_id: city.contract(msp_id=m).submit("Put", "by policy", m))  # type: ignore[misc]
        put_private(city, f"of {msp_id}", [msp_id], msp_id)
    holds(city, f"of {BUREAU}", COPYRIGHT)
    holds(city, f"of {COPYRIGHT}", BUREAU)
    same(city)


def test_private_data_go_both_ways_and_nowhere_else(made: tuple[Grown, Side]) -> None:
    city, side = made
    before = side.state()
    handover(city).run(COPYRIGHT)
    side.city = city
    assert side.state() == before
    holds_before = f"kept 姓名 {SECRET}".encode()
    assert read_private(city, "kept", COPYRIGHT, "ledger") == holds_before
    assert read_private(city, "purged", COPYRIGHT, "ledger") == b""
    put_private(city, "embedded-one", [BUREAU])  # told by gossip before it is ordered
    holds(city, "embedded-one", COPYRIGHT)
    put_private(city, "real-one", [COPYRIGHT], COPYRIGHT)
    holds(city, "real-one", BUREAU)
    for gateway in (BUREAU, COPYRIGHT):  # each side's Gateway finds the other's peers
        put_private(city, f"both-{gateway}", [BUREAU, COPYRIGHT], gateway)
        patiently(lambda g=gateway: city.contract(msp_id=g).submit("Put", "by policy", g))  # type: ignore[misc]
    with pytest.raises(EvaluateError):
        read_private(city, "real-one", HEALTH)
    # While the real peer is down, others go on, and it gets what it missed.
    city.driver.stop(REAL)
    put_private(city, "missed", [BUREAU])
    city.driver.start(REAL)
    holds(city, "missed", COPYRIGHT)
    contract = city.contract("either")
    patiently(lambda: contract.submit("PurgePrivate", "open", "real-one", endorsing_organizations=[BUREAU, COPYRIGHT]))
    patiently(lambda: _gone(read_private(city, "real-one", COPYRIGHT)))
    assert read_private(city, "real-one", BUREAU) == b""
    same(city)
    data = NodeFolders.of(city.directory, city.spec.node(REAL)).data
    assert any(SECRET.encode() in p.read_bytes() for p in data.rglob("*") if p.is_file())


def test_back_until_only_the_real_peer_holds_something(made: tuple[Grown, Side]) -> None:
    city, side = made
    before = side.state()
    handover(city).run(COPYRIGHT)
    patiently(lambda: city.contract(msp_id=COPYRIGHT).submit("Put", "public", "on the real peer"))
    put_private(city, "shared", [COPYRIGHT], COPYRIGHT)  # the bureau holds it, too
    holds(city, "shared", BUREAU)
    city.forget_connections()
    handover(city).go_back(COPYRIGHT)
    assert HybridRecord.load(city.directory).organizations == {}
    assert not (city.directory / "nodes" / REAL).exists()
    assert side.state().keys() >= before.keys()
    holds(city, "shared", COPYRIGHT)
    patiently(lambda: city.contract(msp_id=COPYRIGHT).submit("Put", "public", "embedded again"))
    # Once more, and now something that only the real peer has: an approval of its organisation.
    handover(city).run(COPYRIGHT)
    city.forget_connections()
    with city.handle.peer_connection(city.spec.node(REAL)) as connection:
        lifecycle = Lifecycle(connection)
        known = lifecycle.query_approved(CHANNEL, "ledger", 1)
        assert known is not None
        patiently(lambda: lifecycle.approve(CHANNEL, ChaincodeDefinition("own", "1.0", 1), known.package_id))
    with pytest.raises(Conflict) as caught:
        handover(city).go_back(COPYRIGHT)
    assert caught.value.code == "private_data_there"
    patiently(lambda: city.contract(msp_id=COPYRIGHT).submit("Put", "public", "still real"))


def test_the_rest_follows(made: tuple[Grown, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    """With an organisation that went first, the whole network is promoted, back to where it was, and promoted again."""
    city, _ = made
    handover(city).run(COPYRIGHT)
    put_private(city, "early", [COPYRIGHT], COPYRIGHT)
    holds(city, "early", BUREAU)

    def fails(*_: object) -> None:
        raise UserError("not today")

    with monkeypatch.context() as patched, pytest.raises(UserError, match="not today"):
        patched.setattr(move, "approve", fails)
        city.promotion().run()
    city.promotion().go_back()
    city.look_again()
    assert city.spec.runtime == "embedded"
    assert {n.name for n in city.driver.status().nodes if n.real} == {REAL}
    holds(city, "early", COPYRIGHT)
    patiently(lambda: city.contract(msp_id=COPYRIGHT).submit("Put", "public", "one of them real"))
    city.promotion().run()
    city.look_again()
    assert city.spec.runtime == "native"
    assert not (city.directory / "hybrid.json").exists()
    for msp_id in (BUREAU, COPYRIGHT):
        holds(city, "early", msp_id)
        patiently(lambda m=msp_id: city.contract(msp_id=m).submit("Put", "public", "all real"))  # type: ignore[misc]


def test_a_contract_is_deployed_and_the_network_stops_and_starts(made: tuple[Grown, Side]) -> None:
    city, _ = made
    handover(city).run(COPYRIGHT)
    city.deploy("later", module="tests.e2e.notes_contract")
    patiently(lambda: city.contract("later", COPYRIGHT).submit("Put", "n", "by the real Gateway"))
    patiently(lambda: city.contract("later", BUREAU).submit("Put", "n", "by an embedded one"))
    city.forget_connections()
    city.driver.stop()
    assert city.driver.status().state == "stopped"
    plan.run(city.driver, city.spec, city.directory)
    assert city.driver.status().state == "running"
    patiently(lambda: city.contract("later", COPYRIGHT).submit("Put", "n", "after a start"))
    # Nor does a start bring the embedded peers' packages to the real one, which could not run them.
    patiently(lambda: city.contract("notes", COPYRIGHT).submit("Put", "n", "as before"))
    with city.handle.peer_connection(city.spec.node(REAL)) as connection:
        addresses = {read_package(p).address for p in _packages(Lifecycle(connection))}
    assert not any("in-process" in address for address in addresses)
    same(city)


def test_an_interrupted_one_is_undone_by_whoever_comes_next(made: tuple[Grown, Side]) -> None:
    city, side = made
    before = side.state()
    city.driver.stop(REAL)
    record = HybridRecord({city.spec.organization(COPYRIGHT).name: RealOrganization("moving", "3.1.5", {}, (REAL,))})
    record.save(city.directory)
    left = city.directory / "nodes" / REAL / "data" / "x"
    left.parent.mkdir(parents=True)
    left.write_text("half")
    plan.run(city.driver, city.spec, city.directory)
    assert not (city.directory / "hybrid.json").exists()
    assert not left.exists()
    assert city.driver.status().state == "running"
    assert side.state() == before
    assert recover(city.directory, city.vault) is False
