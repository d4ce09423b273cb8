"""Transactions through the Gateway: state, conflicts, queries, history, events, calls, refusals."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from fabric_sdk.admin.collections import CollectionConfig
from fabric_sdk.errors import EndorseError, EvaluateError
from network import plan
from network.topology import PeerSpec, template
from tests.network.embedded.city import City, on_couchdb


def test_written_value_is_read_back(city: City) -> None:
    contract = city.contract()
    assert contract.submit("Put", "plain", "一二三") == "一二三".encode()
    assert contract.evaluate("Get", "plain").decode() == "一二三"


def test_absent_key_reads_as_empty(city: City) -> None:
    assert city.contract().evaluate("Get", "absent") == b""


def test_deleted_key_is_gone_and_in_the_history(city: City) -> None:
    contract = city.contract()
    contract.submit("Put", "gone", "1")
    contract.submit("Put", "gone", "2")
    contract.submit("Delete", "gone")
    assert contract.evaluate("Get", "gone") == b""
    history = [entry.partition(":")[2] for entry in json.loads(contract.evaluate("History", "gone"))]
    assert history == ["deleted", "2", "1"]


def test_second_of_two_conflicting_transactions_is_invalid(city: City) -> None:
    contract = city.contract()
    contract.submit("Put", "counter", "0")
    first = contract.new_proposal("Increment", "counter").endorse()
    second = contract.new_proposal("Increment", "counter").endorse()
    assert first.submit().status().successful
    status = second.submit().status()
    assert status.code_name == "MVCC_READ_CONFLICT"
    assert contract.evaluate("Get", "counter") == b"1"


def test_invalid_transaction_raises(city: City) -> None:
    contract = city.contract()
    contract.submit("Put", "raced", "0")
    stale = contract.new_proposal("Increment", "raced").endorse()
    contract.submit("Increment", "raced")
    status = stale.submit().status()
    assert not status.successful


def test_conflicts_within_one_block(city: City) -> None:
    contract = city.contract()
    contract.submit("Put", "hot", "0")
    transactions = [contract.new_proposal("Increment", "hot").endorse() for _ in range(8)]
    submitted = [t.submit() for t in transactions]
    codes = [s.status().code_name for s in submitted]
    assert codes.count("VALID") == 1
    assert set(codes) == {"VALID", "MVCC_READ_CONFLICT"}


@pytest.mark.parametrize("count", [3, 50, 51, 120, 2700])
def test_phantoms_are_noticed(city: City, count: int) -> None:
    contract = city.contract()
    contract.submit("PutMany", f"ph{count}-", str(count), "x")
    target = f"sum{count}"
    counting = contract.new_proposal("CountRange", f"ph{count}-", f"ph{count}-z", target).endorse()
    unaffected = contract.new_proposal("CountRange", f"ph{count}-", f"ph{count}-z", target + "b").endorse()
    assert unaffected.submit().status().successful
    contract.submit("Put", f"ph{count}-00001x", "new")
    assert counting.submit().status().code_name == "PHANTOM_READ_CONFLICT"
    assert contract.submit("CountRange", f"ph{count}-", f"ph{count}-z", target) == str(count + 1).encode()


def test_unfinished_range_only_covers_what_was_fetched(city: City) -> None:
    contract = city.contract()
    contract.submit("PutMany", "first-", "150", "x")
    early = contract.new_proposal("FirstOfRange", "first-", "first-z", "f1").endorse()
    contract.submit("Put", "first-99999", "beyond the first batch")
    assert early.submit().status().successful


def test_range_is_ordered_by_utf8_bytes(city: City) -> None:
    contract = city.contract()
    for key in ("r-a", "r-é", "r-中", "r-\U0001f600", "r-Z"):
        contract.submit("Put", key, "1")
    found = json.loads(contract.evaluate("Range", "r-", "r-\U0010ffff"))
    assert [f.partition("=")[0] for f in found] == ["r-Z", "r-a", "r-é", "r-中", "r-\U0001f600"]


def test_composite_keys_stay_out_of_simple_ranges(city: City) -> None:
    contract = city.contract()
    contract.submit("PutComposite", "color", "red", "1", "x")
    contract.submit("PutComposite", "color", "red", "2", "y")
    contract.submit("PutComposite", "color", "reddish", "3", "z")
    assert json.loads(contract.evaluate("Composite", "color", "red")) == ["red/1=x", "red/2=y"]
    assert not any("color" in item for item in json.loads(contract.evaluate("Range", "", "")))


def test_pages_follow_each_other(city: City) -> None:
    contract = city.contract()
    contract.submit("PutMany", "pg-", "5", "x")
    first = json.loads(contract.evaluate("Page", "pg-", "pg-z", "2", ""))
    assert first == ["pg-00000", "pg-00001", "2", "pg-00002"]
    last = json.loads(contract.evaluate("Page", "pg-", "pg-z", "2", "pg-00004"))
    assert last == ["pg-00004", "1", ""]


def test_writing_after_a_page_is_refused(city: City) -> None:
    with pytest.raises(EndorseError) as caught:
        city.contract().submit("PageAndPut", "a", "b", "c")
    assert "Transaction has already performed a paginated query. Writes are not allowed" in str(caught.value)


def test_rich_queries(city: City) -> None:
    contract = city.contract()
    for name, document in {
        "q1": {"kind": "slot", "n": 1, "tags": ["a", "b"]},
        "q2": {"kind": "slot", "n": 2, "tags": []},
        "q3": {"kind": "work", "n": 3},
        "q4": "no object",
    }.items():
        contract.submit("Put", name, json.dumps(document))

    def keys(selector: object) -> list[str]:
        found = json.loads(contract.evaluate("Query", json.dumps({"selector": selector})))
        return [f.partition("=")[0] for f in found]

    assert keys({"kind": "slot"}) == ["q1", "q2"]
    assert keys({"n": {"$gte": 2}, "kind": {"$in": ["slot", "work"]}}) == ["q2", "q3"]
    assert keys({"$or": [{"n": 1}, {"kind": "work"}]}) == ["q1", "q3"]
    assert keys({"tags": {"$elemMatch": {"$eq": "a"}}}) == ["q1"]
    assert keys({"tags": {"$exists": False}, "kind": {"$exists": True}}) == ["q3"]
    assert keys({"kind": {"$regex": "^sl"}}) == ["q1", "q2"]
    page = json.loads(contract.evaluate("QueryPage", json.dumps({"selector": {"kind": "slot"}}), "1", ""))
    assert page[:2] == ["q1", "1"]
    page = json.loads(contract.evaluate("QueryPage", json.dumps({"selector": {"kind": "slot"}}), "1", page[2]))
    assert page[:2] == ["q2", "1"]


def test_leveldb_refuses_rich_queries_until_the_topology_says_couchdb(tmp_path: Path) -> None:
    """What works here must work after the promotion to Fabric: its LevelDB answers none, in these words."""
    spec = template("single")
    collection = CollectionConfig("open", "OR('DataBureauMSP.member')", member_only_read=False, member_only_write=False)
    with City(tmp_path / "n", spec) as city:
        city.deploy("ledger", collections=(collection,))
        contract = city.contract()
        contract.submit("Put", "q1", '{"kind": "slot"}')
        selector = '{"selector": {"kind": "slot"}}'
        words = "not supported for leveldb"
        for function, arguments, text in (
            ("Query", (selector,), f"ExecuteQuery {words}"),
            ("QueryPage", (selector, "1", ""), f"ExecuteQueryWithMetadata {words}"),
            ("PrivateQuery", ("open", selector), f"ExecuteQuery {words}"),
        ):
            with pytest.raises(EvaluateError) as caught:
                contract.evaluate(function, *arguments)
            assert f"GET_QUERY_RESULT failed: transaction ID: {caught.value.transaction_id}: {text}" in str(
                caught.value
            )
        plan.run(city.driver, on_couchdb(spec), city.directory)
        assert json.loads(contract.evaluate("Query", selector)) == ['q1={"kind": "slot"}']


def test_sorting_needs_an_index(city: City) -> None:
    with pytest.raises(EvaluateError, match="No index exists for this sort"):
        city.contract().evaluate("Query", json.dumps({"selector": {"n": {"$gt": 0}}, "sort": ["n"]}))


def test_events_arrive_with_their_block(city: City) -> None:
    network = city.network()
    contract = network.get_contract("ledger")
    found = []
    with network.chaincode_events("ledger") as events:
        status = contract.submit_async("Announce", "news", "hello").status()
        found.append(next(iter(events)))
    event = found[0]
    assert (event.event_name, event.payload, event.block_number) == ("news", b"hello", status.block_number)
    assert event.transaction_id == status.transaction_id
    with network.chaincode_events("ledger", start_block=0) as events:
        assert any(e.transaction_id == event.transaction_id for e in _first(events, 50, event.transaction_id))


def _first(events: object, most: int, until: str) -> list[object]:
    found = []
    for event in events:  # type: ignore[attr-defined]
        found.append(event)
        if event.transaction_id == until or len(found) >= most:
            break
    return found


def test_block_streams_agree(city: City) -> None:
    network = city.network()
    contract = network.get_contract("ledger")
    submitted = contract.submit_async("Put", "streamed", "1")
    number = submitted.status().block_number
    with network.block_events(start_block=number) as blocks:
        block = next(iter(blocks))
    with network.filtered_block_events(start_block=number) as filtered:
        short = next(iter(filtered))
    assert block.header.number == short.number == number
    assert [t.transaction_id for t in short.transactions] == [submitted.transaction_id]


def test_contract_calls_contract(city: City) -> None:
    contract = city.contract()
    city.contract("single").submit("Put", "theirs", "7")
    assert contract.submit("Call", "single", "Get", "theirs", "") == b"200::7"
    assert contract.submit("Call", "single", "Increment", "theirs", "").startswith(b"200")
    assert city.contract("single").evaluate("Get", "theirs") == b"8"
    answer = contract.submit("Call", "nowhere", "Get", "x", "").decode()
    assert answer.startswith("500:INVOKE_CHAINCODE failed: transaction ID: ")
    assert answer.endswith("failed to get chaincode container info for nowhere: chaincode nowhere not found:")


def test_refusal_of_a_contract(city: City) -> None:
    contract = city.contract()
    with pytest.raises(EvaluateError) as evaluated:
        contract.evaluate("Fail", "no")
    assert evaluated.value.code == "UNKNOWN"
    expected = "evaluate call to endorser returned error: chaincode response 500, REFUSED: no"
    assert evaluated.value.status_message == expected
    with pytest.raises(EndorseError) as endorsed:
        contract.submit("Fail", "no")
    assert endorsed.value.code == "ABORTED"
    assert endorsed.value.status_message == "failed to endorse transaction, see attached details for more info"
    assert [d.msp_id for d in endorsed.value.details] == ["DataBureauMSP"]
    assert endorsed.value.details[0].message == "chaincode response 500, REFUSED: no"
    assert contract.evaluate("Get", "never") == b""


def test_differing_results_are_not_endorsed(city: City) -> None:
    for function in ("Random", "WhichPeer"):
        with pytest.raises(EndorseError) as caught:
            city.contract().submit(function)
        assert caught.value.code == "ABORTED"
        assert caught.value.details[0].message == "ProposalResponsePayloads do not match"


def test_every_peer_that_disagrees_is_named_with_its_organisations_others(tmp_path: Path) -> None:
    """Fabric asks an organisation's next peer even when another organisation has none left that could agree."""
    spec = template("city")
    more = tuple(
        replace(org, peers=(PeerSpec("peer0"), PeerSpec("peer1"))) if org.msp_id == "HealthMSP" else org
        for org in spec.organizations
    )
    with City(tmp_path / "n", replace(spec, organizations=more)) as wide:
        wide.deploy(policy="AND('DataBureauMSP.peer', 'HealthMSP.peer', 'HospitalMSP.peer')")
        with pytest.raises(EndorseError) as caught:
            wide.contract().submit("WhichPeer")
    assert caught.value.status_message.startswith("failed to collect enough transaction endorsements")
    assert sorted((d.msp_id, d.message) for d in caught.value.details) == [
        ("HealthMSP", "ProposalResponsePayloads do not match"),
        ("HealthMSP", "ProposalResponsePayloads do not match"),
        ("HospitalMSP", "ProposalResponsePayloads do not match"),
    ]
    assert len({d.address for d in caught.value.details}) == 3


