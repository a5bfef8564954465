#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Which runtime directory is meant: what is set, root's own, or none; a name in two of them is one
# name; and what a publication without a page answers.
set -eu
. "$(dirname "$0")/../lib.sh"

image sample
sample=$image
image pass
"$VDK" publish --no-update pass "$image" > "$T/said"
like "no page: published" "pass: published" "$(cat "$T/said")"
capture "$VDK" get pass
like "no page: nothing to read" "no records|no page|nothing to read" "$out$err"
capture "$VDK" set pass x.y=1
is "no page: set: exit" 2 "$status"
like "no page: set: words" "the image has no records, so there is nothing to write" "$err"
capture "$VDK" run --vdso pass -- echo runs
is "no page: it runs" runs "$out"

# --- too long: said, and not passed over for the system's ---
long=$T/$(printf 'x%.0s' {1..400})
for command in "ls" "get x" "run --vdso x -- echo runs" "set x y.z=1" "publish x $sample"; do
	# shellcheck disable=SC2086
	capture env VDK_RUNTIME_DIR="$long" "$VDK" $command
	[ "$status" != 0 ] && ok "too long: $command fails" || not_ok "too long: $command fails" "$out"
	like "too long: $command: words" "runtime directory: its path is longer than 383 bytes" "$err"
done

# --- by XDG_RUNTIME_DIR, and by nothing ---
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	user=(setpriv --reuid 20001 --regid 20001 --clear-groups env -u VDK_RUNTIME_DIR)
	mkdir -m 700 "$T/session"
	cp "$sample" "$T/session/sample.so"
	chown -R 20001:20001 "$T/session"
	capture "${user[@]}" XDG_RUNTIME_DIR="$T/session" "$VDK" publish --no-update x "$T/session/sample.so"
	is "a session's: exit" 0 "$status"
	[ -e "$T/session/vdk/x/page" ] && ok "a session's: in it" || not_ok "a session's: in it" "$(find "$T/session")"
	capture "${user[@]}" -u XDG_RUNTIME_DIR "$VDK" publish --no-update x "$T/session/sample.so"
	like "none: words" "set XDG_RUNTIME_DIR or VDK_RUNTIME_DIR: neither is set" "$err"
	capture "${user[@]}" -u XDG_RUNTIME_DIR "$VDK" get no-such-name
	like "none: the system's is looked in" "no-such-name: not published in /run/vdk$" "$err"
else
	echo "# not as root: no other user's session"
fi

# --- the system's own, in a mount namespace of our own ---
cat > "$T/inside" << 'END'
set -eu
mount -t tmpfs -o mode=755 none /run
env -u VDK_RUNTIME_DIR "$VDK" publish --no-update twice "$1" > /dev/null
ls /run/vdk
"$VDK" publish --no-update twice "$1" > /dev/null
env -u VDK_RUNTIME_DIR "$VDK" set twice pair.count=1
"$VDK" set twice pair.count=2
echo "own $("$VDK" get twice pair.count)"
echo "ls $("$VDK" ls | grep -c '^twice ')"
"$VDK" unpublish twice
echo "system $("$VDK" get twice pair.count)"
END
if [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null; then
	capture unshare -m sh "$T/inside" "$sample"
	is "the system's: exit" 0 "$status"
	is "a name in two of them" "twice own 2 ls 1 system 1" "$(xargs <<< "$out")"
	[ -z "$err" ] || echo "# $err"
else
	echo "# no mount namespace here: not the system's own"
fi
finish
