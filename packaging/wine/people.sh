# What people do on a Chinese Windows; needs Windows' own C runtime (check_windows.py).
# shellcheck source=/dev/null
. /w/common.sh
export LC_ALL=zh_CN.UTF-8  # Wine takes language and code page (936) from it
P="$U/城 市 链"
setup "$D\\城 市 链" && version "$P"; step "installation on a Chinese Windows" $?
city() { within 900 wine "$P/bin/citychain.exe" "$@"; }
# A wine process that goes on in the background keeps a pipe open: everything writes to files.
city demo > /w/out/demo.log 2>&1; step "demo" $?
city doctor > /w/out/doctor.log 2>&1; [ $? -le 3 ]; step "doctor" $?
# `start` opens a console, whose code page is 936; without LANG what goes into a file or a pipe is in it, too
printf '@set LC_ALL=\r\n@set LANG=\r\n@"%s\\bin\\citychain.exe" network status > C:\\t\\out.txt\r\n@"%s\\bin\\citychain.exe" network status | find "city" > C:\\t\\pipe.txt\r\n' \
  "$D\\城 市 链" "$D\\城 市 链" | iconv -t gb18030 > "$U/said.cmd"
within 600 wine start /wait cmd /c "$D\\said.cmd" > /w/out/cmd.log 2>&1; cp "$U/out.txt" "$U/pipe.txt" /w/out/
iconv -f gb18030 "$U/out.txt" | grep -q 运行 && ! iconv -f utf-8 "$U/out.txt" > /dev/null 2>&1 && grep -q city "$U/pipe.txt"
step "cmd with code page 936: into a file, into a pipe" $?
city console --screenshots 'Z:\w\out\pages' --langs zh --theme light > /w/out/pages.log 2>&1; step "pages" $?

running() { city network status --json > /w/out/status.json 2>> /w/out/status.log; grep -q '"running"' /w/out/status.json; }
# half of them broken towards the node, half towards a client; with both libraries
sessions() { within 900 wine "$P/$(place "$P")/python/python.exe" 'Z:\w\sessions.py' --seed 27 --sessions "$@"; }
sessions 10000 --library ngh2 > /w/out/sessions.log 2>&1 && sessions 2000 --library h2 >> /w/out/sessions.log 2>&1
step "12000 mutated HTTP/2 sessions: every call ends once, nothing is kept" $?
if [ -x /w/h2spec ]; then
  running; peer=$(grep -A3 '"kind": "peer"' /w/out/status.json | grep -m1 -o '127[0-9.]*:[0-9]*')
  within 900 /w/h2spec -t -k -h "${peer%:*}" -p "${peer#*:}" -o 10 -j /w/out/h2spec.xml > /w/out/h2spec.log 2>&1
  [ -s /w/out/h2spec.xml ] && running; step "h2spec runs to its end, and the network after it" $?
fi

picture() { import -window root "/w/out/$1.png"; }
city network stop city > /w/out/stop.log 2>&1
wine "$P/bin/citychain-console.exe" > /w/out/window.log 2>&1 &
painted() { picture stopped; [ "$(identify -format %k /w/out/stopped.png)" -gt 50 ]; }
await 120 painted; step "window" $?
# 启动网络, the one filled button of 需要处理 on the overview, which a busy machine fills in late: the middle of its colour
button() {
  convert /w/out/stopped.png -crop 720x180+230+100 +repage txt:- |
    awk -F '[,:]' '/#1F5AB4/ {x += $1; y += $2; n++} END {if (n < 500) exit 1; print int(x / n) + 230, int(y / n) + 100}'
}
offered() { picture stopped; button > /w/out/button; }
await 120 offered && read -r x y < /w/out/button && xdotool mousemove "$x" "$y" sleep 0.5 click 1
NAP=5000 await 200 running
sleep 10; picture started
running; step "network started by a click" $?

setup "$D\\城 市 链" > /w/out/upgrade.log 2>&1 && version "$P" && running
step "upgrade over console and network: the network runs again" $?
city ledger verify --network city > /w/out/verify.log 2>&1; step "ledger verify" $?
log=$(find "$HOME/.wine/drive_c/users" -name node.log); before=$(grep -c stopped "$log")
# the node's own last word, which it cannot say when it is killed
city network stop city >> /w/out/stop.log 2>&1 && [ "$(grep -c stopped "$log")" -gt "$before" ]; step "stop gently" $?
city network start city > /w/out/start.log 2>&1; step "start" $?

within 300 wine "$P/uninstall.exe" /S
await 120 test ! -e "$P/uninstall.exe"
find "$P" -type f > /w/out/left
find "$HOME/.wine/drive_c/users" -name citychain.db | grep -q . && [ ! -s /w/out/left ] && ! pgrep -f 'network\.(embedded|supervisor)'
step "removal while a network runs: nothing left but workspaces" $?

setup "$D\\城 市 链" && city network start city > /w/out/again.log 2>&1; step "installed again: the network goes on" $?
db=$(find "$HOME/.wine/drive_c/users" -name citychain.db)
hold "$(winepath -w "$db")" 3
city backup "$D\\备 份.citychain" > /w/out/backup.log 2>&1 &&
  city --workspace "$D\\恢 复" restore "$D\\备 份.citychain" >> /w/out/backup.log 2>&1; code=$?
free
[ $code = 0 ]; step "backup and restoration while the database is read" $?
hold "$(winepath -w "$log")" 3
city network destroy city --yes > /w/out/destroy.log 2>&1; code=$?
free
[ $code != 70 ] && { [ $code = 0 ] || city network destroy city --yes >> /w/out/destroy.log 2>&1; } && [ ! -e "$log" ]
step "a network destroyed while its log is read: gone, or said and gone the next time" $?
wineserver -k
