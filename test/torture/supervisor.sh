#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The supervisor's processes are killed and stopped at random moments of a storm of execs: programs do
# what they do natively, and nothing hangs. When both are killed, later execs fail with ENOSYS, as
# vdk-run(1) says, and then nothing hangs either.
set -eu
. "$(dirname "$0")/lib.sh"
need_root
need unshare pkill pgrep
unshare -pf --mount-proc true 2> /dev/null || skip "no process namespace can be made here"

# Kills whoever still does. A zombie does nothing any more.
nobody_supervises() {
	! pgrep -r R,S,D,T,t -x 'vdk-keeper|vdk-follow' > /dev/null ||
		{ pkill -KILL -x 'vdk-keeper|vdk-follow'; return 1; }
}

# All in a process namespace of its own, where pkill finds this tree's supervisor and no other.
if [ "${1-}" = inside ]; then
	# The folder is the caller's. Whoever is left over is ended with this namespace.
	rm -rf "$T"
	trap - EXIT
	T=$2 VDK_RUNTIME_DIR=$3 how=$4
	shift 4
	: > "$T/rounds"
	rm -f "$T/quiet"
	STORM_UNATTACHED=$T/unattached "$VDK" run --vdso sample -- bash "$T/rounds.sh" "$T" 3 "$@" \
		2>> "$T/tree.err" &
	tree=$!
	wait_for 30 rounds_grew 0 || { echo hung; exit 1; }
	killed=0 stopped=0
	case $how in
	one-by-one)
		# Fewer than the keeper starts anew; a tree has its limit there (src/attach/follow.c).
		for _ in $(seq 40); do
			case $((RANDOM % 6)) in
			0 | 1 | 2) pkill -KILL -x vdk-follow && killed=$((killed + 1)) ;;
			3 | 4)
				pkill -STOP -x vdk-follow && stopped=$((stopped + 1))
				nap 30
				pkill -CONT -x vdk-follow || :
				;;
			5) # The keeper stands still while its worker dies, and notices later.
				pkill -STOP -x vdk-keeper && stopped=$((stopped + 1))
				pkill -KILL -x vdk-follow && killed=$((killed + 1))
				nap 30
				pkill -CONT -x vdk-keeper || :
				;;
			esac
			nap 25
		done
		;;
	keeper)
		nap 200
		pkill -KILL -x vdk-keeper && killed=1
		nap 300
		;;
	both)
		nap 300
		if [ $((RANDOM % 2)) = 0 ]; then
			pkill -KILL -x 'vdk-keeper|vdk-follow' || :
		else
			pkill -KILL -x vdk-keeper || :
			nap 5
			pkill -KILL -x vdk-follow || :
		fi
		killed=2
		# A worker that retires may have forked the next one between pkill's look and its kill.
		wait_for 30 nobody_supervises || { echo "a supervisor cannot be killed"; exit 1; }
		;;
	esac
	before=$(rounds)
	wait_for 60 rounds_grew "$before" || { echo hung; cat /proc/[0-9]*/status | grep -E '^(Name|State|Pid|TracerPid)'; exit 1; }
	touch "$T/quiet"
	timeout 60 tail --pid="$tree" -f /dev/null || { echo "the tree does not end"; exit 1; }
	status=0
	wait "$tree" || status=$?
	echo "killed $killed stopped $stopped status $status"
	exit 0
fi

image sample
"$VDK" publish --once sample "$image" > /dev/null
storm_prepare
touch "$T/different" "$T/unattached" "$T/tree.err"
trees=0 killed=0 stopped=0 rounds=0 lost_both=0 hung=0
tree() { # tree HOW: one, and its figures
	capture timeout -s KILL 200 unshare -pf --mount-proc "$0" inside "$T" "$VDK_RUNTIME_DIR" "$1" "${storm[@]}"
	trees=$((trees + 1))
	if ! [[ ${out##*$'\n'} =~ ^killed\ ([0-9]+)\ stopped\ ([0-9]+)\ status\ 0$ ]]; then
		hung=$((hung + 1))
		not_ok "$1: the tree goes on and ends with its own status" "exit $status" "$out" "$err"
		return
	fi
	killed=$((killed + BASH_REMATCH[1])) stopped=$((stopped + BASH_REMATCH[2]))
	rounds=$((rounds + $(rounds)))
}
refusals() { cat "$T/different" "$T/tree.err" | grep -c 'Function not implemented' || :; }
begin_anew() { : > "$T/different"; : > "$T/tree.err"; }
keeper_lost=0
while until_over "$(by_length 6 300)"; do
	begin_anew
	tree one-by-one
	[ ! -s "$T/different" ] || not_ok "one by one: each round was as natively" "$(head -n 40 "$T/different")"
	begin_anew
	tree keeper
	# A worker that retires (supervise.c) has no keeper any more that would start the next one.
	if [ "$(refusals)" != 0 ]; then
		keeper_lost=$((keeper_lost + 1))
	elif [ -s "$T/different" ]; then
		not_ok "keeper: each round was as natively" "$(head -n 40 "$T/different")"
	fi
	begin_anew
	tree both
	lost_both=$((lost_both + 1))
	[ "$(refusals)" != 0 ] || not_ok "both: execs fail, and say why" "$(head -n 20 "$T/tree.err")"
done
ok "trees: $trees"
is "none hung" 0 "$hung"
figure trees "$trees"
figure supervisor_processes_killed "$killed"
figure stopped "$stopped"
figure rounds "$rounds"
figure programs_started "$((rounds * (storm_programs + 1)))"
figure hung "$hung"
figure started_unattached "$(wc -l < "$T/unattached")"
figure trees_that_lost_both "$lost_both"
figure trees_that_lost_the_keeper_and_then_the_worker "$keeper_lost"
finish
