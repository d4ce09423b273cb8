"""The platform's permissions of this application, by name: a string that is mistyped allows nothing."""

from __future__ import annotations

READ, DEPOSIT, REVIEW, LICENSE, EVIDENCE, SERVE = (
    "copyright.read",
    "copyright.deposit",
    "copyright.review",
    "copyright.license",
    "copyright.evidence",
    "copyright.serve",
)
