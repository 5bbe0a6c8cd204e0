/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misdeeds against the classes and the channel: replies that nobody asked for, sizes that cannot be. */
#include "hostile.h"

static struct host_channel *find_channel(struct hostile *hostile)
{
	struct host_channel *channel = NULL;
	long result = raw_call(HOST_CHANNEL, address_of(&channel), 0, 0, 0, 0, 0);

	if (result > 0)
		channel = (struct host_channel *)result;
	if (!channel)
		ddk_info(hostile->device, "no second channel: %d", (int)-result);
	return channel;
}

static void put_reply(struct host_channel *channel, uint16_t slot, int32_t error, uint64_t result)
{
	uint32_t tail = __atomic_load_n(&channel->reply_tail, __ATOMIC_ACQUIRE);

	channel->replies[tail % HOST_RING] =
		(struct host_reply){ .slot = slot, .error = error, .result = result };
	__atomic_store_n(&channel->reply_tail, tail + 1, __ATOMIC_RELEASE);
}

static int do_complete_twice(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)hostile;
	ddk_disk_complete(request, 0);
	ddk_disk_complete(request, 0);
	return 0;
}

static int do_wrong_error(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)hostile;
	ddk_disk_complete(request, 12345);
	return 0;
}

static int do_complete_nothing(struct hostile *hostile, struct ddk_disk_request *request)
{
	static struct ddk_disk_request none;

	none = *request;
	none.tag = 100000;
	none.queue = 77;
	(void)hostile;
	ddk_disk_complete(&none, 0);
	return 0;
}

/* A reply for each slot there is, asked for or not, and for some that there are not. */
static int do_reply_to_all(struct hostile *hostile, struct ddk_disk_request *request)
{
	struct host_channel *channel = find_channel(hostile);

	(void)request;
	for (unsigned slot = 0; channel && slot < HOST_RING; slot++)
		put_reply(channel, (uint16_t)(slot * 129), 0, UINT64_MAX);
	raw_call(HOST_REPLY, 0, 0, 0, 0, 0, 0);
	return 0;
}

static int do_wrong_slot(struct hostile *hostile, struct ddk_disk_request *request)
{
	struct host_channel *channel = find_channel(hostile);

	(void)request;
	if (channel)
		put_reply(channel, UINT16_MAX, INT32_MIN, UINT64_MAX);
	raw_call(HOST_REPLY, 0, 0, 0, 0, 0, 0);
	return 0;
}

/* More than ever fits. */
static int do_wrong_tail(struct hostile *hostile, struct ddk_disk_request *request)
{
	struct host_channel *channel = find_channel(hostile);

	(void)request;
	if (channel)
		__atomic_store_n(&channel->reply_tail,
				 __atomic_load_n(&channel->reply_tail, __ATOMIC_ACQUIRE) - 7,
				 __ATOMIC_RELEASE);
	raw_call(HOST_REPLY, 0, 0, 0, 0, 0, 0);
	return 0;
}

/* All of it, again and again, while the kernel writes there. */
static int do_scribble(struct hostile *hostile, struct ddk_disk_request *request)
{
	struct host_channel *channel = find_channel(hostile);
	uint64_t state = ddk_time() | 1;

	(void)request;
	while (channel) {
		volatile uint32_t *words = (volatile uint32_t *)channel;

		for (size_t i = 0; i < sizeof(*channel) / sizeof(*words); i++) {
			state = state * 6364136223846793005ull + 1442695040888963407ull;
			words[i] = (uint32_t)(state >> 33);
		}
		raw_call(HOST_REPLY, 0, 0, 0, 0, 0, 0);
	}
	return 0;
}

/* Disks of sizes that there are not: each is refused. */
static int do_sizes(struct hostile *hostile, struct ddk_disk_request *request)
{
	static const struct ddk_disk_ops ops;
	const struct ddk_disk_description good = {
		.prefix = "evil",
		.block_count = 2048,
		.block_size = 512,
		.max_blocks = 128,
		.max_segments = 16,
		.max_segment_length = 4096,
		.segment_alignment = 4,
		.queue_count = 1,
		.queue_depth = 8,
	};
	struct ddk_disk_description wrong[9];
	struct ddk_disk *disk;

	(void)request;
	for (size_t i = 0; i < array_length(wrong); i++)
		wrong[i] = good;
	wrong[0].block_count = UINT64_MAX;
	wrong[1].block_size = 513;
	wrong[2].block_size = 1u << 31;
	wrong[3].queue_count = 100000;
	wrong[4].queue_depth = UINT32_MAX;
	wrong[5].max_segments = 0;
	wrong[6].max_segment_length = 1;
	wrong[7].segment_alignment = 3;
	wrong[8].max_blocks = 0;
	for (size_t i = 0; i < array_length(wrong); i++)
		if (!ddk_disk_create(hostile->device, &wrong[i], &ops, hostile, &disk))
			reached(hostile, "a disk of wrong size %u", (unsigned)i);
	return -EINVAL;
}

/* Displays that lie in memory that is not theirs. */
static int do_framebuffer(struct hostile *hostile, struct ddk_disk_request *request)
{
	static const uint64_t places[][2] = {
		{ KERNEL_ADDRESS, 1 << 20 },    { 0, 1 << 20 },
		{ UINT64_MAX - 4095, 1 << 20 }, { 0x200000, 1 << 20 },
		{ 0x7ffffffff000, 1 << 20 },    { 4096, UINT64_MAX },
	};
	struct host_display_add add = { .mode_count = 1 };

	(void)request;
	add.modes[0][0] = 512;
	add.modes[0][1] = 512;
	for (size_t i = 0; i < array_length(places); i++) {
		add.framebuffer = (struct host_framebuffer){
			.address = places[i][0],
			.length = places[i][1],
			.width = 512,
			.height = 512,
			.stride = 2048,
		};
		if (raw_call(HOST_DISPLAY_ADD, address_of(&add), 0, 0, 0, 0, 0) > 0)
			reached(hostile, "a display in memory of others");
	}
	add.framebuffer.width = UINT32_MAX;
	if (raw_call(HOST_DISPLAY_ADD, address_of(&add), 0, 0, 0, 0, 0) > 0)
		reached(hostile, "a display of wrong size");
	return -EINVAL;
}

/* As many objects as it gets. */
static int do_many_objects(struct hostile *hostile, struct ddk_disk_request *request)
{
	unsigned count = 0;

	(void)request;
	while (count < 1000 && raw_call(HOST_INPUT_CREATE, address_of("evil"), 4, 1, 0, 0, 0) > 0)
		count++;
	if (count == 1000)
		reached(hostile, "a thousand keyboards");
	ddk_info(hostile->device, "objects ended after %u", count);
	return -ENOMEM;
}

const struct misdeed class_misdeeds[] = {
	{ "complete-twice", IN_SUBMIT, do_complete_twice },
	{ "wrong-error", IN_SUBMIT, do_wrong_error },
	{ "complete-nothing", IN_SUBMIT, do_complete_nothing },
	{ "reply-to-all", IN_SUBMIT, do_reply_to_all },
	{ "wrong-slot", IN_PROBE, do_wrong_slot },
	{ "wrong-tail", IN_SUBMIT, do_wrong_tail },
	{ "scribble", IN_WORK, do_scribble },
	{ "sizes", IN_PROBE, do_sizes },
	{ "framebuffer", IN_PROBE, do_framebuffer },
	{ "many-objects", IN_PROBE, do_many_objects },
	{ 0 },
};
