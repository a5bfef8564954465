#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No struct is of two samples, whatever happens to writers: torn.sh PROGRAM
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

"$VDK" publish --no-update hostinfo "$image" > /dev/null
capture "$VDK" run --vdso hostinfo -- "$1" 4
is "exit" 0 "$status"
like "nothing is torn: $out" " 0 torn" "$out"
figure reads "$(sed -n 's/^\([0-9]*\) reads.*/\1/p' <<< "$out")"
figure kills "$(sed -n 's/.* \([0-9]*\) writers killed.*/\1/p' <<< "$out")"
finish
