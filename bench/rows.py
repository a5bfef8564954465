# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The figures: each function runs some of the bench's programs and returns rows (row.py) and what they
came from.
"""

import json
import os
import signal
import statistics
import subprocess
import time

import rows_faketime
import rows_fastclock
from harness import SOURCE, Failed, NotHere, need
from row import call_row, command_row, row


# ---- Calls in one process -------------------------------------------------------------------

RECORDS = ("record packed", "record 64 B, one value")


def calls(bench):
    data = bench.measure(*bench.attached("line", bench.program("calls"), "--rounds",
                                         bench.rounds(20000)))
    groups = {}
    for subject in data["subjects"]:
        groups.setdefault(subject["group"], []).append(subject)
    system_call = next(s for s in groups["call"] if s["name"] == "system call")
    rows = {"Floors": [call_row(s) for s in groups["floor"]]}
    rows["Calls through a pointer"] = [
        call_row(s, 2.0 if s["name"] in RECORDS else None)
        for s in groups["call"] if s["name"] != "nothing"]
    for subject in groups["call"]:
        if subject["name"] in RECORDS:
            share = subject["ns"]["median"] / system_call["ns"]["median"]
            rows["Calls through a pointer"].append(
                row(f"{subject['name']} : system call", "ns", subject["ns"]["median"],
                    subject["ns"]["p999"], share, "system call", "ratio", 1 / 60,
                    f"1/{1 / share:.0f}"))
    rows["One call at a time, with the timing in it"] = [
        dict(call_row(s), ratio=None, to=None) for s in groups["single"]]
    rows["Passthrough"] = passthrough(groups["passthrough"])
    rows["Whole records, copied out"] = [dict(call_row(s), name="read " + s["name"])
                                         for s in groups["size"]]
    return rows, data


def passthrough(subjects):
    """The kernel's function, the attached image's and a bare jump, three by three."""
    rows = []
    for kernel, passed, jump in zip(subjects[::3], subjects[1::3], subjects[2::3]):
        line = call_row(passed, 1.03, f"kernel's {kernel['ns']['median']:.2f} ns; "
                                      f"behind a bare jump {jump['ratio']:.3f}")
        rows.append(dict(line, name=passed["name"].removesuffix(", passed on"), to="kernel's"))
    return rows


# ---- Whole programs -------------------------------------------------------------------------

STORM = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"


def faketime_command(*command):
    try:
        return [need("faketime"), "-f", "+1d", *command]
    except NotHere:
        return None


def once(bench):
    static, dynamic = bench.program("nothing-static"), bench.program("nothing-dynamic")
    commands = {"static": [static],
                "once": [bench.vdk, "run", "--once", "--", static],
                "follow": [bench.vdk, "run", "--", static],
                "dynamic": [dynamic]}
    wrapped = faketime_command(dynamic)
    if wrapped:
        commands["faketime__dynamic"] = wrapped
    data = bench.spawn(1000, **commands)
    added = data["once"]["difference_ms"]
    rows = [command_row("static program, plainly", data["static"]),
            command_row("static program, vdk run --once", data["once"]),
            command_row("static program, vdk run", data["follow"]),
            command_row("dynamic program, plainly", data["dynamic"]),
            row("added by vdk run --once", "ms", added["median"], added["p999"], of="value",
                limit=0.5)]
    if wrapped:
        others = data["faketime"]["difference_ms"]
        rows.insert(4, command_row("dynamic program, faketime", data["faketime"]))
        rows.append(row("added by vdk run --once : by faketime", "ms", added["median"],
                        added["p999"], added["median"] / others["median"], "faketime's", "ratio",
                        1.0, f"faketime adds {others['median']:.3f} ms"))
    return {"Start of one program": rows}, data


def storm(bench):
    shell = ["sh", "-c", STORM]
    commands = {"plain": shell, "follow": [bench.vdk, "run", "--", *shell]}
    wrapped = faketime_command(*shell)
    if wrapped:
        commands["faketime"] = wrapped
    try:
        commands["strace"] = [need("strace"), "-f", "--seccomp-bpf", "-e", "trace=execve", "-o",
                              "/dev/null", *shell]
    except NotHere:
        pass
    data = bench.spawn(30, **commands)
    rows = [command_row("plainly", data["plain"]),
            command_row("vdk run", data["follow"], 1.20)]
    rows += [command_row(name, data[name]) for name in ("faketime", "strace") if name in data]
    return {"Exec storm: 300 /bin/true from a shell": rows}, data


def loads(bench):
    programs = {"1,000 forks": bench.program("forks"), "10,000 signals": bench.program("signals")}
    try:
        goroutines = bench.out / "goroutines"
        bench.environment.update(GO111MODULE="off", GOCACHE=str(bench.out / "go-cache"))
        bench.run(need("go"), "build", "-o", goroutines, SOURCE / "load" / "goroutines.go")
        programs["20,000 goroutines"] = str(goroutines)
    except NotHere:
        pass
    rows, data = [], {}
    for name, program in programs.items():
        result = bench.spawn(40, plain=[program], follow=[bench.vdk, "run", "--", program])
        rows += [command_row(f"{name}, plainly", result["plain"]),
                 command_row(f"{name}, vdk run", result["follow"], 1.10)]
        data[name] = result
    return {"Loads under vdk run": rows}, data


def filter_cost(bench):
    """Two processes cannot take turns batch by batch: they take turns run by run."""
    program = [bench.program("syscalls"), "--rounds", bench.rounds(2000)]
    plain, follow = [], []
    for _ in range(3 if bench.quick else 15):
        plain.append(bench.measure(*program)[0]["ns"])
        follow.append(bench.measure(bench.vdk, "run", "--", *program)[0]["ns"])
    data = {"plain": plain, "follow": follow}
    median = {key: statistics.median(ns["median"] for ns in runs) for key, runs in data.items()}
    tail = {key: statistics.median(ns["p999"] for ns in runs) for key, runs in data.items()}
    ratio = statistics.median(f["median"] / p["median"] for f, p in zip(follow, plain))
    rows = [row("getppid, plainly", "ns", median["plain"], tail["plain"]),
            row("getppid, vdk run", "ns", median["follow"], tail["follow"], ratio, "plainly",
                note=f"the filter: {median['follow'] - median['plain']:.1f} ns a call")]
    return {"A system call under vdk run": rows}, data


# ---- Old programs -------------------------------------------------------------------------------

def vsyscall(bench):
    """Calls that vdk answers in the kernel's place, by whichever way this kernel has for it."""
    data = bench.measure(bench.program("vsyscall"), "--rounds", bench.rounds(400), bench.vdk, "run",
                         "--vsyscall=emulate")
    calls = data["calls"]
    rows = [row("ordinary ptrace stop", "ns", statistics.median(c["stop_ns"] for c in calls))]
    rows += [row(c["name"], "ns", c["ns"], ratio=c["ratio"], to="ordinary ptrace stop", of="ratio",
                 limit=3.0) for c in calls]
    return {"Calls of the vsyscall page, answered by vdk run": rows}, data


