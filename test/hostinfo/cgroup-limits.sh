#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Real limits of a real cgroup, its own and its parent's.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

need_root
mounted=$(awk '$0 ~ / - cgroup2 / && $4 == "/" { print $5; exit }' /proc/self/mountinfo)
[ -n "$mounted" ] || skip "no cgroup hierarchy of version 2 is mounted"
for controller in cpu memory; do
	grep -qw $controller "$mounted/cgroup.controllers" ||
		skip "the $controller controller belongs to cgroup version 1 here"
	grep -qw $controller "$mounted/cgroup.subtree_control" ||
		skip "the $controller controller is not given to cgroups below the root here"
done
outer=$mounted/vdk-test-$$
mkdir "$outer" 2> /dev/null || skip "no cgroup can be made here"
at_end 'rmdir "$outer/inner" "$outer" 2> /dev/null || true'
echo "+cpu +memory" > "$outer/cgroup.subtree_control" || skip "controllers cannot be given on here"
mkdir "$outer/inner"
echo "150000 100000" > "$outer/cpu.max"
echo 64M > "$outer/memory.max"
echo 48M > "$outer/inner/memory.high"

compile dump
start VDK_HOSTINFO_CGROUP="/vdk-test-$$/inner"
dump
is "memory.high" $((48 << 20)) "$(value cgroup.memory_high)"
is "memory.max" 18446744073709551615 "$(value cgroup.memory_max)"
is "memory.max of the parent" $((64 << 20)) "$(value memory_limit)"
is "memory.current" "$(cat "$outer/inner/memory.current")" "$(value cgroup.memory_current)"
cpus=$(($(getconf _NPROCESSORS_ONLN) * 1000))
is "cpu.max of the parent" $((cpus < 1500 ? cpus : 1500)) "$(value cpus)"
echo "50000 100000" > "$outer/inner/cpu.max"
echo 32M > "$outer/inner/memory.max"
sleep 0.1
dump
is "a change is seen" "500 $((32 << 20))" "$(value cpus) $(value memory_limit)"
stop
finish
