"""`citychain slots …` as a person at a terminal runs it: JSON, exit codes, refusals, on a running network."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from baas.cli.root import run
from baas.platform import Platform
from fabric_sdk import clock
from tests.conftest import City, close_city, make_city
from tests.people import card

WRONG_USE = 2
ANY_HOUR = ("per_department_day=9", "per_day=9", "cancel_working_days=0", "cancel_minute=420")
PERSON = {"name": "司马终端", "document_type": "01", "document": card(17, "19991231"), "phone": "13812340017"}


class Terminal:
    """Commands in one workspace; each opens and locks it anew, while the network keeps running."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.written = ""

    def ask(self, *arguments: str) -> tuple[int, str, str]:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["--workspace", str(self.workspace), "--lang", "en", "slots", *arguments, "--json"])
            out.flush()
            err.flush()
        texts = [s.buffer.getvalue().decode() for s in (out, err)]  # type: ignore[attr-defined]
        if arguments[0] != "identity":
            self.written += "".join(texts)
        return code, *texts

    def do(self, *arguments: str) -> Any:
        code, out, err = self.ask(*arguments)
        assert code == 0, err
        return json.loads(out)

    def refused(self, *arguments: str) -> tuple[int, str]:
        code, out, err = self.ask(*arguments)
        assert code and not out, out
        return code, json.loads(err)["error"]["code"]


@pytest.fixture(scope="module")
def slots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("slots-commands")
    city = make_city(folder / "workspace")
    city.platform.close()
    made = Terminal(folder / "workspace")
    try:
        made.do("init", "--hospital", "H1=市第一人民医院", "--hospital", "H2=市中医院")
        made.do("policy", "--hospital", "H1", "release_mode=after-commit", *ANY_HOUR)
        made.do("sample", str(folder / "schedule.csv"))
        made.do("import", str(folder / "schedule.csv"), "--hospital", "H1")
        made.do("release", "--hospital", "H1")
        yield made
    finally:
        close_city(City(Platform.open(folder / "workspace"), city.network))


@pytest.fixture(scope="module")
def identity(slots: Terminal) -> Callable[..., str]:
    """Writes somebody's identity file: the person's of these tests, or another document's."""

    def write(document: str = PERSON["document"]) -> str:
        file = slots.workspace.parent / f"{document}.json"
        file.write_text(json.dumps(PERSON | {"document": document}, ensure_ascii=False), encoding="utf-8")
        return str(file)

    return write


@pytest.fixture(scope="module")
def resident(slots: Terminal, identity: Callable[..., str]) -> str:
    found: str = slots.do("deposit", identity(), "--hospital", "H1")["resident"]
    return found


def free(slots: Terminal, count: int = 1) -> list[str]:
    return [s["id"] for s in slots.do("search", "--hospital", "H1", "--pool", "online", "--limit", str(count))["slots"]]


def test_rules_units_and_settings(slots):
    assert {v["version"] for v in slots.do("policy", "--hospital", "H1", "--history")} >= {1}
    units = slots.do("units", "--hospital", "H2", "--department", "EYE=眼科", "--doctor", "D1=EYE=专家一=主任医师")
    assert units["doctors"]["D1"]["title"] == "主任医师"
    assert slots.refused("units", "--hospital", "H2", "--doctor", "D1")[0] == WRONG_USE
    assert slots.do("settings", "--clock-tolerance", "200")["clock_tolerance_s"] == 200
    assert slots.do("settings", "--clock-tolerance", "300")["roles"]["authority"] == ["HealthMSP"]


def test_key_consent_look_and_trace(slots, resident, identity, tmp_path):
    slot = free(slots)[0]
    assert slots.refused("book", slot, "--resident", resident)[1] == "ticket_needed"
    booked = slots.do("book", slot, "--identity", identity())["id"]
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    public = [slots.do("key", "new", str(f))["public"] for f in (old, new)]
    assert old.stat().st_mode & 0o077 == 0
    assert slots.refused("key", "new", str(old))[0] == WRONG_USE
    bind = ("--hospital", "H1", "--resident", resident)
    slots.do("key", "bind", public[0], *bind)
    assert slots.refused("key", "bind", public[1], *bind)[1] == "key_exists"
    slots.do("key", "bind", public[1], *bind, "--old-key", str(old))
    assert slots.do("key", "show", resident)["public"] == public[1]
    give = ("consent", "give", "--hospital", "H2", "--resident", resident, "--until", "2099-01-01")
    assert slots.refused(*give, "--key", str(new))[1] == "bad_argument"  # more than ten years
    until = (clock.today() + dt.timedelta(days=30)).isoformat()
    give = (*give[:-1], until)
    assert slots.refused(*give, "--key", str(old))[1] == "bad_signature"
    assert slots.refused(*give)[0] == WRONG_USE
    consent = slots.do(*give, "--key", str(new))["consent"]
    draft = slots.do("consent", "draft", *give[2:])
    assert json.loads(draft["text"])["hospital"] == "H2" and bytes.fromhex(draft["sign_hex"]).decode() == draft["text"]
    assert booked in [r["id"] for r in slots.do("look", consent, "--purpose", "treatment")]
    assert [t["hospital"] for t in slots.do("traces", resident)] == ["H2"]
    assert slots.do("consent", "revoke", consent)["sign_hex"]
    slots.do("consent", "revoke", consent, "--key", str(new))
    assert slots.do("consent", "show", consent)["state"] == "revoked"
    assert slots.refused("look", consent, "--purpose", "treatment")[1] == "no_consent"
    assert slots.do("identity", "--hospital", "H1", "--resident", resident)["name"] == PERSON["name"]
    assert slots.do("conduct", "--identity", identity())["count"] == 0


