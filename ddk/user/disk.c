/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks. A request lives in the slot of its message: its segments lie there as the kernel wrote them, its reply is its
 * completion. What the driver cannot take (-EAGAIN) waits here until one of that queue completes, or the driver says that it may work.
 */
#include <ddk/disk.h>
#include <ddk/memory.h>
#include <ddk/timer.h>

#include <base/string.h>

#include "object.h"

struct ddk_disk {
	struct object object;
	/* Immutable. */
	struct ddk_disk_ops ops;
	void *context;
	/* The lock: requests that wait, and in which queues there are some. */
	_Atomic uint32_t lock;
	struct list waiting;
	_Atomic uint64_t waiting_queues;
	_Atomic uint32_t ends; /* of requests */
	_Atomic bool retry;    /* those that wait may work now */
};

enum request_state {
	REQUEST_NONE,       /* the slot has none, or it was replied to */
	REQUEST_SUBMITTING, /* the driver's submit has it */
	REQUEST_ACTIVE,     /* the driver has it */
	REQUEST_WAITING,    /* it is in the disk's list */
	REQUEST_EXPIRING,   /* the driver's timed_out has it */
	REQUEST_ENDED,      /* completed while that runs: replied to after it */
};

struct disk_request {
	struct ddk_disk_request request;
	_Atomic uint32_t state;
	int error;             /* if it has ended */
	struct list_node node; /* waiting: of its disk */
};

/* By slot. */
static struct disk_request requests[HOST_SLOTS];
static _Atomic bool some_retry; /* of any disk */

_Static_assert(sizeof(struct ddk_disk_segment) == sizeof(struct host_segment) &&
		       offsetof(struct ddk_disk_segment, length) ==
			       offsetof(struct host_segment, length),
	       "the driver reads segments where the kernel wrote them");
_Static_assert(sizeof(struct ddk_disk_description) <=
		       sizeof(((struct host_disk_create *)0)->description),
	       "it fits into the call");

static unsigned slot_of(const struct disk_request *request)
{
	return (unsigned)(request - requests);
}

static bool change_state(struct disk_request *request, uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong(&request->state, &from, to);
}

/* --- Requests -------------------------------------------------------------------------------- */

static void let_retry(struct ddk_disk *disk)
{
	disk->retry = true;
	some_retry = true;
	events_wake();
}

void ddk_disk_ready(struct ddk_disk *disk, unsigned queue)
{
	(void)queue; /* those of others just do not work yet */
	let_retry(disk);
}

void ddk_disk_complete(struct ddk_disk_request *completed, int error)
{
	struct disk_request *request = container_of(completed, struct disk_request, request);
	struct ddk_disk *disk;

	if (request < requests || request >= requests + HOST_SLOTS)
		kit_fail("the driver completes what is no request");
	/* The disk may be gone after the reply. */
	disk = completed->disk;
	if (disk) {
		disk->ends++;
		if (disk->waiting_queues)
			let_retry(disk);
	}
	if (change_state(request, REQUEST_ACTIVE, REQUEST_NONE) ||
	    change_state(request, REQUEST_SUBMITTING, REQUEST_NONE)) {
		channel_reply(slot_of(request), error, 0);
		return;
	}
	request->error = error;
	if (!change_state(request, REQUEST_EXPIRING, REQUEST_ENDED))
		kit_fail("the driver completes a request that it does not have");
}

/* Which queues have some that wait. Under the lock. */
static void note_waiting_queues(struct ddk_disk *disk)
{
	uint64_t queues = 0;
	struct list_node *node;

	list_for_each (node, &disk->waiting)
		queues |= 1ull << container_of(node, struct disk_request, node)->request.queue;
	disk->waiting_queues = queues;
}

/* The driver could not take it: last of those that wait, or first again. */
static void keep(struct ddk_disk *disk, struct disk_request *request, bool first)
{
	word_acquire(&disk->lock);
	request->state = REQUEST_WAITING;
	if (first)
		list_push_front(&disk->waiting, &request->node);
	else
		list_push_back(&disk->waiting, &request->node);
	note_waiting_queues(disk);
	word_release(&disk->lock);
}

