"""Sizes are told by part, of a package and of the one before it."""

from __future__ import annotations

import importlib
import tarfile
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"


def test_sizes_before_and_after(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    sizes = importlib.import_module("sizes")
    lib = "lib/citychain/packages"
    for name, length in (
        (f"now/{lib}/PySide6/Qt/lib/libQt6Core.so.6", 3_000_000),
        (f"now/{lib}/shiboken6/a.so", 1_000_000),
        (f"now/{lib}/av.libs/libx265-1.so", 2_500_000),
        (f"now/{lib}/avahi/x", 10),
        (f"now/{lib}/baas/a.py", 1_200_000),
        (f"now/{lib}/baas/__pycache__/a.cpython-311.pyc", 1_500_000),
        ("now/lib/citychain/python/lib/python3.11/os.py", 1_100_000),
        ("now/share/man/man1/citychain.1.gz", 100),
        ("before/usr/lib/citychain/av.libs/libx265-1.so", 2_000_000),  # as before there was a Python of its own
        ("before/app-a/python/Lib/site-packages/numpy.libs/blas.dll", 1_400_000),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(length))
    with tarfile.open(tmp_path / "before.tar.xz", "w:xz") as archive:
        archive.add(tmp_path / "before", "citychain")
    monkeypatch.setattr("sys.argv", ["sizes.py", str(tmp_path / "before.tar.xz"), str(tmp_path / "now")])
    assert sizes.main() == 0
    rows = {row.split(" | ")[0].strip("| "): row.split(" | ")[1:] for row in capsys.readouterr().out.splitlines()}
    assert rows["Qt, PySide6"] == ["0.0", "4.0 |"]
    assert rows["FFmpeg, PyAV"] == ["2.0", "2.5 |"]
    assert rows["CityChain"] == ["0.0", "1.2 |"]
    assert rows["compiled modules"] == ["0.0", "1.5 |"]
    assert rows["Python"] == ["0.0", "1.1 |"]
    assert rows["NumPy"] == ["1.4", "0.0 |"]
    assert rows["2 others"] == ["0.0", "0.0 |"]
    assert rows["in all"] == ["3.4", "10.3 |"]
