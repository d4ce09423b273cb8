from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate
from fabric_protos.common.configtx_pb2 import Config

from apps.copyright.roles import CREATOR, LICENSEE
from apps.health_slots.roles import HOSPITAL_STAFF
from baas.errors import Conflict, NotFound, PermissionDenied, Unavailable, UserError
from baas.events import IdentityChanged
from baas.platform import Platform
from baas.roles import Role
from baas.services.identities import split_label
from fabric_sdk import clock
from fabric_sdk.identity import Identity
from fabric_sdk.msp import Msp


def test_an_issued_identity_signs_and_carries_its_roles(paper: Platform) -> None:
    heard: list[IdentityChanged] = []
    paper.events.subscribe(IdentityChanged, heard.append)
    label = paper.identities.issue("CopyrightMSP", "李雷", "creator,licensee", {"city": "东莞"})
    assert label == "CopyrightMSP/李雷"
    record = paper.identities.get(label)
    assert record.roles == {CREATOR, LICENSEE}
    assert record.attributes == {"role": "creator,licensee", "city": "东莞"}
    assert (record.ou, record.state, record.has_key, record.imported) == ("client", "valid", True, False)
    assert 363 <= record.days_left <= 365
    signing = paper.identities.signing(label)
    assert signing.certificate.fingerprint(SHA256()).hex() == record.fingerprint
    authority = paper.networks.handle("city").authority("CopyrightMSP")
    valid = Msp.from_config(authority.msp_config()).validate(signing.creator, None)
    assert valid.attributes["role"] == "creator,licensee"
    assert [event.what for event in heard] == ["issued"]


def test_organisation_administrators_get_the_node_ou(paper: Platform) -> None:
    label = paper.identities.issue("HospitalMSP", "boss", "organization_admin")
    record = paper.identities.get(label)
    assert record.ou == "admin"
    assert Role.ORGANIZATION_ADMIN in record.roles
    # The administrator that came with the organisation is one too, by its NodeOU alone.
    assert paper.identities.get("HospitalMSP/admin").roles == {Role.ORGANIZATION_ADMIN}


@pytest.mark.parametrize(
    ("msp_id", "name", "role"),
    [
        ("CopyrightMSP", "x", "king"),
        ("CopyrightMSP", "../x", "creator"),
        ("NobodyMSP", "x", "creator"),
        ("CopyrightMSP", "ca", "creator"),
    ],
)
def test_wrong_requests_leave_nothing_behind(paper: Platform, msp_id: str, name: str, role: str) -> None:
    before = paper.keystore.names()
    with pytest.raises(UserError):
        paper.identities.issue(msp_id, name, role)
    assert paper.keystore.names() == before


def test_a_name_is_taken_once_and_ensure_keeps_it(paper: Platform) -> None:
    paper.identities.issue("CopyrightMSP", "a", "creator")
    with pytest.raises(Conflict):
        paper.identities.issue("CopyrightMSP", "a", "creator")
    before = paper.identities.certificate("CopyrightMSP/a")
    assert paper.identities.ensure("CopyrightMSP", "a", "creator") == "CopyrightMSP/a"
    assert paper.identities.certificate("CopyrightMSP/a") == before
    with pytest.raises(Conflict):
        paper.identities.ensure("CopyrightMSP", "a", "registrar")
    assert paper.identities.ensure("CopyrightMSP", "b", "creator") == "CopyrightMSP/b"


def test_many_threads_ensure_one_identity(paper: Platform) -> None:
    with ThreadPoolExecutor(8) as pool:
        labels = list(pool.map(lambda _: paper.identities.ensure("CopyrightMSP", "same", "creator"), range(16)))
        signed = list(pool.map(lambda _: paper.identities.signing("CopyrightMSP/same").sign(b"x"), range(16)))
    assert set(labels) == {"CopyrightMSP/same"}
    assert len(signed) == 16
    journal = paper.networks.handle("city").authority("CopyrightMSP").issued()
    assert sum(1 for record in journal if record.name == "same") == 1


def test_renewal_keeps_roles_and_changes_the_key(paper: Platform) -> None:
    label = paper.identities.issue("CopyrightMSP", "a", "creator", {"team": "x"}, days=5)
    old = paper.identities.get(label)
    assert old.state == "expiring"
    new = paper.identities.renew(label)
    assert (new.roles, new.attributes, new.state) == (old.roles, old.attributes, "valid")
    assert new.fingerprint != old.fingerprint
    paper.identities.signing(label)


