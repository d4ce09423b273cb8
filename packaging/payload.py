"""What every package for users carries: the pinned runtime packages and CityChain's own, without what nobody runs.

Shared by `build_linux.py` and `build_windows.py`. Nothing here looks at the building machine's own packages.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "runtime.txt"
PUBLISHER = ROOT / "packaging" / "publisher.toml"
# pure Python published without a wheel: built here
SOURCE_ONLY = ("data-url",)
PACKAGES = ("fabric_sdk", "network", "chaincode", "baas", "apps", "console")

# Patterns below the folder of packages, each with why no user misses it.
NEEDLESS = (
    ("bin", "commands of the libraries, not ours"),
    ("Scripts", "the same on Windows"),
    ("pip", "nothing is installed after installation"),
    ("pip-*.dist-info", "the same"),
    ("**/tests", "the libraries' own tests"),
    ("**/include", "headers"),
    ("**/*.pyi", "types, for those who develop"),
    ("**/*.h", "headers"),
    ("**/*.pxd", "headers"),
    ("**/*.pyx", "sources of compiled modules"),
    ("**/*.c", "sources of compiled modules"),
    ("**/*.cpp", "sources of compiled modules"),
    ("**/*.a", "static libraries"),
    ("**/*.lib", "import libraries"),
    ("**/*.pdb", "debug information"),
    ("**/*.rlib", "a Rust archive beside the library made from it"),
    ("**/*.d", "a compiler's notes"),
    ("**/*.whl", "packages within packages"),
    ("fhir/resources/STU3", "FHIR releases that the platform does not speak; R4B stays"),
    ("fhir/resources/[a-z]*.py", "FHIR R5"),
    ("pythonwin", "an editor"),
    ("isapi", "for a web server of Windows"),
    ("win32/perfmondata.dll", "performance counters"),
    ("numpy/f2py", "a Fortran compiler's front end"),
    ("PySide6/*.exe", "Qt's development programs"),
    ("PySide6/scripts", "Qt's development programs"),
    ("PySide6/doc", "Qt's type documentation"),
    ("PySide6/glue", "for building bindings"),
    ("PySide6/typesystems", "for building bindings"),
    ("PySide6/designer", "for Qt Designer"),
    ("PySide6/support", "for Qt Designer"),
    ("PySide6/qml", "Qt Quick"),
    ("PySide6/metatypes", "for building bindings"),
    ("PySide6/Qt/qml", "Qt Quick"),
    ("PySide6/Qt/metatypes", "for building bindings"),
    ("PySide6/Qt/libexec", "Qt's development programs"),
    ("PySide6/lib", "for building bindings"),
)
QT_MODULES = ("QtCore", "QtGui", "QtSvg", "QtWidgets")
QT_PLUGINS = (
    "iconengines", "imageformats", "platforminputcontexts", "platforms", "platformthemes", "styles",
    "wayland-decoration-client", "wayland-graphics-integration-client", "wayland-shell-integration",
    "xcbglintegrations",
)  # fmt: skip
QT_PLUGINS_UNUSED = (
    "qvnc", "qvkkhrdisplay", "qeglfs", "qlinuxfb", "qdirect2d", "qminimalegl",
    "qtvirtualkeyboard", "qpdf",
)  # fmt: skip
QT_TRANSLATIONS = ("qtbase_zh_CN.qm",)
_QT_LIBRARY = re.compile(rb"(?:lib)?Qt6([A-Z][A-Za-z0-9]*)(?=\.so\.6|\.dll)")


def environment_python() -> Path:
    """The interpreter of the environment that `dev.py setup` makes; the packages are chosen and built with it."""
    python = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        sys.exit("The environment is missing; run first: python3 dev.py setup")
    return python


def foreign(platforms: Sequence[str], version: str) -> list[str]:
    """pip's options for wheels of another system or processor, or another Python, than this one."""
    abis = [word for abi in ("cp" + version.replace(".", ""), "abi3", "none") for word in ("--abi", abi)]
    where = [word for platform in platforms for word in ("--platform", platform)]
    # Others' dependencies are all among the pins, which were made for every system.
    return [*where, "--python-version", version, "--implementation", "cp", *abis, "--only-binary", ":all:", "--no-deps"]


