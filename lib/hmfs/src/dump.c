/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Superblocks, root records and maps as text. Nothing of what is read is trusted. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <hmfs/dump.h>

#include "dump_priv.h"
#include "volume_priv.h"

void hmfs_dump_print(struct hmfs_dump *dump, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(dump->text, sizeof(dump->text), format, arguments);
	va_end(arguments);
	dump->line(dump->context, dump->text);
}

/* Text of a disk's, made harmless: up to its zero or `size` bytes. */
static void copy_harmless(char *to, const void *from, size_t size)
{
	const char *bytes = from;
	size_t i;

	for (i = 0; i < size && bytes[i]; i++)
		to[i] = bytes[i] < ' ' && bytes[i] >= 0 ? '?' : bytes[i];
	to[i] = 0;
}

static void dump_super(struct hmfs_dump *dump, uint64_t block, const struct hmfs_super *super)
{
	char label[sizeof(super->label) + 1];

	copy_harmless(label, super->label, sizeof(super->label));
	hmfs_dump_print(
		dump,
		"superblock %lu: %s, version %u, %lu blocks, hash %u, created %lu, label \"%s\", "
		"features %lx %lx %lx, seed %lx",
		block, hmfs_super_intact(super) ? "intact" : "DAMAGED", super->version,
		super->blocks, super->hash, super->created, label, super->incompatible,
		super->read_only, super->compatible, super->name_seed);
}

static void dump_list(struct hmfs_dump *dump, const struct hmfs_map_root *map)
{
	for (unsigned i = 0; i < map->count && i < HMFS_LIST_MAX; i++) {
		const struct hmfs_segment_pointer *segment = &map->segments[i];

		hmfs_dump_print(dump,
				"  segment %u: at %lu and %lu, %lu entries, %lu blocks, commit %lu",
				i, segment->head.address[0], segment->head.address[1],
				segment->entries, segment->blocks, segment->birth);
	}
}

static void dump_root(struct hmfs_dump *dump, uint64_t block, uint32_t hash,
		      const struct hmfs_root *root)
{
	if (root->magic != HMFS_ROOT_MAGIC) {
		hmfs_dump_print(dump, "root record %lu: none", block);
		return;
	}
	hmfs_dump_print(
		dump,
		"root record %lu: %s, commit %lu, time %lu, %lu blocks, %lu free, next dataset "
		"%lu, flags %lx, log nonce %lx",
		block, hmfs_root_intact(hash, root) ? "intact" : "DAMAGED", root->commit,
		root->time, root->blocks, root->free_blocks, root->next_dataset, root->flags,
		root->log_nonce);
	for (unsigned i = 0; i < HMFS_LOG_EXTENTS; i++)
		if (root->log[i].blocks)
			hmfs_dump_print(dump, "  log extent %u: %lu blocks at %lu", i,
					root->log[i].blocks, root->log[i].address);
	for (unsigned i = 0; i < HMFS_LATE_EXTENTS; i++)
		if (root->late[i].blocks)
			hmfs_dump_print(dump, "  late extent %u: %lu blocks at %lu", i,
					root->late[i].blocks, root->late[i].address);
	dump_list(dump, &root->map);
}

/* The block is a buffer of the caller's. */
static int dump_block(struct hmfs_dump *dump, struct hmfs_device *device, uint64_t block,
		      bool is_super, void *buffer, uint32_t *hash)
{
	const struct hmfs_super *super = buffer;
	int error = device->ops->read(device, block, 1, buffer);

	if (error) {
		hmfs_dump_print(dump, "block %lu: cannot be read (error %d)", block, -error);
		return 0;
	}
	if (!is_super) {
		dump_root(dump, block, *hash, buffer);
		return 0;
	}
	if (super->magic != HMFS_SUPER_MAGIC) {
		hmfs_dump_print(dump, "superblock %lu: none", block);
		return 0;
	}
	dump_super(dump, block, super);
	if (hmfs_super_intact(super))
		*hash = super->hash;
	return super->blocks <= device->blocks ? 1 : 0;
}

