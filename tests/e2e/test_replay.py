"""Fabric's own peers replay what the embedded ledger has committed, and must come to the same: the judge of it all."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from fabric_sdk.blocks import decode_block
from fabric_sdk.configtx.orderer import OrderingClient, OrderingRefused
from fabric_sdk.identity import load_msp_folder
from network import plan
from network.drivers.base import Silent
from network.native.programs import require_programs
from network.promotion.judge import Judgement, judge
from network.promotion.stored import StoredChannel, ledger_file
from network.topology import TopologySpec, load_spec, spec_to_mapping, template
from tests.e2e.crafted import REFUSED, Crafter
from tests.e2e.running import require_fabric
from tests.e2e.test_differential import BUREAU, COPYRIGHT, Side, batches
from tests.network.embedded.city import City, patiently

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
TRANSACTIONS = int(os.environ.get("CITYCHAIN_REPLAY_TRANSACTIONS", "400"))
SEED = int(os.environ.get("CITYCHAIN_REPLAY_SEED", str(random.randrange(1 << 30))))
CHANNEL = "citychannel"


def crafter(city: City) -> Crafter:
    signers = []
    for msp_id in (BUREAU, COPYRIGHT):
        ca = city.handle.authority(msp_id)
        signers.append(load_msp_folder(ca.nodes.directory(city.handle.peers(msp_id)[0]) / "msp", msp_id))
    return Crafter(CHANNEL, "ledger", "1.0", city.handle.admin(BUREAU), signers)


def order(city: City, *envelopes: object) -> int:
    """Hand envelopes to the orderer; return how many it took."""
    taken = 0
    with OrderingClient(city.handle.node_endpoint(city.handle.orderers()[0]), city.handle.admin(BUREAU)) as orderer:
        for envelope in envelopes:
            try:
                orderer.broadcast(envelope)
                taken += 1
            except OrderingRefused:
                pass
    return taken


def settled(city: City) -> StoredChannel:
    """The stored channel once nothing is under way."""
    city.contract().submit("Put", "settled", str(time.time_ns()))
    return StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL)


def codes(channel: StoredChannel) -> Counter[str]:
    found: Counter[str] = Counter()
    for number in range(channel.height):
        found.update(t.validation_code_name for t in decode_block(channel.body(number)).transactions)
    return found


def judged(city: City, version: str, tmp_path: Path) -> Judgement:
    peers = [p for p in city.handle.peers() if p.organization.msp_id in (BUREAU, "HealthMSP")]
    names = [c.name for c in city.spec.channels]
    found = judge(city.handle, require_programs(version), peers, names, tmp_path / "replay", Silent())
    assert not (tmp_path / "replay").exists()
    return found


def changed_batch(spec: TopologySpec, messages: int) -> TopologySpec:
    mapping = spec_to_mapping(spec)
    mapping["channels"][0]["batch"]["max_messages"] = messages
    return load_spec(mapping)


@pytest.mark.parametrize(("kind", "version"), [("city", "3.1.5"), ("city", "2.5.16"), ("bft", "3.1.5")])
def test_fabric_comes_to_the_same_ledger(kind: str, version: str, tmp_path: Path) -> None:
    require_fabric(version)
    print(f"seed {SEED}, {TRANSACTIONS} transactions")
    spec = template(kind).with_(fabric_version=version)
    with City(tmp_path / "n", spec) as city:
        side = Side(city)
        side.deploy()
        chance, made = random.Random(SEED), crafter(city)
        half = TRANSACTIONS // 2
        for batch in batches(SEED, half):
            side.run(batch)
        strange = list(made.strange())
        refused = [envelope for name, envelope in strange if name == REFUSED]
        assert len(refused) == 2 and order(city, *refused) == 0
        assert order(city, *(envelope for name, envelope in strange if name != REFUSED)) == len(strange) - 2
        plan.run(city.driver, changed_batch(spec, 20), city.directory)
        for _ in range(half // 20):
            height = side._height(BUREAU)
            order(city, *(made.random(chance, height) for _ in range(20)))
        city.deploy(  # an upgrade: another policy, another version
            "single", policy=f"OR('{BUREAU}.peer', '{COPYRIGHT}.peer')", sequence=2, version="2.0"
        )
        patiently(lambda: city.contract("single").submit("Put", "after", "upgrade"))
        with settled(city) as channel:
            found = codes(channel)
        print(dict(found))
        expected = {"VALID", "MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", "ENDORSEMENT_POLICY_FAILURE"}
        expected |= {"DUPLICATE_TXID", "BAD_PROPOSAL_TXID", "BAD_COMMON_HEADER", "BAD_HEADER_EXTENSION"}
        expected |= {"INVALID_CHAINCODE", "INVALID_OTHER_REASON", "ILLEGAL_WRITESET", "BAD_RWSET"}
        expected |= {"INVALID_ENDORSER_TRANSACTION"}
        assert expected <= set(found)
        result = judged(city, version, tmp_path)
    print(result)
    assert result.difference is None
    assert all(one.blocks > 50 and one.transactions > TRANSACTIONS // 2 for one in result.judged)
    assert result.judged[0].private > 10
