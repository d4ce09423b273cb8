"""What the console shows of the catalogue: seals are shown where the audit log is."""

from __future__ import annotations

from typing import Any

PAGES: tuple[Any, ...] = ()
