"""A network that somebody else runs (here: a native one), attached by profile and identity."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fabric_sdk.admin import ChaincodeDefinition, Discovery, Lifecycle
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.gateway import connect
from network import plan
from network.attached.folder import attach
from network.branching.making import Branching, Source
from network.branching.rehearse import Wanted, rehearse
from network.drivers.attached import AttachedDriver
from network.drivers.base import ContractService, Silent
from network.drivers.embedded import EmbeddedDriver
from network.errors import CityChainError, Conflict, NotFound, PermissionDenied, Unavailable
from network.handle import NetworkHandle
from network.topology import template
from network.vault import MemoryVault
from tests.e2e.running import CHANNEL, MODULE, RunningNetwork, retry, running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
OWN = "CopyrightMSP"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNetwork]:
    spec = template("city").with_(runtime="native", name="theirs")
    with running(tmp_path_factory.mktemp("theirs"), spec) as network:
        yield network


@pytest.fixture
def profile(theirs: RunningNetwork, tmp_path: Path) -> Path:
    """The profile their operator hands out: one organisation's peer, as Fabric's test network writes it."""
    handle = theirs.handle
    node = handle.peers(OWN)[0]
    address = handle.addresses[node.name]
    document = {
        "name": "theirs",
        "client": {"organization": "Registry"},
        "organizations": {"Registry": {"mspid": OWN, "peers": [node.name]}},
        "peers": {
            node.name: {
                "url": f"grpcs://{address.address}",
                "tlsCACerts": {"pem": handle.authority(OWN).tls_certificate_pem.decode()},
                "grpcOptions": {"ssl-target-name-override": node.name},
            }
        },
    }
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(document))
    return path


def attached(
    theirs: RunningNetwork, profile: Path, directory: Path, person: str = "admin", **more: str
) -> AttachedDriver:
    vault = MemoryVault()
    issued = theirs.handle.authority(OWN).person(person)
    attach(
        profile,
        directory,
        vault,
        name="theirs-seen",
        msp_id="",
        certificate_pem=issued.certificate_pem,
        private_key_pem=issued.private_key_pem,
        **more,
    )
    return AttachedDriver(directory, vault)


def test_everything_is_found(theirs: RunningNetwork, profile: Path, tmp_path: Path) -> None:
    driver = attached(theirs, profile, tmp_path / "seen")
    handle = NetworkHandle(driver.directory, driver._vault)
    assert handle.runtime == "attached"
    assert handle.channels == (CHANNEL,)
    assert set(handle.msp_ids) == set(theirs.handle.msp_ids)
    assert len(handle.peers()) == 4
    assert len(handle.orderers()) == 1
    assert [(c["name"], c["version"]) for c in driver.settings.contracts] == [("notes", "1.0.0")]
    assert driver.settings.access == "full"
    status = driver.status()
    assert status.state == "running"
    assert all(n.heights.get(CHANNEL, 0) > 1 for n in status.nodes if n.kind == "peer")
    assert plan.plan(driver, handle.spec, driver.directory) == []
    with connect(handle.endpoint(OWN), handle.identity(f"{OWN}/admin")) as gateway:
        contract = gateway.get_network(CHANNEL).get_contract("notes")
        contract.submit("Put", "attached", "yes")
        assert contract.evaluate("Get", "attached") == b"yes"
    for other in handle.peers("HealthMSP"):  # reached through discovery only
        with connect(handle.node_endpoint(other), handle.admin(OWN)) as gateway:
            retry(lambda g=gateway: g.get_network(CHANNEL).get_contract("notes").evaluate("Get", "attached"))


def test_a_branch_of_what_others_run(theirs: RunningNetwork, profile: Path, tmp_path: Path) -> None:
    """Real Fabric, seen by one identity of one organisation: its chain as a local branch, with a rehearsal."""
    driver = attached(theirs, profile, tmp_path / "seen")
    handle = NetworkHandle(driver.directory, driver._vault)
    directory, vault = tmp_path / "branch", MemoryVault()
    directory.mkdir()
    source = Source(handle, CHANNEL, handle.peers(OWN)[0], handle.identity(f"{OWN}/admin"))
    try:
        made = Branching(directory, vault, Silent()).make("theirs-branch", source, lambda _n, _v: (MODULE, None))
        assert made.record.otherwise == 0 and made.contracts == ("notes",) and made.people == (f"{OWN}/admin",)
        found = rehearse(directory, Wanted("notes"), Silent())
        assert found.passed and found.calls
    finally:
        EmbeddedDriver(directory, vault).stop()


def test_discovery(theirs: RunningNetwork) -> None:
    with theirs.handle.peer_connection(theirs.handle.peers(OWN)[0]) as peer:
        discovery = Discovery(peer)
        wanted = {(n.organization.msp_id, theirs.handle.addresses[n.name].dialled) for n in theirs.handle.peers()}

        def everybody_knows() -> bool:  # gossip needs a second or two after the start
            found = discovery.peers(CHANNEL)
            complete = all(p.height > 1 and p.chaincodes.get("notes") == "1" for p in found)
            return {(p.msp_id, p.endpoint) for p in found} == wanted and complete

        end = time.monotonic() + 20
        while not everybody_knows():
            assert time.monotonic() < end, discovery.peers(CHANNEL)
            time.sleep(0.2)
        members = discovery.members(CHANNEL)
        assert set(members.msps) == set(theirs.handle.msp_ids)
        assert members.orderers["DataBureauMSP"] == (theirs.handle.addresses[theirs.handle.orderers()[0].name].dialled,)
        assert len(discovery.local_peers()) == 4


def test_what_may_not_be_done(theirs: RunningNetwork, profile: Path, tmp_path: Path) -> None:
    theirs.handle.authority(OWN).persons.issue("reader", "client")
    driver = attached(theirs, profile, tmp_path / "read", "reader")
    assert driver.settings.access == "read-only"
    node = next(driver._handle().spec.peers()).name
    with pytest.raises(PermissionDenied):
        driver.contract_address("notes", "2")
    for action in (lambda: driver.start(node), lambda: driver.stop(node)):
        with pytest.raises(Conflict):
            action()
    with pytest.raises(NotFound):
        driver.logs(node)
    with pytest.raises(Conflict):
        driver.plan(driver._handle().spec.with_(name="other"), plan.NetworkState.load(driver.directory))
    administrator = attached(theirs, profile, tmp_path / "full")
    with pytest.raises(Conflict) as caught:
        administrator.contract_address("notes", "2")
    assert caught.value.code == "no_contract_host"


def test_a_contract_served_from_here(theirs: RunningNetwork, profile: Path, tmp_path: Path) -> None:
    driver = attached(theirs, profile, tmp_path / "serving", contract_host="127.0.0.1", contract_listen="127.0.0.1")
    address = driver.contract_address("mine", "1")
    package = build_package("mine_1", address, tls=driver.contract_tls("mine", "1"))
    definition = ChaincodeDefinition("mine", "1", endorsement_policy=f"OR('{OWN}.peer')")
    service = ContractService("mine", "1", "mine_1", package_id(package), MODULE, CHANNEL)
    try:
        driver.serve_contract(service, Silent())
        handle = driver._handle()
        with handle.peer_connection(handle.peers(OWN)[0]) as peer:
            Lifecycle(peer).install(package)
            Lifecycle(peer).approve(CHANNEL, definition, service.package_id)
        for msp_id in ("DataBureauMSP", "HealthMSP"):  # the others agree
            with theirs.handle.peer_connection(theirs.handle.peers(msp_id)[0]) as peer:
                Lifecycle(peer).approve(CHANNEL, definition)
        with handle.peer_connection(handle.peers(OWN)[0]) as peer:
            retry(lambda: Lifecycle(peer).commit(CHANNEL, definition))
        with connect(handle.endpoint(OWN), handle.admin(OWN)) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("mine")
            retry(lambda: contract.submit("Put", "a", "b"))
            assert contract.evaluate("Get", "a") == b"b"
        before = len(driver.settings.contracts)
        driver.refresh(Silent())
        assert len(driver.settings.contracts) == before + 1
        assert any(n.kind == "contract" and n.state == "running" for n in driver.status().nodes)
        driver.stop_contract(service.package_id)
    finally:
        plan.remove(driver, driver.directory)
    assert theirs.driver.status().state == "running"
    assert not (driver.directory / "attached.json").exists()


def test_a_wrong_identity_or_address_leaves_nothing(theirs: RunningNetwork, profile: Path, tmp_path: Path) -> None:
    issued = theirs.handle.authority("HealthMSP").person("admin")
    material = {"certificate_pem": issued.certificate_pem, "private_key_pem": issued.private_key_pem}
    for number, (msp_id, change) in enumerate([("HealthMSP", ""), (OWN, ""), (OWN, "grpcs://127.0.0.1:1")]):
        document = json.loads(profile.read_text())
        if change:
            next(iter(document["peers"].values()))["url"] = change
        profile.write_text(json.dumps(document))
        directory = tmp_path / f"wrong{number}"
        with pytest.raises(CityChainError) as caught:
            attach(profile, directory, MemoryVault(), name="x", msp_id=msp_id, **material)
        assert isinstance(caught.value, Unavailable) or caught.value.code == "profile_without_peer"
        assert not directory.exists()
