"""Pictures of an application's dialogs: one for each act that somebody here may do now, on a record that is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from apps.kit.service import OpenAct, Service
from apps.kit.words import Catalogue
from console.appkit.acting import open_act
from console.scenes import NothingToSee, Scene
from fabric_sdk.kinds import Act, Record

if TYPE_CHECKING:
    from console.shell.window import MainWindow


def dialogs_of(application: str, catalogue: Catalogue) -> list[Scene]:
    """A scene for every act that asks something."""
    return [
        Scene(f"{application}-{act.id}", application, act_dialog(act))
        for act in catalogue.acts()
        if not catalogue.act(act).at_once
    ]


def act_dialog(act: Act) -> Callable[[MainWindow], None]:
    """A `prepare` that opens the dialog of an act; `NothingToSee` where nobody here may do it now."""
    return partial(_open, act)


def _open(act: Act, window: MainWindow) -> None:
    page: Any = window.page
    one, record = _found(page.kit, act)
    open_act(page, one, record)


def _found(service: Service, act: Act) -> tuple[OpenAct, Record]:
    if act.makes and not act.on:
        for one in service.begins(act.kind):
            if one.act is act:
                return one, {}
        raise NothingToSee(act.id)
    found = service.catalogue.kinds.get(act.on or act.kind.id)
    for record in service.all(found) if found is not None else ():
        kind = service.catalogue.kinds[str(record["type"])]
        parent = service.read(record[kind.parent_key()]) if kind.under else None
        for one in service.begins(on=record) if act.makes else service.open_acts(record, parent):
            if one.act is act:
                service.know([record])
                return one, record
    raise NothingToSee(act.id)
