#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A publisher that is stopped, killed, replaced: the kernel's answer, and then the line again.
set -eu
. "$(dirname "$0")/lib.sh"

skip_without_counter
image fastclock
feed 100ms "$image"
inside same
is "while it is published it is our line, a little behind the kernel's" 1 "$status"

feed_stop STOP
sleep 0.6
inside same
is "stopped: the kernel answers" 0 "$status"
inside bounds
is "stopped: nobody vouches for bounds" unknown "$out"
feed_stop CONT
sleep 0.6
inside same
is "goes on: our line again" 1 "$status"

"$VDK" run --once --vdso fastclock -- "$CLOCKS" torture 4 realtime > "$T/torture" 2>&1 &
torture=$!
sleep 1
feed_stop KILL
sleep 1
feed 100ms "$image"
status=0
wait "$torture" || status=$?
is "killed and replaced under running programs: never backwards" 0 "$status"
sed 's/^/# /' "$T/torture"

starts=$(field starts)
feed_stop KILL
feed 20ms "$image"
is "a successor that comes in time goes on with the same line" "$starts" "$(field starts)"
feed_stop KILL
sleep 0.3
inside same
is "killed: the kernel answers" 0 "$status"

# Coarse values say nothing of their age, so a publisher that rests takes them away. Its own memory
# is read: opening the page would wake it.
"$VDK" publish --every 4ms --idle 200ms fastclock > "$T/publisher" 2>&1 &
publisher=$!
coarse() {
	python3 - "$publisher" "$VDK_RUNTIME_DIR/fastclock/page" "$T/page" << 'END'
import sys
pid, path, copy = sys.argv[1:]
for line in open(f"/proc/{pid}/maps"):
    if line.rstrip().endswith(path):
        begin, end = (int(x, 16) for x in line.split()[0].split("-"))
        memory = open(f"/proc/{pid}/mem", "rb")
        memory.seek(begin)
        open(copy, "wb").write(memory.read(end - begin))
END
	"$VDK" get --page "$T/page" fastclock_coarse.monotonic_nsec
}
coarse_is_given() { [ "$(coarse)" -gt 0 ]; }
coarse_is_taken() { [ "$(coarse)" = 0 ]; }
wait_for 10 coarse_is_given && ok "published every 4 ms: the page has coarse values" || not_ok "published every 4 ms: the page has coarse values"
wait_for 10 coarse_is_taken && ok "it rests: they are taken away" || not_ok "it rests: they are taken away" "$(coarse)"
"$VDK" run --once --vdso fastclock -- sleep 20 &
reader=$!
wait_for 10 coarse_is_given && ok "somebody attached: they are back" || not_ok "somebody attached: they are back" "$(coarse)"
kill -KILL "$reader"
finish
