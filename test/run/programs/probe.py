# SPDX-License-Identifier: LGPL-2.1-or-later
"""probe in Python; see probe.c."""
import ctypes
import datetime
import os
import subprocess
import sys
import threading
import time

for argument in sys.argv[1:]:
    print("argument", argument)
print("environment", os.environ.get("VDK_PROBE", "(unset)"))
print("input", sys.stdin.readline().rstrip("\n") or "(nothing)")
print("time time", int(time.time()))
print("time ctime", int(time.mktime(time.strptime(time.ctime()))))
print("time datetime", int(datetime.datetime.now().timestamp()))
print("time clock_gettime", int(time.clock_gettime(time.CLOCK_REALTIME)))
told = []
threads = [threading.Thread(target=lambda: told.append(int(time.time()))) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("time thread", max(told))
print("time child", subprocess.run(["date", "+%s"], capture_output=True, text=True).stdout.strip())
before = time.monotonic()
print("monotonic", "forward" if time.monotonic() >= before else "backward")
try:
    beast = ctypes.CDLL("linux-vdso.so.1", mode=os.RTLD_NOLOAD).vget_number_of_the_beast
    print("beast", beast())
except (AttributeError, OSError):
    print("beast none")
print("a word on standard error", file=sys.stderr)
sys.exit(7)
