# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows as a table for people."""

WIDTHS = (46, 15, 12, 9, 10)


def figure(value, unit=""):
    if value is None:
        return ""
    if unit == "" and value == int(value):
        text = f"{int(value):,}"
    elif abs(value) >= 1000:
        text = f"{value:,.0f}"
    elif abs(value) >= 100:
        text = f"{value:.1f}"
    else:
        text = f"{value:.3f}" if unit in ("ms", "tries") else f"{value:.2f}"
    return f"{text} {unit}".rstrip()


def ratio(value):
    if value is None:
        return ""
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}"


def target(row):
    if row["limit"] is None:
        return ""
    return "<= " + (ratio(row["limit"]) if row["of"] == "ratio"
                    else figure(row["limit"], row["unit"]))


def verdict(row):
    return {True: "met", False: "MISSED", None: ""}[row["met"]]


def lines(sections):
    """Text lines; sections is {title: [row]}."""
    for title, rows in sections.items():
        yield ""
        yield title
        head = ("", "median", "p99.9", "ratio", "target")
        yield "  " + cells(head)
        for row in rows:
            middle = (row["name"], figure(row["value"], row["unit"]),
                      figure(row["p999"]), ratio(row["ratio"]), target(row))
            tail = "  ".join(word for word in (verdict(row), row["note"] or "") if word)
            yield ("  " + cells(middle) + "  " + tail).rstrip()


def cells(words):
    first, *others = words
    return first.ljust(WIDTHS[0]) + "".join(
        word.rjust(width) for word, width in zip(others, WIDTHS[1:]))


def summary(sections):
    rows = [row for group in sections.values() for row in group if row["met"] is not None]
    missed = [row["name"] for row in rows if not row["met"]]
    if not rows:
        return "no figure here has a target"
    text = f"{len(rows) - len(missed)} of {len(rows)} targets met"
    return text + ("" if not missed else "; missed: " + "; ".join(missed))
