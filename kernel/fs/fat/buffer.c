/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sectors of FATs and directories in memory. They are not those of the device's page cache, for
 * two reasons: a page of that may hold the clusters of files beside those of a directory, and must
 * not be written as a whole; and it may be written at any time, where the order matters (commit.c).
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#include <stdatomic.h>

#include "fat_priv.h"

#define BUFFERS_MIN    64u
#define BUFFERS_MAX    4096u
#define MEMORY_SHARE   64u /* at most one 64th of memory */
#define WRITES_AT_ONCE 64u

static void *radix_allocate(size_t size)
{
	return kzalloc(size);
}

void fat_buffers_init(struct fat *fs)
{
	radix_init(&fs->buffers, radix_allocate, kfree);
	radix_init(&fs->links, radix_allocate, kfree);
	list_init(&fs->buffer_lru);
	list_init(&fs->buffer_dirty);
	wait_queue_init(&fs->write_waiters, "fat write");
	fs->buffer_limit =
		(unsigned)min_u64(max_u64(frame_total() / MEMORY_SHARE, BUFFERS_MIN), BUFFERS_MAX);
}

static void free_buffer(struct fat *fs, struct fat_buffer *buffer)
{
	radix_remove(&fs->buffers, buffer->index);
	list_remove(&buffer->lru_node);
	if (list_node_attached(&buffer->dirty_node)) {
		list_remove(&buffer->dirty_node);
		fs->buffer_dirty_count--;
	}
	fs->buffer_count--;
	frame_put(buffer->frame);
	kfree(buffer);
}

void fat_buffers_fini(struct fat *fs)
{
	struct list_node *node;

	while ((node = list_first(&fs->buffer_lru)))
		free_buffer(fs, container_of(node, struct fat_buffer, lru_node));
	radix_clear(&fs->buffers);
	radix_clear(&fs->links);
}

/* Frees clean ones, used longest ago, but none of those that callers may be looking at. */
static void make_room(struct fat *fs)
{
	unsigned looked = 0, may_look = fs->buffer_count - FAT_BUFFERS_HELD;
	struct list_node *node, *following;

	if (fs->buffer_count < fs->buffer_limit)
		return;
	list_for_each_safe (node, following, &fs->buffer_lru) {
		struct fat_buffer *buffer = container_of(node, struct fat_buffer, lru_node);

		if (fs->buffer_count < fs->buffer_limit || looked++ == may_look)
			break;
		if (!list_node_attached(&buffer->dirty_node))
			free_buffer(fs, buffer);
	}
}

static struct fat_buffer *add_buffer(struct fat *fs, uint64_t index)
{
	struct fat_buffer *buffer = kzalloc(sizeof(*buffer));

	if (!buffer)
		return NULL;
	buffer->frame = frame_allocate(0, 0);
	if (!buffer->frame) {
		kfree(buffer);
		return NULL;
	}
	buffer->index = index;
	buffer->bytes = frame_address(buffer->frame);
	list_node_init(&buffer->dirty_node);
	list_node_init(&buffer->lru_node);
	if (radix_set(&fs->buffers, index, buffer)) {
		frame_put(buffer->frame);
		kfree(buffer);
		return NULL;
	}
	list_push_back(&fs->buffer_lru, &buffer->lru_node);
	fs->buffer_count++;
	return buffer;
}

/* How many sectors of a buffer there are on the volume. */
static unsigned sectors_at(const struct fat *fs, uint64_t index)
{
	return (unsigned)min_u64(fs->geometry.total - index * FAT_BUFFER_SECTORS,
				 FAT_BUFFER_SECTORS);
}

static int load(struct fat *fs, struct fat_buffer *buffer)
{
	unsigned sectors = sectors_at(fs, buffer->index);

	return block_read(fs->device, buffer->index * FAT_BUFFER_SECTORS, buffer->bytes,
			  sectors * SECTOR_SIZE);
}

/* The buffer, read if `read`. */
static int find_buffer(struct fat *fs, uint64_t sector, bool read, struct fat_buffer **found)
{
	uint64_t index = sector / FAT_BUFFER_SECTORS;
	struct fat_buffer *buffer = radix_get(&fs->buffers, index);
	int error = 0;

	if (sector >= fs->geometry.total)
		return fat_complain(fs, "sector %llu is past the end", (unsigned long long)sector);
	if (buffer) {
		list_remove(&buffer->lru_node);
		list_push_back(&fs->buffer_lru, &buffer->lru_node);
		*found = buffer;
		return 0;
	}
	make_room(fs);
	buffer = add_buffer(fs, index);
	if (!buffer)
		return -ENOMEM;
	if (read)
		error = load(fs, buffer);
	if (error)
		free_buffer(fs, buffer);
	else
		*found = buffer;
	return error;
}

int fat_buffer_get(struct fat *fs, uint64_t sector, struct fat_buffer **buffer, uint8_t **bytes)
{
	int error = find_buffer(fs, sector, true, buffer);

	if (!error)
		*bytes = (*buffer)->bytes + sector % FAT_BUFFER_SECTORS * SECTOR_SIZE;
	return error;
}

void fat_buffer_dirty(struct fat *fs, struct fat_buffer *buffer, uint64_t sector,
		      enum fat_phase phase)
{
	unsigned count = fs->geometry.sector_size / SECTOR_SIZE;
	unsigned first = (unsigned)align_down(sector % FAT_BUFFER_SECTORS, count);
	uint8_t mask = (uint8_t)(((1u << count) - 1) << first);

