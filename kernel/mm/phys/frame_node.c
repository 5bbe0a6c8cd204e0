/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes: memory that is nearer to some CPUs than to others. Which that is turns out when the allocator is
 * in use already, by the boot CPU alone: spans are cut where nodes meet (but for
 * less than the largest block), and what is free goes to the zones of its node.
 *
 * A CPU takes from its own node first, then from the others, the nearest first. Single frames at hand for a
 * CPU (frame_cache.c) come from there when its cache is filled; those that it frees itself it uses again,
 * wherever they are.
 */
#include "frame_priv.h"

#include <core/log.h>
#include <sync/cpu.h>

_Static_assert(FRAME_NODE_MAX *ZONE_COUNT == ZONE_MAX, "zones of each node");

unsigned frame_nodes = 1;
uint8_t frame_cpu_nodes[CPU_MAX];
struct frame_zone_order frame_zone_orders[FRAME_NODE_MAX] = {
	[0] = { .zones = { ZONE_NORMAL, ZONE_DMA32 }, .count = ZONE_COUNT },
};

/* --- Spans ----------------------------------------------------------------------------------- */

/* Frames that move to another span know its number. */
static void number_frames(unsigned index)
{
	const struct frame_span *span = &frame_spans[index];

	for (size_t i = 0; i < span->count; i++)
		span->frames[i].span = (uint8_t)index;
}

/* Cuts the span behind its first `count` frames; what follows becomes a span of its own, at the end of the
 * array: the order is put right by the caller. */
static bool cut(struct frame_span *span, size_t count)
{
	struct frame_span *rest = &frame_spans[frame_span_count];

	if (frame_span_count == SPAN_MAX)
		return false;
	*rest = (struct frame_span){ span->first + count, span->count - count, span->frames + count,
				     span->zone };
	span->count = count;
	frame_span_count++;
	return true;
}

static void sort_spans(void)
{
	for (unsigned i = 1; i < frame_span_count; i++)
		for (unsigned j = i; j > 0 && frame_spans[j].first < frame_spans[j - 1].first;
		     j--) {
			struct frame_span span = frame_spans[j];

			frame_spans[j] = frame_spans[j - 1];
			frame_spans[j - 1] = span;
		}
}

/* At the multiple of the largest block's size below: no block, free or used, lies in two spans. */
static bool cut_at(uint64_t address)
{
	uint64_t page = align_down(address, PAGE_SIZE << FRAME_ORDER_MAX) >> PAGE_SHIFT;

	for (unsigned i = 0; i < frame_span_count; i++) {
		struct frame_span *span = &frame_spans[i];

		if (page > span->first && page - span->first < span->count)
			return cut(span, (size_t)(page - span->first));
	}
	return true;
}

/* The node of a span, which lies in one; 0 where nobody says. */
static unsigned node_of_span(const struct frame_span *span, const struct frame_node_range *ranges,
			     size_t count)
{
	uint64_t middle = (uint64_t)(span->first + span->count / 2) << PAGE_SHIFT;

	for (size_t i = 0; i < count; i++)
		if (middle >= ranges[i].base && middle - ranges[i].base < ranges[i].length)
			return ranges[i].node;
	return 0;
}

/* --- Orders ---------------------------------------------------------------------------------- */

/* The node that is nearest to `from` among those that are not in `taken`. */
static unsigned nearest(unsigned from, unsigned taken,
			const uint8_t distances[FRAME_NODE_MAX][FRAME_NODE_MAX])
{
	unsigned best = FRAME_NODE_MAX;

	for (unsigned i = 0; i < frame_nodes; i++)
		if (!(taken >> i & 1) &&
		    (best == FRAME_NODE_MAX || distances[from][i] < distances[from][best]))
			best = i;
	return best;
}

static void make_order(unsigned node, const uint8_t distances[FRAME_NODE_MAX][FRAME_NODE_MAX])
{
	struct frame_zone_order *order = &frame_zone_orders[node];
	unsigned taken = 0, next = node;

	order->count = 0;
	for (unsigned i = 0; i < frame_nodes; i++) {
		order->zones[order->count++] = (uint8_t)(next * ZONE_COUNT + ZONE_NORMAL);
		order->zones[order->count++] = (uint8_t)(next * ZONE_COUNT + ZONE_DMA32);
		taken |= 1u << next;
		next = nearest(node, taken, distances);
	}
}

/* --- The interface --------------------------------------------------------------------------- */

void frame_set_nodes(const struct frame_node_range *ranges, size_t count, unsigned node_count,
		     const uint8_t distances[FRAME_NODE_MAX][FRAME_NODE_MAX])
{
	bool all = true;

	if (node_count < 2 || node_count > FRAME_NODE_MAX)
		return;
	for (size_t i = 0; i < count; i++)
		all &= cut_at(ranges[i].base) && cut_at(ranges[i].base + ranges[i].length);
	if (!all)
		log_warning("memory",
			    "the map is too scattered: some memory counts for a wrong node");
	sort_spans();
	for (unsigned i = 0; i < frame_span_count; i++) {
		number_frames(i);
		frame_spans[i].zone += ZONE_COUNT * node_of_span(&frame_spans[i], ranges, count);
	}
	frame_nodes = node_count;
	for (unsigned i = 0; i < node_count; i++)
		make_order(i, distances);
	zones_spread();
	zones_set_reserve();
}

void frame_set_cpu_node(unsigned cpu, unsigned node)
{
	frame_cpu_nodes[cpu] = (uint8_t)(node < frame_nodes ? node : 0);
}

unsigned frame_cpu_node(unsigned cpu)
{
	return frame_cpu_nodes[cpu];
}

unsigned frame_node_count(void)
{
	return frame_nodes;
}

unsigned frame_node(const struct frame *frame)
{
	return frame_spans[frame->span].zone / ZONE_COUNT;
}
