/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of an embedded controller, sound, odd and cut off at every length. */
#include <base/errno.h>
#include <base/string.h>

#include "../ec_table.h"
#include "unit.h"

/* The C library's, by the names that base/ leaves free. */
void *malloc(size_t size);
void free(void *pointer);

#define LENGTH 0x56

static const char path[] = "\\_SB.PCI0.LPCB.EC0_";
static uint8_t bytes[LENGTH];

static void put(size_t at, uint64_t value, size_t size)
{
	memcpy(bytes + at, &value, size);
}

static void make_table(void)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "ECDT", 4);
	put(4, LENGTH, 4);
	put(0x24, 1, 1); /* I/O */
	put(0x28, 0x66, 8);
	put(0x30, 1, 1);
	put(0x34, 0x62, 8);
	put(0x40, 0x17, 1);
	memcpy(bytes + 0x41, path, sizeof(path));
}

/* Reads a copy that is `length` long, so that the sanitizers see what lies behind. */
static int read_cut(size_t length, struct ec_location *location)
{
	struct acpi_header *copy = malloc(length);
	int error;

	memcpy(copy, bytes, length);
	copy->length = (uint32_t)length;
	error = ec_read_table(copy, location);
	free(copy);
	return error;
}

UNIT_TEST(ec_table, is_read)
{
	struct ec_location location;

	make_table();
	EXPECT_EQUAL(read_cut(LENGTH, &location), 0);
	EXPECT_EQUAL(location.data_port, 0x62);
	EXPECT_EQUAL(location.command_port, 0x66);
	EXPECT_EQUAL(location.gpe, 0x17);
	EXPECT_STRING(location.path, path);
}

UNIT_TEST(ec_table, may_be_cut_off)
{
	struct ec_location location;

	make_table();
	for (size_t length = sizeof(struct acpi_header); length < 0x41; length++)
		EXPECT_EQUAL(read_cut(length, &location), -EINVAL);
	for (size_t length = 0x41; length < 0x41 + sizeof(path); length++) {
		EXPECT_EQUAL(read_cut(length, &location), 0);
		EXPECT_STRING(location.path, "");
	}
}

UNIT_TEST(ec_table, needs_two_ports)
{
	struct ec_location location;

	make_table();
	put(0x28, 0x10066, 8);
	EXPECT_EQUAL(read_cut(LENGTH, &location), -EINVAL);
	put(0x28, 0x62, 8);
	EXPECT_EQUAL(read_cut(LENGTH, &location), -EINVAL);
	put(0x28, 0x66, 8);
	put(0x30, 0, 1); /* memory */
	EXPECT_EQUAL(read_cut(LENGTH, &location), -EINVAL);
	put(0x30, 1, 1);
	put(0x34, 0, 8);
	EXPECT_EQUAL(read_cut(LENGTH, &location), -EINVAL);
}
