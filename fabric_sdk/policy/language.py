"""The policy language: text to policy and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, SignaturePolicy, SignaturePolicyEnvelope
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal
from fabric_protos.peer.policy_pb2 import ApplicationPolicy

from fabric_sdk.errors import PolicyError
from fabric_sdk.policy.principals import (
    MAX_DEPTH,
    MAX_RULES,
    ROLES,
    decode_policy,
    envelope_of,
    principal_at,
    principal_name,
    role_principal,
)
from fabric_sdk.wire import encode

_PRINCIPAL = re.compile(rf"([A-Za-z0-9.-]+)\.({'|'.join(ROLES)})")
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<number>\d{1,9}\b)|(?P<text>'[^'\\]*'|\"[^\"\\]*\")|(?P<sign>[(),]))"
)
_MAX_TEXT = 64 * 1024


def parse(text: str) -> SignaturePolicyEnvelope:
    """Read a policy such as `AND('Org1MSP.peer', OutOf(1, 'Org2MSP.member', 'Org3MSP.member'))`.

    As Fabric's own tools: gates may be written AND, And or and; every principal that is named gets its own entry;
    `OutOf(n, ...)` allows 0 <= n <= rules + 1. PolicyError says where the text is wrong.
    """
    return _Parser(text).policy()


def format(policy: SignaturePolicyEnvelope | bytes) -> str:
    """Write a policy in the language that `parse` reads.

    Principals that the language has no words for appear as `ou(...)`, `identity(...)`; such text cannot be parsed.
    """
    envelope = envelope_of(policy)
    names = [principal_name(p) for p in envelope.identities]

    def text(rule: Any, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise PolicyError(f"the policy is nested deeper than {MAX_DEPTH}")
        kind = rule.WhichOneof("Type")
        if kind == "signed_by":
            return f"'{principal_at(names, rule.signed_by)}'"
        if kind != "n_out_of":
            raise PolicyError("the policy has an empty rule")
        parts = [text(r, depth + 1) for r in rule.n_out_of.rules]
        n = rule.n_out_of.n
        if parts and n == 1:
            return f"OR({', '.join(parts)})"
        if parts and n == len(parts):
            return f"AND({', '.join(parts)})"
        return f"OutOf({', '.join([str(n), *parts])})"

    return text(envelope.rule, 0)


def signed_by_any(msp_ids: Sequence[str], role: str = "member") -> SignaturePolicyEnvelope:
    """One signature of any of the organisations, as a channel's default collections and policies use it."""
    return SignaturePolicyEnvelope(
        rule=n_out_of(1, [SignaturePolicy(signed_by=i) for i in range(len(msp_ids))]),
        identities=[role_principal(msp_id, role) for msp_id in msp_ids],
    )


def n_out_of(n: int, rules: Sequence[SignaturePolicy]) -> SignaturePolicy:
    return SignaturePolicy(n_out_of=SignaturePolicy.NOutOf(n=n, rules=rules))


def parse_implicit_meta(text: str) -> ImplicitMetaPolicy:
    """Read `ANY Readers`, `ALL Writers` or `MAJORITY Endorsement`."""
    words = text.split(" ")
    if len(words) != 2 or not words[1]:
        raise PolicyError(f"expected a rule and a policy name, such as 'MAJORITY Endorsement', got {text!r}")
    rules = {"ANY": ImplicitMetaPolicy.ANY, "ALL": ImplicitMetaPolicy.ALL, "MAJORITY": ImplicitMetaPolicy.MAJORITY}
    if words[0] not in rules:
        raise PolicyError(f"unknown rule {words[0]!r}, expected ALL, ANY or MAJORITY")
    return ImplicitMetaPolicy(rule=rules[words[0]], sub_policy=words[1])


def format_implicit_meta(policy: ImplicitMetaPolicy | bytes) -> str:
    """Write an implicit meta policy as `MAJORITY Endorsement`."""
    if isinstance(policy, bytes):
        policy = decode_policy(ImplicitMetaPolicy, policy)
    if policy.rule not in ImplicitMetaPolicy.Rule.values():
        raise PolicyError(f"an implicit policy has the rule number {policy.rule}, which Fabric does not know")
    return f"{ImplicitMetaPolicy.Rule.Name(policy.rule)} {policy.sub_policy}"