def pins_for(python: Path, system: Mapping[str, str]) -> list[str]:
    """The pins whose markers hold for `system` (PEP 508's names), without them: pip judges markers by this system."""
    code = (
        "import json, sys\n"
        "from pip._vendor.packaging.markers import Marker, default_environment\n"
        "there = default_environment() | json.loads(sys.argv[1])\n"
        "for pin in sys.stdin.read().replace('\\\\\\n', ' ').splitlines():\n"
        "    requirement, *hashes = pin.split(' --hash=')\n"
        "    name, _, marker = requirement.partition(' ; ')\n"
        "    if '==' in name and (not marker or Marker(marker.strip()).evaluate(there)):\n"
        "        print(' --hash='.join([name.strip(), *(h.strip() for h in hashes)]))\n"
    )
    text = PINS.read_text(encoding="utf-8")
    command = [str(python), "-c", code, json.dumps(dict(system))]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def install_pins(python: Path, lib: Path, pins: Sequence[str], options: Sequence[str] = ()) -> None:
    """Put packages into `lib`: lines of a requirements file with hashes. `options` choose another system's wheels."""
    with tempfile.TemporaryDirectory(prefix="citychain-pins-") as scratch:
        listed = Path(scratch) / "pins.txt"
        listed.write_text("\n".join(pins) + "\n", encoding="utf-8")
        subprocess.run([*_pip(python, lib), "--require-hashes", *options, "-r", str(listed)], check=True)


