"""What a channel agreed on about a contract: the committed definition that a transaction was endorsed under.

Every transaction's read set names the version of the definition that its endorsers read (`_lifecycle`, key
`namespaces/fields/NAME/Sequence`; core/chaincode/lifecycle): no later and no laxer definition can be put in its place.
"""

from __future__ import annotations

from typing import NamedTuple

from fabric_sdk.proof.blocks import Transaction, Writes, writes
from fabric_sdk.proof.configuration import Configuration
from fabric_sdk.proof.members import Member
from fabric_sdk.proof.policies import satisfied
from fabric_sdk.proof.wire import Broken, fields, many, number, raw, string

LIFECYCLE = "_lifecycle"
DEFAULT_POLICY = "/Channel/Application/Endorsement"


class Definition(NamedTuple):
    """A committed definition: whose signatures its transactions need (`ApplicationPolicy` bytes)."""

    name: str
    sequence: int
    policy: bytes
    collections: dict[str, bytes]


def definition_read(contract: str, sets: dict[str, Writes]) -> tuple[int, int] | None:
    """Block and place of the transaction that committed the definition that endorsers read; None if not recorded."""
    found = sets.get(LIFECYCLE)
    return found.reads.get(f"namespaces/fields/{contract}/Sequence") if found else None


def read_definition(transaction: Transaction, config: Configuration) -> Definition:
    """The definition that a transaction commits; Broken unless the channel's lifecycle policy holds for it."""
    call = transaction.call
    if call.contract != LIFECYCLE or call.function != "CommitChaincodeDefinition" or len(call.arguments) != 2:
        raise Broken("definition-other")
    arguments = fields(call.arguments[1])
    name, sequence = string(arguments, 2), number(arguments, 1)
    value = writes(call.results)[LIFECYCLE].values.get(f"namespaces/fields/{name}/Sequence")
    if value is None or number(fields(value), 1) != sequence:
        raise Broken("definition-other")
    if not config.satisfies("/Channel/Application/LifecycleEndorsement", transaction.endorsers):
        raise Broken("definition-policy", contract=name)
    collections = {}
    for one in many(fields(raw(arguments, 7)), 1):
        static = fields(raw(fields(one), 1))
        collections[string(static, 1)] = raw(static, 8)
    return Definition(name, sequence, raw(arguments, 6), collections)


def check_policies(
    transaction: Transaction, definition: Definition, key_policies: dict[str, bytes], config: Configuration
) -> None:
    """Broken unless the endorsers satisfy every policy that the transaction's writes fall under.

    A key's own policy (`key_policies`, by key) replaces the contract's for that key, a collection's for its writes.
    """
    signers = transaction.endorsers
    sets = writes(transaction.call.results)
    own = sets.get(definition.name, Writes({}, {}, {}, [], []))
    keys = {*own.values, *own.policies}
    needed: list[bytes] = [policy for key, policy in key_policies.items() if key in keys and policy]
    general = any(not key_policies.get(key) for key in keys) or not (keys or own.collections)
    for name in own.collections:
        policy = definition.collections.get(name, b"")
        if policy:
            needed.append(policy)
        elif name.startswith("_implicit_org_"):
            general = general or not any(one.msp == name[len("_implicit_org_") :] for one in signers)
        else:
            general = True
    if general:
        needed.append(definition.policy)
    if not all(_holds(policy, signers, config) for policy in needed):
        raise Broken("policy-not-satisfied", contract=definition.name)


def _holds(policy: bytes, signers: list[Member], config: Configuration) -> bool:
    message = fields(policy)
    if 1 in message:
        return satisfied(raw(message, 1), signers, config.member)
    return config.satisfies(string(message, 2) or DEFAULT_POLICY, signers)


def foreign_writes(transaction: Transaction) -> list[str]:
    """Other contracts' names that the transaction wrote under, whose policies are not known here."""
    own = (transaction.call.contract, LIFECYCLE)
    found = writes(transaction.call.results).items()
    return sorted(name for name, sets in found if name not in own and (sets.values or sets.collections))
