#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The blocks of a document, in Markdown or scdoc, and what their marks say.

  blocks.py cut DOCUMENT FOLDER    marked blocks as files NNN.run, NNN.setup, NNN.file (+ NNN.name)
  blocks.py unmarked DOCUMENT...   blocks with commands that nobody runs; exit status 1 if any
  blocks.py marked DOCUMENT...     the documents that have something to run

A block is a fenced one, or lines that are indented by four blanks or a tab behind an empty line. The
line before it may be a mark: <!-- MARK --> in Markdown, `; MARK` in scdoc, where MARK is one of

  run                 test/doc/transcript.sh runs it, and compares what is printed
  file: NAME          it is the text of that file
  run by: PATH        that test runs it: each command stands there, word by word
  not run: REASON     it is not run, and why
  setup: COMMAND      no block follows; the command is run at this place, unseen
"""

import os
import re
import sys

SHELLS = ("console", "sh", "bash", "shell")
OTHERS = """apt apt-get autoreconf awk bash bench/run bpftool cat cc cd chmod clang cmake cp curl cut debian docker
dpkg dpkg-buildpackage echo export gcc gdb git go grep head install kernel/rig/run ld ln ls lintian make
meson mkdir mount mv ninja nm objdump perf pip pkg-config podman proof/run ps python3 readelf rm sed sh
ssh strace sudo systemctl systemd-tmpfiles tar timeout touch unshare valgrind""".split()
COMMAND = re.compile(r"^(?:\$ .*|(?:[A-Z_]+=\S* +)*(?:vdk [a-z-]+(?: .*|$)|(?:\./|\.ci/|scripts/|build/|test/)"
                     r"\S+(?: .*|$)|(?:" + "|".join(map(re.escape, OTHERS)) + r") (?! ).*|make$|ninja$)|"
                     r"[^|]*\| vdk .*)$")
MARK = re.compile(r"^(run|file|run by|not run|setup)(?:: *(.*))?$")


class Block:
    def __init__(self, document, line, language, mark, text):
        self.document, self.line, self.language = document, line, language
        self.mark, self.argument, self.text = *mark, text

    def commands(self):
        """The lines that are commands, with what continues them; without comments behind."""
        if self.language not in ("", *SHELLS):
            return []
        lines = re.sub(r"\\\n\s*", " ", "\n".join(self.text)).split("\n")
        prompts = ("$ ", "# ") if self.language == "console" else ("$ ",)
        if any(line.startswith(prompts) for line in lines):
            lines = [line[2:] for line in lines if line.startswith(prompts)]
        elif self.language in SHELLS:
            lines = [line for line in lines if line.strip() and not line.startswith("#")]
        else:
            lines = [line for line in lines if COMMAND.match(line)]
        return [re.sub(r"\s\s+#.*", "", line).strip() for line in lines]


def mark_of(line, scdoc):
    found = re.match(r"^; (.*)$" if scdoc else r"^<!-- (.*) -->$", line)
    found = found and MARK.match(found.group(1))
    return (found.group(1), found.group(2)) if found else None


def blocks(document):
    scdoc = document.endswith(".scd")
    with open(document, encoding="utf-8") as file:
        lines = file.read().split("\n")
    mark, i = (None, None), 0
    while i < len(lines):
        line, start = lines[i], i
        fence = re.match(r"^```(\w*)$", line)
        new_mark = mark_of(line, scdoc)
        if fence:
            end = next((j for j in range(i + 1, len(lines)) if lines[j].startswith("```")),
                       len(lines))
            yield Block(document, start + 1, fence.group(1), mark, lines[i + 1:end])
            mark, i = (None, None), end
        elif new_mark and new_mark[0] == "setup":
            yield Block(document, start + 1, "", new_mark, [new_mark[1]])
        elif new_mark:
            mark = new_mark
        elif re.match(r"^(    |\t)\S", line) and not scdoc and (i == 0 or not lines[i - 1].strip()) \
                and not in_list(lines, i):
            while i < len(lines) and (not lines[i].strip() or re.match(r"^(    |\t)", lines[i])):
                i += 1
            text = [re.sub(r"^(    |\t)", "", line) for line in lines[start:i]]
            yield Block(document, start + 1, "", mark, text)
            mark = (None, None)
            continue
        elif line.strip():
            mark = (None, None)
        i += 1


def in_list(lines, i):
    """Whether an indented line is the second paragraph of a list's item: no code in Markdown."""
    while i > 0:
        i -= 1
        if lines[i].strip() and not lines[i].startswith((" ", "\t")):
            return bool(re.match(r"^([-*]|\d+\.) ", lines[i]))
    return False


def cut(document, folder):
    count = 0
    for block in blocks(document):
        if block.mark not in ("run", "file", "setup"):
            continue
        count += 1
        name = os.path.join(folder, f"{count:03}")
        text = block.text
        if block.mark == "run" and not any(line.startswith("$ ") for line in text):
            block.language = "sh"
            text = ["$ " + line + "\n..." for line in block.commands()]  # prints what it likes
        with open(f"{name}.{block.mark}", "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")
        if block.mark == "file":
            with open(f"{name}.name", "w", encoding="utf-8") as file:
                file.write(block.argument + "\n")


def complaint(block):
    """What is wrong with a block's mark, or None."""
    commands = block.commands()
    if not commands or block.mark in ("run", "file", "setup"):
        return None
    if block.mark == "not run":
        return None if block.argument else "says no reason why it is not run"
    if block.mark != "run by":
        return (f"nobody runs `{commands[0]}`; put a line before the block: "
                + ("; run" if block.document.endswith(".scd") else "<!-- run -->")
                + ", or `run by: PATH` of a test, or `not run: REASON` (test/doc/blocks.py)")
    if not os.path.exists(block.argument):
        return f"run by {block.argument}, which is not there"
    with open(block.argument, encoding="utf-8") as file:
        text = re.sub(r"\"\$VDK\"|\$vdk\b", "vdk", file.read())
    missing = [command for command in commands if command not in text]
    return f"{block.argument} does not run `{missing[0]}`" if missing else None


def main():
    what, *arguments = sys.argv[1:] or [""]
    if what == "cut" and len(arguments) == 2:
        cut(*arguments)
    elif what == "unmarked" and arguments:
        found = [f"{b.document}:{b.line}: {complaint(b)}" for d in arguments for b in blocks(d)
                 if complaint(b)]
        print("\n".join(found))
        return 1 if found else 0
    elif what == "marked":
        print("\n".join(d for d in arguments if any(b.mark == "run" for b in blocks(d))))
    else:
        raise SystemExit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
