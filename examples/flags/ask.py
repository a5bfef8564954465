#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Flags in Python: for how many of 10000 users is one on?

    vdk run --vdso flags -- ./ask.py new-checkout
"""

import ctypes
import sys

vdso = ctypes.CDLL("linux-vdso.so.1")
if not hasattr(vdso, "flag_find") or len(sys.argv) < 2:
    sys.exit("no flags here: start me with vdk run --vdso flags")
vdso.flag_on.argtypes = [ctypes.c_int, ctypes.c_uint64]

number = vdso.flag_find(sys.argv[1].encode())
count = sum(vdso.flag_on(number, user) > 0 for user in range(10000))
print(f"{sys.argv[1]}: {count} of 10000")
