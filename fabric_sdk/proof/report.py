"""What a check found, and the one word for it all: agrees, consistent, invalid or unreadable."""

from __future__ import annotations

from typing import Any, NamedTuple

from fabric_sdk.proof.wire import Broken

AGREES, CONSISTENT, INVALID, UNREADABLE = "agrees", "consistent", "invalid", "unreadable"
EXIT_CODES = {AGREES: 0, UNREADABLE: 2, INVALID: 4, CONSISTENT: 5}
OK, NOTE, LOW, CAP, BAD = "ok", "note", "low", "cap", "bad"


class Finding(NamedTuple):
    """One finding. `state`: ok; note; low (the sentence says less); cap (no more than consistent); bad."""

    state: str
    code: str
    part: str
    values: dict[str, Any]


class Report:
    """The findings in order, and the facts that the proof shows (all out of signed bytes)."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.facts: dict[str, Any] = {}
        self._unreadable = False

    def add(self, state: str, code: str, part: str = "", **values: Any) -> None:
        """Note a finding."""
        self.findings.append(Finding(state, code, part, values))

    def broken(self, error: Broken, part: str = "") -> None:
        """Note what did not hold."""
        self.add(BAD, error.code, error.part or part, **error.values)

    def give_up(self, code: str, part: str = "", **values: Any) -> None:
        """This is not a proof at all, or more than can be checked."""
        self._unreadable = True
        self.add(BAD, code, part, **values)

    def has(self, *states: str) -> bool:
        """Whether there is a finding of one of these states."""
        return any(one.state in states for one in self.findings)

    @property
    def verdict(self) -> str:
        if self._unreadable:
            return UNREADABLE
        return INVALID if self.has(BAD) else CONSISTENT if self.has(CAP) else AGREES

    @property
    def complete(self) -> bool:
        """Whether nothing lowers the sentence."""
        return self.verdict == AGREES and not self.has(LOW)

    @property
    def first_bad(self) -> Finding | None:
        return next((one for one in self.findings if one.state == BAD), None)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: verdict, findings, facts."""
        findings = [{"state": o.state, "code": o.code, "part": o.part, "values": o.values} for o in self.findings]
        return {"verdict": self.verdict, "complete": self.complete, "findings": findings, "facts": self.facts}
