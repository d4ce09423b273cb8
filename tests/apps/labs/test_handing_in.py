"""A finished path handed in by one desk and assessed at another: what is forged, copied or one's own is refused.

Two labs are done for real in the learner's workspace; a path of these two stands for the course's own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from apps.catalogue import credentials
from apps.labs import handing_in
from apps.labs.lab import CoursePath, path_of
from apps.labs.learner import canonical
from apps.labs.service import Training
from baas.errors import CityChainError, Conflict, LedgerError, UserError
from baas.platform import Platform
from console.pages.training import handing, page
from console.widgets.forms import Form
from fabric_sdk import clock
from tests.apps.labs.bench import Learner
from tests.apps.labs.cases import CASES
from tests.conftest import City
from tests.console.conftest import IGNORED, close_desk, open_desk

pytestmark = pytest.mark.slow
LABS = ("first-contract", "revocation")
PATH = replace(path_of("operator"), labs=LABS)


@dataclass(frozen=True)
class Desk:
    """A learner's own workspace, who has come into the city's network there, and the labs that were done."""

    learner: Learner
    person: str

    def hand_in(self, target: Path, name: str = "王小明", path: CoursePath = PATH) -> Path:
        with Platform.open(self.learner.workspace) as platform:
            handing_in.write(platform, Training(platform), path, name, target)
        return target


def enter(learner: Learner, city: City, folder: Path, name: str) -> str:
    """The learner gets an identity of the city's network; the key is made at their own desk."""
    label = f"HospitalMSP/{name}"
    with Platform.open(learner.workspace) as platform:
        platform.entrance.request(folder / f"{name}.citychain", name)
    answered = city.platform.invitations.answer(
        folder / f"{name}.citychain", folder / f"{name}-entry.citychain", label, "client", {}, days=30,
        network=city.network,
    )  # fmt: skip
    with Platform.open(learner.workspace) as platform:
        platform.entrance.enter(answered.file)
    return label


@pytest.fixture(scope="module")
def paths() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handing_in, "path_of", lambda _id: PATH)
        yield


