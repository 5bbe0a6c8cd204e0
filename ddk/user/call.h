/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way into the kernel (native/driver_host.h); the tests have a kernel of their own behind it. */
#pragma once

#include <base/types.h>
#include <native/driver_host.h>

long kernel_call(enum host_call call, uint64_t first, uint64_t second, uint64_t third,
		 uint64_t fourth, uint64_t fifth);

static inline long kernel_call0(enum host_call call)
{
	return kernel_call(call, 0, 0, 0, 0, 0);
}

static inline long kernel_call1(enum host_call call, uint64_t first)
{
	return kernel_call(call, first, 0, 0, 0, 0);
}

static inline long kernel_call2(enum host_call call, uint64_t first, uint64_t second)
{
	return kernel_call(call, first, second, 0, 0, 0);
}

static inline long kernel_call3(enum host_call call, uint64_t first, uint64_t second,
				uint64_t third)
{
	return kernel_call(call, first, second, third, 0, 0);
}

static inline long kernel_call4(enum host_call call, uint64_t first, uint64_t second,
				uint64_t third, uint64_t fourth)
{
	return kernel_call(call, first, second, third, fourth, 0);
}

/* As an argument. */
static inline uint64_t address_of(const volatile void *memory)
{
	return (uintptr_t)memory;
}

/* True if the result of a call is an error and no address or count. */
static inline bool call_failed(long result)
{
	return result < 0 && result >= -4095;
}
