#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk verify on these kernels' own vDSOs and on an attached image; without any it says why not.
# The machine is emulated, each instruction of it: little time for each property, and no word on
# exact figures.
# boot: baked
# boot: baked vdso=0
# boot: debian
# timeout: 400
. /rig/lib.sh

vdso=$(dirname "$(find / -xdev -name notb.so -path '*/vdk/*' | head -n 1)")

capture vdk verify --seconds 4
case $RIG_BOOT in
*vdso=0*)
	is "without a vDSO: exit status" 77 "$status"
	like "without a vDSO: why" '^vdk verify: .*(vDSO|AT_SYSINFO_EHDR)' "$err"
	finish
	;;
esac
is "the kernel's: exit status" 0 "$status"
unlike "the kernel's: nothing fails" ' FAIL ' "$out"
for property in values order arguments registers stack signals unwind; do
	like "the kernel's clock_gettime: $property" "^clock_gettime +$property +ok" "$out"
done
like "a time namespace, or why there is none" '^clock_gettime +namespace +(ok|skip +.{10,})' "$out"
if vdk symbols | grep -q __vdso_number_of_the_beast; then
	like "a function that was baked in: no reference" '^number_of_the_beast +values +skip' "$out"
fi

capture vdk verify --vdso "$vdso/pass.so" --seconds 4
is "attached: exit status" 0 "$status"
unlike "attached: nothing fails" ' FAIL ' "$out"

# A program that has been given no vDSO.
capture vdk run --vdso none -- vdk verify
is "hidden: exit status" 77 "$status"
finish
