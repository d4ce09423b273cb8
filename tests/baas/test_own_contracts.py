"""Contracts of one's own: a Python folder, a service at an address, a package; what is refused beforehand."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from baas.platform import Platform
from baas.services import contract_probe
from baas.services.contract_template import write_contract
from baas.services.own_contracts import OwnContract, look_at
from fabric_sdk.chaincode.package import build_package
from network.errors import CityChainError, Conflict, Unavailable, UserError
from network.ports import port_is_free

N = "own"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    opened = Platform.open(tmp_path_factory.mktemp("own") / "workspace")
    opened.networks.up(opened.networks.template("single", name=N, runtime="embedded"))
    yield opened
    opened.networks.destroy(N)
    opened.close()


def _edit(source: Path, old: str, new: str) -> None:
    text = (source / "contract.py").read_text("utf-8")
    assert old in text
    (source / "contract.py").write_text(text.replace(old, new), "utf-8")


def test_the_template_is_deployed_called_reloaded_and_upgraded(platform: Platform, tmp_path: Path) -> None:
    source = write_contract("things", tmp_path / "things")
    contracts = platform.contracts
    found = look_at(source)
    assert (found.name, found.version) == ("things", "1.0.0")
    assert set(found.functions) == {"Create", "Change", "Read"}
    first = contracts.deploy_own(N, OwnContract("things", "1.0.0", "python", str(source)))
    assert (first.definition.sequence, first.changed) == (1, True)
    contracts.invoke(N, "things", "Create", ["A-1", "a bicycle", "900"])
    assert b'"value":900' in contracts.query(N, "things", "Read", ["A-1"]).payload.replace(b" ", b"")

    _edit(source, "there is no", "gone is")
    with pytest.raises(Conflict) as refused:
        contracts.deploy_own(N, OwnContract("things", "1.0.0", "python", str(source)))
    assert refused.value.code == "same_version"
    with pytest.raises(CityChainError, match="there is no"):
        contracts.query(N, "things", "Read", ["A-2"])
    contracts.reload(N, "things")
    with pytest.raises(CityChainError, match="gone is"):
        contracts.query(N, "things", "Read", ["A-2"])

    _edit(source, "gone is", "away is")
    second = contracts.deploy_own(N, OwnContract("things", "1.1.0", "python", str(source)))
    assert (second.definition.sequence, second.definition.version) == (2, "1.1.0")
    assert second.package_id != first.package_id
    with pytest.raises(CityChainError, match="away is"):
        contracts.query(N, "things", "Read", ["A-2"])
    assert contracts.own(N)["things"].version == "1.1.0"


def test_the_templates_own_test_passes(tmp_path: Path) -> None:
    source = write_contract("my-things_2", tmp_path / "things")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "test_contract.py"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.raises(Conflict):
        write_contract("my-things", source)


def test_two_contracts_with_files_of_one_name_do_not_meet(platform: Platform, tmp_path: Path) -> None:
    for name in ("north", "south"):
        source = tmp_path / name
        source.mkdir()
        (source / "words.py").write_text(f"PLACE = {name!r}\n", "utf-8")
        (source / "contract.py").write_text(
            "from fabric_sdk.chaincode import Context, Contract, query\nfrom words import PLACE\n\n\n"
            f"class {name.title()}(Contract):\n    @query\n    def Where(self, ctx: Context) -> str:\n"
            "        return PLACE\n",
            "utf-8",
        )
        platform.contracts.deploy_own(N, OwnContract(name, "1", "python", str(source)))
    for name in ("north", "south"):
        assert platform.contracts.query(N, name, "Where").payload == name.encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [("def broken(:\n", "line 1"), ("x = 1\n", "neither"), ("import nowhere_at_all\n", "nowhere_at_all")],
)
def test_sources_that_cannot_be_loaded_say_why(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "contract.py").write_text(text, "utf-8")
    with pytest.raises(UserError, match=said) as refused:
        look_at(tmp_path)
    assert refused.value.code == "contract_unloadable"


def test_a_contract_that_ends_its_process_ends_no_ledger(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text("import os\nos._exit(0)\n", "utf-8")
    with pytest.raises(UserError) as refused:
        platform.contracts.deploy_own(N, OwnContract("exits", "1", "python", str(tmp_path)))
    assert refused.value.code == "contract_unloadable"
    assert platform.networks.status(N).state == "running"


def test_a_broken_contract_does_not_keep_the_ledger_from_starting(tmp_path: Path) -> None:
    with Platform.open(tmp_path / "workspace") as platform:
        platform.networks.up(platform.networks.template("single", name="broken", runtime="embedded"))
        source = write_contract("things", tmp_path / "things")
        platform.contracts.deploy_own("broken", OwnContract("things", "1", "python", str(source)))
        kept = platform.networks.folder("broken") / "own-contracts" / "things_1" / "contract.py"
        kept.write_text("raise RuntimeError\n", "utf-8")
        platform.networks.stop("broken")
        platform.networks.start("broken")
        assert platform.networks.status("broken").state == "running"
        with pytest.raises(CityChainError):
            platform.contracts.query("broken", "things", "Read", ["A"])
        platform.contracts.reload("broken", "things")
        with pytest.raises(CityChainError, match="there is no"):
            platform.contracts.query("broken", "things", "Read", ["A"])
        platform.networks.destroy("broken")
        assert not (tmp_path / "workspace" / "networks" / "broken").exists()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_service_is_waited_for_and_must_be_the_package(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody there, somebody else there, the right one there: only then is anything agreed on."""
    source = write_contract("served", tmp_path / "served")
    address = f"127.0.0.1:{free_port()}"
    own = OwnContract("served", "1.0.0", "address", address=address)
    wanted = platform.contracts.own_package_id(N, own)
    monkeypatch.setattr(contract_probe, "PATIENCE_SECONDS", 0.3)
    with pytest.raises(Unavailable) as refused:
        platform.contracts.deploy_own(N, own)
    assert refused.value.code == "nobody_listens"
    assert wanted in str(refused.value.hint)
    assert platform.contracts.committed(N, "served") is None

    def serve(identifier: str, *, listening: bool = True) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "fabric_sdk.chaincode.server", str(source), "--address", address]
        started = subprocess.Popen([*command, "--package-id", identifier], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while listening and port_is_free(int(address.rpartition(":")[2])):
            assert time.monotonic() < end and started.poll() is None
            time.sleep(0.05)
        return started

    running = serve("other_1:" + "0" * 64)
    try:
        with pytest.raises(UserError) as another:
            platform.contracts.deploy_own(N, own)
        assert another.value.code == "another_package"
        assert platform.contracts.committed(N, "served") is None
    finally:
        running.terminate()
        running.wait(10)
    monkeypatch.setattr(contract_probe, "PATIENCE_SECONDS", 20.0)
    running = serve(wanted, listening=False)  # it has only been begun: it is waited for
    try:
        platform.contracts.deploy_own(N, own)
        monkeypatch.setattr(contract_probe, "PATIENCE_SECONDS", 0.3)
        platform.contracts.invoke(N, "served", "Create", ["B-1", "a boat", "5"])
        assert b"a boat" in platform.contracts.query(N, "served", "Read", ["B-1"]).payload
        file = tmp_path / "given.tar.gz"
        file.write_bytes(build_package("any-label_7", address))
        package = OwnContract("given", "7", "package", str(file))
        with pytest.raises(UserError) as unserved:
            platform.contracts.deploy_own(N, package)
        assert unserved.value.code == "another_package"
    finally:
        running.terminate()
        running.wait(10)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"policy": "OR('Nope.peer')"}, "policy_unsatisfiable"),
        ({"policy": "AND('{m}.peer', 'Nope.peer')"}, "policy_unsatisfiable"),
        ({"policy": "OR('{m}.client')"}, "policy_unsatisfiable"),
        ({"policy": "OutOf(2, '{m}.peer', '{m}.peer')"}, "policy_unsatisfiable"),
        ({"policy": "/Channel/Application/Nothing"}, "bad_policy"),
        ({"policy": "OR("}, "bad_policy"),
        ({"collections": [{"name": "c", "policy": "OR('{m}.member', 'Nope.member')"}]}, "unknown_member"),
        ({"collections": [{"name": "_c", "policy": "OR('{m}.member')"}]}, "bad_collection"),
        (
            {
                "collections": [
                    {
                        "name": "c",
                        "policy": "OR('{m}.member')",
                        "endorsementPolicy": {"signaturePolicy": "OR('Nope.peer')"},
                    }
                ]
            },
            "policy_unsatisfiable",
        ),
    ],
)
def test_what_nobody_can_satisfy_is_refused_before_it_is_committed(
    platform: Platform, tmp_path: Path, changed: dict[str, object], code: str
) -> None:
    import json

    msp = next(o.msp_id for o in platform.networks.spec(N).organizations if o.peers)
    given = json.loads(json.dumps(changed).replace("{m}", msp))
    for collection in given.get("collections", ()):
        collection |= {"requiredPeerCount": 0, "maxPeerCount": 1, "blockToLive": 0}
    source = write_contract("strict", tmp_path / "strict")
    with pytest.raises(UserError) as refused:
        platform.contracts.deploy_own(N, OwnContract("strict", "1", "python", str(source)), **given)
    assert refused.value.code == code
    assert refused.value.hint
    assert platform.contracts.committed(N, "strict") is None


