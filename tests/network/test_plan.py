"""Plans: recorded, resumable, exclusive, removable."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from network import plan
from network.addresses import FIRST_PORT, LAST_PORT, AddressBook
from network.drivers import make_driver
from network.drivers.base import Capability, NetworkStatus, Progress, Silent, Step
from network.errors import Cancelled, Conflict, NotFound, Unavailable, UserError
from network.groundwork import apply_groundwork, groundwork_steps
from network.handle import NetworkHandle
from network.plan import NetworkState
from network.text import Text
from network.topology import TopologySpec, template
from network.vault import MemoryVault

SPEC = template("single")


class Marks:
    """A driver whose world is a folder of marker files; it fails at `fail`."""

    runtime = "embedded"

    def __init__(self, directory: Path, fail: str = "") -> None:
        self.directory = directory
        self.fail = fail
        self.applied: list[str] = []

    def check(self, spec: TopologySpec) -> Capability:
        return Capability(True)

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        missing = [n for n in ("a", "b", "c") if not (self.directory / n).exists()]
        return [Step("mark", n, Text(n, n)) for n in missing]

    def apply(self, step: Step, ctx: Progress) -> None:
        if step.target == self.fail:
            raise Unavailable(Text("坏了", "broken"))
        self.applied.append(step.target)
        (self.directory / step.target).touch()

    def status(self) -> NetworkStatus:
        return NetworkStatus("single", "embedded", ())

    def destroy(self) -> None:
        for name in ("a", "b", "c"):
            (self.directory / name).unlink(missing_ok=True)


def run(driver: Marks, directory: Path, ctx: Progress | None = None) -> plan.PlanResult:
    return plan.run(driver, SPEC, directory, ctx)  # type: ignore[arg-type]


def test_a_failed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    driver = Marks(tmp_path, fail="b")
    with pytest.raises(Unavailable):
        run(driver, tmp_path)
    state = NetworkState.load(tmp_path)
    assert state.phase == "building"
    assert [(s.id, s.result) for s in state.steps] == [("mark:a", "done"), ("mark:b", "failed")]
    driver.fail = ""
    result = run(driver, tmp_path)
    assert driver.applied == ["a", "b", "c"]
    assert [s.result for s in result.steps] == ["done", "done"]
    assert NetworkState.load(tmp_path).phase == "ready"
    assert NetworkState.load(tmp_path).reached == SPEC
    assert run(driver, tmp_path).steps == ()


def test_cancelling_keeps_what_is_done(tmp_path: Path) -> None:
    class Impatient(Silent):
        def __init__(self) -> None:
            self.left = 2

        def check_cancelled(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    driver = Marks(tmp_path)
    with pytest.raises(Cancelled):
        run(driver, tmp_path, Impatient())
    assert driver.applied == ["a", "b"]
    run(driver, tmp_path)
    assert driver.applied == ["a", "b", "c"]


def test_two_changes_at_once_wait_for_each_other_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()

    def other() -> None:
        with plan.locked(tmp_path):
            begun.set()
            end.wait(30)

    holder = threading.Thread(target=other)
    holder.start()
    assert begun.wait(30)
    with monkeypatch.context() as hurry:
        hurry.setattr("network.lock.PATIENCE_S", 0.1)
        with pytest.raises(Conflict) as refused:
            run(Marks(tmp_path), tmp_path)
    assert str(os.getpid()) in str(refused.value.message)

    class Told(Silent):
        def log(self, text: Text | str) -> None:
            end.set()  # the other one goes on until somebody has been told that he waits

    driver = Marks(tmp_path)
    run(driver, tmp_path, Told())
    holder.join(30)
    assert driver.applied == ["a", "b", "c"]


def test_removal_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    directory = tmp_path / "single"
    driver = Marks(directory)
    run(driver, directory)
    plan.remove(driver, directory)  # type: ignore[arg-type]
    assert not directory.exists()
    plan.remove(driver, directory)  # type: ignore[arg-type]
    assert not directory.exists()


def test_what_stays_is_said_and_goes_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader on Windows kept a ledger's file, and the network was said to be gone for good."""
    directory = tmp_path / "single"
    driver = Marks(directory)
    run(driver, directory)
    (directory / "channels").mkdir(exist_ok=True)

    def held(folder: Path) -> None:
        if folder.name == "channels":
            raise PermissionError(13, "in use", str(folder))

    with monkeypatch.context() as patched, pytest.raises(PermissionError):
        patched.setattr(plan, "remove_folder", held)
        plan.remove(driver, directory)  # type: ignore[arg-type]
    assert NetworkState.load(directory).phase == "removing"
    plan.remove(driver, directory)  # type: ignore[arg-type]
    assert not directory.exists()


