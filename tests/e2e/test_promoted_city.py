"""A city that has worked on the embedded ledger goes on working on Fabric: by commands, as people do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet

from baas.platform import Platform
from fabric_sdk.identity import load_msp_folder
from network.docker.containers import DATA
from network.docker.engine import Engine
from network.docker.nodes import ContainerNodes
from network.native.configs import NodeFolders
from network.native.programs import find_programs
from network.plan import NetworkState
from network.promotion.stored import StoredChannel, ledger_file
from tests.apps.copyright import terminal as copyright_terminal
from tests.apps.copyright.terminal import OK, outcome
from tests.apps.health_slots import test_commands as slots_commands
from tests.conftest import City, close_city, make_city
from tests.docker.test_docker_network import spec_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
ALICE, CAROL = "CopyrightMSP/alice", "HospitalMSP/carol"
PERIOD = ("--from", "2026-01-01", "--until", "2030-12-31")


@pytest.fixture(scope="module", params=["native", "docker"])
def runtime(request: pytest.FixtureRequest) -> str:
    """What runs the nodes afterwards; skipped where it is not on this machine."""
    if find_programs("3.1.5") is None:
        pytest.skip("Fabric 3.1.5 is not on this machine")
    if request.param == "docker":
        spec_for("city")
    return str(request.param)


@pytest.fixture(scope="module")
def workspace(runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working city: a work deposited, a slot booked, an identity kept privately by a hospital."""
    folder = tmp_path_factory.mktemp("promoted") / "workspace"
    city = make_city(folder)
    for label, role in ((ALICE, "creator"), (CAROL, "licensee")):
        msp_id, _, name = label.partition("/")
        city.platform.identities.issue(msp_id, name, role, network=city.network)
    city.platform.close()
    yield folder
    close_city(City(Platform.open(folder), city.network))


def volume_of(folder: Path, node: str) -> bytes:
    """All that a container keeps of its ledger."""
    container = ContainerNodes(folder, Engine(), None).containers()[node]  # type: ignore[arg-type]
    return b"".join(container.get_archive(DATA)[0])


def citychain(workspace: Path, *arguments: str, code: int = OK) -> dict[str, object]:
    done = outcome("--workspace", str(workspace), "--lang", "en", *arguments, "--json")
    assert done.code == code, (arguments, done.err)
    found: dict[str, object] = json.loads(done.out) if done.out.strip() else {}
    return found


def only_the_hospitals(workspace: Path) -> list[bytes]:
    """A part of every private value that the hospital's peer holds and no other does, as the embedded ledger has it."""
    folder = workspace / "networks" / "city"
    spec = NetworkState.load(folder).reached
    assert spec is not None
    identities = {}
    for peer in spec.peers():
        own = folder / "organizations" / peer.organization.name / "nodes" / peer.name / "msp"
        identities[peer.organization.msp_id] = load_msp_folder(own, peer.organization.msp_id).creator
    found = []
    with StoredChannel(ledger_file(folder, "citychannel"), "citychannel") as channel:
        for one in channel.private_sets():
            config = channel.collection(one.block, one.namespace, one.collection)
            assert config is not None
            members = {m for m, identity in identities.items() if channel.is_member(config, identity)}
            if members == {"HospitalMSP"} and one.namespace == "health_slots":
                writes = KVRWSet.FromString(one.rwset).writes
                found += [bytes(w.value[-24:]) for w in writes if len(w.value) > 64]
    return found


def deposit(copyright: copyright_terminal.Terminal, path: Path, text: str) -> str:
    path.write_text("".join(f"{text} {n}\n" for n in range(20)), encoding="utf-8")
    return str(copyright.do("deposit", str(path), "--author", "样例甲", "--completed", "2026-01-01", as_=ALICE)["id"])


def book(slots: slots_commands.Terminal, identity: Path) -> str:
    slot = slots.do("search", "--hospital", "H1", "--pool", "online", "--limit", "1")["slots"][0]["id"]
    return str(slots.do("book", slot, "--identity", str(identity))["id"])


def licence(copyright: copyright_terminal.Terminal, work: str) -> str:
    offer = copyright.do("license", "offer", work, "--to", CAROL, *PERIOD, as_=ALICE)
    return str(copyright.do("license", "accept", offer["id"], as_=CAROL)["id"])


