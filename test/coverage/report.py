#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gcovr counted, for reading: a table by folder, an empty line, then each line of code that
nothing reached, by file and function. To standard error go those functions among them of which
doc/COVERAGE.md says nothing, for the folders that it looks at line by line.

    report.py ROOT GCOVR.json
"""

import collections
import json
import os
import re
import sys

# At -O0 gcov gives lines of their own to declarations, which compile to nothing.
DECLARATION = re.compile(r"(const |static |struct |enum |union |unsigned |vdk_cleanup_\w+ )*"
                         r"[\w ]+[ *]+\w+(\[[^=]*\])?(, \*?\w+(\[[^=]*\])?)*;$")
FUNCTION = re.compile(r"^[a-z].*?\b(\w+)\(")
READ = ("src/attach/", "src/base/", "src/build/", "src/check/", "src/inspect/", "src/lookup/",
        "src/publish/")


def functions(lines):
    """For each line the function that it is in."""
    name = "(file)"
    for line in lines:
        match = FUNCTION.match(line)
        if match and not line.rstrip().endswith(";"):
            name = match.group(1)
        yield name


def explained(root):
    """The files and functions that the document names, `file.c` before its functions()."""
    with open(os.path.join(root, "doc/COVERAGE.md"), encoding="utf-8") as file:
        text = file.read()
    found, last = set(), ""
    for name, function in re.findall(r"`([\w./-]+\.[ch])`|`(\w+)\(\)`", text):
        last = name or last
        found.add((os.path.basename(last), function))
    return found


def tell_unexplained(root, left):
    known = explained(root)
    missing = {(path, function): number for path, function, number, _ in reversed(left)
               if path.startswith(READ) and (os.path.basename(path), function) not in known}
    for (path, function), number in sorted(missing.items()):
        print(f"doc/COVERAGE.md says nothing of {path}: {function}(), line {number}",
              file=sys.stderr)


def main(root, report):
    with open(report, encoding="utf-8") as file:
        counted = json.load(file)
    folders = collections.defaultdict(lambda: [0, 0])
    left = []
    for entry in counted["files"]:
        path = entry["file"]
        if not path.startswith(("src/", "tool/")):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            source = file.read().split("\n")
        inside = list(functions(source))
        counts = collections.Counter()
        for line in entry["lines"]:
            if not line.get("gcovr/noncode"):
                counts[line["line_number"]] += line["count"]
        for number, count in sorted(counts.items()):
            text = source[number - 1].strip()
            if count == 0 and DECLARATION.match(text) and not text.startswith("return"):
                continue
            folder = "/".join(path.split("/")[:2]) if path.startswith("src/") else "tool"
            folders[folder][0] += count > 0
            folders[folder][1] += 1
            if count == 0:
                left.append((path, inside[number - 1], number, text))
    for folder, (reached, all_lines) in sorted(folders.items()):
        print(f"{folder:14} {reached:5} of {all_lines:5} lines  {100 * reached / all_lines:5.1f} %")
    print()
    for path, function, number, text in left:
        print(f"{path}: {function}: {number}: {text}")
    tell_unexplained(root, left)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
