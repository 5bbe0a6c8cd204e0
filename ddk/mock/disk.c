/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disk.h"
#include "mock_private.h"

#include <base/bits.h>
#include <base/errno.h>
#include <ddk/memory.h>
#include <ddk/timer.h>
#include <unit.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PAGE         4096u
#define STEP         (10 * DDK_MILLISECOND)
#define SEGMENTS_MAX 24 /* of requests that need no more */
#define STEPS_MAX    (120 * DDK_SECOND / STEP)

struct list mock_disks;
void (*mock_disk_created)(struct ddk_disk *disk);
uint64_t mock_disk_random;

void mock_start_disks(void)
{
	list_init(&mock_disks);
	mock_disk_created = NULL;
	mock_disk_random = 1;
}

void mock_finish_disks(void)
{
	EXPECT(list_empty(&mock_disks));
}

struct ddk_disk *mock_disk(unsigned index)
{
	struct list_node *node;

	list_for_each (node, &mock_disks)
		if (index-- == 0)
			return container_of(node, struct ddk_disk, node);
	return NULL;
}

unsigned mock_disk_count(void)
{
	unsigned count = 0;

	while (mock_disk(count))
		count++;
	return count;
}

/* --- The driver's side ----------------------------------------------------------------------- */

static void expect_printable(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	EXPECT(length < size);
	for (size_t i = 0; i < length; i++)
		EXPECT(isprint((unsigned char)text[i]));
}

/* What the class refuses; a driver may leave such judgements to it. */
static bool description_is_sensible(const struct ddk_disk_description *description)
{
	uint32_t size = description->block_size;
	uint64_t bytes;

	if (!is_power_of_two(size) || size < 512 || size > PAGE || description->block_count == 0 ||
	    __builtin_mul_overflow(description->block_count, (uint64_t)size, &bytes))
		return false;
	if (description->physical_block_size && description->physical_block_size < size)
		return false;
	return description->max_blocks && description->max_segments &&
	       description->max_segment_length >= PAGE && description->segment_alignment &&
	       is_power_of_two(description->segment_alignment) && description->queue_count &&
	       description->queue_count <= DDK_DISK_QUEUE_MAX && description->queue_depth &&
	       description->queue_depth <= DDK_DISK_DEPTH_MAX &&
	       (!description->gap_alignment || is_power_of_two(description->gap_alignment));
}

int ddk_disk_create_sized(struct device *device, const struct ddk_disk_description *description,
			  size_t description_size, const struct ddk_disk_ops *ops, size_t ops_size,
			  void *context, struct ddk_disk **made)
{
	(void)description_size;
	(void)ops_size;
	struct ddk_disk *disk;

	EXPECT(!mock_locks_held && !mock_mutexes_held);
	EXPECT(description->prefix && description->prefix[0]);
	EXPECT(ops->submit && ops->timed_out);
	expect_printable(description->model, sizeof(description->model));
	expect_printable(description->serial, sizeof(description->serial));
	expect_printable(description->firmware, sizeof(description->firmware));
	if (!description_is_sensible(description))
		return -EINVAL;
	disk = ddk_allocate(sizeof(*disk));
	if (!disk)
		return -ENOMEM;
	disk->device = device;
	disk->description = *description;
	disk->ops = ops;
	disk->context = context;
	disk->slots = calloc((size_t)description->queue_count * description->queue_depth,
			     sizeof(struct mock_request *));
	list_push_back(&mock_disks, &disk->node);
	*made = disk;
	if (mock_disk_created)
		mock_disk_created(disk);
	return 0;
}

static void free_disk(struct ddk_disk *disk)
{
	free(disk->slots);
	ddk_free(disk);
}

void ddk_disk_remove(struct ddk_disk *disk)
{
	EXPECT(!mock_locks_held && !mock_mutexes_held);
	EXPECT(!disk->removing);
	disk->removing = true;
	for (unsigned i = 0; disk->in_flight && i < STEPS_MAX; i++)
		ddk_sleep(STEP);
	EXPECT_EQUAL(disk->in_flight, 0);
	list_remove(&disk->node);
	/* With threads this would wait until the driver is back from there. */
	if (!disk->in_timed_out)
		free_disk(disk);
}

void *ddk_disk_context(const struct ddk_disk *disk)
{
	return disk->context;
}

