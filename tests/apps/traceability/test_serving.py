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
        yield TestClient(trace_app(service, token_of(told.platform, told.network)))


def _new(serial: str) -> bytes:
    event = {"type": "ObjectEvent", "action": "ADD", "eventTime": clock.now().isoformat(),
             "eventTimeZoneOffset": "+08:00", "epcList": [demo.item(demo.SHOP, serial)]}  # fmt: skip
    return json.dumps(epcis.document([event])).encode()


def test_queries_page_by_page(web: TestClient) -> None:
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


def test_capture_needs_the_desks_token(web: TestClient, told: City) -> None:
    token = token_of(told.platform, told.network)
    for said in ("", "Bearer ", f"Bearer {token}x", "Bearer 令"):
        headers = {"Authorization": said.encode()}
        assert web.post("/capture", content=_new("H1"), headers=headers).status_code == 401
    assert web.post("/capture", content=_new("H1")).status_code == 401
    good = {"Authorization": f"Bearer {token}"}
    assert web.post("/capture", content=_new("H1"), headers=good).json()["recorded"] == 1
    assert web.post("/capture", content=b"{}", headers=good).status_code == 400
    assert web.post("/capture", content=b"x" * (epcis.MOST_BYTES + 1), headers=good).status_code == 413
    assert web.get("/capture").status_code == 404


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
