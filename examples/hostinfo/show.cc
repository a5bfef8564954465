// SPDX-License-Identifier: MIT
//
// hostinfo in C++, linked with the stub libhostinfo.so: its functions are called like any others.
// Such a program starts only with hostinfo attached.
//
//     c++ -I INCLUDE show.cc -o show -L LIB -lhostinfo && vdk run --vdso hostinfo -- ./show

#include <cstdint>
#include <cstring>
#include <iostream>
#include <optional>

#include "hostinfo-known.h"
#include "hostinfo.h"

template <typename Struct>
static std::optional<Struct> get(int (*function)(Struct *, size_t))
{
	Struct value;
	const int error = function(&value, sizeof(value));

	if (error) {
		std::cerr << "hostinfo: " << std::strerror(-error) << '\n';
		return std::nullopt;
	}
	return value;
}

int main()
{
	const auto memory = get(vdk_hostinfo_memory);
	const auto identity = get(vdk_hostinfo_identity);

	if (!memory || !identity)
		return 1;
	if (memory->known & HOSTINFO_MEMORY_TOTAL)
		std::cout << "total " << memory->total << '\n';
	if (const int64_t available = vdk_hostinfo_memory_available(); available >= 0)
		std::cout << "available " << available << '\n';
	if (identity->known & HOSTINFO_IDENTITY_HOSTNAME)
		std::cout << "hostname " << identity->hostname << '\n';
}
