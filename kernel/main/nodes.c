/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nodes.h"

#include <acpi/affinity.h>
#include <arch/cpu.h>
#include <mm/phys/frame.h>
#include <sync/cpu.h>

_Static_assert(ACPI_NODE_MAX == FRAME_NODE_MAX, "the same nodes");

void nodes_start(void)
{
	struct frame_node_range ranges[ACPI_AFFINITY_MEMORIES];
	const struct acpi_affinity *affinity;

	acpi_read_affinity();
	affinity = acpi_affinity();
	for (unsigned i = 0; i < affinity->memory_count; i++)
		ranges[i] = (struct frame_node_range){
			.base = affinity->memories[i].base,
			.length = affinity->memories[i].length,
			.node = affinity->memories[i].node,
		};
	frame_set_nodes(ranges, affinity->memory_count, affinity->node_count, affinity->distances);
}

void nodes_add_cpus(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		frame_set_cpu_node(cpu, acpi_node_of_cpu(arch_cpu_hardware_id(cpu)));
}
