#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# 32-bit programs: a 64-bit image is nothing for them. Asked for directly they are refused; inside
# a tree they run as they always did.
set -eu
. "$(dirname "$0")/../lib.sh"

image marker
program i386
printf 'input\n' > "$T/stdin"
seconds() { sed -n 's/^time clock_gettime //p' "$T/out"; }

capture "$program"
is "natively" 7 "$status"
native=$(grep -v '^time' "$T/out")

for mode in "" --once; do
	capture "$VDK" run $mode --vdso "$image" -- "$program"
	is "directly ${mode:-follow}: refused" 77 "$status"
	like "directly ${mode:-follow}: says why" "$program.*32-bit" "$err"
	is "directly ${mode:-follow}: not run" "" "$out"
done

# A script shows only at its exec what its interpreter is.
printf '#!%s\n' "$program" > "$T/script"
chmod 755 "$T/script"
for mode in "" --once; do
	capture "$VDK" run $mode --vdso "$image" -- "$T/script"
	is "by a script ${mode:-follow}: refused" 77 "$status"
	like "by a script ${mode:-follow}: says why" '32-bit' "$err"
	is "by a script ${mode:-follow}: not run" "" "$out"
done

capture "$VDK" run --vdso "$image" -- sh -c '"$1"; echo "status $?"; "$1" > /dev/null; date "+time date %s"' sh "$program"
is "inside a tree: runs as ever" "$native"$'\n'"status 7" "$(grep -v '^time' "$T/out")"
is_real "inside a tree: its time is the kernel's" "$(seconds)"
like "inside a tree: says that it is unattached" '32-bit' "$err"
is "inside a tree: says it once" 1 "$(grep -c 32-bit <<< "$err")"
is_shifted "inside a tree: the next 64-bit program is attached" "$(sed -n 's/^time date //p' "$T/out")"
finish
