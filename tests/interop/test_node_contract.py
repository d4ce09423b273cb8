"""A contract written with the official Node shim runs on the embedded ledger, reached as chaincode-as-a-service."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from fabric_sdk.admin.collections import CollectionConfig
from fabric_sdk.chaincode.package import build_package, package_id
from fabric_sdk.errors import EndorseError, EvaluateError
from network.ports import port_is_free
from network.topology import template
from tests.network.embedded.city import City, on_couchdb

pytestmark = [pytest.mark.interop, pytest.mark.timeout(400)]
PROGRAM = Path(__file__).parent / "contract"
BUREAU, COPYRIGHT, HEALTH = "DataBureauMSP", "CopyrightMSP", "HealthMSP"


@pytest.fixture(scope="session")
def contract_folder() -> Path:
    """The official shim, installed once; skips where Node.js or the packages are missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js (node and npm) is not installed: no Node contract can run")
    lock = (PROGRAM / "package-lock.json").read_bytes()
    folder = user_cache_path("citychain") / "interop" / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PROGRAM / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the official shim here: {done.stderr.strip()[-300:]}")
        (folder / "installed").touch()
    for name in ("package.json", "contract.js"):
        shutil.copy(PROGRAM / name, folder / name)
    return folder


class NodeContract:
    """The contract's own process."""

    def __init__(self, folder: Path, address: str, identifier: str) -> None:
        self._arguments = (folder, address, identifier)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        folder, address, identifier = self._arguments
        command = ["node", "node_modules/fabric-shim/cli", "server"]
        command += [f"--chaincode-address={address}", f"--chaincode-id={identifier}"]
        with (folder / "contract.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        port = int(address.rpartition(":")[2])
        end = time.monotonic() + 30
        while port_is_free(port):
            assert self.process.poll() is None, "the contract ended"
            assert time.monotonic() < end, "the contract does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture(scope="module")
def node_contract(
    contract_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[City, NodeContract]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with City(tmp_path_factory.mktemp("node") / "n", on_couchdb(template("city"))) as city:
        members = f"OR('{BUREAU}.member', '{COPYRIGHT}.member')"
        policy = f"AND('{BUREAU}.peer', '{COPYRIGHT}.peer')"
        collection = CollectionConfig("open", members, member_only_read=False, member_only_write=False)
        process = NodeContract(contract_folder, address, package_id(build_package("assets_1.0", address)))
        process.start()
        try:
            city.deploy("assets", policy=policy, collections=[collection], address=address)
            city.deploy("ledger", policy=policy)
            yield city, process
        finally:
            process.stop()


def test_state(node_contract: tuple[City, NodeContract]) -> None:
    contract = node_contract[0].contract("assets")
    assert contract.submit("Put", "a", "一") == "一".encode()
    assert contract.evaluate("Get", "a").decode() == "一"
    contract.submit("Delete", "a")
    assert contract.evaluate("Get", "a") == b""
    assert json.loads(contract.evaluate("History", "a")) == ["deleted", "一"]
    assert contract.evaluate("WhoAmI") == f"{BUREAU}/64/citychannel".encode()


def test_ranges_and_queries(node_contract: tuple[City, NodeContract]) -> None:
    contract = node_contract[0].contract("assets")
    contract.submit("PutMany", "r", "250")
    assert len(json.loads(contract.evaluate("Range", "r", "s"))) == 250
    assert json.loads(contract.evaluate("Page", "r", "s", "2", "")) == [["r00000", "r00001"], 2, "r00002"]
    contract.submit("Put", "doc", json.dumps({"kind": "slot"}))
    assert json.loads(contract.evaluate("Query", '{"selector":{"kind":"slot"}}')) == ["doc"]


def test_private_data_and_policies(node_contract: tuple[City, NodeContract]) -> None:
    city = node_contract[0]
    contract = city.contract("assets")
    contract.submit("PutPrivate", "open", "k", transient={"value": "secret"})
    assert contract.evaluate("GetPrivate", "open", "k") == b"secret"
    digest = hashlib.sha256(b"secret").hexdigest().encode()
    assert city.contract("assets", HEALTH).evaluate("PrivateHash", "open", "k") == digest
    with pytest.raises(EvaluateError, match="private data matching public hash version is not available"):
        city.contract("assets", HEALTH).evaluate("GetPrivate", "open", "k", endorsing_organizations=[HEALTH])
    contract.submit("Put", "guarded", "1")
    contract.submit("SetPolicy", "guarded", HEALTH)
    wrong = contract.submit_async("Put", "guarded", "2", endorsing_organizations=[BUREAU, COPYRIGHT])
    assert wrong.status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    assert contract.submit("Put", "guarded", "3") == b"3"


def test_events_and_calls_between_languages(node_contract: tuple[City, NodeContract]) -> None:
    city = node_contract[0]
    network = city.network()
    contract = network.get_contract("assets")
    with network.chaincode_events("assets") as events:
        contract.submit("Announce", "news", "hello")
        event = next(iter(events))
    assert (event.event_name, event.payload) == ("news", b"hello")
    city.contract().submit("Put", "theirs", "7")
    assert contract.submit("Call", "ledger", "Get", "theirs") == b"200:7"
    contract.submit("Put", "ours", "8")
    assert city.contract().submit("Call", "assets", "Get", "ours", "") == b"200::8"
    assert city.contract().submit("Call", "assets", "Put", "x", "").startswith(b"500")


def test_refusal_and_conflict(node_contract: tuple[City, NodeContract]) -> None:
    contract = node_contract[0].contract("assets")
    with pytest.raises(EndorseError) as caught:
        contract.submit("Fail", "no")
    assert "no" in caught.value.details[0].message


def test_contract_that_dies_and_comes_back(node_contract: tuple[City, NodeContract]) -> None:
    city, process = node_contract
    contract = city.contract("assets")
    with pytest.raises(EvaluateError) as caught:
        contract.evaluate("Die")
    assert caught.value.code == "ABORTED"
    assert caught.value.status_message == "failed to evaluate transaction, see attached details for more info"
    assert caught.value.details[0].message.startswith("error in simulation: failed to execute transaction ")
    assert "chaincode stream terminated" in caught.value.details[0].message
    process.stop()
    process.start()
    assert contract.submit("Put", "again", "1") == b"1"
