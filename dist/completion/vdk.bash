# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for vdk(1). Commands and options are asked of the program, so they are its own.
_vdk() {
	local current=${COMP_WORDS[COMP_CWORD]} vdk=${COMP_WORDS[0]} command= i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	if [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "--help --version $("$vdk" --help 2> /dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$current")
		return
	fi
	# What comes behind -- is another program's command line.
	for ((i++; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then
			mapfile -t COMPREPLY < <(compgen -c -f -- "$current")
			return
		fi
	done
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--help $("$vdk" "$command" --help 2> /dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u)" -- "$current")
		return
	fi
	case $command in
	get | ls | publish | run | set | unpublish | watch | check | verify | bench | symbols)
		mapfile -t COMPREPLY < <(compgen -W "$("$vdk" ls 2> /dev/null | awk 'NR > 1 { print $1 }')" -- "$current")
		;;
	auxv | dump | maps | doctor | perf-map)
		mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$current")
		;;
	esac
	compopt -o default 2> /dev/null || true
}
complete -F _vdk vdk
