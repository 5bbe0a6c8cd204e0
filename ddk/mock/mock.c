/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mock.h"

#include <base/errno.h>
#include <ddk/io.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

#define PAGE              4096
#define WORK_MAX          8
#define BAR_SHIFT         12
#define CAPABILITY_STATUS 0x10

/* A block of DMA memory; its device address is that of its bytes. */
struct block {
	struct block *next;
	uint64_t address;
	size_t size;
};

static struct device *the_device;
static struct block *blocks;
static unsigned allocations;
static unsigned locks_held, mutexes_held, regions_mapped;
static uint64_t now;
static struct ddk_work *works[WORK_MAX]; /* queued */
struct list mock_streams;

void mock_start(struct device *device)
{
	the_device = device;
	list_init(&mock_streams);
	allocations = locks_held = mutexes_held = regions_mapped = 0;
	memset(works, 0, sizeof(works));
}

struct device *mock_device(void)
{
	return the_device;
}

void mock_finish(void)
{
	EXPECT_EQUAL(allocations, 0);
	EXPECT(blocks == NULL);
	EXPECT_EQUAL(regions_mapped, 0);
	EXPECT(list_empty(&mock_streams));
	EXPECT(!the_device->bus_master);
	for (unsigned i = 0; i < MOCK_IRQ_COUNT; i++)
		EXPECT(!the_device->handlers[i]);
}

/* --- Memory ---------------------------------------------------------------------------------- */

static bool allocation_fails(void)
{
	if (the_device->fail_after < 0)
		return false;
	return the_device->fail_after-- == 0;
}

void *ddk_allocate(size_t size)
{
	if (allocation_fails())
		return NULL;
	allocations++;
	return calloc(1, size);
}

void *ddk_allocate_array(size_t count, size_t size)
{
	return ddk_allocate(count * size);
}

void ddk_free(void *memory)
{
	allocations -= memory != NULL;
	free(memory);
}

int ddk_dma_allocate(struct device *device, size_t size, unsigned flags, struct ddk_dma *dma)
{
	struct block *block;

	(void)device;
	(void)flags;
	if (size == 0 || size > DDK_DMA_SIZE_MAX)
		return -EINVAL;
	if (allocation_fails())
		return -ENOMEM;
	block = malloc(sizeof(*block));
	/* Not rounded up, so that the sanitizer sees what goes too far. */
	dma->memory = aligned_alloc(16, (size + 15) / 16 * 16);
	memset(dma->memory, 0, size);
	dma->size = size;
	dma->device_address = (uint64_t)(uintptr_t)dma->memory;
	*block = (struct block){ blocks, dma->device_address, size };
	blocks = block;
	return 0;
}

void ddk_dma_free(struct ddk_dma *dma)
{
	for (struct block **link = &blocks; dma->memory && *link; link = &(*link)->next) {
		struct block *block = *link;

		if (block->address != dma->device_address)
			continue;
		*link = block->next;
		free(block);
		free(dma->memory);
		break;
	}
	*dma = (struct ddk_dma){ 0 };
}

bool mock_dma_is_valid(uint64_t address, size_t length)
{
	for (const struct block *block = blocks; block; block = block->next)
		if (address >= block->address &&
		    range_within(address - block->address, length, block->size))
			return true;
	return false;
}

void *mock_dma(uint64_t address, size_t length)
{
	EXPECT(mock_dma_is_valid(address, length));
	return (void *)(uintptr_t)address;
}

/* --- The device ------------------------------------------------------------------------------ */

const char *ddk_device_name(const struct device *device)
{
	(void)device;
	return "mock";
}

void ddk_device_set_state(struct device *device, void *state)
{
	device->state = state;
}

void *ddk_device_state(const struct device *device)
{
	return device->state;
}

uint64_t ddk_region_size(const struct device *device, unsigned index)
{
	return index < MOCK_BAR_COUNT ? device->bar_sizes[index] : 0;
}

int ddk_region_map(struct device *device, unsigned index, uint64_t offset, size_t length,
		   enum ddk_region_kind kind, struct ddk_region *region)
{
	uint64_t size = ddk_region_size(device, index);

	(void)kind;
	if (size == 0)
		return -ENOENT;
	if (length == 0 && offset < size)
		length = size - offset;
	if (length == 0 || !range_within(offset, length, size))
		return -EINVAL;
	*region = (struct ddk_region){
		.port = (uint16_t)(index << BAR_SHIFT | offset),
		.length = length,
	};
	regions_mapped++;
	return 0;
}

