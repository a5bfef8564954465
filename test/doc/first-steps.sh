#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What one does wrong on the first day: each mistake is told in words that lead on.
set -eu
. "$(dirname "$0")/../lib.sh"

image notb
cp "$image" "$T/notb.so"
cd "$T"

capture "$VDK"
is "no command: exit status" 2 "$status"
like "no command: help" '^  run ' "$err"
capture "$VDK" rnu
is "a wrong command: exit status" 2 "$status"
like "a wrong command: message" "'rnu' is not a command; .vdk --help. lists them" "$err"

capture "$VDK" run --vdso notb.so true
is "an image without ./: exit status" 3 "$status"
like "an image without ./: message" 'notb.so: is not published; .* write \./notb\.so$' "$err"
mkdir folder
capture "$VDK" run --vdso folder true
like "a folder of that name: message" 'folder: not published in ' "$err"

capture "$VDK" build "$VDK_SOURCE_ROOT/vdsos/notb"
is "build without -o: exit status" 2 "$status"
like "build without -o: message" '-o IMG' "$err"

(umask 002 && capture "$VDK" build "$VDK_SOURCE_ROOT/vdsos/notb" -o "$T/shared.so")
capture "$VDK" run --vdso "$T/shared.so" true
is "an image built with umask 002 is trusted: message" "" "$err"
is "an image built with umask 002 is trusted: exit status" 0 "$status"

capture sh -c 'ulimit -n 3; exec "$@"' sh "$VDK" run --vdso "$image" true
unlike "no descriptors left: no crash" 'Segmentation' "$err"
capture "$VDK" run sh -c 'ulimit -n 3; exec env'
like "no descriptors left for a program: the message tells it" 'step a, error 0024' "$err"

"$VDK" publish --no-update notb "$image" > /dev/null
capture "$VDK" get notb notb.vnotb
is "a value that nobody wrote: exit status" 1 "$status"
like "a value that nobody wrote: message" 'notb: never written' "$err"
capture "$VDK" set notb vnotb=1
is "a field without its record: exit status" 2 "$status"
like "a field without its record: message" 'no record vnotb: expected one of notb' "$err"
capture "$VDK" set notb notb.number=1
like "a wrong field: message" 'expected one of vnotb' "$err"
capture "$VDK" set notb notb.vnotb=beast
like "a wrong value: message" 'notb.vnotb: expected a whole number, found beast' "$err"
capture "$VDK" get notb notb.vnotb
is "nothing was changed by any of it" 1 "$status"

if [ "$(id -u)" = 0 ]; then
	capture setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" set notb notb.vnotb=1
	is "somebody else's page: exit status" 77 "$status"
	like "somebody else's page: message" '^vdk set: notb: belongs to somebody else' "$err"
fi
finish
