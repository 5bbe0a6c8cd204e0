/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device and the host of memory_volume.h. */
#include "memory_volume.h"

#include <base/errno.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLAB_BLOCKS 64u

struct memory_host memory_host;

static struct memory_device *of(struct hmfs_device *device)
{
	return (struct memory_device *)device;
}

static uint64_t slab_count(uint64_t blocks)
{
	return (blocks + SLAB_BLOCKS - 1) / SLAB_BLOCKS;
}

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* --- Contents --- */

static void check_range(const struct memory_device *device, uint64_t block, uint64_t count)
{
	if (!count || block >= device->device.blocks || count > device->device.blocks - block) {
		fprintf(stderr, "memory device: blocks %llu + %llu of %llu\n",
			(unsigned long long)block, (unsigned long long)count,
			(unsigned long long)device->device.blocks);
		abort();
	}
}

void memory_device_peek(struct memory_device *device, uint64_t block, uint64_t count, void *bytes)
{
	uint8_t *to = bytes;

	check_range(device, block, count);
	for (; count; block++, count--, to += HMFS_BLOCK_SIZE) {
		const uint8_t *slab = device->slabs[block / SLAB_BLOCKS];

		if (slab)
			memcpy(to, slab + block % SLAB_BLOCKS * HMFS_BLOCK_SIZE, HMFS_BLOCK_SIZE);
		else
			memset(to, 0, HMFS_BLOCK_SIZE);
	}
}

void memory_device_poke(struct memory_device *device, uint64_t block, uint64_t count,
			const void *bytes)
{
	const uint8_t *from = bytes;

	check_range(device, block, count);
	for (; count; block++, count--, from += HMFS_BLOCK_SIZE) {
		uint8_t **slab = &device->slabs[block / SLAB_BLOCKS];

		if (!*slab)
			*slab = checked(calloc(SLAB_BLOCKS, HMFS_BLOCK_SIZE));
		memcpy(*slab + block % SLAB_BLOCKS * HMFS_BLOCK_SIZE, from, HMFS_BLOCK_SIZE);
	}
}

void memory_device_copy(struct memory_device *to, const struct memory_device *from)
{
	if (to->device.blocks != from->device.blocks)
		abort();
	for (uint64_t i = 0; i < slab_count(from->device.blocks); i++) {
		free(to->slabs[i]);
		to->slabs[i] = NULL;
		if (!from->slabs[i])
			continue;
		to->slabs[i] = checked(malloc((size_t)SLAB_BLOCKS * HMFS_BLOCK_SIZE));
		memcpy(to->slabs[i], from->slabs[i], (size_t)SLAB_BLOCKS * HMFS_BLOCK_SIZE);
	}
}

void memory_device_flip(struct memory_device *device, uint64_t block, unsigned offset, uint8_t bits)
{
	uint8_t bytes[HMFS_BLOCK_SIZE];

	memory_device_peek(device, block, 1, bytes);
	bytes[offset] ^= bits;
	memory_device_poke(device, block, 1, bytes);
}

uint64_t memory_device_used(const struct memory_device *device)
{
	uint64_t used = 0;

	for (uint64_t i = 0; i < slab_count(device->device.blocks); i++)
		used += device->slabs[i] ? SLAB_BLOCKS : 0;
	return used;
}

/* --- Operations --- */

static int begin(struct memory_device *device, enum memory_operation operation, uint64_t block,
		 uint64_t count, const void *bytes)
{
	device->calls[operation]++;
	device->blocks[operation] += count;
	if (operation != MEMORY_TRIM && device->fail_after && --device->fail_after == 0) {
		if (device->fail_for_good)
			device->fail_after = 1;
		return -EIO;
	}
	return device->fault ? device->fault(device, operation, block, count, bytes) : 0;
}

static void record(struct memory_device *device, enum memory_operation operation, uint64_t block,
		   uint64_t count, const void *bytes)
{
	struct memory_event *event;

	if (!device->recording)
		return;
	if (device->event_count == device->event_room) {
		device->event_room = device->event_room ? device->event_room * 2 : 256;
		device->events = checked(
			realloc(device->events, device->event_room * sizeof(*device->events)));
	}
	event = &device->events[device->event_count++];
	*event = (struct memory_event){ operation, block, count, NULL };
	if (bytes) {
		event->bytes = checked(malloc(count * HMFS_BLOCK_SIZE));
		memcpy(event->bytes, bytes, count * HMFS_BLOCK_SIZE);
	}
}

