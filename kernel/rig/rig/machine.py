# SPDX-License-Identifier: LGPL-2.1-or-later
"""One boot in QEMU, by software emulation only, with a bound on its time."""

import dataclasses
import os
import shutil
import subprocess

from . import HERE, Skip

QEMU = "qemu-system-x86_64"

# isa-debug-exit turns the byte N written to its port into the exit status 2N+1. The guest writes 0
# when it is done; a guest that panics, reboots or powers off gives 0, a QEMU that fails gives 1
# only with words on its standard error, which count as failure, too.
DONE = 1


@dataclasses.dataclass
class Outcome:
    status: int
    timed_out: bool
    errors: str
    kernel_log: str
    test_log: str


def need():
    if not shutil.which(QEMU):
        raise Skip(f"no {QEMU} here (scripts/install-deps kernel)")


def tsc_khz(scratch):
    """The rate of this machine's time-stamp counter, which emulated CPUs show as their own."""
    program = os.path.join(scratch, "tsc-khz")
    subprocess.run(["gcc", "-O2", "-o", program, os.path.join(HERE, "tsc-khz.c")], check=True,
                   timeout=60)
    return subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True,
                          timeout=60).stdout.strip()


def command_line(words, khz):
    """The kernel's command line.

    A loaded host makes the kernel mismeasure the counter, or distrust it, and then the clocks of
    its vDSO become system calls; so it is told the rate and not to watch. A panic must end the
    boot, and does so as a reboot.
    """
    return " ".join(["console=ttyS0", "rdinit=/rig/init", "panic=-1", "oops=panic",
                     f"tsc_early_khz={khz}", "tsc=reliable", "random.trust_cpu=on", *words])


def boot(kernel, initramfs, append, timeout, logs):
    """Boot and wait for the end; serial logs are written into the folder LOGS."""
    kernel_log, test_log = os.path.join(logs, "kernel.log"), os.path.join(logs, "test.log")
    for log in (kernel_log, test_log):
        with open(log, "w", encoding="utf-8"):
            pass
    command = [
        QEMU, "-accel", "tcg", "-machine", "pc", "-cpu", "max,la57=off", "-m", "512",
        # Without ACPI's tables a kernel counts sockets.
        "-smp", "2,sockets=2,cores=1", "-nodefaults", "-no-user-config", "-display", "none",
        "-no-reboot", "-rtc", "base=utc", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
        # Two lines, so that no kernel message lands within a line of a test's.
        "-serial", f"file:{kernel_log}", "-serial", f"file:{test_log}",
        "-kernel", kernel, "-initrd", initramfs, "-append", append,
    ]
    # Two emulated CPUs that wait for one another wait for the host's scheduler each time: on a busy
    # host a signal from one to the other then takes milliseconds. Root can ask for precedence.
    if os.geteuid() == 0:
        command = ["nice", "-n", "-10", *command]
    timed_out, errors, status = False, "", -1
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as qemu:
        try:
            _, errors = qemu.communicate(timeout=timeout)
            status = qemu.returncode
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            qemu.kill()
    return Outcome(status, timed_out, errors.strip(), _text(kernel_log), _text(test_log))


def _text(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read().replace("\r", "")
