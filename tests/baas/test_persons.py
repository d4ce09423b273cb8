"""A person is a certificate: whatever a workspace calls an identity, its certificate says who acts."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import apps
import baas
import console
import network as network_package
from apps.copyright.acting import CopyrightActs
from apps.copyright.ledger import CopyrightLedger
from apps.health_slots.ledger import FabricLedger
from baas.errors import CityChainError, PermissionDenied
from baas.platform import Platform
from baas.roles import Role
from network.attached.folder import FILE_NAME, AttachedSettings, correct_labels
from network.material import OrganizationCA
from network.persons import fit_name, kept_name, person_of
from network.plan import NetworkState
from network.topology import template
from network.vault import MemoryVault

ROOTS = [Path(next(iter(package.__path__))) for package in (apps, baas, console, network_package)]
# Where comparing is what a label is for: choosing a row or a key, or asking whether the key is the acting person's own.
TITLES = {
    "baas/session.py",
    "baas/platform.py",
    "console/shell/account.py",
}


def visitor(folder: Path, label: str = "admin") -> Platform:
    """A desk that came into a city as the creator wang, kept as an earlier version would: under `label`."""
    platform = Platform.open(folder)
    spec = template("city", network_name="city").with_(runtime="attached")
    place = platform.workspace.path("networks", "city")
    elsewhere = MemoryVault()
    authorities = {}
    for organization in spec.organizations:
        authority = OrganizationCA(place, "city", organization, elsewhere)
        authority.create()
        authority.certificate_path("admin").unlink()
        authorities[organization.msp_id] = authority
    wang = authorities["CopyrightMSP"].issue("wang", "client", {"role": "creator"})
    authorities["CopyrightMSP"].certificate_path(label).write_bytes(wang.certificate_pem)
    platform.keystore.put(f"city/CopyrightMSP/{label}", wang.private_key_pem)
    AttachedSettings("CopyrightMSP", label, "read-only").save(place)
    NetworkState(phase="ready", wanted=spec, reached=spec).save(place)
    return platform


def test_a_desk_acts_as_its_one_person_and_after_a_restart_too(tmp_path: Path) -> None:
    visitor(tmp_path / "desk").close()
    for _ in range(2):
        with Platform.open(tmp_path / "desk") as platform:
            actor = platform.session.actor
            assert (actor.party, actor.roles) == ("CopyrightMSP/wang", {Role("creator")})
            assert actor.desk and platform.identities.acting("city") == actor
            # The desk is kept by its person; the city is not theirs to change.
            for word in ("network.attach", "workspace.backup", "identity.export", "keystore.change"):
                platform.session.require(word)
            for word in ("network.change", "identity.issue", "identity.revoke", "contract.change"):
                with pytest.raises(PermissionDenied):
                    platform.session.require(word)


def test_a_workspace_attached_before_is_corrected_when_it_is_opened(tmp_path: Path) -> None:
    visitor(tmp_path / "desk").close()
    with Platform.open(tmp_path / "desk") as platform:
        people = platform.identities.list("city", kind="person")
        assert [(one.label, one.party, one.has_key) for one in people] == [
            ("CopyrightMSP/wang", "CopyrightMSP/wang", True)
        ]
        assert platform.keystore.names() == ("city/CopyrightMSP/wang",)
        settings = json.loads((platform.networks.folder("city") / FILE_NAME).read_bytes())
        assert settings["identity"] == "wang"
        assert not correct_labels(platform.networks.folder("city"), platform.keystore)


def test_a_locked_keystore_is_corrected_once_it_is_open(tmp_path: Path) -> None:
    with visitor(tmp_path / "desk") as platform:
        platform.keystore.set_passphrase("long enough")
    with Platform.open(tmp_path / "desk") as platform:
        assert platform.session.actor.party == "CopyrightMSP/wang"
        assert platform.session.actor.label == "CopyrightMSP/admin"
        platform.keystore.unlock("long enough")
        assert platform.keystore.names() == ("city/CopyrightMSP/wang",)


def test_a_stop_in_the_middle_of_the_correction_loses_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor(tmp_path / "desk").close()

    def stopped(*_: object) -> None:
        raise OSError("stopped here")

    with monkeypatch.context() as patch:
        patch.setattr(AttachedSettings, "save", stopped)
        Platform.open(tmp_path / "desk").close()
    with Platform.open(tmp_path / "desk") as platform:
        assert platform.session.actor.label == "CopyrightMSP/wang"
        assert platform.identities.signing("CopyrightMSP/wang").sign(b"x")
        assert platform.keystore.names() == ("city/CopyrightMSP/wang",)


def test_who_acted_last_acts_after_a_restart(tmp_path: Path) -> None:
    with Platform.open(tmp_path / "city") as platform:
        spec = template("city", network_name="city")
        folder = platform.workspace.path("networks", "city")
        for organization in spec.organizations:
            OrganizationCA(folder, "city", organization, platform.keystore).create()
        NetworkState(phase="ready", wanted=spec, reached=spec).save(folder)
        platform.identities.issue("HospitalMSP", "nurse", "hospital_staff")
        platform.act_as("HospitalMSP/nurse", remember=True)
    with Platform.open(tmp_path / "city") as platform:
        assert platform.session.actor.party == "HospitalMSP/nurse"
        assert not platform.session.actor.desk
        platform.act_as("owner", remember=True)
    with Platform.open(tmp_path / "city") as platform:
        assert platform.session.actor.party == ""


def test_nothing_is_decided_by_a_foreign_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every notion of "who" in both applications follows the certificate of an identity kept under another name."""
    with visitor(tmp_path / "desk", "admin") as platform:
        monkeypatch.setattr("network.attached.folder.correct_labels", lambda *_: False)
        platform.settle()
        actor = platform.session.actor
        assert (actor.label, actor.party) == ("CopyrightMSP/admin", "CopyrightMSP/wang")
        copyright_ledger = CopyrightLedger(platform, "city")
        assert {copyright_ledger.party(part) for part in ("creator", "registrar", "auditor")} == {"CopyrightMSP/wang"}
        answers = {"party": platform.identities.party(actor.label, "city"), "roles": ["creator"]}
        monkeypatch.setattr(copyright_ledger, "evaluate", lambda signer, function: answers)  # as a peer tells
        acts = CopyrightActs(platform, "city", copyright_ledger)
        assert acts.signers == (actor.label,)
        mine = {"owners": [{"party": "CopyrightMSP/wang"}]}
        theirs = {"owners": [{"party": "CopyrightMSP/admin"}]}
        assert acts.owner_of(mine) and not acts.owner_of(theirs)
        slots = FabricLedger(platform, "city")
        assert platform.identities.party(slots.label("staff"), "city") == "CopyrightMSP/wang"
        # A creator kept as "admin" administers nothing.
        handle = platform.networks.handle("city")
        assert handle.administrator("CopyrightMSP") is None
        assert list(handle.administrators()) == []


