"""The installer under Wine, with the Python that it carries: the bad cases first, then what people do.

Wine's tree is Debian 13's with Wine for 64 and 32 bits. System parts that Wine lacks are laid into its
system before the installation, never into the package: the converters of icuuc.dll (wine_parts.py), and the C runtime
of Windows, which the caller brings in a folder; without it the steps that need it are left out. So is h2spec, which
tries the node's door with what HTTP/2 forbids (RFC 9113), where the caller does not name the program.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import wine_parts

Inside = Callable[[Path, list[str], float], int]
# seconds on a processor of one's own, for each script; without Windows' runtime only the first can be run
LIMITS = {"installer": 4800.0, "people": 4800.0}
SYSTEM = Path("home/tester/.wine/drive_c/windows/system32")
PREPARE = """set -e
export DEBIAN_FRONTEND=noninteractive
dpkg --add-architecture i386
apt-get -qq update
apt-get -qq install -y --no-install-recommends \\
  wine wine64 wine32:i386 xvfb xauth xdotool fonts-noto-cjk imagemagick procps locales
apt-get clean
localedef -i zh_CN -f UTF-8 zh_CN.UTF-8
useradd -m tester
su tester -c 'WINEDEBUG=-all wineboot -i; wineserver -w'
"""
SCRIPTS = Path(__file__).with_name("wine")
TESTS = Path(__file__).parent.parent / "tests"
CARRIED = (
    *SCRIPTS.iterdir(), Path(__file__).with_name("waiting.sh"),
    TESTS / "packaging" / "windows_rules.py", TESTS / "network" / "grpc" / "sessions.py",
)  # fmt: skip
# h2spec's cases that fail on Linux, too, by its sections: a body is wanted for a GET (we answer gRPC only), more
# streams than one connection has open, frames on closed streams and PRIORITY, which libnghttp2 bears (6.1: when the
# answer, and with it the stream's end, is faster than the frame).
H2SPEC_KNOWN = {
    "generic/2": 2, "http2/5.1": 4, "http2/5.1.1": 1, "http2/5.1.2": 1, "http2/5.3.1": 1, "http2/6.1": 1,
    "http2/6.3": 1, "http2/6.9.1": 1,
}  # fmt: skip
H2SPEC_CASES = 130  # fewer were run: it broke off
# A disk of its own for the case of the full one; it goes with the tree's mounts.
DISK = "mkdir -p /w/small && mount -t tmpfs -o size=2g,mode=1777 tmpfs /w/small && "


def wine_tree(base: Path, trees: Path, inside: Inside) -> Path:
    """A tree with Wine, made once from a bare one."""
    tree = trees / "wine"
    if not all((tree / path).exists() for path in ("home/tester/.wine", "usr/bin/xdotool")):
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["cp", "-a", str(base), str(tree)], check=True)  # device nodes too, which are not to be read
        (tree / "prepare.sh").write_text(PREPARE, encoding="utf-8")
        inside(tree, ["bash", "/prepare.sh"], 1800)
    return tree


def check(
    tree: Path,
    package: Path,
    inside: Inside,
    output: Path,
    script: str,
    runtime: Path | None = None,
    h2spec: Path | None = None,
) -> None:
    """Run a script's steps; what they noted and wrote is added to `output`.

    :param script: one of `LIMITS`.
    :param runtime: a folder with Windows' own C runtime (ucrtbase.dll), which Wine's lacks functions of; without it
        nothing is run that needs NumPy.
    :param h2spec: that program for Linux; it tries the door of a peer that runs under Wine.
    """
    work = tree / "w"
    (work / "out").mkdir(parents=True)
    shutil.copy2(package, work / "setup.exe")
    for path in CARRIED:
        shutil.copy2(path, work)
    if h2spec is not None:
        shutil.copy2(h2spec, work / "h2spec")
    if runtime is not None:
        system = tree / SYSTEM
        for font in (tree / "usr/share/fonts/opentype/noto").glob("NotoSansCJK-*.ttc"):
            shutil.copy2(font, system.parent / "Fonts")  # Windows has fonts with Chinese characters, Wine none
        (system / "icuuc.dll").write_bytes(wine_parts.no_converters())
        for library in runtime.glob("*.dll"):
            shutil.copy2(library, system)
    for path in (work, work / "out"):
        path.chmod(0o777)
    run = f"{DISK} exec su tester -c 'SCRIPT={script} bash /w/{script}.sh > /w/out/{script}.log 2>&1'"
    inside(tree, ["sh", "-c", run], LIMITS[script])
    shutil.copytree(work / "out", output, dirs_exist_ok=True)


def outcomes(folder: Path) -> list[tuple[str, int, float]]:
    """What the scripts noted; one that did not come to its last step is a failure of its own."""
    results = []
    for script in LIMITS:
        steps = folder / f"{script}.steps"
        lines = steps.read_text(encoding="utf-8").splitlines() if steps.exists() else []
        for line in lines:
            code, seconds, name = line.split(" ", 2)
            results.append((name, int(code), float(seconds)))
        last = re.findall(r'^.*step "([^"]+)"', (SCRIPTS / f"{script}.sh").read_text(encoding="utf-8"), re.MULTILINE)[
            -1
        ]
        if (folder / f"{script}.log").exists() and (not lines or not lines[-1].endswith(f" {last}")):
            results.append((f"{script}.sh: to its last step", 1, 0.0))
        if script == "people" and (folder / "h2spec.xml").exists():
            results.append(("h2spec: no case fails that holds on Linux", *judged(folder / "h2spec.xml")))
    return results


def judged(report: Path) -> tuple[int, float]:
    """h2spec's report: 0 when enough cases were run and none failed but the known ones; and its seconds."""
    ran, worse, seconds = 0, False, 0.0
    for section in ElementTree.parse(report).iter("testsuite"):
        failed = int(section.attrib["failures"]) + int(section.attrib["errors"])
        ran += int(section.attrib["tests"]) - int(section.attrib["skipped"])
        worse = worse or failed > H2SPEC_KNOWN.get(section.attrib["package"], 0)
        seconds += sum(float(case.get("time", 0)) for case in section.iter("testcase"))
    return int(worse or ran < H2SPEC_CASES), seconds
