#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The runtime directory is renamed, removed, made read-only and mounted over, while a publisher writes,
# programs look, and a followed tree executes one program after the other.
set -eu
. "$(dirname "$0")/lib.sh"
need_root

image sample
home=$T/home
mkdir -m 755 "$home"
mount -t tmpfs -o mode=755 vdk-torture "$home" 2> /dev/null || skip "cannot mount a tmpfs here"
at_end 'umount -l "$home" 2> /dev/null; umount -l "$home" 2> /dev/null'
export VDK_RUNTIME_DIR=$home/run
mkdir -m 755 "$VDK_RUNTIME_DIR"
publisher=
at_end 'kill -KILL $publisher 2> /dev/null'

publish_anew() {
	[ -z "$publisher" ] || kill -KILL "$publisher" 2> /dev/null || :
	[ -z "$publisher" ] || wait "$publisher" 2> /dev/null || :
	"$VDK" publish --every 2ms sample "$image" > /dev/null 2>> "$T/publisher.err" &
	publisher=$!
	wait_for 20 advances 0 || { not_ok "the hook runs" "$(cat "$T/publisher.err")"; finish; }
}
count() { "$VDK" get sample pair.count 2> /dev/null || echo 0; }
advances() { [ "$(count)" -gt "$1" ]; }

# A tree that goes on executing programs, each of which tells whether the image is in it.
tree_start() {
	"$VDK" run --vdso sample -- bash -c '
		while [ ! -e "$0" ]; do grep -c "image.so\|vdk-image" /proc/self/maps; done' "$T/quiet" \
		> "$T/tree" 2> "$T/tree.err" &
	tree=$!
}
tree_runs() { [ "$(wc -l < "$T/tree")" -gt "$1" ]; }
tree_end() {
	local status=0

	touch "$T/quiet"
	wait "$tree" || status=$?
	is "the tree ends with its own status" 0 "$status"
	is "and everything in it was attached, in all that time" 0 "$(grep -vc '^1$' "$T/tree" || :)"
	figure execs_in_the_tree "$(wc -l < "$T/tree")"
	rm "$T/quiet"
}

# missing WHAT: who comes now is told that there is nothing of that name.
refused=0
missing() {
	capture "$VDK" run --vdso sample -- true
	[ "$status" = 3 ] || not_ok "$1: vdk run says 3" "exit $status" "$err"
	capture "$VDK" get sample
	[ "$status" = 3 ] || not_ok "$1: vdk get says 3" "exit $status" "$err"
	refused=$((refused + 2))
}
lives() { # lives WHAT: the publisher is there and the tree goes on
	kill -0 "$publisher" 2> /dev/null || not_ok "$1: the publisher lives" "$(cat "$T/publisher.err")"
	wait_for 20 tree_runs "$(wc -l < "$T/tree")" || not_ok "$1: the tree goes on" "$(cat "$T/tree.err")"
}

publish_anew
tree_start
for _ in 1 2 3 4; do
	look_start --once
done
rounds=0
while until_over "$(by_length 6 90)"; do
	rounds=$((rounds + 1))
	case $((RANDOM % 5)) in
	0) # renamed away and back: as if nothing had been
		mv "$VDK_RUNTIME_DIR" "$home/away"
		missing renamed
		lives renamed
		mv "$home/away" "$VDK_RUNTIME_DIR"
		before=$(count)
		wait_for 20 advances "$before" || not_ok "renamed back: values go on"
		;;
	1) # removed: who runs keeps what is mapped; the next publisher begins from nothing
		rm -rf "$VDK_RUNTIME_DIR"
		missing removed
		lives removed
		publish_anew
		;;
	2) # read-only: pages are written through mappings that exist, and new writers are told
		# (By a mount of its own: a file system on which files are open for writing stays so.)
		mount --bind "$home" "$home" && mount -o remount,bind,ro "$home" || not_ok "remount read-only"
		capture "$VDK" set sample wide.tiny=1
		[ "$status" = 3 ] && grep -q 'Read-only file system' <<< "$err" ||
			not_ok "read-only: vdk set says so" "exit $status" "$err"
		before=$(count)
		wait_for 20 advances "$before" || not_ok "read-only: values go on"
		capture "$VDK" run --vdso sample -- true
		[ "$status" = 0 ] || not_ok "read-only: vdk run works" "exit $status" "$err"
		lives read-only
		umount -l "$home"
		;;
	3) # mounted over, and uncovered again
		mount -t tmpfs -o mode=755 vdk-torture-2 "$home"
		missing "mounted over"
		lives "mounted over"
		umount -l "$home"
		before=$(count)
		wait_for 20 advances "$before" || not_ok "uncovered: values go on"
		;;
	4) # unmounted below everybody, and mounted anew
		umount -l "$home"
		missing unmounted
		lives unmounted
		mount -t tmpfs -o mode=755 vdk-torture "$home"
		mkdir -m 755 "$VDK_RUNTIME_DIR"
		publish_anew
		;;
	esac
	look_end $((RANDOM % ${#lookers[@]}))
	look_start --once
done
tree_end
look_end_all
figure faults "$rounds"
figure refused_while_it_was_away "$refused"
finish
