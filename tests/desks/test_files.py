"""Files between desks: what is deposited at one is opened, examined, certified and proved at others.

The content service runs beside the office's nodes, as `citychain serve content` in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from baas import inbox
from baas.courier.journal import set_policy
from tests.desks.conftest import Office, Person

RESIDENT = "11010519491231002X"


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


class ContentService:
    """`citychain serve content` of the office; stopped and started, or killed."""

    def __init__(self, office: Office, *more: str) -> None:
        self._workspace = office.platform.workspace.folder
        set_policy(office.platform.workspace, free_bytes=0)  # whatever this computer's disk has left
        self._more = more
        self._process: subprocess.Popen[str] | None = None

    @property
    def folder(self) -> Path:
        """Its content store."""
        return self._workspace / "content"

    def start(self) -> str:
        """Start it; returns its address once the ledger names it."""
        words = [sys.executable, "-m", "baas.cli", "--workspace", str(self._workspace), "--json", "serve", "content"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CITYCHAIN")}
        self._process = subprocess.Popen(
            [*words, *self._more], stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
        )
        assert self._process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            line = self._process.stdout.readline()
            assert line, f"it ended: {self._process.wait(5)}"
            said += line
        return str(json.loads(said)["address"])

    def end(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


@pytest.fixture(scope="module")
def content(office: Office) -> Iterator[ContentService]:
    service = ContentService(office)
    try:
        service.start()
        yield service
    finally:
        service.end()


def picture(person: Person, name: str, seed: int = 0, *, crop: int = 0) -> Path:
    """A picture of this person's own; with `crop` pixels cut off, one that looks like it."""
    import io

    import numpy
    from PIL import Image

    chance = numpy.random.default_rng(seed or uuid.uuid4().int % 2**32)
    small = Image.fromarray(chance.integers(0, 255, (12, 16, 3), dtype=numpy.uint8))
    large = small.resize((640, 480), Image.Resampling.BICUBIC).crop((crop, crop, 640 - crop, 480 - crop))
    out = io.BytesIO()
    large.save(out, "JPEG", quality=90)
    return person.write(name, out.getvalue())


def applied(person: Person, work_id: str) -> str:
    """An application for registration; the case's id."""
    number = person.write(unique("id"), RESIDENT)
    words = ("--owner-name", "样例甲", "--document-file", number, "--purpose", "记录", "--process", "写生")
    done = person.run("copyright", "register", work_id, *words, "--originality", "构图")
    return str(done.get("id") or done["record"]["id"])


def reviewed(registrar: Person, case: str, *steps: str) -> None:
    for step in steps:
        registrar.run("copyright", "review", case, step)


def approved(people: dict[str, Person], case: str) -> None:
    """A case examined by one registrar, compared with the whole network, and approved by another."""
    reviewed(people["zhao"], case, "verify", "accept", "examine")
    assert people["zhao"].run("copyright", "compare", case)["comparison"]["basis"] == "content"
    reviewed(people["zhao"], case, "pass")
    reviewed(people["sun"], case, "approve")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def people(seat: Callable[..., Person], content: ContentService) -> dict[str, Person]:
    del content
    return {
        "wang": seat(unique("wang"), "PublicMSP", "creator"),
        "li": seat(unique("li"), "PublicMSP", "creator,licensee"),
        "zhao": seat(unique("zhao"), "CopyrightMSP", "registrar"),
        "sun": seat(unique("sun"), "CopyrightMSP", "registrar"),
    }