void ddk_disk_resize(struct ddk_disk *disk, uint64_t block_count)
{
	EXPECT(!mock_locks_held && !disk->removing);
	disk->resized++;
	disk->description.block_count = block_count;
}

void ddk_disk_ready(struct ddk_disk *disk, unsigned queue)
{
	EXPECT(!mock_locks_held);
	EXPECT(queue < disk->description.queue_count);
	disk->ready[queue]++;
}

int ddk_disk_suspend(struct ddk_disk *disk)
{
	EXPECT(!mock_locks_held && !mock_mutexes_held);
	EXPECT(!disk->removing && !disk->suspended);
	disk->suspended = true;
	disk->suspends++;
	for (unsigned i = 0; disk->in_flight && i < STEPS_MAX; i++)
		ddk_sleep(STEP);
	EXPECT_EQUAL(disk->in_flight, 0);
	return 0;
}

void ddk_disk_resume(struct ddk_disk *disk)
{
	EXPECT(!mock_locks_held && disk->suspended);
	disk->suspended = false;
}

static struct mock_request **slot_of(const struct mock_request *request)
{
	const struct ddk_disk *disk = request->request.disk;

	return &disk->slots[request->request.queue * disk->description.queue_depth +
			    request->request.tag];
}

static void gather(struct mock_request *request, bool to_segments)
{
	uint8_t *at = request->data;

	for (unsigned i = 0; i < request->request.segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		void *memory = mock_dma(segment->device_address, segment->length);

		if (to_segments)
			memcpy(memory, at, segment->length);
		else
			memcpy(at, memory, segment->length);
		at += segment->length;
	}
}

static bool error_is_known(int error)
{
	static const int known[] = { 0,          -EIO,   -EAGAIN,     -ETIMEDOUT, -ENODATA,
				     -EREMOTEIO, -EROFS, -EOPNOTSUPP, -ENODEV };

	for (size_t i = 0; i < array_length(known); i++)
		if (error == known[i])
			return true;
	return false;
}

static void take_back(struct mock_request *request)
{
	EXPECT(*slot_of(request) == request);
	*slot_of(request) = NULL;
	request->busy = false;
	request->request.disk->in_flight--;
}

void ddk_disk_complete(struct ddk_disk_request *given, int error)
{
	struct mock_request *request = container_of(given, struct mock_request, request);

	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT(error_is_known(error));
	EXPECT(request->busy); /* else it completes twice */
	take_back(request);
	request->completed = true;
	request->error = error;
	if (given->operation == DDK_DISK_READ && !error)
		gather(request, false);
	if (request->complete)
		request->complete(request);
}

/* --- The test's side ------------------------------------------------------------------------- */

/* A length for the next segment, of which `left` bytes are to come; `last`: there is no other. */
static uint32_t choose_length(const struct ddk_disk_description *description, uint64_t address,
			      size_t left, bool last)
{
	uint64_t unit = description->segment_alignment, most = description->max_segment_length;
	uint64_t length;

	if (unit > description->block_size)
		unit = description->block_size;
	if (last || left <= unit)
		return (uint32_t)min_u64(left, most);
	/* Often of pages, as most are. */
	if (unit_random_below(&mock_disk_random, 2))
		unit = max_u64(unit, min_u64(left, 512));
	length = min_u64(unit * (1 + unit_random_below(&mock_disk_random, left / unit)), left);
	length = min_u64(length, most / unit * unit);
	if (description->gap_alignment && length < left) {
		uint64_t end = align_down(address + length, description->gap_alignment);

		if (end <= address)
			end += description->gap_alignment;
		length = min_u64(end - address, left);
	}
	return (uint32_t)length;
}

/* Whether as many segments as may be left can take what is left. */
static bool must_be_long(const struct ddk_disk_description *description, unsigned used, size_t left)
{
	uint64_t most = description->max_segment_length;
	unsigned free_segments = description->max_segments - used;

	return left > (free_segments - 1) * most / 2 || free_segments <= 2;
}

