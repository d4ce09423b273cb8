"""An application from proposal to retirement over two organisations, wrong turns refused, figures from the blocks."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common.common_pb2 import Block, ChannelHeader, Envelope, Header, Payload, SignatureHeader
from fabric_protos.peer.proposal_pb2 import ChaincodeHeaderExtension

from apps.catalogue import measuring, metering
from apps.catalogue.contract import CatalogueContract
from apps.catalogue.kinds import Seal
from apps.catalogue.life import Application, Period
from apps.kit.service import Service
from baas.cli.root import run
from baas.errors import CityChainError, Conflict, LedgerError
from baas.services.ledger import read_export
from fabric_sdk import clock
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import Client, ContractTester, client
from tests.apps.catalogue.conftest import World
from tests.apps.catalogue.test_standards import EDITION, results

pytestmark = pytest.mark.xdist_group("catalogue")
NOW = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
OWNER = client("HospitalMSP", "owner", role="catalogue_owner")
KEEPER = client("OfficeMSP", "keeper", role="catalogue_keeper")
BOTH = client("HospitalMSP", "boss", role="catalogue_keeper,catalogue_owner")
FORM = {"name": "号源", "purpose": "预约", "contract": "slots", "least_valid": 9_500, "within_ms": 2_000}
GOOD = {"first": 11, "last": 20, "transactions": 100, "valid": 99, "authors": 3, "p95_ms": 40}
FIGURES = ("transactions", "valid", "authors", "p95_ms")


@pytest.fixture
def tester() -> ContractTester:
    made = ContractTester(CatalogueContract(lambda: made.now))
    made.now = NOW
    roles = {"catalogue_keeper": ["OfficeMSP", "HospitalMSP"], "catalogue_owner": ["HospitalMSP"]}
    made.invoke("Configure", {"office_msp": "OfficeMSP", "roles": roles}, as_=client("OfficeMSP", "chief", ou="admin"))
    return made


def refused(wanted: str, tester: ContractTester, function: str, *sent: Any, as_: Client) -> None:
    with pytest.raises(ChaincodeError) as caught:
        tester.invoke(function, *sent, as_=as_)
    assert caught.value.code == wanted, caught.value


def proposed(tester: ContractTester, **change: Any) -> str:
    return str(tester.invoke("ProposeApplication", {**FORM, **change}, as_=OWNER)["id"])


def on_trial(tester: ContractTester) -> str:
    found = proposed(tester)
    tester.invoke("AdmitApplication", found, "2026-06-01", as_=KEEPER)
    return found


def assessed(tester: ContractTester, setter: Client = KEEPER, assessor: Client = KEEPER, number: int = 1) -> str:
    text = {**EDITION, "number": number}
    standard = tester.invoke("PublishStandard", {"text": text}, as_=setter)["id"]
    given = {"results": results(), "height": 9, "report": "ab" * 32, "paper": "cd" * 32}
    return str(tester.invoke("RecordAssessment", standard, given, as_=assessor)["id"])


def test_a_contract_has_one_living_application(tester: ContractTester) -> None:
    first = proposed(tester)
    refused("CONTRACT_TAKEN", tester, "ProposeApplication", FORM, as_=OWNER)
    tester.invoke("ReturnApplication", first, "写清用途", as_=KEEPER)
    refused("WRONG_STATE", tester, "AdmitApplication", first, "2026-06-01", as_=KEEPER)
    tester.invoke("ReviseApplication", first, "为居民预约", 9_000, 3_000, as_=OWNER)
    tester.invoke("RefuseApplication", first, "重复建设", as_=KEEPER)
    assert proposed(tester) != first


def test_nobody_judges_their_own_organisations_application(tester: ContractTester) -> None:
    """Even where the settings let an organisation give both roles."""
    found = proposed(tester)
    refused("OWN_ORGANISATION", tester, "AdmitApplication", found, "2026-06-01", as_=BOTH)
    refused("NOT_OWNER", tester, "WithdrawApplication", found, as_=BOTH)
    refused("FORBIDDEN", tester, "AdmitApplication", found, "2026-06-01", as_=OWNER)
    refused("INVALID_FIELD", tester, "AdmitApplication", found, "2026-03-01", as_=KEEPER)


def test_a_trial_ends_with_a_good_assessment_made_since_it_began(tester: ContractTester) -> None:
    before = assessed(tester)
    tester.now = NOW + dt.timedelta(hours=1)
    found = on_trial(tester)
    refused("NOT_TRIED", tester, "FinishTrial", found, before, as_=OWNER)
    standard = tester.invoke("ListAll", "standard", 10, "", as_=KEEPER)["items"][0]["id"]
    given = {"results": results("unmet"), "height": 9, "report": "ab" * 32, "paper": "cd" * 32}
    poor = tester.invoke("RecordAssessment", standard, given, as_=KEEPER)["id"]
    refused("NOT_TRIED", tester, "FinishTrial", found, poor, as_=OWNER)
    good = tester.invoke("RecordAssessment", standard, {**given, "results": results()}, as_=KEEPER)["id"]
    assert tester.invoke("FinishTrial", found, good, as_=OWNER)["state"] == "TRIED"
    refused("NOT_MEASURED", tester, "ApproveApplication", found, as_=KEEPER)


def test_nobody_tries_their_own_application_or_sets_the_standard_for_it(tester: ContractTester) -> None:
    """Where the settings let the owner's organisation keep the catalogue, too."""
    found = on_trial(tester)
    for number, (setter, assessor) in enumerate(((KEEPER, BOTH), (BOTH, KEEPER), (BOTH, BOTH)), 1):
        own = assessed(tester, setter, assessor, number)
        refused("OWN_ORGANISATION", tester, "FinishTrial", found, own, as_=OWNER)
    good = assessed(tester, number=4)
    assert tester.invoke("FinishTrial", found, good, as_=OWNER)["state"] == "TRIED"


