#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Process numbers that are given away: between a look at a process and the next one, and between the
# notification of an exec and what is done about it. Nothing is done to, and nothing told of, who has
# the number then. strace holds vdk up at the right moment; kernel.ns_last_pid gives the number away.
set -eu
. "$(dirname "$0")/lib.sh"
need_root
need strace unshare python3 perl
[ -w /proc/sys/kernel/ns_last_pid ] || skip "this kernel does not let one choose a number (CONFIG_CHECKPOINT_RESTORE)"
strace -qq -o /dev/null true 2> /dev/null || skip "strace is not allowed to trace here"
if [ "${PIDS_INSIDE-}" != yes ]; then
	unshare -pf --mount-proc true 2> /dev/null || skip "no process namespace can be made here"
	PIDS_INSIDE=yes exec unshare -pf --mount-proc "$0"
fi

image marker
reuse=$VDK_SOURCE_ROOT/test/hostile/reuse.py

given=0
# --- what looks ---
# Each opening is held up; right after that of /proc/PID the process is replaced.
for look in "maps PID" "auxv PID" "symbols PID" "dump -o $T/dumped PID" "perf-map -o $T/map PID" "doctor --count none PID" \
	"doctor --count ptrace --seconds 0.3 PID"; do
	# shellcheck disable=SC2086
	capture timeout -s KILL 60 python3 "$reuse" look "$T/said" "$VDK" $look
	given=$((given + $(grep -c '^replaced$' <<< "$out" || :)))
	like "$look: the number was given away meanwhile" '^replaced$' "$out"
	like "$look: who has it now is left alone" '^untouched$' "$out"
	unlike "$look: nothing is told of it" 'stranger|python' "$(cat "$T/said")"
done

# --- what attaches ---
# A followed tree, whose supervisor is held up in front of each PTRACE_SEIZE. The program is killed in
# that time that executes, or asks to be traced for good, as only our own start-up code should.
for what in exec ask; do
	capture timeout -s KILL 90 python3 "$reuse" $what "$T/said" "$VDK" run --vdso "$image"
	given=$((given + $(grep -c '^replaced$' <<< "$out" || :)))
	like "$what: the number was given away meanwhile" '^replaced$' "$out"
	like "$what: the stranger is let go" '^let go$' "$out"
	like "$what: it executes unattached" '^unattached$' "$out"
	like "$what: the tree goes on, attached" '^tree attached$' "$out"
	unlike "$what: nothing is said of the stranger" 'vdk run: stranger' "$(cat "$T/said")"
done
figure numbers_given_away "$given"
finish
