#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run-fuzz.sh replay NAME PROGRAM   the kept inputs of a target once, and damaged forms of them
# run-fuzz.sh run NAME PROGRAM      libFuzzer for VDK_FUZZ_SECONDS (4), beginning with the kept inputs
#
# What libFuzzer adds stays in VDK_FUZZ_CORPUS/NAME, if that variable names a folder, and what it
# finds in VDK_FUZZ_FOUND (the folder `fuzz-found` of the build).
set -eu

how=${1:?usage: run-fuzz.sh replay|run NAME PROGRAM}
name=$2
program=$(realpath "$3")
here=$(realpath "$(dirname "$0")")
# An input may ask for more memory than there is, as on a small machine.
export ASAN_OPTIONS="allocator_may_return_null=1:${ASAN_OPTIONS:-}"

if [ "$how" = replay ]; then
	exec "$program" "$here/corpus/$name"
fi

found=${VDK_FUZZ_FOUND:-${VDK_BUILD_ROOT:-.}/fuzz-found}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
new=${VDK_FUZZ_CORPUS:+$VDK_FUZZ_CORPUS/$name}
new=${new:-$scratch/new}
mkdir -p "$new" "$found"
set -- "$new" "$here/corpus/$name"
[ ! -e "$here/$name.dict" ] || set -- "-dict=$here/$name.dict" "$@"

status=0
"$program" -max_total_time="${VDK_FUZZ_SECONDS:-4}" -max_len=16384 -timeout=60 \
	-rss_limit_mb=2560 -print_final_stats=1 -artifact_prefix="$found/$name-" "$@" \
	> "$scratch/log" 2>&1 < /dev/null || status=$?
sed -n 's/^stat::number_of_executed_units: */figure runs /p' "$scratch/log"
tail -n "$([ $status = 0 ] && echo 12 || echo 120)" "$scratch/log"
exit $status
