"""Engines for the contract tests: the local store always, a real Kubo daemon where the program is (marked e2e)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from baas.content import ContentStore, KuboDaemon, LocalStore
from baas.content.kubo_daemon import find_program
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


@pytest.fixture(params=["local", pytest.param("kubo", marks=pytest.mark.e2e)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ContentStore]:
    engine: ContentStore
    if request.param == "local":
        engine = LocalStore(tmp_path / "content")
    else:
        engine = request.getfixturevalue("kubo_daemon").store()
        for pin in engine.pins():
            engine.unpin(pin.cid)
        engine.gc()
    yield engine
    engine.close()
