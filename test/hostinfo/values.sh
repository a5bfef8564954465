#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every value of hostinfo against the file that it is from.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

compile dump
compile abi
start
sleep 0.1
dump

for name in load memory cgroup pressure cgroup_pressure identity; do
	is "$name: result" 0 "$(value $name)"
	near "$name: realtime_ns is now" "$(date +%s)" "$(($(value $name.realtime_ns) / 1000000000))" 2
	near "$name: monotonic_ns is now" "$(sed 's/\..*//' /proc/uptime)" "$(($(value $name.monotonic_ns) / 1000000000))" 3
	is "$name: one sample for all" "$(value load.realtime_ns)" "$(value $name.realtime_ns)"
done
near "age, ns" 0 "$(value age)" 400000000

# --- load ---
read -r load1 load5 load15 tasks _ < /proc/loadavg
thousandths() { awk -v x="$1" 'BEGIN { printf "%d", x * 1000 + 0.5 }'; }
near "load1" "$(thousandths "$load1")" "$(value load.load1)" 1500
near "load5" "$(thousandths "$load5")" "$(value load.load5)" 700
near "load15" "$(thousandths "$load15")" "$(value load.load15)" 500
near "threads" "${tasks#*/}" "$(value load.threads)" 100
processes=$(ls /proc | grep -c '^[0-9]' )
near "processes" "$processes" "$(value load.processes)" 60
near "uptime" "$(sed 's/\..*/000/' /proc/uptime)" "$(value load.uptime_ms)" 3000
is "CPUs online" "$(getconf _NPROCESSORS_ONLN)" "$(value load.cpus_online)"
is "all of load is known" 31 "$(value load.known)"
near "load1 alone" "$(value load.load1)" "$(value load1)" 300

# Processes are followed as they come and go. Other tests start and end some, too: so until a look at
# the files and one at the page agree.
follows() {
	local files off

	dump
	files=$(ls /proc | grep -c '^[0-9]')
	off=$(($(value load.processes) - files))
	[ "${off#-}" -le 10 ]
}
sleepers=()
for _ in {1..40}; do sleep 60 & sleepers+=($!); done
at_end 'kill "${sleepers[@]}" 2> /dev/null || true'
wait_for 20 follows && ok "40 more processes" || not_ok "40 more processes" "$(ls /proc | grep -c '^[0-9]')" "$(value load.processes)"
kill "${sleepers[@]}"
wait_for 20 follows && ok "40 fewer" || not_ok "40 fewer" "$(ls /proc | grep -c '^[0-9]')" "$(value load.processes)"

# --- memory ---
kilobytes() { echo $(($(sed -n "s/^$1: *\([0-9]*\) kB$/\1/p" /proc/meminfo) * 1024)); }
is "MemTotal" "$(kilobytes MemTotal)" "$(value memory.total)"
is "SwapTotal" "$(kilobytes SwapTotal)" "$(value memory.swap_total)"
slack=$(($(value memory.total) / 10))
near "MemFree" "$(kilobytes MemFree)" "$(value memory.free)" "$slack"
near "MemAvailable" "$(kilobytes MemAvailable)" "$(value memory.available)" "$slack"
near "Buffers" "$(kilobytes Buffers)" "$(value memory.buffers)" "$slack"
near "Cached" "$(kilobytes Cached)" "$(value memory.cached)" "$slack"
near "SwapFree" "$(kilobytes SwapFree)" "$(value memory.swap_free)" "$slack"
is "all of memory is known" 127 "$(value memory.known)"
near "available alone" "$(value memory.available)" "$(value memory_available)" "$slack"

# --- identity ---
is "boot id" "$(cat /proc/sys/kernel/random/boot_id)" "$(value identity.boot_id)"
is "hostname" "$(cat /proc/sys/kernel/hostname)" "$(value identity.hostname)"

# --- pressure: totals only grow, so what is told lies between two readings of the file ---
total() { sed -n "s/^$2 .*total=//p" "/proc/pressure/$1"; }
if cat /proc/pressure/cpu > /dev/null 2>&1; then
	for resource in cpu memory io; do
		for line in some full; do
			before=$(total $resource $line)
			[ -n "$before" ] || continue
			sleep 0.1
			dump
			found=$(value pressure.${resource}_$line.total_us)
			after=$(total $resource $line)
			is "pressure: $resource $line: $before <= $found <= $after" yes \
				"$([ "$found" -ge "$before" ] && [ "$found" -le "$after" ] && echo yes)"
		done
	done
	average=$(sed -n 's/^some .*avg300=\([0-9]*\)\.\([0-9]*\) .*/\1\2/p' /proc/pressure/cpu)
	near "pressure: cpu some avg300, hundredths of a percent" "$((10#$average))" \
		"$(value pressure.cpu_some.avg300)" 500
else
	is "no PSI in this kernel: nothing is known" 0 "$(value pressure.known)"
fi

# --- what vdk get decodes is the same ---
is "vdk get" "$(value memory.total)" "$("$VDK" get hostinfo hostinfo_memory.total)"

# --- the ABI ---
capture "$VDK" run --once --vdso hostinfo -- "$T/abi"
is "sizes and bad pointers" "0 failures" "$out"
is "sizes and bad pointers: exit" 0 "$status"

# --- a process that counts another monotonic time ---
if unshare -T --monotonic 86400 true 2> /dev/null; then
	unshare -T --monotonic 86400 --fork -- "$VDK" run --once --vdso hostinfo -- "$T/dump" > "$T/dump.txt"
	is "time namespace: fresh" 0 "$(value load)"
	near "time namespace: the sample's time is as the process counts it" \
		$(($(sed 's/\..*//' /proc/uptime) + 86400)) "$(($(value load.monotonic_ns) / 1000000000))" 3
	near "time namespace: age" 0 "$(value age)" 400000000
else
	echo "# no time namespace to be had here: not tried"
fi
finish
