/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fault-injecting disk: a driver whose device is another block device.
 *
 * Each request becomes a bio of the lower device, or something worse. Writes of a disk with a
 * volatile cache first read what they overwrite (fault_cache.c).
 */
#include "fault_priv.h"

#include <base/errno.h>
#include <block/disk.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

static struct fault_disk *fault_of(struct block_device *device)
{
	return block_disk_handle(device)->context;
}

static struct fault_request *slot_of(struct fault_disk *fault,
				     const struct ddk_disk_request *request)
{
	return &fault->requests[request->queue * fault->options.queue_depth + request->tag];
}

/* --- Answers. --- */

/* What it waits for, if it is not answered otherwise at this moment: then it is the caller's. */
static bool take(struct fault_request *slot, enum fault_wait wait)
{
	irq_state_t state = spin_lock_irqsave(&slot->fault->lock);
	bool ours = slot->wait == wait;

	if (ours)
		slot->wait = FAULT_WAIT_NONE;
	spin_unlock_irqrestore(&slot->fault->lock, state);
	return ours;
}

/* False: the disk is dead. */
static bool wait_for(struct fault_request *slot, enum fault_wait wait)
{
	irq_state_t state = spin_lock_irqsave(&slot->fault->lock);
	bool alive = !slot->fault->dead;

	if (alive)
		slot->wait = wait;
	spin_unlock_irqrestore(&slot->fault->lock, state);
	return alive;
}

static void answer(struct fault_request *slot, int error)
{
	block_disk_complete(slot->request, slot->fault->dead ? -ENODEV : error);
}

static void delay_over(struct timer *timer)
{
	struct fault_request *slot = container_of(timer, struct fault_request, timer);

	if (take(slot, FAULT_WAIT_TIMER))
		answer(slot, slot->error);
}

static void answer_after_delay(struct fault_request *slot, int error)
{
	slot->error = error;
	if (!slot->struck || slot->rule.action != BLOCK_FAULT_DELAY)
		answer(slot, error);
	else if (wait_for(slot, FAULT_WAIT_TIMER))
		timer_arm(&slot->timer, clock_deadline_after(slot->rule.delay_ns));
	else
		answer(slot, -ENODEV);
}

/* --- The lower device. --- */

static bool is_write(const struct ddk_disk_request *request)
{
	return request->operation != DDK_DISK_READ && request->operation != DDK_DISK_FLUSH;
}

static void flip_bit(struct fault_request *slot)
{
	struct fault_disk *fault = slot->fault;
	const struct ddk_disk_request *request = slot->request;
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	uint64_t random = fault_random(fault);
	const struct ddk_disk_segment *segment =
		&request->segments[random % request->segment_count];
	uint8_t *bytes = phys_to_virt(segment->device_address);

	spin_unlock_irqrestore(&fault->lock, state);
	bytes[(random >> 16) % segment->length] ^= (uint8_t)(1u << (random >> 60 & 7));
}

static void count_done(struct fault_request *slot)
{
	struct block_fault_statistics *statistics = &slot->fault->statistics;
	irq_state_t state = spin_lock_irqsave(&slot->fault->lock);

	if (slot->request->operation == DDK_DISK_READ)
		statistics->reads++;
	else if (slot->request->operation == DDK_DISK_FLUSH)
		statistics->flushes++;
	else
		statistics->writes++;
	spin_unlock_irqrestore(&slot->fault->lock, state);
}

static void lower_done(struct bio *bio)
{
	struct fault_request *slot = bio->private;
	struct fault_disk *fault = slot->fault;
	const struct ddk_disk_request *request = slot->request;
	int error = bio->error == -EINVAL ? -EREMOTEIO : bio->error;

	bio_free(bio);
	take(slot, FAULT_WAIT_LOWER);
	if (error) {
		answer_after_delay(slot, error);
		return;
	}
	count_done(slot);
	if (slot->struck && slot->rule.action == BLOCK_FAULT_TORN)
		error = slot->rule.error;
	else if (slot->struck && slot->rule.action == BLOCK_FAULT_FLIP && request->segment_count)
		flip_bit(slot);
	if (fault->options.volatile_cache && is_write(request))
		fault_cache_done(slot, !error && request->flags & DDK_DISK_FUA);
	else if (request->operation == DDK_DISK_FLUSH)
		fault_cache_flushed(fault, slot->sequence);
	answer_after_delay(slot, error);
}

static enum bio_operation bio_operation_of(const struct ddk_disk_request *request)
{
	static const enum bio_operation operations[] = {
		[DDK_DISK_READ] = BIO_READ,
		[DDK_DISK_WRITE] = BIO_WRITE,
		[DDK_DISK_FLUSH] = BIO_FLUSH,
		[DDK_DISK_DISCARD] = BIO_DISCARD,
		[DDK_DISK_WRITE_ZEROES] = BIO_WRITE_ZEROES,
	};

	return operations[request->operation];
}

static bool add_segment(struct bio *bio, const struct ddk_disk_segment *segment, uint64_t length)
{
	phys_t page = align_down(segment->device_address, PAGE_SIZE);

	return bio_add_frame(bio, frame_at(page), (uint32_t)(segment->device_address - page),
			     (uint32_t)length);
}

