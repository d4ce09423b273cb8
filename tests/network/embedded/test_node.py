"""The node as a process: peers that stop, restarts, ports, a second instance, policies of keys, other channels."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fabric_sdk.errors import EndorseError, EvaluateError, GatewayError
from fabric_sdk.gateway import connect
from network.errors import Unavailable
from network.topology import load_spec, spec_to_mapping, template
from tests.network.embedded.city import City

BUREAU, COPYRIGHT, HEALTH, HOSPITAL = "DataBureauMSP", "CopyrightMSP", "HealthMSP", "HospitalMSP"
BOTH = f"AND('{BUREAU}.peer', '{COPYRIGHT}.peer')"


@pytest.fixture
def own(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A network of one's own."""
    with City(tmp_path / "n") as city:
        city.deploy("ledger", policy=BOTH)
        yield city


def test_stopped_peer_is_missed_and_comes_back(own: City) -> None:
    contract = own.contract()
    contract.submit("Put", "a", "1")
    own.driver.stop("peer0.copyright.city.internal")
    assert {n.name: n.state for n in own.driver.status().nodes}["peer0.copyright.city.internal"] == "stopped"
    with pytest.raises(EndorseError) as caught:
        contract.submit("Put", "a", "2")
    assert caught.value.code == "FAILED_PRECONDITION"
    assert caught.value.status_message == (
        "no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy"
        " the endorsement policy"
    )
    with pytest.raises(EndorseError, match="failed to find any endorsing peers for org"):
        contract.submit("Put", "a", "2", endorsing_organizations=[COPYRIGHT])
    with (
        pytest.raises(EvaluateError) as refused,
        connect(own.handle.endpoint(COPYRIGHT), own.handle.admin(COPYRIGHT)) as g,
    ):
        g.get_network("citychannel").get_contract("ledger").evaluate("Get", "a")
    assert refused.value.code == "UNAVAILABLE"
    own.driver.start("peer0.copyright.city.internal")
    contract.submit("Put", "a", "3")
    assert own.contract(msp_id=COPYRIGHT).evaluate("Get", "a") == b"3"


def test_stopped_orderer(own: City) -> None:
    own.driver.stop("orderer0.databureau.city.internal")
    with pytest.raises(GatewayError) as caught:
        own.contract().submit("Put", "a", "1")
    assert caught.value.code == "UNAVAILABLE"
    own.driver.start("orderer0.databureau.city.internal")
    own.contract().submit("Put", "a", "1")


def test_everything_is_there_after_restart_and_kill(own: City) -> None:
    contract = own.contract()
    for i in range(20):
        contract.submit("Put", f"k{i}", str(i))
    own.kill()
    own.driver.start()
    own.forget_connections()
    assert own.contract().evaluate("Get", "k19") == b"19"
    own.driver.stop()
    own.driver.start()
    own.forget_connections()
    own.contract().submit("Put", "after", "1")
    assert own.driver.status().nodes[1].height == 1 + len(own.msp_ids) + 1 + 21


def test_start_twice_is_harmless_and_second_process_is_refused(own: City) -> None:
    own.driver.start()
    command = [sys.executable, "-m", "network.embedded", "--dir", str(own.directory / "embedded")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3
    pid = json.loads((own.directory / "embedded" / "ready.json").read_bytes())["pid"]
    assert str(pid) in done.stderr
    own.contract().submit("Put", "still", "1")


def test_ends_with_its_folder(tmp_path: Path) -> None:
    city = City(tmp_path / "n").up()
    city.forget_connections()
    process = psutil.Process(json.loads((city.directory / "embedded" / "ready.json").read_bytes())["pid"])
    shutil.rmtree(city.directory)
    process.wait(30)
    assert not city.directory.exists()


def test_taken_port_is_named(tmp_path: Path) -> None:
    city = City(tmp_path / "n").up()
    city.driver.stop()
    address = city.handle.addresses["peer0.health.city.internal"]
    with socket.socket() as taken:
        taken.bind((address.host, address.port))
        taken.listen()
        with pytest.raises(Unavailable) as caught:
            city.driver.start()
    assert str(address.port) in str(caught.value)
    assert str(os.getpid()) in str(caught.value)
    city.driver.start()
    city.driver.stop()


def test_key_level_policy(own: City) -> None:
    contract = own.contract()
    contract.submit("Put", "guarded", "1")
    contract.submit("SetPolicy", "guarded", HEALTH)
    wrong = contract.submit_async("Put", "guarded", "2", endorsing_organizations=[BUREAU, COPYRIGHT])
    assert wrong.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    right = contract.submit_async("Put", "guarded", "3", endorsing_organizations=[HEALTH])
    assert right.status().successful
    assert contract.submit("Put", "guarded", "4") == b"4"
    changing = contract.submit_async("SetPolicy", "guarded", BUREAU, endorsing_organizations=[BUREAU, COPYRIGHT])
    assert changing.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    own.kill()
    own.driver.start()
    wrong = contract.submit_async("Put", "guarded", "5", endorsing_organizations=[BUREAU, COPYRIGHT])
    assert wrong.status().code_name == "ENDORSEMENT_POLICY_FAILURE"


def test_policy_changed_in_the_same_block(own: City) -> None:
    contract = own.contract()
    contract.submit("Put", "contested", "1")
    changes = [contract.new_proposal("SetPolicy", "contested", HEALTH).endorse() for _ in range(2)]
    statuses = [s.status() for s in [c.submit() for c in changes]]
    if statuses[0].block_number == statuses[1].block_number:
        assert [s.code_name for s in statuses] == ["VALID", "ENDORSEMENT_POLICY_FAILURE"]


def test_new_sequence_without_install(own: City) -> None:
    own.deploy("ledger", policy=f"OR('{HEALTH}.peer')", sequence=2)
    submitted = own.contract().submit_async("Put", "a", "1", endorsing_organizations=[HEALTH])
    assert submitted.status().successful


def test_two_channels(tmp_path: Path) -> None:
    spec = template("city")
    mapping = spec_to_mapping(spec)
    mapping["channels"].append(
        {**mapping["channels"][0], "name": "second", "organizations": ["data-bureau", "hospital"]}
    )
    with City(tmp_path / "n", load_spec(mapping)) as city:
        city.deploy("ledger", policy=f"OR('{BUREAU}.peer')")
        city.deploy("ledger", policy=f"OR('{BUREAU}.peer')", channel="second", approving=[BUREAU, HOSPITAL])
        one, two = city.contract(), city.contract(channel="second")
        two.submit("Put", "there", "2")
        assert one.evaluate("Get", "there") == b""
        assert one.submit("Call", "ledger", "Get", "there", "second") == b"200::2"
        one.submit("Call", "ledger", "Increment", "there", "second")
        assert two.evaluate("Get", "there") == b"2"
        with pytest.raises(GatewayError):
            city.contract(msp_id=HEALTH, channel="second").evaluate("Get", "there")


def test_three_orderers_and_bft(tmp_path: Path) -> None:
    for name in ("ha", "bft"):
        with City(tmp_path / name, template(name)) as city:
            city.deploy(
                "ledger", policy=f"OR('{city.msp_ids[0]}.peer')" if city.handle.peers(city.msp_ids[0]) else None
            )
