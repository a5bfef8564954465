#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Keep what this version makes, for later versions to be held against: keep.sh RELEASE
#
# Once for each release, and never again for a release that is out. Samples are binary files that a
# build of exactly that release made; they lie in samples/RELEASE.
set -eu
. "$(dirname "$0")/../lib.sh"

folder=$(cd "$(dirname "$0")" && pwd)
samples=$folder/samples/$1
mkdir -p "$samples"
cp -r "$folder/room" "$T/"
cd "$T"
"$VDK" build room -o room.so
strip --strip-debug room.update.so
"$VDK" publish --no-update room room.so > /dev/null
"$VDK" set room room.celsius=21.5 room.humidity=0.25 room.people=3 room.updates=7 room.open=true \
	room.name=laboratory room.doors=-1,0,1 'room.seats[0].row=4' 'room.seats[1].seat=9' \
	limits.lowest=-9223372036854775808 limits.highest=9223372036854775807
"$VDK" get room > "$samples/room.values"
cp "$VDK_RUNTIME_DIR/room/page" "$samples/room.page"
cp room.so room.update.so "$samples/"
chmod 644 "$samples"/*
abidw --no-corpus-path --no-comp-dir-path --no-show-locs --headers-dir "$VDK_SOURCE_ROOT/include/vdk" \
	--drop-private-types "$VDK_BUILD_ROOT/src/libvdk.so.0" | sed "s,'[^']*$VDK_SOURCE_ROOT/,',; s,$VDK_SOURCE_ROOT/,," > "$samples/libvdk.abi"
! grep -l -F -e "$T" -e "$VDK_SOURCE_ROOT" -e "$VDK_BUILD_ROOT" "$samples"/* || { echo "a path of this machine" >&2; exit 1; }
