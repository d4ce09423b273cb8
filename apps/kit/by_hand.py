"""Acts over a contract written by hand: said once like those of kinds, done by the contract's own functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from apps.kit.ledger import Committed
from apps.kit.service import OpenAct, Service, main_of, ordered, wire_arguments
from fabric_sdk.kinds import Act, Record, Who

if TYPE_CHECKING:
    from apps.kit.words import Catalogue

Own = Callable[..., Any]


class Guard(Protocol):
    """Who may; the platform's session."""

    def require(self, permission: str) -> None:
        """Raise PermissionDenied unless the acting person may."""

    def allows(self, permission: str) -> bool:
        """Whether the acting person may."""


class Calls(Protocol):
    """A ledger on which an act is signed in a part."""

    def submit(self, part: Any, function: str, *args: Any) -> Committed[Any]:
        """Commit a call."""


class ActsByHand(Service):
    """`do`, buttons and dialogs for acts whose contract says itself who may do what in which state.

    An act's role names the part in whose name it is signed (`held`, of several the first); that it is offered follows
    from the platform's permission, from the parts of whoever sits here (`plays`) and, where its kind names states, from
    the record's. Acts among `own` are done by a function of their
    application: `(id, **given)`, or `(**given)` where nothing is named; what it returns is returned. After the others
    `done` is called.
    """

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        ledger: Calls,
        guard: Guard,
        own: Mapping[Act, Own],
        done: Callable[[], object] = lambda: None,
        plays: Callable[[str], bool] = lambda part: True,
    ) -> None:
        self._catalogue, self._calls, self._guard, self._own, self._done = catalogue, ledger, guard, own, done
        self._known, self._plays = {}, plays

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue()

    def require(self, act: Act) -> None:
        self._guard.require(self.permission(act))

    def allows(self, act: Act) -> bool:
        """Whether whoever sits here may do an act by permission and part; its contract has the last word."""
        return self._guard.allows(self.permission(act)) and any(map(self._plays, act.role.roles_held()))

    def permission(self, act: Act) -> str:
        """The act's own permission, or its kind's."""
        return self.catalogue.act(act).permission or self.catalogue.words[act.kind.id].permission

    def do(self, act: Act, given: Mapping[str, Any] | None = None, *, on: str = "", signer: str = "") -> Any:
        """Do an act: `on` is what it is done on, `given` what people filled in, `signer` another part than its own."""
        self.require(act)
        told = {name: value for name, value in (given or {}).items() if value is not None}
        if act in self._own:
            own, part = self._own[act], {"part": signer} if signer and signer != _part(act) else {}
            return own(*([on] if on else []), **told, **part)
        done = self._calls.submit(signer or _part(act), act.function, *wire_arguments(act, told, on))
        self._done()
        return done

    def signer_of(self, act: Act, record: Record) -> str:
        return _part(act)

    def who(self, signer: str) -> Who:
        """Somebody by the part in which they sign."""
        return Who(signer, frozenset({signer}))

    def strangers(self, act: Act, given: Mapping[str, Any]) -> list[str]:
        """Nobody: these acts name no parties."""
        return []

    def called(self, record: Record) -> str:
        return str(record.get("called", ""))

    def open_act(self, act: Act, signer: str = "") -> OpenAct:
        """An act as a page opens it."""
        return OpenAct(act, signer or _part(act))

    def offered(self, *acts: Act, record: Record) -> tuple[OpenAct, ...]:
        """Those of some acts that whoever sits here may do with a record now, in the order of buttons."""
        return ordered(self._possible(acts, record))

    def _possible(self, acts: tuple[Act, ...], record: Record) -> Iterator[OpenAct]:
        for act in acts:
            if self.allows(act) and act.fits_state(record) and (act.offered is None or act.offered(record)):
                yield OpenAct(act, _part(act), main_of(act, record))


def _part(act: Act) -> str:
    """In whose name an act is signed unless somebody is named."""
    return (act.role.either or (act.role,))[0].held
