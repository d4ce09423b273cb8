"""The EPCIS interface and the consumer's page over HTTP: what they answer, and what strangers cannot do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from apps.traceability import demo, epcis
from apps.traceability.service import build_service
from apps.traceability.serving import qr, token_of, trace_app
from baas.applications import DemoOptions
from baas.errors import UserError
from baas.jobs import NULL_CONTEXT
from fabric_sdk import clock
from tests.apps.traceability.conftest import make
from tests.conftest import City, close_city


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = make(tmp_path_factory.mktemp("serving") / "workspace", "embedded")
    demo.run(city.platform, city.network, DemoOptions(), NULL_CONTEXT)
    yield city
    close_city(city)


@pytest.fixture
def web(told: City) -> Iterator[TestClient]:
    with build_service(told.platform, told.network) as service:
        yield TestClient(trace_app(service))


@pytest.fixture
def bearer(told: City) -> dict[str, str]:
    with build_service(told.platform, told.network) as service:
        return {"Authorization": f"Bearer {token_of(service)}"}


def _new(serial: str) -> bytes:
    event = {"type": "ObjectEvent", "action": "ADD", "eventTime": clock.now().isoformat(),
             "eventTimeZoneOffset": "+08:00", "epcList": [demo.item(demo.SHOP, serial)]}  # fmt: skip
    return json.dumps(epcis.document([event])).encode()


def test_queries_page_by_page(web: TestClient, bearer: dict[str, str]) -> None:
    for path in ("/events", "/events?perPage=1", "/events/urn:none"):
        assert web.get(path).status_code == 401, "whole events have prices and names"
    web.headers.update(bearer)
    seen: list[Any] = []
    path = "/events?EQ_bizStep=assembling&EQ_bizStep=packing&perPage=4"
    while path:
        answer = web.get(path)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/ld+json")
        seen += answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        path = answer.links.get("next", {}).get("url", "")
    assert len(seen) == 10
    name = epcis.events_of(json.dumps(web.get("/events?perPage=1").json()).encode())[0].hash
    assert web.get(f"/events/{quote(name, safe='')}").json()["type"] == "EPCISQueryDocument"
    assert web.get("/events/urn:none").status_code == 404
    assert web.get("/events?EQ_price=1").status_code == 400 and web.get("/events?perPage=x").status_code == 400


def test_capture_needs_the_desks_token(web: TestClient, bearer: dict[str, str]) -> None:
    token = bearer["Authorization"].removeprefix("Bearer ")
    for said in ("", "Bearer ", f"Bearer {token}x", "Bearer 令"):
        headers = {"Authorization": said.encode()}
        assert web.post("/capture", content=_new("H1"), headers=headers).status_code == 401
    assert web.post("/capture", content=_new("H1")).status_code == 401
    good = {"Authorization": f"Bearer {token}"}
    assert web.post("/capture", content=_new("H1"), headers=good).json()["recorded"] == 1
    assert web.post("/capture", content=b"{}", headers=good).status_code == 400
    assert web.post("/capture", content=b"x" * (epcis.SENT_BYTES + 1), headers=good).status_code == 413
    pieces = (b"x" * 65_536 for _ in range(2 + epcis.SENT_BYTES // 65_536))
    assert web.post("/capture", content=pieces, headers=good).status_code == 413
    assert web.get("/capture").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"EPCISDocument","a":[' + b"1," * 500_000 + b"1]}",
        b'{"type":"ObjectEvent","a":[' + b"1," * 500_000 + b"1]}",
        b'{"type":"ObjectEvent","a":[' + b"1," * 50_000 + b"1]}",
        b'{"type":"ObjectEvent","a":"' + b"x" * 70_000 + b'"}',
        b'{"type":"EPCISDocument","a":1,"epcisBody":{"eventList":[{"type":"ObjectEvent"}]}}',
        b'{"type":"EPCISDocument","eventList":[{"type":"ObjectEvent"}]}',
        b'{"type":"EPCISDocument","epcisBody":{"type":"ObjectEvent"}}',
        b'{"type":"ObjectEvent","a":' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    ],
    ids=["values in a document", "values in an event", "a long event", "a long text", "unknown", "no body", "no list",
         "deep"],
)  # fmt: skip
def test_what_is_too_much_is_refused_before_it_is_hashed(
    web: TestClient, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    hashed = list[Any]()
    monkeypatch.setattr(epcis, "event_hash", lambda *given: hashed.append(given))
    answer = web.post("/capture", content=body, headers=bearer)
    assert answer.status_code == 400 and not hashed
    if len(body) > 500_000:
        monkeypatch.setattr(epcis, "parse", lambda *_: pytest.fail("counted after it was read"))
        assert web.post("/capture", content=body, headers=bearer).status_code == 400


def test_namespaces_are_not_multiplied_without_end() -> None:
    names = {f"n{one}": "urn:" + "x" * 1000 for one in range(50)}
    event = {"type": "ObjectEvent", "eventTime": "2026-01-01T00:00:00Z", "eventTimeZoneOffset": "+00:00"}
    with pytest.raises(UserError) as caught:
        epcis.events_of(json.dumps(epcis.document([event] * 1_000, names)).encode(), epcis.SENT_BYTES)
    assert "namespaces" in str(caught.value.details)


def test_one_document_is_captured_at_a_time(
    told: City, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with build_service(told.platform, told.network) as service:
        web, inner = TestClient(trace_app(service)), list[int]()

        def meanwhile(*_: Any, **__: Any) -> Any:
            inner.append(web.post("/capture", content=_new("P1"), headers=bearer).status_code)
            raise UserError("x")

        with monkeypatch.context() as patched:
            patched.setattr(service, "capture", meanwhile)
            assert web.post("/capture", content=_new("P1"), headers=bearer).status_code == 400
        assert inner == [429]
        assert web.post("/capture", content=_new("P1"), headers=bearer).status_code == 202, "free again after an error"


def test_a_token_is_of_the_identity_that_acts(told: City, web: TestClient, bearer: dict[str, str]) -> None:
    """Or what somebody else's program sends would be signed by whoever serves."""
    tokens = {bearer["Authorization"].removeprefix("Bearer ")}
    with build_service(told.platform, told.network) as service:
        for signer in service.signers:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(service, "signer_of", lambda *_, one=signer: one)
                assert token_of(service) == token_of(service)
                tokens.add(token_of(service))
        assert len(tokens) == len({service.who(one).party for one in service.signers}) > 1
        for token in tokens - {bearer["Authorization"].removeprefix("Bearer ")}:
            headers = {"Authorization": f"Bearer {token}"}
            assert web.post("/capture", content=_new("T1"), headers=headers).status_code == 401
            assert web.get("/events", headers=headers).status_code == 401


