#!/usr/bin/env python3
"""Build the Linux packages of CityChain: a .deb for Debian and Ubuntu, a .tar.xz that runs where it is unpacked.

Both are the same tree, with a Python of its own (interpreter.py), so that neither the release's Python nor a package
registry is needed. Wants Debian 12, the environment that `python3 dev.py setup` makes with Python 3.11, `patchelf` and
`binutils`. `--arch arm64` builds for the other processor from the pinned wheels, without running anything of it.
`--check` builds a second time in another folder, as somebody else would a day later, and names the first file that
differs.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import hashlib
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import interpreter
import payload
import sbom
import twice

HERE = payload.ROOT / "packaging" / "linux"
REVISION = 1
HOME = Path("lib/citychain")
GLIBC = ".".join(str(number) for number in interpreter.GLIBC)
DEPENDS = (f"libc6 (>= {GLIBC})", "libexpat1", "libgcc-s1", "libstdc++6", "zlib1g")
# What Qt loads, each by name: one that came along with others on Debian was missing on Ubuntu 22.04: no window opened.
# The package for servers does without.
CONSOLE_DEPENDS = (
    "libegl1", "libgl1", "libdbus-1-3", "libfontconfig1", "libfreetype6", "libglib2.0-0", "libwayland-client0",
    "libwayland-cursor0", "libwayland-egl1", "libx11-6", "libx11-xcb1", "libxcb1", "libxcb-cursor0", "libxcb-glx0",
    "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0", "libxcb-render0", "libxcb-render-util0",
    "libxcb-shape0", "libxcb-shm0", "libxcb-sync1", "libxcb-util1", "libxcb-xfixes0", "libxcb-xkb1", "libxkbcommon0",
    "libxkbcommon-x11-0", "libzstd1",
    "fonts-noto-cjk | fonts-wqy-microhei | fonts-wqy-zenhei | fonts-droid-fallback",
)  # fmt: skip
CONSOLE_PINS = ("pyside6-essentials", "shiboken6")
WHEELS = [f"manylinux_2_{minor}" for minor in range(interpreter.GLIBC[1], 4, -1)] + ["manylinux2014", "linux"]
LAUNCHER = """#!/bin/sh
# Beside this file's folder lies its own Python; a link to this file may lie anywhere.
here=$(readlink -f -- "$0") && home=${{here%/bin/*}}/{home} || exit 70
told=$(getconf GNU_LIBC_VERSION 2>/dev/null)
minor=${{told#glibc 2.}}
case $minor in *[!0-9]*|'') minor=0 ;; esac
if [ "$minor" -lt {minor} ]; then
    echo "城链需要 glibc {glibc} 或更高版本的系统（本机：${{told:-其他 C 库}}）。" >&2
    echo "CityChain needs a system with glibc {glibc} or newer (this one: ${{told:-another C library}})." >&2
    exit 3
fi
{more}exec "$home/python/bin/python{python}" -m {module} "$@"
"""
# Whoever removes the package ends what runs from it: afterwards it could not even be stopped any more.
PRERM = """#!/bin/sh
set -e
if [ "$1" = remove ]; then
    left=
    for process in /proc/[0-9]*; do
        # what ran through an upgrade has the program of before: "… (deleted)"
        case "$(readlink "$process/exe" || true)" in
            /usr/{home}/python/bin/python{python} | "/usr/{home}/python/bin/python{python} (deleted)")
                kill -TERM "${{process#/proc/}}" 2>/dev/null && left="$left $process" || true ;;
        esac
    done
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        now=
        for process in $left; do [ -e "$process" ] && now="$now $process" || true; done
        [ -z "$now" ] && break
        left=$now
        sleep 0.5
    done
fi
"""


@dataclass(frozen=True)
class Plan:
    """What is built: for which processor, with the console or for servers only, by whom, how hard compressed."""

    architecture: str
    console: bool
    publisher: payload.Publisher
    moment: int
    level: int

    @property
    def name(self) -> str:
        """The package's name."""
        return "citychain" if self.console else "citychain-server"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=payload.ROOT / "dist", help="folder for the packages")
    parser.add_argument("--arch", choices=sorted(interpreter.ARCHITECTURES), default="amd64", help="the processor")
    parser.add_argument("--without-console", action="store_true", help="for servers: without Qt")
    parser.add_argument("--level", type=int, choices=range(10), default=6, help="how hard to compress")
    parser.add_argument("--check", action="store_true", help="build a second time and compare")
    payload.add_publisher(parser)
    options = parser.parse_args()
    plan = Plan(options.arch, not options.without_console, payload.publisher(options.publisher),
                payload.source_date(), options.level)  # fmt: skip
    for program in ("dpkg-deb", "patchelf", "strip"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing; Debian carries it (dpkg, patchelf, binutils).")
    built = build(plan, options.output)
    for path in built:
        print(path, flush=True)
    return twice.compare(built, sys.argv) if options.check else 0


def build(plan: Plan, output: Path) -> list[Path]:
    """Write the .deb, the .tar.xz and the list of parts into `output`."""
    output.mkdir(parents=True, exist_ok=True)
    python = payload.environment_python()
    with tempfile.TemporaryDirectory(prefix="citychain-linux-") as folder:
        tree = Path(folder) / "tree"
        usr = tree / "usr"
        lib = usr / HOME / "packages"
        pins = interpreter.put(usr / HOME / "python", plan.architecture)
        put_packages(plan, python, lib)
        payload.compile_all(python, usr / HOME)
        write_launchers(plan, usr)
        parts = sbom.parts_of(usr / HOME, lib, pins)
        moment = dt.datetime.fromtimestamp(plan.moment, dt.UTC)
        told = sbom.document(payload.version(), parts, f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        write_share(plan, usr / "share", python, sbom.third_parties(parts), told)
        set_modes(tree)
        payload.set_times(tree, plan.moment)
        return [write_archive(plan, usr, output), write_deb(plan, tree, output), write_list(plan, told, output)]


def put_packages(plan: Plan, python: Path, lib: Path) -> None:
    """The pinned packages for the wanted processor, and CityChain's own."""
    machine = interpreter.ARCHITECTURES[plan.architecture]
    pins = payload.pins_for(python, {
        "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": machine,
        "python_version": interpreter.VERSION, "python_full_version": f"{interpreter.VERSION}.0",
    })  # fmt: skip
    if not plan.console:
        pins = [pin for pin in pins if pin.partition("==")[0] not in CONSOLE_PINS]
    ready = [pin for pin in pins if pin.partition("==")[0] not in payload.SOURCE_ONLY]
    platforms = [f"{word}_{machine}" for word in WHEELS]
    payload.install_pins(python, lib, ready, payload.foreign(platforms, interpreter.VERSION))
    rest = [pin for pin in pins if pin not in ready]
    payload.install_pins(python, lib, rest, ("--no-deps", "--no-build-isolation"))
    payload.install_own(python, lib)
    if plan.architecture == "amd64":
        payload.strip_debug(lib)  # this machine's strip knows its own processor only


def write_launchers(plan: Plan, usr: Path) -> None:
    """The `citychain` command, and the console's own entry for menus and file managers."""
    folder = usr / "bin"
    folder.mkdir(parents=True)
    facts = {"home": HOME, "glibc": GLIBC, "minor": interpreter.GLIBC[1], "python": interpreter.VERSION}
    programs = [("citychain", "baas.cli"), *([("citychain-console", "console")] if plan.console else [])]
    for name, module in programs:
        # Wayland finds a window's icon by the menu entry's name
        more = f"export CITYCHAIN_MENU_ENTRY={plan.publisher.app_id}\n" if module == "console" else ""
        (folder / name).write_text(LAUNCHER.format(module=module, more=more, **facts), encoding="utf-8")


def write_share(plan: Plan, share: Path, python: Path, third_parties: str, told: str) -> None:
    """The menu entry, its icon, kinds of files, the manual, completions, licences, parts and changes."""
    documents = share / "doc" / plan.name
    documents.mkdir(parents=True)
    shutil.copyfile(HERE / "copyright", documents / "copyright")
    if plan.console:
        write_menu(plan, share)
    overrides = share / "lintian" / "overrides"
    overrides.mkdir(parents=True)
    text = (HERE / "lintian-overrides").read_text(encoding="utf-8")
    (overrides / plan.name).write_text(text.replace("citychain:", f"{plan.name}:"), encoding="utf-8")
    (documents / "changelog.Debian.gz").write_bytes(gzip.compress(changelog(plan).encode(), mtime=0))
    (documents / "third-parties.txt").write_text(third_parties, encoding="utf-8")
    (documents / "citychain.cdx.json").write_text(told, encoding="utf-8")
    shutil.copytree(payload.ROOT / "packaging" / "licences", documents / "licences")
    subprocess.run([str(python), str(payload.ROOT / "packaging" / "manual.py"), str(share)], check=True)


def write_menu(plan: Plan, share: Path) -> None:
    """What desktops read: menu entry, software centre, icon, kinds of files."""
    homepage, app_id = plan.publisher.homepage.rstrip("/"), plan.publisher.app_id
    for end, folder in (
        ("desktop", share / "applications"), ("metainfo.xml", share / "metainfo"), ("xml", share / "mime" / "packages"),
    ):  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        text = (HERE / f"citychain.{end}").read_text(encoding="utf-8")
        words = {"@ID@": app_id, "@DOMAIN@": plan.publisher.reversed_domain, "@HOMEPAGE@": homepage,
                 "@DEVELOPER@": plan.publisher.name, "@VERSION@": payload.version(),
                 "@DATE@": f"{dt.datetime.fromtimestamp(plan.moment, dt.UTC):%Y-%m-%d}"}  # fmt: skip
        for word, value in words.items():
            text = text.replace(word, value)
        (folder / f"{app_id}.{end}").write_text(text, encoding="utf-8")
    icons = share / "icons" / "hicolor" / "scalable" / "apps"
    icons.mkdir(parents=True)
    shutil.copyfile(HERE / "citychain.svg", icons / f"{app_id}.svg")


def changelog(plan: Plan) -> str:
    """Debian's form of CHANGELOG.md's newest entry."""
    moment = dt.datetime.fromtimestamp(plan.moment, dt.UTC)
    lines = (payload.ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("## ")]
    newest = lines[starts[0] + 1 : starts[1] if len(starts) > 1 else None]
    notes = [row for line in newest if line.strip() for row in _wrapped(line)]
    who = f"{plan.publisher.name} <{plan.publisher.email}>"
    signed = f" -- {who}  {moment:%a, %d %b %Y %H:%M:%S} +0000"
    head = f"{plan.name} ({payload.version()}-{REVISION}) unstable; urgency=medium"
    return "\n".join([head, "", *notes, "", signed, ""])


def _wrapped(line: str) -> list[str]:
    first = "  * " if line.startswith("- ") else "    "
    return textwrap.wrap(line.removeprefix("- "), 78, initial_indent=first, subsequent_indent="    ")


def write_archive(plan: Plan, usr: Path, output: Path) -> Path:
    """The tree as it runs from any folder: bin, lib, share below one folder with the version in its name."""
    machine = interpreter.ARCHITECTURES[plan.architecture]
    folder = f"{plan.name}-{payload.version()}-linux-{machine}"
    target = output / f"{folder}.tar.xz"

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with lzma.open(target, "wb", preset=plan.level) as stream, tarfile.open(fileobj=stream, mode="w") as archive:
        for path in [usr, *sorted(usr.rglob("*"))]:
            name = folder if path == usr else f"{folder}/{path.relative_to(usr).as_posix()}"
            archive.add(path, name, recursive=False, filter=plain)
    return target


def write_deb(plan: Plan, tree: Path, output: Path) -> Path:
    """The Debian package: the tree below /usr, its control file and sums."""
    target = output / f"{plan.name}_{payload.version()}-{REVISION}_{plan.architecture}.deb"
    size = installed_size(tree)
    needs = [*DEPENDS, *(CONSOLE_DEPENDS if plan.console else ())]
    other = "citychain-server" if plan.console else "citychain"
    folder = tree / "DEBIAN"
    folder.mkdir()
    folder.chmod(0o755)  # dpkg-deb refuses what a narrow file mask makes of it
    lines = [
        f"Package: {plan.name}", f"Version: {payload.version()}-{REVISION}", f"Architecture: {plan.architecture}",
        "Section: net", "Priority: optional",
        f"Maintainer: {plan.publisher.name} <{plan.publisher.email}>", f"Homepage: {plan.publisher.homepage}",
        f"Installed-Size: {size}", f"Depends: {', '.join(needs)}", f"Conflicts: {other}", f"Replaces: {other}",
        "Description: blockchain service platform for a city"
        + (", as a desktop console" if plan.console else ", its servers"),
        " Sets up Hyperledger Fabric networks by clicking, deploys contracts on them and",
        " runs two applications: registration of copyright, and a ledger of hospital",
        " appointment slots. Works offline on an embedded ledger that behaves as a",
        " Fabric channel does, and with the same clicks on real Fabric.",
    ]  # fmt: skip
    (folder / "control").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = []
    for path in sorted((tree / "usr").rglob("*")):
        if path.is_file() and not path.is_symlink():
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            rows.append(f"{digest}  {path.relative_to(tree).as_posix()}")
    (folder / "md5sums").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "prerm").write_text(PRERM.format(home=HOME, python=interpreter.VERSION), encoding="utf-8")
    for name, mode in (("control", 0o644), ("md5sums", 0o644), ("prerm", 0o755)):
        (folder / name).chmod(mode)
    payload.set_times(folder, plan.moment)
    os.utime(tree, (plan.moment, plan.moment))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(plan.moment), "DPKG_DEB_THREADS_MAX": "1"}
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{plan.level}", "--build", str(tree), str(target)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return target


def installed_size(tree: Path) -> int:
    """Kilobytes as dpkg-gencontrol counts them; a folder's own size depends on the file system, so it counts one."""
    return sum(
        -(-path.lstat().st_size // 1024) if path.is_symlink() or path.is_file() else 1 for path in tree.rglob("*")
    )


def write_list(plan: Plan, told: str, output: Path) -> Path:
    """The list of parts beside the packages, too, for whoever looks before installing."""
    machine = interpreter.ARCHITECTURES[plan.architecture]
    target = output / f"{plan.name}-{payload.version()}-linux-{machine}.cdx.json"
    target.write_text(told, encoding="utf-8")
    return target


def set_modes(tree: Path) -> None:
    """Folders and commands may be entered and run, everything else is read."""
    python = tree / "usr" / HOME / "python" / "bin" / f"python{interpreter.VERSION}"
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.parent == tree / "usr" / "bin" or path == python
            path.chmod(0o755 if runs else 0o644)


if __name__ == "__main__":
    sys.exit(main())
