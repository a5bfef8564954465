#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# hostinfo under a real hierarchy of cgroup version 2: limits of a cgroup and of its ancestors,
# for the publisher's own cgroup, are those in the files.
# boot: baked
# boot: debian
# program: hostinfo.c {source}/src/lookup/vdk_lookup.c -I{source}/include -I{source}/vdsos/hostinfo -I{build}/vdsos/hostinfo
# timeout: 120
. /rig/lib.sh

vdso=$(dirname "$(find / -xdev -name hostinfo.so -path '*/vdk/*' | head -n 1)")
export VDK_RUNTIME_DIR=$PWD/runtime
mkdir "$VDK_RUNTIME_DIR"
top=/sys/fs/cgroup
outer=$top/outer
inner=$outer/inner

# The first process stays in the root, which has no limits.
echo "+cpu +memory +cpuset" > $top/cgroup.subtree_control
mkdir $outer
echo "+cpu +memory" > $outer/cgroup.subtree_control
mkdir $inner
echo "150000 100000" > $outer/cpu.max
echo 96M > $outer/memory.max
echo "50000 100000" > $inner/cpu.max
echo 64M > $inner/memory.max
echo 48M > $inner/memory.high

sh -c "echo \$\$ > $inner/cgroup.procs && exec vdk publish --every 20ms hostinfo $vdso/hostinfo.so" \
	> publish.log 2>&1 &
publisher=$!
tries=0
until vdk get hostinfo hostinfo_cgroup.memory_max > get.log 2>&1 &&
	[ "$(vdk get hostinfo hostinfo_cgroup.known)" != 0 ] || [ $tries -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done

value() { vdk run --once --vdso hostinfo -- hostinfo | sed -n "s/^$1 //p"; }

same() { # same WHAT FIELD FILE
	is "$1" "$(cat "$3")" "$(value "$2")"
}

is "which cgroup" /outer/inner "$(value path)"
same "memory.max" memory_max $inner/memory.max
same "memory.high" memory_high $inner/memory.high
is "cpu.max" "$(cat $inner/cpu.max)" "$(value cpu_max)"
is "the lowest memory.max up to the root" $((64 << 20)) "$(value memory_limit)"
is "CPUs: the lowest quota" 500 "$(value cpus_milli)"
near "memory.current" "$(cat $inner/memory.current)" "$(value memory_current)" 2097152
is "cpuset: both CPUs" 2 "$(value cpuset_cpus)"
is "every value is known, by its bit" 255 "$(value known)"

# A change is seen with the next update; an ancestor's limit binds as well.
echo 32M > $outer/memory.max
echo "25000 100000" > $outer/cpu.max
echo max > $inner/memory.high
echo 0 > $outer/cpuset.cpus
sleep 0.5
is "an ancestor's memory.max" $((32 << 20)) "$(value memory_limit)"
is "while one's own is as it was" "$(cat $inner/memory.max)" "$(value memory_max)"
is "an ancestor's cpu.max" 250 "$(value cpus_milli)"
is "an ancestor's cpuset" 1 "$(value cpuset_cpus)"
is "no memory.high any more" unlimited "$(value memory_high)"

# Pressure, which this kernel measures for cgroups: the very totals, when nothing moves.
if [ -r $inner/cpu.pressure ]; then
	near "cpu.pressure, total" \
		"$(sed -n 's/^some .*total=//p' $inner/cpu.pressure)" "$(value cpu_some_total)" 2000000
else
	is "no pressure files: not known" unknown "$(value cpu_some_total)"
fi
kill $publisher
wait $publisher
rmdir $inner $outer
finish