def test_a_consumer_reads_of_the_recall(web: TestClient) -> None:
    path = demo.item(demo.BIKES, "E002").removeprefix("https://id.gs1.org")
    chinese, english = web.get(path), web.get(path, headers={"Accept-Language": "en-GB"})
    assert (
        "正在召回" in chinese.text
        and "零售" in chinese.text
        and "样例商行" in chinese.text
        and "H-2611" in chinese.text
    )
    assert "Recalled, please stop using it" in english.text and "(+08:00)" in english.text
    assert chinese.headers["content-security-policy"].startswith("default-src 'none'")
    fine = web.get(demo.item(demo.BIKES, "E008").removeprefix("https://id.gs1.org"))
    assert fine.status_code == 200 and "召回" not in fine.text
    assert "DataBureauMSP" not in chinese.text, "certificates are not for consumers"


@pytest.mark.parametrize("path", ["/01/06900003002029/21/<script>", "/x", "/01/1", "/%00", "/01/../../etc/passwd"])
def test_what_nobody_knows_has_no_page(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code in (400, 404) and answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_qr_code_is_a_digital_link(tmp_path: Path) -> None:
    uri = "urn:epc:id:sgtin:6900003.000202.E008"
    path = demo.item(demo.BIKES, "E008").removeprefix("https://id.gs1.org")
    assert qr(uri, "https://trace.example.com/", tmp_path / "a.svg") == f"https://trace.example.com{path}"
    assert (tmp_path / "a.svg").stat().st_size > 500
    for bad in (
        lambda: qr("urn:uuid:1", "https://x", tmp_path / "b.svg"),
        lambda: qr(uri, "https://x", tmp_path / "b.exe"),
    ):
        with pytest.raises(UserError):
            bad()
