"""One person is one id, however the document is written, and no slip of the pen makes another person."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.health_slots.model import Identity
from apps.health_slots.services.tickets import recognised
from baas.errors import UserError
from chaincode.health_slots.documents import KINDS, is_card, kind_of, number_of
from chaincode.health_slots.tickets import person_of
from tests.chaincode.health_slots.conftest import refused
from tests.people import card

GIVEN = "11010519491231002X"
"""The example that GB 11643 itself gives."""


def test_the_standards_own_example_holds():
    assert (
        number_of("01", GIVEN) == number_of("01", GIVEN.lower()) == number_of("01", " 110105-19491231 002x ") == GIVEN
    )
    assert number_of("01", "１１０１０５１９４９１２３１００２Ｘ") == GIVEN


@given(st.integers(0, 999_999), st.integers(0, 16), st.integers(1, 9))
def test_no_wrong_digit_is_another_person(number, place, by):
    right = card(number)
    assert number_of("01", right) == right
    wrong = f"{right[:place]}{(int(right[place]) + by) % 10}{right[place + 1 :]}"
    assert number_of("01", wrong) == ""


@given(st.integers(0, 999_999), st.integers(0, 15))
def test_no_swapped_neighbours_are_another_person(number, place):
    right = card(number)
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert swapped == right or number_of("01", swapped) == ""


@pytest.mark.parametrize(
    "number",
    [
        *("", "110105491231002", "11010519491231002", f"{GIVEN}0", "11010519490231002X", "X1010519491231002X"),
        *("110105194912310021", "01010519491231002X", "1101051949123100二X", "9" * 18, "9" * 1000, f"{GIVEN}\n"),
    ],
)
def test_what_is_no_residents_card(number):
    assert number_of("01", number) == ""


def test_travel_permits_are_their_holders_for_life():
    """A renewed card of before made another person, with limits and a clean record of its own."""
    assert number_of("06", "H12345678") == number_of("06", "h1234567802") == number_of("06", "H 1234 5678 01")
    assert number_of("07", "12345678") == number_of("07", "12345678(B)") == number_of("07", "1234567801B") == "12345678"
    for kind, wrong in (
        ("06", "A12345678"),
        ("06", "H1234567"),
        ("06", "H123456789"),
        ("07", "1234567"),
        ("07", "H12345678"),
    ):
        assert number_of(kind, wrong) == ""


def test_passports_and_others():
    assert number_of("03", "e-12345678") == "E12345678"
    for wrong in ("1234", "ABCDE", "E" * 21, "Е12345678"):  # the last begins with a Cyrillic letter
        assert number_of("03", wrong) == ""
    assert number_of("99", "DEMO00000001") == "DEMO00000001"


@pytest.mark.parametrize("code", sorted(set(KINDS) - {"01"}))
def test_a_residents_card_is_of_no_other_kind(code):
    """Before, one card was five accounts, each with limits and a clean record of its own."""
    for written in (GIVEN, " 110105-19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"):
        assert number_of(code, written) == ""
        with refused("BAD_DOCUMENT") as refusal:
            person_of(json.dumps({"document_type": code, "document": written}).encode())
        assert "01" in str(refusal.value) and GIVEN not in str(refusal.value)
        with pytest.raises(UserError) as told:
            recognised(Identity("张三", code, written, "138"))
        assert "居民身份证（01）" in told.value.hint.zh
    assert is_card(GIVEN) and not is_card("110105194912310021")


@pytest.mark.parametrize("code", sorted(KINDS))
def test_kinds_by_code_and_by_word(code):
    """Before, portals that wrote "01" and 居民身份证 made two persons of one."""
    assert {kind_of(word) for word in (code, *KINDS[code], f" {code} ")} == {code}


def test_other_kinds_are_none():
    assert {kind_of(word) for word in ("", "1", "借书证", "01 ", "x" * 1000)} == {"", "01"}
