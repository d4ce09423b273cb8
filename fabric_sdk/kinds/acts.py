"""What people do to records, and the kinds that they are of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fabric_sdk.kinds.fields import Field, Party, Record
from fabric_sdk.kinds.roles import Need, Role, Who
from fabric_sdk.kinds.states import State, States, Step, states_of


@dataclass(eq=False)
class Act:
    """Something that people do to a record.

    `step` moves a record (`A >> B`), stays (`A`), or with `begins` or `on` (another record) makes one in that state.
    `function` is the call's name on the wire, `event` what listeners hear. `form` are the fields that people fill in:
    of the kind (kept in the record) or others (kept in the log). Two acts may share a function, told apart by `fixed`
    arguments, by `when` (a question to what was sent), by role or by state. `offered` says when pages offer what may be
    done at any time; `silent` acts that stay leave no line in the log.
    """

    step: Step | State | States
    role: Role
    function: str
    event: str = ""
    on: str = ""
    begins: bool = False
    form: tuple[Field[Any], ...] | None = None
    needs: tuple[Need, ...] = ()
    parent_needs: tuple[Need, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    when: Callable[[Mapping[str, Any]], bool] | None = None
    consents: bool = False
    waits: bool | Callable[[Record], bool] = False
    main: bool | Callable[[Record], bool] = False
    danger: bool = False
    positional: bool | None = None
    silent: bool = False
    offered: Callable[[Record], bool] | None = None
    many: str = ""
    most: int = 100
    name: str = ""
    kind: type[Kind] = None  # type: ignore[assignment]  # set when the kind is made

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def id(self) -> str:
        """`licence.accept`."""
        return f"{self.kind.id}.{self.name}"

    @property
    def makes(self) -> bool:
        """True for acts that make a record."""
        return self.begins or bool(self.on)

    @property
    def moves(self) -> bool:
        return isinstance(self.step, Step)

    @property
    def sources(self) -> States:
        """The states in which the act may be done; none where it makes a record."""
        if isinstance(self.step, Step):
            return self.step.sources
        return States() if self.makes else states_of(self.step)

    @property
    def targets(self) -> States:
        """The states that it leads to, the usual one first; none where the record stays."""
        if isinstance(self.step, Step):
            return self.step.targets
        return states_of(self.step) if self.makes else States()

    @property
    def asks(self) -> tuple[Field[Any], ...]:
        """The fields of the form; those of the kind where the act makes a record and names none."""
        if self.form is not None:
            return self.form
        return tuple(one for one in self.kind.fields.values() if not (one.made or one.logged)) if self.makes else ()

    @property
    def wire(self) -> tuple[str, ...]:
        """The names of the arguments after the id, when they are sent one by one."""
        return (*self.fixed, *(one.name for one in self.asks))

    @property
    def by_position(self) -> bool:
        """Arguments one by one (acts on a record) or one object (acts that make one)."""
        return not self.makes if self.positional is None else self.positional

    def fits_state(self, record: Mapping[str, Any]) -> bool:
        return self.makes or record.get("state") in [one.name for one in self.sources]

    def awaits(self, record: Record) -> bool:
        """Whether a record in this state waits for this act."""
        return bool(self.waits) and self.fits_state(record) and (not callable(self.waits) or self.waits(record))

    def worth(self, record: Record, who: Who) -> bool:
        """Whether an act that may be done is worth offering: not what was done already."""
        if self.consents and (record.get("consents") or {}).get(who.party):
            return False
        return self.offered is None or self.offered(record)

    def refusal(self, record: Record, who: Who, parent: Record | None = None) -> tuple[str, str] | None:
        """Why `who` may not do this to `record` now, as code and sentence; None if they may.

        What rules read from the ledger or the clock is not asked here. Without `parent` its needs are not asked.
        """
        if not self.role.fits(record, who):
            return self.role.code, self.role.text
        if not self.fits_state(record):
            return "WRONG_STATE", f"{record.get('type')} {record.get('id')} is {record.get('state')}"
        for need in self.needs:
            if not need.test(record, who):
                return need.code, need.said(record)
        for need in self.parent_needs if parent is not None else ():
            if parent is not None and not need.test(parent, who):
                return need.code, need.said(parent)
        return None


class Kind:
    """A kind of records: a class with fields, states and acts, never an object.

    `prefix` begins its ids. `under` names the kind that its records hang on (their id is the field `under_id`),
    `listed` the index of records under one; `indexed` fields have an index each, `unique` ones a key that nobody takes
    twice. A kind whose records have changed has a higher `version` and an `upgrade` function for each earlier one.
    The records of a kind `by_hand` are a hand-written contract's own affair: the kind names those of its states and
    functions that acts need.
    """

    id: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    under: ClassVar[str] = ""
    listed: ClassVar[str] = ""
    indexed: ClassVar[tuple[str, ...]] = ()
    unique: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    by_hand: ClassVar[bool] = False
    upgrades: ClassVar[Mapping[int, Callable[[Record], Record]]] = {}
    fields: ClassVar[dict[str, Field[Any]]] = {}
    states: ClassVar[dict[str, State]] = {}
    acts: ClassVar[dict[str, Act]] = {}

    def __init_subclass__(
        cls,
        *,
        prefix: str = "",
        id: str = "",
        under: str = "",
        listed: str = "",
        indexed: Iterable[str] = (),
        unique: Iterable[str] = (),
        version: int = 1,
        upgrades: Mapping[int, Callable[[Record], Record]] | None = None,
        by_hand: bool = False,
    ) -> None:
        super().__init_subclass__()
        said = dict(vars(cls))
        cls.id = id or re.sub(r"(?<=.)([A-Z])", r"_\1", cls.__name__).lower()
        cls.prefix, cls.under, cls.listed, cls.by_hand = prefix, under, listed, by_hand
        cls.indexed, cls.unique, cls.version, cls.upgrades = (
            tuple(indexed),
            tuple(unique),
            version,
            dict(upgrades or {}),
        )
        cls.fields = {name.rstrip("_"): one for name, one in said.items() if isinstance(one, Field)}
        cls.states = {one.name: one for one in said.values() if isinstance(one, State)}
        cls.acts = {one.name: one for one in said.values() if isinstance(one, Act)}
        for act in cls.acts.values():
            act.kind = cls
        from fabric_sdk.kinds.checks import check

        check(cls, said)

    @classmethod
    def parent_key(cls) -> str:
        """The field that holds the id of the record above, "" without one."""
        return f"{cls.under}_id" if cls.under else ""

    @classmethod
    def consenting(cls) -> bool:
        """Whether its records ask for consents."""
        return any(act.consents for act in cls.acts.values())

    @classmethod
    def parties(cls, record: Mapping[str, Any]) -> set[str]:
        """Every party that a record names."""
        named = {record.get(one.name) for one in cls.fields.values() if isinstance(one, Party)}
        return {one for one in (*named, *(record.get("consents") or ())) if one}

    @classmethod
    def awaited(cls, record: Record) -> set[str]:
        """For whom a record waits: the roles of its waiting acts that are possible in its state."""
        found: set[str] = set()
        for act in cls.acts.values():
            if not act.makes and act.awaits(record):
                found |= act.role.awaited(record)
        return found

    @classmethod
    def raised(cls, record: Record) -> Record:
        """A record as this version of the kind has it."""
        at = int(record.get("version", 1))
        while at < cls.version:
            record = cls.upgrades[at](record)
            at += 1
            record["version"] = at
        return record


def acts_by_function(kinds: Iterable[type[Kind]]) -> Iterator[tuple[str, tuple[Act, ...]]]:
    """Every function on the wire with the acts that share it, in the order of their declaration."""
    found: dict[str, list[Act]] = {}
    for kind in kinds:
        for act in kind.acts.values():
            found.setdefault(act.function, []).append(act)
    for name, acts in found.items():
        yield name, tuple(acts)
