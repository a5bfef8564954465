#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Memory runs out: each allocation of each command in turn, the address space at random limits, the
# supervisor's own amid a storm of execs, and a publisher's in a memory cgroup that kills.
set -eu
. "$(dirname "$0")/lib.sh"
need gcc prlimit

image sample
gcc -shared -fPIC -O1 "$(dirname "$0")/fail-alloc.c" -o "$T/fail.so"
failed_allocations=0 limits=0 ended_by_json_c=0 json=false

# verdict WHAT: an exit of vdk's own, with words where it failed, and a publication that is whole.
verdict() {
	case $status in
	0 | 1 | 2) ;;
	3 | 77 | 126 | 127) [ -n "$err" ] || not_ok "$1: says why" "exit $status" ;;
	134 | 139)
		# json-c asserts that it has memory, or believes it: doc/RELIABILITY.md says so.
		ended_by_json_c=$((ended_by_json_c + 1))
		$json || not_ok "$1: no crash" "exit $status" "$err" "$out"
		;;
	*) not_ok "$1: no crash" "exit $status" "$err" "$out" ;;
	esac
	"$VDK" get x > "$T/get" 2>&1 || not_ok "$1: the publication is whole" "exit $status" "$err" "$(cat "$T/get")"
}

# each_allocation WHAT COMMAND...: allocation 1, 2, ... fails, alone and with all that come after it.
step=$(by_length 23 1)
each_allocation() {
	local what=$1 how n

	shift
	for how in alone with_all_later; do
		for ((n = 1 + RANDOM % step; n < 4000; n += step)); do
			rm -f "$T/told"
			export FAIL_ALLOC=$n FAIL_ALLOC_TOLD=$T/told
			[ "$how" = alone ] || export FAIL_ALLOC_ALL=1
			LD_PRELOAD=$T/fail.so capture timeout 30 "$@"
			unset FAIL_ALLOC FAIL_ALLOC_ALL FAIL_ALLOC_TOLD
			verdict "$what, allocation $n $how"
			[ -e "$T/told" ] || break
			failed_allocations=$((failed_allocations + 1))
		done
	done
}

"$VDK" publish --no-update x "$image" > /dev/null
"$VDK" set x pair.count=5
each_allocation "publish" "$VDK" publish --once x "$image"
each_allocation "set" "$VDK" set x pair.count=6 wide.text=abc wide.words[3]=7
each_allocation "get" "$VDK" get x
each_allocation "ls" "$VDK" ls
each_allocation "watch" "$VDK" watch --count 1 x
printf 'pair.count=7\npair.triple=8 wide.text="a b"\n' > "$T/stdin"
each_allocation "publish --stdin" "$VDK" publish --stdin x
printf '{"pair": {"count": 7}}\n{"wide": {"text": "ab", "flag": true}}\n' > "$T/stdin"
json=true
each_allocation "publish --stdin, JSON" "$VDK" publish --stdin x
rm "$T/stdin"
each_allocation "get --json" "$VDK" get --json x
each_allocation "ls --json" "$VDK" ls --json
json=false
ok "each allocation of nine commands: $failed_allocations failed"

# Address space: the kit either works or says why; and a program that runs, runs as natively.
limited() { # limited KIB COMMAND...
	local kib=$1

	shift
	capture sh -c 'ulimit -v "$0" && exec "$@"' "$kib" "$@"
}
end_of_limits=$((SECONDS + $(by_length 2 60)))
while [ "$SECONDS" -lt "$end_of_limits" ]; do
	kib=$((64 + RANDOM % 8000))
	limits=$((limits + 1))
	limited "$kib" /bin/echo runs
	native="$status $out"
	for how in "" --once; do
		# shellcheck disable=SC2086
		limited "$kib" "$VDK" run $how --vdso x -- /bin/echo runs
		[ "$status $out" = "$native" ] || {
			# The image takes 16 KiB, and vdk itself needs room before it. Where the kernel
			# finds within an exec that a program has none, it kills that without a word.
			[ "$out" = "" ] && [[ $status =~ ^(137|139)$ || (-n "$err" && $status =~ ^(3|77|126|127)$) ]] ||
				not_ok "vdk run $how at $kib KiB" "exit $status" "$out" "$err" "natively: $native"
		}
	done
	limited "$kib" "$VDK" publish --once x "$image"
	[ "$status" -lt 126 ] || [ "$kib" -lt 7000 ] || not_ok "publish at $kib KiB" "exit $status" "$err"
	"$VDK" get x > "$T/get" 2>&1 || not_ok "at $kib KiB: the publication is whole" "$(cat "$T/get")"
