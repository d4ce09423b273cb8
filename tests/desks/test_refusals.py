"""Somebody at another desk says no, and why: whoever asked is told, at their own desk, and may still be let in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest

from baas.errors import CityChainError
from tests.desks.conftest import Office, Person


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(CityChainError) as error:
        act()
    assert error.value.code == code


def test_a_refused_request_is_told_where_it_was_made_and_may_still_be_answered(
    hire: Callable[[str], Person], office: Office
) -> None:
    """Before, who was not let in heard nothing: a request had an entry for its answer, or none at all."""
    name, no = unique("wang"), office.platform.identity_refusals
    wang, other = hire(name), hire(unique("other"))
    assert wang.run("identity", "request", "ask.citychain", "--name", name, "--organization", "PublicMSP")
    assert [(one["name"], one["state"]) for one in wang.run("identity", "status")] == [(name, "waiting")]
    ask, answer = wang.folder / "ask.citychain", office.post / f"{name}-refusal.citychain"
    for reason in ("", "x" * 301, "a\u202e"):
        refused("bad_reason", lambda reason=reason: no.refuse(ask, answer, reason))  # type: ignore[misc]
    clerk = office.platform.identities.issue("PublicMSP", unique("clerk"), "creator")
    refused("not_administrator", lambda: no.refuse(ask, answer, "不认识", clerk))
    assert not answer.exists()
    no.refuse(ask, answer, "请带身份证到窗口", "")
    # Another's words, an own signature under another authority, a refusal of another key: none is believed.
    said = json.loads(answer.read_text("utf-8"))
    health = office.platform.networks.handle(office.city.network).authority("HealthMSP").ca_certificate_pem.decode()
    by_clerk = office.platform.identities.certificate(clerk).decode()
    for change in ({"reason": "您被解雇了"}, {"msp_id": "HealthMSP"}, {"authority": health}, {"certificate": by_clerk}):
        forged = wang.write("forged.citychain", json.dumps(said | change))
        assert wang.fails("enter", forged)["code"] == "refusal_forged"
    for change in ({"at": "1"}, {"signature": 5}, {"reason": "x" * 400}, {"digest": None}):
        assert wang.fails("enter", wang.write("bad.citychain", json.dumps(said | change)))["code"] == "letter_damaged"
    cut = wang.write("bad.citychain", json.dumps(said | {"certificate": "x"}))
    assert wang.fails("enter", cut)["code"] == "certificate_damaged"
    assert other.fails("enter", other.receive(answer))["code"] == "no_request_here"
    assert wang.run("identity", "status")[0]["state"] == "waiting"
    # The true one is told at once, in the list of requests and in the inbox, after a restart too.
    told = wang.fails("enter", wang.receive(answer))
    assert told["code"] == "identity_refused" and "请带身份证到窗口" in told["message"]
    wang.restart()
    (kept,) = wang.run("identity", "status")
    assert "请带身份证到窗口" in wang.plain("identity", "status")
    assert (kept["state"], kept["refused"]) == ("refused", "PublicMSP/admin: 请带身份证到窗口")
    handle = office.platform.networks.handle(office.city.network)
    from baas.services.identity_records import shown_fingerprint

    assert kept["authority"] == shown_fingerprint(handle.authority("PublicMSP").ca_certificate_pem)
    (waits,) = wang.run("inbox")
    assert (waits["kind"], waits["title"]) == ("identity_refused", name)
    # It ends nothing: the office thinks better of it, and the same request leads in.
    entry = office.answer(ask, f"PublicMSP/{name}", "creator")
    refused("answered_already", lambda: no.refuse(ask, answer, "太迟了"))
    assert wang.run("enter", wang.receive(entry))["party"] == f"PublicMSP/{name}"
    assert wang.run("identity", "status") == []
    assert "identity_refused" not in [one["kind"] for one in wang.run("inbox")]


def test_a_renewal_is_refused_by_the_own_organisation_alone(seat: Callable[..., Person], office: Office) -> None:
    """Whoever asked by a certificate knows the authority: a made-up office cannot say no to them."""
    name, no = unique("li"), office.platform.identity_refusals
    li = seat(name, "PublicMSP", "creator")
    li.run("identity", "renew", "--request", "renew.citychain")
    ask = li.folder / "renew.citychain"
    foreign, own = (office.post / f"{unique('no')}.citychain" for _ in range(2))
    no.refuse(ask, foreign, "不给", "HealthMSP/admin")
    assert li.fails("enter", li.receive(foreign))["code"] == "refusal_forged"
    assert [one["state"] for one in li.run("identity", "status")] == ["waiting"]
    no.refuse(ask, own, "还早", "PublicMSP/admin")
    assert li.fails("enter", li.receive(own))["code"] == "identity_refused"
    assert "identity_refused" in [one["kind"] for one in li.run("inbox")]
    assert li.run("copyright", "list", "--mine") == []  # and is who they were


def test_a_refused_seal_is_told_at_the_registrars_desk_and_asked_for_again(
    seat: Callable[..., Person], office: Office
) -> None:
    zhao = seat(unique("zhao"), "CopyrightMSP", "registrar")
    chief = seat(unique("chief"), "CopyrightMSP", "organization_admin")
    party = f"CopyrightMSP/{zhao.name}"
    assert zhao.fails("copyright", "seal")["code"] == "seal_waiting"
    no = ("copyright", "seal", "--refuse", party)
    assert zhao.fails(*no, "--reason", "自己")["code"] == "permission_denied"
    assert chief.fails(*no)["code"] == "bad_reason"
    chief.run(*no, "--reason", "请先完成培训")
    told = zhao.fails("copyright", "seal")
    assert told["code"] == "seal_refused" and "请先完成培训" in told["message"]
    (waits,) = [one for one in zhao.run("inbox") if one["kind"] == "seal_refused"]
    assert "请先完成培训" in waits["asks"]
    assert party not in [one["id"] for one in chief.run("inbox")]
    # Nothing is asked again by itself: only when the registrar says so.
    assert zhao.fails("copyright", "seal")["code"] == "seal_refused"
    assert zhao.fails("copyright", "seal", "--ask")["code"] == "seal_waiting"
    assert [one for one in zhao.run("inbox") if one["kind"] == "seal_refused"] == []
    assert party in [one["id"] for one in chief.run("inbox")]
