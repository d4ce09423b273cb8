"""A hospital's schedule as a file: read, check line by line, turn into sessions; nothing is half-imported."""

from apps.health_slots.schedule.checking import ANY_DAY, Preview, preview_file
from apps.health_slots.schedule.habits import Habits, Question, answer
from apps.health_slots.schedule.staging import BadLine, SessionDraft
from apps.health_slots.schedule.tables import MAX_BYTES, MAX_ROWS

__all__ = [
    "ANY_DAY",
    "MAX_BYTES",
    "MAX_ROWS",
    "BadLine",
    "Habits",
    "Preview",
    "Question",
    "SessionDraft",
    "answer",
    "preview_file",
]
