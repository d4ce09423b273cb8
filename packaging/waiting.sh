# Waiting that a busy machine does not fail, for the checks' scripts; bash.
# await SECONDS CONDITION...: looks every $NAP ms until the condition holds; 1 when the time is over. A second beside
# other work counts as the share of the processors that a program has then, so a busy machine fails nothing.
await() {
  local left=$(($1 * 1000)) nap=${NAP:-500} load pause most
  shift
  most=$((100 * $(nproc)))
  printf -v pause '%d.%03d' $((nap / 1000)) $((nap % 1000))
  until "$@"; do
    [ "$left" -gt 0 ] || return 1
    sleep "$pause"
    read -r load _ < /proc/loadavg
    load=$((10#${load/./}))
    left=$((left - nap * most / (load > most ? load : most) - 1))
  done
}
gone() { ! kill -0 "$1" 2> /dev/null; }
# within SECONDS COMMAND...: its exit code, or 124 when it was ended because the time was over
within() {
  local limit=$1 job
  shift
  "$@" < /dev/null & job=$!
  await "$limit" gone $job || { kill $job; await "${GRACE:-20}" gone $job || kill -9 $job; wait $job; return 124; }
  wait $job
}