def test_a_work_is_examined_certified_and_opened_at_desks_of_their_own(
    people: dict[str, Person], office: Office, seat: Callable[..., Person]
) -> None:
    wang, zhao = people["wang"], people["zhao"]
    file = picture(wang, "spring.jpg")
    work = wang.run(
        "copyright", "deposit", file, "--title", "莞邑春晓", "--author", "样例甲", "--completed", "2025-11-18"
    )
    assert "waits" not in work, work["waits"]
    assert wang.run("copyright", "files") == []
    case = applied(wang, work["id"])
    # It waits in her inbox, and one line says so when she logs in, with the console closed.
    assert case in [one["id"] for one in zhao.run("inbox")]
    assert "for you" in zhao.plain("inbox", "--line")
    # The registrar sees the queue and the picture itself, which never was on her desk.
    assert case in [one["id"] for one in zhao.run("copyright", "queue")]
    seen = zhao.folder / "seen.jpg"
    zhao.run("copyright", "open", work["id"], "-o", seen)
    assert seen.read_bytes() == file.read_bytes()
    approved(people, case)
    # Her seal: asked for on the ledger, issued by the office's administrator, its key never left her desk.
    assert zhao.fails("copyright", "certify", case)["code"] == "seal_waiting"
    from apps.copyright.seal import issue_waiting
    from apps.copyright.service import CopyrightService

    asked = [one.id for one in inbox.waiting(office.platform, office.city.network) if one.kind == "seal"]
    assert asked == [f"CopyrightMSP/{zhao.name}"]
    with CopyrightService(office.platform, office.city.network) as service:
        assert issue_waiting(service) == asked
    done = zhao.run("copyright", "certify", case)
    assert done["made_here"] is True
    assert zhao.run("copyright", "certify", case)["sha256"] == done["sha256"]  # not a second certificate
    # The creator opens his PDF at home; it is the one on the ledger.
    pdf = wang.folder / "certificate.pdf"
    told = wang.run("copyright", "certificate", work["id"], "-o", pdf)
    assert sha256(pdf) == told["sha256"] == done["sha256"]
    body = pdf.read_bytes()  # signed with her seal: its certificate (hexadecimal in a PDF) names her
    assert body[:5] == b"%PDF-" and zhao.name.encode().hex().encode() in body.lower()
    # Another registrar, at another desk, gets that certificate and no new one.
    qian = seat(unique("qian"), "CopyrightMSP", "registrar")
    assert qian.run("copyright", "certify", case)["sha256"] == done["sha256"]
    # Evidence of it, made by the creator elsewhere and checked by a stranger with nothing but the file.
    package = wang.folder / "evidence.zip"
    wang.run("copyright", "evidence", work["id"], "-o", package)
    stranger = seat(unique("stranger"), "PublicMSP", "creator")
    made = office.platform.cards.make(office.city.network)
    card = office.platform.cards.write(made, office.post / f"{unique('card')}.json").path
    told = stranger.run("copyright", "verify", stranger.receive(package), "--card", stranger.receive(card))
    assert told["verdict"] == "agrees"
    with zipfile.ZipFile(package) as found:
        names = found.namelist()
        assert any(name.startswith("certificates/") for name in names)
        pictures = [name for name in names if name.startswith("content/")]
        assert [hashlib.sha256(found.read(name)).hexdigest() for name in pictures] == [sha256(file)]


def test_two_similar_pictures_stand_side_by_side_at_the_registrars_desk(people: dict[str, Person]) -> None:
    wang, li, zhao = people["wang"], people["li"], people["zhao"]
    first = wang.run("copyright", "deposit", picture(wang, "a.jpg", 7), "--title", "原作")
    said = ("--relation", f"{first['id']}=independent:各自拍摄", "--author", "李", "--completed", "2025-11-18")
    second = li.run("copyright", "deposit", picture(li, "b.jpg", 7, crop=8), "--title", "裁切", *said)
    assert first["id"] in str(second["similar"])
    # What no case brings before the office is not for registrars either.
    assert zhao.fails("copyright", "open", first["id"], "-o", zhao.folder / "no.jpg")["code"] == "content_missing"
    case = applied(li, second["id"])
    reviewed(zhao, case, "verify", "accept", "examine")
    found = zhao.run("copyright", "compare", case)["comparison"]["found"]
    assert first["id"] in {one["work_id"] for one in found}
    for number, work in enumerate((first, second)):
        zhao.run("copyright", "open", work["id"], "-o", zhao.folder / f"side-{number}.jpg")
    assert sha256(zhao.folder / "side-0.jpg") == sha256(wang.folder / "a.jpg")
    assert sha256(zhao.folder / "side-1.jpg") == sha256(li.folder / "b.jpg")
    # A stranger to both gets neither.
    assert li.fails("copyright", "open", first["id"], "-o", li.folder / "no.jpg")["code"] == "content_missing"
    assert not [one for one in li.folder.iterdir() if "no.jpg" in one.name]


def test_the_buyer_opens_what_was_bought(people: dict[str, Person]) -> None:
    wang, li = people["wang"], people["li"]
    file = wang.write("text.txt", f"{uuid.uuid4().hex} 一首诗\n" * 40)
    work = wang.run("copyright", "deposit", file, "--title", "卖出的诗")
    transfer = wang.run("copyright", "transfer", "propose", work["id"], "--to", f"PublicMSP/{li.name}")
    li.fails("copyright", "open", work["id"], "-o", li.folder / "early.txt")
    li.run("copyright", "transfer", "accept", transfer["id"])
    li.run("copyright", "open", work["id"], "-o", li.folder / "bought.txt")
    assert (li.folder / "bought.txt").read_bytes() == file.read_bytes()


