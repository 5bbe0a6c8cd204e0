/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk's queues: the bios that wait for a tag, by priority and by place.
 *
 * Bios of a better priority go first, but overtake those of a worse one a bounded number of times;
 * and background bios leave some of the tags to others, who would have to wait for a whole
 * request otherwise.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

/* So often bios of worse priority are overtaken before it is their turn. */
#define OVERTAKEN_MAX 16

/* --- Making them. --- */

static int create_requests(struct block_disk *disk, struct block_queue *queue)
{
	size_t segments = disk->description.max_segments;
	struct ddk_disk_segment *segment;

	queue->requests = kcalloc(queue->depth, sizeof(*queue->requests));
	queue->free_tags = kcalloc(queue->depth, sizeof(*queue->free_tags));
	segment = kernel_vmalloc(queue->depth * segments * sizeof(*segment));
	if (segment)
		for (unsigned tag = 0; queue->requests && tag < queue->depth; tag++)
			queue->requests[tag].segments = segment + tag * segments;
	if (!queue->requests || !queue->free_tags || !segment) {
		kfree(queue->requests);
		kfree(queue->free_tags);
		if (segment)
			kernel_vfree(segment);
		return -ENOMEM;
	}
	/* The lowest tags are on top. */
	for (unsigned tag = 0; tag < queue->depth; tag++) {
		struct block_request *request = &queue->requests[tag];

		request->hardware.disk = &disk->handle;
		request->hardware.queue = queue->number;
		request->hardware.tag = tag;
		request->hardware.segments = request->segments;
		list_node_init(&request->node);
		list_init(&request->bounce);
		queue->free_tags[queue->depth - 1 - tag] = tag;
	}
	queue->free_count = queue->depth;
	return 0;
}

static void init_queue(struct block_disk *disk, unsigned number)
{
	struct block_queue *queue = &disk->queues[number];

	queue->disk = disk;
	queue->number = number;
	queue->depth = disk->description.queue_depth;
	spinlock_init(&queue->lock, RANK_BLOCK, "disk queue");
	for (unsigned i = 0; i < BLOCK_PRIORITY_COUNT; i++)
		list_init(&queue->waiting[i]);
	list_init(&queue->again);
	timer_init(&queue->timer, block_queue_timer);
}

int block_queues_create(struct block_disk *disk)
{
	disk->queues = kcalloc(disk->queue_count, sizeof(*disk->queues));
	if (!disk->queues)
		return -ENOMEM;
	for (unsigned i = 0; i < disk->queue_count; i++) {
		init_queue(disk, i);
		if (create_requests(disk, &disk->queues[i])) {
			disk->queue_count = i;
			block_queues_destroy(disk);
			return -ENOMEM;
		}
	}
	return 0;
}

void block_queues_destroy(struct block_disk *disk)
{
	for (unsigned i = 0; i < disk->queue_count; i++) {
		timer_cancel_sync(&disk->queues[i].timer);
		kernel_vfree(disk->queues[i].requests[0].segments);
		kfree(disk->queues[i].requests);
		kfree(disk->queues[i].free_tags);
	}
	kfree(disk->queues);
}

/* --- Waiting. --- */

unsigned block_bio_priority(const struct bio *bio)
{
	if (bio->flags & BIO_URGENT)
		return 0;
	return bio->flags & BIO_BACKGROUND ? 2 : 1;
}

static int compare_bios(const struct rbtree_node *a, const struct rbtree_node *b)
{
	uint64_t first = block_bio_sector(container_of(a, struct bio, by_sector));
	uint64_t second = block_bio_sector(container_of(b, struct bio, by_sector));

	return first < second ? -1 : first > second;
}

/* Whether it is one that can share a request, as far as itself is concerned. */
static bool can_merge(const struct bio *bio)
{
	return (bio->operation == BIO_READ || bio->operation == BIO_WRITE) &&
	       !(bio->state & BIO_STATE_ALONE);
}

