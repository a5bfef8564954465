// SPDX-License-Identifier: MIT

// A Go program that calls a vDSO function of its own choice, through the look-up.
package main

// #include <vdk/lookup.h>
// static int beast(void)
// {
//	int (*f)(void) = (int (*)(void))vdk_lookup("__vdso_number_of_the_beast", "LINUX_2.6");
//	return f ? f() : -1;
// }
import "C"

import "fmt"

func main() {
	fmt.Printf("His number is %d\n", int(C.beast()))
}
