#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
page-from-header.py HEADER.h: the section 3 page of a public header, as scdoc
page-from-header.py --names HEADER.h...: the functions and macros documented there, one a line
page-from-header.py --links FOLDER HEADER.h...: for each of them a page that leads to its header's

A public header is the manual of what it declares. So that nothing is written twice the page is
made from it: the first comment is its description, and each comment of the form
"/** NAME() - SUMMARY ... */" is a section, with the declaration that follows it; so are structures
and what has a comment of one sentence. Lines that are indented, or aligned as a table, are shown as
they are.
"""
import re
import sys
import textwrap
from pathlib import Path

COMMENT = re.compile(r"/\*\*(?!\*)(.*?)\*/[ \t]*\n", re.S)
TITLE = re.compile(r"((?:vdk|VDK)_\w+)\(\) - (.*)")
STRUCT = re.compile(r"((?:struct|enum) \w+)(?: - (.*))?")


def undecorated(comment):
    """The text of a comment without its stars, dedented."""
    lines = [re.sub(r"^[ \t]*\* ?", "", line) for line in comment.split("\n")]
    return textwrap.dedent("\n".join(lines)).strip("\n")


def declarations(code):
    """What a comment is about: a macro's head, or the prototypes up to the next empty line."""
    if code.startswith("#define"):
        head = re.match(r"#define (\w+\([^)]*\))?", code)
        return [head.group(1)] if head.group(1) else []
    block = re.sub(r"/\*.*?\*/", "", code.split("\n\n", 1)[0], flags=re.S)
    found = [re.sub(r"\s+", " ", one).strip() for one in re.split(r";\n|;$|\{", block)]
    found = [re.sub(r" __attribute__\(.*\)$", "", one) for one in found]
    return [one + ";" for one in found if re.match(r"(?!typedef)[\w ]+[ *]vdk_\w+\(", one)]


def whole(code):
    """A structure, an enumeration, a type or a constant as it stands, with its comments."""
    if re.match(r"(typedef )?(struct|enum|union)\b[^;]*?\{", code):
        return code[:re.search(r"^}.*;|[^\n]*};", code, re.M).end()].replace("\t", "    ")
    return re.match(r"(.*\\\n)*.*", code).group(0).replace("\t", "    ")


def escaped(text):
    text = re.sub(r"([\\*_`<>#~])", r"\\\1", text)
    return re.sub(r"@(\w+)", lambda m: "_" + m.group(1).replace("\\_", "_").replace("_", "\\_") + "_", text)


def paragraphs(text):
    """Blocks of lines between empty ones."""
    blocks = re.split(r"\n[ \t]*\n", text.strip("\n"))
    return [block.strip("\n").split("\n") for block in blocks if block.strip()]


def is_list(lines):
    return bool(re.match(r" *(- |@\w+:)", lines[0]))


def shown_list(lines):
    items = []
    for line in lines:
        if re.match(r" *(- |@\w+:)", line) or not items:
            items.append(re.sub(r"^ *- ", "", line).strip())
        else:
            items[-1] += " " + line.strip()
    return "\n".join("- " + escaped(item) for item in items)


def shown_returns(lines):
    """"Return: ...", "Threads: ...": a paragraph for each word."""
    parts = []
    for line in lines:
        if re.match(r"[A-Z][a-z]+: ", line) or not parts:
            parts.append(line.strip())
        else:
            parts[-1] += " " + line.strip()
    return "\n\n".join(
        re.sub(r"^([A-Z][a-z]+):\s*", r"*\1:* ", escaped(part)) for part in parts)


