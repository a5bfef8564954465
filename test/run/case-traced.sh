#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs that are traced already: vdk cannot attach to them, says so, and breaks nothing. And
# the other way round: tracers and debuggers that work inside a followed tree.
set -eu
. "$(dirname "$0")/../lib.sh"
need strace gdb

image marker
program glibc
printf 'input\n' > "$T/stdin"
seconds() { sed -n 's/^time clock_gettime //p' "$T/out"; }

# strace holds vdk itself, so nobody else can trace the program.
capture strace -f -o "$T/log" "$VDK" run --once --vdso "$image" -- "$program"
is "under strace, --once: refused" 77 "$status"
like "under strace, --once: says why" 'another tracer' "$err"
is "under strace, --once: not run" "" "$out"
capture strace -f -o "$T/log" "$VDK" run --vdso "$image" -- "$program"
like "under strace, follow: says why" 'another tracer' "$err"
if [ "$status" = 77 ] || [ "$status" = 137 ]; then
	is "under strace, follow: not run" "" "$out"
else
	not_ok "under strace, follow: refused" "status $status" "$out" "$err"
fi

# Inside a tree: what strace starts is strace's.
capture "$VDK" run --vdso "$image" -- strace -f -o "$T/log" "$program"
is "strace inside: exit status" 7 "$status"
like "strace inside: says that the program is unattached" 'another tracer.*unattached' "$err"
is_real "strace inside: the program's time" "$(seconds)"
like "strace inside: works" 'exited with 7' "$(cat "$T/log")"

capture "$VDK" run --vdso "$image" -- strace -o "$T/log" date +%s
like "strace inside: a program without vdk's attach" '^[0-9]+$' "$out"

# A debugger that starts its program through a shell, and one that attaches later.
capture "$VDK" run --vdso "$image" -- gdb -q -batch -nx -ex 'break tell_beast' -ex run -ex 'info symbol $pc' \
	-ex continue "$program"
like "gdb inside: stops at a breakpoint" 'Breakpoint 1.*tell_beast' "$out"
like "gdb inside: the program ends" 'exited with code 07' "$out"

"$VDK" run --vdso "$image" -- sleep 30 &
sleeper=$!
wait_for 5 grep -q sleep "/proc/$sleeper/comm"
capture gdb -q -batch -nx -p "$sleeper" -ex 'info proc' -ex detach
like "gdb attaches to an attached program" "process $sleeper" "$out"
kill "$sleeper"
wait "$sleeper" || :
finish
