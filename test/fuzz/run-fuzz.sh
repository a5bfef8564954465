#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Run a fuzz target for half a minute (VDK_FUZZ_SECONDS), beginning with the images of this
# machine: the kernel's vDSO, 64-bit, as this shell has it, and what the build tree holds.
set -eu

target=$(realpath "${1:?usage: run-fuzz.sh TARGET}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/corpus"

range=$(sed -n 's/ .*\[vdso\]$//p' "/proc/$$/maps")
if [ -n "$range" ]; then
	start=$((16#${range%-*}))
	end=$((16#${range#*-}))
	# The shell's own memory: dd could only read its own, where the vDSO lies elsewhere.
	dd if="/proc/$$/mem" of="$dir/corpus/kernel" bs=4096 skip=$((start / 4096)) \
		count=$(((end - start) / 4096)) status=none || echo "not readable: the shell's vDSO"
fi
cp "/proc/$$/maps" "$dir/corpus/maps"
find "${VDK_BUILD_ROOT:-.}/vdsos" -name '*.so' -exec cp {} "$dir/corpus/" \; 2> /dev/null || :

cd "$dir"
"$target" -max_total_time="${VDK_FUZZ_SECONDS:-30}" -max_len=16384 -timeout=5 \
	-print_final_stats=1 corpus 2>&1 | tail -n 12
exit "${PIPESTATUS[0]}"
