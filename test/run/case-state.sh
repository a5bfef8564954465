#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The end of a program as its parent sees it, and the state that it begins with: exit statuses,
# deaths by signal, masks, ignored signals, limits, umask, folder, PID and parent.
set -eu
. "$(dirname "$0")/../lib.sh"

image pass
program signals
ulimit -c 0

for mode in "" --once; do
	for code in 0 1 2 77 126 127 128 255; do
		capture "$VDK" run $mode --vdso "$image" -- sh -c "exit $code"
		is "exit status $code ${mode:-follow}" "$code" "$status"
	done
	# By wait's own word, not by a shell's 128 + N, which a program could return as well. What
	# nohup or a shell's & had the test ignore would kill nobody.
	for signal in 1 2 3 6 9 11 13 14 15 31 34 64; do
		capture env --default-signal /usr/bin/python3 -c '
import subprocess, sys
print(subprocess.run(sys.argv[1:]).returncode)' "$VDK" run $mode --vdso "$image" -- "$program" "$signal"
		is "death by signal $signal ${mode:-follow}" "-$signal" "$out"
	done

	state='"$1" mask; ulimit -a; umask; pwd; nice; cat /proc/self/oom_score_adj; grep -E "^(SigPnd|SigBlk|SigIgn|SigCgt|ShdPnd|Cap|NoNewPrivs|Groups|[UG]id)" /proc/self/status'
	# Without CAP_SYS_ADMIN Linux takes a filter only from those who give up privileges.
	if [ -z "$mode" ] && [ "$(id -u)" != 0 ]; then
		state="$state | grep -v NoNewPrivs"
	fi
	prepare='trap "" USR1 PIPE; umask 027; ulimit -n 99; cd /usr; exec env --block-signal=USR2 "$@"'
	capture bash -c "$prepare" bash bash -c "$state" bash "$program"
	native=$out
	like "the prepared state arrives natively" '^blocked 12$' "$native"
	capture bash -c "$prepare" bash "$VDK" run $mode --vdso "$image" -- bash -c "$state" bash "$program"
	is "signal state, limits and rights ${mode:-follow}" "$native" "$out"

	# Blocked, the end of a child of vdk's would stay pending and come to the program.
	capture env --block-signal=CHLD "$VDK" run $mode --vdso "$image" -- \
		grep -E '^(SigPnd|ShdPnd)' /proc/self/status
	unlike "no pending signal where SIGCHLD is blocked ${mode:-follow}" '[1-9a-f]$|[1-9a-f]0+$' "$out"

	# The process of `vdk run` itself becomes the program.
	capture bash -c 'echo $$ $PPID; exec "$@"' bash "$VDK" run $mode --vdso "$image" -- \
		bash -c 'echo $$ $PPID; echo name $(cat /proc/$$/comm)'
	is "PID and parent ${mode:-follow}" "$(sed -n 1p <<< "$out")" "$(sed -n 2p <<< "$out")"
	is "name ${mode:-follow}" "name bash" "$(sed -n 3p <<< "$out")"

	# A program waits for its children: vdk must not be one.
	capture "$VDK" run $mode --vdso "$image" -- /usr/bin/python3 -c '
import os
try:
    print("a child that nobody started", os.wait())
except ChildProcessError:
    print("no child")
print(open("/proc/self/status").read().split("TracerPid:")[1].split()[0])'
	is "no child, no tracer ${mode:-follow}" "no child"$'\n'"0" "$out"
done
finish
