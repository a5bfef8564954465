#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Signals at 1 kHz into programs that read, beside two writers that are killed; handlers read the same
# record, and leave interrupted reads by siglongjmp. Then into a whole tree that executes programs.
set -eu
. "$(dirname "$0")/lib.sh"

image sample
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample pair.count=0 pair.inverse=18446744073709551615
# Writers that are killed and stopped meanwhile, until it is over.
(while [ ! -e "$T/quiet" ]; do
	"$VDK_BUILD_ROOT/test/page/torture" --publication sample --readers 1 --may-time-out 200 >> "$T/writers" || echo bad >> "$T/writers"
done) &
writers=$!
seconds=$(by_length 4 60)
# At real time where that is allowed: signals that come while it waits for a CPU are put together.
at_once=(chrt -r 1)
"${at_once[@]}" true 2> /dev/null || at_once=()
"${at_once[@]}" "$VDK" run --vdso sample -- "$PROGRAMS/signals" "$seconds" > "$T/signals" 2> "$T/signals.err" &
reader=$!
wait_for 20 test -s "$T/signals" || { not_ok "the reader begins" "$(cat "$T/signals.err")"; finish; }
# Besides the timer, from outside.
while kill -USR1 "$reader" 2> /dev/null; do
	sleep 0.01
done 2> /dev/null &
status=0
wait "$reader" || status=$?
is "nothing changed by its signals" 0 "$status"
grep ^figure "$T/signals" || not_ok "its figures" "$(cat "$T/signals.err")"
figure seconds "$seconds"
figure signals_a_second "$(($(sed -n 's/^figure signals //p' "$T/signals") / seconds))"
touch "$T/quiet"
wait "$writers" || :
is "nor did the writers' other readers see anything wrong" "" "$(grep bad "$T/writers" || :)"

# A followed shell, and everything that it starts, under SIGWINCH and SIGCHLD at 1 kHz: ignored by most.
storm_prepare
cat > "$T/rain.py" << 'PY'
import os, signal, subprocess, sys, time
tree = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, start_new_session=True)
try:
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
except PermissionError:
    pass
begin = time.monotonic()
sent, end = 0, begin + 60
while tree.poll() is None and time.monotonic() < end:
    for number in (signal.SIGWINCH, signal.SIGURG, signal.SIGCONT):
        os.killpg(tree.pid, number)
        sent += 1
    time.sleep(0.001)
sys.stdout.buffer.write(tree.stdout.read())
print(f"figure signals_into_the_tree {sent}", file=sys.stderr)
print(f"figure seconds_of_signals_into_the_tree {time.monotonic() - begin:.3f}", file=sys.stderr)
sys.exit(tree.wait())
PY
rounds=$(by_length 3 60)
for ((i = 0; i < rounds; i++)); do
	capture python3 "$T/rain.py" "$VDK" run --vdso sample -- "${storm[@]}"
	[ "$status" = 0 ] && [ "$out" = "$(cat "$T/native")" ] ||
		not_ok "a storm of execs under signals is as natively" "exit $status" "$(diff "$T/native" "$T/out" || :)" "$err"
	grep ^figure <<< "$err" || :
done
figure rounds_of_execs "$rounds"
ok "rounds: $rounds"
finish
