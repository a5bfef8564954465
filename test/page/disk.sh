#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A runtime directory that is full, read-only, or mounted noexec as Debian mounts /run.
set -eu
. "$(dirname "$0")/../lib.sh"
need_root

image sample
mount -t tmpfs -o size=64k,mode=755 vdk-test "$VDK_RUNTIME_DIR" 2> /dev/null ||
	skip "cannot mount a tmpfs here"
at_end 'umount -l "$VDK_RUNTIME_DIR"'

# --- full ---
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample pair.count=5
dd if=/dev/zero of="$VDK_RUNTIME_DIR/ballast" bs=4096 2> /dev/null || true
for what in sample new; do
	capture "$VDK" publish --no-update "$what" "$image"
	is "full disk, publish $what: exit" 3 "$status"
	like "full disk, publish $what: words" 'No space left on device' "$err"
done
is "the old one stays" 5 "$("$VDK" get sample pair.count)"
capture "$VDK" set sample pair.count=6
is "its page has all its blocks: set works" 6 "$("$VDK" get sample pair.count)"
is "nothing is left behind" ".sample.lock ballast sample" \
	"$(ls -A "$VDK_RUNTIME_DIR" | xargs)"
capture "$VDK" publish sample --once
is "full disk: take over works" 0 "$status"
capture "$VDK" unpublish sample
is "full disk: unpublish works" 0 "$status"
rm "$VDK_RUNTIME_DIR/ballast"
# Room for some of it only: wherever it ends, nothing half is there.
for blocks in 1 2 3 4 5 6 7; do
	dd if=/dev/zero of="$VDK_RUNTIME_DIR/ballast" bs=4096 2> /dev/null || true
	truncate -s "-$((blocks * 4096))" "$VDK_RUNTIME_DIR/ballast"
	capture "$VDK" publish sample "$image" --once
	if [ "$status" = 0 ]; then
		capture "$VDK" get sample
		is "with $blocks blocks: whole" 0 "$status"
		"$VDK" unpublish sample
	else
		is "with $blocks blocks: nothing" "" "$(ls -A "$VDK_RUNTIME_DIR" | grep -v -e ballast -e lock || true)"
	fi
	rm "$VDK_RUNTIME_DIR/ballast"
	figure full_disks 1
done

# --- read-only ---
"$VDK" publish sample "$image" --once > /dev/null
mount -o remount,ro "$VDK_RUNTIME_DIR"
for command in "publish --no-update new $image" "publish --no-update sample $image" "publish sample" \
	"set sample pair.count=1" "unpublish sample"; do
	# shellcheck disable=SC2086
	capture "$VDK" $command
	is "read-only, $command: exit" 3 "$status"
	like "read-only, $command: words" 'Read-only file system' "$err"
done
capture "$VDK" get sample pair.count
is "read-only: get works" "0 1" "$status $out"
mount -o remount,rw "$VDK_RUNTIME_DIR"

# --- noexec ---
mount -o remount,noexec "$VDK_RUNTIME_DIR"
capture "$VDK" run --vdso sample -- /bin/echo runs
is "noexec: run" "0 runs" "$status $out"
"$VDK" publish sample --every 5ms > /dev/null &
publisher=$!
at_end 'kill -KILL $publisher 2> /dev/null || true'
counts() { [ "$("$VDK" get sample pair.count)" -gt 3 ]; }
wait_for 5 counts && ok "noexec: the hook runs" || not_ok "noexec: the hook runs"
kill "$publisher"
wait "$publisher" || true

# --- its parent is missing, or it is a file ---
VDK_RUNTIME_DIR=$T/none/deep capture "$VDK" publish --no-update x "$image"
is "no parent: exit" 3 "$status"
like "no parent: words" 'none/deep: cannot make the runtime directory: No such file' "$err"
touch "$T/file"
VDK_RUNTIME_DIR=$T/file capture "$VDK" publish --no-update x "$image"
like "a file: words" 'file: runtime directory: Not a directory' "$err"
VDK_RUNTIME_DIR=$T/new capture "$VDK" publish --no-update x "$image"
is "it is made" "0 755" "$status $(stat -c %a "$T/new")"
finish