def test_a_disputed_first_period_leaves_nothing_to_go_on_from(tester: ContractTester) -> None:
    found = on_trial(tester)
    refused("INVALID_FIELD", tester, "ReportPeriod", found, {**GOOD, "first": 0}, as_=OWNER)
    late = tester.invoke("ReportPeriod", found, {**GOOD, "first": 27, "last": 30}, as_=OWNER)
    tester.invoke("DisputePeriod", late["id"], "漏掉区块", as_=KEEPER)
    assert tester.invoke("Read", found, as_=OWNER)["metered"] == 0
    first = tester.invoke("ReportPeriod", found, {**GOOD, "first": 23, "last": 30}, as_=OWNER)
    second = tester.invoke("ReportPeriod", found, {**GOOD, "first": 31, "last": 40}, as_=OWNER)
    third = tester.invoke("ReportPeriod", found, {**GOOD, "first": 41, "last": 50}, as_=OWNER)
    counted = [GOOD[one] for one in FIGURES]
    tester.invoke("ConfirmPeriod", first["id"], *counted, as_=KEEPER)
    refused("PERIOD_GAP", tester, "ConfirmPeriod", third["id"], *counted, as_=KEEPER)
    tester.invoke("ConfirmPeriod", second["id"], *counted, as_=KEEPER)
    assert tester.invoke("ConfirmPeriod", third["id"], *counted, as_=KEEPER)["state"] == "CONFIRMED"


def test_another_organisations_credential_is_not_revoked(tester: ContractTester) -> None:
    given = {"claims": [{"digest": "ab" * 32}], "until": "2026-12-01"}
    issued = tester.invoke("IssueCredential", given, as_=KEEPER)
    refused("NOT_ISSUER", tester, "RevokeCredential", issued["id"], "误发", as_=BOTH)
    successor = client("OfficeMSP", "successor", role="catalogue_keeper")
    assert tester.invoke("RevokeCredential", issued["id"], "误发", as_=successor)["state"] == "REVOKED"