def test_a_half_removed_network_is_not_built_upon(tmp_path: Path) -> None:
    NetworkState(phase="removing", wanted=SPEC).save(tmp_path)
    with pytest.raises(Conflict):
        run(Marks(tmp_path), tmp_path)


def test_another_networks_folder_is_refused(tmp_path: Path) -> None:
    run(Marks(tmp_path), tmp_path)
    with pytest.raises(Conflict):
        plan.run(Marks(tmp_path), SPEC.with_(name="other"), tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"phase": "ready"}', b'{"steps": 3, "phase": 1}', b"\xff"])
def test_damaged_state_is_one_sentence(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "state.json").write_bytes(raw)
    with pytest.raises(UserError):
        NetworkState.load(tmp_path)
    (tmp_path / "addresses.json").write_bytes(raw)
    with pytest.raises(UserError):
        AddressBook.load(tmp_path)


def test_groundwork_is_planned_once(tmp_path: Path) -> None:
    vault = MemoryVault()
    spec = template("city")
    steps = groundwork_steps(tmp_path, spec, vault)
    assert [s.kind for s in steps] == ["addresses", *["authority", "material"] * 4, "authority", "genesis"]
    for step in steps:
        apply_groundwork(tmp_path, spec, vault, step, Silent())
        apply_groundwork(tmp_path, spec, vault, step, Silent())
    assert groundwork_steps(tmp_path, spec, vault) == []


def test_bad_policy_of_a_channel_is_one_sentence(tmp_path: Path) -> None:
    vault = MemoryVault()
    document = {**json.loads(json.dumps({"endorsement": "AND("}))}
    channel = SPEC.channels[0]
    from dataclasses import replace

    spec = SPEC.with_(channels=(replace(channel, policies=replace(channel.policies, **document)),))
    with pytest.raises(UserError, match="citychannel"):
        for step in groundwork_steps(tmp_path, spec, vault):
            apply_groundwork(tmp_path, spec, vault, step, Silent())


def test_ports_are_distinct_and_kept(tmp_path: Path) -> None:
    book = AddressBook()
    spec = template("bft")
    assert book.allocate(spec.nodes())
    ports: list[int] = []
    for name in book.names():
        a = book[name]
        ports += [p for p in (a.port, a.operations_port, a.admin_port, a.chaincode_port) if p]
        if a.contract_prefix:
            ports += [int(f"{a.contract_prefix}{n:02d}") for n in range(100)]
    assert len(set(ports)) == len(ports)
    assert all(FIRST_PORT <= p <= LAST_PORT for p in ports)
    book.save(tmp_path)
    again = AddressBook.load(tmp_path)
    assert not again.allocate(spec.nodes())
    assert all(again[name] == book[name] for name in book.names())


def test_handle_names_endpoints_and_identities(tmp_path: Path) -> None:
    vault = MemoryVault()
    spec = template("city")
    with pytest.raises(NotFound):
        _ = NetworkHandle(tmp_path, vault).spec
    for step in groundwork_steps(tmp_path, spec, vault):
        apply_groundwork(tmp_path, spec, vault, step, Silent())
    NetworkState(phase="ready", wanted=spec, reached=spec).save(tmp_path)
    handle = NetworkHandle(tmp_path, vault)
    assert handle.channels == ("citychannel",)
    endpoint = handle.endpoint("HealthMSP", "peer0")
    assert endpoint.server_name == "peer0.health.city.internal"
    assert handle.admin("HealthMSP").msp_id == "HealthMSP"
    assert handle.identities() == tuple(f"{m}/admin" for m in handle.msp_ids)
    assert len(list(handle.administrators())) == 5
    for wrong in ("HealthMSP", "/x", "HealthMSP/"):
        with pytest.raises(UserError):
            handle.identity(wrong)
    with pytest.raises(NotFound):
        handle.identity("HealthMSP/nobody")
    with pytest.raises(NotFound):
        handle.endpoint("HealthMSP", "peer9")


def test_unknown_runtime(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        make_driver("mainframe", tmp_path, MemoryVault())
