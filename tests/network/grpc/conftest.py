from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fabric_sdk.http2 import engine
from fabric_sdk.http2.hyper import HyperH2
from fabric_sdk.http2.nghttp2 import NgHttp2
from tests.network.grpc.house import House


@pytest.fixture(params=["ngh2", "h2"])
def library(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both ends speak through this library."""
    engine.choose(NgHttp2 if request.param == "ngh2" else HyperH2)
    yield request.param
    engine.choose(None)


@pytest.fixture
def house(tmp_path: Path, library: str) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()
