#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every finished page is good manual markup: test-lint.sh MANDOC PAGE...
set -eu

mandoc=$1
shift
failures=0
for page; do
	# scdoc ends headings and lists with paragraphs that mandoc finds superfluous: only those.
	found=$("$mandoc" -T lint -W warning "$page" | grep -v 'skipping paragraph macro: PP' || true)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		failures=$((failures + 1))
	fi
done
echo "$# pages, $failures with faults"
[ "$failures" = 0 ]
