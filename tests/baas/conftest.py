"""Platforms without running nodes: an empty workspace, and one with a network that exists on paper only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from baas.applications import Applications
from baas.platform import Platform
from network.material import OrganizationCA
from network.plan import NetworkState
from network.topology import template


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """An opened, empty workspace without applications."""
    with Platform.open(tmp_path / "workspace", applications=Applications({})) as opened:
        yield opened


@pytest.fixture
def paper(platform: Platform) -> Platform:
    """A workspace with the network "city": folders, authorities and administrators, but no process."""
    spec = template("city", network_name="city")
    folder = platform.workspace.path("networks", "city")
    for organization in spec.organizations:
        OrganizationCA(folder, "city", organization, platform.keystore).create()
    NetworkState(phase="ready", wanted=spec, reached=spec).save(folder)
    return platform
