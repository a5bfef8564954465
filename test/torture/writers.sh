#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writers killed and stopped at random moments under readers in fifty processes, which look through
# the library, through the macro, and through an attached image.
set -eu
. "$(dirname "$0")/lib.sh"

image sample
"$VDK" publish --no-update sample "$image" > /dev/null
capture "$VDK" run --once --vdso sample -- "$VDK_BUILD_ROOT/test/page/torture" --publication sample \
	--readers 50 "$(by_length 2000 100000)" "$TORTURE_SEED"
is "no torn value, none older than one before, nobody waits" 0 "$status"
sed 's/^/# /' <<< "$err"
grep ^figure <<< "$out"
like "readers through the image were among them" '^figure reads_by_image [1-9]' "$out"
capture "$VDK" set sample pair.count=0
is "after the last kill the page can be written" 0 "$status"
finish
