#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verdict by itself: what a guest may have printed, and what is to be made of it."""

import os
import sys
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# pylint: disable=wrong-import-position
from rig import guest, machine, verdict

GOOD = "ok 1 - one\nwords\nok 2 - two\n1..2\n"


def outcome(**changes):
    parts = {"status": 1, "timed_out": False, "errors": "", "kernel_log": "[ 0.1] fine\n",
             "test_log": f"rig: begin a\n{GOOD}\nrig: end a 0\nrig: done 1\n"}
    return machine.Outcome(**dict(parts, **changes))


TESTS = [(types.SimpleNamespace(name="a"), False)]


class Judge(unittest.TestCase):
    def state(self, output, status=0):
        return verdict.judge(output, status)[0]

    def test_good(self):
        self.assertEqual(verdict.judge(GOOD, 0), ("ok", 2, ""))

    def test_bad(self):
        for output, status in (("", 0), ("1..0\n", 0), (GOOD, 1), (GOOD, 137), (GOOD + "1..2\n", 0),
                               ("ok 1 - a\nok 1 - b\n1..2\n", 0), ("ok 1 - a\n1..2\n", 0),
                               ("ok 1 - a\nnot ok 2 - b\n1..2\n", 0), ("ok 1 - a\n", 0),
                               ("not ok 1 - a\nskipped: why\n", 77), ("", 77)):
            self.assertEqual(self.state(output, status), "fail", (output, status))

    def test_skip(self):
        self.assertEqual(verdict.judge("skipped: no reason to\n", 77), ("skip", 0, "no reason to"))

    def test_control(self):
        def inverted(output, status):
            return verdict.invert(verdict.Result("a", *verdict.judge(output, status), output)).state

        self.assertEqual(inverted("ok 1 - a\nnot ok 2 - b\n1..2\n", 1), "ok")
        for output, status in ((GOOD, 0), ("", 0), (GOOD, 137), ("skipped: x\n", 77)):
            self.assertEqual(inverted(output, status), "fail", (output, status))


class Boot(unittest.TestCase):
    def test_good(self):
        self.assertEqual(verdict.faults(TESTS, outcome()), [])
        self.assertEqual([r.state for r in verdict.results(TESTS, outcome().test_log)], ["ok"])

    def test_faults(self):
        for changes in ({"status": 0}, {"status": 3}, {"timed_out": True}, {"errors": "qemu: oh"},
                        {"test_log": ""}, {"test_log": outcome().test_log + "rig: done 1\n"},
                        {"test_log": outcome().test_log.replace("done 1", "done 0")}):
            self.assertTrue(verdict.faults(TESTS, outcome(**changes)), changes)

    def test_dirt(self):
        for line in ("BUG: unable to handle page fault", "WARNING: CPU: 0 PID: 1 at kernel/x.c:1",
                     "Oops: 0002 [#1] SMP", "Call Trace:", "rcu: INFO: rcu_sched self-detected stall",
                     "INFO: task sh:1 blocked for more than 120 seconds.",
                     "watchdog: BUG: soft lockup", "Kernel panic - not syncing: x",
                     "WARNING: possible circular locking dependency detected",
                     "general protection fault, probably for non-canonical address: 0000 [#1] SMP"):
            self.assertTrue(verdict.dirt(f"[    1.0] {line}\n"), line)
        for line in ("Linux version 6.1.0 (DEBUG)", "traps: x[9] general protection fault ip:4 sp:7",
                     "x[9]: segfault at 0 ip 0 sp 0 error 4 in x[400000+1000]",
                     "debug: ignoring loglevel setting."):
            self.assertFalse(verdict.dirt(f"[    1.0] {line}\n"), line)

    def test_parts(self):
        cut = outcome().test_log.split("rig: end")[0]
        self.assertEqual([r.state for r in verdict.results(TESTS, cut)], ["fail"])
        self.assertEqual([r.state for r in verdict.results(TESTS, "")], ["fail"])


class Header(unittest.TestCase):
    def test_program(self):
        # pylint: disable=protected-access
        program = guest._program(["a.c", "-dynamic", "b.c", "-lm", "-o", "c"], "here")
        self.assertEqual((program.name, program.sources, program.flags, program.dynamic),
                         ("c", ["a.c", "b.c"], ["-lm"], True))


if __name__ == "__main__":
    unittest.main()