# ---- Updates --------------------------------------------------------------------------------

def updates(bench):
    data = bench.measure(bench.program("page-update"), "0.1" if bench.quick else "0.3")
    labels = {"update_ns": ("one update, C API", 30), "edit_ns": ("one edit of a field", None),
              "touch_ns": ("one sign of life", None)}
    rows = []
    for key, (name, limit) in labels.items():
        value = data[key]
        rows.append(row(name, "ns", value["median"], value["p99.9"],
                        of="value" if limit else None, limit=limit))
    return {"Updates": rows}, data


def readers(bench):
    data = bench.measure(*bench.attached("line", bench.program("readers"), "--rounds",
                                         bench.rounds(100), "line"))
    rows = []
    for key, size in (("rate24", "24 B in one line"), ("rate64", "64 B beside its sequence")):
        for rate in data[key]:
            if rate["name"] not in ("1 M", "unthrottled"):
                continue
            reached = rate["updates_per_s"]
            target = rate["name"] == "1 M"
            line = row(f"read {size}, {rate['name']} updates/s", "ns", rate["ns"]["median"],
                       rate["batch_ns"]["p999"], rate["ratio"]["median"],
                       "the writer elsewhere", "ratio" if target else None,
                       1.25 if target else None, f"reached {reached / 1e6:.2f} M/s")
            if target and reached < 900_000:
                line.update(met=None, note=line["note"] + ": too few, the CPUs are busy")
            rows.append(line)
    return {"Readers beside a writer on another CPU": rows,
            "Readers under a writer that never pauses": retries(data["unthrottled"])}, data


