#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Job control and the terminal, in a pseudo-terminal with an interactive shell: stop, continue,
# interrupt, reading from /dev/tty, window size. pty.py types and looks.
set -eu
. "$(dirname "$0")/../lib.sh"
[ -x /usr/bin/python3 ] || skip "no python3 here (scripts/install-deps test)"

image pass
capture timeout 60 /usr/bin/python3 "$(dirname "$0")/pty-session.py"
is "terminal session, the control: without vdk" 0 "$status"
[ "$status" = 0 ] || printf '%s\n' "$out" "$err"
for mode in "" --once; do
	capture timeout 60 /usr/bin/python3 "$(dirname "$0")/pty-session.py" "$VDK" run $mode --vdso "$image" --
	is "terminal session ${mode:-follow}" 0 "$status"
	printf '%s\n' "$out" "$err"
done

# Stopped at any moment of its start, vdk goes on when it is told to.
cat > "$T/stops.py" << 'EOF'
import os, random, signal, subprocess, sys, time

for i in range(100):
    program = subprocess.Popen(sys.argv[1:])
    time.sleep(random.uniform(0, 0.004))
    os.kill(program.pid, signal.SIGSTOP)
    time.sleep(0.001)
    os.kill(program.pid, signal.SIGCONT)
    try:
        program.wait(20)
    except subprocess.TimeoutExpired:
        program.kill()
        sys.exit(f"start {i} hangs")
EOF
for mode in "" --once; do
	capture timeout 100 /usr/bin/python3 "$T/stops.py" "$VDK" run $mode --vdso "$image" -- /bin/true
	is "a hundred starts that are stopped ${mode:-follow}" "0" "$status$err"
done
finish
