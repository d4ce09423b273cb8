"""Capture, queries, recalls and attacks over the raw SDK, on the embedded ledger and on real Fabric alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.traceability import demo, epcis
from apps.traceability.service import TraceabilityService
from baas.applications import DemoOptions
from baas.errors import LedgerError, UserError
from baas.jobs import NULL_CONTEXT
from chaincode.traceability.kinds import Enterprise, Event, Notice, Readings, Recall
from fabric_sdk import clock
from fabric_sdk.errors import GatewayError
from tests.apps.traceability.documents import documents
from tests.conftest import City

STOPPED = {demo.lot(demo.PARTS, "B-01"), demo.RECALLED, *(demo.item(demo.BIKES, f"E00{one}") for one in range(1, 6))}


@pytest.fixture(scope="module", autouse=True)
def story(ledger: City) -> Iterator[None]:
    """The demonstration, once."""
    for _ in range(2):  # a second time it finds everything there
        found = demo.run(ledger.platform, ledger.network, DemoOptions(), NULL_CONTEXT)
        assert found["traceability"] == {"events": 28, "goods": 16, "recalls": 1, "stopped": 7}
    assert demo.told(found).lines
    yield


def test_the_recall_took_in_what_was_made_of_the_steel(service: TraceabilityService) -> None:
    recall = service.all(Recall)[0]
    assert set(service.recall_set(demo.RECALLED).affected) == STOPPED
    assert service.missing(recall) == [] and recall["marked"] == 7
    told = {one["holder"].partition("/")[2]: one["count"] for one in service.under(recall["id"], Notice)}
    assert told == {"sample-steel": 1, "sample-brakes": 2, "sample-bikes": 1, "traceability-trace_enterprise": 5}


def test_the_doctor_names_a_recall_that_missed_something(service: TraceabilityService) -> None:
    from apps.traceability.checks import recalls

    assert [one.state for one in recalls(service.platform)] == ["ok"]
    brake = demo.lot(demo.PARTS, "B-03")
    form = {"goods": demo.lot(demo.STEEL, "H-2612"), "level": "3", "cause": "样例"}
    made = service.do(Recall.begin, form, signer=service.signer_for("trace_authority")).value["id"]
    (found,) = recalls(service.platform)
    assert found.state == "warn" and found.hint is not None and made in found.hint.zh
    assert brake in service.recall_set(form["goods"]).affected
    service.do(Recall.withdraw, {"reason": "样例"}, on=made)
    assert [one.state for one in recalls(service.platform)] == ["ok"]


def test_a_trace_shows_both_ways_and_who_holds_what(service: TraceabilityService) -> None:
    found = service.trace(demo.item(demo.BIKES, "E003"))
    assert set(found.back.goods) == {
        demo.item(demo.BIKES, "E003"), demo.lot(demo.PARTS, "B-01"), demo.RECALLED, demo.lot(demo.BIKES, "F-09")
    }  # fmt: skip
    assert found.states[demo.item(demo.BIKES, "E003")]["holders"] == ["DataBureauMSP/traceability-trace_enterprise"]
    assert [one["step"] for one in found.events] == ["assembling", "packing"]
    assert [one["result"] for one in found.readings] == ["failed"]
    assert len(service.trace(demo.RECALLED).forth.goods) == 7


class TestDocuments:
    """Documents of GS1's published kind go in and come out as they are."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def admitted(cls, ledger: City) -> None:
        from apps.traceability.service import build_service

        with build_service(ledger.platform, ledger.network) as service:
            settings = service.ledger.evaluate(service.reader, "ReadSettings")
            service.ledger.submit("HealthMSP/admin", "Configure", settings | {"late_days": 36_500})
            for company in ("0614141", "4012345"):
                made = service.do(Enterprise.apply, {"name": f"样例 {company}", "company": company}).value
                service.do(Enterprise.admit, on=made["id"])

    @pytest.mark.parametrize("name", list(documents()))
    def test_captured_and_queried_unmodified(self, service: TraceabilityService, name: str) -> None:
        document = _own(documents()[name], name)
        body = json.dumps(document).encode()
        found = service.capture(body)
        events = document["epcisBody"]["eventList"]
        assert len(found.recorded) == len(events)
        assert service.capture(body).known == len(events), "a second time nothing is new"
        hashes = [one.hash for one in epcis.events_of(body)]
        answer = service.query({"EQ_eventID": "|".join(hashes)})
        assert answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == events
        assert [one.hash for one in epcis.events_of(json.dumps(answer).encode())] == hashes

    def test_an_error_is_declared_on_its_event(self, service: TraceabilityService) -> None:
        event = {"type": "ObjectEvent", "action": "ADD", "epcList": ["urn:epc:id:sgtin:0614141.107346.wrong"],
                 "eventTime": "2026-02-01T00:00:00Z", "eventTimeZoneOffset": "+00:00"}  # fmt: skip
        wrong = {**event, "errorDeclaration": {"declarationTime": "2026-02-02T00:00:00Z", "reason": "did_not_occur"}}
        with pytest.raises(UserError):
            service.capture(json.dumps(epcis.document([wrong])).encode())
        record = service.capture(json.dumps(epcis.document([event])).encode()).recorded[0]
        assert service.capture(json.dumps(epcis.document([wrong])).encode()).declared == 1
        assert service.read(record)["state"] == Event.DECLARED.name
        assert service.capture(json.dumps(epcis.document([wrong])).encode()).declared == 0