static void cut_into_segments(struct mock_request *request)
{
	const struct ddk_disk_description *description = &request->request.disk->description;
	uint64_t gap = description->gap_alignment, step = gap ? gap : PAGE;
	size_t left = request->length;
	unsigned most = (unsigned)min_u64(description->max_segments,
					  SEGMENTS_MAX + left / description->max_segment_length);
	unsigned count = 0;
	uint64_t address;

	request->segments = calloc(most, sizeof(*request->segments));
	/* Room for a hole before each. */
	mock_dma_allocate(left + (most + 1) * 2 * step, description->below_4g, &request->memory);
	address = request->memory.device_address;
	if (unit_random_below(&mock_disk_random, 2) && description->segment_alignment < step)
		address += description->segment_alignment;
	while (left) {
		bool last = count + 1 == most || must_be_long(description, count, left);
		uint32_t length = choose_length(description, address, left, last);

		EXPECT(count < most);
		request->segments[count++] = (struct ddk_disk_segment){ address, length };
		left -= length;
		address = align_up(address + length, step) +
			  step * unit_random_below(&mock_disk_random, 2);
	}
	request->request.segments = request->segments;
	request->request.segment_count = count;
}

struct mock_request *mock_request_create(struct ddk_disk *disk, enum ddk_disk_operation operation,
					 uint64_t block, uint32_t count)
{
	struct mock_request *request = calloc(1, sizeof(*request));

	request->request = (struct ddk_disk_request){
		.disk = disk,
		.operation = operation,
		.block = block,
		.count = count,
	};
	if (operation == DDK_DISK_READ || operation == DDK_DISK_WRITE) {
		EXPECT(count > 0 && count <= disk->description.max_blocks);
		request->length = (size_t)count * disk->description.block_size;
		request->data = calloc(1, request->length);
		cut_into_segments(request);
	}
	return request;
}

void mock_request_free(struct mock_request *request)
{
	EXPECT(!request->busy);
	ddk_dma_free(&request->memory);
	free(request->segments);
	free(request->data);
	free(request);
}

uint8_t *mock_request_data(struct mock_request *request)
{
	return request->data;
}

static bool choose_tag(struct mock_request *request)
{
	unsigned depth = request->request.disk->description.queue_depth;

	for (request->request.tag = 0; request->request.tag < depth; request->request.tag++)
		if (!*slot_of(request))
			return true;
	return false;
}

int mock_request_submit(struct mock_request *request, bool last)
{
	struct ddk_disk *disk = request->request.disk;
	unsigned queue = request->request.queue;
	int error;

	EXPECT(!request->busy && !disk->removing);
	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT(queue < disk->description.queue_count);
	if (disk->suspended || disk->in_submit[queue] || !choose_tag(request))
		return -EBUSY;
	request->request.driver[0] = request->request.driver[1] = 0;
	request->busy = true;
	request->completed = false;
	*slot_of(request) = request;
	disk->in_flight++;
	if (request->request.operation == DDK_DISK_WRITE)
		gather(request, true);
	disk->in_submit[queue] = true;
	error = disk->ops->submit(&request->request, last);
	disk->in_submit[queue] = false;
	EXPECT_EQUAL(mock_locks_held, 0);
	if (error) {
		EXPECT(request->busy); /* either completed or refused */
		take_back(request);
	}
	return error;
}

int mock_request_wait(struct mock_request *request)
{
	mock_run();
	for (unsigned i = 0; request->busy && i < STEPS_MAX; i++)
		mock_run_for(STEP);
	EXPECT(request->completed);
	return request->error;
}

void mock_request_time_out(struct mock_request *request)
{
	struct ddk_disk *disk = request->request.disk;

	if (!request->busy)
		return;
	EXPECT(!disk->in_timed_out);
	disk->in_timed_out = true;
	disk->ops->timed_out(&request->request);
	disk->in_timed_out = false;
	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT(!request->busy);
	if (disk->removing && !disk->in_flight && !list_node_attached(&disk->node))
		free_disk(disk);
}

int mock_disk_transfer(struct ddk_disk *disk, enum ddk_disk_operation operation, uint64_t block,
		       uint32_t count, void *bytes)
{
	struct mock_request *request = mock_request_create(disk, operation, block, count);
	int error;

	if (operation == DDK_DISK_WRITE)
		memcpy(request->data, bytes, request->length);
	error = mock_request_submit(request, true);
	if (!error)
		error = mock_request_wait(request);
	if (!error && operation == DDK_DISK_READ)
		memcpy(bytes, request->data, request->length);
	mock_request_free(request);
	return error;
}
