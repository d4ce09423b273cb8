"""What people read of kinds: titles, states, fields, acts, in both languages, beside the declarations and not in them.

A word is no change of the contract. `Catalogue` refuses declarations that have no word, and words that have no
declaration, with all of them named.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from baas.errors import Text
from fabric_sdk.kinds import Act, Field, Kind, KindError, Record, Sealed, State, Who

Said = Text | Callable[[Record, Who], Text]
"""A sentence, or a function of the record and whoever reads it."""
NOTHING_SAID = Text("", "")


@dataclass(frozen=True)
class FieldWords:
    """A field's label; a hint below it; words of its codes (or of yes and no: `True`, `False`); `option` is its name at
    the command line, `first` what a form and `given` what a command begins with; `raw` numbers are written there as the
    contract takes them (fen, basis points). `everything` is what a form calls all of the codes,
    `offered` those that it offers. `asked` is its label in a form, `help` a remark at the command line. `told` is what
    the panel says of it (label and text; None for nothing), where that is composed; `inner` are the words of a sealed
    paper's fields. `ranged` numbers beyond the field's range are refused by the
    command line itself, which takes other codes than the known ones of a `free` field."""

    label: Text
    hint: Said | None = None
    placeholder: Said | None = None
    codes: Mapping[Any, Text] = field(default_factory=dict)
    table: Callable[[], Mapping[str, Text]] | None = None
    option: str = ""
    first: Any = None
    given: Any = None
    absent: Text | None = None
    unit: Text | None = None
    raw: bool = False
    ranged: bool = False
    free: bool = False
    everything: Text | None = None
    asked: Text | None = None
    offered: Callable[[], Iterable[str]] | None = None
    help: Text | None = None
    inner: Mapping[str, FieldWords] = field(default_factory=dict)
    told: Callable[[Record], tuple[Text, Text] | None] | None = None

    def code_words(self) -> Mapping[Any, Text]:
        """The words of every code."""
        return self.table() if self.table is not None else self.codes


@dataclass(frozen=True)
class ActWords:
    """An act's button, what follows from it, what the inbox asks (`asks`), what is said when it is done.

    `done` may depend on the record with what was filled in and the contract's answer (`result`). `others` is what a
    record says to those who wait while somebody else's act (a consent) is missing.

    `command` is its name at the command line, "" for its own name, "-" for none; `permission` the platform's, if it is
    not its kind's. `loss` is said at the command line, which then wants the id typed. `title` heads the dialog ({t} is
    what it is done on), `accept` is the words of its button, `job` what it is called where jobs are listed; `leave_out`
    are fields that its form does not ask for; `main` says when it is the act to do where the declaration cannot (the
    clock), `ripe` when it is offered at all where that hangs on the clock. `at_once` acts ask nothing and are done when
    their button is pressed, as `run` does them where that is given ("module:attr" of `(page, one, record)`, which
    returns `(ctx)`); `more` are further buttons of the same act, with dialogs of their own.
    """

    button: Text
    follows: Said = NOTHING_SAID
    asks: Said | None = None
    others: Text | None = None
    done: Said | None = None
    loss: Said | None = None
    command: str = ""
    help: Text | None = None
    permission: str = ""
    icon: str = ""
    dialog: str = ""
    leave_out: tuple[Field[Any], ...] = ()
    main: Callable[[Record], bool] | None = None
    ripe: Callable[[Record], bool] | None = None
    title: Said | None = None
    accept: Said | None = None
    job: Said | None = None
    at_once: bool = False
    run: str = ""
    more: tuple[ActWords, ...] = ()


@dataclass(frozen=True)
class KindWords:
    """Everything that people read of a kind. `named` is the field that names a record, `gist` those of its short form,
    `argument` is how the command line calls a record, `ends` the parties from whom and to whom it goes; `facts` add
    composed ones to the panel; `due` says until when somebody must act; `panel` is "module:attr" of `(page, record,
    panel)`, which adds to the inspector."""

    kind: type[Kind]
    title: Text
    states: Mapping[State, Text]
    fields: Mapping[Field[Any], FieldWords]
    acts: Mapping[Act, ActWords]
    icon: str = "file"
    command: str = ""
    argument: str = ""
    permission: str = ""
    named: Field[Any] | None = None
    ends: tuple[Field[str], ...] = ()
    gist: tuple[Field[Any], ...] | Callable[[Record], Text] = ()
    facts: Callable[[Record], Iterable[tuple[Text, Any]]] | None = None
    due: Callable[[Record], str] | None = None
    state_words: Callable[[Record], tuple[Text, str] | None] | None = None
    panel: str = ""

    @property
    def heading(self) -> Text:
        """What a list of such records is headed with: the title, in English its plural."""
        head, of, rest = self.title.en.partition(" of ")
        if head.endswith("y"):
            head = head[:-1] + "ies"
        elif not head.endswith(("s", "ing")):
            head += "s"
        return Text(self.title.zh, head + of + rest)

    def state(self, record: Mapping[str, Any]) -> tuple[Text | str, str]:
        """A record's state in words, with its sign."""
        special = self.state_words(dict(record)) if self.state_words else None
        if special:
            return special
        state = self.kind.states.get(str(record.get("state")))
        return (self.states[state], state.sign) if state else (str(record.get("state", "")), "info")

    def parties(self, record: Mapping[str, Any], *, whole: bool = False) -> str:
        """From whom to whom, by name; `whole` with their organisations. Without `ends` everybody whom it names."""
        named = [one[record] for one in self.ends] or sorted(self.kind.parties(record))
        short = [party if whole else party.partition("/")[2] or party for party in named if party]
        return (" → " if self.ends else " · ").join(short)

    def due_of(self, record: Mapping[str, Any]) -> str:
        """The day (ISO) by which somebody must act, "" for none."""
        return self.due(dict(record)) if self.due else ""


