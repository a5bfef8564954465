#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Which cgroup hostinfo tells of and what it makes of its files, in a prepared root; then what the
# machine's own cgroup hierarchy can show of it.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

compile dump
UNLIMITED=18446744073709551615

# put PATH TEXT: a file in the prepared root
put() {
	mkdir -p "$T/root$(dirname "$1")"
	printf '%s\n' "$2" > "$T/root$1"
}
# told [VARIABLE=VALUE]...: what is told of the prepared root
told() {
	env VDK_HOSTINFO_ROOT="$T/root" "$@" "$VDK" publish --once hostinfo "$image" > "$T/log" 2>&1 ||
		not_ok "publish" "$(cat "$T/log")"
	dump
}
fs=/sys/fs/cgroup
mounts() { put /proc/self/mountinfo "22 1 0:20 / /proc rw - proc proc rw
41 31 0:38 $1 $2 rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw"; }

mounts / $fs
put /proc/self/cgroup "3:cpu:/v1
0::/shop/web"
put $fs/cgroup.controllers "cpuset cpu io memory pids"
put $fs/cpuset.cpus.effective "0-15"
put $fs/shop/cgroup.controllers "cpu memory"
put $fs/shop/memory.max 8000000
put $fs/shop/cpu.max "250000 100000"
put $fs/shop/web/cgroup.controllers "cpu memory"
put $fs/shop/web/memory.max max
put $fs/shop/web/memory.high 7000000
put $fs/shop/web/memory.current 123456
put $fs/shop/web/cpu.max "max 100000"
put $fs/shop/web/memory.pressure "some avg10=1.20 avg60=33.04 avg300=100.00 total=98765
full avg10=0.00 avg60=0.50 avg300=0.07 total=4321"
told
is "own cgroup" /shop/web "$(value cgroup.path)"
is "all is known but the own cpuset's kin" 255 "$(value cgroup.known)"
is "memory.current" 123456 "$(value cgroup.memory_current)"
is "memory.high" 7000000 "$(value cgroup.memory_high)"
is "memory.max" $UNLIMITED "$(value cgroup.memory_max)"
is "the ancestor's limit binds" "8000000 8000000" "$(value cgroup.memory_limit) $(value memory_limit)"
is "quota" "$UNLIMITED 100000" "$(value cgroup.cpu_quota_us) $(value cgroup.cpu_period_us)"
is "cpuset is the nearest ancestor's" 16 "$(value cgroup.cpuset_cpus)"
is "the ancestor's quota binds" "2500 2500" "$(value cgroup.cpus_milli) $(value cpus)"
is "pressure: what is there" $((4 + 8)) "$(value cgroup_pressure.known)"
is "pressure: some" "120 3304 10000 98765" "$(echo $(for f in avg10 avg60 avg300 total_us; do value cgroup_pressure.memory_some.$f; done))"
is "pressure: full" "0 50 7 4321" "$(echo $(for f in avg10 avg60 avg300 total_us; do value cgroup_pressure.memory_full.$f; done))"

put $fs/shop/web/cpu.max "50000 100000"
put $fs/shop/web/memory.max 4000000
put $fs/shop/web/cpuset.cpus.effective "1,3-4"
told
is "own quota, the lower one" "500 50000" "$(value cpus) $(value cgroup.cpu_quota_us)"
is "own limit, the lower one" "4000000 4000000" "$(value memory_limit) $(value cgroup.memory_max)"
is "own cpuset" 3 "$(value cgroup.cpuset_cpus)"
put $fs/shop/web/cpu.max "900000 100000"
put $fs/shop/cpu.max "max 100000"
told
is "cpuset is less than the quota" 3000 "$(value cpus)"

# --- named by the environment ---
told VDK_HOSTINFO_CGROUP=/shop/
is "named" "/shop 8000000" "$(value cgroup.path) $(value memory_limit)"
told VDK_HOSTINFO_CGROUP=/
is "the root has no limits" "/ $UNLIMITED 16000" "$(value cgroup.path) $(value cgroup.memory_limit) $(value cpus)"
is "the root: unlimited alone" 9223372036854775807 "$(value memory_limit)"
is "the root: no file, no value" 0 "$(known cgroup 1)"
told VDK_HOSTINFO_CGROUP=/not/there
is "named, not there: the path alone" "/not/there 1" "$(value cgroup.path) $(value cgroup.known)"
is "named, not there: values" "-95 -95" "$(value memory_limit) $(value cpus)"
is "named, not there: the rest is told" 0 "$(value cgroup)"

# --- a part of the hierarchy, as containers see it; a mount point with a space ---
mounts /shop '/mnt/my\040cgroups'
mkdir -p "$T/root/mnt/my cgroups"
cp -r "$T/root$fs/shop/." "$T/root/mnt/my cgroups/"
put "/mnt/my cgroups/cgroup.controllers" "cpu cpuset memory"
told
is "part of the hierarchy" "/shop/web 4000000" "$(value cgroup.path) $(value memory_limit)"
told VDK_HOSTINFO_CGROUP=/other
is "outside of the part" 1 "$(value cgroup.known)"
told VDK_HOSTINFO_CGROUP=/shopping
is "a name that only begins alike" 1 "$(value cgroup.known)"
mounts / $fs

# --- controllers of version 1: limits may be anywhere, so they are unknown ---
put $fs/cgroup.controllers "hugetlb"
told
is "no controllers: no limit is vouched for" "0 0" "$(known cgroup 4) $(known cgroup 7)"
is "no controllers: single values" "-95 -95" "$(value memory_limit) $(value cpus)"
put $fs/cgroup.controllers "cpuset cpu memory"

# --- a limit that cannot be understood is not "none" ---
for bad in "" "0x100" "-1" "max max" "99999999999999999999999" "1 2 3" " 5" "12 "; do
	put $fs/shop/memory.max "$bad"
	put $fs/shop/cpu.max "$bad"
	told
	is "limit \"$bad\" is unknown" "0 0" "$(known cgroup 4) $(known cgroup 7)"
done
for bad in "100000 0" "100000" "max" "max 0" "max  100000" "1e5 100000"; do
	put $fs/shop/cpu.max "$bad"
	told
	is "quota \"$bad\" is unknown" 0 "$(known cgroup 7)"
done
put $fs/shop/cpu.max "max 100000"
for bad in "3-1" "1,1" "0-4294967295" "a" "1," ",1" "1-" "5 6" "1--2"; do
	put $fs/shop/web/cpuset.cpus.effective "$bad"
	told
	is "cpuset \"$bad\" is unknown" "0 0" "$(known cgroup 6) $(known cgroup 7)"
done
put $fs/shop/memory.max 8000000

# --- paths that lead elsewhere ---
for bad in "0::" "0::relative" "0::/../.." "0::/shop/../web" "1:name=x:/" "garbage" "0::/$(printf 'y%.0s' {1..300})"; do
	put /proc/self/cgroup "$bad"
	told
	is "cgroup line \"${bad:0:20}\": unknown" "0 " "$(value cgroup.known) $(value cgroup.path)"
done
put /proc/self/cgroup "0::/shop/web"
rm "$T/root$fs/shop/web/memory.max"
ln -s /proc/version "$T/root$fs/shop/web/memory.max"
told
is "a link is not followed, and no limit is taken from it" "0 0" "$(known cgroup 2) $(known cgroup 4)"
rm "$T/root$fs/shop/web/memory.max"
mkfifo "$T/root$fs/shop/web/memory.max"
told
is "a pipe is not waited for" "0 0" "$(known cgroup 2) $(known cgroup 4)"

# --- this machine's own hierarchy ---
own=$(sed -n 's/^0:://p' /proc/self/cgroup)
"$VDK" publish --once hostinfo "$image" > /dev/null
dump
is "this machine: own cgroup" "$own" "$(value cgroup.path)"
mounted=$(awk '$0 ~ / - cgroup2 / && $4 == "/" { print $5; exit }' /proc/self/mountinfo)
if [ "$(id -u)" = 0 ] && [ -n "$mounted" ] && mkdir "$mounted/vdk-test-$$" 2> /dev/null; then
	at_end 'rmdir "$mounted/vdk-test-$$" 2> /dev/null || true'
	start VDK_HOSTINFO_CGROUP="/vdk-test-$$"
	dump
	is "a real cgroup: path" "/vdk-test-$$" "$(value cgroup.path)"
	if [ -e "$mounted/vdk-test-$$/cpu.pressure" ]; then
		is "a real cgroup: pressure" 1 "$(known cgroup_pressure 0)"
		sh -c "echo \$\$ > '$mounted/vdk-test-$$/cgroup.procs'; timeout 0.5 sh -c 'while :; do :; done' & timeout 0.5 sh -c 'while :; do :; done'; wait" || true
		sleep 0.1
		dump
		near "a real cgroup: its own stall time" \
			"$(sed -n 's/^some .*total=//p' "$mounted/vdk-test-$$/cpu.pressure")" \
			"$(value cgroup_pressure.cpu_some.total_us)" 1000
	fi
	wait_for 5 rmdir "$mounted/vdk-test-$$"
	sleep 0.1
	dump
	is "removed under us: pressure is unknown" 0 "$(value cgroup_pressure.known)"
	is "removed under us: limits are unknown" "0 0" "$(known cgroup 4) $(known cgroup 7)"
	mkdir "$mounted/vdk-test-$$"
	came_back() { "$VDK" get hostinfo hostinfo_cgroup_pressure.known | grep -qvx 0; }
	if [ -e "$mounted/vdk-test-$$/cpu.pressure" ]; then
		wait_for 10 came_back && ok "made again: found again" || not_ok "made again: found again"
	fi
	stop
else
	echo "# no cgroup can be made here: not tried"
fi
finish
