/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the controller can do, and the queues and interrupts that are made of it. */
#include <base/errno.h>
#include <base/string.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#include "nvme.h"

#define BAR         0
#define STRIDE_UNIT 4 /* of CAP.DSTRD, a power of two of them */

static uint64_t read_capabilities(const struct nvme_controller *controller)
{
	const struct ddk_region *registers = &controller->registers;
	uint64_t low = ddk_read32(registers, NVME_REGISTER_CAPABILITIES);

	return low | (uint64_t)ddk_read32(registers, NVME_REGISTER_CAPABILITIES + 4) << 32;
}

static int check_capabilities(const struct nvme_controller *controller)
{
	uint64_t capabilities = controller->capabilities;

	if (capabilities == UINT64_MAX || controller->version == UINT32_MAX)
		return -ENODEV;
	if (!(capabilities & NVME_CAPABILITIES_NVM_COMMANDS)) {
		ddk_error(controller->device, "does not know the NVM commands");
		return -EOPNOTSUPP;
	}
	if (NVME_CAPABILITIES_PAGE_MINIMUM(capabilities) > 0) {
		ddk_error(controller->device, "wants pages larger than 4 KiB");
		return -EOPNOTSUPP;
	}
	if (NVME_CAPABILITIES_MAX_ENTRIES(capabilities) < 2) {
		ddk_error(controller->device, "has queues without room");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* How many queue pairs have a CPU, an interrupt and doorbells; those of the admin queue come
 * first. 0: not even one. */
static unsigned count_possible_queues(const struct nvme_controller *controller)
{
	uint64_t size = ddk_region_size(controller->device, BAR);
	uint64_t pairs = (size - NVME_DOORBELLS) / (2 * controller->doorbell_stride);
	unsigned vectors = controller->vector_count;
	uint64_t count = min_u64(ddk_cpu_count(), DDK_DISK_QUEUE_MAX);

	if (size < NVME_DOORBELLS || pairs < 2)
		return 0;
	count = min_u64(count, pairs - 1);
	return (unsigned)min_u64(count, vectors > 1 ? vectors - 1 : 1);
}

int nvme_controller_open(struct nvme_controller *controller)
{
	struct device *device = controller->device;
	int error = ddk_region_map(device, BAR, 0, NVME_REGISTERS_LENGTH, DDK_REGION_UNCACHED,
				   &controller->registers);

	if (error)
		return error;
	controller->capabilities = read_capabilities(controller);
	controller->version = ddk_read32(&controller->registers, NVME_REGISTER_VERSION);
	controller->doorbell_stride = (size_t)STRIDE_UNIT
				      << NVME_CAPABILITIES_STRIDE(controller->capabilities);
	error = check_capabilities(controller);
	if (error)
		return error;
	controller->vector_count = ddk_irq_count(device);
	controller->queue_max = count_possible_queues(controller);
	if (controller->queue_max == 0) {
		ddk_error(device, "has no room for the doorbells of a queue");
		return -EOPNOTSUPP;
	}
	return ddk_region_map(device, BAR, NVME_DOORBELLS,
			      2 * (controller->queue_max + 1) * controller->doorbell_stride,
			      DDK_REGION_UNCACHED, &controller->doorbells);
}

void nvme_controller_close(struct nvme_controller *controller)
{
	for (unsigned i = 0; i < controller->queue_max && controller->queues; i++)
		nvme_queue_fini(&controller->queues[i]);
	ddk_free(controller->queues);
	ddk_dma_free(&controller->shadow);
	nvme_admin_fini(controller);
	ddk_region_unmap(&controller->doorbells);
	ddk_region_unmap(&controller->registers);
}

/* --- Identity -------------------------------------------------------------------------------- */

/* Fields of text are padded with blanks, or so they should. */
static void copy_text(char *to, const char *from, size_t length)
{
	while (length > 0 && (from[length - 1] == ' ' || from[length - 1] == '\0'))
		length--;
	for (size_t i = 0; i < length; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : ' ';
	to[length] = '\0';
}

static bool entry_sizes_are_fit(const struct nvme_controller_data *data)
{
	/* The smallest and the largest, as powers of two; ours are 64 and 16 bytes. */
	return (data->sq_entry_size & 0xf) <= 6 && data->sq_entry_size >> 4 >= 6 &&
	       (data->cq_entry_size & 0xf) <= 4 && data->cq_entry_size >> 4 >= 4;
}

int nvme_controller_identify(struct nvme_controller *controller)
{
	static const unsigned alignments[] = { 0, 1, 4, 0 };
	struct nvme_controller_data *data = &controller->data;
	int error = nvme_identify(controller, NVME_IDENTIFY_CONTROLLER, 0, data);

	if (error)
		return error;
	if (!entry_sizes_are_fit(data)) {
		ddk_error(controller->device, "has queue entries of another size");
		return -EOPNOTSUPP;
	}
	copy_text(controller->model, data->model, sizeof(data->model));
	copy_text(controller->serial, data->serial, sizeof(data->serial));
	copy_text(controller->firmware, data->firmware, sizeof(data->firmware));
	controller->transfer_max = NVME_TRANSFER_MAX;
	if (data->max_transfer && data->max_transfer < 16)
		controller->transfer_max = (uint32_t)min_u64(
			NVME_TRANSFER_MAX, (uint64_t)NVME_PAGE_SIZE << data->max_transfer);
	controller->sgl_alignment = alignments[NVME_SGL_SUPPORT(data->sgl)];
	return 0;
}

/* --- Interrupts ------------------------------------------------------------------------------ */

static bool handle_admin(void *context)
{
	struct nvme_controller *controller = context;
	bool ours = nvme_admin_interrupt(controller);

	if (controller->vector_count <= 1 && controller->queue_count > 0)
		ours |= nvme_queue_process(&controller->queues[0]);
	return ours;
}

static bool handle_queue(void *context)
{
	return nvme_queue_process(context);
}

static int connect_queue(struct nvme_controller *controller, unsigned index)
{
	struct nvme_queue *queue = &controller->queues[index];
	int error;

	if (controller->vector_count <= 1)
		return 0;
	queue->vector = index + 1;
	error = ddk_irq_connect(controller->device, queue->vector, handle_queue, queue);
	if (!error)
		ddk_irq_direct(controller->device, queue->vector, index);
	return error;
}

int nvme_controller_connect(struct nvme_controller *controller)
{
	int error = ddk_irq_connect(controller->device, 0, handle_admin, controller);

	for (unsigned i = 0; i < controller->queue_count && !error; i++)
		error = connect_queue(controller, i);
	return error;
}

void nvme_controller_disconnect(struct nvme_controller *controller)
{
	ddk_irq_disconnect(controller->device, 0);
	for (unsigned i = 1; i < controller->vector_count && i <= controller->queue_max; i++)
		ddk_irq_disconnect(controller->device, i);
}

/* --- Queues ---------------------------------------------------------------------------------- */

/* How many queue pairs the controller grants (5.21.1.7). */
static int ask_for_queues(struct nvme_controller *controller, unsigned *count)
{
	uint32_t wanted = *count - 1;
	uint32_t result;
	int error = nvme_set_feature(controller, NVME_FEATURE_QUEUE_COUNT, wanted << 16 | wanted,
				     &result);

	if (error)
		return error;
	*count = (unsigned)min_u64(*count, min_u64((result & 0xffff) + 1, (result >> 16) + 1));
	return 0;
}

/* Two pages: the doorbells, and the indices at which the controller wants to be told. It can do
 * without. */
static void make_shadow(struct nvme_controller *controller, unsigned queues)
{
	if (!(controller->data.admin_commands & NVME_ADMIN_KNOWS_DOORBELLS) ||
	    2 * (queues + 1) * controller->doorbell_stride > NVME_PAGE_SIZE)
		return;
	if (ddk_dma_allocate(controller->device, 2 * NVME_PAGE_SIZE, 0, &controller->shadow))
		ddk_warning(controller->device, "no memory for doorbells");
	controller->shadow_trusted = true;
}

int nvme_controller_make_queues(struct nvme_controller *controller)
{
	uint64_t limit = NVME_CAPABILITIES_MAX_ENTRIES(controller->capabilities);
	uint32_t entries = (uint32_t)min_u64(limit, NVME_ENTRIES_MAX);
	unsigned count = controller->queue_max;
	int error = ask_for_queues(controller, &count);

	if (error)
		return error;
	controller->queues = ddk_allocate_array(controller->queue_max, sizeof(*controller->queues));
	if (!controller->queues)
		return -ENOMEM;
	for (unsigned i = 0; i < count && !error; i++) {
		error = nvme_queue_init(&controller->queues[i], controller, i, entries);
		if (!error)
			error = connect_queue(controller, i);
		if (!error)
			controller->queue_count++;
	}
	/* Fewer will do as well. */
	if (controller->queue_count == 0)
		return error;
	make_shadow(controller, controller->queue_count);
	return 0;
}

static int create_pair(struct nvme_controller *controller, struct nvme_queue *queue)
{
	struct nvme_ring *ring = &queue->ring;
	uint32_t size_and_id = (ring->entries - 1) << 16 | ring->id;
	struct nvme_command completions = {
		.opcode = NVME_ADMIN_CREATE_CQ,
		.data = { ring->completions.device_address },
		.word10 = size_and_id,
		.word11 = queue->vector << 16 | NVME_QUEUE_INTERRUPTS | NVME_QUEUE_CONTIGUOUS,
	};
	struct nvme_command commands = {
		.opcode = NVME_ADMIN_CREATE_SQ,
		.data = { ring->commands.device_address },
		.word10 = size_and_id,
		.word11 = (uint32_t)ring->id << 16 | NVME_QUEUE_CONTIGUOUS,
	};
	int error;

	ddk_lock_acquire(&queue->lock);
	nvme_ring_reset(ring);
	ddk_lock_release(&queue->lock);
	error = nvme_admin_run(controller, &completions, NULL);
	return error ? error : nvme_admin_run(controller, &commands, NULL);
}

/* Has the controller look at doorbells in memory (5.7). */
static void start_shadow(struct nvme_controller *controller)
{
	struct nvme_command command = {
		.opcode = NVME_ADMIN_SET_DOORBELL_BUFFERS,
		.data = { controller->shadow.device_address,
			  controller->shadow.device_address + NVME_PAGE_SIZE },
	};

	if (!controller->shadow.memory)
		return;
	memset(controller->shadow.memory, 0, controller->shadow.size);
	if (nvme_admin_run(controller, &command, NULL))
		ddk_warning(controller->device, "refuses doorbells in memory");
	else
		controller->shadow_used = true;
}

int nvme_controller_start_queues(struct nvme_controller *controller)
{
	unsigned count = controller->queue_count;
	int error = ask_for_queues(controller, &count);

	if (!error && count < controller->queue_count)
		error = -EIO;
	for (unsigned i = 0; i < controller->queue_count && !error; i++)
		error = create_pair(controller, &controller->queues[i]);
	if (error)
		return error;
	start_shadow(controller);
	if (controller->broken)
		return -ETIMEDOUT;
	for (unsigned i = 0; i < controller->queue_count; i++)
		nvme_queue_set_state(&controller->queues[i], NVME_QUEUE_LIVE);
	return 0;
}
