"""The Gateway client on running networks: the same tests on the embedded ledger and on real Fabric (marked e2e)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from fabric_sdk.admin.collections import CollectionConfig
from fabric_sdk.blocks import decode_block, verify_chain
from fabric_sdk.errors import CommitError, EndorseError, EvaluateError, GatewayError
from fabric_sdk.gateway import Gateway, MemoryCheckpointer, Network, aio, connect
from fabric_sdk.gateway.client import Contract
from network.drivers import make_driver
from network.native.programs import find_programs
from network.topology import load_spec
from tests.network.embedded.city import City

CHANNEL = "gateway"
T = TypeVar("T")


def topology(consensus: str, version: str) -> dict[str, object]:
    def organization(n: int, orderers: int) -> dict[str, object]:
        return {
            "name": f"org{n}",
            "msp_id": f"Org{n}MSP",
            "title": {"zh": f"机构{n}", "en": f"Organisation {n}"},
            "domain": f"org{n}.internal",
            "peers": [{"name": "peer0"}],
            "orderers": [{"name": f"orderer{i}"} for i in range(orderers)],
        }

    return {
        "name": "gateway",
        "title": {"zh": "网关", "en": "Gateway"},
        "fabric_version": version,
        "consensus": consensus,
        "organizations": [organization(1, 4 if consensus == "bft" else 1), organization(2, 0)],
        "channels": [{"name": CHANNEL, "organizations": ["org1", "org2"]}],
    }


RUNTIMES = [
    pytest.param(("embedded", "raft", "3.1.5"), id="embedded"),
    pytest.param(("native", "raft", "3.1.5"), id="fabric-3.1.5-raft", marks=pytest.mark.e2e),
    pytest.param(("native", "bft", "3.1.5"), id="fabric-3.1.5-bft", marks=pytest.mark.e2e),
    pytest.param(("native", "raft", "2.5.16"), id="fabric-2.5.16-raft", marks=pytest.mark.e2e),
]


def patiently(action: Callable[[], T], seconds: float = 60.0) -> T:
    """Fabric's nodes need a while until they know each other."""
    until = time.monotonic() + seconds
    while True:
        try:
            return action()
        except GatewayError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module", params=RUNTIMES)
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    runtime, consensus, version = request.param
    if runtime == "native" and find_programs(version) is None:
        pytest.skip(f"Fabric {version} is not on this machine")
    city = City(tmp_path_factory.mktemp("gateway") / "n", load_spec(topology(consensus, version)))
    city.driver = make_driver(runtime, city.directory, city.vault)
    try:
        city.up()
        members = "OR('Org1MSP.member', 'Org2MSP.member')"
        collection = CollectionConfig("open", members, member_only_read=False, member_only_write=False)
        policy = "AND('Org1MSP.peer', 'Org2MSP.peer')"
        city.deploy("ledger", policy=policy, collections=[collection], channel=CHANNEL)
        patiently(lambda: city.contract("ledger", "Org1MSP", CHANNEL).submit("Put", "first", "1"))
        yield city
    finally:
        city.down()


@pytest.fixture
def gateway(city: City) -> Gateway:
    return city.gateway("Org1MSP")


@pytest.fixture
def network(gateway: Gateway) -> Network:
    return gateway.get_network(CHANNEL)


@pytest.fixture
def contract(network: Network) -> Contract:
    return network.get_contract("ledger")


def test_submit_evaluate_and_conflicts(contract: Contract) -> None:
    assert contract.submit("Put", "key", "值") == "值".encode()
    assert contract.evaluate("Get", "key") == "值".encode()
    endorsed = [contract.new_proposal("Increment", "counter").endorse() for _ in range(2)]
    codes = [t.submit().status().code_name for t in endorsed]
    assert codes == ["VALID", "MVCC_READ_CONFLICT"]


def test_errors_say_who_refused_and_why(contract: Contract, network: Network) -> None:
    with pytest.raises(EvaluateError, match="because") as evaluated:
        contract.evaluate("Fail", "because")
    assert evaluated.value.code == "UNKNOWN"
    with pytest.raises(EndorseError, match="failed to endorse transaction") as endorsed:
        contract.submit("Fail", "because")
    assert endorsed.value.code == "ABORTED"
    assert endorsed.value.details[0].msp_id == "Org1MSP"
    assert "because" in endorsed.value.details[0].message
    with pytest.raises(EndorseError, match="No metadata was found for chaincode nowhere") as unknown:
        network.get_contract("nowhere").submit("Put")
    assert unknown.value.code == "FAILED_PRECONDITION"
    with pytest.raises(CommitError) as refused:
        contract.submit("Put", "few", "x", endorsing_organizations=["Org1MSP"])
    assert refused.value.code_name == "ENDORSEMENT_POLICY_FAILURE"


