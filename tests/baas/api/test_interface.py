"""What the interface answers: to whom, in which language, page by page; and what a program can do by the document."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from baas import roles
from baas.api.declaration import OPERATIONS, PREFIX, Operation
from baas.api.document import openapi
from baas.api.scopes import SCOPES
from baas.api.server import STREAMS
from baas.audit import operation
from tests.baas.api.client import DocumentClient
from tests.baas.api.conftest import MSP, Served

VALUES = {
    "contract": "copyright",
    "number": "0",
    "transaction": "0" * 64,
    "job": "0" * 12,
    "alert": "node:nowhere",
}
BODIES: dict[str, Any] = {
    "queryContract": {"function": "NoSuchFunction"},
    "submitTransaction": {"function": "NoSuchFunction"},
    "silenceAlert": {"hours": 1},
    "startNetwork": {"node": "nowhere.example"},
    "stopNetwork": {"node": "nowhere.example"},
}
QUERIES = {"listHistory": {"key": "x"}, "searchLedger": {"q": "x"}, "getHistory": {"series": "tx.valid"}}


def request_of(served: Served, one: Operation, token: str | None) -> httpx.Response:
    """One plausible request of an operation, which changes nothing that others use."""
    path = PREFIX + one.path.format(network=served.network, channel=served.channel, **VALUES)
    more: dict[str, Any] = {"params": QUERIES[one.id]} if one.id in QUERIES else {}
    if one.body is not None:
        more["json"] = BODIES[one.id]
    if one.streams:
        with served.client.stream(
            one.method, path, headers={"Authorization": f"Bearer {token}"} if token else {}, **more
        ) as answer:
            if answer.status_code != 200:
                answer.read()
            return answer
    return served.ask(one.method, path, token, **more)


def test_each_route_is_let_through_by_its_scope_and_by_no_other(served: Served) -> None:
    """Every route with a token of every scope alone: 403 `scope_missing`, except with its own."""
    tokens = {name: served.token(name)[1] for name in SCOPES}
    for one in OPERATIONS:
        assert request_of(served, one, None).status_code == 401, one.id
        if one.id == "revokeToken":
            continue
        for name, token in tokens.items():
            answer = request_of(served, one, token)
            if one.scope in ("", name):
                assert answer.status_code not in (401, 403), (one.id, name, answer.text)
                continue
            assert answer.status_code == 403, (one.id, name)
            assert answer.json()["code"] == "scope_missing"
            assert one.scope is not None and one.scope in answer.headers["www-authenticate"]


def lines(served: Served) -> list[dict[str, Any]]:
    return [json.loads(line) for line in served.platform.audit_log.path.read_bytes().splitlines()]


def test_every_call_that_changes_something_is_in_the_audit_log(served: Served) -> None:
    """With its scope and without: the token's id, who, through which door, how it ended; of what reads nothing."""
    made, token = served.token(*SCOPES)
    weak, powerless = served.token("monitor.read")
    for one in OPERATIONS:
        if one.id == "revokeToken":
            continue
        for asking, id in ((token, made.id), (powerless, weak.id)):
            before = len(lines(served))
            answer = request_of(served, one, asking)
            time.sleep(0.3 if answer.status_code == 202 else 0)
            new = [line for line in lines(served)[before:] if line.get("on", {}).get("token") == id]
            if one.permission:
                assert new, one.id
                assert (new[0]["door"], new[0]["who"]) == ("api", f"{MSP}/api-operator")
            else:
                assert new == [] or one.id == "cancelJob", one.id
    before = len(lines(served))
    assert served.ask("DELETE", "/api/v1/token", token).status_code == 204
    assert [line["on"]["token"] for line in lines(served)[before:] if line["kind"] == "begin"] == [made.id]
    assert served.platform.audit.check(sealed=False).whole
    text = served.platform.audit_log.path.read_text()
    assert token not in text and token[-20:] not in text


def test_a_token_for_one_network_or_contract_reaches_no_other(served: Served, limited: Callable[..., str]) -> None:
    token = limited("networks.read", "contracts.query", contracts=["catalogue"])
    assert served.ask("GET", "/api/v1/networks/elsewhere", token).json()["code"] == "other_network"
    answer = served.ask("POST", f"{served.place}/contracts/copyright/query", token, json={"function": "x"})
    assert answer.json()["code"] == "other_contract"
    answer = served.ask("POST", f"{served.place}/contracts/catalogue/query", token, json={"function": "x"})
    assert answer.status_code == 409


def test_a_token_for_one_network_reads_no_audit_lines_of_others(served: Served) -> None:
    """Before, the log of the whole workspace was open to it: other networks' people, contracts, nodes."""
    with operation("elsewhere", on={"network": "elsewhere", "name": "somebody of another network"}):
        served.platform.session.require(roles.NETWORK_CHANGE)
    with operation("nowhere", on={"name": "somebody of no network"}):
        served.platform.session.require(roles.NETWORK_CHANGE)
    with operation("here", on={"network": served.network}):
        served.platform.session.require(roles.NETWORK_CHANGE)
    with DocumentClient(served.url, served.everything) as client:
        found = list(client.pages("listAuditEntries", limit=100))
    assert found and {one["on"].get("network") for one in found} == {served.network}
    _, whole = served.platform.tokens.create("whole log", ["audit.read"])
    whats = {one["what"] for one in served.ask("GET", "/api/v1/audit/entries", whole).json()["items"]}
    assert {"here", "elsewhere", "nowhere"} <= whats


