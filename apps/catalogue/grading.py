"""How results of clauses become a score and a grade; the contract, reports and strangers count alike."""

from collections.abc import Iterable, Mapping
from typing import Any

LEAST = (("A", 90), ("B", 75), ("C", 60))


def graded(clauses: Iterable[Mapping[str, Any]], results: Mapping[str, str]) -> tuple[int, str]:
    """Score (0 to 100, rounded down) and grade: a clause that is partly met counts half, one that nobody could look
    at nothing. With an obligatory clause not wholly met the grade is B at best, with more than two C."""
    whole = reached = lacking = 0
    for one in clauses:
        result, points = results[one["clause"]], 2 * int(one["points"])
        whole += points
        reached += points if result == "met" else points // 2 if result == "partly" else 0
        lacking += bool(one["must"]) and result != "met"
    score = 100 * reached // whole if whole else 0
    best = "A" if not lacking else "B" if lacking <= 2 else "C"
    grade = next((grade for grade, least in LEAST if score >= least), "D")
    return score, max(best, grade)
