"""Audit logs that somebody edited by hand, and what the programs say of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from baas import audit_file
from baas.audit import AuditLog
from baas.audit_file import check, line_hash
from baas.cli.root import run
from baas.platform import Platform
from baas.services.doctor import examine
from tests.baas.test_audit import lines_of


def _with(line: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(line), **fields}).encode() + b"\n"


BY_HAND: dict[str, Callable[[bytes], bytes]] = {
    "an end of something that is no number": lambda line: _with(line, kind="end", of=[1]),
    "half a character": lambda line: _with(line, who="\ud800"),
    "half a character as the hash": lambda line: _with(line, hash="\ud800"),
    "half a character in what one asks": lambda line: _with(line, asks=["\ud800"]),
    "things within things": lambda line: b'{"n":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
    "yes as its number": lambda line: _with(line, n=True),
    "a number without end": lambda line: line.replace(b'"n":', b'"n":1e999,"m":', 1),
    "a number too long to be one": lambda line: line.replace(b'"n":', b'"n":' + b"9" * 5000 + b',"m":', 1),
    "things within things in what it was on": lambda line: line.replace(
        b'"n":', b'"on":{"a":' + b"[" * 900 + b"]" * 900 + b'},"n":', 1
    ),
    "no word as who": lambda line: _with(line, who=[{}], asks=[1, {}], title={"zh": [1]}, kind="begin", on={"a": 1}),
    "a time that is none": lambda line: _with(line, at=float("nan")),
    "a time far away": lambda line: _with(line, at=1e300),
    "a time that is a list": lambda line: _with(line, at=[1]),
}


@pytest.mark.parametrize("at", [0, 11])
@pytest.mark.parametrize("what", BY_HAND)
def test_what_somebody_wrote_by_hand_is_told_and_breaks_no_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, at: int
) -> None:
    """Verify, list and doctor end as they say; the log goes on after such a line."""
    with Platform.open(tmp_path) as platform:
        path = platform.audit_log.path
    for number in range(12):
        AuditLog(tmp_path).write("asked", who="owner", asks=[f"x.change{number}"])
    lines = lines_of(path)
    path.write_bytes(b"".join([*lines[:at], BY_HAND[what](lines[at]), *lines[at + 1 :]]))
    assert not check(lines_of(path)).whole
    words = ["--lang", "en", "--workspace", str(tmp_path)]
    assert run([*words, "audit", "verify", "--offline"]) == 4
    assert run([*words, "audit", "list"]) == 0
    assert run([*words, "--json", "audit", "list", "--what", "zzz"]) == 0
    assert run([*words, "--json", "audit", "list"]) == 0
    with Platform.open(tmp_path) as platform:
        assert next(one.state for one in examine(tmp_path, platform) if one.id == "audit") == "bad"
    AuditLog(tmp_path).write("asked", who="after")
    assert json.loads(lines_of(path)[-1])["who"] == "after"
    capsys.readouterr()


@pytest.mark.parametrize("of", [[1], {"a": 1}, None, True])
def test_an_end_of_nothing_ends_nothing(of: object) -> None:
    entry: dict[str, object] = {"n": 1, "at": 1.0, "kind": "end", "of": of, "prev": audit_file.FIRST}
    entry["hash"] = line_hash(entry)
    found = check([json.dumps(entry).encode() + b"\n"])
    assert (found.whole, found.unended) == (True, [])
