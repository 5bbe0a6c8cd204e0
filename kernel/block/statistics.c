/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statistics: counted by each queue under its lock, summed up for whoever asks; and what scheme
 * `sys:` shows of the disks.
 */
#include "block_priv.h"

#include <base/string.h>
#include <scheme/text.h>

/* About a millisecond. */
#define BUSY_UNIT_SHIFT 20

const char *const block_operation_names[] = {
	[DDK_DISK_READ] = "read",
	[DDK_DISK_WRITE] = "write",
	[DDK_DISK_FLUSH] = "flush",
	[DDK_DISK_DISCARD] = "discard",
	[DDK_DISK_WRITE_ZEROES] = "write of zeros",
};

/* --- Counting. --- */

void block_count_begin(struct block_queue *queue, const struct block_request *request)
{
	const struct block_device *device = request->bios->device;

	queue->disk->whole->counters[queue->number].begun++;
	if (device->partition != 0)
		device->counters[queue->number].begun++;
}

void block_count_undo(struct block_queue *queue, const struct block_request *request)
{
	const struct block_device *device = request->bios->device;

	queue->disk->whole->counters[queue->number].begun--;
	if (device->partition != 0)
		device->counters[queue->number].begun--;
}

/* Once in each unit of time: whoever ends a request then has kept the device busy since the last
 * one, or since it began. */
static void count_busy(struct block_device *device, uint64_t now, uint64_t duration)
{
	uint64_t until = now >> BUSY_UNIT_SHIFT;
	uint64_t before = atomic_load_explicit(&device->busy_until, memory_order_relaxed);

	if (until > before &&
	    atomic_compare_exchange_strong_explicit(&device->busy_until, &before, until,
						    memory_order_relaxed, memory_order_relaxed))
		atomic_fetch_add_explicit(
			&device->busy_units,
			min_u64(until - before, (duration >> BUSY_UNIT_SHIFT) + 1),
			memory_order_relaxed);
}

static void count(struct block_device *device, unsigned queue, const struct block_request *request,
		  unsigned bios, uint64_t now)
{
	struct block_counters *counters = &device->counters[queue];
	struct block_counter *counter = &counters->of[request->hardware.operation];
	uint64_t duration = now - request->bios->started;

	counters->ended++;
	counter->requests++;
	counter->merged += bios - 1;
	counter->sectors += request->length >> SECTOR_SHIFT;
	counter->nanoseconds += duration;
	count_busy(device, now, duration);
}

static void trace_end(const struct block_request *request, int error)
{
	uint64_t sector = block_bio_sector(request->bios) + (request->offset >> SECTOR_SHIFT);

	block_trace(TRACE_BLOCK_COMPLETE, request->bios, request->hardware.operation, sector,
		    request->length, error);
}

void block_count_end(struct block_queue *queue, const struct block_request *request, int error)
{
	struct block_device *device = request->bios->device;
	enum ddk_disk_operation operation = request->hardware.operation;
	uint64_t now = clock_monotonic_ns();
	unsigned bios = 1;

	for (const struct bio *bio = request->bios->next; bio; bio = bio->next)
		bios++;
	if (trace_wants(TRACE_BLOCK))
		trace_end(request, error);
	count(queue->disk->whole, queue->number, request, bios, now);
	if (device->partition != 0)
		count(device, queue->number, request, bios, now);
	if (error)
		queue->errors++;
	/* Even a write that failed may have left something behind. */
	if (operation != DDK_DISK_READ && operation != DDK_DISK_FLUSH)
		atomic_store_explicit(&queue->writes_done, queue->writes_done + 1,
				      memory_order_release);
}

/* --- Summing up. --- */

static void add_counter(struct block_counter *sum, const struct block_counter *counter)
{
	sum->requests += counter->requests;
	sum->merged += counter->merged;
	sum->sectors += counter->sectors;
	sum->nanoseconds += counter->nanoseconds;
}

static void add_queue(struct block_device *device, struct block_queue *queue,
		      struct block_statistics *sum)
{
	const struct block_counters *counters = &device->counters[queue->number];
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	add_counter(&sum->reads, &counters->of[DDK_DISK_READ]);
	add_counter(&sum->writes, &counters->of[DDK_DISK_WRITE]);
	add_counter(&sum->flushes, &counters->of[DDK_DISK_FLUSH]);
	add_counter(&sum->discards, &counters->of[DDK_DISK_DISCARD]);
	add_counter(&sum->zeroes, &counters->of[DDK_DISK_WRITE_ZEROES]);
	sum->in_flight += counters->begun - counters->ended;
	if (device->partition == 0) {
		sum->waiting += queue->waiting_count;
		sum->errors += queue->errors;
		sum->retries += queue->retries;
		sum->timeouts += queue->timeouts;
	}
	spin_unlock_irqrestore(&queue->lock, state);
}

void block_read_statistics(struct block_device *device, struct block_statistics *statistics)
{
	struct block_disk *disk = device->disk;
	irq_state_t state;

	memset(statistics, 0, sizeof(*statistics));
	for (unsigned i = 0; i < disk->queue_count; i++)
		add_queue(device, &disk->queues[i], statistics);
	statistics->busy_ns = device->busy_units << BUSY_UNIT_SHIFT;
	if (device->partition != 0)
		return;
	state = spin_lock_irqsave(&disk->flush.lock);
	statistics->spared_flushes = disk->flush.spared;
	spin_unlock_irqrestore(&disk->flush.lock, state);
}

/* --- sys:iostat. --- */

