/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables that firmware's code loads, and unloads, while the machine runs: their devices come and go, and
 * their bytes are kept for who looks into /sys/firmware/acpi/tables/dynamic.
 */
#include "acpi_priv.h"
#include "event_priv.h"

#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

#define LOADED_MAX 64 /* that are kept */

static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "acpi loaded tables");
/* Added to under `lock`; entries below the count are immutable. */
static const struct acpi_header *loaded[LOADED_MAX];
static _Atomic unsigned loaded_count;

/* Runs before acpi_drivers_start() only if code loads tables at boot, and then there. */
static void look_for_events(struct acpi_job *job)
{
	(void)job;
	acpi_events_rescan();
}

/* In the thread that runs methods of events, so that none goes while it is run. */
static struct acpi_job events_job = { .function = look_for_events };

static void look_again(struct acpi_job *job)
{
	(void)job;
	acpi_devices_update();
	acpi_event_job_queue(&events_job);
}

static struct acpi_job look_again_job = { .function = look_again };

static bool is_static(const void *table)
{
	const struct acpi_header *other;

	for (unsigned i = 0; (other = acpi_table_at(i)) != NULL; i++)
		if (other == table)
			return true;
	return false;
}

static void keep(const void *table, size_t size)
{
	struct acpi_header *copy = kmalloc(size);
	bool kept = false;

	if (!copy)
		return;
	memcpy(copy, table, size);
	spin_lock(&lock);
	if (loaded_count < LOADED_MAX) {
		loaded[loaded_count] = copy;
		loaded_count++;
		kept = true;
	}
	spin_unlock(&lock);
	if (!kept)
		kfree(copy);
}

void acpi_table_loaded(const void *table, size_t size)
{
	if (size >= sizeof(struct acpi_header) && !is_static(table))
		keep(table, size);
	acpi_job_queue(&look_again_job);
}

void acpi_table_unloaded(void)
{
	acpi_job_queue(&look_again_job);
}

const struct acpi_header *acpi_loaded_table_at(unsigned index)
{
	return index < loaded_count ? loaded[index] : NULL;
}

void acpi_loaded_table_name(const struct acpi_header *table, char name[ACPI_TABLE_NAME_SIZE])
{
	unsigned index = 0;

	while (acpi_loaded_table_at(index) != table)
		index++;
	acpi_table_letters(table, name);
	snprintf(name + sizeof(table->signature), ACPI_TABLE_NAME_SIZE - sizeof(table->signature),
		 "%u", index + 1);
}
