#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The demo ends well, and tells its story in one screen.
set -eu
. "$(dirname "$0")/../lib.sh"
need gcc go musl-gcc

capture "$VDK_SOURCE_ROOT/scripts/demo"
is "exit status, and nothing but what it shows" "0 " "$status $err"
if [ "$(wc -l < "$T/out")" -le 50 ]; then
	ok "at most 50 lines"
else
	not_ok "at most 50 lines" "found: $(wc -l < "$T/out")"
fi
is "of at most 110 columns" "" "$(sed 's/\t/        /g' "$T/out" | awk 'length > 110 && !/symbol lookup/')"
like "it comes to its end" '^That is all: ' "$out"
[ "$lib_failures" = 0 ] || sed 's/^/# /' "$T/out"
finish