def application_policy(text: str) -> bytes:
    """A chaincode's endorsement policy in the form its definition carries (`ApplicationPolicy` bytes).

    `text` is a signature policy, or the path of a channel policy such as `/Channel/Application/Endorsement`.
    """
    if text.startswith("/"):
        return encode(ApplicationPolicy(channel_config_policy_reference=text))
    return encode(ApplicationPolicy(signature_policy=parse(text)))


def format_application_policy(data: bytes) -> str:
    """The text from which `application_policy` makes `data`."""
    policy = decode_policy(ApplicationPolicy, data)
    kind = policy.WhichOneof("Type")
    if kind == "signature_policy":
        return format(policy.signature_policy)
    if kind == "channel_config_policy_reference":
        return str(policy.channel_config_policy_reference)
    raise PolicyError("the endorsement policy is empty")


class _Parser:
    def __init__(self, text: str) -> None:
        if len(text) > _MAX_TEXT:
            raise PolicyError(f"the policy has {len(text)} characters, more than {_MAX_TEXT}")
        self.tokens = self._tokens(text)
        self.kind, self.value, self.position = next(self.tokens)
        self.principals: list[MSPPrincipal] = []
        self.rules = 0

    @staticmethod
    def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise PolicyError(f"unexpected character {text[position : position + 1]!r} at {position}")
            yield match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)
            position = match.end()
        while True:
            yield "end", "", end

    def policy(self) -> SignaturePolicyEnvelope:
        if self.kind != "name":
            raise PolicyError("a policy begins with AND, OR or OutOf")
        rule = self._rule(0)
        if self.kind != "end":
            raise PolicyError(f"unexpected {self.value!r} at {self.position}")
        return SignaturePolicyEnvelope(version=0, rule=rule, identities=self.principals)

    def _advance(self) -> None:
        self.kind, self.value, self.position = next(self.tokens)

    def _sign(self, expected: str) -> None:
        if self.kind != "sign" or self.value != expected:
            found = repr(self.value) if self.value else "the end"
            raise PolicyError(f"expected {expected!r} at {self.position}, found {found}")
        self._advance()

    def _part(self, depth: int) -> SignaturePolicy | MSPPrincipal:
        return self._principal() if self.kind == "text" else self._rule(depth)

    def _numbered(self, principal: MSPPrincipal) -> SignaturePolicy:
        self.principals.append(principal)
        return SignaturePolicy(signed_by=len(self.principals) - 1)

    def _rule(self, depth: int) -> SignaturePolicy:
        self.rules += 1
        if depth > MAX_DEPTH or self.rules > MAX_RULES:
            raise PolicyError("the policy is too large")
        if self.kind != "name":
            found = repr(self.value) if self.value else "the end"
            raise PolicyError(f"expected a principal or a gate at {self.position}, found {found}")
        gate = self.value
        if gate not in ("AND", "And", "and", "OR", "Or", "or", "OutOf", "outof", "OUTOF"):
            raise PolicyError(f"unrecognised word {gate!r} at {self.position}, expected AND, OR or OutOf")
        self._advance()
        self._sign("(")
        needed = -1
        if gate.lower() == "outof":
            needed = self._number()
            self._sign(",")
        parts = [self._part(depth + 1)]
        while self.kind == "sign" and self.value == ",":
            self._advance()
            parts.append(self._part(depth + 1))
        self._sign(")")
        # Fabric numbers the principals of inner gates before a gate's own: equal texts give equal bytes
        rules = [self._numbered(part) if isinstance(part, MSPPrincipal) else part for part in parts]
        if needed < 0:
            needed = len(rules) if gate.lower() == "and" else 1
        if needed > len(rules) + 1:
            raise PolicyError(f"OutOf({needed}, ...) has only {len(rules)} rules")
        return n_out_of(needed, rules)

    def _number(self) -> int:
        digits = self.value.strip("'\"") if self.kind == "text" else self.value
        if self.kind not in ("number", "text") or not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise PolicyError(f"expected a number at {self.position}")
        self._advance()
        return int(digits)

    def _principal(self) -> MSPPrincipal:
        self.rules += 1
        if self.rules > MAX_RULES:
            raise PolicyError("the policy is too large")
        name = self.value[1:-1]
        match = _PRINCIPAL.fullmatch(name)
        if match is None:
            raise PolicyError(f"{name!r} at {self.position} is not a principal such as 'Org1MSP.peer'")
        self._advance()
        return role_principal(match[1], match[2])
