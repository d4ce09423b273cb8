"""Where records stand, and the steps between."""

from __future__ import annotations

from dataclasses import dataclass


class State:
    """Where a record stands. `sign` is for pages (ok, info, wait, busy, warn, bad, none); `final` states are never
    left; what stands in a `queued` one is found by an index; into a `carried` one records come along with a record of
    another kind, by the rule of its act. `name` is its word in records where that is not its attribute's."""

    def __init__(
        self,
        sign: str = "info",
        *,
        final: bool = False,
        queued: bool = False,
        carried: bool = False,
        name: str = "",
    ) -> None:
        self.sign, self.final, self.queued, self.carried = sign, final, queued, carried
        self.name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def __or__(self, other: State | States) -> States:
        return States((self, *(other if isinstance(other, States) else (other,))))

    def __rshift__(self, target: State | States) -> Step:
        return Step(States((self,)), states_of(target))

    def __repr__(self) -> str:
        return self.name


class States(tuple[State, ...]):
    """Several states: `A | B`."""

    __slots__ = ()

    def __or__(self, other: State | States) -> States:
        return States((*self, *states_of(other)))

    def __rshift__(self, target: State | States) -> Step:
        return Step(self, states_of(target))


@dataclass(frozen=True)
class Step:
    """From one of some states to another; where several targets are named a rule may choose another than the first."""

    sources: States
    targets: States


def states_of(of: State | States) -> States:
    return of if isinstance(of, States) else States((of,))
