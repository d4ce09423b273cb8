"""Principals: what one signature of a policy must be (`Org1MSP.peer`), and the parts that all policy code shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from fabric_protos.common.policies_pb2 import SignaturePolicyEnvelope
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole, OrganizationUnit

from fabric_sdk.certificates import parse_certificate
from fabric_sdk.errors import DecodeError, FabricError, PolicyError
from fabric_sdk.identity import Identity
from fabric_sdk.wire import decode, encode

ROLES = ("member", "admin", "client", "peer", "orderer")
MAX_DEPTH = 50
"""Deepest nesting of gates that is read."""
MAX_RULES = 5000
"""Most rules that one policy may have."""
T = TypeVar("T")
_ROLE_NUMBERS = {name: MSPRole.MSPRoleType.Value(name.upper()) for name in ROLES}
_ROLE_NAMES = {number: name for name, number in _ROLE_NUMBERS.items()}


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
            subject = parse_certificate(identity.credentials).certificate.subject
            return f"identity({identity.msp_id}, {subject.rfc4514_string()})"
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


def principal_at(items: Sequence[T], index: int) -> T:
    if not 0 <= index < len(items):
        raise PolicyError(f"the policy refers to principal {index}, but has only {len(items)}")
    return items[index]


def decode_policy(kind: Any, data: bytes) -> Any:
    try:
        return decode(kind, data, "policy")
    except DecodeError as e:
        raise PolicyError(str(e)) from e


def envelope_of(policy: SignaturePolicyEnvelope | bytes) -> Any:
    return decode_policy(SignaturePolicyEnvelope, policy) if isinstance(policy, bytes) else policy
