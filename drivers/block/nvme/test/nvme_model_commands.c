/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated controller does with commands. */
#include "nvme_model.h"

#include <unit.h>

#include <string.h>

/* --- Admin commands -------------------------------------------------------------------------- */

static int give_data(struct nvme_model *model, const struct nvme_command *command,
		     const void *bytes, size_t length)
{
	void *to = nvme_model_memory(model, command->data[0], length);

	EXPECT_EQUAL(command->flags, 0);
	EXPECT(is_aligned(command->data[0], NVME_PAGE_SIZE) && length <= NVME_PAGE_SIZE);
	if (to)
		memcpy(to, bytes, length);
	return 0;
}

static int identify(struct nvme_model *model, const struct nvme_command *command)
{
	static const struct nvme_namespace_data nothing;
	uint32_t list[NVME_IDENTIFY_LIST] = { 0 };
	const struct nvme_model_namespace *namespace;
	unsigned count = 0;

	switch (command->word10 & 0xff) {
	case NVME_IDENTIFY_CONTROLLER:
		return give_data(model, command, &model->identity, sizeof(model->identity));
	case NVME_IDENTIFY_ACTIVE_NAMESPACES:
		for (uint32_t id = command->namespace + 1; id <= NVME_MODEL_NAMESPACES; id++)
			if (model->namespaces[id - 1].active)
				list[count++] = id;
		return give_data(model, command, list, sizeof(list));
	case NVME_IDENTIFY_NAMESPACE:
		if (command->namespace == 0 || command->namespace > NVME_MODEL_NAMESPACES)
			return NVME_INVALID_NAMESPACE;
		namespace = &model->namespaces[command->namespace - 1];
		return give_data(model, command, namespace->active ? &namespace->data : &nothing,
				 sizeof(nothing));
	default:
		return NVME_INVALID_FIELD;
	}
}

static int create_cq(struct nvme_model *model, const struct nvme_command *command)
{
	unsigned id = command->word10 & 0xffff;

	EXPECT(id > 0 && id < NVME_MODEL_QUEUES && !model->cqs[id].made);
	EXPECT_EQUAL(command->word11 & 0xffff, 3);
	EXPECT(is_aligned(command->data[0], NVME_PAGE_SIZE));
	model->cqs[id] = (struct nvme_model_cq){
		.made = true,
		.interrupts = true,
		.base = command->data[0],
		.entries = (command->word10 >> 16) + 1,
		.phase = 1,
		.vector = command->word11 >> 16,
	};
	EXPECT(model->cqs[id].entries <= NVME_CAPABILITIES_MAX_ENTRIES(model->capabilities));
	EXPECT(model->cqs[id].vector < model->device.irq_count);
	return 0;
}

static int create_sq(struct nvme_model *model, const struct nvme_command *command)
{
	unsigned id = command->word10 & 0xffff;

	EXPECT(id > 0 && id < NVME_MODEL_QUEUES && !model->sqs[id].made);
	EXPECT_EQUAL(command->word11 & 0xffff, 1);
	EXPECT(model->cqs[command->word11 >> 16].made);
	EXPECT(is_aligned(command->data[0], NVME_PAGE_SIZE));
	model->sqs[id] = (struct nvme_model_sq){
		.made = true,
		.base = command->data[0],
		.entries = (command->word10 >> 16) + 1,
		.cq = (uint16_t)(command->word11 >> 16),
	};
	return 0;
}

static int set_feature(struct nvme_model *model, const struct nvme_command *command,
		       uint32_t *result)
{
	switch (command->word10 & 0xff) {
	case NVME_FEATURE_QUEUE_COUNT:
		/* Before any is made. */
		EXPECT(!model->cqs[1].made);
		*result = model->queues_granted == UINT32_MAX ? command->word11
							      : model->queues_granted;
		return 0;
	case NVME_FEATURE_ASYNC_EVENTS:
		model->events_enabled = command->word11;
		return 0;
	default:
		return NVME_INVALID_FIELD;
	}
}

static int get_log(struct nvme_model *model, const struct nvme_command *command)
{
	static const uint8_t zeros[NVME_PAGE_SIZE];
	size_t length = ((command->word10 >> 16) + 1) * 4;

	if ((command->word10 & 0xff) == NVME_LOG_HEALTH)
		return give_data(model, command, &model->health, sizeof(model->health));
	return give_data(model, command, zeros, length);
}

