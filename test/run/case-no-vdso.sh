#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No vDSO in sight: a parent hid AT_SYSINFO_EHDR from `vdk run` itself, or from a program inside.
set -eu
. "$(dirname "$0")/../lib.sh"

image marker
program glibc
probe=$program
program no-vdso
hide=$program
printf 'input\n' > "$T/stdin"
seconds() { sed -n 's/^time clock_gettime //p' "$T/out"; }

capture "$hide" "$probe"
is "hidden, without vdk" 7 "$status"

# A program's exec brings it a new vector of its own: what was hidden from vdk is no matter.
for mode in "" --once; do
	capture "$hide" "$VDK" run $mode --vdso "$image" -- "$probe"
	is "hidden from vdk run ${mode:-follow}: exit status" 7 "$status"
	is_shifted "hidden from vdk run ${mode:-follow}: attached" "$(seconds)"
done

# Hidden by a program of the tree, which is a tracer: its word counts.
capture "$VDK" run --vdso "$image" -- "$hide" "$probe"
is "hidden inside a tree: exit status" 7 "$status"
is_real "hidden inside a tree: the kernel's time" "$(seconds)"
like "hidden inside a tree: look-up finds nothing" '^beast none$' "$out"

# `--vdso none` is vdk's own way to hide it; another `vdk run` below still attaches.
for mode in "" --once; do
	capture "$VDK" run $mode --vdso none -- "$probe"
	is "--vdso none ${mode:-follow}: exit status" 7 "$status"
	is_real "--vdso none ${mode:-follow}: the kernel's time" "$(seconds)"
	like "--vdso none ${mode:-follow}: look-up finds nothing" '^beast none$' "$out"
	capture "$VDK" run $mode --vdso none -- "$VDK" run --once --vdso "$image" -- "$probe"
	is "attach below --vdso none ${mode:-follow}: exit status" 7 "$status"
	is_shifted "attach below --vdso none ${mode:-follow}: attached" "$(seconds)"
done
finish