def test_periods_follow_each_other_and_figures_must_agree(tester: ContractTester) -> None:
    found = proposed(tester)
    refused("NOT_LIVE", tester, "ReportPeriod", found, GOOD, as_=OWNER)
    tester.invoke("AdmitApplication", found, "2026-06-01", as_=KEEPER)
    refused("INVALID_FIELD", tester, "ReportPeriod", found, {**GOOD, "valid": 101}, as_=OWNER)
    refused("INVALID_FIELD", tester, "ReportPeriod", found, {**GOOD, "kept": True}, as_=OWNER)
    refused("NOT_OWNER", tester, "ReportPeriod", found, GOOD, as_=KEEPER)
    one = tester.invoke("ReportPeriod", found, GOOD, as_=OWNER)
    assert one["kept"] is True
    for first in (11, 20, 22):
        refused("PERIOD_GAP", tester, "ReportPeriod", found, {**GOOD, "first": first, "last": 30}, as_=OWNER)
    refused("OWN_ORGANISATION", tester, "DisputePeriod", one["id"], "不符", as_=BOTH)
    two = tester.invoke("ReportPeriod", found, {**GOOD, "first": 21, "last": 30, "valid": 94}, as_=OWNER)
    slow = tester.invoke("ReportPeriod", found, {**GOOD, "first": 31, "last": 40, "p95_ms": 2_001}, as_=OWNER)
    assert two["kept"] is slow["kept"] is False
    refused("FIGURES_DIFFER", tester, "ConfirmPeriod", one["id"], 100, 98, 3, 40, as_=KEEPER)
    refused("PERIOD_GAP", tester, "DisputePeriod", one["id"], "不符", as_=KEEPER)
    assert tester.invoke("ConfirmPeriod", one["id"], 100, 99, 3, 40, as_=KEEPER)["state"] == "CONFIRMED"
    tester.invoke("DisputePeriod", slow["id"], "不符", as_=KEEPER)
    assert tester.invoke("ReportPeriod", found, {**GOOD, "first": 31, "last": 35}, as_=OWNER)["kept"] is True


def test_nothing_retires_before_its_last_day(tester: ContractTester) -> None:
    found = on_trial(tester)
    tester.invoke("FinishTrial", found, assessed(tester), as_=OWNER)
    period = tester.invoke("ReportPeriod", found, GOOD, as_=OWNER)["id"]
    tester.invoke("ConfirmPeriod", period, *(GOOD[one] for one in FIGURES), as_=KEEPER)
    assert tester.invoke("ApproveApplication", found, as_=KEEPER)["state"] == "SERVING"
    tester.invoke("SuspendApplication", found, "故障", as_=KEEPER)
    tester.invoke("ResumeApplication", found, "已修复", as_=KEEPER)
    refused("INVALID_FIELD", tester, "AnnounceRetirement", found, "2026-03-01", None, as_=OWNER)
    tester.invoke("AnnounceRetirement", found, "2026-03-31", "新号源", as_=OWNER)
    refused("BEFORE_LAST_DAY", tester, "RetireApplication", found, as_=KEEPER)
    tester.now = dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC)
    assert tester.invoke("RetireApplication", found, as_=KEEPER)["state"] == "RETIRED"
    refused("NOT_LIVE", tester, "ReportPeriod", found, {**GOOD, "first": 21, "last": 22}, as_=OWNER)
    assert proposed(tester) != found


# -- on a network ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def trial(world: World) -> Iterator[tuple[Service, str]]:
    """供应链金融 on trial, with some transactions of several people since."""
    service = world.service()
    form = {"name": "供应链金融", "purpose": "凭证流转", "contract": "supply_finance"}
    made = service.do(Application.propose, form | {"least_valid": 9_000, "within_ms": 5_000}).value["id"]
    until = (clock.today() + dt.timedelta(days=30)).isoformat()
    service.do(Application.admit, {"trial_until": until}, on=made)
    finance = world.platform.applications.get("supply_finance").build_service(world.platform, "city")
    core = finance.who(finance.signer_for("core_enterprise")).party
    line = finance.catalogue.kinds["line"]
    later = (clock.today() + dt.timedelta(days=300)).isoformat()
    for one in range(5):
        given = {"core": core, "limit_fen": 1000 + one, "until": later}
        record = finance.do(line.acts["grant"], given).value["id"]
        finance.do(line.acts["accept"], on=record)
    yield service, made


def recount(path: Path, contract: str, first: int, last: int) -> dict[str, int]:
    """The same from an export of the ledger, by Fabric's own messages and nothing of ours."""
    total = valid = 0
    authors: set[bytes] = set()
    waits: list[float] = []
    for raw in read_export(path):
        block = Block.FromString(raw)
        if not first <= block.header.number <= last:
            continue
        codes, found = block.metadata.metadata[2], []
        for place, data in enumerate(block.data.data):
            header: Header = Payload.FromString(Envelope.FromString(data).payload).header
            channel = ChannelHeader.FromString(header.channel_header)
            name = ChaincodeHeaderExtension.FromString(channel.extension).chaincode_id.name
            at = channel.timestamp.seconds + channel.timestamp.nanos / 1e9
            found.append((name, at, codes[place], SignatureHeader.FromString(header.signature_header).creator))
        for name, at, code, creator in found:
            if name == contract:
                total, valid = total + 1, valid + (code == 0)
                authors.add(creator)
                waits.append(max(one[1] for one in found) - at)
    rank = math.ceil(0.95 * len(waits)) - 1
    return {"transactions": total, "valid": valid, "authors": len(authors), "p95_ms": int(sorted(waits)[rank] * 1000)}


