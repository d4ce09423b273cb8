"""The installer under Wine, with the Python that it carries: the bad cases first, then what people do.

Wine's tree is Debian 13's with Wine for 64 and 32 bits. System parts that Wine lacks are laid into its
system before the installation, never into the package: the converters of icuuc.dll (wine_parts.py), and the C runtime
of Windows, which the caller brings in a folder; without it the steps that need it are left out.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import wine_parts

Inside = Callable[[Path, list[str], float], int]
SECONDS = 2400.0
PEOPLE_SECONDS = 3000.0
SYSTEM = Path("home/tester/.wine/drive_c/windows/system32")
PREPARE = """set -e
export DEBIAN_FRONTEND=noninteractive
dpkg --add-architecture i386
apt-get -qq update
apt-get -qq install -y --no-install-recommends wine wine64 wine32:i386 xvfb xauth fonts-noto-cjk imagemagick procps
useradd -m tester
su tester -c 'WINEDEBUG=-all wineboot -i; wineserver -w'
"""
# Run as the user; `step NAME` notes how the commands since the last one came out.
STEPS = r"""
export WINEDEBUG=-all LANG=C.UTF-8
cd /w; : > /w/out/steps
Xvfb :9 -screen 0 1440x900x24 > /dev/null 2>&1 &
export DISPLAY=:9
# Python and the commands take Windows' libraries before Wine's; Wine's own programs misread names with them.
wine reg add 'HKCU\Software\Wine\DllOverrides' /v ucrtbase /d builtin /f
for app in python.exe pythonw.exe citychain.exe citychain-console.exe; do
  for dll in icuuc ucrtbase msvcp140 msvcp140_1 msvcp140_2 vcruntime140 vcruntime140_1 concrt140; do
    wine reg add "HKCU\\Software\\Wine\\AppDefaults\\$app\\DllOverrides" /v $dll /d native,builtin /f
  done
done
D='C:\t'; U="$HOME/.wine/drive_c/t"; began=$(date +%s)
step() { now=$(date +%s); echo "$2 $((now - began)) $1" >> /w/out/steps; began=$now; }
# NSIS takes all that follows /D= as it stands, so the words of a path are handed over one by one.
setup() { wine "${2:-/w/setup.exe}" /S /D=$1; }
version() { wine "$1/bin/citychain.exe" --version; }

mkdir -p "$U/other/bin" "$U/other/python"; echo keep > "$U/other/bin/mine.txt"; echo keep > "$U/other/python/x.py"
setup "$D\\other"; code=$?
[ $code = 2 ] && [ "$(find "$U/other" -type f | wc -l)" = 2 ]; step "other people's bin and python: refused" $?

wine reg add 'HKCU\Software\Wine' /v Version /d win81 /f
setup "$D\\old"; code=$?
wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f
[ $code = 2 ] && [ ! -e "$U/old" ]; step "older Windows: refused" $?

setup "$D\\城 市 链" && version "$U/城 市 链"; step "folder with Chinese and spaces" $?
P="$U/城 市 链"
echo mine > "$P/app-a/python/mine.txt"
setup "$D\\城 市 链" && [ "$(find "$P/app-a" -type f)" = "$P/app-a/python/mine.txt" ] && version "$P"
step "upgrade keeps a foreign file" $?

(setup "$D\\城 市 链") & for _ in $(seq 600); do [ -d "$P/app-a/python/Lib/site-packages" ] && break; sleep 0.1; done
pkill -9 -u tester -f 'setup.exe.*/S'; wait
[ "$(cat "$P/bin/current.txt")" = app-b ] && version "$P"; step "upgrade killed while unpacking: the old one works" $?
setup "$D\\城 市 链" && [ "$(cat "$P/bin/current.txt")" = app-a ] && version "$P"; step "and the next one repairs it" $?

(setup "$D\\one") & sleep 2; setup "$D\\two"; code=$?; wait
[ $code = 2 ] && [ ! -e "$U/two" ] && [ -e "$U/one/bin/citychain.exe" ]; step "second installer at once: refused" $?
"""
# What people do; needs Windows' own C runtime.
PEOPLE = r"""
[ -e "$P/bin/citychain.exe" ] || { setup "$D\\城 市 链"; P="$U/城 市 链"; }
city() { wine "$P/bin/citychain.exe" --lang zh "$@" < /dev/null; }
# A wine process that goes on in the background keeps a pipe open: everything writes to files.
city demo > /w/out/demo.log 2>&1; step "demo" $?
city doctor > /w/out/doctor.log 2>&1; [ $? -le 3 ]; step "doctor" $?
city console --screenshots 'Z:\w\out\pages' --langs zh --theme light > /w/out/pages.log 2>&1; step "pages" $?
wine "$P/bin/citychain-console.exe" > /w/out/window.log 2>&1 &
sleep 90; import -window root /w/out/window.png; pkill -f citychain-console
[ "$(identify -format %k /w/out/window.png)" -gt 50 ]; step "window" $?
city network stop city > /w/out/stop.log 2>&1; step "stop gently" $?
grep -qi "killed" /w/out/stop.log; [ $? = 1 ]; step "nothing was killed" $?
city network start city > /w/out/start.log 2>&1; step "start" $?
city ledger verify --network city > /w/out/verify.log 2>&1; step "ledger verify" $?
city network stop city >> /w/out/stop.log 2>&1; wineserver -k
"""


def wine_tree(base: Path, trees: Path, inside: Inside) -> Path:
    """A tree with Wine, made once from a bare one."""
    tree = trees / "wine"
    if not (tree / "home" / "tester" / ".wine").exists():
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["cp", "-a", str(base), str(tree)], check=True)  # device nodes too, which are not to be read
        (tree / "prepare.sh").write_text(PREPARE, encoding="utf-8")
        inside(tree, ["bash", "/prepare.sh"], 1800)
    return tree


def check(
    tree: Path, package: Path, inside: Inside, output: Path, runtime: Path | None = None
) -> list[tuple[str, int, float]]:
    """Run the steps; name, exit code and seconds of each.

    :param runtime: a folder with Windows' own C runtime (ucrtbase.dll), which Wine's lacks functions of; without it
        nothing is run that needs NumPy.
    """
    work = tree / "w"
    (work / "out").mkdir(parents=True)
    shutil.copy2(package, work / "setup.exe")
    steps = STEPS
    if runtime is not None:
        steps += PEOPLE
        system = tree / SYSTEM
        for font in (tree / "usr/share/fonts/opentype/noto").glob("NotoSansCJK-*.ttc"):
            shutil.copy2(font, system.parent / "Fonts")  # Windows has fonts with Chinese characters, Wine none
        (system / "icuuc.dll").write_bytes(wine_parts.no_converters())
        for library in runtime.glob("*.dll"):
            shutil.copy2(library, system)
    (work / "steps.sh").write_text(steps, encoding="utf-8")
    for path in (work, work / "out"):
        path.chmod(0o777)
    inside(
        tree, ["su", "tester", "-c", "bash /w/steps.sh > /w/out/log 2>&1"], SECONDS + (PEOPLE_SECONDS if runtime else 0)
    )
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(work / "out", output)
    results = []
    for line in (work / "out" / "steps").read_text(encoding="utf-8").splitlines():
        code, seconds, name = line.split(" ", 2)
        results.append((name, int(code), float(seconds)))
    return results