void ddk_region_unmap(struct ddk_region *region)
{
	regions_mapped -= region->length != 0;
	*region = (struct ddk_region){ 0 };
}

uint32_t ddk_port_read(const struct ddk_region *region, size_t offset, size_t size)
{
	size_t at = (region->port & (MOCK_BAR_SIZE - 1)) + offset;

	return the_device->read(the_device, region->port >> BAR_SHIFT, at, size);
}

void ddk_port_write(const struct ddk_region *region, size_t offset, size_t size, uint32_t value)
{
	size_t at = (region->port & (MOCK_BAR_SIZE - 1)) + offset;

	the_device->write(the_device, region->port >> BAR_SHIFT, at, size, value);
}

uint32_t ddk_pci_read_config(const struct device *device, unsigned offset, unsigned size)
{
	uint32_t value = UINT32_MAX;

	if (!device->gone && range_within(offset, size, sizeof(device->config))) {
		value = 0;
		memcpy(&value, device->config + offset, size);
	}
	return value;
}

unsigned ddk_pci_find_capability(const struct device *device, unsigned id, unsigned after)
{
	unsigned at = device->config[after ? after + 1 : 0x34] & ~3u;

	for (unsigned i = 0; i < 48 && at >= 0x40; i++) {
		if (device->config[at] == id)
			return at;
		at = device->config[at + 1] & ~3u;
	}
	return 0;
}

void ddk_pci_set_bus_master(struct device *device, bool on)
{
	device->bus_master = on;
}

int ddk_irq_connect(struct device *device, unsigned index, ddk_irq_handler *handle, void *context)
{
	if (index >= ddk_irq_count(device))
		return -EINVAL;
	if (device->handlers[index])
		return -EBUSY;
	device->handlers[index] = handle;
	device->handler_contexts[index] = context;
	return 0;
}

void ddk_irq_disconnect(struct device *device, unsigned index)
{
	device->handlers[index] = NULL;
	device->raised[index] = false;
}

void ddk_log(const struct device *device, enum ddk_log_level level, const char *format, ...)
{
	(void)device;
	(void)level;
	(void)format;
}

/* --- Time, locks, work ----------------------------------------------------------------------- */

void mock_raise(unsigned irq)
{
	the_device->raised[irq] = true;
}

static bool deliver_one(void)
{
	for (unsigned i = 0; i < MOCK_IRQ_COUNT; i++) {
		if (!the_device->raised[i] || !the_device->handlers[i])
			continue;
		the_device->raised[i] = false;
		the_device->handlers[i](the_device->handler_contexts[i]);
		EXPECT_EQUAL(locks_held, 0);
		return true;
	}
	return false;
}

static bool work_one(void)
{
	for (unsigned i = 0; i < WORK_MAX; i++) {
		struct ddk_work *work = works[i];

		if (!work)
			continue;
		works[i] = NULL;
		work->run(work);
		EXPECT_EQUAL(locks_held, 0);
		return true;
	}
	return false;
}

void mock_run(void)
{
	while (deliver_one() || work_one())
		;
}

uint64_t ddk_time(void)
{
	return now;
}

void ddk_sleep(uint64_t duration_ns)
{
	EXPECT_EQUAL(locks_held, 0);
	while (deliver_one())
		;
	now += duration_ns;
}

void ddk_delay(uint64_t duration_ns)
{
	now += duration_ns;
}

void ddk_lock_init(struct ddk_lock *lock, const char *name)
{
	(void)name;
	lock->opaque[0] = 0;
}

void ddk_lock_acquire(struct ddk_lock *lock)
{
	EXPECT_EQUAL(locks_held++, 0);
	EXPECT_EQUAL(lock->opaque[0]++, 0);
}

void ddk_lock_release(struct ddk_lock *lock)
{
	EXPECT_EQUAL(--lock->opaque[0], 0);
	locks_held--;
}

void ddk_mutex_init(struct ddk_mutex *mutex, const char *name)
{
	(void)name;
	mutex->opaque[0] = 0;
}

void ddk_mutex_acquire(struct ddk_mutex *mutex)
{
	EXPECT_EQUAL(locks_held, 0);
	EXPECT_EQUAL(mutexes_held++, 0);
	EXPECT_EQUAL(mutex->opaque[0]++, 0);
}

