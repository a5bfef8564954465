#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# servers.sh openssl|postgres|redis|cron|crond - programs that people fake the time for
#
# Servers run on a private socket, as an unprivileged user where the test is root's, and are
# stopped at the end.
set -eu
. "$(dirname "$0")/../lib.sh"

export LC_ALL=C TZ=UTC
user=()
become() { # become USER: run the server as that one
	if [ "$(id -u)" = 0 ]; then
		id -u "$1" > /dev/null 2>&1 || skip "no user $1 here"
		user=(setpriv --reuid "$1" --regid "$1" --clear-groups)
		chown "$1" "$T/server"
	fi
}
mkdir "$T/server"

openssl_expiry() {
	need openssl
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key" -out "$T/ca.pem" -days 30 \
		-subj /CN=test 2> /dev/null
	capture openssl verify -CAfile "$T/ca.pem" "$T/ca.pem"
	is "natively the certificate is good" 0 "$status"
	capture "$VDK" faketime +31d openssl verify -CAfile "$T/ca.pem" "$T/ca.pem"
	is "31 days later it is not" 2 "$status"
	like "31 days later: why" 'certificate has expired' "$out$err"
	capture "$VDK" faketime -1d openssl verify -CAfile "$T/ca.pem" "$T/ca.pem"
	like "a day before it was made" 'not yet valid' "$out$err"
	capture "$VDK" faketime +29d openssl x509 -in "$T/ca.pem" -noout -checkend 3600
	is "29 days later it lasts for an hour" 0 "$status"
	capture "$VDK" faketime +29d openssl x509 -in "$T/ca.pem" -noout -checkend 172800
	is "but not for two days" 1 "$status"
}

postgres_now() {
	local bin pid
	bin=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | tail -1)
	[ -n "$bin" ] || skip "no PostgreSQL here (scripts/install-deps test)"
	become postgres
	(cd "$T/server" && "${user[@]}" "$bin/initdb" -A trust -U postgres --no-sync -D "$T/server/data" > "$T/log" 2>&1) ||
		{ not_ok "initdb" "$(cat "$T/log")"; finish; }
	query() { "$bin/psql" -h "$T/server" -U postgres -XAtc "$1" 2>&1; }
	(cd "$T/server" && exec "$VDK" faketime --name db +1y "${user[@]}" "$bin/postgres" -D "$T/server/data" \
		-k "$T/server" -c listen_addresses= -c fsync=off) > "$T/log" 2>&1 &
	pid=$!
	at_end "kill -INT $pid 2> /dev/null && wait $pid"
	wait_for 30 query 'select 1' || { not_ok "the server starts" "$(cat "$T/log")"; return; }
	seconds() { query 'select extract(epoch from clock_timestamp())::bigint'; }
	near "now() a year from now" $(($(date +%s) + 31536000)) "$(seconds)" 3
	near "now() itself" $(($(date +%s) + 31536000)) "$(query 'select extract(epoch from now())::bigint')" 3
	"$VDK" faketime --control db step +1h
	near "now() after a step" $(($(date +%s) + 31539600)) "$(seconds)" 3
	"$VDK" faketime --control db set '@1000000000'
	"$VDK" faketime --control db freeze
	is "a frozen server" "$(query 'select now()')" "$(query 'select now()')"
	near "set to 2001" 1000000000 "$(seconds)" 3
	query 'create table t (at timestamptz default now()); insert into t default values' > /dev/null
	is "a default value" 2001-09-09 "$(query 'select at::date from t')"
	kill -INT "$pid"
	wait "$pid" && ok "the server stops by itself" || not_ok "the server stops by itself" "$(tail -5 "$T/log")"
}

