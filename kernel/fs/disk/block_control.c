/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ioctls of block devices, as partitioning programs and mkfs use them; Linux's numbers. */
#include "disk_priv.h"

#include <base/errno.h>
#include <block/disk.h>
#include <cache/page_cache.h>
#include <scheme/credentials.h>
#include <scheme/file.h>

enum request {
	HDIO_GETGEO = 0x0301,
	BLKROSET = 0x125d,
	BLKROGET = 0x125e,
	BLKRRPART = 0x125f,
	BLKGETSIZE = 0x1260,
	BLKFLSBUF = 0x1261,
	BLKRASET = 0x1262,
	BLKRAGET = 0x1263,
	BLKFRASET = 0x1264,
	BLKFRAGET = 0x1265,
	BLKSECTGET = 0x1267,
	BLKSSZGET = 0x1268,
	BLKDISCARD = 0x1277,
	BLKIOMIN = 0x1278,
	BLKIOOPT = 0x1279,
	BLKALIGNOFF = 0x127a,
	BLKPBSZGET = 0x127b,
	BLKDISCARDZEROES = 0x127c,
	BLKROTATIONAL = 0x127e,
	BLKZEROOUT = 0x127f,
	BLKBSZGET = 0x80081270,
	BLKBSZSET = 0x40081271,
	BLKGETSIZE64 = 0x80081272,
};

#define READ_AHEAD_SECTORS 256
#define MAX_SECTORS        2560
#define DISCARD_AT_ONCE    (1ull << 30) /* bytes */

/* A made-up geometry: nothing else is known of disks any more. */
#define HEADS             255
#define SECTORS_PER_TRACK 63

struct disk_geometry {
	/* 0x00 */ uint8_t heads, sectors;
	/* 0x02 */ uint16_t cylinders;
	/* 0x08 */ uint64_t start;
};
_Static_assert(offsetof(struct disk_geometry, cylinders) == 2, "struct hd_geometry");
_Static_assert(offsetof(struct disk_geometry, start) == 8, "struct hd_geometry");
_Static_assert(sizeof(struct disk_geometry) == 16, "struct hd_geometry");

static bool may_administer(const struct file *file)
{
	return credentials_privileged(file->credentials);
}

static long put_u16(uintptr_t to, uint16_t value)
{
	return copy_to_user(user_out(to, sizeof(value)), &value);
}

static long put_geometry(const struct block_device *device, uintptr_t to)
{
	const struct disk_geometry geometry = {
		.heads = HEADS,
		.sectors = SECTORS_PER_TRACK,
		.cylinders = (uint16_t)(device->sector_count / (HEADS * SECTORS_PER_TRACK)),
		.start = device->start,
	};

	return copy_to_user(user_out(to, sizeof(geometry)), &geometry);
}

/* How far a partition is from where the device's physical blocks begin. */
static uint32_t misalignment(const struct block_device *device)
{
	const uint32_t physical = device->limits->physical_block_size;
	const uint32_t past = (uint32_t)((device->start << SECTOR_SHIFT) & (physical - 1));

	return past ? physical - past : 0;
}

/* --- What changes something. --- */

static long set_read_only(struct file *file, uintptr_t argument)
{
	uint32_t value;
	int error = read_user_u32(argument, &value);

	if (!may_administer(file))
		return -EACCES;
	if (error)
		return error;
	/* What cannot be written stays so. */
	if (!value && block_disk_description(block_file_device(file))->read_only)
		return -EACCES;
	block_file_device(file)->read_only = value != 0;
	return 0;
}

static long flush_buffers(struct file *file)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	int error;

	if (!may_administer(file))
		return -EACCES;
	error = page_cache_sync(cache, 0, UINT64_MAX);
	page_cache_drop(cache, 0, UINT64_MAX, false);
	return error;
}

/* The table may be in the cache only, as yet. */
static long read_table_anew(struct file *file)
{
	struct block_device *device = block_file_device(file);
	int error, claim_error = 0;
	bool claimed;

	if (!may_administer(file))
		return -EACCES;
	if (device->partition != 0)
		return -EINVAL;
	error = page_cache_sync(page_cache_of(file->node->object), 0, UINT64_MAX);
	if (error)
		return error;
	claimed = block_file_pause_claim(file);
	error = block_rescan(device);
	if (claimed)
		claim_error = block_file_resume_claim(file);
	return error ? error : claim_error;
}

