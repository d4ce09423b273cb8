"""Genuine packages agree with a card that was made at the beginning, whatever the network went through since.

Renewed certificates, an organisation more, an upgraded contract, a revoked author; on the embedded ledger and on real
Fabric (Raft of one and of several ordering nodes, BFT).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.copyright.proof import check_evidence, export_evidence
from apps.copyright.service import CopyrightService
from baas.services import growth
from fabric_sdk.proof.cards import Card, read_card
from network.text import Text
from tests.conftest import City, close_city, make_city
from tests.proof.conftest import card_of, form

Exported = Callable[[str, str], Any]


@pytest.fixture(params=["embedded", pytest.param("native", marks=pytest.mark.e2e)])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    if request.param == "native":
        from network.native.programs import find_programs

        if find_programs("3.1.5") is None:
            pytest.skip("Fabric 3.1.5 is not on this machine")
    made = make_city(tmp_path / "workspace", request.param)
    yield made
    close_city(made)


def deposited(service: CopyrightService, folder: Path, name: str) -> str:
    path = folder / f"{name}.txt"
    path.write_text(f"{name}，可园的清晨。" * 50, encoding="utf-8")
    return service.deposit(path, form(name)).work.id


def agrees(service: CopyrightService, folder: Path, work_id: str, name: str, card: Card) -> None:
    export_evidence(service, work_id, folder / f"{name}.zip")
    report = check_evidence(folder / f"{name}.zip", card)
    assert report.verdict == "agrees", [one for one in report.findings if one.state != "ok"]
    assert report.complete, [one for one in report.findings if one.state != "ok"]


@pytest.mark.slow
def test_packages_agree_through_the_life_of_a_network(city: City, tmp_path: Path) -> None:
    platform, network = city.platform, city.network
    card = read_card(card_of(city))
    with CopyrightService(platform, network) as service:
        first = deposited(service, tmp_path, "最初")
        agrees(service, tmp_path, first, "first", card)

        platform.jobs.run(platform.changes.renew_nodes, network)
        renewed = deposited(service, tmp_path, "续期之后")
        for number, work in enumerate((first, renewed)):
            agrees(service, tmp_path, work, f"renewed{number}", card)

        spec = growth.add_organization(platform.networks.spec(network), "bank", "BankMSP", Text("银行", "Bank"))
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, network, "copyright")
        grown = deposited(service, tmp_path, "增加机构之后")
        for number, work in enumerate((first, renewed, grown)):
            agrees(service, tmp_path, work, f"grown{number}", card)

        board = platform.contracts.board(network, "copyright")
        policy = "AND('CopyrightMSP.peer', 'DataBureauMSP.peer', 'HealthMSP.peer')"
        platform.jobs.run(platform.contracts.deploy, network, "copyright", policy=policy)
        assert platform.contracts.board(network, "copyright") != board
        upgraded = deposited(service, tmp_path, "合约升级之后")
        author = service.ledger.label("creator")
        platform.jobs.run(platform.identities.revoke, author, "key lost", network=network)
        for number, work in enumerate((first, renewed, grown, upgraded)):
            agrees(service, tmp_path, work, f"revoked{number}", card)


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.parametrize("template", ["ha", "bft"])
def test_several_ordering_nodes(template: str, tmp_path: Path) -> None:
    from baas.platform import Platform
    from network.native.programs import find_programs

    if find_programs("3.1.5") is None:
        pytest.skip("Fabric 3.1.5 is not on this machine")
    platform = Platform.open(tmp_path / "workspace")
    try:
        spec = platform.networks.template(template, name="city", runtime="native")
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "copyright")
        card = platform.cards.make("city")
        with CopyrightService(platform, "city") as service:
            work = deposited(service, tmp_path, template)
            agrees(service, tmp_path, work, template, card)
    finally:
        close_city(City(platform, "city"))
