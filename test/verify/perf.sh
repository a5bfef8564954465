#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `perf record` names the functions of an attached image; one in memory, and functions that are not
# exported, by the debug file in perf's cache.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

need perf
export HOME=$T/home # perf's cache
mkdir "$HOME"
if ! perf record -q -e cpu-clock -o "$T/try" -- true > "$T/why" 2>&1; then
	skip "perf may not record here: $(grep -v '^$' "$T/why" | head -1)"
fi
cell_build

record() { # record VDSO [OPTION...]: $out is the report, functions by name
	local vdso=$1

	shift
	perf record -q -e cpu-clock -F 500 -o "$T/data" "$@" -- \
		"$VDK" run --once --vdso "$vdso" -- "$T/calls" 1 > "$T/log" 2>&1 ||
		not_ok "perf records" "$(cat "$T/log")"
	perf report -i "$T/data" --stdio 2> "$T/log" | grep -v '^#' > "$T/report" || true
	out=$(cat "$T/report")
	grep -q caller_of_sum "$T/report" || skip "perf takes no samples here: $(head -3 "$T/log")"
}

record "$T/cell.so"
like "an exported function, from the image's file" 'cell\.so +\[\.\] __vdso_cell_sum' "$out"

perf buildid-cache --update "$T/cell.debug"
record "$T/cell.so" --buildid-mmap
like "one that is not exported, by the debug file" 'cell\.so +\[\.\] cell_inner' "$out"

if noexec_dir; then
	export VDK_RUNTIME_DIR=$noexec/runtime
	"$VDK" publish --no-update cell "$T/cell.so" > "$T/publish"
	record cell --buildid-mmap
	like "an image in memory, by its build-id" 'memfd:vdk-image.* __vdso_cell_sum' "$out"
	like "an image in memory: all functions" 'memfd:vdk-image.* cell_inner' "$out"
fi
finish
