"""Every dialog and panel of an application's records as text, in both languages: for comparing before and after.

    python -m tests.kit.labels before.json          # in a checkout of before
    python -m tests.kit.labels after.json
    python -m tests.kit.labels --diff before.json after.json

A workspace with the demonstration is made, every record of the lists is chosen, every button that asks (…) is pressed.
What names one run only (ids, hashes, times) is written as a mark.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

MARKS = (
    (re.compile(r"[A-Z]{2}\d{8}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b[0-9a-f]{5,}…?[0-9a-f]*\b"), "HASH"),
    (re.compile(r"baf\w+…?\w*"), "CID"),
    (re.compile(r"\d{4}[-年]\d{1,2}[-月]\d{1,2}日?|\d{1,2} \w{3,9} \d{4}"), "DAY"),
    (re.compile(r"\d{1,2}:\d{2}(:\d{2})?"), "TIME"),
    (re.compile(r"-\d{8}\b"), "-NUMBER"),
)
APPLICATION = "copyright"
LISTS = ("copyright/rights", "copyright/cases", "copyright/inbox")


def marked(text: str) -> str:
    for pattern, mark in MARKS:
        text = pattern.sub(mark, text)
    return text


def texts(widget: QWidget) -> list[str]:
    """What a widget shows, in the order in which it was made."""
    found: list[str] = []
    for one in widget.findChildren(QWidget):
        if not one.isVisibleTo(widget):
            continue
        if isinstance(one, QLabel | QAbstractButton) and one.text():
            found.append(marked(one.text()))
        elif isinstance(one, QComboBox):
            found.append("[" + " | ".join(marked(one.itemText(at)) for at in range(one.count())) + "]")
        elif isinstance(one, QPlainTextEdit | QLineEdit):
            value = one.toPlainText() if isinstance(one, QPlainTextEdit) else one.text()
            if not isinstance(one.parent(), QComboBox):
                found.append(marked(f"<{value}|{one.placeholderText()}>"))
    return found


def opened_by(press: Callable[[], object]) -> list[str]:
    """The text of the dialog that a press opens."""
    found: list[str] = []

    def look(tries: int = 0) -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isVisible():
            found.extend(texts(dialog))
            dialog.reject()
        elif tries < 100:
            QTimer.singleShot(20, lambda: look(tries + 1))

    QTimer.singleShot(0, look)
    press()
    return found


def collect(desk: Any, lang: str) -> dict[str, list[str]]:
    """Panels and dialogs of every listed record and of the newest work, by where they are."""
    found: dict[str, list[str]] = {}
    for address in LISTS:
        desk.go(address)
        view = desk.window.page.stack.currentWidget()
        if hasattr(view, "whose"):
            view.whose.choose("all")
            desk.settle()
        for at in range(view.table.model().rowCount()):
            view.table.choose(at)
            desk.settle()
            panel = desk.window.inspector
            said = texts(panel)
            place = f"{lang} {address} {at}: {' / '.join(said[:3])}"
            found.setdefault(place, said)
            buttons = [b for b in panel.findChildren(QAbstractButton) if b.text().endswith("…") and b.isVisible()]
            for words in [b.text() for b in buttons]:
                button = next(b for b in panel.findChildren(QAbstractButton) if b.text() == words and b.isVisible())
                found.setdefault(f"{place} · {words}", opened_by(button.click))
                desk.settle()
    desk.go("copyright/first")
    for action in desk.window.page.header_actions:
        for words, run in [(action.text, action.run), *action.menu]:
            if run is not None and words.endswith("…"):
                found[f"{lang} work · {words}"] = opened_by(run)
                desk.settle()
    return found


def dump(target: Path) -> None:
    """Write everything that is said to a file."""
    from baas.applications import DemoOptions
    from baas.platform import Platform
    from console import theme
    from console.app import make_application
    from console.i18n import use_language
    from tests.console.conftest import close_desk, open_desk

    app = make_application([])
    theme.install(app, "light")
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder, Platform.open(Path(folder) / "workspace") as platform:
        try:
            spec = platform.networks.template("city", name="city", runtime="embedded")
            platform.jobs.run(platform.networks.up, spec)
            platform.jobs.run(platform.contracts.deploy, "city", APPLICATION)
            manifest = platform.applications.get(APPLICATION)
            platform.jobs.run(manifest.run_demo, platform, "city", DemoOptions())
            for lang in ("zh", "en"):
                desk = open_desk(app, None, platform)
                if lang == "en":
                    desk.console.change_language("en")
                    desk.window = desk.console.window
                    desk.settle()
                found |= collect(desk, lang)
                close_desk(desk)
                use_language("zh")
        finally:
            for name in platform.networks.names():
                platform.networks.destroy(name)
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


def _gathered(found: dict[str, list[str]]) -> dict[str, list[list[str]]]:
    """Places without the row in which they stood: rows of one moment may change places."""
    gathered: dict[str, list[list[str]]] = {}
    for place, said in found.items():
        gathered.setdefault(re.sub(r" \d+:", ":", place), []).append(sorted(said))
    return gathered


def _flat(found: list[list[str]]) -> list[str]:
    return [text for said in found for text in said]


def compare(before: Path, after: Path) -> list[str]:
    """The differences of two dumps as lines."""
    old, new = (_gathered(json.loads(path.read_text(encoding="utf-8"))) for path in (before, after))
    lines: list[str] = []
    for place in sorted({*old, *new}):
        one, two = sorted(old.get(place, [])), sorted(new.get(place, []))
        if one != two:
            lines.append(f"== {place}")
            different = difflib.unified_diff(_flat(one), _flat(two), lineterm="", n=0)
            lines += [line for line in different if line[:2] not in ("--", "++", "@@")]
    return lines


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--diff", action="store_true")
    asked.add_argument("files", nargs="+", type=Path)
    given = asked.parse_args()
    if given.diff:
        print("\n".join(compare(*given.files)) or "equal")
    else:
        dump(given.files[0])


if __name__ == "__main__":
    main()
