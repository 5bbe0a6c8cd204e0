/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses that hurt, for the tests of what calls make of them. */
#pragma once

#include "redox_test.h"

struct hostile_address {
	const char *name;
	uint64_t value;
};

/* Where nothing can be read nor written, not even one byte. Ends with a NULL name. */
const struct hostile_address *hostile_addresses(void);

/* The last `size` bytes (up to a page) that are there, before a page that is not. */
uint64_t hostile_last_bytes(uint64_t size);

/* A page that can be read and not written. */
uint64_t hostile_read_only(void);

/* A file of the test's own, open for reading and writing, that holds "0123456789", at its start. */
int64_t hostile_open_file(void);
