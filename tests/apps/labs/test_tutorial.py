"""What is written of the labs is what they are: the tutorial, both languages, and every check that a lab names."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.labs.lab import TOPOLOGIES, course, paths
from apps.labs.service import declared
from apps.labs.stories import STORIES
from apps.labs.tutorial import tutorial
from baas.applications import Applications
from baas.errors import Lang

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("lang", "name"), [("en", "tutorial.md"), ("zh", "tutorial.zh-CN.md")])
def test_the_tutorial_is_made_from_the_labs(lang: Lang, name: str) -> None:
    """Mend with `python -m apps.labs.tutorial en > docs/tutorial.md` (and zh > docs/tutorial.zh-CN.md)."""
    assert (DOCS / name).read_text(encoding="utf-8") == tutorial(lang)


def test_what_labs_name_is_there() -> None:
    assert len(course()) >= 12
    known = declared()
    assert {one.id for lab in course().values() for one in lab.checks} == set(known), "no check without a lab"
    contracts = {one.contract.name for one in Applications().all()}
    for lab in course().values():
        assert lab.topology in TOPOLOGIES and set(lab.contracts) <= contracts
        assert not lab.story or lab.story in STORIES
    assert {lab.story for lab in course().values()} - {""} == set(STORIES)


def test_labs_come_after_what_they_build_on() -> None:
    for path in paths():
        seen: set[str] = set()
        for one in path.labs:
            before = set(course()[one].after) & set(path.labs)
            assert before <= seen, f"{one} of {path.id} comes before {before - seen}"
            seen.add(one)


def test_no_sentence_mixes_languages() -> None:
    for lab in course().values():
        for words in (lab.title, lab.goal, *(one.words for one in (*lab.steps, *lab.questions, *lab.checks))):
            assert not any("一" <= letter <= "鿿" for letter in words.en), words.en
            assert any("一" <= letter <= "鿿" for letter in words.zh), words.zh
