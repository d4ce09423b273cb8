"""The contract runtime and the administration against real Fabric (`peer` and `orderer` as processes)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk.admin import (
    ChaincodeDefinition,
    Channels,
    CollectionConfig,
    LedgerQuery,
    Lifecycle,
    NotOnLedger,
    Participation,
    ParticipationError,
    PeerConnection,
    Refused,
)
from fabric_sdk.blocks import decode_block
from fabric_sdk.chaincode import ContractChaincode
from fabric_sdk.chaincode.package import build_package, package_id, read_package
from fabric_sdk.chaincode.service import BackgroundServer, Service
from fabric_sdk.errors import CommitError, EndorseError, FabricError, GatewayError
from fabric_sdk.gateway import Contract, Gateway, connect
from fabric_sdk.identity import SigningIdentity
from network import plan
from network.drivers.native import NativeDriver
from network.handle import NetworkHandle
from network.native.programs import find_programs
from network.topology import template
from network.vault import MemoryVault
from tests.chaincode_runtime.sample_contract import CONTRACTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

CHANNEL = "citychannel"
BUREAU, REGISTRY, HEALTH, HOSPITAL = "DataBureauMSP", "CopyrightMSP", "HealthMSP", "HospitalMSP"
SECRETS = CollectionConfig(
    "secrets",
    f"OR('{BUREAU}.member', '{REGISTRY}.member')",
    endorsement_policy=f"OR('{BUREAU}.peer', '{REGISTRY}.peer')",
)
POLICY = f"OutOf(2,'{BUREAU}.peer','{REGISTRY}.peer','{HEALTH}.peer','{HOSPITAL}.peer')"


class Fabric:
    """A running network with the sample contract deployed twice, as `assets` and as `second`."""

    def __init__(self, directory: Path, version: str) -> None:
        self.vault = MemoryVault()
        self.directory = directory
        self.driver = NativeDriver(directory, self.vault)
        plan.run(
            self.driver, template("city").with_(runtime="native", fabric_version=version, name="runtime"), directory
        )
        self.handle = NetworkHandle(directory, self.vault)
        self.gateways: dict[str, Gateway] = {}
        self.servers: list[BackgroundServer] = []
        self.packages: dict[str, bytes] = {}

    @property
    def approvals(self) -> dict[str, bool]:
        """What the ledger answers when everybody who can has approved: the public has no peer to do it on."""
        return {m: m in self.handle.spec.peer_msp_ids for m in sorted(self.handle.msp_ids)}

    def peer(self, msp_id: str) -> PeerConnection:
        return PeerConnection(self.handle.endpoint(msp_id), self.handle.admin(msp_id))

    def deploy(self, name: str, definition: ChaincodeDefinition) -> None:
        # The server must know the package id, the package the server's address: a port is chosen first.
        with BackgroundServer(Service(ContractChaincode(CONTRACTS), "probe:1")) as probe:
            address = probe.addresses[0]
        package = self.packages[name] = build_package(f"{name}_1", address)
        self.servers.append(
            BackgroundServer(Service(ContractChaincode(CONTRACTS), package_id(package), address)).start()
        )

        def approve(msp_id: str) -> None:
            with self.peer(msp_id) as peer:
                installed = Lifecycle(peer).install(package)
                assert installed.package_id == package_id(package)
                assert Lifecycle(peer).install(package) == installed
                eventually(lambda: Lifecycle(peer).approve(CHANNEL, definition, installed.package_id))
                assert Lifecycle(peer).approve(CHANNEL, definition, installed.package_id) == ""

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(approve, self.handle.spec.peer_msp_ids))
        with self.peer(BUREAU) as peer:
            lifecycle = Lifecycle(peer)
            eventually(lambda: lifecycle.check_commit_readiness(CHANNEL, definition).approvals == self.approvals)
            # Until gossip has told this peer of the others, the Gateway finds no combination that endorses.
            eventually(lambda: lifecycle.commit(CHANNEL, definition))
        eventually(lambda: self.contract(name).evaluate("org.hyperledger.fabric:GetMetadata") != b"")

    def contract(self, name: str = "assets", msp_id: str = BUREAU, identity: SigningIdentity | None = None) -> Contract:
        if identity is not None:
            gateway = connect(self.handle.endpoint(msp_id), identity)
            self.gateways[f"{msp_id} {id(gateway)}"] = gateway
        elif msp_id not in self.gateways:
            self.gateways[msp_id] = connect(self.handle.endpoint(msp_id), self.handle.admin(msp_id))
        return (gateway if identity else self.gateways[msp_id]).get_network(CHANNEL).get_contract(name)

    def close(self) -> None:
        for gateway in self.gateways.values():
            gateway.close()
        for server in self.servers:
            server.stop(1)
        plan.remove(self.driver, self.directory)


def eventually(check: Callable[[], Any], seconds: float = 30) -> None:
    """Try until it is true; gossip needs a moment after a start or commit."""
    end = time.monotonic() + seconds
    while True:
        try:
            if check():
                return
        except (GatewayError, Refused):
            if time.monotonic() > end:
                raise
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module", params=["3.1.5", "2.5.16"])
def fabric(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fabric]:
    if find_programs(request.param) is None:
        pytest.skip(f"the peer and orderer programs of Fabric {request.param} are not on this machine")
    network = Fabric(tmp_path_factory.mktemp("fabric") / "runtime", request.param)
    try:
        network.deploy("assets", ChaincodeDefinition("assets", "1", endorsement_policy=POLICY, collections=(SECRETS,)))
        network.deploy("second", ChaincodeDefinition("second", "1", endorsement_policy=POLICY))
        eventually(lambda: network.contract().submit("Put", "warm", "1") == b"")
        eventually(lambda: network.contract("second").submit("Put", "warm", "1") == b"")
        yield network
    finally:
        network.close()


def read(contract: Contract, *args: str, **more: Any) -> Any:
    text = contract.evaluate(*args, **more).decode()
    return json.loads(text) if text.startswith(("[", "{")) else text


def test_state_ranges_pages_history(fabric: Fabric) -> None:
    contract = fabric.contract()
    for n in range(5):
        contract.submit("Put", f"k{n}", str(n))
    assert read(contract, "Read", "k3") == "3"
    assert read(contract, "Range", "k1", "k4") == ["k1=1", "k2=2", "k3=3"]
    assert read(contract, "FirstOf", "k", "l") == "k0"
    assert read(contract, "Page", "2", "k0") == {"keys": ["k0", "k1"], "bookmark": "k2", "count": 2}
    assert read(contract, "Many", '["k4","none","k0"]') == ["4", "", "0"]
    contract.submit("Delete", "k3")
    assert [h["deleted"] for h in read(contract, "History", "k3")] == [True, False]
    assert contract.submit("ReadOwnWrite", "fresh") == b""
    created = json.loads(contract.submit("Create", '{"id":"lamp","colour":"red","size":5,"owners":[]}'))
    assert created["id"] == "lamp"
    assert read(contract, "OfColour", "red") == ["lamp"]


def test_a_range_of_many_batches(fabric: Fabric) -> None:
    contract = fabric.contract("second")
    pending = [contract.submit_async("Put", f"m{n:03}", "x") for n in range(230)]
    assert all(p.status().successful for p in pending)
    assert len(read(contract, "Range", "m", "n")) == 230


def test_events_and_refusals(fabric: Fabric) -> None:
    contract = fabric.contract()
    network = fabric.gateways[BUREAU].get_network(CHANNEL)
    with network.chaincode_events("assets") as events:
        contract.submit("Create", '{"id":"bench","colour":"blue","size":5,"owners":[]}')
        event = next(iter(events))
    assert (event.event_name, event.payload) == ("created", b"bench")
    with pytest.raises(EndorseError) as caught:
        contract.submit("Create", '{"id":"bench","colour":"blue","size":5,"owners":[]}')
    assert any("EXISTS: asset bench exists" in d.message for d in caught.value.details)
    for write_first in ("true", "false"):
        with pytest.raises(EndorseError) as caught:
            contract.submit("PageThenWrite", write_first)
        assert "aginated quer" in str(caught.value.details)
    with pytest.raises(FabricError, match="ExecuteQuery not supported for leveldb"):
        contract.evaluate("Rich", '{"selector":{}}')


def test_private_data(fabric: Fabric) -> None:
    owner, stranger = fabric.contract("assets", REGISTRY), fabric.contract("assets", HOSPITAL)
    organizations = [REGISTRY]
    secret = {"transient": {"value": b"secret"}, "endorsing_organizations": organizations}
    owner.submit("Hide", "p", **secret)
    assert read(owner, "Reveal", "p", endorsing_organizations=organizations) == "secret"
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    eventually(lambda: read(stranger, "Digest", "p", endorsing_organizations=[HOSPITAL]) == digest)
    with pytest.raises(FabricError, match="tx creator does not have read access permission"):
        stranger.evaluate("Reveal", "p")
    assert stranger.evaluate("HideQuietly", "q") == b"refused"
    assert read(owner, "Secrets", endorsing_organizations=organizations) == ["p"]
    owner.submit("Purge", "p", endorsing_organizations=organizations)
    assert read(owner, "Reveal", "p", endorsing_organizations=organizations) == ""


def test_key_level_policies(fabric: Fabric) -> None:
    contract = fabric.contract()
    contract.submit("Put", "guarded", "1")
    # The answer came from one peer; endorsers that read before they have the block would not agree.
    for organization in (BUREAU, REGISTRY, HOSPITAL):
        eventually(lambda o=organization: read(contract, "Read", "guarded", endorsing_organizations=[o]) == "1")
    assert json.loads(contract.submit("Protect", "guarded", f'["{HOSPITAL}"]')) == [HOSPITAL]
    for organization in (BUREAU, REGISTRY, HOSPITAL):
        eventually(
            lambda o=organization: read(contract, "Protectors", "guarded", endorsing_organizations=[o]) == [HOSPITAL]
        )
    with pytest.raises(CommitError) as caught:
        contract.submit("Put", "guarded", "2", endorsing_organizations=[BUREAU, REGISTRY])
    assert caught.value.code_name == "ENDORSEMENT_POLICY_FAILURE"
    contract.submit("Put", "guarded", "3", endorsing_organizations=[BUREAU, HOSPITAL])
    assert read(contract, "Read", "guarded") == "3"


def test_contracts_call_contracts(fabric: Fabric) -> None:
    contract, second = fabric.contract(), fabric.contract("second")
    assert contract.submit("Call", "second", '["Put","from","7"]') == b""
    assert read(second, "Read", "from") == "7"
    with pytest.raises(EndorseError) as caught:
        contract.submit("Call", "second", '["Crash","secret-text"]')
    assert "CALL_FAILED: INTERNAL" in str(caught.value.details)
    assert "secret-text" not in str(caught.value.details)


def test_clients_attributes(fabric: Fabric) -> None:
    issued = fabric.handle.authority(REGISTRY).persons.issue("ann", "client", {"role": "registrar"})
    ann = SigningIdentity.from_pem(REGISTRY, issued.certificate_pem, issued.private_key_pem)
    who = read(fabric.contract("assets", REGISTRY, ann), "WhoAmI")
    assert (who["msp"], who["name"], who["role"], who["channel"]) == (REGISTRY, "ann", "registrar", CHANNEL)
    assert fabric.contract("assets", REGISTRY, ann).evaluate("Guarded") == b"done"
    with pytest.raises(FabricError, match="FORBIDDEN"):
        fabric.contract("assets", REGISTRY).evaluate("Guarded")


def test_the_load_of_many_clients(fabric: Fabric) -> None:
    contract = fabric.contract()
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda n: contract.submit_async("Put", f"load{n}", "x").status(), range(200)))
    assert all(s.successful for s in statuses)
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda n: contract.evaluate("Many", f'["load{n}"]'), range(200)))
    assert set(found) == {b'["x"]'}


def test_lifecycle_queries(fabric: Fabric) -> None:
    with fabric.peer(BUREAU) as peer:
        lifecycle = Lifecycle(peer)
        assert {i.label: i.channels for i in lifecycle.installed()} == {
            "assets_1": {CHANNEL: (("assets", "1"),)},
            "second_1": {CHANNEL: (("second", "1"),)},
        }
        package = fabric.packages["assets"]
        assert lifecycle.package(package_id(package)) == package
        committed = lifecycle.query_committed(CHANNEL, "assets")
        assert committed is not None
        assert committed.definition.collections == (SECRETS,)
        assert committed.definition.endorsement_policy is not None
        assert committed.approvals == fabric.approvals
        assert [c.definition.name for c in lifecycle.committed(CHANNEL)] == ["assets", "second"]
        approved = lifecycle.query_approved(CHANNEL, "assets")
        assert approved is not None
        assert approved.package_id == package_id(package)
        assert approved.definition == committed.definition
        assert lifecycle.query_committed(CHANNEL, "nobody") is None
        assert lifecycle.query_approved(CHANNEL, "nobody") is None
        following = ChaincodeDefinition("assets", "2", sequence=2)
        readiness = lifecycle.check_commit_readiness(CHANNEL, following)
        assert (sum(readiness.approvals.values()), readiness.majority) == (0, False)
        with pytest.raises(Refused, match="sequence"):
            lifecycle.check_commit_readiness(CHANNEL, ChaincodeDefinition("assets", "2", sequence=5))
        with pytest.raises(Refused):
            lifecycle.install(b"no package")


def test_channels_and_ledger_queries(fabric: Fabric) -> None:
    with fabric.peer(HEALTH) as peer:
        assert peer.reachable()
        channels = Channels(peer)
        assert channels.names() == (CHANNEL,)
        genesis = (fabric.directory / "channels" / f"{CHANNEL}.block").read_bytes()
        channels.join(genesis)  # joined already: harmless
        info = channels.info(CHANNEL)
        query = LedgerQuery(peer, CHANNEL)
        last = query.block(info.height - 1)
        assert decode_block(last).hash == info.current_hash
        assert query.block_by_hash(info.current_hash) == last
        tx_id = decode_block(query.block(1)).transactions[0].tx_id
        assert query.block_of_transaction(tx_id).header.number == 1
        assert query.transaction(tx_id).validationCode == 0
        assert query.block(0).SerializeToString() == genesis or query.block(0).header.number == 0
        assert channels.config_block(CHANNEL).header.number == 0
        assert "Application" in channels.config(CHANNEL).channel_group.groups
        for ask in (
            lambda: query.block(10**6),
            lambda: query.transaction("f" * 64),
            lambda: query.block_by_hash(b"x" * 32),
        ):
            with pytest.raises(NotOnLedger):
                ask()
        with pytest.raises(Refused):
            Channels(peer).info("nowhere")


def test_participation(fabric: Fabric) -> None:
    node = fabric.handle.orderers()[0]
    genesis = (fabric.directory / "channels" / f"{CHANNEL}.block").read_bytes()
    with fabric.handle.participation(node) as orderer:
        assert orderer.list() == (CHANNEL,)
        channel = orderer.info(CHANNEL)
        assert channel is not None
        assert (channel.relation, channel.status) == ("consenter", "active")
        assert channel.height > 1
        assert orderer.info("nowhere") is None
        for refused, status in (
            (lambda: orderer.join(genesis), 405),
            (lambda: orderer.join(b"no block"), 400),
            (lambda: orderer.remove("nowhere"), 404),
        ):
            with pytest.raises(ParticipationError) as caught:
                refused()
            assert caught.value.status == status
    address = fabric.handle.addresses[node.name]
    root = fabric.handle.authority(BUREAU).tls_certificate_pem
    with (
        Participation(f"https://{address.host}:{address.admin_port}", tls_root_pem=root) as stranger,
        pytest.raises(ParticipationError) as caught,
    ):
        stranger.list()
    assert caught.value.status == 0  # no client certificate: the handshake fails


def test_the_package_reads_back(fabric: Fabric) -> None:
    assert read_package(fabric.packages["assets"]).type == "ccaas"
