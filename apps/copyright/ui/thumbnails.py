"""Thumbnails for lists: asked for while a row is painted, read in a worker, a few at a time, the newest asked first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from apps.copyright.model import Work
from apps.copyright.views import of_record

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage

KEPT = 200
"""Pictures in memory (at most a quarter of a megabyte each)."""
WANTED = 60
"""Rows that are waited for; what was scrolled past long ago is not read."""
AT_ONCE = 6


class Thumbnails(QObject):
    """Pictures by what they are asked for with. Signals: `arrived` when some came, so that lists are painted anew."""

    arrived = Signal()

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self._page = page
        self._whose: tuple[Any, ...] = ()
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._wanted: OrderedDict[str, Work | Mapping[str, Any]] = OrderedDict()
        self._reading = False

    def of(self, work: Work) -> Any:
        """What gives a work's picture when a row is painted."""
        return partial(self._image, work.id, work)

    def of_record(self, record: Mapping[str, Any]) -> Any:
        """The same for a record that hangs on a work, under itself: a case opens what it looks like."""
        return partial(self._image, str(record.get("work_id") or record["id"]), record)

    def _image(self, work_id: str, what: Work | Mapping[str, Any]) -> QImage | None:
        service = self._page.service
        whose = (id(service), *service.kit.signers)
        if whose != self._whose:  # another person sees other works
            self._whose = whose
            self._images.clear()
            self._wanted.clear()
        if (image := self._images.get(work_id)) is not None:
            self._images.move_to_end(work_id)
            return image
        self._wanted[work_id] = what
        self._wanted.move_to_end(work_id)
        while len(self._wanted) > WANTED:
            self._wanted.popitem(last=False)
        self._read_next()
        return None

    def _read_next(self) -> None:
        if self._reading or not self._wanted:
            return
        self._reading = True
        batch = {key: self._wanted[key] for key in list(self._wanted)[-AT_ONCE:]}
        service, whose = self._page.service, self._whose

        def arrived(found: dict[str, QImage]) -> None:
            self._reading = False
            if whose == self._whose:
                for key, image in found.items():
                    self._images[key] = image
                    self._wanted.pop(key, None)
                while len(self._images) > KEPT:
                    self._images.popitem(last=False)
                self.arrived.emit()
            self._read_next()

        def failed(_: object) -> None:
            self._reading = False  # the list stands without them; the next painting asks again
            for key in batch:
                self._wanted.pop(key, None)

        self._page.context.tasks.fetch(partial(_read, service, batch), arrived, failed, owner=self)


def _read(service: CopyrightService, batch: Mapping[str, Work | Mapping[str, Any]]) -> dict[str, QImage]:
    found = {}
    for key, what in batch.items():
        work = what if isinstance(what, Work) else of_record(service, what)
        found[key] = decoded(service.views.small(work)) if work is not None else QImage()
    return found


def decoded(picture: bytes) -> QImage:
    """A picture that our own worker made; a null image for none."""
    return QImage.fromData(picture) if picture else QImage()
