#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The clock is set and the machine sleeps: in the kernel rig, since neither may happen to the machine
# that tests. `make check` runs the same by its suite `kernel`. In full, three times.
set -eu
. "$(dirname "$0")/lib.sh"

for ((round = 0; round < $(by_length 1 3); round++)); do
	status=0
	"$VDK_SOURCE_ROOT/kernel/rig/run" --only torture-clocks --log "$T/logs" > "$T/told" 2>&1 || status=$?
	[ "$status" != 77 ] || skip "$(tail -n 1 "$T/told")"
	is "round $round, in the emulator" 0 "$status"
	[ "$status" = 0 ] || sed 's/^/# /' "$T/told"
	grep -h '^figure ' "$T"/logs/*/test.log || :
done
finish
