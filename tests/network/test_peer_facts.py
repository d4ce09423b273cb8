from __future__ import annotations

from dataclasses import replace

from network.native.peer_facts import PeerFacts

WHOLE = PeerFacts("peer0", 31, "b", "c", "p", 2, 30, 0, frozenset({b"1", b"2"}))


def test_a_copy_covers_another_that_lacks_private_data() -> None:
    """A peer that was lost before it had fetched all of them comes back with more than it had."""
    less = replace(WHOLE, private="q", held=1, values=frozenset({b"1"}))
    assert WHOLE.covers(less) and WHOLE.lacking(less) == 0
    assert not less.covers(WHOLE) and less.lacking(WHOLE) == 1


def test_a_copy_of_other_blocks_covers_none() -> None:
    for other in (replace(WHOLE, commit_hash="d"), replace(WHOLE, block_hash="d"), replace(WHOLE, valid=29)):
        assert not WHOLE.covers(other)
