/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file allocation table: its entries, and free clusters. */
#include <base/errno.h>
#include <base/string.h>

#include "fat_priv.h"

/* --- Entries. --- */

/* The bytes of the table from `offset` on, and how many of them follow in one piece. */
static int table_bytes(struct fat *fs, uint64_t offset, struct fat_buffer **buffer, uint8_t **bytes,
		       uint32_t *left)
{
	const struct fat_geometry *geometry = &fs->geometry;
	uint64_t sector = geometry->fat_start + geometry->fat_active * geometry->fat_length +
			  offset / SECTOR_SIZE;
	int error = fat_buffer_get(fs, sector, buffer, bytes);

	if (error)
		return error;
	*bytes += offset % SECTOR_SIZE;
	*left = (uint32_t)((FAT_BUFFER_SECTORS - sector % FAT_BUFFER_SECTORS) * SECTOR_SIZE -
			   offset % SECTOR_SIZE);
	return 0;
}

static uint64_t entry_offset(const struct fat *fs, uint32_t cluster)
{
	return (uint64_t)cluster * fs->geometry.bits / 8;
}

/* Reads a 12-bit entry, whose two bytes may be in different sectors. */
static int read_12(struct fat *fs, uint32_t cluster, uint32_t *value)
{
	uint64_t offset = entry_offset(fs, cluster);
	struct fat_buffer *buffer;
	uint8_t *bytes, pair[2];
	uint32_t left;

	for (unsigned i = 0; i < 2; i++) {
		int error = table_bytes(fs, offset + i, &buffer, &bytes, &left);

		if (error)
			return error;
		pair[i] = *bytes;
	}
	*value = (uint32_t)pair[0] | (uint32_t)pair[1] << 8;
	*value = cluster & 1 ? *value >> 4 : *value & 0xfff;
	return 0;
}

static int write_12(struct fat *fs, uint32_t cluster, uint32_t value)
{
	uint64_t offset = entry_offset(fs, cluster);
	struct fat_buffer *buffers[2];
	uint8_t *bytes[2];
	uint32_t left;

	/* Both are found before one is changed. */
	for (unsigned i = 0; i < 2; i++) {
		int error = table_bytes(fs, offset + i, &buffers[i], &bytes[i], &left);

		if (error)
			return error;
	}
	if (cluster & 1) {
		*bytes[0] = (uint8_t)((*bytes[0] & 0x0f) | value << 4);
		*bytes[1] = (uint8_t)(value >> 4);
	} else {
		*bytes[0] = (uint8_t)value;
		*bytes[1] = (uint8_t)((*bytes[1] & 0xf0) | (value >> 8 & 0x0f));
	}
	for (unsigned i = 0; i < 2; i++)
		fat_buffer_dirty(fs, buffers[i],
				 buffers[i]->index * FAT_BUFFER_SECTORS +
					 (uint64_t)(bytes[i] - buffers[i]->bytes) / SECTOR_SIZE,
				 FAT_TABLE);
	return 0;
}

/* Makes 28 bits of what an entry has: reserved values stay reserved ones. */
static uint32_t widen(unsigned bits, uint32_t value)
{
	if (bits == 12 && value >= 0xff0)
		return value | 0x0ffff000;
	if (bits == 16 && value >= 0xfff0)
		return value | 0x0fff0000;
	return value & FAT32_MASK;
}

/* The value of an entry of 16 or 32 bits. */
static uint32_t entry_at(unsigned bits, const uint8_t *bytes)
{
	uint16_t half;
	uint32_t whole;

	if (bits == 16) {
		memcpy(&half, bytes, sizeof(half));
		return widen(16, half);
	}
	memcpy(&whole, bytes, sizeof(whole));
	return whole & FAT32_MASK;
}

int fat_table_read(struct fat *fs, uint32_t cluster, uint32_t *value)
{
	const void *link = radix_get(&fs->links, cluster);
	struct fat_buffer *buffer;
	uint8_t *bytes;
	uint32_t left;
	int error;

	if (link) {
		*value = (uint32_t)(uintptr_t)link;
		return 0;
	}
	if (fs->geometry.bits == 12) {
		error = read_12(fs, cluster, value);
		if (!error)
			*value = widen(12, *value);
		return error;
	}
	error = table_bytes(fs, entry_offset(fs, cluster), &buffer, &bytes, &left);
	if (!error)
		*value = entry_at(fs->geometry.bits, bytes);
	return error;
}

