"""An authority's files and keys, killed at every write: what it leaves each time is looked at by the test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from network import succession
from network.material import OrganizationCA


def killed_at_every_write(
    ca: OrganizationCA, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> Iterator[int]:
    """Begin `act` again and again, killed at its first write, its second, …; yield how many it was each time.

    After each look files and keys are as they were before; it ends when `act` comes to its end.
    """
    for count in itertools.count(1):
        left = [count]

        def dies(step: Any, left: list[int] = left) -> Any:
            def call(*given: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] == 0:
                    raise KeyboardInterrupt
                return step(*given, **named)

            return call

        vault: Any = ca._vault
        keys, files = dict(vault._keys), {p: p.read_bytes() for p in (ca.directory / "ca").iterdir()}
        with monkeypatch.context() as patched:
            patched.setattr(succession, "write_public", dies(succession.write_public))
            patched.setattr(vault, "put", dies(vault.put))
            patched.setattr(vault, "remove", dies(vault.remove))
            patched.setattr(Path, "unlink", dies(Path.unlink))
            try:
                act()
            except KeyboardInterrupt:
                pass
            else:
                return
        yield count
        for path in (ca.directory / "ca").iterdir():
            path.unlink()
        for path, data in files.items():
            path.write_bytes(data)
        vault._keys = keys
        ca._signing = ca._tls = None
