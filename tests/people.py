"""Documents of people who do not exist, of the right form; and of the wrong one."""

from __future__ import annotations

import json
from typing import Any

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def card(number: int, born: str = "19800101", area: str = "440301") -> str:
    """The number of a resident's card, its check digit right (GB 11643); another for each `number` below a million.

    From a thousand on the day of birth moves, since a card counts but 999 people of a district and day.
    """
    if number >= 1000:
        born = f"{int(born[:4]) - number // 1000 % 100:04d}{1 + number // 100_000 % 9:02d}{born[6:]}"
    body = f"{area}{born}{number % 1000:03d}"
    return body + _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def paper(number: int, **changes: Any) -> str:
    """An identity file as commands read it."""
    who = {
        "name": f"样例居民{number}",
        "document_type": "01",
        "document": card(number),
        "phone": f"1390000{number:04d}",
    }
    return json.dumps(who | changes, ensure_ascii=False)


def altered(text: str) -> str:
    """The same with another letter in the middle, where every bit counts and chance cannot make it the same."""
    at = len(text) // 2
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
