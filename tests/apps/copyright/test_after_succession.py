"""Authorities get new keys: what was proved before stays proved, and what comes after is proved just so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.copyright.proof import check_evidence, export_evidence
from apps.copyright.service import CopyrightService
from tests.apps.copyright.test_service import FORM, registered
from tests.conftest import City


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_evidence_and_card_of_before_stay_good(
    fresh_city: Callable[[], City], fresh_file: Callable[[str], Path], tmp_path: Path
) -> None:
    city = fresh_city()
    platform, network = city.platform, city.network
    before, after, later = (tmp_path / f"{name}.zip" for name in ("before", "after", "later"))
    with CopyrightService(platform, network) as service:
        work = service.deposit(fresh_file("old.txt"), FORM).work
        registered(service, work.id)
        export_evidence(service, work.id, before)
    card = platform.cards.make(network, witnesses=["DataBureauMSP"])
    for organization in platform.networks.spec(network).organizations:
        platform.authorities.succeed(organization.msp_id, network)
        assert len(platform.networks.handle(network).authority(organization.msp_id).roots) == 2
    with CopyrightService(platform, network) as service:
        export_evidence(service, work.id, after)
        fresh = service.deposit(fresh_file("new.txt"), FORM).work
        registered(service, fresh.id)
        export_evidence(service, fresh.id, later)
    renewed = platform.cards.make(network, witnesses=["DataBureauMSP"])
    assert renewed.organizations == card.organizations and renewed.config_block > card.config_block
    for package, known in ((before, card), (after, card), (after, renewed), (later, card), (later, renewed)):
        report = check_evidence(package, known)
        assert report.verdict == "agrees", (package.name, known is renewed, report.findings)
    # A package of before was made by a city that this card does not tell of: nobody calls it forged, or confirms it.
    report = check_evidence(before, renewed)
    assert report.verdict == "consistent"
    assert [one.code for one in report.findings if one.state == "cap"] == ["card-newer"]
