#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A daemon that outlives its parent and execs only then is attached, too.
set -eu
. "$(dirname "$0")/../lib.sh"

image marker
program daemon
capture "$VDK" run --vdso "$image" -- "$program" "$T/told"
is "the parent's exit status" 0 "$status"
if [ -e "$T/told" ]; then
	not_ok "the daemon comes later than its parent's end"
fi
if wait_for 10 test -e "$T/told"; then
	is_shifted "the daemon's time" "$(sed -n 's/^time daemon //p' "$T/told")"
else
	not_ok "the daemon tells the time" "nothing came for 10 s"
fi
finish
