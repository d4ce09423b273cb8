"""Seals of audit logs against who keeps the file, and against who seals for others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from apps.catalogue.contract import CatalogueContract
from baas.audit_file import FIRST, line_hash
from baas.cli.root import run
from baas.errors import LedgerError
from baas.services.audit import LAST_SEAL, LOG_ID
from baas.services.doctor import examine
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import Client, ContractTester, client
from tests.conftest import City, close_city, make_city

OFFICE, OTHER = "OfficeMSP", "OtherMSP"
SETTINGS = {"office_msp": OFFICE, "roles": {"catalogue_keeper": [OFFICE, OTHER], "catalogue_owner": [OTHER]}}
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
CHAIN, HEAD = "ab" * 32, "cd" * 32


@pytest.fixture
def tester() -> ContractTester:
    made = ContractTester(CatalogueContract(lambda: NOW))
    made.now = NOW
    made.invoke("Configure", SETTINGS, as_=client(OFFICE, "chief", ou="admin"))
    return made


def keeper(msp: str, name: str = "keeper") -> Client:
    return client(msp, name, role="catalogue_keeper")


def sealed(tester: ContractTester, line: int, by: Client, head: str = HEAD) -> None:
    tester.invoke("SealAudit", {"chain": CHAIN, "line": line, "head": head}, as_=by)


def test_sealed_lines_only_rise(tester: ContractTester) -> None:
    sealed(tester, 5, keeper(OFFICE))
    sealed(tester, 9, keeper(OFFICE, "second"))
    sealed(tester, 9, keeper(OFFICE))  # once more as it was
    for line, head in ((1, HEAD), (5, HEAD), (9, CHAIN)):
        with pytest.raises(ChaincodeError) as refused:
            sealed(tester, line, keeper(OFFICE), head)
        assert refused.value.code == "SEALED_FURTHER"


def test_nobody_takes_the_name_of_anothers_log(tester: ContractTester) -> None:
    """Who seals first, and as far as can be, hinders nobody of another organisation."""
    sealed(tester, 10**12, keeper(OTHER))
    sealed(tester, 5, keeper(OFFICE))
    sealed(tester, 6, keeper(OFFICE))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own: what is sealed wrongly stays on a ledger."""
    made = make_city(tmp_path_factory.mktemp("seals") / "w")
    yield made
    close_city(made)


def doctor(city: City) -> str:
    return next(one.state for one in examine(city.platform.workspace.folder, city.platform) if one.id == "audit")


def test_a_seal_of_another_organisation_is_a_note(own: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """False, for a line that is there and for one that is not: the office's own log stays whole."""
    from apps.catalogue import anchors

    platform = own.platform
    made = platform.audit.seal(own.network)
    log = platform.workspace.setting(LOG_ID)
    monkeypatch.setattr(anchors, "keepers", lambda *_: frozenset({"HospitalMSP/keeper"}))
    found = platform.audit.check(own.network)
    assert found.whole and not found.anchored and len(found.notes) == 1
    assert "DataBureau" in found.notes[0] and log
    monkeypatch.undo()
    found = platform.audit.check(own.network)
    assert found.whole and found.anchored == made.n and not found.notes


def test_a_sealed_log_made_anew_is_found_though_the_workspace_forgot_its_seals(
    own: City, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, path = own.platform, own.platform.audit_log.path
    assert doctor(own) == "ok"
    kept = path.read_bytes()
    settings_kept = {name: platform.workspace.setting(name) for name in (LOG_ID, LAST_SEAL)}
    words = ["--lang", "en", "--json", "--workspace", str(platform.workspace.folder), "audit", "verify"]
    try:
        for forged in (_anew(kept), b""):
            path.write_bytes(forged)
            for name, value in ((LOG_ID, ""), (LAST_SEAL, "0")):
                platform.workspace.set_setting(name, value)
            assert not platform.audit.check(own.network).whole
            assert doctor(own) == "bad"
        path.write_bytes(_anew(kept))
        assert run(words) == 4
        assert "another log" in capsys.readouterr().out
    finally:
        path.write_bytes(kept)
        for name, value in settings_kept.items():
            platform.workspace.set_setting(name, value)
    assert platform.audit.check(own.network).whole


def test_a_false_seal_of_a_line_before_is_refused_on_the_ledger(own: City) -> None:
    platform = own.platform
    with pytest.raises(LedgerError) as refused:
        platform.applications.get("catalogue").build_service(platform, own.network).ledger.submit(
            "DataBureauMSP/catalogue-catalogue_keeper",
            "SealAudit",
            {"chain": platform.workspace.setting(LOG_ID), "line": 1, "head": FIRST},
        )
    assert refused.value.code == "sealed_further"


def _anew(log: bytes) -> bytes:
    """The log without its third line and with another first time, its chain computed anew."""
    before, out = FIRST, b""
    lines = log.splitlines()
    for number, raw in enumerate([*lines[:2], *lines[3:]], 1):
        entry = {**json.loads(raw), "n": number, "prev": before}
        entry["at"] = entry["at"] + 1 if number == 1 else entry["at"]
        entry["hash"] = before = line_hash(entry)
        out += json.dumps(entry).encode() + b"\n"
    return out
