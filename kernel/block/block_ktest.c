/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of bios and devices, on RAM disks. */
#include "block_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <block/ram_disk.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#define SECTORS 2048u
#define BATCH   16u

static struct block_device *create(const char *name)
{
	struct block_device *device = NULL;

	ktest_expect(block_ram_disk_create(name, SECTORS, &device) == 0);
	return device;
}

KTEST(block, what_is_written_is_read)
{
	struct block_device *device = create("ramtest");
	uint8_t *bytes = kmalloc(SECTORS * SECTOR_SIZE);

	if (!device || !bytes)
		return;
	memset(bytes, 1, SECTORS * SECTOR_SIZE);
	ktest_expect(block_read(device, 0, bytes, SECTORS * SECTOR_SIZE) == 0);
	ktest_expect(bytes[0] == 0 && bytes[SECTORS * SECTOR_SIZE - 1] == 0);
	for (unsigned i = 0; i < SECTORS * SECTOR_SIZE; i++)
		bytes[i] = (uint8_t)(i * 7 + i / SECTOR_SIZE);
	ktest_expect(block_write(device, 3, bytes, 1000 * SECTOR_SIZE, BIO_FUA) == 0);
	memset(bytes, 0, 1000 * SECTOR_SIZE);
	ktest_expect(block_read(device, 3, bytes, 1000 * SECTOR_SIZE) == 0);
	for (unsigned i = 0; i < 1000 * SECTOR_SIZE; i++)
		if (bytes[i] != (uint8_t)(i * 7 + i / SECTOR_SIZE)) {
			ktest_expect(!"the byte that was written");
			break;
		}
	ktest_expect(block_flush(device) == 0);
	kfree(bytes);
	block_ram_disk_destroy(device);
}

KTEST(block, bad_bios_are_refused)
{
	struct block_device *device = create("ramtest");
	uint8_t sector[SECTOR_SIZE];

	if (!device)
		return;
	ktest_expect(block_read(device, SECTORS, sector, SECTOR_SIZE) == -EINVAL);
	ktest_expect(block_read(device, UINT64_MAX, sector, SECTOR_SIZE) == -EINVAL);
	ktest_expect(block_read(device, 0, sector, 100) == -EINVAL);
	device->read_only = true;
	ktest_expect(block_write(device, 0, sector, SECTOR_SIZE, 0) == -EROFS);
	ktest_expect(block_read(device, 0, sector, SECTOR_SIZE) == 0);
	device->read_only = false;
	block_device_get(device);
	block_ram_disk_destroy(device);
	ktest_expect(block_read(device, 0, sector, SECTOR_SIZE) == -ENODEV);
	block_device_put(device);
}

static _Atomic unsigned completed;

static void count_and_free(struct bio *bio)
{
	ktest_expect(bio->error == 0);
	completed++;
	frame_put(bio->segments[0].frame);
	bio_free(bio);
}

KTEST(block, batches_are_done)
{
	struct block_device *device = create("ramtest");
	struct bio_batch batch;
	uint8_t sector[SECTOR_SIZE];

	if (!device)
		return;
	completed = 0;
	bio_batch_init(&batch);
	for (unsigned i = 0; i < BATCH; i++) {
		struct frame *frame = frame_allocate(0, 0);
		struct bio *bio = bio_create(device, BIO_WRITE, i * 8, 1, 0);

		memset(frame_address(frame), (int)i + 1, PAGE_SIZE);
		ktest_expect(bio_add_frame(bio, frame, 0, PAGE_SIZE));
		bio->complete = count_and_free;
		bio_batch_add(&batch, bio);
	}
	bio_batch_submit(&batch);
	while (completed < BATCH)
		arch_cpu_relax();
	for (unsigned i = 0; i < BATCH; i++) {
		ktest_expect(block_read(device, i * 8 + 7, sector, SECTOR_SIZE) == 0);
		ktest_expect(sector[0] == i + 1 && sector[SECTOR_SIZE - 1] == i + 1);
	}
	block_ram_disk_destroy(device);
}

KTEST(block, devices_are_found_and_claimed)
{
	struct block_device *device = create("ramtest");
	struct block_device *found = block_device_find("ramtest");

	if (!device)
		return;
	ktest_expect(found == device);
	block_device_put(found);
	found = block_device_find_number(device->major, device->minor);
	ktest_expect(found == device);
	block_device_put(found);
	ktest_expect(block_device_claim(device) == 0);
	ktest_expect(block_device_claim(device) == -EBUSY);
	ktest_expect(block_rescan(device) == -EBUSY);
	block_device_release(device);
	ktest_expect(block_rescan(device) == 0);
	block_ram_disk_destroy(device);
	ktest_expect(!block_device_find("ramtest"));
}
