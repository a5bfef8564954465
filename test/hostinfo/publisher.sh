#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Publishers that never started, stall, are killed, come back or were told nonsense: every answer
# has a sign of it, and none is a hang.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

compile dump
ENODATA=-61 ESTALE=-116

# --- not published at all ---
capture "$VDK" run --once --vdso hostinfo -- "$T/dump"
is "not published: exit" 3 "$status"
like "not published: says so" "hostinfo" "$err"

# --- published, never written ---
"$VDK" publish --no-update hostinfo "$image" > /dev/null
dump
for name in load memory cgroup pressure cgroup_pressure identity; do
	is "never written: $name" $ENODATA "$(value $name)"
	is "never written: $name is zero" 00 "$(value $name.known)$(value $name.realtime_ns)"
done
for name in all memory_available memory_limit load1 cpus age; do
	is "never written: $name" $ENODATA "$(value $name)"
done
"$VDK" unpublish hostinfo

# --- one program through all of it, without a restart ---
start
mkfifo "$T/ask"
"$VDK" run --vdso hostinfo -- "$T/dump" again < "$T/ask" > "$T/answers" &
reader=$!
at_end 'kill $reader 2> /dev/null || true'
exec 9> "$T/ask"
answers() { grep -c '^end$' "$T/answers"; }
enough() { [ "$(answers)" -gt "$1" ]; }
ask() {
	local before

	before=$(answers) || true
	echo >&9
	wait_for 5 enough "$before" || not_ok "the reader answers"
	awk '/^end$/ { last = text; text = ""; next } { text = text $0 "\n" } END { printf "%s", last }' \
		"$T/answers" > "$T/dump.txt"
}
ask
is "running" "0 0" "$(value memory) $(($(value memory_available) < 0))"
first=$(value memory.realtime_ns)

kill -STOP "$publisher"
sleep 0.6
ask
is "stalled: structs" "$ESTALE $ESTALE" "$(value memory) $(value all)"
is "stalled: the last sample is given" "$("$VDK" get hostinfo hostinfo_memory.total)" "$(value memory.total)"
is "stalled: with its time" "$("$VDK" get hostinfo hostinfo_memory.realtime_ns)" "$(value memory.realtime_ns)"
for name in memory_available load1; do
	is "stalled: $name is no value" $ESTALE "$(value $name)"
done
is "stalled: the age tells" yes "$([ "$(value age)" -ge 400000000 ] && echo yes)"
kill -CONT "$publisher"
sleep 0.3
ask
is "goes on" 0 "$(value memory)"
is "goes on: a newer sample" yes "$([ "$(value memory.realtime_ns)" -gt "$first" ] && echo yes)"

stop KILL
sleep 0.6
ask
is "killed" "$ESTALE $ESTALE" "$(value memory) $(value load1)"
start
ask
is "the next publisher, the same program" 0 "$(value memory)"
near "the next publisher: age" 0 "$(value age)" 400000000

"$VDK" publish --help > /dev/null
stop TERM
"$VDK" unpublish hostinfo
sleep 0.6
ask
is "unpublished" $ESTALE "$(value memory)"
exec 9>&-
status=0
wait "$reader" || status=$?
is "the program ends as usual" 0 "$status"

# --- once: no limit is set, so only the age tells ---
"$VDK" publish --once hostinfo "$image" > /dev/null
sleep 1.2
dump
is "once: no limit" "0 0" "$(value memory) $(value all)"
is "once: the age tells" yes "$([ "$(value age)" -ge 1100000000 ] && echo yes)"
"$VDK" unpublish hostinfo

# --- nonsense in the environment: no sample, one message ---
for path in relative ../up /a/../b /a/./b "/$(printf 'x%.0s' {1..300})"; do
	VDK_HOSTINFO_CGROUP=$path timeout -s TERM 1 "$VDK" publish --every 20ms hostinfo "$image" \
		> /dev/null 2> "$T/err" || true
	is "VDK_HOSTINFO_CGROUP=${path:0:12}: said once" 1 "$(grep -c "^hostinfo: VDK_HOSTINFO_CGROUP: expected a path" "$T/err")"
	dump
	is "VDK_HOSTINFO_CGROUP=${path:0:12}: nothing is told" $ENODATA "$(value memory)"
	"$VDK" unpublish hostinfo
done
finish
