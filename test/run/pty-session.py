# SPDX-License-Identifier: LGPL-2.1-or-later
"""A session at a terminal: pty-session.py PREFIX... types into an interactive bash.

Every program is started with PREFIX before it. Prints one line per step; the first step that
does not bring what a shell without PREFIX brings ends the session with exit status 1.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PREFIX = " ".join(sys.argv[1:])
PROMPT = "ready> "


class Session:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1=PROMPT, TERM="dumb", HISTFILE="")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        self.seen = ""
        self.expect("the shell's prompt", PROMPT)

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, what, pattern, seconds=10):
        """Wait until the pattern appears, and forget everything up to its end."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen)):
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            data = b""
            if ready:
                try:
                    data = os.read(self.fd, 4096)
                except OSError:
                    pass
            if not data:
                print(f"not ok - {what}: expected {pattern!r}, seen {self.seen!r}")
                os.kill(self.pid, 9)
                sys.exit(1)
            self.seen += data.decode(errors="replace")
        self.seen = self.seen[found.end():]
        print(f"ok - {what}")
        return found


session = Session()

# The echo of a typed line contains the words of the line: what is awaited is spelt differently.
session.type(f"{PREFIX} sh -c 'echo st\"\"arted; sleep 100'\n")
session.expect("a program starts", "started")
time.sleep(0.3)
session.type("\x1a")
session.expect("Ctrl-Z stops it", "Stopped")
session.expect("the shell is back", PROMPT)
session.type("jobs -l\n")
session.expect("the shell knows it as stopped", r"\[1\]\+ +\d+ Stopped")
session.expect("prompt", PROMPT)
session.type("fg\n")
session.expect("fg shows it", "sleep 100")
time.sleep(0.3)
session.type("\x03")
session.expect("Ctrl-C ends it", PROMPT)
session.type("echo status=$?\n")
session.expect("with the status of SIGINT", r"status=130\r")
session.expect("prompt", PROMPT)

session.type(f"{PREFIX} sleep 100 &\n")
session.expect("a background job", r"\[1\] \d+")
time.sleep(0.3)  # until then it is still bash, which ignores the signal
session.type("kill -TSTP %1; sleep 0.5; jobs\n")
session.expect("stopped by kill", r"\[1\]\+ +Stopped")
session.type("bg; sleep 0.3; jobs\n")
session.expect("goes on in the background", "Running")
session.type("kill %1; wait %1; echo status=$?\n")
session.expect("ended by kill", r"status=143\r")
session.expect("prompt", PROMPT)

session.type(f"{PREFIX} sh -c 'read -r x < /dev/tty; echo got=$x; stty size; tty; echo e\"\"nd'\n")
time.sleep(0.3)
session.type("typed words\n")
session.expect("the program reads from the terminal", "got=typed words")
session.expect("it sees the window's size", "33 77")
session.expect("and the terminal's name", "/dev/pts/")
session.expect("its end", "end")
session.expect("prompt", PROMPT)

session.type(f"{PREFIX} cat\n")
time.sleep(0.3)
session.type("a line\n")
session.expect("cat echoes", "a line\r\na line")
session.type("\x04")
session.expect("Ctrl-D ends its input", PROMPT)
session.type("echo status=$?\n")
session.expect("and it ends well", r"status=0\r")
session.expect("prompt", PROMPT)

session.type(f"{PREFIX} bash --norc -c 'trap \"echo wi\"\"nch\" WINCH; echo wa\"\"iting; while :; do sleep 0.1; done'\n")
session.expect("a program that waits for a new window size", "waiting")
fcntl.ioctl(session.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
session.expect("hears of it", "winch")
session.type("\x03")
session.expect("Ctrl-C ends it", PROMPT)

session.type(f"ulimit -c 0; {PREFIX} sleep 100\n")
time.sleep(0.3)
session.type("\x1c")
session.expect("Ctrl-\\ ends a program", PROMPT)
session.type("echo status=$?\n")
session.expect("with the status of SIGQUIT", r"status=131\r")
session.expect("prompt", PROMPT)
session.type("exit\n")
time.sleep(0.2)
print("ok - end of the session")
