"""One name for a thing: EPC URIs, class and pattern URIs and GS1 Digital Links as the canonical GS1 Digital Link.

Sources: GS1 EPC Tag Data Standard 2.0 (URIs and the check digit), GS1 Digital Link URI Syntax 1.2 section 4.11
(canonical form), CBV 2.0 section 8.9 rules 17 and 18 (the finest level alone, no query, GS1's own domain).
"""

from __future__ import annotations

import re
from functools import lru_cache

DOMAIN = "https://id.gs1.org/"
MOST = 300
"""Characters of an identifier."""

# scheme: digits of company prefix and reference, whether the reference's first digit comes first, the canonical path.
_SCHEMES: dict[str, tuple[int, bool, str]] = {
    "id:sgtin": (13, True, "01/{key}/21/{serial}"),
    "id:sscc": (17, True, "00/{key}"),
    "id:sgln": (12, False, "414/{key}/254/{serial}"),
    "id:pgln": (12, False, "417/{key}"),
    "id:grai": (12, False, "8003/0{key}{serial}"),
    "id:gsrn": (17, False, "8018/{key}"),
    "id:gsrnp": (17, False, "8017/{key}"),
    "id:gdti": (12, False, "253/{key}{serial}"),
    "id:sgcn": (12, False, "255/{key}{serial}"),
    "id:gsin": (16, False, "402/{key}"),
    "id:upui": (13, True, "01/{key}/235/{serial}"),
    "class:lgtin": (13, True, "01/{key}/10/{serial}"),
    "idpat:sgtin": (13, True, "01/{key}"),
    "idpat:upui": (13, True, "01/{key}"),
    "idpat:grai": (12, False, "8003/0{key}"),
    "idpat:gdti": (12, False, "253/{key}"),
    "idpat:sgcn": (12, False, "255/{key}"),
}
_EPC = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.(.*)\Z", re.ASCII)
_SERIAL = re.compile(
    r"(?:%2[125-9A-Fa-f]|%3[0-9A-Fa-f]|%4[1-9A-Fa-f]|%5[0-9AaFf]|%6[1-9A-Fa-f]|%7[0-9Aa]"
    r"|[!')(*+,.0-9:;=A-Za-z_-]){1,30}\Z",
    re.ASCII,
)
_ENCODED = {letter: f"%{ord(letter):02X}" for letter in "!()*+,:"}
_LINK = re.compile(r"https?://[^/?#]*\.[^/?#]*(/[^?#]*)(?:\?.*)?\Z")
_NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
_TEXT = r"[\"'\-.0-9;-?A-Z_a-z]"
_KEYS = {
    "00": r"\d{18}",
    "01": r"\d{14}",
    "253": rf"\d{{13}}{_TEXT}{{0,17}}",
    "255": r"\d{13}\d{0,12}",
    "401": rf"{_TEXT}{{0,30}}",
    "402": r"\d{17}",
    "414": r"\d{13}",
    "417": r"\d{13}",
    "8003": rf"\d{{14}}{_TEXT}{{0,16}}",
    "8004": rf"{_TEXT}{{0,30}}",
    "8006": r"\d{18}",
    "8010": r"[#\-/0-9A-Z]{0,30}",
    "8017": r"\d{18}",
    "8018": r"\d{18}",
}
_FINER = {"01": ("21", "10", "235"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
_FINER_TEXT = re.compile(rf"{_TEXT}{{0,28}}\Z", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f<>\"\\^`{|}]+\Z")


def is_uri(value: object) -> bool:
    """True for an absolute URI that is not too long."""
    return isinstance(value, str) and len(value) <= MOST and _URI.match(value) is not None


@lru_cache(maxsize=65_536)
def canonical(uri: str) -> str:
    """The one name of what a URI names; a URI that is no GS1 key stays as it is."""
    found = _of_epc(uri) if uri.startswith("urn:epc:") else _of_link(uri)
    return DOMAIN + found if found else uri


def check_digit(digits: str) -> str:
    """GS1's check digit (General Specifications 7.9.1)."""
    total = sum(int(digit) * (3 if number % 2 == 0 else 1) for number, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def company_digits(name: str) -> str:
    """The digits of a canonical name that begin with the GS1 company prefix, "" for names without one."""
    key, _, value = name.removeprefix(DOMAIN).partition("/")
    if not name.startswith(DOMAIN) or key not in _KEYS:
        return ""
    found = re.match(r"\d*", value[1:] if key in ("00", "01", "8003", "8006") else value)
    return found.group() if found else ""


def is_class(name: str) -> bool:
    """True for goods that are counted, not told apart: lots, products without a serial number."""
    return name.startswith(f"{DOMAIN}01/") and "/21/" not in name and "/235/" not in name


def _encode(text: str) -> str:
    return "".join(_ENCODED.get(letter, letter) for letter in text)


def _of_epc(uri: str) -> str:  # noqa: PLR0911 - one a scheme
    found = _EPC.match(uri)
    if found is None:
        return ""
    kind, scheme, prefix, rest = found.groups()
    name = f"{kind}:{scheme}"
    if name in ("id:giai", "id:ginc"):
        return f"{'8004' if scheme == 'giai' else '401'}/{prefix}{_encode(rest)}" if _SERIAL.match(rest) else ""
    if name in ("id:cpi", "idpat:cpi"):
        part, _, serial = rest.rpartition(".")
        tail = f"/8011/{serial}" if kind == "id" else ""
        return f"8010/{prefix}{part}{tail}" if re.fullmatch(r"[0-9A-Z-]{1,24}", part) else ""
    if name in ("id:itip", "idpat:itip"):
        return _of_pieces(prefix, rest, serial=kind == "id")
    if name not in _SCHEMES:
        return ""
    total, first, path = _SCHEMES[name]
    reference, _, serial = rest.partition(".")
    if len(prefix) + len(reference) != total or not (reference + "0").isdecimal() or not reference.isascii():
        return ""
    if (("{serial}" in path) != bool(serial) and kind != "idpat") or (serial and not _SERIAL.match(serial)):
        return ""
    if name == "id:sgln" and serial == "0":
        path = "414/{key}"
    digits = reference[:1] + prefix + reference[1:] if first else prefix + reference
    return path.format(key=digits + check_digit(digits), serial=_encode(serial))


def _of_pieces(prefix: str, rest: str, *, serial: bool) -> str:
    parts = rest.split(".", 3)
    if len(parts) != 4 or len(prefix) + len(parts[0]) != 13 or not all(one.isdecimal() for one in parts[:3]):
        return ""
    digits = parts[0][:1] + prefix + parts[0][1:]
    return f"8006/{digits}{check_digit(digits)}{parts[1]}{parts[2]}" + (f"/21/{_encode(parts[3])}" if serial else "")


def _of_link(uri: str) -> str:
    found = _LINK.match(uri)
    if found is None:
        return ""
    parts = [_NAMES.get(one, one) for one in found.group(1).split("/")[1:]]
    at = next((number for number, one in enumerate(parts) if one in _KEYS), -1)
    pairs = parts[at:]
    if at < 0 or len(pairs) % 2 or len(pairs) < 2:
        return ""
    key, value = pairs[:2]
    if key == "01" and value.isdecimal() and len(value) in (8, 12, 13):
        value = value.zfill(14)
    if not re.fullmatch(_KEYS[key], value, re.ASCII) or not re.match(r"\d{4}", value):
        return ""
    finer = dict(zip(pairs[2::2], pairs[3::2], strict=True))
    finer.pop("22", None)
    level = next((one for one in _FINER.get(key, ()) if one in finer), "")
    if set(finer) - {level, "10"} or (level and not _FINER_TEXT.match(finer[level])):
        return ""
    return f"{key}/{value}" + (f"/{level}/{finer[level]}" if level else "")
