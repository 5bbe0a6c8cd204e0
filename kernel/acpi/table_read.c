/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One table: from where firmware left it into memory of our own, if it is sound (ACPI 6.5, 5.2.6).
 *
 * Nothing is read in place later: firmware's code may write there, and so could make a checked table
 * another one. How much is looked at in all is bounded, as is what is logged.
 */
#include "acpi_priv.h"

#include <base/string.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

#define TABLE_LENGTH_MAX (4u << 20)
#define TOTAL_MAX        (32u << 20) /* bytes that are looked at in all */
#define COMPLAINT_MAX    16
#define EXTENT_MAX       (ACPI_TABLE_MAX + 2) /* the lists themselves as well */
#define LOW_END          0x100000

struct extent {
	uint64_t start;
	uint32_t length;
};

/* Where the tables that were taken lie. Of the boot thread. */
static struct extent extents[EXTENT_MAX];
static unsigned extent_count;
static size_t total;
static unsigned complaints;

void acpi_table_read_init(void)
{
	extent_count = 0;
	total = 0;
	complaints = 0;
}

bool acpi_checksum_is_right(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

void acpi_complain_of_table(uint64_t physical, const char *what)
{
	if (complaints < COMPLAINT_MAX)
		log_warning("acpi", "table at %lx %s: skipped", physical, what);
	else if (complaints == COMPLAINT_MAX)
		log_warning("acpi", "more tables are skipped");
	complaints += complaints <= COMPLAINT_MAX;
}

bool acpi_memory_reachable(uint64_t physical, uint64_t size)
{
	uint64_t end = (uint64_t)1 << arch_physical_bits();

	return physical < end && size <= end - physical && !frame_memory_within(physical, size);
}

/* What lies lowest firmware and the kernel share by pages. */
static bool is_readable(uint64_t physical, size_t size)
{
	return acpi_memory_reachable(physical, size) ||
	       (physical < LOW_END && size <= LOW_END - physical);
}

bool acpi_read_physical(uint64_t physical, void *buffer, size_t size)
{
	const void *mapped;

	if (!is_readable(physical, size))
		return false;
	mapped = kernel_map_device(physical, size, 0);
	if (!mapped)
		return false;
	memcpy(buffer, mapped, size);
	kernel_unmap_device((void *)mapped, size);
	return true;
}

static bool is_signature(const char signature[4])
{
	for (unsigned i = 0; i < 4; i++)
		if (signature[i] < ' ' || signature[i] > '~')
			return false;
	return true;
}

static bool overlaps(uint64_t start, uint32_t length)
{
	for (unsigned i = 0; i < extent_count; i++)
		if (start < extents[i].start + extents[i].length &&
		    extents[i].start < start + length)
			return true;
	return false;
}

/* What is wrong with the table by its header and place; NULL: nothing. */
static const char *find_fault(uint64_t physical, const struct acpi_header *header)
{
	if (!is_signature(header->signature))
		return "has no signature";
	if (header->length < sizeof(*header) || header->length > TABLE_LENGTH_MAX)
		return "has a length that cannot be";
	if (!acpi_memory_reachable(physical, header->length))
		return "ends where none can be";
	if (overlaps(physical, header->length))
		return "overlaps another one";
	if (extent_count == EXTENT_MAX || header->length > TOTAL_MAX - total)
		return "is one too many";
	return NULL;
}

/* The copy, if it is that of the header and sums up. */
static struct acpi_header *copy_table(uint64_t physical, const struct acpi_header *header,
				      const char **fault)
{
	struct acpi_header *copy = kmalloc(header->length);

	*fault = "does not fit into memory";
	if (!copy)
		return NULL;
	if (acpi_read_physical(physical, copy, header->length)) {
		*fault = "has a wrong checksum";
		if (copy->length == header->length && acpi_checksum_is_right(copy, header->length))
			return copy;
	}
	kfree(copy);
	return NULL;
}

const struct acpi_header *acpi_read_table(uint64_t physical)
{
	struct acpi_header header, *copy = NULL;
	const char *fault = "lies where none can be";

	if (acpi_read_physical(physical, &header, sizeof(header)))
		fault = find_fault(physical, &header);
	if (!fault) {
		total += header.length;
		copy = copy_table(physical, &header, &fault);
	}
	if (!copy) {
		acpi_complain_of_table(physical, fault);
		return NULL;
	}
	extents[extent_count++] = (struct extent){ physical, header.length };
	return copy;
}

void acpi_drop_table(const struct acpi_header *table)
{
	kfree((void *)table);
	extent_count--;
}
