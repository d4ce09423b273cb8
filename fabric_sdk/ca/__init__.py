"""Fabric CA as a client sees it: enrolment, registration, revocation."""

from fabric_sdk.ca.client import (
    REASONS,
    CaClient,
    CaInfo,
    Enrollment,
    RegisteredIdentity,
    Registration,
    Revoked,
)
from fabric_sdk.ca.errors import CaError

__all__ = [
    "REASONS",
    "CaClient",
    "CaError",
    "CaInfo",
    "Enrollment",
    "RegisteredIdentity",
    "Registration",
    "Revoked",
]
