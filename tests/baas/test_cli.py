from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from baas.cli.kit import TextCommand
from baas.cli.rights import rights
from baas.cli.root import COMMANDS, root, run
from baas.errors import Lang
from baas.platform import Platform


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None, name
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from every_command(found, (*path, name))


def test_every_command_is_documented_in_both_languages() -> None:
    undocumented = []
    seen = set()
    for path, found in every_command(root):
        seen.add(path[0])
        words = found.words if isinstance(found, TextCommand) else found.help
        spoken = (words, words) if isinstance(words, str) or words is None else (words.zh, words.en)
        if not all(spoken) or (isinstance(found, TextCommand) and spoken[0] == spoken[1]):
            undocumented.append(path)
        for parameter in found.params:
            if isinstance(parameter, click.Option) and not parameter.help:
                undocumented.append((*path, parameter.name or ""))
    assert not undocumented
    assert set(COMMANDS) <= seen


@pytest.mark.parametrize("name", ["commands.md", "commands.zh-CN.md"])
def test_every_command_stands_in_the_reference(name: str) -> None:
    """Mend with `python -m baas.cli.reference en > docs/commands.md` (and zh > docs/commands.zh-CN.md)."""
    text = (Path(__file__).parents[2] / "docs" / name).read_text(encoding="utf-8")
    missing = [
        " ".join(path)
        for path, found in every_command(root)
        if not isinstance(found, click.Group) and f"### `citychain {' '.join(path)}" not in text
    ]
    assert not missing


@pytest.mark.parametrize(("lang", "name"), [("en", "rights.md"), ("zh", "rights.zh-CN.md")])
def test_the_table_of_rights_is_what_the_code_grants(lang: Lang, name: str) -> None:
    """Mend with `python -m baas.cli.rights en > docs/rights.md` (and zh > docs/rights.zh-CN.md)."""
    assert (Path(__file__).parents[2] / "docs" / name).read_text(encoding="utf-8") == rights(lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_is_in_the_readers_language(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", lang, "network", "up", "--help"]) == 0
    text = capsys.readouterr().out
    assert ("建立网络" in text) == (lang == "zh")
    assert ("Create a network" in text) == (lang == "en")


def test_help_loads_no_heavy_module() -> None:
    code = textwrap.dedent(
        """
        import sys
        from baas.cli.root import run
        assert run(["--help"]) == 0
        heavy = {"grpc", "PySide6", "fabric_protos", "cryptography", "sqlite_utils", "rich", "numpy", "PIL"}
        print("LOADED", sorted(heavy & set(sys.modules)))
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


@pytest.fixture
def folder(paper: Platform) -> Path:
    """The folder of a closed workspace with a network on paper."""
    paper.identities.issue("HospitalMSP", "nurse", "hospital_staff")
    paper.close()
    return paper.workspace.folder


def test_json_results_and_options_after_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "list", "--json", "--workspace", str(folder), "--lang", "en"]) == 0
    (network,) = json.loads(capsys.readouterr().out)
    assert (network["name"], network["title"], network["default"]) == ("city", "City platform", True)
    assert run(["--workspace", str(folder), "--json", "identity", "list", "--kind", "person"]) == 0
    labels = {record["label"] for record in json.loads(capsys.readouterr().out)}
    assert {"HospitalMSP/nurse", "CopyrightMSP/admin"} <= labels


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["nosuch"], 2, "usage"),
        (["network", "up", "--nosuch"], 2, "usage"),
        (["network", "up", "--runtime", "cloud"], 2, "usage"),
        (["identity", "show"], 2, "usage"),
        (["network", "up", "--name", "other"], 2, "no_topology"),
        (["network", "up", "--template", "atlantis"], 2, "not_found"),
        (["network", "status", "elsewhere"], 2, "no_network"),
        (["network", "destroy", "city"], 2, "not_confirmed"),
        (["identity", "show", "CopyrightMSP/nobody"], 2, "no_identity"),
        (["identity", "issue", "nolabel"], 2, "bad_label"),
        (["identity", "issue", "HospitalMSP/x", "--role", "king"], 2, "unknown_role"),
        (["--as", "HospitalMSP/nurse", "network", "stop", "city"], 2, "permission_denied"),
        (["--as", "HospitalMSP/nurse", "identity", "issue", "HospitalMSP/x"], 2, "permission_denied"),
    ],
)
def test_mistakes_are_one_sentence_with_the_right_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, word: str
) -> None:
    assert run(["--json", "--workspace", str(folder), *arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    record = json.loads(captured.err)["error"]
    assert (record["code"], record["exit_code"]) == (word, code)
    assert run(["--lang", "zh", "--workspace", str(folder), *arguments]) == code
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert any("\u4e00" <= character <= "\u9fff" for character in text)


def test_no_workspace_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "list", "--workspace", str(tmp_path / "none"), "--lang", "en"]) == 2
    assert "citychain network up" in capsys.readouterr().err


def test_commands_read_and_write_beside_an_open_console(paper: Platform) -> None:
    folder = str(paper.workspace.folder)
    assert run(["network", "list", "--json", "--workspace", folder]) == 0
    assert run(["network", "default", "city", "--json", "--workspace", folder]) == 0
    assert paper.workspace.setting("network.default") == "city"


def test_a_defect_is_logged_and_admitted(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr("baas.services.networks.NetworkService.list", broken)
    assert run(["network", "list", "--workspace", str(folder), "--lang", "en"]) == 70
    assert "defect" in capsys.readouterr().err
    assert "surprise" in (folder / "logs" / "citychain.log").read_text()


def test_the_passphrase_comes_from_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baas.keystore.SCRYPT_N", 2**14)
    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    base = ["--workspace", str(folder), "--json"]
    assert run([*base, "keystore", "passphrase", "--new-passphrase-file", str(secret)]) == 0
    assert run([*base, "keystore", "status"]) == 0
    assert json.loads(capsys.readouterr().out.split("}\n")[-2] + "}")["protection"] == "passphrase"
    issue = [*base, "identity", "issue", "HospitalMSP/doctor", "--role", "hospital_staff"]
    assert run(issue) == 3
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "keystore_locked"
    assert run([*issue, "--passphrase-file", str(secret)]) == 0
    secret.write_text("wrong\n")
    assert run([*issue, "--passphrase-file", str(secret)]) == 2


def test_export_and_import_from_the_command_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("file password\n")
    base = ["--workspace", str(folder), "--json", "identity"]
    target = tmp_path / "nurse.p12"
    assert run([*base, "export", "HospitalMSP/nurse", str(target), "--password-file", str(secret)]) == 0
    assert target.stat().st_size > 500
    assert run([*base, "import", "HospitalMSP/nurse2", str(target), "--password-file", str(secret)]) == 2
    assert "HospitalMSP/nurse" in json.loads(capsys.readouterr().err)["error"]["hint"]
    assert run([*base, "import", "HospitalMSP/nurse", str(target), "--password-file", str(secret)]) == 0
    assert run([*base, "show", "HospitalMSP/nurse"]) == 0
    assert "hospital_staff" in capsys.readouterr().out


def test_doctor_speaks_about_what_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor", "--json", "--workspace", str(folder)])
    checks = {check["id"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["database"]["state"] == "ok"
    assert {"python", "packages", "disk", "keystore", "certificates-city"} <= set(checks)
