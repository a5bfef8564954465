#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What README.md promises to every guest test is there, under both kernels.
# boot: baked
# boot: debian
. /rig/lib.sh

is "two CPUs" 2 "$(grep -c ^processor /proc/cpuinfo)"
is "the test is root" 0 "$(id -u)"
is "its directory is empty" "" "$(ls)"
is "the clock source is the time-stamp counter" tsc \
	"$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
like "vdk runs" '^vdk [0-9]' "$(vdk --version)"
is "bash runs" 3 "$(bash -c 'a=(1 2); echo $((a[0] + a[1]))')"
like "cgroup v2 is mounted, with controllers" 'cpu.*memory' "$(cat /sys/fs/cgroup/cgroup.controllers)"
finish
