/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks of hosts: drivers to the disk class that pass each request on as a message, without a copy of its data: the
 * host's device reads and writes the memory itself.
 *
 * What a host says of a disk, and how it completes requests, is checked; what it does not complete in time, and
 * does not let go of when it is asked to, is its end. Requests that a host had when it ended are tried again by
 * the next one.
 */
#include "class.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <ddk/disk.h>
#include <ddk/irq.h>
#include <dev/device.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <time/clock.h>

/* A driver may reset its device on the way, which may take its time. */
#define TIMED_OUT_PATIENCE (150 * NS_PER_SECOND)
#define HEALTH_PATIENCE    (30 * NS_PER_SECOND)
/* What a driver may ask for. */
#define TIMEOUT_MIN (NS_PER_SECOND / 10)
#define TIMEOUT_MAX (120 * NS_PER_SECOND)
/* In the life of a disk: each is a line in the log. */
#define RESIZES_MAX 100
/* Of all queues: as many as the class uses. */
#define REQUESTS_MAX 4096u

_Static_assert(sizeof(struct ddk_disk_description) <=
		       sizeof(((struct host_disk_create *)0)->description),
	       "it fits into the call");

struct request {
	struct host_request message;
	struct ddk_disk_request *hardware;
	_Atomic bool pending; /* the host has it */
};

struct host_disk {
	struct host_class class;
	/* Immutable once the gate is open. */
	struct ddk_disk *disk;
	unsigned queue_count, queue_depth; /* at most what the class uses */
	uint32_t block_size;
	bool has_timed_out, has_health;
	struct request *requests; /* by queue and tag */
	/* By queue, HOST_SEGMENTS_MAX each: of who submits just now. */
	struct host_segment *segments;
	_Atomic bool starved; /* a request found no slot */
	_Atomic unsigned resizes;
};

static struct host_disk *disk_of(struct host_object *object)
{
	return container_of(object, struct host_disk, class.object);
}

static struct host *host_of(const struct host_disk *disk)
{
	return disk->class.object.host;
}

static struct request *request_of(struct host_disk *disk, const struct ddk_disk_request *hardware)
{
	return &disk->requests[hardware->queue * disk->queue_depth + hardware->tag];
}

/* --- Requests -------------------------------------------------------------------------------- */

static bool error_is_known(int error)
{
	static const int known[] = { 0,          -EIO,   -EAGAIN,     -ETIMEDOUT, -ENODATA,
				     -EREMOTEIO, -EROFS, -EOPNOTSUPP, -ENODEV,    -EOWNERDEAD };

	for (size_t i = 0; i < array_length(known); i++)
		if (error == known[i])
			return true;
	return false;
}

static void replied(struct host_request *message, int error, uint64_t result)
{
	struct request *request = container_of(message, struct request, message);
	struct ddk_disk_request *hardware = request->hardware;
	struct host_disk *disk = ddk_disk_context(hardware->disk);

	if (error != -EOWNERDEAD && (result != 0 || !error_is_known(error))) {
		host_condemn(host_of(disk), "completes a request with error %d, result %lu", -error,
			     (unsigned long)result);
		error = -EOWNERDEAD;
	}
	request->pending = false;
	/* The disk may be gone then. */
	ddk_disk_complete(hardware, error);
}

/* Where the message's segments are while it is put together. */
static struct host_segment *take_segments(struct host_disk *disk,
					  const struct ddk_disk_request *hardware)
{
	struct host_segment *segments = disk->segments + hardware->queue * HOST_SEGMENTS_MAX;

	for (unsigned i = 0; i < hardware->segment_count; i++)
		segments[i] = (struct host_segment){ hardware->segments[i].device_address,
						     hardware->segments[i].length };
	return segments;
}

static int submit(struct ddk_disk_request *hardware, bool last)
{
	struct host_disk *disk = ddk_disk_context(hardware->disk);
	struct request *request = request_of(disk, hardware);
	const struct host_message message = {
		.kind = HOST_MESSAGE_DISK_SUBMIT,
		.object = disk->class.object.number,
		.arguments = { hardware->operation | (uint64_t)hardware->flags << 8 |
				       (uint64_t)last << 31,
			       hardware->block, hardware->count | (uint64_t)hardware->queue << 32,
			       hardware->tag },
		.segment_count = (uint16_t)hardware->segment_count,
	};
	int error;

	request->hardware = hardware;
	request->message.done = replied;
	request->pending = true;
	error = host_send(host_of(disk), &request->message, &message, take_segments(disk, hardware),
			  hardware->segment_count * sizeof(struct host_segment), last);
	if (error == -EAGAIN)
		disk->starved = true;
	if (error)
		request->pending = false;
	return error == -ENODEV ? -EOWNERDEAD : error;
}

