"""The interface against its own document: requests made from it, right and wrong ones, by a tool that is not ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from baas.api import server
from baas.api.tokens import TokenStore
from baas.jobs import NULL_CONTEXT, JobContext
from tests.baas.api.conftest import Served, serving

TOOL = Path(sys.executable).parent / "schemathesis"


@pytest.fixture
def unharmed(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The same interface; stopping the network that other tests share, and ending its own token, do nothing."""

    def nothing(_self: Any, name: str = "", node: str | None = None, *, ctx: JobContext = NULL_CONTEXT) -> None:
        return None

    monkeypatch.setattr(type(served.platform.networks), "start", nothing)
    monkeypatch.setattr(type(served.platform.networks), "stop", nothing)
    monkeypatch.setattr(TokenStore, "revoke", lambda self, id: self.get(id))
    # The tool also asks without a token, as fast as the machine lets it: here it is always too fast.
    monkeypatch.setattr(server, "STRANGER_RATE", 1e-6)
    monkeypatch.setattr(server, "STRANGER_BURST", 1)
    with serving(served.platform, served.network, served.all_scopes.identity, stream_s=0.1) as found:
        yield found


@pytest.mark.interop
@pytest.mark.timeout(900)
@pytest.mark.skipif(not (TOOL.exists() or shutil.which("schemathesis")), reason="schemathesis is not installed")
def test_the_server_answers_as_its_document_says(unharmed: Served, tmp_path: Path) -> None:
    """Every check there is, of every operation: statuses, types, schemas, what must be taken and what refused."""
    config = tmp_path / "schemathesis.toml"
    config.write_text("[checks.not_a_server_error]\nenabled = true\n", "utf-8")
    done = subprocess.run(
        [str(TOOL), "--config-file", str(config), "run", f"{unharmed.url}/api/v1/openapi.json",
         "--header", f"Authorization: Bearer {unharmed.everything}", "--checks", "all", "--max-examples", "8",
         "--continue-on-failure", "--no-color", "--seed", "1", "--suppress-health-check", "all",
         "--request-timeout", "60"],
        check=False, capture_output=True, timeout=800, cwd=tmp_path,
    )  # fmt: skip
    said = "\n".join(line[:300] for line in done.stdout.decode().splitlines())
    assert done.returncode == 0, said[-12_000:] + done.stderr.decode()[-2_000:]
