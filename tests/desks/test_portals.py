"""Portals of an organisation: admitted at a desk, served by a program of the organisation's own, beside other work."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from apps.health_slots.service import build_service
from apps.health_slots.serving import admitted
from apps.health_slots.serving.fhir import fhir_app
from apps.health_slots.serving.portals import PlatformPortals
from tests.desks.conftest import Office, Person


def named(word: str) -> str:
    return f"{word}{uuid.uuid4().hex[:8]}"


@contextmanager
def served(office: Office) -> Iterator[TestClient]:
    """The FHIR service of the organisation, which knows of portals what the ledger says."""
    service = build_service(office.platform, "city")
    with TestClient(fhir_app(PlatformPortals(office.platform, "city", service.index))) as http:
        yield http
    service.close()


def asked(http: TestClient, token: str) -> int:
    return http.get("/fhir/Slot", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admitted, "FRESH_S", 0.0)


def test_a_portal_is_admitted_seen_renewed_and_revoked_at_desks_of_its_administrators(
    seat: Callable[..., Person], office: Office
) -> None:
    """Before, tokens lay in one workspace's file, and only who had that file could admit or take one away."""
    build_service(office.platform, "city").set_up()
    first, second = (seat(named("keeper"), "DataBureauMSP", "portal_admin") for _ in range(2))
    name = named("m")
    token = first.run("slots", "portal", "add", name)["token"]
    assert name in {one["name"] for one in second.run("slots", "portal", "list")}
    assert "There is a portal" in second.fails("slots", "portal", "add", name)["message"]
    with served(office) as http:
        assert asked(http, token) == 200
        renewed = second.run("slots", "portal", "renew", name)["token"]
        assert (asked(http, token), asked(http, renewed)) == (401, 200)
        first.run("slots", "portal", "revoke", name)
        assert asked(http, renewed) == 401
        assert second.fails("slots", "portal", "revoke", name)["code"] == "not_found"
        again = second.run("slots", "portal", "renew", name)["token"]
        assert asked(http, again) == 200
    # No token is anywhere but where it was shown: neither in blocks, nor at nodes, nor desks.
    places = [office.platform.workspace.folder, first.desk, second.desk]
    for path in (path for place in places for path in place.rglob("*") if path.is_file()):
        data = path.read_bytes()
        assert not any(one.encode() in data for one in (token, renewed, again)), path


def test_who_admits_portals_is_the_organisations_own_and_nobody_elses(
    seat: Callable[..., Person], office: Office
) -> None:
    build_service(office.platform, "city").set_up()
    bureau, hospital = (
        seat(named("keeper"), "DataBureauMSP", "portal_admin"),
        seat(named("keeper"), "HospitalMSP", "portal_admin"),
    )
    name = named("n")
    token = hospital.run("slots", "portal", "add", name)["token"]
    # The hospital's portal is not the bureau's: neither its administrators nor its service know the token.
    assert name not in {one["name"] for one in bureau.run("slots", "portal", "list")}
    with served(office) as http:
        assert asked(http, token) == 401
    for stranger in (
        seat(named("nurse"), "HospitalMSP", "hospital_staff"),
        seat(named("health"), "HealthMSP", "portal_admin"),  # an organisation that may have none
        seat(named("maker"), "PublicMSP", "creator"),
    ):
        assert stranger.fails("slots", "portal", "add", named("x"))["code"] in {"permission_denied", "forbidden"}


def test_portals_of_a_workspace_of_before_are_handed_over(office: Office) -> None:
    from apps.health_slots.serving.limits import PortalRegistry

    service = build_service(office.platform, "city")
    service.set_up()
    portals = PlatformPortals(office.platform, "city", service.index)
    local = PortalRegistry(office.platform.workspace.path("slots", "city", "portals.db"))
    name = named("o")
    token = local.add(name)
    with served(office) as http:
        assert asked(http, token) == 200  # it counts until then
        assert portals.registry.hand_over() == 1
        assert local.all() == () and portals.registry.hand_over() == 0
        assert asked(http, token) == 200
        portals.registry.revoke(name)
        assert asked(http, token) == 401
    service.close()
