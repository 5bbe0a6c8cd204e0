/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses that hurt. */
#include "hostile.h"

/* Two pages, of which the second is given back. */
static uint64_t map_before_hole(void)
{
	static uint64_t page;

	if (page == 0) {
		page = (uint64_t)EXPECT_SUCCESS(
			memory_map(FD_ANONYMOUS, 0, 2 * PAGE_SIZE,
				   REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0));
		EXPECT_EQUAL(memory_unmap(page + PAGE_SIZE, PAGE_SIZE), 0);
	}
	return page;
}

const struct hostile_address *hostile_addresses(void)
{
	static struct hostile_address addresses[] = {
		{ "null", 0 },
		{ "first page", 8 },
		{ "second page", 0x1000 },
		{ "hole", 0 }, /* filled in below */
		{ "top of the lower half", 0x00007ffffffffff8 },
		{ "not canonical", 0x0000800000000000 },
		{ "not canonical either", 0x8000000000000000 },
		{ "kernel half", 0xffff800000000000 },
		{ "direct map", 0xffff888000000000 },
		{ "kernel image", 0xffffffff80000000 },
		{ "last bytes", UINT64_MAX - 7 },
		{ NULL, 0 },
	};

	addresses[3].value = map_before_hole() + PAGE_SIZE;
	return addresses;
}

uint64_t hostile_last_bytes(uint64_t size)
{
	return map_before_hole() + PAGE_SIZE - size;
}

uint64_t hostile_read_only(void)
{
	static uint64_t page;

	if (page == 0)
		page = (uint64_t)EXPECT_SUCCESS(memory_map(FD_ANONYMOUS, 0, PAGE_SIZE,
							   REDOX_PROT_READ | REDOX_MAP_PRIVATE, 0));
	return page;
}

int64_t hostile_open_file(void)
{
	int64_t fd = EXPECT_SUCCESS(
		file_open("hostile", REDOX_O_RDWR | REDOX_O_CREAT | REDOX_O_TRUNC | 0644));

	EXPECT_EQUAL(file_write(fd, "0123456789", 10), 10);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_SET), 0);
	return fd;
}