def test_queue_keeps_its_order_and_hands_on(slots, resident, identity):
    slot = free(slots)[0]
    session = slot.rpartition(".")[0]
    booked = slots.do("book", slot, "--identity", identity())["id"]
    others = []
    for document in (card(801), card(802)):
        slots.do("wait", session, "--identity", identity(document))
        others.append(slots.do("queue", session)[-1]["resident"])
        time.sleep(1)  # places are the ledger's seconds
    assert [(q["place"], q["resident"]) for q in slots.do("queue", session)] == [(1, others[0]), (2, others[1])]
    slots.do("cancel", booked)
    assert slots.do("show", slot)["state"] == "returned"
    (handed,) = slots.do("hand-on", "--hospital", "H1")["offered"]
    assert handed[0] == slot and slots.do("show", handed[1])["resident"] == others[0]
    slots.do("wait", session, "--identity", identity(card(802)), "--leave")
    assert slots.do("queue", session) == []


def announced(slots: Terminal, identity: Callable[..., str]) -> str:
    """A draw with three applicants; a busy machine gets more time to apply."""
    for seconds in ("3", "10", "40"):
        draw = f"D{seconds}"
        slots.do("draw", "open", draw, *free(slots, 2), "--hospital", "H1", "--apply-s", seconds, "--turn-s", "1200")
        for party in ("hospital", "platform", "patients"):
            slots.do("draw", "commit", draw, party)
        asked = [slots.ask("draw", "apply", draw, "--identity", identity(card(number))) for number in (811, 812, 813)]
        if not any(code for code, _, _ in asked):
            return draw
        assert all("too_late" in err for code, _, err in asked if code)
    raise AssertionError("half a minute was not enough to apply")


def test_draw_from_announcement_to_an_outsiders_re_run(slots, resident, identity, tmp_path):
    draw = announced(slots, identity)
    while slots.ask("draw", "freeze", draw)[0]:
        time.sleep(0.3)  # the test's own limit ends it
    for party in ("hospital", "platform", "patients"):
        slots.do("draw", "reveal", draw, party)
    slots.do("draw", "finish", draw)
    file = tmp_path / "draw.json"
    assert slots.do("draw", "export", draw, str(file))["applicants"] == 3
    proof = slots.do("draw", "verify", "--file", str(file))
    assert proof["agrees"] and len(proof["winners"]) == 2 and proof["compared_with"] == "file"
    assert slots.do("draw", "verify", draw)["compared_with"] == "ledger"
    data = json.loads(file.read_text(encoding="utf-8"))
    data["record"]["winners"].reverse()
    file.write_text(json.dumps(data), encoding="utf-8")
    code, out, err = slots.ask("draw", "verify", "--file", str(file))
    assert (code, json.loads(out)["problems"]) == (4, ["the winners differ"]) and "draw_disagrees" in err
    file.write_text("[]", encoding="utf-8")
    assert slots.refused("draw", "verify", "--file", str(file))[0] == WRONG_USE
    assert "done" in [d["state"] for d in slots.do("draw", "list")]


def test_bills_points_and_code_key(slots, resident, identity):
    slot = free(slots)[0]
    booked = slots.do("book", slot, "--identity", identity())
    if booked["due"]:
        slots.do("bill", "pay", booked["id"], "wechat", "w1", str(booked["due"]))
    day = clock.today().isoformat()
    postings = [p for p in slots.do("bill", "postings", day, "--hospital", "H1") if p["order"] == booked["id"]]
    assert [p["why"] for p in postings] == ["order", "payment"] if booked["due"] else postings == []
    code = slots.do("code", booked["id"])["code"]
    assert slots.do("code-key", "--yes")["withdrawn"] == "city-1"
    assert slots.do("code", booked["id"])["code"] != code
    assert slots.do("settle-visits", "--hospital", "H1") == {"credited": 0, "noted": 0}
    assert slots.do("points", resident)["balance"] == 0
    assert slots.refused("points", resident, "--reverse", "none")[1] == "not_found"
    assert slots.refused("points", resident, "--expire")[1] == "nothing_expired"
    assert slots.refused("points", resident, "--spend", "5")[1] == "too_few_points"


def test_nothing_that_commands_write_names_a_patient(slots, resident):
    """Runs last: `identity`, which the hospital's own staff asks for, is the one exception."""
    for secret in (PERSON["name"], PERSON["document"], PERSON["phone"]):
        assert secret not in slots.written
