#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A runtime directory whose entries are exchanged at full speed while commands use them: whatever
# stands between a check and a use, nothing outside is changed, deleted or attached.
# RACE_SECONDS for each pair; 1 by default.
set -eu
. "$(dirname "$0")/lib.sh"

image sample
sample=$image
image notb
notb=$image
program glibc
tool swap
rt=$VDK_RUNTIME_DIR
printf 'input\n' > "$T/stdin"
seconds=${RACE_SECONDS:-1}

mkdir -p "$T/outside/letters" "$T/stash"
echo precious > "$T/outside/victim"
chmod 600 "$T/outside/victim"
echo 'dear friend' > "$T/outside/letters/one"
# Publications of the same layout, which nobody here may read from or write to.
for name in sample notb; do
	install -d -m 755 "$T/outside/rt"
	from=$sample
	[ "$name" = sample ] || from=$notb
	VDK_RUNTIME_DIR=$T/outside/rt "$VDK" publish --no-update $name "$from" > /dev/null
done
VDK_RUNTIME_DIR=$T/outside/rt "$VDK" set notb notb.vnotb=999
VDK_RUNTIME_DIR=$T/outside/rt "$VDK" set sample pair.count=999
before=$(state "$T/outside")

fresh() {
	rm -rf "$rt" "$T/stash"
	mkdir -m 755 "$rt" "$T/stash"
	"$VDK" publish --no-update sample "$sample" > /dev/null
	"$VDK" set sample pair.count=5
	"$VDK" publish --no-update notb "$notb" > /dev/null
	"$VDK" set notb notb.vnotb=7
}

# A round of everything; each may fail, none may hang, die of a signal or show what is outside.
round() {
	local command code

	for command in "publish --no-update sample $sample" "set sample pair.count=6" "get sample" ls \
		"run --vdso notb -- $program" "run --once --vdso notb -- $program" "set notb notb.vnotb=7" \
		"publish --no-update notb $notb" "unpublish sample"; do
		code=0
		# shellcheck disable=SC2086
		timeout -s KILL 30 "$VDK" $command < "$T/stdin" > "$T/out" 2> "$T/err" || code=$?
		[ "$code" -lt 128 ] || bad="$bad [$1: $command: exit $code]"
		! grep -qw 999 "$T/out" || bad="$bad [$1: $command: $(grep -w 999 "$T/out")]"
		[ "$code" != 0 ] || worked=$((worked + 1))
	done
}

bad=""
race() { # race WHAT ARGUMENT_OF_SWAP...
	local what=$1 end rounds=0 swapper

	shift
	worked=0
	letters=$(grep -rls 'dear friend' "$rt" "$T/stash" | wc -l)
	"$tool" "$@" > "$T/swaps" &
	swapper=$!
	end=$(($(date +%s%N) + seconds * 1000000000))
	while [ "$(date +%s%N)" -lt "$end" ]; do
		round "$what"
		rounds=$((rounds + 1))
	done
	kill "$swapper"
	wait "$swapper"
	figure exchanges "$(cat "$T/swaps")"
	figure commands "$((rounds * 9))"
	echo "# $what: $rounds rounds beside $(cat "$T/swaps") exchanges, $worked commands went through"
	[ "$(cat "$T/swaps")" -gt 0 ] || [ "${1-}" = --new ] || not_ok "$what: it was exchanged"
	fresh_state=$(state "$T/outside")
	is "$what: what lies outside is as it was" "$before" "$fresh_state"
	is "$what: no letter is lost" "$letters" "$(grep -rls 'dear friend' "$rt" "$T/stash" | wc -l)"
	fresh
}

fresh
ln -s "$T/outside/rt/notb" "$T/stash/folder"
race "a link for the publication" "$rt/notb" "$T/stash/folder"
cp -a "$T/outside/letters" "$T/stash/letters"
race "a folder of letters for the publication" "$rt/sample" "$T/stash/letters"
ln -s "$T/outside/rt/notb/page" "$T/stash/page"
race "a link for the page" "$rt/notb/page" "$T/stash/page"
ln "$T/outside/victim" "$T/stash/hard"
race "a second name of a file for the page" "$rt/notb/page" "$T/stash/hard"
ln -s "$T/outside/rt/notb/image.so" "$T/stash/image"
race "a link for the image" "$rt/notb/image.so" "$T/stash/image"
mkfifo "$T/stash/fifo"
race "a FIFO for the page" "$rt/notb/page" "$T/stash/fifo"
ln -s "$T/outside/victim" "$T/stash/victim"
race "a link for the lock" "$rt/.sample.lock" "$T/stash/victim"
rm -f "$T/stash/hard"
ln "$T/outside/victim" "$T/stash/hard"
race "a second name of a file for the lock" "$rt/.sample.lock" "$T/stash/hard"
rm -f "$T/stash/hard"
ln -s "$T/outside/rt" "$T/stash/rt"
race "a link for the runtime directory" "$rt" "$T/stash/rt"
cp -a "$T/outside/letters" "$T/stash/letters"
cp "$T/outside/letters/one" "$T/stash/letters/image.so"
race "a folder of letters for what is just being made" --new "$rt" .sample. "$T/stash/letters"
is "no command hung, crashed, or showed what lies outside" "" "$bad"
finish
