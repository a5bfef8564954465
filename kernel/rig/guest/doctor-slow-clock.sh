#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk doctor on kernels that are ill for certain, and on the same kernel well: a clock source that the vDSO
# cannot read, no vDSO at all, Yama's settings; and a program that makes its own system calls.
# boot: baked
# boot: baked clocksource=acpi_pm
# boot: baked vdso=0
# program: doctor-calls.c
# timeout: 180
. /rig/lib.sh

clock=/sys/devices/system/clocksource/clocksource0/current_clocksource
yama=/proc/sys/kernel/yama/ptrace_scope
capture vdk doctor
case $RIG_BOOT in
*acpi_pm*)
	is "slow clock: exit" 1 "$status"
	like "slow clock: named" '^clock-source: ' "$out"
	like "slow clock: seen in /sys" "$clock: acpi_pm" "$out"
	like "slow clock: measured" 'clock_gettime by the vDSO [0-9]+ ns, by the system call [0-9]+ ns' "$out"
	like "slow clock: the boot option is the reason" '^boot-clock: ' "$out"
	like "slow clock: its evidence" '/proc/cmdline: clocksource=acpi_pm' "$out"
	like "slow clock: costs" 'costs: each look at the clock takes [0-9]+ ns' "$out"
	capture vdk doctor -- doctor-calls libc 2000
	is "slow clock: a program: exit" 1 "$status"
	like "slow clock: its calls come out of the vDSO" '2000 times clock_gettime from \[vdso\]' "$out"
	unlike "slow clock: they are not laid to the program" '^raw-calls' "$out"
	;;
*vdso=0*)
	is "no vDSO: exit" 1 "$status"
	like "no vDSO: named" '^boot-vdso: ' "$out"
	like "no vDSO: seen" '/proc/cmdline: vdso=0' "$out"
	unlike "no vDSO: told once" '^vdso-missing' "$out"
	like "no vDSO: costs" 'costs: each look at the clock takes [0-9]+ ns' "$out"
	;;
*)
	is "well: exit" 0 "$status"
	like "well: told" '^healthy' "$out"
	unlike "well: nothing is found" '^[a-z-]+: ' "$(printf '%s\n' "$out" | grep -v -e '^seen:' -e '^not examined:')"
	is "well: no JSON finding" 0 "$(vdk doctor --json | grep -c '"id"')"
	capture vdk doctor -- doctor-calls libc 2000
	is "well: a program that uses the vDSO: exit" 0 "$status"
	capture vdk doctor -- doctor-calls raw 2000
	# Whether they are worth a finding is a matter of time, of which an emulated processor has its own idea.
	like "a program with its own system calls: counted" 'reached the kernel: 2000 in' "$out"
	if [ -e $yama ]; then
		chmod 755 "$PWD"
		for scope in 1 2; do
			echo $scope > $yama
			capture su nobody -s /bin/sh -c 'vdk doctor'
			case $scope in
			1) like "Yama 1: a note" '^note: yama-follow' "$out" ;;
			2) like "Yama 2: a finding" '^yama-attach: ' "$out" ;;
			esac
			is "Yama $scope: exit" $((scope - 1)) "$status"
			capture vdk doctor
			is "Yama $scope: root may: exit" 0 "$status"
		done
		echo 0 > $yama
	fi
	;;
esac
finish
