// SPDX-License-Identifier: MIT
//
// What time is it really? In C++, linked with the stub libfaketime.so of vdk: its function is called
// like any other. Such a program starts only under `vdk faketime`.
//
//     c++ -I INCLUDE truth.cc -o truth -L LIB -lfaketime && vdk faketime +1y ./truth

#include <chrono>
#include <ctime>
#include <iostream>

#include "faketime.h"

int main()
{
	const auto shown = std::chrono::system_clock::now();
	timespec now;

	if (vdk_faketime_true(CLOCK_REALTIME, &now))
		return 1;
	std::cout << "shown " << std::chrono::system_clock::to_time_t(shown) << '\n'
	          << "true " << now.tv_sec << '\n';
}
