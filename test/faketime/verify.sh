#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# verify.sh VERIFY ABI STEADY - the image's answers, its errors, and its clocks under changes
set -eu
. "$(dirname "$0")/../lib.sh"

verify=$1
abi=$2
steady=$3
export TZ=UTC

check() { # check SPEC [OPTION...]: every clock and function, in a tree with this SPEC
	local spec=$1

	shift
	capture "$VDK" faketime --name v "$@" "$spec" "$verify" "$VDK_RUNTIME_DIR/faketime-v/page"
	is "verify $spec $*" 0 "$status"
	unlike "verify $spec $*: no wrong answer" '^wrong' "$out$err"
	like "verify $spec $*: clocks were looked at" '^right clock_gettime 11' "$out"
}

check +1d
check -2,5y
check @1000.999999999
check '2020-12-24 20:30:00'
check x2
check '+1y x0.1'
check '+1y x1000000'
check x0
check '+1d x2.5' --monotonic
check x0 --monotonic
check +1d --monotonic
check +1d --once

# What is no time at all is the kernel's own.
capture "$abi"
native=$out
[ "$status" != 77 ] || skip "this kernel's vDSO lacks a standard function"
for spec in +1d x2; do
	for option in '' --monotonic; do
		capture "$VDK" faketime $option "$spec" "$abi"
		is "bad pointers and clocks under $spec $option" "$native" "$out"
	done
done

# A page that was never written means the true time.
capture "$VDK" run --vdso "$VDK_BUILD_ROOT/vdsos/faketime/faketime.so" date +%s
near "never written" "$(date +%s)" "$out" 2

# Rates change under two threads that watch each other; wall clocks too, since nothing is stepped.
"$VDK" faketime --name s --monotonic '+1d x3' "$steady" 2500 0 1 4 5 6 7 11 > "$T/steady" 2>&1 &
pid=$!
wait_for 5 "$VDK" faketime --control s show || not_ok "the tree is there"
for i in 1 2 3 4 5 6; do
	for order in freeze resume 'set x100' 'set x0.001' 'set x1'; do
		"$VDK" faketime --control s $order || break 2
	done
done 2> "$T/orders"
status=0
wait "$pid" || status=$?
is "no clock ran backwards" "backwards 0" "$(cat "$T/steady")"
is "no clock ran backwards: exit status" 0 "$status"
figure rounds_of_changes "$i"
[ "$i" -ge 3 ] && ok "$i rounds of changes were made" || not_ok "only $i rounds of changes were made"
finish
