"""Buttons and dialogs of acts: what follows, the fields, who signs; the main act filled, dangerous ones last."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from PySide6.QtWidgets import QWidget

from apps.kit.service import OpenAct, Service
from apps.kit.words import ActWords, said
from console.appkit.act_dialog import ActDialog
from console.appkit.forms import Beside, FormOf
from console.i18n import say, tr
from console.page import Page
from console.signing import Signing
from console.widgets.basic import Button
from console.widgets.forms import Form
from console.widgets.signing import deliberate, signs
from fabric_sdk.kinds import Record, Who
from network.text import Text


class Host(Page):
    """What dialogs, lists and panels ask of the page that they belong to."""

    @property
    def kit(self) -> Service:
        """The service of the kinds' acts; lists and panels are only shown when there is one."""
        raise NotImplementedError

    @cached_property
    def looked(self) -> dict[tuple[str, str, str], Record]:
        """Papers that were looked at in the present panel, by record, field and who looked: each look is one trace,
        and the panel is made again whenever the ledger grows."""
        return {}

    def others(self, mine: str) -> list[str]:
        """Parties to choose from in a form, oneself left out."""
        return []

    def signed_by(self, signer: str) -> Signing | None:
        """Who signs with the key of one of the people here."""
        who = self.kit.who(signer)
        return self.signs(who.party, who.roles)

    def place_of(self, record: Record) -> str:
        """The address of a record."""
        return ""

    def picture_of(self, record: Record) -> Callable[[], Any] | None:
        """What gives the picture that stands before a record in lists, see `Cell.picture`; None for the kind's icon."""
        del record
        return None

    def open_record(self, record: Record) -> None:
        """Show a record in the inspector."""
        raise NotImplementedError


def act_buttons(page: Host, record: Record, acts: Sequence[OpenAct]) -> list[Button]:
    """The buttons of acts on a record; the first that moves it on is filled unless the header has a filled one."""
    buttons: list[Button] = []
    filled = any(action.kind == "primary" for action in page.header_actions)
    for one in acts:
        main = one.main and not filled and not buttons and not one.act.danger
        buttons.append(act_button(page, one, record, main=main, icon=""))
    return buttons


def act_button(
    page: Host, one: OpenAct, record: Record, *, main: bool = False, small: bool = False, icon: str | None = None
) -> Button:
    """The button of an act, with the icon of its words unless another is named; who signs stands at one that asks
    nothing."""
    kind = "danger" if one.act.danger else "primary" if main else "plain"
    words = page.kit.words_of(one)
    icon = words.icon if icon is None else icon
    button = Button(button_words(words), partial(open_act, page, one, record), kind=kind, small=small, icon=icon)
    if words.at_once:
        signs(button, page.signed_by(one.signer))
    return button


def button_words(words: ActWords) -> str:
    """An act's button: an act asks before it is done, unless its words say that it is done at once."""
    return plain(words) if words.at_once else f"{plain(words)}…"


def plain(words: ActWords) -> str:
    return say(words.button).rstrip("…")


def title_of(words: ActWords) -> Text:
    """What an act is called where jobs are listed."""
    return Text(words.button.zh.rstrip("…"), words.button.en.rstrip("…"))


def open_act(page: Host, one: OpenAct, record: Record) -> None:
    """Ask what an act needs and carry it out. `record` is what it is done on, {} where it begins something."""
    words = page.kit.words_of(one)
    if words.dialog:
        _named(words.dialog)(page, one, record).exec()
    elif words.at_once:
        _do_at_once(page, one, record)
    else:
        dialog_of(page, page.kit, one, record).exec()


def _named(reference: str) -> Any:
    """What a "module:attr" of the words names."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)


def _do_at_once(page: Host, one: OpenAct, record: Record) -> None:
    """An act that asks nothing: done as a job, a refusal stands above the page."""
    service, words = page.kit, page.kit.words_of(one)
    if not deliberate(page, page.signed_by(one.signer)):
        return

    own = _named(words.run)(page, one, record) if words.run else None
    who = service.who(one.signer)
    job = _job(words, record, who)

    def run(*, ctx: Any) -> Any:
        ctx.step(one.act.id, job)
        if own is not None:
            return own(ctx)
        return service.do(one.act, {}, on=str(record.get("id", "")), signer=one.signer)

    def done(result: Any) -> None:
        page.context.notice(_told(words, record, result, who))
        page.refresh()

    page.banner.hide()
    page.context.job(run, title=job, network=page.context.network, done=done, failed=page.banner.show_error)


def _job(words: ActWords, record: Record, who: Who) -> Text:
    return title_of(words) if words.job is None else said(words.job, record, who)


def _told(words: ActWords, record: Record, result: Any, who: Who) -> str:
    if words.done is None:
        return tr("已完成：{what}").format(what=plain(words))
    return say(said(words.done, {**record, "result": getattr(result, "value", result)}, who))


def dialog_of(
    page: Host,
    service: Service,
    one: OpenAct,
    record: Record,
    *,
    first: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
    limits: Mapping[str, Sequence[str]] | None = None,
    beside: Beside | None = None,
    follows: str = "",
    run: Callable[[dict[str, Any], Any], Any] | None = None,
    done: Callable[[Any], object] | None = None,
    foresee: QWidget | None = None,
    check: Callable[[Form], object] | None = None,
) -> ActDialog:
    """The dialog of an act, as its fields and words say.

    `first` are values that the form begins with, `also` what is sent with them, `beside` further editors; `follows` is
    another sentence than its words' own, `done` is told the result; `limits` are the codes that some fields offer.
    `run` does the act in its own way: `(what is given, ctx)`. `foresee` stands below the form and says what will
    follow; `check` refuses what a person filled in (`Invalid` marks the field).
    """
    act, words = one.act, service.words_of(one)
    kind_words = service.catalogue.words[act.kind.id]
    who, named = service.who(one.signer), say(service.called(record))
    made = FormOf(
        act,
        kind_words.fields,
        record,
        who,
        page.others(who.party),
        service.keep,
        first or {},
        words.leave_out,
        limits or {},
        beside,
    )
    title = plain(words)
    if words.title is not None:
        headed = say(said(words.title, record, who)).replace("{t}", named)
    else:
        headed = f"{title} · {named}" if named else title

    strangers: list[str] = []
    filled: dict[str, Any] = {}
    job = _job(words, record, who)

    def collect() -> dict[str, Any]:
        if check is not None and made.form is not None:
            check(made.form)
        return made.values()

    def carry(values: dict[str, Any], *, ctx: Any) -> Any:
        ctx.step(act.id, job)
        given = {**made.kept(values, ctx), **(also or {})}
        filled.update(given)
        if run is not None:
            return run(given, ctx)
        result = service.do(act, given, on=str(record.get("id", "")), signer=one.signer)
        strangers[:] = service.strangers(act, given)
        return result

    def finished(result: Any) -> None:
        for party in strangers:
            page.context.notice(tr("{p} 还没有在这个账本上签署过，请核对名称").format(p=party), "warn")
        page.context.notice(_told(words, {**record, **filled}, result, who))
        if done is not None:
            done(result)

    return ActDialog(
        page,
        headed,
        follows or say(said(words.follows, record, who)),
        accept=title if words.accept is None else say(said(words.accept, record, who)),
        run=carry,
        said="",
        collect=collect,
        signs=page.signs(who.party, who.roles),
        form=made.form,
        extra=foresee or next(iter(made.boxes.values()), None),
        danger=act.danger,
        width=640 if len(act.asks) > 6 else 560,
        done=finished,
        job=job,
    )
