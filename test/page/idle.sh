#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A publisher that rests while nobody has the page. Every look at the page would wake it, so what
# is looked at is how often the process itself was woken.
set -eu
. "$(dirname "$0")/../lib.sh"

image sample
start() { # start OPTION...: publish, and wait until the first value is there
	rm -f "$T/publisher.out"
	"$VDK" publish --every 5ms "$@" sample "$image" > "$T/publisher.out" 2> "$T/publisher.err" &
	publisher=$!
	wait_for 10 test -s "$T/publisher.out"
}
publisher=
at_end 'kill -KILL $publisher 2> /dev/null || true'

wakes() { awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$publisher/status"; }
rests() { # for half a second nothing happened
	local before

	before=$(wakes)
	sleep 0.5
	[ "$(($(wakes) - before))" -le 2 ]
}
works() { ! rests; }

start --idle 300ms --void-after 200ms
wait_for 20 rests && ok "alone: it rests" || not_ok "alone: it rests"

"$VDK" run --once --vdso sample -- sleep 60 &
reader=$!
at_end 'kill -KILL $reader 2> /dev/null || true'
wait_for 20 works && ok "a program attached: it works" || not_ok "a program attached: it works"
sleep 1
works && ok "it goes on while the program runs" || not_ok "it goes on while the program runs"
is "the values are good again" live "$("$VDK" ls | awk '$1 == "sample" { print $5 }')"

kill -KILL "$reader"
wait "$reader" 2> /dev/null || true
wait_for 20 rests && ok "the program ended: it rests again" || not_ok "the program ended: it rests again"

# A descriptor alone, and a look in passing.
exec 8< "$VDK_RUNTIME_DIR/sample/page"
wait_for 20 works && ok "opened without mapping it: it works" || not_ok "opened without mapping it: it works"
exec 8<&-
wait_for 20 rests && ok "closed: it rests" || not_ok "closed: it rests"
before=$("$VDK" get sample pair.count)
sleep 0.1
more() { [ "$("$VDK" get sample pair.count)" -gt "$before" ]; }
wait_for 5 more && ok "looking wakes it" || not_ok "looking wakes it"

kill -TERM "$publisher"
wait "$publisher" && ok "it ends when it is told to" || not_ok "it ends when it is told to" "$?"

# Many opens while it asks as often as it can: nobody fails, nobody hangs.
start --idle 1us
failed=0
for _ in $(seq 200); do
	timeout 10 "$VDK" get sample pair.count > /dev/null || failed=$((failed + 1))
done
is "200 opens beside a publisher that always asks" 0 "$failed"
failed=0
for _ in $(seq 50); do
	timeout 10 "$VDK" run --vdso sample -- true || failed=$((failed + 1))
	timeout 10 "$VDK" run --once --vdso sample -- true || failed=$((failed + 1))
done
is "100 attaches beside it" 0 "$failed"
kill -TERM "$publisher"
wait "$publisher" || true
is "no complaint" "" "$(cat "$T/publisher.err")"
finish