@pytest.fixture(scope="module")
def desk(city: City, paths: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("handing")
    learner = Learner(folder / "workspace")
    benches = []
    for lab in LABS:
        benches.append(learner.start(lab))
        if lab == "revocation":
            benches[-1].step(1)
            benches[-1].step(2)
        else:
            CASES[lab].wrong(benches[-1])
        CASES[lab].right(benches[-1])
        assert benches[-1].check()["passed"]
    person = enter(learner, city, folder, "lab-learner")
    yield Desk(learner, person)
    for lab in LABS:
        learner.lab("reset", lab)


@pytest.fixture(scope="module")
def handed(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk.hand_in(tmp_path_factory.mktemp("handed") / "hand-in.zip")


def assess(city: City, source: Path, **more: Any) -> handing_in.Assessed:
    return handing_in.assess(city.platform, source, network=city.network, **more)


def forged(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A hand-in with other parts."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target


def rewritten(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], object]:
    def act(parts: dict[str, bytes]) -> None:
        whole = json.loads(parts["hand-in.json"])
        change(whole)
        parts["hand-in.json"] = json.dumps(whole).encode()

    return act


def signed_again(desk: Desk, change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], object]:
    """As somebody who has the learner's key and identity, and so can sign anything."""

    def act(whole: dict[str, Any]) -> None:
        change(whole["body"])
        with Platform.open(desk.learner.workspace) as platform:
            body = canonical(whole["body"])
            network = platform.networks.resolve("")
            actor = platform.identities.acting(network)
            whole["learner"] = base64.b64encode(Training(platform).learner.sign(body)).decode()
            whole["person"] = base64.b64encode(platform.identities.signing(actor.label, network).sign(body)).decode()

    return rewritten(act)


def test_an_assessor_issues_what_the_learner_shows(desk: Desk, city: City, handed: Path, tmp_path: Path) -> None:
    looked = assess(city, handed)
    assert (looked.name, looked.party, looked.labs, looked.credential) == ("王小明", desk.person, LABS, "")
    until = f"{clock.today().year + 2}-06-30"
    issued = assess(city, handed, until=until, target=tmp_path / "credential.json")
    record, claims = credentials.read_file(tmp_path / "credential.json")
    assert record == issued.credential and set(claims) == {"name", "skill", "level", "holder"}
    service = city.platform.applications.get("catalogue").build_service(city.platform, city.network)
    stored = service.read(record)
    assert stored["state"] == "VALID" and stored["issuer"].startswith("DataBureauMSP/")
    assert stored["issuer"] != desk.person


def test_nobody_assesses_themselves(desk: Desk, city: City, handed: Path, tmp_path: Path) -> None:
    """Neither a learner without the right, nor a keeper of the catalogue who handed in, nor where the key lies."""
    with Platform.open(desk.learner.workspace) as platform, pytest.raises(CityChainError) as refused:
        handing_in.assess(platform, handed)
    assert refused.value.code == "permission_denied"
    keeper = city.platform.identities.ensure("DataBureauMSP", "lab-keeper", "catalogue_keeper", network=city.network)
    actor = city.platform.identities.actor(keeper, city.network)
    own = tmp_path / "own.zip"

    def as_keeper(whole: dict[str, Any]) -> None:
        signing = city.platform.identities.signing(keeper, city.network)
        whole["body"]["creator"] = base64.b64encode(signing.creator).decode()
        body = canonical(whole["body"])
        with Platform.open(desk.learner.workspace) as platform:
            whole["learner"] = base64.b64encode(Training(platform).learner.sign(body)).decode()
        whole["person"] = base64.b64encode(signing.sign(body)).decode()

    forged(handed, own, rewritten(as_keeper))
    with city.platform.session.acting_as(actor), pytest.raises(Conflict) as self_made:
        assess(city, own)
    assert self_made.value.code == "own_assessment"


def test_the_owner_of_the_learners_workspace_is_no_assessor(
    desk: Desk, city: City, handed: Path, tmp_path: Path
) -> None:
    """The learner's key in the assessor's keystore: whoever keeps all keys would sign for themselves."""
    from apps.labs.learner import KEY

    with Platform.open(desk.learner.workspace) as platform:
        pem = platform.keystore.get(KEY)
    city.platform.keystore.put(KEY, pem)
    try:
        with pytest.raises(Conflict) as refused:
            assess(city, handed)
        assert refused.value.code == "own_assessment"
    finally:
        city.platform.keystore.remove(KEY)


def test_results_that_somebody_else_handed_in_are_taken(desk: Desk, city: City, handed: Path, tmp_path: Path) -> None:
    until = f"{clock.today().year + 2}-06-30"
    assess(city, handed, until=until, target=tmp_path / "first.json")
    other = city.platform.identities.ensure("HospitalMSP", "lab-copier", "client", network=city.network)

    def as_other(whole: dict[str, Any]) -> None:
        """The learner has given the key away; another person signs and hands in."""
        signing = city.platform.identities.signing(other, city.network)
        whole["body"]["creator"] = base64.b64encode(signing.creator).decode()
        body = canonical(whole["body"])
        with Platform.open(desk.learner.workspace) as platform:
            whole["learner"] = base64.b64encode(Training(platform).learner.sign(body)).decode()
        whole["person"] = base64.b64encode(signing.sign(body)).decode()

    copied = forged(handed, tmp_path / "copied.zip", rewritten(as_other))
    with pytest.raises(Conflict) as refused:
        assess(city, copied)
    assert refused.value.code == "results_taken"
    notes = city.platform.workspace.path("training", "assessed.json")
    kept = json.loads(notes.read_bytes())
    assert len(kept) == 1 + len(LABS) and set(kept.values()) == {desk.person}
    with Platform.open(desk.learner.workspace) as platform:
        key = hashlib.sha256(Training(platform).learner.public).hexdigest()
    notes.write_text(json.dumps({one: who for one, who in kept.items() if one != key}), "utf-8")
    with pytest.raises(Conflict):
        assess(city, copied)  # under another key the blocks are still somebody else's


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole["body"].update(name="李四"),
        lambda whole: whole["body"]["labs"][0].update(at=1.0),
        lambda whole: whole["body"]["labs"].pop(),
        lambda whole: whole["body"].update(creator=""),
        lambda whole: whole["body"].update(key=whole["body"]["creator"]),
        lambda whole: whole.update(person=whole["learner"]),
        lambda whole: whole.update(learner="x"),
        lambda whole: whole.pop("body"),
        lambda whole: whole["body"].update(labs={"a": 1}),
        lambda whole: whole["body"].update(labs=[1, [2]]),
        lambda whole: whole["body"].update(name="x\x1b[2J"),
        lambda whole: whole["body"].update(name=3),
        lambda whole: whole["body"].update(format="other"),
    ],
)
def test_what_was_changed_does_not_hold(
    city: City, handed: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(UserError) as refused:
        assess(city, forged(handed, tmp_path / "x.zip", rewritten(change)))
    assert refused.value.code == "hand_in_unsound"


def test_what_the_learner_signs_falsely_does_not_hold(desk: Desk, city: City, handed: Path, tmp_path: Path) -> None:
    """The learner's own key signs a record of another lab's blocks, of another code, of another edition, none."""

    def record(**changes: Any) -> Callable[[dict[str, Any]], object]:
        def act(body: dict[str, Any]) -> None:
            line = body["labs"][0]
            line.update(changes)
            with Platform.open(desk.learner.workspace) as platform:
                learner = Training(platform).learner
                signed = canonical({name: value for name, value in line.items() if name != "sig"})
                line["sig"] = base64.b64encode(learner.sign(signed)).decode()

        return act

    for number, changes in enumerate(({"code": "x" * 8}, {"edition": "0" * 64}, {"evidence": "0" * 64})):
        with pytest.raises(UserError) as refused:
            assess(city, forged(handed, tmp_path / f"{number}.zip", signed_again(desk, record(**changes))))
        assert refused.value.code == "hand_in_unsound"


def test_blocks_of_another_lab_or_changed_ones_do_not_hold(
    desk: Desk, city: City, handed: Path, tmp_path: Path
) -> None:
    def swapped(parts: dict[str, bytes]) -> None:
        first, second = (f"{one}.blocks" for one in LABS)
        parts[first] = parts[second]
        digest = hashlib.sha256(parts[first]).hexdigest()

        def act(body: dict[str, Any]) -> None:
            line = body["labs"][0]
            line["evidence"] = digest
            with Platform.open(desk.learner.workspace) as platform:
                signed = canonical({name: value for name, value in line.items() if name != "sig"})
                line["sig"] = base64.b64encode(Training(platform).learner.sign(signed)).decode()

        signed_again(desk, act)(parts)

    with pytest.raises(UserError) as refused:
        assess(city, forged(handed, tmp_path / "swapped.zip", swapped))
    assert "不是您这次实训的通道" in refused.value.message.zh, refused.value.message.zh

    def edited(parts: dict[str, bytes]) -> None:
        name = f"{LABS[0]}.blocks"
        assert b"B-1" in parts[name]
        parts[name] = parts[name].replace(b"B-1", b"C-1")
        digest = hashlib.sha256(parts[name]).hexdigest()

        def act(body: dict[str, Any]) -> None:
            line = body["labs"][0]
            line["evidence"] = digest
            with Platform.open(desk.learner.workspace) as platform:
                signed = canonical({key: value for key, value in line.items() if key != "sig"})
                line["sig"] = base64.b64encode(Training(platform).learner.sign(signed)).decode()

        signed_again(desk, act)(parts)

    with pytest.raises(LedgerError) as broken:
        assess(city, forged(handed, tmp_path / "edited.zip", edited))
    assert broken.value.code == "chain_broken"
    with pytest.raises(UserError):
        assess(city, forged(handed, tmp_path / "less.zip", lambda parts: parts.pop(f"{LABS[0]}.blocks")))


def test_an_unfinished_path_and_odd_names_are_told(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Conflict) as unfinished:
        desk.hand_in(tmp_path / "x.zip", path=path_of("operator"))
    assert unfinished.value.code == "path_unfinished"
    for name in ("", " ", "a\nb", "x" * 61, "a\0"):
        with pytest.raises(UserError):
            desk.hand_in(tmp_path / "x.zip", name)
    assert not (tmp_path / "x.zip").exists()
    target = desk.hand_in(tmp_path / "ok.zip", "欧阳·阿卜杜拉 O'Neil “引号” <b>")
    with pytest.raises(Conflict):
        desk.hand_in(target)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip", b"\0" * 500])
def test_a_file_that_is_no_hand_in_is_one_sentence(city: City, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(UserError) as refused:
        assess(city, tmp_path / "x.zip")
    assert refused.value.code == "hand_in_unsound"
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("hand-in.json", "[" * 200_000)
    with pytest.raises(UserError):
        assess(city, tmp_path / "y.zip")


def test_evidence_of_a_copied_workspace_folder_is_not_the_learners(desk: Desk, city: City, tmp_path: Path) -> None:
    """Another learner copies records and blocks: with their own key nothing counts as passed."""
    other = Learner(tmp_path / "workspace")
    other.lab("list")
    shutil.copytree(desk.learner.workspace / "training", other.workspace / "training")
    enter(other, city, tmp_path, "lab-copycat")
    with pytest.raises(Conflict) as refused:
        Desk(other, "").hand_in(tmp_path / "x.zip")
    assert refused.value.code == "path_unfinished"


@pytest.mark.qt_log_ignore(IGNORED)
def test_handed_in_and_assessed_by_clicks(
    desk: Desk, city: City, qapp: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The learner at a desk of their own, with nothing but what they were sent; the assessor at the city's."""
    work, proof = tmp_path / "work.zip", tmp_path / "proof.json"
    monkeypatch.setattr(page, "paths", lambda: (PATH,))
    monkeypatch.setattr(Training, "finished", lambda self: (PATH.id,))
    monkeypatch.setattr(handing, "save_file", lambda _parent, _title, name, _pattern: str(work))
    with Platform.open(desk.learner.workspace) as platform:
        theirs = open_desk(qapp, qtbot, platform)
        theirs.go("training")
        theirs.until(lambda: theirs.window.page.shown is not None)
        assert "assess" not in theirs.window.header.buttons, "a learner issues nothing"

        def give_name(dialog: Any) -> None:
            assert "lab-learner" in dialog.signing.words
            assert not dialog.accept_button.isEnabled()
            dialog.findChild(Form).fields["name"].set_value("王小明")
            theirs.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

        theirs.answer(give_name)
        theirs.press_header("hand-in")
        theirs.settle(60_000)
        theirs.no_error()
        close_desk(theirs)
    assert zipfile.is_zipfile(work) and not Path(f"{work}.part").exists()
    monkeypatch.setattr(handing, "pick_files", lambda *_: [str(work)])
    monkeypatch.setattr(handing, "save_file", lambda _parent, _title, name, _pattern: str(proof))
    office = open_desk(qapp, qtbot, city.platform)
    try:
        office.go("training")
        office.until(lambda: office.window.page.shown is not None)

        def sign(dialog: Any) -> None:
            assert "DataBureauMSP" in dialog.signing.words
            office.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

        office.answer(sign)
        office.press_header("assess")
        office.settle(60_000)
        office.until(proof.exists)
        office.no_error()
    finally:
        close_desk(office)
    record, claims = credentials.read_file(proof)
    assert set(claims) == {"name", "skill", "level", "holder"}
    service = city.platform.applications.get("catalogue").build_service(city.platform, city.network)
    assert service.read(record)["state"] == "VALID"
