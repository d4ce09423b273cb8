"""Who people are in 号源链."""

from __future__ import annotations

from baas.errors import Text
from baas.roles import EVERYONE, LEDGER_EXPORT, LEDGER_READ, NETWORK_READ, application_role

HOSPITAL_STAFF = application_role(
    "hospital_staff", Text("医院职员", "Hospital staff"), frozenset({LEDGER_READ, NETWORK_READ})
)
AUTHORITY = application_role("authority", Text("主管部门", "Authority"), EVERYONE | {LEDGER_EXPORT})
_DESK = frozenset({LEDGER_READ, NETWORK_READ})
CLERK = application_role("payment_clerk", Text("收费员", "Payment clerk"), _DESK)
PLATFORM = application_role("slots_platform", Text("号源平台专员", "Slots platform officer"), EVERYONE)
"""The platform's side: its party of draws, days' beacons, points."""
PATIENTS = application_role("patients_party", Text("患者方代表", "Patients' representative"), EVERYONE)
PORTAL_ADMIN = application_role("portal_admin", Text("门户管理员", "Portal administrator"), _DESK)
"""Admits the booking portals of the own organisation, sees them, takes their tokens away."""
SERVICE = application_role("slots_service", Text("号源服务", "Slots service"), frozenset({LEDGER_READ, NETWORK_READ}))
"""A program that serves board or portals under a certificate of its own; nobody's."""