def retries(sizes):
    """Every read must end, whole or with -EAGAIN, and most must succeed at the first try."""
    rows = []
    for size in sizes:
        tries = size["tries"]
        line = row(f"read {size['size']} B", "tries", tries.get("mean"), tries.get("p999"),
                   note=f"{size['updates_per_s'] / 1e6:.2f} M updates/s, {size['reads']} reads, "
                        f"at most {tries.get('max', 0):.0f} tries, {size['gave_up']} gave up, "
                        f"{size['torn']} torn")
        line["met"] = size["torn"] == 0
        rows.append(line)
    return rows


# ---- Many processes -------------------------------------------------------------------------

def private_kb(pid):
    total = 0
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1])
    return total


def memory(bench):
    """
    Several of each kind at once, so that what they share is not anybody's own. The kernel counts
    an unshared mapping of a file as private, whoever could share it.
    """
    sleeper = bench.program("sleeper")
    kinds = {"plain": [sleeper],
             "once": [bench.vdk, "run", "--once", "--vdso", "line", "--", sleeper],
             "follow": [bench.vdk, "run", "--vdso", "line", "--", sleeper]}
    processes = {kind: [subprocess.Popen(argv, env=bench.environment) for _ in range(9)]
                 for kind, argv in kinds.items()}
    try:
        deadline = time.monotonic() + 20
        for process in processes["once"] + processes["follow"]:
            while not is_sleeper(process.pid, sleeper) and time.monotonic() < deadline:
                time.sleep(0.01)
        time.sleep(0.3)
        data = {kind: [private_kb(process.pid) for process in group]
                for kind, group in processes.items()}
    finally:
        for group in processes.values():
            for process in group:
                process.send_signal(signal.SIGKILL)
                process.wait()
    median = {kind: statistics.median(values) for kind, values in data.items()}
    rows = [row("private memory, plainly", "KiB", median["plain"])]
    rows += [row(f"added by vdk run{option}", "KiB", median[kind] - median["plain"], of="value",
                 limit=8) for kind, option in (("once", " --once"), ("follow", ""))]
    return rows, data


def is_sleeper(pid, path):
    try:
        return os.path.samefile(f"/proc/{pid}/exe", path)
    except OSError:
        return False


def many(bench):
    rows, private = memory(bench)
    crowd = bench.measure(bench.vdk, "run", "--vdso", "line", "--", bench.program("many"),
                          "--count", "200" if bench.quick else "2000", "--rounds",
                          bench.rounds(20000), bench.program("sleeper"))
    line = row("processes attached at once", "", crowd["attached"],
               note=f"of {crowd['wanted']}, started in {crowd['start_s']:.1f} s")
    line["met"] = crowd["attached"] == crowd["wanted"]
    rows.append(line)
    for among, alone in zip(crowd["among"], crowd["alone"]):
        rows.append(row(f"{among['name']}, among them", "ns", among["ns"]["median"],
                        among["ns"]["p999"], among["ns"]["median"] / alone["ns"]["median"],
                        "without them", "ratio", 1.03))
    return {"Many processes": rows}, {"private_kb": private, "crowd": crowd}


# ---- Sizes ----------------------------------------------------------------------------------

