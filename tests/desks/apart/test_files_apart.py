"""Files between machines: the content service is reached by the address that stands on the ledger, as the nodes are."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.desks.conftest import Office, Person
from tests.desks.test_files import ContentService, applied, unique


@pytest.fixture(scope="module")
def content(office: Office) -> Iterator[str]:
    assert office.neighbourhood is not None
    host = office.neighbourhood.address
    service = ContentService(office, *(("--host", host) if host else ()))
    yield service.start()
    service.end()


def test_a_file_goes_from_house_to_house(content: str, seat: Callable[..., Person], office: Office) -> None:
    assert office.neighbourhood is not None
    assert office.neighbourhood.address in content
    wang = seat(unique("wang"), "PublicMSP", "creator")
    zhao = seat(unique("zhao"), "CopyrightMSP", "registrar")
    file = wang.write("poem.txt", f"{uuid.uuid4().hex} 隔壁的诗\n" * 50)
    words = ("--title", "隔壁", "--author", "样例甲", "--completed", "2025-11-18")
    work = wang.run("copyright", "deposit", file, *words)
    applied(wang, work["id"])
    assert "waits" not in work and wang.run("copyright", "files") == []
    zhao.run("copyright", "open", work["id"], "-o", zhao.folder / "poem.txt")
    assert (zhao.folder / "poem.txt").read_bytes() == file.read_bytes()
