"""Documents by which people are known: coded kinds, numbers in one form, so that one person is one id.

Kinds are those of WS 364.3 (CV02.01.101). A number is its letters and digits alone, in capitals and half width; then
each kind says what it must look like:

- 01, resident's card: GB 11643, eighteen characters with the day of birth and a check digit (ISO 7064 MOD 11-2); the
  residence permits of Hong Kong, Macao and Taiwan have the same form (areas 81 to 83).
- 03, passport: five to twenty letters and digits, at least one digit among them.
- 06, travel permit of Hong Kong and Macao: H or M and eight digits, its holder's for life; cards of before 2013 add two
  digits that count renewals, which do not make another person.
- 07, travel permit of Taiwan: eight digits, for life; booklets of before 2015 add the count of renewals.

A number that passes for a resident's card is of no other kind (`is_card`): registers of households and officers' papers
print it too, and one card would be an account under each of them.

Whoever has two documents stays two persons until the authority joins them.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping

CARD, REGISTER, PASSPORT, OFFICER, HONG_KONG, TAIWAN, OTHER = "01", "02", "03", "04", "06", "07", "99"
KINDS: Mapping[str, tuple[str, ...]] = {
    CARD: ("居民身份证", "身份证", "中华人民共和国居民身份证", "港澳台居民居住证"),
    REGISTER: ("居民户口簿", "户口簿"),
    PASSPORT: ("护照", "中国护照", "外国护照"),
    OFFICER: ("军官证",),
    HONG_KONG: ("港澳居民来往内地通行证", "港澳通行证", "回乡证"),
    TAIWAN: ("台湾居民来往内地通行证", "台湾居民来往大陆通行证", "台胞证"),
    OTHER: ("其他法定有效证件", "其他"),
}
"""Codes, and the words by which programs and people name them."""
_CODES = {word: code for code, words in KINDS.items() for word in (code, *words)}
_CARD = re.compile(r"[1-9][0-9]{5}(1[89]|20)[0-9]{9}[0-9X]")
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}")
_HONG_KONG = re.compile(r"([HM][0-9]{8})([0-9]{2})?")
_TAIWAN = re.compile(r"([0-9]{8})([0-9]{2})?[A-Z]?")
_OTHER = re.compile(r"[A-Z0-9]{4,40}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
MAX_LENGTH = 40


def kind_of(word: str) -> str:
    """The code of a kind of documents, by its code or a word for it; "" for one that is not known."""
    text = unicodedata.normalize("NFKC", word[:MAX_LENGTH]).strip()
    return _CODES.get(text, "")


def normal_form(document: str) -> str:
    """A document's letters and digits alone, in capitals and half width.

    Hyphens, dots and invisible characters would make one person several, each with a day's limits of its own.
    """
    return "".join(c for c in unicodedata.normalize("NFKC", document) if c.isalnum()).upper()


def number_of(kind: str, document: str) -> str:
    """The number of a document of a kind (by code) in its one form; "" if it cannot be one."""
    if len(document) > 2 * MAX_LENGTH or any(ord(letter) < 32 for letter in document):
        return ""
    number = normal_form(document)
    if is_card(number):
        return number if kind == CARD else ""
    if kind == CARD:
        return ""
    if kind == HONG_KONG:
        permit = _HONG_KONG.fullmatch(number)
        return permit[1] if permit else ""
    if kind == TAIWAN:
        permit = _TAIWAN.fullmatch(number)
        return permit[1] if permit else ""
    return number if (_PASSPORT if kind == PASSPORT else _OTHER).fullmatch(number) else ""


def is_card(document: str) -> bool:
    """Say whether these letters and digits are the number of a resident's card, whichever kind it was said to be."""
    number = normal_form(document[: 2 * MAX_LENGTH])
    return bool(_CARD.fullmatch(number)) and _is_day(number[6:14]) and check_digit(number)


def check_digit(number: str) -> bool:
    """Say whether the last character of a card's eighteen fits the seventeen before (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return number[17] == _CHECK[total % 11]


def _is_day(text: str) -> bool:
    try:
        dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True
