#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Give a process's number away while strace holds vdk up; see pids.sh, which asks what came of it.

reuse.py look SAID COMMAND...         PID in COMMAND is the number
reuse.py exec|ask SAID COMMAND...     COMMAND, of vdk run, starts the tree
"""
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

mode, said, command = sys.argv[1], sys.argv[2], sys.argv[3:]
work = tempfile.mkdtemp(dir=os.path.dirname(said))
go = os.path.join(work, "go")
os.mkfifo(go)


def until(seconds, question):
    end = time.time() + seconds
    while time.time() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.005)
    return None


def text(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def tracer(pid):
    for line in text("/proc/%d/status" % pid).split("\n"):
        if line.startswith("TracerPid:"):
            return int(line.split()[1])
    return 0


def stranger(pid):
    """A process of that number, which waits for a signal and then tells the time."""
    for _ in range(100):
        with open("/proc/sys/kernel/ns_last_pid", "w") as file:
            file.write(str(pid - 1))
        child = os.fork()
        if child == 0:
            if os.getpid() != pid:
                os._exit(0)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            with open("/proc/self/comm", "w") as file:
                file.write("stranger")
            signal.sigwait([signal.SIGUSR1])
            os.dup2(os.open(os.path.join(work, "stranger"), os.O_WRONLY | os.O_CREAT, 0o644), 1)
            os.execv("/bin/date", ["date", "+%s"])
        if child == pid:
            return True
        os.waitpid(child, 0)
    return False


def replace(pid):
    print("replaced" if stranger(pid) else "the number went elsewhere", flush=True)


touched = False


def watch(pid, ended):
    global touched
    while not ended.is_set():
        touched = touched or tracer(pid) != 0
        time.sleep(0.001)


def look():
    first = subprocess.Popen(["sleep", "300"])
    trace = os.path.join(work, "trace")
    words = [str(first.pid) if word == "PID" else word for word in command]
    with open(said, "w") as out:
        looker = subprocess.Popen(["strace", "-f", "-qq", "-o", trace, "-e", "trace=open,openat", "-e",
                                   "inject=open,openat:delay_enter=60000"] + words, stdout=out, stderr=out)
    opened = '"/proc/%d"' % first.pid
    if not until(60, lambda: any(opened in line and " = " in line for line in text(trace).split("\n"))):
        print("never opened")
    first.kill()
    first.wait()
    replace(first.pid)
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(first.pid, ended))
    watcher.start()
    looker.wait()
    ended.set()
    watcher.join()
    print("touched" if touched else "untouched")
    os.kill(first.pid, signal.SIGKILL)


# In the tree: a victim that waits, and what comes after it. perl makes the call that only our
# start-up code should make: execve of a path that is a number (VDK_START_ASK), for a tracer (16).
TREE = """
sh -c 'echo $$ > {0}/victim.new; mv {0}/victim.new {0}/victim; {1}' 2> {0}/error
date +%s > {0}/tree.new; mv {0}/tree.new {0}/tree
"""
VICTIM = {
    "exec": "read x < {0}/go; exec /bin/true",
    "ask": "exec perl -e \"open F, qq(<), qq({0}/go); <F>; syscall(59, 0x76646b5f61736b, 16, 0); sleep 60\"",
}


def holder():
    """Whom to hold up: the worker; its child is followed."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if text("/proc/%s/comm" % pid) == "vdk-follow\n":
            return int(pid)
    return None


def attach():
    script = TREE.format(work, VICTIM[mode].format(work))
    with open(said, "w") as out:
        tree = subprocess.Popen(command + ["--", "sh", "-c", script], stderr=out)
    victim = int(until(30, lambda: text(os.path.join(work, "victim"))))
    trace = os.path.join(work, "trace")
    if mode == "ask":
        until(10, lambda: text("/proc/%d/comm" % victim) == "perl\n")
        time.sleep(0.3) # it is attached by then, and waits
    held = subprocess.Popen(["strace", "-f", "-qq", "-o", trace, "-e", "trace=ptrace", "-e",
                             "inject=ptrace:delay_enter=500000", "-p", str(holder())])
    until(10, lambda: tracer(holder()) != 0)
    with open(go, "w") as file:
        file.write("go\n")
    time.sleep(0.25)
    os.kill(victim, signal.SIGKILL)
    until(10, lambda: not os.path.exists("/proc/%d" % victim))
    replace(victim)
    time.sleep(1)
    print("let go" if until(10, lambda: tracer(victim) == 0 and not time.sleep(0.2) and tracer(victim) == 0)
          else "still traced", flush=True)
    held.terminate()
    held.wait()
    os.kill(victim, signal.SIGUSR1)
    seen = until(10, lambda: text(os.path.join(work, "stranger")).strip())
    print("unattached" if seen and int(seen) < 2500000000 else "attached: %s" % seen)
    seen = until(20, lambda: text(os.path.join(work, "tree")).strip())
    print("tree attached" if seen and int(seen) > 2500000000 else "tree not attached: %s" % seen, flush=True)
    tree.kill()
    with open(said, "a") as out:
        out.write(text(os.path.join(work, "error")))


look() if mode == "look" else attach()
