/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what firmware returns for a processor's idle states to a table of them. */
#pragma once

#include <aml/aml.h>
#include <sched/idle.h>

/* Of _CST (ACPI 6.5, 8.4.1.1), whatever it returned: states that make sense and that the machine can use, from
 * the lightest. The halt is always the first. True if there are more. */
bool idle_states_from_cst(const struct aml_object *package, struct idle_table *table);
/* Of _LPI (8.4.3.3). */
bool idle_states_from_lpi(const struct aml_object *package, struct idle_table *table);
/* Of the processor's block of registers at `port` (4.8.3.5), with the latencies that the FADT names. */
bool idle_states_from_block(uint16_t port, uint32_t latency2_us, uint32_t latency3_us,
			    struct idle_table *table);
