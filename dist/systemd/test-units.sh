#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The units under a real systemd: process 1 of a process namespace, with nothing but these units.
set -eu
. "$(dirname "$0")/../../test/lib.sh"

need_root
need unshare systemctl meson
systemd=/lib/systemd/systemd
[ -x $systemd ] || skip "no systemd here (scripts/install-deps test)"

# The installation as the units know it, to be laid over its prefix in a mount namespace.
install_kit "$T/root"
unit=$(find "$T/root" -name vdk-hostinfo.service)
prefix=${unit%/lib/systemd/system/vdk-hostinfo.service}
export prefix root_prefix=${prefix#"$T/root"}
vdsos=$(sed -n 's/^RequiresMountsFor=//p' "$unit")
image notb
cp "$image" "${image%.so}.update.so" "$T/root$vdsos/"

mkdir "$T/units"
for target in sysinit basic shutdown multi-user umount final exit; do
	printf '[Unit]\nDefaultDependencies=no\n' > "$T/units/$target.target"
done
cp /lib/systemd/system/systemd-exit.service /lib/systemd/system/exit.target "$T/units/"
cp "$prefix"/lib/systemd/system/vdk-*.service "$T/units/"
cat > "$T/units/vdk-test.target" << 'END'
[Unit]
DefaultDependencies=no
Wants=vdk-test.service vdk-fastclock.service vdk-hostinfo.service vdk-publish@notb.service
END
cat > "$T/units/vdk-test.service" << END
[Unit]
After=vdk-fastclock.service vdk-hostinfo.service vdk-publish@notb.service
[Service]
Type=oneshot
Environment=root_prefix=$root_prefix
ExecStart=/bin/bash $T/inside
StandardOutput=file:$T/seen
StandardError=file:$T/seen.err
ExecStopPost=/bin/systemctl exit 42
END

# What is looked at in there: one line for each.
cat > "$T/inside" << 'END'
unset VDK_RUNTIME_DIR
PATH=$PATH:/bin:/usr/bin
vdk() { "$root_prefix/bin/vdk" "$@"; }
saw() { echo "$1=$2"; }
until_is() { # until_is EXPECTED COMMAND...: its last output, as soon as that is it
	local found
	for _ in $(seq 400); do
		found=$("${@:2}" 2>&1)
		[ "$found" = "$1" ] && break
		sleep 0.02
	done
	echo "$found"
}
state() { vdk ls | awk -v name="$1" '$1 == name { print $5 }'; }
main() { systemctl show -P MainPID "$1"; }
units='vdk-fastclock.service vdk-hostinfo.service vdk-publish@notb.service'
for unit in $units; do
	saw "active $unit" "$(until_is active systemctl show -P ActiveState "$unit")"
done
for name in fastclock hostinfo notb; do
	saw "state $name" "$(until_is live state $name)"
done
saw value "$(vdk get notb notb.vnotb)"
saw attached "$(vdk run --vdso hostinfo -- sh -c 'grep -c hostinfo/image.so /proc/self/maps')"
for unit in $units; do
	first=$(main "$unit")
	kill -KILL "$first"
	another() { [ "$(main "$unit")" != "$first" ] && [ "$(main "$unit")" != 0 ] && systemctl show -P ActiveState "$unit"; }
	saw "restarted $unit" "$(until_is active another)"
done
saw "state again" "$(until_is live state hostinfo)"
# Stopped by the watchdog: a publisher that hangs.
first=$(main vdk-hostinfo.service)
kill -STOP "$first"
for _ in $(seq 150); do [ "$(main vdk-hostinfo.service)" != "$first" ] && break; sleep 0.1; done
saw watchdog "$(until_is live state hostinfo)"
systemctl stop $units
saw stopped "$(vdk ls | awk 'NR > 1 { print $1 }' | sort | tr '\n' ' ')"
saw "last value" "$(vdk get notb notb.vnotb)"
saw "coarse taken back" "$(vdk get fastclock fastclock_coarse.monotonic_nsec)"
systemctl start vdk-publish@notb.service
saw "started again" "$(until_is live state notb)"
saw done done
END

status=0
timeout -k 5 120 env container=vdk SYSTEMD_UNIT_PATH="$T/units" unshare -pfm --mount-proc --propagation private \
	bash -c 'mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p "$root_prefix" && mount --bind "$prefix" "$root_prefix" &&
		systemd-tmpfiles --create "$prefix"/lib/tmpfiles.d/vdk.conf &&
		exec '$systemd' --system --unit=vdk-test.target --log-target=console --show-status=no' \
	> "$T/systemd.log" 2>&1 < /dev/null || status=$?
[ -e "$T/seen" ] || skip "systemd does not run in a namespace here: $(tail -n 1 "$T/systemd.log")"
is "systemd ended as the test told it to" 42 "$status"

seen() { sed -n "s/^$1=//p" "$T/seen"; }
for unit in vdk-fastclock vdk-hostinfo vdk-publish@notb; do
	is "$unit starts" active "$(seen "active $unit.service")"
done
if [ "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)" = tsc ]; then
	is "fastclock's page is live" live "$(seen 'state fastclock')"
fi
is "hostinfo's page is live" live "$(seen 'state hostinfo')"
is "notb's page is live" live "$(seen 'state notb')"
is "its value" 666 "$(seen value)"
is "a program finds the system's publication" 1 "$(seen attached)"
for unit in vdk-fastclock vdk-hostinfo vdk-publish@notb; do
	is "$unit is killed: systemd starts it anew" active "$(seen "restarted $unit.service")"
done
is "... and readers have live values again" live "$(seen 'state again')"
is "a publisher that hangs is replaced (WatchdogSec)" live "$(seen watchdog)"
is "stopped: the publications stay" "fastclock hostinfo notb " "$(seen stopped)"
is "... with their values" 666 "$(seen 'last value')"
is "... but for the coarse ones, which say nothing of their age" 0 "$(seen 'coarse taken back')"
is "started again: taken over" live "$(seen 'started again')"
is "the test came to its end" 'done' "$(seen 'done')"
[ "$lib_failures" = 0 ] || sed 's/^/# /' "$T/seen" "$T/seen.err" "$T/systemd.log"
finish