done
ok "limits of address space: $limits"

# The supervisor's own memory, file descriptors and file size run out amid a storm.
if [ "$(id -u)" = 0 ]; then
	"$VDK" publish --once sample "$image" > /dev/null
	storm_prepare
	touch "$T/different"
	: > "$T/rounds"
	"$VDK" run --vdso sample -- bash "$T/rounds.sh" "$T" 2 "${storm[@]}" 2> "$T/tree.err" &
	tree=$!
	at_end 'touch "$T/quiet"; kill -KILL $tree 2> /dev/null'
	wait_for 30 rounds_grew 0 || not_ok "the tree begins"
	supervisors=()
	for process in /proc/[0-9]*; do
		case $(cat "$process/comm" 2> /dev/null) in
		vdk-keeper | vdk-follow)
			ls -l "$process/fd" 2> /dev/null | grep -q "$VDK_RUNTIME_DIR/" && supervisors+=("${process#/proc/}") ;;
		esac
	done
	[ ${#supervisors[@]} -ge 1 ] && ok "the supervisor is there" || not_ok "the supervisor is there"
	for process in "${supervisors[@]}"; do
		prlimit --pid "$process" --as=4096 --data=4096 --stack=65536 --fsize=0 2> /dev/null || :
	done
	sleep "$(by_length 1 20)"
	before=$(rounds)
	wait_for 60 rounds_grew "$before" && ok "the tree goes on" || not_ok "the tree goes on"
	touch "$T/quiet"
	wait "$tree" || not_ok "the tree ends well"
	is "a supervisor without memory: each round is as natively" "" "$(head -n 30 "$T/different")"
	figure rounds_beside_a_supervisor_without_memory "$(rounds)"
fi

# A memory cgroup that kills what takes too much.
group=
for top in /sys/fs/cgroup/memory /sys/fs/cgroup; do
	for limit in memory.limit_in_bytes memory.max; do
		[ -z "$group" ] && mkdir "$top/vdk-torture.$$" 2> /dev/null || continue
		if echo 100M > "$top/vdk-torture.$$/$limit" 2> /dev/null; then
			group=$top/vdk-torture.$$ limit_file=$limit
		else
			rmdir "$top/vdk-torture.$$"
		fi
	done
done
killed=0
if [ -n "$group" ]; then
	at_end 'rmdir "$group"'
	for ((i = 0; i < $(by_length 8 300); i++)); do
		echo $((40960 + (RANDOM % 300) * 4096)) > "$group/$limit_file" 2> /dev/null ||
			continue # a limit below what the group has already
		capture timeout 20 sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$group" \
			"$VDK" publish --once x "$image"
		[ "$status" != 137 ] || killed=$((killed + 1))
		case $status in
		0 | 3 | 137) ;;
		*) not_ok "a publisher in a small cgroup" "exit $status" "$err" ;;
		esac
		"$VDK" get x > "$T/get" 2>&1 || not_ok "killed for want of memory: the publication is whole" "$(cat "$T/get")"
	done
	ok "publishers in small cgroups: $i, of which $killed were killed"
	figure killed_by_a_memory_cgroup "$killed"
else
	echo "# no memory cgroup can be made here: that part is left out"
fi
figure failed_allocations "$failed_allocations"
figure ended_by_json_c "$ended_by_json_c"
figure limits_of_address_space "$limits"
finish
