# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for vdk(1). Commands and options are asked of the program, so they are its own.
function __vdk_commands
	vdk --help 2> /dev/null | sed -n 's/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __vdk_options
	set -l words (commandline -opc)
	vdk $words[2] --help 2> /dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u
	echo -- --help
end

function __vdk_names
	vdk ls 2> /dev/null | awk 'NR > 1 { print $1 }'
end

function __vdk_has_command
	test (count (commandline -opc)) -ge 2
end

complete -c vdk -n 'not __vdk_has_command' -f -a '(__vdk_commands)'
complete -c vdk -n '__vdk_has_command; and string match -q -- "-*" (commandline -ct)' -f -a '(__vdk_options)'
complete -c vdk -n '__fish_seen_subcommand_from get ls publish run set unpublish watch check verify bench symbols' -a '(__vdk_names)'
complete -c vdk -n '__fish_seen_subcommand_from auxv dump maps doctor perf-map' -a '(__fish_complete_pids)'
