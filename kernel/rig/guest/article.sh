#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The article's journey to its end: programs call functions that are in the kernel's own vDSO, one
# of which returns a variable that the kernel writes. Debian's kernel has no such functions, which
# shows that this test can fail.
# boot: baked
# fails: debian
# program: notb.c -dynamic {vdso} -o notb
# program: fake-vdso.c -dynamic -shared -fPIC -Wl,-soname,linux-vdso.so.1 -o fake-vdso.so
# program: notb.c -dynamic {programs}/fake-vdso.so -o notb-linked-to-42
# program: now.c {source}/src/lookup/vdk_lookup.c -I{source}/include
# program: now.c {source}/src/lookup/vdk_lookup.c -I{source}/include -dynamic -o now-dynamic
# program: pulse.c {source}/src/lookup/vdk_lookup.c -I{source}/include -I{source}/examples/pulse
# file: /usr/bin/unshare
# timeout: 120
. /rig/lib.sh
there='/rig/files/unshare -T --monotonic 100000 --boottime 100000 --fork'

# gcc notb.c -o notb vdso.so
capture notb
is "notb, linked to the kernel's vdso64.so: exit status" 0 "$status"
is "notb: its words" 'His number is 666' "$out"
is "notb needs linux-vdso.so.1" 1 "$(strings "$(which notb)" | grep -c '^linux-vdso.so.1$')"
capture notb-linked-to-42
is "linked to a vdso.so that returns 42, it is the kernel's number" 'His number is 666' "$out"

is "by look-up, a static program" 'beast 666 666' "$(now | grep beast)"
is "by look-up, a dynamic program" 'beast 666 666' "$(now-dynamic | grep beast)"
is "another user" 'beast 666 666' "$(su nobody -c now | grep beast)"

updates() { figure updates_seen "$(printf '%s\n' "$out" | sed -n 's/.* updates \([0-9]*\) .*/\1/p')"; }
# A variable that the kernel writes, in a record of several fields: it goes on with each update,
# and is never seen in halves, though a process on the other CPU forces many updates.
capture pulse 0 1000
is "the record, left alone: exit status" 0 "$status"
updates
like "no torn reads" ' torn 0$' "$out"
like "it goes on with the kernel's tick" 'updates ([3-9]|[0-9]{2,}) ' "$out"
capture pulse 1 2000
is "the record, while the time is set again and again: exit status" 0 "$status"
updates
like "no torn reads" ' torn 0$' "$out"
like "many updates" 'updates [0-9]{4,} ' "$out"

# In a time namespace the page that programs usually read is the namespace's own.
capture $there now
is "in another time namespace" 'beast 666 666' "$(printf '%s\n' "$out" | grep beast)"
capture $there notb
is "the dynamic program there" 'His number is 666' "$out"
capture $there pulse 0 500
is "the record there: exit status" 0 "$status"
figure updates_in_a_namespace "$(printf '%s\n' "$out" | sed -n 's/.* updates \([0-9]*\) .*/\1/p')"
like "the record there: not torn" 'updates [1-9][0-9]* torn 0$' "$out"
near "and it is another one" 100 $(($($there cut -d. -f1 /proc/uptime) / 1000)) 5

# The whole image by the kit's own rules, and its symbols.
vdk dump -o kernel.so
capture vdk check kernel.so
is "vdk check of the kernel's vDSO with our functions" 0 "$status"
capture vdk symbols
for name in number_of_the_beast vget_number_of_the_beast pulse_read; do
	like "vdk symbols: __vdso_$name" "__vdso_$name.*LINUX_2\\.6" "$out"
	like "vdk symbols: $name" "(^|[^_])\\b$name\\b.*LINUX_2\\.6" "$out"
done
finish