def shown(text):
    """One comment's text as scdoc."""
    out = []
    for lines in paragraphs(text):
        if len(lines) > 1 and re.fullmatch(r"-{3,}", lines[1].strip()):
            out.append("## " + lines[0].strip().upper())
            lines = lines[2:]
            if not lines:
                continue
        if is_list(lines):
            out.append(shown_list(lines))
        elif re.match(r"[A-Z][a-z]+: ", lines[0]):
            out.append(shown_returns(lines))
        elif any(line.startswith("  ") or "   " in line.strip() for line in lines):
            # From the first line that is set apart on, everything is.
            first = next(i for i, line in enumerate(lines) if line.startswith("  ") or "   " in line.strip())
            if first:
                out.append(escaped(" ".join(lines[:first])))
            out.append("```\n" + textwrap.dedent("\n".join(lines[first:])) + "\n```")
        else:
            out.append(escaped(" ".join(line.strip() for line in lines)))
    return "\n\n".join(out)


def sentence(summary):
    return escaped(summary[:1].upper() + summary[1:] + ("" if summary[-1] in ".?" else "."))


class Part:
    """One documented thing."""

    def __init__(self, text, code):
        first, _, rest = text.partition("\n")
        title = TITLE.match(first)
        found = declarations(code)
        self.names = [re.search(r"((?:vdk|VDK)_\w+)\(", one).group(1) for one in found]
        self.is_function = bool(found)
        self.found = "\n".join(found)
        if found:
            self.name = title.group(1) if title else self.names[0]
            self.summary, self.text = (title.group(2), rest) if title else ("", text)
        else:
            self.found = whole(code)
            named = STRUCT.match(first) or re.match(r"(?:#define )?((?:struct |enum )?\w+)()", self.found)
            self.name = named.group(1)
            self.summary = named.group(2) or "" if STRUCT.match(first) else ""
            self.text = rest if STRUCT.match(first) else text

    def print(self):
        print(f"## {escaped(self.name)}{'()' if self.is_function else ''}\n")
        if self.summary:
            print(sentence(self.summary) + "\n")
        print(f"```\n{self.found}\n```\n")
        if self.text.strip():
            print(shown(self.text) + "\n")


def parts_of(header):
    """The essay, and the parts in their order."""
    essay, parts = "", []
    for match in COMMENT.finditer(header):
        text = undecorated(match.group(1)).strip()
        if not essay and re.match(r"vdk/\S+\.h - ", text):
            essay = text
        elif re.match(r"[\w#]", header[match.end():]):
            parts.append(Part(text, header[match.end():]))
    return essay, parts


def print_page(path):
    essay, parts = parts_of(path.read_text(encoding="utf-8"))
    functions = [part for part in parts if part.is_function]
    others = [part for part in parts if not part.is_function]
    first, _, description = essay.partition("\n")
    page = "vdk_" + path.stem
    print(f"{page}(3)\n\n# NAME\n\n{page} - {first.split(' - ', 1)[1]}\n")
    print(f"# SYNOPSIS\n\n*#include <vdk/{path.name}>*\n")
    if functions:
        print("```\n" + "\n".join(part.found for part in functions) + "\n```\n")
    print(f"# DESCRIPTION\n\n{shown(description)}\n")
    for title, chosen in (("TYPES AND LIMITS", others), ("FUNCTIONS", functions)):
        if chosen:
            print(f"# {title}\n")
        for part in chosen:
            part.print()
    print("# SEE ALSO\n\n*vdk*(1), *vdk*(7)")


def names_of(path):
    """What gets a page of its own name; a function that is called as its header has that page."""
    parts = parts_of(path.read_text(encoding="utf-8"))[1]
    names = [name for part in parts if part.is_function for name in part.names]
    return [name for name in names if name != "vdk_" + path.stem]


def main():
    if sys.argv[1] == "--names":
        for path in map(Path, sys.argv[2:]):
            print("\n".join(names_of(path)))
    elif sys.argv[1] == "--links":
        for path in map(Path, sys.argv[3:]):
            for name in names_of(path):
                (Path(sys.argv[2]) / f"{name}.3").write_text(f".so man3/vdk_{path.stem}.3\n")
    else:
        print_page(Path(sys.argv[1]))


main()
