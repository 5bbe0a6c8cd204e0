/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

#include <unit.h>

#include <string.h>

#define STATUS_FEATURES_OK 8

static struct model_queue *selected_queue(struct virtio_model *model)
{
	return model->selected < model->queue_count ? &model->queues[model->selected] : NULL;
}

static uint32_t read_queue(struct virtio_model *model, size_t offset)
{
	const struct model_queue *queue = selected_queue(model);

	switch (offset) {
	case 0x18:
		return queue ? queue->size : 0;
	case 0x1a:
		return queue && !model->refuses_vectors ? queue->vector : 0xffff;
	case 0x1c:
		return queue && queue->enabled;
	case 0x1e:
		return model->selected;
	default:
		return 0;
	}
}

static uint32_t read_common(struct virtio_model *model, size_t offset)
{
	switch (offset) {
	case 0x04:
		return (uint32_t)(model->features >> (model->device_select ? 32 : 0));
	case 0x10:
		return model->refuses_vectors ? 0xffff : model->config_vector;
	case 0x12:
		return model->queue_count;
	case 0x14:
		return model->status;
	default:
		return read_queue(model, offset);
	}
}

static uint32_t model_read(struct device *device, unsigned bar, size_t offset, size_t size)
{
	struct virtio_model *model = device->context;
	uint32_t value = 0;

	EXPECT_EQUAL(bar, MODEL_BAR);
	EXPECT(offset + size <= MODEL_BAR_SIZE);
	if (offset < MODEL_CONFIG)
		return read_common(model, offset);
	if (offset < MODEL_CONFIG + sizeof(model->config))
		memcpy(&value, model->config + offset - MODEL_CONFIG, size);
	return value;
}

static void set_half(uint64_t *value, bool high, uint32_t half)
{
	*value = high ? (*value & UINT32_MAX) | (uint64_t)half << 32
		      : (*value & ~(uint64_t)UINT32_MAX) | half;
}

static void write_queue(struct virtio_model *model, size_t offset, uint32_t value)
{
	struct model_queue *queue = selected_queue(model);

	if (!queue)
		return;
	if (offset == 0x18)
		queue->size = (uint16_t)value;
	else if (offset == 0x1a)
		queue->vector = (uint16_t)value;
	else if (offset == 0x1c)
		queue->enabled = value;
	else if (offset == 0x20 || offset == 0x24)
		set_half(&queue->descriptors, offset & 4, value);
	else if (offset == 0x28 || offset == 0x2c)
		set_half(&queue->available, offset & 4, value);
	else if (offset == 0x30 || offset == 0x34)
		set_half(&queue->used, offset & 4, value);
}

static void reset(struct virtio_model *model)
{
	memset(model->queues, 0, sizeof(model->queues));
	for (unsigned i = 0; i < model->queue_count; i++)
		model->queues[i].size = model->queue_size;
	model->accepted = 0;
	model->config_vector = 0xffff;
}

static void write_status(struct virtio_model *model, uint8_t status)
{
	if (status == 0) {
		reset(model);
		model->status = model->never_resets ? model->status : 0;
		return;
	}
	if (model->refuses_features)
		status &= (uint8_t)~STATUS_FEATURES_OK;
	model->status = status;
}

static void write_common(struct virtio_model *model, size_t offset, uint32_t value)
{
	switch (offset) {
	case 0x00:
		model->device_select = value;
		break;
	case 0x08:
		model->driver_select = value;
		break;
	case 0x0c:
		set_half(&model->accepted, model->driver_select, value);
		break;
	case 0x10:
		model->config_vector = (uint16_t)value;
		break;
	case 0x14:
		write_status(model, (uint8_t)value);
		break;
	case 0x16:
		model->selected = (uint16_t)value;
		break;
	default:
		write_queue(model, offset, value);
		break;
	}
}

