#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who may attach, and to what: sandboxes that forbid tracing, users without rights, programs that
# change their user inside a tree and cannot open the image by themselves, trees within trees.
set -eu
. "$(dirname "$0")/../lib.sh"

image pass
pass=$image
image marker
program no-ptrace
sandbox=$program

for mode in "" --once; do
	capture "$sandbox" ptrace "$VDK" run $mode --vdso "$image" -- echo 'it ran'
	is "ptrace refused ${mode:-follow}: exit status" 77 "$status"
	is "ptrace refused ${mode:-follow}: not run" "" "$out"
	like "ptrace refused ${mode:-follow}: message" '^vdk run: .*(trac|sandbox)' "$err"
done
capture "$sandbox" seccomp "$VDK" run --vdso "$image" -- echo 'it ran'
is "filters refused, follow: exit status" 77 "$status"
is "filters refused, follow: not run" "" "$out"
like "filters refused, follow: message" '^vdk run: .*filter.*--once' "$err"
capture "$sandbox" seccomp "$VDK" run --once --vdso "$image" -- date +%s
is_shifted "filters refused, once: attached" "$out"

# A sandbox that a program of the tree makes for its children is its own affair.
capture "$VDK" run --vdso "$image" -- "$sandbox" ptrace date +%s
is_shifted "a sandbox inside a tree: attached" "$out"

# A tree in a tree: Linux has one supervisor of execs for each.
capture "$VDK" run --vdso "$pass" -- "$VDK" run --vdso "$image" -- echo 'it ran'
is "follow inside a followed tree: exit status" 77 "$status"
like "follow inside a followed tree: message" 'followed already.*--once' "$err"
capture "$VDK" run --vdso "$pass" -- "$VDK" run --once --vdso "$image" -- date +%s
is "once inside a followed tree: exit status" 0 "$status"
is_shifted "once inside a followed tree: the inner image" "$out"
is "once inside a followed tree: silent" "" "$err"
capture "$VDK" run --once --vdso "$pass" -- "$VDK" run --vdso "$image" -- date +%s
is_shifted "follow below once: the inner image" "$out"

# The supervisor is killed: what runs goes on, what is executed later is attached again.
descendants='
	one() { date +%s; }
	one
	for p in /proc/[0-9]*; do
		[ "$(cat "$p/comm" 2> /dev/null)" = vdk-follow ] && kill -9 "${p#/proc/}" && echo killed >&2
	done
	sleep 0.3
	one; one'
flags=(-pf --mount-proc)
[ "$(id -u)" = 0 ] || flags=(-Urpf --mount-proc)
if unshare "${flags[@]}" true 2> /dev/null; then
	capture timeout 30 unshare "${flags[@]}" "$VDK" run --vdso "$image" -- bash -c "$descendants"
	is "worker killed: exit status" 0 "$status"
	is "worker killed: it was" "killed" "$err"
	is "worker killed: three dates" 3 "$(grep -c . <<< "$out")"
	while read -r seconds; do
		is_shifted "worker killed: attached" "$seconds"
	done <<< "$out"
else
	echo "not checked: a killed supervisor (no process namespace can be made here)"
fi

if [ "$(id -u)" != 0 ]; then
	echo "not checked: other users (needs root)"
	finish
fi

# Other users: their own tree, and a tree of root that becomes theirs.
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
cp "$image" "$T/marker.so"
chmod 644 "$T/marker.so"
if "${nobody[@]}" test -x "$VDK"; then
	for mode in "" --once; do
		capture "${nobody[@]}" env -u VDK_RUNTIME_DIR "$VDK" run $mode --vdso "$T/marker.so" -- date +%s
		is_shifted "another user's tree ${mode:-follow}: attached" "$out"
	done
else
	echo "not checked: another user's own tree (the build folder is closed to others)"
fi
mkdir -m 700 "$T/closed"
cp "$T/marker.so" "$T/closed/marker.so"
"${nobody[@]}" test -r "$T/closed/marker.so" && not_ok "the folder is closed to others"
capture "$VDK" run --vdso "$T/closed/marker.so" -- "${nobody[@]}" sh -c 'id -u; date +%s'
is "root's tree becomes another user's: who it is" 65534 "$(sed -n 1p <<< "$out")"
is_shifted "root's tree becomes another user's: attached" "$(sed -n 2p <<< "$out")"
finish
