/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupt vectors and their table. */
#pragma once

#include <base/types.h>

enum machine_vector {
	VECTOR_DIVIDE = 0,
	VECTOR_DEBUG = 1,
	VECTOR_NMI = 2,
	VECTOR_BREAKPOINT = 3,
	VECTOR_OVERFLOW = 4,
	VECTOR_BOUND = 5,
	VECTOR_INVALID = 6,
	VECTOR_NO_FPU = 7,
	VECTOR_DOUBLE_FAULT = 8,
	VECTOR_STACK = 12,
	VECTOR_PROTECTION = 13,
	VECTOR_PAGE_FAULT = 14,
	VECTOR_FLOAT = 16,
	VECTOR_ALIGNMENT = 17,
	VECTOR_MACHINE_CHECK = 18,
	VECTOR_SIMD = 19,
	VECTOR_EXCEPTIONS = 32, /* their number */
	VECTOR_DEVICE_FIRST = 0x30,
	VECTOR_DEVICE_LAST = 0xef,
	VECTOR_WAKE = 0xf0,
	VECTOR_CALL = 0xf1,
	VECTOR_TIMER = 0xf2,
	VECTOR_SPURIOUS = 0xff,
};

/* Fills the table (once, on the boot CPU). */
void machine_idt_init(void);
/* Makes this CPU use it. */
void machine_idt_load(void);