def test_reported_figures_equal_those_recomputed_from_the_blocks(
    world: World, trial: tuple[Service, str], tmp_path: Path
) -> None:
    service, application = trial
    words = ["--lang", "en", "--workspace", str(world.platform.workspace.folder), "catalogue"]
    assert run([*words, "period", "report", application, "--network", "city"]) == 0
    (period,) = service.under(application, Period)
    world.platform.ledger.export(tmp_path / "chain.blocks", "city")
    again = recount(tmp_path / "chain.blocks", "supply_finance", period["first"], period["last"])
    assert {name: period[name] for name in again} == again
    assert again["transactions"] == again["valid"] >= 10 and again["authors"] == 2 and period["kept"]
    assert run([*words, "period", "confirm", period["id"], "--network", "city"]) == 0
    assert service.read(period["id"])["state"] == "CONFIRMED"


def test_a_report_that_the_blocks_do_not_bear_is_not_confirmed(world: World, trial: tuple[Service, str]) -> None:
    service, application = trial
    if not service.under(application, Period):
        metering.confirm(service, metering.report(service, application).value["id"])
    metered = service.read(application)["metered"]
    height = world.platform.chain.info("city", "citychannel").height
    given = {"first": metered + 1, "last": height - 1, "transactions": 7, "valid": 7, "authors": 1, "p95_ms": 0}
    lie = service.do(Period.report, given, on=application).value
    with pytest.raises(Conflict) as caught:
        metering.confirm(service, lie["id"])
    assert caught.value.code == "figures_differ" and "transactions" in caught.value.message.en  # type: ignore[union-attr]
    service.do(Period.dispute, {"reason": "与区块不符"}, on=lie["id"])
    assert service.read(application)["metered"] == metered
    with pytest.raises(LedgerError):
        service.do(Period.report, {**given, "first": metered + 5}, on=application)


def test_bad_blocks_are_not_left_out_by_way_of_a_dispute(world: World) -> None:
    """A first period that is disputed is none: whoever reports anew begins where the trial began."""
    service = world.service()
    form = {"name": "号源", "purpose": "预约", "contract": "health_slots", "least_valid": 9_000, "within_ms": 5_000}
    made = service.do(Application.propose, form).value["id"]
    service.do(Application.admit, {"trial_until": (clock.today() + dt.timedelta(days=30)).isoformat()}, on=made)
    for line in range(5, 8):
        service.do(Seal.seal, {"chain": "ab" * 32, "line": line, "head": "cd" * 32})
    height = world.platform.chain.info("city", "citychannel").height
    lie = {"first": 1, "last": 1, "transactions": 1, "valid": 0, "authors": 1, "p95_ms": 0}
    disputed = service.do(Period.report, lie, on=made).value
    service.do(Period.dispute, {"reason": "与区块不符"}, on=disputed["id"])
    figures = asdict(metering.counted(service, "health_slots", height - 1, height))
    late = service.do(Period.report, {"first": height - 1, "last": height, **figures}, on=made).value
    with pytest.raises(Conflict) as caught:
        metering.confirm(service, late["id"])
    assert caught.value.code == "period_gap"
    service.do(Period.dispute, {"reason": "漏掉区块"}, on=late["id"])
    whole = metering.report(service, made).value
    assert whole["first"] < height - 1
    assert metering.confirm(service, whole["id"]).value["state"] == "CONFIRMED"


def test_it_comes_into_service_by_both_organisations(world: World, trial: tuple[Service, str]) -> None:
    service, application = trial
    made = measuring.assess(service, "CS-02")
    assert made.record is not None
    service.do(Application.finish, {"assessment": made.record["id"]}, on=application)
    if not any(one["state"] == "CONFIRMED" for one in service.under(application, Period)):
        metering.confirm(service, metering.report(service, application).value["id"])
    assert service.do(Application.approve, on=application).value["state"] == "SERVING"
    signers = [one["by"].partition("/")[0] for one in service.read(application)["log"]]
    assert {"HospitalMSP", "DataBureauMSP"} == set(signers)
    service.do(Application.announce, {"last_day": (clock.today() + dt.timedelta(days=9)).isoformat()}, on=application)
    with pytest.raises(CityChainError) as caught:
        service.do(Application.retire, on=application)
    assert caught.value.code == "before_last_day"
