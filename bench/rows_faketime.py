# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of `vdk faketime`: its clocks beside the kernel's and libfaketime's, and its start."""

import contextlib
import pathlib
import shutil
import statistics
import tempfile

from harness import SOURCE, NotHere, need

CLOCKS = ("REALTIME", "MONOTONIC", "REALTIME_COARSE", "gettimeofday", "time",
          "vdk_faketime_true")


def clocks(bench, *wrapper):
    """What the clocks cost in a process that was started that way, by name."""
    data = bench.measure(*wrapper, bench.program("faketime/faketime-clocks"), "--rounds",
                         bench.rounds(5000))
    return data, {s["name"]: s for s in data["subjects"]}


def go_now(bench, wrapper):
    """ns per time.Now(), natively and faked, run by turns."""
    go = need("go")
    program = bench.out / "now"
    bench.run("env", "GO111MODULE=off", "GOPROXY=off", "GOFLAGS=", go, "build", "-o", program,
              SOURCE / "faketime" / "now.go")
    native, faked = [], []
    for _ in range(max(5, int(bench.rounds(20)))):
        native.append(float(bench.run(program).split()[-1]))
        faked.append(float(bench.run(*wrapper, program).split()[-1]))
    pairs = [after / before for before, after in zip(native, faked)]
    return statistics.median(native), statistics.median(faked), statistics.median(pairs)


@contextlib.contextmanager
def memory_runtime(bench):
    """A runtime directory in memory, as /run and a session's are: a disk's is several ms slower."""
    shm = pathlib.Path("/dev/shm")
    runtime = tempfile.mkdtemp(dir=shm if shm.is_dir() else None)
    before = bench.environment.get("VDK_RUNTIME_DIR")
    bench.environment["VDK_RUNTIME_DIR"] = runtime
    try:
        yield
    finally:
        bench.environment["VDK_RUNTIME_DIR"] = before
        shutil.rmtree(runtime)


def section(bench, row, command_row):
    with memory_runtime(bench):
        return measured(bench, row, command_row)


def measured(bench, row, command_row):
    faked = [bench.vdk, "faketime", "+1d", "--"]
    data = {}
    data["vdk"], ours = clocks(bench, *faked)
    data["native"], native = clocks(bench)
    data["vdk_rate"], rate = clocks(bench, bench.vdk, "faketime", "--monotonic", "+1d x2", "--")
    theirs = None
    try:
        data["libfaketime"], theirs = clocks(bench, need("faketime"), "-f", "+1d")
    except NotHere:
        pass
    rows = []
    for name in CLOCKS:
        mine = ours[f"{name}, function"]
        limit = 1.10 if name in ("REALTIME", "MONOTONIC") else None
        rows.append(row(name, "ns", mine["ns"]["median"], mine["ns"]["p999"], mine["ratio"],
                        "kernel's", "ratio" if limit else None, limit))
    for name in ("REALTIME", "MONOTONIC"):
        mine = rate[f"{name}, function"]
        rows.append(row(f"{name}, --monotonic x2", "ns", mine["ns"]["median"],
                        mine["ns"]["p999"], mine["ratio"], "kernel's"))
    if theirs:
        mine, other = ours["REALTIME, libc"], theirs["REALTIME, libc"]
        rows.append(row("REALTIME by libc, libfaketime's", "ns", other["ns"]["median"],
                        other["ns"]["p999"], other["ratio"], "kernel's"))
        rows.append(row("REALTIME by libc", "ns", mine["ns"]["median"], mine["ns"]["p999"],
                        mine["ratio"] / other["ratio"], "libfaketime's", "ratio", 0.35,
                        "natively, by libc too, it is "
                        f"{native['REALTIME, libc']['ratio'] / other['ratio']:.2f} of that"))
    try:
        native, now, ratio = go_now(bench, faked)
        rows.append(row("Go's time.Now()", "ns", now, ratio=ratio, to="native", of="ratio",
                        limit=1.05, note=f"natively {native:.1f} ns"))
    except NotHere:
        pass
    rows += start(bench, row, command_row, data)
    return {"faketime: a day ahead": rows}, data


def start(bench, row, command_row, data):
    dynamic = bench.program("nothing-dynamic")
    commands = {"plain": [dynamic],
                "vdk": [bench.vdk, "faketime", "+1d", "--", dynamic],
                "vdk_once": [bench.vdk, "faketime", "--once", "+1d", "--", dynamic]}
    try:
        commands["faketime"] = [need("faketime"), "-f", "+1d", dynamic]
    except NotHere:
        pass
    data["start"] = bench.spawn(500, **commands)
    rows = [command_row("start of a dynamic program, plainly", data["start"]["plain"]),
            command_row("by vdk faketime", data["start"]["vdk"])]
    rows.append(command_row("by vdk faketime --once", data["start"]["vdk_once"]))
    if "faketime" in commands:
        rows.append(command_row("by faketime -f", data["start"]["faketime"]))
        for name, key in (("vdk faketime", "vdk"), ("vdk faketime --once", "vdk_once")):
            ratio = data["start"][key]["ms"]["median"] / data["start"]["faketime"]["ms"]["median"]
            rows.append(row(f"start by {name} : by faketime", "ms",
                            data["start"][key]["ms"]["median"], ratio=ratio, to="faketime's",
                            of="ratio", limit=1.0))
    return rows
