"""Web capture for infringement cases: what a page showed, when, from where, with what program; hashed and kept at once.

在线诉讼规则 arts. 16–18 look at what came before the chain, so the capture carries its own circumstances: request and
answer headers, the addresses the name resolved to, the TLS certificate, a log of every step with its time, and a check
of the machine it ran on. Everything is bounded: a page that never ends is cut and said to be cut.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from baas.content import ContentStore
from baas.errors import Text, Unavailable, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock
from network.processes import NO_WINDOW

MAX_PAGE = 16 << 20
MAX_DOM = 32 << 20
PAGE_SECONDS = 30.0
BROWSER_SECONDS = 60.0
STOP_LOADING_MS = 20_000
"""A page that still loads then is shown as far as it came."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "chrome")


@dataclass(frozen=True)
class Capture:
    """A kept capture: the archive's CID and SHA-256, when it was made, and what is in it."""

    url: str
    captured: str
    cid: str
    sha256: str
    size: int
    parts: tuple[str, ...]
    complete: bool

    def evidence(self) -> dict[str, str]:
        """As the contract takes it."""
        return {"kind": "web_capture", "cid": self.cid, "sha256": self.sha256, "captured": self.captured}


@dataclass
class _Log:
    lines: list[dict[str, str]] = field(default_factory=list)

    def note(self, step: str, **facts: object) -> None:
        now = clock.now().isoformat(timespec="milliseconds")
        self.lines.append({"at": now, "step": step} | {key: str(value)[:2000] for key, value in facts.items()})


def find_browser(given: Path | None = None) -> Path | None:
    """The Chromium to use: the one given, else what is installed; None if there is none."""
    if given is not None:
        if not given.is_file():
            raise UserError(Text("没有浏览器程序 {p}。", "There is no browser {p}.", p=str(given)))
        return given
    for name in _PROGRAMS:
        if found := shutil.which(name):
            return Path(found)
    return None


