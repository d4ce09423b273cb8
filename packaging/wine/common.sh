# What both scripts of the check under Wine begin with; /w is the check's own folder in the tree.
# `step NAME CODE` notes how the commands since the last one came out.
export WINEDEBUG=-all LANG=C.UTF-8  # Wine reads names by it
cd /w || exit 1
. /w/waiting.sh
Xvfb -displayfd 6 -screen 0 1440x900x24 6> /w/display > /dev/null 2>&1 &
NAP=100 await 30 test -s /w/display
DISPLAY=:$(cat /w/display); export DISPLAY
# Python and the commands take Windows' libraries before Wine's; Wine's own programs misread names with them.
if [ ! -e /w/overrides ]; then
  wine reg add 'HKCU\Software\Wine\DllOverrides' /v ucrtbase /d builtin /f
  for app in python.exe pythonw.exe citychain.exe citychain-console.exe; do
    for dll in icuuc ucrtbase msvcp140 msvcp140_1 msvcp140_2 vcruntime140 vcruntime140_1 concrt140; do
      wine reg add "HKCU\\Software\\Wine\\AppDefaults\\$app\\DllOverrides" /v $dll /d native,builtin /f
    done
  done
  touch /w/overrides
fi > /dev/null
D='C:\t'; U="$HOME/.wine/drive_c/t"; began=$(date +%s)
step() { now=$(date +%s); echo "$2 $((now - began)) $1" >> "/w/out/$SCRIPT.steps"; began=$now; }
# NSIS takes all that follows /D= as it stands, so the words of a path are handed over one by one.
# shellcheck disable=SC2086
setup() { within 900 wine /w/setup.exe /S /D=$1; }
version() { within 180 wine "$1/bin/citychain.exe" --version > /dev/null; }
place() { cat "$1/bin/current.txt"; }
# hold FILE SHARE: another program has the file open until `free`; a Python of no installation does it
hold() {
  [ -e "$U/python" ] || { cp -a "$P/$(place "$P")/python" "$U/python"; rm -rf "$U/python/Lib/site-packages"; }
  rm -f /w/held /w/free
  wine "$U/python/python.exe" 'Z:\w\hold.py' "$1" "$2" 'Z:\w\held' 'Z:\w\free' > /w/out/hold.log 2>&1 &
  NAP=100 await 60 test -s /w/held
}
free() { touch /w/free; sleep 2; }
# how many files lie below a folder
files() { find "$1" -type f 2> /dev/null | wc -l; }
