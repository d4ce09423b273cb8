"""What all tests share: one running city network, made once for the whole session.

`city` is an embedded network with every installed application's contract deployed. Tests use names of their own
(works, slots, people), because everybody shares it; nobody stops, upgrades or destroys it. Whoever needs to do that
makes a network of their own with `fresh_city`.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Python keeps what it has compiled. Where the surroundings forbid that, every one of some two hundred processes that
# the tests start compiles all it imports again, and pytest rewrites every file of tests again in each worker.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Sums over a picture's pixels are too small for threads, which would wait for the next one busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from baas import keystore
from baas.errors import Unavailable
from baas.platform import Platform
from network import claims
from tests.order import longest_first
from tests.windows import left_open, shown, turns
from tests.workers import handed_on

if TYPE_CHECKING:
    from tests.console.conftest import Seat

sys.dont_write_bytecode = False

# How long an example takes says something about the machine, not about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


# What is imported and collected stays until the end: looking through it for garbage again and again would take
# seconds in every worker.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    longest_first(config, items)


@pytest.fixture(scope="module", autouse=True)
def ports_given_back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Networks of a module that is over claim no ports any more, although their folders stay for whoever looks."""
    yield
    folder, mine = claims._folder(), str(tmp_path_factory.getbasetemp())
    for path in folder.glob("*.json") if folder is not None else ():
        with suppress(OSError):
            if mine in path.read_text(encoding="utf-8", errors="replace"):
                path.unlink()


@pytest.fixture(scope="session", autouse=True)
def workers_handed_on() -> Iterator[None]:
    """The process that decodes files goes from one service to the next."""
    with handed_on():
        yield


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """A window that stays takes the keyboard from the next test; an application told to exit stops its clocks."""
    if request.node.get_closest_marker("gui") is None:
        yield
        return
    before = shown()
    yield
    left = left_open(before)
    assert turns(), "the application was told to exit: no event loop turned any more"
    assert not left, f"left open: {', '.join(left)}"


@dataclass(frozen=True)
class City:
    """A platform with a running network."""

    platform: Platform
    network: str


def make_city(folder: Path, runtime: str = "embedded") -> City:
    """A workspace in `folder` with the city template running and every application's contract deployed."""
    platform = Platform.open(folder)
    try:
        spec = platform.networks.template("city", name="city", runtime=runtime)  # type: ignore[arg-type]
        platform.jobs.run(platform.networks.up, spec)
        for template in platform.contracts.templates():
            platform.jobs.run(platform.contracts.deploy, "city", template.name)
    except BaseException:
        close_city(City(platform, "city"))
        raise
    return City(platform, "city")


def close_city(city: City) -> None:
    """Remove the network with its processes and close the workspace."""
    try:
        if city.network in city.platform.networks.names():
            city.platform.networks.destroy(city.network)
    finally:
        city.platform.close()


@pytest.fixture
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases set in this test cost a hundredth of a second to try, not a third."""
    monkeypatch.setattr(keystore, "SCRYPT_N", 2**14)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The session's shared city network.

    All that a worker does hangs on it: where another program took a port in between, a second one is made, and said.
    """
    try:
        made = make_city(tmp_path_factory.mktemp("city") / "workspace")
    except Unavailable as error:
        warnings.warn(f"the shared network came up at the second try only: {error}", stacklevel=1)
        made = make_city(tmp_path_factory.mktemp("city") / "workspace")
    yield made
    close_city(made)


@pytest.fixture(scope="session")
def seat(qapp: Any, city: City) -> Iterator[Seat]:
    """The one window of this process on the session's city network."""
    from tests.console.conftest import Seat

    made = Seat(qapp, city.platform)
    yield made
    made.leave()


@pytest.fixture
def fresh_city(tmp_path: Path) -> Iterator[Callable[[], City]]:
    """Makes a city network for one test alone."""
    made: list[City] = []

    def make(runtime: str = "embedded") -> City:
        made.append(make_city(tmp_path / f"workspace{len(made)}", runtime))
        return made[-1]

    yield make
    for one in made:
        close_city(one)
