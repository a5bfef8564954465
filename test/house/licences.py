#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each file says under which licence it is, and what enters other people's work is MIT."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tree

SPDX = re.compile(r"SPDX-License-Identifier: ([A-Za-z0-9.-]+(?: (?:AND|OR) [A-Za-z0-9.-]+)*)")

# README.md and CONTRIBUTING.md promise these.
MIT = re.compile(r"^(sdk|vdsos|examples|kernel/bpf/runqueue)/(?!.*test/).*\.[chS]$|"
                 r"^include/vdk/(record|format|vdso|update|update-bpf|lookup)\.h$|"
                 r"^src/lookup/vdk_lookup\.c$")
GPL = re.compile(r"^kernel/bake/linux-6\.1/.*\.[chS]$")


def main():
    missing, wrong, counts = [], [], {}
    for path in tree.files(".c", ".h", ".S", ".py", ".sh", ".lds", ".pml", "meson.build"):
        match = SPDX.search("\n".join(tree.read(path).splitlines()[:3]))
        if not match:
            missing.append(path)
            continue
        licence = match.group(1)
        counts[licence] = counts.get(licence, 0) + 1
        if MIT.search(path) and licence != "MIT":
            wrong.append(f"{path}: expected MIT, found {licence}")
        if GPL.search(path) and not licence.startswith("GPL-2.0"):
            wrong.append(f"{path}: expected GPL-2.0, found {licence}")
    tree.finish([
        ("files name their licence in the first lines: " +
         ", ".join(f"{count} {name}" for name, count in sorted(counts.items())), missing),
        ("what is copied into other work is MIT, what goes into a kernel GPL-2.0", wrong),
    ])


main()
