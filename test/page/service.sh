#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A publisher that runs: its hook, its heartbeat, its role, its end, its service manager.
set -eu
. "$(dirname "$0")/../lib.sh"

image sample
"$VDK" publish --every 5ms --void-after 400ms sample "$image" > "$T/publisher.out" 2> "$T/publisher.err" &
publisher=$!
at_end 'kill -KILL $publisher 2> /dev/null || true'
state() { "$VDK" ls | awk '$1 == "sample" { print $5 }'; }
state_is() { [ "$(state)" = "$1" ]; }
counts() { [ "$("$VDK" get sample pair.count)" -gt "$1" ]; }

wait_for 5 "$VDK" get sample pair || not_ok "the hook's first value is there"
first=$("$VDK" get sample pair.count)
wait_for 5 counts $((first + 3)) && ok "the hook runs again and again" || not_ok "the hook runs again and again"
like "ls names the publisher" "^sample +1 +$publisher .* live " "$("$VDK" ls)"
is "ls --json" 1 "$("$VDK" ls --json | grep -c '"publisher_alive":true')"
is "it waits, it does not spin" yes "$(awk '{ print ($14 + $15 < 100) ? "yes" : "no" }' "/proc/$publisher/stat")"

# --- a second one ---
capture "$VDK" publish sample "$image"
is "two publishers: exit" 3 "$status"
like "two publishers: names the holder" "sample: has a publisher already: process $publisher of uid $(id -u)" "$err"
capture "$VDK" publish sample
like "take over from a living one" "process $publisher" "$err"
capture "$VDK" unpublish sample
like "unpublish under it" "process $publisher" "$err"
is "unpublish under it: exit" 3 "$status"
is "it still is there" sample "$(ls "$VDK_RUNTIME_DIR")"

# --- set beside it ---
capture "$VDK" set sample wide.tiny=7
is "set beside a publisher: exit" 0 "$status"
is "set beside a publisher" 7 "$("$VDK" get sample wide.tiny)"

# --- it stalls ---
kill -STOP "$publisher"
wait_for 5 state_is void && ok "a stopped publisher becomes void" || not_ok "a stopped publisher becomes void" "$(state)"
capture "$VDK" get sample pair
is "readers do not wait for it" 0 "$status"
kill -CONT "$publisher"
wait_for 5 state_is live && ok "and live again" || not_ok "and live again" "$(state)"

# --- its hook fails: no heartbeat, one message ---
"$VDK" set sample wide.flag=true
wait_for 5 state_is void && ok "a hook that fails gives no heartbeat" || not_ok "a hook that fails gives no heartbeat"
is "and is reported once" 1 "$(grep -c 'update hook failed: I.*/[Oo].* error' "$T/publisher.err")"
"$VDK" set sample wide.flag=false
wait_for 5 state_is live && ok "it recovers" || not_ok "it recovers"

# --- it is killed; the next one takes over ---
kill -KILL "$publisher"
wait "$publisher" 2> /dev/null || true
wait_for 5 state_is void && ok "a killed publisher becomes void" || not_ok "a killed publisher becomes void"
like "ls: nobody" "^sample +1 +- " "$("$VDK" ls)"
last=$("$VDK" get sample pair.count)
"$VDK" publish --every 5ms sample > "$T/publisher.out" 2>&1 &
publisher=$!
wait_for 5 counts $((last + 3)) && ok "the next one goes on from its value" || not_ok "the next one goes on from its value"
like "epoch rises" "^sample +2 +$publisher " "$("$VDK" ls)"
like "says so" "sample: taken over \(epoch 2" "$(cat "$T/publisher.out")"

