"""Buttons and dialogs of acts: what follows, the fields, who signs; the main act filled, dangerous ones last."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.kit.service import OpenAct, Service
from apps.kit.words import ActWords, said
from console.appkit.act_dialog import ActDialog
from console.appkit.forms import FormOf
from console.i18n import say, tr
from console.page import Page
from console.widgets.basic import Button
from fabric_sdk.kinds import Record
from network.text import Text

if TYPE_CHECKING:
    from console.appkit.page import AppPage


class Host(Page):
    """What dialogs ask of the page that they belong to."""

    def others(self, mine: str) -> list[str]:
        """Parties to choose from in a form, oneself left out."""
        return []


def act_buttons(page: AppPage, record: Record, acts: Sequence[OpenAct]) -> list[Button]:
    """The buttons of acts on a record; the first that moves it on is filled unless the header has a filled one."""
    buttons: list[Button] = []
    filled = any(action.kind == "primary" for action in page.header_actions)
    for one in acts:
        words = page.service.catalogue.act(one.act)
        main = one.main and not filled and not buttons and not one.act.danger
        kind = "danger" if one.act.danger else "primary" if main else "plain"
        buttons.append(Button(button_words(words), _opener(page, one, record), kind=kind))
    return buttons


def button_words(words: ActWords) -> str:
    """An act's button: every act asks before it is done."""
    return f"{plain(words)}…"


def plain(words: ActWords) -> str:
    return say(words.button).rstrip("…")


def _opener(page: AppPage, one: OpenAct, record: Record) -> Any:
    return lambda: open_dialog(page, one, record)


def open_dialog(page: AppPage, one: OpenAct, record: Record) -> None:
    """Ask what an act needs and carry it out. `record` is what it is done on, {} where it begins something."""
    words = page.service.catalogue.act(one.act)
    if words.dialog:
        module, _, name = words.dialog.partition(":")
        getattr(importlib.import_module(module), name)(page, one, record).exec()
        return
    above = page.service.catalogue.words.get(str(record.get("type")))
    named = str(above.named[record]) if above is not None and above.named is not None else ""
    dialog_of(page, page.service, one, record, named).exec()


def dialog_of(
    page: Host,
    service: Service,
    one: OpenAct,
    record: Record,
    named: str = "",
    *,
    first: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
    limits: Mapping[str, Sequence[str]] | None = None,
    follows: str = "",
    done: Callable[[Any], object] | None = None,
) -> ActDialog:
    """The dialog of an act, as its fields and words say. `named` is what it is done on.

    `first` are values that the form begins with, `also` what is sent with them, `follows` another sentence than its
    words' own, `done` is told the result; `limits` are the codes that some fields offer.
    """
    act, catalogue = one.act, service.catalogue
    words, kind_words = catalogue.act(act), catalogue.words[act.kind.id]
    who = service.who(one.signer)
    made = FormOf(
        act,
        kind_words.fields,
        record,
        who,
        page.others(who.party),
        _keeper(service),
        first or {},
        words.leave_out,
        limits or {},
    )
    title = plain(words)
    if words.title is not None:
        headed = say(words.title).replace("{t}", named)
    else:
        headed = f"{title} · {named}" if named else title

    def run(values: dict[str, Any], *, ctx: Any) -> Any:
        ctx.step(act.id, Text(words.button.zh.rstrip("…"), words.button.en.rstrip("…")))
        return service.do(act, {**made.kept(values), **(also or {})}, on=str(record.get("id", "")), signer=one.signer)

    extra = next(iter(made.boxes.values()), None)
    return ActDialog(
        page,
        headed,
        follows or say(said(words.follows, record, who)),
        accept=title if words.accept is None else say(words.accept),
        run=run,
        said=say(words.done) if words.done is not None else tr("已完成：{what}").format(what=title),
        collect=made.values,
        signer=who.party,
        form=made.form,
        extra=extra,
        danger=act.danger,
        width=640 if len(act.asks) > 6 else 560,
        done=done,
        job=Text(words.button.zh.rstrip("…"), words.button.en.rstrip("…")),
    )


def _keeper(service: Service) -> Any:
    def keep(path: Path) -> str:
        with path.open("rb") as file:
            return str(service.platform.content.add(file, name=path.name[:200]))

    return keep
