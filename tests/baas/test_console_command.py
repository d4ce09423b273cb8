"""`citychain console --screenshots`: an empty workspace is filled when asked, refused otherwise, never filled twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from baas.cli.root import run as main


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Pictures that would have been taken."""
    seen: list[Path] = []

    def render(folder: Path, target: Path, *_: Any, size: tuple[int, int]) -> list[Path]:
        seen.append(target / f"{size[0]} by {size[1]}")
        return []

    monkeypatch.setattr("baas.cli.console._load", lambda reference: render)
    return seen


def test_an_empty_workspace_is_filled_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: list[Path]
) -> None:
    runs: list[str] = []

    def demo(platform: Any, options: Any, *, ctx: Any) -> dict[str, Any]:
        runs.append("demo")
        platform.networks.up(platform.networks.template("single", name="one", runtime="embedded"), ctx=ctx)
        return {}

    monkeypatch.setattr("baas.demo.run_demo", demo)
    base = ["--workspace", str(tmp_path / "w")]
    pictures = ["console", "--screenshots", str(tmp_path / "p")]
    assert main([*base, *pictures]) != 0
    assert (runs, drawn) == ([], [])
    try:
        assert main([*base, *pictures, "--fill"]) == 0
        assert main([*base, *pictures, "--fill"]) == 0
        assert (runs, len(drawn)) == (["demo"], 2)
        assert main([*base, *pictures, "--size", "1024x700"]) == 0
        assert [one.name for one in drawn] == ["1440 by 900"] * 2 + ["1024 by 700"]
        assert main([*base, *pictures, "--size", "small"]) == 2
        assert len(drawn) == 3
    finally:
        assert main([*base, "network", "destroy", "one", "--yes"]) == 0
    assert main([*base, "console", "--fill"]) == 2
