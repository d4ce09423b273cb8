"""A running city with the contract of traceability alone: embedded, and on real Fabric where its programs are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.traceability.service import TraceabilityService, build_service
from baas.platform import Platform
from tests.conftest import City, close_city


def make(folder: object, runtime: str) -> City:
    platform = Platform.open(folder)  # type: ignore[arg-type]
    try:
        spec = platform.networks.template("city", name="city", runtime=runtime)  # type: ignore[arg-type]
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "traceability")
    except BaseException:
        close_city(City(platform, "city"))
        raise
    return City(platform, "city")


@pytest.fixture(scope="module", params=["embedded", pytest.param("native", marks=pytest.mark.e2e)])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    if request.param == "native":
        from network.drivers import make_driver
        from network.topology import template
        from network.vault import MemoryVault

        spec = template("city", network_name="city", runtime="native")
        capability = make_driver("native", tmp_path_factory.mktemp("probe"), MemoryVault()).check(spec)
        if not capability.available:
            pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    made = make(tmp_path_factory.mktemp(request.param) / "workspace", request.param)
    yield made
    close_city(made)


@pytest.fixture
def service(ledger: City) -> Iterator[TraceabilityService]:
    with build_service(ledger.platform, ledger.network) as made:
        yield made
