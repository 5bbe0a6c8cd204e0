/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the block layer does at boot. */
#include "block_priv.h"
#include "fault_priv.h"

#include <block/ram_disk.h>
#include <core/command_line.h>
#include <core/log.h>

static const char *skip_number(const char *text, uint64_t *number)
{
	for (*number = 0; *text >= '0' && *text <= '9' && *number < 1ull << 40; text++)
		*number = *number * 10 + (uint64_t)(*text - '0');
	return text;
}

/* "64M" in bytes; 0: no size. */
static uint64_t parse_size(const char *text)
{
	uint64_t size;
	const char *unit = skip_number(text, &size);

	switch (*unit) {
	case 'G':
		return size << 30;
	case 'M':
		return size << 20;
	case 'K':
		return size << 10;
	default:
		return *unit ? 0 : size;
	}
}

void block_start(void)
{
	char text[24];
	struct block_device *device;
	int error;

	block_bio_start();
	block_table_start();
	fault_control_start();
	fault_cache_start();
	if (!command_line_get("ramdisk", text, sizeof(text)))
		return;
	error = block_ram_disk_create(
		"ram0", align_down(parse_size(text), PAGE_SIZE) >> SECTOR_SHIFT, &device);
	if (error)
		log_error("block", "ramdisk=%s: error %d", text, -error);
}