static int device_read(struct hmfs_device *hmfs_device, uint64_t block, uint64_t count,
		       void *buffer)
{
	struct memory_device *device = of(hmfs_device);
	int error;

	pthread_mutex_lock(device->mutex);
	check_range(device, block, count);
	error = begin(device, MEMORY_READ, block, count, NULL);
	if (!error)
		memory_device_peek(device, block, count, buffer);
	pthread_mutex_unlock(device->mutex);
	return error;
}

static int device_write(struct hmfs_device *hmfs_device, uint64_t block, uint64_t count,
			const void *buffer)
{
	struct memory_device *device = of(hmfs_device);
	int error;

	pthread_mutex_lock(device->mutex);
	check_range(device, block, count);
	error = begin(device, MEMORY_WRITE, block, count, buffer);
	if (!error) {
		memory_device_poke(device, block, count, buffer);
		record(device, MEMORY_WRITE, block, count, buffer);
	}
	pthread_mutex_unlock(device->mutex);
	return error;
}

static int device_flush(struct hmfs_device *hmfs_device)
{
	struct memory_device *device = of(hmfs_device);
	int error;

	pthread_mutex_lock(device->mutex);
	error = begin(device, MEMORY_FLUSH, 0, 0, NULL);
	if (!error)
		record(device, MEMORY_FLUSH, 0, 0, NULL);
	pthread_mutex_unlock(device->mutex);
	return error;
}

static int device_trim(struct hmfs_device *hmfs_device, uint64_t block, uint64_t count)
{
	struct memory_device *device = of(hmfs_device);
	uint8_t zeros[HMFS_BLOCK_SIZE] = { 0 };
	int error;

	pthread_mutex_lock(device->mutex);
	check_range(device, block, count);
	error = begin(device, MEMORY_TRIM, block, count, NULL);
	if (!error) {
		for (uint64_t i = block; i < block + count; i++)
			if (device->slabs[i / SLAB_BLOCKS])
				memory_device_poke(device, i, 1, zeros);
		record(device, MEMORY_TRIM, block, count, NULL);
	}
	pthread_mutex_unlock(device->mutex);
	return error;
}

static const struct hmfs_device_ops memory_device_ops = {
	.read = device_read,
	.write = device_write,
	.flush = device_flush,
	.trim = device_trim,
};

void memory_device_create(struct memory_device *device, uint64_t blocks)
{
	memset(device, 0, sizeof(*device));
	device->device = (struct hmfs_device){ .ops = &memory_device_ops, .blocks = blocks };
	device->slabs = checked(calloc(slab_count(blocks), sizeof(*device->slabs)));
	device->mutex = checked(malloc(sizeof(pthread_mutex_t)));
	pthread_mutex_init(device->mutex, NULL);
}

void memory_device_destroy(struct memory_device *device)
{
	memory_device_forget_events(device);
	free(device->events);
	for (uint64_t i = 0; i < slab_count(device->device.blocks); i++)
		free(device->slabs[i]);
	free(device->slabs);
	pthread_mutex_destroy(device->mutex);
	free(device->mutex);
}

void memory_device_grow(struct memory_device *device, uint64_t blocks)
{
	const uint64_t before = slab_count(device->device.blocks), after = slab_count(blocks);

	device->slabs = checked(realloc(device->slabs, after * sizeof(*device->slabs)));
	memset(device->slabs + before, 0, (after - before) * sizeof(*device->slabs));
	device->device.blocks = blocks;
}

void memory_device_forget_events(struct memory_device *device)
{
	for (size_t i = 0; i < device->event_count; i++)
		free(device->events[i].bytes);
	device->event_count = 0;
}

void memory_device_replay(struct memory_device *device, const struct memory_event *events,
			  size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		if (events[i].operation == MEMORY_WRITE)
			memory_device_poke(device, events[i].block, events[i].count,
					   events[i].bytes);
}

