"""A backup while the network works: nothing stops, and what comes back is what was there at one instant."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psutil
import pytest
from fabric_protos.common.common_pb2 import Block, Metadata

from baas.applications import ApplicationManifest, Applications, ContractTemplate
from baas.errors import Conflict, Text, UserError
from baas.platform import Platform
from baas.services import backup
from baas.services.backup import MANIFEST, BackupReport, back_up
from baas.services.restoring import check, restore
from fabric_sdk.errors import FabricError
from fabric_sdk.gateway import Deadlines, aio
from network.embedded import pinned
from network.embedded.check import check_ledger
from network.embedded.packing import unpack
from network.embedded.pinned import ledger_facts
from network.lock import Moment

NETWORK, CHANNEL = "city", "citychannel"
LEDGER = f"networks/{NETWORK}/embedded/channels/{CHANNEL}/ledger.db"
COMMIT_HASH = 4  # common.BlockMetadataIndex
OPEN = {
    "name": "open",
    "policy": "OR('DataBureauMSP.member', 'CopyrightMSP.member')",
    "requiredPeerCount": 0,
    "maxPeerCount": 1,
    "blockToLive": 0,
    "memberOnlyRead": False,
    "memberOnlyWrite": False,
}
CONTRACT = ContractTemplate(
    "ledger",
    "tests.network.embedded.ledger_contract",
    "1.0.0",
    Text("账本", "Ledger"),
    lambda _spec: "OR('DataBureauMSP.peer')",
    lambda _spec: [OPEN],
)
WITH_LEDGER = Applications(
    {"ledger": ApplicationManifest("ledger", Text("账", "L"), Text("账", "L"), CONTRACT, "x:y", "ledgertest", "x:y")}
)


class Load:
    """Clients that write public and private values until told to stop; what was acknowledged is remembered."""

    def __init__(self, platform: Platform, clients: int = 8) -> None:
        self._platform = platform
        self._clients = clients
        self._stop = threading.Event()
        self.acknowledged: dict[str, tuple[str, float]] = {}
        self.failures: list[str] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Load:
        self._thread.start()
        while len(self.acknowledged) < 50 and not self.failures:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def between(self, begin: float, end: float) -> int:
        return sum(1 for _, at in list(self.acknowledged.values()) if begin <= at <= end)

    async def _run(self) -> None:
        handle = self._platform.networks.handle(NETWORK)
        msp_id = "DataBureauMSP"
        async with aio.connect(
            handle.endpoint(msp_id), handle.admin(msp_id), deadlines=Deadlines(20, 20, 20, 20)
        ) as gateway:
            contract = gateway.get_network(CHANNEL).get_contract("ledger")

            async def client(n: int) -> None:
                i = 0
                while not self._stop.is_set():
                    i += 1
                    key, value = f"{'p' if i % 3 == 0 else 'k'}{id(self)}-{n}-{i}", os.urandom(40).hex()
                    try:
                        if key.startswith("p"):
                            await contract.submit("PutPrivateValue", "open", key, value)
                        else:
                            await contract.submit("Put", key, value)
                    except FabricError as error:
                        self.failures.append(str(error))
                        return
                    self.acknowledged[key] = (value, time.monotonic())

            await asyncio.gather(*(client(n) for n in range(self._clients)))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A workspace whose embedded network runs a contract with a private collection."""
    with Platform.open(tmp_path_factory.mktemp("hot") / "workspace", applications=WITH_LEDGER) as platform:
        platform.jobs.run(platform.networks.up, platform.networks.template("city", name=NETWORK, runtime="embedded"))
        try:
            platform.jobs.run(platform.contracts.deploy, NETWORK, "ledger")
            yield platform
        finally:
            platform.networks.destroy(NETWORK)


def pid_of(platform: Platform) -> int:
    ready = platform.workspace.path("networks", NETWORK, "embedded", "ready.json")
    return int(json.loads(ready.read_bytes())["pid"])


def commit_hash_at(ledger: Path, number: int) -> str:
    """The commit hash that the original's own block `number` carries."""
    with contextlib.closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as db:
        (body,) = db.execute("SELECT body FROM blocks WHERE number = ?", (number,)).fetchone()
    return Metadata.FromString(Block.FromString(unpack(body, number)).metadata.metadata[COMMIT_HASH]).value.hex()


