#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# fastclock against the kernel's clocks and system calls, and with bad arguments.
set -eu
. "$(dirname "$0")/lib.sh"

skip_without_counter
image fastclock
capture "$VDK" run --vdso "$image" -- "$CLOCKS" same
is "nobody publishes: the kernel answers" 0 "$status"

feed 100ms "$image"
holds "the clocks keep within 200 ns (p99.9)" verify 3
holds "bad pointers and ids" abi
like "unsynchronised: no bounds; synchronised: bounds" '^(unknown|synchronised [0-9]+|free-running [0-9]+)$' \
	"$("$VDK" run --once --vdso fastclock -- "$CLOCKS" bounds)"
inside coarse
is "coarse clocks are the kernel's own" 0 "$(tail -1 <<< "$out" | awk '{ print ($1 == 0 && $2 <= 0) ? 0 : $0 }')"

# --- the publisher waits, it does not spin; `make bench` holds it to 0.1 % of a core ---
busy() { awk '{ print $1 }' "/proc/$publisher/schedstat"; }
if [ -r "/proc/$publisher/schedstat" ]; then
	before=$(busy)
	sleep 5
	cost=$((($(busy) - before) / 5))
	if [ "$cost" -le 5000000 ]; then
		ok "the publisher takes $cost ns of a second"
	else
		not_ok "the publisher takes at most 5000000 ns of a second" "found: $cost"
	fi
fi
feed_stop TERM

# --- as often as the kernel ticks: the coarse clocks come from the page ---
feed 2ms "$image"
holds "verify at 2 ms" verify 1
inside coarse
read -r oldest newest <<< "$out"
if [ "$oldest" -le 60000000 ] && [ "$newest" -ge -20000000 ] && [ "$oldest" != 0 ]; then
	ok "coarse clocks from the page: at most $oldest ns older than the kernel's"
else
	not_ok "coarse clocks from the page" "$out"
fi
holds "bad pointers and ids, coarse clocks from the page" abi
feed_stop KILL
"$VDK" set fastclock fastclock_coarse.monotonic_nsec=0 fastclock_coarse.realtime_nsec=0 > /dev/null
inside coarse
is "killed, and what the unit does then: coarse clocks are the kernel's own" 0 \
	"$(awk '{ print ($1 == 0 && $2 <= 0) ? 0 : $0 }' <<< "$out")"

# --- the unordered choice ---
export VDK_FASTCLOCK=unordered
feed 100ms "$image"
is "unordered by choice" 1 "$(field flags)"
holds "unordered clocks keep within 200 ns (p99.9)" verify 1
finish
