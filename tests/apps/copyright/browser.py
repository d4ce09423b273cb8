"""Runs the static verifier page in a real headless Chromium and brings back what it found.

The page is served on loopback with one line added that checks a package fetched from the same server and posts the
report back; the product's page itself has no network access at all.
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fabric_sdk.proof.bundle import made

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RUNNER = """<script>(async () => {
  const own = await fetch("/card"), card = own.ok ? readCard(new Uint8Array(await own.arrayBuffer())) : null;
  for (let n = 0; ; n++) {
    const answer = await fetch("/package/" + n); if (!answer.ok) break; const blob = await answer.blob(), began =
    performance.now(); const report = await checkPackage(blob, card, []); const words = ["zh", "en"].map(language => {
    const teller = new Teller(language); return [...teller.verdict(report), ...teller.sections(report).flatMap(one =>
    [one.heading, ...one.lines])]; }); const said = { ...report.toObject(), words, seconds: (performance.now() -
    began) / 1000, error: report.error || "" }; await fetch("/report", { method: "POST", body: JSON.stringify(said)
    });
  }
})()</script></body>"""


def check_in_browser(packages: list[bytes], card: bytes = b"", timeout: float = 60.0) -> list[dict[str, Any]]:
    """The page's reports for each package, in order, with what it says of them in both languages."""
    assert CHROMIUM
    page = made("apps.copyright.evidence")["verify.html"].decode()
    page = page.replace("default-src 'none'", "default-src 'none'; connect-src 'self'").replace("</body>", RUNNER)
    reports: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = self.path.rpartition("/")[2]
            if self.path == "/":
                self._answer(200, page.encode(), "text/html; charset=utf-8")
            elif self.path == "/card" and card:
                self._answer(200, card, "application/json")
            elif self.path.startswith("/package/") and int(number) < len(packages):
                self._answer(200, packages[int(number)], "application/zip")
            else:
                self._answer(404, b"", "text/plain")

        def do_POST(self) -> None:
            reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(200, b"", "text/plain")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    profile = tempfile.mkdtemp(prefix="citychain-chromium-")
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    browser = subprocess.Popen(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        return [reports.get(timeout=timeout) for _ in packages]
    finally:
        browser.terminate()
        browser.wait(20)
        server.shutdown()
        server.server_close()
        shutil.rmtree(profile, ignore_errors=True)
