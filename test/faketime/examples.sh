#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples that ask for the true time under a faked one, in five languages: built and run.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../languages.sh"

languages faketime truth "$VDK_BUILD_ROOT/vdsos/faketime/libfaketime.so" \
	-I "$VDK_SOURCE_ROOT/include" -I "$VDK_BUILD_ROOT/vdsos/faketime"
for language in $languages; do
	build_example "$language" || continue
	capture "$VDK" faketime --monotonic '@5000 x0' "$T/$language"
	is "$language: exit" 0 "$status"
	is "$language: shown" "shown 5000" "$(sed -n 1p <<< "$out")"
	near "$language: true" "$(date +%s)" "$(sed -n 's/^true //p' <<< "$out")" 5
	if [ "$language" = cxx ]; then
		continue # needs it at its start
	fi
	capture "$T/$language"
	like "$language: without vdk it says so" 'no faketime in this process' "$out$err"
	near "$language: without vdk" "$(date +%s)" "$(sed -n 's/^shown //p' <<< "$out")" 5
done
finish
