/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated controller's registers and queues. */
#include "nvme_model.h"

#include <base/errno.h>
#include <ddk/timer.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

/* For its probe and remove. */
#include "../nvme.c"

#define BAR_SIZE 0x4000

bool nvme_model_chance(struct nvme_model *model, unsigned of_thousand)
{
	return of_thousand && unit_random_below(&model->random, 1000) < of_thousand;
}

void *nvme_model_memory(struct nvme_model *model, uint64_t address, size_t length)
{
	return model->device.bus_master && !model->device.gone ? mock_dma(address, length) : NULL;
}

/* --- Completions ----------------------------------------------------------------------------- */

static uint32_t *shadow_word(struct nvme_model *model, uint64_t page, unsigned index)
{
	size_t stride = 4u << NVME_CAPABILITIES_STRIDE(model->capabilities);

	return page ? nvme_model_memory(model, page + index * stride, 4) : NULL;
}

static void update_cq_head(struct nvme_model *model, unsigned id)
{
	struct nvme_model_cq *cq = &model->cqs[id];
	uint32_t *word = shadow_word(model, model->shadow, 2 * id + 1);
	uint32_t *index = shadow_word(model, model->indices, 2 * id + 1);

	if (!word || !index || id == 0)
		return;
	*index = cq->head;
	EXPECT(*word < cq->entries);
	cq->head = *word;
}

static void put_completion(struct nvme_model *model, struct nvme_model_cq *cq,
			   const struct nvme_completion *completion)
{
	struct nvme_completion *entry;
	uint32_t next = (cq->tail + 1) % cq->entries;

	/* The driver has as many commands under way as fit, and no more. */
	EXPECT(next != cq->head);
	entry = nvme_model_memory(model, cq->base + cq->tail * sizeof(*entry), sizeof(*entry));
	if (!entry)
		return;
	*entry = *completion;
	entry->status = (uint16_t)(completion->status << 1 | cq->phase);
	cq->tail = next;
	if (next == 0)
		cq->phase ^= 1;
}

/* Writes where the next completion goes what looks like one, but for its phase. */
static void put_invisible(struct nvme_model *model, const struct nvme_model_cq *cq,
			  struct nvme_completion completion)
{
	struct nvme_completion *entry =
		nvme_model_memory(model, cq->base + cq->tail * sizeof(*entry), sizeof(*entry));

	completion.status = (uint16_t)(1 << 1 | (cq->phase ^ 1));
	if (entry)
		*entry = completion;
}

/* Whether there is room for one that the driver does not expect. */
static bool has_room(const struct nvme_model_cq *cq)
{
	return (cq->head + cq->entries - cq->tail - 1) % cq->entries > 4;
}

static void put_faults(struct nvme_model *model, struct nvme_model_cq *cq,
		       const struct nvme_completion *completion)
{
	struct nvme_completion other = *completion;

	if (nvme_model_chance(model, model->faults.old_phase))
		put_invisible(model, cq, other);
	if (nvme_model_chance(model, model->faults.wrong_queue) && has_room(cq)) {
		other.queue = (uint16_t)(completion->queue + 1 + unit_random(&model->random) % 9);
		put_completion(model, cq, &other);
		model->strays++;
	}
	if (nvme_model_chance(model, model->faults.stray) && has_room(cq)) {
		other = *completion;
		/* Another generation, or a slot that nobody has. */
		other.id = (uint16_t)(completion->id +
				      (1u << NVME_SLOT_BITS) *
					      (1 + unit_random_below(&model->random, 62)));
		if (unit_random_below(&model->random, 2))
			other.id = 0x3ff;
		put_completion(model, cq, &other);
		model->strays++;
	}
}

