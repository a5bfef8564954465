# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guest tests: what the comment lines at their top ask for (README.md tells the lines)."""

import dataclasses
import glob
import os
import re
import shlex

from . import Failure

KERNELS = ("baked", "debian")


@dataclasses.dataclass
class Program:
    name: str
    sources: list
    flags: list
    dynamic: bool


@dataclasses.dataclass
class Test:
    name: str
    path: str
    boots: list = dataclasses.field(default_factory=list)
    fails: list = dataclasses.field(default_factory=list)
    programs: list = dataclasses.field(default_factory=list)
    files: list = dataclasses.field(default_factory=list)
    timeout: int = 60


def _boot(words, where):
    if not words or words[0] not in KERNELS:
        raise Failure(f"{where}: expected one of {', '.join(KERNELS)} after the colon")
    return " ".join(words)


def _program(words, where):
    sources, flags, name, dynamic = [], [], None, False
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "-o" and words:
            name = words.pop(0)
        elif word == "-dynamic":
            dynamic = True
        elif word.endswith((".c", ".S")) and not word.startswith("-"):
            sources.append(word)
        else:
            flags.append(word)
    if not sources:
        raise Failure(f"{where}: a program needs a source (.c or .S)")
    name = name or os.path.splitext(os.path.basename(sources[0]))[0]
    return Program(name, sources, flags, dynamic)


def parse(path):
    """The test in the file PATH."""
    name = os.path.splitext(os.path.basename(path))[0]
    test = Test(name, path)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith("#"):
                break
            found = re.match(r"# (boot|fails|program|file|timeout):(.*)$", line)
            if not found:
                continue
            where = f"{path}:{number}"
            words = shlex.split(found[2])
            if found[1] == "boot":
                test.boots.append(_boot(words, where))
            elif found[1] == "fails":
                test.fails.append(_boot(words, where))
            elif found[1] == "program":
                test.programs.append(_program(words, where))
            elif found[1] == "file" and len(words) in (1, 2):
                test.files.append((words[0], words[-1] if len(words) == 2
                                   else os.path.basename(words[0])))
            elif found[1] == "timeout" and len(words) == 1 and words[0].isdigit():
                test.timeout = int(words[0])
            else:
                raise Failure(f"{where}: not understood: {line.strip()}")
    if not test.boots:
        raise Failure(f"{path}: no `# boot:` line")
    return test


def load(folder, only=None):
    """The tests of a folder by name; with ONLY, just those."""
    tests = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.sh"))):
        test = parse(path)
        tests[test.name] = test
    if only is None:
        return list(tests.values())
    unknown = [name for name in only if name not in tests]
    if unknown:
        raise Failure(f"no guest test of this name: {', '.join(unknown)}")
    return [tests[name] for name in only]


def boots(tests):
    """All boots that the tests ask for, with the tests of each as (test, must_fail)."""
    groups = {}
    for test in tests:
        for boot in test.boots:
            groups.setdefault(boot, []).append((test, False))
        for boot in test.fails:
            groups.setdefault(boot, []).append((test, True))
    return dict(sorted(groups.items()))
