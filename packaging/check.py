#!/usr/bin/env python3
"""Install the packages on bare systems and use them as a person would; prints a table.

    sudo python3 packaging/check.py dist/*.deb dist/*.tar.xz [dist/*.exe --windows-runtime FOLDER] [--releases sid …]

For each Debian release a tree is made with debootstrap (kept in --trees), copied, and entered with its own mounts and
processes, so that nothing of this machine takes part and nothing stays. The .exe is installed under Wine in a Debian 13
tree. What is missing here (debootstrap, root, Wine) is skipped with the reason. Ends with 1 when a step failed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import check_windows

RELEASES = ("bookworm", "trixie", "sid")
# Ubuntu's releases lie on a mirror that the caller names; part of what the console needs is in universe.
UBUNTU = ("jammy", "noble")
STEP_SECONDS = 900
PAUSE = 5.0
RUNNING: set[subprocess.Popen[bytes]] = set()
USER = "tester"
# step, who runs it, shell
INSTALLED = (
    ("install", "root", "apt-get -qq update && apt-get -qq install -y --no-install-recommends /w/citychain.deb"),
    ("demo", USER, "citychain --lang zh demo"),
    ("doctor", USER, "citychain doctor || [ $? -le 3 ]"),
    ("pages", USER, "citychain console --screenshots /w/out/pages --langs zh --theme light"),
    # empty boxes for Chinese, but it draws
    ("no fonts", USER, "echo '<fontconfig/>' >/tmp/none.conf; FONTCONFIG_FILE=/tmp/none.conf QT_QPA_PLATFORM=offscreen "
     "timeout -k 30 -s INT 60 citychain console; [ $? = 124 ]"),
    ("LANG=C", USER, "LANG=C LC_ALL=C citychain network status | grep -q city"),
    ("own Python only", USER, "PYTHONPATH=/nowhere PYTHONHOME=/nowhere citychain --version"),
    ("no home, or one that is not writable", USER,
     "for home in /nonexistent /usr; do HOME=$home citychain network status; "
     "[ $? -le 3 ] || exit 1; HOME=$home citychain demo; [ $? = 3 ] || exit 1; done"),
    ("/usr read-only", "root", "unshare --mount sh -ec 'mount --bind /usr /usr; mount -o remount,ro,bind /usr; "
     "su tester -c \"citychain network status\"'"),
    # the node's own last word, which it cannot say when it is killed
    ("stop gently", USER, "log=~/.local/share/citychain/networks/city/embedded/node.log; n=$(grep -c stopped $log); "
     "citychain network stop city && [ $(grep -c stopped $log) -gt $n ] && citychain network start city"),
    ("upgrade over a running network", "root",
     "apt-get -qq install -y --reinstall --allow-downgrades --no-install-recommends /w/citychain.deb && "
     "su tester -c 'citychain network status --json' | grep -q running && "
     "su tester -c 'citychain ledger verify --network city'"),
    ("dpkg --verify", "root", "dpkg --status citychain && [ -z \"$(dpkg --verify citychain)\" ]"),
    ("window", "root", "apt-get -qq install -y --no-install-recommends xvfb xauth imagemagick procps >/dev/null; "
     "su tester -c \"xvfb-run -a -s '-screen 0 1440x900x24' bash /w/window.sh\""),
    ("removal while network and console run", "root",
     ". /w/waiting.sh; su tester -c 'xvfb-run -a citychain-console' >/dev/null 2>&1 & "
     "await 60 pgrep -f 'citychain.* -m console'; await 15 false || pgrep -f 'citychain.* -m console'; "
     "pgrep -f network.embedded; apt-get -qq remove -y citychain; [ ! -e /usr/lib/citychain ]; "
     "[ -e /home/tester/.local/share/citychain/citychain.db ]; if pgrep -f /usr/lib/citychain; then exit 1; fi; "
     "find / -xdev -name '*citychain*' -not -path '/proc/*' -not -path '/w/*' -not -path '/home/*' "
     "-not -path '/tmp/*' >/w/out/left; cat /w/out/left; [ ! -s /w/out/left ]"),
)  # fmt: skip
# The window is there when something is painted, and stays while its page fills in.
WINDOW = """. /w/waiting.sh
citychain-console & pid=$!
painted() { import -window root /w/out/window.png; [ "$(identify -format %k /w/out/window.png)" -gt 50 ]; }
over() { painted || gone $pid; }
await 120 over && ! await 15 gone $pid && painted && kill $pid
"""
# With --before: that package first, its network's year goes on under the new one.
BEFORE = (
    (
        "the package before",
        "root",
        "apt-get -qq update && apt-get -qq install -y --no-install-recommends /w/before.deb",
    ),
    ("its demo", USER, "citychain --lang zh demo"),
)
AFTER = (
    ("upgrade over it", "root", "apt-get -qq install -y --no-install-recommends /w/citychain.deb && "
     "[ -z \"$(dpkg --verify citychain)\" ]"),
    ("its network goes on", USER, "citychain network stop city && citychain network start city && "
     "citychain ledger verify --network city"),
    ("downgrade", "root", "apt-get -qq install -y --allow-downgrades --no-install-recommends /w/before.deb && "
     "[ -z \"$(dpkg --verify citychain)\" ] && su tester -c 'citychain --version'"),
    ("and up again", "root", "apt-get -qq install -y --allow-downgrades --no-install-recommends /w/citychain.deb && "
     "su tester -c 'citychain ledger verify --network city'"),
)  # fmt: skip
UNPACKED = (
    ("unpack", USER, "mkdir -p ~/'城 链' && tar -xJf /w/citychain.tar.xz -C ~/'城 链' --strip-components=1"),
    ("demo", USER, "~/'城 链'/bin/citychain demo"),
    ("through a link", USER, "ln -s ~/'城 链'/bin/citychain ~/c && ~/c --version"),
    ("stop", USER, "~/c network stop city"),
)  # fmt: skip
# what an unpacked tree needs beyond a minimal system, for its console and for everything else
BARE_NEEDS = "xz-utils libexpat1 libstdc++6"


@dataclass(frozen=True)
class Result:
    """How one step came out on one system: ok, FAILED, or skipped with the reason."""

    system: str
    step: str
    outcome: str
    seconds: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path, nargs="+", help=".deb, .tar.xz, .exe")
    parser.add_argument("--releases", nargs="+", default=list(RELEASES), help="of Debian, or jammy, noble (Ubuntu)")
    parser.add_argument("--trees", type=Path, default=Path(tempfile.gettempdir()) / "citychain-trees")
    parser.add_argument("--output", type=Path, default=Path("check"), help="folder for screenshots and logs")
    parser.add_argument("--ubuntu-mirror", help="where Ubuntu's releases are had from")
    parser.add_argument("--before", type=Path, help="an older .deb: upgraded over its running network, and back")
    parser.add_argument("--h2spec", type=Path, help="the program h2spec, for the door of a node under Wine")
    parser.add_argument(
        "--windows-runtime", type=Path, help="the C runtime's libraries of Windows, for Wine (a folder)"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, end)
    options.output.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    for package in options.packages:
        if package.name.endswith(".exe"):
            results += windows(package, options.trees, options.output, options.windows_runtime, options.h2spec)
            continue
        steps = INSTALLED if package.name.endswith(".deb") else UNPACKED
        kind = "citychain.deb" if package.name.endswith(".deb") else "citychain.tar.xz"
        for release in options.releases:
            system = f"{release} {'.deb' if kind.endswith('.deb') else '.tar.xz'}"
            if reason := missing() or unreachable(release, options.trees, options.ubuntu_mirror):
                results.append(Result(system, "all", f"skipped: {reason}"))
                continue
            results += linux(system, release, package, kind, steps, options.trees, options.output)
            if options.before is not None and kind.endswith(".deb"):
                over = (*BEFORE, *AFTER)
                results += linux(
                    f"{system} over", release, package, kind, over, options.trees, options.output, options.before
                )
    print(table(results))
    return 1 if any(one.outcome == "FAILED" for one in results) else 0


def end(*_: object) -> None:
    """End what runs in trees; their copies are removed on the way out."""
    for process in RUNNING:
        process.kill()
    sys.exit(143)


def missing() -> str:
    """Why no tree can be made and entered here; empty when it can."""
    for program in ("debootstrap", "unshare", "chroot"):
        if shutil.which(program) is None:
            return f"{program} is missing"
    return "" if os.geteuid() == 0 else "only root may enter a tree"


def unreachable(release: str, trees: Path, ubuntu_mirror: str | None) -> str:
    """Why a bare system of this release cannot be made; empty when it is there or now made."""
    if (trees / release / "etc" / "debian_version").exists():
        return ""
    if release in UBUNTU and not ubuntu_mirror:
        return "--ubuntu-mirror was not named"
    try:
        tree_of(release, trees, ubuntu_mirror)
    except subprocess.CalledProcessError:
        shutil.rmtree(trees / release, ignore_errors=True)
        return "debootstrap failed (is the mirror reachable?)"
    return ""


def tree_of(release: str, trees: Path, ubuntu_mirror: str | None = None) -> Path:
    """A bare system, made once."""
    tree = trees / release
    if not (tree / "etc" / "debian_version").exists():
        trees.mkdir(parents=True, exist_ok=True)
        words = ["--variant=minbase", release, str(tree)]
        if release in UBUNTU and ubuntu_mirror:
            # debootstrap's one way to make any release of Ubuntu bears the name of an old one
            words = ["--components=main,universe", *words, ubuntu_mirror, "gutsy"]
        subprocess.run(["debootstrap", *words], check=True, stdout=subprocess.DEVNULL)
    return tree


@contextmanager
def copied(tree: Path) -> Iterator[Path]:
    """A copy to use up; nothing is mounted in it outside of `inside`, so it can be deleted."""
    folder = Path(tempfile.mkdtemp(prefix="citychain-check-", dir=tree.parent))
    try:
        subprocess.run(["cp", "-a", f"{tree}/.", str(folder)], check=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def linux(
    system: str,
    release: str,
    package: Path,
    kind: str,
    steps: Sequence[tuple[str, str, str]],
    trees: Path,
    output: Path,
    before: Path | None = None,
) -> list[Result]:
    """All steps on one release, in one namespace: what one step starts runs on in the next."""
    with copied(tree_of(release, trees)) as tree:
        work = tree / "w"
        (work / "out").mkdir(parents=True)
        shutil.copy2(Path(__file__).with_name("waiting.sh"), work)
        work.chmod(0o777)
        (work / "out").chmod(0o777)
        shutil.copy2(package, work / kind)
        if before is not None:
            shutil.copy2(before, work / "before.deb")
        # a mirror may stand still for longer than sid's lists are valid
        (tree / "etc/apt/apt.conf.d/99check").write_text('Acquire::Check-Valid-Until "false";\n', encoding="ascii")
        lines = ["set +e", f"useradd -m {USER}", "export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8"]
        if kind.endswith(".xz"):
            lines.append(f"apt-get -qq update; apt-get -qq install -y --no-install-recommends {BARE_NEEDS}")
        for number, (_name, who, command) in enumerate(steps):
            run = f"su {USER} -c {shlex.quote(command)}" if who == USER else f"set -e; {command}"
            lines += [f"begin=$(date +%s.%N); ( {run} ) >/w/out/{number}.log 2>&1 </dev/null; rc=$?",
                      f"echo {number} $rc $begin $(date +%s.%N) >>/w/out/steps"]  # fmt: skip
            if number == 0:
                lines.append("[ $rc = 0 ] || exit 1")  # nothing that follows says anything then
        (work / "window.sh").write_text(WINDOW, encoding="utf-8")
        (work / "steps.sh").write_text("\n".join(lines) + "\n", encoding="utf-8")
        inside(tree, ["bash", "/w/steps.sh"], STEP_SECONDS * 2)
        found = {}
        if (work / "out" / "steps").exists():
            for line in (work / "out" / "steps").read_text().splitlines():
                number, code, begin, end = line.split()
                found[int(number)] = (int(code), float(end) - float(begin))
        kept = output / system.replace(" ", "")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(work / "out", kept)
    results = []
    for number, (name, _who, _command) in enumerate(steps):
        code, seconds = found.get(number, (1, 0.0))
        results.append(Result(system, name, "ok" if code == 0 else "FAILED", seconds))
    return results


def inside(tree: Path, command: list[str], seconds: float) -> int:
    """Run a command in a tree with mounts and processes of its own; all of them end with it, -1 when time is over."""
    mounts = (
        f"mount --bind {tree} {tree} && cd {tree} && mount -t proc proc proc && mount --rbind /dev dev && "
        f"mount -t tmpfs tmpfs dev/shm && cp /etc/resolv.conf etc/resolv.conf; exec chroot {tree} "
    )
    line = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c",
            mounts + shlex.join(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command])]  # fmt: skip
    nothing = subprocess.DEVNULL
    with subprocess.Popen(line, stdin=nothing, stdout=nothing, stderr=nothing) as process:
        RUNNING.add(process)
        try:
            while seconds > 0:
                try:
                    return process.wait(PAUSE)
                except subprocess.TimeoutExpired:
                    seconds -= PAUSE * share(os.getloadavg()[0], os.cpu_count() or 1)
        finally:
            process.kill()
            RUNNING.discard(process)
    return -1


def share(load: float, processors: int) -> float:
    """How much of a processor a program has beside the others: limits count that, so a busy machine fails nothing."""
    return min(1.0, processors / max(load, 0.01))


def windows(package: Path, trees: Path, output: Path, runtime: Path | None, h2spec: Path | None) -> list[Result]:
    """The installer under Wine."""
    if reason := missing():
        return [Result("Wine", "all", f"skipped: {reason}")]
    tree, kept, began = (
        check_windows.wine_tree(tree_of("trixie", trees), trees, inside),
        output / "wine",
        time.monotonic(),
    )
    shutil.rmtree(kept, ignore_errors=True)

    def run(script: str) -> None:
        with copied(tree) as copy:
            check_windows.check(copy, package, inside, kept, script, runtime, h2spec)

    # beside each other, on a Windows of its own each: Wine mostly waits for itself
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(run, script) for script in check_windows.LIMITS if runtime or script == "installer"]:
            done.result()
    print(f"Wine: {time.monotonic() - began:.0f} s", file=sys.stderr)
    outcomes = check_windows.outcomes(kept)
    return [Result("Wine 10 .exe", name, "ok" if code == 0 else "FAILED", seconds) for name, code, seconds in outcomes]


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table: a row for each step, a column for each system."""
    systems = list(dict.fromkeys(one.system for one in results))
    steps = list(dict.fromkeys(one.step for one in results))
    cells = {(one.system, one.step): one for one in results}
    lines = [f"| | {' | '.join(systems)} |", "| --- |" + " --- |" * len(systems)]
    for step in steps:
        row = []
        for system in systems:
            one = cells.get((system, step))
            row.append("" if one is None else f"{one.outcome} ({one.seconds:.0f} s)" if one.seconds else one.outcome)
        lines.append(f"| {step} | {' | '.join(row)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