void nvme_model_complete(struct nvme_model *model, uint16_t sq, uint16_t id, unsigned status,
			 uint32_t result)
{
	struct nvme_model_cq *cq = &model->cqs[model->sqs[sq].cq];
	struct nvme_completion completion = {
		.result = result,
		.head = (uint16_t)model->sqs[sq].head,
		.queue = sq,
		.id = id,
		.status = (uint16_t)status,
	};

	if (!(model->status & NVME_STATUS_READY) || !cq->made)
		return;
	update_cq_head(model, model->sqs[sq].cq);
	if (sq)
		put_faults(model, cq, &completion);
	put_completion(model, cq, &completion);
	if (sq && nvme_model_chance(model, model->faults.duplicate) && has_room(cq)) {
		put_completion(model, cq, &completion);
		model->strays++;
	}
	if (cq->interrupts && !(sq && nvme_model_chance(model, model->faults.lost_interrupt)))
		mock_raise(cq->vector);
}

/* --- Commands -------------------------------------------------------------------------------- */

static void release(struct nvme_model_pending *pending)
{
	mock_event_cancel(&pending->event);
	pending->used = false;
	pending->model->pending_count--;
}

bool nvme_model_abort(struct nvme_model *model, uint16_t sq, uint16_t id)
{
	for (unsigned i = 0; i < NVME_MODEL_PENDING; i++) {
		struct nvme_model_pending *pending = &model->pending[i];

		if (pending->used && pending->sq == sq && pending->command.id == id) {
			release(pending);
			return true;
		}
	}
	return false;
}

static void execute(struct mock_event *event)
{
	struct nvme_model_pending *pending = container_of(event, struct nvme_model_pending, event);
	struct nvme_model *model = pending->model;
	struct nvme_command command = pending->command;
	uint32_t result = 0;
	uint16_t sq = pending->sq;
	int status;

	if (model->device.gone)
		return;
	if (sq == 0)
		status = nvme_model_admin(model, &command, &result);
	else
		status = nvme_model_io(model, &command);
	/* It stays until it is aborted, or for ever. */
	if (status == -1 && sq != 0)
		return;
	release(pending);
	if (status >= 0)
		nvme_model_complete(model, sq, command.id, (unsigned)status, result);
}

static void accept(struct nvme_model *model, uint16_t sq, const struct nvme_command *command)
{
	struct nvme_model_pending *found = NULL;

	model->commands++;
	for (unsigned i = 0; i < NVME_MODEL_PENDING; i++) {
		struct nvme_model_pending *pending = &model->pending[i];

		if (!pending->used)
			found = found ? found : pending;
		else
			EXPECT(pending->sq != sq || pending->command.id != command->id);
	}
	EXPECT(found);
	found->used = true;
	found->model = model;
	found->sq = sq;
	found->command = *command;
	found->event.happen = execute;
	model->pending_count++;
	mock_event_schedule(&found->event, unit_random_below(&model->random, model->time_max + 1));
}

static void update_sq_tail(struct nvme_model *model, unsigned id)
{
	struct nvme_model_sq *sq = &model->sqs[id];
	uint32_t *word = shadow_word(model, model->shadow, 2 * id);

	if (!word || id == 0)
		return;
	EXPECT(*word < sq->entries);
	sq->tail = *word;
}

static void look(struct mock_event *event)
{
	struct nvme_model_sq *sq = container_of(event, struct nvme_model_sq, look);
	struct nvme_model *model = event->context;
	unsigned id = (unsigned)(sq - model->sqs);
	uint32_t *index;

	if (!sq->made || model->device.gone)
		return;
	update_sq_tail(model, id);
	while (sq->head != sq->tail) {
		const struct nvme_command *command = nvme_model_memory(
			model, sq->base + sq->head * sizeof(*command), sizeof(*command));

		if (!command)
			return;
		sq->head = (sq->head + 1) % sq->entries;
		accept(model, (uint16_t)id, command);
		index = shadow_word(model, model->indices, 2 * id);
		if (index && !model->forgets_shadow)
			*index = sq->tail;
		update_sq_tail(model, id);
	}
}

/* --- Registers ------------------------------------------------------------------------------- */

static void reset_queues(struct nvme_model *model)
{
	for (unsigned i = 0; i < NVME_MODEL_PENDING; i++)
		if (model->pending[i].used)
			release(&model->pending[i]);
	for (unsigned i = 0; i < NVME_MODEL_QUEUES; i++) {
		mock_event_cancel(&model->sqs[i].look);
		model->sqs[i] = (struct nvme_model_sq){ 0 };
		model->cqs[i] = (struct nvme_model_cq){ 0 };
	}
	model->shadow = model->indices = 0;
	model->event_count = 0;
	model->events_enabled = 0;
}

