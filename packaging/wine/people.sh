# What people do on a Chinese Windows; needs Windows' own C runtime (check_windows.py).
# shellcheck source=/dev/null
. /w/common.sh
export LC_ALL=zh_CN.UTF-8  # Wine takes language and code page (936) from it
P="$U/城 市 链"
setup "$D\\城 市 链" && version "$P"; step "installation on a Chinese Windows" $?
city() { timeout 900 wine "$P/bin/citychain.exe" "$@" < /dev/null; }
# A wine process that goes on in the background keeps a pipe open: everything writes to files.
city demo > /w/out/demo.log 2>&1; step "demo" $?
city doctor > /w/out/doctor.log 2>&1; [ $? -le 3 ]; step "doctor" $?
printf '@"%s\\bin\\citychain.exe" network status > C:\\t\\out.txt\r\n@"%s\\bin\\citychain.exe" network status | find "city" > C:\\t\\pipe.txt\r\n' \
  "$D\\城 市 链" "$D\\城 市 链" | iconv -t gb18030 > "$U/said.cmd"
timeout 600 wine cmd /c "$D\\said.cmd" > /w/out/cmd.log 2>&1; cp "$U/out.txt" "$U/pipe.txt" /w/out/
said "$U/out.txt" | grep -q 运行 && grep -q city "$U/pipe.txt"
step "cmd with code page 936: into a file, into a pipe" $?
city console --screenshots 'Z:\w\out\pages' --langs zh --theme light > /w/out/pages.log 2>&1; step "pages" $?

running() { city network status --json 2>> /w/out/status.log | grep -c '"running"'; }
picture() { import -window root "/w/out/$1.png"; }
city network stop city > /w/out/stop.log 2>&1
wine "$P/bin/citychain-console.exe" > /w/out/window.log 2>&1 &
for _ in $(seq 90); do sleep 1; picture stopped; [ "$(identify -format %k /w/out/stopped.png)" -gt 50 ] && break; done
sleep 15; picture stopped  # the page fills in
[ "$(identify -format %k /w/out/stopped.png)" -gt 50 ]; step "window" $?
# 启动网络 in the first row of 需要处理 on the overview, which a busy machine fills in late: nothing else lies there before
for _ in $(seq 20); do
  picture stopped; xdotool mousemove 885 179 sleep 0.5 click 1; sleep 20
  [ "$(running)" -gt 0 ] && break
done
sleep 10; picture started
[ "$(running)" -gt 0 ]; step "network started by a click" $?

setup "$D\\城 市 链" > /w/out/upgrade.log 2>&1 && version "$P" && [ "$(running)" -gt 0 ]
step "upgrade over console and network: the network runs again" $?
city ledger verify --network city > /w/out/verify.log 2>&1; step "ledger verify" $?
log=$(find "$HOME/.wine/drive_c/users" -name node.log); before=$(grep -c stopped "$log")
# the node's own last word, which it cannot say when it is killed
city network stop city >> /w/out/stop.log 2>&1 && [ "$(grep -c stopped "$log")" -gt "$before" ]; step "stop gently" $?
city network start city > /w/out/start.log 2>&1; step "start" $?

timeout 300 wine "$P/uninstall.exe" /S
for _ in $(seq 120); do [ -e "$P/uninstall.exe" ] || break; sleep 1; done
find "$P" -type f > /w/out/left
find "$HOME/.wine/drive_c/users" -name citychain.db | grep -q . && [ ! -s /w/out/left ] && ! pgrep -f 'network\.(embedded|supervisor)'
step "removal while a network runs: nothing left but workspaces" $?

setup "$D\\城 市 链" && city network start city > /w/out/again.log 2>&1; step "installed again: the network goes on" $?
hold "$(winepath -w "$log")" 3
city network destroy city --yes > /w/out/destroy.log 2>&1; code=$?
free
[ $code != 70 ] && { [ $code = 0 ] || city network destroy city --yes >> /w/out/destroy.log 2>&1; } && [ ! -e "$log" ]
step "a network destroyed while its log is read: gone, or said and gone the next time" $?
wineserver -k
