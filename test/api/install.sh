#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An installation, moved to another place, serves a stranger: commands, SDK, library, pkg-config.
set -eu
. "$(dirname "$0")/../lib.sh"

need meson pkg-config gcc
install_kit "$T/root"
(cd "$T/installed" && meson --internal uninstall) > "$T/uninstall.log" 2>&1
is "uninstalling leaves nothing, not even a folder" "" "$(find "$T/root" 2> /dev/null)"
install_kit "$T/root"
prefix=$(find "$T/root" -name vdk -path '*/bin/vdk' | sed 's,/bin/vdk$,,')
is "the command is installed" yes "$([ -x "$prefix/bin/vdk" ] && echo yes)"
mv "$prefix" "$T/moved"
prefix=$T/moved
pc=$(find "$prefix" -name vdk.pc)
libdir=$(dirname "$(dirname "$pc")")
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH PATH=$prefix/bin:$PATH
flags() { pkg-config "$@" vdk; }
unset VDK VDK_BUILD_ROOT

# The example, outside the tree, by pkg-config alone.
cp -r "$VDK_SOURCE_ROOT/examples/quote" "$T/quote"
cd "$T/quote"
is "the installed kit builds an image" "" "$(vdk build quote.page.h quote.vdso.c -o quote.so 2>&1)"
is "... which its checker finds clean" 0 "$(vdk check quote.so > "$T/check"; echo $?)"
gcc -Wall -Wextra -Werror service.c $(flags --cflags --libs) -o service 2>&1
gcc -Wall -Wextra -Werror reader.c -I. $(flags --cflags) libquote.so -o reader 2>&1
gcc -static service.c $(flags --cflags) $(flags --static --libs) -o service-static 2>&1
export LD_LIBRARY_PATH=$libdir
for service in ./service ./service-static; do
	is "$service publishes" 0 "$($service quote.so 666 2>&1; echo $?)"
	is "... and the reader reads" "BEAST 66600 66602, middle 66601" \
		"$(vdk run --vdso quote -- ./reader 2>&1)"
done
is "vdk get reads the same" 66600 "$(vdk get quote quote.bid)"
is "the passthrough image is found" 0 "$(vdk run --once -- true; echo $?)"
is "the look-up's pair of files" "lookup.h vdk_lookup.c" "$(cd "$prefix/share/vdk/lookup" && echo *)"
finish