def test_refusals_speak_the_readers_language(served: Served) -> None:
    for header, words in (
        ("", "需要有效的令牌"), ("en", "A valid token"), ("en-GB,en;q=0.9", "A valid token"), ("fr", "需要有效的令牌"),
        ("zh;q=0.2,en;q=0.8", "A valid token"), ("en;q=0.1,zh-TW", "需要有效的令牌"), ("en;q=x", "需要有效的令牌"),
    ):  # fmt: skip
        answer = served.ask("GET", "/api/v1/networks", headers={"Accept-Language": header})
        body = answer.json()
        assert answer.status_code == body["status"] == 401 and words in body["detail"], header
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert (body["type"], body["code"]) == ("urn:citychain:problem:token_needed", "token_needed")
    english, chinese = (json.dumps(openapi(lang), ensure_ascii=False) for lang in ("en", "zh"))
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese)) > 500


def test_pages_together_are_everything_once(served: Served) -> None:
    served.platform.explorer.sync(served.network)
    with DocumentClient(served.url, served.everything) as client:
        place = {"network": served.network, "channel": served.channel}
        height = next(iter(client.pages("listChannels", network=served.network)))["height"]
        numbers = [one["number"] for one in client.pages("listBlocks", **place, limit=7)]
        assert numbers == list(range(numbers[0], -1, -1)) and numbers[0] >= height - 1
        ids = [one["id"] for one in client.pages("listTransactions", **place, limit=3, contract="_lifecycle")]
        assert len(ids) == len(set(ids)) > 3
        keys = [one["key"] for one in client.pages("listKeys", **place, contract="copyright", limit=2)]
        assert keys == sorted(set(keys))
        found = [one["line"] for one in client.pages("listAuditEntries", limit=50)]
        assert found == sorted(set(found), reverse=True)
        found = list(client.pages("listIdentities", network=served.network, limit=3))
        certificates = [one["fingerprint"] for one in found]
        assert len(certificates) == len(set(certificates)) == len(served.platform.identities.list(served.network))
        assert f"{MSP}/api-operator" in {one["label"] for one in found}


def test_a_client_written_from_the_document_alone_does_a_job(served: Served) -> None:
    """It finds a network, submits, reads what it wrote, has the chain verified and watches that until it is done."""
    with DocumentClient(served.url, served.everything) as client:
        (network,) = [one["name"] for one in client.pages("listNetworks")]
        state = client.call("getNetwork", network=network)
        assert state["state"] == "running" and all(node["state"] == "running" for node in state["nodes"])
        place = {"network": network, "channel": state["network"]["channels"][0]}
        sealed = {"chain": "ab" * 32, "line": 1, "head": "cd" * 32}
        done = client.call(
            "submitTransaction", **place, contract="catalogue", function="SealAudit", arguments=[json.dumps(sealed)]
        )
        found = client.call("getTransaction", **place, transaction=done["transaction"])
        assert found["transaction"]["creator"] == f"{MSP}/api-operator" and found["transaction"]["valid"]
        assert json.loads(base64.b64decode(found["arguments"][1])) == sealed
        begun = client.call("verifyLedger", **place)
        told = list(client.events("watchJob", job=begun["id"]))
        assert told[-1] == ("end", {"code": "complete"})
        assert told[-2][1]["state"] == "done" and told[-2][1]["result"]["verified"] is True
        assert next(one["id"] for one in client.pages("listJobs")) == begun["id"]


def test_jobs_are_the_tokens_own(served: Served, limited: Callable[..., str]) -> None:
    mine, other = limited("ledger.read"), limited("ledger.read")
    begun = served.ask("POST", f"{served.place}/verify", mine)
    assert begun.status_code == 202 and begun.headers["location"] == f"/api/v1/jobs/{begun.json()['id']}"
    for method, more in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        assert served.ask(method, begun.headers["location"] + more, other).status_code == 404
    assert served.ask("GET", "/api/v1/jobs", other).json()["items"] == []
    assert served.ask("GET", begun.headers["location"], mine).json()["operation"] == "verifyLedger"