static int abort_command(struct nvme_model *model, const struct nvme_command *command,
			 uint32_t *result)
{
	uint16_t sq = command->word10 & 0xffff, id = (uint16_t)(command->word10 >> 16);

	model->aborts++;
	*result = 1;
	if (model->refuses_aborts || sq >= NVME_MODEL_QUEUES)
		return 0;
	*result = 0;
	if (model->no_aborts)
		return 0;
	if (nvme_model_abort(model, sq, id))
		nvme_model_complete(model, sq, id, NVME_ABORTED, 0);
	else
		*result = 1;
	return 0;
}

static int listen(struct nvme_model *model, const struct nvme_command *command)
{
	if (model->babbles) {
		nvme_model_complete(model, 0, command->id, 0,
				    (uint32_t)unit_random(&model->random));
		return -1;
	}
	EXPECT(model->event_count < NVME_MODEL_EVENTS);
	model->event_ids[model->event_count++] = command->id;
	return -1;
}

int nvme_model_admin(struct nvme_model *model, const struct nvme_command *command, uint32_t *result)
{
	if (model->hung_opcode == command->opcode + 1u ||
	    nvme_model_chance(model, model->faults.admin))
		return -1;
	if (model->bad_opcode == command->opcode + 1u)
		return NVME_INTERNAL_ERROR;
	switch (command->opcode) {
	case NVME_ADMIN_IDENTIFY:
		return identify(model, command);
	case NVME_ADMIN_CREATE_CQ:
		return create_cq(model, command);
	case NVME_ADMIN_CREATE_SQ:
		return create_sq(model, command);
	case NVME_ADMIN_SET_FEATURES:
		return set_feature(model, command, result);
	case NVME_ADMIN_GET_LOG:
		return get_log(model, command);
	case NVME_ADMIN_ABORT:
		return abort_command(model, command, result);
	case NVME_ADMIN_ASYNC_EVENT:
		return listen(model, command);
	case NVME_ADMIN_SET_DOORBELL_BUFFERS:
		EXPECT(is_aligned(command->data[0] | command->data[1], NVME_PAGE_SIZE));
		model->shadow = command->data[0];
		model->indices = command->data[1];
		return 0;
	default:
		return NVME_INVALID_OPCODE;
	}
}

/* --- Reads and writes ------------------------------------------------------------------------ */

static void copy(struct nvme_model *model, uint64_t address, uint8_t *bytes, size_t length,
		 bool to_host)
{
	void *memory = nvme_model_memory(model, address, length);

	if (memory && to_host)
		memcpy(memory, bytes, length);
	else if (memory)
		memcpy(bytes, memory, length);
}

/* By pages (4.3): the first may begin anywhere, all others at their beginning. */
static void copy_pages(struct nvme_model *model, const struct nvme_command *command, uint8_t *bytes,
		       size_t length, bool to_host)
{
	size_t first = min_size(length, NVME_PAGE_SIZE - command->data[0] % NVME_PAGE_SIZE);
	const uint64_t *list = &command->data[1];
	size_t pages;

	EXPECT(is_aligned(command->data[0], 4));
	copy(model, command->data[0], bytes, first, to_host);
	bytes += first;
	length -= first;
	pages = (length + NVME_PAGE_SIZE - 1) / NVME_PAGE_SIZE;
	if (pages > 1) {
		/* A list that crossed its page would go on in another. */
		EXPECT(command->data[1] % NVME_PAGE_SIZE + pages * 8 <= NVME_PAGE_SIZE);
		EXPECT(is_aligned(command->data[1], 8));
		list = nvme_model_memory(model, command->data[1], pages * 8);
		model->prp_lists++;
	}
	for (size_t i = 0; i < pages && list; i++) {
		size_t part = min_size(length, NVME_PAGE_SIZE);

		EXPECT(is_aligned(list[i], NVME_PAGE_SIZE));
		copy(model, list[i], bytes, part, to_host);
		bytes += part;
		length -= part;
	}
}

