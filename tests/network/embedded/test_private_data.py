"""Private collections: who sees what, hashes, blockToLive, purge, policies of collections."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fabric_sdk.errors import EndorseError, EvaluateError
from fabric_sdk.gateway import BlockWithPrivateData
from network.embedded.check import check_state
from tests.network.embedded.city import City

HEALTH, COPYRIGHT, BUREAU = "HealthMSP", "CopyrightMSP", "DataBureauMSP"
BOTH = [BUREAU, COPYRIGHT]


def test_members_read_and_others_see_the_hash(city: City) -> None:
    contract = city.contract()
    contract.submit("PutPrivate", "open", "secret", transient={"value": "姓名"}, endorsing_organizations=BOTH)
    assert contract.evaluate("GetPrivate", "open", "secret").decode() == "姓名"
    assert city.contract(msp_id=COPYRIGHT).evaluate("GetPrivate", "open", "secret").decode() == "姓名"
    digest = hashlib.sha256("姓名".encode()).hexdigest().encode()
    assert city.contract(msp_id=HEALTH).evaluate("PrivateHash", "open", "secret") == digest
    with pytest.raises(EvaluateError) as caught:
        city.contract(msp_id=HEALTH).evaluate("GetPrivate", "open", "secret", endorsing_organizations=[HEALTH])
    assert "private data matching public hash version is not available. Public hash version = {BlockNum: " in str(
        caught.value
    )
    assert "Private data version = <nil>" in str(caught.value)
    assert city.contract(msp_id=HEALTH).evaluate("GetPrivate", "open", "nothing") == b""


def test_transient_data_go_to_members_only(city: City) -> None:
    contract = city.contract()
    assert contract.submit("PutPrivate", "open", "planned", transient={"value": "1"}) == b""
    assert contract.evaluate("GetPrivate", "open", "planned") == b"1"


def test_clear_text_is_not_in_the_block(city: City) -> None:
    network = city.network()
    contract = network.get_contract("ledger")
    submitted = contract.submit_async("PutPrivate", "open", "hidden-key", transient={"value": "hidden-value"})
    number = submitted.status().block_number
    with network.block_events(start_block=number) as blocks:
        raw = next(iter(blocks)).SerializeToString()
    assert b"hidden-value" not in raw
    assert hashlib.sha256(b"hidden-value").digest() in raw
    with network.block_and_private_data_events(start_block=number) as events:
        private = next(iter(events))
    assert b"hidden-value" in _clear(private)
    with city.network(HEALTH).block_and_private_data_events(start_block=number) as events:
        assert b"hidden-value" not in _clear(next(iter(events)))


def test_member_only_collections_judge_the_client(city: City) -> None:
    city.contract().submit("PutPrivateValue", "members", "m", "1")
    other = city.contract(msp_id=HEALTH)
    with pytest.raises(EvaluateError) as read:
        other.evaluate("GetPrivate", "members", "m", endorsing_organizations=[BUREAU])
    assert (
        "tx creator does not have read access permission on privatedata in chaincodeName:ledger collectionName: members"
    ) in str(read.value)
    assert "GET_STATE failed: transaction ID: " in str(read.value)
    with pytest.raises(EndorseError) as written:
        other.submit("PutPrivateValue", "members", "m", "2", endorsing_organizations=BOTH)
    assert "PUT_STATE failed: transaction ID: " in str(written.value)
    assert "write access permission" in str(written.value)


def test_unknown_collection(city: City) -> None:
    with pytest.raises(EndorseError, match="collection citychannel/ledger/none could not be found"):
        city.contract().submit("PutPrivateValue", "none", "k", "v")


def test_collection_policy_replaces_the_chaincodes(city: City) -> None:
    contract = city.contract(msp_id=COPYRIGHT)
    alone = contract.submit_async("PutPrivateValue", "own", "k", "v", endorsing_organizations=[COPYRIGHT])
    assert alone.status().successful
    wrong = city.contract().submit_async("PutPrivateValue", "own", "k", "w", endorsing_organizations=[BUREAU])
    assert wrong.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    assert city.contract().submit("PutPrivateValue", "own", "k", "x") == b""


def test_implicit_collection_belongs_to_its_organization(city: City) -> None:
    collection = f"_implicit_org_{HEALTH}"
    contract = city.contract(msp_id=HEALTH)
    contract.submit("PutPrivateValue", collection, "k", "ours", endorsing_organizations=[HEALTH])
    assert contract.evaluate("GetPrivate", collection, "k", endorsing_organizations=[HEALTH]) == b"ours"
    with pytest.raises(EvaluateError, match="not available"):
        city.contract().evaluate("GetPrivate", collection, "k")


def test_values_end_with_their_blocks_to_live(city: City) -> None:
    contract = city.contract()
    contract.submit("PutPrivateValue", "short", "brief", "1")
    contract.submit("Put", "tick", "1")
    contract.submit("Put", "tick", "2")
    assert contract.evaluate("GetPrivate", "short", "brief") == b"1"
    contract.submit("Put", "tick", "3")
    assert contract.evaluate("GetPrivate", "short", "brief") == b""
    assert contract.evaluate("PrivateHash", "short", "brief") == b""


def test_rewritten_value_lives_on(city: City) -> None:
    contract = city.contract()
    contract.submit("PutPrivateValue", "short", "renewed", "1")
    contract.submit("Put", "tick", "1")
    contract.submit("PutPrivateValue", "short", "renewed", "2")
    contract.submit("Put", "tick", "2")
    assert contract.evaluate("GetPrivate", "short", "renewed") == b"2"


def test_purged_value_is_nowhere(city: City) -> None:
    network = city.network()
    contract = network.get_contract("ledger")
    first = contract.submit_async("PutPrivate", "open", "forgotten", transient={"value": "to be purged"}).status()
    with network.block_and_private_data_events(start_block=first.block_number) as events:
        assert b"to be purged" in _clear(next(iter(events)))
    contract.submit("PutPrivateValue", "open", "kept", "stays")
    contract.submit("PurgePrivate", "open", "forgotten")
    assert contract.evaluate("GetPrivate", "open", "forgotten") == b""
    assert contract.evaluate("GetPrivate", "open", "kept") == b"stays"
    with network.block_and_private_data_events(start_block=first.block_number) as events:
        assert b"to be purged" not in _clear(next(iter(events)))
    assert not list(check_state(city.directory, "citychannel"))


def test_deleted_private_value(city: City) -> None:
    contract = city.contract()
    contract.submit("PutPrivateValue", "open", "deleted", "1")
    contract.submit("DeletePrivate", "open", "deleted")
    assert contract.evaluate("GetPrivate", "open", "deleted") == b""


def test_private_conflicts(city: City) -> None:
    contract = city.contract()
    contract.submit("PutPrivateValue", "open", "race", "0")
    reading = contract.new_proposal("CopyPrivate", "open", "race", "copied").endorse()
    contract.submit("PutPrivateValue", "open", "race", "1")
    assert reading.submit().status().code_name == "MVCC_READ_CONFLICT"


def test_private_ranges_and_queries(city: City) -> None:
    contract = city.contract()
    for i in range(3):
        contract.submit("PutPrivateValue", "open", f"pr{i}", json.dumps({"n": i}))
    assert json.loads(contract.evaluate("PrivateRange", "open", "pr0", "pr2")) == ['pr0={"n": 0}', 'pr1={"n": 1}']
    assert json.loads(contract.evaluate("PrivateQuery", "open", '{"selector":{"n":{"$gt":0}}}')) == ["pr1", "pr2"]


def test_transient_store_survives_a_killed_node(tmp_path: Path) -> None:
    """Endorsed before the end of the process, ordered after: the private value must be there."""
    from tests.network.embedded.conftest import BOTH as POLICY
    from tests.network.embedded.conftest import collections

    with City(tmp_path / "n") as city:
        city.deploy("ledger", policy=POLICY, collections=collections())
        transaction = city.contract().new_proposal("PutPrivateValue", "open", "k", "survives").endorse()
        city.kill()
        city.driver.start()
        assert transaction.submit().status().successful
        assert city.contract().evaluate("GetPrivate", "open", "k") == b"survives"


def _clear(event: BlockWithPrivateData) -> list[bytes]:
    """Every private value that a listener was given."""
    return [w.value for sets in event.private_data.values() for s in sets for w in s.writes]


def test_several_keys_are_purged_at_once(city: City) -> None:
    network = city.network()
    contract = network.get_contract("ledger")
    values = json.dumps({"one": "clear1", "two": "clear2", "three": "clear3"})
    first = contract.submit_async("PutAllPrivate", "open", transient={"values": values}).status()
    contract.submit("PurgeAllPrivate", "open", json.dumps(["one", "two"]))
    with network.block_and_private_data_events(start_block=first.block_number) as events:
        assert _clear(next(iter(events))) == [b"clear3"]
    assert not list(check_state(city.directory, "citychannel"))
