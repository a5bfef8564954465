#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What cannot be written: standard output that takes nothing, a file on a full file system. Each
# command says so and leaves nothing half-written. And what every command answers to a wrong word.
set -eu
. "$(dirname "$0")/../lib.sh"

[ -c /dev/full ] || skip "no /dev/full here"
image sample
sample=$image
image notb
"$VDK" publish --no-update x "$sample" > /dev/null
"$VDK" set x pair.count=1

# --- results that nobody gets are no success, and no verdict ---
while read -r words; do
	status=0
	# shellcheck disable=SC2086
	timeout 100 "$VDK" $words > /dev/full 2> "$T/err" < /dev/null || status=$?
	is "$words: exit" 3 "$status"
	like "$words: words" '^vdk [a-z]+: cannot write the output: No space left' "$(cat "$T/err")"
done << END
check $image
check --json $image
check --list-rules
flags --cflags
ls
ls --json
get x
get --json x
watch --count 1 x
maps
maps --json
auxv
auxv --json
symbols
symbols --json
diff $image $sample
diff --json $image $sample
vsyscall
vsyscall --json
entropy -n 2
entropy -n 2 --json
doctor --count none
doctor --count none --json
doctor --list
verify --property stack --seconds 0.1
faketime --list --json
END

# --- files ---
if [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null; then
	mkdir "$T/full"
	cat > "$T/inside" << 'END'
mount -t tmpfs -o size=8k none "$1"
dd if=/dev/zero of="$1/fill" bs=4096 2> /dev/null
cd "$1" && shift
"$VDK" "$@"
echo "status $?"
ls -A | xargs
END
	while read -r words; do
		# shellcheck disable=SC2086
		capture unshare -m sh "$T/inside" "$T/full" $words
		is "full: $words" "status 3 fill" "$(tail -n 2 <<< "$out" | xargs)"
		like "full: $words: words" "No space left on device|no room is left" "$err"
	done << END
dump -o vdso.so
maps --svg map.svg
END
else
	echo "# no full file system can be made here"
fi

# --- words that no command knows ---
for command in $("$VDK" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
	[ "$command" != bake ] || [ -x "$VDK_BUILD_ROOT/kernel/bake/vdk-bake" ] || continue
	capture timeout 60 "$VDK" "$command" --help
	is "$command --help: exit" 0 "$status"
	like "$command --help: standard output" "^usage: vdk $command" "$out"
	capture timeout 60 "$VDK" "$command" --no-such-option
	is "$command --no-such-option: exit" 2 "$status"
	like "$command --no-such-option: standard error only" "no-such-option" "$err"
	is "$command --no-such-option: nothing else" "" "$out"
done
finish
