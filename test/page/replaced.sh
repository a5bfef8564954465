#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A publication is replaced while somebody opens it: between any two of the files that are opened, the
# old one's are deleted. Whoever opens it gets the old or the new one. strace delays each open in turn.
set -eu
. "$(dirname "$0")/../lib.sh"
need strace
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" # it cannot look under strace
image sample
strace -qq -o /dev/null -e trace=openat -e inject=openat:delay_enter=1000:when=1 true 2> /dev/null ||
	skip "strace cannot delay here (ptrace forbidden?)"

"$VDK" publish --no-update x "$image" > /dev/null
"$VDK" set x pair.count=41
try() { # try WHAT COMMAND...
	local what=$1 n met=0 bad=0

	shift
	for ((n = 1; n < 60; n++)); do
		rm -f "$T/trace"
		strace -qq -o "$T/trace" -e trace=openat -e inject=openat:delay_enter=150000:when=$n "$@" \
			> "$T/out" 2> "$T/err" &
		reader=$!
		sleep 0.05
		"$VDK" publish --no-update x "$image" > /dev/null
		status=0
		wait "$reader" || status=$?
		if [ "$status" != 0 ]; then
			bad=$((bad + 1))
			echo "# $what, before open $n: exit $status: $(cat "$T/err")"
		fi
		grep -q DELAYED "$T/trace" || break
		met=$((met + 1))
	done
	is "$what: whole, whichever of $met opens the replacement comes before" 0 "$bad"
}
try "get" "$VDK" get x
is "its value" 41 "$("$VDK" get x pair.count)"
try "set" "$VDK" set x wide.tiny=3
try "ls" "$VDK" ls
finish
