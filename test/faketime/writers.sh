#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# writers.sh HOLDER - who changes a tree's time dies or stops half-way, and so does its supervisor
set -eu
. "$(dirname "$0")/../lib.sh"

holder=$1
export TZ=UTC
control() { capture "$VDK" faketime --control w "$@"; }
seconds() { "$VDK" faketime --control w show --json | sed -n 's/.*"seconds": \([0-9]*\).*/\1/p'; }
hold() { # hold: in $pid, a writer that is stopped inside an update
	"$holder" faketime-w &
	pid=$!
	wait_for 10 grep -q '^State:.T' "/proc/$pid/status" || not_ok "the writer stops"
}

# The tree's shell tells what it sees whenever it is asked; its clock is its own question.
mkfifo "$T/ask" "$T/told"
"$VDK" faketime --name w --freeze @1000 bash -c 'while read -r _; do printf "%(%s)T\n"; done' < "$T/ask" > "$T/told" 2> "$T/err.tree" & tree=$!
exec 8> "$T/ask" 9< "$T/told"
at_end "kill $tree 2> /dev/null"
ask() { local answer; echo >&8; read -r -t 20 answer <&9; echo "$answer"; }
is "the tree tells its time" 1000 "$(ask)"

# Stopped inside: readers go on, other writers give up after a while, and all is well afterwards.
hold
is "beside a stopped writer: readers go on" 1000 "$(ask)"
before=$SECONDS
control step +1h
is "beside a stopped writer: a change fails" 3 "$status"
like "and says why" 'stopped inside an update' "$err"
[ $((SECONDS - before)) -lt 30 ] && ok "in time" || not_ok "in time" "$((SECONDS - before)) s"
is "the time stays" 1000 "$(ask)"
kill -CONT "$pid"; wait "$pid" || not_ok "the writer ends"
is "continued, it writes what it wanted" 1000 "$(ask)"
control step +1h;   is "and others can" 4600 "$(ask)"

# Killed inside: as if it had never been there.
hold
kill -KILL "$pid"; wait "$pid" 2> /dev/null || :
is "beside a killed writer: readers go on" 4600 "$(ask)"
control step +1h
is "a change takes over" 0 "$status"
is "and holds" 8200 "$(ask)"

# Killed at any moment: each is done or not.
expected=8200
for i in $(seq 60); do
	"$VDK" faketime --control w step +1 & pid=$!
	read -r -t "0.00$((i % 5))$((i % 10))" <> <(:) || :
	kill -KILL "$pid" 2> /dev/null || :
	wait "$pid" 2> /dev/null || :
	found=$(ask)
	case $((found - expected)) in
	0 | 1) expected=$found ;;
	*) not_ok "after kill $i" "expected $expected or one more, found $found" ;;
	esac
done
figure kills "$i"
ok "changes killed at $i moments: $((expected - 8200)) of them done, none half"
control set @5000
is "and the next one is whole" 5000 "$(ask)"

# Both processes of the supervisor killed: what runs keeps its time, and can be controlled.
for process in /proc/[0-9]*; do
	case $(cat "$process/comm" 2> /dev/null) in
	vdk-keeper | vdk-follow) ls -l "$process/fd" 2> /dev/null | grep -q "$VDK_RUNTIME_DIR/faketime-w/" || continue ;;
	*) continue ;;
	esac
	supervisors+=("${process#/proc/}")
done
is "the supervisor is there" 2 "${#supervisors[@]}"
kill -KILL "${supervisors[@]}"
is "without a supervisor: the time stays" 5000 "$(ask)"
finish
