"""An application installed from outside the tree: the guide's sample as a distribution of its own."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import apps.kit.sample
from baas.cli.root import root
from baas.platform import Platform
from tests.console.conftest import IGNORED, Desk, close_desk, open_desk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives widgets; the offscreen platform's own remarks are no defects."""
    for item in items:
        if Path(item.fspath).name in ("test_gui.py", "test_dialogs.py") and "tests/kit" in Path(item.fspath).as_posix():
            item.add_marker(pytest.mark.gui)
            item.add_marker(pytest.mark.qt_log_ignore(IGNORED))


def install(site: Path, name: str, source: Path, entry: str) -> None:
    """Lay a package and its entry point into a folder, as pip does."""
    shutil.copytree(source, site / name, ignore=shutil.ignore_patterns("__pycache__"))
    about = site / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[citychain.applications]\n{name} = {entry}\n")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample, installed as the distribution `food`: this process and those it starts find it."""
    site = tmp_path_factory.mktemp("site")
    install(site, "food", Path(str(apps.kit.sample.__file__)).parent, "food.application:APPLICATION")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(site), before]))
    sys.path.insert(0, str(site))
    importlib.invalidate_caches()
    root.__dict__.pop("_manifests", None)  # which commands there are is read once a process
    yield site
    root.__dict__.pop("_manifests", None)
    sys.path.remove(str(site))
    for name in [one for one in sys.modules if one == "food" or one.startswith("food.")]:
        del sys.modules[name]
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture(scope="module")
def food_city(outside: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running network with the sample's contract alone."""
    platform = Platform.open(tmp_path_factory.mktemp("food") / "workspace")
    try:
        spec = platform.networks.template("city", name="city", runtime="embedded")
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "food")
        yield platform
    finally:
        if "city" in platform.networks.names():
            platform.networks.destroy("city")
        platform.close()


@pytest.fixture
def food_desk(qapp: Any, qtbot: Any, food_city: Platform) -> Iterator[Desk]:
    """A window on the sample's network."""
    from console import theme
    from console.i18n import use_language

    theme.install(qapp, "light")
    use_language("zh")
    desk = open_desk(qapp, qtbot, food_city)
    yield desk
    desk.stop_answering()
    close_desk(desk)


Fill = Callable[..., Callable[[Any], None]]
