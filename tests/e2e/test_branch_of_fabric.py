"""A branch of a network that Fabric runs: same blocks, own keys, a rehearsal; the network itself is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block, Envelope

from fabric_sdk.admin.channels import Channels
from fabric_sdk.configtx.orderer import OrderingClient, OrderingRefused
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import connect
from network.branching.making import Branched, Branching, Source
from network.branching.rehearse import Wanted, rehearse
from network.drivers.base import Silent
from network.drivers.embedded import EmbeddedDriver
from network.embedded.check import check_state
from network.handle import NetworkHandle
from network.promotion.stored import StoredChannel, ledger_file
from network.topology import template
from network.vault import FolderVault
from tests.e2e.running import CHANNEL, MODULE, RunningNetwork, running
from tests.e2e.test_differential import HEALTH

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))


class Made:
    """A branch of a native network."""

    def __init__(self, origin: RunningNetwork, folder: Path, msp_id: str, *, private: bool) -> None:
        self.directory, self.vault = folder / "b", FolderVault(folder / "v")
        self.directory.mkdir(parents=True)
        handle = origin.handle
        source = Source(handle, CHANNEL, handle.peers(msp_id)[0], handle.admin(msp_id))
        self.done: Branched = Branching(self.directory, self.vault, Silent()).make(
            "city-branch", source, lambda _name, _version: (MODULE, None), private=private
        )
        self.handle = NetworkHandle(self.directory, self.vault)

    def newest(self) -> Envelope:
        with StoredChannel(ledger_file(self.directory, CHANNEL), CHANNEL) as stored:
            return Envelope.FromString(Block.FromString(stored.body(stored.height - 1)).data.data[0])

    def stop(self) -> None:
        EmbeddedDriver(self.directory, self.vault).stop()


@pytest.fixture
def branches() -> Iterator[list[Made]]:
    made: list[Made] = []
    yield made
    for one in made:
        with suppress(Exception):
            one.stop()


@pytest.mark.parametrize(("kind", "version"), [("city", "3.1.5"), ("bft", "3.1.5"), ("ha", "2.5.16")])
def test_a_branch_of_fabric(kind: str, version: str, tmp_path: Path, branches: list[Made]) -> None:
    with running(tmp_path, template(kind).with_(fabric_version=version)) as origin:
        for number in range(12):
            origin.put(f"note-{number % 5}", str(number))
        heights = _heights(origin)
        made = Made(origin, tmp_path / "branch", origin.handle.spec.peer_msp_ids[0], private=False)
        branches.append(made)
        record = made.done.record
        print(kind, version, record, f"{made.done.rate:.0f}/s")
        assert record.otherwise == 0 and record.last_block + 1 == heights
        assert made.done.contracts == ("notes",) and record.commit_hash
        assert not list(check_state(made.directory, CHANNEL))
        msp_id = made.handle.spec.peer_msp_ids[0]
        with connect(made.handle.endpoint(msp_id), made.handle.admin(msp_id)) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("notes")
            assert contract.evaluate("Get", "note-1") == b"11"
            contract.submit("Put", "note-1", "tried out")
        assert origin.get("note-1") == "11"
        found = rehearse(made.directory, Wanted("notes"), Silent())
        assert found.passed and found.counts == {"same": 13}
        # Fabric's own orderer and peers refuse what the branch's keys have signed.
        orderer = origin.handle.orderers()[0]
        with (
            OrderingClient(origin.handle.node_endpoint(orderer), origin.handle.admin(msp_id)) as client,
            pytest.raises(OrderingRefused),
        ):
            client.broadcast(made.newest())
        with (
            connect(origin.handle.endpoint(msp_id), made.handle.admin(msp_id)) as gateway,
            pytest.raises(FabricError),
        ):
            gateway.get_network(CHANNEL).get_contract("notes").evaluate("Get", "note-1")
        assert _heights(origin) == heights
        # A person without the right to a collection takes no approvals of others along.
        other = Made(origin, tmp_path / "other", HEALTH, private=True)
        branches.append(other)
        assert other.done.record.private_of == HEALTH and other.done.record.private_sets > 0
        with StoredChannel(ledger_file(other.directory, CHANNEL), CHANNEL) as stored:
            owners = {one.collection for one in stored.private_sets() if one.block <= other.done.record.last_block}
        assert owners == {f"_implicit_org_{HEALTH}"}


def _heights(network: RunningNetwork) -> int:
    handle = network.handle
    with handle.peer_connection(handle.peers()[0]) as peer:
        return Channels(peer).info(CHANNEL).height
