"""A running network with the contract of 供应链金融 alone, in a workspace of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.kit.service import Service
from apps.supply_finance.demo import samples
from apps.supply_finance.manifest import APPLICATION
from apps.supply_finance.receivables import issue_table
from apps.supply_finance.words import in_days
from baas.platform import Platform
from chaincode.supply_finance.kinds import Certificate, Line
from tests.console.conftest import IGNORED, Desk, close_desk, open_desk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives widgets; the offscreen platform's own remarks are no defects."""
    for item in items:
        if "tests/apps/supply_finance/test_gui" in Path(item.fspath).as_posix():
            item.add_marker(pytest.mark.gui)
            item.add_marker(pytest.mark.qt_log_ignore(IGNORED))


@pytest.fixture(scope="module")
def finance_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform.open(tmp_path_factory.mktemp("finance") / "workspace")
    try:
        spec = platform.networks.template("city", name="city", runtime="embedded")
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "supply_finance")
        yield platform
    finally:
        if "city" in platform.networks.names():
            platform.networks.destroy("city")
        platform.close()


@pytest.fixture
def service(finance_city: Platform) -> Iterator[Service]:
    with Service(finance_city, "city", APPLICATION) as found:
        yield found


@pytest.fixture(scope="module")
def certificate(finance_city: Platform) -> str:
    """A certificate of a million yuan that the supplier holds."""
    with Service(finance_city, "city", APPLICATION) as service:
        core, supplier = (service.who(service.signer_for(one)).party for one in ("core_enterprise", "supplier"))
        given = {"core": core, "limit_fen": 500_000_000, "until": in_days(365)}
        line = service.do(Line.grant, given).value
        service.do(Line.accept, on=line["id"])
        (row, *_) = issue_table(service, line["id"], samples(), seller=supplier)
        service.do(Certificate.accept, on=row.certificate)
        return row.certificate


@pytest.fixture
def finance_desk(qapp: Any, qtbot: Any, finance_city: Platform) -> Iterator[Desk]:
    """A window on the network."""
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")
    desk = open_desk(qapp, qtbot, finance_city)
    yield desk
    desk.stop_answering()
    close_desk(desk)
