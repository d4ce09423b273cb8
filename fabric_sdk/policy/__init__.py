"""Signature policies: read, write and evaluate them, say who could satisfy them, and put them into sentences.

The language is Fabric's (documentation, "Endorsement policies"): `AND`, `OR`, `OutOf(n, ...)` over quoted principals
`'Org1MSP.peer'` with the roles member, admin, client, peer, orderer.
"""

from fabric_sdk.policy.evaluation import CompiledPolicy, compile, evaluate
from fabric_sdk.policy.explanation import explain, explain_missing
from fabric_sdk.policy.language import (
    application_policy,
    format,
    format_application_policy,
    format_implicit_meta,
    n_out_of,
    parse,
    parse_implicit_meta,
    signed_by_any,
)
from fabric_sdk.policy.options import Combination, combinations, minimal_sets, missing
from fabric_sdk.policy.principals import ROLES, principal_msp_id, principal_name, role_principal

__all__ = [
    "ROLES",
    "Combination",
    "CompiledPolicy",
    "application_policy",
    "combinations",
    "compile",
    "evaluate",
    "explain",
    "explain_missing",
    "format",
    "format_application_policy",
    "format_implicit_meta",
    "minimal_sets",
    "missing",
    "n_out_of",
    "parse",
    "parse_implicit_meta",
    "principal_msp_id",
    "principal_name",
    "role_principal",
    "signed_by_any",
]