# --- its end ---
for signal in TERM INT HUP; do
	kill "-$signal" "$publisher"
	status=0
	wait "$publisher" || status=$?
	is "SIG$signal: exit" 0 "$status"
	capture "$VDK" get sample pair
	is "SIG$signal: the publication stays" 0 "$status"
	# bash starts background jobs with SIGINT ignored, nohup everything with SIGHUP, and so it stays.
	env --default-signal "$VDK" publish --every 5ms sample > /dev/null 2>&1 &
	publisher=$!
	wait_for 5 bash -c "'$VDK' ls | grep -q ' $publisher '" || not_ok "restart"
done

# --- replaced in place: a program that runs sees the new publisher ---
cat > "$T/look.c" << 'C'
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	int64_t (*count)(void);
	void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);

	*(void **)&count = vdso ? dlvsym(vdso, "__vdso_sample_count", "LINUX_2.6") : 0;
	for (char c; count && read(0, &c, 1) == 1;) {
		printf("%lld\n", (long long)count());
		fflush(stdout);
	}
	return !count;
}
C
cc -D_GNU_SOURCE -o "$T/look" "$T/look.c"
kill "$publisher"
wait "$publisher" || true
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample pair.count=1000
mkfifo "$T/ask"
"$VDK" run --vdso sample -- "$T/look" < "$T/ask" > "$T/answers" &
looker=$!
exec 9> "$T/ask"
answer() { [ "$(wc -l < "$T/answers")" = "$1" ]; }
printf x >&9
wait_for 5 answer 1 || not_ok "a program sees the page"
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample pair.count=2000
printf x >&9
wait_for 5 answer 2 || true
sample=$image
image other
"$VDK" publish sample "$image" > /dev/null
"$VDK" set sample pair.count=3000
printf x >&9
wait_for 5 answer 3 || true
"$VDK" unpublish sample
printf x >&9
wait_for 5 answer 4 || true
exec 9>&-
wait "$looker"
is "it sees the next publisher, then keeps its page" "1000 2000 2000 2000" "$(xargs < "$T/answers")"
image=$sample

# --- the service manager ---
cc -o "$T/listen" "$(dirname "$0")/listen.c"
for socket in "$T/notify" "@vdk-test-$$"; do
	rm -f "$T/notified"
	"$T/listen" "$socket" > "$T/notified" &
	listener=$!
	wait_for 5 grep -q listening "$T/notified" || not_ok "listener"
	NOTIFY_SOCKET=$socket WATCHDOG_USEC=40000 "$VDK" publish --every 5ms sample "$image" > /dev/null &
	publisher=$!
	wait_for 5 grep -q WATCHDOG=1 "$T/notified" && ok "WATCHDOG=1 to $socket" || not_ok "WATCHDOG=1 to $socket"
	kill "$publisher"
	wait "$publisher" || true
	wait_for 5 grep -q STOPPING=1 "$T/notified" && ok "STOPPING=1" || not_ok "STOPPING=1"
	is "READY=1 comes first" "READY=1" "$(sed -n 2p "$T/notified")"
	kill "$listener"
	wait "$listener" 2> /dev/null || true
done

# --- a hook that hangs is killed by the second signal ---
mkdir -p "$T/hang"
cp "$(dirname "$0")/sample/sample.page.h" "$(dirname "$0")/sample/sample.vdso.c" "$T/hang/"
cat > "$T/hang/sample.update.c" << 'C'
#include <unistd.h>
#include <vdk/update.h>
#include "sample.page.h"
VDK_UPDATE(u)
{
	while (u->count)
		pause();
}
C
if "$VDK" build "$T/hang" -o "$T/hang.so" > "$T/build" 2>&1; then
	"$VDK" publish --every 5ms hang "$T/hang.so" > /dev/null &
	publisher=$!
	sleep 0.3
	kill "$publisher"
	sleep 0.2
	kill -0 "$publisher" && ok "the first signal asks" || not_ok "the first signal asks"
	kill "$publisher"
	status=0
	wait "$publisher" || status=$?
	is "the second one ends it" 143 "$status"
else
	not_ok "build a hook that hangs" "$(cat "$T/build")"
fi
finish
