"""What is written for people holds: links lead somewhere, commands exist, examples run."""

from __future__ import annotations

import ast
import doctest
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from baas.cli.kit import common_options
from baas.cli.root import root

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=False, timeout=60
    ).stdout.decode()
    names = [name for name in done.split("\0") if name] or [
        str(path.relative_to(ROOT))
        for folder in (".", "docs", "packaging", "fabric_sdk")
        for path in (ROOT / folder).glob("*.md")
    ]
    return [ROOT / name for name in sorted(names) if (ROOT / name).exists()]


def anchor(title: str) -> str:
    """The anchor of a heading as code forges make it."""
    kept = re.sub(r"[^\w\- ]", "", title.strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert file.is_relative_to(ROOT), f"{page.name}: {target}"
        if fragment:
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in [anchor(title) for title in titles], f"{page.name}: {target}"


GUIDES = (
    "administrators",
    "api",
    "application-guide",
    "applications",
    "evidence",
    "networks",
    "rights",
    "security",
    "traceability",
    "tutorial",
    "commands",
)
PAIRS = ("README", "packaging/README", "fabric_sdk/README", *(f"docs/{name}" for name in GUIDES))


@pytest.mark.parametrize("name", PAIRS)
def test_both_languages_have_the_same_parts_and_commands(name: str) -> None:
    english, chinese = ROOT / f"{name}.md", ROOT / f"{name}.zh-CN.md"
    parts = [re.findall(r"^#+(?= )", FENCED.sub("", f.read_text(encoding="utf-8")), re.M) for f in (english, chinese)]
    assert parts[0] == parts[1]
    commands = [[line.split()[:3] for line in _lines(file)] for file in (english, chinese)]
    assert commands[0] == commands[1]


def _lines(page: Path) -> list[str]:
    """The `citychain …` lines of a page's blocks, without comments."""
    blocks = [block for _language, block in FENCED.findall(page.read_text(encoding="utf-8"))]
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("citychain ")]
    return [line.partition(" #")[0].strip() for line in lines]


def _overview(line: str) -> bool:
    """A line that only names what there is: `citychain ledger    blocks tx …`."""
    return re.search(r"\S {2,}|…| \| ", line) is not None


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_overview_names_what_there_is(page: str) -> None:
    seen = 0
    for line in _lines(ROOT / page):
        if not _overview(line):
            continue
        for part in re.split(r" {6,}(?=citychain)", line):
            words = [word for word in part.split()[1:] if word not in {"…", "|"}]
            first = root.get_command(click.Context(root), words[0])
            assert first is not None, line
            if isinstance(first, click.Group):
                for word in words[1:]:
                    assert first.get_command(click.Context(first), word) is not None, f"{line}: {word}"
            else:
                assert all(root.get_command(click.Context(root), word) for word in words), line
            seen += 1
    assert seen >= 8


def all_commands() -> Iterator[tuple[str, str]]:
    for page in pages():
        for line in _lines(page):
            if not _overview(line) and not _of_the_guides_example(line):
                yield page.name, line


def _of_the_guides_example(line: str) -> bool:
    """Commands of an application that is not installed; tests/kit/test_outside.py installs it and runs them."""
    return bool(re.match(r"citychain (--as \S+ )?food ", line))


@pytest.mark.parametrize(("page", "line"), sorted(set(all_commands())))
def test_commands_in_the_pages_exist(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    known = {name for option in common_options() if isinstance(option, click.Option) for name in option.opts}
    while words and words[0] == "--workspace":
        words = words[2:]
    command: click.Command = root
    while isinstance(command, click.Group):
        assert words, f"{page}: {line} names no command"
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"{page}: {line}: no command {words[0]}"
        command, words = found, words[1:]
    options = {name: p for p in command.params if isinstance(p, click.Option) for name in p.opts}
    arguments = 0
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            assert word in options or word in known, f"{page}: {line}: no option {word}"
            flag = options[word].is_flag if word in options else word == "--json"
            if not flag:
                assert words, f"{page}: {line}: {word} has no value"
                value = words.pop(0)
                kind = options[word].type if word in options else None
                if isinstance(kind, click.Choice):
                    assert value in kind.choices, f"{page}: {line}: {word} {value}"
        else:
            arguments += 1
    required = [p for p in command.params if isinstance(p, click.Argument) and p.required]
    most = [p for p in command.params if isinstance(p, click.Argument)]
    assert arguments >= len(required), f"{page}: {line}"
    assert arguments <= len(most) or any(p.nargs == -1 for p in most), f"{page}: {line}"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_sdks_examples(name: str) -> None:
    page = ROOT / "fabric_sdk" / name
    ran = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert ran.attempted >= 5
    assert ran.failed == 0
    namespace: set[str] = set()
    for language, block in FENCED.findall(page.read_text(encoding="utf-8")):
        if language == "python" and not block.startswith(">>>"):
            tree = ast.parse(block)
            for node in ast.walk(tree):  # every name that an example takes from the SDK is there
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fabric_sdk"):
                    module = __import__(node.module or "", fromlist=[alias.name for alias in node.names])
                    for alias in node.names:
                        assert hasattr(module, alias.name), f"{node.module}.{alias.name}"
                        namespace.add(alias.name)
    assert {"connect", "Endpoint", "load_msp_folder", "FileCheckpointer"} <= namespace


@pytest.mark.parametrize("page", ["docs/security.md", "docs/security.zh-CN.md"])
def test_every_line_of_the_threat_model_names_a_test_that_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", text)
    assert len(named) > 20
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
    rows = [line for line in text.splitlines() if line.startswith("|") and line.count("|") == 4]
    attacks = [
        line
        for line in rows
        if not re.match(r"\| *(---|attack|攻击|runtime|运行方式|embedded|嵌入式|native|原生|attached|接入)", line)
    ]
    assert attacks and all("::" in line for line in attacks), [line for line in attacks if "::" not in line]