static void enable(struct nvme_model *model)
{
	uint32_t entries = (model->admin_entries & 0xfff) + 1;

	model->enables++;
	EXPECT_EQUAL(model->admin_entries & 0xfff, model->admin_entries >> 16 & 0xfff);
	EXPECT(entries > 1 && is_aligned(model->admin_sq | model->admin_cq, NVME_PAGE_SIZE));
	EXPECT_EQUAL(model->configuration & ~1u, 6u << 16 | 4u << 20);
	if (model->fatal_on_enable)
		model->status |= NVME_STATUS_FATAL;
	if (model->never_ready || model->fatal_on_enable)
		return;
	model->sqs[0] = (struct nvme_model_sq){ true, model->admin_sq, entries, 0, 0, 0, { 0 } };
	model->cqs[0] = (struct nvme_model_cq){ true, true, model->admin_cq, entries, 0, 0, 1, 0 };
	model->status |= NVME_STATUS_READY;
}

static void disable(struct nvme_model *model)
{
	if (model->never_stops)
		return;
	reset_queues(model);
	model->status &= ~(NVME_STATUS_READY | NVME_STATUS_SHUTDOWN_MASK | NVME_STATUS_FATAL);
}

static void configure(struct nvme_model *model, uint32_t value)
{
	uint32_t changed = value ^ model->configuration;

	model->configuration = value;
	if (changed & NVME_CONFIGURATION_ENABLE) {
		if (value & NVME_CONFIGURATION_ENABLE)
			enable(model);
		else
			disable(model);
	}
	if (changed & value & NVME_CONFIGURATION_SHUTDOWN) {
		model->shutdowns++;
		if (!model->never_shuts_down)
			model->status |= NVME_STATUS_SHUTDOWN_COMPLETE;
	}
}

static void ring(struct nvme_model *model, size_t offset, uint32_t value)
{
	size_t stride = 4u << NVME_CAPABILITIES_STRIDE(model->capabilities);
	size_t index = offset / stride;
	unsigned id = (unsigned)(index / 2);
	struct nvme_model_sq *sq = &model->sqs[id];
	struct nvme_model_cq *cq = &model->cqs[id];

	model->doorbells++;
	if (!(model->status & NVME_STATUS_READY))
		return;
	EXPECT(id < NVME_MODEL_QUEUES && offset % stride == 0);
	if (index % 2) {
		EXPECT(cq->made && value < cq->entries);
		/* With doorbells in memory it may know already. */
		EXPECT(model->shadow || value != cq->head);
		cq->head = value;
		return;
	}
	EXPECT(sq->made && value < sq->entries);
	EXPECT(model->shadow || value != sq->tail);
	sq->tail = value;
	sq->look.happen = look;
	sq->look.context = model;
	mock_event_schedule(&sq->look, unit_random_below(&model->random, 1000));
}

static uint32_t read_register(struct device *device, unsigned bar, size_t offset, size_t size)
{
	struct nvme_model *model = device->context;

	EXPECT(bar == 0 && size == 4);
	if (device->gone)
		return UINT32_MAX;
	switch (offset) {
	case NVME_REGISTER_CAPABILITIES:
		return (uint32_t)model->capabilities;
	case NVME_REGISTER_CAPABILITIES + 4:
		return (uint32_t)(model->capabilities >> 32);
	case NVME_REGISTER_VERSION:
		return model->version;
	case NVME_REGISTER_CONFIGURATION:
		return model->configuration;
	case NVME_REGISTER_STATUS:
		return model->status;
	default:
		return 0;
	}
}

static void set_half(uint64_t *value, bool high, uint32_t half)
{
	*value = high ? (uint32_t)*value | (uint64_t)half << 32 : (*value >> 32 << 32) | half;
}

