/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a volume stands on in the kernel: bios that are waited for, the heap, a mutex, the log.
 */
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <scheme/random.h>
#include <time/clock.h>

#include "hmfs_vfs.h"

#define BLOCK_SECTORS (HMFS_BLOCK_SIZE / SECTOR_SIZE)
#define PART_BLOCKS   (4u << 20 >> HMFS_BLOCK_SHIFT) /* of one bio */
#define MEMORY_PART   32u                            /* 1 / so much of it for nodes of maps */

static struct hmfs_disk *disk_of(struct hmfs_device *device)
{
	return container_of(device, struct hmfs_disk, device);
}

/* Whether the memory is in the direct map, so that a bio can have it as it is. */
static bool is_direct(const void *memory, size_t length)
{
	uintptr_t start = (uintptr_t)phys_to_virt(0), address = (uintptr_t)memory;

	return address % SECTOR_SIZE == 0 && address >= start && frame_at(virt_to_phys(memory)) &&
	       frame_at(virt_to_phys((const char *)memory + length - 1));
}

/* One bio of memory that is one piece. */
static int transfer_direct(struct hmfs_disk *disk, enum bio_operation operation, uint64_t block,
			   const void *memory, size_t length)
{
	phys_t physical = virt_to_phys(memory);
	struct bio *bio;
	int error = -EINVAL;

	bio = bio_create(disk->block, operation, block * BLOCK_SECTORS, 1,
			 BIO_METADATA | BIO_URGENT | BIO_RESERVE);
	if (!bio)
		return -ENOMEM;
	if (bio_add_frame(bio, frame_at(physical - physical % PAGE_SIZE),
			  (uint32_t)(physical % PAGE_SIZE), (uint32_t)length))
		error = bio_submit_and_wait(bio);
	bio_free(bio);
	return error;
}

static int transfer_part(struct hmfs_disk *disk, bool write, uint64_t block, void *memory,
			 size_t length)
{
	if (is_direct(memory, length))
		return transfer_direct(disk, write ? BIO_WRITE : BIO_READ, block, memory, length);
	return write ? block_write(disk->block, block * BLOCK_SECTORS, memory, length, 0)
		     : block_read(disk->block, block * BLOCK_SECTORS, memory, length);
}

static int transfer(struct hmfs_device *device, bool write, uint64_t block, uint64_t count,
		    void *memory)
{
	char *bytes = memory;
	int error = 0;

	if (count > device->blocks || block > device->blocks - count)
		return -EIO;
	while (count && !error) {
		uint64_t part = min_u64(count, PART_BLOCKS);

		error = transfer_part(disk_of(device), write, block, bytes,
				      (size_t)part << HMFS_BLOCK_SHIFT);
		block += part;
		count -= part;
		bytes += part << HMFS_BLOCK_SHIFT;
	}
	return error;
}

static int device_read(struct hmfs_device *device, uint64_t block, uint64_t count, void *buffer)
{
	return transfer(device, false, block, count, buffer);
}

static int device_write(struct hmfs_device *device, uint64_t block, uint64_t count,
			const void *buffer)
{
	return device->read_only ? -EROFS : transfer(device, true, block, count, (void *)buffer);
}

static int device_flush(struct hmfs_device *device)
{
	return block_flush(disk_of(device)->block);
}

static int device_trim(struct hmfs_device *device, uint64_t block, uint64_t count)
{
	struct block_device *to = disk_of(device)->block;
	uint64_t sector = block * BLOCK_SECTORS, left = count * BLOCK_SECTORS;
	uint64_t limit = to->limits->max_discard_sectors / BLOCK_SECTORS * BLOCK_SECTORS;
	int error = 0;

	if (!limit)
		return -EOPNOTSUPP;
	while (left && !error) {
		uint64_t part = min_u64(left, limit);
		struct bio *bio = bio_create(to, BIO_DISCARD, sector, 0, BIO_RESERVE);

		if (!bio)
			return -ENOMEM;
		bio->length = part << SECTOR_SHIFT;
		error = bio_submit_and_wait(bio);
		bio_free(bio);
		sector += part;
		left -= part;
	}
	return error;
}

static const struct hmfs_device_ops device_ops = {
	.read = device_read,
	.write = device_write,
	.flush = device_flush,
	.trim = device_trim,
};

void hmfs_disk_init(struct hmfs_disk *disk, struct block_device *block, bool read_only)
{
	block_device_get(block);
	disk->block = block;
	disk->device = (struct hmfs_device){
		.ops = &device_ops,
		.blocks = block->sector_count / BLOCK_SECTORS,
		.read_only = read_only || block->read_only,
	};
}

void hmfs_disk_fini(struct hmfs_disk *disk)
{
	block_device_put(disk->block);
}

/* --- The host. --- */

/* Pages of files go for what the volume needs; it may hold its lock, so that nothing is waited
 * for. */
static void *host_allocate(size_t size)
{
	void *memory = kmalloc(size);

	if (memory)
		return memory;
	page_cache_reclaim(2 * (size / PAGE_SIZE + 1));
	return kmalloc(size);
}

static void host_lock(void *context)
{
	struct hmfs_vfs *fs = context;

	mutex_lock_nested(&fs->lock);
}

static void host_unlock(void *context)
{
	struct hmfs_vfs *fs = context;

	mutex_unlock(&fs->lock);
}

/* With the volume's lock, which is let go of meanwhile. */
static void host_wait(void *context)
{
	struct hmfs_vfs *fs = context;
	struct waiter waiter;

	wait_begin(&fs->volume_wake, &waiter);
	mutex_unlock(&fs->lock);
	wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	mutex_lock_nested(&fs->lock);
}

static void host_wake(void *context)
{
	struct hmfs_vfs *fs = context;

	wait_wake_all(&fs->volume_wake);
}

static void host_log(void *context, enum hmfs_log_level level, const char *line)
{
	const struct hmfs_vfs *fs = context;

	log_write(level == HMFS_LOG_ERROR     ? LOG_ERROR
		  : level == HMFS_LOG_WARNING ? LOG_WARNING
					      : LOG_INFO,
		  "hmfs", "%s: %s", fs->disk.block->name, line);
}

static void plain_log(void *context, enum hmfs_log_level level, const char *line)
{
	/* Whatever is not one is not to be told of. */
	(void)context;
	(void)level;
	(void)line;
}

const struct hmfs_host hmfs_plain_host = {
	.allocate = host_allocate,
	.release = kfree,
	.now = clock_realtime_ns,
	.random = random_bytes,
	.log = plain_log,
	.cache_bytes = 1u << 20,
	.newest_bytes = 1u << 20,
};

void hmfs_host_init(struct hmfs_vfs *fs)
{
	uint64_t part = (frame_total() << PAGE_SHIFT) / MEMORY_PART;

	fs->host = hmfs_plain_host;
	fs->host.lock = host_lock;
	fs->host.unlock = host_unlock;
	fs->host.wait = host_wait;
	fs->host.wake = host_wake;
	fs->host.log = host_log;
	fs->host.context = fs;
	fs->host.cache_bytes = (size_t)min_u64(max_u64(part, 1u << 20), 128u << 20);
	fs->host.newest_bytes = (size_t)min_u64(max_u64(part / 2, 1u << 20), 32u << 20);
}
