/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_NOTIFY_H
#define VDK_TOOL_NOTIFY_H

/*
 * Tell the service manager how we are: sd_notify(3)'s protocol, datagrams of VARIABLE=VALUE lines
 * to the socket that $NOTIFY_SOCKET names. Without that variable nothing happens. Nobody depends
 * on the answer, so errors are not reported.
 */

#include <stdint.h>

void notify(const char *state);

/* How often WATCHDOG=1 is expected, in ns; 0: never ($WATCHDOG_USEC, $WATCHDOG_PID). */
uint64_t notify_watchdog(void);

#endif
