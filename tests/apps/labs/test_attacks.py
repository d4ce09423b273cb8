"""What a learner, or a lab's file, might try: none of it passes a lab, reaches another's network or leaves anything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from apps.labs import rooms
from apps.labs.lab import course, lab_of, read_lab
from apps.labs.learner import Learner as Key
from apps.labs.learner import Passed
from apps.labs.rooms import Room
from apps.labs.service import Training
from baas.errors import CityChainError, Conflict, NotFound, UserError
from baas.platform import Platform
from network.processes import NO_WINDOW
from tests.apps.labs.bench import Learner
from tests.conftest import City

EASY = "first-network"
"""A lab that begins with no network, so that starting it costs nothing."""


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    return Learner(tmp_path / "workspace")


def record(lab: str, key: Key) -> Passed:
    return Passed(lab, lab_of(lab).edition, key.code(lab), 1_800_000_000.0, ("nodes-run",), {}, "0" * 64)


def keep(workspace: Path, *labs: str) -> Path:
    """A workspace whose learner has passed labs; the file of progress."""
    with Platform.open(workspace) as platform:
        training = Training(platform)
        for lab in labs:
            training.learner.keep(record(lab, training.learner))
        return training.learner.folder / "progress.json"


def states(learner: Learner) -> dict[str, dict[str, object]]:
    done = learner.lab("list")
    assert done.code == 0, done.err
    return {one["id"]: one for one in done.json}


# -- progress --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["lab", "edition", "code", "at", "checks", "answers", "evidence", "sig"])
def test_an_edited_record_does_not_count(learner: Learner, what: str) -> None:
    file = keep(learner.workspace, EASY, "revocation")
    assert states(learner)[EASY]["passed"]
    lines = json.loads(file.read_bytes())
    line = next(one for one in lines if one["lab"] == EASY)
    line[what] = {"lab": "own-contract", "at": 1.0, "checks": [], "answers": {"a": "b"}}.get(what, "x" * 8)
    file.write_text(json.dumps(lines), "utf-8")
    found = states(learner)
    assert not found[EASY]["passed"] and not found["own-contract"]["passed"] and found["revocation"]["passed"]
    changed = "own-contract" if what == "lab" else EASY
    assert "不算数" in json.dumps(found[changed], ensure_ascii=False) or "does not count" in str(found[changed])


@pytest.mark.parametrize("text", ["", "[", "{}", "[1, null]", '[{"lab": ["x"]}]', "[" * 100_000, '[{"answers": 3}]'])
def test_a_file_of_progress_that_is_none_passes_nothing(learner: Learner, text: str) -> None:
    keep(learner.workspace, EASY).write_text(text, "utf-8")
    assert not any(one["passed"] for one in states(learner).values())


@pytest.mark.parametrize("at", ["1" + "0" * 400, "1e999", "NaN", "true", '"1"'])
def test_a_moment_that_is_none_passes_nothing_and_is_no_defect(learner: Learner, at: str) -> None:
    file = keep(learner.workspace, EASY)
    file.write_text(file.read_text("utf-8").replace("1800000000.0", at), "utf-8")
    assert not states(learner)[EASY]["passed"]


def test_somebody_elses_progress_does_not_count(learner: Learner, tmp_path: Path) -> None:
    theirs = keep(tmp_path / "theirs", *course())
    mine = keep(learner.workspace, EASY)
    shutil.copy(theirs, mine)
    assert not any(one["passed"] for one in states(learner).values())


# -- what a lab's file says ------------------------------------------------------------------------------
LAB = """
id: {id}
title: {{zh: 题目, en: Title}}
goal: {{zh: 目标, en: Goal}}
network: {network}
story: {story}
files: [{{file: {file}, text: x}}]
steps: [{{zh: 步骤, en: Step, run: [{run}]}}]
checks: [{{id: nodes-run, zh: 检查, en: Check}}]
"""
GOOD = {"id": "some-lab", "network": "lab", "story": '""', "file": "contract.py", "run": "citychain lab list"}


def test_the_pattern_of_these_tests_is_a_lab() -> None:
    assert read_lab(LAB.format(**GOOD).encode(), "some-lab").files == {"contract.py": "x"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("id", one) for one in ("../city", "/etc", "a/b", '".."', "A-b", '"a\\0b"', "实训")),
        *(("network", one) for one in ("../city", "/x", '"a b"', "CODE/..")),
        *(("file", one) for one in ("../x.py", "/etc/passwd", "a/b/c.py", "a/../b.py", "x.sh", '"C:x.py"', ".x.py")),
        *(("story", one) for one in ("../x", "os.system", '"a b"')),
        *(("run", one) for one in ("rm -rf x", '"citychain x\\nrm x"', "[a]")),
    ],
)  # fmt: skip
def test_a_labs_file_reaches_no_path(key: str, value: str) -> None:
    with pytest.raises(CityChainError) as refused:
        read_lab(LAB.format(**{**GOOD, key: value}).encode(), "some-lab")
    assert isinstance(refused.value, UserError)


@pytest.mark.parametrize(
    "name", ["../../x", "/etc", "第一个", "first-network/..", "a\0b", "", " ", "FIRST-NETWORK", "x" * 300]
)
@pytest.mark.parametrize("command", ["show", "start", "check", "reset"])
def test_a_name_that_is_no_lab_is_told_and_makes_nothing(learner: Learner, name: str, command: str) -> None:
    done = learner.lab(command, name)
    assert done.code == 2 and done.error["code"] == "no_lab", done.err
    assert not (learner.workspace / "labs").exists()


def test_a_workspace_of_any_name_is_told_so_that_a_terminal_reads_it(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a POSIX shell")
    learner = Learner(tmp_path / "实训 室 'x' $HOME \"y\"")
    learner.start(EASY)
    from tests.apps.copyright.terminal import outcome

    shown = outcome("--workspace", str(learner.workspace), "--lang", "zh", "lab", "show", EASY).out.decode()
    lines = [one.strip() for one in shown.splitlines() if one.strip().startswith(("export ", "cd "))]
    done = subprocess.run(
        ["sh", "-c", "\n".join([*lines, 'printf "%s\\n" "$CITYCHAIN_WORKSPACE"', "pwd"])],
        capture_output=True, text=True, encoding="utf-8", check=True, creationflags=NO_WINDOW,
    )  # fmt: skip
    room = learner.workspace / "labs" / EASY
    assert done.stdout.splitlines() == [str(room / "desk"), str(room / "files")]
    assert learner.lab("reset", EASY).json["removed"] and not room.exists()


# -- others' networks and rooms --------------------------------------------------------------------------
def test_a_network_of_somebody_else_is_not_looked_at_and_survives_the_reset(learner: Learner, city: City) -> None:
    bench = learner.start(EASY)
    theirs = city.platform.networks.folder(city.network)
    before = sorted(one.name for one in theirs.iterdir())
    (bench.desk / "networks" / f"first-{bench.code}").symlink_to(theirs, target_is_directory=True)
    assert set(bench.wrong()) == {"nodes-run", "chain-verifies"}
    (bench.desk / "networks" / "other").symlink_to(theirs, target_is_directory=True)
    assert learner.lab("reset", EASY).json["removed"]
    assert sorted(one.name for one in theirs.iterdir()) == before
    assert city.platform.networks.status(city.network).state == "running"


def test_an_attached_network_is_somebody_elses(learner: Learner, city: City, tmp_path: Path) -> None:
    bench = learner.start(EASY)
    profile, password = tmp_path / "city.json", tmp_path / "password"
    city.platform.operations.export_profile("HospitalMSP", profile, city.network)
    label = city.platform.identities.ensure("HospitalMSP", "lab-visitor", "client", network=city.network)
    (tmp_path / "who.p12").write_bytes(city.platform.identities.export_pkcs12(label, "secret secret", city.network))
    password.write_text("secret secret")
    name = f"first-{bench.code}"
    bench.do(f"citychain enter {tmp_path / 'who.p12'} --profile {profile} --name {name} --password-file {password}")
    found = bench.wrong()
    assert "不是在这次实训中建立" in found["nodes-run"]["wrong"] or "was not made" in found["nodes-run"]["wrong"]
    assert learner.lab("reset", EASY).json["removed"]
    assert city.platform.networks.status(city.network).state == "running"


def test_a_room_that_was_copied_is_somebody_elses(learner: Learner, tmp_path: Path) -> None:
    other = Learner(tmp_path / "other")
    other.start(EASY)
    learner.lab("list")
    shutil.copytree(other.workspace / "labs", learner.workspace / "labs")
    for command in (("check", EASY), ("answer", EASY, "x=y")):
        done = learner.lab(*command)
        assert done.code != 0 and done.error["code"] in {"lab_not_own", "no_question"}
    note = learner.workspace / "labs" / EASY / "room.json"
    told = json.loads(note.read_bytes())
    with Platform.open(learner.workspace) as platform:
        told["code"] = Training(platform).learner.code(EASY)
    note.write_text(json.dumps(told), "utf-8")
    assert learner.lab("check", EASY).error["code"] == "lab_not_own", "a code written by hand is not signed"
    assert learner.lab("reset", EASY).json["removed"]
    assert (other.workspace / "labs" / EASY).is_dir()


@pytest.mark.slow
def test_resetting_a_copied_room_leaves_the_original_running(learner: Learner, tmp_path: Path) -> None:
    """With its nodes' notes of where they run and by which token they are told to end."""
    other = Learner(tmp_path / "other")
    theirs = other.start("first-contract")
    learner.lab("list")
    shutil.copytree(other.workspace / "labs", learner.workspace / "labs", ignore=shutil.ignore_patterns("*.sock"))
    assert learner.lab("check", "first-contract").error["code"] == "lab_not_own"
    assert learner.lab("reset", "first-contract").json["removed"]
    assert theirs.do("citychain network status")["state"] == "running"
    assert other.lab("reset", "first-contract").json["removed"]


