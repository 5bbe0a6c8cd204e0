/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Performance states of processors: _PCT, _PSS, _PPC (ACPI 6.5, 8.4.5). */
#include "frequency_priv.h"
#include "processor_priv.h"

#include <acpi/namespace.h>
#include <sync/cpu.h>

void processor_read_limit(struct processor *processor)
{
	uint64_t limit = 0;

	if (!processor->there || !acpi_find(processor->device->name, "_PPC") ||
	    acpi_integer(processor->device->name, "_PPC", &limit))
		return;
	frequency_limit(processor->cpu, limit < FREQUENCY_STATE_MAX ? (unsigned)limit : 0);
}

void processor_resume_speed(struct processor *processor)
{
	if (!processor->there)
		return;
	processor_read_limit(processor);
	frequency_again(processor->cpu);
}

void processor_read_speeds(struct processor *processor)
{
	struct aml_node *name = processor->device->name;
	struct aml_object *registers = NULL, *states = NULL;
	struct frequency_table table;

	if (!processor->there || !acpi_find(name, "_PCT") || !acpi_find(name, "_PSS"))
		return;
	if (acpi_call(name, "_PCT", NULL, 0, &registers) == 0 &&
	    acpi_call(name, "_PSS", NULL, 0, &states) == 0 &&
	    frequency_table_read(registers, states, &table)) {
		processor_read_limit(processor);
		frequency_add(processor->cpu, &table);
	}
	aml_put(acpi_aml(), registers);
	aml_put(acpi_aml(), states);
}