def licensed(wang: Person, li: Person, work_id: str, until: str) -> str:
    words = ("--to", f"PublicMSP/{li.name}", "--from", today(), "--until", until, "--rights", "network")
    offer = wang.run("copyright", "license", "offer", work_id, *words)
    li.run("copyright", "license", "accept", offer["id"])
    return str(offer["id"])


def today() -> str:
    from fabric_sdk import clock

    return clock.today().isoformat()


def test_the_licensee_opens_the_sealed_work_until_the_licence_ends(people: dict[str, Person]) -> None:
    wang, li = people["wang"], people["li"]
    file = wang.write("sealed.txt", f"{uuid.uuid4().hex} 秘密\n" * 40)
    work = wang.run("copyright", "deposit", file, "--title", "密", "--encrypt")
    li.fails("copyright", "open", work["id"], "-o", li.folder / "before.txt")
    licence = licensed(wang, li, work["id"], "2099-12-31")
    wang.run("copyright", "grant", work["id"], f"PublicMSP/{li.name}")
    li.run("copyright", "open", work["id"], "-o", li.folder / "open.txt")
    assert (li.folder / "open.txt").read_bytes() == file.read_bytes()
    li.run("copyright", "license", "end", licence, "--reason", "用完了")
    # A kept copy cannot be called back; the services give no new one.
    li.run("store", "unpin", work["cid"])
    li.run("store", "gc", "--yes")
    assert li.fails("copyright", "open", work["id"], "-o", li.folder / "after.txt")["code"] == "content_missing"


def test_a_sealed_work_is_opened_at_examination(people: dict[str, Person]) -> None:
    wang, zhao = people["wang"], people["zhao"]
    file = wang.write("secret.txt", f"{uuid.uuid4().hex} 未公开的小说\n" * 40)
    words = ("--title", "未公开", "--encrypt", "--author", "样例甲", "--completed", "2025-11-18")
    work = wang.run("copyright", "deposit", file, *words)
    case = applied(wang, work["id"])
    reviewed(zhao, case, "verify", "accept", "examine")
    # Comparing opens it, with a trace, as does looking at it; nothing passes before.
    assert zhao.run("copyright", "compare", case)["comparison"]["basis"] == "content"
    zhao.run("copyright", "open", work["id"], "-o", zhao.folder / "secret.txt")
    assert (zhao.folder / "secret.txt").read_bytes() == file.read_bytes()
    reviewed(zhao, case, "pass")
    reviewed(people["sun"], case, "approve")
    # Decided: the key is gone from the office.
    assert zhao.fails("copyright", "open", work["id"], "-o", zhao.folder / "again.txt")["code"] in (
        "wrong_state",
        "not_found",
    )


def test_while_the_service_is_away_a_deposit_succeeds_and_its_file_waits(
    people: dict[str, Person], content: ContentService
) -> None:
    wang, zhao = people["wang"], people["zhao"]
    content.end(signal.SIGKILL)
    try:
        file = wang.write("late.txt", f"{uuid.uuid4().hex} 迟到\n" * 40)
        words = ("--title", "迟到的文件", "--author", "样例甲", "--completed", "2025-11-18")
        work = wang.run("copyright", "deposit", file, *words)
        applied(wang, work["id"])
        assert "away" in str(work["waits"]) or "reached" in str(work["waits"])
        waiting = wang.run("copyright", "files")
        assert [one["record"] for one in waiting] == [work["id"]] and waiting[0]["why"]
        refused = zhao.fails("copyright", "open", work["id"], "-o", zhao.folder / "late.txt")
        assert refused["code"] == "content_service_away"
        wang.restart()  # it still waits after the machine was switched off
        assert [one["record"] for one in wang.run("copyright", "files")] == [work["id"]]
    finally:
        content.start()
    assert wang.run("copyright", "files", "--now") == []
    zhao.run("copyright", "open", work["id"], "-o", zhao.folder / "late.txt")
    assert (zhao.folder / "late.txt").read_bytes() == file.read_bytes()


