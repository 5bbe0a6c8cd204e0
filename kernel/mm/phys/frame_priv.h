/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the frame allocator.
 *
 *   frame_init.c   the memory map becomes spans and free memory
 *   frame_zone.c   the buddy allocator of each zone
 *   frame_node.c   which zones are near to which CPUs
 *   frame_cache.c  single frames at hand for each CPU
 *   frame.c        the interface of <mm/phys/frame.h>
 */
#pragma once

#include <mm/phys/frame.h>
#include <sync/cpu.h>

#define SPAN_MAX 64

/* A run of addresses with a part of the frame array. It lies in one zone. */
struct frame_span {
	size_t first;         /* page number */
	size_t count;         /* frames */
	struct frame *frames; /* of `first` and up */
	unsigned zone;        /* ZONE_COUNT for each node before, and enum frame_zone_id */
};

enum frame_zone_id {              /* of each node */
		     ZONE_DMA32,  /* below 4 GiB */
		     ZONE_NORMAL, /* the rest */
		     ZONE_COUNT,
};
#define ZONE_MAX (FRAME_NODE_MAX * 2)

/* The zones that an allocation tries, one after the other. */
struct frame_zone_order {
	uint8_t zones[ZONE_MAX];
	unsigned count;
};

/* Set up by frame_set_nodes(), constant afterwards; the node of a CPU is set before it runs. */
extern unsigned frame_nodes;
extern uint8_t frame_cpu_nodes[CPU_MAX];
extern struct frame_zone_order frame_zone_orders[FRAME_NODE_MAX]; /* by node of the CPU */

/* In order of address; set up by frame_init() and frame_set_nodes(), constant afterwards. */
extern struct frame_span frame_spans[SPAN_MAX];
extern unsigned frame_span_count;

static inline size_t frame_page_number(const struct frame *frame)
{
	const struct frame_span *span = &frame_spans[frame->span];

	return span->first + (size_t)(frame - span->frames);
}

/* The frame with a page number, in whatever state, or NULL if it is in no span. */
static inline struct frame *frame_find(uint64_t page)
{
	for (unsigned i = 0; i < frame_span_count; i++) {
		const struct frame_span *span = &frame_spans[i];

		if (page - span->first < span->count)
			return &span->frames[page - span->first];
	}
	return NULL;
}

void zones_init(void);
/* Gives `count` reserved frames of one span, from `first` up, to their zone. */
void zone_add(struct frame *first, size_t count);
/* When all memory is known: keeps a part of the lower zones for those who need it. */
void zones_set_reserve(void);
/* Spans have other zones now: moves what is free to them. Nobody else uses the allocator. */
void zones_spread(void);
void zones_read_node(unsigned node, uint64_t *total, uint64_t *free);

/* A block of 2^order frames in state FRAME_USED, or NULL. */
struct frame *zone_allocate(unsigned order, bool dma32);
/* Adds up to `count` single frames in state FRAME_CACHED to `list`; returns how many. */
unsigned zone_allocate_batch(struct list *list, unsigned count);
void zone_free(struct frame *frame);
/* Frees all the single frames in `list`. */
void zone_free_batch(struct list *list);
uint64_t zones_total(void);
uint64_t zones_free(void);
/* Tells who reclaims memory if little is left. No lock of this allocator is held. */
void frame_watch_level(void);
void zones_report(void);

void frame_caches_start(void);
/* A single frame in state FRAME_CACHED, or NULL. */
struct frame *frame_cache_take(void);
/* False if there are no caches yet. */
bool frame_cache_put(struct frame *frame);
/* Gives what all caches hold back to the zones; false if there was nothing. */
bool frame_caches_drain(void);
uint64_t frame_caches_count(void);
