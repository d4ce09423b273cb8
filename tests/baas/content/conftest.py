"""Engines for the contract tests: the local store always; marked e2e a real Kubo, where its program or container is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from baas.content import ContentStore, KuboDaemon, LocalStore
from baas.content.kubo_container import IMAGE, KuboContainer
from baas.content.kubo_daemon import find_program
from network.docker.engine import Engine
from network.errors import Unavailable


@pytest.fixture(scope="session")
def kubo_program() -> Path:
    try:
        return find_program(Path(platformdirs.user_cache_dir("citychain", appauthor=False)))
    except Unavailable as error:
        pytest.skip(f"no Kubo here: {error}")


@pytest.fixture(scope="session")
def kubo_daemon(kubo_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KuboDaemon]:
    daemon = KuboDaemon(kubo_program, tmp_path_factory.mktemp("kubo"))
    daemon.start().close()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="session")
def kubo_container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KuboContainer]:
    engine = Engine()
    try:
        engine.info()
        if not engine.has_image(IMAGE):
            pytest.skip(f"the image {IMAGE} is not on this machine")
    except Unavailable as error:
        pytest.skip(f"no Docker engine here: {error}")
    container = KuboContainer(tmp_path_factory.mktemp("kubo-container"))
    try:
        container.start().close()
        yield container
    finally:
        container.remove()


ENGINES = ["local", pytest.param("kubo", marks=pytest.mark.e2e), pytest.param("container", marks=pytest.mark.e2e)]


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ContentStore]:
    engine: ContentStore
    if request.param == "local":
        engine = LocalStore(tmp_path / "content")
    else:
        name = "kubo_daemon" if request.param == "kubo" else "kubo_container"
        engine = request.getfixturevalue(name).store()
        for pin in engine.pins():
            engine.unpin(pin.cid)
        engine.gc()
    yield engine
    engine.close()
