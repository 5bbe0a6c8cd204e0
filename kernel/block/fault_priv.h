/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the fault-injecting disk: fault.c has the disk and its requests, fault_rule.c decides what
 * happens to them, fault_cache.c knows what would be lost without power.
 */
#pragma once

#include <block/block.h>
#include <block/fault.h>
#include <sync/spinlock.h>
#include <time/timer.h>

/* What a request waits for. */
enum fault_wait {
	FAULT_WAIT_NONE,
	FAULT_WAIT_LOWER,  /* the lower device */
	FAULT_WAIT_TIMER,  /* its delay */
	FAULT_WAIT_NOTHING /* it is not answered */
};

/* Of a tag. */
struct fault_request {
	struct fault_disk *fault;
	struct ddk_disk_request *request;
	struct block_fault_rule rule; /* that strikes it */
	bool struck;
	enum fault_wait wait; /* the disk's lock */
	int error;
	struct timer timer;
	/* What the sectors held that it writes; in order. Its own until the write begins. */
	struct list undo;
	uint64_t sequence;
};

/* What a sector held before a write that is not durable. */
struct fault_undo {
	struct list_node node; /* the request's; then the disk's, by sequence */
	uint64_t sector;
	uint64_t sequence; /* of the write */
	bool done;         /* the write completed */
	uint64_t mark;     /* of the flush that makes it durable; 0: none yet */
	uint8_t bytes[SECTOR_SIZE];
};

struct fault_disk {
	/* Immutable. */
	struct ddk_disk *disk;
	struct block_device *lower, *device;
	struct block_fault_options options;
	struct fault_request *requests; /* by queue and tag */
	unsigned request_count;
	struct list_node node; /* the list of these disks, its lock */
	/* RANK_DRIVER, interrupts off: all that follows. */
	struct spinlock lock;
	uint64_t random;
	struct block_fault_rule rules[BLOCK_FAULT_RULES_MAX];
	uint64_t matched[BLOCK_FAULT_RULES_MAX], struck[BLOCK_FAULT_RULES_MAX];
	unsigned rule_count;
	bool hanging, dead;
	struct list undo; /* of writes that are not durable, oldest first */
	uint64_t sequence;
	struct block_fault_statistics statistics;
};

uint64_t fault_random(struct fault_disk *fault);
/* The rule that strikes the request, or NULL. Under the lock. */
const struct block_fault_rule *fault_choose(struct fault_disk *fault,
					    const struct ddk_disk_request *request);
static inline unsigned fault_block_sectors(const struct fault_disk *fault)
{
	return fault->options.block_size >> SECTOR_SHIFT;
}

/* Whether the device is such a disk, or one of its partitions. */
bool fault_is_disk(struct block_device *device);

/* The next word of *text, which blanks and commas end, cut to what fits; NULL: none. */
char *fault_next_word(const char **text, char *word, size_t size);

/* fault_control.c */
void fault_control_start(void);

/* fault_cache.c */
void fault_cache_start(void);
/* Makes room for what the sectors of a write hold, and a bio that reads it; NULL: no memory. */
struct bio *fault_cache_prepare(struct fault_request *slot);
/* The write begins; it has completed. */
void fault_cache_begin(struct fault_request *slot);
void fault_cache_done(struct fault_request *slot, bool durable);
void fault_cache_drop(struct fault_request *slot);
/* A flush is sent: marks what it covers. It is done. */
uint64_t fault_cache_mark(struct fault_disk *fault);
void fault_cache_flushed(struct fault_disk *fault, uint64_t mark);
void fault_cache_forget(struct fault_disk *fault);
