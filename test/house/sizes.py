#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One file one idea, a function that fits a screen, a public header that reads like a manual."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tree

FILE_MAX = 400
FUNCTION_MAX = 60
PROSE_MIN = 60

# What is longer, and why that is better than two of it.
LONG_FILES = {
    "src/lookup/vdk_lookup.c": "other projects copy it, and one file is what they want to copy",
    "test/check/mutants.c": "a list: one broken image for each rule of the checker",
    "test/doctor/fake.py": "a list: one prepared machine for each finding of the doctor",
    "test/page/torture.c": "one torture: its writers, readers and parent share what they count",
    "test/vsyscall/old.c": "a list: one way of calling the vsyscall page after the other",
}
LONG_FUNCTIONS = {}

# One that generates what others include is no manual.
NO_MANUAL = set()


def functions(paths):
    """(lines, path, name) of each function of C."""
    run = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "--languages=C,C++",
         "--langmap=C:.c.h", "-f", "-", "-L", "-"],
        input="\n".join(paths), capture_output=True, text=True, cwd=tree.ROOT, check=True)
    for line in run.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield tag["end"] - tag["line"] + 1, tag["path"], tag["name"]


def prose(text):
    """The share of comment in lines that are not empty, in %; a line may be both."""
    comment = code = 0
    inside = False
    for line in map(str.strip, text.splitlines()):
        if not line:
            continue
        if inside or line.startswith("/*"):
            comment += 1
            inside = "*/" not in line
            continue
        code += 1
        if "/*" in line:
            comment += 1
            inside = "*/" not in line
    return 100 * comment // (comment + code)


def stale(table, found):
    return [f"{name}: is not longer any more, or gone: take it out of this test's list"
            for name in table if name not in found]


def main():
    tree.need("ctags")
    sources = tree.files(".c", ".h", ".S", ".py", ".sh")
    long_files = {path: tree.read(path).count("\n") for path in sources}
    long_files = {path: lines for path, lines in long_files.items() if lines > FILE_MAX}
    found = sorted(functions(tree.files(".c", ".h")), reverse=True)
    long_functions = {f"{path}:{name}": lines for lines, path, name in found
                      if lines > FUNCTION_MAX}
    headers = [path for path in tree.files(".h")
               if os.path.dirname(path) == "include/vdk" and path not in NO_MANUAL]
    shares = {path: prose(tree.read(path)) for path in headers}
    tree.finish([
        (f"{len(sources)} files of at most {FILE_MAX} lines, or with a reason",
         [f"{path}: {lines} lines" for path, lines in long_files.items()
          if path not in LONG_FILES] + stale(LONG_FILES, long_files)),
        (f"{len(found)} functions of at most {FUNCTION_MAX} lines, or with a reason",
         [f"{name}: {lines} lines" for name, lines in long_functions.items()
          if name not in LONG_FUNCTIONS] + stale(LONG_FUNCTIONS, long_functions)),
        (f"{len(headers)} public headers of at least {PROSE_MIN} % prose",
         [f"{path}: {share} %" for path, share in shares.items() if share < PROSE_MIN]),
        ("the functions were seen at all", [] if len(found) > 1000 else ["ctags found too few"]),
    ])


main()