/* --- The host --- */

/* In front of each allocation, to count its bytes. */
struct prefix {
	_Alignas(16) size_t size;
};

static void *host_allocate(size_t size)
{
	struct prefix *prefix;

	if (memory_host.fail_after && --memory_host.fail_after == 0) {
		if (memory_host.fail_for_good)
			memory_host.fail_after = 1;
		return NULL;
	}
	prefix = checked(malloc(sizeof(*prefix) + size));
	prefix->size = size;
	/* What is read before it was written shows. */
	memset(prefix + 1, 0xa5, size);
	memory_host.allocations++;
	memory_host.bytes += (int64_t)size;
	if (memory_host.bytes > memory_host.peak)
		memory_host.peak = memory_host.bytes;
	return prefix + 1;
}

static void host_release(void *memory)
{
	struct prefix *prefix = memory;

	if (!memory)
		return;
	prefix--;
	memory_host.allocations--;
	memory_host.bytes -= (int64_t)prefix->size;
	free(prefix);
}

static void host_lock(void *context)
{
	if (context) {
		pthread_mutex_lock(context);
		return;
	}
	if (memory_host.locked)
		abort();
	memory_host.locked = true;
}

static void host_unlock(void *context)
{
	if (context) {
		pthread_mutex_unlock(context);
		return;
	}
	if (!memory_host.locked)
		abort();
	memory_host.locked = false;
}

/* A mutex and its condition. */
struct turns {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
};

static void host_wait(void *context)
{
	struct turns *turns = context;

	if (!turns)
		abort(); /* nobody could ever wake it */
	pthread_cond_wait(&turns->condition, &turns->mutex);
}

static void host_wake(void *context)
{
	struct turns *turns = context;

	if (turns)
		pthread_cond_broadcast(&turns->condition);
}

static uint64_t host_now(void)
{
	return __atomic_add_fetch(&memory_host.now, 1000, __ATOMIC_RELAXED);
}

static void host_random(void *bytes, size_t length)
{
	uint8_t *to = bytes;

	for (size_t i = 0; i < length; i++) {
		memory_host.random =
			memory_host.random * 6364136223846793005u + 1442695040888963407u;
		to[i] = (uint8_t)(memory_host.random >> 56);
	}
}

static void host_log(void *context, enum hmfs_log_level level, const char *line)
{
	const size_t length = strlen(line), room = sizeof(memory_host.log);
	size_t used = strlen(memory_host.log);

	(void)context;
	if (memory_host.print)
		fprintf(stderr, "hmfs %d: %s\n", level, line);
	memory_host.lines[level & 7]++;
	if (length + 2 > room)
		return;
	if (used + length + 2 > room) {
		const size_t cut = used + length + 2 - room;

		memmove(memory_host.log, memory_host.log + cut, used - cut + 1);
		used -= cut;
	}
	snprintf(memory_host.log + used, room - used, "%s\n", line);
}

void memory_host_init(struct hmfs_host *host, bool threads)
{
	struct turns *turns;

	memset(&memory_host, 0, sizeof(memory_host));
	memory_host.now = 1700000000000000000u;
	memory_host.random = 1;
	*host = (struct hmfs_host){
		.allocate = host_allocate,
		.release = host_release,
		.lock = host_lock,
		.unlock = host_unlock,
		.wait = host_wait,
		.wake = host_wake,
		.now = host_now,
		.random = host_random,
		.log = host_log,
		.cache_bytes = 4u << 20,
		.newest_bytes = 4u << 20,
	};
	if (!threads)
		return;
	turns = checked(malloc(sizeof(*turns)));
	pthread_mutex_init(&turns->mutex, NULL);
	pthread_cond_init(&turns->condition, NULL);
	host->context = turns;
}

void memory_host_end(struct hmfs_host *host)
{
	struct turns *turns = host->context;

	if (!turns)
		return;
	pthread_mutex_destroy(&turns->mutex);
	pthread_cond_destroy(&turns->condition);
	free(turns);
	host->context = NULL;
}

bool memory_host_said(const char *text)
{
	return strstr(memory_host.log, text);
}
