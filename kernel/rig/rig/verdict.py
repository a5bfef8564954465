# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a boot has shown. Silence, a short report or a dirty kernel log is never success."""

import dataclasses
import re

from . import machine

# What a healthy kernel does not say. "traps:" lines about user programs are no complaint of it.
COMPLAINTS = re.compile(
    r"\bBUG\b|\bWARNING\b|\bOops\b|Call Trace|Kernel panic|\[#\d+\]|"
    r"rcu.*(?:stall|starved)|blocked for more than|soft lockup|hard LOCKUP|"
    r"INFO: (?:possible|task|inconsistent|suspicious)|UBSAN|KASAN|KCSAN|"
    r"invalid opcode: 0000|not syncing|segfault at .* in init\[")


@dataclasses.dataclass
class Result:
    name: str
    state: str  # "ok", "fail" or "skip"
    checks: int
    why: str
    output: str


def dirt(log):
    """The lines of a kernel log that a healthy kernel does not write."""
    return [line.strip() for line in log.splitlines() if COMPLAINTS.search(line)]


def judge(output, status):
    """(state, number of checks, why) for what one test printed and its exit status."""
    checks = re.findall(r"^(not )?ok (\d+)\b(.*)$", output, re.M)
    plans = re.findall(r"^1\.\.(\d+)$", output, re.M)
    bad = [f"not ok {number}{text}" for no, number, text in checks if no]
    if status == 77 and not bad:
        reason = re.findall(r"^skipped: (.*)$", output, re.M)
        return ("skip", 0, reason[-1]) if reason else ("fail", 0, "skipped without a reason")
    if bad:
        return "fail", len(checks), "; ".join(bad[:3])
    if status != 0:
        told = {137: " (out of time, or killed)"}.get(status, "")
        return "fail", len(checks), f"exit status {status}{told}"
    if len(plans) != 1:
        return "fail", len(checks), f"expected one plan, found {len(plans)}"
    if int(plans[0]) != len(checks) or not checks:
        return "fail", len(checks), f"plan of {plans[0]}, but {len(checks)} checks"
    if [int(number) for _, number, _ in checks] != list(range(1, len(checks) + 1)):
        return "fail", len(checks), "checks are not numbered from 1 on"
    return "ok", len(checks), ""


def invert(result):
    """A negative control passes by failing, and only by checks that say `not ok`."""
    if result.state == "fail" and result.why.startswith("not ok"):
        return dataclasses.replace(result, state="ok", why="")
    why = "the negative control did not fail by a check: " + (result.why or "it passed")
    return dataclasses.replace(result, state="fail", why=why)


def results(tests, log):
    """One Result for each (test, must_fail), from the guest's report."""
    found = []
    for test, must_fail in tests:
        name = re.escape(test.name)
        report = re.findall(rf"^rig: begin {name}\n(.*?)^rig: end {name} (\d+)$", log, re.M | re.S)
        if len(report) == 1:
            output, status = report[0]
            result = Result(test.name, *judge(output, int(status)), output)
        elif re.search(rf"^rig: begin {name}$", log, re.M):
            result = Result(test.name, "fail", 0, "the guest ended in the midst of this test", "")
        else:
            result = Result(test.name, "fail", 0, "the guest never came to this test", "")
        found.append(invert(result) if must_fail else result)
    return found


def faults(tests, outcome):
    """What is wrong with the boot as a whole."""
    found = []
    if outcome.timed_out:
        found.append("the guest did not end in time and was killed")
    elif outcome.status != machine.DONE or outcome.errors:
        found.append(f"QEMU ended with status {outcome.status}, expected {machine.DONE}"
                     + (f": {outcome.errors}" if outcome.errors else
                        " (0: the guest panicked or reset)"))
    done = re.findall(r"^rig: done (\d+)$", outcome.test_log, re.M)
    if done != [str(len(tests))]:
        found.append(f"expected the guest's last word after {len(tests)} tests, found "
                     + (f"it after {done}" if done else "none"))
    found += [f"kernel log: {line}" for line in dirt(outcome.kernel_log)]
    return found
