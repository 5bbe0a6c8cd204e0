/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resource limits: their defaults, and making changes effective. */
#include "process_private.h"

#include <base/errno.h>
#include <mm/phys/frame.h>
#include <scheme/credentials.h>

#define STACK_DEFAULT  (8ull * 1024 * 1024)
#define LOCKED_DEFAULT (8ull * 1024 * 1024)
#define FILES_DEFAULT  1024
#define QUEUES_DEFAULT 819200

/* As many threads as would fill an eighth of memory with what the kernel keeps for each. */
static uint64_t default_threads(void)
{
	struct frame_statistics statistics;

	frame_read_statistics(&statistics);
	return max_u64(statistics.total * PAGE_SIZE / 8 / (2 * KERNEL_STACK_SIZE), 64);
}

void limits_set_defaults(struct resource_limit *limits)
{
	uint64_t threads = default_threads();

	for (unsigned i = 0; i < RESOURCE_COUNT; i++)
		limits[i] = (struct resource_limit){ RESOURCE_INFINITY, RESOURCE_INFINITY };
	limits[RESOURCE_STACK].current = STACK_DEFAULT;
	limits[RESOURCE_CORE].current = 0;
	limits[RESOURCE_PROCESSES] = (struct resource_limit){ threads, threads };
	limits[RESOURCE_FILES] = (struct resource_limit){ FILES_DEFAULT, FD_TABLE_MAX };
	limits[RESOURCE_LOCKED] = (struct resource_limit){ LOCKED_DEFAULT, LOCKED_DEFAULT };
	limits[RESOURCE_SIGNALS] = (struct resource_limit){ threads, threads };
	limits[RESOURCE_QUEUES] = (struct resource_limit){ QUEUES_DEFAULT, QUEUES_DEFAULT };
	limits[RESOURCE_NICE] = (struct resource_limit){ 0, 0 };
	limits[RESOURCE_REALTIME] = (struct resource_limit){ 0, 0 };
}

uint64_t process_limit(enum resource resource)
{
	struct resource_limit limit;

	process_get_limit(process_current(), resource, &limit);
	return limit.current;
}

void process_get_limit(struct process *process, enum resource resource,
		       struct resource_limit *limit)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	*limit = process->limits[resource];
	spin_unlock_irqrestore(&process->lock, state);
}

void limits_apply(struct process *process, struct aspace *aspace)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	aspace->stack_limit = process->limits[RESOURCE_STACK].current;
	aspace->data_limit = process->limits[RESOURCE_DATA].current;
	aspace->address_limit = process->limits[RESOURCE_ADDRESS_SPACE].current;
	spin_unlock_irqrestore(&process->lock, state);
}

/* The new limits reach where they are enforced. */
static void limits_refresh(struct process *process, enum resource resource)
{
	struct aspace *aspace;

	switch (resource) {
	case RESOURCE_CPU:
		interval_timers_set_cpu_limit(process);
		return;
	case RESOURCE_STACK:
	case RESOURCE_DATA:
	case RESOURCE_ADDRESS_SPACE:
		aspace = process_aspace(process);
		if (!aspace)
			return;
		mutex_lock(&aspace->lock);
		limits_apply(process, aspace);
		mutex_unlock(&aspace->lock);
		aspace_put(aspace);
		return;
	default:
		return;
	}
}

int process_set_limit(struct process *process, enum resource resource,
		      const struct resource_limit *limit)
{
	bool privileged = credentials_privileged(credentials_current());
	irq_state_t state;

	if (limit->current > limit->maximum)
		return -EINVAL;
	if (resource == RESOURCE_FILES && limit->maximum > FD_TABLE_MAX)
		return -EPERM;
	state = spin_lock_irqsave(&process->lock);
	if (limit->maximum > process->limits[resource].maximum && !privileged) {
		spin_unlock_irqrestore(&process->lock, state);
		return -EPERM;
	}
	process->limits[resource] = *limit;
	spin_unlock_irqrestore(&process->lock, state);
	limits_refresh(process, resource);
	return 0;
}
