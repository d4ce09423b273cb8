"""A learner at a terminal: commands in the lab's workspace and folder, as `lab start` tells to set them."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from apps.labs.lab import Lab, lab_of
from tests.apps.copyright.terminal import Outcome, outcome


class Learner:
    """A workspace with labs in it."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def lab(self, *words: str) -> Outcome:
        return outcome("--workspace", str(self.workspace), "--lang", "zh", "--json", "lab", *words)

    def start(self, id: str) -> Bench:
        done = self.lab("start", id)
        assert done.code == 0, done.err
        return Bench(self, lab_of(id), done.json)


class Bench:
    """One lab that was started."""

    def __init__(self, learner: Learner, lab: Lab, told: Mapping[str, Any]) -> None:
        self.learner, self.lab = learner, lab
        self.desk, self.files, self.code = Path(told["workspace"]), Path(told["files"]), str(told["code"])
        self.last: Any = None
        self.kept: dict[str, str] = {}

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """The terminal after the two lines that `lab start` prints."""
        before, folder = os.environ.get("CITYCHAIN_WORKSPACE"), Path.cwd()
        os.environ["CITYCHAIN_WORKSPACE"] = str(self.desk)
        os.chdir(self.files)
        try:
            yield
        finally:
            os.chdir(folder)
            os.environ.pop("CITYCHAIN_WORKSPACE")
            if before is not None:
                os.environ["CITYCHAIN_WORKSPACE"] = before

    def ask(self, line: str) -> Outcome:
        """Run a line of a terminal."""
        words = shlex.split(line)
        assert words.pop(0) == "citychain", line
        with self.inside():
            return outcome("--lang", "zh", "--json", *words)

    def do(self, line: str) -> Any:
        """Run a line that must succeed; what it answers."""
        done = self.ask(line)
        assert done.code == 0, (line, done.out, done.err)
        try:
            self.last = done.json
        except ValueError:
            self.last = done.out.decode()
        return self.last

    def command(self, step: int, number: int, **words: str) -> str:
        """A step's command as `lab show` prints it, with one's own words in the places left for them."""
        shown = self.learner.lab("show", self.lab.id).json
        line: str = shown["steps"][step - 1]["commands"][number - 1]
        for name, value in words.items():
            line = re.sub(rf"\b{name}\b", value, line)
        return line

    def step(self, number: int, **words: str) -> Any:
        """Run all of a step's commands."""
        for at in range(len(self.lab.steps[number - 1].commands)):
            self.do(self.command(number, at + 1, **words))
        return self.last

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the lab's folder."""
        path = self.files / name
        text = path.read_text("utf-8")
        assert old in text, f"{old} is not in {name}"
        path.write_text(text.replace(old, new), "utf-8")

    def check(self) -> dict[str, Any]:
        """What the check finds."""
        done = self.learner.lab("check", self.lab.id)
        assert done.code in (0, 1), done.err
        found: dict[str, Any] = done.json
        assert found["passed"] == (done.code == 0)
        return found

    def wrong(self) -> dict[str, dict[str, Any]]:
        """The checks that found something wrong, by name."""
        return {one["id"]: one for one in self.check()["checks"] if not one["right"]}
