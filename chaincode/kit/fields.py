"""Reading what clients send: every field by name, type and bound; unknown fields are refused.

A refusal is ChaincodeError `INVALID_FIELD: field: reason`, so that a form can point at the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from typing import Any, NoReturn

from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.plain_text import deceptive

_HEX_64 = re.compile(r"[0-9a-f]{64}\Z")
_CID = re.compile(r"(bafkrei|bafybei)[a-h][a-z2-7]{50}[aeimquy4]\Z")
"""The one way to write each CID: 36 bytes leave two bits of the last letter over, which are zero, and the first letter
after the prefix begins with the last two bits of the digest's length; else one file would have several names."""
_PARTY = re.compile(r"[A-Za-z0-9._-]{1,64}/[^\x00-\x1f/]{1,128}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TERRITORY = re.compile(r"(WORLD|[A-Z]{2}(-[A-Z0-9]{1,3}){0,2})\Z")


LOOKED_AT = 4
"""Letters of a text that is sent, for each that it may have: blanks around it and parts of letters are taken away."""


def is_party(value: str) -> bool:
    """True for `MSP/name` as the ledger writes a party."""
    return _PARTY.match(value) is not None


def folded(text: str) -> str:
    """A text as it is read: one form for all blanks and for full-width and composed letters."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def invalid(field: str, reason: str) -> NoReturn:
    """Refuse one field."""
    raise ChaincodeError("INVALID_FIELD", f"{field}: {reason}", status=400)


class Fields:
    """A JSON object read field by field; `done` refuses what nobody asked for."""

    def __init__(self, value: object, where: str = "") -> None:
        if not isinstance(value, dict):
            invalid(where or "argument", "must be an object")
        self._value: dict[str, Any] = value
        self._where = where
        self._read: set[str] = set()

    def _name(self, field: str) -> str:
        return f"{self._where}.{field}" if self._where else field

    def raw(self, field: str) -> Any:
        self._read.add(field)
        return self._value.get(field)

    def has(self, field: str) -> bool:
        return self._value.get(field) not in (None, "", [], {})

    def text(self, field: str, limit: int, *, required: bool = True) -> str:
        """Text without control characters, trimmed; lines are kept."""
        value = self.raw(field)
        if value is None and not required:
            return ""
        if not isinstance(value, str):
            invalid(self._name(field), "must be text")
        if len(value) > LOOKED_AT * (limit + 100):  # before it is looked at letter by letter
            invalid(self._name(field), f"is longer than {limit} characters")
        value = unicodedata.normalize("NFC", value.strip())
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in value):
            invalid(self._name(field), "contains control characters")
        if why := deceptive(value):
            invalid(self._name(field), why)
        if required and not value:
            invalid(self._name(field), "is missing")
        if len(value) > limit:
            invalid(self._name(field), f"is longer than {limit} characters")
        return value

    def code(self, field: str, allowed: Collection[str], *, default: str | None = None) -> str:
        value = self.raw(field)
        if value in (None, "") and default is not None:
            return default
        if not isinstance(value, str) or value not in allowed:
            invalid(self._name(field), f"must be one of {', '.join(sorted(allowed))}")
        return value

    def codes(self, field: str, allowed: Collection[str]) -> list[str]:
        """A list of distinct codes, sorted; ["all"] stands for every one."""
        value = self.raw(field)
        if value in ("all", ["all"]):
            return ["all"]
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(one, str) and one in allowed for one in value)
        ):
            invalid(self._name(field), f"must be all or a list of {', '.join(sorted(allowed))}")
        return sorted(set(value))

    def integer(self, field: str, low: int, high: int, *, default: int | None = None) -> int:
        value = self.raw(field)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            invalid(self._name(field), f"must be a whole number from {low} to {high}")
        return value

    def boolean(self, field: str, *, default: bool = False) -> bool:
        value = self.raw(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            invalid(self._name(field), "must be true or false")
        return value

    def day(self, field: str, *, required: bool = True, latest: date | None = None) -> str:
        """An ISO date, not after `latest`."""
        value = self.raw(field)
        if value in (None, "") and not required:
            return ""
        try:
            if not isinstance(value, str) or not _DAY.match(value):
                raise ValueError
            found = date.fromisoformat(value)
        except ValueError:
            invalid(self._name(field), "must be a date such as 2026-01-31")
        if found.year < 1000:
            invalid(self._name(field), "is too long ago")
        if latest is not None and found > latest:
            invalid(self._name(field), "lies in the future")
        return found.isoformat()

    def sha256(self, field: str, *, required: bool = True) -> str:
        return self._pattern(field, _HEX_64, "must be 64 lower-case hexadecimal digits", required)

    def cid(self, field: str, *, required: bool = True) -> str:
        return self._pattern(field, _CID, "must be a CIDv1 (SHA-256, base32)", required)

    def party(self, field: str, *, required: bool = True) -> str:
        value = self._pattern(field, _PARTY, "must be MSP/name", required)
        if why := deceptive(value):
            invalid(self._name(field), why)
        name = value.partition("/")[2]
        if name != " ".join(unicodedata.normalize("NFC", name).split()):  # reads as another name
            invalid(self._name(field), "must be MSP/name")
        return value

    def territory(self, field: str) -> str:
        """WORLD, a country (ISO 3166-1) or a part of it (ISO 3166-2)."""
        return self._pattern(field, _TERRITORY, "must be WORLD, a country such as CN or a part such as CN-GD", True)

    def _pattern(self, field: str, pattern: re.Pattern[str], reason: str, required: bool) -> str:
        value = self.raw(field)
        if value in (None, "") and not required:
            return ""
        if not isinstance(value, str) or not pattern.match(value):
            invalid(self._name(field), reason)
        return value

    def objects(self, field: str, limit: int, *, required: bool = False) -> list[Fields]:
        """A list of objects."""
        value = self.raw(field)
        value = [] if value is None else value
        if not isinstance(value, list) or len(value) > limit or (required and not value):
            invalid(self._name(field), f"must be a list of {1 if required else 0} to {limit} objects")
        return [Fields(one, f"{self._name(field)}[{number}]") for number, one in enumerate(value)]

    def object(self, field: str) -> Fields:
        return Fields(self.raw(field), self._name(field))

    def reasons(self, field: str, limit: int) -> list[str]:
        """One or more sentences."""
        value = self.raw(field)
        if not isinstance(value, list) or not 1 <= len(value) <= 20:
            invalid(self._name(field), "must be a list of 1 to 20 sentences")
        return [Fields({"reason": one}, self._name(field)).text("reason", limit) for one in value]

    def done(self) -> None:
        unknown = sorted(set(self._value) - self._read)
        if unknown:
            invalid(self._name(unknown[0][:64]), "is not known")


def reasons(value: list[str], limit: int) -> list[str]:
    """Check reasons given as an argument of their own."""
    return Fields({"reasons": value}).reasons("reasons", limit)