static void slots_freed(struct host_object *object)
{
	struct host_disk *disk = disk_of(object);

	if (!atomic_exchange(&disk->starved, false) || !host_class_enter(&disk->class))
		return;
	for (unsigned queue = 0; queue < disk->queue_count; queue++)
		ddk_disk_ready(disk->disk, queue);
	host_class_leave(&disk->class);
}

static void timed_out(struct ddk_disk_request *hardware)
{
	struct host_disk *disk = ddk_disk_context(hardware->disk);
	struct request *request = request_of(disk, hardware);
	const struct host_message message = {
		.kind = HOST_MESSAGE_DISK_TIMED_OUT,
		.object = disk->class.object.number,
		.arguments = { request->message.slot,
			       hardware->queue | (uint64_t)hardware->tag << 32 },
	};

	if (!request->pending)
		return;
	if (disk->has_timed_out)
		(void)!host_ask(host_of(disk), &message, NULL, 0, NULL, 0, NULL,
				TIMED_OUT_PATIENCE);
	/* The reply to the request, if there was one, came before. */
	if (request->pending)
		host_condemn(host_of(disk), "does not let go of a request that is late");
}

static int read_health(struct ddk_disk *handle, struct ddk_disk_health *health)
{
	struct host_disk *disk = ddk_disk_context(handle);
	const struct host_message message = {
		.kind = HOST_MESSAGE_DISK_HEALTH,
		.object = disk->class.object.number,
	};
	uint8_t bytes[sizeof(*health)];
	uint64_t result;
	int error;

	if (!disk->has_health)
		return -EOPNOTSUPP;
	error = host_ask(host_of(disk), &message, NULL, 0, bytes, sizeof(bytes), &result,
			 HEALTH_PATIENCE);
	if (error)
		return error > 0 ? -EIO : error;
	bytes[offsetof(struct ddk_disk_health, failing)] =
		bytes[offsetof(struct ddk_disk_health, failing)] != 0;
	memcpy(health, bytes, sizeof(bytes));
	return 0;
}

static const struct ddk_disk_ops disk_ops = {
	.submit = submit,
	.timed_out = timed_out,
	.read_health = read_health,
};

/* --- Coming ---------------------------------------------------------------------------------- */

static bool prefix_is_fit(const char *prefix, size_t size)
{
	size_t length = strnlen(prefix, size);

	for (size_t i = 0; i < length; i++)
		if (prefix[i] < 'a' || prefix[i] > 'z')
			return false;
	return length > 0 && length < size;
}

static void make_bool(bool *value)
{
	uint8_t *byte = (uint8_t *)value;

	*byte = *byte != 0;
}

/* What the host says, with flags that are such and limits that the channel has. */
static void read_description(struct host_disk_create *given,
			     struct ddk_disk_description *description)
{
	bool *flags[] = { &description->below_4g,  &description->volatile_cache,
			  &description->fua,       &description->rotational,
			  &description->removable, &description->read_only };

	memcpy(description, given->description, sizeof(*description));
	description->prefix = given->prefix;
	for (size_t i = 0; i < array_length(flags); i++)
		make_bool(flags[i]);
	if (description->max_segments > HOST_SEGMENTS_MAX)
		description->max_segments = HOST_SEGMENTS_MAX;
	if (description->timeout_ns) {
		description->timeout_ns = max_u64(description->timeout_ns, TIMEOUT_MIN);
		description->timeout_ns = min_u64(description->timeout_ns, TIMEOUT_MAX);
	}
	if (!is_power_of_two(description->physical_block_size) ||
	    description->physical_block_size > 1u << 20)
		description->physical_block_size = 0;
}

/* What no disk has, whatever the device said: it is the driver's own claim. */
static const char *find_impossible(const struct ddk_disk_description *description)
{
	if (!prefix_is_fit(description->prefix, sizeof(((struct host_disk_create *)0)->prefix)))
		return "a name";
	if (description->queue_count == 0 || description->queue_count > DDK_DISK_QUEUE_MAX ||
	    description->queue_depth == 0 || description->queue_depth > DDK_DISK_DEPTH_MAX)
		return "a number of queues or tags";
	if (description->block_size == 0 ||
	    description->block_count > INT64_MAX / description->block_size)
		return "a size";
	if (description->max_blocks == 0 || description->max_segments == 0 ||
	    !is_power_of_two(description->segment_alignment) ||
	    (description->gap_alignment && !is_power_of_two(description->gap_alignment)))
		return "limits";
	return NULL;
}

