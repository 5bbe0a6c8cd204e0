/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What firmware tells of which memory is near to which CPUs (ACPI 6.5, 5.2.16 and 5.2.17): nodes, from 0 on,
 * in the order of firmware's own numbers. A machine without these tables is one node.
 */
#pragma once

#include <base/types.h>

#define ACPI_NODE_MAX          8
#define ACPI_AFFINITY_MEMORIES 64
#define ACPI_AFFINITY_CPUS     256
#define ACPI_DISTANCE_LOCAL    10
#define ACPI_DISTANCE_REMOTE   20 /* where firmware does not say */

struct acpi_affinity_memory {
	uint64_t base, length;
	uint8_t node;
	bool may_come; /* memory that may be plugged in */
};

struct acpi_affinity_cpu {
	uint32_t hardware_id;
	uint8_t node;
};

struct acpi_affinity {
	unsigned node_count;             /* at least 1 */
	uint32_t domains[ACPI_NODE_MAX]; /* what firmware calls them */
	unsigned memory_count;           /* in order of address, without overlaps */
	struct acpi_affinity_memory memories[ACPI_AFFINITY_MEMORIES];
	unsigned cpu_count;
	struct acpi_affinity_cpu cpus[ACPI_AFFINITY_CPUS];
	uint8_t distances[ACPI_NODE_MAX][ACPI_NODE_MAX]; /* 10: as near as can be */
};

struct acpi_header;

/* Reads the two tables, either of which may be NULL. What makes no sense is left out. */
void acpi_affinity_parse(const struct acpi_header *srat, const struct acpi_header *slit,
			 struct acpi_affinity *affinity);
/* Does so with the machine's. Called once, after acpi_read_platform(). */
void acpi_read_affinity(void);
/* What came of it; immutable afterwards. */
const struct acpi_affinity *acpi_affinity(void);
/* The node of a CPU; 0: firmware does not say. */
unsigned acpi_node_of_cpu(uint32_t hardware_id);