def compared(platform: Platform, report: BackupReport, copy: Path, load: Load, before: float) -> None:
    """The copy is whole, is the original as of its height, and holds whatever was acknowledged before it began."""
    (told,) = report.ledgers
    original = platform.workspace.path(*LEDGER.split("/"))
    ledger = copy.joinpath(*LEDGER.split("/"))
    found = ledger_facts(ledger)
    assert found is not None and (found.height, found.commit_hash, found.hashes, found.private) == (
        told.height,
        told.commit_hash,
        told.hashes,
        told.private,
    )
    assert told.commit_hash == commit_hash_at(original, told.height - 1)
    assert list(check_ledger(ledger)) == []  # blocks, state, hashes and private values, each from the blocks
    with contextlib.closing(sqlite3.connect(ledger)) as db:
        here = dict(db.execute("SELECT key, value FROM state WHERE namespace = 'ledger'"))
        here |= dict(db.execute("SELECT key, value FROM private_state WHERE namespace = 'ledger'"))
    sooner = {key: value for key, (value, at) in load.acknowledged.items() if at < before}
    assert sooner and {key: here.get(key, b"").decode() for key in sooner} == sooner


def test_under_load_nothing_stops_and_the_copy_is_one_instant(running: Platform, tmp_path: Path) -> None:
    pid = pid_of(running)
    with Load(running) as load:
        begin = time.monotonic()
        report = running.jobs.run(back_up, running, tmp_path / "hot.ccb")
        end = time.monotonic()
    assert load.failures == []
    assert load.between(begin, end) > 0  # acknowledged while the backup was being written
    assert pid_of(running) == pid and running.networks.status(NETWORK).state == "running"
    restore(tmp_path / "hot.ccb", tmp_path / "elsewhere")
    compared(running, report, tmp_path / "elsewhere", load, begin)
    assert check(tmp_path / "hot.ccb").ledgers == report.ledgers
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_pinned_instant_stays_while_blocks_are_written(running: Platform, tmp_path: Path) -> None:
    """Copied page by page with writes between: SQLite alone would begin again at each, and end at another height."""
    path = running.workspace.path(*LEDGER.split("/"))
    one = pinned.PinnedFile(path)
    height = one.ledger_facts().height  # type: ignore[union-attr]
    turns = 0

    def between(done: int, total: int) -> None:
        nonlocal turns
        turns += 1

    with Load(running, clients=2) as load, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pinned, "_PAGES_AT_ONCE", 5)
        grown = len(load.acknowledged) + 20
        while len(load.acknowledged) < grown:
            time.sleep(0.01)
        one.copy(tmp_path / "copy.db", between)
        one.close()
    assert turns > 3
    copied = ledger_facts(tmp_path / "copy.db")
    assert copied is not None and copied.height == height < ledger_facts(path).height  # type: ignore[union-attr]


def test_a_restored_network_does_not_lead_to_the_one_that_still_runs(running: Platform, tmp_path: Path) -> None:
    """`ready.json` holds the running node's address and token: whoever restored it would stop the original."""
    running.jobs.run(back_up, running, tmp_path / "b.ccb")
    restore(tmp_path / "b.ccb", tmp_path / "again")
    assert not list((tmp_path / "again").rglob("ready.json"))
    with Platform.open(tmp_path / "again", create=False, applications=WITH_LEDGER) as again:
        assert again.networks.status(NETWORK).state == "stopped"
        assert not again.networks.held(NETWORK)
        again.networks.stop(NETWORK)
    assert running.networks.status(NETWORK).state == "running"


def test_a_ledger_exchanged_in_the_backup_is_found(running: Platform, tmp_path: Path) -> None:
    """One value changed together with its file's checksum: the ledger no longer says what the original did."""
    running.jobs.run(back_up, running, tmp_path / "b.ccb")
    restore(tmp_path / "b.ccb", tmp_path / "first")
    ledger = tmp_path / "first" / LEDGER
    with contextlib.closing(sqlite3.connect(ledger)) as db, db:
        db.execute("UPDATE private_state SET value = x'00' WHERE key = (SELECT min(key) FROM private_state)")
    data = ledger.read_bytes()
    with zipfile.ZipFile(tmp_path / "b.ccb") as old, zipfile.ZipFile(tmp_path / "bad.ccb", "w") as new:
        for name in old.namelist():
            content = data if name == LEDGER else old.read(name)
            if name == MANIFEST:
                manifest = json.loads(content)
                manifest["files"][LEDGER] |= {"size": len(data), "sha256": sha256(data).hexdigest()}
                content = json.dumps(manifest).encode()
            new.writestr(name, content)
    with pytest.raises(UserError) as caught:
        restore(tmp_path / "bad.ccb", tmp_path / "second")
    assert caught.value.code == "backup_damaged" and not (tmp_path / "second").exists()
    with pytest.raises(UserError):
        check(tmp_path / "bad.ccb")