def test_key_level_policies(contract: Contract) -> None:
    contract.submit("Put", "guarded", "1")
    contract.submit("SetPolicy", "guarded", "Org2MSP")
    with pytest.raises(CommitError):
        contract.submit("Put", "guarded", "2", endorsing_organizations=["Org1MSP"])
    contract.submit("Put", "guarded", "3", endorsing_organizations=["Org2MSP"])
    assert contract.evaluate("Get", "guarded") == b"3"


def test_event_streams_and_checkpoints(network: Network, contract: Contract) -> None:
    with network.chaincode_events("ledger") as live:
        first = contract.submit_async("Announce", "one", "1").status()
        contract.submit("Announce", "two", "2")
        seen = [next(live), next(live)]
    assert [(e.event_name, e.payload) for e in seen] == [("one", b"1"), ("two", b"2")]
    assert (seen[0].block_number, seen[0].transaction_id) == (first.block_number, first.transaction_id)
    checkpoint = MemoryCheckpointer()
    checkpoint.checkpoint_chaincode_event(seen[0])
    with network.chaincode_events("ledger", checkpoint=checkpoint) as resumed:
        assert next(resumed) == seen[1]
    with network.filtered_block_events(first.block_number) as filtered:
        block = next(filtered)
    assert first.transaction_id in [t.transaction_id for t in block.transactions]
    status = contract.new_proposal("PutPrivate", "open", "secret", transient={"value": "hidden"}).endorse().submit()
    number = status.status().block_number
    with network.block_and_private_data_events(number) as private:
        found = next(private)
    writes = [w for part in found.private_data.values() for p in part for w in p.writes]
    assert [(w.key, w.value) for w in writes] == [("secret", b"hidden")]
    with network.block_events(number) as blocks:
        assert b"hidden" not in next(blocks).SerializeToString()


def test_every_message_signed_elsewhere(city: City) -> None:
    identity = city.handle.admin("Org1MSP")
    with connect(city.handle.endpoint("Org1MSP"), identity.identity) as gateway:
        unsigned = gateway.get_network(CHANNEL).get_contract("ledger").new_proposal("Put", "offline", "x")
        endorsed = gateway.new_signed_proposal(unsigned.bytes, identity.signer(unsigned.digest)).endorse()
        submitted = gateway.new_signed_transaction(endorsed.bytes, identity.signer(endorsed.digest)).submit()
        commit = gateway.new_signed_commit(submitted.bytes, identity.signer(submitted.digest))
        assert commit.status().successful
        request = gateway.get_network(CHANNEL).new_block_events_request(0)
        with gateway.new_block_events_request(request.bytes, identity.signer(request.digest)).events() as blocks:
            assert next(blocks).header.number == 0


def test_many_at_once_with_asyncio(city: City) -> None:
    endpoint = city.handle.endpoint("Org2MSP")

    async def main() -> None:
        async with aio.connect(endpoint, city.handle.admin("Org2MSP")) as gateway:
            network = gateway.get_network(CHANNEL)
            contract = network.get_contract("ledger")
            names = [f"many-{i}" for i in range(40)]
            assert await asyncio.gather(*(contract.submit("Put", n, n) for n in names)) == [n.encode() for n in names]
            assert await asyncio.gather(*(contract.evaluate("Get", n) for n in names)) == [n.encode() for n in names]
            with pytest.raises(EndorseError):
                await contract.submit("Fail", "because")
            status = await (await contract.submit_async("Announce", "many", "x")).status()
            async with network.chaincode_events("ledger", status.block_number) as events:
                assert (await anext(events)).event_name == "many"
            async with network.block_events(status.block_number) as blocks:
                assert decode_block(await anext(blocks)).number == status.block_number

    asyncio.run(asyncio.wait_for(main(), 60))


def test_the_whole_chain_verifies(network: Network, contract: Contract) -> None:
    last = contract.submit_async("Put", "last", "x").status().block_number
    blocks = []
    with network.block_events(0) as stream:
        for block in stream:
            blocks.append(block.SerializeToString())
            if block.header.number == last:
                break
    report = verify_chain(blocks)
    assert report.height == last + 1
    assert all(t.malformed is None for raw in blocks for t in decode_block(raw).transactions)
