"""What an application shows on the overview of whoever acts: a few rows of their own work, read in a worker.

A page names its sections in `PageSpec.home`. The rows come from the same questions as the application's own lists and
badges, so that no number is asked for twice in different ways.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from console.i18n import say, tr
from console.i18n.formats import number
from network.errors import CityChainError

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from apps.kit.service import Service
    from baas.platform import Platform
    from console.page import PageSpec

_log = logging.getLogger(__name__)
ROWS = 6


@dataclass(frozen=True)
class HomeRow:
    """One thing: what it is, a line about it, how it stands, where it leads; `picture` is a small one (JPEG, PNG).

    `network` is the one that it leads to, "" for the one that the pages speak of; `button` says what is done there.
    """

    title: str
    detail: str = ""
    word: str = ""
    state: str = "none"
    address: str = ""
    icon: str = ""
    picture: bytes = b""
    network: str = ""
    button: str = ""


@dataclass(frozen=True)
class HomeSection:
    """A card: its rows, how many there are in all, what it says when there are none, where all of it is.

    `waits` is the page whose badge has the same count, "" for none. A section of nothing that has nothing to say of it
    is not shown.
    """

    title: str
    rows: tuple[HomeRow, ...]
    count: int
    empty: str
    address: str
    waits: str = ""


Home = Callable[["Platform", str], Sequence[HomeSection]]


def read_home(specs: Iterable[PageSpec], platform: Platform, network: str) -> list[HomeSection]:
    """The sections of these pages for whoever acts; one that does not answer is left out of the others' way."""
    found: list[HomeSection] = []
    for spec in specs:
        if spec.home is None:
            continue
        try:
            found += spec.home(platform, network)
        except CityChainError as error:
            _log.info("the home of %s: %s", spec.id, error)
    return found


def waiting_section(
    manifest: KitManifest,
    kit: Service,
    picture: Callable[[Any], bytes] = lambda record: b"",
) -> HomeSection:
    """What waits for whoever acts in an application of kinds, the nearest day first."""
    from console.appkit.views import left_words, when_configured  # a page's worth of modules: in the worker

    found: list[Any] = when_configured(lambda: kit.waiting() if kit.deployed() else [], [])
    kit.know(found)
    rows = []
    for record in found[:ROWS]:
        words = kit.catalogue.of(record)
        due, state = left_words(words.due_of(record))
        named = say(kit.called(record))
        kind = say(words.title)
        rows.append(
            HomeRow(
                f"{named} · {kind}" if named else kind,
                say(kit.asks(record) or words.state(record)[0]),
                due,
                state or "none",
                f"{manifest.id}/inbox/{record['id']}",
                words.icon,
                picture(record),
            )
        )
    title = tr("待我办理 · {app}").format(app=say(manifest.title))
    return HomeSection(title, tuple(rows), len(found), tr("没有等您办理的事"), f"{manifest.id}/inbox", manifest.id)


def home_of(manifest: KitManifest) -> Home:
    """The home of an application that has nothing but its kinds."""

    def home(platform: Platform, network: str) -> Sequence[HomeSection]:
        if not platform.session.allows(manifest.read):
            return ()
        service = manifest.build_service(platform, network)
        with closing(service):
            return (replace(waiting_section(manifest, service), empty=""),)

    return home


def counted(section: HomeSection) -> str:
    """How many there are in all, for a card's corner."""
    return tr("{n} 项").format(n=number(section.count)) if section.count else ""
