"""What an audit found, kept within bounds: each finding with block, transaction and signer."""

from __future__ import annotations

from apps.health_slots.ledger import LedgerTransaction
from apps.health_slots.model import REASON_TITLES, Finding
from baas.errors import Text

MAX_FINDINGS = 20_000
"""Findings that a report lists; an alarm takes the place of the last one that is none."""


class Findings:
    """Findings of one hospital, or of all; those that are nobody's own (chain, roles) always count."""

    def __init__(self, hospital: str) -> None:
        self._only = hospital
        self._found: list[Finding] = []

    def add(
        self,
        kind: str,
        severity: str,
        where: str,
        tx: LedgerTransaction | None,
        block: int,
        text: Text,
        reason: str = "",
        *,
        of: str | None = None,
    ) -> None:
        """Keep a finding; `of` is the hospital where `where` does not begin with it."""
        hospital = where.partition(".")[0] if of is None else of
        if self._only and hospital and hospital != self._only:
            return
        if reason:
            why = REASON_TITLES.get(reason, Text(reason, reason))
            text = Text("{what}（{why}）", "{what} ({why})", what=text, why=why)
        found = Finding(
            kind,
            severity,
            where,
            block,
            tx.tx_id if tx else "",
            tx.signer if tx else "",
            text,
            reason,
            tx.time if tx else 0,
        )
        if len(self._found) < MAX_FINDINGS:
            self._found.append(found)
        elif severity == "alarm":
            last = next((i for i in range(MAX_FINDINGS - 1, -1, -1) if self._found[i].severity != "alarm"), None)
            if last is not None:
                self._found[last] = found

    def all(self) -> tuple[Finding, ...]:
        return tuple(self._found)