int fat_table_write(struct fat *fs, uint32_t cluster, uint32_t value)
{
	struct fat_buffer *buffer;
	uint8_t *bytes;
	uint32_t left, old;
	uint16_t half = (uint16_t)value;
	int error;

	radix_remove(&fs->links, cluster);
	if (fs->geometry.bits == 12)
		return write_12(fs, cluster, value & 0xfff);
	error = table_bytes(fs, entry_offset(fs, cluster), &buffer, &bytes, &left);
	if (error)
		return error;
	if (fs->geometry.bits == 16) {
		memcpy(bytes, &half, sizeof(half));
	} else {
		/* The uppermost four bits are nobody's, and stay. */
		memcpy(&old, bytes, sizeof(old));
		value = (value & FAT32_MASK) | (old & ~FAT32_MASK);
		memcpy(bytes, &value, sizeof(value));
	}
	fat_buffer_dirty(fs, buffer,
			 buffer->index * FAT_BUFFER_SECTORS +
				 (uint64_t)(bytes - buffer->bytes) / SECTOR_SIZE,
			 FAT_TABLE);
	return 0;
}

int fat_table_link(struct fat *fs, uint32_t cluster, uint32_t next)
{
	return radix_set(&fs->links, cluster, (void *)(uintptr_t)next);
}

int fat_table_make_links(struct fat *fs)
{
	uint64_t cluster = 0;
	void *next;

	while ((next = radix_next(&fs->links, &cluster))) {
		int error = fat_table_write(fs, (uint32_t)cluster, (uint32_t)(uintptr_t)next);

		if (error) {
			/* It is still to be made. */
			return radix_set(&fs->links, cluster, next) ? -EIO : error;
		}
	}
	return 0;
}

int fat_table_next(struct fat *fs, uint32_t cluster, uint32_t *next)
{
	int error;

	if (!fat_cluster_valid(&fs->geometry, cluster))
		return fat_complain(fs, "a chain begins with %#x, which is no cluster", cluster);
	error = fat_table_read(fs, cluster, next);
	if (error)
		return error;
	if (*next >= FAT_CLUSTER_LAST) {
		*next = 0;
		return 0;
	}
	if (!fat_cluster_valid(&fs->geometry, *next))
		return fat_complain(fs, "cluster %#x leads to %#x, which is none", cluster, *next);
	return 0;
}

int fat_table_set_dirty(struct fat *fs, bool dirty)
{
	uint32_t clean = fs->geometry.bits == 32 ? FAT32_CLEAN : FAT16_CLEAN, value;
	int error;

	if (fs->geometry.bits == 12)
		return 0;
	error = fat_table_read(fs, 1, &value);
	if (error)
		return error;
	return fat_table_write(fs, 1, dirty ? value & ~clean : value | clean);
}

/* --- Free clusters. --- */

/* A walk over the table that looks at many entries of a buffer at once. */
struct scan {
	const uint8_t *bytes;
	uint32_t left; /* bytes */
};

/* Whether the next cluster of the walk, which is `cluster`, is free: 1 or 0, or an error. */
static int scan_is_free(struct fat *fs, struct scan *scan, uint32_t cluster)
{
	unsigned bits = fs->geometry.bits, size = bits / 8;
	struct fat_buffer *buffer;
	uint32_t value;
	uint8_t *bytes;
	int error;

	if (bits == 12) {
		error = fat_table_read(fs, cluster, &value);
		return error ? error : value == FAT_CLUSTER_FREE;
	}
	if (scan->left == 0) {
		error = table_bytes(fs, entry_offset(fs, cluster), &buffer, &bytes, &scan->left);
		if (error)
			return error;
		scan->bytes = bytes;
	}
	value = entry_at(bits, scan->bytes);
	scan->bytes += size;
	scan->left -= size;
	return value == FAT_CLUSTER_FREE;
}

