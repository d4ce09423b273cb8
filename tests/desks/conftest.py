"""Desks: each person a process, home and workspace of their own, and only the files that they were sent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import City, close_city, make_city
from tests.desks.machines import Machine, Neighbourhood

HERE = Path(__file__).parent


SENTENCE = re.compile(r"[^\n]{10,300}[.?]")
"""What is told when something is refused: one line that ends; no traceback, no gRPC status."""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = loads(self.err.strip().splitlines()[-1])["error"]
        return found


class Person:
    """Somebody at a desk of their own. `run` is a command that must succeed, `fails` one that must be refused."""

    def __init__(self, name: str, folder: Path, places: Sequence[str], machine: Machine) -> None:
        self.name = name
        self.folder = folder
        self.machine = machine
        self.desk = folder / "workspace"
        self.inbox = folder / "inbox"
        self._places = places
        self._process: subprocess.Popen[str] | None = None
        for place in (folder / "home", self.inbox, folder / "tmp"):
            place.mkdir()

    @property
    def process(self) -> subprocess.Popen[str]:
        if self._process is None:
            home = str(self.folder / "home")
            kept = {k: v for k, v in os.environ.items() if not k.startswith(("CITYCHAIN", "XDG"))}
            environment = kept | {
                "HOME": home,
                "USERPROFILE": home,
                "TMPDIR": str(self.folder / "tmp"),
                "CITYCHAIN_WORKSPACE": str(self.desk),
                "CITYCHAIN_LANG": "en",
                "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *filter(None, [kept.get("PYTHONPATH")])]),
            }
            watched = [sys.executable, str(HERE / "person.py"), str(self.folder), *self._places]
            self._process = subprocess.Popen(
                self.machine.command(self.folder, self._places, watched),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=self.folder,
                env=environment,
            )
            assert self._process.stdout is not None
            if self._process.stdout.readline() != "ready\n":
                raise EOFError(f"{self.name}'s machine was switched off while it started")
        return self._process

    def say(self, *args: object, stdin: str = "", json: bool = True) -> Said:
        """Run one command, whatever comes of it; looking at another's folder fails the test."""
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        words = [*(["--json"] if json else []), *map(str, args)]
        process.stdin.write(dumps({"args": words, "stdin": stdin}) + "\n")
        process.stdin.flush()
        answer = loads(process.stdout.readline())
        assert not answer["trespasses"], f"{self.name} looked at {answer['trespasses']}"
        return Said(answer["code"], answer["out"], answer["err"])

    def run(self, *args: object, stdin: str = "") -> Any:
        said = self.say(*args, stdin=stdin)
        assert said.code == 0, f"{self.name}: {' '.join(map(str, args))}\n{said.out}{said.err}"
        return said.json if said.out.strip() else None

    def plain(self, *args: object) -> str:
        """What a command that must succeed tells a reader."""
        said = self.say(*args, json=False)
        assert said.code == 0, f"{self.name}: {' '.join(map(str, args))}\n{said.out}{said.err}"
        return " ".join(said.out.split())

    def fails(self, *args: object, stdin: str = "") -> dict[str, Any]:
        said = self.say(*args, stdin=stdin)
        assert said.code not in (0, 70), f"{self.name}: {' '.join(map(str, args))}\n{said.out}{said.err}"
        assert SENTENCE.fullmatch(said.error["message"]), said.error["message"]
        return said.error

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of this person's own."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def receive(self, file: Path) -> Path:
        """A copy of somebody's file in this person's inbox, as mail brings it: nothing else comes with it."""
        return Path(shutil.copy(file, self.inbox))

    def restart(self) -> None:
        """End this person's process, as switching the machine off does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            assert self._process.stdin is not None and self._process.stdout is not None
            with suppress(BrokenPipeError):  # words that it did not read any more
                self._process.stdin.close()
            self._process.stdout.close()
            self._process = None


class Office:
    """Whoever holds the CAs: the platform administrator's workspace, in the test's own process."""

    def __init__(self, city: City, post: Path, neighbourhood: Neighbourhood | None = None) -> None:
        self.city = city
        self.platform = city.platform
        self.post = post
        self.neighbourhood = neighbourhood
        post.mkdir(exist_ok=True)

    def answer(self, request: Path, label: str = "", role: str = "", **more: Any) -> Path:
        """Certify a request; the entry to send back."""
        entry = self.post / f"{request.parent.name}-{request.stem}-entry.citychain"
        return self.platform.invitations.answer(request, entry, label, role, network=self.city.network, **more).file

    def profile(self, msp_id: str) -> Path:
        from network.profile import export_profile

        target = self.post / f"{msp_id}.json"
        export_profile(self.platform.networks.handle(self.city.network), msp_id, target)
        return target

    def machine(self) -> Machine:
        """A machine that reaches the city: this computer itself where it serves its own loopback alone."""
        return self.neighbourhood.machine() if self.neighbourhood else Machine()


@contextmanager
def distant_office(folder: Path, neighbourhood: Neighbourhood) -> Iterator[Office]:
    """A city of its own, reached by its address where machines have their own."""
    made = make_city(folder / "workspace")
    try:
        if neighbourhood.address:
            made.platform.jobs.run(made.platform.operations.listen, neighbourhood.address, made.network)
        yield Office(made, folder / "post", neighbourhood)
    finally:
        close_city(made)


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where people's folders lie, and the tests' own: a person finds nothing there but the own folder."""
    people = Path(tempfile.mkdtemp(prefix="citychain-desks-")).resolve()
    yield str(people), str(tmp_path_factory.getbasetemp().resolve())
    shutil.rmtree(people, ignore_errors=True)


@pytest.fixture(scope="session")
def neighbourhood() -> Iterator[Neighbourhood]:
    made = Neighbourhood()
    yield made
    made.close()


@pytest.fixture(scope="session")
def office(city: City, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of the session's shared city, which only this computer's loopback reaches."""
    return Office(city, tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def distant(neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office of a city that other machines reach by its address; by its loopback where those cannot be."""
    with distant_office(tmp_path_factory.mktemp("distant"), neighbourhood) as made:
        yield made


@pytest.fixture(scope="module")
def hire(office: Office, places: tuple[str, str]) -> Iterator[Callable[[str], Person]]:
    """An empty machine for somebody."""
    people: list[Person] = []

    def make(name: str) -> Person:
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=places[0]))
        people.append(Person(name, folder, places, office.machine()))
        return people[-1]

    yield make
    for one in people:
        one.restart()


@pytest.fixture(scope="module")
def seat(hire: Callable[[str], Person], office: Office) -> Callable[..., Person]:
    """Somebody at a desk who has come in, by the request that is the usual way."""

    def make(name: str, msp_id: str, role: str, *, days: int = 365, **attributes: str) -> Person:
        person = hire(name)
        person.run("identity", "request", "ask.citychain", "--name", name)
        request = person.folder / "ask.citychain"
        entry = office.answer(request, f"{msp_id}/{name}", role, attributes=attributes, days=days)
        entered = person.run("enter", person.receive(entry))
        assert entered["party"] == f"{msp_id}/{name}"
        return person

    return make
