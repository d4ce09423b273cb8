"""A registration office whose every key is in a token: deposit, certificate under its seal, evidence, a check of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.copyright import seal as seals
from apps.copyright.proof import check_evidence, export_evidence
from apps.copyright.service import CopyrightService
from baas.errors import Unavailable, UserError
from baas.platform import Platform
from network.tokens.address import TokenAddress
from network.tokens.reference import is_reference
from tests.apps.copyright.test_service import FORM, registered
from tests.conftest import City, close_city
from tests.hsm import SoftHsm, private_keys, softhsm

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    with softhsm(tmp_path_factory.mktemp("hsm")) as made:
        yield made


@pytest.fixture(scope="module")
def token(hsm: SoftHsm) -> TokenAddress:
    return hsm.make("office")


@pytest.fixture(scope="module")
def office(token: TokenAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyrightService]:
    platform = Platform.open(tmp_path_factory.mktemp("office") / "workspace")
    city = City(platform, "city")
    try:
        spec = platform.networks.template("city", name="city")
        platform.token_keys.choose(spec, [str(token)])
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "copyright")
        with CopyrightService(platform, "city") as service:
            yield service
    finally:
        close_city(city)


def test_evidence_and_certificate_are_signed_in_the_token(
    office: CopyrightService, token: TokenAddress, hsm: SoftHsm, tmp_path: Path
) -> None:
    platform = office.platform
    source = tmp_path / "work.txt"
    source.write_text("令牌中的密钥\n" * 20, encoding="utf-8")
    work = office.deposit(source, FORM).work
    case = registered(office, work.id)
    done = office.certify(case.id)
    assert done.path.read_bytes().startswith(b"%PDF")
    office.review(case.id, "publish")
    export_evidence(office, work.id, tmp_path / "evidence.zip")
    found = check_evidence(tmp_path / "evidence.zip")
    assert found.verdict == "consistent", found.findings
    assert "certificate" in {one.code for one in found.findings}
    kept = {name: platform.keystore.get(name) for name in platform.keystore.names()}
    for what in ("ca", "admin", "seal-root"):
        assert is_reference(kept[f"city/CopyrightMSP/{what}"]), what
    assert {path.name for path, _ in private_keys(platform.workspace.folder)} <= {"key.pem", "server.key"}
    with pytest.raises(UserError) as caught:
        seals.take_out(office, tmp_path / "root.pem", b"a long passphrase")
    assert caught.value.code == "key_in_token"
    assert not (tmp_path / "root.pem").exists() and seals.SealStore(office).get("root") is not None
    another = tmp_path / "another.txt"
    another.write_text("拔出令牌\n" * 20, encoding="utf-8")
    pins = len(office.content.pins())
    with hsm.away(), pytest.raises(Unavailable) as gone:
        office.deposit(another, FORM)
    assert gone.value.code == "token_missing"
    assert len(office.content.pins()) == pins and not office.find_file(another)
    assert office.deposit(another, FORM).work.id
