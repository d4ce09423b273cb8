"""One demonstration for every walk through its pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from baas.applications import DemoOptions
from baas.demo import run_demo
from baas.platform import Platform
from tests.console.conftest import Desk, close_desk, open_desk


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A workspace after the demonstration."""
    platform = Platform.open(tmp_path_factory.mktemp("walk") / "workspace")
    platform.jobs.run(run_demo, platform, DemoOptions())
    yield platform
    for name in platform.networks.names():
        platform.networks.destroy(name)
    platform.close()


@pytest.fixture
def walked(qapp: Any, demonstrated: Platform) -> Iterator[Desk]:
    """A window on it, the owner acting."""
    desk = open_desk(qapp, None, demonstrated)
    yield desk
    close_desk(desk)
