"""The base of contracts made of kinds: their functions on the wire, the queries that all share, settings.

class FoodContract(KitContract, kinds=(Sample,)):
    name, version = "food", "1.0.0"

    @rule(Sample.release)
    def release(self, doing: Doing) -> None: ...
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from chaincode.kit.acts import RULES, perform, perform_many
from chaincode.kit.fields import Fields, folded, invalid
from chaincode.kit.papers import Papers
from chaincode.kit.reading import annotation_of, check_readable
from chaincode.kit.records import KitContext, dump, is_admin, refuse
from fabric_sdk import clock
from fabric_sdk.chaincode import Context, Contract, query, transaction
from fabric_sdk.chaincode.contract import ContractFunction, Parameter
from fabric_sdk.kinds import Act, Kind, KindError, Record, Sealed, acts_by_function
from fabric_sdk.kinds.checks import check_together


class Part:
    """A part of a contract: the kinds that it brings and the rules of their acts."""

    own_kinds: ClassVar[tuple[type[Kind], ...]] = ()

    def __init_subclass__(cls, kinds: Sequence[type[Kind]] = (), **kwargs: Any) -> None:
        cls.own_kinds = tuple(kinds)
        super().__init_subclass__(**kwargs)


class KitContract(Part, Contract):
    """A contract whose acts are declared. `kinds` of its parts count with its own."""

    context_class: ClassVar[type[Context]] = KitContext
    all_kinds: ClassVar[Mapping[str, type[Kind]]] = {}
    rules: ClassVar[Mapping[Act, str]] = {}
    lists: ClassVar[Mapping[str, tuple[str, str]]] = {"waiting": ("waiting", ""), "concerned": ("concerned", "")}
    """What `ListMine` lists: name → index by party, kind ("" for any)."""

    def __init_subclass__(cls, kinds: Sequence[type[Kind]] = (), **kwargs: Any) -> None:
        super().__init_subclass__(kinds=kinds, **kwargs)
        found = [kind for base in reversed(cls.__mro__) for kind in vars(base).get("own_kinds", ())]
        base = cls.context_class
        if not issubclass(base, KitContext):
            raise KindError(f"{cls.__module__}.{cls.__qualname__}: its context is no KitContext")
        by_hand = {kind: one for kind, one in base.prefixes.items() if kind not in {made.id for made in found}}
        check_together(found, by_hand.values())
        check_readable(found)
        sealed = [one for kind in found for one in kind.fields.values() if isinstance(one, Sealed)]
        if sealed and not issubclass(cls, Papers):
            raise KindError(f"{cls.__module__}.{cls.__qualname__}: sealed fields need the part Papers among its bases")
        cls.all_kinds = {kind.id: kind for kind in found}
        known: dict[str, Any] = {"kinds": cls.all_kinds, "prefixes": by_hand | {kind.id: kind.prefix for kind in found}}
        cls.context_class = type(base.__name__, (base,), known)
        cls.rules = dict(_rules_of(cls, found))
        for name, acts in acts_by_function(found):
            cls.functions[name] = _function(name, acts)
            for act in acts:
                if act.many:
                    cls.functions[act.many] = _function_of_many(act)

    def __init__(self, clock: Callable[[], datetime] = clock.now) -> None:
        """`clock` is the peer's: transactions whose own time is far from it are refused."""
        self._clock = clock

    def before_transaction(self, ctx: Context) -> None:
        known = self.functions.get(ctx.stub.function.rpartition(":")[2])
        if known is not None and known.submit and isinstance(ctx, KitContext):
            ctx.check_clock(self._clock())

    # -- settings ------------------------------------------------------------------------------------
    @transaction
    def Configure(self, ctx: KitContext, settings: dict[str, Any]) -> dict[str, Any]:
        """Name the organisation that keeps the settings (`office_msp`) and those that may give each role.

        The first call is for an administrator of the organisation that it names (deploying the contract makes it);
        later ones for administrators of the one in force.
        """
        form = Fields(settings)
        before = ctx.stub.get_state("settings")
        office = ctx.settings["office_msp"] if before else form.text("office_msp", 64)
        if not is_admin(ctx.client) or ctx.client.msp_id != office:
            raise refuse("FORBIDDEN", f"this needs an administrator of {office}", 403)
        value = self.read_settings(ctx, form)
        form.done()
        ctx.stub.put_state("settings", dump(value))
        ctx.stub.set_event("Configured", dump(value))
        return value

    def read_settings(self, ctx: KitContext, form: Fields) -> Record:
        """The settings as they are kept; applications with more of them extend this."""
        office = form.text("office_msp", 64)
        known = {
            role for kind in self.all_kinds.values() for act in kind.acts.values() for role in act.role.roles_held()
        }
        roles = form.object("roles") if form.has("roles") else Fields({})
        form.raw("roles")
        given = {}
        for role in sorted(known):
            names = roles.raw(role)
            if not isinstance(names, list) or not names or not all(isinstance(one, str) and one for one in names):
                invalid(f"roles.{role}", "must be a list of organisations (MSP ids) that may give the role")
            given[role] = sorted(set(names))
        roles.done()
        return {"office_msp": office, "roles": given}

    @query
    def ReadSettings(self, ctx: KitContext) -> dict[str, Any]:
        """The settings."""
        return ctx.settings

    @query
    def WhoAmI(self, ctx: KitContext) -> dict[str, Any]:
        """How the ledger knows the caller, and the roles of their certificate that count."""
        return {"party": ctx.party, "roles": sorted(ctx.who.roles)}

    # -- reading -------------------------------------------------------------------------------------
    @query
    def Read(self, ctx: KitContext, record_id: str) -> dict[str, Any]:
        """Any record by its id."""
        return ctx.read(ctx.kind_of(record_id), record_id)

    @query
    def ListMine(self, ctx: KitContext, what: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """What names the caller (`concerned`) or waits for them (`waiting`), a page at a time."""
        if what not in self.lists:
            invalid("what", f"must be one of {', '.join(self.lists)}")
        index, kind = self.lists[what]
        return ctx.page(index, [ctx.party], kind, page_size, bookmark)

    @query
    def ListWaitingFor(self, ctx: KitContext, role: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """What waits for the holders of a role, a page at a time; open to all."""
        return ctx.page("waiting", [role], "", page_size, bookmark)

    @query
    def ListState(self, ctx: KitContext, kind: str, state: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """The records of a kind in one of its queued states, a page at a time."""
        known = self.all_kinds.get(kind)
        if known is None or state not in known.states or not known.states[state].queued:
            invalid("state", "is no queue of this kind")
        return ctx.page(f"{kind}-state", [state], kind, page_size, bookmark)

    @query
    def ListAll(self, ctx: KitContext, kind: str, page_size: int, bookmark: str = "") -> dict[str, Any]:
        """All records of a kind, oldest first, a page at a time."""
        if kind not in ctx.prefixes:
            invalid("kind", f"must be one of {', '.join(ctx.prefixes)}")
        return ctx.all_pages(kind, page_size, bookmark)

    @query
    def ListUnder(
        self, ctx: KitContext, parent_id: str, kind: str, page_size: int, bookmark: str = ""
    ) -> dict[str, Any]:
        """The records of a kind that hang on a record, a page at a time."""
        known = self.all_kinds.get(kind)
        if known is None or not known.listed:
            invalid("kind", "hangs on nothing that lists it")
        ctx.read(known.under, parent_id)
        return ctx.page(known.listed, [parent_id], kind, page_size, bookmark)

    @query
    def FindBy(self, ctx: KitContext, kind: str, field: str, value: str) -> dict[str, Any]:
        """The record of a kind that took `value` in one of its unique fields."""
        known = self.all_kinds.get(kind)
        if known is None or field not in known.unique:
            invalid("field", "is no unique field of this kind")
        found = ctx.indexed_value(f"{kind}.{field}", folded(value)) or ctx.indexed_value(f"{kind}.{field}", value)
        return ctx.read(kind, found)

    @query
    def History(self, ctx: KitContext, record_id: str) -> list[dict[str, Any]]:
        """Every committed version of a record, newest first: `{"tx_id", "at", "deleted", "record"}`."""
        record = self.Read(ctx, record_id)
        with ctx.stub.get_history_for_key(record["id"]) as changes:
            return [
                {
                    "tx_id": change.tx_id,
                    "at": change.timestamp.isoformat(),
                    "deleted": change.is_delete,
                    "record": None if change.is_delete else ctx.raised(json.loads(change.value)),
                }
                for change in changes
            ]


def _rules_of(cls: type[KitContract], kinds: Iterable[type[Kind]]) -> Iterable[tuple[Act, str]]:
    known = {act for kind in kinds for act in kind.acts.values()}
    seen: dict[Act, str] = {}
    places: dict[str, type] = {}
    for base in cls.__mro__:
        for name in [name for name, method in vars(base).items() if hasattr(method, RULES)]:
            if (other := places.setdefault(name, base)) is not base:
                place = f"{base.__module__}.{base.__qualname__}.{name}"
                raise KindError(f"{place}: hidden by the rule of this name in {other.__qualname__}")
    for name in dir(cls):
        for act in getattr(getattr(cls, name, None), RULES, ()):
            if act not in known:
                raise KindError(f"{cls.__module__}.{cls.__qualname__}.{name}: a rule of an act that no kind here has")
            if act in seen:
                raise KindError(
                    f"{cls.__module__}.{cls.__qualname__}.{name}: {act.id} has the rule {seen[act]} already"
                )
            seen[act] = name
            yield act, name


def _function(name: str, acts: Sequence[Act]) -> ContractFunction:
    first = acts[0]
    parameters = []
    if first.on or not first.makes:
        parameters.append(Parameter(f"{first.on or first.kind.id}_id", str, True))
    if first.by_position:
        for word in first.wire:
            fields = [one for act in acts for one in act.asks if one.name == word]
            needed = all(one.required for one in fields)
            of = annotation_of(fields[0]) if fields else type(first.fixed.get(word))
            parameters.append(Parameter(word, of, needed))
    else:
        parameters.append(Parameter("terms", dict[str, Any], True))

    def call(self: KitContract, ctx: KitContext, *sent: Any) -> Any:
        return perform(self, ctx, acts, self.rules, list(sent))

    doc = " / ".join(act.id for act in acts)
    return ContractFunction(name, True, tuple(parameters), dict[str, Any], doc, call)


def _function_of_many(act: Act) -> ContractFunction:
    parameters = [Parameter(f"{act.on}_id", str, True)] if act.on else []
    parameters.append(Parameter("records", list[dict[str, Any]], True))

    def call(self: KitContract, ctx: KitContext, *sent: Any) -> Any:
        return perform_many(self, ctx, act, self.rules, list(sent))

    return ContractFunction(act.many, True, tuple(parameters), list[dict[str, Any]], act.id, call)
