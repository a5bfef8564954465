#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The packages are built from this tree, and lintian finds nothing; in a fresh Debian they are
# installed, do their job (tests/smoke), and are removed and purged without a trace.
set -eu
. "$(dirname "$0")/../test/lib.sh"

need_root
need dpkg-buildpackage lintian debootstrap unshare dh
[ "$(. /etc/os-release; echo "${VERSION_CODENAME-}")" = bookworm ] || skip "this is not Debian 12"

# --- build ---
mkdir "$T/build"
cp -r "$VDK_SOURCE_ROOT" "$T/build/vdk" 2> /dev/null || true
rm -rf "$T/build/vdk/.git" "$T/build/vdk"/build "$T/build/vdk"/build-*
(cd "$T/build/vdk" && DEB_BUILD_OPTIONS="parallel=2 ${DEB_BUILD_OPTIONS-}" dpkg-buildpackage -us -uc -b) > "$T/build.log" 2>&1 ||
	{ tail -30 "$T/build.log"; not_ok "dpkg-buildpackage"; finish; }
packages=$(cd "$T/build" && ls -- *.deb | grep -v dbgsym | sed 's/_.*//' | sort | tr '\n' ' ')
is "dpkg-buildpackage builds" "libvdk-dev libvdk0 vdk vdk-doc vdk-vdsos " "$packages"
# There is no address yet that mail could be sent to; that one complaint is kept out.
capture lintian --allow-root --fail-on error,warning \
	--suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$T/build"/*.changes
is "lintian finds nothing" "0 " "$status $out$(grep -v 'root privileges' <<< "$err" || true)"

# --- a fresh Debian ---
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
	awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || skip "apt has no mirror of bookworm; built and linted"
debootstrap --variant=minbase bookworm "$T/debian" "$mirror" > "$T/debootstrap.log" 2>&1 ||
	skip "debootstrap: $(tail -n 1 "$T/debootstrap.log"); built and linted"
rm -rf "$T/debian/etc/apt/sources.list"* "$T/debian/etc/apt/apt.conf.d"
cp -r /etc/apt/sources.list* /etc/apt/apt.conf.d "$T/debian/etc/apt/" 2> /dev/null || true
cp /etc/resolv.conf /etc/hosts "$T/debian/etc/" 2> /dev/null || true
mkdir "$T/debian/packages" "$T/debian/packages/source"
cp "$T/build"/*.deb "$T/debian/packages/"
(cd "$VDK_SOURCE_ROOT" && cp --parents debian/tests/smoke test/lib.sh test/doc/{transcript.sh,blocks.py} README.md doc/TUTORIAL.md \
	"$T/debian/packages/source/")
rm -f "$T/debian/packages/"*dbgsym*
cat > "$T/debian/packages/inside" << 'END'
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
unset VDK VDK_SOURCE_ROOT VDK_BUILD_ROOT VDK_RUNTIME_DIR TMPDIR
listing() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /packages -o -path /var/cache -o -path /var/log -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o -print | sort; }
apt-get update -q
apt-get install -qy --no-install-recommends gcc libc6-dev pkgconf binutils golang-go python3 $(dpkg-deb -f /packages/vdk_*.deb Depends | tr ',' '\n' | sed 's/ *(.*//; /^ *libvdk/d') libjson-c5
listing > /packages/before
apt-get install -qy --no-install-recommends /packages/*.deb
echo "installed=ok" > /packages/verdict
bash /packages/source/debian/tests/smoke && echo "smoke=ok" >> /packages/verdict
apt-get remove -qy vdk vdk-vdsos vdk-doc libvdk-dev libvdk0
dpkg --purge vdk vdk-vdsos vdk-doc libvdk-dev libvdk0
listing > /packages/after
diff /packages/before /packages/after > /packages/left && echo "clean=ok" >> /packages/verdict
END
unshare -m --propagation private bash -c 'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs tmpfs "$1/run"; mount -t tmpfs tmpfs "$1/tmp"
	exec chroot "$1" bash /packages/inside' bash "$T/debian" > "$T/inside.log" 2>&1 < /dev/null || true
verdict=$(cat "$T/debian/packages/verdict" 2> /dev/null || true)
like "the packages are installed in a fresh Debian" '^installed=ok$' "$verdict"
like "... and do their job" '^smoke=ok$' "$verdict"
like "... and leave nothing behind" '^clean=ok$' "$verdict"
[ "$lib_failures" = 0 ] || { tail -40 "$T/inside.log"; cat "$T/debian/packages/left" 2> /dev/null || true; } | sed 's/^/# /'
finish
