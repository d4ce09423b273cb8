"""Web capture for infringement cases: what a page showed, when, from where, with what program; hashed and kept at once.

在线诉讼规则 arts. 16–18 look at what came before the chain, so the capture carries its own circumstances: request and
answer headers, the addresses the name resolved to, the TLS certificate, a log of every step with its time, and a check
of the machine it ran on. Everything is bounded: a page that never ends is cut and said to be cut. Without a browser
nothing is captured unless that is asked for, and then the evidence is called what it is: the page's source alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from apps.copyright import page_images
from apps.copyright.outward import Guard, Outlet, Refused, port_of
from baas.content import ContentStore
from baas.errors import Text, Unavailable, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock
from network.processes import NO_WINDOW

AGENT = "Mozilla/5.0 (citychain evidence capture)"
MAX_PAGE = 16 << 20
MAX_DOM = 32 << 20
PAGE_SECONDS = 30.0
BROWSER_SECONDS = 60.0
STOP_LOADING_MS = 20_000
"""A page that still loads then is shown as far as it came."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "chrome")


WEB_CAPTURE, WEB_SOURCE = "web_capture", "web_source"
"""A page as a browser showed it, and a page's source without one."""


@dataclass(frozen=True)
class Match:
    """A picture of the page that is the case's work or looks like it: its part, and what a search says of it."""

    part: str
    url: str
    method: str
    score: float
    detail: str


