"""`citychain demo` says what comes next: after a success, and after a failure how to go on or begin afresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from baas.applications import Applications
from baas.cli.root import run as main
from baas.errors import Text, Unavailable

RESULT = {
    "network": {"name": "city", "runtime": "embedded", "organizations": [], "first_commit_s": None},
    "ledger": {"height": 7, "verified": True},
}


def test_after_a_success_what_to_open_and_how_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("baas.demo.run_demo", lambda *_, ctx: RESULT)
    monkeypatch.setattr(Applications, "all", lambda _: [])
    base = ["--workspace", str(tmp_path / "w")]
    assert main([*base, "--lang", "zh", "demo"]) == 0
    assert (
        "网络 city 继续运行。接下来可打开控制台：citychain console；停止网络：citychain network stop city"
        in capsys.readouterr().out
    )
    assert main([*base, "--lang", "en", "demo"]) == 0
    assert "Network city runs on. Next, open the console: citychain console;" in capsys.readouterr().out
    assert main([*base, "demo", "--json"]) == 0
    assert "runs on" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("hint", "first"), [(Text("请检查磁盘。", "Look at the disk."), "Look at the disk.\n"), (None, "")]
)
def test_after_a_failure_how_to_go_on_or_begin_afresh(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hint: Text | None,
    first: str,
) -> None:
    made = False

    def demo(platform: Any, _options: Any, runtime: str, *, ctx: Any) -> None:
        monkeypatch.setattr(type(platform.networks), "names", lambda _: ["city"] if made else [])
        raise Unavailable(Text("节点没有应答。", "The node does not answer."), hint)

    monkeypatch.setattr("baas.demo.run_demo", demo)
    command = ["--workspace", str(tmp_path / "w"), "--lang", "en", "demo"]
    assert main(command) == 3
    assert "afresh" not in capsys.readouterr().err  # nothing was made that could be removed
    made = True
    assert main(command) == 3
    said = capsys.readouterr().err
    assert (
        f"{first}citychain demo goes on where it ended; to begin afresh, first run citychain network destroy city."
        in said
    )
    assert "Look at the disk." in said or hint is None
