"""Many desks on a ledger of many works: a new desk's index is there within half a minute, two starting at a time.

`CITYCHAIN_WORKS` and `CITYCHAIN_DESKS` say how many (1,000 and 50).
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from tests.conftest import close_city, make_city
from tests.desks.conftest import Office, Person

WORKS, DESKS = int(os.environ.get("CITYCHAIN_WORKS", "1000")), int(os.environ.get("CITYCHAIN_DESKS", "50"))
MOST_S = 30.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A city of its own, which holds these works and no others."""
    folder = tmp_path_factory.mktemp("many")
    made = make_city(folder / "workspace")
    yield Office(made, folder / "post")
    close_city(made)


def test_each_new_desk_knows_every_work_soon(seat: Callable[..., Person], capsys: pytest.CaptureFixture[str]) -> None:
    maker = seat("maker", "PublicMSP", "creator")
    folder = maker.folder / "works"
    folder.mkdir()
    for number in range(WORKS):
        body = "".join(f"{uuid.uuid4().hex} 第 {line} 行\n" for line in range(20))
        (folder / f"{number:05d}.txt").write_text(body, encoding="utf-8")
    began = time.monotonic()
    maker.run("copyright", "batch", folder, "--author", "样例甲")
    deposited = time.monotonic() - began
    looked = folder / "00007.txt"

    def arrive(number: int) -> float:
        desk = seat(f"desk-{number}", "PublicMSP", "creator")
        file = desk.receive(looked)
        desk.restart()
        began = time.monotonic()
        found = desk.run("copyright", "search", file)
        took = time.monotonic() - began
        assert [one["title"] for one in found["exact"]] == ["00007"], found
        known = desk.run("copyright", "reindex")["works"]
        desk.restart()  # fifty machines are more than this one has room for
        assert known == WORKS
        return took

    with ThreadPoolExecutor(2) as pool:
        times = sorted(pool.map(arrive, range(DESKS)))
    with capsys.disabled():
        print(
            f"\n{WORKS} works deposited in {deposited:.0f} s; {DESKS} desks, two at a time, know them after "
            f"{median(times):.1f} s (median), {times[-1]:.1f} s at most, from the program's start"
        )
    assert times[-1] < MOST_S
