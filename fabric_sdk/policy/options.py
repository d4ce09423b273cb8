"""Who could satisfy a policy, and who has still to sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fabric_protos.common.policies_pb2 import SignaturePolicyEnvelope

from fabric_sdk.errors import PolicyError
from fabric_sdk.msp import MspManager, ValidatedIdentity
from fabric_sdk.policy.evaluation import compile
from fabric_sdk.policy.principals import MAX_DEPTH, envelope_of, principal_at, principal_name

Combination = Counter[str]
"""How many different identities of each principal are needed together."""

_MAX_COMBINATIONS = 10_000
_MAX_WORK = 60_000


def combinations(policy: SignaturePolicyEnvelope | bytes) -> list[Combination]:
    """The smallest combinations of principals that satisfy the policy, fewest signatures first.

    PolicyError if there are too many to list (more than 10,000: `OutOf(10, ...)` over twenty principals, say).
    """
    envelope = envelope_of(policy)
    names = [principal_name(p) for p in envelope.identities]
    found = _minimal(_combinations(envelope.rule, names, 0, [_MAX_WORK]))
    return sorted(found, key=lambda c: (c.total(), sorted(c.elements())))


def minimal_sets(policy: SignaturePolicyEnvelope | bytes) -> list[frozenset[str]]:
    """As `combinations`, without saying how many signatures of one principal are needed."""
    found = dict.fromkeys(frozenset(c) for c in combinations(policy))
    return [s for s in found if not any(other < s for other in found)]


def missing(
    policy: SignaturePolicyEnvelope | bytes, identities: Sequence[ValidatedIdentity], msps: MspManager
) -> list[Combination]:
    """Who has still to sign: the smallest combinations that would complete `identities`; [] if nothing is missing.

    PolicyError for a policy that no signatures can satisfy.
    """
    compiled = compile(policy)
    if compiled.evaluate(identities, msps):
        return []
    by_name: dict[str, Any] = {principal_name(p): p for p in compiled.envelope.identities}
    options: list[Combination] = []
    for needed in combinations(compiled.envelope):
        remaining = Counter(needed)
        for identity in {i.key: i for i in identities}.values():
            for name in sorted(remaining, key=lambda n: n.endswith(".member")):
                if remaining[name] > 0 and msps.satisfies(identity, by_name[name]):
                    remaining[name] -= 1
                    break
        options.append(+remaining)
    if not options:
        raise PolicyError("no signatures can satisfy the policy")
    options = [o for o in _minimal(options) if o] or options
    return sorted(options, key=lambda c: (c.total(), sorted(c.elements())))


def _combinations(rule: Any, names: list[str], depth: int, work: list[int]) -> list[Combination]:
    if depth > MAX_DEPTH:
        raise PolicyError(f"the policy is nested deeper than {MAX_DEPTH}")
    kind = rule.WhichOneof("Type")
    if kind == "signed_by":
        return [Counter({principal_at(names, rule.signed_by): 1})]
    if kind != "n_out_of":
        raise PolicyError("the policy has an empty rule")
    rules = rule.n_out_of.rules
    needed = max(int(rule.n_out_of.n), 0)
    if needed > len(rules):
        return []
    # ways[k]: combinations that satisfy k of the rules seen so far
    ways: list[list[Combination]] = [[Counter()]]
    for done, sub_rule in enumerate(rules):
        options = _combinations(sub_rule, names, depth + 1, work)
        if len(ways) <= needed:
            ways.append([])
        lowest = max(1, needed - (len(rules) - done - 1))  # fewer than that can no longer reach `needed`
        for k in range(len(ways) - 1, lowest - 1, -1):
            work[0] -= 1 + len(ways[k - 1]) * len(options) + len(ways[k])
            _check(work)
            ways[k] = _minimal([*ways[k], *(a + b for a in ways[k - 1] for b in options)])
            work[0] -= len(ways[k]) ** 2 // 50
            _check(work)
    return ways[needed]


def _check(work: list[int]) -> None:
    if work[0] < 0:
        raise PolicyError("the policy can be satisfied in too many ways to list them")


def _minimal(found: list[Combination]) -> list[Combination]:
    # a combination as a set: two signatures of A and one of B are {(A, 0), (A, 1), (B, 0)}
    distinct = {frozenset((name, i) for name, count in c.items() for i in range(count)): c for c in found}
    if len(distinct) > _MAX_COMBINATIONS:
        raise PolicyError(f"the policy can be satisfied in more than {_MAX_COMBINATIONS} ways")
    if len(distinct) > 500:  # comparing all pairs would take longer than the shorter list is worth
        return list(distinct.values())
    sets = list(distinct)
    return [distinct[s] for s in sets if not any(other < s for other in sets)]
