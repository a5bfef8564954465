#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# fastclock where the kernel's clock runs on a source that its vDSO cannot read, so that each
# question for the time is a system call: by itself it leaves the answer to the kernel; with an
# owner who vouches for the counter it is at least five times faster, and right.
# boot: baked clocksource=acpi_pm
# boot: baked clocksource=hpet
# program: slow-clock.c -pthread
# timeout: 180
. /rig/lib.sh

vdso=$(dirname "$(find / -xdev -name fastclock.so -path '*/vdk/*' | head -n 1)")
export VDK_RUNTIME_DIR=$PWD/runtime
mkdir "$VDK_RUNTIME_DIR"
source=${RIG_BOOT##*=}

field() { vdk get fastclock "fastclock.$1"; }

start() { # start STATE: publish and wait until the record says so
	vdk publish --every 50ms fastclock "$vdso/fastclock.so" > publish.log 2>&1 &
	publisher=$!
	tries=0
	until [ "$(field updates 2> /dev/null)" ] && [ "$(field state)" = "$1" ] || [ $tries -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	sleep 1
}

stop() {
	kill $publisher
	wait $publisher
}

is "the kernel's clock source" "$source" \
	"$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
capture slow-clock cost
is "the kernel's vDSO: exit status" 0 "$status"
echo "# the kernel's own: $out"
is "the kernel's vDSO is no faster than a system call" 1 "${out##* faster }"

# The kernel does not trust the counter, so neither does fastclock.
start 0
like "fastclock: the kernel answers, and why" '^0 [23]$' "$(field state) $(field reason)"
capture vdk run --once --vdso fastclock -- slow-clock cost
is "chained, it is no faster either" 1 "${out##* faster }"
capture vdk run --once --vdso fastclock -- slow-clock same 500
is "chained, it is the kernel's clock: $out" 0 "$status"
stop

# The owner's word.
export VDK_FASTCLOCK=vouched
start 1
is "vouched for: the line" "1 0" "$(field state) $(field reason)"
echo "# error_ns $(field error_ns), offset_ns $(field offset_ns)"
capture vdk run --once --vdso fastclock -- slow-clock cost
echo "# fastclock: $out"
factor=${out##* faster }
if [ "${factor:-0}" -ge 5 ]; then
	ok "at least five times faster than the kernel's clock: $factor times"
else
	not_ok "at least five times faster than the kernel's clock" "$out"
fi
capture vdk run --once --vdso fastclock -- slow-clock same 3000
is "vouched for, it follows the kernel's clock: $out" 0 "$status"
capture vdk run --once --vdso fastclock -- slow-clock forward 3000
is "and never runs backwards, on any CPU: $out" 0 "$status"
stop
capture vdk run --once --vdso fastclock -- slow-clock same 500
is "when nobody publishes any more, it is the kernel's clock: $out" 0 "$status"
finish
