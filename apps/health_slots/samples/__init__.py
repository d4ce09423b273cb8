"""A sample schedule of one hospital for a week, made for this project."""

from __future__ import annotations

import csv
import datetime as dt
from importlib import resources
from pathlib import Path

from baas.errors import translating

NAME = "schedule.csv"


def write_schedule(target: Path, first_day: dt.date) -> Path:
    """Write the sample schedule with its first day moved to `first_day` (UTF-8 with BOM, as Excel likes it)."""
    text = resources.files(__name__).joinpath(NAME).read_text(encoding="utf-8-sig")
    heading, *rows = list(csv.reader(text.splitlines()))
    column = heading.index("日期")
    begins = min(dt.date.fromisoformat(row[column]) for row in rows)
    for row in rows:
        row[column] = (first_day + (dt.date.fromisoformat(row[column]) - begins)).isoformat()
    with translating(), target.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return target
