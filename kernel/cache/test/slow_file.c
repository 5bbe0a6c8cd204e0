/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file on a device that takes its time, and fails now and then. */
#include "slow_file.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>
#include <time/timer.h>

#include "sim_test.h"

/* A run under way. */
struct transfer {
	struct timer timer;
	struct slow_file *file;
	bool write;
	int error;
	uint64_t index;
	unsigned count;
	struct frame *frames[CACHE_RUN_MAX];
};

static struct slow_file *slow_of(struct page_cache *cache)
{
	return cache->private;
}

/* In interrupt context, as a device's driver would. */
static void expire(struct timer *timer)
{
	struct transfer *transfer = container_of(timer, struct transfer, timer);
	struct slow_file *file = transfer->file;

	for (unsigned i = 0; i < transfer->count; i++) {
		uint8_t *bytes = file->device + (transfer->index + i) * PAGE_SIZE;
		struct frame *frame = transfer->frames[i];

		EXPECT(transfer->index + i < SLOW_PAGES);
		if (!transfer->error && transfer->write)
			memcpy(bytes, frame_address(frame), PAGE_SIZE);
		else if (!transfer->error)
			memcpy(frame_address(frame), bytes, PAGE_SIZE);
		if (transfer->write)
			page_cache_write_done(&file->cache, frame, transfer->error);
		else
			page_cache_read_done(&file->cache, frame, transfer->error);
	}
	kfree(transfer);
}

static int start(struct slow_file *file, const struct cache_run *run, bool write, unsigned one_in)
{
	struct transfer *transfer = kmalloc(sizeof(*transfer));

	if (!transfer)
		return -ENOMEM;
	if (one_in && sim_random() % (2 * one_in) == 0) {
		kfree(transfer);
		return -EIO;
	}
	timer_init(&transfer->timer, expire);
	transfer->file = file;
	transfer->write = write;
	transfer->error = one_in && sim_random() % (2 * one_in) == 0 ? -EIO : 0;
	transfer->index = run->index;
	transfer->count = run->count;
	memcpy(transfer->frames, run->frames, run->count * sizeof(run->frames[0]));
	timer_arm(&transfer->timer,
		  clock_deadline_after(sim_random() % (200 * NS_PER_MICROSECOND)));
	return 0;
}

static int slow_read(struct page_cache *cache, struct cache_run *run)
{
	return start(slow_of(cache), run, false, slow_of(cache)->read_errors);
}

static int slow_write(struct page_cache *cache, struct cache_run *run)
{
	slow_of(cache)->writes++;
	return start(slow_of(cache), run, true, slow_of(cache)->write_errors);
}

static void slow_release(struct page_cache *cache)
{
	slow_of(cache)->released = true;
}

static const struct page_cache_ops slow_ops = {
	.read = slow_read,
	.write = slow_write,
	.release = slow_release,
};

static const struct node_ops slow_node_ops = {
	.read = cache_file_read,
	.write = cache_file_write,
};

void slow_file_begin(struct slow_file *file, struct cache_backing *backing, uint64_t size)
{
	static struct credentials *credentials;
	struct node *node = kzalloc(sizeof(*node));

	if (!credentials)
		credentials = credentials_create(NULL);
	memset(file, 0, sizeof(*file));
	file->device = kzalloc(SLOW_PAGES * PAGE_SIZE);
	EXPECT(node && file->device && credentials);
	page_cache_init(&file->cache, &slow_ops, backing, NULL, size, file);
	node_init(node, &slow_node_ops, NULL, 1, MODE_FILE | 0600);
	node->object = &file->cache.object;
	node->size = size;
	EXPECT_EQUAL(file_create(node, NULL, FILE_READ_WRITE, credentials, &file->file), 0);
	node_put(node);
}

void slow_file_end(struct slow_file *file)
{
	file_put(file->file);
	EXPECT(file->released);
	kfree(file->device);
}