static void copy_segments(struct nvme_model *model, const struct nvme_command *command,
			  uint8_t *bytes, size_t length, bool to_host)
{
	unsigned alignment = NVME_SGL_SUPPORT(model->identity.sgl) == 2 ? 4 : 1;
	const struct nvme_sgl *list;
	struct nvme_sgl sgl;
	size_t count = 1;

	EXPECT(NVME_SGL_SUPPORT(model->identity.sgl) != 0);
	model->sgl_commands++;
	memcpy(&sgl, command->data, sizeof(sgl));
	list = &sgl;
	if (sgl.kind == NVME_SGL_LAST_SEGMENT) {
		EXPECT(sgl.length && sgl.length % sizeof(sgl) == 0);
		count = sgl.length / sizeof(sgl);
		list = nvme_model_memory(model, sgl.address, sgl.length);
	}
	for (size_t i = 0; i < count && list; i++) {
		EXPECT_EQUAL(list[i].kind, NVME_SGL_DATA);
		EXPECT(is_aligned(list[i].address | list[i].length, alignment));
		EXPECT(list[i].length <= length);
		copy(model, list[i].address, bytes, list[i].length, to_host);
		bytes += list[i].length;
		length -= list[i].length;
	}
	EXPECT(!list || length == 0);
}

static int transfer(struct nvme_model *model, struct nvme_model_namespace *namespace,
		    const struct nvme_command *command)
{
	unsigned shift = namespace->data.formats[0].block_shift;
	uint64_t block = command->word10 | (uint64_t)command->word11 << 32;
	uint64_t count = (command->word12 & 0xffff) + 1;
	bool to_host = command->opcode == NVME_READ;
	uint8_t *bytes;

	if (block >= namespace->data.size || count > namespace->data.size - block)
		return NVME_LBA_OUT_OF_RANGE | NVME_STATUS_NO_RETRY;
	EXPECT(!model->identity.max_transfer ||
	       count << shift <= (uint64_t)NVME_PAGE_SIZE << model->identity.max_transfer);
	model->forced += (command->word12 & NVME_FORCE_UNIT_ACCESS) != 0;
	bytes = namespace->bytes + (block << shift);
	if (command->opcode == NVME_WRITE_ZEROES)
		memset(bytes, 0, (size_t)(count << shift));
	else if (command->flags & NVME_FLAGS_SGL)
		copy_segments(model, command, bytes, (size_t)(count << shift), to_host);
	else
		copy_pages(model, command, bytes, (size_t)(count << shift), to_host);
	return 0;
}

static int deallocate(struct nvme_model *model, struct nvme_model_namespace *namespace,
		      const struct nvme_command *command)
{
	const struct nvme_range *range = nvme_model_memory(model, command->data[0], sizeof(*range));
	unsigned shift = namespace->data.formats[0].block_shift;

	EXPECT_EQUAL(command->word10, 0);
	EXPECT_EQUAL(command->word11, NVME_DEALLOCATE);
	if (!range)
		return 0;
	if (range->block > namespace->data.size ||
	    range->count > namespace->data.size - range->block)
		return NVME_LBA_OUT_OF_RANGE | NVME_STATUS_NO_RETRY;
	memset(namespace->bytes + (range->block << shift), 0xdd, (size_t)range->count << shift);
	return 0;
}

static int random_status(struct nvme_model *model)
{
	return (int)(1 + unit_random_below(&model->random, 0x7fff));
}

int nvme_model_io(struct nvme_model *model, const struct nvme_command *command)
{
	struct nvme_model_namespace *namespace;
	int status = model->judge ? model->judge(model, command) : 0;

	if (status)
		return status;
	if (nvme_model_chance(model, model->faults.drop))
		return -1;
	if (nvme_model_chance(model, model->faults.error))
		return random_status(model);
	if (command->namespace == 0 || command->namespace > NVME_MODEL_NAMESPACES ||
	    !model->namespaces[command->namespace - 1].active)
		return NVME_INVALID_NAMESPACE | NVME_STATUS_NO_RETRY;
	namespace = &model->namespaces[command->namespace - 1];
	switch (command->opcode) {
	case NVME_FLUSH:
		model->flushes++;
		return 0;
	case NVME_READ:
	case NVME_WRITE:
	case NVME_WRITE_ZEROES:
		return transfer(model, namespace, command);
	case NVME_DATASET_MANAGEMENT:
		return deallocate(model, namespace, command);
	default:
		return NVME_INVALID_OPCODE;
	}
}
