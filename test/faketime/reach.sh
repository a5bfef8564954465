#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# reach.sh KIND - programs of one kind tell the faked date, and natively the true one
set -eu
. "$(dirname "$0")/../lib.sh"

kind=$1
programs=$VDK_SOURCE_ROOT/test/run/programs
export LC_ALL=C TZ=UTC
shift_by=31536000 # +1y

case $kind in
glibc | static | static-pie | musl | musl-static | go | cgo | cxx | rust)
	program "$kind"
	command=("$program")
	;;
java) need java; command=(java -XX:TieredStopAtLevel=1 "$programs/Probe.java") ;;
node)
	[ -x /usr/bin/node ] || skip "no Debian node here (scripts/install-deps test)"
	command=(/usr/bin/node "$programs/probe.js")
	;;
python)
	[ -x /usr/bin/python3 ] || skip "no Debian python3 here (scripts/install-deps test)"
	command=(/usr/bin/python3 "$programs/probe.py")
	;;
perl) need perl; command=(perl "$programs/probe.pl") ;;
ruby) need ruby; command=(ruby "$programs/probe.rb") ;;
php) need php; command=(php "$programs/probe.php") ;;
bash) command=("$programs/probe.bash") ;;
busybox) need busybox; command=(busybox sh "$programs/probe.ash") ;;
esac

check() { # check HOW SECONDS: every time that the program told is so many seconds off
	local how seconds count=0

	is "$1: exit status" "$native" "$status"
	while read -r _ how seconds; do
		near "$1: $how" "$(($(date +%s) + $2))" "$seconds" 30
		count=$((count + 1))
	done < <(grep '^time ' "$T/out")
	[ "$count" -gt 0 ] || not_ok "$1: the program told no time" "$out"
}

capture "${command[@]}" 1
native=$status # that of the probes is their own
check natively 0
capture "$VDK" faketime +1y "${command[@]}" 1
check "faketime +1y" "$shift_by"
capture "$VDK" faketime --monotonic '+1y x2' "${command[@]}" 1
check "faketime --monotonic '+1y x2'" "$shift_by"
capture "$VDK" faketime '+1y i0.000001' "${command[@]}" 1
check "faketime '+1y i0.000001'" "$shift_by"
finish
