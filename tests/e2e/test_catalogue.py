"""服务目录 on real Fabric: all four standards are measured there, and a stranger checks what came of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.catalogue import credentials, measuring
from apps.catalogue.evidence.check import check_package
from apps.kit.service import Service
from baas.platform import Platform
from fabric_sdk import clock
from network.topology import FABRIC_CURRENT
from tests.e2e.running import require_fabric

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
KNOWN = {"CS-01": {"1.4", "1.5", "2.3", "2.4", "3.1", "3.4", "3.5", "4.2"}}
"""What such a network does not meet: one ordering node, one peer each, one holder, no passphrase, backup or watch."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    require_fabric(FABRIC_CURRENT)
    platform = Platform.open(tmp_path_factory.mktemp("catalogue") / "workspace")
    try:
        platform.jobs.run(platform.networks.up, platform.networks.template("city", name="city", runtime="native"))
        for name in ("catalogue", "supply_finance"):
            platform.jobs.run(platform.contracts.deploy, "city", name)
        yield platform.applications.get("catalogue").build_service(platform, "city")
    finally:
        if "city" in platform.networks.names():
            platform.networks.destroy("city")
        platform.close()


def test_the_four_standards_are_measured_and_verified(service: Service, tmp_path: Path) -> None:
    card = service.platform.cards.make("city")
    for code, edition in measuring.shipped().items():
        checks = {one["clause"] for part in edition["parts"] for one in part["clauses"] if one["check"]}
        made = measuring.assess(service, code)
        assert made.record is not None
        below = {one["clause"] for one in made.report["results"] if one["result"] != "met"} & checks
        assert below == KNOWN.get(code, set()), [one for one in made.report["results"] if one["clause"] in below]
        target = tmp_path / f"{code}.zip"
        assert not measuring.package(service, made.record["id"], target).missing
        found = check_package(io.BytesIO(target.read_bytes()), card)
        assert found.complete, found.findings


def test_a_credential_stands_there_too(service: Service, tmp_path: Path) -> None:
    held, proof = tmp_path / "held.json", tmp_path / "proof.zip"
    credentials.issue(service, {"name": "王小明", "skill": "运维"}, f"{clock.today().year + 2}-01-31", held)
    credentials.present(service, held, ["skill"], proof)
    found = check_package(io.BytesIO(proof.read_bytes()), service.platform.cards.make("city"))
    assert found.verdict == "agrees" and found.facts["claims"] == {"skill": "运维"}