def test_one_backup_at_a_time(running: Platform, tmp_path: Path) -> None:
    with Moment(running.workspace.folder / "backup.lock"), pytest.raises(Conflict):
        outcome: list[BaseException] = []

        def other() -> None:
            try:
                with Platform.open(running.workspace.folder, create=False, applications=WITH_LEDGER) as second:
                    back_up(second, tmp_path / "b.ccb")
            except BaseException as error:
                outcome.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        raise outcome[0]
    assert not (tmp_path / "b.ccb").exists()


def test_content_cleared_away_meanwhile_begins_the_copy_again(running: Platform, tmp_path: Path) -> None:
    """A pack that the pinned index names and a collection removes: never a backup without it."""
    packs = running.workspace.path("content", "packs")
    packs.mkdir(parents=True, exist_ok=True)
    (packs / "victim").write_bytes(b"x" * 100)
    real, tries = backup._Writer._add_database, []

    def collecting(self: backup._Writer, *arguments: object) -> None:
        tries.append(1)
        (packs / "victim").unlink(missing_ok=True)
        real(self, *arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup._Writer, "_add_database", collecting)
        report = back_up(running, tmp_path / "b.ccb")
    databases = len(tries) // 2
    assert databases * 2 == len(tries) and report.files == check(tmp_path / "b.ccb").files


# -- killed ---------------------------------------------------------------------------------------------


def program(workspace: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "baas.cli", *words, "--workspace", str(workspace), "--lang", "en"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def timed(workspace: Path, *words: str) -> float:
    begin = time.monotonic()
    done = program(workspace, *words)
    _, said = done.communicate(timeout=120)
    assert done.returncode == 0, said
    return time.monotonic() - begin


def killed(process: subprocess.Popen[bytes], after: float) -> bool:
    """Kill it then; whether it was still at work."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=after)
        return False
    psutil.Process(process.pid).kill()
    process.communicate()
    return True


def campaign(running: Platform, tmp_path: Path, rounds: int, seed: int) -> tuple[int, int]:
    """`rounds` kills in backup and as many in restoration, under load; how many met a program at work."""
    chance = random.Random(seed)
    workspace = running.workspace.folder
    big = running.workspace.path("content", "big")
    big.write_bytes(chance.randbytes(24 << 20))
    target, place = tmp_path / "out" / "city.ccb", tmp_path / "places"
    target.parent.mkdir()
    place.mkdir()
    met = [0, 0]
    try:
        with Load(running, clients=2) as load:
            whole = timed(workspace, "backup", str(target))
            for _ in range(rounds):
                met[0] += killed(program(workspace, "backup", str(target)), chance.uniform(0.25, 1) * whole)
                check(target)
                assert not load.failures
                begin, count = time.monotonic(), len(load.acknowledged)
                while len(load.acknowledged) == count and time.monotonic() < begin + 20:
                    time.sleep(0.01)
                assert len(load.acknowledged) > count  # the network goes on
            begin = time.monotonic()
            timed(workspace, "backup", str(target))
        assert [path.name for path in target.parent.iterdir()] == ["city.ccb"]
        wanted = check(target)
        home = place / "home"
        whole = timed(home, "restore", str(target))
        for number in range(rounds * 4):
            home = place / f"home{number}"
            at_work = killed(program(home, "restore", str(target)), chance.uniform(0.25, 1) * whole)
            whole *= 1.05 if at_work else 0.8  # the machine may be less busy by now
            met[1] += at_work
            if home.exists():  # then it is whole
                with zipfile.ZipFile(target) as archive:
                    files = json.loads(archive.read(MANIFEST))["files"]
                files.pop("audit/log.jsonl", None)  # that it was restored stands in it
                assert {n: (home / n).stat().st_size for n in files} == {n: e["size"] for n, e in files.items()}
            else:
                timed(home, "restore", str(target))
            left = [p.name for p in place.iterdir() if p.name.startswith(f".home{number}.")]
            assert [name for name in left if not name.endswith(".lock")] == []
            if met[1] >= rounds:
                break
            shutil.rmtree(home)
        compared(running, wanted, home, load, begin)
    finally:
        big.unlink()
    return met[0], met[1]


def test_killed_in_backup_and_restore(running: Platform, tmp_path: Path) -> None:
    in_backup, in_restore = campaign(running, tmp_path, 3, seed=random.randrange(1 << 30))
    assert in_backup + in_restore > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_fifty_times_in_each(running: Platform, tmp_path: Path) -> None:
    in_backup, in_restore = campaign(running, tmp_path, 60, seed=random.randrange(1 << 30))
    print(f"killed at work: {in_backup} in backup, {in_restore} in restore")
    assert in_backup >= 50 and in_restore >= 50
