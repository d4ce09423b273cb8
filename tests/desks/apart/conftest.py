"""Desks on machines of their own: each in a network namespace with an address, where this computer allows it.

They reach the city's nodes by address, as from another house. All of this takes its time and is `slow`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desks.conftest import Office


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/desks/apart" in Path(item.fspath).as_posix():
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def office(distant: Office) -> Office:
    """Nobody here sits at the office's own machine."""
    return distant
