"""Keep the Qt Linguist catalogues: `python -m console.i18n.catalogue` updates `en.ts` and `en.qm` from every `tr("…")`.

Qt's own `lupdate` knows only `self.tr`; the console's `tr` is a function, so its sources are collected here from the
syntax tree. The files stay plain Qt Linguist files: a translator edits them with Linguist, `pyside6-lrelease` compiles.
A source without a translation is written as unfinished, and a test fails on it. What an application's pages say as the
console does stands in the console's catalogue alone.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from console.i18n import CONSOLE

ROOT = Path(__file__).resolve().parents[2]


QT_CHINESE = ROOT / "console" / "i18n" / "qt_zh.ts"
"""What Qt's own file dialog says and Qt's Chinese catalogue does not know; kept by hand."""


def catalogues(root: Path = ROOT) -> dict[str, tuple[Path, Path]]:
    """Return context → (folder of sources, folder of its catalogue) for the console and each application's pages."""
    found = {"console": (root / "console", root / "console" / "i18n")}
    for folder in sorted((root / "apps").glob("*/ui")):
        found[folder.parent.name] = (folder, folder)
    return found


USE = "\x04"
"""Stands between a sentence and the use that `tr` names besides, as in gettext's files."""


def sources(folder: Path) -> dict[str, str]:
    """Return source sentence (with `USE` and its use, where one is named) → first file that uses it, in order.

    Raises ValueError for a `tr` of anything but text.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr"):
                continue
            said = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(said) != len(node.args) or len(said) not in (1, 2) or node.keywords:
                raise ValueError(f"{path}:{node.lineno}: tr takes one literal sentence, and perhaps its use")
            found.setdefault(USE.join(said), path.relative_to(folder).as_posix())
    return found


def translations(path: Path) -> dict[str, str]:
    """Return source → translation of a catalogue; an unfinished one is the empty string."""
    if not path.exists():
        return {}
    result = {}
    for message in ET.parse(path).getroot().iter("message"):
        translation = message.find("translation")
        done = translation is not None and translation.get("type") != "unfinished"
        key = USE.join(filter(None, (message.findtext("source", ""), message.findtext("comment", ""))))
        result[key] = (translation.text or "") if done and translation is not None else ""
    return result


def write(path: Path, context: str, entries: dict[str, str], places: dict[str, str]) -> None:
    """Write a catalogue with one context; entries are source → translation."""
    root = ET.Element("TS", version="2.1", language="en", sourcelanguage="zh_CN")
    block = ET.SubElement(root, "context")
    ET.SubElement(block, "name").text = context
    for source, text in sorted(entries.items(), key=lambda entry: (places.get(entry[0], ""), entry[0])):
        message = ET.SubElement(block, "message")
        if source in places:
            ET.SubElement(message, "location", filename=places[source])
        sentence, _, use = source.partition(USE)
        ET.SubElement(message, "source").text = sentence
        if use:
            ET.SubElement(message, "comment").text = use
        translation = ET.SubElement(message, "translation")
        translation.text = text
        if not text:
            translation.set("type", "unfinished")
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', "utf-8")


def shared() -> dict[str, str]:
    """What the console says, and with it every application whose own catalogue says nothing else."""
    return {source: text for source, text in translations(ROOT / "console" / "i18n" / "en.ts").items() if text}


def update(context: str, folder: Path, where: Path, known: dict[str, str] | None = None) -> list[str]:
    """Bring one catalogue up to date, compile it, and return the sources that still lack a translation."""
    places = sources(folder)
    have = translations(where / "en.ts") | (known or {})
    common = {} if context == CONSOLE else shared()
    own = [
        source for source in places if source not in common or (have.get(source) or common[source]) != common[source]
    ]
    entries = {source: have.get(source, "") for source in own}
    write(where / "en.ts", context, entries, places)
    release(where / "en.ts")
    return [source for source, text in entries.items() if not text]


def release(path: Path) -> None:
    """Compile a catalogue into the `.qm` beside it."""
    program = Path(sys.executable).with_name("pyside6-lrelease")
    command = [str(program), "-silent", str(path), "-qm", str(path.with_suffix(".qm"))]
    subprocess.run(command, check=True, timeout=120)


def main() -> int:
    """Update every catalogue; exit code 1 when a sentence lacks its translation."""
    missing = 0
    release(QT_CHINESE)
    for context, (folder, where) in catalogues().items():
        for source in update(context, folder, where):
            print(f"{context}: {source}")
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
