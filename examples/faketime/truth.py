#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What time is it, and what time is it really? By ctypes: the loader knows the attached vDSO by name.

    vdk faketime +1y ./truth.py
"""

import ctypes
import os
import sys
import time


class Timespec(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


def main():
    vdso = ctypes.CDLL("linux-vdso.so.1")
    now = Timespec()
    print("shown", int(time.time()))
    if not hasattr(vdso, "vdk_faketime_true"):
        sys.exit("no faketime in this process")
    error = vdso.vdk_faketime_true(ctypes.c_int32(time.CLOCK_REALTIME), ctypes.byref(now))
    if error:
        sys.exit(os.strerror(-error))
    print("true", now.tv_sec)


if __name__ == "__main__":
    main()
