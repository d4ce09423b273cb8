"""Applications on the ledger: who must endorse, who approved, where the code is, how the channel is governed."""

from __future__ import annotations

from typing import Any

from apps.catalogue.checking import Finding, check, judged, met
from apps.catalogue.checking.looking import Look
from baas.errors import CityChainError, Text, translating
from baas.services.definitions import LIFECYCLE_POLICY, members, policy_envelope

ADMINS_POLICY = "/Channel/Application/Admins"
INVALID_SHARE = 0.05
MOST_TIMEOUT_S = 5.0
MOST_BYTES = 100 << 20
"""What gRPC carries between Fabric's nodes by their defaults."""


def _alone(look: Look, policy: str) -> frozenset[str]:
    """The organisations that satisfy a policy without any other."""
    from fabric_sdk.policy import minimal_sets

    with translating():
        sets = minimal_sets(policy_envelope(policy, look.authority))
    return frozenset(next(iter(members(one))) for one in sets if len(members(one)) == 1)


@check("endorsement-several")
def endorsement_several(look: Look) -> Finding:
    """No organisation alone can have a transaction of a contract accepted."""
    found = {one.name: _alone(look, one.endorsement_policy) for one in look.definitions}
    lonely = [f"{name}: {', '.join(sorted(alone))}" for name, alone in found.items() if alone]
    return judged(lonely, len(found), "{n} 份合约都需多方背书", "all {n} contracts need several organisations")


@check("endorsement-possible")
def endorsement_possible(look: Look) -> Finding:
    """Every contract's policy can be satisfied by peers that run now."""
    explain = look.platform.contracts.explain
    dead = [
        one.name
        for one in look.definitions
        if not any(option.online for option in explain(look.network, one.endorsement_policy, look.channel).options)
    ]
    return judged(dead, len(look.definitions), "{n} 份合约都能背书", "peers that run can endorse all {n} contracts")


@check("definitions-approved")
def definitions_approved(look: Look) -> Finding:
    """Every organisation with peers approved each definition in force, as it is in force."""
    without = [
        f"{name}: {row.msp_id}"
        for name, board in look.boards.items()
        for row in board.rows
        if board.pending is None and not row.approved
    ]
    waiting = [name for name, board in look.boards.items() if board.pending is not None]
    if waiting and not without:  # approvals on such a board are of the definition to come
        said = Text("{n} 份定义正在变更，没有查成", "not seen: {n} definitions are being changed", n=len(waiting))
        return Finding("unknown", said, tuple(sorted(waiting)))
    return judged(
        without, len(look.boards), "{n} 份定义各组织都批准", "every organisation approved all {n} definitions"
    )


@check("packages-installed")
def packages_installed(look: Look) -> Finding:
    """Each contract's package is installed at the peers of every organisation that its policy names."""
    missing = [
        f"{name}: {node}"
        for name, board in look.boards.items()
        for row in board.rows
        for node, there in row.installed.items()
        if row.held and not there
    ]
    return judged(missing, len(look.boards), "{n} 份合约安装齐全", "all {n} contracts are installed everywhere")


@check("contracts-described")
def contracts_described(look: Look) -> Finding:
    """Each contract describes its functions in the form that Fabric's tools read."""
    silent = []
    for one in look.definitions:
        try:
            told: dict[str, Any] = look.platform.contracts.metadata(look.network, one.name, look.channel)
        except CityChainError:
            told = {}
        functions = [name for part in told.get("contracts", {}).values() for name in part.get("transactions", ())]
        if not functions:
            silent.append(one.name)
    return judged(silent, len(look.definitions), "{n} 份合约都有接口说明", "all {n} contracts describe their functions")


@check("contracts-current")
def contracts_current(look: Look) -> Finding:
    """What is in force is of the version that the applications installed here speak."""
    templates = {one.name: one.version for one in look.platform.contracts.templates()}
    known = [one for one in look.definitions if one.name in templates]
    old = [f"{one.name}: {one.version} ≠ {templates[one.name]}" for one in known if one.version != templates[one.name]]
    return judged(old, len(known), "{n} 份合约与应用同版本", "{n} contracts have their applications' version")


