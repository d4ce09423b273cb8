"""Who must act next on a record, and whom it concerns: what the inboxes of parties and of the office are made of."""

from __future__ import annotations

from typing import Any

OFFICE = "office"
"""Stands for the registration office's registrars among the parties (no party's name lacks a slash)."""

_ROLES = ("applicant",)
_OFFICE_STATES = {
    "registration": ("SUBMITTED", "VERIFYING", "ACCEPTED", "EXAMINING", "APPROVED", "CERTIFIED"),
    "change": ("REQUESTED",),
}
_OTHERS = {("registration", "CORRECTION"): "applicant"}


def waiting_for(record: dict[str, Any]) -> list[str]:
    """The parties whose act comes next, `OFFICE` among them, sorted; nobody for what is at rest."""
    kind, state = record.get("type", ""), record.get("state", "")
    if state in _OFFICE_STATES.get(kind, ()):
        return [OFFICE]
    return [record[_OTHERS[kind, state]]] if (kind, state) in _OTHERS else []


def concerned(record: dict[str, Any]) -> list[str]:
    """Every party that a record names, sorted."""
    found = {record[role] for role in _ROLES if record.get(role)}
    return sorted(found | set(record.get("consents") or ()))
