"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.context import Context
from console.scenes import Scene, press

if TYPE_CHECKING:
    from console.shell.window import MainWindow


def _choose_first(window: MainWindow) -> None:
    """Choose the first row of the list that is shown."""
    view: Any = window.page.stack.currentWidget() if window.page is not None else None  # type: ignore[attr-defined]
    view.table.choose(0)


def _choose_in(tab: str) -> Any:
    def choose(window: MainWindow) -> None:
        view: Any = window.page.stack.currentWidget() if window.page is not None else None  # type: ignore[attr-defined]
        getattr(view, tab).choose(0)

    return choose


def _gallery(window: MainWindow) -> None:
    view: Any = window.page.stack.currentWidget() if window.page is not None else None  # type: ignore[attr-defined]
    view.look.choose("gallery")


def _of_kind(media: str) -> Any:
    """Go to a sample work of a kind of media."""

    def show(window: MainWindow) -> None:
        page: Any = window.page
        found = [one for one in page.service.works() if one.media_type.startswith(media)]
        if found:
            window.go(f"copyright/work/{found[0].id}")

    return show


def _take(window: MainWindow) -> None:
    """Drop the first sample work on the form."""
    from apps.copyright.demo import samples, works_in

    view: Any = window.page.stack.currentWidget() if window.page is not None else None  # type: ignore[attr-defined]
    view.take(next(works_in(samples())))


def _verify(window: MainWindow) -> None:
    """Write the newest registered work's evidence to a temporary file and check it."""
    from apps.copyright.proof import export_evidence

    page: Any = window.page
    service = page.service
    if service is None:
        return
    found = sorted(service.works(), key=lambda one: (bool(one.number), one.created))
    target = Path(tempfile.gettempdir()) / "citychain-scene.evidence.zip"
    target.unlink(missing_ok=True)
    export_evidence(service, found[-1].id, target)
    page.view("verify").take(target)


def _samples() -> str:
    """A folder with the sample works alone: all of them are known already, so that taking pictures deposits nothing."""
    import shutil

    from apps.copyright.demo import samples, works_in

    folder = Path(tempfile.gettempdir()) / "citychain-scene" / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    for path in works_in(samples()):
        shutil.copyfile(path, folder / path.name)
    return str(folder)


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("copyright-inbox", "copyright/inbox", _choose_first),
        Scene("copyright-gallery", "copyright/works", _gallery),
        Scene("copyright-film", "copyright/works", _of_kind("video/")),
        Scene("copyright-sound", "copyright/works", _of_kind("audio/")),
        Scene("copyright-new", "copyright/new", _take),
        Scene("copyright-queue", "copyright/queue", _choose_first),
        Scene("copyright-work", "copyright/first"),
        Scene("copyright-work-rights", "copyright/work/first/rights", _choose_in("rights")),
        Scene("copyright-work-cases", "copyright/work/first/cases", _choose_in("cases")),
        Scene("copyright-work-history", "copyright/work/first/history", _choose_in("history")),
        Scene("copyright-rights", "copyright/rights", _choose_first),
        Scene("copyright-money", "copyright/money", _choose_first),
        Scene("copyright-cases", "copyright/cases", _choose_first),
        Scene("copyright-search", "copyright/search", _take),
        Scene("copyright-verify", "copyright/verify", _verify),
        Scene("copyright-offer", "copyright/first", press("licence.offer")),
        Scene("copyright-batch", f"copyright/batch/{_samples()}", press("start")),
    ]


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done: every act, and the dialogs of single pages."""
    from apps.copyright.manifest import MANIFEST
    from console.appkit.dialogs import dialogs_of

    return [
        *dialogs_of("copyright", MANIFEST.catalogue),
        Scene("copyright-evidence", "copyright/first", press("evidence")),
        Scene("copyright-authority", "copyright/verify", press("tsa")),
        *(Scene(f"copyright-menu-{n}", "copyright/first", press("more", n)) for n in range(8)),
    ]
