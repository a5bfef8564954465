#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Dependencies run one way: which part includes headers of which, as doc/ARCHITECTURE.md has it.

A part is a folder of src, or a top folder. Each may include what it is allowed here and nothing
else, the allowed ones lie below it, and no two headers include each other by any way.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tree

# From the ground up: a part may include parts that stand before it, if they are named here.
ALLOWED = {
    "include": [],
    "src/base": ["include"],
    "src/lookup": ["include"],
    "src/publish": ["include", "src/base"],
    "src/check": ["include", "src/base"],
    "src/build": ["include", "src/base"],
    "src/attach": ["include", "src/base"],
    "src/measure": ["include"],
    "src/inspect": ["include", "src/base", "src/publish"],
    "src/faketime": ["include", "src/base", "src/publish"],
    "src/verify": ["include", "src/base", "src/publish"],
    "src/doctor": ["include", "src/base", "src/publish", "src/attach", "src/inspect"],
    "vdsos": ["include"],
    "tool": ["include", "src/base", "src/publish", "src/build", "src/measure", "src/inspect",
             "src/faketime", "src/verify", "src/doctor"],
    "kernel/bake": ["include", "src/base", "src/build", "tool"],
    "kernel/bpf": ["include", "src/base", "src/publish", "src/attach"],
    "kernel/rig": ["include"],
}

# What is compiled into images, hooks or a kernel: it must not need the kit's inside.
INSIDE = re.compile(r"\.(vdso|update|reference|page)\.[ch]$|^sdk/")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<(vdk/[^>]+)>)', re.M)


def part(path):
    folders = path.split("/")
    return "/".join(folders[:2]) if folders[0] in ("src", "kernel") else folders[0]


def targets(path, known):
    """The tree's files that a file includes, each with the line that does it."""
    text = tree.read(path)
    for match in INCLUDE.finditer(text):
        name = match.group(1) or match.group(2)
        line = text.count("\n", 0, match.start()) + 1
        for base in (os.path.dirname(path), "src", "include", "tool"):
            candidate = os.path.normpath(os.path.join(base, name))
            if candidate in known:
                yield line, candidate
                break


def circle(graph):
    """One way from a header back to itself, or nothing."""
    done = set()

    def walk(path, way):
        if path in way:
            return way[way.index(path):] + [path]
        if path in done:
            return None
        for target in graph.get(path, ()):
            found = walk(target, way + [path])
            if found:
                return found
        done.add(path)
        return None

    for path in graph:
        found = walk(path, [])
        if found:
            return found
    return None


def main():
    code = [path for path in tree.files(".c", ".h")
            if not path.startswith(("test/", "bench/", "examples/", "proof/"))
            and not re.search(r"/(test|trial|guest|linux-[0-9.]+)/|/test-[^/]*$", path)]
    known = set(code)
    upward, inside, unknown, graph = [], [], [], {}
    for path in code:
        here = part(path)
        if here not in ALLOWED and here not in ("sdk", "man"):
            unknown.append(f"{path}: part {here} has no line in this test's table")
        for line, target in targets(path, known):
            graph.setdefault(path, []).append(target)
            there = part(target)
            if there != here and there not in ALLOWED.get(here, [there]):
                upward.append(f"{path}:{line} includes {target}: {here} may include "
                              f"{', '.join(ALLOWED[here]) or 'nothing'}")
            if INSIDE.search(path) and there not in ("include", here):
                inside.append(f"{path}:{line} includes {target}, which images cannot have")
    order = list(ALLOWED)
    for name, below in ALLOWED.items():
        upward += [f"the table lets {name} include {other}, which stands above it"
                   for other in below if order.index(other) >= order.index(name)]
    ring = circle(graph)
    tree.finish([
        (f"{len(code)} files include what lies below them", upward),
        ("what is compiled into images needs public headers only", inside),
        ("every part has its place", unknown),
        ("no header includes itself by way of others", [" -> ".join(ring)] if ring else []),
    ])


main()
