"""A copyright service on the shared city, and people of several organisations."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from apps.copyright.demo import samples
from apps.copyright.fingerprints.pool import FingerprintPool
from apps.copyright.service import CopyrightService

if TYPE_CHECKING:
    from tests.conftest import City


@pytest.fixture(scope="session")
def pool() -> Iterator[FingerprintPool]:
    with FingerprintPool(seconds=60) as made:
        yield made


@pytest.fixture(scope="session")
def service(city: City) -> Iterator[CopyrightService]:
    with CopyrightService(city.platform, city.network) as made:
        yield made


@pytest.fixture
def fresh_file(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a text of its own, so that tests sharing a network do not meet each other's works."""

    def make(name: str = "work.txt") -> Path:
        path = tmp_path / name
        body = "".join(f"{uuid.uuid4().hex} 第 {number} 行\n" for number in range(20))
        path.write_text(body, encoding="utf-8")
        return path

    return make


@pytest.fixture
def photograph(tmp_path: Path) -> Callable[..., Path]:
    """A real photograph (a sample), changed so that its bytes are its own."""

    def make(name: str = "猫.jpg", **changes: object) -> Path:
        from PIL import Image

        image = Image.open(samples() / name).convert("RGB")
        crop = changes.get("crop")
        if isinstance(crop, tuple):
            image = image.crop(crop)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90, comment=uuid.uuid4().bytes)
        path = tmp_path / f"{uuid.uuid4().hex}.jpg"
        path.write_bytes(buffer.getvalue())
        return path

    return make


@pytest.fixture
def acting(service: CopyrightService) -> Callable[[str, str], object]:
    """`with acting("HospitalMSP/carol", "licensee"):` everything is done by that person, with that role."""

    @contextmanager
    def act(label: str, roles: str) -> Iterator[CopyrightService]:
        platform = service.platform
        msp_id, _, name = label.partition("/")
        platform.identities.ensure(msp_id, name, roles, network=service.network)
        actor = platform.identities.actor(label, service.network)
        with platform.session.acting_as(actor), CopyrightService(platform, service.network) as theirs:
            yield theirs

    return act
