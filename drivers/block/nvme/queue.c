/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queue pairs for reads and writes: requests of the class become commands, and completions are
 * handed back in the interrupt.
 *
 * A command's id is its slot's number below the slot's generation, so that a completion that
 * comes twice, or late, is known for what it is and ignored.
 */
#include <base/errno.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#include "nvme.h"

/* So many completions are taken under the lock at a time. */
#define BATCH 16

/* A bad medium is tried again so often if the controller does not say that it is no use; the class
 * does not. */
#define MEDIUM_RETRIES 2

struct finished {
	struct ddk_disk_request *request;
	int error;
};

static void run_poll(struct ddk_work *work)
{
	nvme_queue_process(container_of(work, struct nvme_queue, poll));
}

int nvme_queue_init(struct nvme_queue *queue, struct nvme_controller *controller, unsigned index,
		    uint32_t entries)
{
	int error;

	ddk_lock_init(&queue->lock, "nvme queue");
	ddk_work_init(&queue->poll, run_poll);
	queue->state = NVME_QUEUE_HELD;
	/* What is not yet acknowledged has room besides what is under way. */
	queue->acknowledge_limit = entries / NVME_UNACKNOWLEDGED_SHARE;
	queue->slot_count = entries - 1 - queue->acknowledge_limit;
	error = nvme_ring_init(&queue->ring, controller, (uint16_t)(index + 1), entries);
	if (error)
		return error;
	queue->slots = ddk_allocate_array(queue->slot_count, sizeof(*queue->slots));
	return queue->slots ? 0 : -ENOMEM;
}

void nvme_queue_fini(struct nvme_queue *queue)
{
	/* One that was never begun is all zero. */
	if (queue->ring.controller)
		ddk_work_flush(&queue->poll);
	for (unsigned i = 0; i < NVME_CHUNK_MAX; i++)
		ddk_dma_free(&queue->lists[i]);
	ddk_free(queue->slots);
	nvme_ring_fini(&queue->ring);
}

int nvme_queue_provide(struct nvme_queue *queue, unsigned first, unsigned count)
{
	int error = 0;

	for (unsigned i = first / NVME_LISTS_PER_CHUNK;
	     i <= (first + count - 1) / NVME_LISTS_PER_CHUNK && !error; i++) {
		if (!queue->lists[i].memory)
			error = ddk_dma_allocate(queue->ring.controller->device,
						 NVME_LISTS_PER_CHUNK * NVME_LIST_SIZE, 0,
						 &queue->lists[i]);
	}
	return error;
}

/* --- Submission ------------------------------------------------------------------------------ */

static struct nvme_list list_of(const struct nvme_queue *queue, unsigned slot)
{
	const struct ddk_dma *chunk = &queue->lists[slot / NVME_LISTS_PER_CHUNK];
	size_t offset = slot % NVME_LISTS_PER_CHUNK * NVME_LIST_SIZE;

	return (struct nvme_list){ (char *)chunk->memory + offset, chunk->device_address + offset };
}

static int build_transfer(const struct nvme_controller *controller,
			  const struct ddk_disk_request *request, const struct nvme_list *list,
			  struct nvme_command *command)
{
	bool write = request->operation == DDK_DISK_WRITE;

	command->opcode = write ? NVME_WRITE : NVME_READ;
	command->word10 = (uint32_t)request->block;
	command->word11 = (uint32_t)(request->block >> 32);
	command->word12 = request->count - 1;
	if (write && (request->flags & DDK_DISK_FUA))
		command->word12 |= NVME_FORCE_UNIT_ACCESS;
	return nvme_describe_data(controller, request, list, command);
}

static int build_other(const struct ddk_disk_request *request, const struct nvme_list *list,
		       struct nvme_command *command)
{
	struct nvme_range *range = list->memory;

