#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs that gain privileges by being executed are never attached: that would hand a root
# process over to whoever wrote the image.
set -eu
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv setcap

image marker
program glibc
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
printf 'input\n' > "$T/stdin"
chmod 755 "$T"
cp "$image" "$T/marker.so"
chmod 644 "$T/marker.so"
image=$T/marker.so
for kind in setuid setgid capable; do
	cp "$program" "$T/$kind"
	chmod 755 "$T/$kind"
done
chmod u+s "$T/setuid"
chmod g+s "$T/setgid"
setcap cap_net_bind_service+ep "$T/capable" || rm "$T/capable"
cp "$(command -v id)" "$T/setuid-id"
chmod 4755 "$T/setuid-id"
"${nobody[@]}" test -x "$VDK" || skip "other users cannot reach the build folder"
"${nobody[@]}" test -x "$T/setuid" || skip "other users cannot reach $T"
[ "$("${nobody[@]}" "$T/setuid-id" -u)" = 0 ] || skip "$T is mounted nosuid"
export VDK_RUNTIME_DIR=

seconds() { sed -n 's/^time clock_gettime //p' "$T/out"; }

for kind in setuid setgid capable; do
	[ -e "$T/$kind" ] || continue
	for mode in "" --once; do
		capture "${nobody[@]}" "$VDK" run $mode --vdso "$image" -- "$T/$kind"
		is "$kind program ${mode:-follow}: refused" 77 "$status"
		like "$kind program ${mode:-follow}: says why" "$T/$kind.*(set-user-ID|privilege)" "$err"
		is "$kind program ${mode:-follow}: not run" "" "$out"
	done
done

# Inside a tree of an unprivileged user it runs without its privileges, and says so.
capture "${nobody[@]}" "$VDK" run --vdso "$image" -- sh -c '"$1" -u; date +%s' sh "$T/setuid-id"
is "inside a tree: without privileges" 65534 "$(sed -n 1p <<< "$out")"
like "inside a tree: says so" 'set-user-ID.*without its privileges' "$err"
is_shifted "inside a tree: the rest is attached" "$(sed -n 2p <<< "$out")"

# With --once it is as ever, and not attached.
capture "${nobody[@]}" "$VDK" run --once --vdso "$image" -- sh -c '"$1"; "$2" -u' sh "$T/setuid" "$T/setuid-id"
is "started by a program under --once: with privileges" 0 "$(tail -n 1 <<< "$out")"
is_real "started by a program under --once: unattached" "$(seconds)"

# For root a set-user-ID-root program gains nothing; it may run, with the image or without.
capture "$VDK" run --vdso "$image" -- sh -c '"$1" -u; date +%s' sh "$T/setuid-id"
is "inside a tree of root" 0 "$(sed -n 1p <<< "$out")"
is_shifted "inside a tree of root: the rest is attached" "$(sed -n 2p <<< "$out")"
# But one that belongs to another user loses privileges, which is a change of rights as well.
cp "$program" "$T/down"
chown 65534 "$T/down"
chmod 4755 "$T/down"
capture "$VDK" run --vdso "$image" -- sh -c '"$1"; echo "status $?"' sh "$T/down"
like "inside a tree of root: a program set to another user runs" '^status 7$' "$out"
finish