def labels_compared(path: Path) -> list[int]:
    """Lines where two things are compared one of which is called a label of somebody."""
    lines: list[int] = []
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)) if ".label" in source else ():
        if isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops
        ):
            for side in (node.left, *node.comparators):
                owner = side.value if isinstance(side, ast.Attribute) and side.attr == "label" else None
                if owner is not None and ast.unparse(owner).rpartition(".")[2] in {"actor", "_actor", "session"}:
                    lines.append(node.lineno)
    return lines


def test_no_comparison_of_an_actors_label_decides_a_right() -> None:
    found = {}
    for root in ROOTS:
        for path in root.rglob("*.py"):
            name = path.relative_to(root.parent).as_posix()
            if name not in TITLES and (lines := labels_compared(path)):
                found[name] = lines
    assert found == {}


def test_the_search_for_compared_labels_can_find_one(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("def may(session, work):\n    return session.actor.label == work.owner\n")
    assert labels_compared(planted) == [2]


@pytest.mark.parametrize("name", ["wang", "Admin@org1.example.com", "王 小明", "a.b"])
def test_names_that_can_be_kept_are_kept(name: str) -> None:
    assert fit_name(name)


@pytest.mark.parametrize("name", ["ca", "tlsca", "CA", "a/b", "..", "", "con", "x" * 200, " a", "a\nb"])
def test_certificates_names_cannot_reach_other_keys(tmp_path: Path, name: str) -> None:
    """A certificate whose name is that of an authority, or leads elsewhere, is kept under a name of its own."""
    assert not fit_name(name)
    organization = template("city").organizations[0]
    authority = OrganizationCA(tmp_path, "city", organization, MemoryVault())
    authority.create()
    person = person_of(organization.msp_id, authority.issue("plain", "client").certificate_pem)
    hostile = type(person)(person.msp_id, name, "client", {})
    kept = kept_name(hostile)
    assert fit_name(kept) and kept not in {"ca", "tlsca", "admin"}
    assert authority.certificate_path(kept).parent == authority.directory / "users"


def test_importing_under_another_name_is_refused_whichever_way(paper: Platform, tmp_path: Path) -> None:
    label = paper.identities.issue("CopyrightMSP", "wang", "creator")
    folder = paper.identities.export_msp(label, tmp_path / "msp")
    data = paper.identities.export_pkcs12(label, "long password")
    before = paper.keystore.names()
    for act in (
        lambda: paper.identities.import_msp("CopyrightMSP", "notme", folder),
        lambda: paper.identities.import_pkcs12("CopyrightMSP", "notme", data, "long password"),
        lambda: paper.identities.import_pkcs12("CopyrightMSP", "admin", data, "long password"),
    ):
        with pytest.raises(CityChainError) as refused:
            act()
        assert refused.value.code == "not_their_name"
    assert paper.keystore.names() == before


def test_a_newer_certificate_comes_in_place_and_the_older_key_is_kept(paper: Platform) -> None:
    label = paper.identities.issue("CopyrightMSP", "wang", "creator")
    authority = paper.networks.handle("city").authority("CopyrightMSP")
    first = paper.keystore.get("city/CopyrightMSP/wang")
    paper.identities.renew(label)
    assert paper.keystore.get("city/CopyrightMSP/wang") != first
    assert authority.persons.retired_keys("wang") == (first,)
    # The person whose older key is kept still acts under the newer certificate alone.
    assert paper.identities.signing(label).certificate.serial_number == int(paper.identities.get(label).serial, 16)
