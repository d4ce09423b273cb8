"""Copies are found at every desk: what one workspace deposited, another that is attached to the same network finds."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.desks.conftest import Person

Seat = Callable[..., Person]


def photograph(seed: int, *, change: bool) -> bytes:
    """A picture of nobody else's: the city of these tests is many tests'."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((960, 720), Image.Resampling.BICUBIC)
    if change:
        image = image.crop((20, 15, 940, 705)).resize((480, 360))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70 if change else 92)
    return buffer.getvalue()


def test_a_second_workspace_finds_the_first_ones_works(seat: Seat) -> None:
    wang, li = (seat(f"{name}-{uuid.uuid4().hex[:8]}", "PublicMSP", "creator") for name in ("wang", "li"))
    seed = uuid.uuid4().int
    body = photograph(seed, change=False)
    mine = wang.run("copyright", "deposit", wang.write("photo.jpg", body), "--title", "太空")["id"]
    same, like = li.write("same.jpg", body), li.write("like.jpg", photograph(seed, change=True))
    assert mine in {one["id"] for one in li.run("copyright", "search", same)["exact"]}
    assert mine in {one["work_id"] for one in li.run("copyright", "search", like)["similar"]}
    for file in (same, like):
        error = li.fails("copyright", "deposit", file)
        assert error["code"] == "collision" and mine in str(error["details"])
    # What this desk knows is what the blocks say: thrown away and read again it answers the same.
    before = li.run("copyright", "search", like)
    li.run("copyright", "reindex")
    assert li.run("copyright", "search", like) == before
    # The first person's own second desk is not a stranger's: the same file is answered from the first time.
    again = wang.run("copyright", "deposit", wang.folder / "photo.jpg")
    assert (again["id"], again["duplicate"]) == (mine, True)


def test_what_a_desk_sealed_is_found_there_alone(seat: Seat) -> None:
    wang, li = (seat(f"{name}-{uuid.uuid4().hex[:8]}", "PublicMSP", "creator") for name in ("wang", "li"))
    words = f"{uuid.uuid4().hex} 只给看过的人看的一段文字\n" * 30
    file = wang.write("secret.txt", words)
    sealed = wang.run("copyright", "deposit", file, "--encrypt")
    assert wang.run("copyright", "show", sealed["id"])["record"]["prints"] == []
    found = {one["work_id"] for one in wang.run("copyright", "search", file)["similar"]}
    assert sealed["id"] in found
    assert wang.run("copyright", "deposit", file, "--encrypt")["id"] == sealed["id"]
    wang.run("copyright", "reindex")
    assert {one["work_id"] for one in wang.run("copyright", "search", file)["similar"]} == found
    other = li.run("copyright", "search", li.write("same.txt", words))
    assert sealed["id"] not in str(other), "nobody else learns that it is there"