def capture_page(
    url: str, content: ContentStore, browser: Path | None = None, *, ctx: JobContext = NULL_CONTEXT
) -> Capture:
    """Capture a page and keep the archive in the content store. `UserError` for an address that is none,
    `Unavailable` when the page cannot be fetched; then nothing is kept."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(Text("网址不正确：{u}", "Not a web address: {u}", u=url[:200]), code="bad_url")
    log = _Log()
    log.note("begin", url=url)
    files: dict[str, bytes] = {}
    ctx.step("fetch", Text("取得网页", "Fetch the page"))
    files |= _fetch(url, parts.hostname, log)
    complete = "cut" not in json.loads(files["answer.json"])
    ctx.check_cancelled()
    program = find_browser(browser)
    ctx.step("render", Text("浏览器截图", "Take a screenshot"))
    if program is None:
        log.note("browser", found="none; no screenshot was taken")
        complete = False
    else:
        shown = _render(url, program, log)
        files |= shown
        complete = complete and "screenshot.png" in shown
    ctx.check_cancelled()
    files["environment.json"] = _json(_environment(program))
    log.note("end")
    files["log.json"] = _json(log.lines)
    captured = log.lines[0]["at"]
    archive = _archive(files, url, captured)
    ctx.step("keep", Text("存入内容仓库", "Keep it in the content store"))
    cid = content.add(io.BytesIO(archive), name=f"capture {parts.hostname} {captured}"[:200])
    digest = hashlib.sha256(archive).hexdigest()
    return Capture(url, captured, cid, digest, len(archive), tuple(sorted(files)), complete)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _fetch(url: str, host: str, log: _Log) -> dict[str, bytes]:
    """The answer as the server sent it: body (bounded), headers, addresses, TLS certificate."""
    addresses = []
    with contextlib.suppress(OSError):
        addresses = sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None)})
    log.note("resolve", host=host, addresses=", ".join(addresses))
    answer: dict[str, Any] = {"url": url, "addresses": addresses}
    body = bytearray()
    deadline = time.monotonic() + PAGE_SECONDS
    files: dict[str, bytes] = {}
    try:
        with (
            httpx.Client(timeout=10.0, follow_redirects=True, max_redirects=10, trust_env=False) as client,
            client.stream("GET", url, headers={"User-Agent": "Mozilla/5.0 (citychain evidence capture)"}) as response,
        ):
            answer |= {
                "status": response.status_code,
                "http": response.http_version,
                "final_url": str(response.url),
                "redirects": [str(one.url) for one in response.history],
                "request_headers": list(response.request.headers.items()),
                "headers": list(response.headers.multi_items()),
            }
            stream = response.extensions.get("network_stream")
            if stream is not None:
                answer["peer"] = str(stream.get_extra_info("server_addr"))
                tls = stream.get_extra_info("ssl_object")
                if tls is not None and (der := tls.getpeercert(binary_form=True)):
                    files["tls-certificate.der"] = der
                    answer["tls"] = {"version": tls.version(), "cipher": tls.cipher()[0]}
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MAX_PAGE or time.monotonic() > deadline:
                    answer["cut"] = f"after {len(body)} bytes"
                    break
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unavailable(
            Text("无法取得网页 {u}：{w}", "The page {u} cannot be fetched: {w}", u=url[:200], w=str(error)[:200]),
            Text("请确认网址可以访问后重试。", "Check that the address can be reached, then try again."),
            code="capture_unreachable",
        ) from error
    files["page.bin"] = bytes(body[:MAX_PAGE])
    files["answer.json"] = _json(answer)
    log.note("fetched", status=answer["status"], bytes=len(body), cut=answer.get("cut", "no"))
    return files


def _render(url: str, program: Path, log: _Log) -> dict[str, bytes]:
    """Screenshot and the page's document as the browser made it; what fails is said in the log."""
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="citychain-capture-", ignore_cleanup_errors=True) as folder:
        common = [
            str(program),
            "--headless=new",
            "--disable-gpu",
            "--disable-extensions",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            "--mute-audio",
            "--window-size=1366,2400",
            f"--user-data-dir={folder}/profile",
            f"--disk-cache-dir={folder}/cache",
            "--virtual-time-budget=15000",
            f"--timeout={STOP_LOADING_MS}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            common.append("--no-sandbox")  # Chromium refuses to run as root otherwise
        shot = Path(folder) / "screenshot.png"
        log.note("browser", program=program.name, version=_version(program))
        _run([*common, f"--screenshot={shot}", url], log, "screenshot")
        if shot.exists():
            files["screenshot.png"] = shot.read_bytes()
        if dom := _run([*common, "--dump-dom", url], log, "dom"):
            files["dom.html"] = dom[:MAX_DOM]
    return files


def _run(command: list[str], log: _Log, what: str) -> bytes:
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name != "nt",
            creationflags=NO_WINDOW,
        )
        try:
            code: object = process.wait(BROWSER_SECONDS)
        except subprocess.TimeoutExpired:
            code = "stopped after too long"
            _end(process)
        out.seek(0)
        body = out.read(MAX_DOM + 1)
    log.note(what, exit=code, bytes=len(body))
    return body


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with everything it started."""
    import psutil

    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
        for one in family:
            with contextlib.suppress(psutil.Error):
                one.kill()
    process.kill()
    process.wait(10)


def _version(program: Path) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            [str(program), "--version"], capture_output=True, timeout=10, creationflags=NO_WINDOW, check=False
        )
        return done.stdout.decode("utf-8", "replace").strip()[:100]
    return ""


def _environment(program: Path | None) -> dict[str, Any]:
    """The machine's cleanness check: what could have shown another page than the server sent."""
    proxies = sorted(name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy"))
    hosts = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32/drivers/etc/hosts")
    hosts = hosts if sys.platform == "win32" else Path("/etc/hosts")
    entries = []
    with contextlib.suppress(OSError):
        for line in hosts.read_text(errors="replace").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                entries.append(line.strip())
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "browser": _version(program) if program else "",
        "browser_sha256": _hash(program) if program else "",
        "proxies_set": proxies,
        "proxies_used": False,
        "hosts_entries": entries[:200],
        "clock": clock.now().isoformat(),
        "fresh_browser_profile": True,
    }


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with contextlib.suppress(OSError), path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _archive(files: dict[str, bytes], url: str, captured: str) -> bytes:
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    files = files | {"manifest.json": _json({"url": url, "captured": captured, "sha256": hashes})}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
