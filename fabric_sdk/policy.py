"""Signature policies: read, write and evaluate them, and say who could satisfy them.

The language is Fabric's (documentation, "Endorsement policies"): `AND`, `OR`, `OutOf(n, ...)` over quoted principals
`'Org1MSP.peer'` with the roles member, admin, client, peer, orderer. `fabric_sdk.policy_explanation` puts policies into
sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, SignaturePolicy, SignaturePolicyEnvelope
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole, OrganizationUnit
from fabric_protos.peer.policy_pb2 import ApplicationPolicy

from fabric_sdk.bounded import BoundedCache
from fabric_sdk.errors import DecodeError, FabricError, PolicyError
from fabric_sdk.identity import Identity
from fabric_sdk.msp import MspManager, ValidatedIdentity
from fabric_sdk.wire import decode, encode

ROLES = ("member", "admin", "client", "peer", "orderer")
_ROLE_NUMBERS = {name: MSPRole.MSPRoleType.Value(name.upper()) for name in ROLES}
_ROLE_NAMES = {number: name for name, number in _ROLE_NUMBERS.items()}
_PRINCIPAL = re.compile(rf"([A-Za-z0-9.-]+)\.({'|'.join(ROLES)})")
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<number>\d{1,9}\b)|(?P<text>'[^'\\]*'|\"[^\"\\]*\")|(?P<sign>[(),]))"
)
T = TypeVar("T")
_MAX_TEXT = 64 * 1024
_MAX_DEPTH = 50
_MAX_RULES = 5000
_MAX_COMBINATIONS = 10_000

Combination = Counter[str]
"""How many different identities of each principal are needed together."""


# Reading and writing ---------------------------------------------------------------------------------------------


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
    envelope = _envelope(policy)
    names = [principal_name(p) for p in envelope.identities]

    def text(rule: Any, depth: int) -> str:
        if depth > _MAX_DEPTH:
            raise PolicyError(f"the policy is nested deeper than {_MAX_DEPTH}")
        kind = rule.WhichOneof("Type")
        if kind == "signed_by":
            return f"'{_principal_at(names, rule.signed_by)}'"
        if kind != "n_out_of":
            raise PolicyError("the policy has an empty rule")
        parts = [text(r, depth + 1) for r in rule.n_out_of.rules]
        n = rule.n_out_of.n
        if parts and n == len(parts):
            return f"AND({', '.join(parts)})"
        if parts and n == 1:
            return f"OR({', '.join(parts)})"
        return f"OutOf({', '.join([str(n), *parts])})"

    return text(envelope.rule, 0)


def principal_name(principal: MSPPrincipal) -> str:
    """`Org1MSP.peer`, or a readable name for the kinds that the policy language cannot say."""
    kind, data = principal.principal_classification, principal.principal
    try:
        if kind == MSPPrincipal.ROLE:
            role = decode(MSPRole, data, "role principal")
            return f"{role.msp_identifier}.{_ROLE_NAMES.get(role.role, f'role{role.role}')}"
        if kind == MSPPrincipal.ORGANIZATION_UNIT:
            unit = decode(OrganizationUnit, data, "organisational unit principal")
            return f"ou({unit.msp_identifier}, {unit.organizational_unit_identifier})"
        if kind == MSPPrincipal.IDENTITY:
            identity = Identity.deserialize(data)
            return f"identity({identity.msp_id}, {identity.certificate.subject.rfc4514_string()})"
    except FabricError as e:
        raise PolicyError(f"a principal of the policy cannot be read: {e}") from e
    return f"principal({kind}, {data.hex()[:64]})"


def principal_msp_id(principal: MSPPrincipal) -> str:
    """The MSP whose member the principal asks for; empty for kinds that name none."""
    kind, data = principal.principal_classification, principal.principal
    try:
        if kind == MSPPrincipal.ROLE:
            return str(decode(MSPRole, data).msp_identifier)
        if kind == MSPPrincipal.ORGANIZATION_UNIT:
            return str(decode(OrganizationUnit, data).msp_identifier)
        if kind == MSPPrincipal.IDENTITY:
            return str(decode(SerializedIdentity, data).mspid)
    except DecodeError as e:
        raise PolicyError(f"a principal of the policy cannot be read: {e}") from e
    return ""


def role_principal(msp_id: str, role: str) -> MSPPrincipal:
    """The principal `msp_id.role`."""
    if role not in _ROLE_NUMBERS:
        raise PolicyError(f"unknown role {role!r}, expected one of {', '.join(ROLES)}")
    return MSPPrincipal(
        principal_classification=MSPPrincipal.ROLE,
        principal=encode(MSPRole(msp_identifier=msp_id, role=_ROLE_NUMBERS[role])),
    )


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
        policy = _decode(ImplicitMetaPolicy, policy)
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
    policy = _decode(ApplicationPolicy, data)
    kind = policy.WhichOneof("Type")
    if kind == "signature_policy":
        return format(policy.signature_policy)
    if kind == "channel_config_policy_reference":
        return str(policy.channel_config_policy_reference)
    raise PolicyError("the endorsement policy is empty")


# Evaluating ------------------------------------------------------------------------------------------------------

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
            known = compile(_decode(SignaturePolicyEnvelope, policy))
            _compiled.put(policy, known)
        return known
    if policy.version != 0:
        raise PolicyError(f"policies of version {policy.version} are not understood")
    return CompiledPolicy(policy, _gate(policy.rule, list(policy.identities), 0, [_MAX_RULES]))


def evaluate(
    policy: SignaturePolicyEnvelope | bytes, identities: Sequence[ValidatedIdentity], msps: MspManager
) -> bool:
    """Whether the identities satisfy the policy, by Fabric's rule: greedy from left to right, each identity used once."""
    return compile(policy).evaluate(identities, msps)