def test_what_expires_is_listed_most_urgent_first(paper: Platform) -> None:
    paper.identities.issue("CopyrightMSP", "ten", days=10)
    paper.identities.issue("HospitalMSP", "three", days=3)
    found = paper.identities.expiring()
    assert [record.label for record in found] == ["HospitalMSP/three", "CopyrightMSP/ten"]
    assert paper.identities.expiring(days=5)[0].label == "HospitalMSP/three"


def test_the_list_shows_authorities_nodes_and_people(paper: Platform) -> None:
    kinds = {record.kind for record in paper.identities.list("city", "CopyrightMSP")}
    assert {"ca", "tlsca", "person"} <= kinds
    organizations = {o.msp_id: o for o in paper.identities.organizations()}
    assert organizations["CopyrightMSP"].people == 1
    assert organizations["CopyrightMSP"].has_ca


def revoke_on_paper(paper: Platform, label: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Revoke without orderers; return the channels that would have been told, with the definition they got."""
    updates: list[tuple[str, bytes]] = []
    authority = paper.networks.handle("city").authority("CopyrightMSP")
    before = authority.msp_config().SerializeToString(deterministic=True)

    class Updater:
        def __init__(self, _handle: object, channel: str) -> None:
            self.channel = channel

        def submit(self, edit: Callable[[Config], None]) -> bool:
            config = Config()
            group = config.channel_group.groups["Application"].groups[
                paper.networks.spec("city").organization("CopyrightMSP").name
            ]
            group.values["MSP"].value = before
            config.channel_group.groups["Orderer"].SetInParent()
            edit(config)
            updates.append((self.channel, group.values["MSP"].value))
            return True

        def config(self) -> Config:
            return Config(sequence=1)

    monkeypatch.setattr("network.config_updates.ChannelUpdater", Updater)
    monkeypatch.setattr("baas.services.identities.wait_for_config", lambda _handle, _channel, _sequence: None)
    paper.identities.revoke(label, "key lost")
    return updates


def test_a_revoked_identity_is_refused_by_the_msp_and_may_not_act(
    paper: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = paper.identities.issue("CopyrightMSP", "gone", "creator")
    creator = Identity("CopyrightMSP", paper.identities.certificate(label)).serialize()
    ((channel, told),) = revoke_on_paper(paper, label, monkeypatch)
    assert channel == "citychannel"
    assert told == paper.networks.handle("city").authority("CopyrightMSP").msp_config().SerializeToString(
        deterministic=True
    )
    record = paper.identities.get(label)
    assert record.state == "revoked"
    assert record.revoked_at is not None and record.revoked_at <= clock.now()
    msp = Msp.from_config(paper.networks.handle("city").authority("CopyrightMSP").msp_config())
    with pytest.raises(Exception, match="revoked"):
        msp.validate(creator, None)
    with pytest.raises(UserError):
        paper.act_as(label)
    with pytest.raises(Conflict):
        paper.identities.renew(label)
    with pytest.raises(Conflict):
        paper.identities.ensure("CopyrightMSP", "gone", "creator")
    # A second call finishes what an interrupted first one began, and does not fail.
    assert revoke_on_paper(paper, label, monkeypatch)


def test_revocation_takes_renewed_certificates_with_it(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    label = paper.identities.issue("CopyrightMSP", "gone", "creator")
    first = Identity("CopyrightMSP", paper.identities.certificate(label)).serialize()
    paper.identities.renew(label)
    second = Identity("CopyrightMSP", paper.identities.certificate(label)).serialize()
    revoke_on_paper(paper, label, monkeypatch)
    msp = Msp.from_config(paper.networks.handle("city").authority("CopyrightMSP").msp_config())
    for creator in (first, second):
        with pytest.raises(Exception, match="revoked"):
            msp.validate(creator, None)


def test_a_leaked_key_is_renewed_and_its_certificate_revoked(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out for an organisation's first administrator, who cannot be revoked."""
    leaked = Identity("CopyrightMSP", paper.identities.certificate("CopyrightMSP/admin")).serialize()
    told: list[str] = []
    monkeypatch.setattr(
        type(paper.identities), "_publish_revocations", lambda _self, _network, msp_id, _ctx: told.append(msp_id)
    )
    record = paper.identities.renew("CopyrightMSP/admin", revoke_old=True)
    assert (record.state, told) == ("valid", ["CopyrightMSP"])
    msp = Msp.from_config(paper.networks.handle("city").authority("CopyrightMSP").msp_config())
    msp.validate(paper.identities.signing("CopyrightMSP/admin").creator, None)
    with pytest.raises(Exception, match="revoked"):
        msp.validate(leaked, None)


def test_the_first_administrator_cannot_be_revoked(paper: Platform) -> None:
    with pytest.raises(UserError) as refused:
        paper.identities.revoke("CopyrightMSP/admin")
    assert refused.value.code == "last_admin"


def test_pkcs12_there_and_back(paper: Platform) -> None:
    label = paper.identities.issue("CopyrightMSP", "traveller", "creator")
    data = paper.identities.export_pkcs12(label, "long password")
    certificate = paper.identities.certificate(label)
    with pytest.raises(UserError) as wrong:
        paper.identities.import_pkcs12("CopyrightMSP", "back", data, "wrong password")
    assert wrong.value.code == "pkcs12_unreadable"
    with pytest.raises(UserError) as renamed:
        paper.identities.import_pkcs12("CopyrightMSP", "back", data, "long password")
    assert renamed.value.code == "not_their_name" and "CopyrightMSP/back" not in paper.keystore.names()
    paper.keystore.remove("city/CopyrightMSP/traveller")
    made = paper.identities.import_pkcs12("CopyrightMSP", "traveller", data, "long password")
    assert paper.identities.certificate(made) == certificate
    assert paper.identities.signing(made).sign(b"x")
    with pytest.raises(UserError):
        paper.identities.import_pkcs12("HospitalMSP", "stranger", data, "long password")
    with pytest.raises(UserError):
        paper.identities.import_pkcs12("CopyrightMSP", "junk", b"junk", "long password")
    with pytest.raises(UserError):
        paper.identities.export_pkcs12(label, "short")


def test_a_pkcs12_file_that_asks_for_hours_is_given_up(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    label = paper.identities.issue("CopyrightMSP", "traveller", "creator")
    key = load_pem_private_key(paper.keystore.get("city/CopyrightMSP/traveller"), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    rounds = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2_000_000).hmac_hash(SHA256())
    data = pkcs12.serialize_key_and_certificates(
        b"x",
        key,
        load_pem_x509_certificate(paper.identities.certificate(label)),
        None,
        rounds.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).build(b"long password"),
    )
    monkeypatch.setattr("baas.services.identity_exchange.PKCS12_SECONDS", 0.2)
    with pytest.raises(UserError) as refused:
        paper.identities.import_pkcs12("CopyrightMSP", "back", data, "long password")
    assert refused.value.code == "pkcs12_unreadable"
    with pytest.raises(UserError):
        paper.identities.import_pkcs12("CopyrightMSP", "back", bytes(2_000_000), "long password")
    assert "city/CopyrightMSP/back" not in paper.keystore.names()


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and links as on POSIX")
def test_hostile_msp_folders_are_read_boundedly(paper: Platform, tmp_path: Path) -> None:
    label = paper.identities.issue("CopyrightMSP", "traveller", "creator")
    folder = paper.identities.export_msp(label, tmp_path / "msp")
    os.mkfifo(folder / "keystore" / "a-pipe")
    (folder / "keystore" / "b-loop").symlink_to(folder / "keystore" / "b-loop")
    (folder / "keystore" / "c-device").symlink_to("/dev/zero")
    (folder / "signcerts" / "a-junk").write_bytes(os.urandom(1000))
    assert paper.identities.import_msp("CopyrightMSP", "traveller", folder) == "CopyrightMSP/traveller"
    for number in range(100):
        (folder / "signcerts" / f"{number}.pem").write_bytes(b"junk")
    with pytest.raises(UserError):
        paper.identities.import_msp("CopyrightMSP", "many", folder)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Conflict):
        paper.identities.export_msp(label, tmp_path / "file")