/* How much of it arrives, bytes. */
static uint64_t length_of(const struct fault_request *slot)
{
	uint64_t length = (uint64_t)slot->request->count * slot->fault->options.block_size;

	if (slot->struck && slot->rule.action == BLOCK_FAULT_TORN)
		length = min_u64(length, (uint64_t)slot->rule.part << SECTOR_SHIFT);
	return length;
}

/* The bio that does what the request wants; NULL: no memory. */
static struct bio *make_bio(struct fault_request *slot)
{
	const struct ddk_disk_request *request = slot->request;
	uint64_t left = length_of(slot);
	struct bio *bio = bio_create(slot->fault->lower, bio_operation_of(request),
				     request->block * fault_block_sectors(slot->fault),
				     request->segment_count, 0);

	if (!bio)
		return NULL;
	if (request->segment_count == 0)
		bio->length = left;
	for (unsigned i = 0; i < request->segment_count && left > 0; i++) {
		uint64_t part = min_u64(left, request->segments[i].length);

		if (!add_segment(bio, &request->segments[i], part)) {
			bio_free(bio);
			return NULL;
		}
		left -= part;
	}
	return bio;
}

static void send(struct fault_request *slot, struct bio *bio, void (*complete)(struct bio *bio))
{
	bio->private = slot;
	bio->complete = complete;
	bio_submit(bio);
}

static void transfer(struct fault_request *slot)
{
	struct bio *bio = make_bio(slot);

	if (!bio) {
		answer(slot, -EAGAIN);
		return;
	}
	if (slot->request->operation == DDK_DISK_FLUSH)
		slot->sequence = fault_cache_mark(slot->fault);
	else if (slot->fault->options.volatile_cache && is_write(slot->request))
		fault_cache_begin(slot);
	send(slot, bio, lower_done);
}

/* What will be overwritten was read. */
static void old_contents_read(struct bio *bio)
{
	struct fault_request *slot = bio->private;
	int error = bio->error;

	bio_free(bio);
	if (!error) {
		transfer(slot);
		return;
	}
	fault_cache_drop(slot);
	answer(slot, error);
}

/* --- Requests. --- */

/* Does what is to be done; the answer comes from within or later. */
static void start(struct fault_request *slot)
{
	struct bio *bio;

	if (slot->struck && slot->rule.action == BLOCK_FAULT_ERROR) {
		answer(slot, slot->rule.error);
	} else if (slot->struck && slot->rule.action == BLOCK_FAULT_DROP) {
		answer(slot, 0);
	} else if (slot->fault->options.volatile_cache && is_write(slot->request)) {
		bio = fault_cache_prepare(slot);
		if (bio)
			send(slot, bio, old_contents_read);
		else
			answer(slot, -EAGAIN);
	} else {
		transfer(slot);
	}
}

/* Notes the request; what is to become of it: 0, 1: no answer, or an error. */
static int accept(struct fault_disk *fault, struct fault_request *slot,
		  struct ddk_disk_request *request)
{
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	const struct block_fault_rule *rule = fault_choose(fault, request);
	int result = 0;

	slot->request = request;
	slot->struck = rule != NULL;
	if (rule)
		slot->rule = *rule;
	if (fault->dead)
		result = -ENODEV;
	else if (rule && rule->action == BLOCK_FAULT_BUSY)
		result = -EAGAIN;
	else if (fault->hanging || (rule && rule->action == BLOCK_FAULT_NO_ANSWER))
		result = 1;
	fault->statistics.requests += result >= 0;
	slot->wait = result == 1 ? FAULT_WAIT_NOTHING : FAULT_WAIT_LOWER;
	spin_unlock_irqrestore(&fault->lock, state);
	return result;
}

static int submit(struct ddk_disk_request *request, bool last)
{
	struct fault_disk *fault = request->disk->context;
	struct fault_request *slot = slot_of(fault, request);
	int result = accept(fault, slot, request);

	(void)last;
	if (result == 0)
		start(slot);
	return result < 0 ? result : 0;
}

static void count_timeout(struct fault_disk *fault)
{
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	fault->statistics.timed_out++;
	spin_unlock_irqrestore(&fault->lock, state);
}

static void timed_out(struct ddk_disk_request *request)
{
	struct fault_disk *fault = request->disk->context;
	struct fault_request *slot = slot_of(fault, request);

	count_timeout(fault);
	if (take(slot, FAULT_WAIT_NOTHING) || take(slot, FAULT_WAIT_TIMER))
		answer(slot, -ETIMEDOUT);
}

static const struct ddk_disk_ops ops = { .submit = submit, .timed_out = timed_out };

/* --- Making and removing. --- */

static struct ddk_disk_description describe(const struct fault_disk *fault)
{
	const struct block_fault_options *options = &fault->options;
	uint64_t sectors = fault->lower->sector_count;

