/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file on a device that takes its time, and fails now and then: for tests in the simulation. */
#pragma once

#include "../cache_priv.h"

#define SLOW_PAGES 96u

struct slow_file {
	struct page_cache cache;
	struct file *file;
	uint8_t *device;                    /* SLOW_PAGES pages */
	unsigned read_errors, write_errors; /* one in so many transfers; 0: none */
	_Atomic unsigned writes;
	_Atomic bool released;
};

void slow_file_begin(struct slow_file *file, struct cache_backing *backing, uint64_t size);
/* The last reference to the cache is the file's. */
void slow_file_end(struct slow_file *file);
