#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The disk of the runtime directory becomes full and has room again at random moments, under a
# publisher, programs that look, and commands without pause.
set -eu
. "$(dirname "$0")/lib.sh"
need_root

image sample
mount -t tmpfs -o size=256k,nr_inodes=64,mode=755 vdk-torture "$VDK_RUNTIME_DIR" 2> /dev/null ||
	skip "cannot mount a tmpfs here"
at_end 'umount -l "$VDK_RUNTIME_DIR"'

"$VDK" publish --every 2ms sample "$image" > /dev/null 2> "$T/publisher.err" &
publisher=$!
at_end 'kill -KILL $publisher $filler 2> /dev/null'
count() { "$VDK" get sample pair.count; }
advances() { [ "$(count)" -gt "$1" ]; }
wait_for 20 advances 0 || not_ok "the hook runs" "$(cat "$T/publisher.err")"
for _ in 1 2 3 4; do
	look_start --once
done

# Blocks and names run out in turn.
fill() {
	local i

	while :; do
		if [ $((RANDOM % 2)) = 0 ]; then
			head -c $((RANDOM * 16)) /dev/zero > "$VDK_RUNTIME_DIR/ballast" 2> /dev/null || :
		else
			for ((i = 0; i < 64; i++)); do : > "$VDK_RUNTIME_DIR/ballast.$i" || break; done 2> /dev/null
		fi
		nap 20
		rm -f "$VDK_RUNTIME_DIR"/ballast*
		nap 5
	done
}
fill &
filler=$!

tried=0 refused=0 wrong=0
# try COMMAND...: it succeeds, or says that there is no room.
try() {
	tried=$((tried + 1))
	capture "$VDK" "$@"
	if [ "$status" = 3 ] && grep -q 'No space left on device' <<< "$err"; then
		refused=$((refused + 1))
	elif [ "$status" != 0 ]; then
		wrong=$((wrong + 1))
		not_ok "vdk $1 works or says that there is no room" "exit $status" "$err"
	fi
}
while until_over "$(by_length 5 120)"; do
	try publish --once new "$image"
	if [ "$status" = 0 ]; then
		try set new wide.tiny=5
		try run --once --vdso new -- true
		try publish --no-update new "$image"
		try unpublish new
	else
		[ ! -e "$VDK_RUNTIME_DIR/new" ] || not_ok "what was refused is not there" "$(ls "$VDK_RUNTIME_DIR/new")"
	fi
	try set sample wide.tiny=$((RANDOM % 100))
	try get sample
	try run --vdso sample -- true
	if [ $((RANDOM % 4)) = 0 ]; then
		kill -KILL "$publisher"
		wait "$publisher" 2> /dev/null || :
		"$VDK" publish --every 2ms sample > /dev/null 2>> "$T/publisher.err" &
		publisher=$!
		before=$(count)
		wait_for 20 advances "$before" || not_ok "taken over, values go on" "$(cat "$T/publisher.err")"
	fi
done
kill "$filler"
wait "$filler" 2> /dev/null || :
rm -f "$VDK_RUNTIME_DIR"/ballast*

is "each command worked or said why not" 0 "$wrong"
[ "$refused" -gt 0 ] && ok "some met a full disk: $refused of $tried" || not_ok "some met a full disk" "$tried"
look_end_all
kill "$publisher"
wait "$publisher" || not_ok "the publisher ends well"
"$VDK" publish --once new "$image" > /dev/null && "$VDK" unpublish new
is "nothing half is left over" ".sample.lock sample" "$(ls -A "$VDK_RUNTIME_DIR" | grep -vx .new.lock | xargs)"
figure commands "$tried"
figure refused_for_want_of_room "$refused"
finish
