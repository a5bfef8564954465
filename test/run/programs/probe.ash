# SPDX-License-Identifier: LGPL-2.1-or-later
# probe in busybox' shell, with nothing but busybox; see probe.c. Its date asks by clock_gettime.
for argument; do
	echo "argument $argument"
done
echo "environment ${VDK_PROBE-(unset)}"
read -r line || line='(nothing)'
echo "input $line"
echo "time date $(busybox date +%s)"
busybox sh -c 'exec busybox date "+time chain %s"'
busybox find /proc/self/fd -type l | busybox wc -l > /dev/null
echo "a word on standard error" >&2
exit 7