redis_expiry() {
	local pid
	need redis-server redis-cli
	become redis
	cli() { redis-cli -s "$T/server/socket" "$@" 2>&1; }
	(cd "$T/server" && exec "$VDK" faketime --name cache +1d "${user[@]}" redis-server --port 0 \
		--unixsocket "$T/server/socket" --unixsocketperm 777 --save '' --appendonly no) > "$T/log" 2>&1 &
	pid=$!
	at_end "kill $pid 2> /dev/null && wait $pid"
	wait_for 20 sh -c "redis-cli -s '$T/server/socket' ping | grep -q PONG" ||
		{ not_ok "the server starts" "$(cat "$T/log")"; return; }
	near "TIME a day from now" $(($(date +%s) + 86400)) "$(cli time | head -1)" 3
	is "set a key for 100 s" OK "$(cli set key value ex 100)"
	is "it is there" value "$(cli get key)"
	"$VDK" faketime --control cache step +90s
	is "90 s later it still is" value "$(cli get key)"
	near "with 10 s to live" 10 "$(cli ttl key)" 2
	"$VDK" faketime --control cache step +11s
	is "11 s later it is not" "" "$(cli get key)"
	cli shutdown nosave || :
	wait "$pid" && ok "the server stops by itself" || not_ok "the server stops by itself" "$(tail -5 "$T/log")"
}

# A job for three in the morning of New Year's Day rings then, and at no other time. Both daemons sleep
# for the true time until their clock's next minute; where it jumped meanwhile they catch up.
cron_started() { # cron_started SPEC COMMAND...
	rm -f "$T/rang"
	"$VDK" faketime --name cron "$@" > "$T/log" 2>&1 &
	pid=$!
	at_end "kill $pid 2> /dev/null"
	wait_for 10 "$VDK" faketime --control cron show || not_ok "the daemon is there" "$(cat "$T/log")"
}

cron_ended() {
	kill "$pid"
	wait "$pid" || :
	wait_for 5 test ! -e "$VDK_RUNTIME_DIR/faketime-cron" || not_ok "the tree is gone"
}

cron_rings() { # cron_rings COMMAND...: a daemon whose table has the job
	local pid

	cron_started '2029-12-31 14:59:57Z' "$@"
	sleep 4
	[ ! -e "$T/rang" ] && ok "not on any afternoon" || not_ok "not on any afternoon" "$(cat "$T/rang")"
	cron_ended
	cron_started '2030-01-01 02:59:57Z' "$@"
	wait_for 20 test -s "$T/rang" || not_ok "it rings" "$(cat "$T/log")"
	like "on New Year's Day, at three" '^2030-01-01T03:00' "$(cat "$T/rang")"
	cron_ended
	cron_started '2030-01-01 02:29:52Z' "$@"
	"$VDK" faketime --control cron step +30m
	wait_for 30 test -s "$T/rang" || not_ok "it rings" "$(cat "$T/log")"
	like "and when the clock is stepped there" '^2030-01-01T03:00' "$(cat "$T/rang")"
	cron_ended
}

cron_table() { echo "0 3 1 1 * date -u -Iseconds >> '$T/rang'"; } # no %: only one of them lets it be quoted

# Run a daemon with the machine's tables out of sight, and with a /run of its own, where the lock is
# that only one cron of a machine can have.
cron_apart() { # cron_apart COMMAND...
	need_root
	need unshare
	cat > "$T/inside" <<- 'END'
		set -e
		table=$1
		shift
		mount -t tmpfs none /run
		mount -t tmpfs none /etc/cron.d
		mount -t tmpfs none /var/spool/cron
		mount --bind /dev/null /etc/crontab
		mkdir -m 1730 /var/spool/cron/crontabs
		install -m 600 "$table" /var/spool/cron/crontabs/root
		chgrp crontab /var/spool/cron/crontabs /var/spool/cron/crontabs/root
		exec "$@"
	END
	cron_table > "$T/table"
	unshare -m --propagation private sh "$T/inside" "$T/table" true > "$T/log" 2>&1 ||
		skip "no mount namespaces here: $(tail -1 "$T/log")"
	cron_rings unshare -m --propagation private sh "$T/inside" "$T/table" "$@"
}

debian_cron() {
	need cron
	cron_apart cron -f
}

busybox_crond() {
	need busybox
	busybox --list | grep -qx crond || skip "no crond in this busybox"
	cron_apart busybox crond -f -l 0 -L "$T/log.crond"
}

case $1 in
cron) debian_cron ;;
crond) busybox_crond ;;
openssl) openssl_expiry ;;
postgres) postgres_now ;;
redis) redis_expiry ;;
esac
finish