PAD = """/* SPDX-License-Identifier: MIT */
#include <vdk/vdso.h>
{page}
static const unsigned char pad[{bytes}] = {{1}};

VDK_FUNCTION(int, pad_byte, (unsigned at))
{{
	return pad[at % sizeof(pad)];
}}
"""


def sized_image(bench, name, pad, records):
    folder = bench.out / "images" / name
    folder.mkdir(parents=True, exist_ok=True)
    if records:
        lines = ["/* SPDX-License-Identifier: MIT */", "#include <vdk/record.h>"]
        for i in range(records):
            lines.append(f"struct r{i} {{ uint64_t value[3]; }};\nVDK_RECORD(r{i});")
        (folder / f"{name}.page.h").write_text("\n".join(lines) + "\n")
    (folder / f"{name}.vdso.c").write_text(
        PAD.format(bytes=pad, page=f'#include "{name}.page.h"\n' if records else ""))
    return bench.build(folder, name)


def sizes(bench):
    static = bench.program("nothing-static")
    images = {"image4k": (64, 0), "image64k": (60 << 10, 0), "image1m": (1020 << 10, 0),
              "records1": (64, 1), "records32": (64, 32), "records1024": (64, 1024)}
    commands, labels, refused = {"static": [static]}, {}, []
    for name, (pad, records) in images.items():
        label = f"{(pad >> 10) + 4} KiB image, {records} records"
        try:
            image = sized_image(bench, name, pad, records)
        except Failed as error:
            refused.append(row(label, "ms", None, note=f"no image: {error}"))
            continue
        labels[name] = f"{image.stat().st_size >> 10} KiB image, {records} records"
        commands[name] = bench.attached(name, static)
    data = bench.spawn(200, **commands)
    rows = [row(f"added with a {label}", "ms", data[name]["difference_ms"]["median"],
                data[name]["difference_ms"]["p999"]) for name, label in labels.items()]
    return {"vdk run --once, by size of the image and number of records": rows + refused}, data


# ---- hostinfo -------------------------------------------------------------------------------

def on_cpu_ns(pid):
    """Time that a process ran, user and system, by the scheduler's own clock."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def publisher_cost(bench, pid):
    """Share of one CPU, in percent."""
    seconds = 2 if bench.quick else 10
    before, start = on_cpu_ns(pid), time.monotonic_ns()
    time.sleep(seconds)
    return 100 * (on_cpu_ns(pid) - before) / (time.monotonic_ns() - start)


def hostinfo(bench):
    image = bench.out / "images" / "hostinfo.so"
    image.parent.mkdir(exist_ok=True)
    bench.run(bench.vdk, "build", SOURCE.parent / "vdsos" / "hostinfo", "-o", image)
    publisher = subprocess.Popen(
        [bench.vdk, "publish", "--every", "100ms", "hostinfo", image], env=bench.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        data = bench.measure(*bench.attached("hostinfo", bench.program("hostinfo"), "--rounds",
                                             bench.rounds(5000)))
        data["publisher_percent"] = publisher_cost(bench, publisher.pid)
    finally:
        publisher.terminate()
        publisher.wait()
    limits = {"vdk_hostinfo_all()": 1 / 1000}
    rows = [call_row(s, limits.get(s["name"]), s.get("ratio") and f"1/{1 / s['ratio']:.0f}")
            for s in data["subjects"]]
    rows.append(row("publisher every 100 ms", "% of a CPU", data["publisher_percent"], of="value",
                    limit=0.5))
    return {"hostinfo: all of it, and the same fields from files": rows}, data


def faketime(bench):
    return rows_faketime.section(bench, row, command_row)


def fastclock(bench):
    return rows_fastclock.section(bench, row)


SECTIONS = {"calls": calls, "once": once, "storm": storm, "loads": loads, "filter": filter_cost,
            "vsyscall": vsyscall, "updates": updates, "readers": readers, "many": many,
            "sizes": sizes, "faketime": faketime, "fastclock": fastclock,
            "hostinfo": hostinfo}


def dump(path, document):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
