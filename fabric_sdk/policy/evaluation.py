"""Whether a set of signers satisfies a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common.policies_pb2 import SignaturePolicyEnvelope

from fabric_sdk.bounded import BoundedCache
from fabric_sdk.errors import PolicyError
from fabric_sdk.msp import MspManager, ValidatedIdentity
from fabric_sdk.policy.principals import MAX_DEPTH, MAX_RULES, decode_policy, principal_at

_Gate = Callable[[Sequence[ValidatedIdentity], list[bool], MspManager], bool]


@dataclass(frozen=True)
class CompiledPolicy:
    """A policy ready to be asked often."""

    envelope: SignaturePolicyEnvelope
    _gate: _Gate

    def evaluate(self, identities: Sequence[ValidatedIdentity], msps: MspManager) -> bool:
        """Whether the identities (whose signatures were checked already) satisfy the policy; each counts once."""
        seen: dict[tuple[str, bytes], ValidatedIdentity] = {}
        for identity in identities:
            seen.setdefault(identity.key, identity)
        distinct = list(seen.values())
        return self._gate(distinct, [False] * len(distinct), msps)


_compiled: BoundedCache[bytes, CompiledPolicy] = BoundedCache(512)


def compile(policy: SignaturePolicyEnvelope | bytes) -> CompiledPolicy:
    """Prepare a policy; given bytes, the result is remembered. PolicyError for versions and indices out of range."""
    if isinstance(policy, bytes):
        known = _compiled.get(policy)
        if known is None:
            known = compile(decode_policy(SignaturePolicyEnvelope, policy))
            _compiled.put(policy, known)
        return known
    if policy.version != 0:
        raise PolicyError(f"policies of version {policy.version} are not understood")
    return CompiledPolicy(policy, _gate(policy.rule, list(policy.identities), 0, [MAX_RULES]))


def evaluate(
    policy: SignaturePolicyEnvelope | bytes, identities: Sequence[ValidatedIdentity], msps: MspManager
) -> bool:
    """Whether the identities satisfy the policy, as Fabric does it: greedily from left to right, each used once."""
    return compile(policy).evaluate(identities, msps)


def _gate(rule: Any, principals: list[Any], depth: int, budget: list[int]) -> _Gate:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise PolicyError("the policy is too large")
    kind = rule.WhichOneof("Type")
    if kind == "signed_by":
        principal = principal_at(principals, rule.signed_by)

        def signed(identities: Sequence[ValidatedIdentity], used: list[bool], msps: MspManager) -> bool:
            for i, identity in enumerate(identities):
                if not used[i] and msps.satisfies(identity, principal):
                    used[i] = True
                    return True
            return False

        return signed
    if kind != "n_out_of":
        raise PolicyError("the policy has an empty rule")
    gates = [_gate(r, principals, depth + 1, budget) for r in rule.n_out_of.rules]
    needed = rule.n_out_of.n

    def counted(identities: Sequence[ValidatedIdentity], used: list[bool], msps: MspManager) -> bool:
        satisfied = 0
        for gate in gates:
            attempt = used.copy()
            if gate(identities, attempt, msps):
                satisfied += 1
                used[:] = attempt
        return satisfied >= int(needed)

    return counted
