"""The guide's part on coming in: every line is run, at a desk, as it stands there."""

from __future__ import annotations

import re
import shlex
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desks.conftest import Office, Person

DOCS = Path(__file__).parents[3] / "docs"


def lines(page: str, title: str) -> list[str]:
    """The `citychain …` lines in the blocks below a heading."""
    part = re.search(rf"^## {title}\n(.*?)(?=^## )", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert part is not None
    blocks = re.findall(r"```\n(.*?)```", part[1], re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("citychain ")]


@pytest.mark.parametrize(("page", "title"), [("applications.md", "Coming in"), ("applications.zh-CN.md", "加入")])
def test_coming_in_as_the_guide_says(page: str, title: str, hire: Callable[[str], Person], office: Office) -> None:
    name = f"li-{uuid.uuid4().hex[:8]}"
    li = hire(name)
    label = f"PublicMSP/{name}"
    wanted = lines(page, title)
    assert len(wanted) == 5
    for line in wanted:
        words = [name if word == "li" else word for word in shlex.split(line)[1:]]
        said = li.run(*words)
        if words[:2] == ["identity", "request"]:
            entry = office.answer(li.folder / "li.citychain", label, "creator", days=30)
            entry.rename(li.folder / "li-entry.citychain")
        elif words[:2] == ["identity", "renew"]:
            office.answer(li.folder / "renewal.citychain").rename(li.folder / "renewal-entry.citychain")
            # What only this desk has begins with the first sealed work.
            li.run("copyright", "deposit", li.write("w.txt", uuid.uuid4().hex * 9), "--encrypt")
        elif words[0] == "enter":
            assert said["party"] == label
        else:
            assert said["secrets"] == 2