/* The first free clusters of [from, end) that follow each other, at most `wanted`. 1, or 0: none. */
static int find_free(struct fat *fs, uint32_t from, uint32_t end, uint32_t wanted, uint32_t *first,
		     uint32_t *count)
{
	struct scan scan = { NULL, 0 };
	int is_free = 0;

	*count = 0;
	for (uint32_t cluster = from; cluster < end && *count < wanted; cluster++) {
		is_free = scan_is_free(fs, &scan, cluster);
		if (is_free < 0)
			return is_free;
		if (is_free && (*count)++ == 0)
			*first = cluster;
		if (!is_free && *count)
			break;
	}
	return *count > 0;
}

/* The same anywhere, best at `goal`, else where free clusters were found last. */
static int find_anywhere(struct fat *fs, uint32_t goal, uint32_t wanted, uint32_t *first,
			 uint32_t *count)
{
	const struct fat_geometry *geometry = &fs->geometry;
	uint32_t start = fs->next_free;
	int found = 0;

	if (fat_cluster_valid(geometry, goal)) {
		found = find_free(fs, goal, goal + 1, 1, first, count);
		if (found > 0)
			found = find_free(fs, goal, geometry->cluster_end, wanted, first, count);
		if (found)
			return found;
	}
	if (!fat_cluster_valid(geometry, start))
		start = FAT_CLUSTER_FIRST;
	found = find_free(fs, start, geometry->cluster_end, wanted, first, count);
	if (!found)
		found = find_free(fs, FAT_CLUSTER_FIRST, start, wanted, first, count);
	return found;
}

/* Chains the clusters of a run. On failure all are free again as far as that can be written. */
static int chain_run(struct fat *fs, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t next = i + 1 < count ? first + i + 1 : FAT_CLUSTER_END;
		int error = fat_table_write(fs, first + i, next);

		if (!error)
			continue;
		while (i-- > 0)
			if (fat_table_write(fs, first + i, FAT_CLUSTER_FREE))
				break; /* lost clusters */
		return error;
	}
	return 0;
}

int fat_table_allocate(struct fat *fs, uint32_t goal, uint32_t wanted, uint32_t *first,
		       uint32_t *count)
{
	int found, error;

	found = find_anywhere(fs, goal, wanted, first, count);
	if (found < 0)
		return found;
	if (!found)
		return -ENOSPC;
	error = chain_run(fs, *first, *count);
	if (error)
		return error;
	fs->next_free = *first + *count;
	fs->free_clusters -= (uint32_t)min_u64(*count, fs->free_clusters);
	fs->information_stale = true;
	return 0;
}

int fat_table_free_chain(struct fat *fs, uint32_t first)
{
	uint32_t cluster = first, value;

	while (cluster) {
		int error;

		if (!fat_cluster_valid(&fs->geometry, cluster))
			return fat_complain(fs, "a chain leads to %#x, which is no cluster",
					    cluster);
		error = fat_table_read(fs, cluster, &value);
		if (error)
			return error;
		if (value == FAT_CLUSTER_FREE)
			return fat_complain(fs, "cluster %#x of a chain is free", cluster);
		error = fat_table_write(fs, cluster, FAT_CLUSTER_FREE);
		if (error)
			return error;
		fs->free_clusters++;
		fs->information_stale = true;
		fs->next_free = (uint32_t)min_u64(fs->next_free, cluster);
		cluster = value >= FAT_CLUSTER_LAST ? 0 : value;
	}
	return 0;
}

int fat_table_count_free(struct fat *fs, uint32_t *count)
{
	struct scan scan = { NULL, 0 };

	*count = fs->free_clusters;
	if (fs->free_known)
		return 0;
	*count = 0;
	for (uint32_t cluster = FAT_CLUSTER_FIRST; cluster < fs->geometry.cluster_end; cluster++) {
		int is_free = scan_is_free(fs, &scan, cluster);

		if (is_free < 0)
			return is_free;
		*count += (uint32_t)is_free;
	}
	fs->information_stale |= fs->free_clusters != *count;
	fs->free_clusters = *count;
	fs->free_known = true;
	return 0;
}
