"""The first minutes on a new network: nothing to set up by hand, and words where somebody else has to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.copyright.model import WorkForm
from apps.copyright.service import CopyrightService
from baas.errors import LedgerError
from baas.services.deploying import Deploying
from tests.conftest import City

FORM = WorkForm(title="第一件作品")


def test_deploying_sets_the_office_up(fresh_city: Callable[[], City], tmp_path: Path) -> None:
    city = fresh_city()
    path = tmp_path / "first.txt"
    path.write_text("第一件作品。\n" * 20, encoding="utf-8")
    platform = city.platform
    platform.identities.issue("CopyrightMSP", "alice", "creator", network=city.network)
    alice = platform.identities.actor("CopyrightMSP/alice", city.network)
    with platform.session.acting_as(alice), CopyrightService(platform, city.network) as service:
        assert list(service.works()) == []
        assert service.queue("SUBMITTED") == ()
        assert service.deposit(path, FORM).work.owners == (("CopyrightMSP/alice", 10_000),)
    assert platform.contracts.deploy(city.network, "copyright").changed is False


def test_where_others_deployed_the_office_is_set_up_by_its_administrator(
    fresh_city: Callable[[], City], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deploying, "_tell_first", lambda *_: None)
    city = fresh_city()
    platform = city.platform
    platform.identities.issue("HospitalMSP", "carol", "licensee", network=city.network)
    carol = platform.identities.actor("HospitalMSP/carol", city.network)
    with (
        platform.session.acting_as(carol),
        CopyrightService(platform, city.network) as service,
        pytest.raises(LedgerError) as caught,
    ):
        list(service.works())
    assert caught.value.code == "not_configured"
    assert "CopyrightMSP" in str(caught.value.hint)
    with CopyrightService(platform, city.network) as service:
        height = _height(city)
        with pytest.raises(LedgerError) as caught:
            list(service.works())
        assert "chaincode deploy copyright" in str(caught.value.hint)
        assert _height(city) == height, "whoever looks writes nothing"
        service.ledger.configure()
        assert list(service.works()) == []
    with platform.session.acting_as(carol), CopyrightService(platform, city.network) as service:
        assert list(service.works()) == []


def _height(city: City) -> int:
    return max(node.height or 0 for node in city.platform.networks.status(city.network).nodes)
