# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What fastclock's tests share: `clocks` is the program that looks at the clocks from inside.
. "$VDK_SOURCE_ROOT/test/lib.sh"

CLOCKS=$1
publisher=
at_end 'feed_stop KILL'

skip_without_counter() {
	[ "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)" = tsc ] ||
		skip "the kernel's clock source is not the TSC"
}

# Become a publisher, in the background. Unprivileged, it competes with the torture's threads and is
# late now and then.
become() { if [ "$(id -u)" = 0 ]; then exec nice -n -15 "$@"; else exec "$@"; fi; }

feed() { # feed PERIOD IMAGE: publish as fastclock and go on once there is a line
	become "$VDK" publish --every "$1" fastclock "$2" > "$T/publisher.log" 2>&1 &
	publisher=$!
	if ! wait_for 10 field_is state 1; then
		not_ok "the publisher begins" "$(cat "$T/publisher.log")" "$("$VDK" get fastclock)"
		finish
	fi
	sleep 0.5
}

feed_stop() { # feed_stop SIGNAL
	[ -n "$publisher" ] || return 0
	kill "-$1" "$publisher" 2> /dev/null || true
	[ "$1" = STOP ] || [ "$1" = CONT ] || { wait "$publisher" || true; publisher=; } 2> /dev/null
}

field() { "$VDK" get fastclock "fastclock.$1"; }
field_is() { [ "$(field "$1")" = "$2" ]; }

inside() { capture "$VDK" run --once --vdso fastclock -- "$CLOCKS" "$@"; }

holds() { # holds WHAT ARGUMENT...: the program says that it does
	local what=$1

	shift
	inside "$@"
	if [ "$status" = 0 ]; then
		ok "$what"
		sed 's/^/# /' "$T/out"
	else
		not_ok "$what" "$(grep -v '^ok' "$T/out" | tail -30)" "$err"
	fi
}

# The publisher over clocks that are led astray.
simulated_image() {
	local source=$VDK_SOURCE_ROOT/vdsos/fastclock

	mkdir -p "$T/simulated"
	"$VDK" build "$source/fastclock.page.h" "$source/fastclock.vdso.c" \
		"$source/test/simulated.update.c" -o "$T/simulated/fastclock.so"
	# shellcheck disable=SC2034 # for who sources this
	simulated=$T/simulated/fastclock.so
}
