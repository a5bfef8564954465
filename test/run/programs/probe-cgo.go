// SPDX-License-Identifier: LGPL-2.1-or-later

//go:build cgo

package main

// #include <stdlib.h>
// #include <time.h>
// #include "vdk_lookup.c" // listed files must be Go, so it comes in this way
// static long c_seconds(void) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); return t.tv_sec; }
// static int c_beast(void)
// {
//	int (*beast)(void) = (int (*)(void))vdk_lookup("__vdso_vget_number_of_the_beast", NULL);
//	return beast ? beast() : -1;
// }
import "C"

import "fmt"

func extra() {
	fmt.Println("time c", int64(C.c_seconds()))
	if beast := int(C.c_beast()); beast < 0 {
		fmt.Println("beast none")
	} else {
		fmt.Println("beast", beast)
	}
}
