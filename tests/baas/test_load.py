"""Load tests of real embedded networks: a healthy one, and ones whose limit is known because it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from baas.applications import Applications
from baas.errors import Cancelled, CityChainError, Conflict
from baas.jobs import NULL_CONTEXT
from baas.monitoring.load.running import CONTRACT, Wanted
from baas.platform import Platform
from baas.services.own_contracts import OwnContract
from network.embedded.settings import FILE_NAME

pytestmark = pytest.mark.slow
HOT = '''
from fabric_sdk.chaincode import Context, Contract, transaction


class HotContract(Contract):
    """Every call counts up the same number."""

    name = "hot"
    version = "1.0.0"

    @transaction
    def Count(self, ctx: Context, who: str) -> None:
        """One more."""
        number = int(ctx.stub.get_state("counter") or b"0")
        ctx.stub.put_state("counter", str(number + 1).encode())

    @transaction
    def Slow(self, ctx: Context, who: str) -> None:
        """Waits for somebody."""
        import time

        time.sleep(0.3)
        ctx.stub.put_state(who, b"x")
'''


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("load")
    (folder / "contract.py").write_text(HOT)
    with Platform.open(folder / "workspace", applications=Applications({})) as platform:
        platform.jobs.run(platform.networks.up, platform.networks.template("single", name="lone"))
        try:
            own = OwnContract("hot", "1.0.0", "python", str(folder / "contract.py"))
            platform.contracts.deploy_own("lone", own)
            yield platform
        finally:
            platform.networks.destroy("lone")


def rows(platform: Platform) -> int:
    """How many rows of load tests the ledger's state has."""
    return int(platform.networks.connect("lone").get_contract(CONTRACT).evaluate("Rows"))


def test_a_healthy_network_names_processors_or_nothing_and_is_left_clean(lone: Platform) -> None:
    report = lone.monitor.load(Wanted(clients=16, seconds=1.0), "lone")
    assert report.verdict.knob in {"cpu", "none"}, report.verdict
    assert [step.clients for step in report.steps][:3] == [1, 2, 4]
    assert all(not step.errors for step in report.steps), report.steps
    assert report.cleaned >= sum(step.done for step in report.steps) > 0
    assert all(step.per_second > 0 and step.p95_ms >= step.p50_ms > 0 for step in report.steps)
    assert rows(lone) == 0
    assert lone.monitor.loads("lone")[-1] == report
    assert not list(lone.networks.folder("lone").glob(".load-*"))


def test_a_cancelled_test_leaves_no_rows_and_no_report(lone: Platform) -> None:
    class Impatient(type(NULL_CONTEXT)):  # type: ignore[misc]
        asked = 0

        def check_cancelled(self) -> None:
            self.asked += 1
            if self.asked > 4:
                raise Cancelled

    before = lone.monitor.loads("lone")
    with pytest.raises(Cancelled):
        lone.monitor.load(Wanted(clients=16, seconds=0.5), "lone", ctx=Impatient())
    assert rows(lone) == 0 and lone.monitor.loads("lone") == before


def test_a_hot_key_is_named(lone: Platform) -> None:
    report = lone.monitor.load(Wanted(16, 1.0, "hot", "Count", ("{n}",)), "lone")
    assert report.verdict.knob == "conflicts", report
    assert report.cleaned == -1 and report.call == "hot.Count"


def test_a_contract_that_waits_for_others_is_named(lone: Platform) -> None:
    report = lone.monitor.load(Wanted(4, 1.0, "hot", "Slow", ("{n}",)), "lone")
    assert report.verdict.knob == "contract", "\n".join(map(str, report.steps))


def test_production_is_asked_twice_and_a_wrong_call_is_a_sentence(lone: Platform) -> None:
    lone.monitor.mark_production("lone")
    with pytest.raises(Conflict) as caught:
        lone.monitor.load(Wanted(1, 0.5), "lone")
    assert caught.value.code == "production_network"
    with pytest.raises(CityChainError) as wrong:
        lone.monitor.load(Wanted(1, 0.5, "hot", "Absent", ()), "lone", confirmed="lone")
    assert wrong.value.code == "no_call_succeeded"
    lone.monitor.mark_production("lone", on=False)
    assert not lone.monitor.production("lone")


def test_a_small_limit_of_concurrent_calls_is_named(lone: Platform) -> None:
    """The last one of this file: it narrows the shared network."""
    lone.networks.stop("lone")
    (settings,) = lone.networks.folder("lone").rglob(FILE_NAME)
    document = json.loads(settings.read_bytes())
    settings.write_text(json.dumps({**document, "limits": {"/gateway.Gateway": 2}}))
    lone.networks.start("lone")
    report = lone.monitor.load(Wanted(32, 1.0), "lone")
    assert report.verdict.knob == "concurrency", "\n".join(map(str, report.steps))
    assert ": 2)" in report.verdict.title.en and "node.json" in report.verdict.change.en
    assert report.cleaned > 0