static void write_register(struct device *device, unsigned bar, size_t offset, size_t size,
			   uint32_t value)
{
	struct nvme_model *model = device->context;

	EXPECT(bar == 0 && size == 4);
	if (device->gone)
		return;
	if (offset >= NVME_DOORBELLS)
		ring(model, offset - NVME_DOORBELLS, value);
	else if (offset == NVME_REGISTER_CONFIGURATION)
		configure(model, value);
	else if (offset == NVME_REGISTER_ADMIN_ENTRIES)
		model->admin_entries = value;
	else if ((offset & ~(size_t)4) == NVME_REGISTER_ADMIN_SQ)
		set_half(&model->admin_sq, offset & 4, value);
	else if (offset == NVME_REGISTER_ADMIN_CQ || offset == NVME_REGISTER_ADMIN_CQ + 4)
		set_half(&model->admin_cq, offset & 4, value);
	else
		EXPECT(false);
}

/* --- Life ------------------------------------------------------------------------------------ */

static int reset_function(struct device *device)
{
	struct nvme_model *model = device->context;

	reset_queues(model);
	model->configuration = model->status = 0;
	return 0;
}

static void init_identity(struct nvme_controller_data *identity)
{
	memset(identity, 0, sizeof(*identity));
	memset(identity->serial, ' ', sizeof(identity->serial));
	memset(identity->model, ' ', sizeof(identity->model));
	memset(identity->firmware, ' ', sizeof(identity->firmware));
	memcpy(identity->serial, "S1", 2);
	memcpy(identity->model, "MODEL", 5);
	memcpy(identity->firmware, "1.0", 3);
	identity->max_transfer = 5;
	identity->async_events = NVME_ASYNC_NAMESPACE_CHANGED;
	identity->sq_entry_size = 0x66;
	identity->cq_entry_size = 0x44;
	identity->namespace_count = NVME_MODEL_NAMESPACES;
	identity->commands = NVME_KNOWS_DATASET_MANAGEMENT | NVME_KNOWS_WRITE_ZEROES;
	identity->volatile_cache = 7;
}

void nvme_model_init(struct nvme_model *model)
{
	memset(model, 0, sizeof(*model));
	model->device.context = model;
	model->device.read = read_register;
	model->device.write = write_register;
	model->device.reset = reset_function;
	model->device.bar_sizes[0] = BAR_SIZE;
	model->device.fail_after = -1;
	model->device.irq_count = 8;
	model->device.cpu_count = 4;
	model->capabilities = NVME_CAPABILITIES_NVM_COMMANDS | 4ull << 24 | 255;
	model->version = 0x00010400;
	model->queues_granted = UINT32_MAX;
	model->random = 1;
	model->time_max = 100 * DDK_MICROSECOND;
	init_identity(&model->identity);
	nvme_model_add(model, 1, 9, 4096);
	mock_start(&model->device);
}

struct nvme_model_namespace *nvme_model_add(struct nvme_model *model, uint32_t id,
					    unsigned block_shift, uint64_t blocks)
{
	struct nvme_model_namespace *namespace = &model->namespaces[id - 1];

	free(namespace->bytes);
	*namespace = (struct nvme_model_namespace){ .active = true };
	namespace->data.size = namespace->data.capacity = blocks;
	namespace->data.formats[0].block_shift = (uint8_t)block_shift;
	namespace->bytes = malloc(blocks << block_shift);
	for (size_t i = 0; i < blocks << block_shift; i++)
	namespace->bytes[i] = (uint8_t)(i ^ i >> 9 ^ i >> 17 ^ id);
	return namespace;
}

void nvme_model_fini(struct nvme_model *model)
{
	reset_queues(model);
	mock_finish();
	for (unsigned i = 0; i < NVME_MODEL_NAMESPACES; i++)
		free(model->namespaces[i].bytes);
}

int nvme_model_probe(struct nvme_model *model)
{
	return probe(&model->device);
}

void nvme_model_remove(struct nvme_model *model)
{
	remove(&model->device);
}

void nvme_model_pull(struct nvme_model *model)
{
	model->device.gone = true;
}

bool nvme_model_tell(struct nvme_model *model, uint32_t event)
{
	if (model->event_count == 0)
		return false;
	nvme_model_complete(model, 0, model->event_ids[--model->event_count], 0, event);
	return true;
}
