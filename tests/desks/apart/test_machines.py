"""What the other scenarios here stand on: people's machines really are apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.desks.conftest import Office, Person
from tests.desks.machines import walls_refusal


def ran(person: Person, places: tuple[str, str], code: str) -> str:
    """What a program says that a person runs on their own machine, watched by nobody."""
    command = person.machine.command(person.folder, places, [sys.executable, "-c", code])
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def test_each_person_has_an_address_of_their_own(
    hire: Callable[[str], Person], office: Office, places: tuple[str, str]
) -> None:
    assert office.neighbourhood is not None
    if office.neighbourhood.refusal:
        pytest.skip(office.neighbourhood.refusal)
    first, second = hire("first"), hire("second")
    assert first.machine.address != second.machine.address
    peers = json.loads(office.profile("CopyrightMSP").read_text("utf-8"))["peers"].values()
    assert {peer["url"].rpartition(":")[0] for peer in peers} == {f"grpcs://{office.neighbourhood.address}"}
    dial = "import socket; socket.create_connection(({host!r}, {port}), 5); print('there')"
    port = int(next(iter(peers))["url"].rpartition(":")[2])
    assert ran(first, places, dial.format(host=office.neighbourhood.address, port=port)) == "there"
    # What listens on the office's loopback is not reached from another machine, under that name or another.
    with pytest.raises(subprocess.CalledProcessError):
        ran(first, places, dial.format(host="127.0.0.1", port=port))


def test_nobody_finds_anothers_folder(hire: Callable[[str], Person], office: Office, places: tuple[str, str]) -> None:
    if walls_refusal():
        pytest.skip(walls_refusal())
    first, second = hire("first"), hire("second")
    secret, own = second.write("secret", "x"), first.write("own", "y")
    look = "import os; print(*(os.path.exists(path) for path in {paths!r}))"
    paths = [str(own), str(secret), str(secret.parent), str(office.platform.workspace.folder)]
    assert ran(first, places, look.format(paths=paths)) == "True False False False"
    for path in paths[1:]:
        assert subprocess.run(["ls", path], check=False, capture_output=True, timeout=60).returncode == 0
