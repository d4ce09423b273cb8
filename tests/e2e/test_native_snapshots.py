"""Ledger snapshots on real Fabric: made under load, listed, and peers that join from one and are equal afterwards."""

from __future__ import annotations

import json
import shutil
import time
from hashlib import sha256
from pathlib import Path

import pytest

from baas.errors import CityChainError, Conflict, NotFound, UserError
from baas.platform import Platform
from baas.services import growth
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import connect
from network.native.ledger_snapshots import ADDITIONAL, SIGNABLE, SnapshotNotes, forget_ledgers
from network.native.peer_facts import peer_facts
from network.topology import FABRIC_CURRENT, FABRIC_LTS
from tests.baas.test_backup_running import CHANNEL, NETWORK
from tests.e2e.test_native_backup import Clients, goes_on, working

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
OTHER = "CopyrightMSP"


def equal(platform: Platform, name: str, first: int) -> None:
    """A peer that joined from a snapshot has every later block as the others have it."""
    handle = platform.networks.handle(NETWORK)
    nodes = {n.name: n for n in platform.networks.status(NETWORK).nodes}
    height = nodes[name].height
    assert height is not None and height > first
    until = time.monotonic() + 60
    while min(n.height or 0 for n in nodes.values() if n.kind == "peer") < height and time.monotonic() < until:
        time.sleep(0.1)
        nodes = {n.name: n for n in platform.networks.status(NETWORK).nodes}
    found = {node.name: peer_facts(handle, node, CHANNEL, height, first=first) for node in handle.peers()}
    assert len({(one.block_hash, one.commit_hash) for one in found.values()}) == 1 and found[name].commit_hash


def has_private(platform: Platform, peer: str, values: dict[str, str]) -> None:
    """What its organisation may have of private data came from the others."""
    handle = platform.networks.handle(NETWORK)
    node = handle.spec.node(peer)
    with connect(handle.node_endpoint(node), handle.admin(node.organization.msp_id)) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract("ledger")
        until = time.monotonic() + 90
        for key, value in values.items():
            while True:
                try:
                    if contract.evaluate("GetPrivate", "open", key, endorsing_organizations=(OTHER,)).decode() == value:
                        break
                except FabricError:
                    pass
                assert time.monotonic() < until, key
                time.sleep(0.3)


@pytest.mark.parametrize("version", [FABRIC_CURRENT, FABRIC_LTS])
def test_a_peer_joins_from_a_snapshot(tmp_path: Path, version: str) -> None:
    with working(tmp_path / "workspace", "city", version) as platform:
        assert platform.snapshots.list(NETWORK) == ()
        with pytest.raises(NotFound) as none:
            platform.snapshots.join(platform.networks.handle(NETWORK).peers(OTHER)[0].name, NETWORK)
        assert none.value.code == "no_snapshot"
        victim = platform.networks.handle(NETWORK).peers(OTHER)[0].name
        with Clients(platform, 3) as clients:
            snapshot = platform.jobs.run(platform.snapshots.make, NETWORK)
            with pytest.raises(Conflict) as only:  # what it alone has of private data would be gone
                platform.snapshots.join(victim, NETWORK)
            assert only.value.code == "only_copy"
            added = growth.add_node(platform.networks.spec(NETWORK), "peer", OTHER)
            platform.jobs.run(platform.networks.bring_up, added)
            private = {k: v for k, v in clients.before(time.monotonic()).items() if k.startswith("p")}
            clients.grow(6)
            assert platform.snapshots.list(NETWORK) == (snapshot,)
            begin = time.monotonic()
            assert platform.jobs.run(platform.snapshots.join, victim, NETWORK) == snapshot
            print(f"{version}: joined at block {snapshot.block} in {time.monotonic() - begin:.1f} s")
            clients.grow(6)
        assert clients.tried_again == []
        equal(platform, victim, snapshot.block + 1)
        has_private(platform, victim, dict(list(private.items())[:5]))
        # Who reads the chain from its first block is led to a peer that has it.
        assert SnapshotNotes(platform.networks.folder(NETWORK)).first_block(victim, CHANNEL) == snapshot.block + 1
        assert platform.jobs.run(platform.ledger.verify, NETWORK).verified
        platform.explorer.sync(NETWORK)
        # Once more after a restart, and by `start` alone where the program was killed at its worst moment.
        platform.networks.stop(NETWORK, victim)
        SnapshotNotes(platform.networks.folder(NETWORK)).want(victim, CHANNEL, snapshot.path)
        forget_ledgers(platform.networks.folder(NETWORK), victim)
        platform.jobs.run(platform.networks.start, NETWORK)
        goes_on(platform)
        equal(platform, victim, snapshot.block + 1)


def test_a_new_peer_and_bad_snapshots(tmp_path: Path) -> None:
    with working(tmp_path / "workspace", "city", FABRIC_CURRENT) as platform:
        goes_on(platform)
        snapshot = platform.snapshots.make(NETWORK)
        assert platform.snapshots.make(NETWORK) == snapshot  # nothing came since
        goes_on(platform)
        spec = growth.add_node(platform.networks.spec(NETWORK), "peer", OTHER)
        platform.jobs.run(platform.networks.bring_up, spec)
        added = platform.networks.handle(NETWORK).peers(OTHER)[1].name
        before = {n.name: n.height for n in platform.networks.status(NETWORK).nodes}

        def refused(code: str, folder: Path | None = None, told: str = "") -> None:
            with pytest.raises(CityChainError) as error:
                platform.snapshots.join(added, NETWORK, folder, told)
            assert error.value.code == code
            assert {n.name: n.height for n in platform.networks.status(NETWORK).nodes} == before

        taken = tmp_path / "taken"
        shutil.copytree(snapshot.path, taken)
        refused("hash_wanted", taken)
        refused("another_snapshot", taken, "00" * 32)
        refused("not_a_snapshot", tmp_path)
        # Somebody changes the state in it, first clumsily, then with every hash that the snapshot itself has.
        state = taken / "public_state.data"
        state.write_bytes(state.read_bytes()[:-1] + b"x")
        refused("snapshot_damaged", taken, snapshot.snapshot_hash)
        signable = json.loads((taken / SIGNABLE).read_bytes())
        signable["snapshot_files_raw_hashes"]["public_state.data"] = sha256(state.read_bytes()).hexdigest()
        (taken / SIGNABLE).write_text(json.dumps(signable))
        additional = json.loads((taken / ADDITIONAL).read_bytes())
        additional["snapshot_hash"] = sha256((taken / SIGNABLE).read_bytes()).hexdigest()
        (taken / ADDITIONAL).write_text(json.dumps(additional))
        refused("hash_wanted", taken)
        refused("another_snapshot", taken, snapshot.snapshot_hash)
        # Of another network, or another block of this one.
        signable["last_block_hash"] = "ab" * 32
        (taken / SIGNABLE).write_text(json.dumps(signable))
        additional["snapshot_hash"] = sha256((taken / SIGNABLE).read_bytes()).hexdigest()
        (taken / ADDITIONAL).write_text(json.dumps(additional))
        refused("another_ledger", taken, additional["snapshot_hash"])
        with pytest.raises(UserError):
            platform.snapshots.join("orderer0", NETWORK)

        shutil.rmtree(taken)
        shutil.copytree(snapshot.path, taken)
        assert platform.snapshots.join(added, NETWORK, taken, snapshot.snapshot_hash).block == snapshot.block
        shutil.rmtree(taken)
        goes_on(platform)
        equal(platform, added, snapshot.block + 1)
