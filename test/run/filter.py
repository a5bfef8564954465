#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
filter.py PID - of which system calls the process's seccomp filter notifies

The filter is read from the kernel (PTRACE_SECCOMP_GET_FILTER) and computed for each number of each ABI. Whatever it
answers but "allow" and "notify" is told as NUMBER=ANSWER. Exit 77: it cannot be read here.
"""
import ctypes
import os
import struct
import sys

ATTACH, DETACH, GET_FILTER = 16, 17, 0x420c
ALLOW, NOTIFY = 0x7fff0000, 0x7fc00000
X32 = 0x40000000
ABIS = {"x86-64": (0xc000003e, 0), "x32": (0xc000003e, X32), "i386": (0x40000003, 0), "other": (0xc00000b7, 0)}

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def read(pid):
    code = ctypes.create_string_buffer(8 * 4096)
    if libc.ptrace(ATTACH, pid, None, None):
        return None, os.strerror(ctypes.get_errno())
    os.waitpid(pid, 0)
    count = libc.ptrace(GET_FILTER, pid, 0, ctypes.cast(code, ctypes.c_void_p))
    problem = os.strerror(ctypes.get_errno())
    libc.ptrace(DETACH, pid, None, None)
    if count <= 0:
        return None, problem
    return list(struct.iter_unpack("=HBBI", code.raw[:8 * count])), ""


def answer(code, data):
    """Of the instructions that vdk's filters have."""
    at = accumulator = index = 0
    while True:
        how, yes, no, k = code[at]
        at += 1
        if how == 0x20:  # LD W ABS
            accumulator, = struct.unpack_from("=I", data, k)
        elif how == 0x00:  # LD IMM
            accumulator = k
        elif how == 0x07:  # TAX
            index = accumulator
        elif how == 0x6c:  # LSH X
            accumulator = accumulator << index & 0xffffffff
        elif how in (0x15, 0x35, 0x45):  # JEQ, JGE, JSET
            true = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: accumulator & k}[how]
            at += yes if true else no
        elif how == 0x06:  # RET
            return k
        else:
            sys.exit(f"instruction {at - 1}: {how:#x} is none that is known here")


def main():
    code, problem = read(int(sys.argv[1]))
    if not code:
        print(problem)
        sys.exit(77)
    told = []
    for name, (arch, bits) in ABIS.items():
        told.append(name + ":")
        for number in range(1024):
            found = answer(code, struct.pack("=iIQ6Q", number | bits, arch, 0, *[0] * 6))
            if found != ALLOW:
                told.append(str(number) + ("" if found == NOTIFY else f"={found:#x}"))
    print(" ".join(told))


main()