static uint64_t microseconds(uint64_t ns)
{
	return ns / NS_PER_MICROSECOND;
}

static void print_counter(struct text *text, const struct block_counter *counter)
{
	text_print(text, " %lu %lu %lu %lu", counter->requests, counter->merged,
		   counter->sectors / 2, microseconds(counter->nanoseconds));
}

static bool print_device(struct block_device *device, void *argument)
{
	struct text *text = argument;
	struct block_statistics statistics;

	block_read_statistics(device, &statistics);
	text_print(text, "%s", device->name);
	print_counter(text, &statistics.reads);
	print_counter(text, &statistics.writes);
	print_counter(text, &statistics.discards);
	text_print(text, " %lu %lu %lu %lu %lu %lu %lu %lu\n", statistics.flushes.requests,
		   statistics.spared_flushes, statistics.in_flight, statistics.waiting,
		   microseconds(statistics.busy_ns), statistics.errors, statistics.retries,
		   statistics.timeouts);
	return true;
}

static int generate_iostat(struct text *text)
{
	text_print(text, "device reads merged KiB us writes merged KiB us discards merged KiB us "
			 "flushes spared in_flight waiting busy_us errors retries timeouts\n");
	block_visit(print_device, text);
	return 0;
}

SYS_TEXT(block_iostat) = { .name = "iostat", .generate = generate_iostat };

/* --- sys:disks and sys:smart. --- */

static bool print_disk(struct block_device *device, void *argument)
{
	const struct ddk_disk_description *description = block_disk_description(device);
	struct text *text = argument;

	if (device->partition != 0)
		return true;
	text_print(text, "%s\n", device->name);
	text_print(text, "  model: %s\n  serial: %s\n  firmware: %s\n", description->model,
		   description->serial, description->firmware);
	text_print(text, "  sectors: %lu\n  block: %u\n  physical block: %u\n",
		   device->sector_count, device->limits->block_size,
		   device->limits->physical_block_size);
	text_print(text, "  queues: %u of %u\n", device->disk->queue_count,
		   description->queue_depth);
	text_print(text, "  features:%s%s%s%s%s%s%s\n", description->read_only ? " read-only" : "",
		   description->removable ? " removable" : "",
		   description->rotational ? " rotational" : "",
		   description->volatile_cache ? " cache" : "", description->fua ? " fua" : "",
		   description->max_discard_blocks ? " discard" : "",
		   description->max_write_zeroes_blocks ? " zeroes" : "");
	return true;
}

static int generate_disks(struct text *text)
{
	block_visit(print_disk, text);
	return 0;
}

SYS_TEXT(block_disks) = { .name = "disks", .generate = generate_disks };

static void print_value(struct text *text, const char *name, uint64_t value)
{
	if (value != UINT64_MAX)
		text_print(text, "  %s: %lu\n", name, value);
}

static void print_health(struct text *text, const struct ddk_disk_health *health)
{
	text_print(text, "  health: %s\n", health->failing ? "failing" : "good");
	if (health->temperature != INT32_MIN)
		text_print(text, "  temperature: %d\n", health->temperature);
	print_value(text, "percentage used", health->percentage_used);
	print_value(text, "spare percent", health->spare_percent);
	print_value(text, "power-on hours", health->power_on_hours);
	print_value(text, "power cycles", health->power_cycles);
	print_value(text, "unsafe shutdowns", health->unsafe_shutdowns);
	print_value(text, "sectors read", health->blocks_read);
	print_value(text, "sectors written", health->blocks_written);
	print_value(text, "media errors", health->media_errors);
	print_value(text, "reallocated sectors", health->reallocated_sectors);
}

static bool print_smart(struct block_device *device, void *argument)
{
	struct ddk_disk_health health;
	struct text *text = argument;
	int error;

	if (device->partition != 0)
		return true;
	memset(&health, 0xff, sizeof(health));
	health.failing = false;
	health.temperature = INT32_MIN;
	error = block_disk_read_health(device, &health);
	text_print(text, "%s\n", device->name);
	if (error)
		text_print(text, "  health: unknown (error %d)\n", -error);
	else
		print_health(text, &health);
	return true;
}

static int generate_smart(struct text *text)
{
	block_visit(print_smart, text);
	return 0;
}

SYS_TEXT(block_smart) = { .name = "smart", .generate = generate_smart };

/* --- The tracer. --- */

_Static_assert((unsigned)TRACE_BLOCK_WRITE_ZEROES == (unsigned)DDK_DISK_WRITE_ZEROES &&
		       (unsigned)TRACE_BLOCK_DISCARD == (unsigned)DDK_DISK_DISCARD &&
		       (unsigned)TRACE_BLOCK_FLUSH == (unsigned)DDK_DISK_FLUSH,
	       "the same numbers");

void block_trace(enum trace_block_event event, const struct bio *bio,
		 enum ddk_disk_operation operation, uint64_t sector, uint64_t length, int error)
{
	const struct block_device *whole = bio->device->disk->whole;
	uint64_t place = min_u64(sector, (1ull << 48) - 1) | (uint64_t)(whole->minor & 0xff) << 48 |
			 (uint64_t)(whole->major & 0xff) << 56;
	uint64_t extent = min_u64(length >> SECTOR_SHIFT, (1u << 24) - 1) |
			  min_u64((uint64_t)-error, 255) << 24;

	if (event == TRACE_BLOCK_COMPLETE)
		extent |= min_u64(clock_monotonic_ns() - bio->started, UINT32_MAX) << 32;
	trace_block(event, (enum trace_block_operation)operation, place, extent);
}
