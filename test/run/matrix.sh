#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# matrix.sh KIND - one kind of program natively and under `vdk run`
#
#   natively            what the program does by itself
#   passthrough         the same lines, messages and exit status, the same time
#   marker              the same, but every date that it tells is 1,000,000,000 s ahead: so the
#                       attached image is what it calls
#   marker, --once      the same for programs that exec nothing themselves
#   notb                the same as natively, and those that ask for the number of the beast get it
#
# The programs are in programs/; KIND is one of the cases below.
set -eu
. "$(dirname "$0")/../lib.sh"

kind=$1
programs=$VDK_SOURCE_ROOT/test/run/programs
once=true      # does the program stay one program, so that --once reaches every line?
beast=true     # does it tell the number of the beast?
arguments=(1 'two words' '')
stdin='a line of input'
export VDK_PROBE='a value'
export LC_ALL=C TZ=UTC

case $kind in
glibc | static | static-pie | musl | musl-static)
	program "$kind"
	command=("$program")
	;;
go | cxx | rust)
	program "$kind"
	command=("$program")
	beast=false
	;;
cgo)
	program cgo
	command=("$program")
	;;
java)
	need java
	command=(java -XX:TieredStopAtLevel=1 "$programs/Probe.java")
	beast=false
	;;
node)
	[ -x /usr/bin/node ] || skip "no Debian node here (scripts/install-deps test)"
	command=(/usr/bin/node "$programs/probe.js")
	beast=false
	;;
python)
	[ -x /usr/bin/python3 ] || skip "no Debian python3 here (scripts/install-deps test)"
	command=(/usr/bin/python3 "$programs/probe.py")
	once=false
	;;
perl | ruby | php)
	need "$kind"
	case $kind in
	perl) command=(perl "$programs/probe.pl") ;;
	ruby) command=(ruby "$programs/probe.rb") ;;
	php) command=(php "$programs/probe.php") ;;
	esac
	once=false
	[ "$kind" != php ] || once=true
	beast=false
	;;
bash)
	command=("$programs/probe.bash")
	once=false
	beast=false
	;;
busybox)
	need busybox
	command=(busybox sh "$programs/probe.ash")
	once=false
	beast=false
	;;
threads)
	program threads
	command=("$program")
	beast=false
	;;
forks)
	program forks
	command=("$program")
	beast=false
	;;
loads)
	program plugin
	plugin=$program
	program loads
	command=("$program" "$plugin")
	arguments=()
	;;
spawns)
	program spawns
	command=("$program")
	once=false
	beast=false
	;;
wrapped-*)
	# The probe under a command that prepares something and then execs.
	program glibc
	once=false
	case ${kind#wrapped-} in
	timeout) command=(timeout 60 "$program") ;;
	env) command=(env -u NOTHING VDK_PROBE='another value' "$program") ;;
	nice) command=(nice -n 1 "$program") ;;
	setsid) command=(setsid --wait "$program") ;;
	nohup) command=(nohup "$program") ;;
	sh) command=(sh -c '"$@"; exit $?' sh "$program") ;;
	setpriv) command=(setpriv --no-new-privs "$program") ;;
	xargs) command=(sh -c 'printf "%s\n" "$2" "$3" | xargs -d "\n" "$1"; echo "xargs: $?"' sh "$program") ;;
	chain) command=(env nice -n 0 setsid --wait timeout 60 sh -c 'exec "$@"' sh env "$program") ;;
	esac
	;;
*)
	echo "matrix.sh: no such kind: $kind"
	exit 2
	;;
esac

if [ "${#arguments[@]}" != 0 ]; then
	command+=("${arguments[@]}")
fi
printf '%s\n' "$stdin" > "$T/stdin"

# The lines that tell no time and no beast, which are the same in every run; threads of the
# program may tell in any order.
constant() { grep -v -e '^time ' -e '^beast ' "$1" || :; }

# check NAME SHIFT: what the last capture brought, against the native run.
check() {
	local how seconds count=0

	is "$1: exit status" "$native_status" "$status"
	is "$1: output" "$native_out" "$(constant "$T/out")"
	is "$1: messages" "$native_err" "$err"
	is "$1: the same times are told" "$native_times" "$(sed -n 's/^\(time [^ ]*\) .*/\1/p' "$T/out")"
	while read -r _ how seconds; do
		near "$1: $how" "$(($(date +%s) + $2))" "$seconds" 60
		count=$((count + 1))
	done < <(grep '^time ' "$T/out")
	[ "$count" -gt 0 ] || not_ok "$1: the program told no time" "$out"
}

capture "${command[@]}"
native_status=$status
native_err=$err
native_out=$(constant "$T/out")
native_times=$(sed -n 's/^\(time [^ ]*\) .*/\1/p' "$T/out")
check natively 0

image pass
capture "$VDK" run --vdso "$image" -- "${command[@]}"
check passthrough 0
if $beast; then
	like "passthrough: no beast" '^beast none$' "$out"
fi

image marker
capture "$VDK" run --vdso "$image" -- "${command[@]}"
check marker "$MARKER_SHIFT"

if $once; then
	capture "$VDK" run --once --vdso "$image" -- "${command[@]}"
	check "marker, once" "$MARKER_SHIFT"
fi

publish notb
"$VDK" set notb notb.vnotb=666
capture "$VDK" run --vdso notb -- "${command[@]}"
check notb 0
if $beast; then
	like "notb: the number of the beast" '^beast 666$' "$out"
fi
finish