/* False: the driver does not take it now, and it waits. */
static bool submit(struct ddk_disk *disk, struct disk_request *request, bool last, bool again)
{
	uint32_t ends = disk->ends;
	int error;

	request->state = REQUEST_SUBMITTING;
	error = disk->ops.submit(&request->request, last);
	if (error == -EAGAIN) {
		keep(disk, request, again);
		/* One that completed meanwhile saw nobody wait. */
		if (disk->ends != ends)
			let_retry(disk);
		return false;
	}
	/* It may have completed. */
	if (error)
		ddk_disk_complete(&request->request, error);
	else
		(void)change_state(request, REQUEST_SUBMITTING, REQUEST_ACTIVE);
	return true;
}

/* True if the next message is a request for the same queue. */
static bool more_follow(const struct host_message *message)
{
	const struct host_message *next = channel_next();

	return next && next->kind == message->kind && next->object == message->object &&
	       next->arguments[2] >> 32 == message->arguments[2] >> 32;
}

void disk_submit_message(struct object *object, const struct host_message *message)
{
	struct ddk_disk *disk = (struct ddk_disk *)object;
	struct disk_request *request = &requests[message->slot];
	const uint64_t *arguments = message->arguments;
	unsigned queue = (uint32_t)(arguments[2] >> 32) % DDK_DISK_QUEUE_MAX;

	if (request->state != REQUEST_NONE)
		kit_fail("a request in a slot that has one");
	request->request = (struct ddk_disk_request){
		.disk = disk,
		.operation = (enum ddk_disk_operation)(arguments[0] & 0xff),
		.flags = (unsigned)(arguments[0] >> 8 & 0x7fffff),
		.block = arguments[1],
		.count = (uint32_t)arguments[2],
		.queue = queue,
		.tag = (unsigned)arguments[3],
		.segments = message->segment_count ? channel_slot(message->slot) : NULL,
		.segment_count = message->segment_count,
	};
	if (disk->waiting_queues >> queue & 1)
		keep(disk, request, false);
	else
		submit(disk, request, (arguments[0] >> 31 & 1) || !more_follow(message), false);
}

/* The first that waits of a queue that is not in `queues`, taken out; *last: the only one. */
static struct disk_request *take_waiting(struct ddk_disk *disk, uint64_t queues, bool *last)
{
	struct disk_request *found = NULL;
	struct list_node *node, *following;

	*last = true;
	word_acquire(&disk->lock);
	list_for_each_safe (node, following, &disk->waiting) {
		struct disk_request *request = container_of(node, struct disk_request, node);

		if (queues >> request->request.queue & 1)
			continue;
		if (!found) {
			found = request;
			list_remove(node);
			found->state = REQUEST_SUBMITTING;
		} else if (request->request.queue == found->request.queue) {
			*last = false;
			break;
		}
	}
	note_waiting_queues(disk);
	word_release(&disk->lock);
	return found;
}

static void retry_disk(struct object *object)
{
	struct ddk_disk *disk = (struct ddk_disk *)object;
	struct disk_request *request;
	uint64_t full = 0; /* queues */
	bool last;

	if (!atomic_exchange(&disk->retry, false))
		return;
	while ((request = take_waiting(disk, full, &last)) != NULL) {
		unsigned queue = request->request.queue;

		if (!submit(disk, request, last, true))
			full |= 1ull << queue;
	}
}

void disks_retry(void)
{
	if (atomic_exchange(&some_retry, false))
		object_visit(OBJECT_DISK, retry_disk);
}

/* --- What may sleep -------------------------------------------------------------------------- */

/* True if it waited, and has been taken out. */
static bool take_back(struct ddk_disk *disk, struct disk_request *request)
{
	bool waited;

	word_acquire(&disk->lock);
	waited = request->state == REQUEST_WAITING;
	if (waited) {
		list_remove(&request->node);
		request->state = REQUEST_NONE;
		note_waiting_queues(disk);
	}
	word_release(&disk->lock);
	return waited;
}