def _own(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A document whose goods are its own on a shared ledger: serial numbers begin with the document's."""
    mark = hashlib.sha256(name.encode()).hexdigest()[:4]
    text = json.dumps(document)
    for part in ("107346.", "1234567890", "/21/", "/ser/", "998877", "011122.", "065432.", "4444", "077777.", "077889.",
                 "55555.", ".12345", "011111.98", "/10/99", "12345.4"):  # fmt: skip
        digits = mark if not part.isdigit() or len(part) < 8 else ""
        text = text.replace(part, part + digits if digits else f"1{int(mark, 16):09d}")
    return dict(json.loads(text))


class TestQueries:
    def test_by_what_when_and_which(self, service: TraceabilityService) -> None:
        def count(**asked: str) -> int:
            return len(service.query(asked)["epcisBody"]["queryResults"]["resultsBody"]["eventList"])

        bike = demo.item(demo.BIKES, "E001")
        assert count(MATCH_anyEPC=bike) == 3 and count(MATCH_outputEPC=bike) == 1
        assert count(MATCH_anyEPC=bike, EQ_bizStep="packing|unpacking") == 2
        assert count(MATCH_inputEPCClass=demo.RECALLED) == 1
        assert count(MATCH_parentID=demo.pallet(demo.BIKES, 1), EQ_action="DELETE") == 1
        assert count(GE_eventTime="2999-01-01T00:00:00Z") == 0
        later = clock.now() + timedelta(seconds=2)  # records are told to the second
        assert count(LT_recordTime=later.isoformat()) >= 28

    @pytest.mark.parametrize(
        "asked",
        [{"EQ_price": "1"}, {"GE_eventTime": "yesterday"}, {"EQ_bizStep": ""}, {"MATCH_anyEPC": "|".join("x" * 300)},
         {"EQ_bizStep'; DROP TABLE event; --": "x"}],
    )  # fmt: skip
    def test_what_is_no_query_is_refused(self, service: TraceabilityService, asked: dict[str, str]) -> None:
        with pytest.raises(UserError):
            service.query(asked)

    def test_a_page_after_the_other(self, service: TraceabilityService) -> None:
        seen, after = list[Any](), 0
        while True:
            page = service.query({"EQ_bizStep": "assembling"}, 3, after)
            seen += page["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            after = page.get("next", 0)
            if not after:
                break
        assert len(seen) >= 8 and len({json.dumps(one) for one in seen}) == len(seen)

    def test_of_an_event_whose_content_is_elsewhere_the_ledgers_part_is_told(
        self, service: TraceabilityService
    ) -> None:
        row = service.index.event(service.index.events_of(demo.RECALLED)[0]["id"])
        event, _ = service.event({**row, "sha256": "00" * 32})
        assert event["eventID"] == row["hash"] and "quantityList" not in event


class TestRawSdk:
    """Each role's key, no service between: what the contract refuses is refused whoever sends it."""

    def submit(self, service: TraceabilityService, label: str, function: str, *args: Any, **sent: bytes) -> Any:
        contract = service.platform.networks.connect(service.network, label).get_contract("traceability")
        wire = [one if isinstance(one, str) else json.dumps(one) for one in args]
        return contract.submit(function, *wire, transient=dict(sent))

    def attack(self, service: TraceabilityService, label: str, code: str, event: dict[str, Any]) -> None:
        body = json.dumps({"namespaces": {}, "event": event}).encode()
        digest = hashlib.sha256(body).hexdigest()
        with pytest.raises(GatewayError) as found:
            self.submit(service, label, "CaptureEvents", [{"sha256": digest}], **{digest: body})
        assert code in f"{found.value} {[one.message for one in found.value.details]}"

    @pytest.mark.parametrize("role", ["trace_enterprise", "trace_authority", "trace_inspector"])
    def test_nobody_writes_what_did_not_happen(self, service: TraceabilityService, role: str) -> None:
        label = service.signer_for(role)
        now = clock.now().isoformat(timespec="milliseconds")
        base = {"type": "ObjectEvent", "eventTime": now, "eventTimeZoneOffset": "+00:00", "action": "OBSERVE"}
        mine = role == "trace_enterprise"
        bike, steel = demo.item(demo.BIKES, "E001"), demo.RECALLED
        attacks: list[tuple[str, dict[str, Any]]] = [
            ("FOREIGN_PREFIX", {"action": "ADD", "epcList": [demo.item(demo.BIKES, "FAKE")]}),
            ("NOT_HELD", {"quantityList": [{"epcClass": steel, "quantity": 1, "uom": "KGM"}]}),
            ("STOPPED", {"epcList": [bike], "bizStep": "retail_selling"}),
            ("TOO_EARLY", {"epcList": [bike], "eventTime": "2026-03-01T00:00:00Z"}),
            ("INVALID_FIELD", {"epcList": [bike], "eventTime": "2999-01-01T00:00:00Z"}),
            ("INVALID_FIELD", {"epcList": [bike], "ex:deep": json.loads("[" * 40 + "]" * 40)}),
            ("INVALID_FIELD", {"epcList": [bike], "ex:much": "x" * 70_000}),
            ("INVALID_FIELD", {"type": "AggregationEvent", "action": "ADD", "parentID": demo.pallet(demo.BIKES, 2),
                               "childEPCs": [demo.pallet(demo.BIKES, 2)]}),
        ]  # fmt: skip
        for code, changes in attacks:
            self.attack(service, label, code if mine else "FORBIDDEN", base | changes)

    def test_only_the_authority_admits_and_withdraws(self, service: TraceabilityService) -> None:
        recall, waiting = (
            service.all(Recall)[0],
            next(one for one in service.all(Enterprise) if one["state"] == Enterprise.APPLIED.name),
        )
        for role in ("trace_enterprise", "trace_inspector"):
            label = service.signer_for(role)
            calls: list[tuple[Any, ...]] = [
                ("AdmitEnterprise", waiting["id"]), ("WithdrawRecall", recall["id"], "x"),
                ("CloseRecall", recall["id"], "x"), ("Configure", {"office_msp": "HealthMSP"}),
            ]  # fmt: skip
            for function, *args in calls:
                with pytest.raises(GatewayError) as found:
                    self.submit(service, label, function, *args)
                assert "FORBIDDEN" in f"{found.value} {[one.message for one in found.value.details]}", function

    def test_a_role_of_another_organisation_counts_for_nothing(self, service: TraceabilityService) -> None:
        label = service.platform.identities.ensure(
            "CopyrightMSP", "false-office", "trace_authority", network=service.network
        )
        with pytest.raises(GatewayError) as found:
            self.submit(service, label, "BeginRecall", {"goods": demo.RECALLED, "level": "1", "cause": "x"})
        assert "FORBIDDEN" in f"{found.value} {[one.message for one in found.value.details]}"

    def test_the_ledgers_keys_hold_no_more_than_the_graph(self, service: TraceabilityService) -> None:
        """The event itself went as transient data: what only it says stands in no block."""
        body = epcis.document([{"type": "ObjectEvent", "action": "ADD", "epcList": [demo.item(demo.SHOP, "P1")],
                                "eventTime": clock.now().isoformat(), "eventTimeZoneOffset": "+00:00",
                                "ex:price": "12345.67 geheim"}], {"ex": "https://ns.example.com/"})  # fmt: skip
        service.capture(json.dumps(body).encode())
        raw = b""
        with service.ledger.connected(service.reader).block_events(start_block=0) as blocks:
            height = service.ledger.height(service.reader, service.ledger.committed_height)
            for number, block in enumerate(blocks, 1):
                raw += block.SerializeToString()
                if number == height:
                    break
        assert demo.item(demo.SHOP, "P1").encode() in raw and b"geheim" not in raw
        assert (
            service.query({"MATCH_epc": demo.item(demo.SHOP, "P1")})["epcisBody"]["queryResults"]["resultsBody"][
                "eventList"
            ][0]["ex:price"]
            == "12345.67 geheim"
        )


class TestMachines:
    def test_a_csv_is_hashed_counted_and_judged(self, service: TraceabilityService, tmp_path: Path) -> None:
        file = tmp_path / "readings.csv"
        file.write_text("time,value\n2026-01-01T00:00:00+08:00,2.5\n2026-01-01T00:01:00+08:00,-1\n", encoding="utf-8")
        found = service.read_machine(file, lowest="0")
        assert found["result"] == "failed" and (found["lowest"], found["highest"]) == ("-1", "2.5")
        assert found["first"] == "2025-12-31T16:00:00.000Z" and found["readings"] == 2
        assert service.read_machine(file, lowest="-5", highest="3")["result"] == "passed"
        given = {"goods": demo.RECALLED, "sort": "sensor", "quantity": "Temperature", **found}
        done = service.do(Readings.record, given, signer=service.signer_for("trace_inspector"))
        assert done.value["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()

    @pytest.mark.parametrize("text", ["", "time,value\n", "a,b\n1,2\n", "time,value\n2026-01-01,1\n",
                                      "time,value\n2026-01-01T00:00:00Z,NaN\n", "time,value\n2026-01-01T00:00:00Z\n",
                                      "\x00\xff"])  # fmt: skip
    def test_what_is_no_table_of_readings_is_refused(
        self, service: TraceabilityService, tmp_path: Path, text: str
    ) -> None:
        file = tmp_path / "bad.csv"
        file.write_bytes(text.encode("latin-1"))
        with pytest.raises(UserError):
            service.read_machine(file)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"<epcis/>", b'{"epcisBody": {"eventList": [1]}}', b"[" * 10**6,
     b'{"epcisBody": {"eventList": [{}]}}', b'{"type": "EPCISDocument", "epcisBody": 1}'],
)  # fmt: skip
def test_what_is_no_document_is_refused(service: TraceabilityService, body: bytes) -> None:
    with pytest.raises((UserError, LedgerError)):
        service.capture(body)
