#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Hot CPUs: readers on one CPU with the writers, beside a real-time program that never lets go of it,
# and spinning readers beside writers that get what nobody else wants.
set -eu
. "$(dirname "$0")/lib.sh"
need_root
need taskset chrt

image sample
"$VDK" publish --no-update sample "$image" > /dev/null
# run WHAT ROUNDS [COMMAND...] -- ARGUMENT...: the torture of page-torture, so placed.
run() {
	local what=$1 rounds=$2 begin=$SECONDS placed=()

	shift 2
	while [ "$1" != -- ]; do
		placed+=("$1")
		shift
	done
	shift
	capture "${placed[@]}" "$VDK" run --once --vdso sample -- "$VDK_BUILD_ROOT/test/page/torture" \
		--publication sample "$@" "$rounds" "$TORTURE_SEED"
	is "$what: values are whole and in order, and readers go on" 0 "$status"
	[ "$status" = 0 ] || printf '# %s\n' "$out" "$err"
	for name in writes gave_up torn backwards writers_timed_out; do
		figure "$name" "$(sed -n "s/^figure $name //p" <<< "$out")"
	done
	figure reads "$(awk '/^figure reads_by/ { sum += $3 } END { print sum + 0 }' <<< "$out")"
	figure "seconds_${what// /_}" "$((SECONDS - begin))"
}

run "all on one CPU" "$(by_length 300 5000)" taskset -c 0 -- --readers 8
# A writer that gets no CPU within an update makes the other one give up in time (VDK_WRITER_PATIENCE_MS).
run "idle writers on one CPU" "$(by_length 10 300)" taskset -c 0 -- --readers 4 --idle-writers --may-time-out

# The hog takes all that a real-time program may: 95 of 100 parts (sched_rt_runtime_us) on most kernels.
taskset -c 0 chrt -f 50 sh -c 'while :; do :; done' 2> /dev/null &
hog=$!
at_end 'kill -KILL $hog 2> /dev/null'
sleep 0.2
kill -0 "$hog" 2> /dev/null || skip "no real-time program may run here"
run "beside a real-time hog" "$(by_length 40 1000)" taskset -c 0 -- --readers 4
run "all at real time beside it" "$(by_length 4 200)" chrt -r 10 -- --readers 2 --may-time-out
kill -KILL "$hog"
wait "$hog" 2> /dev/null || :
finish
