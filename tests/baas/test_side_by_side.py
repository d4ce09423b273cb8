"""Several programs on one workspace: nobody is refused, nothing is lost, whoever is killed and whenever."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from baas.platform import Platform
from network.certificates import matches_key

PROGRAMS = 4


@contextlib.contextmanager
def programs(folder: Path, code: str, count: int = PROGRAMS) -> Iterator[list[subprocess.Popen[str]]]:
    """`count` programs that have everything loaded and wait for a line on their standard input; killed at the end."""
    head = """
        import sys, pathlib
        from baas.applications import Applications
        from baas.errors import CityChainError
        from baas.platform import Platform
        folder, me = pathlib.Path(sys.argv[1]), sys.argv[2]
        print("ready", flush=True)
        sys.stdin.readline()
    """
    source = textwrap.dedent(head) + textwrap.dedent(code)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", source, str(folder), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        for program in started:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
        for program in started:
            assert program.stdin is not None
            program.stdin.write("\n")
            program.stdin.flush()
        yield started
    finally:
        for program in started:
            program.kill()
            program.wait(30)


def test_a_new_workspace_that_all_open_at_once_has_one_of_everything(tmp_path: Path) -> None:
    """Two master keys, or two keys of one name, would make what the slower one has sealed unreadable for good."""
    code = """
        import secrets
        with Platform.open(folder, applications=Applications({})) as platform:
            key = platform.keystore.ensure("city/slots/pseudonyms", lambda: secrets.token_bytes(32))
            platform.keystore.put(f"city/own/{me}", me.encode())
            platform.workspace.set_setting(f"setting.{me}", me)
            print(key.hex(), flush=True)
    """
    with programs(tmp_path / "w", code) as started:
        answers = {program.communicate(timeout=120)[0] for program in started}
        assert [program.returncode for program in started] == [0] * PROGRAMS
    assert len(answers) == 1
    with Platform.open(tmp_path / "w", create=False) as platform:
        assert platform.keystore.get("city/slots/pseudonyms").hex() + "\n" in answers
        for number in range(PROGRAMS):
            assert platform.keystore.get(f"city/own/{number}") == str(number).encode()
            assert platform.workspace.setting(f"setting.{number}") == str(number)


def test_one_name_is_given_once_and_no_revocation_is_lost(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
        from baas.services.identity_records import serials_of
        with Platform.open(folder, applications=Applications({})) as platform:
            people = platform.identities
            people._publish_revocations = lambda *_: None  # there is no network to tell
            try:
                print(people.issue("CopyrightMSP", "rival", "client"), me, flush=True)
            except CityChainError as error:
                print(error.code, flush=True)
            for number in range(4):
                label = people.issue("CopyrightMSP", f"p{me}-{number}", "client")
                people.revoke(label)
    """
    with programs(paper.workspace.folder, code) as started:
        answers = sorted(program.communicate(timeout=120)[0].split()[0] for program in started)
    assert answers == ["CopyrightMSP/rival"] + ["identity_exists"] * (PROGRAMS - 1)
    authority = paper.networks.handle("city").authority("CopyrightMSP")
    rival = authority.person("rival")
    assert matches_key(rival.certificate_pem, rival.private_key_pem)
    (revoked,) = authority.revocation_lists
    refused = {entry.serial_number for entry in x509.load_pem_x509_crl(revoked)}
    assert len(refused) == 4 * PROGRAMS


def test_killed_in_any_order_what_was_acknowledged_is_there(paper: Platform) -> None:
    code = """
        with Platform.open(folder, applications=Applications({})) as platform:
            for number in range(10_000):
                label = platform.identities.issue("HospitalMSP", f"n{me}-{number}", "client")
                platform.workspace.set_setting(f"last.{me}", str(number))
                print(label, flush=True)
    """
    acknowledged: list[str] = []
    with programs(paper.workspace.folder, code) as started:
        for turn, program in enumerate(started):
            assert program.stdout is not None
            acknowledged += [program.stdout.readline().strip() for _ in range(3 + turn)]
            program.kill()  # wherever it is; the others are at work meanwhile
            acknowledged += program.stdout.read().split("\n")[:-1]
    assert len(acknowledged) >= 3 * PROGRAMS
    for label in acknowledged:
        person = paper.networks.handle("city").authority("HospitalMSP").person(label.partition("/")[2])
        assert matches_key(person.certificate_pem, person.private_key_pem)
    paper.identities.issue("HospitalMSP", "after", "client")
    for number in range(PROGRAMS):
        assert int(paper.workspace.setting(f"last.{number}")) >= 2


def test_a_change_by_another_program_is_seen_at_once(paper: Platform) -> None:
    """An open console must not go on with the topology and the addresses of before."""
    first = paper.networks.handle("city")
    assert paper.networks.handle("city") is first
    title = first.spec.organizations[0].title
    code = """
        from dataclasses import replace
        from network.plan import NetworkState
        place = folder / "networks" / "city"
        state = NetworkState.load(place)
        from network.text import Text
        changed = replace(state.reached.organizations[0], title=Text("新名", "New name"))
        spec = replace(state.reached, organizations=(changed, *state.reached.organizations[1:]))
        replace(state, reached=spec, wanted=spec).save(place)
    """
    with programs(paper.workspace.folder, code, 1) as started:
        assert started[0].wait(60) == 0
    assert paper.networks.handle("city").spec.organizations[0].title != title
