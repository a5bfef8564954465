#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs of all kinds run on the line: theirs is a clock that is 10^9 seconds ahead. And the
# examples in five languages, which use the functions that no libc has.
set -eu
. "$(dirname "$0")/lib.sh"
. "$VDK_SOURCE_ROOT/test/languages.sh"

skip_without_counter
simulated_image
image fastclock
FASTCLOCK_SIMULATED='shift' feed 100ms "$simulated"
ahead() { # ahead WHAT COMMAND...: it prints a date in seconds
	local what=$1

	shift
	command -v "$1" > /dev/null || { echo "# no $1 here: not tried"; return; }
	capture "$VDK" run --vdso fastclock -- "$@"
	is_shifted "$what" "$(tail -1 <<< "${out%%.*}")"
}
cat > "$T/now.c" <<'END'
#include <stdio.h>
#include <time.h>
int main(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	printf("%lld\n", (long long)now.tv_sec);
	return 0;
}
END
cat > "$T/now.go" <<'END'
package main

import (
	"fmt"
	"time"
)

func main() { fmt.Println(time.Now().Unix()) }
END
cc -O2 "$T/now.c" -o "$T/glibc" && ahead "glibc" "$T/glibc"
cc -O2 -static "$T/now.c" -o "$T/static" && ahead "glibc, static" "$T/static"
if command -v musl-gcc > /dev/null; then
	musl-gcc -O2 -static "$T/now.c" -o "$T/musl" && ahead "musl, static" "$T/musl"
fi
if command -v go > /dev/null; then
	(cd "$T" && GO111MODULE=off GOPROXY=off CGO_ENABLED=0 GOCACHE="$VDK_BUILD_ROOT/test/go-cache" \
		go build -o go-now now.go) && ahead "Go" "$T/go-now"
fi
ahead "date, in a shell" sh -c 'date +%s'
ahead "Python" python3 -c 'import time; print(time.time())'
ahead "Perl" perl -MTime::HiRes -e 'print Time::HiRes::time(), "\n"'
ahead "Node" node -e 'console.log(Date.now() / 1000)'
ahead "Ruby" ruby -e 'puts Time.now.to_f'
ahead "PHP" php -r 'printf("%.3f\n", microtime(true));'
feed_stop TERM

feed 100ms "$image"
for timing in /usr/lib/postgresql/*/bin/pg_test_timing; do
	[ -x "$timing" ] || { echo "# no pg_test_timing here: not tried"; continue; }
	capture "$VDK" run --vdso fastclock -- "$timing" -d 2
	is "PostgreSQL's pg_test_timing finds no time that goes back" 0 "$status"
	sed -n 's/^Per loop/# per loop/p' <<< "$out"
done

# --- the examples ---
languages fastclock trace "${image%/*}/libfastclock.so" -I "$VDK_SOURCE_ROOT/include" -I "${image%/*}"
for language in $languages; do
	build_example "$language" || continue
	before=$(python3 -c 'import time; print(time.monotonic_ns())')
	capture "$VDK" run --vdso fastclock -- "$T/$language"
	is "$language: exit" 0 "$status"
	near "$language: monotonic" "$before" "$(sed -n 's/^monotonic //p' <<< "$out")" 5000000000
	like "$language: bounds of UTC" '^utc (unknown|synchronised|free running)' "$out"
	[ "$language" != cxx ] || continue # needs it at its start
	capture "$T/$language"
	like "$language: without vdk it says so" "no fastclock in this process" "$out$err"
done
finish
