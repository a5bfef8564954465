#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who may do what: the table of SECURITY.md, as other users and in user namespaces.
set -eu
. "$(dirname "$0")/lib.sh"
need_root
need setpriv unshare

image notb
tool seal
alice=20001
bob=20002
as() { # as UID COMMAND...
	local uid=$1

	shift
	setpriv --reuid="$uid" --regid="$uid" --clear-groups --inh-caps=-all -- "$@"
}
as $alice test -x "$VDK" -a -r "$image" || skip "other users cannot reach the build folder"
as $alice test -x "$T" || skip "other users cannot reach $T"

# --- publications of three owners, and one that is private ---
for who in "root 0" "alice $alice" "bob $bob"; do
	# shellcheck disable=SC2086
	set -- $who
	mkdir -m 755 "$T/$1"
	cp "$image" "$T/$1/own.so"
	chown -R "$2:$2" "$T/$1"
	as "$2" env VDK_RUNTIME_DIR="$T/$1" "$VDK" publish --no-update notb "$T/$1/own.so" > /dev/null
	as "$2" env VDK_RUNTIME_DIR="$T/$1" "$VDK" set notb notb.vnotb=666
done
VDK_RUNTIME_DIR=$T/root "$VDK" publish --private --no-update hidden "$image" > /dev/null

sleep 300 &
roots=$!
at_end 'kill $roots'
setpriv --reuid=$alice --regid=$alice --clear-groups -- sleep 300 &
alices=$!
at_end 'kill $alices'
wait_for 60 grep -q sleep "/proc/$alices/comm"

# may WHO EXPECTED OF ACTION PREFIX...: exit 0 if EXPECTED is yes, else a refusal, and nothing happens.
may() {
	local who=$1 expected=$2 of=$3 action=$4 wanted=77 arguments

	shift 4
	case $action in
	publish) arguments="publish --no-update new $T/$of/own.so" ;;
	republish) arguments="publish --no-update notb $T/$of/own.so" ;;
	set) arguments="set notb notb.vnotb=667" ;;
	read) arguments="get notb notb.vnotb" ;;
	read-private) arguments="get hidden" ;;
	attach) arguments="run --vdso notb true" ;;
	attach-once) arguments="run --once --vdso notb true" ;;
	attach-file) arguments="run --vdso $T/$of/own.so true" ;;
	unpublish) arguments="unpublish new" ;;
	esac
	[ "$expected" = no ] || wanted=0
	# shellcheck disable=SC2086
	capture "$@" env VDK_RUNTIME_DIR="$T/$of" "$VDK" $arguments
	[ "$action$wanted" != unpublish77 ] || [ "$status" != 3 ] || status=77 # there is nothing to take away
	is "$who, $of's: $action: $expected" "$wanted" "$status"
	[ "$wanted" = 0 ] || like "... and says why" '^vdk (run|publish|set|get|unpublish): .' "$err"
}

changing="publish republish set unpublish"
using="read attach attach-once attach-file"
of_user() { echo as "$1"; }
row() { # row WHO OF CHANGE USE PREFIX...
	local who=$1 of=$2 change=$3 use=$4 action

	shift 4
	for action in $using; do may "$who" "$use" "$of" "$action" "$@"; done
	for action in $changing; do may "$who" "$change" "$of" "$action" "$@"; done
}
row root root yes yes env
row root alice no no env
row alice root no yes as $alice
row alice alice yes yes as $alice
row alice bob no no as $alice
may root yes root read-private env
may alice no root read-private as $alice
is "what root published holds root's value" 667 "$(VDK_RUNTIME_DIR=$T/root "$VDK" get notb notb.vnotb)"
is "nobody left anything in a folder of others" "notb own.so" "$(ls "$T/bob" | xargs)"

# --- processes of others ---
for command in maps auxv dump symbols vsyscall doctor perf-map; do
	# shellcheck disable=SC2046
	capture as $alice "$VDK" $command $([ $command = dump ] && echo "-o $T/alice/dumped") "$roots"
	[ "$status" = 77 ] || [ "$status" = 2 ] || { [ $command = doctor ] && grep -q "not ours to see" "$T/out"; } &&
		ok "alice does not look into root's process: $command" ||
		not_ok "alice does not look into root's process: $command" "exit $status" "$out" "$err"
done
for command in maps auxv symbols; do
	capture as $alice "$VDK" $command "$alices"
	is "alice looks into her own: $command" 0 "$status"
	capture "$VDK" $command "$alices"
	is "root looks into alice's: $command" 0 "$status"
done
capture "$VDK" attach "$alices"
is "nothing attaches to what runs: no command" 2 "$status"
capture "$VDK" run --pid "$alices"
is "nothing attaches to what runs: no option" 2 "$status"