Compare = Callable[[bytes], tuple[str, float, str] | None]
"""What a picture is to the case's work: (method, score 0…1, detail), None for nothing."""
Stamping = Callable[[bytes], bytes | None]
"""A time-stamp token (RFC 3161) over a SHA-256 digest; None where no authority gives one."""


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
    rendered: bool = True
    matches: tuple[Match, ...] = ()
    page_sha256: str = ""
    stamped: bool = False
    status: int = 0

    def evidence(self) -> dict[str, str]:
        """As the contract takes it; what no browser showed is called so."""
        kind = WEB_CAPTURE if self.rendered else WEB_SOURCE
        return {"kind": kind, "cid": self.cid, "sha256": self.sha256, "captured": self.captured}


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
    url: str,
    content: ContentStore,
    browser: Path | None = None,
    *,
    source_only: bool = False,
    compare: Compare | None = None,
    stamp: Stamping | None = None,
    ctx: JobContext = NULL_CONTEXT,
) -> Capture:
    """Capture a page and keep the archive in the content store.

    `UserError` for an address that is none, (code `no_browser`) where no browser can show the page, unless
    `source_only` asks for its source alone, and (code `address_inside`) for a page that leads into this network, unless
    its own address is written in figures. `Unavailable` when the page cannot be fetched; then nothing is kept.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(Text("网址不正确：{u}", "Not a web address: {u}", u=url[:200]), code="bad_url")
    program = None if source_only else find_browser(browser)
    if program is None and not source_only:
        raise UserError(
            Text("没有可用的浏览器，不能截图取证。", "There is no browser to take a screenshot with."),
            Text(
                "请安装 Chromium、Chrome 或 Edge。只保存网页源代码用 --source-only，证据会注明没有截图。",
                "Install Chromium, Chrome or Edge. --source-only keeps the page's source alone and calls it so.",
            ),
            code="no_browser",
        )
    log, guard = _Log(), Guard(url)
    log.note("begin", url=url)
    files: dict[str, bytes] = {}
    ctx.step("fetch", Text("取得网页", "Fetch the page"))
    files |= _fetch(url, parts.hostname, log, guard)
    complete = "cut" not in json.loads(files["answer.json"])
    ctx.check_cancelled()
    if program is None:
        log.note("browser", found="none; no screenshot was taken, as asked")
        complete = False
    else:
        ctx.step("render", Text("浏览器截图", "Take a screenshot"))
        shown = _render(url, program, log, guard)
        files |= shown
        complete = complete and "screenshot.png" in shown and not json.loads(shown["browser.json"])["refused"]
    ctx.check_cancelled()
    ctx.step("images", Text("取得网页中的图片", "Fetch the page's pictures"))
    matches = _images(files, log, compare, guard)
    ctx.check_cancelled()
    files["environment.json"] = _json(_environment(program))
    log.note("end")
    files["log.json"] = _json(log.lines)
    captured = log.lines[0]["at"]
    archive, stamped = _archive(files, url, captured, rendered=program is not None, stamp=stamp)
    ctx.step("keep", Text("存入内容仓库", "Keep it in the content store"))
    cid = content.add(io.BytesIO(archive), name=f"capture {parts.hostname} {captured}"[:200])
    digest = hashlib.sha256(archive).hexdigest()
    return Capture(
        url=url,
        captured=captured,
        cid=cid,
        sha256=digest,
        size=len(archive),
        parts=tuple(sorted(files)),
        complete=complete,
        rendered=program is not None,
        matches=tuple(matches),
        page_sha256=hashlib.sha256(files["page.bin"]).hexdigest(),
        stamped=stamped,
        status=int(json.loads(files["answer.json"])["status"]),
    )


def _images(files: dict[str, bytes], log: _Log, compare: Compare | None, guard: Guard) -> list[Match]:
    """Put the page's pictures into `files`, and say which of them is the case's work or looks like it."""
    answer = json.loads(files["answer.json"])
    document = files.get("dom.html") or files["page.bin"]
    urls = page_images.named(document.decode("utf-8", "replace"), str(answer.get("final_url", answer["url"])))
    listed: list[dict[str, Any]] = []
    matches: list[Match] = []
    if urls:
        headers = {"User-Agent": AGENT, "Referer": str(answer.get("final_url", ""))}
        with guard.client(timeout=10.0, headers=headers) as client:
            found = page_images.fetch(urls, lambda step, facts: log.note(step, **facts), client)
        for number, image in enumerate(found, 1):
            part = page_images.name_of(number, image)
            files[part] = image.body
            entry: dict[str, Any] = {"part": part, "url": image.url, "type": image.media_type}
            entry["sha256"] = hashlib.sha256(image.body).hexdigest()
            if compare is not None and (said := compare(image.body)) is not None:
                matches.append(Match(part, image.url, *said))
                entry["alike"] = {"method": said[0], "score": round(said[1] * 100), "detail": said[2]}
            listed.append(entry)
    log.note("images", named=len(urls), kept=len(listed), alike=len(matches))
    files["images.json"] = _json(listed)
    return matches


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _fetch(url: str, host: str, log: _Log, guard: Guard) -> dict[str, bytes]:
    """The answer as the server sent it: body (bounded), headers, addresses, TLS certificate."""
    addresses: list[str] = []
    with contextlib.suppress(httpx.HTTPError, ValueError):
        addresses = sorted(guard.addresses(host, port_of(url)))
    log.note("resolve", host=host, addresses=", ".join(addresses))
    answer: dict[str, Any] = {"url": url, "addresses": addresses}
    body = bytearray()
    deadline = time.monotonic() + PAGE_SECONDS
    files: dict[str, bytes] = {}
    try:
        with (
            guard.client(timeout=10.0, follow_redirects=True, max_redirects=10) as client,
            client.stream("GET", url, headers={"User-Agent": AGENT}) as response,
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
    except Refused as error:
        raise UserError(
            Text("网址 {u} 通向本机或内部网络，没有取证。", "{u} leads into this machine or network.", u=url[:200]),
            Text(
                "对方网页可能借此取得内部内容。确要对内部网页取证时，请用数字 IP 地址写明网址。",
                "A stranger's page may do so to get at it. For a page of your own network write its IP address.",
            ),
            code="address_inside",
        ) from error
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


def _render(url: str, program: Path, log: _Log, guard: Guard) -> dict[str, bytes]:
    """Screenshot, the page's document as the browser made it, whom it asked; what fails is said in the log."""
    outlet = Outlet(guard)
    with outlet.serving():
        files = _shown(url, program, log, outlet.options())
    told = outlet.told()
    log.note("asked", hosts=", ".join(told["hosts"]), refused=", ".join(told["refused"]))
    return files | {"browser.json": _json(told)}


def _shown(url: str, program: Path, log: _Log, options: list[str]) -> dict[str, bytes]:
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
            *options,
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


def _archive(
    files: dict[str, bytes], url: str, captured: str, *, rendered: bool, stamp: Stamping | None
) -> tuple[bytes, bool]:
    """The zip, and whether an authority stamped its manifest, which names every part by its SHA-256."""
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    manifest = _json({"url": url, "captured": captured, "rendered": rendered, "sha256": hashes})
    files = files | {"manifest.json": manifest}
    token = stamp(hashlib.sha256(manifest).digest()) if stamp is not None else None
    if token is not None:
        files["manifest.tst"] = token
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue(), token is not None