def test_unknown_chaincode(city: City) -> None:
    with pytest.raises(EndorseError) as caught:
        city.contract("nothing").submit("Put", "a", "b")
    assert caught.value.code == "FAILED_PRECONDITION"
    assert caught.value.status_message == (
        "no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for"
        " chaincode nothing in channel citychannel"
    )
    with pytest.raises(EvaluateError) as evaluated:
        city.contract("nothing").evaluate("Get", "a")
    assert "no peers available to evaluate chaincode nothing in channel citychannel" in str(evaluated.value)


def test_too_few_organizations_make_the_transaction_invalid(city: City) -> None:
    submitted = city.contract().submit_async("Put", "alone", "1", endorsing_organizations=["DataBureauMSP"])
    assert submitted.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    assert city.contract().evaluate("Get", "alone") == b""


def test_same_transaction_twice_reports_the_first_block(city: City) -> None:
    transaction = city.contract().new_proposal("Put", "twice", "1").endorse()
    first = transaction.submit().status()
    second = transaction.submit().status()
    assert (first.block_number, first.successful) == (second.block_number, second.successful)


def test_two_copies_in_one_block_count_once(city: City) -> None:
    transaction = city.contract().new_proposal("Put", "copies", "1").endorse()
    assert {s.status().code_name for s in [transaction.submit() for _ in range(5)]} == {"VALID"}


def test_many_threads(city: City) -> None:
    contract = city.contract()
    failures: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for i in range(10):
                contract.submit("Put", f"thread{n}-{i}", "x")
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert len(json.loads(contract.evaluate("Range", "thread", "thread~"))) == 80
