#!/usr/bin/env python3
"""One door for everybody who has just cloned CityChain; standard library only.

    python3 dev.py demo      set up a city's network, register works, book slots, verify (all real)
    python3 dev.py run       open the console
    python3 dev.py test      the tests (--real-parts: those that need Node.js, Fabric, Kubo or Docker;
                             --clocks: the demonstration and the tests at other hours, in other zones and encodings)
    python3 dev.py lint      format, lint, types, import rules
    python3 dev.py bench …   the benchmarks, e.g. `dev.py bench ledger --json`
    python3 dev.py cli …     any `citychain` command

Each makes the virtual environment in `.venv` first (once, from hash-pinned requirements). Words after the command
are handed on. On Debian and Ubuntu missing system packages are installed when run as root; otherwise they are named.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
MIN_PYTHON, MAX_PYTHON = (3, 11), (3, 13)  # the pinned packages have no wheels beyond

# shared library that Qt loads -> Debian package that carries it
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
# what a real window on X11 or Wayland needs beyond that
WINDOW_LIBRARIES = {
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
CJK_FONT_MARKS = ("cjk", "wqy", "sourcehan", "droidsansfallback", "arphic", "uming", "ukai")


# how pip, whichever its version, says that nobody answered; a version is then missing, too, and that is not the cause
NO_NETWORK = (
    "Failed to establish a new connection", "NewConnectionError", "Connection to", "Connection refused",
    "Name or service not known", "Temporary failure in name resolution", "Network is unreachable", "timed out",
)  # fmt: skip
UTF8 = {"PYTHONUTF8": "1"}
"""For every Python that is started here: sample works have Chinese names, whatever the machine's encoding is."""


class SetupError(Exception):
    """Something this machine lacks, in one sentence with what to do."""


def main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show “quotes” shows the rest
    if not MIN_PYTHON <= sys.version_info[:2] <= MAX_PYTHON:
        raise SetupError(other_python(argv))
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    command, rest = argv[0], argv[1:]
    commands = {
        "demo": demo,
        "run": run,
        "test": test,
        "lint": lint,
        "bench": bench,
        "cli": cli,
        "setup": setup,
    }
    if command not in commands:
        raise SetupError(f"There is no command “{command}”. The commands are: {', '.join(commands)}.")
    return commands[command](rest)


def other_python(argv: list[str]) -> str:
    """What to do where this Python does not fit: name one that is there, or say what to get."""
    low, high = (".".join(map(str, one)) for one in (MIN_PYTHON, MAX_PYTHON))
    sorry = f"CityChain needs Python {low} to {high}; this is {sys.version.split()[0]}."
    for minor in range(MAX_PYTHON[1], MIN_PYTHON[1] - 1, -1):
        if shutil.which(f"python3.{minor}"):
            return f"{sorry} This one fits: python3.{minor} dev.py {' '.join(argv)}".rstrip()
    return f"{sorry} Install one of these and start dev.py with it, as in: python{high} dev.py demo"


def setup(_rest: list[str]) -> int:
    prepare("test", qt=True)
    return 0


def demo(rest: list[str]) -> int:
    prepare("runtime")
    code = call(citychain("demo", *rest))
    say("where a sentence says “citychain …”, here it is “python3 dev.py cli …”")
    return code


def run(rest: list[str]) -> int:
    prepare("runtime", qt=True, window="--screenshots" not in rest)
    return call(citychain("console", *rest))


def cli(rest: list[str]) -> int:
    prepare("runtime")
    return call(citychain(*rest))


def bench(rest: list[str]) -> int:
    prepare("runtime", qt="console" in rest)
    return call(citychain("bench", *rest))