def test_two_desks_certify_the_same_case_at_once_and_one_certificate_stands(
    people: dict[str, Person], office: Office
) -> None:
    wang, zhao, sun = people["wang"], people["zhao"], people["sun"]
    words = ("--title", "同时发证", "--author", "样例甲", "--completed", "2025-11-18")
    work = wang.run("copyright", "deposit", wang.write("both.txt", uuid.uuid4().hex * 30), *words)
    case = applied(wang, work["id"])
    approved(people, case)
    from apps.copyright.seal import issue_waiting
    from apps.copyright.service import CopyrightService

    for one in (zhao, sun):
        one.say("copyright", "seal")  # asks where there is none yet
    with CopyrightService(office.platform, office.city.network) as service:
        issue_waiting(service)
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda one: one.say("copyright", "certify", case), (zhao, sun)))
    # Whoever was slower either has the other's certificate by now or is told that it stands.
    done = [one.json for one in said if one.code == 0]
    told = [one.error["code"] for one in said if one.code != 0]
    assert done and set(told) <= {"certificate_stands", "commit_failed"}, said
    stands = wang.run("copyright", "show", work["id"])["rights"]["registrations"][0]
    assert not stands.get("certificates")  # nothing was replaced unknowingly
    assert {one["sha256"] for one in done} == {stands["certificate"]["sha256"]}
    assert sum(one["made_here"] for one in done) == 1
    for one in (zhao, sun):
        assert one.run("copyright", "certify", case)["sha256"] == stands["certificate"]["sha256"]


def test_proofs_and_captures_are_fetched_where_they_are_needed(people: dict[str, Person]) -> None:
    wang, li, zhao = people["wang"], people["li"], people["zhao"]
    words = ("--title", "附证明", "--author", "样例甲", "--completed", "2025-11-18")
    work = wang.run("copyright", "deposit", wang.write("p.txt", uuid.uuid4().hex * 30), *words)
    number, proof = wang.write("n", RESIDENT), wang.write("contract.pdf", b"%PDF-1.4 " + uuid.uuid4().bytes * 50)
    statement = ("--purpose", "p", "--process", "p", "--originality", "o", "--proof", f"commission_contract={proof}")
    case = wang.run("copyright", "register", work["id"], "--owner-name", "甲", "--document-file", number, *statement)[
        "id"
    ]
    assert wang.run("copyright", "files") == []
    taken = zhao.run("copyright", "papers", case, "-o", zhao.folder / "papers")
    assert [sha256(Path(one["file"])) for one in taken] == [sha256(proof)]
    assert li.fails("copyright", "papers", case, "-o", li.folder / "papers")["code"] == "content_missing"


def test_a_service_of_another_organisation_is_asked_after_the_offices(
    people: dict[str, Person], office: Office
) -> None:
    """Its address and certificate on the ledger are its organisation's alone to write."""
    wang = people["wang"]
    from apps.copyright.service import CopyrightService
    from baas.errors import CityChainError

    with CopyrightService(office.platform, office.city.network) as service:
        listed = service.files.services()
        assert [one.msp_id for one in listed] == ["CopyrightMSP"]
        with pytest.raises(CityChainError) as refused:
            service.ledger.submit("creator", "PutContentService", "https://127.0.0.1:1", listed[0].certificate)
        assert refused.value.code == "forbidden"
        service.ledger.submit(
            "HealthMSP/admin", "PutContentService", listed[0].address, listed[0].certificate
        )  # another organisation that points at the office's door: requests for it name another service
        try:
            words = ("--title", "他处", "--author", "样例甲", "--completed", "2025-11-18")
            work = wang.run("copyright", "deposit", wang.write("o.txt", uuid.uuid4().hex * 30), *words)
            applied(wang, work["id"])
            assert wang.run("copyright", "files") == []
            people["zhao"].run("copyright", "open", work["id"], "-o", people["zhao"].folder / "o.txt")
        finally:
            service.ledger.submit("HealthMSP/admin", "PutContentService", "", "")


