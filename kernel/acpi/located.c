/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "acpi_priv.h"

#include <acpi/located.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>

/* Where the fields are, and how long the tables must be for what is read of them. */
#define BGRT_LENGTH  0x38
#define HPET_LENGTH  0x38
#define TPM2_LENGTH  0x34
#define TPM2_LOG_END 0x4c

/* The beginning of a bitmap file. */
#define BITMAP_HEADER 14
#define BITMAP_LENGTH 2
#define BITMAP_MAX    (64u << 20)
#define TYPE_BITMAP   0

static struct acpi_located machine;

static uint64_t field(const struct acpi_header *table, size_t offset, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)table + offset, size);
	return value;
}

static void read_picture(const struct acpi_header *bgrt, struct acpi_boot_picture *picture)
{
	if (bgrt->length < BGRT_LENGTH)
		return;
	*picture = (struct acpi_boot_picture){
		.present = true,
		.version = (uint16_t)field(bgrt, 0x24, 2),
		.status = (uint8_t)field(bgrt, 0x26, 1),
		.type = (uint8_t)field(bgrt, 0x27, 1),
		.address = field(bgrt, 0x28, 8),
		.x = (uint32_t)field(bgrt, 0x30, 4),
		.y = (uint32_t)field(bgrt, 0x34, 4),
	};
}

static void read_hpet(const struct acpi_header *table, struct acpi_hpet *hpet)
{
	if (table->length < HPET_LENGTH)
		return;
	*hpet = (struct acpi_hpet){
		.present = true,
		.block_id = (uint32_t)field(table, 0x24, 4),
		.base = field(table, 0x2c, 8),
		.number = (uint8_t)field(table, 0x34, 1),
		.minimum_tick = (uint16_t)field(table, 0x35, 2),
	};
}

static void read_security_module(const struct acpi_header *tpm2,
				 struct acpi_security_module *module)
{
	if (tpm2->length < TPM2_LENGTH)
		return;
	*module = (struct acpi_security_module){
		.present = true,
		.platform_class = (uint16_t)field(tpm2, 0x24, 2),
		.control_area = field(tpm2, 0x28, 8),
		.start_method = (uint32_t)field(tpm2, 0x30, 4),
	};
	if (tpm2->length < TPM2_LOG_END)
		return;
	module->log_length = (uint32_t)field(tpm2, 0x40, 4);
	module->log = field(tpm2, 0x44, 8);
}

void acpi_located_parse(const struct acpi_header *bgrt, const struct acpi_header *hpet,
			const struct acpi_header *tpm2, struct acpi_located *located)
{
	memset(located, 0, sizeof(*located));
	if (bgrt)
		read_picture(bgrt, &located->picture);
	if (hpet)
		read_hpet(hpet, &located->hpet);
	if (tpm2)
		read_security_module(tpm2, &located->security_module);
}

/* --- The picture ----------------------------------------------------------------------------- */

/* Copies from memory that nobody uses but firmware. */
static bool read_memory(uint64_t address, void *buffer, size_t size)
{
	const void *mapped;

	if (address == 0 || !acpi_memory_reachable(address, size))
		return false;
	mapped = kernel_map_device(address, size, 0);
	if (!mapped)
		return false;
	memcpy(buffer, mapped, size);
	kernel_unmap_device((void *)mapped, size);
	return true;
}

/* The length that the image says it has, if it is one. */
static uint64_t measure(const struct acpi_boot_picture *picture)
{
	uint8_t header[BITMAP_HEADER];
	uint32_t length;

	if (picture->type != TYPE_BITMAP ||
	    !read_memory(picture->address, header, sizeof(header)) || header[0] != 'B' ||
	    header[1] != 'M')
		return 0;
	memcpy(&length, header + BITMAP_LENGTH, sizeof(length));
	if (length < BITMAP_HEADER || length > BITMAP_MAX ||
	    !acpi_memory_reachable(picture->address, length))
		return 0;
	return length;
}

size_t acpi_read_boot_picture(void *buffer, size_t size, uint64_t offset)
{
	const struct acpi_boot_picture *picture = &machine.picture;

	if (offset >= picture->length)
		return 0;
	size = min_size(size, (size_t)(picture->length - offset));
	return read_memory(picture->address + offset, buffer, size) ? size : 0;
}

/* --- The machine ----------------------------------------------------------------------------- */

void acpi_locate(void)
{
	struct acpi_located *found = &machine;

	acpi_located_parse(acpi_find_table("BGRT", 0), acpi_find_table("HPET", 0),
			   acpi_find_table("TPM2", 0), found);
	if (found->picture.present)
		found->picture.length = measure(&found->picture);
	if (found->security_module.present)
		log_info("acpi",
			 "a security module (TPM 2.0), control area at %#llx, start method %u",
			 (unsigned long long)found->security_module.control_area,
			 found->security_module.start_method);
}

const struct acpi_located *acpi_located(void)
{
	return &machine;
}
