#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The clock is set, a CPU goes and comes, and the machine sleeps, under three watchers: fastclock, a
# faked time a day ahead, and one that stands still; beside hostinfo and pages that become void.
#
# Sleep is S3 ("mem"), woken by the real-time clock. From "freeze" its alarm does not wake this machine.
# The second time fastclock's publisher is stopped meanwhile: then the kernel must be asked.
# boot: debian rig=torture
# program: torture-clocks.c
# timeout: 180
. /rig/lib.sh

vdso=$(dirname "$(find /usr -xdev -name fastclock.so -path '*/vdk/*' | head -n 1)")
export VDK_RUNTIME_DIR=$PWD/runtime
mkdir "$VDK_RUNTIME_DIR"
reads=0

state() { vdk ls | sed -n "s/^$1  *[0-9]*  *[0-9-]*  *[^ ]*  *\([a-z]*\) .*/\1/p"; }
becomes() { # becomes WHAT COMMAND...: true within ten seconds
	what=$1 tries=0
	shift
	until "$@" > /dev/null 2>&1 || [ $tries -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	if "$@" > /dev/null 2>&1; then
		ok "$what"
	else
		not_ok "$what" "$(vdk ls)" "$(vdk get fastclock)"
	fi
}
has_line() { [ "$(vdk get fastclock fastclock.state)" = 1 ]; }
both_live() { [ "$(state fastclock) $(state hostinfo)" = "live live" ]; }

# follow WHAT COMMAND...: all watchers are right after it; what they saw meanwhile.
follow() {
	what=$1
	shift
	capture "$@"
	is "$what: all are right${out:+, $out}" 0 "$status"
	[ "$status" = 0 ] || printf '# %s\n' "$err" "$(vdk get fastclock)" "$(cat watch.*)"
	torture-clocks report > seen
	sed 's/^/# slot, reads, back, off, worst: /' seen
	is "$what: clocks that nobody may set never went back" "0 0 0 " \
		"$(cut -d' ' -f3 seen | tr '\n' ' ')"
	is "$what: the faked times were right at each moment" "0 0 " \
		"$(tail -n 2 seen | cut -d' ' -f4 | tr '\n' ' ')"
	reads=$((reads + $(cut -d' ' -f2 seen | tr '\n' '+')0))
}

# Emulated CPUs promise no constant rate of the counter; these have it.
VDK_FASTCLOCK=vouched vdk publish --every 50ms fastclock "$vdso/fastclock.so" > fastclock.log 2>&1 &
publisher=$!
vdk publish --every 50ms hostinfo "$vdso/hostinfo.so" > hostinfo.log 2>&1 &
becomes "fastclock has a line" has_line
becomes "hostinfo and fastclock are live" both_live
vdk run --once --vdso fastclock -- torture-clocks watch 0 true > watch.0 2>&1 &
vdk faketime --name ahead +1d torture-clocks watch 1 ahead 86400 > watch.1 2>&1 &
vdk faketime --name still --freeze @1000 torture-clocks watch 2 still 1000 > watch.2 2>&1 &
follow "before anything happens" torture-clocks settle

# ---- The clock is set ----
vdk publish --once --void-after 2s short "$vdso/notb.so"
vdk publish --once --void-after 600s long "$vdso/notb.so"
steps=$(vdk get fastclock fastclock.steps)
follow "the clock is set" torture-clocks steps \
	1 -1 3600 -3600 31536000 -31536000 1000000000 -1000000000 86400 -86400
# A line that a busy host kept from being renewed sees none.
if [ "$(vdk get fastclock fastclock.steps)" -gt "$steps" ]; then
	ok "fastclock's line followed steps"
else
	not_ok "fastclock's line followed steps" "$(vdk get fastclock)"
fi
follow "the clock is set a hundred times in a row" torture-clocks burst 100
kill -STOP $publisher
follow "the clock is set beside a publisher that is stopped" torture-clocks steps 7200 -7200
kill -CONT $publisher
becomes "it goes on" has_line
torture-clocks steps -31536000 > /dev/null
sleep 2
is "void after its time, though the clock was set back" void "$(state short)"
torture-clocks steps 63072000 > /dev/null
is "not void before its time, though the clock was set ahead" live "$(state long)"
becomes "hostinfo and fastclock are live, though it was" both_live
torture-clocks steps -31536000 > /dev/null

# ---- A CPU goes and comes ----
away_and_back() {
	# shellcheck disable=SC2034
	for times in 1 2 3 4 5; do
		echo 0 > /sys/devices/system/cpu/cpu1/online || return 1
		sleep 0.1
		echo 1 > /sys/devices/system/cpu/cpu1/online || return 1
	done
	torture-clocks settle
}
follow "CPU 1 goes and comes five times" away_and_back
becomes "fastclock still has its line" has_line

# ---- The machine sleeps ----
sleep_for() { # sleep_for SECONDS
	echo 0 > /sys/class/rtc/rtc0/wakealarm
	# Should the alarm come before the machine sleeps, it never wakes up.
	echo "+$1" > /sys/class/rtc/rtc0/wakealarm
	echo mem > /sys/power/state && torture-clocks settle
}
for sleeps in 1 2; do
	[ $sleeps = 1 ] || kill -STOP $publisher
	vdk publish --once --void-after 5s short "$vdso/notb.so"
	awake=$(torture-clocks awake) slept=$(torture-clocks slept)
	follow "sleep $sleeps" sleep_for 8
	kill -CONT $publisher
	gained=$(($(torture-clocks slept) - slept)) now=$(state short)
	awake=$(($(torture-clocks awake) - awake))
	echo "# slept $gained ms, awake $awake ms of the test"
	if [ $gained -ge 2000 ]; then
		ok "sleep $sleeps: CLOCK_BOOTTIME counts it"
	else
		not_ok "sleep $sleeps: CLOCK_BOOTTIME counts it" "$gained ms"
	fi
	[ $awake -ge 5000 ] ||
		is "sleep $sleeps: a page that is void after 5 s awake is not" live "$now"
	becomes "sleep $sleeps: hostinfo and fastclock are live again" both_live
	becomes "sleep $sleeps: fastclock has a line again" has_line
done
echo "figure steps_seen $(vdk get fastclock fastclock.steps)"
echo "figure sleeps $sleeps"
echo "figure reads $reads"
finish
