/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of the line: panics and assertions about our own logic. Input from users, disks,
 * devices, firmware and networks never reaches either.
 */
#pragma once

#include <base/types.h>

#ifndef CONFIG_DEBUG
#error "the build defines CONFIG_DEBUG"
#endif

/* Stops all other CPUs, prints the message, a symbolised backtrace and those of the other CPUs,
 * and halts, or resets with `panic=reset` on the command line. Any context. */
_Noreturn void panic(const char *format, ...) printf_like(1, 2);

/* Where a fault came from. */
struct panic_origin {
	uintptr_t program_counter, frame_pointer; /* the call chain begins here */
	void (*report)(const void *state);        /* logs the state of the machine */
	const void *state;
};

/* The same with the registers and the call chain of another place than the caller's. */
_Noreturn void panic_at(const struct panic_origin *origin, const char *format, ...)
	printf_like(2, 3);

/* Supplied by sync: stops the other CPUs, for good, when a panic begins, and says what each of
 * them did when the panic itself is told. */
void panic_stop_cpus(void);
void panic_report_cpus(void);

#define assert(condition)      \
	((condition) ? (void)0 \
		     : panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition))

/* Only checked in debug builds, for costly or hot conditions. */
#define debug_assert(condition)  \
	((void)(!CONFIG_DEBUG || \
		((condition) ? 1 : (panic_debug_assert(__FILE__, __LINE__, #condition), 0))))

_Noreturn void panic_debug_assert(const char *file, int line, const char *condition);
