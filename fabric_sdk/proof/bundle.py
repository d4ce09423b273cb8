"""Making one file of several modules, so that a verifier travels without an installation.

    python -m fabric_sdk.proof.bundle apps.copyright.evidence FOLDER

Verifiers are made of the installed sources when they are handed out, alike wherever the same version is installed, and
kept nowhere. A page is the same: its scripts, sentences and frame become one HTML file.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CORE = (
    "wire", "members", "policies", "configuration", "blocks", "definitions", "views", "cards", "container", "content",
    "timestamps", "report", "sentences", "inspection",
)  # fmt: skip
"""Modules of `fabric_sdk.proof` in the order of their imports."""


@dataclass(frozen=True)
class Program:
    """A bundled program: what it says of itself, and its own modules after those of `fabric_sdk.proof`."""

    heading: str
    modules: tuple[str, ...]
    core: tuple[str, ...] = CORE


def bundled(program: Program) -> str:
    """The program's text: standard library and `cryptography` imported once, then each module without its imports."""
    imports: dict[str, None] = {}
    bodies = []
    sentences = 0
    for name in (*(f"fabric_sdk.proof.{one}" for one in program.core), *program.modules):
        source = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
        body, renamed = _body(source, imports, sentences)
        sentences += renamed
        bodies.append(f"# ---- {name.rpartition('.')[2]}\n\n{body}")
    _refuse_doubles("\n".join(bodies))
    text = f'#!/usr/bin/env python3\n"""{program.heading}"""\n\nfrom __future__ import annotations\n\n'
    text += "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line)))
    return f'{text}\n\n{chr(10).join(bodies)}\n\nif __name__ == "__main__":\n    sys.exit(main())\n'


def _body(source: str, imports: dict[str, None], sentences: int) -> tuple[str, int]:
    """A module's text without docstring and imports; what it imports from outside is noted.

    Tables of sentences (`WORDS`) of several modules become one.
    """
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    dropped: set[int] = set()
    renamed = 0
    for place, node in enumerate(tree.body):
        docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if docstring or isinstance(node, ast.Import | ast.ImportFrom):
            dropped.update(range(node.lineno - 1, node.end_lineno or node.lineno))
        if isinstance(node, ast.Import):
            imports.update({f"import {one.name}": None for one in node.names})
        elif isinstance(node, ast.ImportFrom) and not _own(node.module or "") and node.module != "__future__":
            imports.update({f"from {node.module} import {one.name}": None for one in node.names})
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "WORDS":
            renamed = 1
            if sentences:
                lines[node.lineno - 1] = "WORDS.update({\n"
                lines[(node.end_lineno or 0) - 1] = "})\n"
    kept = "".join(line for number, line in enumerate(lines) if number not in dropped)
    return kept.replace("OWN.get(code)", "None").strip() + "\n", renamed


def _refuse_doubles(source: str) -> None:
    """ValueError if two modules define the same name: the later would take the earlier's place unseen."""
    seen: set[str] = set()
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        for target in targets:
            name = getattr(target, "id", getattr(target, "name", ""))
            if name and name in seen:
                raise ValueError(f"two bundled modules define {name}")
            seen.add(name)


def _own(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in ("fabric_sdk", "apps", "chaincode")


def page(frame: str, scripts: Sequence[str], tables: Mapping[str, object]) -> str:
    """An HTML file: `<!-- tables -->` and `<!-- scripts -->` in the frame are filled."""
    data = "\n".join(
        f"const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};".replace("</", "<\\/")
        for name, value in tables.items()
    )
    return frame.replace("/* tables */", data).replace("/* scripts */", "\n".join(scripts))


@cache
def made(package: str) -> Mapping[str, bytes]:
    """The verifiers of a package (its module `bundled` says what they are made of) by the names of their files."""
    texts: Mapping[str, str] = importlib.import_module(f"{package}.bundled").files()
    return {name: text.encode() for name, text in texts.items()}


def main(arguments: Sequence[str]) -> int:
    """Write the verifiers of a package into a folder; 0, or 2 for wrong arguments."""
    if len(arguments) != 2:
        sys.stderr.write("python -m fabric_sdk.proof.bundle PACKAGE FOLDER\n")
        return 2
    for name, data in made(arguments[0]).items():
        (Path(arguments[1]) / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
