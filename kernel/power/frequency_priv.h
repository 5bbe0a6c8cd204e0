/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Performance states of a processor, as firmware's packages give them. */
#pragma once

#include <aml/aml.h>
#include <power/frequency.h>

struct frequency_register {
	uint16_t port;
	unsigned bytes; /* 1, 2 or 4 */
};

struct frequency_state {
	uint32_t khz, latency_us;
	uint32_t control, status; /* what is written, and read when it is reached */
};

struct frequency_table {
	struct frequency_register control, status;
	unsigned count;
	struct frequency_state states[FREQUENCY_STATE_MAX]; /* from the fastest */
};

/* From _PCT and _PSS (ACPI 6.5, 8.4.5); false: nothing that we can use. */
bool frequency_table_read(const struct aml_object *registers, const struct aml_object *states,
			  struct frequency_table *table);

/* Gives CPU `cpu` these states. Once for each CPU; thread context. */
void frequency_add(unsigned cpu, const struct frequency_table *table);
/* The CPU may have lost the state that it was in: has it enter it again. Thread context. */
void frequency_again(unsigned cpu);
/* Firmware allows states from `limit` on. */
void frequency_limit(unsigned cpu, unsigned limit);
