#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk itself on these kernels: attach and follow, publish, check, dump, symbols, maps, auxv.
# boot: baked
# boot: debian
# program: now.c {source}/src/lookup/vdk_lookup.c -I{source}/include
# program: now.c {source}/src/lookup/vdk_lookup.c -I{source}/include -dynamic -o now-dynamic
# timeout: 120
. /rig/lib.sh

vdso=$(dirname "$(find / -xdev -name notb.so -path '*/vdk/*' | head -n 1)")
export VDK_RUNTIME_DIR=$PWD/runtime
mkdir "$VDK_RUNTIME_DIR"

capture vdk check "$vdso/notb.so"
is "vdk check notb.so" 0 "$status"

# The kernel's own image, ours in it or not, by the checker.
capture vdk dump -o kernel.so
is "vdk dump" 0 "$status"
capture vdk check kernel.so
is "vdk check of the kernel's own: no errors" 0 "$status"
like "its words" ' 0 errors' "$out"
capture vdk symbols
is "vdk symbols" 0 "$status"
like "the kernel's clock_gettime" '__vdso_clock_gettime' "$out"
capture vdk maps
is "vdk maps" 0 "$status"
like "it knows the vDSO's mapping" '\[vdso\]' "$out"
capture vdk auxv
is "vdk auxv" 0 "$status"
like "it knows the entry" 'AT_SYSINFO_EHDR' "$out"

capture vdk publish --once notb "$vdso/notb.so"
is "vdk publish notb" 0 "$status"
is "vdk get" notb.vnotb=666 "$(vdk get notb)"
for how in '' --once; do
	for program in now now-dynamic; do
		capture vdk run $how --vdso notb -- $program
		is "vdk run ${how:-follow}: $program ends as without" 0 "$status"
		like "vdk run ${how:-follow}: $program finds the beast" '^beast 666 666$' "$out"
	done
	vdk set notb notb.vnotb=42
	capture vdk run $how --vdso notb -- now
	like "vdk run ${how:-follow}: a value that was set" '^beast 666 42$' "$out"
	vdk set notb notb.vnotb=666
	capture vdk run $how --vdso notb -- sh -c 'exit 7'
	is "vdk run ${how:-follow}: the exit status is the program's" 7 "$status"
done
capture vdk run --vdso notb -- sh -c 'now; sh -c "now-dynamic; true"'
is "follow: through two shells" 2 "$(printf '%s\n' "$out" | grep -c '^beast 666 666$')"

# A user's programs, by root's publication.
capture su nobody -c "VDK_RUNTIME_DIR=$VDK_RUNTIME_DIR vdk run --vdso notb -- now"
is "another user: exit status" 0 "$status"
like "another user finds the beast" '^beast 666 666$' "$out"

capture vdk vsyscall
is "vdk vsyscall" 0 "$status"
case $RIG_BOOT in
debian*) like "its mode" '^mode: none' "$out" ;;
*) like "its mode" '^mode: xonly' "$out" ;;
esac
finish