static void expire(struct ddk_disk *disk, struct disk_request *request)
{
	while (request->state == REQUEST_SUBMITTING)
		ddk_sleep(DDK_MILLISECOND);
	if (take_back(disk, request)) {
		channel_reply(slot_of(request), -ETIMEDOUT, 0);
		return;
	}
	if (!change_state(request, REQUEST_ACTIVE, REQUEST_EXPIRING))
		return; /* it completed */
	disk->ops.timed_out(&request->request);
	if (change_state(request, REQUEST_EXPIRING, REQUEST_ACTIVE))
		return;
	request->state = REQUEST_NONE;
	channel_reply(slot_of(request), request->error, 0);
}

static void handle_timed_out(struct object *object, const struct host_message *message)
{
	struct ddk_disk *disk = (struct ddk_disk *)object;
	struct disk_request *request = &requests[message->arguments[0] % HOST_SLOTS];
	const struct ddk_disk_request *own = &request->request;
	uint64_t place = message->arguments[1];

	/* Another request may have the slot by now. */
	if (disk->ops.timed_out && own->disk == disk && own->queue == (uint32_t)place &&
	    own->tag == place >> 32)
		expire(disk, request);
	channel_reply(message->slot, 0, 0);
}

void disk_timed_out_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_timed_out);
}

static void handle_health(struct object *object, const struct host_message *message)
{
	struct ddk_disk *disk = (struct ddk_disk *)object;
	struct ddk_disk_health health;
	int error = -EOPNOTSUPP;

	memset(&health, 0xff, sizeof(health));
	health.failing = false;
	if (disk->ops.read_health)
		error = disk->ops.read_health(disk, &health);
	memcpy(channel_slot(message->slot), &health, sizeof(health));
	channel_reply(message->slot, error, 0);
}

void disk_health_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_health);
}

/* --- Making and removing --------------------------------------------------------------------- */

static struct ddk_disk *make_disk(const struct ddk_disk_ops *ops, size_t ops_size, void *context)
{
	struct ddk_disk *disk = ddk_allocate(sizeof(*disk));

	if (!disk)
		return NULL;
	memcpy(&disk->ops, ops, min_size(ops_size, sizeof(disk->ops)));
	disk->context = context;
	list_init(&disk->waiting);
	return disk;
}

int ddk_disk_create_sized(struct device *device, const struct ddk_disk_description *description,
			  size_t description_size, const struct ddk_disk_ops *ops, size_t ops_size,
			  void *context, struct ddk_disk **made)
{
	struct host_disk_create create = { 0 };
	struct ddk_disk_description own = { 0 };
	struct ddk_disk *disk = make_disk(ops, ops_size, context);
	int error;

	(void)device;
	if (!disk)
		return -ENOMEM;
	memcpy(&own, description, min_size(description_size, sizeof(own)));
	if (string_copy(create.prefix, own.prefix, sizeof(create.prefix)) >=
	    sizeof(create.prefix)) {
		ddk_free(disk);
		return -EINVAL;
	}
	own.prefix = NULL;
	memcpy(create.description, &own, sizeof(own));
	create.has_timed_out = disk->ops.timed_out != NULL;
	create.has_health = disk->ops.read_health != NULL;
	*made = disk; /* requests come before the call returns */
	object_begin(&disk->object, OBJECT_DISK);
	error = object_made(&disk->object,
			    waiting_call(HOST_DISK_CREATE, address_of(&create), 0, 0, 0));
	if (error)
		ddk_free(disk);
	return error;
}

void ddk_disk_remove(struct ddk_disk *disk)
{
	(void)waiting_call(HOST_DISK_REMOVE, disk->object.number, 0, 0, 0);
	object_remove(&disk->object);
	ddk_free(disk);
}

void *ddk_disk_context(const struct ddk_disk *disk)
{
	return disk->context;
}

void ddk_disk_resize(struct ddk_disk *disk, uint64_t block_count)
{
	(void)waiting_call(HOST_DISK_RESIZE, disk->object.number, block_count, 0, 0);
}

int ddk_disk_suspend(struct ddk_disk *disk)
{
	return (int)waiting_call(HOST_DISK_SUSPEND, disk->object.number, 0, 0, 0);
}

void ddk_disk_resume(struct ddk_disk *disk)
{
	(void)kernel_call1(HOST_DISK_RESUME, disk->object.number);
}
