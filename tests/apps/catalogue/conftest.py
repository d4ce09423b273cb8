"""A city network and one of a single organisation, in a workspace that tests of this folder may break and mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from apps.kit.service import Service
from baas.platform import Platform


@dataclass(frozen=True)
class World:
    """A platform with the networks `city` (five organisations, three contracts) and `alone` (one organisation)."""

    platform: Platform

    def service(self, network: str = "city") -> Service:
        found: Service = self.platform.applications.get("catalogue").build_service(self.platform, network)
        return found


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    platform = Platform.open(tmp_path_factory.mktemp("catalogue") / "workspace")
    try:
        for template, name, contracts in (
            ("city", "city", ("catalogue", "supply_finance", "health_slots")),
            ("single", "alone", ("catalogue",)),
        ):
            spec = platform.networks.template(template, name=name, runtime="embedded")
            platform.jobs.run(platform.networks.up, spec)
            for contract in contracts:
                platform.jobs.run(platform.contracts.deploy, name, contract)
        yield World(platform)
    finally:
        for name in platform.networks.names():
            platform.networks.destroy(name)
        platform.close()