	switch (request->operation) {
	case DDK_DISK_FLUSH:
		command->opcode = NVME_FLUSH;
		return 0;
	case DDK_DISK_WRITE_ZEROES:
		command->opcode = NVME_WRITE_ZEROES;
		command->word10 = (uint32_t)request->block;
		command->word11 = (uint32_t)(request->block >> 32);
		command->word12 = request->count - 1;
		if (request->flags & DDK_DISK_FUA)
			command->word12 |= NVME_FORCE_UNIT_ACCESS;
		return 0;
	case DDK_DISK_DISCARD:
		*range = (struct nvme_range){ .count = request->count, .block = request->block };
		command->opcode = NVME_DATASET_MANAGEMENT;
		command->data[0] = list->device_address;
		command->word10 = 0; /* one range */
		command->word11 = NVME_DEALLOCATE;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int build_command(struct nvme_queue *queue, const struct nvme_namespace *namespace,
			 const struct ddk_disk_request *request, unsigned slot)
{
	struct nvme_command *command = nvme_ring_place(&queue->ring);
	struct nvme_list list = list_of(queue, slot);

	*command = (struct nvme_command){
		.id = queue->slots[slot].id,
		.namespace = namespace->id,
	};
	if (request->operation == DDK_DISK_READ || request->operation == DDK_DISK_WRITE)
		return build_transfer(namespace->controller, request, &list, command);
	return build_other(request, &list, command);
}

/* Puts a command for the request into the ring. Under the lock. */
static int issue(struct nvme_queue *queue, const struct nvme_namespace *namespace,
		 const struct ddk_disk_request *request, unsigned number)
{
	struct nvme_slot *slot = &queue->slots[number];
	int error;

	/* The next generation, which may wrap. */
	slot->id = (uint16_t)(((slot->id >> NVME_SLOT_BITS) + 1) << NVME_SLOT_BITS | number);
	error = build_command(queue, namespace, request, number);
	if (!error)
		nvme_ring_push(&queue->ring);
	return error;
}

/* Under the lock. */
static int submit_locked(struct nvme_queue *queue, struct nvme_namespace *namespace,
			 struct ddk_disk_request *request)
{
	unsigned number = namespace->first_slot + request->tag;
	struct nvme_slot *slot = &queue->slots[number];
	int error;

	if (queue->state == NVME_QUEUE_HELD) {
		namespace->held = request->disk;
		return -EAGAIN;
	}
	if (queue->state == NVME_QUEUE_DEAD)
		return -ENODEV;
	if (request->tag >= namespace->depth || slot->request)
		return -EIO;
	error = issue(queue, namespace, request, number);
	if (error)
		return error;
	slot->aborted = false;
	slot->request = request;
	request->driver[0] = number;
	return 0;
}

int nvme_queue_submit(struct nvme_queue *queue, struct nvme_namespace *namespace,
		      struct ddk_disk_request *request, bool last)
{
	int error;

	ddk_lock_acquire(&queue->lock);
	error = submit_locked(queue, namespace, request);
	/* After an error, those before it are not to wait. */
	if ((last || error) && queue->state == NVME_QUEUE_LIVE)
		nvme_ring_announce(&queue->ring);
	ddk_lock_release(&queue->lock);
	return error;
}

/* --- Completion ------------------------------------------------------------------------------ */

/* A completion of nothing that was asked for. Under the lock. Returns whether to say so. */
static bool count_stray(struct nvme_queue *queue)
{
	return is_power_of_two(++queue->strays);
}

/* Whether a request that failed goes to the controller once more. Under the lock. */
static bool try_again(struct nvme_queue *queue, const struct nvme_slot *slot, unsigned status)
{
	struct ddk_disk_request *request = slot->request;

	if (nvme_status_error(status) != -ENODATA || status & NVME_STATUS_NO_RETRY ||
	    slot->aborted || queue->state != NVME_QUEUE_LIVE ||
	    request->driver[1] >= MEDIUM_RETRIES)
		return false;
	request->driver[1]++;
	return !issue(queue, ddk_disk_context(request->disk), request,
		      (unsigned)(slot - queue->slots));
}

static int error_of(struct nvme_queue *queue, const struct nvme_slot *slot, unsigned status)
{
	unsigned code = status & NVME_STATUS_CODE_MASK;

	if (code == NVME_ABORTED && slot->aborted)
		return -ETIMEDOUT;
	if (code == NVME_INVALID_NAMESPACE)
		queue->ring.controller->rescan = true;
	return nvme_status_error(status);
}

/* What a completion means: true, and the request that it ends, or NULL, if that goes on; false if
 * it is of nothing that was asked for. Under the lock. */
static bool claim(struct nvme_queue *queue, const struct nvme_completion *completion,
		  struct finished *finished)
{
	unsigned number = completion->id & ((1u << NVME_SLOT_BITS) - 1);
	struct nvme_slot *slot;

	if (completion->queue != queue->ring.id || number >= queue->slot_count)
		return false;
	slot = &queue->slots[number];
	if (slot->id != completion->id || !slot->request)
		return false;
	*finished = (struct finished){ 0 };
	if (completion->status & NVME_STATUS_CODE_MASK) {
		if (try_again(queue, slot, completion->status))
			return true;
		finished->error = error_of(queue, slot, completion->status);
	}
	finished->request = slot->request;
	slot->request = NULL;
	return true;
}

/* Takes up to BATCH completions; *taken counts them all, the result those that belong to
 * requests. */
static unsigned take_batch(struct nvme_queue *queue, struct finished *finished, unsigned *taken)
{
	struct nvme_completion completion;
	bool again = false;
	unsigned count = 0;
	uint64_t report = 0;

	*taken = 0;
	ddk_lock_acquire(&queue->lock);
	while (*taken < BATCH && nvme_ring_take(&queue->ring, &completion)) {
		(*taken)++;
		if (!claim(queue, &completion, &finished[count])) {
			if (count_stray(queue))
				report = queue->strays;
		} else if (finished[count].request) {
			count++;
		} else {
			again = true;
		}
	}
	/* What is tried again, and what others are about to announce. */
	if (again)
		nvme_ring_announce(&queue->ring);
	/* Once for all, unless the controller might run out of room. */
	if (queue->state == NVME_QUEUE_LIVE &&
	    (*taken < BATCH || queue->ring.unacknowledged >= queue->acknowledge_limit))
		nvme_ring_acknowledge(&queue->ring);
	ddk_lock_release(&queue->lock);
	if (report)
		ddk_warning(queue->ring.controller->device,
			    "queue %u: %llu completions of nothing, ignored", queue->ring.id,
			    (unsigned long long)report);
	return count;
}

bool nvme_queue_process(struct nvme_queue *queue)
{
	struct finished finished[BATCH];
	unsigned total = 0, taken;

	do {
		unsigned count = take_batch(queue, finished, &taken);

		for (unsigned i = 0; i < count; i++)
			ddk_disk_complete(finished[i].request, finished[i].error);
		total += taken;
	} while (taken == BATCH && total < queue->ring.entries);
	if (total == 0)
		return false;
	/* An endless stream of completions is left to a thread; so is a look at what namespaces
	 * there are. */
	if (taken == BATCH)
		ddk_work_queue(&queue->poll);
	if (queue->ring.controller->rescan)
		ddk_work_queue(&queue->ring.controller->work);
	return true;
}

/* --- Recovery -------------------------------------------------------------------------------- */

void nvme_queue_set_state(struct nvme_queue *queue, enum nvme_queue_state state)
{
	ddk_lock_acquire(&queue->lock);
	queue->state = state;
	ddk_lock_release(&queue->lock);
}

bool nvme_queue_has(struct nvme_queue *queue, const struct ddk_disk_request *request, bool abort,
		    uint16_t *id)
{
	struct nvme_slot *slot = &queue->slots[request->driver[0] % queue->slot_count];
	bool has;

	ddk_lock_acquire(&queue->lock);
	has = slot->request == request;
	if (has && abort) {
		slot->aborted = true;
		*id = slot->id;
	}
	ddk_lock_release(&queue->lock);
	return has;
}

void nvme_queue_take_away(struct nvme_queue *queue, const struct ddk_disk_request *culprit,
			  int error)
{
	for (unsigned i = 0; i < queue->slot_count; i++) {
		struct ddk_disk_request *request;

		ddk_lock_acquire(&queue->lock);
		request = queue->slots[i].request;
		queue->slots[i].request = NULL;
		ddk_lock_release(&queue->lock);
		if (request)
			ddk_disk_complete(request, request == culprit ? -ETIMEDOUT : error);
	}
}
