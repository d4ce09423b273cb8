"""A hospital's schedule as a file: read, check line by line, turn into sessions; nothing is half-imported."""

from apps.health_slots.schedule.checking import Preview, preview_file
from apps.health_slots.schedule.reading import MAX_BYTES, MAX_ROWS
from apps.health_slots.schedule.staging import BadLine, SessionDraft

__all__ = ["MAX_BYTES", "MAX_ROWS", "BadLine", "Preview", "SessionDraft", "preview_file"]
