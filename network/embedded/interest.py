"""Which endorsement policies a simulated transaction falls under (Fabric's ChaincodeInterest).

Source: core/endorser/endorser.go, buildChaincodeInterest.
"""

from __future__ import annotations

from dataclasses import dataclass

from network.embedded.peer import SYSTEM_CHAINCODES
from network.embedded.simulator import Simulation


@dataclass(frozen=True, slots=True)
class Interest:
    """Which policies an endorsed transaction will be judged by; decides who else must endorse."""

    calls: tuple[InterestCall, ...]


@dataclass(frozen=True, slots=True)
class InterestCall:
    chaincode: str
    collection: str = ""
    no_private_reads: bool = False
    key_policies: tuple[bytes, ...] = ()
    disregard_chaincode_policy: bool = False


def interest_of(simulation: Simulation) -> Interest:
    """Which chaincode, collection and key policies apply to what a simulation read and wrote."""
    required: dict[str, dict[str, bool]] = {}
    key_policies: dict[str, list[bytes]] = {}
    for (namespace, collection), keys in simulation.written_policies.items():
        entry = required.setdefault(namespace, {"": False})
        for policy in keys.values():
            if policy:
                key_policies.setdefault(namespace, []).append(policy)
            else:
                entry[collection] = True
    for namespace in simulation.builder.namespaces:
        required.setdefault(namespace, {"": True})
    for namespace, collection in simulation.private_reads:
        required.setdefault(namespace, {"": False})[collection] = True
    calls: list[InterestCall] = []
    for namespace, collections in required.items():
        if namespace in SYSTEM_CHAINCODES:
            continue
        for collection in collections:
            if collection:
                reads = (namespace, collection) in simulation.private_reads
                calls.append(InterestCall(namespace, collection, not reads))
        policies = tuple(key_policies.get(namespace, ()))
        if policies or collections[""]:
            calls.append(InterestCall(namespace, "", False, policies, bool(policies) and not collections[""]))
    return Interest(tuple(calls))
