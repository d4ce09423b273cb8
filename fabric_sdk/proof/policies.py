"""Whether those who signed are whom a policy asks for: signature policies, and implicit ones over a channel's groups.

Sources: common/cauthdsl and common/policies of Hyperledger Fabric: evaluated greedily from left to right, each signer
counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fabric_sdk.proof.members import Member
from fabric_sdk.proof.wire import Broken, fields, many, number, raw, string

Known = Callable[[bytes], Member]
"""Finds the member that a serialized identity is; Broken if nobody vouches for it."""
_RULES = 1_000
_RULE_DEPTH = 12
_ROLES = ("member", "admin", "client", "peer", "orderer")


def satisfied(policy: bytes, signers: Sequence[Member], known: Known) -> bool:
    """Whether `signers` (whose signatures were checked) satisfy a `SignaturePolicyEnvelope`."""
    envelope = fields(policy)
    if number(envelope, 1) != 0:
        raise Broken("policy-unreadable")
    distinct = list({signer.key: signer for signer in reversed(signers)}.values())[::-1]
    evaluation = _Evaluation(many(envelope, 3), distinct, known)
    return evaluation.rule(raw(envelope, 2), [False] * len(distinct), 0)


class _Evaluation:
    def __init__(self, principals: list[bytes], signers: list[Member], known: Known) -> None:
        self._principals, self._signers, self._known = principals, signers, known
        self._left = _RULES

    def rule(self, data: bytes, used: list[bool], depth: int) -> bool:
        """Evaluate one rule; `used` is changed only where it holds."""
        self._left -= 1
        message = fields(data)
        if depth > _RULE_DEPTH or self._left < 0 or (1 in message) == (2 in message):
            raise Broken("policy-unreadable")
        if 1 in message:
            place = number(message, 1)
            if place >= len(self._principals):
                raise Broken("policy-unreadable")
            for position, signer in enumerate(self._signers):
                if not used[position] and self._fits(signer, self._principals[place]):
                    used[position] = True
                    return True
            return False
        gate = fields(raw(message, 2))
        held, tried = 0, list(used)
        for inner in many(gate, 2):
            attempt = list(tried)
            if self.rule(inner, attempt, depth + 1):
                held, tried = held + 1, attempt
        if held < number(gate, 1):
            return False
        used[:] = tried
        return True

    def _fits(self, signer: Member, principal: bytes) -> bool:
        message = fields(principal)
        kind, data = number(message, 1), raw(message, 2)
        if kind == 0:
            role = fields(data)
            wanted = number(role, 2)
            return string(role, 1) == signer.msp and wanted < len(_ROLES) and _has_role(signer, _ROLES[wanted])
        if kind == 1:
            unit = fields(data)
            return (
                string(unit, 1) == signer.msp
                and string(unit, 2) in signer.certificate.units
                and raw(unit, 3) == signer.path_id
            )
        if kind == 2:
            try:
                return self._known(data).key == signer.key
            except Broken:
                return False
        return False


def _has_role(signer: Member, role: str) -> bool:
    if role == "member":
        return True
    return signer.is_admin if role == "admin" else signer.role == role
