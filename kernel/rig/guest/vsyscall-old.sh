#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program that calls the vsyscall page in every way: its output is the same by the kernel's own
# emulation, by vdk in its place, and by vdk where the kernel gives none.
#
# boot: baked vsyscall=emulate
# boot: baked vsyscall=xonly
# boot: baked vsyscall=none
# boot: debian
# program: {source}/test/vsyscall/old.c -O2 -pthread
# file: {source}/test/vsyscall/old.expected
# timeout: 300
. /rig/lib.sh

expected=$(cat /rig/files/old.expected)
edges="time into the last page: signal 11, code 1, address 0x7ffffffff000, at ffffffffff600400
time across the end: signal 11, code 1, address 0x7fffffffeffc, at ffffffffff600400
gettimeofday across the end: signal 11, code 1, address 0x7fffffffeff8, at ffffffffff600000
getcpu before the end: signal 11, code 128, address (nil), at ffffffffff600800, ENOSYS"

if grep -q '^ffffffffff600000' /proc/self/maps; then
	capture old
	is "the kernel's own emulation" "$expected" "$out"
	is "and where addresses end" "$edges" "$(old edges)"
else
	capture old call
	is "it dies without vdk" 139 "$status"
	unlike "and says nothing" . "$out"
	capture vdk run old
	is "a program that calls it, followed" "$expected" "$out"
	is "its exit status" 0 "$status"
	is "no message" "" "$err"
	is "and where addresses end" "$edges" "$(vdk run old edges)"
	capture vdk run --once old
	is "a program that calls it, once" "$expected" "$out"
fi

capture vdk run --vsyscall=emulate old
is "all programs, followed" "$expected" "$out"
is "no message about it" "" "$err"
capture vdk run --vsyscall=emulate --once old
is "all programs, once" "$expected" "$out"
capture vdk run --vdso none --vsyscall=emulate old
is "without any vDSO" "$expected" "$out"

capture vdk run sh -c 'old exec 3 && old call; old exec 2'
is "a shell that starts them" 0 "$status"

capture vdk run --vsyscall=none old time
is "it fails where it is to fail" 139 "$status"
like "and the place is told" 'old \([0-9]+\) calls .*time.*ffffffffff600400.*old\+0x' "$err"

finish
