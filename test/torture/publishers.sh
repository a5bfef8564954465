#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Publishers with update hooks are killed, stopped, restarted, and replaced by another version of the
# same layout and of another layout, at random moments under programs that look all the time.
set -eu
. "$(dirname "$0")/lib.sh"

image other
other=$image
image sample
# Another version: one more function, the same page, and a hook of its own.
mkdir "$T/next"
cp "$VDK_SOURCE_ROOT"/test/page/sample/sample.* "$T/next/"
echo 'VDK_FUNCTION(int, sample_next, (void)) { return 1; }' >> "$T/next/sample.vdso.c"
"$VDK" build "$T/next" -o "$T/next.so" > "$T/build" 2>&1 || { cat "$T/build"; exit 1; }
versions=("$image" "$T/next.so")

publisher=
at_end 'kill -KILL $publisher 2> /dev/null'
declare -A done_times=()
whole=0 broken=0

start() { # start [IMAGE]: publish it, or take over what is there
	"$VDK" publish --every 2ms --void-after 1s sample "$@" >> "$T/publisher.log" 2>&1 &
	publisher=$!
}
stop_publisher() { # stop_publisher SIGNAL
	kill "-$1" "$publisher" 2> /dev/null || :
	await "$publisher"
}
count() { "$VDK" get sample pair.count 2> /dev/null || echo 0; }
advances() { [ "$(count)" -gt "$1" ]; }

# After each fault: everything of the publication opens and belongs together.
judge() { # judge WHAT
	if "$VDK" get sample > "$T/values" 2> "$T/why"; then
		whole=$((whole + 1))
	else
		broken=$((broken + 1))
		not_ok "after $1 the publication is whole" "$(cat "$T/why")" "$(tail -n 3 "$T/publisher.log")"
	fi
	done_times[$1]=$((${done_times[$1]:-0} + 1))
}

start "$image"
wait_for 20 advances 0 || not_ok "the hook runs" "$(cat "$T/publisher.log")"
for _ in 1 2 3 4 5 6; do
	look_start --once
done

while until_over "$(by_length 6 120)"; do
	case $((RANDOM % 8)) in
	0 | 1)
		nap 30
		stop_publisher KILL
		start
		judge killed_and_restarted
		;;
	2)
		# Killed while it is starting, whatever it does then.
		stop_publisher KILL
		start "${versions[RANDOM % 2]}"
		nap 12
		stop_publisher KILL
		judge killed_at_its_start
		start
		;;
	3 | 4)
		nap 30
		stop_publisher TERM
		start "${versions[RANDOM % 2]}"
		judge replaced_by_the_same_layout
		;;
	5)
		kill -STOP "$publisher"
		nap 50
		judge stopped_and_continued
		kill -CONT "$publisher"
		;;
	6)
		# Another layout, and back: who runs keeps a page that nobody writes any more.
		stop_publisher TERM
		"$VDK" publish sample "$other" > /dev/null
		"$VDK" set sample pair.count=7
		is_now=$(count)
		[ "$is_now" = 7 ] || not_ok "the other layout's value" "$is_now"
		judge replaced_by_another_layout
		start "${versions[RANDOM % 2]}"
		;;
	7)
		# A second publisher comes by and is refused, by day or beside one that dies.
		"$VDK" publish --once sample "$image" > /dev/null 2>&1 &
		second=$!
		[ $((RANDOM % 2)) = 0 ] || { stop_publisher KILL; start; }
		await "$second"
		judge raced_by_a_second_one
		;;
	esac
	# One that was started beside another one was refused; then the role is free by now.
	wait_for 1 kill -0 "$publisher" || start
	before=$(count)
	wait_for 2 advances "$before" || { kill -0 "$publisher" 2> /dev/null || start; }
	wait_for 20 advances "$before" || not_ok "values go on" "$(tail -n 5 "$T/publisher.log")"
	look_end $((RANDOM % ${#lookers[@]}))
	if [ $((RANDOM % 2)) = 0 ]; then look_start --once; else look_start; fi
done

is "after each fault the publication was whole" 0 "$broken"
look_end_all
stop_publisher TERM
for what in "${!done_times[@]}"; do
	figure "$what" "${done_times[$what]}"
done
"$VDK" publish --once sample "$image" > /dev/null
is "nothing is left over" ".sample.lock sample" "$(ls -A "$VDK_RUNTIME_DIR" | xargs)"
ok "faults: $whole"
finish