static int submit_range(struct block_device *device, enum bio_operation operation, uint64_t start,
			uint64_t length)
{
	struct bio *bio = bio_create(device, operation, start >> SECTOR_SHIFT, 0, 0);
	int error;

	if (!bio)
		return -ENOMEM;
	bio->length = length;
	error = bio_submit_and_wait(bio);
	bio_free(bio);
	return error;
}

/* The argument: start and length in bytes. */
static long change_range(struct file *file, enum bio_operation operation, uintptr_t argument)
{
	struct block_device *device = block_file_device(file);
	uint64_t range[2], end;
	int error = copy_from_user(range, user_in(argument, sizeof(range)));

	if (!file->writable)
		return -EBADF;
	if (error)
		return error;
	if (device->read_only)
		return -EPERM;
	if (operation == BIO_DISCARD && !device->limits->max_discard_sectors)
		return -EOPNOTSUPP;
	if ((range[0] | range[1]) & (device->limits->block_size - 1))
		return -EINVAL;
	if (range[0] > block_device_bytes(device) ||
	    range[1] > block_device_bytes(device) - range[0])
		return -EINVAL;
	end = range[0] + range[1];
	page_cache_drop(page_cache_of(file->node->object), range[0], end, true);
	for (uint64_t at = range[0]; !error && at < end; at += min_u64(end - at, DISCARD_AT_ONCE))
		error = submit_range(device, operation, at, min_u64(end - at, DISCARD_AT_ONCE));
	page_cache_drop(page_cache_of(file->node->object), range[0], end, true);
	return error;
}

/* The size of what was once the buffers' blocks: there are none. */
static long set_block_size(const struct block_device *device, uintptr_t argument)
{
	uint32_t size;
	int error = read_user_u32(argument, &size);

	if (error)
		return error;
	return size < device->limits->block_size || size > PAGE_SIZE || (size & (size - 1))
		       ? -EINVAL
		       : 0;
}

/* --- All of them. --- */

static long control_action(struct file *file, unsigned request, uintptr_t argument)
{
	switch (request) {
	case BLKROSET:
		return set_read_only(file, argument);
	case BLKRRPART:
		return read_table_anew(file);
	case BLKFLSBUF:
		return flush_buffers(file);
	case BLKRASET:
	case BLKFRASET:
		/* Read-ahead adapts itself. */
		return may_administer(file) ? 0 : -EACCES;
	case BLKBSZSET:
		return set_block_size(block_file_device(file), argument);
	case BLKDISCARD:
		return change_range(file, BIO_DISCARD, argument);
	case BLKZEROOUT:
		return change_range(file, BIO_WRITE_ZEROES, argument);
	default:
		return -ENOTTY;
	}
}

long block_file_control(struct file *file, unsigned request, uintptr_t argument)
{
	const struct block_device *device = block_file_device(file);
	const struct block_limits *limits = device->limits;

	if (device->gone)
		return -ENXIO;
	switch (request) {
	case BLKGETSIZE64:
		return write_user_u64(argument, block_device_bytes(device));
	case BLKGETSIZE:
		return write_user_u64(argument, device->sector_count);
	case BLKSSZGET:
		return write_user_u32(argument, limits->block_size);
	case BLKBSZGET:
		return write_user_u32(argument, PAGE_SIZE);
	case BLKPBSZGET:
	case BLKIOMIN:
		return write_user_u32(argument, limits->physical_block_size);
	case BLKIOOPT:
	case BLKDISCARDZEROES:
		return write_user_u32(argument, 0);
	case BLKALIGNOFF:
		return write_user_u32(argument, misalignment(device));
	case BLKROGET:
		return write_user_u32(argument, device->read_only);
	case BLKRAGET:
	case BLKFRAGET:
		return write_user_u64(argument, READ_AHEAD_SECTORS);
	case BLKSECTGET:
		return put_u16(argument, MAX_SECTORS);
	case BLKROTATIONAL:
		return put_u16(argument, limits->rotational);
	case HDIO_GETGEO:
		return put_geometry(device, argument);
	default:
		return control_action(file, request, argument);
	}
}