@pytest.mark.parametrize(
    ("name", "version"), [("-x", "1"), ("lscc", "1"), ("a b", "1"), ("x" * 65, "1"), ("a", "1 0"), ("", "1"), ("a", "")]
)
def test_names_that_fabric_refuses_state_the_rule(platform: Platform, name: str, version: str) -> None:
    with pytest.raises(UserError) as refused:
        platform.contracts.deploy_own(N, OwnContract(name, version, "address", address="127.0.0.1:9"))
    assert refused.value.code in ("bad_name", "bad_version")
    assert refused.value.hint


@pytest.mark.parametrize("address", ["", "9999", "http://h:1", "h:0", "h:65536", "h:x", "a b:1"])
def test_addresses_that_are_none_state_the_rule(platform: Platform, address: str) -> None:
    with pytest.raises(UserError) as refused:
        platform.contracts.deploy_own(N, OwnContract("a", "1", "address", address=address))
    assert refused.value.code == "bad_address"


@pytest.mark.parametrize(
    "address", ["127.0.0.1:9", "localhost:9", "LOCALHOST:9", "0.0.0.0:9", "[::1]:9", "127.1.2.3:9"]
)
def test_an_address_that_would_be_the_containers_own_is_refused_with_the_one_that_works(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    own = OwnContract("a", "1.0.0", "address", address=address)
    assert platform.contracts.own_package_id(N, own)  # nodes on this machine reach it
    monkeypatch.setattr(type(platform.networks.driver(N)), "seen_from_nodes", lambda _: "172.18.0.1")
    with pytest.raises(UserError) as refused:
        platform.contracts.deploy_own(N, own)
    assert refused.value.code == "address_of_container"
    assert "172.18.0.1:9" in str(refused.value.hint)
    assert platform.contracts.own_package_id(N, OwnContract("a", "1.0.0", "address", address="172.18.0.1:9"))


def test_an_applications_name_and_other_kinds_of_packages_are_refused(platform: Platform, tmp_path: Path) -> None:
    source = write_contract("things", tmp_path / "things")
    with pytest.raises(Conflict) as taken:
        platform.contracts.deploy_own(N, OwnContract("copyright", "1", "python", str(source)))
    assert taken.value.code == "name_taken"
    with pytest.raises(UserError) as bad:
        platform.contracts.deploy_own(N, OwnContract("p", "1", "package", str(source / "contract.py")))
    assert bad.value.code == "bad_package"


@pytest.mark.parametrize("name", ["things", "assets"])
def test_the_version_is_the_contracts_own(tmp_path: Path, name: str) -> None:
    """Also where the contract's name stands behind that of Fabric's own contract in the metadata."""
    source = write_contract(name, tmp_path / name) / "contract.py"
    source.write_text(source.read_text("utf-8").replace('"1.0.0"', '"1.1.0"'), "utf-8")
    assert (look_at(tmp_path / name).name, look_at(tmp_path / name).version) == (name, "1.1.0")
