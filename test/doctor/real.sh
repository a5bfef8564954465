#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk doctor on the real machine: well and ill programs, processes and publishers.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3 gcc
here=$(dirname "$0")
gcc -O1 -pthread "$here/ill.c" -o "$T/ill"

# Findings, a slash, notes; without the notes that every program has here, as in a container.
plain=
ids() {
	python3 -c '
import json, sys
v, plain = json.load(sys.stdin), sys.argv[1].partition("/")[2].split()
names = [sorted(one["id"] for one in v[key]) for key in ("findings", "notes")]
print("/".join(" ".join(name for name in one if name not in plain) for one in names))' "$plain"
}

doctor() { capture timeout 120 "$VDK" doctor "$@"; }

doctor --json
plain=$(ids <<< "$out")
like "this machine: exit" '^[01]$' "$status"
echo "# this machine: $plain"
clock=$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2> /dev/null || echo unknown)
case $clock in
tsc | kvm-clock) unlike "a good clock source is not found" '(^| )clock-source( |/)' "$plain" ;;
*) echo "# clock source: $clock" ;;
esac
case $plain in
/*) ;;
*) skip "this machine is ill by itself: $plain" ;;
esac

# --- programs that are started ---
doctor -- "$T/ill" syscall 20000
if [ "$status" = 77 ]; then
	echo "# no program can be watched here: $err"
else
	is "syscall(): exit" 1 "$status"
	like "syscall(): named" '^raw-calls: ' "$out"
	like "syscall(): counted, and where" '20000 times clock_gettime from libc.so.6, syscall\(\)' "$out"
	like "syscall(): cost" 'costs: [0-9]+ ns a call more than the vDSO: [0-9.]+ ms for 20000 calls' "$out"
	is "its standard output is led to standard error" 'done' "$err"
	doctor -- "$T/ill" instruction 20000
	like "its own instruction: where" '20000 times clock_gettime from ill' "$out"
	doctor -- sh -c "\"$T/ill\" syscall 15000; \"$T/ill\" syscall 15000; exec true"
	like "a tree of programs is counted" '30000 times clock_gettime' "$out"
	doctor --json -- "$T/ill" libc 20000
	is "by libc: nothing is found" 0 "$status"
	is "by libc: nothing is counted" 0 "$(python3 -c 'import json,sys; print(len(json.load(sys.stdin)["calls"]["callers"]))' <<< "$out")"
	doctor --json -- "$T/ill" rarely 200
	is "few system calls among much work: nothing is found" 0 "$status"
	like "few system calls among much work: counted" '"count": *200' "$out"
	doctor --json -- "$T/ill" cpu-clock 20000
	is "a clock that only the kernel has: nothing is found" 0 "$status"
	like "a clock that only the kernel has: counted apart" '"kernel_only": *20000' "$out"
	doctor -- "$T/ill" tsc 1
	like "PR_SET_TSC" '^tsc-denied: ' "$out"
	if grep -q '\[vsyscall\]' /proc/self/maps; then
		doctor -- "$T/ill" vsyscall 50
		like "vsyscalls: named" '^vsyscalls: ' "$out"
		like "vsyscalls: counted" '50 times time from the vsyscall page' "$out"
	fi
	start=$SECONDS
	doctor --seconds 0.5 -- sleep 300
	is "an end to a program that has none" 0 "$status"
	[ $((SECONDS - start)) -lt 60 ] && ok "in time" || not_ok "in time"
	doctor --seconds 0.5 -- sh -c 'trap "" TERM; while :; do sleep 1; done'
	is "one that ignores SIGTERM" 0 "$status"
	doctor -- sh -c "sleep 310 & echo \$! > $T/left"
	wait_for 10 sh -c "! kill -0 $(cat "$T/left")" && ok "what it leaves behind ends" || not_ok "what it leaves behind ends"
	doctor -- "$T/nothing"
	is "no such program: exit" 3 "$status"
	like "no such program: told" "$T/nothing: No such file" "$err"
fi

# --- processes that run ---
waits() { # waits COMMAND...: in the background; $pid is its number
	rm -f "$T/said"
	"$@" > "$T/said" 2>&1 &
	pid=$!
	at_end "kill -KILL $pid 2> /dev/null || :"
}

waits "$T/ill" threads
wait_for 10 grep -q 'done' "$T/said"
doctor "$pid"
like "a process: exit" '^[01]$' "$status"
doctor --count none --json "$pid"
is "not counted: nothing is found" / "$(ids <<< "$out")"
doctor --seconds 0.5 --count ptrace "$pid"
if grep -q 'not examined' <<< "$out" && grep -q ptrace <<< "$out"; then
	echo "# ptrace is not permitted here"
else
	like "threads: how many calls" 'reached the kernel: [1-9][0-9]{2,} in' "$out"
	is "it is not traced afterwards" "TracerPid: 0" "$(grep TracerPid "/proc/$pid/status" | tr -s '\t ' ' ')"
	before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
	wait_for 20 sh -c "[ \$(awk '{ print \$14 + \$15 }' /proc/$pid/stat) -gt $before ]" && ok "it goes on" || not_ok "it goes on"
	kill -STOP "$pid"
	wait_for 5 grep -q '^State:.T' "/proc/$pid/status"
	doctor --seconds 0.2 --count ptrace "$pid"
	sleep 0.2
	like "a stopped process stays stopped" '^State:.T' "$(cat "/proc/$pid/status")"
	kill -CONT "$pid"
fi
if [ "$(id -u)" = 0 ] && unshare -m sh -c 'mount -t tracefs none /sys/kernel/tracing &&
	[ -e /sys/kernel/tracing/events/syscalls/sys_enter_clock_gettime/id ]' 2> /dev/null; then
	capture timeout 60 unshare -m sh -c \
		"mount -t tracefs none /sys/kernel/tracing; exec \"$VDK\" doctor --count perf --seconds 0.5 $pid"
	if grep -q 'time system calls: perf events' <<< "$out"; then
		echo "# perf events are not permitted here"
	else
		like "threads are counted by perf" 'perf: [0-9]{3,} times clock_gettime|reached the kernel: [1-9]' "$out"
	fi
fi
kill "$pid"

waits "$T/ill" overwrite
wait_for 10 grep -q 'done' "$T/said" || echo "# the vDSO cannot be written to"
if [ -s "$T/said" ]; then
	doctor --count none "$pid"
	like "an overwritten vDSO: named" '^vdso-modified: ' "$out"
	like "an overwritten vDSO: where" 'offset 0xc00 on' "$out"
fi

waits "$VDK" run --once --vdso none -- sleep 300
if wait_for 10 grep -q '^sleep$' "/proc/$pid/comm"; then
	doctor --count none --json "$pid"
	is "a hidden vDSO" vdso-hidden/ "$(ids <<< "$out")"
fi

gcc -O1 -static -nostdlib -fno-stack-protector "$here/nolibc.c" -o "$T/nolibc"
waits "$T/nolibc"
wait_for 10 grep -q nolibc "/proc/$pid/comm"
doctor --count none --json "$pid"
is "a C library without a vDSO" libc-without/ "$(ids <<< "$out")"

if gcc -m32 -x c - -o "$T/narrow" <<< 'int pause(void); int main(void) { return pause(); }' 2> /dev/null; then
	waits "$T/narrow"
	wait_for 10 grep -q narrow "/proc/$pid/comm"
	doctor --count none --json "$pid"
	is "a 32-bit program" /program-32bit "$(ids <<< "$out")"
fi

cat > "$T/wrap.c" <<'C'
struct timespec;
int clock_gettime(int clock, struct timespec *time) { return clock && !time; }
C
gcc -shared -fPIC -fno-builtin "$T/wrap.c" -o "$T/wrap.so"
waits env LD_PRELOAD="$T/wrap.so" sleep 300
wait_for 10 grep -q wrap.so "/proc/$pid/maps"
doctor --count none --json "$pid"
is "a preloaded library" preload/ "$(ids <<< "$out")"

if [ "$(id -u)" = 0 ] && unshare --time --monotonic 1000 true 2> /dev/null; then
	waits unshare --time --monotonic 1000 --fork sleep 300
	wait_for 10 pgrep -P "$pid" sleep
	inner=$(pgrep -P "$pid" sleep)
	at_end "kill -KILL $inner 2> /dev/null || :"
	doctor --count none --json "$inner"
	is "a time namespace" /time-namespace "$(ids <<< "$out")"
fi

if [ "$(id -u)" = 0 ] && [ -e /etc/passwd ] && grep -q '^nobody:' /etc/passwd; then
	waits sleep 300
	wait_for 10 grep -q '^sleep$' "/proc/$pid/comm"
	capture setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$VDK" doctor "$pid"
	is "somebody else's process: exit" 77 "$status"
	like "somebody else's process: told" 'maps: .*not ours to see' "$out"
fi

# --- attached images and their publishers ---
image hostinfo
waits "$VDK" publish hostinfo "$image"
publisher=$pid
wait_for 20 test -e "$VDK_RUNTIME_DIR/hostinfo/page"
waits "$VDK" run --once --vdso hostinfo -- sleep 300
reader=$pid
if wait_for 10 grep -q hostinfo/page "/proc/$reader/maps" && wait_for 10 grep -q '^sleep$' "/proc/$reader/comm"; then
	look() { doctor --count none --json "$reader"; ids <<< "$out"; }
	wait_for 20 sh -c "! \"$VDK\" doctor --count none $reader | grep -q '^vdk-'" || :
	is "its publisher runs" / "$(look)"
	kill -KILL "$publisher"
	wait "$publisher" 2> /dev/null || :
	like "its publisher is dead" '^vdk-orphan' "$(look)"
	wait_for 60 sh -c "\"$VDK\" doctor --count none $reader | grep -q '^vdk-stale: '" &&
		ok "and by and by its page is void" || not_ok "and by and by its page is void" "$("$VDK" doctor --count none "$reader")"
	waits "$VDK" publish hostinfo
	publisher=$pid
	wait_for 20 sh -c "! \"$VDK\" doctor --count none $reader | grep -q '^vdk-'" || :
	is "another one took it over" / "$(look)"
	kill "$publisher"
	wait "$publisher" 2> /dev/null || :
	"$VDK" publish --no-update hostinfo "$image" > "$T/publish.log" 2>&1
	like "the same image, published again: the page is the same" '/vdk-replaced$' "$(look)"
	image notb
	"$VDK" publish --no-update hostinfo "$image" > "$T/publish.log" 2>&1
	is "another image of that name, another page" vdk-old-page/ "$(look)"
	"$VDK" unpublish hostinfo
	is "nothing of that name any more" vdk-gone/ "$(look)"
else
	echo "# nothing can be attached here: $(cat "$T/said")"
fi
finish