def test_a_room_that_is_a_link_is_cut_and_what_it_leads_to_stays(learner: Learner, tmp_path: Path) -> None:
    learner.lab("list")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "room.json").write_text("{}")
    (learner.workspace / "labs").mkdir()
    (learner.workspace / "labs" / EASY).symlink_to(elsewhere, target_is_directory=True)
    assert learner.lab("check", EASY).error["code"] == "lab_not_started"
    assert learner.lab("reset", EASY).json["removed"]
    assert (elsewhere / "room.json").exists() and not (learner.workspace / "labs" / EASY).is_symlink()


# -- at once ---------------------------------------------------------------------------------------------
def test_two_starts_of_one_lab_and_of_two(learner: Learner) -> None:
    outcomes: list[object] = []

    def start(lab: str) -> None:
        with Platform.open(learner.workspace) as platform:
            try:
                outcomes.append(Training(platform).start(lab).lab.id)
            except CityChainError as error:
                outcomes.append(error.code)

    learner.lab("list")
    threads = [threading.Thread(target=start, args=(lab,)) for lab in (EASY, EASY, EASY)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert outcomes.count(EASY) == 1 and set(outcomes) <= {EASY, "lab_busy", "lab_started"}
    assert learner.lab("start", EASY).error["code"] == "lab_started"


def test_while_one_program_works_on_a_lab_others_wait(learner: Learner) -> None:
    bench = learner.start(EASY)
    with Room(learner.workspace, lab_of(EASY)).alone():
        for command in ("check", "reset", "start"):
            assert learner.lab(command, EASY).error["code"] == "lab_busy"
    assert bench.desk.is_dir()
    assert learner.lab("reset", EASY).json["removed"] and not learner.lab("reset", EASY).json["removed"]


def test_a_reset_that_cannot_stop_a_network_leaves_the_room(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = learner.start(EASY)

    def busy(_workspace: Path) -> None:
        raise Conflict(lab_of(EASY).title)

    monkeypatch.setattr(rooms, "_destroy_networks", busy)
    assert learner.lab("reset", EASY).code != 0
    assert bench.desk.is_dir() and (bench.desk.parent / "room.json").is_file()


def test_a_start_that_was_killed_is_begun_anew(learner: Learner) -> None:
    learner.lab("list")
    half = learner.workspace / "labs" / EASY / "files"
    half.mkdir(parents=True)
    (half / "old").write_text("x")
    assert learner.lab("check", EASY).error["code"] == "lab_not_started"
    bench = learner.start(EASY)
    assert not (bench.files / "old").exists()


def test_within_a_lab_its_commands_mean_the_workspace_around_it(learner: Learner) -> None:
    bench = learner.start(EASY)
    assert {one["id"]: one for one in bench.do("citychain lab list")}[EASY]["state"] in ("进行中", "under way")
    assert not (bench.desk / "labs").exists()
    with Platform.open(bench.desk) as platform, pytest.raises(Conflict) as refused:
        Training(platform)
    assert refused.value.code == "inside_lab"


def test_labs_are_left_out_of_backups_and_progress_is_not(learner: Learner, tmp_path: Path) -> None:
    import zipfile

    from tests.apps.copyright.terminal import outcome

    keep(learner.workspace, "revocation")
    learner.start(EASY)
    target = tmp_path / "all.ccb"
    assert outcome("--workspace", str(learner.workspace), "backup", str(target)).code == 0
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
    assert "training/progress.json" in names and not any(one.startswith("labs/") for one in names)


def test_answers_are_single_lines_to_questions_that_there_are(learner: Learner, tmp_path: Path) -> None:
    with Platform.open(learner.workspace) as platform, pytest.raises(NotFound):
        Training(platform).answer("reading-blocks", {"key": "A-1"})
    for words in ("key", "nothing=1", "../../x=1", f"key={'x' * 300}", "key=a\nb"):
        done = learner.lab("answer", "reading-blocks", words)
        assert done.code == 2, words
