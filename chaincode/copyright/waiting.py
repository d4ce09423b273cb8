"""Who must act next on a record, and whom it concerns: what the inboxes of parties and of the office are made of."""

from __future__ import annotations

from typing import Any

OFFICE = "office"
"""Stands for the registration office's registrars among the parties (no party's name lacks a slash)."""

_ROLES = ("licensor", "licensee", "seller", "to", "pledgor", "pledgee", "applicant", "claimant", "reporter")
_OFFICE_STATES = {
    "registration": ("SUBMITTED", "VERIFYING", "ACCEPTED", "EXAMINING", "APPROVED", "CERTIFIED"),
    "pledge": ("AGREED",),
    "change": ("REQUESTED",),
    "dispute": ("OPEN",),
}
_OFFERS = {("licence", "OFFERED"): "licensee", ("transfer", "PROPOSED"): "to", ("pledge", "PROPOSED"): "pledgee"}
_OTHERS = {
    ("usage", "REPORTED"): "licensor",
    ("registration", "CORRECTION"): "applicant",
    ("infringement", "REPORTED"): "reporter",
    ("infringement", "EVIDENCED"): "reporter",
}


def waiting_for(record: dict[str, Any]) -> list[str]:
    """The parties whose act comes next, `OFFICE` among them, sorted; nobody for what is at rest."""
    kind, state = record.get("type", ""), record.get("state", "")
    if state in _OFFICE_STATES.get(kind, ()):
        return [OFFICE]
    found: set[str] = set()
    if (kind, state) in _OFFERS:
        found = {party for party, given in record["consents"].items() if not given}
        found.add(record[_OFFERS[kind, state]])
    elif (kind, state) in _OTHERS:
        found = {record[_OTHERS[kind, state]]}
    elif kind == "licence" and state == "ACTIVE" and record.get("termination_asked"):
        found = {record["licensee"]}
    return sorted(found)


def concerned(record: dict[str, Any]) -> list[str]:
    """Every party that a record names, sorted."""
    found = {record[role] for role in _ROLES if record.get(role)}
    return sorted(found | set(record.get("consents") or ()))
