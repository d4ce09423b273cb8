"""How commands show the years of working days that a ledger knows."""

from __future__ import annotations

from baas.cli.kit import Cli, columns
from baas.errors import Text
from baas.working_days import guessed, guessed_words, rows
from chaincode.working_days import WorkingDays

_YEARS = columns(
    year=("年", "Year"),
    known=("已知", "Known"),
    days_off=("放假天数", "Days off"),
    worked=("调休上班", "Worked weekends"),
    source=("出处", "Source"),
)


def show_calendar(cli: Cli, days: WorkingDays, command: str, changed: tuple[str, ...] = ()) -> None:
    """Print the years, and how to import those that are computed from weekends."""
    found = rows(days)
    missing = guessed(days)
    if cli.json:
        cli.show({"years": found, "computed_from_weekends": missing, "changed": changed})
        return
    cli.show([{**row, "year": str(row["year"])} for row in found], _YEARS)
    if changed:
        cli.say(Text("已写入：{w}。", "Written for: {w}.", w=", ".join(changed)))
    note = guessed_words(missing, command)
    if note is not None:
        cli.say(note)
