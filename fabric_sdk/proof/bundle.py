"""Making one file of several modules, so that a verifier travels without an installation.

    python -m fabric_sdk.proof.bundle apps.copyright.evidence [--check]

`--check` changes nothing and ends with 1 if a file is not current. The page is the same: its scripts, sentences and
frame become one HTML file.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

CORE = (
    "wire", "members", "policies", "configuration", "blocks", "definitions", "views", "cards", "container", "content",
    "timestamps", "report", "sentences", "inspection",
)  # fmt: skip
"""Modules of `fabric_sdk.proof` in the order of their imports."""


@dataclass(frozen=True)
class Program:
    """A bundled program: its file, what it says of itself, and its own modules after those of `fabric_sdk.proof`."""

    target: Path
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


def programs(packages: Sequence[str]) -> dict[Path, str]:
    """The bundled files of packages (each has a module `bundled`), with the text that they should have."""
    found: dict[Path, str] = {}
    for name in packages:
        found |= importlib.import_module(f"{name}.bundled").files(Path(str(resources.files(name))))
    return found


def main(arguments: Sequence[str]) -> int:
    """Write the files of the packages named, or with --check compare them."""
    made = programs([one for one in arguments if one != "--check"])
    stale = [path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path.name} is not current\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(made[path], encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
