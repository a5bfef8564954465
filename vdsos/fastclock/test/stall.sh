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
finish
