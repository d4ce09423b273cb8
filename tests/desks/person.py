"""One person's machine: a process of its own that runs that person's commands, one after the other.

Run as `python person.py OWN_FOLDER EVERYBODYS_PLACES…`. Lines of JSON come in (`{"args": […], "stdin": "…"}`), lines go
out (`{"code": 0, "out": "…", "err": "…", "trespasses": […]}`). Whatever below the places is not in the own folder is
another's: looking there is refused, as on another machine, and reported.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from pathlib import Path

OWN = Path(sys.argv[1]).resolve()
PLACES = [Path(one).resolve() for one in sys.argv[2:]]
WATCHED = {"open", "os.listdir", "os.scandir", "sqlite3.connect", "os.remove", "os.rename", "shutil.copyfile"}
trespasses: list[str] = []


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: files, folders and databases of others are not there."""
    if event not in WATCHED:
        return
    for one in arguments[:2]:
        if not isinstance(one, str | bytes | os.PathLike) or one in {b":memory:", ":memory:"}:
            continue
        path = Path(os.path.normpath(Path(os.getcwd(), os.fsdecode(one))))  # noqa: PTH109 - no audited call here
        if any(path.is_relative_to(r) and path != r for r in PLACES) and not path.is_relative_to(OWN):
            trespasses.append(str(path))
            raise FileNotFoundError(2, "no such file on this machine", str(path))


def main() -> None:
    from baas.cli.root import run

    talk = sys.stdout
    sys.addaudithook(watch)
    talk.write("ready\n")
    talk.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        out, err = io.StringIO(), io.StringIO()
        before = sys.stdin
        sys.stdin = io.StringIO(asked.get("stdin", ""))
        code = 70
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = run(asked["args"])
            except BaseException:
                err.write(traceback.format_exc())
        sys.stdin = before
        answer = {"code": code, "out": out.getvalue(), "err": err.getvalue(), "trespasses": trespasses}
        talk.write(json.dumps(answer) + "\n")
        talk.flush()
        trespasses.clear()


if __name__ == "__main__":
    main()
