/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The System Resource Affinity Table and the System Locality Information Table (ACPI 6.5, 5.2.16, 5.2.17).
 *
 * Domains are firmware's numbers, of 32 bits; nodes are ours, without gaps. Both tables are input from
 * outside: entries that are short, empty, or contradict those before them are left out.
 */
#include "acpi_priv.h"

#include <acpi/affinity.h>
#include <base/string.h>
#include <core/log.h>

#define SRAT_FIRST  0x30 /* of the entries */
#define SLIT_COUNT  0x24
#define SLIT_MATRIX 0x2c
#define ENABLED     (1u << 0)
#define MAY_COME    (1u << 1)
#define ADDRESS_END (1ull << 52)
/* Before this revision domains have 8 bits, and what holds the others is not cleared. */
#define WIDE_REVISION 2

enum srat_kind {
	SRAT_LOCAL_APIC = 0,
	SRAT_MEMORY = 1,
	SRAT_X2APIC = 2,
};

struct srat_local_apic {
	uint8_t kind, length;
	uint8_t domain_low;
	uint8_t apic_id;
	uint32_t flags;
	uint8_t sapic_eid;
	uint8_t domain_high[3];
	uint32_t clock_domain;
} __attribute__((packed));

struct srat_memory {
	uint8_t kind, length;
	uint32_t domain;
	uint16_t reserved;
	uint64_t base, size;
	uint32_t reserved2;
	uint32_t flags;
	uint64_t reserved3;
} __attribute__((packed));

struct srat_x2apic {
	uint8_t kind, length;
	uint16_t reserved;
	uint32_t domain;
	uint32_t x2apic_id;
	uint32_t flags;
	uint32_t clock_domain;
	uint32_t reserved2;
} __attribute__((packed));

_Static_assert(sizeof(struct srat_local_apic) == 16, "SRAT");
_Static_assert(sizeof(struct srat_memory) == 40, "SRAT");
_Static_assert(sizeof(struct srat_x2apic) == 24, "SRAT");

/* What an entry says, of whichever kind. */
struct statement {
	bool is_memory, may_come;
	uint32_t domain;
	uint32_t hardware_id;
	uint64_t base, length;
};

static struct acpi_affinity machine = { .node_count = 1 };

/* --- Entries --------------------------------------------------------------------------------- */

static bool read_local_apic(const struct srat_local_apic *entry, bool wide, struct statement *said)
{
	const uint8_t *high = entry->domain_high;

	said->domain = entry->domain_low;
	if (wide)
		said->domain |=
			(uint32_t)high[0] << 8 | (uint32_t)high[1] << 16 | (uint32_t)high[2] << 24;
	said->hardware_id = entry->apic_id;
	return entry->flags & ENABLED;
}

static bool read_memory(const struct srat_memory *entry, bool wide, struct statement *said)
{
	said->is_memory = true;
	said->domain = wide ? entry->domain : entry->domain & UINT8_MAX;
	said->base = entry->base;
	said->length = entry->size;
	said->may_come = entry->flags & MAY_COME;
	return (entry->flags & ENABLED) && entry->size > 0 && entry->base < ADDRESS_END &&
	       entry->size <= ADDRESS_END - entry->base;
}

/* An entry of `length` bytes; false: it says nothing for us. */
static bool read_entry(const uint8_t *entry, size_t length, bool wide, struct statement *said)
{
	const struct srat_x2apic *x2apic = (const void *)entry;

	*said = (struct statement){ 0 };
	switch (entry[0]) {
	case SRAT_LOCAL_APIC:
		return length >= sizeof(struct srat_local_apic) &&
		       read_local_apic((const void *)entry, wide, said);
	case SRAT_MEMORY:
		return length >= sizeof(struct srat_memory) &&
		       read_memory((const void *)entry, wide, said);
	case SRAT_X2APIC:
		if (length < sizeof(*x2apic))
			return false;
		said->domain = x2apic->domain;
		said->hardware_id = x2apic->x2apic_id;
		return x2apic->flags & ENABLED;
	default:
		return false;
	}
}

/* Calls `each` for what the table's entries say. */
static void for_each_statement(const struct acpi_header *srat, struct acpi_affinity *affinity,
			       void (*each)(struct acpi_affinity *affinity,
					    const struct statement *said))
{
	const uint8_t *entry = (const uint8_t *)srat + SRAT_FIRST;
	const uint8_t *end = (const uint8_t *)srat + srat->length;
	bool wide = srat->revision >= WIDE_REVISION;
	struct statement said;

	while (end - entry >= 2 && entry[1] >= 2 && entry[1] <= end - entry) {
		if (read_entry(entry, entry[1], wide, &said))
			each(affinity, &said);
		entry += entry[1];
	}
}

/* --- Nodes ----------------------------------------------------------------------------------- */

/* The node of a domain; ACPI_NODE_MAX: it is none. */
static unsigned node_of(const struct acpi_affinity *affinity, uint32_t domain)
{
	for (unsigned i = 0; i < affinity->node_count; i++)
		if (affinity->domains[i] == domain)
			return i;
	return ACPI_NODE_MAX;
}

