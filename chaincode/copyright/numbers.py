"""Numbers and digests that the registration office checks."""

from __future__ import annotations

import base64
import re
from datetime import date


def raw_digest(cid: str) -> str:
    """The SHA-256 (hexadecimal) that a CID of raw bytes carries, "" for other CIDs (multiformats: CIDv1, base32)."""
    if not cid.startswith("bafkrei"):
        return ""
    return base64.b32decode(cid[1:].upper() + "=" * (-(len(cid) - 1) % 8))[4:].hex()


def resident_id(number: str) -> bool:
    """Check a resident identity number (GB 11643-1999: 18 digits, birth date, MOD 11-2)."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], weights, strict=True)) % 11] == number[17]


def social_credit_code(code: str) -> bool:
    """Check a unified social credit code (GB 32100-2015, MOD 31-3)."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if len(code) != 18 or any(letter not in letters for letter in code):
        return False
    total = sum(letters.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return letters[(31 - total % 31) % 31] == code[17]
