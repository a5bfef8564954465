#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each change that the publisher must notice, and what it then says.
set -eu
. "$(dirname "$0")/lib.sh"

skip_without_counter
simulated_image
grew() { [ "$(field "$1")" -gt "$2" ]; }
turns() { # turns WHAT EVENT FIELD VALUE
	FASTCLOCK_SIMULATED=$2 feed 100ms "$simulated"
	wait_for 10 field_is "$3" "$4" && ok "$1" || not_ok "$1" "$("$VDK" get fastclock "fastclock.$3")"
}

turns "another clock source: chain" distrust reason 2
is "chain: there is no line" "0 0" "$(field state) $(field span)"
wait_for 5 field_is state 1 && ok "and the line again" || not_ok "and the line again"
feed_stop TERM

export VDK_FASTCLOCK=unordered,vouched
FASTCLOCK_SIMULATED=distrust feed 20ms "$simulated"
starts=$(field starts)
sleep 3
is "another clock source, and an owner who answers for the counter: one line" "1 0 $starts" \
	"$(field state) $(field reason) $(field starts)"
is "and the other word counts as well" 1 "$(field flags)"
feed_stop TERM
unset VDK_FASTCLOCK

turns "the machine slept: chain" suspend reason 5
wait_for 5 field_is state 1 && ok "and the line again, with the sleep in CLOCK_BOOTTIME" || not_ok "the line again"
feed_stop TERM

FASTCLOCK_SIMULATED=step feed 20ms "$simulated"
starts=$(field starts)
wait_for 10 grew steps 0 && ok "CLOCK_REALTIME was set: a step, and no chain" || not_ok "a step"
is "the line goes on" "$starts" "$(field starts)"
feed_stop TERM

turns "synchronised" ntp sync 1
inside bounds
like "bounds: twice the maximum error of 1 ms" '^synchronised 2[01][0-9]{5}$' "$out"
wait_for 10 field_is sync 2 && ok "free running" || not_ok "free running"
sleep 1
inside bounds
like "bounds that grow by 500 ppm" '^free-running (2[1-9]|3[0-9])[0-9]{5}$' "$out"
feed_stop TERM

FASTCLOCK_SIMULATED=wake feed 400ms "$simulated"
updates=$(field updates)
sleep 2
if [ "$(field updates)" -ge $((updates + 20)) ]; then
	ok "set clocks are looked at when they are set, not at the next period"
else
	not_ok "woken" "$updates, then $(field updates)"
fi
feed_stop TERM

export FASTCLOCK_SIMULATED=
become "$VDK" publish --every 10s fastclock "$simulated" > "$T/publisher.log" 2>&1 &
# shellcheck disable=SC2034 # lib.sh ends it
publisher=$!
wait_for 5 field_is reason 7 && ok "too seldom: chain" || not_ok "too seldom: chain" "$(field reason)"
finish
