#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The supervisor dies: nothing hangs, no result changes. And execs that race one another.
set -eu
. "$(dirname "$0")/../lib.sh"

image pass
need unshare pkill gcc

# Everything in a process namespace of its own, so that pkill finds this test's supervisor only.
unshare_flags=(-pf --mount-proc)
[ "$(id -u)" = 0 ] || unshare_flags=(-Urpf --mount-proc)
unshare "${unshare_flags[@]}" true 2> /dev/null || skip "no process namespace can be made here"

inside() { # inside SCRIPT: run it there; $1 and $2 are vdk and the image
	capture timeout 100 unshare "${unshare_flags[@]}" bash -c "$1" bash "$VDK" "$image"
}

# A program whose exec is under way while the worker dies runs unattached, by design. So the killing
# stops before the last one, which is looked at.
export T
loop='for ((i = 0; i < 800; i++)); do /bin/true || echo "failed: $?"; done
	touch "$T/quiet"; sleep 0.5; grep -c pass.so /proc/self/maps'

inside "\"\$1\" run --vdso \"\$2\" -- bash -c '$loop' & tree=\$!
	while kill -0 \$tree 2>/dev/null && ! [ -e \$T/quiet ]; do sleep 0.0\$((RANDOM % 5)); pkill -KILL -x vdk-follow && n=\$((n + 1)); done
	wait \$tree; echo status \$? >&2; echo \$n >&2"
is "a tree whose worker is killed again and again runs to its end, attached again" 1 "$out"
like "... with its own exit status" '^status 0$' "$err"
if [ "$(tail -n 1 <<< "$err")" -ge 5 ]; then
	ok "... and the worker was killed $(tail -n 1 <<< "$err") times"
	figure kills "$(tail -n 1 <<< "$err")"
else
	not_ok "the worker was killed at least five times" "$err"
fi

inside "\"\$1\" run --vdso \"\$2\" -- bash -c 'until pkill -KILL -x vdk-keeper; do :; done; $loop'"
is "the keeper's death alone changes nothing" 1 "$out"

# The worker retires when an exec has failed; it must start the next one itself now.
cat > "$T/fails.py" << 'EOF'
import os, time
try:
    os.execl("/no/such/program", "none")
except OSError:
    time.sleep(0.5)
EOF
inside "\"\$1\" run --vdso \"\$2\" -- bash -c '
	until pkill -KILL -x vdk-keeper; do :; done
	/usr/bin/python3 \$T/fails.py
	$loop'"
is "nor do execs that fail after it" 1 "$out"

# Who stops a service sends SIGTERM to all of its processes, ours among them; it may still exec.
inside "\"\$1\" run --vdso \"\$2\" -- bash -c '
	pkill -TERM -x vdk-keeper; pkill -TERM -x vdk-follow; sleep 0.2; grep -c pass.so /proc/self/maps'"
is "SIGTERM is not for the supervisor" 1 "$out"