def test(rest: list[str]) -> int:
    clocks = "--clocks" in rest
    prepare("test", qt=True, tools=("git", "faketime") if clocks else ("git",))
    if clocks:
        return call([str(PYTHON), "-m", "tests.clocks.matrix", *(word for word in rest if word != "--clocks")])
    if "--real-parts" in rest:
        rest = ["-m", "(interop or e2e) and not slow", "-rs", *(word for word in rest if word != "--real-parts")]
    elif not any(word.startswith(("-n", "--numprocesses", "-p")) or "::" in word for word in rest):
        rest = ["-n", str(workers()), "--dist", "loadfile", "--no-loadscope-reorder", *rest]
    env = {"QT_QPA_PLATFORM": "offscreen"}
    return call([str(PYTHON), "-m", "pytest", *rest], env)


def workers() -> int:
    """How many processes share the tests: two a core, for about half of a test's time is waiting for other processes.

    Each takes, with its networks, up to a gigabyte of memory.
    """
    cores = os.cpu_count() or 1
    try:
        gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 30
    except (AttributeError, OSError, ValueError):  # not on Windows
        gigabytes = 8
    return max(1, min(2 * cores, gigabytes - 1, 8))


def lint(_rest: list[str]) -> int:
    prepare("test")
    checks = (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "--platform", "linux"],
        ["mypy", "--platform", "win32", "--cache-dir", ".mypy_cache/win32"],
        ["lint-imports", "--no-logo"],
        ["vulture"],
    )
    failed = [" ".join(check) for check in checks if call([str(BIN / check[0]), *check[1:]]) != 0]
    for check in failed:
        print(f"failed: {check}", file=sys.stderr)
    return 1 if failed else 0


def citychain(*words: str) -> list[str]:
    return [str(BIN / ("citychain.exe" if WINDOWS else "citychain")), *words]


def call(command: list[str], env: dict[str, str] | None = None) -> int:
    """Run `command` in the repository and return its exit code; Ctrl+C reaches it, not us."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **UTF8, **(env or {})})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


# --- the virtual environment ---


def prepare(kind: str, *, qt: bool = False, window: bool = False, tools: tuple[str, ...] = ()) -> None:
    """Make sure `.venv` holds the pinned packages of `kind` ("runtime" or "test") and the system what Qt needs."""
    packages = missing_system_packages(qt=qt, window=window)
    if sys.platform.startswith("linux"):
        packages += [tool for tool in tools if not shutil.which(tool)]
    if packages:
        install_system_packages(packages)
    wanted = {name: fingerprint(name) for name in (("runtime",) if kind == "runtime" else ("runtime", "test"))}
    if PYTHON.exists() and all(stamp(name) == value for name, value in wanted.items()):
        return
    check_owner()
    started = time.monotonic()
    if not works(PYTHON):
        say(f"making the virtual environment in {VENV.name}")
        shutil.rmtree(VENV, ignore_errors=True)
        run_step([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made.")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    say(f"installing the pinned {kind} packages (once)")
    for name in ("build", kind):
        run_step(
            [*pip, "install", "--require-hashes", "-r", str(ROOT / "requirements" / f"{name}.txt")],
            "The packages could not be installed; check the network connection or pip's index setting.",
        )
    run_step(
        [*pip, "install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
        "CityChain itself could not be installed into the virtual environment.",
    )
    for name, value in wanted.items():
        (VENV / f".citychain-{name}").write_text(value, encoding="utf-8")
    hand_over()
    say(f"ready after {time.monotonic() - started:.0f} s")


def check_owner() -> None:
    """Say it before pip fails half-way: an environment that somebody else made (root, often) cannot be added to."""
    place = VENV if VENV.exists() else ROOT
    found = next(VENV.glob("lib*/python*/site-packages"), place)
    if os.access(place, os.W_OK) and os.access(found, os.W_OK):
        return
    if place == ROOT:
        raise SetupError(f"Nothing can be written to {ROOT}. Please work on a copy of it in a folder of your own.")
    remove = "rmdir /s .venv" if WINDOWS else "sudo rm -r .venv"
    raise SetupError(f"The environment {VENV} belongs to somebody else. Please remove it and try again: {remove}")


def hand_over() -> None:
    """What root made in somebody's folder (sudo, the first time) belongs to the folder's owner, who goes on alone."""
    if WINDOWS or os.geteuid() != 0:
        return
    owner = ROOT.stat()
    if owner.st_uid == 0:
        return
    for made in (VENV, *ROOT.glob("*.egg-info")):
        for path in (made, *made.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def fingerprint(kind: str) -> str:
    """What an installed environment depends on, as a digest: a change of any part makes it install again."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (
        ROOT / "requirements" / "build.txt",
        ROOT / "requirements" / f"{kind}.txt",
        ROOT / "pyproject.toml",
    ):
        digest.update(path.read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def stamp(kind: str) -> str:
    path = VENV / f".citychain-{kind}"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def works(python: Path) -> bool:
    if not python.exists():
        return False
    check = subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False)
    return check.returncode == 0


