"""Records of works in words, where a view of its own shows them: their states, outcomes, shares, parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.copyright.case_words import CASE_OUTCOMES, DISPUTE_OUTCOMES
from apps.copyright.manifest import MANIFEST
from apps.kit.formats import percent
from console.appkit.panel import day_words
from console.i18n import say

__all__ = ["day_words", "matter_state", "outcome_words", "party_name", "share_words"]


def matter_state(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return a record's state in words with its sign."""
    said, sign = MANIFEST.catalogue.of(record).state(record)
    return say(said), sign


def outcome_words(code: str) -> str:
    """How a dispute or a case ended."""
    return say({**DISPUTE_OUTCOMES, **CASE_OUTCOMES}.get(code, code))


def share_words(basis_points: int) -> str:
    """A share of a work: 2500 basis points are 25%."""
    return percent(basis_points)


def party_name(party: str) -> str:
    """A party without its organisation, where room is short; the whole stands beside or in the tooltip."""
    return party.partition("/")[2] or party
