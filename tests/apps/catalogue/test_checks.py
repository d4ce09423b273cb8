"""Every check of the shipped standards fails where it must, and names what stands against it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from apps.catalogue.checking import CHECKS, run
from apps.catalogue.checking.privacy import personal
from apps.catalogue.editions import clauses_of
from apps.catalogue.measuring import shipped
from tests.apps.catalogue.conftest import World
from tests.apps.catalogue.faults import CARD, FAULTS, MENDS, PHONE, look_at

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


def test_approvals_of_a_definition_to_come_say_nothing_of_the_one_in_force(world: World) -> None:
    boards = dict(look_at(world).boards)
    board = boards["catalogue"]
    nobody = tuple(replace(row, approved=False) for row in board.rows)
    boards["catalogue"] = replace(board, pending=board.committed, rows=nobody)
    found = run("definitions-approved", look_at(world, boards=boards))
    assert found.result == "unknown" and found.against == ("catalogue",)
    other = boards["supply_finance"]
    boards["supply_finance"] = replace(other, rows=tuple(replace(row, approved=False) for row in other.rows))
    assert run("definitions-approved", look_at(world, boards=boards)).result == "unmet"


@pytest.mark.parametrize(
    "written",
    [
        PHONE, f"+86{PHONE}", f"电话{PHONE}。", "+86 138 0013 8000", "138 0013 8000", "138-0013-8000", "138 001 38000",
        "１３８００１３８０００", json.dumps("１３８００１３８０００"), "1" + chr(92) + "u00338" + "00138000",
        json.dumps(json.dumps({"tel": "１３８ ００１３ ８０００"})), "138\u200b0013\u200b8000",
    ],
)  # fmt: skip
def test_a_phone_is_found_however_it_is_written(written: str) -> None:
    assert personal(written.encode()) == "phone"


def test_a_card_is_found_however_it_is_written() -> None:
    groups = (CARD[:6], CARD[6:14], CARD[14:])
    wide = CARD.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789"})
    escaped = "".join(f"{chr(92)}u{ord(one):04x}" for one in CARD)
    ways = (CARD, " ".join(groups), "-".join(groups), " ".join(CARD), wide, json.dumps(wide), escaped, f"5 {CARD}")
    assert [personal(f"证件 {one}，".encode()) for one in ways] == ["card"] * len(ways)
    wrong = CARD[:17] + ("1" if CARD[17] != "1" else "2")
    assert personal(" ".join((wrong[:6], wrong[6:14], wrong[14:])).encode()) == ""


def test_digits_inside_ids_hashes_and_times_are_nobodys() -> None:
    digits = "138001380001234567"
    harmless = (
        f"ab{digits[:11]}", f"{digits[:11]}ff", f"0x{CARD}a", "FZ20260131-13800138000a", "2026-11-29T22:39:02.138",
        "a7-138-0013-8000-9f", "138-0013-8000-9f00", "1764456789.13800138000", "1380-0138-0000-1234",
        "1380013800012", "1 138001380001", "13-80-01-38-00-0",
    )  # fmt: skip
    assert [one for one in harmless if personal(one.encode())] == []
