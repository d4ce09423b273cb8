"""Every page as every role after the demonstration: all shown numbers and states are the ledger's."""

from __future__ import annotations

import pytest

from baas.roles import ROLE_TITLES, Role
from baas.session import OWNER_ACTOR
from tests.console.conftest import Desk
from tests.console.walk.claims import badges, differences
from tests.console.walk.ledger import followed
from tests.console.walk.people import people_of

pytestmark = pytest.mark.timeout(1800)


def as_everybody(desk: Desk) -> list[str]:
    """Walk as the owner and as one person of every role; nobody else writes."""
    platform = desk.platform
    network = desk.window.context.network
    if not network:
        return []
    ledger = followed(platform, network)
    found = differences(desk, ledger)
    for label in people_of(platform, network).values():
        platform.session.act_as(platform.identities.actor(label, network))
        desk.settle(60_000)
        found += differences(desk, ledger)
    platform.session.act_as(OWNER_ACTOR)
    desk.settle(60_000)
    return found


def test_the_owner_of_a_new_city(desk: Desk) -> None:
    """The quick one, on the network that all tests share."""
    platform = desk.platform
    network = desk.window.context.network
    assert differences(desk, followed(platform, network)) == []


@pytest.mark.slow
def test_every_page_says_what_the_ledger_says(walked: Desk) -> None:
    """After the demonstration as every role; then after a revocation, a stopped node and an issued identity."""
    desk, platform = walked, walked.platform
    network = desk.window.context.network
    people = people_of(platform, network)
    for role in sorted(set(ROLE_TITLES) - {Role.PLATFORM_ADMIN, *people}):
        platform.identities.issue("PublicMSP", f"one-{role}", role, network=network)
    desk.settle()
    assert as_everybody(desk) == []
    platform.identities.issue("PublicMSP", "leaver", "creator", network=network)
    platform.identities.revoke("PublicMSP/leaver", "left", network=network)
    node = next(n.name for n in platform.networks.status(network).nodes if n.kind == "peer" and "hospital" in n.name)
    platform.networks.stop(network, node)
    desk.settle(60_000)
    assert as_everybody(desk) == []
    desk.go("overview")
    assert badges(desk.window)["networks"] == 1
    platform.networks.start(network, node)
    desk.settle(60_000)
    assert as_everybody(desk) == []
    assert badges(desk.window)["networks"] == 0
