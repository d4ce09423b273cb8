"""The Gateway client itself with people's keys, past every service and page: replay, one endorser, a foreign role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.kit.service import Service
from apps.supply_finance.words import in_days
from baas.platform import Platform
from chaincode.supply_finance.kinds import Certificate
from fabric_sdk.errors import GatewayError, QuerySubmitted


def contract(platform: Platform, label: str) -> Any:
    return platform.networks.connect("city", label).get_contract("supply_finance")


def holder_of(service: Service) -> str:
    return service.signer_for("supplier")


def test_a_transfer_cannot_be_replayed(finance_city: Platform, service: Service, certificate: str) -> None:
    mine = holder_of(service)
    second = finance_city.identities.ensure(mine.partition("/")[0], "supplier-2", "supplier", network="city")
    to = service.who(second).party
    endorsed = contract(finance_city, mine).new_proposal("TransferCertificate", certificate, to).endorse()
    assert endorsed.submit().status().successful
    service.do(Certificate.recall, on=certificate, signer=mine)
    try:
        again = endorsed.submit()
        assert not again.status().successful or again.transaction_id == endorsed.transaction_id
    except GatewayError:
        pass
    assert service.read(certificate)["state"] == "HELD", "what was sent again moved nothing"
    assert len([one for one in service.read(certificate)["log"] if one["act"] == "transfer"]) == 1


def test_one_organisation_alone_passes_nothing_on(finance_city: Platform, service: Service, certificate: str) -> None:
    found = contract(finance_city, holder_of(service))
    office = service.keeper
    proposal = found.new_proposal("TransferCertificate", certificate, "X/y", endorsing_organizations=(office,))
    assert proposal.endorse().submit().status().code_name == "ENDORSEMENT_POLICY_FAILURE"
    assert service.read(certificate)["state"] == "HELD"


@pytest.mark.parametrize("role", ["bank", "core_enterprise", "supplier", "admin", ""])
def test_another_organisations_certificate_gives_no_role(finance_city: Platform, certificate: str, role: str) -> None:
    if role == "admin":
        label = "HealthMSP/admin"
    else:
        label = finance_city.identities.issue(
            "HealthMSP", f"foreign-{role or 'none'}", role or "client", network="city"
        )
    found = contract(finance_city, label)
    terms = {"core": "HospitalMSP/x", "limit_fen": 1, "until": in_days(9)}
    for function, arguments in (
        ("GrantLine", [json.dumps(terms)]),
        ("MatureCertificate", [certificate]),
        ("Configure", [json.dumps({"office_msp": "HealthMSP", "roles": {}})]),
    ):
        with pytest.raises(GatewayError, match="FORBIDDEN"):
            found.submit(function, *arguments)


def test_a_look_cannot_be_put_into_a_block(finance_city: Platform, service: Service, certificate: str) -> None:
    core = service.signer_for("core_enterprise")
    known = finance_city.networks.connect("city", core).get_contract(
        "supply_finance", queries=service.manifest.contract_queries()
    )
    with pytest.raises(QuerySubmitted):
        known.submit("ReadPaper", certificate, "papers")


def test_nothing_that_a_node_writes_tells_an_invoice(
    finance_city: Platform, service: Service, certificate: str
) -> None:
    folder = finance_city.workspace.path("networks", "city")
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert certificate.encode() in written, "what is public stands there"
    for secret in ("26310000000000000001", "输液泵 200", "采购-2026-017"):
        assert secret.encode() not in written
