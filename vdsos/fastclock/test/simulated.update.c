/* SPDX-License-Identifier: MIT */
/*
 * fastclock's publisher over clocks that the test leads astray; the real ones are not touched.
 *
 * FASTCLOCK_SIMULATED names what happens, at random moments:
 *
 *   slew      CLOCK_MONOTONIC runs up to 500 ppm fast or slow, another rate every 20 to 500 ms
 *   step      CLOCK_REALTIME is set, up to 10 s to and fro
 *   distrust  every 1 to 2 s the TSC is not the clock source, for a tenth of a second
 *   suspend   every second the machine has slept for 5 s
 *   shift     CLOCK_REALTIME is 10^9 seconds ahead, so that it can be told whose clock a program has
 *   wake      the descriptor that tells of set clocks is readable every 50 ms
 *   ntp       the NTP state turns from synchronised (1 ms) to unsynchronised every 2 s
 */
#define FASTCLOCK_KERNEL "test/simulated.h"
#include "../fastclock.update.c"
