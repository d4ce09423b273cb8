"""Who may act, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fabric_sdk.kinds.fields import KindError, Record


@dataclass(frozen=True)
class Who:
    """Somebody who asks: as the ledger names them, and the roles of their certificate that count (those that their
    organisation may give)."""

    party: str
    roles: frozenset[str] = frozenset()

    def holds(self, role: str) -> bool:
        return role in self.roles


Test = Callable[[Record, Who], bool]


class Role:
    """Who may act; whoever else asks is refused with `code`. Several conditions must all hold; `A | B` is either.

    `field`: the party that a field names. `asked`: somebody whose consent the record asks for. `held`: a role in the
    certificate, given by an organisation that may. `test`: whatever else can be asked of record and person. Without any
    it is an error: everybody is said with `anybody`. `waiting` is the word under which records wait for holders.
    """

    def __init__(
        self,
        code: str = "FORBIDDEN",
        text: str = "",
        *,
        field: str = "",
        asked: bool = False,
        held: str = "",
        test: Test | None = None,
        anybody: bool = False,
        waiting: str = "",
    ) -> None:
        if not (field or asked or held or test or anybody):
            raise KindError(f"role {code}: it has no condition; say anybody=True if everybody may")
        if anybody and (field or asked or held or test):
            raise KindError(f"role {code}: it is for anybody and yet has a condition")
        said = f"only the {field} may do this" if field else "your consent is not needed" if asked else ""
        self.code, self.text = code, text or said or (f"this needs the role {held}" if held else "you may not do this")
        self.field, self.asked, self.held, self.test, self.anybody = field, asked, held, test, anybody
        self.waiting = waiting or held
        self.either: tuple[Role, ...] = ()

    def __or__(self, other: Role) -> Role:
        both = Role(self.code, self.text, anybody=True)
        both.anybody = False
        both.either = (*(self.either or (self,)), *(other.either or (other,)))
        return both

    def fits(self, record: Record, who: Who) -> bool:
        """Whether `who` may act on `record` by this role."""
        if self.either:
            return any(one.fits(record, who) for one in self.either)
        if self.field and record.get(self.field) != who.party:
            return False
        if self.asked and who.party not in (record.get("consents") or ()):
            return False
        if self.held and not who.holds(self.held):
            return False
        return self.test is None or self.test(record, who)

    def awaited(self, record: Record) -> set[str]:
        """For whom a record waits by this role: parties, or the word of a held role."""
        if self.either:
            return set().union(*(one.awaited(record) for one in self.either))
        if self.field:
            return {record[self.field]} if record.get(self.field) else set()
        if self.asked:
            return {party for party, given in (record.get("consents") or {}).items() if not given}
        return {self.waiting} if self.waiting else set()

    def roles_held(self) -> set[str]:
        """Every certificate role that this asks for."""
        return {one.held for one in (self.either or (self,)) if one.held}

    def fields_named(self) -> set[str]:
        return {one.field for one in (self.either or (self,)) if one.field}


ANYBODY = Role(anybody=True)


@dataclass(frozen=True)
class Need:
    """What must hold: a pure question to one record and whoever asks, the same in the contract and on pages.

    `of` names the kind that it may be asked of, "" for any.
    """

    code: str
    text: str | Callable[[Record], str]
    test: Test
    status: int = 409
    of: str = ""

    def said(self, record: Record) -> str:
        return self.text if isinstance(self.text, str) else self.text(record)
