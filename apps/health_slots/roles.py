"""Who people are in 号源链."""

from __future__ import annotations

from baas.errors import Text
from baas.roles import EVERYONE, LEDGER_EXPORT, LEDGER_READ, NETWORK_READ, application_role

HOSPITAL_STAFF = application_role(
    "hospital_staff", Text("医院职员", "Hospital staff"), frozenset({LEDGER_READ, NETWORK_READ})
)
AUTHORITY = application_role("authority", Text("主管部门", "Authority"), EVERYONE | {LEDGER_EXPORT})
SERVICE = application_role("slots_service", Text("号源服务", "Slots service"), frozenset({LEDGER_READ, NETWORK_READ}))
"""A program that serves board or portals under a certificate of its own; nobody's."""
