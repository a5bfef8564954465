# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the programs of `make bench` are, how they are started, and what machine this is."""

import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent
TIMEOUT_S = 120  # for one program; the longest takes some twenty seconds


class NotHere(Exception):
    """A figure that cannot be taken on this machine, and why."""


class Failed(Exception):
    """A program that should have worked did not."""


class Bench:
    """One run: its folders, its publications, and how much of everything to do."""

    def __init__(self, vdk, build_root, out, quick):
        self.vdk = str(vdk)
        self.programs = pathlib.Path(build_root) / "bench"
        self.out = pathlib.Path(out)
        self.runtime = self.out / "runtime"
        self.quick = quick
        self.environment = dict(os.environ, VDK_RUNTIME_DIR=str(self.runtime), LC_ALL="C")
        self.out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.runtime, ignore_errors=True)
        self.runtime.mkdir(mode=0o755)

    def close(self):
        shutil.rmtree(self.runtime, ignore_errors=True)

    def rounds(self, normal):
        """Fewer when a quick look is wanted."""
        return str(max(normal // 10, 2) if self.quick else normal)

    def program(self, name):
        path = self.programs / name
        if not path.exists():
            raise Failed(f"{path} is missing: ninja -C {self.programs.parent}")
        return str(path)

    def run(self, *argv):
        """Standard output of a command that must succeed."""
        try:
            done = subprocess.run([str(word) for word in argv], env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"no end after {TIMEOUT_S} s: {' '.join(map(str, argv))}") from None
        complaint = done.stderr.decode(errors="replace").strip()
        if done.returncode == 77:
            raise NotHere(complaint or "cannot be done here")
        if done.returncode:
            raise Failed(f"status {done.returncode}: {' '.join(map(str, argv))}: {complaint}")
        return done.stdout

    def measure(self, *argv):
        """The JSON that one of the bench's programs prints."""
        return json.loads(self.run(*argv))

    def attached(self, name, *argv):
        """The command line that runs a program once with a publication attached."""
        return [self.vdk, "run", "--once", "--vdso", name, "--", *argv]

    def build(self, folder, name):
        """Build an image and publish it under its name, every record written."""
        image = self.out / "images" / f"{name}.so"
        image.parent.mkdir(exist_ok=True)
        self.run(self.vdk, "build", folder, "-o", image)
        self.run(self.program("prepare"), name, image)
        return image

    def spawn(self, rounds, **commands):
        """
        Times of whole commands beside each other, by name. A name like faketime__dynamic is held
        against `dynamic`, the others against the first one.
        """
        argv = [self.program("spawn"), "--rounds", self.rounds(rounds)]
        for name, command in commands.items():
            argv += [":" + name.replace("__", "/"), *command]
        return {result["name"].split("/")[0]: result for result in self.measure(*argv)}


def need(command):
    path = shutil.which(command)
    if not path:
        raise NotHere(f"no {command} here (scripts/install-deps bench)")
    return path


def first_line(path, prefix=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(prefix):
                    return line[len(prefix):].strip(" \t:\n")
    except OSError:
        pass
    return None


def output(*argv):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                              cwd=SOURCE, timeout=10)
    except OSError:
        return None
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0] if lines and done.returncode == 0 else None


def machine():
    """What the figures depend on, without the machine's name."""
    cpu = "/sys/devices/system/cpu/"
    flags = first_line("/proc/cpuinfo", "flags") or ""
    return {
        "cpu": first_line("/proc/cpuinfo", "model name"),
        "cpus": len(os.sched_getaffinity(0)),
        "threads_of_cpu0": first_line(cpu + "cpu0/topology/thread_siblings_list"),
        "governor": first_line(cpu + "cpu0/cpufreq/scaling_governor"),
        "virtual": "hypervisor" in flags.split(),
        "memory_kb": first_line("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "clocksource": first_line(
            "/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "load_before": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "source": output("git", "describe", "--always", "--dirty"),
        "compiler": output("cc", "--version"),
        "strace": output("strace", "--version"),
        "faketime": output("faketime", "--version"),
    }


def say(text):
    print(text, file=sys.stderr, flush=True)
