"""The order in which files of tests begin names files that there are."""

from __future__ import annotations

from tests.order import LONGEST, ROOT


def test_the_longest_files_are_there_once() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)
