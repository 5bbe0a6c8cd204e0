/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idle states of processors: _LPI, _CST, or what the fixed tables say (ACPI 6.5, 8.4). */
#include "idle_states.h"
#include "processor_priv.h"

#include <acpi/acpi.h>
#include <acpi/namespace.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sync/cpu.h>

#define FADT_LATENCY2 0x60
#define FADT_LATENCY3 0x62
#define FADT_END      0x64
#define BLOCK_LENGTH  6
#define KNOWN_MAX     16 /* tables of a CPU */

/* Tables that CPUs have had, and may be resting by; never freed. Of the thread of notifications. */
static const struct idle_table *known[CPU_MAX][KNOWN_MAX];

static bool read_package(struct processor *processor, const char *name,
			 bool (*parse)(const struct aml_object *, struct idle_table *),
			 struct idle_table *table)
{
	struct aml_object *package = NULL;
	bool found;

	if (!acpi_find(processor->device->name, name) ||
	    acpi_call(processor->device->name, name, NULL, 0, &package))
		return false;
	found = parse(package, table);
	aml_put(acpi_aml(), package);
	return found;
}

static bool read_block(struct processor *processor, struct idle_table *table)
{
	const uint8_t *fadt = (const uint8_t *)acpi_find_table("FACP", 0);
	struct aml_object *object = NULL;
	uint16_t latency2, latency3;
	unsigned id, length;
	uint32_t address;
	bool found = false;

	if (processor->device->type != AML_PROCESSOR || !fadt ||
	    ((const struct acpi_header *)(const void *)fadt)->length < FADT_END ||
	    aml_evaluate(acpi_aml(), processor->device->name, NULL, 0, &object) || !object)
		return false;
	memcpy(&latency2, fadt + FADT_LATENCY2, sizeof(latency2));
	memcpy(&latency3, fadt + FADT_LATENCY3, sizeof(latency3));
	if (aml_processor(object, &id, &address, &length) && length >= BLOCK_LENGTH &&
	    address <= UINT16_MAX - BLOCK_LENGTH)
		found = idle_states_from_block((uint16_t)address, latency2, latency3, table);
	aml_put(acpi_aml(), object);
	return found;
}

static bool is_like(const struct idle_table *table, const struct idle_table *other)
{
	const struct idle_state *one = table->states, *two = other->states;

	if (table->count != other->count)
		return false;
	for (unsigned i = 0; i < table->count; i++, one++, two++)
		if (strcmp(one->name, two->name) || one->how.kind != two->how.kind ||
		    one->how.hint != two->how.hint ||
		    one->how.stops_timer != two->how.stops_timer ||
		    one->how.stops_clock != two->how.stops_clock ||
		    one->latency_us != two->latency_us || one->residency_us != two->residency_us ||
		    one->power_mw != two->power_mw)
			return false;
	return true;
}

/* The known table that is like `table`, which becomes one if it is new. NULL: there are too many, so that the
 * CPU halts. */
static const struct idle_table *find_known(unsigned cpu, struct idle_table *table)
{
	for (unsigned i = 0; i < KNOWN_MAX; i++) {
		if (!known[cpu][i])
			known[cpu][i] = table;
		if (known[cpu][i] == table)
			return table;
		if (is_like(known[cpu][i], table)) {
			kfree(table);
			return known[cpu][i];
		}
	}
	kfree(table);
	return NULL;
}

void processor_read_idle(struct processor *processor)
{
	struct idle_table *table = processor->there ? kzalloc(sizeof(*table)) : NULL;
	const struct idle_table *wanted = NULL;

	if (!table)
		return;
	if (!read_package(processor, "_LPI", idle_states_from_lpi, table) &&
	    !read_package(processor, "_CST", idle_states_from_cst, table) &&
	    !read_block(processor, table)) {
		kfree(table);
	} else {
		wanted = find_known(processor->cpu, table);
	}
	if (wanted == sched_idle_table(processor->cpu))
		return;
	sched_idle_set(processor->cpu, wanted);
	if (wanted)
		log_info("power", "CPU %u: %u idle states, the deepest %s (%s)", processor->cpu,
			 wanted->count, wanted->states[wanted->count - 1].name,
			 wanted->states[wanted->count - 1].description);
}
