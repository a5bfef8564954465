#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A call costs at most three times what an ordinary stop under ptrace does: each of both ways, by the
# fault and by the filter. The fastest batches count, on one CPU, since an emulated machine waits for
# its host.
#
# boot: baked vsyscall=xonly
# boot: baked vsyscall=none
# boot: debian
# program: {source}/bench/vsyscall.c -O2 -D_GNU_SOURCE -o speed
# timeout: 300
. /rig/lib.sh

for way in "--vsyscall=emulate" "--once --vsyscall=emulate" "--vdso none --vsyscall=emulate"; do
	# shellcheck disable=SC2086 # several words
	capture taskset 1 speed --rounds 300 vdk run $way
	is "vdk run $way: measured" 0 "$status"
	echo "$out"
	for name in gettimeofday time getcpu; do
		ratio=$(echo "$out" | sed -n "s/.*\"name\": \"$name\".*\"best_ratio\": \([0-9.]*\).*/\1/p")
		is "vdk run $way: $name, at most 3 times a stop: $ratio" yes \
			"$(awk -v ratio="$ratio" 'BEGIN { print (ratio > 0 && ratio <= 3) ? "yes" : "no" }')"
	done
done
finish
