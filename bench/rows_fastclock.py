# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The figures of fastclock: its clocks beside the kernel's, how near they are, and its publisher.

What a publication's owner chooses cannot be changed from inside, so there are two, each measured
beside the kernel's clocks in rounds of its own.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import time

from harness import Failed, NotHere

SOURCE = pathlib.Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")

# period, VDK_FASTCLOCK, and what is asked of each subject's ratio to the kernel's
PUBLICATIONS = (
    ("100ms", "", {"MONOTONIC": 1.0, "REALTIME": 1.0, "gettimeofday": None, "ns ordered": None,
                   "ns unordered": 0.60, "bounds": 1.5}),
    ("4ms", "unordered", {"MONOTONIC": 0.65, "REALTIME": 0.65, "gettimeofday": 0.65,
                          "MONOTONIC_COARSE": 0.30, "time": None}),
)


@contextlib.contextmanager
def published(bench, period, choice):
    image = bench.programs.parent / "vdsos" / "fastclock" / "fastclock.so"
    priority = ["nice", "-n", "-15"] if os.getuid() == 0 else []
    publisher = subprocess.Popen(
        [*priority, bench.vdk, "publish", "--every", period, "fastclock", image],
        env={**bench.environment, "VDK_FASTCLOCK": choice}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            time.sleep(0.1)
            state = subprocess.run([bench.vdk, "get", "fastclock", "fastclock.state"], text=True,
                                   env=bench.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, check=False).stdout
            if state.strip() == "1":
                break
        else:
            raise Failed("fastclock's publisher does not begin")
        time.sleep(1)
        yield publisher
    finally:
        publisher.terminate()
        publisher.wait()


def publisher_percent(publisher, seconds):
    """Of one CPU."""
    path = pathlib.Path(f"/proc/{publisher.pid}/schedstat")
    begin, used = time.monotonic(), int(path.read_text().split()[0])
    time.sleep(seconds)
    used = int(path.read_text().split()[0]) - used
    return used / 1e7 / (time.monotonic() - begin)


def distances(bench):
    """ns from the kernel's clock that one read in a thousand exceeds, by clock."""
    program = bench.programs.parent / "vdsos" / "fastclock" / "fastclock-clocks"
    done = subprocess.run(bench.attached("fastclock", program, "verify", "2"), text=True,
                          env=bench.environment, stdout=subprocess.PIPE, check=False)
    return {name: int(p999) for name, p999
            in re.findall(r"^(CLOCK_\w+) .* p99\.9 (\d+),", done.stdout, re.MULTILINE)}


def section(bench, row):
    if not SOURCE.exists() or SOURCE.read_text() != "tsc\n":
        raise NotHere("the kernel's clock source is not the TSC")
    rows, data = [], {}
    for period, choice, limits in PUBLICATIONS:
        with published(bench, period, choice) as publisher:
            found = json.loads(bench.run(*bench.attached(
                "fastclock", bench.program("fastclock/clocks"), "--rounds",
                bench.rounds(10000))))
            data[f"{period} {choice}".strip()] = found
            least = next(s["ns"]["median"] for s in found["subjects"] if s["name"] == "kernel time")
            for subject in found["subjects"]:
                name, limit = subject["name"], limits.get(subject["name"])
                if name in limits:
                    rows.append(row(f"{name}, {choice}" if choice and "COARSE" not in name else name,
                                    "ns", subject["ns"]["median"], subject["ns"]["p999"],
                                    subject["ratio"], subject["base"], "ratio" if limit else None,
                                    limit, "COARSE" in name and
                                    f"the kernel's time(), a load and a store, takes {least:.2f} ns"
                                    or None))
            if not choice:
                data["distance"] = distances(bench)
                data["publisher_percent"] = publisher_percent(publisher, 2 if bench.quick else 10)
    for clock in ("CLOCK_REALTIME", "CLOCK_MONOTONIC"):
        if clock in data["distance"]:
            rows.append(row(f"{clock} to the kernel's, p99.9", "ns", data["distance"][clock],
                            of="value", limit=200))
    rows.append(row("publisher every 100 ms", "% of a CPU", data["publisher_percent"], of="value",
                    limit=0.1))
    return {"fastclock beside the kernel's clocks": rows}, data