# Documented in vdk-run(1): when both are killed, nothing in the tree can be executed any more.
inside "\"\$1\" run --vdso \"\$2\" -- bash -c '
	kill -KILL \$(for p in /proc/[0-9]*; do case \$(< \$p/comm) in vdk-*) echo \${p#/proc/} ;; esac; done) 2>/dev/null
	sleep 0.2; echo alive; /bin/true; echo \$?'"
is "both killed: what runs goes on, execs fail" "alive 126" "$(echo $out)"
like "... and say why" 'Function not implemented' "$err"

# Threads of one process that all exec at the same moment: one wins, and the winner is attached.
cat > "$T/race.c" << 'EOF'
#include <pthread.h>
#include <unistd.h>

static pthread_barrier_t barrier;

static void *racer(void *argument)
{
	char *const argv[] = {"grep", "-c", "pass.so", "/proc/self/maps", NULL};

	pthread_barrier_wait(&barrier);
	execv("/no/such/program", argv); /* one that fails first, so that threads are in hand */
	execv("/bin/grep", argv);
	return argument;
}

int main(void)
{
	pthread_t threads[8];

	pthread_barrier_init(&barrier, NULL, 8);
	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, racer, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	return 1;
}
EOF
gcc -O1 -pthread "$T/race.c" -o "$T/race"
found=
for _ in $(seq 60); do
	capture timeout 20 "$VDK" run --vdso "$image" -- "$T/race"
	found="$found$out/$status "
done
is "eight threads exec at once, sixty times" "$(printf '1/0 %.0s' $(seq 60))" "$found"

# A thread that execs loses its number within the exec. Execs that failed elsewhere make the worker retire.
cat > "$T/renamed.c" << 'EOF'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *execs(void *unused)
{
	execl("/bin/grep", "grep", "-q", "pass.so", "/proc/self/maps", (char *)NULL);
	_exit(9);
	return unused;
}

static void *rests(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void fail_again_and_again(void)
{
	for (;;) {
		if (!fork()) {
			execl("/no/such/program", "none", (char *)NULL);
			usleep(40000);
			_exit(0);
		}
		usleep(7000);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static void execer(void)
{
	pthread_t thread;

	for (int i = 0; i < 8; i++)
		pthread_create(&thread, NULL, rests, NULL);
	pthread_create(&thread, NULL, execs, NULL);
	rests(NULL);
}

int main(void)
{
	const time_t end = time(NULL) + 6;
	pid_t failing[2], pids[6];
	int unattached = 0, status;

	for (int i = 0; i < 2; i++)
		if (!(failing[i] = fork()))
			fail_again_and_again();
	while (time(NULL) < end) {
		for (int i = 0; i < 6; i++)
			if (!(pids[i] = fork()))
				execer();
		for (int i = 0; i < 6; i++) {
			waitpid(pids[i], &status, 0);
			unattached += status != 0;
		}
	}
	for (int i = 0; i < 2; i++)
		kill(failing[i], SIGKILL);
	return unattached > 99 ? 99 : unattached;
}
EOF
gcc -O1 -pthread "$T/renamed.c" -o "$T/renamed"
capture timeout -s KILL 60 "$VDK" run --vdso "$image" -- "$T/renamed"
is "execs by threads, beside execs that fail: none runs unattached" 0 "$status"

# The leader ends just after an exec of its own failed: a thread's exec must not wait for it.
cat > "$T/leader.c" << 'EOF'
#include <pthread.h>
#include <unistd.h>

static void *later(void *argument)
{
	usleep(100000);
	execl("/bin/grep", "grep", "-c", "pass.so", "/proc/self/maps", NULL);
	return argument;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, later, NULL);
	execl("/no/such/program", "none", NULL);
	pthread_exit(NULL);
}
EOF
gcc -O1 -pthread "$T/leader.c" -o "$T/leader"
capture timeout -s KILL 10 "$VDK" run --vdso "$image" -- "$T/leader"
is "a thread execs after its leader ended" "1/0" "$out/$status"

# What the thread does after an exec that failed: a wait is not interrupted, a write not cut short.
cat > "$T/after.py" << 'EOF'
import ctypes, os, select, threading, time

libc = ctypes.CDLL(None, use_errno=True)
def fail():
    libc.execl(b"/no/such/program", b"none", None)
fail()
epoll = select.epoll()
ctypes.set_errno(0)
libc.epoll_wait(epoll.fileno(), ctypes.create_string_buffer(64), 1, 200)
print("epoll_wait", ctypes.get_errno())
there, here = os.pipe()
def drain():
    time.sleep(0.2)
    while os.read(there, 65536):
        pass
threading.Thread(target=drain, daemon=True).start()
fail()
print("write", os.write(here, bytes(1 << 20)))
# The same while the write is under way and does not wait.
def long_write():
    fail()
    return os.write(here, bytes(32 << 20)) == 32 << 20
print("whole", sum(long_write() for i in range(30)))
# Nobody felt it, and yet it was let go of.
fail()
time.sleep(0.5)
print(open("/proc/self/status").read().split("TracerPid:")[1].split()[0])
EOF
capture timeout 20 "$VDK" run --vdso "$image" -- /usr/bin/python3 "$T/after.py"
is "system calls after an exec that failed" "epoll_wait 0 write 1048576 whole 30 0" "$(echo $out)"

# Execs that fail leave nothing behind: the process can be traced, and sees its own signals.
capture timeout 60 "$VDK" run --vdso "$image" -- bash -c '
	trap "usr=\$((usr + 1))" USR1
	for ((i = 0; i < 50; i++)); do (exec /no/such/program) 2> /dev/null; kill -USR1 $$; done
	echo $usr; sleep 0.1; grep TracerPid /proc/self/status /proc/$$/status | cut -f2 | tr "\n" " "'
is "after fifty failed execs" "50 0 0" "$(echo $out)"

# Many at once: every one is attached.
capture timeout 100 "$VDK" run --vdso "$image" -- bash -c '
	for ((i = 0; i < 300; i++)); do grep -c pass.so /proc/self/maps & done; wait'
is "three hundred execs side by side" 300 "$(grep -c '^1$' <<< "$out")"
finish