	/* A fresh cluster stays so, whatever is written to it, until it is on disk. */
	if (phase == FAT_ENTRIES)
		mask &= (uint8_t)~buffer->dirty[FAT_FRESH];
	buffer->dirty[phase] |= mask;
	if (!list_node_attached(&buffer->dirty_node)) {
		list_push_back(&fs->buffer_dirty, &buffer->dirty_node);
		fs->buffer_dirty_count++;
	}
}

int fat_buffer_zero(struct fat *fs, uint64_t sector, uint64_t count)
{
	while (count > 0) {
		unsigned first = (unsigned)(sector % FAT_BUFFER_SECTORS);
		unsigned here = (unsigned)min_u64(count, FAT_BUFFER_SECTORS - first);
		struct fat_buffer *buffer;
		int error = find_buffer(fs, sector, here < FAT_BUFFER_SECTORS, &buffer);

		if (error)
			return error;
		memset(buffer->bytes + first * SECTOR_SIZE, 0, here * SECTOR_SIZE);
		for (unsigned i = 0; i < here; i++) {
			buffer->dirty[FAT_ENTRIES] &= (uint8_t) ~(1u << (first + i));
			fat_buffer_dirty(fs, buffer, sector + i, FAT_FRESH);
		}
		sector += here;
		count -= here;
	}
	return 0;
}

bool fat_buffers_dirty(struct fat *fs, enum fat_phase phase)
{
	struct list_node *node;

	list_for_each (node, &fs->buffer_dirty) {
		if (container_of(node, struct fat_buffer, dirty_node)->dirty[phase])
			return true;
	}
	return false;
}

bool fat_buffers_crowded(const struct fat *fs)
{
	return fs->buffer_dirty_count > fs->buffer_limit / 2;
}

/* --- Writing. --- */

static void write_done(struct bio *bio)
{
	struct fat *fs = bio->private;
	int none = 0;

	if (bio->error)
		atomic_compare_exchange_strong(&fs->write_error, &none, bio->error);
	bio_free(bio);
	fs->writes_ending++;
	if (atomic_fetch_sub(&fs->writes_left, 1) == 1)
		wait_wake_all(&fs->write_waiters);
	fs->writes_ending--;
}

static void wait_for_writes(struct fat *fs, struct bio_batch *batch)
{
	struct waiter waiter;

	bio_batch_submit(batch);
	wait_begin(&fs->write_waiters, &waiter);
	while (fs->writes_left)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	/* Whoever woke us may still be on its way out, and the file system about to be freed. */
	while (fs->writes_ending)
		thread_yield();
}

/* Adds the write of some sectors of a buffer to the batch. */
static void add_write(struct fat *fs, struct bio_batch *batch, struct fat_buffer *buffer,
		      unsigned first, unsigned count, uint64_t sector)
{
	struct bio *bio = NULL;

	if (fs->writes_left < WRITES_AT_ONCE)
		bio = bio_create(fs->device, BIO_WRITE, sector, 1, BIO_METADATA);
	if (!bio) {
		wait_for_writes(fs, batch);
		bio = bio_create(fs->device, BIO_WRITE, sector, 1, BIO_METADATA | BIO_RESERVE);
	}
	bio->complete = write_done;
	bio->private = fs;
	if (!bio_add_frame(bio, buffer->frame, first * SECTOR_SIZE, count * SECTOR_SIZE)) {
		/* It has room for one. */
		fs->write_error = -EIO;
		bio_free(bio);
		return;
	}
	fs->writes_left++;
	bio_batch_add(batch, bio);
}

/* The same, in all places where these sectors are to be. */
static void add_writes(struct fat *fs, struct bio_batch *batch, struct fat_buffer *buffer,
		       enum fat_phase phase, unsigned first, unsigned count)
{
	const struct fat_geometry *geometry = &fs->geometry;
	uint64_t sector = buffer->index * FAT_BUFFER_SECTORS + first;

	if (phase != FAT_TABLE || !geometry->mirrored) {
		add_write(fs, batch, buffer, first, count, sector);
		return;
	}
	sector -= geometry->fat_active * geometry->fat_length;
	for (unsigned i = 0; i < geometry->fat_count; i++)
		add_write(fs, batch, buffer, first, count, sector + i * geometry->fat_length);
}

static void write_buffer(struct fat *fs, struct bio_batch *batch, struct fat_buffer *buffer,
			 enum fat_phase phase)
{
	unsigned mask = buffer->dirty[phase];

	for (unsigned first = 0; first < FAT_BUFFER_SECTORS; first++) {
		unsigned count = 0;

		while (first + count < FAT_BUFFER_SECTORS && (mask >> (first + count) & 1))
			count++;
		if (count) {
			add_writes(fs, batch, buffer, phase, first, count);
			first += count;
		}
	}
}

static void mark_clean(struct fat *fs, enum fat_phase phase)
{
	struct list_node *node, *following;

	list_for_each_safe (node, following, &fs->buffer_dirty) {
		struct fat_buffer *buffer = container_of(node, struct fat_buffer, dirty_node);

		buffer->dirty[phase] = 0;
		if (!buffer->dirty[FAT_FRESH] && !buffer->dirty[FAT_TABLE] &&
		    !buffer->dirty[FAT_ENTRIES]) {
			list_remove(node);
			fs->buffer_dirty_count--;
		}
	}
}

int fat_buffers_write(struct fat *fs, enum fat_phase phase)
{
	struct bio_batch batch;
	struct list_node *node;

	bio_batch_init(&batch);
	fs->write_error = 0;
	list_for_each (node, &fs->buffer_dirty)
		write_buffer(fs, &batch, container_of(node, struct fat_buffer, dirty_node), phase);
	wait_for_writes(fs, &batch);
	if (!fs->write_error)
		mark_clean(fs, phase);
	return fs->write_error;
}