class Catalogue:
    """The words of an application's kinds, complete."""

    def __init__(self, kinds: Iterable[type[Kind]], words: Iterable[KindWords]) -> None:
        self.kinds = {kind.id: kind for kind in kinds}
        self.words = {one.kind.id: one for one in words}
        if wrong := [line for kind in self.kinds.values() for line in self._missing(kind)]:
            raise KindError("; ".join(wrong))

    def _missing(self, kind: type[Kind]) -> Iterable[str]:
        words = self.words.get(kind.id)
        if words is None:
            yield f"{kind.__name__} has no words"
            return
        pairs: tuple[tuple[Mapping[str, Any], Mapping[Any, Any]], ...] = (
            (kind.states, words.states),
            (kind.fields, words.fields),
            (kind.acts, words.acts),
        )
        for declared, said in pairs:
            yield from (f"{kind.__name__}.{name} has no words" for name, one in declared.items() if one not in said)
            known = list(declared.values())
            yield from (f"{kind.__name__} has words for {one}, which it lacks" for one in said if one not in known)
        for one, outer in words.fields.items():
            if isinstance(one, Sealed) and one.fields.keys() != outer.inner.keys():
                yield f"{kind.__name__}.{one.name} needs words for {', '.join(one.fields)} and nothing else inside"

    def of(self, record: Mapping[str, Any]) -> KindWords:
        """The words of a record's kind."""
        return self.words[str(record["type"])]

    def act(self, act: Act) -> ActWords:
        return self.words[act.kind.id].acts[act]

    def field(self, kind: type[Kind], one: Field[Any]) -> FieldWords:
        return self.words[kind.id].fields[one]

    def wanted(self, record: Mapping[str, Any], people: Iterable[Who]) -> Text | None:
        """What a waiting record asks of some people, in words; None if nothing that they may do."""
        kind, known = self.kinds[str(record["type"])], dict(record)
        awaited = [act for act in kind.acts.values() if not act.makes and act.awaits(known)]
        for act in awaited:
            for who in people:
                if act.refusal(known, who) is None and act.worth(known, who):
                    asks = self.act(act).asks
                    return said(asks, known, who) if asks is not None else None
        missing = [act for act in awaited if act.consents and act.role.awaited(known)]
        return self.act(missing[0]).others if missing else None

    def acts(self) -> Iterable[Act]:
        """Every act of every kind."""
        return (act for kind in self.kinds.values() for act in kind.acts.values())


@cache
def catalogue_of(kinds: str, words: str) -> Catalogue:
    """The catalogue of two "module:attr"s."""
    return Catalogue(_load(kinds), _load(words))


def _load(reference: str) -> Any:
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)


def said(words: Said, record: Mapping[str, Any], who: Who) -> Text:
    """A sentence for this record and this reader."""
    return words if isinstance(words, Text) else words(dict(record), who)
