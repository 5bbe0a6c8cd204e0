/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interrupt descriptor table (Intel SDM volume 3, 6.14). */
#include "idt.h"
#include "machine_cpu.h"

struct gate {
	/* 0x0 */ uint16_t offset_low;
	/* 0x2 */ uint16_t selector;
	/* 0x4 */ uint8_t stack; /* interrupt stack table slot */
	/* 0x5 */ uint8_t type;
	/* 0x6 */ uint16_t offset_middle;
	/* 0x8 */ uint32_t offset_high;
	/* 0xc */ uint32_t reserved;
};

_Static_assert(sizeof(struct gate) == 16, "gate");

#define GATE_INTERRUPT 0x8e /* present, ring 0 */
#define GATE_USER      0xee /* callable from ring 3: int3, into */

/* entry.S: one stub of 16 bytes for each vector. */
extern char machine_stubs[];

static struct gate gates[256];

static uint8_t stack_of(unsigned vector)
{
	switch (vector) {
	case VECTOR_DEBUG:
		return MACHINE_STACK_DEBUG;
	case VECTOR_NMI:
		return MACHINE_STACK_NMI;
	case VECTOR_DOUBLE_FAULT:
		return MACHINE_STACK_DOUBLE_FAULT;
	case VECTOR_MACHINE_CHECK:
		return MACHINE_STACK_MACHINE_CHECK;
	default:
		return 0;
	}
}

void machine_idt_init(void)
{
	for (unsigned vector = 0; vector < 256; vector++) {
		uint64_t stub = (uint64_t)machine_stubs + 16 * vector;
		bool user = vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW;

		gates[vector] = (struct gate){
			.offset_low = (uint16_t)stub,
			.selector = SELECTOR_KERNEL_CODE,
			.stack = stack_of(vector),
			.type = user ? GATE_USER : GATE_INTERRUPT,
			.offset_middle = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
		};
	}
}

void machine_idt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = { sizeof(gates) - 1, (uint64_t)gates };

	asm volatile("lidt %0" : : "m"(pointer));
}
