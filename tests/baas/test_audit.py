"""The audit log: nothing changes without a line, and no line changes without being found."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from baas import audit, audit_file
from baas.audit import AuditLog, operation
from baas.audit_file import Anchor, check, line_hash
from baas.cli.root import root, run
from baas.errors import Conflict, PermissionDenied, UserError
from baas.platform import Platform
from baas.services.audit import DAY_S, LAST_SEAL, seal_daily
from baas.services.doctor import examine
from baas.session import Actor
from tests.baas.test_permissions import HARMLESS, MORE, MSP, leaves, plausible, refused_by_command
from tests.conftest import City

READS = frozenset({
    "audit export", "audit list", "audit seals", "audit verify", "audit who", "catalogue seal history",
    "catalogue seal list", "catalogue seal show",
    "catalogue application history", "catalogue application list", "catalogue application show",
    "catalogue credential history", "catalogue credential list",
    "catalogue credential present", "catalogue credential show",
    "catalogue period history", "catalogue period list", "catalogue period show",
    "catalogue assessment history", "catalogue assessment list",
    "catalogue assessment report",
    "catalogue assessment show", "catalogue newest", "catalogue standard history", "catalogue standard list",
    "catalogue standard show", "catalogue standard text", "catalogue waiting", "chaincode explain",
    "chaincode keys list",
    "chaincode metadata", "chaincode proposal", "chaincode request", "chaincode status", "copyright calendar",
    "copyright embed-credentials", "copyright evidence", "copyright history", "copyright inbox", "copyright list",
    "copyright money owed", "copyright money book",
    "copyright infringement watch list",
    "copyright open", "copyright queue", "copyright search", "copyright show", "copyright tree", "finance books",
    "finance certificate export", "finance certificate history", "finance certificate list",
    "finance certificate paper", "finance certificate show", "finance certificate tree",
    "finance financing history", "finance financing list", "finance financing paper", "finance financing show",
    "finance line history", "finance line list", "finance line show", "finance waiting", "identity expiring",
    "identity list", "identity organizations", "identity show", "identity status", "keystore places", "keystore tokens",
    "ledger block", "ledger blocks", "ledger history",
    "ledger people", "ledger search", "ledger state", "ledger status", "ledger transactions", "ledger tx",
    "monitor alerts", "monitor history", "monitor show", "chaincode package-id", "inbox",
    "ledger verify", "network card", "network certificates", "network config", "network health", "network list",
    "network logs", "network pending", "network profile", "network proposal", "network snapshot list", "network status",
    "organization list",
    "slots appointments", "slots bill balance", "slots bill postings", "slots calendar", "slots consent show",
    "slots draw export", "slots draw list", "slots draw show", "slots draw verify", "slots hospitals",
    "slots index", "slots key show", "slots prove", "slots queue", "slots search", "slots session",
    "slots referrals", "slots reserved",
    "slots settings", "slots show", "slots signals", "slots slip", "slots traces", "slots units", "store cat",
    "store export", "store ls", "store stat", "store swarm peers", "store verify",
    "trace affected", "trace enterprise history",
    "trace enterprise list", "trace enterprise show", "trace event history", "trace event list", "trace event show",
    "trace events", "trace goods", "trace notice history", "trace notice list", "trace notice show", "trace query",
    "trace readings history", "trace readings list", "trace readings show", "trace recall history",
    "trace recall list", "trace recall show", "trace waiting",
})  # fmt: skip
"""They look at what is there, or write a file for the caller."""
READ_FIRST = frozenset({
    "copyright change", "copyright dispute open", "copyright dispute withdraw", "copyright register",
    "copyright seal", "copyright tsa", "slots add", "slots consent revoke", "slots draw apply", "slots init",
    "slots policy", "slots points", "slots clinics",
    "network listen", "trace stop", "serve", "monitor webhook", "slots import",
    "monitor drill", "copyright reindex", "copyright papers", "copyright certificate", "copyright files",
    "copyright amend", "copyright money reconcile",
    "copyright infringement parts", "copyright infringement watch run", "copyright payment record",
    "ledger archive", "ledger reindex",
})  # fmt: skip
"""They read first; what they change then asks for its own right, or goes through the ledger's client."""


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def entries_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines_of(path)]


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A log of twelve lines."""
    made = AuditLog(tmp_path)
    for number in range(12):
        made.write("asked", who="owner", asks=[f"x.change{number}"])
    return made


def test_a_log_is_whole(log: AuditLog) -> None:
    found = check(lines_of(log.path))
    assert (found.whole, found.lines, found.anchored) == (True, 12, 0)
    assert found.head == entries_of(log.path)[-1]["hash"]


def _rechained(lines: list[bytes]) -> list[bytes]:
    """The lines as somebody writes them who computes all hashes anew."""
    before, out = audit_file.FIRST, []
    for number, raw in enumerate(lines, 1):
        entry = {**json.loads(raw), "n": number, "prev": before}
        entry["hash"] = before = line_hash(entry)
        out.append(json.dumps(entry).encode() + b"\n")
    return out


def _edited(line: bytes) -> bytes:
    return line.replace(b'"owner"', b'"other"')


TAMPERED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a word of a line": lambda own: [*own[:5], _edited(own[5]), *own[6:]],
    "a word of the last line": lambda own: [*own[:-1], _edited(own[-1])],
    "a line taken out": lambda own: own[:5] + own[6:],
    "the first line taken out": lambda own: own[1:],
    "a line put in": lambda own: [*own[:5], own[4], *own[5:]],
    "two lines exchanged": lambda own: [*own[:4], own[5], own[4], *own[6:]],
    "a line with its own hash made anew": lambda own: [*own[:5], _rechained([_edited(own[5])])[0], *own[6:]],
    "a line that is no entry": lambda own: [*own[:5], b"{}\n", *own[6:]],
    "a last line without its end": lambda own: [*own[:-1], own[-1][:-9]],
}
ONLY_BY_SEAL: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "the last lines left away": lambda own: own[:8],
    "everything left away": lambda own: [],
    "the whole chain made anew": lambda own: _rechained([*own[:5], _edited(own[5]), *own[6:]]),
    "a line left away and the chain made anew": lambda own: _rechained(own[:5] + own[6:]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_found_in_the_file_alone(log: AuditLog, what: str) -> None:
    lines = lines_of(log.path)
    changed = TAMPERED[what](lines)
    assert changed != lines
    assert not check(changed).whole


@pytest.mark.parametrize("what", ONLY_BY_SEAL)
def test_who_makes_the_chain_anew_is_found_by_a_seal(log: AuditLog, what: str) -> None:
    lines = lines_of(log.path)
    seal = Anchor(10, str(json.loads(lines[9])["hash"]))
    assert check(lines, [seal]).anchored == 10
    changed = ONLY_BY_SEAL[what](lines)
    assert check(changed).whole  # nothing but a seal tells
    assert not check(changed, [seal]).whole


def test_the_file_is_checked_by_a_program_that_needs_nothing_else(log: AuditLog, tmp_path: Path) -> None:
    copy = tmp_path / "away" / "audit_file.py"
    copy.parent.mkdir()
    copy.write_bytes(Path(audit_file.__file__).read_bytes())
    seals = tmp_path / "seals.json"
    seals.write_text(json.dumps([{"n": 12, "hash": entries_of(log.path)[-1]["hash"]}]))

    def by_file() -> int:
        command = [sys.executable, "-I", str(copy), str(log.path), str(seals)]
        return subprocess.run(command, check=False, cwd=copy.parent, capture_output=True, timeout=60).returncode

    assert by_file() == 0
    log.path.write_bytes(b"".join(lines_of(log.path)[:11]))
    assert by_file() == 1
    seals.write_text("{}")
    assert by_file() == 2


def test_programs_write_side_by_side(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from baas.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for i in range(60): log.write('asked', who=sys.argv[2], asks=['x'])\n"
    )
    programs = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), f"p{n}"]) for n in range(3)]
    mine = AuditLog(tmp_path)
    threads = [threading.Thread(target=lambda: [mine.write("asked", who="t") for _ in range(30)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [program.wait(60) for program in programs] == [0, 0, 0]
    found = check(lines_of(mine.path))
    assert (found.whole, found.lines) == (True, 270)


def test_lines_of_one_instant_go_together_and_each_hears_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One lock and one write for all who wait; a write that fails is told to everybody whose line it held."""
    log, sizes, go = AuditLog(tmp_path), [], threading.Event()
    whole = AuditLog._append

    def append(self: AuditLog, batch: Sequence[object]) -> None:
        if self is log:  # and not another workspace's, which threads of earlier tests may still write
            sizes.append(len(batch))
            if len(sizes) == 1:
                go.wait(30)
            if len(sizes) == 3:
                raise OSError(28, "No space left on device")
        whole(self, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(AuditLog, "_append", append)
    numbers: list[int] = []
    threads = [threading.Thread(target=lambda n=n: numbers.append(log.write("asked", who=f"t{n}"))) for n in range(9)]
    threads[0].start()
    while not sizes:
        time.sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(log._waiting) < 8:
        time.sleep(0.001)
    go.set()
    for thread in threads:
        thread.join(30)
    assert sizes == [1, 8] and sorted(numbers) == list(range(1, 10))
    with pytest.raises(Exception, match=r"disk|磁盘"):
        log.write("asked")
    assert log.write("asked") == 10 and check(lines_of(log.path)).whole


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be taken away there")
def test_a_log_that_is_put_elsewhere_while_a_program_has_it_open_is_not_written_blindly(log: AuditLog) -> None:
    """The file stays open from line to line: what lies at its place counts, not what was there."""
    copy = log.path.with_name("kept")
    copy.write_bytes(b"".join(lines_of(log.path)[:7]))
    copy.replace(log.path)
    log.write("asked", who="owner")
    assert [entry["lines"] for entry in entries_of(log.path) if entry["kind"] == "shortened"] == [12]
    log.path.with_name("log.lock").unlink()  # another program will lock another file
    other = AuditLog(log.workspace)
    assert [log.write("asked"), other.write("asked"), log.write("asked")] == [10, 11, 12]
    for one in log.path.parent.iterdir():
        one.unlink()
    log.path.parent.rmdir()
    assert log.write("asked") > 0 and check(lines_of(log.path)).lines


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork there")
def test_a_forked_program_waits_for_its_parent(log: AuditLog) -> None:
    """A lock belongs to the open file, which both would share: the child opens its own."""
    script = (
        "import os, sys; from pathlib import Path; from baas.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1])); log.write('asked'); child = os.fork()\n"
        "for i in range(50): log.write('asked', who='child' if not child else 'parent')\n"
        "if not child: os._exit(0)\n"
        "sys.exit(os.waitpid(child, 0)[1])\n"
    )
    command = [sys.executable, "-c", script, str(log.workspace)]
    assert subprocess.run(command, check=False, timeout=60).returncode == 0
    found = check(lines_of(log.path))
    assert (found.whole, found.lines) == (True, 113)


def test_a_program_killed_while_it_writes_leaves_a_log_that_goes_on(tmp_path: Path) -> None:
    """Killed at random instants; every line that was acknowledged is there."""
    script = (
        "import sys; from pathlib import Path; from baas.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "while True: print(log.write('asked', who='x', asks=['y' * 2000]), flush=True)\n"
    )
    last = 0
    for number in range(5):
        program = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(0.02 * number)
        program.kill()
        told = program.stdout.read().split()
        program.wait()
        last = max([last, *(int(word) for word in told[:-1])])
        AuditLog(tmp_path).write("asked", who="after")
        found = check(lines_of(tmp_path / "audit" / "log.jsonl"))
        assert found.whole and found.lines > last


def test_an_unfinished_line_is_told_and_dropped(log: AuditLog) -> None:
    with log.path.open("ab") as file:
        file.write(b'{"n":13,"at":1')
    assert not check(lines_of(log.path)).whole
    assert AuditLog(log.path.parents[1]).write("asked", who="owner") == 14
    entries = entries_of(log.path)
    assert (entries[12]["kind"], entries[12]["bytes"]) == ("torn", 14)
    assert check(lines_of(log.path)).whole


def test_lines_taken_away_while_a_program_runs_are_told_by_it(log: AuditLog) -> None:
    log.path.write_bytes(b"".join(lines_of(log.path)[:7]))
    log.write("asked", who="owner")
    told = [entry for entry in entries_of(log.path) if entry["kind"] == "shortened"]
    assert [entry["lines"] for entry in told] == [12]


def test_an_operation_is_written_before_it_is_done_and_its_end_after(tmp_path: Path) -> None:
    with Platform.open(tmp_path / "w") as platform:
        path = platform.audit_log.path
        with pytest.raises(ValueError), operation("something"):
            assert not path.exists()
            platform.session.require("workspace.change")
            assert [entry["kind"] for entry in entries_of(path)] == ["begin"]
            platform.session.require("workspace.backup")
            raise ValueError
        begin, end = entries_of(path)
        assert (begin["what"], begin["who"], end["of"], end["outcome"]) == ("something", "owner", 1, "ValueError")
        assert end["asks"] == ["workspace.change", "workspace.backup"]
        with operation("a look"):
            platform.session.require("network.read")
        assert len(entries_of(path)) == 2


def test_a_service_that_is_called_by_itself_is_in_it(paper: Platform) -> None:
    paper.set_idle_lock(100)  # asks without any operation
    paper.identities.issue(MSP, "x", "client")
    with pytest.raises(PermissionDenied):
        paper.session.act_as(Actor(f"{MSP}/x", MSP, frozenset()))
        paper.networks.start("city")
    found = entries_of(paper.audit_log.path)
    told = [(one["kind"], one.get("what"), one.get("asks"), one.get("who")) for one in found]
    assert ("asked", None, ["keystore.change"], "owner") in told
    assert ("begin", "NetworkService.start", ["network.change"], f"{MSP}/x") in told
    assert any(one["kind"] == "end" and one["outcome"] == "permission_denied" for one in found)
    assert any(one.get("on") == {"msp_id": MSP, "name": "x"} for one in found)


def test_every_command_that_changes_something_is_in_it(
    paper: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command there is, tried by somebody who may do nothing: the attempt is in it, unless it only reads."""
    label = paper.identities.issue(MSP, "stranger", "client")
    path, folder = paper.audit_log.path, paper.workspace.folder
    paper.close()
    unwritten = set()
    for name, command in leaves(root):
        if name in HARMLESS:
            continue
        before = len(lines_of(path))
        arguments = " ".join([name, *plausible(command, tmp_path), MORE.get(name, "").format(tmp=tmp_path)])
        assert refused_by_command(folder, label, arguments, capsys), name
        new = entries_of(path)[before:]
        if not new:
            unwritten.add(name)
            continue
        begin, end = new
        assert (begin["what"], begin["who"], begin["door"]) == (name, label, "command")
        assert (end["kind"], end["of"], end["outcome"]) == ("end", begin["n"], "permission_denied")
    assert unwritten == READS | READ_FIRST
    assert check(lines_of(path)).whole


def test_no_transaction_of_an_application_goes_without_a_line(city: City) -> None:
    """Whatever right was asked for before, or none: what is sent to be ordered is written down first."""
    platform = city.platform
    service = platform.applications.get("catalogue").build_service(platform, city.network)
    before = len(lines_of(platform.audit_log.path))
    sealed = {"chain": json.loads(lines_of(platform.audit_log.path)[0])["hash"], "line": before}
    head = platform.audit.check(sealed=False).head
    service.ledger.submit(service.signers[0], "SealAudit", sealed | {"head": head})
    new = entries_of(platform.audit_log.path)[before:]
    assert [one["asks"] for one in new if one["kind"] == "asked"] == [["catalogue:SealAudit"]]


def test_what_people_type_is_not_in_it(paper: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, documents, phones, reasons: a log that everybody of the office may read holds none of it."""
    secret = "张三13800138000"
    path, folder = paper.audit_log.path, paper.workspace.folder
    paper.close()
    for words in (
        ["slots", "resident", "--name", secret, "--document", secret, "--phone", secret],
        ["copyright", "revoke", "W1", secret],
        ["identity", "revoke", f"{MSP}/admin", "--reason", secret, "--yes"],
        ["chaincode", "invoke", "copyright", "F", secret],
        ["finance", "line", "grant", "--core", secret],
    ):
        run(["--lang", "en", "--workspace", str(folder), *words])
    capsys.readouterr()
    assert "张三" not in path.read_text("utf-8") and "13800138000" not in path.read_text("utf-8")
    assert len(entries_of(path)) > 2


def test_a_full_disk_stops_changes_and_not_what_frees_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(AuditLog, "_append", full)
    with pytest.raises(Exception, match=r"disk|磁盘"):
        AuditLog(tmp_path).write("asked")
    assert AuditLog(tmp_path, lenient=True).write("asked") == 0


def test_questions_are_answered(paper: Platform) -> None:
    paper.identities.issue(MSP, "watcher", "auditor")
    paper.networks.set_default("city")
    found = paper.audit.entries(what="set_default")
    assert [(one.what, one.outcome) for one in found] == [("NetworkReader.set_default", "ok")]
    assert paper.audit.entries(who="nobody") == ()
    assert paper.audit.entries(since=time.time() + 10) == ()
    who = {one.label: one.roles for one in paper.audit.who_may("ledger.export")}
    assert who[f"{MSP}/watcher"] == ("auditor",)
    with pytest.raises(UserError):
        paper.audit.who_may("no.such")
    paper.session.act_as(Actor("X/nurse", "X", frozenset()))
    with pytest.raises(PermissionDenied):
        paper.audit.entries()


def test_the_log_is_sealed_on_the_ledger_once_a_day(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = city.platform
    platform.identities.issue(MSP, "sealed1", "client")
    made = platform.audit.seal(city.network)
    found = platform.audit.check(city.network)
    assert found.whole and found.anchored == made.n
    assert seal_daily(platform, city.network, None) is None  # type: ignore[arg-type]  # sealed today
    platform.workspace.set_setting(LAST_SEAL, str(platform.audit.sealed_at() - DAY_S - 1))
    said = seal_daily(platform, city.network, None)  # type: ignore[arg-type]
    assert said is not None and len(platform.audit.seals(city.network)) >= 2
    folder = tmp_path / "export"
    platform.audit.export(folder, city.network)
    words = ["--lang", "en", "--json", "audit", "verify", "--file", str(folder)]
    assert run(words) == 0
    kept = (folder / "log.jsonl").read_bytes()
    (folder / "log.jsonl").write_bytes(b"".join(_rechained(kept.splitlines(keepends=True))[: made.n - 1]))
    assert run(words) == 4
    capsys.readouterr()
    path = platform.audit_log.path
    whole = path.read_bytes()
    try:
        lines = whole.splitlines(keepends=True)
        path.write_bytes(
            b"".join(_rechained([_edited(lines[0]) if b'"owner"' in lines[0] else b'{"x":1}\n', *lines[1:]]))
        )
        assert not platform.audit.check(city.network).whole
        path.write_bytes(_edited(lines[0]) + b"".join(lines[1:]))
        with pytest.raises(Conflict):
            platform.audit.seal(city.network)
    finally:
        path.write_bytes(whole)
    assert platform.audit.check(city.network).whole


def test_the_doctor_tells_of_a_changed_log_and_of_a_late_seal(paper: Platform) -> None:
    def state() -> str:
        return next(one.state for one in examine(paper.workspace.folder, paper) if one.id == "audit")

    path = paper.audit_log.path
    paper.audit_log.write("asked", who="owner", asks=["x.change"])
    assert state() == "ok"
    paper.workspace.set_setting(LAST_SEAL, str(time.time() - 3 * DAY_S))
    assert state() == "warn"
    lines = lines_of(path)
    path.write_bytes(_edited(lines[0]) + b"".join(lines[1:]))
    assert state() == "bad"


def test_a_server_is_no_operation_of_its_own() -> None:
    """What somebody asks of a server stands by itself, not under the command that started the server."""
    with operation("serve", whole=True):
        assert audit.current() is not None
        with audit.each_by_itself("service"):
            assert audit.current() is None
            with operation("a request"):
                made = audit.current()
                assert made is not None and made.door == "service"
        assert audit.current() is not None
