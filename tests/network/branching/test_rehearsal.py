"""A new version of a contract against the calls that were recorded with the old one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.branching.rehearse import SCRATCH, Wanted, rehearse
from network.branching.report import Rehearsal
from network.drivers.base import Silent
from network.errors import Cancelled, Unavailable, UserError
from network.text import Text
from tests.network.branching.conftest import Branch
from tests.network.embedded import ledger_contract
from tests.network.embedded.city import City
from tests.network.embedded.conftest import BOTH, collections

OLD = Path(ledger_contract.__file__).read_text(encoding="utf-8")


def deploy(branch: Branch, version: str, sequence: int, **changes: str) -> None:
    """Upgrade the branch's contract to the sources with texts replaced."""
    source = OLD
    for old, new in (change.split("=>", 1) for change in changes.values()):
        assert old in source
        source = source.replace(old, new)
    own = branch.directory / "own-contracts" / f"ledger_{version}" / "ledger.py"
    own.parent.mkdir(parents=True)
    own.write_text(source, encoding="utf-8")
    module = own.relative_to(branch.directory).as_posix()
    files = {"src/ledger.py": source.encode()}
    branch.deploy(
        "ledger", module=module, files=files, policy=BOTH, collections=collections(), version=version, sequence=sequence
    )


@pytest.fixture(scope="module")
def upgraded(origin: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Branch, Rehearsal]]:
    """A branch, the control with the old version, and then a version that changes much."""
    made = Branch(tmp_path_factory.mktemp("upgraded") / "b", origin, name="upgraded-branch")
    made.make()
    control = rehearse(made.directory, Wanted("ledger"), Silent())
    deploy(
        made,
        "2.0",
        2,
        counts='str(int(ctx.stub.get_state(key) or b"0") + 1)=>str(int(ctx.stub.get_state(key) or b"0") + 2)',
        tells='ctx.stub.set_event(name, text.encode())=>ctx.stub.set_event(name, text.encode() + b"!")',
        then="        ctx.stub.put_state(key, value.encode())\n        return value\n"
        "=>        from fabric_sdk import clock\n"
        "        assert abs(clock.seconds() - ctx.stub.tx_timestamp.timestamp()) < 0.001\n"
        "        ctx.stub.put_state(key, value.encode())\n        return value\n",
        refuses='        ctx.stub.del_state(key)\n=>        raise ChaincodeError("KEPT", f"{key} stays")\n',
    )
    yield made, control
    made.down()


def test_the_old_version_comes_out_as_it_did(upgraded: tuple[Branch, Rehearsal]) -> None:
    """The control: the same code on the same calls differs nowhere, but for what no block holds."""
    _, control = upgraded
    assert control.passed and control.counts["same"] >= 20
    assert control.counts["transient"] == 1 and control.counts["private"] == 1
    assert not control.keys and (control.before, control.now, control.sequence) == ("1.0", "1.0", 1)
    told = {f.function: f.verdict for f in control.findings}
    assert told == {"PutPrivate": "transient", "CopyPrivate": "private"}


def test_a_new_version_is_told_by_state_events_and_refusals(upgraded: tuple[Branch, Rehearsal]) -> None:
    branch, control = upgraded
    found = rehearse(branch.directory, Wanted("ledger"), Silent())
    assert not found.passed
    assert (found.before, found.now, found.sequence) == ("1.0", "2.0", 2)
    assert found.calls == control.calls and (found.first, found.last) == (control.first, control.last)
    by_function = {f.function: f for f in reversed(found.findings)}
    counted = by_function["Increment"]
    assert counted.verdict == "different" and counted.answer == ("1", "2")
    assert [(c.place, c.key, c.before, c.now) for c in counted.changes] == [("ledger", "count", "1", "2")]
    told = by_function["Announce"]
    assert told.verdict == "different" and told.event == ("told: 0", "told: 0!") and not told.changes
    kept = by_function["Delete"]
    assert kept.verdict == "refused" and kept.said == "KEPT: k3 stays" and kept.arguments == ("k3",)
    assert kept.caller == "DataBureauMSP/admin" and kept.transaction
    # A contract that holds a call's time against its peer's clock finds that of then.
    assert "Put" not in by_function and "CountRange" not in by_function
    assert [(c.key, c.before, c.now) for c in found.keys] == [("count", "6", "12"), ("k3", None, "3")]
    assert Rehearsal.from_dict(found.to_dict()) == found
    assert not (branch.directory / SCRATCH).exists()


@pytest.mark.slow
def test_chosen_functions_and_blocks(upgraded: tuple[Branch, Rehearsal]) -> None:
    branch, control = upgraded
    found = rehearse(branch.directory, Wanted("ledger", functions=("Announce",)), Silent())
    assert set(found.counts) == {"different"} and found.counts["different"] == 6 and not found.keys
    some = rehearse(branch.directory, Wanted("ledger", calls=1), Silent())
    assert (some.calls, some.findings[0].function) == (1, "Delete")
    early = rehearse(branch.directory, Wanted("ledger", first=1, last=control.first + 2), Silent())
    assert 0 < early.calls <= 4


@pytest.mark.slow
def test_the_rehearsal_changes_nothing(origin: City, upgraded: tuple[Branch, Rehearsal]) -> None:
    branch, _ = upgraded
    assert origin.contract().evaluate("Get", "count") == b"6"
    before = branch.contract().evaluate("Get", "count")
    rehearse(branch.directory, Wanted("ledger"), Silent())
    assert branch.contract().evaluate("Get", "count") == before == b"6"


@pytest.mark.slow
def test_a_contract_that_ends_its_process_or_prints_is_no_answer(upgraded: tuple[Branch, Rehearsal]) -> None:
    branch, _ = upgraded
    deploy(branch, "3.0", 3, prints='        ctx.stub.put_state(key, value.encode())\n        return value\n'
           '=>        print(\'{"report": 1}\', flush=True)\n        ctx.stub.put_state(key, value.encode())\n'
           '        return value\n')  # fmt: skip
    assert rehearse(branch.directory, Wanted("ledger", functions=("Put",)), Silent()).passed
    deploy(
        branch,
        "4.0",
        4,
        ends='        ctx.stub.put_state("announced", text.encode())\n=>        import os; os._exit(0)\n',
    )
    with pytest.raises(Unavailable, match="process ended"):
        rehearse(branch.directory, Wanted("ledger", functions=("Announce",)), Silent())
    with pytest.raises(UserError, match="no contract"):
        rehearse(branch.directory, Wanted("nothing"), Silent())
    assert not (branch.directory / SCRATCH).exists()


@pytest.mark.slow
def test_it_can_be_stopped(upgraded: tuple[Branch, Rehearsal]) -> None:
    class Stopped(Silent):
        def check_cancelled(self) -> None:
            raise Cancelled(Text("已取消", "Cancelled"))

    branch, _ = upgraded
    with contextlib.suppress(Cancelled):
        rehearse(branch.directory, Wanted("ledger"), Stopped())
        pytest.fail("it went on")
    assert not (branch.directory / SCRATCH).exists()
