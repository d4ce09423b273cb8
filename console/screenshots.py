"""Pictures of every page, rendered without a display from a real workspace.

`render(folder, target)` opens the workspace in `folder` and writes `PAGE-LANG-THEME.png` at 1440 × 900. Views inside
pages (a wizard's step, a transaction's autopsy) are named by the pages themselves through `Page.scenes`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from baas.platform import Platform
from console import theme
from console.app import Console, make_application
from console.theme import tokens
from network.text import Lang


def render(
    folder: Path | None,
    target: Path,
    langs: Sequence[Lang] = ("zh", "en"),
    modes: Sequence[theme.Mode] = ("light", "dark"),
    only: Sequence[str] = (),
) -> list[Path]:
    """Write the pictures into `target` (made if need be) and return their paths; `only` limits the pages by id."""
    target.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = make_application()
    written: list[Path] = []
    with Platform.open(folder) as platform:
        for lang in langs:
            console = Console(app, lang=lang, mode=modes[0])
            window = console.show()
            window.resize(*tokens.WINDOW_SIZE)
            window.use(platform)
            window.settle()
            for spec in list(window.specs):
                if only and spec.id not in only:
                    continue
                for name, address in [(spec.id, spec.id), *spec.scenes(window.context)]:
                    window.go(address)
                    window.settle()
                    for mode in modes:
                        theme.theme().apply(mode)
                        window.settle(3000)
                        path = target / f"{name}-{lang}-{mode}.png"
                        window.grab().save(str(path))
                        written.append(path)
                    theme.theme().apply(modes[0])
            window.tasks.close()
            window.close()
            window.deleteLater()
            QApplication.processEvents()
    return written