def _gate(rule: Any, principals: list[Any], depth: int, budget: list[int]) -> _Gate:
    budget[0] -= 1
    if depth > _MAX_DEPTH or budget[0] < 0:
        raise PolicyError("the policy is too large")
    kind = rule.WhichOneof("Type")
    if kind == "signed_by":
        principal = _principal_at(principals, rule.signed_by)

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
        return satisfied >= needed

    return counted


# Who could satisfy it --------------------------------------------------------------------------------------------


def combinations(policy: SignaturePolicyEnvelope | bytes) -> list[Combination]:
    """The smallest combinations of principals that satisfy the policy, fewest signatures first.

    PolicyError if there are more than 10,000 (`OutOf(10, ...)` over twenty principals, say).
    """
    envelope = _envelope(policy)
    names = [principal_name(p) for p in envelope.identities]
    found = _minimal(_combinations(envelope.rule, names, 0))
    return sorted(found, key=lambda c: (c.total(), sorted(c.elements())))


def minimal_sets(policy: SignaturePolicyEnvelope | bytes) -> list[frozenset[str]]:
    """As `combinations`, without saying how many signatures of one principal are needed."""
    found = dict.fromkeys(frozenset(c) for c in combinations(policy))
    return [s for s in found if not any(other < s for other in found)]


def missing(
    policy: SignaturePolicyEnvelope | bytes, identities: Sequence[ValidatedIdentity], msps: MspManager
) -> list[Combination]:
    """Who has still to sign: the smallest combinations that would complete `identities`; [] if nothing is missing.

    An empty list also for a policy that nobody can ever satisfy is avoided: that raises PolicyError.
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


def _combinations(rule: Any, names: list[str], depth: int) -> list[Combination]:
    if depth > _MAX_DEPTH:
        raise PolicyError(f"the policy is nested deeper than {_MAX_DEPTH}")
    kind = rule.WhichOneof("Type")
    if kind == "signed_by":
        return [Counter({_principal_at(names, rule.signed_by): 1})]
    if kind != "n_out_of":
        raise PolicyError("the policy has an empty rule")
    needed = max(rule.n_out_of.n, 0)
    # ways[k]: combinations that satisfy k of the rules seen so far
    ways: list[list[Combination]] = [[Counter()]] + [[] for _ in range(min(needed, len(rule.n_out_of.rules)))]
    if needed > len(rule.n_out_of.rules):
        return []
    for sub_rule in rule.n_out_of.rules:
        options = _combinations(sub_rule, names, depth + 1)
        for k in range(needed, 0, -1):
            ways[k] = _minimal([*ways[k], *(a + b for a in ways[k - 1] for b in options)])
    return ways[needed]


def _minimal(found: list[Combination]) -> list[Combination]:
    distinct = list({frozenset(c.items()): c for c in found}.values())
    if len(distinct) > _MAX_COMBINATIONS:
        raise PolicyError(f"the policy can be satisfied in more than {_MAX_COMBINATIONS} ways")
    if len(distinct) > 500:  # comparing all pairs would take longer than the shorter list is worth
        return distinct
    return [c for c in distinct if not any(other != c and other <= c for other in distinct)]


# Parsing ---------------------------------------------------------------------------------------------------------


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

    def _rule(self, depth: int) -> SignaturePolicy:
        self.rules += 1
        if depth > _MAX_DEPTH or self.rules > _MAX_RULES:
            raise PolicyError("the policy is too large")
        if self.kind == "text":
            return self._principal()
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
        rules = [self._rule(depth + 1)]
        while self.kind == "sign" and self.value == ",":
            self._advance()
            rules.append(self._rule(depth + 1))
        self._sign(")")
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

    def _principal(self) -> SignaturePolicy:
        name = self.value[1:-1]
        match = _PRINCIPAL.fullmatch(name)
        if match is None:
            raise PolicyError(f"{name!r} at {self.position} is not a principal such as 'Org1MSP.peer'")
        self.principals.append(role_principal(match[1], match[2]))
        self._advance()
        return SignaturePolicy(signed_by=len(self.principals) - 1)


def _principal_at(items: Sequence[T], index: int) -> T:
    if not 0 <= index < len(items):
        raise PolicyError(f"the policy refers to principal {index}, but has only {len(items)}")
    return items[index]


def _decode(kind: Any, data: bytes) -> Any:
    try:
        return decode(kind, data, "policy")
    except DecodeError as e:
        raise PolicyError(str(e)) from e


def _envelope(policy: SignaturePolicyEnvelope | bytes) -> Any:
    return _decode(SignaturePolicyEnvelope, policy) if isinstance(policy, bytes) else policy