static void release(struct host_object *object)
{
	struct host_disk *disk = disk_of(object);

	kfree(disk->segments);
	kfree(disk->requests);
	kfree(disk);
}

static void remove(struct host_object *object)
{
	struct host_disk *disk = disk_of(object);

	if (!host_class_close(&disk->class))
		return;
	ddk_disk_remove(disk->disk);
	host_object_remove(object);
}

static struct host_disk *make_disk(const struct host_disk_create *given,
				   const struct ddk_disk_description *description)
{
	struct host_disk *disk = kzalloc(sizeof(*disk));

	if (!disk)
		return NULL;
	disk->queue_count = (unsigned)min_u64(description->queue_count, ddk_cpu_count());
	disk->queue_depth = (unsigned)min_u64(description->queue_depth, REQUESTS_MAX);
	disk->block_size = description->block_size;
	disk->has_timed_out = given->has_timed_out != 0;
	disk->has_health = given->has_health != 0;
	disk->requests =
		kcalloc((size_t)disk->queue_count * disk->queue_depth, sizeof(*disk->requests));
	disk->segments =
		kcalloc((size_t)disk->queue_count * HOST_SEGMENTS_MAX, sizeof(*disk->segments));
	disk->class.object.kind = HOST_OBJECT_DISK;
	disk->class.object.ended = remove;
	disk->class.object.slots_freed = slots_freed;
	disk->class.object.release = release;
	if (disk->requests && disk->segments)
		return disk;
	release(&disk->class.object);
	return NULL;
}

static long create(struct host *host, uint64_t address)
{
	struct ddk_disk_description description;
	struct host_disk_create given;
	struct host_disk *disk;
	const char *impossible;
	int error;

	if (copy_from_user(&given, user_in(address, sizeof(given))))
		return -EFAULT;
	read_description(&given, &description);
	impossible = find_impossible(&description);
	if (impossible) {
		host_condemn(host, "claims that a disk has %s that cannot be", impossible);
		return -EINVAL;
	}
	disk = make_disk(&given, &description);
	if (!disk)
		return -ENOMEM;
	error = host_class_add(host, &disk->class);
	if (error) {
		release(&disk->class.object);
		return error;
	}
	error = ddk_disk_create(host_device(host), &description, &disk_ops, disk, &disk->disk);
	if (error) {
		host_object_remove(&disk->class.object);
		return error;
	}
	host_class_open(&disk->class);
	return disk->class.object.number;
}

/* --- Calls on a disk ------------------------------------------------------------------------- */

static long resize(struct host_disk *disk, uint64_t block_count)
{
	if (block_count > INT64_MAX / disk->block_size || ++disk->resizes > RESIZES_MAX) {
		host_condemn(host_of(disk), "changes the size of a disk to %lu blocks",
			     (unsigned long)block_count);
		return -EINVAL;
	}
	ddk_disk_resize(disk->disk, block_count);
	return 0;
}

/* Only when the device is about to sleep: programs wait meanwhile. */
static long suspend(struct host_disk *disk)
{
	if (host_device(host_of(disk))->sleep == DEVICE_SLEEP_NONE) {
		host_condemn(host_of(disk), "stops a disk while the machine is awake");
		return -EINVAL;
	}
	return ddk_disk_suspend(disk->disk);
}

static long call_disk(struct host_disk *disk, unsigned call, uint64_t argument)
{
	switch (call) {
	case HOST_DISK_RESIZE:
		return resize(disk, argument);
	case HOST_DISK_SUSPEND:
		return suspend(disk);
	case HOST_DISK_RESUME:
		ddk_disk_resume(disk->disk);
		return 0;
	case HOST_DISK_READY:
		if (argument >= disk->queue_count)
			return -EINVAL;
		ddk_disk_ready(disk->disk, (unsigned)argument);
		return 0;
	default:
		host_condemn(host_of(disk), "calls what there is not: %#x", call);
		return -ENOSYS;
	}
}

long host_disk_call(struct host *host, unsigned call, const uint64_t arguments[6])
{
	struct host_class *class;
	long result;

	if (call == HOST_DISK_CREATE)
		return create(host, arguments[0]);
	if (call == HOST_DISK_REMOVE)
		return host_class_remove(host, arguments[0], HOST_OBJECT_DISK, remove);
	class = host_class_begin(host, arguments[0], HOST_OBJECT_DISK);
	if (!class)
		return -ENOENT;
	result = call_disk(container_of(class, struct host_disk, class), call, arguments[1]);
	host_class_end(class);
	return result;
}
