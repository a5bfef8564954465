#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Pages are shared between time namespaces: their times are those of the initial one.
set -eu
. "$(dirname "$0")/../lib.sh"
need unshare perl
unshare -T --monotonic 1000000 true 2> /dev/null || skip "cannot make a time namespace here"

image sample
away() { unshare -T --monotonic "$@"; }
age_ms() { perl -ne '/"age_ns":(\d+)/ and print int($1 / 1000000)' <<< "$("$@" "$VDK" ls --json)"; }
state() { "$@" "$VDK" ls | awk '$1 == "sample" { print $5 }'; }

"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample --void-after 100s pair.count=1
for offset in 1000000 -1000; do
	near "age, seen $offset s away" 0 "$(age_ms away "$offset")" 10000
	is "state, seen $offset s away" live "$(state away "$offset")"
	away "$offset" "$VDK" set sample --void-after 100s pair.count=2
	near "age of a value set $offset s away" 0 "$(age_ms env)" 10000
	is "state of a value set $offset s away" live "$(state env)"
done
away 1000000 "$VDK" set sample --void-after 1ms pair.count=3
sleep 0.05
is "void is void for all" "void void" "$(state env) $(state away 5000)"
finish
