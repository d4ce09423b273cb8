"""Endorsement policies in sentences, with organisations' names as the topology gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baas.errors import Text


def explain_text(policy: Any, titles: Mapping[str, Text]) -> Text:
    """One sentence that says who must sign."""
    from fabric_sdk.policy import explain

    return _both(explain(policy, "zh", _titles(titles, "zh")), explain(policy, "en", _titles(titles, "en")))


def explain_missing_text(options: Sequence[Any], titles: Mapping[str, Text]) -> Text:
    """One sentence that says who has still to sign."""
    from fabric_sdk.policy import explain_missing

    return _both(
        explain_missing(options, "zh", _titles(titles, "zh")), explain_missing(options, "en", _titles(titles, "en"))
    )


def _titles(titles: Mapping[str, Text], lang: Any) -> dict[str, str]:
    return {msp_id: title.render(lang) for msp_id, title in titles.items()}


def _both(zh: str, en: str) -> Text:
    # As parameters, because the sentences may hold braces.
    return Text("{chinese}", "{english}", chinese=zh, english=en)
