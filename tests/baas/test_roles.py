from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from apps.copyright.roles import CREATOR, REGISTRAR
from apps.health_slots.roles import HOSPITAL_STAFF
from baas import roles
from baas.applications import Applications
from baas.errors import PermissionDenied
from baas.events import EventBus, SessionChanged
from baas.platform import Platform
from baas.roles import GRANTS, PERMISSION_TITLES, ROLE_TITLES, Role, parse_roles, permissions_of
from baas.services.changes import ChangeService
from baas.services.contracts import ContractService
from baas.services.definition_refusals import DefinitionRefusals
from baas.services.entrance import EntranceService
from baas.services.exchange import ExchangeService
from baas.services.explorer import ExplorerService
from baas.services.identities import IdentityService
from baas.services.identity_refusals import IdentityRefusals
from baas.services.invitations import InvitationService
from baas.services.ledger import LedgerService
from baas.services.networks import NetworkService
from baas.services.operations import OperationsService
from baas.services.organizations import OrganizationService
from baas.services.recovery import RecoveryService
from baas.session import Actor, Session


def test_every_role_has_a_title_and_grants() -> None:
    assert set(ROLE_TITLES) == set(GRANTS) >= {Role.PLATFORM_ADMIN, Role.AUDITOR, CREATOR, HOSPITAL_STAFF}
    for granted in GRANTS.values():
        assert granted <= set(PERMISSION_TITLES)
    assert GRANTS[Role.PLATFORM_ADMIN] == set(PERMISSION_TITLES)


def test_roles_are_read_from_the_attribute() -> None:
    assert parse_roles("creator, registrar") == {CREATOR, REGISTRAR}
    assert parse_roles("king,,creator ") == {CREATOR}
    assert parse_roles("") == frozenset()


def test_applications_add_their_own_words() -> None:
    extra = {CREATOR: frozenset({"copyright.deposit"})}
    assert "copyright.deposit" in permissions_of([CREATOR], extra)
    assert "copyright.deposit" not in permissions_of([Role.AUDITOR], extra)


def test_a_session_answers_and_refuses_in_words() -> None:
    bus = EventBus()
    changed: list[SessionChanged] = []
    bus.subscribe(SessionChanged, changed.append)
    session = Session(bus)
    session.require(roles.NETWORK_CHANGE, "AnyMSP")
    nurse = Actor("HospitalMSP/nurse", "HospitalMSP", frozenset({HOSPITAL_STAFF}))
    with session.acting_as(nurse):
        assert not session.allows(roles.NETWORK_CHANGE)
        with pytest.raises(PermissionDenied) as refused:
            session.require(roles.NETWORK_CHANGE)
        assert "HospitalMSP/nurse" in refused.value.message.zh  # type: ignore[union-attr]
        assert refused.value.hint is not None and "医院职员" in refused.value.hint.zh  # type: ignore[union-attr]
    assert session.allows(roles.NETWORK_CHANGE)
    assert [event.actor for event in changed] == ["HospitalMSP/nurse", "owner"]


def test_an_organisation_administrator_stays_in_the_organisation() -> None:
    session = Session()
    session.act_as(Actor("HospitalMSP/admin", "HospitalMSP", frozenset({Role.ORGANIZATION_ADMIN})))
    assert session.allows(roles.IDENTITY_ISSUE, "HospitalMSP")
    assert not session.allows(roles.IDENTITY_ISSUE, "CopyrightMSP")


UNGUARDED = {
    # Reads of what the workspace itself is, needed to show anything at all.
    NetworkService: {
        "templates", "template", "capabilities", "names", "state", "spec", "default", "resolve", "driver", "handle",
        "folder", "disconnect", "forget", "close", "look_around", "held", "hold", "attached", "visiting",
        "make_default", "clock", "party", "fingerprint", "wanted", "planned_elsewhere",
        "authorities", "lapses", "place_for", "require_origin",
    },
    ContractService: {"templates", "build_package"},
    IdentityService: {"signing", "actor", "acting", "party", "person_at", "entered"},
    InvitationService: {"read"},
    EntranceService: {"look"},
    RecoveryService: set(),
    ExplorerService: {"unfollow", "wait_for", "autopsy_of_error", "close"},
    LedgerService: set(),
    ChangeService: set(),
    DefinitionRefusals: set(),
    IdentityRefusals: set(),
    ExchangeService: set(),
    OperationsService: set(),
    OrganizationService: {"adopt"},
}  # fmt: skip


@pytest.mark.parametrize("service", UNGUARDED)
def test_every_method_of_a_service_asks_for_a_permission(service: type) -> None:
    methods = {
        name: method for name, method in inspect.getmembers(service, inspect.isfunction) if not name.startswith("_")
    }
    guarded = {name for name, method in methods.items() if hasattr(method, "permission")}
    assert {method.permission for method in methods.values() if hasattr(method, "permission")} <= set(PERMISSION_TITLES)
    assert set(methods) - guarded <= UNGUARDED[service]


def test_services_refuse_whoever_may_not(paper: Platform) -> None:
    paper.session.act_as(Actor("HospitalMSP/nurse", "HospitalMSP", frozenset({HOSPITAL_STAFF})))
    refused = [
        lambda: paper.networks.stop("city"),
        lambda: paper.networks.destroy("city"),
        lambda: paper.networks.up(paper.networks.spec("city")),
        lambda: paper.identities.issue("HospitalMSP", "x"),
        lambda: paper.identities.revoke("HospitalMSP/admin"),
        lambda: paper.identities.export_pkcs12("HospitalMSP/admin", "password1"),
        lambda: paper.identities.signing("HospitalMSP/admin"),
        lambda: paper.contracts.deploy("city", "copyright"),
        lambda: paper.contracts.invoke("city", "copyright", "X"),
        lambda: paper.set_passphrase("long enough"),
        lambda: paper.networks.connect("city", "CopyrightMSP/admin"),
    ]
    for act in refused:
        with pytest.raises(PermissionDenied):
            act()


def test_a_broken_application_does_not_break_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name = "broken"

        def load(self) -> None:
            raise ImportError("no module named x")

    monkeypatch.setattr("baas.applications._entries", lambda places: (Entry(),))
    found = Applications()
    assert found.all() == ()
    assert "no module" in found.broken["broken"]


def test_permissions_are_asked_by_their_constants() -> None:
    """A word that is written out can be mistyped, and then nobody or, as the workspace's owner, everybody may."""
    root = Path(inspect.getfile(roles)).parents[1]
    written = re.compile(r"\b(require|allows)\(\s*[\"'][a-z_]+\.[a-z_]+[\"']")
    found = [
        path.relative_to(root).as_posix()
        for package in ("apps", "baas", "console", "network")
        for path in (root / package).rglob("*.py")
        if written.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
