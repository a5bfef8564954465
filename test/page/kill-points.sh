#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Kill `vdk publish` and `vdk unpublish` at each of their system calls in turn: what is published
# is then the old publication or the new one, whole, or nothing if there was nothing.
#
# strace's own injection does it: signal=KILL at the N-th call of one kind, for N = 1, 2, ... until
# the program ends by itself. With every call of every kind as a point to die at, every gap between
# two calls is one too.
set -eu
. "$(dirname "$0")/../lib.sh"
need strace

calls="openat mkdir mkdirat read pread64 write pwrite64 ftruncate fallocate fchmod fchmodat linkat
	renameat2 unlinkat rmdir fcntl fstat newfstatat faccessat2 faccessat mmap munmap close getdents64
	getrandom statfs fstatfs"
strace -qq -o /dev/null -e trace=close -e inject=close:signal=KILL:when=10000 true 2> /dev/null ||
	skip "strace cannot inject here (ptrace forbidden?)"

image sample
old=$image
# The same layout in another image: one more function.
mkdir "$T/next"
cp "$(dirname "$0")/sample/sample.page.h" "$(dirname "$0")/sample/sample.vdso.c" "$T/next/"
echo 'VDK_FUNCTION(int, sample_next, (void)) { return 1; }' >> "$T/next/sample.vdso.c"
"$VDK" build "$T/next" -o "$T/next.so" > "$T/build" 2>&1 || { cat "$T/build"; exit 1; }
image other
other=$image

# A shell of its own says "Killed", where nobody reads it.
quietly() { sh -c '"$@"; exit $?' sh "$@"; }

restore() { # restore [IMG]: publish the old one anew, or nothing
	rm -rf "$VDK_RUNTIME_DIR"
	mkdir "$VDK_RUNTIME_DIR"
	if [ -n "${1-}" ]; then
		"$VDK" publish --no-update x "$1" > /dev/null
		"$VDK" set x pair.count=41
	fi
}

whole() { # whole BEFORE AFTER: the state is one of them. Empty: not published
	local now found=

	if [ -e "$VDK_RUNTIME_DIR/x" ]; then
		for now in "$1" "$2"; do
			[ -z "$now" ] || ! cmp -s "$now" "$VDK_RUNTIME_DIR/x/image.so" || found=$now
		done
		[ -n "$found" ] || { echo "image.so is neither the old nor the new one"; return 1; }
		# Opens and checks everything: trust, note, page, table, and that they match.
		"$VDK" get x > "$T/values" 2>&1 || { cat "$T/values"; return 1; }
		"$VDK" set x pair.count=42 2>&1 || return 1
	else
		[ -z "$1" ] || [ -z "$2" ] || { echo "gone"; return 1; }
	fi
}

# die_everywhere WHAT BEFORE AFTER COMMAND...
die_everywhere() {
	local what=$1 before=$2 after=$3 call n points=0 bad=0 status why

	shift 3
	for call in $calls; do
		for ((n = 1; n < 200; n++)); do
			restore "$before"
			status=0
			quietly strace -qq -o /dev/null -e trace="$call" \
				-e "inject=$call:signal=KILL:when=$n" "$@" > "$T/log" 2>&1 || status=$?
			if ! why=$(whole "$before" "$after"); then
				bad=$((bad + 1))
				echo "# $what: killed at $call $n: $why"
			fi
			# It ended by itself: there is no N-th call of this kind.
			[ "$status" = 137 ] || break
			points=$((points + 1))
		done
		[ "$status" = 0 ] || { echo "# $what: exit $status: $(cat "$T/log")"; bad=$((bad + 1)); }
	done
	figure kill_points "$points"
	[ "$points" -gt 20 ] || not_ok "$what: expected more than 20 points to die at" "$points"
	is "$what: old or new at each of $points points" 0 "$bad"
}

die_everywhere "publish" "" "$old" "$VDK" publish --no-update x "$old"
die_everywhere "replace, same layout" "$old" "$T/next.so" "$VDK" publish --no-update x "$T/next.so"
die_everywhere "replace, other layout" "$old" "$other" "$VDK" publish --no-update x "$other"
die_everywhere "unpublish" "$old" "" "$VDK" unpublish x

# What the dead left is swept by the next publisher of the name.
restore "$old"
quietly strace -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=1 \
	"$VDK" publish --no-update x "$other" > /dev/null 2>&1 || true
is "a killed publisher leaves something" 1 "$(ls -A "$VDK_RUNTIME_DIR" | grep -c '^\.x\.[A-Za-z0-9]\{6\}$')"
"$VDK" publish --no-update x "$other" > /dev/null
is "the next one removes it" 0 "$(ls -A "$VDK_RUNTIME_DIR" | grep -c '^\.x\.[A-Za-z0-9]\{6\}$' || true)"

# --- system calls that fail instead ---
for fault in openat:ENFILE mkdirat:ENOSPC fallocate:ENOSPC pwrite64:ENOSPC fchmod:EPERM \
	renameat2:EROFS ftruncate:EFBIG; do
	for ((n = 1; n < 60; n++)); do
		restore "$old"
		status=0
		strace -qq -o "$T/trace" -e trace="${fault%:*}" -e "inject=${fault%:*}:error=${fault#*:}:when=$n" \
			"$VDK" publish --no-update x "$other" > "$T/log" 2>&1 || status=$?
		why=$(whole "$old" "$other") || not_ok "$fault at call $n leaves a whole publication" "$why"
		[ "$status" -lt 128 ] || not_ok "$fault at call $n is no crash" "exit $status" "$(cat "$T/log")"
		grep -q INJECTED "$T/trace" || break
	done
	figure failed_calls "$((n - 1))"
	ok "$fault at each of $((n - 1)) calls"
done
finish
