"""The inspector of a record: what to do now, its facts, whose consent, what hangs on it, what happened so far."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from apps.kit import papers
from apps.kit.formats import shown
from apps.kit.service import OpenAct, Service
from apps.kit.words import FieldWords, KindWords
from console.appkit.acting import Host, act_buttons
from console.i18n import say, tr
from console.i18n.formats import day, in_words, short_cid, short_hash, when
from console.shell.inspector import Inspected
from console.signing import Signing
from console.widgets.basic import STATE_ICONS, Button, Chip, Label, Link, Status
from console.widgets.facts import Facts, Section
from console.widgets.signing import deliberate, signs
from fabric_sdk import kinds
from fabric_sdk.kinds import Record


@dataclass(frozen=True)
class Dossier:
    """A record with what a panel needs besides: open acts, what it asks, the records that hang on it, by kind."""

    record: Record
    acts: Sequence[OpenAct]
    begins: Sequence[OpenAct]
    asks: Any
    under: Mapping[str, Sequence[Record]]
    papers: Sequence[kinds.Sealed] = ()


def dossier_of(service: Service, record: Record) -> Dossier:
    """Read everything that the panel of a record shows; for a worker."""
    kind = service.catalogue.kinds[str(record["type"])]
    service.know([record])
    parent = service.read(record[kind.parent_key()]) if kind.under else None
    below = [one for one in service.catalogue.kinds.values() if one.under == kind.id and one.listed]
    under = {one.id: service.under(record["id"], one) for one in below}
    asks = service.asks(record) if record.get("waiting") else None
    acts = service.open_acts(record, parent)
    return Dossier(record, acts, service.begins(on=record), asks, under, papers.readable(service, record))


def record_panel(page: Host, dossier: Dossier) -> Inspected:
    """The panel of a record of any kind."""
    record = dossier.record
    words = page.kit.catalogue.of(record)
    state, sign = words.state(record)
    tone = sign if sign in {"ok", "warn", "bad"} else "text2"
    panel = Inspected(title_of(page, record), record["id"], Chip(say(state), tone, STATE_ICONS[sign][0]))
    panel.setProperty("inspectorWidth", 344)
    buttons = [*act_buttons(page, record, dossier.acts), *act_buttons(page, record, dossier.begins)]
    if buttons or dossier.asks is not None:
        section = Section(tr("接下来"))
        if dossier.asks is not None:
            section.text(say(dossier.asks), tone="text2")
        for button in buttons:
            section.add(button)
        panel.add(section)
    panel.add(Section(tr("内容")).add(_facts(page, words, record)))
    for title, text in _texts(words, record):
        panel.add(Section(title).text(text))
    if dossier.papers:
        panel.add(papers_section(page, record, dossier.papers))
    if record.get("consents"):
        panel.add(consents(page, record))
    for kind_id, found in dossier.under.items():
        if found:
            panel.add(_below(page, kind_id, found))
    if words.panel:
        module, _, name = words.panel.partition(":")
        getattr(importlib.import_module(module), name)(page, record, panel)
    panel.add(log(page, words, record))
    whole = Button(tr("全部历史"), lambda: _show_history(page, record), icon="history", small=True)
    panel.add(Section().add(panel.buttons(whole)))
    return panel


def _show_history(page: Host, record: Record) -> None:
    from console.appkit.history import history_panel, versions

    kit, which = page.kit, str(record["id"])
    page.read(
        lambda: versions(kit.history(which), which),
        lambda found: page.inspect(history_panel(page, record, found)),
    )


def title_of(page: Host, record: Record) -> str:
    """A record by its kind and name."""
    title, named = say(page.kit.catalogue.of(record).title), say(page.kit.called(record))
    return f"{title} · {named}" if named else title


def day_words(iso: str) -> str:
    """A day of the ledger (ISO) as the language writes it."""
    try:
        return day(date.fromisoformat(iso))
    except ValueError:
        return iso or "—"


def _facts(page: Host, words: KindWords, record: Record) -> Facts:
    facts = Facts(84)
    for one, said in words.fields.items():
        value = record.get(one.name)
        if one.logged:
            continue
        if said.told is not None:
            if (told := said.told(record)) is not None:
                facts.add(say(told[0]), say(told[1]))
            continue
        if (isinstance(one, kinds.Text) and one.area) or isinstance(one, kinds.Items | kinds.Data):
            continue
        if value in (None, "", []) and said.absent is None:
            continue
        if isinstance(one, kinds.Sha256) and value:
            facts.add_hash(say(said.label), str(value), short_hash(str(value), 8))
        elif isinstance(one, kinds.Sealed) and isinstance(value, dict) and "commitment" in value:
            facts.add_hash(say(said.label), str(value["commitment"]), short_hash(str(value["commitment"]), 8))
        elif isinstance(one, kinds.Cid) and value:
            facts.add_hash(say(said.label), str(value), short_cid(str(value)))
        else:
            facts.add(say(said.label), _value_words(page, one, said, value))
    for title, fact in words.facts(record) if words.facts is not None else ():
        facts.add(say(title), in_words(say(fact)))
    return facts


def _value_words(page: Host, one: kinds.Field[Any], said: FieldWords, value: Any) -> str:
    if isinstance(one, kinds.Day):
        return day_words(str(value or ""))
    if isinstance(one, kinds.Party) and value:
        return page.context.person(str(value))
    return in_words(say(shown(one, said, value)))


def _texts(words: KindWords, record: Record) -> list[tuple[str, str]]:
    return [
        (say(said.label), str(record[one.name]))
        for one, said in words.fields.items()
        if isinstance(one, kinds.Text) and one.area and not one.logged and record.get(one.name)
    ]


def papers_section(page: Host, record: Record, readable: Sequence[kinds.Sealed]) -> Section:
    """The sealed papers that somebody here may look at; a look leaves its trace on the ledger."""
    section = Section(tr("密件"), tr("查看会在账本上留痕"))
    words, actor = page.kit.catalogue.of(record), page.context.platform.session.actor.label
    for other in [key for key in page.looked if key[0] != record["id"]]:
        del page.looked[other]

    def look(one: kinds.Sealed, signing: Signing | None) -> None:
        if not deliberate(page, signing):
            return

        def arrived(found: Record) -> None:
            page.looked[record["id"], one.name, actor] = found
            page.open_record(record)

        page.read(lambda: papers.read(page.kit, record, one), arrived)

    for one in readable:
        said, found = words.fields[one], page.looked.get((record["id"], one.name, actor))
        if found is None:
            signing = page.signed_by(papers.reader_of(page.kit, record, one))
            button = Button(tr("查看“{what}”…").format(what=say(said.label)), partial(look, one, signing))
            signs(button, signing)
            section.add(button)
            continue
        facts = Facts(84)
        for name, inner in one.fields.items():
            facts.add(say(said.inner[name].label), say(shown(inner, said.inner[name], found.get(name))))
        section.add(facts)
    return section


def consents(page: Host, record: Record) -> Section:
    """Whose consent is asked, and who has given it."""
    section = Section(tr("须同意的人"))
    for party, given in record["consents"].items():
        section.status(
            f"{page.context.person(party)} · {tr('已同意') if given else tr('尚未同意')}", "ok" if given else "wait"
        )
    return section


def _below(page: Host, kind_id: str, found: Sequence[Record]) -> Section:
    words = page.kit.catalogue.words[kind_id]
    section = Section(say(words.heading), tr("共 {n} 件").format(n=len(found)))
    for one in reversed(found):
        state, sign = words.state(one)
        go = partial(page.context.go, page.place_of(one))
        called, about = say(page.kit.called(one)), gist(words, one)
        about = about if called in about else f"{called} · {about}"
        section.body.addWidget(Link(about or one["id"], go), 0, _LEFT)
        section.status(say(state), sign)
    return section


_LEFT = Qt.AlignmentFlag.AlignLeft


def gist(words: KindWords, record: Record) -> str:
    """What a record is about, in one line."""
    if callable(words.gist):
        return say(words.gist(record))
    return " · ".join(_short(one, words, record) for one in words.gist)


def _short(one: kinds.Field[Any], words: KindWords, record: Record) -> str:
    value = say(shown(one, words.fields[one], record.get(one.name)))
    return (value.partition("/")[2] or value) if isinstance(one, kinds.Party) else value


def log(page: Host, words: KindWords, record: Record) -> Section:
    """What happened to a record: state, when, by whom, why, in which transaction."""
    section = Section(tr("经过"))
    for entry in record.get("log", ()):
        act = words.kind.acts.get(str(entry.get("act", "")))
        state, sign = words.state({**record, "state": entry.get("to", "")})
        stays = act is not None and entry.get("from") == entry.get("to")
        happened = say(words.acts[act].button).rstrip("…") if act is not None and stays else say(state)
        section.add(Status(f"{happened} · {when(entry.get('at'))}", sign, wrap=True))
        section.add(Label(page.context.person(str(entry.get("by", ""))), "caption", "text3", wrap=True))
        for reason in entry.get("reasons") or ():
            if reason:
                section.text(str(reason), tone="text2")
        if entry.get("tx_id"):
            tx_id = str(entry["tx_id"])
            go = partial(page.context.go, f"ledger/tx/{tx_id}")
            title = tr("交易 {t}").format(t=short_hash(tx_id, 6))
            section.body.addWidget(Link(title, go), 0, _LEFT)
    return section
