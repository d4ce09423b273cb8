"""One act of a kind in the contract: read what was sent, check, let the rule speak, write.

The order of checks is the same for every act: record, role, state, needs, needs of the record above, form, rule. A
rule refuses, or completes the record before it is written.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from chaincode.kit import papers
from chaincode.kit.fields import Fields, folded, invalid
from chaincode.kit.reading import read_field
from chaincode.kit.records import KitContext, refuse
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.kinds import Act, Actor, Kind, Need, Reason, Reasons, Record, Sealed, State, Who

F = TypeVar("F", bound=Callable[..., Any])
RULES = "__kit_rules__"


def rule(*acts: Act) -> Callable[[F], F]:
    """Mark a method `(self, doing)` of a contract as the rule of these acts."""

    def mark(method: F) -> F:
        setattr(method, RULES, acts)
        return method

    return mark


@dataclass
class Doing:
    """An act that is being done: what a rule sees, and may complete.

    `record` is written afterwards (of an act that makes one: the new one), `on` the record that was named, `given` what
    people filled in. `also` are further parties whom a new record concerns; `to` is the state it will have.
    """

    ctx: KitContext
    act: Act
    record: Record
    on: Record
    given: dict[str, Any]
    to: State | None = None
    also: list[str] = field(default_factory=list)

    @property
    def party(self) -> str:
        return self.ctx.party

    @cached_property
    def parent(self) -> Record:
        """The record above: that on which something is begun, or that on which this record hangs."""
        kind = self.act.kind
        return self.on if self.act.on else self.ctx.read(kind.under, self.record[kind.parent_key()])


def perform(contract: object, ctx: KitContext, acts: Sequence[Act], rules: Mapping[Act, str], sent: list[Any]) -> Any:
    """Do whichever of the acts that share a function was meant."""
    first = acts[0]
    subject: Record = {}
    if first.on or not first.makes:
        record_id, *sent = sent
        subject = ctx.read(first.on or first.kind.id, record_id)
    if first.by_position:
        value: object = {name: one for name, one in zip(first.wire, sent, strict=False) if one is not None}
    else:
        value = sent[0] if sent else {}
    act = _meant(ctx, acts, subject, value)
    _check(ctx, act, subject, None)
    if act.parent_needs:
        _check_needs(act.parent_needs, ctx.read(act.kind.under, subject[act.kind.parent_key()]), ctx.who)
    doing = _read(ctx, act, subject, value)
    rule_name = rules.get(act)
    if rule_name:
        getattr(contract, rule_name)(doing)
    return _begin(doing) if act.makes else _move(doing)


def perform_many(contract: object, ctx: KitContext, act: Act, rules: Mapping[Act, str], sent: list[Any]) -> Any:
    """Make several records at once, all or none."""
    *above, values = sent
    if not isinstance(values, list) or not 1 <= len(values) <= act.most:
        invalid("records", f"must be a list of 1 to {act.most} objects")
    subject = ctx.read(act.on, above[0]) if act.on else {}
    made = []
    _check(ctx, act, subject, None)
    for number, value in enumerate(values):
        doing = _read(ctx, act, subject, value, f"records[{number}]")
        if act in rules:
            getattr(contract, rules[act])(doing)
        made.append(_begin(doing, number))
    ctx.event(f"{act.event}Many", {"type": act.kind.id, "id": made[0]["id"], "state": made[0]["state"]})
    return made


def _meant(ctx: KitContext, acts: Sequence[Act], subject: Record, value: object) -> Act:
    """The act among those that share a function: by what was sent, else the one that this person may do now."""
    given = value if isinstance(value, dict) else {}
    fitting = [
        act
        for act in acts
        if all(given.get(name) == wanted for name, wanted in act.fixed.items())
        and (act.when is None or act.when(given))
    ]
    if not fitting:
        names = " or ".join(sorted({name for act in acts for name in act.fixed})) or "the arguments"
        invalid(names, "fit none of the acts of this function")
    if len(fitting) == 1:
        return fitting[0]
    mine = [act for act in fitting if act.role.fits(subject, ctx.who)]
    return next((act for act in mine if act.fits_state(subject)), mine[0] if mine else fitting[-1])


def _check(ctx: KitContext, act: Act, subject: Record, parent: Record | None) -> None:
    refusal = act.refusal(subject, ctx.who, parent)
    if refusal is None:
        return
    code, sentence = refusal
    need = next((one for one in act.needs if one.code == code), None)
    status = need.status if need else 409 if code == "WRONG_STATE" else 403
    raise refuse(code, sentence, status)


def _check_needs(needs: Sequence[Need], record: Record, who: Who) -> None:
    for need in needs:
        if not need.test(record, who):
            raise refuse(need.code, need.said(record), need.status)


def _read(ctx: KitContext, act: Act, subject: Record, value: object, where: str = "") -> Doing:
    """Read the form; of an act that makes a record, begin the record with it."""
    form = Fields(value, where)
    for name in act.fixed:
        form.raw(name)
    given = {one.name: read_field(ctx, form, one) for one in act.asks}
    form.done()
    for one in act.asks:
        if isinstance(one, Sealed):
            papers.require_paper(ctx, one, given)
    if not act.makes:
        kept = {one.name: given[one.name] for one in act.asks if not one.logged}
        return Doing(ctx, act, subject | kept, subject, given, act.targets[0] if act.targets else None)
    kind = act.kind
    record = {one.name: given[one.name] for one in act.asks if not one.logged}
    for one in kind.fields.values():
        if isinstance(one, Actor):
            record[one.name] = ctx.party
        elif not one.logged and one.name not in record and (one.default is not None or not one.made):
            record[one.name] = copy.copy(one.default)
    if kind.under:
        record[kind.parent_key()] = subject["id"]
    if kind.consenting():
        record["consents"] = {}
    return Doing(ctx, act, record, subject, given, act.targets[0])


def _begin(doing: Doing, number: int = 0) -> Record:
    ctx, act, record, kind = doing.ctx, doing.act, doing.record, doing.act.kind
    state = _target(doing)
    record["state"] = state.name
    record["log"] = [ctx.entry("", state.name, act.name) | _reasons(doing)]
    _claim(ctx, kind, record, number)
    ctx.create(kind.id, record, number, also=doing.also)
    if kind.listed:
        ctx.index(kind.listed, record[kind.parent_key()], record["id"])
    for name in kind.indexed:
        if record.get(name):
            ctx.index(name, str(record[name]), record["id"])
    if state.queued:
        ctx.index(f"{kind.id}-state", state.name, record["id"])
    ctx.event(act.event, record)
    return record


def _claim(ctx: KitContext, kind: type[Kind], record: Record, number: int) -> None:
    """Take the keys that nobody may take twice, not even in letters and blanks that look alike."""
    for name in kind.unique:
        value = str(record[name])
        for one in dict.fromkeys((folded(value), value)):  # taken before looks were folded: as it was written
            if taken := ctx.indexed_value(f"{kind.id}.{name}", one):
                raise refuse("TAKEN", f"{name}: {value} is taken by {taken}")
        ctx.index(f"{kind.id}.{name}", folded(value), value=ctx.new_id(kind.id, number))
    papers.claim(ctx, kind, record, ctx.new_id(kind.id, number))


def _move(doing: Doing) -> Record:
    ctx, act, record, kind = doing.ctx, doing.act, doing.record, doing.act.kind
    before = record["state"]
    if act.consents:
        record["consents"][ctx.party] = ctx.stub.tx_id
    elif act.moves or not act.silent:
        to = _target(doing).name if act.moves else before
        record["state"] = to
        record["log"].append(ctx.entry(before, to, act.name) | _reasons(doing))
    for state in (before, record["state"]) if before != record["state"] else ():
        if kind.states[state].queued:
            (ctx.unindex if state == before else ctx.index)(f"{kind.id}-state", state, record["id"])
    ctx.event(act.event, ctx.update(record))
    return record


def _target(doing: Doing) -> State:
    """The state that the record comes to: the act's, or another of its targets that the rule chose."""
    if doing.to is None or doing.to not in doing.act.targets:
        raise ChaincodeError("INTERNAL", f"{doing.act.id} does not lead to {doing.to}", status=500)
    return doing.to


def _reasons(doing: Doing) -> Record:
    """What the log keeps of the form: reasons as a list, everything else by its name."""
    found: Record = {}
    for one in doing.act.asks:
        value = doing.given[one.name]
        if not one.logged or one.passing or value is None:
            continue
        if isinstance(one, Reason):
            found["reasons"] = value if isinstance(one, Reasons) else [value]
        else:
            found[one.name] = value
    return found
