"""Definitions that follow the members of a network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.health_slots.cast import collection_of
from apps.health_slots.manifest import MANIFEST
from baas.cli.root import run
from baas.errors import Text
from baas.platform import Platform
from baas.services import growth
from baas.services.definitions import canonical
from baas.services.following import _following, behind
from baas.services.lifecycle_model import Definition
from network.topology import TopologySpec, template

SECOND = "SecondHospitalMSP"


def definition(policy: str = "") -> Definition:
    spec, slots = template("city"), MANIFEST.contract
    wanted = Definition("health_slots", "1.0.0", 1, policy or slots.endorsement_policy(spec), ())
    collections = tuple(dict(one) for one in slots.collections(spec))
    return canonical(Definition(wanted.name, wanted.version, 1, wanted.endorsement_policy, collections))


def test_a_hospital_that_joins_gets_its_collection_and_endorses() -> None:
    grown = growth.add_organization(template("city"), "second", SECOND, Text("第二医院", "Second"))
    found = _following(MANIFEST.contract, grown, definition())
    assert found is not None
    names = [one["name"] for one in found.collections]
    hospitals = [collection_of("HospitalMSP"), collection_of(SECOND)]
    assert [one for one in names if one in hospitals] == hospitals
    assert {*names} - {*hospitals} == {f"office_{msp_id}" for msp_id in ("DataBureauMSP", "HospitalMSP", SECOND)}
    assert SECOND in found.policy and "HospitalMSP" in found.policy
    assert collection_of(SECOND) in found.words.en and collection_of(SECOND) in found.words.zh


def test_a_policy_that_somebody_chose_stays_and_who_has_no_peers_changes_nothing() -> None:
    grown = growth.add_organization(template("city"), "second", SECOND, Text("第二医院", "Second"))
    own = "OR('HealthMSP.peer', 'HospitalMSP.peer')"
    found = _following(MANIFEST.contract, grown, definition(own))
    assert found is not None
    assert SECOND not in found.policy
    assert _following(MANIFEST.contract, template("city"), definition(own)) is None
    bare = growth.add_organization(template("city"), "second", SECOND, Text("第二医院", "Second"), peers=0)
    assert _following(MANIFEST.contract, bare, definition()) is None


def test_a_collection_of_a_new_version_waits_for_the_upgrade() -> None:
    """Every network would get it, whoever joins: that is an upgrade, which somebody decides on."""

    def collections(spec: TopologySpec) -> list[dict[str, Any]]:
        everywhere = {**MANIFEST.contract.collections(spec)[0], "name": "everywhere"}
        return [*MANIFEST.contract.collections(spec), everywhere]

    newer = replace(MANIFEST.contract, collections=collections)
    assert _following(newer, template("city"), definition()) is None
    grown = growth.add_organization(template("city"), "second", SECOND, Text("第二医院", "Second"))
    found = _following(newer, grown, definition())
    assert found is not None
    assert "everywhere" not in {one["name"] for one in found.collections}


def test_growing_brings_the_definition_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Platform.open(tmp_path / "w") as platform:
        platform.networks.up(platform.networks.template("city", name="city", runtime="embedded"))
        try:
            platform.contracts.deploy("city", "health_slots")
            assert behind(platform, "city") == ()
            capsys.readouterr()
            grow = ("network", "grow", "--add-organization", f"second:{SECOND}:第二医院")
            assert run(["--json", "--workspace", str(platform.workspace.folder), *grow]) == 0
            said = json.loads(capsys.readouterr().out)
            assert collection_of(SECOND) in json.dumps(said["contracts"])
            committed = platform.contracts.committed("city", "health_slots")
            assert committed is not None and committed.sequence == 2
            assert collection_of(SECOND) in {one["name"] for one in committed.collections}
            assert behind(platform, "city") == ()
        finally:
            platform.networks.destroy("city")
