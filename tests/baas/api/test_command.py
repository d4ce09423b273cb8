"""`citychain serve api` as somebody runs it: another program makes a token, uses it, ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from baas.platform import Platform
from network.processes import NO_WINDOW


@pytest.mark.skipif(sys.platform == "win32", reason="it is ended by a signal")
def test_served_by_command_with_a_token_by_command(paper: Platform) -> None:
    folder = paper.workspace.folder
    paper.close()
    command = [sys.executable, "-m", "baas.cli", "--workspace", str(folder), "--lang", "en", "--json"]

    def run(*words: str) -> dict[str, str]:
        done = subprocess.run([*command, *words], check=True, capture_output=True, timeout=60)
        return dict(json.loads(done.stdout))

    server = subprocess.Popen(
        [*command, "serve", "api"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, creationflags=NO_WINDOW
    )
    try:
        assert server.stdout is not None
        shown = b"".join(iter(server.stdout.readline, b"}\n")) + b"}"
        url = json.loads(shown)["address"].rstrip("/")
        made = run("api", "token", "new", "tool", "--scope", "networks.read")
        headers = {"Authorization": f"Bearer {made['token']}"}
        assert httpx.get(f"{url}/api/v1/networks", headers=headers).json()["items"][0]["name"] == "city"
        assert httpx.get(f"{url}/n/city").status_code == 404
        run("api", "publish", "city")
        assert httpx.get(f"{url}/n/city").status_code == 200
        run("api", "token", "revoke", made["id"])
        assert httpx.get(f"{url}/api/v1/networks", headers=headers).status_code == 401
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    finally:
        server.kill()
        out, err = server.communicate()
    assert made["token"].encode() not in out + err
    assert not [one for one in Path(folder).rglob("*") if one.is_file() and made["token"].encode() in one.read_bytes()]
