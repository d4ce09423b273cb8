"""The official Node client (npm `@hyperledger/fabric-gateway`, unmodified) on the embedded ledger."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.interop.conftest import Run
from tests.network.embedded.city import City

pytestmark = pytest.mark.interop


def test_evaluate_submit_and_commit_status(run: Run, five_peers: City) -> None:
    result = run("transactions")
    assert (result["submitted"], result["evaluated"], result["named"]) == ("值", "值", "值")
    assert result["pending"] == "x"
    assert result["status"]["successful"] is True
    assert (result["status"]["code"], result["status"]["transactionId"]) == (0, result["transactionId"])
    ours = five_peers.contract("ledger", "Org3MSP", "interop")
    assert ours.evaluate("Get", "node-key") == "值".encode()


def test_errors_carry_code_message_and_details(run: Run) -> None:
    result = run("errors")
    evaluate = result["evaluate"]
    assert (evaluate["kind"], evaluate["grpcCode"]) == ("GatewayError", "UNKNOWN")
    assert "evaluate call to endorser returned error: chaincode response" in evaluate["message"]
    assert "because" in evaluate["message"]
    endorse = result["endorse"]
    assert (endorse["kind"], endorse["grpcCode"]) == ("EndorseError", "ABORTED")
    assert "failed to endorse transaction, see attached details for more info" in endorse["message"]
    assert len(endorse["transactionId"]) == 64
    assert endorse["details"][0]["mspId"] == "Org1MSP"
    assert endorse["details"][0]["address"].rpartition(":")[2].isdigit()
    assert "because" in endorse["details"][0]["message"]
    assert result["differing"]["grpcCode"] == "ABORTED"
    assert "failed to collect enough transaction endorsements" in result["differing"]["message"]
    assert "ProposalResponsePayloads do not match" in result["differing"]["details"][0]["message"]
    assert result["unknownContract"]["grpcCode"] == "FAILED_PRECONDITION"
    assert "No metadata was found for chaincode nowhere in channel interop" in result["unknownContract"]["message"]
    assert result["unknownChannel"]["grpcCode"] == "UNAVAILABLE"
    assert result["forged"]["kind"] == "GatewayError"
    assert "access denied: channel [interop] creator org [Org1MSP]" in str(result["forged"])
    assert (result["tooFew"]["kind"], result["tooFew"]["commitCode"]) == ("CommitError", 10)
    assert result["statuses"] == [0, 11]
    assert result["repeated"][0] == result["repeated"][1]
    assert result["isEndorseError"] is True


def test_every_message_signed_elsewhere(run: Run) -> None:
    result = run("offline")
    assert result["unsigned"] is not None
    assert result["status"]["successful"] is True
    block = result["status"]["blockNumber"]
    assert result["event"] == {"name": "offline", "payload": "signed elsewhere", "block": block}
    assert result["blocks"] == {"block": block, "filtered": block, "private": block}


def test_all_four_event_streams(run: Run) -> None:
    result = run("events")
    sent = result["transactions"]
    names = ["first", "second", "third"]
    expected = [
        {"name": n, "payload": f"text of {n}", "id": t["id"], "block": t["block"]}
        for n, t in zip(names, sent, strict=True)
    ]
    assert result["seen"] == result["replayed"] == expected
    assert result["resumed"] == [expected[1]]
    assert result["afterBlock"] == [expected[2]]
    assert result["blocks"] == [sent[0]["block"], sent[0]["block"] + 1]
    assert result["filtered"] == [{"number": sent[0]["block"], "transactions": [[sent[0]["id"], 0]]}]
    assert result["private"] == [[[0, True]]]
    assert result["refused"] is not None


def test_private_data(run: Run) -> None:
    result = run("privateData")
    assert result["value"] == "hidden"
    assert result["hash"] == sha256(b"hidden").hexdigest()
    assert result["absent"] == ""
    assert "private data matching public hash version is not available" in result["outsider"]["message"]


def test_key_level_policies(run: Run) -> None:
    result = run("keyPolicies")
    assert (result["wrong"]["kind"], result["wrong"]["commitCode"]) == ("CommitError", 10)
    assert (result["planned"], result["value"]) == ("planned", "planned")


def test_a_peer_that_stops_and_comes_back(run: Run, five_peers: City) -> None:
    """One of Org2's peers stops: the other takes over. Org2 and Org3 stop: too few. One comes back: it goes on."""
    driver = five_peers.driver
    peers = {m: [p.name for p in five_peers.handle.peers(m)] for m in ("Org2MSP", "Org3MSP")}
    try:
        driver.stop(peers["Org2MSP"][0])
        assert run("put", "node-fault", "1") == {"submitted": "1"}
        for name in (peers["Org2MSP"][1], *peers["Org3MSP"]):
            driver.stop(name)
        failure = run("tryPut", "node-fault", "2")["failure"]
        assert failure["grpcCode"] == "FAILED_PRECONDITION"
        assert "no peer combination can satisfy the endorsement policy" in failure["message"]
        driver.start(peers["Org3MSP"][0])
        assert run("put", "node-fault", "3") == {"submitted": "3"}
    finally:
        for names in peers.values():
            for name in names:
                driver.start(name)
    back = five_peers.handle.endpoint("Org2MSP", peers["Org2MSP"][0])
    assert back.address
    assert run("put", "node-fault", "4", msp_id="Org2MSP", peer=peers["Org2MSP"][0]) == {"submitted": "4"}
