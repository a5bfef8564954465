#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hostinfo in Python, by ctypes alone: the loader knows the attached vDSO by its name.

    vdk run --vdso hostinfo -- ./show.py
"""

import ctypes
import os
import sys


class Memory(ctypes.Structure):
    TOTAL, AVAILABLE = 1 << 0, 1 << 2
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "known", "realtime_ns", "monotonic_ns", "total", "free", "available",
        "buffers", "cached", "swap_total", "swap_free")]


class Identity(ctypes.Structure):
    HOSTNAME = 1 << 1
    _fields_ = [("known", ctypes.c_uint64), ("realtime_ns", ctypes.c_int64),
                ("monotonic_ns", ctypes.c_int64), ("boot_id", ctypes.c_char * 40),
                ("hostname", ctypes.c_char * 72)]


def get(function, kind):
    value = kind()
    error = function(ctypes.byref(value), ctypes.c_size_t(ctypes.sizeof(value)))
    if error:
        sys.exit(f"hostinfo: {os.strerror(-error)}")
    return value


def main():
    vdso = ctypes.CDLL("linux-vdso.so.1")
    if not hasattr(vdso, "vdk_hostinfo_memory"):
        sys.exit("hostinfo: not attached")
    memory = get(vdso.vdk_hostinfo_memory, Memory)
    identity = get(vdso.vdk_hostinfo_identity, Identity)
    if memory.known & Memory.TOTAL:
        print("total", memory.total)
    vdso.vdk_hostinfo_memory_available.restype = ctypes.c_int64
    available = vdso.vdk_hostinfo_memory_available()
    if available >= 0:
        print("available", available)
    if identity.known & Identity.HOSTNAME:
        print("hostname", identity.hostname.decode(errors="replace"))


if __name__ == "__main__":
    main()
