# The installer's bad cases. Each leaves the version before or the new one working, or nothing at all.
# shellcheck source=/dev/null
. /w/common.sh
mkdir -p "$U/other/bin" "$U/other/python"; echo keep > "$U/other/bin/mine.txt"; echo keep > "$U/other/python/x.py"
setup "$D\\other"; code=$?
[ $code = 2 ] && [ "$(files "$U/other")" = 2 ]; step "other people's bin and python: refused" $?

wine reg add 'HKCU\Software\Wine' /v Version /d win81 /f
setup "$D\\old"; code=$?
wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f
[ $code = 2 ] && [ ! -e "$U/old" ]; step "older Windows: refused" $?

P="$U/城 市 链"
setup "$D\\城 市 链" && version "$P"; step "folder with Chinese and spaces" $?

mkdir -p "$U/rules/tests/packaging"; cp /w/windows_rules.py "$U/rules/tests/packaging"
within 300 wine "$P/app-a/python/python.exe" "$D\\rules\\tests\\packaging\\windows_rules.py" "$D\\rules\\规 则" \
  > /w/out/rules.log 2>&1
step "no window, Ctrl+Break, rotation, replace_file under a reader" $?

echo mine > "$P/app-a/python/mine.txt"
setup "$D\\城 市 链" && [ "$(find "$P/app-a" -type f)" = "$P/app-a/python/mine.txt" ] && version "$P"
step "upgrade keeps a foreign file" $?
rm "$P/app-a/python/mine.txt"

setup "$D\\城 市 链" & job=$!; NAP=100 await 300 test -d "$P/app-a/python/Lib/site-packages"
pkill -9 -u tester -f 'setup.exe.*/S'; wait $job
[ "$(place "$P")" = app-b ] && version "$P"; step "upgrade killed while unpacking: the old one works" $?
setup "$D\\城 市 链" && [ "$(place "$P")" = app-a ] && version "$P"; step "and the next one repairs it" $?

setup "$D\\城 市 链" & job=$!; NAP=10 await 900 test -e "$P/app-b/start/whole.txt"
pkill -9 -u tester -f 'setup.exe.*/S'; wait $job
version "$P"; step "killed while the commands are exchanged: one works" $?
ls -l "$P/bin" "$P"/app-?/start
setup "$D\\城 市 链" && version "$P" && [ ! -e "$P/bin/citychain.exe.before" ]; step "and the next one ends it" $?

setup "$D\\one" & job=$!; NAP=100 await 300 test -d "$U/one/app-a"
setup "$D\\two"; code=$?; wait $job
[ $code = 2 ] && [ ! -e "$U/two" ] && [ -e "$U/one/bin/citychain.exe" ]; step "second installer at once: refused" $?
rm -rf "$U/one"

now_in=$(place "$P"); other=$([ "$now_in" = app-a ] && echo app-b || echo app-a)
hold "$D\\城 市 链\\$now_in\\python\\Lib\\zipfile\\__init__.py" 0
setup "$D\\城 市 链"; code=$?
[ $code = 0 ] && [ "$(place "$P")" = "$other" ] && version "$P" && [ "$(files "$P/$now_in")" -le 2 ]
step "a file of the version before is in use: the new one works" $?
setup "$D\\城 市 链"; code=$?
[ $code = 3 ] && [ "$(place "$P")" = "$other" ] && version "$P"; step "and is in the way of the next: the one before works" $?
free
setup "$D\\城 市 链" && [ "$(place "$P")" = "$now_in" ] && version "$P" && [ ! -e "$P/$other" ]
step "and when it is let go, the next one works" $?

for share in 0 1; do
  hold "$D\\城 市 链\\bin\\citychain-console.exe" $share
  sums=$(cat "$P"/bin/*.exe | md5sum)
  setup "$D\\城 市 链"; code=$?
  free
  [ $code = 3 ] && [ "$(place "$P")" = "$now_in" ] && [ "$(cat "$P"/bin/*.exe | md5sum)" = "$sums" ] && version "$P"
  step "a command is in use (share $share): all of the version before" $?
done

# /w/small is a disk of its own; a filler leaves as much room as a case wants
room() { rm -f /w/small/filler; fallocate -l $(($(df --output=avail -k /w/small | tail -1) - $1 * 1024))K /w/small/filler; }
S='Z:\w\small'
room 120; setup "$S\\new"; code=$?
[ $code = 3 ] && [ ! -e /w/small/new ]; step "disk full, first installation: nothing is left" $?
rm /w/small/filler; setup "$S\\链" && version /w/small/链; code=$?
room 120; setup "$S\\链"; full=$?
[ $code = 0 ] && [ $full = 3 ] && version /w/small/链 && [ "$(place /w/small/链)" = app-a ] && [ ! -e /w/small/链/app-b ]
step "disk full, upgrade: the one before works" $?
rm /w/small/filler; setup "$S\\链" && version /w/small/链; step "and with room again the next one works" $?
rm -rf /w/small/链; mkdir /w/small/temp; room 20
for name in TEMP TMP; do wine reg add 'HKCU\Environment' /v $name /d "$S\\temp" /f; done
now_in=$(place "$P"); setup "$D\\城 市 链"; code=$?
for name in TEMP TMP; do wine reg delete 'HKCU\Environment' /v $name /f; done
# what is compressed as a whole is unpacked there first; the one of build_windows.py --fast needs no room
{ [ $code = 0 ] || { [ $code = 2 ] && [ "$(place "$P")" = "$now_in" ]; }; } && version "$P"
step "no room for temporary files: refused, or none needed" $?
rm -rf /w/small/*

hold "$D\\城 市 链\\$(place "$P")\\LICENSE" 0
within 300 wine "$P/uninstall.exe" /S "_?=$D\\城" 市 链; code=$?
[ $code = 3 ] && [ "$(files "$P")" -ge 3 ]; step "removal with a file in use: says so" $?
free
within 300 wine "$P/uninstall.exe" /S
await 120 test ! -e "$P/uninstall.exe"
find "$P" -type f; [ "$(find "$P" -type f)" = "" ]; step "and the second removal leaves nothing" $?
wineserver -k
