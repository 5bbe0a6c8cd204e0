/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects that somebody uses: a table in memory of how often each is held. */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

#define FIRST_BUCKETS 64u

struct held {
	struct held *next; /* in the bucket */
	struct hmfs_id id;
	uint64_t count;
	bool orphan; /* lost its last name, or has none yet */
};

/* Under the volume's lock. */
struct hmfs_held_table {
	size_t count, buckets; /* a power of two */
	struct held **bucket;
};

static size_t place_of(const struct hmfs_held_table *table, struct hmfs_id id)
{
	uint64_t hash = (id.object ^ (uint64_t)id.dataset << 40) * 0x9e3779b97f4a7c15;

	return (size_t)(hash >> 32) & (table->buckets - 1);
}

static struct held **find(const struct hmfs_held_table *table, struct hmfs_id id)
{
	struct held **at = &table->bucket[place_of(table, id)];

	while (*at && ((*at)->id.object != id.object || (*at)->id.dataset != id.dataset))
		at = &(*at)->next;
	return at;
}

static struct held **buckets_create(const struct hmfs_host *host, size_t count)
{
	struct held **bucket = host->allocate(count * sizeof(struct held *));

	if (bucket)
		memset(bucket, 0, count * sizeof(struct held *));
	return bucket;
}

static struct hmfs_held_table *table_of(struct hmfs_volume *volume)
{
	const struct hmfs_host *host = volume->host;
	struct hmfs_held_table *table = volume->held_table;

	if (table)
		return table;
	table = host->allocate(sizeof(*table));
	if (!table)
		return NULL;
	table->count = 0;
	table->buckets = FIRST_BUCKETS;
	table->bucket = buckets_create(host, FIRST_BUCKETS);
	if (!table->bucket) {
		host->release(table);
		return NULL;
	}
	volume->held_table = table;
	return table;
}

/* If there is no memory for it the buckets get long, that is all. */
static void grow(const struct hmfs_host *host, struct hmfs_held_table *table)
{
	const size_t old_count = table->buckets;
	struct held **old = table->bucket;
	struct held **bucket = buckets_create(host, old_count * 2);

	if (!bucket)
		return;
	table->bucket = bucket;
	table->buckets = old_count * 2;
	for (size_t i = 0; i < old_count; i++) {
		while (old[i]) {
			struct held *held = old[i];
			struct held **at = &bucket[place_of(table, held->id)];

			old[i] = held->next;
			held->next = *at;
			*at = held;
		}
	}
	host->release(old);
}

int hmfs_held_add(struct hmfs_volume *volume, struct hmfs_id id)
{
	struct hmfs_held_table *table = table_of(volume);
	struct held **at, *held;

	if (!table)
		return -ENOMEM;
	at = find(table, id);
	if (*at) {
		(*at)->count++;
		return 0;
	}
	held = volume->host->allocate(sizeof(*held));
	if (!held)
		return -ENOMEM;
	*held = (struct held){ .next = *at, .id = id, .count = 1 };
	*at = held;
	if (++table->count > table->buckets)
		grow(volume->host, table);
	return 0;
}

bool hmfs_held(const struct hmfs_volume *volume, struct hmfs_id id)
{
	return volume->held_table && *find(volume->held_table, id);
}

void hmfs_held_orphan(struct hmfs_volume *volume, struct hmfs_id id)
{
	struct held *held = volume->held_table ? *find(volume->held_table, id) : NULL;

	if (held)
		held->orphan = true;
}

bool hmfs_held_remove(struct hmfs_volume *volume, struct hmfs_id id)
{
	struct hmfs_held_table *table = volume->held_table;
	struct held **at = table ? find(table, id) : NULL;
	struct held *held = at ? *at : NULL;
	bool orphan;

	if (!held || --held->count > 0)
		return false;
	orphan = held->orphan;
	*at = held->next;
	table->count--;
	volume->host->release(held);
	return orphan;
}

void hmfs_held_end(struct hmfs_volume *volume)
{
	struct hmfs_held_table *table = volume->held_table;

	if (!table)
		return;
	for (size_t i = 0; i < table->buckets; i++) {
		while (table->bucket[i]) {
			struct held *held = table->bucket[i];

			table->bucket[i] = held->next;
			volume->host->release(held);
		}
	}
	volume->host->release(table->bucket);
	volume->host->release(table);
	volume->held_table = NULL;
}