def install_own(python: Path, lib: Path) -> None:
    """Put CityChain's own packages into `lib`, then take out what no user needs."""
    with tempfile.TemporaryDirectory(prefix="citychain-source-") as scratch:
        source = Path(scratch)  # a copy, so that building leaves nothing in the checkout
        for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
            origin = ROOT / name
            if origin.is_dir():
                shutil.copytree(origin, source / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(origin, source / name)
        subprocess.run([*_pip(python, lib), "--upgrade", "--no-deps", "--no-build-isolation", str(source)], check=True)
    slim(lib)
    for leftover in ("direct_url.json", "RECORD"):  # they name the building machine, and files that are not there
        for path in lib.glob(f"*.dist-info/{leftover}"):
            if leftover == "RECORD" or path.parent.name.startswith("citychain-"):
                remove(path)


def _pip(python: Path, lib: Path) -> list[str]:
    """pip of an environment that has setuptools too."""
    return [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-compile", "--target",
            str(lib)]  # fmt: skip


def compile_all(python: Path, lib: Path) -> None:
    """Compile `lib` for the version of `python`; the results depend on nothing but the sources."""
    command = [str(python), "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # sets would be written in another order each time
    # other people's modules may hold files for other versions of Python: what does not compile stays source
    subprocess.run(
        [*command, "-s", str(lib), "-p", "/", str(lib)], check=False, stdout=subprocess.DEVNULL, env=environment
    )


def strip_debug(lib: Path) -> None:
    """Take debug information out of compiled modules where `strip` is at hand (Linux); it is most of their size."""
    program = shutil.which("strip")
    if program is None:
        return
    for path in lib.rglob("*.so*"):
        # libraries in NAME.libs and Qt's have no debug information, and were moved about by their builders
        if path.is_file() and not path.is_symlink() and "PySide6" not in path.parts and ".libs" not in str(path):
            subprocess.run([program, "--strip-debug", str(path)], check=False, stderr=subprocess.DEVNULL)


@dataclass(frozen=True)
class Publisher:
    """Who answers for a package: stands in its fields, so that its users have somebody to write to."""

    name: str
    email: str
    homepage: str

    @property
    def reversed_domain(self) -> str:
        """The homepage's domain from its end, as desktops name whoever hands a program out (AppStream, "id")."""
        return ".".join(reversed((urlsplit(self.homepage).hostname or "").removeprefix("www.").split(".")))

    @property
    def app_id(self) -> str:
        """The program's id on desktops: menu entry, icon, software centre."""
        return f"{self.reversed_domain}.citychain"

    @property
    def nobody(self) -> bool:
        """The domain that RFC 2606 keeps for examples: nobody reads what is written there."""
        return self.email.endswith("@example.org")


def add_publisher(parser: ArgumentParser) -> None:
    """The option that every builder takes."""
    parser.add_argument("--publisher", type=Path, default=PUBLISHER, help="who answers for the package (TOML)")


def publisher(path: Path) -> Publisher:
    """Read who publishes; nobody is made up when nobody is told."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        found = Publisher(str(told["name"]), str(told["email"]), str(told["homepage"]))
    except (OSError, KeyError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        sys.exit(f"Say who answers for the package: {path} with name, email and homepage (packaging/README.md).")
    plain = all(value and value.isprintable() and not set(value) & set('<>"') for value in vars(found).values())
    if not plain or "@" not in found.email or not found.homepage.startswith("https://"):
        sys.exit(f"{path}: a name, an email address and a homepage that begins with https:// are needed.")
    if not re.fullmatch(r"[a-z][a-z0-9]*(\.[a-z0-9-]+)+", found.reversed_domain):
        sys.exit(f"{path}: the homepage's domain begins the program's id on desktops; this is none.")
    if found.nobody:
        print(f"{path.name} names nobody yet: to be tried, not to be handed out.", file=sys.stderr)
    return found


def source_date() -> int:
    """Seconds since 1970 of the newest commit, so that the same sources give the same package."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told.isdigit():
        return int(told)
    if shutil.which("git"):
        command = ["git", "log", "-1", "--format=%ct"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return int(done.stdout)
    sys.exit("This is no git checkout: set SOURCE_DATE_EPOCH to the sources' time, in seconds since 1970.")


def set_times(tree: Path, moment: int) -> None:
    """Give every file, link and folder of `tree` one time, whatever it was before."""
    for path in [*tree.rglob("*"), tree]:
        os.utime(path, (moment, moment), follow_symlinks=False)


def slim(lib: Path) -> None:
    """Take out of a folder of installed packages what no user of CityChain runs."""
    for pattern, _reason in NEEDLESS:
        for path in list(lib.glob(pattern)):
            remove(path)
    slim_qt(lib / "PySide6")
    for path in sorted(lib.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def slim_qt(qt: Path) -> None:
    """Keep the Qt modules that the console imports, the plugins it loads, and the libraries which these name."""
    if not qt.is_dir():
        return
    plugins, libraries, translations = _qt_folders(qt)
    for path in [*_unused_modules(qt), *_unused_plugins(plugins)]:
        remove(path)
    for path in translations.glob("*.qm"):
        if path.name not in QT_TRANSLATIONS:
            remove(path)
    roots = [path for pattern in ("*.so*", "*.pyd", "pyside6*.dll") for path in qt.glob(pattern)]
    roots += [path for pattern in ("*.so", "*.dll") for path in plugins.rglob(pattern)]
    kept = _named_by(roots, libraries)
    for path in [*libraries.glob("libQt6*.so*"), *libraries.glob("Qt6*.dll")]:
        if path not in kept:
            remove(path)


def _unused_modules(qt: Path) -> list[Path]:
    """Python modules of Qt that the console does not import, and development programs."""
    programs = [path for path in qt.iterdir() if path.is_file() and not path.suffix]
    modules = [path for path in qt.iterdir() if re.fullmatch(r"Qt[A-Za-z0-9]+\.(abi3\.so|pyd)", path.name)]
    unused = [path for path in modules if path.name.partition(".")[0] not in QT_MODULES]
    return [*programs, *unused, *qt.glob("*pyside6qml*"), *qt.glob("opengl32sw.dll")]


def _unused_plugins(plugins: Path) -> list[Path]:
    kinds = [path for path in plugins.iterdir() if path.name not in QT_PLUGINS]
    files = [path for path in plugins.glob("*/*") if path.name.removeprefix("lib").startswith(QT_PLUGINS_UNUSED)]
    return [*kinds, *files]


def _qt_folders(qt: Path) -> tuple[Path, Path, Path]:
    """Plugins, libraries and translations: below `Qt` in the Linux wheel, beside the modules in the Windows one."""
    if (qt / "Qt").is_dir():
        return qt / "Qt" / "plugins", qt / "Qt" / "lib", qt / "Qt" / "translations"
    return qt / "plugins", qt, qt / "translations"


def _named_by(roots: Sequence[Path], libraries: Path) -> set[Path]:
    """The Qt libraries that `roots` load, and those that these load."""
    kept: set[Path] = set()
    waiting = list(roots)
    while waiting:
        for name in set(_QT_LIBRARY.findall(waiting.pop().read_bytes())):
            word = name.decode()
            for path in (*libraries.glob(f"libQt6{word}.so*"), *libraries.glob(f"Qt6{word}.dll")):
                if path not in kept:
                    kept.add(path)
                    waiting.append(path)
    return kept


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder; what is gone already is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def version() -> str:
    """CityChain's version."""
    found = re.search(r'^version = "([^"]+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError("pyproject.toml names no version")
    return found.group(1)
