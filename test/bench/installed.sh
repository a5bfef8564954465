#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk bench of a moved installation: it starts itself anew under vdk run, knows the ready vDSOs'
# headers, and finds what the curves' images are built with.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

need meson
install_kit "$T/root"
prefix=$(find "$T/root" -name vdk -path '*/bin/vdk' | sed 's,/bin/vdk$,,')
mv "$prefix" "$T/moved"
hostinfo=$(find "$T/moved" -name hostinfo.so)
VDK=$T/moved/bin/vdk
unset VDK_BUILD_ROOT

"$VDK" publish --no-update hostinfo "$hostinfo" > /dev/null
capture "$VDK" bench --quick --curves --json --vdso hostinfo 'vdk_hostinfo_load*'
is "exit status" 0 "$status"
is "the ready vDSO's functions" "vdk_hostinfo_load(&64, 64) vdk_hostinfo_load1()" \
	"$(value "$T/out" '" ".join(sorted(r["call"] for r in d["results"] if r["way"] == "attached"))')"
is "the curves" "7 5" "$(value "$T/out" '" ".join(str(len(c["points"])) for c in d["curves"][:2])')"
finish
