#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All CPUs, all functions, the publisher at 1 kHz and slower, over clocks that slew, are set, are
# distrusted and that sleep: no read may be earlier than one that was finished before it. For minutes:
# FASTCLOCK_TORTURE_SECONDS=300.
set -eu
. "$(dirname "$0")/lib.sh"

skip_without_counter
seconds=${FASTCLOCK_TORTURE_SECONDS:-5}
image fastclock
real=$image
simulated_image

torture() { # torture PERIOD EVENTS IMAGE [realtime]
	FASTCLOCK_SIMULATED=$2 feed "$1" "$3"
	holds "every $1, ${2:-the real clocks}" torture "$seconds" ${4:-}
	figure reads "$(sed -n 's/^\([0-9]*\) reads on.*/\1/p' "$T/out")"
	echo "# $(field updates) lines, $(field starts) starts, $(field steps) steps, $(field late) late"
	feed_stop TERM
	"$VDK" unpublish fastclock > /dev/null
}

torture 1ms '' "$real" realtime
torture 100ms '' "$real" realtime
torture 1ms slew "$simulated" realtime
torture 10ms slew "$simulated" realtime
torture 100ms slew "$simulated" realtime
torture 1ms slew,step "$simulated"
torture 1ms distrust "$simulated" realtime
torture 100ms distrust "$simulated" realtime
torture 20ms suspend "$simulated" realtime
finish