void ddk_mutex_release(struct ddk_mutex *mutex)
{
	EXPECT_EQUAL(--mutex->opaque[0], 0);
	mutexes_held--;
}

void ddk_event_init(struct ddk_event *event, const char *name)
{
	(void)name;
	event->opaque[0] = 0;
}

void ddk_event_signal(struct ddk_event *event)
{
	event->opaque[0] = 1;
}

void ddk_event_clear(struct ddk_event *event)
{
	event->opaque[0] = 0;
}

int ddk_event_wait(struct ddk_event *event, uint64_t timeout_ns)
{
	EXPECT_EQUAL(locks_held, 0);
	while (!event->opaque[0] && deliver_one())
		;
	if (!event->opaque[0]) {
		now += timeout_ns;
		return -ETIMEDOUT;
	}
	event->opaque[0] = 0;
	return 0;
}

void ddk_work_init(struct ddk_work *work, void (*run)(struct ddk_work *work))
{
	work->run = run;
}

void ddk_work_queue(struct ddk_work *work)
{
	unsigned slot = WORK_MAX;

	for (unsigned i = 0; i < WORK_MAX; i++) {
		if (works[i] == work)
			return;
		if (!works[i])
			slot = i;
	}
	EXPECT(slot < WORK_MAX);
	works[slot] = work;
}

void ddk_work_flush(struct ddk_work *work)
{
	for (unsigned i = 0; i < WORK_MAX; i++) {
		if (works[i] == work) {
			works[i] = NULL;
			work->run(work);
		}
	}
}

/* --- Streams --------------------------------------------------------------------------------- */

int ddk_stream_create(struct device *device, const char *name, const struct ddk_stream_ops *ops,
		      void *context, struct ddk_stream **stream)
{
	struct ddk_stream *made;

	if (strlen(name) >= DDK_STREAM_NAME_MAX)
		return -EINVAL;
	made = ddk_allocate(sizeof(*made));
	if (!made)
		return -ENOMEM;
	strcpy(made->name, name);
	made->ops = ops;
	made->context = context;
	list_init(&made->received);
	if (ddk_dma_allocate(device, PAGE, 0, &made->buffer.dma)) {
		ddk_free(made);
		return -ENOMEM;
	}
	list_push_back(&mock_streams, &made->node);
	*stream = made;
	return 0;
}

void ddk_stream_destroy(struct ddk_stream *stream)
{
	struct list_node *node;

	EXPECT_EQUAL(locks_held, 0);
	EXPECT(!stream->sending);
	while ((node = list_pop_front(&stream->received)) != NULL)
		stream->ops->recycle(stream, container_of(node, struct ddk_stream_buffer, node));
	list_remove(&stream->node);
	ddk_dma_free(&stream->buffer.dma);
	ddk_free(stream);
}

void *ddk_stream_context(const struct ddk_stream *stream)
{
	return stream->context;
}

void ddk_stream_received(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	EXPECT(buffer->length <= buffer->dma.size);
	list_push_back(&stream->received, &buffer->node);
}

void ddk_stream_sent(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	EXPECT(buffer == &stream->buffer);
	EXPECT(stream->sending);
	stream->sending = false;
}

void ddk_stream_set_connected(struct ddk_stream *stream, bool connected)
{
	stream->connected = connected;
}

/* --- Input ----------------------------------------------------------------------------------- */

int ddk_input_create(struct device *device, const char *name, const struct ddk_input_ops *ops,
		     void *context, struct ddk_input **made)
{
	struct ddk_input *input = ddk_allocate(sizeof(*input));

	(void)device;
	(void)name;
	if (!input)
		return -ENOMEM;
	input->ops = ops;
	input->context = context;
	*made = input;
	return 0;
}

void ddk_input_destroy(struct ddk_input *input)
{
	ddk_free(input);
}

void *ddk_input_context(const struct ddk_input *input)
{
	return input->context;
}

void ddk_input_key(struct ddk_input *input, unsigned key, bool down)
{
	EXPECT_EQUAL(locks_held, 0);
	EXPECT(key < KEY_COUNT);
	input->reports++;
	input->key = key;
	input->down = down;
}

void ddk_input_move(struct ddk_input *input, int right, int down, int wheel)
{
	(void)right;
	(void)down;
	(void)wheel;
	EXPECT_EQUAL(locks_held, 0);
	input->reports++;
}
