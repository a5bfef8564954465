#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files that are missing, empty, cut off, far too long, not text, not files: the value is unknown,
# its neighbours are not, and the publisher lives.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

compile dump
put() {
	mkdir -p "$T/root$(dirname "$1")"
	rm -rf "$T/root$1"
	cat > "$T/root$1"
}
prepare() {
	put /proc/loadavg <<< "0.20 1.18 12.02 1/80 11206"
	put /proc/uptime <<< "350735.47 234388.90"
	put /proc/meminfo <<< "MemTotal:        8139028 kB
MemFree:         1000000 kB
MemAvailable:    2000000 kB
Buffers:              12 kB
Cached:              900 kB
SwapCached:            7 kB
SwapTotal:             0 kB
SwapFree:              0 kB"
	put /sys/devices/system/cpu/online <<< "0-7"
	put /proc/sys/kernel/random/boot_id <<< "65c7f178-f190-4837-961e-97466a53ec46"
	put /proc/sys/kernel/hostname <<< "example"
	for resource in cpu memory io; do
		put /proc/pressure/$resource <<< "some avg10=1.00 avg60=2.00 avg300=3.00 total=4
full avg10=5.00 avg60=6.00 avg300=7.00 total=8"
	done
	mkdir -p "$T/root/proc/1" "$T/root/proc/22" "$T/root/proc/fs"
}
told() {
	VDK_HOSTINFO_ROOT="$T/root" "$VDK" publish --once hostinfo "$image" > "$T/log" 2>&1 ||
		not_ok "publish" "$(cat "$T/log")"
	dump
}
bits() { echo "$(value load.known) $(value memory.known) $(value pressure.known) $(value identity.known)"; }

prepare
told
all="31 127 63 3"
is "a whole root" "$all" "$(bits)"
is "load" "200 1180 12020 1 80" "$(echo $(for f in load1 load5 load15 runnable threads; do value load.$f; done))"
is "uptime, CPUs" "350735470 8" "$(value load.uptime_ms) $(value load.cpus_online)"
is "memory" "8334364672 2048000000" "$(value memory.total) $(value memory.available)"
is "Cached is not SwapCached" $((900 * 1024)) "$(value memory.cached)"
is "pressure" "700 8" "$(value pressure.io_full.avg300) $(value pressure.io_full.total_us)"

# path, its record, and which of the record's bits depend on it
while read -r path record mask; do
	for kind in missing empty cut long binary zeroes folder pipe; do
		prepare
		file=$T/root$path
		case $kind in
		missing) rm "$file" ;;
		empty) : > "$file" ;;
		cut) printf '%s' "$(head -c 5 "$file")" > "$file" ;;
		long) head -c 300000 /dev/zero | tr '\0' 9 > "$file" ;;
		binary) head -c 5000 /dev/urandom | tr '\n' x > "$file" ;;
		zeroes) { head -c 50 /dev/zero; echo; } > "$file" ;;
		folder) rm "$file"; mkdir "$file" ;;
		pipe) rm "$file"; mkfifo "$file" ;;
		esac
		told
		is "$path $kind: its values are unknown" 0 $(($(value "$record.known") & mask))
		case $record in
		load) others="$((31 & ~mask)) 127 63 3" ;;
		memory) others="31 0 63 3" ;;
		pressure) others="31 127 $((63 & ~mask)) 3" ;;
		identity) others="31 127 63 $((3 & ~mask))" ;;
		esac
		is "$path $kind: the others are known" "$others" "$(bits)"
	done
done << 'FILES'
/proc/loadavg load 3
/proc/uptime load 8
/sys/devices/system/cpu/online load 16
/proc/meminfo memory 127
/proc/pressure/memory pressure 12
/proc/sys/kernel/random/boot_id identity 1
/proc/sys/kernel/hostname identity 2
FILES

prepare
put /proc/meminfo <<< "MemTotal: 99999999999999999999 kB
MemFree: 18014398509481984 kB
MemAvailable: -5 kB
Buffers: 12 MB
Cached:
SwapTotal: 7 kB trailing
SwapFree: 3 kB
SwapFree: 9 kB"
told
is "numbers that overflow, signs, other units" "64 3072" "$(value memory.known) $(value memory.swap_free)"
is "what is unknown is zero" "0 0 0" "$(value memory.total) $(value memory.free) $(value memory.available)"
is "and has no single value" -95 "$(value memory_available)"

prepare
put /proc/loadavg <<< "4294968.00 0.00 0.00 1/2 3"
told
is "a load that does not fit" 0 "$(known load 0)"
put /proc/loadavg <<< "0.10 0.10 0.10 99999999999/2 3"
told
is "threads that do not fit; the averages do" "1 0" "$(known load 0) $(known load 1)"
put /proc/pressure/cpu <<< "some avg10=1.00 avg60=2.00 avg300=3.00
full avg10=5.00 avg60=6.00 avg300=7.00 total=8 more
some avg10=x avg60=2.00 avg300=3.00 total=4"
told
is "pressure lines of another form" 0 $(($(value pressure.known) & 3))
put /proc/sys/kernel/hostname <<< "$(printf 'h%.0s' {1..72})"
told
is "a name that is too long is not cut" "0 " "$(known identity 1) $(value identity.hostname)"

rm -rf "$T/root"
told
is "no files at all" "0 0 0 0" "$(bits)"
is "no files at all: fresh all the same" "0 0" "$(value load) $(value cgroup.known)"
finish