# --- user namespaces: root in one of alice is alice; what has no number there is nobody's ---
if as $alice unshare -U -r true 2> /dev/null; then
	row "alice, root in her namespace" alice yes yes as $alice unshare -U -r
	row "alice, root in her namespace" root no no as $alice unshare -U -r
	row "alice, root in her namespace" bob no no as $alice unshare -U -r
	row "alice without a number" alice yes yes as $alice unshare -U
	row "alice without a number" bob no no as $alice unshare -U
	row "alice without a number" root no no as $alice unshare -U
	capture as $alice unshare -U env VDK_RUNTIME_DIR="$T/bob" "$VDK" run --vdso notb true
	like "... and is told why" 'is a user that this user namespace does not know' "$err"
	row "root in a namespace of its own" root yes yes unshare -U -r
	# What alice's root gives her programs is still hers alone.
	capture as $alice unshare -U -r env VDK_RUNTIME_DIR="$T/alice" "$VDK" run --vdso notb -- "$VDK" maps "$roots"
	is "a followed tree in a namespace sees no more processes" 77 "$status"
	# There Linux shows a process those of its own namespace, and not even the same user's outside.
	for map in "" -r; do
		# shellcheck disable=SC2086
		capture as $alice unshare -U $map "$VDK" maps "$alices"
		is "alice in a namespace $map does not look into her own outside" 77 "$status"
		# shellcheck disable=SC2086
		capture as $alice unshare -U $map sh -c 'sleep 60 & "$0" maps $!; code=$?; kill $!; exit $code' "$VDK"
		is "... but into those inside" 0 "$status"
	done
else
	echo "# user namespaces are forbidden here: not tried"
fi

# --- access lists: who may write shows in the mode's group bits ---
if command -v setfacl > /dev/null && setfacl -m u:$bob:rw "$T/root/notb/page" 2> /dev/null; then
	for action in read attach attach-once; do may root no root $action env; done
	setfacl -b "$T/root/notb/page"
	chmod 644 "$T/root/notb/page"
	setfacl -m u:$bob:rwx "$T/root"
	for action in read publish; do may root no root $action env; done
	setfacl -b "$T/root"
	setfacl -d -m u:$bob:rwx "$T/root"
	may root yes root publish env
	for file in page image.so writers .; do
		as $bob test -w "$T/root/new/$file" && not_ok "a default list makes $file writable for bob" ||
			ok "a default list does not make $file writable for bob"
	done
	setfacl -b "$T/root"
	may root yes root unpublish env
else
	echo "# no access lists here: not tried"
fi

# --- vdk with rights that its caller has not ---
mkdir -m 755 "$T/bin"
programs=0
for program in "$VDK" "$(dirname "$VDK")"/vdk-* "$VDK_BUILD_ROOT"/kernel/*/vdk-*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	programs=$((programs + 1))
	name=${program##*/}
	for kind in set-user-ID set-group-ID capable; do
		cp "$program" "$T/bin/$name"
		chmod 755 "$T/bin/$name"
		case $kind in
		set-user-ID) chmod u+s "$T/bin/$name" ;;
		set-group-ID) chmod g+s "$T/bin/$name" ;;
		capable) setcap cap_sys_ptrace+ep "$T/bin/$name" 2> /dev/null || continue ;;
		esac
		capture as $alice env VDK_RUNTIME_DIR="$T/alice" "$T/bin/$name" get notb
		is "$kind $name does nothing for alice" 77 "$status"
		like "... and says why" 'set-user-ID, set-group-ID or has file capabilities' "$err"
		is "... nor prints anything" "" "$out"
	done
done
[ "$programs" -ge 8 ] || not_ok "all programs of vdk are tried" "$programs"
figure programs_with_rights "$programs"
capture setpriv --reuid=$alice --regid=$alice --clear-groups --inh-caps=+sys_ptrace --ambient-caps=+sys_ptrace \
	env VDK_RUNTIME_DIR="$T/alice" "$VDK" get notb
is "rights that the caller has himself are fine" 0 "$status"

# --- what a program finds open: the same as without ---
export VDK_RUNTIME_DIR=$T/root
listing='for fd in /proc/self/fd/*; do n=${fd##*/}; case $(readlink "$fd") in /proc/*|"") ;; *) printf "%s " "$n";; esac; done'
for how in "" "0<&-" "1>&2 0<&- 2>&1" "7< /dev/null 9> /dev/null"; do
	native=$(eval "sh -c '$listing' $how" 2>&1)
	for mode in "" --once; do
		is "descriptors $mode $how" "$native" "$(eval "\"\$VDK\" run $mode --vdso notb -- sh -c '$listing' $how" 2>&1)"
	done
done

# --- mappings are sealed ---
if "$VDK" run --vdso notb -- grep -q '^VmFlags:.* sl' /proc/self/smaps; then
	for mode in "" --once; do
		is "sealed $mode" "12 sealed" "$("$VDK" run $mode --vdso notb -- "$tool" | sed 's/.*: //' | sort | uniq -c | xargs)"
	done
	like "--no-seal: as movable as a library" '^image munmap: changed' "$("$VDK" run --no-seal --vdso notb -- "$tool")"
else
	echo "# this kernel has no mseal, or does not show it: not tried"
fi
finish
