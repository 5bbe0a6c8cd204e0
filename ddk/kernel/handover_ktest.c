/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of handovers: a disk whose driver is exchanged, by the kit's interface. */
#include <base/errno.h>
#include <base/string.h>
#include <block/disk.h>
#include <core/ktest.h>
#include <ddk/disk.h>
#include <dev/device.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>

#define SECTORS   256u
#define ROUNDS    20u
#define WAIT_MS   50u
#define ENOUGH_NS (20 * NS_PER_SECOND)

/* The medium, and what the driver keeps instead of completing it. */
static uint8_t *medium;
static struct {
	struct spinlock lock; /* RANK_DRIVER: all here */
	struct ddk_disk_request *request;
	bool holds;
} kept = { .lock = SPINLOCK_INIT(RANK_DRIVER, "kept request") };

static void transfer(const struct ddk_disk_request *request)
{
	uint8_t *at = medium + request->block * SECTOR_SIZE;

	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];

		if (request->operation == DDK_DISK_READ)
			memcpy(phys_to_virt(segment->device_address), at, segment->length);
		else
			memcpy(at, phys_to_virt(segment->device_address), segment->length);
		at += segment->length;
	}
}

static int submit(struct ddk_disk_request *request, bool last)
{
	irq_state_t state = spin_lock_irqsave(&kept.lock);
	bool keep = kept.holds && !kept.request;

	(void)last;
	if (keep)
		kept.request = request;
	spin_unlock_irqrestore(&kept.lock, state);
	if (keep)
		return 0;
	transfer(request);
	ddk_disk_complete(request, 0);
	return 0;
}

static const struct ddk_disk_ops ops = { .submit = submit };

/* The driver lets go of what it kept, if anything. */
static bool let_go(int error)
{
	irq_state_t state = spin_lock_irqsave(&kept.lock);
	struct ddk_disk_request *request = kept.request;

	kept.request = NULL;
	kept.holds = false;
	spin_unlock_irqrestore(&kept.lock, state);
	if (request)
		ddk_disk_complete(request, error);
	return request != NULL;
}

static struct ddk_disk_description describe(const char *serial)
{
	struct ddk_disk_description description = {
		.prefix = "hand",
		.unit = 1,
		.model = "exchanged",
		.block_count = SECTORS,
		.block_size = SECTOR_SIZE,
		.max_blocks = 64,
		.max_segments = 8,
		.max_segment_length = 1 << 16,
		.segment_alignment = 1,
		.queue_count = 2,
		.queue_depth = 4,
	};

	string_copy(description.serial, serial, sizeof(description.serial));
	return description;
}

static struct device *device;

static struct ddk_disk *probe(const char *serial)
{
	struct ddk_disk_description description = describe(serial);
	struct ddk_disk *disk = NULL;

	ktest_expect(ddk_disk_create(device, &description, &ops, NULL, &disk) == 0);
	return disk;
}

static struct ddk_disk *begin(void)
{
	medium = kernel_vmalloc(SECTORS * SECTOR_SIZE);
	device = device_create(DRIVER_BUS_PLATFORM);
	ktest_expect(medium && device);
	if (!medium || !device)
		return NULL;
	memset(medium, 0, SECTORS * SECTOR_SIZE);
	string_copy(device->name, "handed over", sizeof(device->name));
	return probe("one");
}

static void end(struct ddk_disk *disk)
{
	ddk_disk_remove(disk);
	device_put(device);
	kernel_vfree(medium);
}

/* A thread that writes and reads, until it is told to stop. */
static _Atomic bool stop, stopped;
static _Atomic unsigned done, wrong;
static struct block_device *loaded;

static void load(void *argument)
{
	static uint8_t bytes[SECTOR_SIZE * 4], back[SECTOR_SIZE * 4];

	(void)argument;
	while (!stop) {
		uint64_t sector = done % (SECTORS - 4);

		memset(bytes, (int)(done % 251) + 1, sizeof(bytes));
		if (block_write(loaded, sector, bytes, sizeof(bytes), 0) ||
		    block_read(loaded, sector, back, sizeof(back)) ||
		    memcmp(bytes, back, sizeof(bytes)) != 0)
			wrong++;
		done++;
		thread_yield();
	}
	stopped = true;
}

static bool wait_for(_Atomic unsigned *count, unsigned least)
{
	uint64_t deadline = clock_deadline_after(ENOUGH_NS);

	while (*count < least && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	return *count >= least;
}

static void start_load(struct ddk_disk *disk)
{
	loaded = block_disk_device(block_disk_of(disk));
	stop = stopped = false;
	done = wrong = 0;
	ktest_expect(thread_spawn("load", load, NULL) == 0);
}

static void stop_load(void)
{
	stop = true;
	while (!stopped)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
}

KTEST(handover, a_disk_stays_while_its_driver_is_exchanged)
{
	struct ddk_disk *disk = begin(), *next = disk;

	if (!disk)
		return;
	start_load(disk);
	for (unsigned i = 0; i < ROUNDS && next == disk; i++) {
		unsigned before = done;

		ktest_expect(wait_for(&done, before + 3));
		device_handover_begin(device);
		/* Every other one ends as a host does, with what it has. */
		kept.holds = i % 2;
		if (i % 2)
			thread_sleep_until(clock_deadline_after(2 * NS_PER_MILLISECOND));
		(void)let_go(-EAGAIN);
		ddk_disk_remove(disk);
		next = probe("one");
		device_handover_end(device);
	}
	ktest_expect(next == disk);
	stop_load();
	ktest_expect(wrong == 0);
	end(next);
}

KTEST(handover, requests_wait_for_the_next_driver)
{
	struct ddk_disk *disk = begin();
	unsigned before;

	if (!disk)
		return;
	start_load(disk);
	device_handover_begin(device);
	ddk_disk_remove(disk);
	before = done;
	thread_sleep_until(clock_deadline_after(WAIT_MS * NS_PER_MILLISECOND));
	ktest_expect(done <= before + 1);
	before = done;
	ktest_expect(probe("one") == disk);
	device_handover_end(device);
	ktest_expect(wait_for(&done, before + 3));
	stop_load();
	ktest_expect(wrong == 0);
	end(disk);
}

KTEST(handover, a_disk_that_nobody_takes_is_gone)
{
	struct ddk_disk *disk = begin();
	uint8_t sector[SECTOR_SIZE];
	struct block_device *whole;

	if (!disk)
		return;
	whole = block_disk_device(block_disk_of(disk));
	block_device_get(whole);
	device_handover_begin(device);
	ddk_disk_remove(disk);
	ktest_expect(device->handover);
	device_handover_end(device);
	ktest_expect(!device->handover);
	ktest_expect(block_read(whole, 0, sector, sizeof(sector)) == -ENODEV);
	block_device_put(whole);
	device_put(device);
	kernel_vfree(medium);
}

KTEST(handover, another_disk_does_not_take_its_place)
{
	struct ddk_disk *disk = begin(), *other;
	uint8_t sector[SECTOR_SIZE];
	struct block_device *whole;

	if (!disk)
		return;
	whole = block_disk_device(block_disk_of(disk));
	block_device_get(whole);
	device_handover_begin(device);
	ddk_disk_remove(disk);
	other = probe("two"); /* of the same name: the first one is in the way */
	ktest_expect(other != NULL);
	ktest_expect(block_read(whole, 0, sector, sizeof(sector)) == -ENODEV);
	device_handover_end(device);
	block_device_put(whole);
	if (other)
		end(other);
}