int hmfs_dump_device(struct hmfs_device *device, const struct hmfs_host *host, hmfs_dump_line *line,
		     void *context)
{
	struct hmfs_dump *dump = host->allocate(sizeof(*dump));
	void *buffer = host->allocate(HMFS_BLOCK_SIZE);
	uint64_t blocks = device->blocks;
	uint32_t hash = HMFS_HASH_XXH3;

	if (dump && buffer && blocks >= HMFS_MIN_BLOCKS) {
		dump->line = line;
		dump->context = context;
		if (dump_block(dump, device, 0, true, buffer, &hash) > 0)
			blocks = max_u64(((struct hmfs_super *)buffer)->blocks, HMFS_MIN_BLOCKS);
		dump_block(dump, device, hmfs_second_super(blocks), true, buffer, &hash);
		for (unsigned i = 0; i < HMFS_RING_SLOTS; i++)
			dump_block(dump, device, HMFS_RING_START + i, false, buffer, &hash);
		for (unsigned i = 0; i < HMFS_RING_SLOTS; i++)
			dump_block(dump, device, hmfs_second_ring(blocks) + i, false, buffer,
				   &hash);
	}
	host->release(buffer);
	host->release(dump);
	if (!dump || !buffer)
		return -ENOMEM;
	return blocks < HMFS_MIN_BLOCKS ? -EINVAL : 0;
}

static int dump_records(struct hmfs_dump *dump, struct hmfs_map *map, uint32_t hash)
{
	const struct hmfs_key first = { 0, 0, 0 };
	struct hmfs_cursor cursor = { 0 };
	int error = hmfs_cursor_seek(&cursor, map, &first);

	while (!error) {
		hmfs_dump_record(dump, hash, &cursor.key, &cursor.value);
		error = hmfs_cursor_next(&cursor);
	}
	hmfs_cursor_close(&cursor);
	return error == -ENOENT ? 0 : error;
}

static int dump_map(struct hmfs_volume *volume, struct hmfs_dump *dump, struct hmfs_map *map)
{
	struct hmfs_map_root *root = volume->host->allocate(sizeof(*root));

	if (!root)
		return -ENOMEM;
	hmfs_map_root(map, root);
	dump_list(dump, root);
	volume->host->release(root);
	return dump->records ? dump_records(dump, map, volume->super.hash) : 0;
}

static int dump_all(struct hmfs_volume *volume, struct hmfs_dump *dump)
{
	struct hmfs_key key = { 0, HMFS_PLACE(HMFS_KIND_DATASET, 0), 0 };
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_dataset *dataset;
	char name[sizeof(dataset->record.name) + 1];
	int error;

	hmfs_dump_print(dump, "the volume's own map");
	error = dump_map(volume, dump, &volume->map);
	while (!error) {
		error = hmfs_cursor_seek(&cursor, &volume->map, &key);
		if (error)
			break;
		key = cursor.key;
		key.object++;
		key.place = HMFS_PLACE(HMFS_KIND_DATASET, 0);
		if (cursor.key.place >> 56 != HMFS_KIND_DATASET)
			continue;
		error = hmfs_dataset_get(volume, (uint32_t)cursor.key.object, &dataset);
		if (error)
			break;
		copy_harmless(name, dataset->record.name, sizeof(dataset->record.name));
		hmfs_dump_print(dump, "dataset %u \"%s\": %lu objects, changed by commit %lu",
				dataset->number, name, dataset->record.objects,
				dataset->record.changed);
		error = dump_map(volume, dump, &dataset->map);
	}
	hmfs_cursor_close(&cursor);
	return error == -ENOENT ? 0 : error;
}

int hmfs_dump_maps(struct hmfs_volume *volume, bool records, hmfs_dump_line *line, void *context)
{
	struct hmfs_dump *dump = volume->host->allocate(sizeof(*dump));
	int error;

	if (!dump)
		return -ENOMEM;
	dump->line = line;
	dump->context = context;
	dump->records = records;
	hmfs_lock(volume);
	error = dump_all(volume, dump);
	hmfs_unlock(volume);
	volume->host->release(dump);
	return error;
}