	return (struct ddk_disk_description){
		.prefix = "fault",
		.model = "fault-injecting disk",
		.block_count = sectors / (options->block_size >> SECTOR_SHIFT),
		.block_size = options->block_size,
		.max_blocks = options->max_blocks ? options->max_blocks : 128,
		.max_segments = options->max_segments ? options->max_segments : 64,
		.max_segment_length = 1 << 18,
		.gap_alignment = options->gap_alignment,
		.segment_alignment = options->segment_alignment ? options->segment_alignment : 1,
		.max_discard_blocks = fault->lower->limits->max_discard_sectors ? 128 : 0,
		.max_write_zeroes_blocks = options->no_write_zeroes ? 0 : 128,
		.volatile_cache = options->volatile_cache,
		.fua = options->fua,
		.read_only = fault->lower->read_only,
		.queue_count = options->queue_count,
		.queue_depth = options->queue_depth,
		.timeout_ns = options->timeout_ns,
	};
}

static struct fault_disk *allocate(struct block_device *lower,
				   const struct block_fault_options *options)
{
	struct fault_disk *fault = kzalloc(sizeof(*fault));

	if (!fault)
		return NULL;
	fault->options = *options;
	if (options->queue_count == 0)
		fault->options.queue_count = 1;
	if (options->queue_depth == 0)
		fault->options.queue_depth = 32;
	if (options->block_size == 0)
		fault->options.block_size = lower->limits->block_size;
	fault->request_count = fault->options.queue_count * fault->options.queue_depth;
	fault->requests = kcalloc(fault->request_count, sizeof(*fault->requests));
	if (!fault->requests) {
		kfree(fault);
		return NULL;
	}
	for (unsigned i = 0; i < fault->request_count; i++) {
		fault->requests[i].fault = fault;
		list_init(&fault->requests[i].undo);
		timer_init(&fault->requests[i].timer, delay_over);
	}
	spinlock_init(&fault->lock, RANK_DRIVER, "fault disk");
	list_init(&fault->undo);
	fault->random = options->seed ? options->seed : 1;
	fault->lower = lower;
	return fault;
}

static void destroy(struct fault_disk *fault)
{
	fault_cache_forget(fault);
	block_device_put(fault->lower);
	kfree(fault->requests);
	kfree(fault);
}

int block_fault_create(const char *name, struct block_device *lower,
		       const struct block_fault_options *options, struct block_device **device)
{
	struct ddk_disk_description description;
	struct fault_disk *fault;
	int error;

	/* A block of the lower device is the least that can be done. */
	if (options->block_size && options->block_size < lower->limits->block_size)
		return -EINVAL;
	fault = allocate(lower, options);
	if (!fault)
		return -ENOMEM;
	block_device_get(lower);
	description = describe(fault);
	error = block_disk_create(name, fault, &description, &ops, fault, &fault->disk);
	if (error)
		destroy(fault);
	else
		*device = block_disk_device(block_disk_of(fault->disk));
	return error;
}

void block_fault_destroy(struct block_device *device)
{
	struct fault_disk *fault = fault_of(device);
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	fault->dead = true;
	spin_unlock_irqrestore(&fault->lock, state);
	for (unsigned i = 0; i < fault->request_count; i++) {
		struct fault_request *slot = &fault->requests[i];

		if (take(slot, FAULT_WAIT_NOTHING) || take(slot, FAULT_WAIT_TIMER))
			answer(slot, -ENODEV);
	}
	block_disk_remove(fault->disk);
	for (unsigned i = 0; i < fault->request_count; i++)
		timer_cancel_sync(&fault->requests[i].timer);
	destroy(fault);
}

/* --- Control. --- */

bool fault_is_disk(struct block_device *device)
{
	return block_disk_handle(device)->ops == &ops;
}

int block_fault_add_rule(struct block_device *device, const struct block_fault_rule *rule)
{
	struct fault_disk *fault = fault_of(device);
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	int error = 0;

	if (fault->rule_count == BLOCK_FAULT_RULES_MAX) {
		error = -ENOSPC;
	} else {
		fault->matched[fault->rule_count] = fault->struck[fault->rule_count] = 0;
		fault->rules[fault->rule_count++] = *rule;
	}
	spin_unlock_irqrestore(&fault->lock, state);
	return error;
}

void block_fault_clear_rules(struct block_device *device)
{
	struct fault_disk *fault = fault_of(device);
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	fault->rule_count = 0;
	spin_unlock_irqrestore(&fault->lock, state);
}

void block_fault_hang(struct block_device *device, bool hang)
{
	struct fault_disk *fault = fault_of(device);
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	fault->hanging = hang;
	spin_unlock_irqrestore(&fault->lock, state);
	for (unsigned i = 0; i < fault->request_count && !hang; i++)
		if (take(&fault->requests[i], FAULT_WAIT_NOTHING)) {
			wait_for(&fault->requests[i], FAULT_WAIT_LOWER);
			start(&fault->requests[i]);
		}
}

void block_fault_read_statistics(struct block_device *device,
				 struct block_fault_statistics *statistics)
{
	struct fault_disk *fault = fault_of(device);
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	*statistics = fault->statistics;
	spin_unlock_irqrestore(&fault->lock, state);
}
