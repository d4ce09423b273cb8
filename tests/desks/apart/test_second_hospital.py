"""A second hospital organisation: its hospital is its own staff's, and nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from baas.errors import CityChainError
from baas.services import growth
from network.text import Text
from tests.desks.conftest import Office, Person, distant_office
from tests.desks.machines import Neighbourhood
from tests.people import paper

SECOND = "SecondHospitalMSP"


@pytest.fixture(scope="module")
def office(neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A city that a second hospital organisation has joined."""
    with distant_office(tmp_path_factory.mktemp("two"), neighbourhood) as made:
        spec = made.platform.networks.spec("city")
        words = Text("第二医院", "Second hospital")
        made.platform.networks.bring_up(growth.add_organization(spec, "second", SECOND, words, peers=1))
        made.platform.jobs.run(made.platform.contracts.deploy, "city", "health_slots")
        yield made


def test_each_hospital_organisation_gets_its_own_hospital(seat: Callable[..., Person], office: Office) -> None:
    from apps.health_slots.service import build_service

    service = build_service(office.platform, "city")
    for wanted, msp_id, code in (
        ("H0020", "", "which_organization"),
        ("H0020", "CopyrightMSP", "no_hospital_organization"),
    ):
        with pytest.raises(CityChainError) as refused:
            service.set_up({wanted: "第二医院"}, msp_id)
        assert refused.value.code == code
    assert service.set_up({"H0020": "第二医院"}, SECOND)
    assert service.set_up({"H0001": "第一医院"}, "HospitalMSP")
    staff = {"slots.role": "staff", "slots.hospital": "all"}
    first, second = (
        seat(f"nurse-{uuid.uuid4().hex[:8]}", msp_id, "hospital_staff", **staff) for msp_id in ("HospitalMSP", SECOND)
    )
    for own, other, nurse in (("H0001", "H0020", first), ("H0020", "H0001", second)):
        nurse.run("slots", "policy", "--hospital", own, "release_mode=after-commit", "window_days=30")
        nurse.run("slots", "sample", "schedule.csv")
        nurse.run("slots", "import", "schedule.csv", "--hospital", own)
        assert nurse.run("slots", "release", "--hospital", own)
        assert nurse.run("slots", "search", "--hospital", own, "--limit", "1")["slots"]
        assert nurse.fails("slots", "policy", "--hospital", other, "window_days=31")["code"]
        patient = nurse.write("z.json", paper(1, name="赵"))
        resident = nurse.run("slots", "deposit", patient, "--hospital", own)["resident"]
        assert nurse.run("slots", "identity", "--hospital", own, "--resident", resident)["name"] == "赵"
        assert nurse.fails("slots", "deposit", patient, "--hospital", other)["code"]