/* Only the holder of the lock writes it. */
static void adjust(_Atomic unsigned *count, unsigned change)
{
	unsigned old = atomic_load_explicit(count, memory_order_relaxed);

	atomic_store_explicit(count, old + change, memory_order_relaxed);
}

void block_queue_add_again(struct block_queue *queue, struct block_request *request,
			   uint64_t not_before, bool first)
{
	request->state = REQUEST_WAITING;
	request->not_before = not_before;
	adjust(&queue->again_count, 1);
	if (first)
		list_push_front(&queue->again, &request->node);
	else
		list_push_back(&queue->again, &request->node);
}

void block_queue_take_again(struct block_queue *queue, struct block_request *request)
{
	list_remove(&request->node);
	adjust(&queue->again_count, -1u);
	request->state = REQUEST_TAKEN;
}

void block_queue_put_back(struct block_queue *queue, struct bio *bio)
{
	list_push_front(&queue->waiting[block_bio_priority(bio)], &bio->node);
	adjust(&queue->waiting_count, 1);
}

void block_queue_add(struct block_queue *queue, struct bio *bio)
{
	list_push_back(&queue->waiting[block_bio_priority(bio)], &bio->node);
	adjust(&queue->waiting_count, 1);
	if (can_merge(bio)) {
		bio->state |= BIO_STATE_LOOKED_UP;
		rbtree_insert(&queue->by_sector, &bio->by_sector, compare_bios);
	}
}

void block_queue_take(struct block_queue *queue, struct bio *bio)
{
	list_remove(&bio->node);
	adjust(&queue->waiting_count, -1u);
	if (bio->state & BIO_STATE_LOOKED_UP) {
		rbtree_remove(&queue->by_sector, &bio->by_sector);
		bio->state &= (uint8_t)~BIO_STATE_LOOKED_UP;
	}
}

/* The tags that background bios may have. */
static bool background_may_go(const struct block_queue *queue)
{
	return queue->background < queue->depth - queue->depth / 4;
}

struct bio *block_queue_choose(struct block_queue *queue)
{
	unsigned best = BLOCK_PRIORITY_COUNT, chosen;

	for (unsigned i = BLOCK_PRIORITY_COUNT; i-- > 0;)
		if (!list_empty(&queue->waiting[i]) &&
		    (i < BLOCK_PRIORITY_COUNT - 1 || background_may_go(queue)))
			best = i;
	if (best == BLOCK_PRIORITY_COUNT)
		return NULL;
	chosen = best;
	for (unsigned i = best + 1; i < BLOCK_PRIORITY_COUNT; i++)
		if (!list_empty(&queue->waiting[i]) && ++queue->overtaken[i] > OVERTAKEN_MAX &&
		    (i < BLOCK_PRIORITY_COUNT - 1 || background_may_go(queue)))
			chosen = i;
	queue->overtaken[chosen] = 0;
	return container_of(list_first(&queue->waiting[chosen]), struct bio, node);
}

/* --- Neighbours. --- */

/* The last bio in the tree that begins at or before (`before`: before) `sector`. */
static struct bio *last_until(struct block_queue *queue, uint64_t sector, bool before)
{
	struct rbtree_node *node = queue->by_sector.root;
	struct rbtree_node *found = NULL;

	while (node) {
		uint64_t at = block_bio_sector(container_of(node, struct bio, by_sector));

		if (at < sector || (at == sector && !before)) {
			found = node;
			node = node->child[1];
		} else {
			node = node->child[0];
		}
	}
	return found ? container_of(found, struct bio, by_sector) : NULL;
}

struct bio *block_queue_neighbour(struct block_queue *queue, const struct bio *like,
				  uint64_t sector, bool before)
{
	const unsigned same = BIO_FUA | BIO_NO_RETRY;
	struct bio *bio = last_until(queue, sector, before);

	if (!bio || bio->operation != like->operation || ((bio->flags ^ like->flags) & same) ||
	    block_bio_priority(bio) != block_bio_priority(like) || bio->issued != 0)
		return NULL;
	if ((before ? block_bio_end_sector(bio) : block_bio_sector(bio)) != sector)
		return NULL;
	return bio;
}
