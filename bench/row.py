# SPDX-License-Identifier: LGPL-2.1-or-later
"""
A row is what the table shows of one figure; `limit` is the target of the figure that `of` names
("ratio" or "value"), and a row without a limit is there to be held against.
"""


def row(name, unit, value, p999=None, ratio=None, to=None, of=None, limit=None, note=None):
    measured = {"ratio": ratio, "value": value}.get(of)
    return {
        "name": name, "unit": unit, "value": value, "p999": p999, "ratio": ratio, "to": to,
        "of": of, "limit": limit, "note": note,
        "met": None if limit is None or measured is None else measured <= limit,
    }


def call_row(subject, limit=None, note=None):
    return row(subject["name"], "ns", subject["ns"]["median"], subject["ns"]["p999"],
               subject.get("ratio"), subject.get("base"), "ratio" if limit else None, limit, note)


def command_row(name, result, limit=None, note=None):
    return row(name, "ms", result["ms"]["median"], result["ms"]["p999"],
               result["ratio"]["median"] if "ratio" in result else None, result.get("base"),
               "ratio" if limit else None, limit, note)
