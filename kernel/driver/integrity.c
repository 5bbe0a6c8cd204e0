/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be executed in the kernel, compared with what was loaded: for each page of code a hash from when it
 * came, with a key that is new at each boot. All mappings of the kernel's page tables are looked at, so
 * that code which nobody loaded is found as well.
 */
#include "driver_priv.h"

#include <arch/mmu.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <hash/xxh3.h>
#include <mm/phys/slab.h>
#include <scheme/random.h>

#define REPORTS_MAX 16

/* All is the thread's that loads. */
struct known_code {
	struct list_node node;
	uintptr_t start;
	size_t pages;
	uint8_t hashes[][XXH3_128_SIZE];
};

static struct list known = LIST_INIT(known);
static uint64_t key;

static void hash_page(uintptr_t page, uint8_t *hash)
{
	xxh3_128((const void *)page, PAGE_SIZE, key, hash);
}

int driver_integrity_add(uintptr_t code, size_t length)
{
	size_t pages = length >> PAGE_SHIFT;
	struct known_code *entry = kmalloc(sizeof(*entry) + pages * sizeof(entry->hashes[0]));

	if (!entry)
		return -ENOMEM;
	while (!key)
		random_bytes(&key, sizeof(key));
	entry->start = code;
	entry->pages = pages;
	for (size_t i = 0; i < pages; i++)
		hash_page(code + i * PAGE_SIZE, entry->hashes[i]);
	list_push_back(&known, &entry->node);
	return 0;
}

void driver_integrity_remove(uintptr_t code)
{
	struct list_node *node, *following;

	list_for_each_safe (node, following, &known) {
		struct known_code *entry = container_of(node, struct known_code, node);

		if (entry->start == code) {
			list_remove(&entry->node);
			kfree(entry);
		}
	}
}

/* NULL: nobody loaded what is there. */
static const uint8_t *known_hash(uintptr_t page)
{
	struct list_node *node;

	list_for_each (node, &known) {
		const struct known_code *entry = container_of(node, struct known_code, node);

		if (page - entry->start < entry->pages * PAGE_SIZE)
			return entry->hashes[(page - entry->start) >> PAGE_SHIFT];
	}
	return NULL;
}

/* NULL: the page is in order. */
static const char *look_at(uintptr_t page, bool writable)
{
	const uint8_t *expected = known_hash(page);
	uint8_t hash[XXH3_128_SIZE];

	if (!expected)
		return "is executable, and nobody loaded it";
	if (writable)
		return "is executable and can be written";
	hash_page(page, hash);
	return memcmp(hash, expected, sizeof(hash)) == 0 ? NULL : "is not what was loaded";
}

/* Pages that ought to be there count as wrong where they are not. */
static long count_known(void)
{
	struct list_node *node;
	long pages = 0;

	list_for_each (node, &known)
		pages += (long)container_of(node, struct known_code, node)->pages;
	return pages;
}

long driver_integrity_compare(void)
{
	struct arch_kernel_run run = { 0 };
	long pages = 0, wrong = 0;

	while (arch_kernel_next_executable(&run)) {
		for (size_t i = 0; i < run.length; i += PAGE_SIZE, pages++) {
			const char *fault = look_at(run.address + i, run.writable);

			if (fault && wrong++ < REPORTS_MAX)
				log_error("driver", "the kernel's page %016lx %s", run.address + i,
					  fault);
		}
		run.address += run.length;
	}
	if (wrong > REPORTS_MAX)
		log_error("driver", "%ld pages of the kernel's code are wrong in all", wrong);
	if (!wrong && pages != count_known())
		log_error("driver", "%ld pages of code are missing", count_known() - pages);
	return wrong || pages != count_known() ? -EBADMSG : pages;
}
