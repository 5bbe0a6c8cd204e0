/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's calls, as they are: syscall(NAME, ...) is one of <redox/syscalls.h> with up to six
 * numbers or pointers as arguments. The result is 0 or more, or a negative errno with the values of
 * <base/errno.h> (but for REDOX_EDEADLOCK and REDOX_EWOULDBLOCK of <redox/flags.h>).
 *
 *	int64_t fd = syscall(open, "file:/tmp/x", 11, REDOX_O_RDONLY);
 *
 * The other headers have a function for each call that takes C strings and checks types.
 */
#pragma once

#include <base/errno.h>
#include <base/types.h>
#include <redox/flags.h>
#include <redox/syscalls.h>
#include <redox/types.h>

/* A call by its number, which may be one that there is not. */
static inline int64_t syscall_number(uint64_t number, uint64_t a, uint64_t b, uint64_t c,
				     uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t fourth __asm__("r10") = d;
	register uint64_t fifth __asm__("r8") = e;
	register uint64_t sixth __asm__("r9") = f;
	int64_t result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return result;
}

/* clang-format off */
#define SYSCALL_FILLED(number, a, b, c, d, e, f, ...)                                       \
	syscall_number(number, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), (uint64_t)(d), \
		       (uint64_t)(e), (uint64_t)(f))
#define syscall(...)            SYSCALL_NAMED(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SYSCALL_NAMED(name, ...) SYSCALL_FILLED(REDOX_SYS_##name, __VA_ARGS__, 0)
/* clang-format on */