@check("roles-given")
def roles_given(look: Look) -> Finding:
    """Each application is set up, and roles are given only by organisations of the channel."""
    wrong, asked = [], 0
    for one in look.definitions:
        template = next((found for found in look.platform.contracts.templates() if found.name == one.name), None)
        if template is None or template.first_call is None:
            continue
        asked += 1
        question = template.first_call(look.spec).question
        try:
            answer = look.platform.contracts.query(look.network, one.name, question, (), channel=look.channel)
        except CityChainError:
            wrong.append(f"{one.name}: -")
            continue
        wrong += [f"{one.name}: {role} {msp}" for role, msp in _givers(answer.payload) if msp not in look.members]
    return judged(
        wrong, asked, "{n} 个应用已设置，角色只由成员授予", "{n} applications are set up, roles given by members"
    )


def _givers(settings: bytes) -> list[tuple[str, str]]:
    import json

    try:
        roles = json.loads(settings).get("roles") or {}
        return [(str(role), str(msp)) for role, given in roles.items() for msp in given]
    except (ValueError, AttributeError, TypeError):
        return [("?", "?")]


@check("refusals-few")
def refusals_few(look: Look) -> Finding:
    """At most one transaction in twenty of late was ordered in vain."""
    codes = [one.validation_code for block in look.blocks for one in block.transactions]
    if not codes:
        return Finding("unknown", Text("没有交易", "there is no transaction"))
    bad = [one for block in look.blocks for one in block.transactions if one.validation_code]
    share = len(bad) / len(codes)
    said = Text("作废 {p}（{b} / {n}）", "{p} invalid ({b} of {n})", p=f"{share:.1%}", b=len(bad), n=len(codes))
    named = tuple(f"{one.tx_id[:16]}: {one.validation_code_name}" for one in bad[:12])
    return Finding("met", said) if share <= INVALID_SHARE else Finding("unmet", said, named)


@check("upgrades-agreed")
def upgrades_agreed(look: Look) -> Finding:
    """No organisation alone can put a contract in force."""
    return _several(_alone(look, LIFECYCLE_POLICY))


@check("changes-agreed")
def changes_agreed(look: Look) -> Finding:
    """No organisation alone can change the channel."""
    return _several(_alone(look, ADMINS_POLICY))


def _several(alone: frozenset[str]) -> Finding:
    if not alone:
        return met("需多个组织同意", "needs several organisations")
    said = Text("{n} 个组织可单独决定", "{n} organisations can decide alone", n=len(alone))
    return Finding("unmet", said, tuple(sorted(alone)))


@check("capabilities-new")
def capabilities_new(look: Look) -> Finding:
    """The channel works by the rules of Fabric 2 or later (new lifecycle, private data by key)."""
    from fabric_protos.common.configuration_pb2 import Capabilities

    application = look.root.groups["Application"]
    found = (
        Capabilities.FromString(application.values["Capabilities"].value)
        if "Capabilities" in application.values
        else None
    )
    levels = sorted(found.capabilities) if found is not None else []
    said = Text("{c}", "{c}", c=", ".join(levels) or "-")
    return Finding("met" if any(one >= "V2_0" for one in levels) else "unmet", said)


@check("batches-sane")
def batches_sane(look: Look) -> Finding:
    """A block is cut within five seconds and is small enough to travel."""
    from fabric_protos.orderer.configuration_pb2 import BatchSize, BatchTimeout

    values = look.root.groups["Orderer"].values
    size = BatchSize.FromString(values["BatchSize"].value)
    timeout = BatchTimeout.FromString(values["BatchTimeout"].value).timeout
    seconds = _seconds(timeout)
    wrong = [f"timeout {timeout}"] if seconds > MOST_TIMEOUT_S else []
    if size.absolute_max_bytes > MOST_BYTES or size.preferred_max_bytes > size.absolute_max_bytes:
        wrong.append(f"{size.preferred_max_bytes} / {size.absolute_max_bytes} B")
    return judged(wrong, 2, "出块 {n} 项参数合适", "{n} limits of blocks are sane")


def _seconds(duration: str) -> float:
    """A duration as Go writes it, such as 1m30s or 200ms; ValueError for none."""
    import re

    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
    parts = re.findall(r"([0-9.]+)(ns|us|µs|ms|h|m|s)", duration)
    if not parts or "".join(a + b for a, b in parts) != duration:
        raise ValueError(f"no duration: {duration[:40]}")
    return sum(float(number) * units[unit] for number, unit in parts)
