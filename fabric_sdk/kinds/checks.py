"""What a kind's declaration may not say: asked once, when its module is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from fabric_sdk.kinds.acts import Act, Kind
from fabric_sdk.kinds.fields import KEPT, Field, KindError, Party, Sealed
from fabric_sdk.kinds.roles import Need, Role
from fabric_sdk.kinds.states import State, States, Step

_PREFIX = re.compile(r"[A-Z]{2}\Z")


def check(kind: type[Kind], said: Mapping[str, Any]) -> None:
    """Refuse a kind that contradicts itself: `KindError` naming it. `said` is the body of its class.

    Of a kind by hand only names, fields and roles are asked: what its contract does with states is not said here.
    """
    if kind.by_hand:
        _check_names(kind, said)
        for act in kind.acts.values():
            _check_asked(kind, act, f"the act {act.name}")
        return
    if not _PREFIX.match(kind.prefix):
        raise _wrong(kind, f"the prefix {kind.prefix!r} must be two capital letters")
    _check_names(kind, said)
    for act in kind.acts.values():
        _check_act(kind, act)
    _check_states(kind)
    _check_shared(kind)
    _check_sealed(kind)
    _check_versions(kind)


def check_together(kinds: Iterable[type[Kind]], others: Iterable[str] = ()) -> None:
    """Refuse kinds of one application that take each other's prefix, name or function. `others` are prefixes taken by
    records written by hand."""
    taken: dict[str, str] = dict.fromkeys(others, "records written by hand")
    functions: dict[str, type[Kind]] = {}
    for kind in kinds:
        for word in (kind.prefix, kind.id):
            if word in taken:
                raise _wrong(kind, f"{word} is taken by {taken[word]}")
            taken[word] = kind.__name__
        for name in {one for act in kind.acts.values() for one in (act.function, act.many) if one}:
            if functions.setdefault(name, kind) is not kind:
                raise _wrong(kind, f"the function {name} is taken by {functions[name].__name__}")


def _wrong(kind: type[Kind], why: str) -> KindError:
    return KindError(f"{kind.__module__}.{kind.__qualname__}: {why}")


def _check_names(kind: type[Kind], said: Mapping[str, Any]) -> None:
    kept_names = frozenset() if kind.by_hand else KEPT
    for name, value in said.items():
        if name in Kind.__annotations__ or (name in kept_names and isinstance(value, Field)):
            raise _wrong(kind, f"the field {name} has a name that the kit keeps")
        if isinstance(value, type) and issubclass(value, Field | State):
            raise _wrong(kind, f"{name} is the type itself; write {value.__name__}()")
    for one in kind.fields.values():
        if one.name in kept_names or (kind.under and one.name == kind.parent_key()):
            raise _wrong(kind, f"the field {one.name} has a name that the kit keeps")
    kept = [one.name for one in kind.fields.values() if not one.logged]
    if twice := {name for name in kept if kept.count(name) > 1}:
        raise _wrong(kind, f"two fields are kept as {', '.join(sorted(twice))}")
    for role, names in (("indexed", kind.indexed), ("unique", kind.unique)):
        for name in names:
            if name not in {one.name for one in kind.fields.values() if not one.logged}:
                raise _wrong(kind, f"{role} names {name}, which is no field")
    if kind.listed and not kind.under:
        raise _wrong(kind, f"it is listed as {kind.listed} under nothing")


def _check_sealed(kind: type[Kind]) -> None:
    sealed = [one for one in kind.fields.values() if isinstance(one, Sealed)]
    for one in sealed:
        place = f"the sealed field {one.name}"
        if unknown := [name for name in one.tags if name not in one.fields]:
            raise _wrong(kind, f"{place} tags {unknown[0]}, which it does not have")
        if "salt" in one.fields:
            raise _wrong(kind, f"{place} has a field salt, which the kit keeps")
        for act in kind.acts.values():
            if one not in act.asks:
                continue
            asked = {other.name for other in act.asks}
            if unknown := [name for name in one.shown if name not in asked]:
                raise _wrong(kind, f"{place} shows {unknown[0]}, which the act {act.name} does not ask for")
            if twice := sorted(asked & set(one.fields)):
                raise _wrong(kind, f"{place} and the act {act.name} both ask for {twice[0]}")
            if one.tags and not act.makes:
                raise _wrong(kind, f"{place} has tags, but the act {act.name} makes no record")


def _check_states(kind: type[Kind]) -> None:
    if not kind.states or not kind.acts:
        raise _wrong(kind, "it has no states or no acts")
    reached = {one.name for act in kind.acts.values() for one in act.targets}
    left = {one.name for act in kind.acts.values() if act.moves for one in act.sources}
    for state in kind.states.values():
        if state.name not in reached and not state.carried:
            raise _wrong(kind, f"nothing leads to the state {state.name}")
        if state.final and state.name in left:
            raise _wrong(kind, f"the state {state.name} is final, and yet it is left")
        if not state.final and state.name not in left:
            raise _wrong(kind, f"the state {state.name} is never left; say final=True if it ends here")
    if not any(act.makes for act in kind.acts.values()):
        raise _wrong(kind, "no act makes a record")


def _check_act(kind: type[Kind], act: Act) -> None:
    place = f"the act {act.name}"
    _check_asked(kind, act, place)
    _check_step(kind, act, place)
    if act.consents and not any(role.asked for role in (act.role.either or (act.role,))):
        raise _wrong(kind, f"{place} notes a consent of somebody who is not asked")
    if not act.makes:
        for name in act.role.fields_named():
            if not any(isinstance(one, Party) and one.name == name for one in kind.fields.values()):
                raise _wrong(kind, f"{place} is for the party {name}, which no field names")
    for needs, of in ((act.needs, act.on or kind.id), (act.parent_needs, kind.under)):
        _check_needs(kind, act, needs, of)


def _check_asked(kind: type[Kind], act: Act, place: str) -> None:
    if not isinstance(act.role, Role):
        raise _wrong(kind, f"{place} has no role")
    for one in act.asks:
        if not any(one is known for known in kind.fields.values()):
            raise _wrong(kind, f"{place} asks for the field {one.name or '?'}, which the kind does not declare")


def _check_step(kind: type[Kind], act: Act, place: str) -> None:
    if not isinstance(act.step, Step | State | States):
        raise _wrong(kind, f"{place} names no state")
    if act.makes and act.moves:
        raise _wrong(kind, f"{place} makes a record, which has no state to come from")
    if not act.function or not act.event:
        raise _wrong(kind, f"{place} has no function or no event")
    if act.on and act.on != kind.under:
        raise _wrong(kind, f"{place} is done on a {act.on}, but the kind hangs on {kind.under or 'nothing'}")
    if act.begins and kind.under:
        raise _wrong(kind, f"{place} begins without the {kind.under} that the kind hangs on")
    for state in (*act.sources, *act.targets):
        if kind.states.get(state.name) is not state:
            raise _wrong(kind, f"{place} names the state {state.name or '?'}, which is another kind's")
    if act.many and not act.makes:
        raise _wrong(kind, f"{place} does many at once but makes none")


def _check_needs(kind: type[Kind], act: Act, needs: tuple[Need, ...], of: str) -> None:
    if needs and not of:
        raise _wrong(kind, f"the act {act.name} asks something of a record above, and there is none")
    for need in needs:
        if not isinstance(need, Need):
            raise _wrong(kind, f"the act {act.name} needs {need!r}, which is no need")
        if need.of and need.of != of:
            raise _wrong(kind, f"the act {act.name} asks {need.code} of a {of}; it is a question to a {need.of}")


def _check_shared(kind: type[Kind]) -> None:
    """Two acts of one function must differ in what is sent, in role or in state."""
    for one, two in combinations(kind.acts.values(), 2):
        if one.function != two.function:
            continue
        if one.makes != two.makes or one.on != two.on:
            raise _wrong(kind, f"{one.name} and {two.name} share {one.function} but are not done on the same thing")
        if one.by_position != two.by_position or (one.by_position and one.wire != two.wire):
            raise _wrong(kind, f"{one.name} and {two.name} share {one.function} but are not sent alike")
        told: list[Any] = [dict(one.fixed) != dict(two.fixed), one.when is not two.when, one.role is not two.role]
        if not any(told) and {*one.sources} & {*two.sources}:
            raise _wrong(kind, f"nothing tells {one.name} from {two.name}, which share {one.function}")


def _check_versions(kind: type[Kind]) -> None:
    wanted = set(range(1, kind.version))
    if kind.version < 1 or set(kind.upgrades) != wanted:
        raise _wrong(kind, f"version {kind.version} needs an upgrade from each of {sorted(wanted) or 'none'}")