def test_everything_goes_on(workspace: Path, runtime: str, tmp_path: Path) -> None:
    copyright, slots = copyright_terminal.Terminal(workspace), slots_commands.Terminal(workspace)
    identity = tmp_path / "person.json"
    identity.write_text(json.dumps(slots_commands.PERSON, ensure_ascii=False), encoding="utf-8")
    slots.do("init", "--hospital", "H1=市第一人民医院", "--hospital", "H2=市中医院")
    slots.do("policy", "--hospital", "H1", "release_mode=after-commit", *slots_commands.ANY_HOUR)
    slots.do("sample", str(tmp_path / "schedule.csv"))
    slots.do("import", str(tmp_path / "schedule.csv"), "--hospital", "H1")
    slots.do("release", "--hospital", "H1")
    resident = str(slots.do("deposit", str(identity), "--hospital", "H1")["resident"])
    before = book(slots, identity)
    work = deposit(copyright, tmp_path / "work.txt", "先前的作品")
    first_licence = licence(copyright, work)
    old, new, card = tmp_path / "old.zip", tmp_path / "new.zip", tmp_path / "card.json"
    copyright.do("evidence", work, "-o", str(old))
    citychain(workspace, "network", "card", "-o", str(card))
    profile = tmp_path / "profile.json"
    citychain(workspace, "network", "profile", "CopyrightMSP", str(profile))
    same = profile.read_bytes()

    hospitals = only_the_hospitals(workspace)
    assert hospitals
    judged = citychain(workspace, "ledger", "replay")
    assert len(judged["judged"]) == 4 and all(one["same"] for one in judged["judged"])  # type: ignore
    plan = citychain(workspace, "network", "promote", "city", "--to", runtime, "--plan")
    assert plan["obstacles"] == [] and plan["lost"] == []
    done = citychain(workspace, "network", "promote", "city", "--to", runtime, "--yes")
    assert done["runtime"] == runtime
    print(done)

    verified = citychain(workspace, "ledger", "verify")
    assert verified["verified"] and verified["height"] > done["heights"]["citychannel"]  # type: ignore
    citychain(workspace, "network", "profile", "CopyrightMSP", str(profile))
    assert profile.read_bytes() == same
    # What was made before is there, and what is new is made in the same way.
    assert slots.do("show", before)["id"] == before
    assert slots.do("identity", "--hospital", "H1", "--resident", resident)["name"] == slots_commands.PERSON["name"]
    slots.do("cancel", before)
    after = book(slots, identity)
    assert after != before
    assert copyright.do("show", work)["id"] == work
    second = deposit(copyright, tmp_path / "second.txt", "迁移以后的作品")
    assert licence(copyright, second) != first_licence
    copyright.do("evidence", second, "-o", str(new))
    copyright.do("evidence", work, "-o", str(tmp_path / "again.zip"))
    for package in (old, new, tmp_path / "again.zip"):
        agreed = copyright.do("verify", str(package), "--card", str(card))
        assert agreed["verdict"] == "agrees", agreed["findings"]
    wrong = "docker" if runtime == "native" else "native"
    citychain(workspace, "network", "promote", "city", "--to", wrong, "--yes", code=2)
    # The person's identity lies with the hospital's peer and no other node; in clear with none (it is sealed).
    citychain(workspace, "ledger", "status")
    folder = workspace / "networks" / "city"
    for node in NetworkState.load(folder).reached.nodes():  # type: ignore[union-attr]
        if runtime == "docker":
            stored = [volume_of(folder, node.name)]
        else:
            stored = [p.read_bytes() for p in NodeFolders.of(folder, node).data.rglob("*") if p.is_file()]
        found = [any(value in data for data in stored) for value in hospitals]
        assert all(found) if node.organization.msp_id == "HospitalMSP" else not any(found), (node.name, found)
        assert not any(slots_commands.PERSON["name"].encode() in data for data in stored)
    assert (folder / "before-promotion" / "embedded").is_dir()
    refused = outcome("--workspace", str(workspace), "network", "promote", "city", "--back", "--json")
    assert json.loads(refused.err)["error"]["code"] == "new_blocks"
    citychain(workspace, "network", "stop", "city")
    citychain(workspace, "network", "start", "city")
    assert slots.do("show", after)["id"] == after
    assert citychain(workspace, "network", "promote", "city", "--forget", "--yes")["deleted"]
    assert not (folder / "before-promotion").exists()
    assert citychain(workspace, "ledger", "verify")["verified"]
