"""Desks: each person a process, home and workspace of their own, and only the files that they were sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import City

HERE = Path(__file__).parent
ORGANIZATIONS = {"CopyrightMSP", "DataBureauMSP", "HealthMSP", "HospitalMSP"}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.err.strip().splitlines()[-1])["error"]
        return found


class Person:
    """Somebody at a desk of their own. `run` is a command that must succeed, `fails` one that must be refused."""

    def __init__(self, name: str, folder: Path, root: Path) -> None:
        self.name = name
        self.folder = folder
        self.root = root
        self.desk = folder / "workspace"
        for place in (folder, folder / "home", folder / "inbox", folder / "tmp"):
            place.mkdir(exist_ok=True)
        self._process: subprocess.Popen[str] | None = None

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
                "PYTHONPATH": str(HERE.parents[1]),
            }
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "person.py"), str(self.folder), str(self.root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=self.folder,
                env=environment,
            )
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == "ready\n"
        return self._process

    def say(self, *args: object, stdin: str = "") -> Said:
        """Run one command, whatever comes of it; looking at another's folder fails the test."""
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"args": ["--json", *map(str, args)], "stdin": stdin}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert not answer["trespasses"], f"{self.name} looked at {answer['trespasses']}"
        return Said(answer["code"], answer["out"], answer["err"])

    def run(self, *args: object, stdin: str = "") -> Any:
        said = self.say(*args, stdin=stdin)
        assert said.code == 0, f"{self.name}: {' '.join(map(str, args))}\n{said.out}{said.err}"
        return said.json if said.out.strip() else None

    def fails(self, *args: object, stdin: str = "") -> dict[str, Any]:
        said = self.say(*args, stdin=stdin)
        assert said.code not in (0, 70), f"{self.name}: {' '.join(map(str, args))}\n{said.out}{said.err}"
        return said.error

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of this person's own."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def send(self, file: Path | str, to: Person | Path) -> Path:
        """Mail a file: the other one gets a copy and nothing else."""
        inbox = to.folder / "inbox" if isinstance(to, Person) else to
        return Path(shutil.copy(file, inbox))

    def restart(self) -> None:
        """End this person's process, as switching the machine off does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None


class Office:
    """Whoever holds the CAs: the platform administrator's workspace, in the test's own process."""

    def __init__(self, city: City, post: Path) -> None:
        self.city = city
        self.platform = city.platform
        self.post = post
        post.mkdir(exist_ok=True)

    def answer(self, request: Path, label: str = "", role: str = "", **more: Any) -> Path:
        """Certify a request; the entry to send back."""
        entry = self.post / f"{request.stem}-entry.citychain"
        return self.platform.invitations.answer(request, entry, label, role, network=self.city.network, **more).file

    def profile(self, msp_id: str) -> Path:
        from network.profile import export_profile

        target = self.post / f"{msp_id}.json"
        export_profile(self.platform.networks.handle(self.city.network), msp_id, target)
        return target


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everybody's folders lie, the office's too; a person sees their own only."""
    return tmp_path_factory.getbasetemp().resolve()


@pytest.fixture(scope="session")
def office(city: City, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(city, tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def hire(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Person]]:
    """An empty machine for somebody."""
    people: list[Person] = []

    def make(name: str) -> Person:
        people.append(Person(name, tmp_path_factory.mktemp(f"desk-{name}").resolve(), root))
        return people[-1]

    yield make
    for one in people:
        one.restart()


@pytest.fixture(scope="module")
def seat(hire: Callable[[str], Person], office: Office) -> Callable[..., Person]:
    """Somebody at a desk who has come in, by the request that is the usual way."""

    def make(name: str, msp_id: str, role: str, **attributes: str) -> Person:
        person = hire(name)
        asked = person.run("identity", "request", "ask.citychain", "--name", name)
        request = person.send(person.folder / asked["request"], office.post / f"{name}.citychain")
        entry = office.answer(request, f"{msp_id}/{name}", role, attributes=attributes)
        shutil.copy(entry, person.folder / "inbox")
        entered = person.run("enter", person.folder / "inbox" / entry.name)
        assert entered["party"] == f"{msp_id}/{name}"
        return person

    return make
