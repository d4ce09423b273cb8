"""Text as the full-text index sees it.

SQLite's `unicode61` tokeniser takes a run of Chinese characters as one word, so that 书法 would not be found inside
书法作品集. Every CJK character is therefore set apart before indexing, and a query for several becomes a phrase.
"""

from __future__ import annotations

import re

MAX_ARGUMENT_CHARACTERS = 2_000
MAX_VALUE_CHARACTERS = 1_000
_CJK = re.compile(r"([\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003134f])")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def spaced(text: str) -> str:
    """`text` with every CJK character as a word of its own."""
    return text if text.isascii() else _CJK.sub(r" \1 ", text)


def readable(data: bytes, limit: int) -> str:
    """The text in `data`, at most `limit` characters; empty when it is not text."""
    try:
        text = data[: limit * 4].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(data[: limit * 4]) - 4:
            return ""
        text = data[: error.start].decode("utf-8")
    return text[:limit]


def match_expression(query: str) -> str:
    """An FTS5 expression that finds all words of `query`, Chinese ones as phrases, the last Latin one as a beginning.

    Empty when the query has no word. Nothing of the query is taken as FTS5 syntax.
    """
    phrases: list[str] = []
    for part in query.split():
        tokens = _WORD.findall(spaced(part))
        if not tokens:
            continue
        phrase = '"' + " ".join(tokens) + '"'
        if len(tokens[-1]) >= 3:
            phrase += " *"
        phrases.append(phrase)
    return " AND ".join(phrases[:16])