/* Keeps the domains in order, and the lowest where there are too many. */
static void add_domain(struct acpi_affinity *affinity, const struct statement *said)
{
	uint32_t *domains = affinity->domains;
	unsigned at = affinity->node_count;

	if (node_of(affinity, said->domain) < ACPI_NODE_MAX)
		return;
	if (affinity->node_count == ACPI_NODE_MAX) {
		if (said->domain > domains[ACPI_NODE_MAX - 1])
			return;
		at--;
	} else {
		affinity->node_count++;
	}
	for (; at > 0 && domains[at - 1] > said->domain; at--)
		domains[at] = domains[at - 1];
	domains[at] = said->domain;
}

static void add_cpu(struct acpi_affinity *affinity, uint32_t hardware_id, unsigned node)
{
	for (unsigned i = 0; i < affinity->cpu_count; i++)
		if (affinity->cpus[i].hardware_id == hardware_id)
			return;
	if (affinity->cpu_count < ACPI_AFFINITY_CPUS)
		affinity->cpus[affinity->cpu_count++] =
			(struct acpi_affinity_cpu){ hardware_id, (uint8_t)node };
}

static void add_memory(struct acpi_affinity *affinity, const struct statement *said, unsigned node)
{
	struct acpi_affinity_memory *memories = affinity->memories;
	unsigned at = affinity->memory_count;

	if (at == ACPI_AFFINITY_MEMORIES)
		return;
	while (at > 0 && memories[at - 1].base > said->base)
		at--;
	if (at > 0 && memories[at - 1].base + memories[at - 1].length > said->base)
		return;
	if (at < affinity->memory_count && memories[at].base < said->base + said->length)
		return;
	memmove(&memories[at + 1], &memories[at],
		(affinity->memory_count - at) * sizeof(*memories));
	memories[at] = (struct acpi_affinity_memory){ said->base, said->length, (uint8_t)node,
						      said->may_come };
	affinity->memory_count++;
}

static void add_statement(struct acpi_affinity *affinity, const struct statement *said)
{
	unsigned node = node_of(affinity, said->domain);

	if (node == ACPI_NODE_MAX)
		return;
	if (said->is_memory)
		add_memory(affinity, said, node);
	else
		add_cpu(affinity, said->hardware_id, node);
}

/* --- Distances ------------------------------------------------------------------------------- */

static uint8_t usual_distance(unsigned from, unsigned to)
{
	return from == to ? ACPI_DISTANCE_LOCAL : ACPI_DISTANCE_REMOTE;
}

/* The distance by the table; 0: it does not say, or makes no sense. */
static uint8_t told_distance(const struct acpi_header *slit, uint32_t from, uint32_t to)
{
	uint64_t count, at;
	uint8_t distance;

	if (!slit || slit->length < SLIT_MATRIX)
		return 0;
	memcpy(&count, (const char *)slit + SLIT_COUNT, sizeof(count));
	if (from >= count || to >= count || count > slit->length)
		return 0;
	at = SLIT_MATRIX + from * count + to;
	if (at >= slit->length)
		return 0;
	distance = ((const uint8_t *)slit)[at];
	return (distance == ACPI_DISTANCE_LOCAL) == (from == to) &&
			       distance > ACPI_DISTANCE_LOCAL - 1
		       ? distance
		       : 0;
}

static void read_distances(const struct acpi_header *slit, struct acpi_affinity *affinity)
{
	for (unsigned i = 0; i < affinity->node_count; i++)
		for (unsigned j = 0; j < affinity->node_count; j++) {
			uint8_t told =
				told_distance(slit, affinity->domains[i], affinity->domains[j]);

			affinity->distances[i][j] = told ? told : usual_distance(i, j);
		}
}

/* --- The machine ----------------------------------------------------------------------------- */

void acpi_affinity_parse(const struct acpi_header *srat, const struct acpi_header *slit,
			 struct acpi_affinity *affinity)
{
	memset(affinity, 0, sizeof(*affinity));
	if (srat && srat->length >= SRAT_FIRST) {
		for_each_statement(srat, affinity, add_domain);
		for_each_statement(srat, affinity, add_statement);
	}
	if (affinity->node_count == 0)
		affinity->node_count = 1;
	read_distances(slit, affinity);
}

void acpi_read_affinity(void)
{
	acpi_affinity_parse(acpi_find_table("SRAT", 0), acpi_find_table("SLIT", 0), &machine);
	if (machine.node_count > 1)
		log_info("acpi", "%u nodes, of %u memories and %u CPUs", machine.node_count,
			 machine.memory_count, machine.cpu_count);
}

const struct acpi_affinity *acpi_affinity(void)
{
	return &machine;
}

unsigned acpi_node_of_cpu(uint32_t hardware_id)
{
	for (unsigned i = 0; i < machine.cpu_count; i++)
		if (machine.cpus[i].hardware_id == hardware_id)
			return machine.cpus[i].node;
	return 0;
}