def test_no_name_is_a_device_on_windows(paper: Platform) -> None:
    for name in ("con", "NUL", "aux.old", "COM1"):
        with pytest.raises(UserError):
            paper.identities.issue("CopyrightMSP", name)


def test_msp_folder_there_and_back(paper: Platform, tmp_path: Path) -> None:
    label = paper.identities.issue("CopyrightMSP", "traveller", "creator")
    folder = paper.identities.export_msp(label, tmp_path / "msp")
    assert {p.name for p in folder.iterdir()} >= {"signcerts", "keystore", "cacerts", "config.yaml"}
    made = paper.identities.import_msp("CopyrightMSP", "traveller", folder)
    assert paper.identities.signing(made).sign(b"x")
    with pytest.raises(Conflict):
        paper.identities.export_msp(label, tmp_path / "msp")
    with pytest.raises(UserError):
        paper.identities.import_msp("CopyrightMSP", "other", tmp_path)


def test_acting_as_somebody(paper: Platform) -> None:
    label = paper.identities.issue("HospitalMSP", "nurse", "hospital_staff")
    paper.act_as(label)
    assert paper.session.roles == {HOSPITAL_STAFF}
    paper.identities.signing(label)
    with pytest.raises(PermissionDenied):
        paper.identities.issue("HospitalMSP", "another")
    paper.act_as("owner")
    assert Role.PLATFORM_ADMIN in paper.session.roles
    with pytest.raises(NotFound):
        paper.act_as("HospitalMSP/nobody")
    for label in ("nurse", "/x", "x/", ""):
        with pytest.raises(UserError):
            split_label(label)


