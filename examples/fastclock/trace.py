#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ns and the bounds of UTC in Python, by ctypes alone.

    vdk run --vdso fastclock -- ./trace.py
"""

import ctypes
import sys


def main():
    vdso = ctypes.CDLL("linux-vdso.so.1")
    if not hasattr(vdso, "vdk_now_bounds"):
        sys.exit("no fastclock in this process")
    vdso.vdk_now_monotonic.restype = ctypes.c_int64
    begin, end = vdso.vdk_now_monotonic(), vdso.vdk_now_monotonic()
    print("monotonic", end)
    print("apart", end - begin, "ns")
    earliest, latest = ctypes.c_int64(), ctypes.c_int64()
    status = vdso.vdk_now_bounds(ctypes.byref(earliest), ctypes.byref(latest))
    print("utc", ("unknown", "synchronised", "free running")[status])


if __name__ == "__main__":
    main()
