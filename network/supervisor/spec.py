"""What the supervisor and its client agree on: process descriptions and files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fabric_sdk.files import replace_file

CONTROL_FILE = "supervisor.json"
PROCESSES_FILE = "processes.json"
PIDS_FILE = "pids.json"
LOG_FILE = "supervisor.log"
GENERATION = 3
"""What a running supervisor understands: from 2 on `env_files`, from 3 on holding programs still."""
MAX_MESSAGE = 4 * 1024 * 1024


@dataclass(frozen=True)
class ProcessSpec:
    """A program to keep running.

    `env` is added to a small inherited environment; it holds settings and paths, never secrets. `env_files` are
    variables whose values are read out of (private) files at each start. `log` is the file that takes its output.
    `stop_seconds` is how long it may take to end when asked before it is killed.
    """

    name: str
    argv: tuple[str, ...]
    log: str
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: float = 10.0
    wanted: bool = True
    env_files: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return what `of` reads; what a supervisor of before does not know is left out where it says nothing."""
        values = asdict(self)
        if not self.env_files:
            values.pop("env_files")
        return values

    @classmethod
    def of(cls, document: Mapping[str, object]) -> ProcessSpec:
        """Read what `asdict` wrote."""
        values = dict(document)
        values["argv"] = tuple(values["argv"])  # type: ignore[arg-type]
        return cls(**values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class ProcessState:
    """One supervised program now; `since` is seconds since the epoch, `exit_code` of its last end by itself."""

    name: str
    state: str
    pid: int | None = None
    restarts: int = 0
    since: float | None = None
    exit_code: int | None = None
    wanted: bool = True


def write_json(path: Path, document: object) -> None:
    """Write a private JSON file whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=False)
    replace_file(temporary, path)


def read_json(path: Path) -> dict[str, object]:
    """Read a JSON object; empty when the file is missing or broken (its writer was killed long ago)."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def load_processes(directory: Path) -> dict[str, ProcessSpec]:
    """Return the wanted processes of a run folder by name."""
    result: dict[str, ProcessSpec] = {}
    for name, document in read_json(directory / PROCESSES_FILE).items():
        if isinstance(document, dict):
            result[name] = ProcessSpec.of(document)
    return result


def save_processes(directory: Path, processes: Mapping[str, ProcessSpec]) -> None:
    """Write the wanted processes of a run folder."""
    write_json(directory / PROCESSES_FILE, {name: spec.document() for name, spec in processes.items()})
