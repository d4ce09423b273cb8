"""The page where a portal's developers try their token."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from apps.health_slots.serving import fhir


@pytest.fixture
def form(http):
    def send(token: str, lang: str = "en", more: str = ""):
        return http.post(
            f"/fhir/selftest?lang={lang}{more}", data={"token": token} if token else {}, headers={"Authorization": ""}
        )

    return send


def test_a_good_token_passes_and_nothing_is_written(town, http, portals, form):
    town.publish()
    height, token = town.ledger.height(), portals.tokens["alpha"]
    portals.hooks.allow("alpha", "https://portal.example")
    for lang, verdict, other in (("en", "Everything passed.", "通过"), ("zh", "全部通过。", "passed")):
        answer = form(token, lang)
        assert answer.status_code == 200 and verdict in answer.text
        assert other not in answer.text.partition("<main")[2], "one language at a time"
        assert answer.text.count("<tr") == 9 and "https://portal.example" in answer.text
        assert token not in answer.text and answer.headers["cache-control"] == "no-store"
    assert town.ledger.height() == height
    assert "form-action 'self'" in answer.headers["content-security-policy"]


def test_a_wrong_token_learns_nothing(town, http, portals, form):
    town.publish()
    answer = form("ccp_wrong")
    assert answer.status_code == 200 and "failed" in answer.text and answer.text.count("<tr") == 2
    assert "alpha" not in answer.text and "20000" not in answer.text
    portals.registry.revoke("alpha")
    assert "Everything passed." not in form(portals.tokens["alpha"]).text
    for token in ("", "x" * 300, "a\r\nb", "令牌"):
        assert form(token).status_code == 400
    # A token in the address would be written into logs.
    for token in ("", portals.tokens["beta"]):
        assert form(token, more=f"&token={portals.tokens['beta']}").status_code == 400


def test_the_page_itself_is_there_for_everybody_and_says_nothing(http):
    answer = http.get("/fhir/selftest", headers={"Authorization": "", "accept-language": "en-GB"})
    assert answer.status_code == 200 and '<html lang="en">' in answer.text and "<script" not in answer.text
    assert "<table" not in answer.text and 'type="password"' in answer.text


def test_strangers_cannot_use_it_to_guess(http, portals, form):
    """Each guess counts against the caller's address, as at every other door."""
    assert 429 in {form(f"ccp_{number}").status_code for number in range(40)}


def test_what_strangers_guess_is_not_counted_against_a_portal(town, http, portals, form, monkeypatch):
    """The page asks from the address of whoever uses it, not from one that is everybody's."""
    town.publish()
    monkeypatch.setattr(fhir, "ANONYMOUS_RATE", 0.001)
    for number in range(4):
        stranger = TestClient(http.app, client=(f"192.0.2.{number}", 1))
        while stranger.post("/fhir/selftest", data={"token": "x"}).status_code == 200:
            pass
    assert "Everything passed." in form(portals.tokens["alpha"]).text