def test_a_revoked_token_ends_at_once_and_so_do_its_streams(served: Served) -> None:
    """Revoked by another program (its own store): the next request is refused, the open stream ends within a second."""
    made, token = served.token("ledger.read")
    other, kept = served.token("ledger.read")
    told: dict[str, list[str]] = {"gone": [], "kept": []}
    started, ended = threading.Barrier(3), {}

    def listen(name: str, with_token: str) -> None:
        headers = {"Authorization": f"Bearer {with_token}"}
        with httpx.stream("GET", served.url + served.place + "/blocks/events", headers=headers, timeout=30) as answer:
            rows = answer.iter_lines()
            next(rows)
            started.wait(30)
            for line in rows:
                told[name].append(line)
        ended[name] = time.monotonic()

    threads = [threading.Thread(target=listen, args=pair) for pair in (("gone", token), ("kept", kept))]
    for thread in threads:
        thread.start()
    started.wait(30)
    type(served.platform.tokens.store)(served.platform.workspace.folder).revoke(made.id)
    at = time.monotonic()
    assert served.ask("GET", "/api/v1/token", token).status_code == 401
    threads[0].join(10)
    assert "gone" in ended and ended["gone"] - at < 5
    assert told["gone"][-2:] == ['data: {"code": "token_ended"}', ""]
    assert "kept" not in ended and served.ask("GET", "/api/v1/token", kept).status_code == 200
    served.platform.tokens.revoke(other.id)
    threads[1].join(10)
    assert "kept" in ended


def test_streams_of_one_token_are_few(served: Served, limited: Callable[..., str]) -> None:
    token = limited("ledger.read")
    headers = {"Authorization": f"Bearer {token}"}
    path = served.url + served.place + "/blocks/events"
    with httpx.Client(timeout=30) as client:
        open_ones = [
            client.send(client.build_request("GET", path, headers=headers), stream=True) for _ in range(STREAMS)
        ]
        assert [one.status_code for one in open_ones] == [200] * STREAMS
        assert client.get(path, headers=headers).status_code == 429
        assert client.get(served.url + "/api/v1/token", headers=headers).status_code == 200
        for one in open_ones:
            one.close()


def test_a_stream_goes_on_where_it_was_left(served: Served) -> None:
    with DocumentClient(served.url, served.everything) as client:
        place = {"network": served.network, "channel": served.channel}
        got = []
        for name, one in client.events("watchBlocks", **place, after=0):
            got.append((name, one["number"]))
            if len(got) == 3:
                break
    assert got == [("block", 1), ("block", 2), ("block", 3)]
    headers = {"Authorization": f"Bearer {served.everything}", "Last-Event-ID": "2"}
    with httpx.stream("GET", served.url + served.place + "/blocks/events", headers=headers, timeout=30) as answer:
        first = next(line for line in answer.iter_lines() if line.startswith("id: "))
    assert first == "id: 3"


def test_a_flood_on_one_token_leaves_the_others_alone(served: Served) -> None:
    """A dozen clients ask without a pause with one token; every request of another is answered, none much later."""
    _, flooding = served.token("ledger.read", per_second=20.0)
    _, quiet = served.token("ledger.read", per_second=20.0)
    path, over, statuses = f"{served.place}/transactions", threading.Event(), []

    def flood() -> None:
        with httpx.Client(base_url=served.url, timeout=30) as client:
            while not over.is_set():
                statuses.append(client.get(path, headers={"Authorization": f"Bearer {flooding}"}).status_code)

    def ask() -> tuple[int, float]:
        began = time.monotonic()
        status = served.ask("GET", path, quiet).status_code
        return status, time.monotonic() - began

    with ThreadPoolExecutor(12) as pool:
        floods = [pool.submit(flood) for _ in range(12)]
        while len(statuses) < 100:
            time.sleep(0.01)
        answers = []
        for _ in range(12):
            answers.append(ask())
        over.set()
        for one in floods:
            one.result(30)
    assert [status for status, _ in answers] == [200] * 12
    assert statuses.count(429) > statuses.count(200) and set(statuses) == {200, 429}
    assert sorted(seconds for _, seconds in answers)[10] < 3.0


def test_slow_work_of_one_token_leaves_workers_for_the_others(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requests wait for each other, not others' for them."""
    release = threading.Event()
    search = type(served.platform.explorer).search

    def slow(self: Any, network: str, text: str, **more: Any) -> Any:
        if text == "slow":
            release.wait(30)
        return search(self, network, text, **more)

    monkeypatch.setattr(type(served.platform.explorer), "search", slow)
    _, heavy = served.token("ledger.read")
    _, light = served.token("ledger.read")
    with ThreadPoolExecutor(40) as pool:
        waiting = [
            pool.submit(served.ask, "GET", f"{served.place}/search", heavy, params={"q": "slow"}) for _ in range(40)
        ]
        try:
            for _ in range(5):
                assert served.ask("GET", f"{served.place}/search", light, params={"q": "quick"}).status_code == 200
        finally:
            release.set()
        statuses = {one.result(60).status_code for one in waiting}
    assert statuses == {200, 429}


@pytest.mark.parametrize("page", ["api.md", "api.zh-CN.md"])
def test_the_guides_example_runs(served: Served, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands there, but for the address and the token."""
    text = (Path(__file__).parents[3] / "docs" / page).read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    code = code.replace("http://127.0.0.1:8443", served.url).replace("ccat_…", served.everything)
    served.platform.explorer.sync(served.network)
    exec(compile(code, page, "exec"), {})
    assert served.platform.explorer.block(served.network, 0).hash in capsys.readouterr().out
    for name in re.findall(r"`([a-z]+\.[a-z]+)`", text.partition("| --- |")[2].partition("\n\n")[0]):
        assert name in SCOPES
