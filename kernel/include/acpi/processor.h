/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What firmware tells of processors: entries of the MADT (ACPI 6.5, 5.2.12.2 and 5.2.12.12), which the method
 * _MAT of a processor that came later returns, too.
 */
#pragma once

#include <base/types.h>

struct acpi_processor_entry {
	uint32_t unique_id;   /* as the name space calls it */
	uint32_t hardware_id; /* APIC id */
	bool enabled;         /* it is there and may be started */
	bool may_come;        /* it is not, but may be plugged in */
};

/* Reads an entry of `size` bytes. False: it is of another kind, too short, or names no APIC. */
bool must_check acpi_processor_parse(const uint8_t *entry, size_t size,
				     struct acpi_processor_entry *result);
/* The entry of the MADT for the processor that the name space calls `unique_id`; false: there is none. */
bool must_check acpi_processor_find(uint32_t unique_id, struct acpi_processor_entry *result);
