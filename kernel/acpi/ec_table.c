/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ec_table.h"

#include <base/errno.h>
#include <base/string.h>

struct ecdt_address { /* generic address structure (5.2.3.2) */
	/* 0x00 */ uint8_t space;
	/* 0x01 */ uint8_t width;
	/* 0x02 */ uint8_t offset;
	/* 0x03 */ uint8_t access;
	/* 0x04 */ uint64_t address;
} __attribute__((packed));

struct ecdt {
	/* 0x00 */ struct acpi_header header;
	/* 0x24 */ struct ecdt_address command;
	/* 0x30 */ struct ecdt_address data;
	/* 0x3c */ uint32_t uid;
	/* 0x40 */ uint8_t gpe;
	/* 0x41 */ char path[];
} __attribute__((packed));

_Static_assert(sizeof(struct ecdt_address) == 12, "generic address");
_Static_assert(sizeof(struct ecdt) == 0x41, "ECDT");
_Static_assert(offsetof(struct ecdt, data) == 0x30, "ECDT");

static bool read_port(const struct ecdt_address *address, uint16_t *port)
{
	if (address->space != AML_SPACE_IO || address->address == 0 ||
	    address->address > UINT16_MAX)
		return false;
	*port = (uint16_t)address->address;
	return true;
}

/* Cut off or without an end, it is no path. */
static void read_path(const struct ecdt *ecdt, char *path)
{
	size_t room = ecdt->header.length - sizeof(*ecdt);
	size_t length = strnlen(ecdt->path, room);

	path[0] = '\0';
	if (length < room && length < ACPI_PATH_MAX)
		memcpy(path, ecdt->path, length + 1);
}

int ec_read_table(const struct acpi_header *table, struct ec_location *location)
{
	const struct ecdt *ecdt = (const void *)table;

	if (table->length < sizeof(*ecdt) || !read_port(&ecdt->data, &location->data_port) ||
	    !read_port(&ecdt->command, &location->command_port) ||
	    location->data_port == location->command_port)
		return -EINVAL;
	location->gpe = ecdt->gpe;
	read_path(ecdt, location->path);
	return 0;
}
