# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the tree share: its files, and how a verdict is printed."""

import os
import subprocess
import sys

ROOT = os.environ.get("VDK_SOURCE_ROOT") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
)

# Made by programs, or by other people's programs for comparison.
NOT_WRITTEN = ("test/compat/samples/", "LICENSES/", "build", "doc/pictures/")


def files(*suffixes):
    """The tree's own files with one of these endings, as paths below its root."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        below = os.path.relpath(folder, ROOT)
        folders[:] = [
            name for name in sorted(folders)
            if not name.startswith(".") and not (below == "." and name.startswith("build"))
        ]
        for name in sorted(names):
            path = os.path.normpath(os.path.join(below, name))
            if name.endswith(suffixes) and not path.startswith(NOT_WRITTEN):
                found.append(path)
    return found


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def need(program):
    try:
        subprocess.run([program, "--version"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        print(f"skipped: no {program} here (scripts/install-deps test)")
        sys.exit(77)


def finish(checks):
    """Print (what, problems) pairs in the manner of TAP; exit 0 if there is no problem."""
    failed = 0
    for number, (what, problems) in enumerate(checks, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {what}")
        for problem in problems:
            print(f"#   {problem}")
        failed += bool(problems)
    print(f"1..{len(checks)}")
    sys.exit(1 if failed else 0)
