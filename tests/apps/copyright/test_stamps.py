"""Time-stamps of OpenSSL's authority on loopback: taken at a deposit and daily, checked whole, counted when known."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from apps.copyright import timestamps
from apps.copyright.evidence.check import check_package
from apps.copyright.evidence.terminal import read_roots
from apps.copyright.model import WorkForm
from apps.copyright.proof import LedgerBlocks, check_evidence, export_evidence, load_roots
from apps.copyright.service import CopyrightService
from baas.errors import Unavailable
from baas.jobs import NULL_CONTEXT
from fabric_sdk import clock
from fabric_sdk.proof.timestamps import check_token
from fabric_sdk.proof.wire import Broken
from tests.apps.copyright.tsa import OPENSSL, StampAuthority
from tests.proof.tokens import STAMPING, made_token

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not on this machine")
DIGEST = hashlib.sha256(b"a block's header").digest()
Fresh = Callable[..., Path]
FORM = WorkForm(title="有时间戳的作品", authors=({"name": "样例作者"},))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampAuthority:
    return StampAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_token_leads_to_its_root_and_to_no_other(tmp_path: Path, kind: str) -> None:
    authority, other = StampAuthority(tmp_path / "a", kind), StampAuthority(tmp_path / "b", kind)
    with authority.serving() as url:
        token, stamp = timestamps.request_token(url, DIGEST, roots=load_roots(authority.roots))
        assert abs(stamp.seconds - clock.now().timestamp()) < 60
        assert stamp.root == hashlib.sha256(authority.root.public_bytes(_der())).hexdigest()
        assert check_token(token, DIGEST, load_roots(other.roots)).root == ""
        with pytest.raises(Broken, match="stamp-other"):
            check_token(token, bytes(32), [])
        with pytest.raises(Unavailable):
            timestamps.request_token(url, DIGEST, roots=load_roots(other.roots))


def _der() -> object:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.DER


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": (-700, -10)}, "stamp-expired"),
        ({"days": (-700, -10), "self_signed": True}, "stamp-expired"),
        ({"usages": (*STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)}, "stamp-usage"),
        ({"usages": (ExtendedKeyUsageOID.CODE_SIGNING,)}, "stamp-usage"),
        ({"critical": False}, "stamp-usage"),
        ({"names_signer": False}, "stamp-certificate"),
        ({"content": "data"}, "stamp-other"),
    ],
)
def test_authorities_that_may_not_stamp(changes: dict[str, Any], code: str) -> None:
    """OpenSSL refuses to sign with such certificates, so these tokens are made by hand."""
    with pytest.raises(Broken, match=code):
        check_token(made_token(DIGEST, **changes), DIGEST, [])


def test_who_signs_for_itself_is_never_known() -> None:
    assert check_token(made_token(DIGEST, self_signed=True), DIGEST, []).root == ""


def test_every_changed_byte_of_a_token_is_found(authority: StampAuthority) -> None:
    with authority.serving() as url:
        token, _ = timestamps.request_token(url, DIGEST)
    roots = load_roots(authority.roots)
    whole = check_token(token, DIGEST, roots)
    for place in range(0, len(token), 7):
        changed = bytearray(token)
        changed[place] ^= 1
        try:
            found = check_token(bytes(changed), DIGEST, roots)
        except Broken:
            continue
        assert found in (whole, whole._replace(root="", root_name="")), place


def test_a_deposit_is_stamped_and_the_stamp_counts_only_with_its_root(
    service: CopyrightService, fresh_file: Fresh, tmp_path: Path, authority: StampAuthority
) -> None:
    with authority.serving() as url:
        service.stamps.choose(url, authority.roots.read_bytes())
        try:
            done = service.deposit(fresh_file(), FORM)
            assert done.block in service.stamps.blocks
            export_evidence(service, done.work.id, tmp_path / "evidence.zip")
        finally:
            service.stamps.choose("", b"")
    without = check_evidence(tmp_path / "evidence.zip")
    assert [one["known"] for one in without.facts["stamps"]] == [False]
    assert any(one.code == "stamp-unknown" for one in without.findings)
    known = check_evidence(tmp_path / "evidence.zip", stamp_roots=load_roots(authority.roots))
    assert [one["known"] for one in known.facts["stamps"]] == [True]


def test_a_later_stamp_of_the_head_reaches_back_to_a_deposit(
    service: CopyrightService, fresh_file: Fresh, tmp_path: Path, authority: StampAuthority
) -> None:
    done = service.deposit(fresh_file(), FORM)
    assert done.block not in service.stamps.blocks
    for number in range(3):
        service.deposit(fresh_file(f"later{number}.txt"), FORM)
    with authority.serving() as url:
        service.stamps.choose(url, authority.roots.read_bytes())
        try:
            for path in service.stamps._folder.glob("*.tsr"):
                os.utime(path, (0, 0))
            assert len(service.stamp_due()) == 1
            assert service.stamp_due() == ()  # once a day
            head = max(service.stamps.blocks)
            export_evidence(service, done.work.id, tmp_path / "evidence.zip")
        finally:
            service.stamps.choose("", b"")
    report = check_evidence(tmp_path / "evidence.zip", stamp_roots=load_roots(authority.roots))
    assert {"block": head, "known": True}.items() <= report.facts["stamps"][-1].items()
    assert head > done.block
    with (tmp_path / "evidence.zip").open("rb") as stream:
        assert check_package(stream, None, read_roots(authority.roots.read_bytes())).verdict == "consistent"


def test_an_authority_that_is_away_stops_no_deposit(service: CopyrightService, fresh_file: Fresh) -> None:
    service.stamps.choose("http://127.0.0.1:9/", b"")
    try:
        done = service.deposit(fresh_file(), FORM)
        assert done.block in service.stamps.wanted
        source = LedgerBlocks(service)
        with pytest.raises(Unavailable):
            service.stamps.due(source, done.block + 1, clock.now() + timedelta(days=2))
        assert done.block in service.stamps.wanted
    finally:
        service.stamps.choose("", b"")
        (service.stamps._folder / f"{done.block}.wanted").unlink()


def test_the_duty_says_what_it_did(service: CopyrightService, authority: StampAuthority) -> None:
    from apps.copyright.serving import STAMPS

    (duty,) = STAMPS.duties
    platform, network = service.platform, service.network
    said = duty.run(platform, network, NULL_CONTEXT)
    assert said is not None
    assert "no time-stamp authority" in said.en
    with authority.serving() as url:
        service.stamps.choose(url, authority.roots.read_bytes())
        try:
            for path in service.stamps._folder.glob("*.tsr"):
                os.utime(path, (0, 0))
            service.stamps._folder.mkdir(exist_ok=True)
            said = [duty.run(platform, network, NULL_CONTEXT) for _ in range(2)]
            assert [one.en.partition(" ")[2][:5] for one in said if one] in (["taken", "was d"], ["was d", "was d"])
            assert service.stamps.blocks
        finally:
            service.stamps.choose("", b"")
