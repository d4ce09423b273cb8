"""`citychain copyright …` in tests: run it, read its JSON, expect its refusals."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baas.cli.root import run

OK, WRONG_USE, REFUSED = 0, 2, 4


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code and both streams."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON line on standard error."""
        found: dict[str, Any] = json.loads(self.err)["error"]
        return found


def outcome(*arguments: str) -> Outcome:
    """Run `citychain` with these arguments and catch what it writes."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
        out.flush()
        err.flush()
    return Outcome(code, out.buffer.getvalue(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]


class Terminal:
    """Commands in one workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def plain(self, *arguments: str) -> Outcome:
        """Run `citychain copyright …` for a reader."""
        return outcome("--workspace", str(self.workspace), "--lang", "en", "copyright", *arguments)

    def ask(self, *arguments: str, as_: str = "") -> Outcome:
        """Run `citychain copyright … --json`."""
        return self.plain(*arguments, "--json", *(("--as", as_) if as_ else ()))

    def do(self, *arguments: str, as_: str = "") -> Any:
        """Run a command that must succeed; the parsed JSON."""
        done = self.ask(*arguments, as_=as_)
        assert done.code == OK, (arguments, done.err)
        return done.json

    def refused(self, code: str, exit_code: int, *arguments: str, as_: str = "") -> dict[str, Any]:
        """Run a command that must be refused with this code, exit code and nothing on standard output."""
        done = self.ask(*arguments, as_=as_)
        assert (done.code, done.out) == (exit_code, b""), (arguments, done.out, done.err)
        error = done.error
        assert (error["code"], error["exit_code"]) == (code, exit_code), error
        assert error["message"]
        return error
