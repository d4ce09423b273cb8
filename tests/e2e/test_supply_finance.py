"""供应链金融 on real Fabric: the demonstration's life, sealed papers read by their parties, nothing financed twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.kit import papers
from apps.kit.service import Service
from apps.supply_finance.manifest import APPLICATION
from apps.supply_finance.receivables import books, tree_of
from baas.applications import DemoOptions
from baas.errors import LedgerError
from baas.platform import Platform
from chaincode.supply_finance.kinds import Certificate, Financing
from network.topology import template
from tests.conftest import City, close_city

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def fabric(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    from network.drivers import make_driver
    from network.vault import MemoryVault

    spec = template("city", network_name="city", runtime="native")
    capability = make_driver("native", tmp_path_factory.mktemp("probe"), MemoryVault()).check(spec)
    if not capability.available:
        pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    platform = Platform.open(tmp_path_factory.mktemp("fabric") / "workspace")
    try:
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "supply_finance")
        yield platform
    finally:
        close_city(City(platform, "city"))


def test_a_receivables_life_on_fabric(fabric: Platform, tmp_path: Path) -> None:
    result = fabric.jobs.run(lambda ctx: APPLICATION.run_demo(fabric, "city", DemoOptions(), ctx))
    assert result["finance"]["certificates"] == 8 and not result["finance"]["findings"]
    with Service(fabric, "city", APPLICATION) as service:
        tree = tree_of(service, result["finance"]["rows"][0]["certificate"])
        assert [one["state"] for one in tree] == ["SPLIT", "SPLIT", "HELD", "FINANCED", "HELD", "LOCKED"]
        whole = tree[0]
        assert papers.read(service, whole, Certificate.papers)["invoice"] == "26310000000000000001"
        paid = next(one for one in service.all(Financing) if one["state"] == "PAID")
        assert papers.read(service, paid, Financing.terms)["rate_bp"] == 385
        with pytest.raises(LedgerError) as twice:
            bank = service.signer_for("bank")
            service.do(Financing.ask, {"bank": service.who(bank).party}, on=tree[5]["id"])
        assert twice.value.code == "not_free"
        assert not books(service).findings
        folder = fabric.workspace.path("networks", "city")
        written = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 1 << 28]
        blocks = b"".join(path.read_bytes() for path in written if "blockfile" in path.name)
        assert whole["id"].encode() in blocks
        assert b"26310000000000000001" not in b"".join(path.read_bytes() for path in written)
