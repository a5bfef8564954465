#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A kernel that was told to map no vDSO: nothing to attach to, and vdk says so.
# boot: baked vdso=0
# program: now.c {source}/src/lookup/vdk_lookup.c -I{source}/include
. /rig/lib.sh

vdso=$(dirname "$(find / -xdev -name notb.so -path '*/vdk/*' | head -n 1)")
export VDK_RUNTIME_DIR=$PWD/runtime
mkdir "$VDK_RUNTIME_DIR"
vdk publish --once notb "$vdso/notb.so" > publish.log 2>&1

like "a program finds no vDSO" '^beast none$' "$(now)"
is "no vDSO is mapped" 0 "$(grep -c '\[vdso\]' /proc/self/maps)"
for how in '' --once; do
	capture vdk run $how --vdso notb -- now
	is "vdk run ${how:-follow}: exit status" 77 "$status"
	like "vdk run ${how:-follow}: says what is the case" 'vdso=0' "$err"
	is "vdk run ${how:-follow}: the program did not run" "" "$out"
done
for command in dump symbols; do
	capture vdk $command
	unlike "vdk $command does not crash" '^(139|134|0)$' "$status"
	like "vdk $command says so" 'vDSO' "$err"
done
capture vdk maps
is "vdk maps" 0 "$status"
finish
