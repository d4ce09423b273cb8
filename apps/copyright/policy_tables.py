"""The policy's tables of codes in words, read when they are first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from baas.errors import Text


@cache
def table(name: str) -> Callable[[], Mapping[str, Text]]:
    """A function that returns the words of a table's codes, such as `dispute_grounds`."""

    @cache
    def read() -> Mapping[str, Text]:
        # Here, because the contract's modules take long to import.
        from chaincode.copyright.policy import load

        rows = load().data[name]
        return {
            code: Text(rows[code]["zh"], rows[code]["en"]) if isinstance(rows, dict) else Text(code, code)
            for code in rows
        }

    return read
