"""Every check of the shipped standards fails where it must, and names what stands against it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from apps.catalogue.checking import CHECKS, run
from apps.catalogue.editions import clauses_of
from apps.catalogue.measuring import shipped
from tests.apps.catalogue.conftest import World
from tests.apps.catalogue.faults import FAULTS, MENDS, look_at

pytestmark = pytest.mark.xdist_group("catalogue")
WANTED = [one["check"] for edition in shipped().values() for one in clauses_of(edition) if one["check"]]


def test_there_are_thirty_checks_and_a_fault_for_each(world: World) -> None:
    run("", look_at(world))
    assert set(WANTED) == set(CHECKS) == set(FAULTS) and len(WANTED) >= 30
    assert len(shipped()) == 4


@pytest.mark.parametrize("check", WANTED)
def test_a_check_is_met_and_fails_for_the_right_reason(
    check: str, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make, names = FAULTS[check]
    with make(world, monkeypatch, tmp_path) as broken:
        found = run(check, broken)
    said = " ".join((found.measured.en, *found.against))
    assert found.result == "unmet", said
    assert names in said
    monkeypatch.undo()
    if check in MENDS:
        with MENDS[check](world, monkeypatch, tmp_path) as mended:
            found = run(check, mended)
    else:
        found = run(check, look_at(world))
    assert found.result == "met", (found.measured.en, found.against)


def test_servers_of_contracts_are_no_peers(world: World) -> None:
    """They have neither a height nor an address that others know; Fabric's own programs have them."""
    status = look_at(world).status
    server = replace(status.nodes[-1], name="contract/catalogue@peer0", kind="contract", heights={})
    told = look_at(world, status=replace(status, nodes=(*status.nodes, server)))
    assert {run(one, told).result for one in ("lines-encrypted", "peers-agree", "peers-level")} == {"met"}


def test_what_cannot_be_looked_at_is_never_met(world: World) -> None:
    world.platform.networks.stop("city")
    try:
        seen = {one: run(one, look_at(world)).result for one in ("blocks-linked", "endorsement-several", "peers-agree")}
        assert set(seen.values()) == {"unknown"}
        assert run("nodes-running", look_at(world)).result == "unmet"
        assert run("no-such-check", look_at(world)).result == "unknown"
    finally:
        world.platform.networks.start("city")