def test_becoming_owner_again_needs_an_open_keystore(paper: Platform) -> None:
    label = paper.identities.issue("HospitalMSP", "nurse", "hospital_staff")
    paper.set_passphrase("correct horse")
    paper.act_as(label)
    paper.keystore.lock()
    with pytest.raises(PermissionDenied):
        paper.act_as("owner")
    with pytest.raises(Unavailable):
        paper.identities.signing(label)
    paper.keystore.unlock("correct horse")
    paper.act_as("owner")


def test_changing_the_acting_person_takes_the_passphrase_again(paper: Platform) -> None:
    nurse = paper.identities.issue("HospitalMSP", "nurse", "hospital_staff")
    paper.set_passphrase("correct horse")
    paper.act_as(nurse)
    paper.act_as(nurse)
    for label in ("owner", "HospitalMSP/admin"):
        with pytest.raises(PermissionDenied) as refused:
            paper.act_as(label)
        assert refused.value.code == "passphrase_needed"
    assert paper.session.actor.label == nurse
    paper.keystore.lock()
    paper.keystore.unlock("correct horse")
    paper.act_as("HospitalMSP/admin")
    with pytest.raises(PermissionDenied):
        paper.act_as("owner")


def test_an_organisation_administrator_issues_for_the_own_organisation_only(paper: Platform) -> None:
    paper.act_as("HospitalMSP/admin")
    assert paper.identities.issue("HospitalMSP", "doctor", "hospital_staff") == "HospitalMSP/doctor"
    with pytest.raises(PermissionDenied):
        paper.identities.issue("CopyrightMSP", "doctor", "creator")


def test_an_interrupted_renewal_goes_on_and_does_nothing_twice(
    fresh_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the first node, `renew` renews the others; a second one that waited renews nothing again.

    The machine's clock was set an hour back since the network was made: the files of its certificates are of later
    than now, which is no sign that somebody has renewed them meanwhile.
    """
    from network.drivers.embedded import EmbeddedDriver

    city = fresh_city()
    platform = city.platform
    done: list[str] = []
    renew = EmbeddedDriver._renew

    def dies(driver: Any, spec: Any, node: Any) -> None:
        renew(driver, spec, node)
        done.append(node.name)
        if len(done) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(EmbeddedDriver, "_renew", dies)
    ahead = time.time() + 3600
    for certificate in platform.networks.folder(city.network).rglob("tls/server.crt"):
        os.utime(certificate, (ahead, ahead))
    with pytest.raises(KeyboardInterrupt):
        platform.changes.renew_nodes(city.network)
    left = [step.name for step in platform.changes.renewal_plan(city.network)]
    assert done[0] not in left and len(left) == len(list(platform.networks.spec(city.network).nodes())) - 1
    platform.changes.renew_nodes(city.network)
    assert len(done) == len(set(done)) == len(list(platform.networks.spec(city.network).nodes()))
    assert platform.networks.status(city.network).state == "running"
