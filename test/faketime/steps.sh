#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# steps.sh STEPS ABI - a clock that moves at each question: one for the whole tree, whoever asks
set -eu
. "$(dirname "$0")/../lib.sh"

steps=$1
abi=$2
export LC_ALL=C TZ=UTC
fake() { capture "$VDK" faketime "$@"; }

# What SPECs with a step mean.
fake '@1000 i2.0' sh -c 'date +%s; date +%s; date +%s.%N'
is "each program of a tree steps on" "1000 1002 1004.000000000" "$(xargs <<< "$out")"
fake '@1000 i0,25' sh -c 'sleep 0.3; date +%s.%N; date +%s.%N'
is "parts of a second, and none by itself" "1000.000000000 1000.250000000" "$(xargs <<< "$out")"
fake '+1y i1' date +%s;       near "+1y i1" $(($(date +%s) + 31536000)) "$out" 2
fake i1 date +%s;             near "i1" "$(date +%s)" "$out" 2
fake '@1000 x1 i500' sh -c 'date +%s; sleep 1.1; date +%s'
like "a rate goes on between the steps" '^1000 150[123]$' "$(xargs <<< "$out")"
fake --freeze '@1000 i1' sh -c 'date +%s; date +%s'
is "--freeze: no steps yet" "1000 1000" "$(xargs <<< "$out")"
fake --once '@1000 i1' bash -c 'printf "%(%s)T %(%s)T " -1 -1; date +%s'
like "--once: its program steps, what it starts has the true time" '^100[0-9] 100[0-9] [0-9]{10}$' "$out"
fake '@0 i1000000000' sh -c 'i=0; while [ $i -lt 12 ]; do date +%s; i=$((i + 1)); done'
is "steps come to 292 years at most" 9223372036 "$(tail -1 <<< "$out")"
fake '@0 i1000000001' true
is "a step too long: exit status" 2 "$status"
like "a step too long: message" 'column 5: expected a step of at most 1000000000' "$err"
fake '@0 i-1' true;           like "no step backwards" 'column 5: expected a number' "$err"
fake '@0 i' true;             like "no step at all" 'column 5: expected a number' "$err"

# The same as Debian's own, in one process and in several.
if command -v faketime > /dev/null; then
	for spec in '@2000-01-01 00:00:00 i2.0' '@2000-01-01 00:00:00 i0.5'; do
		theirs=$(faketime -f "$spec" sh -c 'date +%s.%N; date +%s.%N; date +%s.%N')
		fake -f "$spec" sh -c 'date +%s.%N; date +%s.%N; date +%s.%N'
		is "as faketime -f '$spec'" "$theirs" "$out"
	done
	theirs=$(faketime -f '2000-01-01 00:00:00 i2.0' sh -c 'date +%s; date +%s')
	fake -f '2000-01-01 00:00:00 i2.0' sh -c 'date +%s; date +%s'
	is "as faketime -f with a plain date, which stands still" "$theirs" "$out"
fi

# Monotonic clocks: true, or stepping with all others and never backwards.
clocks='import time; a = time.monotonic(); b = time.time(); c = time.monotonic(); print(round(c - a))'
fake '@1000 i100' python3 -c "$clocks";             is "monotonic clocks are true" 0 "$out"
fake --monotonic '@1000 i100' python3 -c "$clocks"; is "--monotonic: they step, too" 200 "$out"

# Many at once.
fake '@0 i1' "$steps" 4 4 6000
is "processes and threads never see one time twice" "distinct, from 0 to 95999" "$out"
figure distinct_answers "$(($(sed -n 's/.* to \([0-9]*\)$/\1/p' <<< "$out") + 1))"
fake '@0 i1' "$steps" 2 2 5000 scribble
is "whatever is written over the tree's state" "every answer was a time" "$out"
capture "$abi"
native=$out
[ "$status" = 77 ] || for option in '' --monotonic; do
	fake $option '@0 i1' "$abi"
	is "bad pointers and clocks under i1 $option" "$native" "$out"
done

# Live control.
"$VDK" faketime --name s '@1000 i1' sleep 60 & pid=$!
"$VDK" faketime --name none +1d sleep 60 & none=$!
at_end "kill $pid $none 2> /dev/null"
wait_for 5 "$VDK" faketime --control s show || not_ok "the tree is there"
wait_for 5 "$VDK" faketime --control none show || not_ok "the other tree is there"
orders() { # orders WHAT EXPECTED ORDER...
	local what=$1 expected=$2

	shift 2
	for order; do
		"$VDK" faketime --control s $order || not_ok "$what: $order"
	done
	like "$what" "$expected" "$("$VDK" faketime --control s show)"
}
seconds() { "$VDK" faketime --control s show --json | sed -n 's/.*"seconds": \([0-9]*\).*/\1/p'; }
before=$(seconds)
is "looking from outside is no question" "$before" "$(seconds)"
orders "the step is shown" 'x0 i1  pid' show
orders "freeze" 'x0 i0 \(frozen\)' freeze
orders "resume" 'x0 i1  pid' resume
orders "another step" 'x0 i2\.5  pid' 'set i2.5'
orders "a rate beside it" 'x2 i2\.5  pid' 'set x2'
orders "set" '1970-01-01 00:0[0-9]:[0-9.]* .* x0 i2\.5' 'set x0' 'set @7'
orders "step" '1970-01-01 01:0[0-9]:[0-9.]* ' 'step +1h'
is "JSON" 2.5 "$("$VDK" faketime --control s show --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["step"])')"
capture "$VDK" faketime --control none set i1
is "a tree that was started without: exit status" 77 "$status"
like "a tree that was started without: message" 'nothing to count steps in' "$err"
finish
