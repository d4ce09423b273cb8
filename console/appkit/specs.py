"""How the page of an application made of kinds stands in the rail. Read at the start: the page itself comes later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from console.i18n import say
from console.page import PageSpec
from console.scenes import Scene

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from baas.platform import Platform
    from console.context import Context
    from console.home import HomeSection
    from console.page import Page
    from console.shell.window import MainWindow


def specs_of(manifest: KitManifest) -> list[PageSpec]:
    """The application's page for the rail."""

    def make(context: Context) -> Page:
        from console.appkit.page import AppPage

        return AppPage(context, manifest)

    def waiting(platform: Platform, network: str) -> int:
        from console.appkit.page import count_waiting

        return count_waiting(manifest.build_service(platform, network))

    def home(platform: Platform, network: str) -> Sequence[HomeSection]:
        from console.home import home_of

        return home_of(manifest)(platform, network)

    return [
        PageSpec(
            manifest.id,
            lambda: say(manifest.title),
            manifest.icon,
            make,
            section="apps",
            help=lambda: say(manifest.summary),
            allowed=lambda context: context.platform.session.allows(manifest.read),
            badge=waiting,
            scenes=lambda context: scenes_of(manifest),
            dialogs=lambda context: _dialogs(manifest),
            home=home,
        )
    ]


def _dialogs(manifest: KitManifest) -> list[Scene]:
    from console.appkit.dialogs import dialogs_of

    return dialogs_of(manifest.id, manifest.catalogue)


def scenes_of(manifest: KitManifest) -> list[Scene]:
    """Pictures: what waits, and each kind with its first record chosen."""
    names = ["inbox", *manifest.catalogue.kinds, *manifest.views]
    return [Scene(f"{manifest.id}-{name}", f"{manifest.id}/{name}", _choose_first) for name in names]


def _choose_first(window: MainWindow) -> None:
    view: Any = getattr(window.page, "stack", None)
    view = view.currentWidget() if view is not None else None
    if getattr(view, "records", ()):
        view.table.choose(0)
