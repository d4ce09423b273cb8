"""Two peers of other organisations write what a hospital promised: the contract's policy takes any hospital's.

Seen before: another hospital's peer and a watcher's sufficed to stop or rewrite a hospital's session.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.health_slots.samples import write_schedule
from apps.health_slots.service import HealthSlotsService, build_service
from baas.errors import Text
from baas.platform import Platform
from baas.services import growth
from fabric_sdk import clock
from fabric_sdk.errors import CommitError
from network.drivers import make_driver
from network.vault import MemoryVault
from tests.conftest import City, close_city

OTHER = "SecondHospitalMSP"


@pytest.fixture(params=["embedded", pytest.param("native", marks=pytest.mark.e2e)])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HealthSlotsService]:
    """A network on which two organisations run hospitals."""
    platform = Platform.open(tmp_path / "workspace")
    spec = platform.networks.template("city", name="city", runtime=request.param)
    spec = growth.add_organization(spec, "second", OTHER, Text("第二医院", "Second"))
    if request.param == "native":
        probe = make_driver("native", tmp_path / "probe", MemoryVault())
        capability = probe.check(spec)
        if not capability.available:
            platform.close()
            pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    try:
        platform.networks.up(spec)
        platform.contracts.deploy("city", "health_slots")
        made = build_service(platform, "city")
        made.set_up({"H1": "市第一人民医院"}, "HospitalMSP")
        made.set_up({"H2": "第二医院"}, OTHER)
        made.rules.set_policy("H1", {"release_mode": "after-commit", "release_delay_s": 0})
        yield made
        made.close()
    finally:
        close_city(City(platform, "city"))


def test_another_hospitals_peer_cannot_write_a_session(service: HealthSlotsService, tmp_path: Path) -> None:
    tomorrow = clock.today() + dt.timedelta(days=1)
    file = write_schedule(tmp_path / "s.csv", tomorrow)
    session, other = service.schedules.import_file("H1", file).sessions[:2]
    service.schedules.release("H1")
    ledger = service.ledger
    contract = ledger._opened("staff")  # type: ignore[attr-defined]
    for watcher in ("HealthMSP", "DataBureauMSP"):
        with pytest.raises(CommitError) as refusal:
            contract.submit("StopSession", session, "meeting", endorsing_organizations=(OTHER, watcher))
        assert refusal.value.code_name == "ENDORSEMENT_POLICY_FAILURE"
    # Nor may they take the hospital's say away by a policy of their own, first.
    with pytest.raises(CommitError):
        contract.submit("MoveSession", other, tomorrow.isoformat(), "30", "meeting", endorsing_organizations=(OTHER,))
    service.schedules.stop(session, "meeting")
    assert ledger.evaluate("staff", "GetSession", session)["state"] == "stopped"
