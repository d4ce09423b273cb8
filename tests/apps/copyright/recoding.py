"""A sound and a film of their own for each seed."""

from __future__ import annotations

from pathlib import Path

from apps.copyright.synthetic import melody, scenes, write_film, write_sound


def tone(path: Path, *, seconds: float, seed: int, bit_rate: int = 0) -> Path:
    """A melody of its own for each seed."""
    return write_sound(path, melody(seconds, seed), bit_rate)


def film(path: Path, *, size: tuple[int, int], seed: int, seconds: float = 8.0) -> Path:
    """A silent film of its own for each seed."""
    return write_film(path, scenes(seed, (320, 240), seconds), size)