def run_step(command: list[str], sorry: str) -> None:
    env = {**os.environ, **UTF8}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace")
        print(said, file=sys.stderr)
        raise SetupError(f"{reason(said, sorry)} The failed command: {' '.join(command)}")


def reason(said: str, sorry: str) -> str:
    """The likely cause in what a failed step said."""
    if "No space left on device" in said or "Errno 28" in said:
        return f"The disk or the temporary folder ({tempfile.gettempdir()}) is full."
    proxies = sorted(name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy"))
    if proxies and "proxy" in said.lower():
        return f"The proxy that {' and '.join(proxies)} name does not answer; correct or unset them."
    known = (
        (NO_NETWORK, sorry),
        (("DO NOT MATCH THE HASHES",), "pip's index delivers other files than the pinned ones; check its setting."),
        (
            ("No matching distribution found", "Could not find a version"),
            "pip's index does not have a pinned version (a mirror may be behind); check its setting.",
        ),
        (
            ("Permission denied", "Read-only file system"),
            f"Something may not be written there; work on a copy of {ROOT} in a folder of your own.",
        ),
    )
    return next((sentence for marks, sentence in known if any(mark in said for mark in marks)), sorry)


def say(text: str) -> None:
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


# --- system packages ---


def missing_system_packages(*, qt: bool, window: bool) -> list[str]:
    """Debian packages that this machine lacks, nothing on other systems (their installers bring the parts along)."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    if not works(PYTHON) and importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    libraries = (QT_LIBRARIES if qt else {}) | (WINDOW_LIBRARIES if window else {})
    missing += [package for library, package in libraries.items() if not loads(library)]
    if qt and not has_cjk_font():
        missing.append("fonts-noto-cjk")
    return missing


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_cjk_font() -> bool:
    for folder in FONT_FOLDERS:
        for path in Path(folder).expanduser().rglob("*.[to]t[cf]"):
            name = path.name.lower().replace("-", "").replace("_", "")
            if any(mark in name for mark in CJK_FONT_MARKS):
                return True
    return False


def as_root(names: str) -> str:
    """One line to paste; a bare Debian has no sudo."""
    install = f"apt-get update && apt-get install -y --no-install-recommends {names}"
    return f"sudo sh -c '{install}'" if shutil.which("sudo") else f"su -c '{install}'"


def install_system_packages(packages: list[str]) -> None:
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise SetupError(f"This machine lacks what Debian calls: {names}. Please install your system's counterparts.")
    if os.geteuid() != 0:
        raise SetupError(f"This machine lacks system packages. Please run this, then try again:\n  {as_root(names)}")
    say(f"installing system packages: {names}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["-qq", "-o", "Dpkg::Use-Pty=0"]
    for step in (["update", *quiet], ["install", "-y", "--no-install-recommends", *quiet, *packages]):
        done = subprocess.run(["apt-get", *step], env=env, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise SetupError(f"apt-get could not install {names}. Please install them by hand and run this again.")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