@pytest.mark.slow
def test_a_hundred_megabytes_go_to_the_registrar_and_go_on_after_kill_9_at_either_end(
    people: dict[str, Person], content: ContentService, seat: Callable[..., Person], capsys: Any
) -> None:
    wang, zhao = people["wang"], people["zhao"]
    big = wang.folder / "film.bin"
    with big.open("wb") as file:
        for _ in range(100):
            file.write(os.urandom(1 << 20))
    content.end()
    words = ("--title", "百兆", "--category", "other", "--author", "样例甲", "--completed", "2025-11-18")
    work = wang.run("copyright", "deposit", big, *words)
    applied(wang, work["id"])
    content.start()
    # Killed at the service's end, half-way.
    process = wang.process
    waiting = Thread(target=lambda: wang.say("copyright", "files", "--now"), daemon=True)
    waiting.start()
    incoming = content.folder / "incoming"
    _until(lambda: sum(one.stat().st_size for one in incoming.glob("*.part")) > 20_000_000)
    content.end(signal.SIGKILL)
    waiting.join(60)
    have = sum(one.stat().st_size for one in incoming.glob("*.part"))
    assert have > 20_000_000
    content.start()
    # Killed at the desk's end, half-way.
    waiting = Thread(target=lambda: _dies(lambda: wang.say("copyright", "files", "--now")), daemon=True)
    waiting.start()
    _until(lambda: sum(one.stat().st_size for one in incoming.glob("*.part")) > have + 20_000_000)
    process.kill()
    waiting.join(60)
    wang.restart()
    assert [one["record"] for one in wang.run("copyright", "files")] == [work["id"]]
    began = time.monotonic()
    assert wang.run("copyright", "files", "--now") == []
    rest = time.monotonic() - began
    # The registrar's desk: killed half-way, and then gone on with.
    waiting = Thread(
        target=lambda: _dies(lambda: zhao.say("copyright", "open", work["id"], "-o", zhao.folder / "film")), daemon=True
    )
    waiting.start()
    _until(lambda: sum(p.stat().st_size for p in (zhao.desk / "content" / "incoming").glob("*.part")) > 20_000_000)
    zhao.process.kill()
    waiting.join(60)
    zhao.restart()
    assert not (zhao.folder / "film").exists()
    zhao.run("copyright", "open", work["id"], "-o", zhao.folder / "film")
    assert sha256(zhao.folder / "film") == sha256(big)
    # And whole, at another registrar's: handed in and fetched without anything going wrong.
    qian = seat(unique("qian"), "CopyrightMSP", "registrar")
    qian.run("copyright", "queue")
    began = time.monotonic()
    qian.run("copyright", "open", work["id"], "-o", qian.folder / "film")
    took = time.monotonic() - began
    assert sha256(qian.folder / "film") == sha256(big)
    with capsys.disabled():
        print(f"\n100 MB: the rest handed in in {rest:.1f} s, fetched and written out in {took:.1f} s")
    assert took < 60  # the goal of 10 s is a bench's to measure, on a machine that does nothing else


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def _dies(work: Callable[[], object]) -> None:
    """A command whose process is killed answers nothing."""
    with suppress(Exception):
        work()


def test_where_all_files_are_is_told_to_the_registrar(people: dict[str, Person], content: ContentService) -> None:
    wang, zhao = people["wang"], people["zhao"]
    content.end()
    work = wang.run("copyright", "deposit", wang.write("only.txt", uuid.uuid4().hex * 30), "--title", "只在一处")
    content.start()
    said = zhao.say("store", "verify", "--ledger")
    found = {one["record"]: one for one in said.json["files"]}
    assert said.code == 4 and found[work["id"]]["at"] == [] and said.json["nowhere"] >= 1
    # Handed in from a desk of before, too, whose queue knows nothing of it.
    wang.restart()
    for path in (wang.desk / "copyright").glob("*-files.db*"):
        path.unlink()
    assert wang.run("copyright", "files") == [] and wang.run("copyright", "files", "--now") == []
    said = zhao.say("store", "verify", "--ledger")
    found = {one["record"]: one for one in said.json["files"]}
    assert found[work["id"]]["at"] == ["CopyrightMSP"] and found[work["id"]]["copies"] == 1
    # Who does not look after all files is told nothing of what the services hold.
    mine = {one["record"]: one for one in wang.say("store", "verify", "--ledger").json["files"]}
    assert mine[work["id"]]["at"] == ["here"]


def test_several_people_of_one_workspace_open_only_what_is_theirs(people: dict[str, Person], office: Office) -> None:
    """One machine for a family: its files lie in one store, and yet each opens what the ledger lets them have."""
    wang = people["wang"]
    work = wang.run("copyright", "deposit", wang.write("s.txt", uuid.uuid4().hex * 30), "--title", "同机")
    wang.run("identity", "request", "second.citychain", "--name", name := unique("brother"))
    entry = office.answer(wang.folder / "second.citychain", f"PublicMSP/{name}", "creator")
    second, first = wang.run("enter", wang.receive(entry))["party"], f"PublicMSP/{wang.name}"
    target = wang.folder / unique("taken")
    cid = wang.run("copyright", "show", work["id"])["cid"]
    for words in (("copyright", "open", work["id"], "-o", target), ("store", "export", cid, target)):
        assert wang.fails("--as", second, *words)["code"] == "content_not_yours"
        assert not target.exists()
        wang.run("--as", first, *words)
        target.unlink()