static void model_write(struct device *device, unsigned bar, size_t offset, size_t size,
			uint32_t value)
{
	struct virtio_model *model = device->context;

	EXPECT_EQUAL(bar, MODEL_BAR);
	EXPECT(offset + size <= MODEL_BAR_SIZE);
	if (offset < MODEL_CONFIG)
		write_common(model, offset, value);
	else if (offset < MODEL_CONFIG + sizeof(model->config))
		memcpy(model->config + offset - MODEL_CONFIG, &value, size);
	else if (offset >= MODEL_NOTIFY && offset < MODEL_NOTIFY + MODEL_NOTIFY_LENGTH &&
		 model->kick)
		model->kick(model, value);
}

static void add_capability(struct virtio_model *model, unsigned at, unsigned next, uint8_t kind,
			   uint32_t offset, uint32_t length)
{
	uint8_t *bytes = model->device.config + at;

	bytes[0] = 0x09;
	bytes[1] = (uint8_t)next;
	bytes[2] = kind == 2 ? 20 : 16;
	bytes[3] = kind;
	bytes[4] = MODEL_BAR;
	memcpy(bytes + 8, &offset, sizeof(offset));
	memcpy(bytes + 12, &length, sizeof(length));
}

void virtio_model_init(struct virtio_model *model, uint16_t queue_count, uint16_t queue_size)
{
	uint32_t step = MODEL_NOTIFY_STEP;

	memset(model, 0, sizeof(*model));
	model->features = 1ull << 32;
	model->queue_count = queue_count;
	model->queue_size = queue_size;
	model->device.context = model;
	model->device.read = model_read;
	model->device.write = model_write;
	model->device.bar_sizes[MODEL_BAR] = MODEL_BAR_SIZE;
	model->device.fail_after = -1;
	model->device.config[0x34] = MODEL_CAPABILITY_OTHER;
	model->device.config[MODEL_CAPABILITY_OTHER] = 0x11;
	model->device.config[MODEL_CAPABILITY_OTHER + 1] = MODEL_CAPABILITY_COMMON;
	add_capability(model, MODEL_CAPABILITY_COMMON, MODEL_CAPABILITY_NOTIFY, 1, MODEL_COMMON,
		       0x38);
	add_capability(model, MODEL_CAPABILITY_NOTIFY, MODEL_CAPABILITY_CONFIG, 2, MODEL_NOTIFY,
		       MODEL_NOTIFY_LENGTH);
	memcpy(model->device.config + MODEL_CAPABILITY_NOTIFY + 16, &step, sizeof(step));
	add_capability(model, MODEL_CAPABILITY_CONFIG, 0, 4, MODEL_CONFIG, sizeof(model->config));
	reset(model);
	mock_start(&model->device);
}

bool virtio_model_take_chain(struct virtio_model *model, unsigned number,
			     struct model_request *segments, unsigned max, unsigned *count)
{
	struct model_queue *queue = &model->queues[number];
	const volatile uint16_t *available;
	struct virtqueue_descriptor *descriptors;
	uint16_t at, flags;

	if (!queue->enabled)
		return false;
	available = mock_dma(queue->available, 6 + 2 * (size_t)queue->size);
	descriptors = mock_dma(queue->descriptors, 16 * (size_t)queue->size);
	if (available[1] == queue->seen)
		return false;
	at = available[2 + queue->seen++ % queue->size];
	segments->id = at;
	*count = 0;
	do {
		struct model_request *segment = &segments[*count];

		EXPECT(at < queue->size && *count < max);
		flags = descriptors[at].flags;
		segment->id = segments->id;
		segment->address = descriptors[at].address;
		segment->length = descriptors[at].length;
		segment->writable = flags & 2;
		(void)mock_dma(segment->address, segment->length);
		at = descriptors[at].next;
		++*count;
	} while (flags & 1);
	return true;
}

bool virtio_model_take(struct virtio_model *model, unsigned number, struct model_request *request)
{
	unsigned count;

	return virtio_model_take_chain(model, number, request, 1, &count);
}

void virtio_model_put(struct virtio_model *model, unsigned number, uint32_t id, uint32_t length)
{
	struct model_queue *queue = &model->queues[number];
	uint16_t *used = mock_dma(queue->used, 6 + 8 * (size_t)queue->size);
	uint32_t *entry = (uint32_t *)(used + 2) + 2 * (used[1] % queue->size);

	entry[0] = id;
	entry[1] = length;
	used[1]++;
	mock_raise(queue->vector);
}
